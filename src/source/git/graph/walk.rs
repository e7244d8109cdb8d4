//! What tips reach, in the order of the history.

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::Arc;

use super::{Graph, NONE, ObjectId, count};

/// How many paths of an object are known beside its first. A tree of trees can give it more than there are numbers.
const MOST_PATHS: usize = 32;

/// What the tips reach.
#[derive(Debug)]
pub struct Walked {
    /// The commits, oldest first.
    pub(super) order: Vec<u32>,
    /// For each commit its place in that order; [`NONE`] if it isn't reached.
    pub(super) places: Vec<u32>,
    /// For each object the place of the first commit that holds it.
    first: Vec<u32>,
    /// For each object the path at which that commit held it.
    pub(super) path: Vec<u32>,
    pub(super) paths: Paths,
    /// The other paths at which objects lay, each with the place of the first commit that held it there.
    more: HashMap<u32, Vec<(u32, u32)>>,
    /// What tips lead to that is no commit.
    pub(super) others: Vec<u32>,
    /// What is reached and not here.
    pub absent: Vec<u32>,
    /// The annotated tags that are reached.
    pub tags: Vec<u32>,
}

impl Walked {
    /// The place of the first commit that holds an object; [`NONE`] if none does.
    #[must_use]
    pub fn first(&self, number: u32) -> u32 {
        self.first.get(number as usize).copied().unwrap_or(NONE)
    }

    /// The other paths of an object, as [`Graph::path_of`] takes them, and the places of the first commits that held it there.
    #[must_use]
    pub fn elsewhere(&self, number: u32) -> &[(u32, u32)] {
        self.more.get(&number).map_or(&[], Vec::as_slice)
    }

    /// Whether an object lay at more paths than are known.
    #[must_use]
    pub fn lies_anywhere(&self, number: u32) -> bool {
        self.elsewhere(number).len() >= MOST_PATHS
    }

    /// How many commits there are.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.order.len()
    }
}

/// Paths, each a name in another path. There are far fewer of them than versions of files. The path of a root is [`NONE`].
#[derive(Debug, Default)]
pub(super) struct Paths(Vec<(u32, u32)>);

impl Paths {
    /// Whether a path is the one of a name in another path.
    fn is(&self, path: u32, above: u32, name: u32) -> bool {
        self.0.get(path as usize) == Some(&(above, name))
    }

    /// Writes a path.
    pub(super) fn write(&self, path: u32, names: &[Arc<[u8]>], out: &mut Vec<u8>) {
        let mut parts = Vec::new();
        let mut next = path;
        while let Some(&(above, name)) = self.0.get(next as usize) {
            parts.push(name);
            next = above;
        }
        for (place, &name) in parts.iter().rev().enumerate() {
            if place > 0 {
                out.push(b'/');
            }
            out.extend_from_slice(&names[name as usize]);
        }
    }
}

/// What a walk needs while it lasts.
#[derive(Default)]
struct Walk {
    /// The numbers of paths.
    numbers: HashMap<(u32, u32), u32>,
    /// Objects to be visited, with the path above them and their name.
    stack: Vec<(u32, u32, u32)>,
    /// The same for objects that were visited at another path.
    again: Vec<(u32, u32, u32)>,
    /// For each object the path at which it was seen last.
    last: Vec<u32>,
}

