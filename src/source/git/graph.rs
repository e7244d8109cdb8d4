//! The shape of a history: commits, the trees they hold, the names in these. All of it in memory and by numbers, so that
//! who introduced a blob, where it lay and who holds it are questions to a table.

mod read;

use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::ObjectId;
use read::{Edge, Node, Part};
pub use read::{GraphReader, Shared};

/// Bytes of a path beyond which nobody looks: no file can lie there.
const LONGEST_PATH: usize = 4096;

/// No object, no commit.
pub const NONE: u32 = u32::MAX;

/// The whole graph.
#[derive(Debug)]
pub struct Graph {
    /// Objects that are here have smaller numbers than those that are absent.
    present: u32,
    names: Vec<Box<[u8]>>,
    parts: Vec<Vec<Edge>>,
    /// For each object that is a tree: its part, first edge, count. By `tree_slots`.
    trees: Vec<(u32, u32, u32)>,
    tree_slots: Vec<u32>,
    commits: Vec<Node>,
    commit_slots: HashMap<u32, u32>,
    tags: HashMap<u32, u32>,
    absent: HashMap<u32, ObjectId>,
    /// Objects that could not be read, and why.
    pub failed: Vec<(u32, String)>,
}

impl Graph {
    /// Joins what the threads read.
    #[must_use]
    pub fn new(shared: Shared<'_>) -> Self {
        let present = shared.store.count();
        let into = |mutex: Mutex<_>| mutex.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut graph = Self {
            present,
            names: shared.names.into_inner().unwrap_or_else(PoisonError::into_inner).list,
            parts: Vec::new(),
            trees: Vec::new(),
            tree_slots: vec![NONE; present as usize],
            commits: Vec::new(),
            commit_slots: HashMap::new(),
            tags: HashMap::new(),
            absent: HashMap::new(),
            failed: Vec::new(),
        };
        let absent = shared.absent.into_inner().unwrap_or_else(PoisonError::into_inner);
        graph.absent = absent.numbers.into_iter().map(|(id, number)| (number, id)).collect();
        for part in into(shared.parts) {
            graph.add(part);
        }
        graph
    }

    fn add(&mut self, part: Part) {
        let number = count(self.parts.len());
        for (tree, first, length) in part.trees {
            self.tree_slots[tree as usize] = count(self.trees.len());
            self.trees.push((number, first, length));
        }
        self.parts.push(part.edges);
        for commit in part.commits {
            self.commit_slots.insert(commit.number, count(self.commits.len()));
            self.commits.push(commit);
        }
        self.tags.extend(part.tags);
        self.failed.extend(part.failed);
    }

    /// The entries of a tree; none if it is no tree that is here.
    fn edges(&self, tree: u32) -> &[Edge] {
        let slot = self.tree_slots.get(tree as usize).copied().unwrap_or(NONE);
        match self.trees.get(slot as usize) {
            Some(&(part, first, length)) => &self.parts[part as usize][first as usize..(first + length) as usize],
            None => &[],
        }
    }

