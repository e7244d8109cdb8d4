//! Who holds what a range of commits added: references, and HEAD. Asked for findings only.

use std::collections::{HashMap, HashSet};

use gix::bstr::{BString, ByteSlice};

use super::ancestry::ancestry;
use super::changes::Changes;
use super::commit::tag_target;
use super::range::Range;
use super::refs::{Tips, leave_telling};
use super::{ObjectId, Objects, Repository, staged};

/// A text with a finding.
#[derive(Clone, Debug)]
pub struct Leak {
    /// Its path.
    pub path: Vec<u8>,
    /// The blob, commit or tag that holds it; a file's name is in none.
    pub object: Option<ObjectId>,
    /// The commit that brought it; a tag's message has none.
    pub commit: Option<ObjectId>,
    /// The bytes that tell it, as they stand in the blob. None if it can't be told by bytes: a member of an archive.
    pub span: Option<std::ops::Range<usize>>,
}

/// Who holds a [`Leak`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// Whether a file of HEAD has it; nobody knows before the first commit.
    pub in_head: Option<bool>,
    /// The references whose history has the commit that brought it, sorted.
    pub refs: Vec<String>,
}

/// Who holds each of the leaks that a range added.
#[must_use]
pub fn holders(repository: &Repository, range: &Range, leaks: &[Leak], limit: u64) -> Vec<Holder> {
    if leaks.is_empty() {
        return Vec::new();
    }
    let mut objects = repository.reader();
    let references = References::new(&mut objects, Tips::list(repository), range);
    let mut refs = references.of(leaks);
    references.in_trees(&mut objects, leaks, &mut refs);
    let mut head = Head::new(repository, limit);
    let told = |(leak, refs)| Holder { in_head: head.has(leak), refs };
    leaks.iter().zip(refs).map(told).collect()
}

/// All references, and the commits that a range could mean.
struct References {
    /// The name of each, the objects on the way to its commit (tags), and that commit.
    tips: Vec<(String, Vec<ObjectId>)>,
    /// Parents of each commit that lies before a reference and not before what the range leaves out: no other commit can
    /// hold what the range added.
    parents: HashMap<ObjectId, Vec<ObjectId>>,
}

impl References {
    fn new(objects: &mut Objects, all: Tips, range: &Range) -> Self {
        let mut tips = Vec::new();
        for tip in all.tips {
            tips.push((tip.name, chain(objects, tip.id)));
        }
        let mut ends: Vec<ObjectId> = tips.iter().filter_map(|(_, chain)| chain.last().copied()).collect();
        ends.sort_unstable();
        ends.dedup();
        ends.retain(|&id| objects.header(id).is_ok());
        let mut hidden: Vec<ObjectId> = range.hidden.iter().filter_map(|&id| chain(objects, id).pop()).collect();
        hidden.retain(|&id| objects.header(id).is_ok());
        // What can't be read is a gap of the range, told there.
        let commits = ancestry(objects, &ends, &hidden).commits;
        let parents = commits.into_iter().map(|commit| (commit.id, commit.parents)).collect();
        Self { tips, parents }
    }

    /// The names of the references that hold each leak.
    fn of(&self, leaks: &[Leak]) -> Vec<Vec<String>> {
        let mut all = Vec::new();
        for batch in leaks.chunks(64) {
            let mut masks: HashMap<ObjectId, u64> = HashMap::new();
            for (bit, leak) in batch.iter().enumerate() {
                if let Some(id) = leak.commit.or(leak.object) {
                    *masks.entry(id).or_default() |= 1 << bit;
                }
            }
            let held = self.spread(&masks);
            let of = |id: &ObjectId| held.get(id).or_else(|| masks.get(id)).copied().unwrap_or_default();
            let masks: Vec<u64> =
                self.tips.iter().map(|(_, chain)| chain.iter().map(of).fold(0, |sum, one| sum | one)).collect();
            for bit in 0..batch.len() {
                let holds = |(_, mask): &(&(String, _), &u64)| **mask & (1 << bit) != 0;
                let mut names: Vec<String> =
                    self.tips.iter().zip(&masks).filter(holds).map(|((name, _), _)| name.clone()).collect();
                leave_telling(&mut names);
                names.sort();
                names.dedup();
                all.push(names);
            }
        }
        all
    }

