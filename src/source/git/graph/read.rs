//! Reading commits, trees and tags into the graph, in any order and by any number of threads.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use gix::objs::Kind;

use super::{COMMIT, NONE};
use crate::source::git::commit::{Header, tag_target, tag_text};
use crate::source::git::objects::{Copied, Delta, Sink, Store};
use crate::source::git::{EntryKind, ObjectId};

/// What is named by a tree and is not in the repository.
#[derive(Debug, Default)]
pub(super) struct Absent {
    pub(super) numbers: HashMap<ObjectId, u32>,
}

/// What all threads that read trees share.
#[derive(Debug)]
pub struct Shared<'s> {
    pub(super) store: &'s Store,
    hash: gix::hash::Kind,
    pub(super) names: Mutex<Names>,
    pub(super) absent: Mutex<Absent>,
    pub(super) parts: Mutex<Vec<Part>>,
}

#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Arc<[u8]>, u32>,
    pub(super) list: Vec<Arc<[u8]>>,
}

/// What trees have in them: the number of a name and of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) name: u32,
    pub(super) child: u32,
}

/// What one thread read.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Trees: their numbers, and where in `lists` they are.
    pub(super) trees: Vec<(u32, u32)>,
    /// For each tree how many entries it has, and for each of these its place in `edges`; [`NONE`] for a submodule.
    pub(super) lists: Vec<u32>,
    /// The entries of all trees. An entry is in many versions of a tree and here mostly once.
    pub(super) edges: Vec<Edge>,
    pub(super) commits: Vec<Node>,
    pub(super) parents: Vec<u32>,
    /// Annotated tags: number and target.
    pub(super) tags: Vec<(u32, u32)>,
    pub(super) failed: Vec<(u32, String)>,
    /// Commits of submodules, and the last names of where these lay.
    pub(super) submodules: BTreeMap<ObjectId, String>,
}

/// A commit.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) number: u32,
    pub(super) tree: u32,
    pub(super) time: i64,
    /// Where the parents are in their list, and how many there are.
    pub(super) parents: (u32, u32),
}

impl<'s> Shared<'s> {
    /// For the objects of a store.
    #[must_use]
    pub fn new(store: &'s Store, hash: gix::hash::Kind) -> Self {
        Self { store, hash, names: Mutex::default(), absent: Mutex::default(), parts: Mutex::default() }
    }

    /// One thread's reader of commits, trees and tags. `message` takes the messages, by the number of their object.
    pub fn reader<'r>(&'r self, message: &'r mut dyn FnMut(u32, Kind, &[u8])) -> GraphReader<'r, 's> {
        GraphReader {
            shared: self,
            part: Part::default(),
            latest: vec![NONE; self.store.count() as usize],
            names: HashMap::new(),
            versions: Vec::new(),
            spare: Vec::new(),
            message,
        }
    }

    /// The number of an object; one that is absent gets a number behind all others.
    fn number(&self, id: &gix::oid) -> u32 {
        self.store.number(id).unwrap_or_else(|| {
            let mut absent = lock(&self.absent);
            let next = self.store.count() + u32::try_from(absent.numbers.len()).unwrap_or_default();
            *absent.numbers.entry(id.to_owned()).or_insert(next)
        })
    }

    fn name(&self, name: &[u8]) -> (Arc<[u8]>, u32) {
        let mut names = lock(&self.names);
        if let Some((name, &number)) = names.numbers.get_key_value(name) {
            return (Arc::clone(name), number);
        }
        let number = u32::try_from(names.list.len()).unwrap_or(NONE);
        let name: Arc<[u8]> = name.into();
        names.numbers.insert(Arc::clone(&name), number);
        names.list.push(Arc::clone(&name));
        (name, number)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Reads commits, trees and tags into the graph.
pub struct GraphReader<'r, 's> {
    shared: &'r Shared<'s>,
    part: Part,
    /// For each object the entry that named it last.
    latest: Vec<u32>,
    names: HashMap<Arc<[u8]>, u32>,
    /// The tree that was read last, the one it was made from, and so on.
    versions: Vec<Version>,
    spare: Vec<Vec<usize>>,
    message: &'r mut dyn FnMut(u32, Kind, &[u8]),
}

/// A tree that others may be made from.
struct Version {
    number: u32,
    /// Where its first entry is in the lists.
    first: usize,
    /// Where each of its entries ends.
    ends: Vec<usize>,
}

impl Version {
    /// The entries that lie whole in what a later version copied, if one begins at `from`.
    fn entries(&self, from: usize, end: usize) -> Option<std::ops::Range<usize>> {
        let first = if from == 0 { 0 } else { self.ends.binary_search(&from).ok()? + 1 };
        let last = self.ends.partition_point(|&entry| entry <= end);
        (first < last).then_some(first..last)
    }
}

impl std::fmt::Debug for GraphReader<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GraphReader")
    }
}

