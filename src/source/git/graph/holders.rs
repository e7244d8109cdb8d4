//! Who holds what.

use std::collections::HashMap;

use super::{Graph, LONGEST_PATH, Walked};

/// Which commits hold which groups of objects. Commits go by their place in a walk.
#[derive(Debug)]
pub struct Holders {
    tree: Vec<u64>,
    history: Vec<u64>,
    /// For each object what it and all below it are in, if that is known.
    masks: Vec<Option<u64>>,
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
        let mut in_tree: Vec<Option<u64>> = vec![None; self.places.len()];
        let mut holders = Holders { tree: Vec::new(), history: Vec::new(), masks: Vec::new() };
        for &slot in &walked.order {
            let commit = self.commit(slot);
            let own = self.mask(commit.tree, groups, &mut in_tree);
            let before = self.parents(slot).iter().map(|&parent| self.place(walked, parent));
            let history = before.fold(own, |sum, place| sum | holders.in_history(place));
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
            let Some(&edge) = self.list(tree).get(at) else {
                if let Some(slot) = known.get_mut(tree as usize) {
                    *slot = Some(sum);
                }
                match stack.last_mut() {
                    Some((_, _, above)) => *above |= sum,
                    None => result = sum,
                }
                continue;
            };
            let Some(edge) = self.edges.get(edge as usize) else {
                stack.push((tree, at + 1, sum));
                continue;
            };
            match known.get(edge.child as usize).copied().flatten() {
                Some(mask) => stack.push((tree, at + 1, sum | mask)),
                // A cycle can't be made (an id is the hash of what it names); the depth is bounded all the same.
                None if self.tree(edge.child).is_some() && stack.len() < 10_000 => {
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
                let inside = groups.get(&edge.child).copied().unwrap_or_default()
                    | holders.masks.get(edge.child as usize).copied().flatten().unwrap_or_default();
                if inside & bit != 0 {
                    let mut path: Vec<u8> = path.clone();
                    crate::source::git::changes::enter(&mut path, &self.names[edge.name as usize]);
                    stack.push((edge.child, path));
                }
            }
        }
        found
    }
}
