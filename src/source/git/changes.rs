//! What differs between two trees: each blob that is in the new one, with what it replaces.

use std::collections::{HashMap, HashSet};

use gix::bstr::{BStr, BString, ByteSlice};

use super::{Entry, EntryKind, ObjectId, Objects, SkipReason, last_name};

/// A blob that a tree has and the trees before it had not at this path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its path.
    pub path: BString,
    /// Its id.
    pub id: ObjectId,
    /// What the trees before have at that path, as far as they have a file there.
    pub replaces: Vec<ObjectId>,
}

/// Folders within each other beyond which nobody looks: git's own limit is 2048, a path on Linux has less, and a tree that
/// was made to hold itself has no end.
const DEPTH: usize = 1000;

/// Trees that are read for one comparison.
const TREES: usize = 1_000_000;

/// Collects changes.
#[derive(Debug, Default)]
pub struct Changes {
    /// How deep the comparison is, and how many trees it read.
    depth: usize,
    trees: usize,
    /// Trees that were added or lost as a whole already: a second time they say nothing new, and a few of them within each
    /// other can spell out more paths than there are atoms.
    whole: HashSet<(ObjectId, bool)>,
    /// What is new.
    pub added: Vec<Change>,
    /// Paths of files and folders the last names of which are new there.
    pub(super) named: Vec<BString>,
    /// Blobs that are gone, by the last name of their path: a moved file replaces one of them.
    pub(super) gone: HashMap<BString, Vec<ObjectId>>,
    /// What could not be read, with its path.
    pub skipped: Vec<(BString, SkipReason)>,
}

impl Changes {
    /// Compares a tree with those of its commit's parents; a blob counts if it differs from all of them.
    pub fn between(&mut self, objects: &mut Objects, path: &mut BString, new: Option<ObjectId>, old: &[ObjectId]) {
        if new.is_some_and(|new| old.contains(&new)) {
            return;
        }
        if old.is_empty() && !new.is_none_or(|new| self.whole.insert((new, true))) {
            return;
        }
        let Some(new) = self.entries(objects, path, new) else { return };
        let old: Vec<Vec<Entry>> = old.iter().filter_map(|&id| self.entries(objects, path, Some(id))).collect();
        let old_names: Vec<ByName<'_>> = old.iter().map(|tree| ByName::new(tree)).collect();
        for entry in &new {
            let before: Vec<&Entry> = old_names.iter().filter_map(|tree| tree.get(entry.name.as_ref())).collect();
            if before.iter().any(|before| before.id == entry.id && before.kind == entry.kind) {
                continue;
            }
            let of_kind = |kind| before.iter().filter(move |before| before.kind == kind).map(|before| before.id);
            let length = enter(path, &entry.name);
            if before.is_empty() {
                self.named.push(path.clone());
            }
            match entry.kind {
                EntryKind::Blob => {
                    let replaces = of_kind(EntryKind::Blob).collect();
                    self.added.push(Change { path: path.clone(), id: entry.id, replaces });
                }
                EntryKind::Tree => {
                    let trees: Vec<ObjectId> = of_kind(EntryKind::Tree).collect();
                    self.deeper(path, |changes, path| changes.between(objects, path, Some(entry.id), &trees));
                }
                EntryKind::Submodule => {}
            }
            path.truncate(length);
        }
        let new_names = ByName::new(&new);
        for entry in old.iter().flatten().filter(|entry| new_names.get(entry.name.as_ref()).is_none()) {
            self.lost(objects, path, entry);
        }
    }

    /// The entries of a tree; a tree that can't be read is named and left out.
    pub(super) fn entries(
        &mut self,
        objects: &mut Objects,
        path: &BString,
        id: Option<ObjectId>,
    ) -> Option<Vec<Entry>> {
        let Some(id) = id else { return Some(Vec::new()) };
        if self.trees == TREES {
            return None;
        }
        self.trees += 1;
        if self.trees == TREES {
            let why = format!("more than {TREES} folders; the rest of them was not read");
            self.skipped.push((path.clone(), SkipReason::Limit(why)));
            return None;
        }
        objects.tree(id).map_err(|reason| self.skipped.push((path.clone(), reason))).ok()
    }

    /// Whether so many folders were read that no more are.
    pub(super) fn is_full(&self) -> bool {
        self.trees == TREES
    }

    /// Looks into a folder, unless it lies too deep.
    fn deeper(&mut self, path: &mut BString, look: impl FnOnce(&mut Self, &mut BString)) {
        if self.enters(path) {
            look(self, path);
            self.leaves();
        }
    }

    /// Whether a folder may be looked into; who does says so by [`Changes::leaves`].
    pub(super) fn enters(&mut self, path: &BString) -> bool {
        if self.depth == DEPTH {
            let why = format!("more than {DEPTH} folders within each other; what lies deeper was not read");
            self.skipped.push((path.clone(), SkipReason::Limit(why)));
            return false;
        }
        self.depth += 1;
        true
    }

    pub(super) fn leaves(&mut self) {
        self.depth -= 1;
    }

    /// Notes what an entry that is gone held.
    pub(super) fn lost(&mut self, objects: &mut Objects, path: &mut BString, entry: &Entry) {
        match entry.kind {
            EntryKind::Blob => self.gone.entry(entry.name.clone()).or_default().push(entry.id),
            EntryKind::Tree if !self.whole.insert((entry.id, false)) => {}
            EntryKind::Tree => {
                let length = enter(path, &entry.name);
                for entry in self.entries(objects, path, Some(entry.id)).unwrap_or_default() {
                    self.deeper(path, |changes, path| changes.lost(objects, path, &entry));
                }
                path.truncate(length);
            }
            EntryKind::Submodule => {}
        }
    }

    /// Finishes: a blob that was only moved is no change, and one that was moved and edited replaces what it was.
    pub fn settle(&mut self) {
        let gone = &self.gone;
        self.added.retain(|change| !gone.values().any(|ids| ids.contains(&change.id)));
        for change in self.added.iter_mut().filter(|change| change.replaces.is_empty()) {
            change.replaces = gone.get(last_name(change.path.as_ref())).cloned().unwrap_or_default();
        }
        self.named.retain(|path| !gone.contains_key(last_name(path.as_ref())));
        self.added.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

/// Entries of a tree by their names. A crafted tree need not be sorted, and one of a folder with a hundred thousand files
/// must not be gone through for each of them.
pub(super) struct ByName<'t> {
    entries: &'t [Entry],
    map: HashMap<&'t BStr, &'t Entry>,
}

impl<'t> ByName<'t> {
    /// Below this many a table costs more than it saves.
    const FEW: usize = 32;

    pub(super) fn new(entries: &'t [Entry]) -> Self {
        let listed = if entries.len() < Self::FEW { &[] } else { entries };
        // Backwards: of two entries of one name the first counts.
        Self { entries, map: listed.iter().rev().map(|entry| (entry.name.as_bstr(), entry)).collect() }
    }

    pub(super) fn get(&self, name: &BStr) -> Option<&'t Entry> {
        if self.entries.len() < Self::FEW {
            return self.entries.iter().find(|entry| entry.name == *name);
        }
        self.map.get(name).copied()
    }
}

/// Appends a name to a path and says how long it was before.
pub(super) fn enter(path: &mut Vec<u8>, name: &[u8]) -> usize {
    let length = path.len();
    if length > 0 {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    length
}