impl Drop for GraphReader<'_, '_> {
    fn drop(&mut self) {
        lock(&self.shared.parts).push(std::mem::take(&mut self.part));
    }
}

impl Sink for GraphReader<'_, '_> {
    fn object(&mut self, number: u32, kind: Kind, bytes: &[u8], delta: Option<Delta<'_>>, _: Option<u32>) {
        let read = match kind {
            Kind::Tree => self.tree(number, bytes, delta),
            Kind::Commit => self.commit(number, bytes),
            Kind::Tag => self.tag(number, bytes),
            Kind::Blob => Some(()),
        };
        if read.is_none() {
            self.failed(number, "it is damaged");
        }
    }

    fn failed(&mut self, number: u32, why: &str) {
        self.part.failed.push((number, why.to_owned()));
    }
}

impl GraphReader<'_, '_> {
    /// Reads a tree. What it has from its base was read there.
    fn tree(&mut self, number: u32, bytes: &[u8], delta: Option<Delta<'_>>) -> Option<()> {
        let base = delta.map_or(NONE, |delta| delta.base);
        while let Some(version) = self.versions.pop_if(|version| version.number != base) {
            self.spare.push(version.ends);
        }
        let mut copied = delta.filter(|_| !self.versions.is_empty()).map_or(&[][..], |delta| delta.copied);
        let start = self.part.lists.len();
        self.part.lists.push(0);
        let mut ends = self.spare.pop().unwrap_or_default();
        ends.clear();
        let (mut at, mut whole) = (0, Some(()));
        while at < bytes.len() {
            copied = &copied[copied.iter().take_while(|piece| piece.to + piece.length <= at).count()..];
            if let Some(known) = self.known(copied.first(), at, &mut ends) {
                at = known;
                continue;
            }
            // What stands before the damage counts.
            let Some(length) = self.entry(&bytes[at..]) else {
                whole = None;
                break;
            };
            at += length;
            ends.push(at);
        }
        self.part.lists[start] = u32::try_from(ends.len()).ok()?;
        self.part.trees.push((number, u32::try_from(start).ok().filter(|&start| start < COMMIT)?));
        self.versions.push(Version { number, first: start + 1, ends });
        whole
    }

    /// Takes over entries of the base, if a piece of it begins with one here; gives the place behind them.
    fn known(&mut self, piece: Option<&Copied>, at: usize, ends: &mut Vec<usize>) -> Option<usize> {
        let (piece, base) = (piece.filter(|piece| piece.to <= at)?, self.versions.last()?);
        let from = piece.from + (at - piece.to);
        let entries = base.entries(from, piece.from + piece.length)?;
        ends.extend(base.ends[entries.clone()].iter().map(|end| end - from + at));
        self.part.lists.extend_from_within(base.first + entries.start..base.first + entries.end);
        ends.last().copied()
    }

    /// Reads one entry and gives its length.
    fn entry(&mut self, bytes: &[u8]) -> Option<usize> {
        let entry = gix::objs::TreeRefIter::from_bytes(bytes, self.shared.hash).next()?.ok()?;
        let mode = memchr::memchr(b' ', bytes)?;
        let edge = if EntryKind::of(entry.mode) == EntryKind::Submodule {
            self.part.submodules.entry(entry.oid.to_owned()).or_insert_with(|| entry.filename.to_string());
            NONE
        } else {
            self.edge(entry.filename, entry.oid)
        };
        self.part.lists.push(edge);
        Some(mode + 1 + entry.filename.len() + 1 + entry.oid.as_bytes().len())
    }

    fn edge(&mut self, name: &[u8], id: &gix::oid) -> u32 {
        let name = match self.names.get(name) {
            Some(&number) => number,
            None => {
                let (name, number) = self.shared.name(name);
                self.names.insert(name, number);
                number
            }
        };
        let edge = Edge { name, child: self.shared.number(id) };
        let latest = self.latest.get(edge.child as usize).copied().unwrap_or(NONE);
        if self.part.edges.get(latest as usize) == Some(&edge) {
            return latest;
        }
        let new = u32::try_from(self.part.edges.len()).unwrap_or(NONE);
        self.part.edges.push(edge);
        if let Some(latest) = self.latest.get_mut(edge.child as usize) {
            *latest = new;
        }
        new
    }