    /// All names that trees hold.
    #[must_use]
    pub fn names(&self) -> &[Box<[u8]>] {
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

    /// Goes through everything that the tips reach, the oldest commit first. The parents of `shallow` commits are not
    /// expected to be here.
    #[must_use]
    pub fn walk(&self, tips: &[u32], shallow: &HashSet<ObjectId>) -> Walked {
        let total = self.present as usize + self.absent.len();
        let mut walked = Walked {
            order: Vec::new(),
            places: HashMap::new(),
            first: vec![NONE; total],
            parent: vec![NONE; total],
            name: vec![NONE; total],
            absent: Vec::new(),
            tags: Vec::new(),
        };
        let mut commits = Vec::new();
        let mut others = Vec::new();
        for &tip in tips {
            let (target, tags) = self.peel(tip);
            walked.tags.extend(tags);
            match self.commit_slots.get(&target) {
                Some(&slot) => commits.push(slot),
                None => others.push(target),
            }
        }
        let order = self.oldest_first(&commits, shallow, &mut walked.absent);
        for (at, &slot) in order.iter().enumerate() {
            self.visit(self.commits[slot as usize].tree, count(at), &mut walked);
        }
        let number = |slot: u32| self.commits[slot as usize].number;
        walked.places = order.iter().enumerate().map(|(at, &slot)| (number(slot), count(at))).collect();
        walked.order = order;
        for other in others {
            self.visit(other, NONE - 1, &mut walked);
        }
        walked.absent.sort_unstable();
        walked.absent.dedup();
        walked
    }

    /// All commits that the tips reach: parents before children, the older of two first.
    fn oldest_first(&self, tips: &[u32], shallow: &HashSet<ObjectId>, absent: &mut Vec<u32>) -> Vec<u32> {
        let mut waiting: HashMap<u32, u32> = HashMap::new();
        let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut ready = BinaryHeap::new();
        let mut stack = tips.to_vec();
        let key = |slot: u32| {
            let commit = &self.commits[slot as usize];
            std::cmp::Reverse((commit.time, commit.id, slot))
        };
        while let Some(slot) = stack.pop() {
            if waiting.contains_key(&slot) {
                continue;
            }
            let mut parents = 0;
            for parent in &self.commits[slot as usize].parents {
                match self.commit_slots.get(parent) {
                    Some(&parent) => {
                        parents += 1;
                        children.entry(parent).or_default().push(slot);
                        stack.push(parent);
                    }
                    None if shallow.contains(&self.commits[slot as usize].id) => {}
                    None => absent.push(*parent),
                }
            }
            waiting.insert(slot, parents);
            if parents == 0 {
                ready.push(key(slot));
            }
        }
        let mut order = Vec::with_capacity(waiting.len());
        while let Some(std::cmp::Reverse((_, _, slot))) = ready.pop() {
            order.push(slot);
            waiting.remove(&slot);
            for &child in children.get(&slot).map_or(&[][..], Vec::as_slice) {
                if let Some(left) = waiting.get_mut(&child) {
                    *left -= 1;
                    if *left == 0 {
                        ready.push(key(child));
                    }
                }
            }
        }
        // Commits that are their own ancestors can't be right, because an id is the hash of what it names, but a crafted
        // pack can hold them. What they hold is read all the same, and they are told as damaged.
        let mut circular: Vec<u32> = waiting.into_keys().collect();
        circular.sort_unstable();
        absent.extend(circular.iter().map(|&slot| self.commits[slot as usize].number));
        order.extend(circular);
        order
    }

    /// Marks everything below a tree that no earlier commit held.
    fn visit(&self, root: u32, commit: u32, walked: &mut Walked) {
        let mut stack = vec![(root, NONE, NONE)];
        while let Some((number, parent, name)) = stack.pop() {
            if number >= self.present {
                walked.absent.push(number);
            }
            let at = number as usize;
            if walked.first[at] != NONE {
                continue;
            }
            (walked.first[at], walked.parent[at], walked.name[at]) = (commit, parent, name);
            stack.extend(self.edges(number).iter().rev().map(|edge| (edge.child, number, edge.name)));
        }
    }

    /// The id of an object that is named and not here.
    #[must_use]
    pub fn absent_id(&self, number: u32) -> Option<ObjectId> {
        self.absent.get(&number).copied()
    }

    /// The id of a commit by its place in a walk.
    #[must_use]
    pub fn commit_id(&self, walked: &Walked, at: u32) -> Option<ObjectId> {
        walked.order.get(at as usize).map(|&slot| self.commits[slot as usize].id)
    }

    /// The place of a commit in a walk, by its number.
    #[must_use]
    pub fn place(&self, walked: &Walked, commit: u32) -> u32 {
        walked.places.get(&commit).copied().unwrap_or(NONE)
    }

    /// What a tag speaks of at last; anything else speaks of itself.
    #[must_use]
    pub fn target(&self, number: u32) -> u32 {
        self.peel(number).0
    }

    /// The full path of an object, as the commit had it that brought it.
    pub fn path(&self, walked: &Walked, number: u32, out: &mut Vec<u8>) {
        let mut names = Vec::new();
        let mut at = number;
        while at != NONE && walked.name[at as usize] != NONE {
            names.push(walked.name[at as usize]);
            at = walked.parent[at as usize];
        }
        out.clear();
        for (place, &name) in names.iter().rev().enumerate() {
            if place > 0 {
                out.push(b'/');
            }
            out.extend_from_slice(&self.names[name as usize]);
        }
    }

    /// The first entry of a given name in the order of the history: the commit's place, and the entry's path.
    #[must_use]
    pub fn first_named(&self, walked: &Walked, name: u32) -> Option<(u32, u32, Vec<u8>)> {
        let mut best: Option<(u32, Vec<u8>, u32)> = None;
        for tree in 0..self.present {
            let commit = walked.first[tree as usize];
            if commit == NONE {
                continue;
            }
            for edge in self.edges(tree).iter().filter(|edge| edge.name == name) {
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

    /// For up to 64 groups of objects: which groups each commit of a walk has in its tree, and which it or a commit
    /// before it has.
    #[must_use]
    pub fn holders<'w>(&self, walked: &'w Walked, groups: &HashMap<u32, u64>) -> Holders<'w> {
        let mut in_tree: Vec<Option<u64>> = vec![None; self.tree_slots.len()];
        let mut holders = Holders { tree: Vec::new(), history: Vec::new(), places: &walked.places, masks: Vec::new() };
        for &slot in &walked.order {
            let commit = &self.commits[slot as usize];
            let own = self.mask(commit.tree, groups, &mut in_tree);
            let before = commit.parents.iter().filter_map(|parent| holders.places.get(parent));
            let history =
                before.filter_map(|&place| holders.history.get(place as usize)).fold(own, |sum, &one| sum | one);
            holders.tree.push(own);
            holders.history.push(history | groups.get(&commit.number).copied().unwrap_or_default());
        }
        holders.masks = in_tree;
        holders
    }

    /// The groups that an object and everything below it belong to.
    fn mask(&self, root: u32, groups: &HashMap<u32, u64>, known: &mut [Option<u64>]) -> u64 {
        let own = |number: u32| groups.get(&number).copied().unwrap_or_default();
        if let Some(&Some(mask)) = known.get(root as usize) {
            return mask;
        }
        let mut stack = vec![(root, 0, own(root))];
        let mut result = 0;
        while let Some((tree, at, sum)) = stack.pop() {
            let Some(edge) = self.edges(tree).get(at) else {
                if let Some(slot) = known.get_mut(tree as usize) {
                    *slot = Some(sum);
                }
                match stack.last_mut() {
                    Some((_, _, above)) => *above |= sum,
                    None => result = sum,
                }
                continue;
            };
            let is_tree = self.tree_slots.get(edge.child as usize).is_some_and(|&slot| slot != NONE);
            match known.get(edge.child as usize).copied().flatten() {
                Some(mask) => stack.push((tree, at + 1, sum | mask)),
                // A cycle can't be made (an id is the hash of what it names); the depth is bounded all the same.
                None if is_tree && stack.len() < 10_000 => {
                    stack.push((tree, at + 1, sum));
                    stack.push((edge.child, 0, own(edge.child)));
                }
                None => stack.push((tree, at + 1, sum | own(edge.child))),
            }
        }
        result
    }

    /// The paths in the tree of a commit at which objects of a group lie, in order, at most `limit`.
    #[must_use]
    pub fn paths_of(
        &self,
        commit: u32,
        groups: &HashMap<u32, u64>,
        holders: &Holders<'_>,
        bit: u64,
        limit: usize,
    ) -> Vec<Vec<u8>> {
        let Some(&slot) = self.commit_slots.get(&commit) else { return Vec::new() };
        let mut found = Vec::new();
        let mut stack = vec![(self.commits[slot as usize].tree, Vec::new())];
        while let Some((number, path)) = stack.pop() {
            // A tree that was made to hold itself has paths without end.
            if path.len() > LONGEST_PATH {
                continue;
            }
            if groups.get(&number).is_some_and(|mask| mask & bit != 0) {
                found.push(path);
                if found.len() == limit {
                    break;
                }
                continue;
            }
            for edge in self.edges(number).iter().rev() {
                let inside = groups.get(&edge.child).copied().unwrap_or_default()
                    | holders.masks.get(edge.child as usize).copied().flatten().unwrap_or_default();
                if inside & bit != 0 {
                    let mut path: Vec<u8> = path.clone();
                    super::changes::enter(&mut path, &self.names[edge.name as usize]);
                    stack.push((edge.child, path));
                }
            }
        }
        found
    }

    /// The commit (by number) that a tip leads to, if it does.
    #[must_use]
    pub fn tip_commit(&self, tip: u32) -> Option<u32> {
        let (target, _) = self.peel(tip);
        self.commit_slots.contains_key(&target).then_some(target)
    }
}

/// What the tips reach.
#[derive(Debug)]
pub struct Walked {
    /// The commits, oldest first.
    order: Vec<u32>,
    /// The place of each commit in that order, by its number.
    places: HashMap<u32, u32>,
    /// For each object the place of the first commit that holds it.
    first: Vec<u32>,
    parent: Vec<u32>,
    name: Vec<u32>,
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

    /// How many commits there are.
    #[must_use]
    pub fn commits(&self) -> usize {
        self.order.len()
    }
}

/// Which commits hold which groups of objects.
#[derive(Debug)]
pub struct Holders<'w> {
    tree: Vec<u64>,
    history: Vec<u64>,
    places: &'w HashMap<u32, u32>,
    masks: Vec<Option<u64>>,
}

impl Holders<'_> {
    /// The groups in the tree of a commit.
    #[must_use]
    pub fn in_tree(&self, commit: u32) -> u64 {
        self.places.get(&commit).map_or(0, |&place| self.tree[place as usize])
    }

    /// The groups that a commit or one before it has.
    #[must_use]
    pub fn in_history(&self, commit: u32) -> u64 {
        self.places.get(&commit).map_or(0, |&place| self.history[place as usize])
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}
