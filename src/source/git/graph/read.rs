//! Reading commits, trees and tags into the graph, in any order and by any number of threads.

use std::collections::HashMap;
use std::sync::Mutex;

use gix::objs::Kind;

use super::NONE;
use crate::source::git::objects::{Delta, Sink, Store};
use crate::source::git::{Commit, EntryKind, ObjectId};

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
    numbers: HashMap<Box<[u8]>, u32>,
    pub(super) list: Vec<Box<[u8]>>,
}

/// An entry of a tree: the number of its name and of its object.
#[derive(Clone, Copy, Debug)]
pub(super) struct Edge {
    pub(super) name: u32,
    pub(super) child: u32,
}

/// What one thread read.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Trees: number, first edge, count.
    pub(super) trees: Vec<(u32, u32, u32)>,
    pub(super) edges: Vec<Edge>,
    pub(super) commits: Vec<Node>,
    /// Annotated tags: number and target.
    pub(super) tags: Vec<(u32, u32)>,
    pub(super) failed: Vec<(u32, String)>,
}

/// A commit.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) number: u32,
    pub(super) id: ObjectId,
    pub(super) tree: u32,
    pub(super) parents: Box<[u32]>,
    pub(super) time: i64,
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
            known: vec![Known::default(); 1 << 14],
            names: HashMap::new(),
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

    fn name(&self, name: &[u8]) -> u32 {
        let mut names = lock(&self.names);
        if let Some(&number) = names.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(names.list.len()).unwrap_or(NONE);
        names.numbers.insert(name.into(), number);
        names.list.push(name.into());
        number
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// An entry that was seen lately: a tree differs from its last version in an entry or two.
#[derive(Clone, Debug)]
struct Known {
    id: ObjectId,
    hash: u64,
    edge: Edge,
}

impl Default for Known {
    fn default() -> Self {
        Self { id: ObjectId::null(gix::hash::Kind::Sha1), hash: 0, edge: Edge { name: NONE, child: NONE } }
    }
}

/// Reads commits, trees and tags into the graph.
pub struct GraphReader<'r, 's> {
    shared: &'r Shared<'s>,
    part: Part,
    known: Vec<Known>,
    names: HashMap<Box<[u8]>, u32>,
    message: &'r mut dyn FnMut(u32, Kind, &[u8]),
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
    fn object(&mut self, number: u32, kind: Kind, bytes: &[u8], _: Option<Delta<'_>>) {
        let read = match kind {
            Kind::Tree => self.tree(number, bytes),
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
    fn tree(&mut self, number: u32, bytes: &[u8]) -> Option<()> {
        let first = self.part.edges.len();
        let mut whole = Some(());
        for entry in gix::objs::TreeRefIter::from_bytes(bytes, self.shared.hash) {
            let Ok(entry) = entry else {
                // What stands before the damage counts.
                whole = None;
                break;
            };
            if EntryKind::of(entry.mode) != EntryKind::Submodule {
                let edge = self.edge(entry.filename, entry.oid);
                self.part.edges.push(edge);
            }
        }
        let count = self.part.edges.len() - first;
        self.part.trees.push((number, u32::try_from(first).ok()?, u32::try_from(count).ok()?));
        whole
    }

    fn edge(&mut self, name: &[u8], id: &gix::oid) -> Edge {
        let hash = hash(name, id);
        let slot = usize::try_from(hash >> 50).unwrap_or_default();
        let known = &self.known[slot];
        if known.hash == hash && known.id == id && known.edge.name != NONE {
            return known.edge;
        }
        let shared = self.shared;
        let number = match self.names.get(name) {
            Some(&number) => number,
            None => *self.names.entry(name.into()).or_insert_with(|| shared.name(name)),
        };
        let edge = Edge { name: number, child: shared.number(id) };
        self.known[slot] = Known { id: id.to_owned(), hash, edge };
        edge
    }

    fn commit(&mut self, number: u32, bytes: &[u8]) -> Option<()> {
        let id = self.shared.store.id(number);
        let commit = Commit::parse(id, bytes, self.shared.hash)?;
        let tree = self.shared.number(&commit.tree);
        let parents = commit.parents.iter().map(|id| self.shared.number(id)).collect();
        self.part.commits.push(Node { number, id, tree, parents, time: commit.time });
        (self.message)(number, Kind::Commit, &commit.message);
        Some(())
    }

    fn tag(&mut self, number: u32, bytes: &[u8]) -> Option<()> {
        let target = gix::objs::TagRefIter::from_bytes(bytes, self.shared.hash).target_id().ok()?;
        self.part.tags.push((number, self.shared.number(&target)));
        let message = memchr::memmem::find(bytes, b"\n\n").map_or(bytes.len(), |at| at + 2);
        (self.message)(number, Kind::Tag, &bytes[message..]);
        Some(())
    }
}

/// A quick hash of an entry; equal hashes of unequal entries cost nothing but a miss, because the id is compared and
/// the name goes through all bits of it.
fn hash(name: &[u8], id: &gix::oid) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |sum: u64, word: u64| (sum.rotate_left(29) ^ word).wrapping_mul(FACTOR);
    let word = |bytes: &[u8]| bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
    let id = word(&id.as_bytes()[..8]);
    let sum = name.chunks(8).fold(mix(FACTOR, id), |sum, chunk| mix(sum, word(chunk)));
    mix(sum, name.len() as u64)
}
