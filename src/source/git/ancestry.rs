//! The commits that some tips reach and others don't. Commits are read as far as they can be: one that is damaged or not
//! there ends nothing but itself.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};

use super::{ObjectId, Objects, SkipReason};

/// The commits, the newest first.
#[derive(Debug, Default)]
pub(super) struct Ancestry {
    pub(super) commits: Vec<Met>,
    /// Why one that counts could not be read.
    pub(super) unread: Vec<SkipReason>,
}

/// A commit of an [`Ancestry`].
#[derive(Debug)]
pub(super) struct Met {
    pub(super) id: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// Seconds since 1970; None if the commit says nothing that is a time.
    pub(super) time: Option<i64>,
}

/// Commits that are looked at when all that is left seems to be hidden: clocks that went wrong lie about the order.
const SPARE: usize = 100;

/// What `tips` reach and `hidden` don't. Both are commits.
pub(super) fn ancestry(objects: &mut Objects, tips: &[ObjectId], hidden: &[ObjectId]) -> Ancestry {
    let shallow = objects.repo.shallow_commits().ok().flatten();
    let shallow = shallow.map(|commits| commits.iter().copied().collect()).unwrap_or_default();
    let mut walk = Walk { objects, shallow, known: HashMap::new(), queue: BinaryHeap::new(), open: 0 };
    tips.iter().for_each(|&id| walk.meet(id, false, i64::MAX));
    hidden.iter().for_each(|&id| walk.meet(id, true, i64::MAX));
    let mut found = Vec::new();
    let (mut oldest, mut spare) = (i64::MAX, SPARE);
    while let Some((time, _, id)) = walk.queue.pop() {
        if walk.open == 0 && time < oldest {
            spare -= 1;
        }
        if spare == 0 || walk.open == 0 && found.is_empty() {
            break;
        }
        let Some(commit) = walk.known.get_mut(&id) else { continue };
        let (hidden, parents) = (commit.hidden, commit.parents.clone());
        commit.waits = false;
        if !hidden {
            walk.open -= 1;
            found.push(id);
            oldest = oldest.min(time);
        }
        parents.into_iter().for_each(|parent| walk.meet(parent, hidden, time));
    }
    let mut all = Ancestry::default();
    for id in found {
        match walk.known.remove(&id).filter(|commit| !commit.hidden) {
            Some(Known { parents, time: Ok(time), .. }) => all.commits.push(Met { id, parents, time }),
            Some(Known { time: Err(reason), .. }) => all.unread.push(reason),
            None => {}
        }
    }
    all
}

struct Walk<'o> {
    objects: &'o mut Objects,
    /// Commits whose parents were not fetched.
    shallow: HashSet<ObjectId>,
    known: HashMap<ObjectId, Known>,
    /// By time; of two of one time the one that was met first comes first.
    queue: BinaryHeap<(i64, Reverse<usize>, ObjectId)>,
    /// How many in the queue are not hidden.
    open: usize,
}

struct Known {
    hidden: bool,
    /// Whether it is in the queue. The parents of one that isn't are known.
    waits: bool,
    parents: Vec<ObjectId>,
    time: Result<Option<i64>, SkipReason>,
}

impl Walk<'_> {
    /// Puts a commit in the queue, or hides one that was met before, and what was found behind it. What says no time
    /// has that of its child.
    fn meet(&mut self, id: ObjectId, hidden: bool, child: i64) {
        let mut stack = vec![id];
        while let Some(id) = stack.pop() {
            match self.known.get_mut(&id) {
                Some(known) if hidden && !known.hidden => {
                    known.hidden = true;
                    if known.waits {
                        self.open -= 1;
                    } else {
                        stack.extend(&known.parents);
                    }
                }
                Some(_) => {}
                None => self.read(id, hidden, child),
            }
        }
    }

    fn read(&mut self, id: ObjectId, hidden: bool, child: i64) {
        let read = self.objects.header(id).map(|header| (header.time, header.parents));
        let (time, mut parents) = read.map_or_else(|why| (Err(why), Vec::new()), |(time, parents)| (Ok(time), parents));
        if self.shallow.contains(&id) {
            parents.clear();
        }
        let at = time.as_ref().ok().copied().flatten().unwrap_or(child);
        self.queue.push((at, Reverse(self.known.len()), id));
        self.open += usize::from(!hidden);
        self.known.insert(id, Known { hidden, waits: true, parents, time });
    }
}