    /// Adds references to trees for leaks that no commit brought.
    fn in_trees(&self, objects: &mut Objects, leaks: &[Leak], refs: &mut [Vec<String>]) {
        let tree = |(name, chain): &'_ (String, Vec<ObjectId>)| {
            let tree = chain.last().copied().filter(|&last| objects.tree(last).is_ok());
            tree.map(|tree| (name.clone(), tree))
        };
        let trees: Vec<(String, ObjectId)> = self.tips.iter().filter_map(tree).collect();
        for (leak, names) in leaks.iter().zip(refs).filter(|(leak, _)| leak.commit.is_none()) {
            let holds = |(_, tree): &&(String, ObjectId)| {
                let there = staged::blob_at(objects, *tree, leak.path.as_bstr());
                there.is_some_and(|there| leak.object.is_none_or(|object| object == there))
            };
            names.extend(trees.iter().filter(holds).map(|(name, _)| name.clone()));
            names.sort();
            names.dedup();
        }
    }

    /// For each commit the leaks that it or one before it brought.
    fn spread(&self, own: &HashMap<ObjectId, u64>) -> HashMap<ObjectId, u64> {
        let mut done: HashMap<ObjectId, u64> = HashMap::with_capacity(self.parents.len());
        let (mut started, mut stack) = (HashSet::new(), Vec::new());
        for &start in self.parents.keys() {
            stack.push((start, 0, own.get(&start).copied().unwrap_or_default()));
            while let Some((id, at, sum)) = stack.pop() {
                if done.contains_key(&id) {
                    continue;
                }
                let parents = self.parents.get(&id).map_or(&[][..], Vec::as_slice);
                let Some(parent) = parents.get(at) else {
                    done.insert(id, sum);
                    continue;
                };
                match done.get(parent) {
                    Some(mask) => stack.push((id, at + 1, sum | mask)),
                    // A crafted pack can hold commits that are their own ancestors: each is begun once.
                    None if self.parents.contains_key(parent) && started.insert(*parent) => {
                        stack.push((id, at, sum));
                        stack.push((*parent, 0, own.get(parent).copied().unwrap_or_default()));
                    }
                    None => stack.push((id, at + 1, sum)),
                }
            }
        }
        done
    }
}

/// An object and what its tags speak of, to the last.
fn chain(objects: &mut Objects, id: ObjectId) -> Vec<ObjectId> {
    let mut chain = vec![id];
    let hash = objects.hash();
    while let Some(&at) = chain.last().filter(|_| chain.len() < 100) {
        let Ok((gix::objs::Kind::Tag, bytes)) = objects.get(at, super::STRUCTURE_LIMIT) else { break };
        let target = tag_target(bytes, hash);
        chain.push(target);
    }
    chain
}

/// A value that is shorter may stand anywhere for other reasons.
const LONG: usize = 20;

/// So much of what comes before a short value has to be the same: most of its name.
const BEFORE: usize = 12;

/// The bytes by which a value is known again.
fn telling<'b>(bytes: &'b [u8], span: &std::ops::Range<usize>) -> Option<&'b [u8]> {
    let value = bytes.get(span.clone())?;
    if value.len() >= LONG {
        return Some(value);
    }
    let line = memchr::memrchr(b'\n', &bytes[..span.start]).map_or(0, |at| at + 1);
    bytes.get(line.max(span.start.saturating_sub(BEFORE))..span.end)
}

/// The tree of HEAD.
struct Head {
    objects: Objects,
    tree: Option<ObjectId>,
    limit: u64,
    /// For each commit the blobs of HEAD that it has not at their paths.
    since: HashMap<ObjectId, Vec<ObjectId>>,
}

impl Head {
    fn new(repository: &Repository, limit: u64) -> Self {
        let objects = repository.reader();
        Self { tree: staged::head_tree(&objects).ok().flatten(), objects, limit, since: HashMap::new() }
    }

    /// Whether a file of HEAD has what leaked: the same file still, or one that was made since and has the same bytes.
    fn has(&mut self, leak: &Leak) -> Option<bool> {
        let tree = self.tree?;
        let there = staged::blob_at(&mut self.objects, tree, leak.path.as_bstr());
        let Some(object) = leak.object else { return Some(there.is_some()) };
        if there == Some(object) {
            return Some(true);
        }
        // A tag's text is in no file, nor is a commit's own.
        let Some(commit) = leak.commit.filter(|&commit| commit != object) else { return Some(false) };
        let new = self.since(tree, commit);
        if new.contains(&object) {
            return Some(true);
        }
        let Some(span) = &leak.span else { return Some(false) };
        let Ok((gix::objs::Kind::Blob, bytes)) = self.objects.get(object, self.limit) else { return Some(false) };
        let Some(value) = telling(bytes, span).filter(|value| !value.is_empty()).map(<[u8]>::to_vec) else {
            return Some(false);
        };
        let finder = memchr::memmem::Finder::new(&value);
        let mut holds =
            |id: &ObjectId| self.objects.get(*id, self.limit).is_ok_and(|(_, bytes)| finder.find(bytes).is_some());
        Some(new.iter().any(&mut holds))
    }

    fn since(&mut self, tree: ObjectId, commit: ObjectId) -> Vec<ObjectId> {
        if let Some(known) = self.since.get(&commit) {
            return known.clone();
        }
        let mut changes = Changes::default();
        if let Ok(commit) = self.objects.commit(commit) {
            changes.between(&mut self.objects, &mut BString::default(), Some(tree), &[commit.tree]);
        }
        let new: Vec<ObjectId> = changes.added.into_iter().map(|change| change.id).collect();
        self.since.insert(commit, new.clone());
        new
    }
}