    fn commit(&mut self, number: u32, bytes: &[u8]) -> Option<()> {
        let header = Header::parse(bytes, self.shared.hash);
        let tree = self.shared.number(&header.tree);
        let first = u32::try_from(self.part.parents.len()).ok()?;
        self.part.parents.extend(header.parents.iter().map(|id| self.shared.number(id)));
        let parents = (first, u32::try_from(header.parents.len()).ok()?);
        self.part.commits.push(Node { number, tree, time: header.time.unwrap_or_default(), parents });
        (self.message)(number, Kind::Commit, &header.text);
        Some(())
    }

    fn tag(&mut self, number: u32, bytes: &[u8]) -> Option<()> {
        (self.message)(number, Kind::Tag, &tag_text(bytes));
        let target = tag_target(bytes, self.shared.hash);
        self.part.tags.push((number, self.shared.number(&target)));
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of a tree; ids are one byte repeated.
    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let entry = |(mode, name, id): &(&str, &str, u8)| [format!("{mode} {name}\0").as_bytes(), &[*id; 20]].concat();
        entries.iter().flat_map(entry).collect()
    }

    /// The entries of all trees that were read, in the order of reading.
    fn entries(part: &Part) -> Vec<Vec<Option<Edge>>> {
        let list = |&(_, start): &(u32, u32)| {
            let (&length, rest) = part.lists[start as usize..].split_first().expect("its length");
            rest[..length as usize].iter().map(|&edge| part.edges.get(edge as usize).copied()).collect()
        };
        part.trees.iter().map(list).collect()
    }

    /// Reads a base and a version of it, from a delta that has so many bytes of both ends of the base.
    fn read(base: &[u8], version: &[u8], ends: Option<(usize, usize)>) -> (Vec<Vec<Option<Edge>>>, Vec<u32>) {
        let store = Store::empty(gix::hash::Kind::Sha1);
        let shared = Shared::new(&store, gix::hash::Kind::Sha1);
        let mut message = |_: u32, _: Kind, _: &[u8]| {};
        let mut reader = shared.reader(&mut message);
        reader.object(1, Kind::Tree, base, None, Some(0));
        let copied = ends.map(|(head, tail)| {
            [
                Copied { to: 0, from: 0, length: head },
                Copied { to: version.len() - tail, from: base.len() - tail, length: tail },
            ]
        });
        let delta = copied.as_ref().map(|copied| Delta { base: 1, fresh: &[], copied });
        reader.object(2, Kind::Tree, version, delta, None);
        let failed = reader.part.failed.iter().map(|(number, _)| *number).collect();
        (entries(&reader.part), failed)
    }

    #[test]
    fn a_tree_read_by_what_changed_is_the_tree_read_whole() {
        let base = [("100644", "a", 1), ("40000", "lib", 2), ("160000", "other", 3), ("100755", "run", 4)];
        let versions: [&[(&str, &str, u8)]; 6] = [
            &[("100644", "a", 1), ("40000", "lib", 9), ("160000", "other", 3), ("100755", "run", 4)],
            &[("100644", "a", 1), ("160000", "other", 3), ("100755", "run", 4)],
            &[
                ("100644", "a", 1),
                ("100644", "b", 1),
                ("40000", "lib", 2),
                ("160000", "other", 3),
                ("100755", "run", 4),
            ],
            &[("100644", "a", 1), ("40000", "lib", 2), ("160000", "other", 3), ("100644", "run", 4)],
            &[("100644", "z", 1), ("40000", "lib", 2), ("160000", "other", 3), ("100755", "run", 4)],
            &base,
        ];
        let base = tree(&base);
        for entries in versions {
            let version = tree(entries);
            let whole = read(&base, &version, None);
            assert_eq!(whole.0[1].len(), entries.len());
            let same = |mut pairs: Box<dyn Iterator<Item = (&u8, &u8)>>| pairs.position(|(a, b)| a != b);
            let shorter = base.len().min(version.len());
            let head = same(Box::new(base.iter().zip(&version))).unwrap_or(shorter);
            let tail = same(Box::new(base.iter().rev().zip(version.iter().rev()))).unwrap_or(shorter);
            for first in 0..=head {
                for last in 0..=tail.min(version.len() - first) {
                    assert_eq!(read(&base, &version, Some((first, last))), whole, "{entries:?}: {first} and {last}");
                }
            }
        }
    }

    #[test]
    fn damage_is_said_and_what_stands_before_it_counts() {
        let base = tree(&[("100644", "a", 1), ("100644", "b", 2)]);
        let cut = &base[..base.len() - 3];
        for ends in [None, Some((cut.len(), 0)), Some((10, 0))] {
            let (lists, failed) = read(&base, cut, ends);
            assert_eq!((lists[1].len(), failed), (1, vec![2]), "{ends:?}");
        }
        let (lists, failed) = read(cut, &base, Some((cut.len(), 0)));
        assert_eq!((lists[1].len(), failed), (2, vec![1]), "a base that is damaged");
    }
}
