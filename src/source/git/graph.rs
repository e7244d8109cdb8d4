//! The shape of a history: commits, the trees they hold, the names in these. All of it in memory and by numbers, so that
//! who introduced a blob, where it lay and who holds it are questions to a table.

mod holders;
mod read;
mod walk;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::ObjectId;
use super::objects::Store;
pub use holders::Holders;
use read::{Edge, Node, Part};
pub use read::{GraphReader, Shared};
pub use walk::Walked;

/// Bytes of a path beyond which nobody looks: no file can lie there.
const LONGEST_PATH: usize = 4096;

/// No object, no commit.
pub const NONE: u32 = u32::MAX;

/// Set in [`Graph::places`] for a commit.
const COMMIT: u32 = 1 << 31;

/// The whole graph.
#[derive(Debug)]
pub struct Graph<'s> {
    store: &'s Store,
    /// Objects that are here have smaller numbers than those that are absent.
    present: u32,
    names: Vec<Arc<[u8]>>,
    edges: Vec<Edge>,
    /// For each tree how many entries it has, and for each of these its place in `edges`.
    lists: Vec<u32>,
    commits: Vec<Node>,
    parents: Vec<u32>,
    /// For each object where it is in `lists`, or with [`COMMIT`] in `commits`.
    places: Vec<u32>,
    tags: HashMap<u32, u32>,
    absent: HashMap<u32, ObjectId>,
    /// Objects that could not be read, and why.
    pub failed: Vec<(u32, String)>,
    /// Commits of submodules that trees name, and the last names of where these lay.
    pub submodules: BTreeMap<ObjectId, String>,
}

impl<'s> Graph<'s> {
    /// Joins what the threads read.
    #[must_use]
    pub fn new(shared: Shared<'s>) -> Self {
        let present = shared.store.count();
        let into = |mutex: Mutex<_>| mutex.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut graph = Self {
            store: shared.store,
            present,
            names: shared.names.into_inner().unwrap_or_else(PoisonError::into_inner).list,
            edges: Vec::new(),
            lists: Vec::new(),
            commits: Vec::new(),
            parents: Vec::new(),
            places: vec![NONE; present as usize],
            tags: HashMap::new(),
            absent: HashMap::new(),
            failed: Vec::new(),
            submodules: BTreeMap::new(),
        };
        let absent = shared.absent.into_inner().unwrap_or_else(PoisonError::into_inner);
        graph.absent = absent.numbers.into_iter().map(|(id, number)| (number, id)).collect();
        for part in into(shared.parts) {
            graph.add(part);
        }
        for table in [&mut graph.lists, &mut graph.parents] {
            table.shrink_to_fit();
        }
        graph.edges.shrink_to_fit();
        graph.commits.shrink_to_fit();
        graph
    }

    fn add(&mut self, mut part: Part) {
        let (edges, lists) = (count(self.edges.len()), count(self.lists.len()));
        let (commits, parents) = (count(self.commits.len()), count(self.parents.len()));
        for &(tree, start) in &part.trees {
            if let Some(start) = lists.checked_add(start).filter(|&start| start < COMMIT) {
                self.places[tree as usize] = start;
            }
            if let Some((length, rest)) = part.lists[start as usize..].split_first_mut().filter(|_| edges > 0) {
                rest[..*length as usize].iter_mut().filter(|edge| **edge != NONE).for_each(|edge| *edge += edges);
            }
        }
        for (at, commit) in part.commits.iter_mut().enumerate() {
            commit.parents.0 += parents;
            self.places[commit.number as usize] = COMMIT | (commits + count(at));
        }
        join(&mut self.edges, part.edges);
        join(&mut self.lists, part.lists);
        join(&mut self.commits, part.commits);
        join(&mut self.parents, part.parents);
        self.tags.extend(part.tags);
        self.failed.extend(part.failed);
        self.submodules.extend(part.submodules);
    }

    /// The entries of a tree, as places in `edges`; none if it is no tree that is here.
    fn list(&self, tree: u32) -> &[u32] {
        let Some(start) = self.tree(tree) else { return &[] };
        let list = &self.lists[start as usize..];
        list.split_first().map_or(&[], |(&length, rest)| &rest[..length as usize])
    }

