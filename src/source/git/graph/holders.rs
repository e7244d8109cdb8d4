//! Who holds what.

use std::collections::HashMap;

use super::{Graph, LONGEST_PATH, NONE, Walked};

/// Which commits hold which groups of objects. Commits go by their place in a walk.
#[derive(Debug)]
pub struct Holders {
    tree: Vec<u64>,
    history: Vec<u64>,
    masks: Masks,
}

/// Which groups each object is in, with all below it.
#[derive(Debug, Default)]
struct Masks {
    of: Vec<u64>,
    /// Objects that are in any group.
    any: Bits,
    /// Trees that were not looked into yet.
    unknown: Bits,
}

/// A bit for each object: few enough for all of them to stay in the processor's cache.
#[derive(Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
    }

    fn set(&mut self, number: u32, value: bool) {
        if let Some(word) = self.0.get_mut(number as usize / 64) {
            *word = *word & !(1 << (number % 64)) | u64::from(value) << (number % 64);
        }
    }
}

impl Masks {
    fn new(graph: &Graph<'_>, groups: &HashMap<u32, u64>) -> Self {
        let total = graph.places.len() + graph.absent.len();
        let bits = || Bits(vec![0; total.div_ceil(64)]);
        let mut masks = Self { of: vec![0; total], any: bits(), unknown: bits() };
        for (&number, &mask) in groups {
            masks.add(number, mask);
        }
        for number in (0..graph.present).filter(|&number| graph.tree(number).is_some()) {
            masks.unknown.set(number, true);
        }
        masks
    }

    fn get(&self, number: u32) -> u64 {
        if self.any.has(number) { self.of[number as usize] } else { 0 }
    }

    fn add(&mut self, number: u32, mask: u64) {
        if let Some(own) = self.of.get_mut(number as usize).filter(|_| mask != 0) {
            *own |= mask;
            self.any.set(number, true);
        }
    }
}

impl Holders {
    /// The groups in the tree of a commit.
    #[must_use]
    pub fn in_tree(&self, place: u32) -> u64 {
        self.tree.get(place as usize).copied().unwrap_or_default()
    }

    /// The groups that a commit or one before it has.
    #[must_use]
    pub fn in_history(&self, place: u32) -> u64 {
        self.history.get(place as usize).copied().unwrap_or_default()
    }
}

impl Graph<'_> {
    /// For up to 64 groups of objects: which groups each commit of a walk has in its tree, and which it or a commit
    /// before it has.
    #[must_use]
    pub fn holders(&self, walked: &Walked, groups: &HashMap<u32, u64>) -> Holders {
        let mut holders = Holders { tree: Vec::new(), history: Vec::new(), masks: Masks::new(self, groups) };
        for &slot in &walked.order {
            let commit = self.commit(slot);
            let own = self.mask(commit.tree, &mut holders.masks);
            let before = self.parents(slot).iter().map(|&parent| self.place(walked, parent));
            let history = before.fold(own, |sum, place| sum | holders.in_history(place));
            holders.tree.push(own);
            holders.history.push(history | groups.get(&commit.number).copied().unwrap_or_default());
        }
        for &other in &walked.others {
            self.mask(other, &mut holders.masks);
        }
        holders
    }

    /// The groups that a tip leads to: its tags, what they speak of at last, and all below that or before it.
    #[must_use]
    pub fn held(&self, walked: &Walked, holders: &Holders, tip: u32) -> u64 {
        let (target, tags) = self.peel(tip);
        let own = tags.iter().fold(holders.masks.get(target), |sum, &tag| sum | holders.masks.get(tag));
        own | holders.in_history(self.place(walked, target))
    }

    /// The groups that an object and everything below it belong to.
    fn mask(&self, root: u32, masks: &mut Masks) -> u64 {
        let mut stack = if masks.unknown.has(root) { vec![(root, 0)] } else { Vec::new() };
        while let Some((tree, from)) = stack.pop() {
            let list = &self.list(tree)[from..];
            let children = list.iter().map(|&edge| self.edges.get(edge as usize).map_or(NONE, |edge| edge.child));
            let mut sum = 0;
            // A cycle can't be made (an id is the hash of what it names); the depth is bounded all the same.
            let deeper = children.enumerate().find(|&(_, child)| {
                sum |= masks.get(child);
                masks.unknown.has(child) && stack.len() < 10_000
            });
            masks.add(tree, sum);
            match deeper {
                Some((at, child)) => {
                    stack.push((tree, from + at));
                    stack.push((child, 0));
                    masks.unknown.set(child, false);
                }
                None => masks.unknown.set(tree, false),
            }
        }
        masks.get(root)
    }

    /// The paths in the tree of a commit at which objects of a group lie, in order, at most `limit`.
    #[must_use]
    pub fn paths_of(
        &self,
        commit: u32,
        groups: &HashMap<u32, u64>,
        holders: &Holders,
        bit: u64,
        limit: usize,
    ) -> Vec<Vec<u8>> {
        let Some(slot) = self.slot(commit) else { return Vec::new() };
        let mut found = Vec::new();
        let mut stack = vec![(self.commit(slot).tree, Vec::new())];
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
            for edge in self.edges(number).rev() {
                if holders.masks.get(edge.child) & bit != 0 {
                    let mut path: Vec<u8> = path.clone();
                    crate::source::git::changes::enter(&mut path, &self.names[edge.name as usize]);
                    stack.push((edge.child, path));
                }
            }
        }
        found
    }
}