impl Graph<'_> {
    /// Goes through everything that the tips reach, the oldest commit first. The parents of `shallow` commits are not
    /// expected to be here.
    #[must_use]
    pub fn walk(&self, tips: &[u32], shallow: &HashSet<ObjectId>) -> Walked {
        let total = self.present as usize + self.absent.len();
        let mut walked = Walked {
            order: Vec::new(),
            places: vec![NONE; self.commits.len()],
            first: vec![NONE; total],
            path: vec![NONE; total],
            paths: Paths::default(),
            more: HashMap::new(),
            others: Vec::new(),
            absent: Vec::new(),
            tags: Vec::new(),
        };
        let mut commits = Vec::new();
        for &tip in tips {
            let (target, tags) = self.peel(tip);
            walked.tags.extend(tags);
            match self.slot(target) {
                Some(slot) => commits.push(slot),
                None => {
                    // More tags of tags than anybody follows: what they lead to is not read.
                    walked.absent.extend(self.tags.contains_key(&target).then_some(target));
                    walked.others.push(target);
                }
            }
        }
        walked.order = self.oldest_first(&commits, shallow, &mut walked.absent);
        let mut walk = Walk { last: vec![NONE; total], ..Walk::default() };
        for at in 0..walked.order.len() {
            let slot = walked.order[at];
            walked.places[slot as usize] = count(at);
            self.visit(self.commit(slot).tree, count(at), &mut walk, &mut walked);
        }
        for at in 0..walked.others.len() {
            self.visit(walked.others[at], NONE - 1, &mut walk, &mut walked);
        }
        walked.absent.sort_unstable();
        walked.absent.dedup();
        walked
    }

    /// All commits that the tips reach: parents before children, the older of two first.
    fn oldest_first(&self, tips: &[u32], shallow: &HashSet<ObjectId>, absent: &mut Vec<u32>) -> Vec<u32> {
        // For each commit that is reached how many parents are not in the order yet.
        let mut waiting = vec![NONE; self.commits.len()];
        let mut children: Vec<(u32, u32)> = Vec::new();
        let mut ready = BinaryHeap::new();
        let mut stack = tips.to_vec();
        let key = |slot: u32| std::cmp::Reverse((self.commit(slot).time, self.id(slot), slot));
        while let Some(slot) = stack.pop() {
            if waiting[slot as usize] != NONE {
                continue;
            }
            let before = children.len();
            for &parent in self.parents(slot) {
                match self.slot(parent) {
                    Some(parent) => {
                        children.push((parent, slot));
                        stack.push(parent);
                    }
                    None if shallow.contains(&self.id(slot)) => {}
                    None => absent.push(parent),
                }
            }
            waiting[slot as usize] = count(children.len() - before);
            if children.len() == before {
                ready.push(key(slot));
            }
        }
        children.sort_unstable();
        let mut order = Vec::new();
        while let Some(std::cmp::Reverse((_, _, slot))) = ready.pop() {
            order.push(slot);
            waiting[slot as usize] = NONE;
            let first = children.partition_point(|&(parent, _)| parent < slot);
            for &(_, child) in children[first..].iter().take_while(|(parent, _)| *parent == slot) {
                let left = &mut waiting[child as usize];
                *left -= 1;
                if *left == 0 {
                    ready.push(key(child));
                }
            }
        }
        // Commits that are their own ancestors can't be right, because an id is the hash of what it names, but a crafted
        // pack can hold them. What they hold is read all the same, and they are told as damaged.
        let circular: Vec<u32> = (0..).zip(&waiting).filter(|(_, left)| **left != NONE).map(|(slot, _)| slot).collect();
        absent.extend(circular.iter().map(|&slot| self.commit(slot).number));
        order.extend(circular);
        order
    }

    /// Marks everything below a tree that no earlier commit held.
    fn visit(&self, root: u32, commit: u32, walk: &mut Walk, walked: &mut Walked) {
        walk.stack.push((root, NONE, NONE));
        while let Some((number, above, name)) = walk.stack.pop() {
            if number >= self.present {
                walked.absent.push(number);
            }
            let at = number as usize;
            if walked.first[at] != NONE {
                walk.again.push((number, above, name));
                continue;
            }
            walked.first[at] = commit;
            let path = if name == NONE { NONE } else { walk.path(above, name, &mut walked.paths) };
            (walked.path[at], walk.last[at]) = (path, path);
            for edge in self.edges(number).rev() {
                let child = edge.child as usize;
                if walked.first[child] == NONE {
                    walk.stack.push((edge.child, path, edge.name));
                } else if !walked.paths.is(walk.last[child], path, edge.name) {
                    walk.again.push((edge.child, path, edge.name));
                }
            }
        }
        self.revisit(commit, walk, walked);
    }

    /// Notes the further paths of what was visited before, and of all below it.
    fn revisit(&self, commit: u32, walk: &mut Walk, walked: &mut Walked) {
        while let Some((number, above, name)) = walk.again.pop() {
            if name == NONE {
                continue;
            }
            let path = walk.path(above, name, &mut walked.paths);
            let at = number as usize;
            let seen_last = std::mem::replace(&mut walk.last[at], path);
            if path == seen_last || path == walked.path[at] {
                continue;
            }
            let more = walked.more.entry(number).or_default();
            if more.len() >= MOST_PATHS || more.iter().any(|&(known, _)| known == path) {
                continue;
            }
            more.push((path, commit));
            walk.again.extend(self.edges(number).map(|edge| (edge.child, path, edge.name)));
        }
    }
}

impl Walk {
    fn path(&mut self, above: u32, name: u32, paths: &mut Paths) -> u32 {
        *self.numbers.entry((above, name)).or_insert_with(|| {
            paths.0.push((above, name));
            count(paths.0.len() - 1)
        })
    }
}