    /// The entries of a tree that are files or trees.
    fn edges(&self, tree: u32) -> impl DoubleEndedIterator<Item = Edge> {
        self.list(tree).iter().filter_map(|&edge| self.edges.get(edge as usize).copied())
    }

    fn tree(&self, number: u32) -> Option<u32> {
        self.places.get(number as usize).copied().filter(|place| place & COMMIT == 0)
    }

    /// The place of a commit in the table of commits.
    fn slot(&self, number: u32) -> Option<u32> {
        let place = self.places.get(number as usize).copied();
        place.filter(|&place| place & COMMIT != 0 && place != NONE).map(|place| place & !COMMIT)
    }

    fn commit(&self, slot: u32) -> &Node {
        &self.commits[slot as usize]
    }

    fn id(&self, slot: u32) -> ObjectId {
        self.store.id(self.commit(slot).number)
    }

    fn parents(&self, slot: u32) -> &[u32] {
        let (first, count) = self.commit(slot).parents;
        &self.parents[first as usize..(first + count) as usize]
    }

    /// All names that trees hold.
    #[must_use]
    pub fn names(&self) -> &[Arc<[u8]>] {
        &self.names
    }

    /// All commits that are here.
    pub fn commits(&self) -> impl Iterator<Item = u32> + '_ {
        self.commits.iter().map(|commit| commit.number)
    }

    /// What a tag says at last, and the tags on the way.
    fn peel(&self, mut number: u32) -> (u32, Vec<u32>) {
        let mut tags = Vec::new();
        while let Some(&target) = self.tags.get(&number).filter(|_| tags.len() < 100) {
            tags.push(number);
            number = target;
        }
        (number, tags)
    }

    /// How many objects a walk did not reach.
    #[must_use]
    pub fn unreached(&self, walked: &Walked) -> usize {
        let tags: HashSet<u32> = walked.tags.iter().copied().collect();
        let reached = |at: u32| walked.first(at) != NONE || self.place(walked, at) != NONE || tags.contains(&at);
        // An object that is stored twice is reached by one of its numbers.
        (0..self.present).filter(|&at| !reached(at) && self.store.number(&self.store.id(at)) == Some(at)).count()
    }

    /// The id of an object that is named and not here.
    #[must_use]
    pub fn absent_id(&self, number: u32) -> Option<ObjectId> {
        self.absent.get(&number).copied()
    }

    /// The id of a commit by its place in a walk.
    #[must_use]
    pub fn commit_id(&self, walked: &Walked, at: u32) -> Option<ObjectId> {
        walked.order.get(at as usize).map(|&slot| self.id(slot))
    }

    /// The place of a commit in a walk, by its number.
    #[must_use]
    pub fn place(&self, walked: &Walked, commit: u32) -> u32 {
        self.slot(commit).map_or(NONE, |slot| walked.places[slot as usize])
    }

    /// The full path of an object, as the commit had it that brought it.
    pub fn path(&self, walked: &Walked, number: u32, out: &mut Vec<u8>) {
        self.path_of(walked, walked.path[number as usize], out);
    }

    /// One of its other paths, see [`Walked::elsewhere`].
    pub fn path_of(&self, walked: &Walked, path: u32, out: &mut Vec<u8>) {
        out.clear();
        walked.paths.write(path, &self.names, out);
    }

    /// The first entry of a given name in the order of the history: the commit's place, and the entry's path.
    #[must_use]
    pub fn first_named(&self, walked: &Walked, name: u32) -> Option<(u32, u32, Vec<u8>)> {
        let mut best: Option<(u32, Vec<u8>, u32)> = None;
        for tree in 0..self.present {
            let commit = walked.first(tree);
            if commit == NONE {
                continue;
            }
            for edge in self.edges(tree).filter(|edge| edge.name == name) {
                let mut path = Vec::new();
                self.path(walked, tree, &mut path);
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(&self.names[name as usize]);
                let found = (commit, path, edge.child);
                if best.as_ref().is_none_or(|best| found < *best) {
                    best = Some(found);
                }
            }
        }
        best.map(|(commit, path, child)| (commit, child, path))
    }

    /// The commit (by number) that a tip leads to, if it does.
    #[must_use]
    pub fn tip_commit(&self, tip: u32) -> Option<u32> {
        let (target, _) = self.peel(tip);
        self.slot(target).is_some().then_some(target)
    }
}

fn join<T>(all: &mut Vec<T>, mut more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.append(&mut more);
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}
