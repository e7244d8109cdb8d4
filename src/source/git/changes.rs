//! What differs between two trees: each blob that is in the new one, with what it replaces.

use std::collections::HashMap;

use gix::bstr::{BString, ByteSlice};

use super::{Entry, EntryKind, ObjectId, Objects, SkipReason};

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

/// Collects changes.
#[derive(Debug, Default)]
pub struct Changes {
    /// What is new.
    pub added: Vec<Change>,
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
        let Some(new) = self.entries(objects, path, new) else { return };
        let old: Vec<Vec<Entry>> = old.iter().filter_map(|&id| self.entries(objects, path, Some(id))).collect();
        for entry in &new {
            let before: Vec<&Entry> = old.iter().filter_map(|tree| find(tree, entry)).collect();
            if before.iter().any(|before| before.id == entry.id && before.kind == entry.kind) {
                continue;
            }
            let of_kind = |kind| before.iter().filter(move |before| before.kind == kind).map(|before| before.id);
            let length = enter(path, &entry.name);
            match entry.kind {
                EntryKind::Blob => {
                    let replaces = of_kind(EntryKind::Blob).collect();
                    self.added.push(Change { path: path.clone(), id: entry.id, replaces });
                }
                EntryKind::Tree => {
                    let trees: Vec<ObjectId> = of_kind(EntryKind::Tree).collect();
                    self.between(objects, path, Some(entry.id), &trees);
                }
                EntryKind::Submodule => {}
            }
            path.truncate(length);
        }
        for entry in old.iter().flatten().filter(|entry| find(&new, entry).is_none()) {
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
        objects.tree(id).map_err(|reason| self.skipped.push((path.clone(), reason))).ok()
    }

    /// Notes what an entry that is gone held.
    pub(super) fn lost(&mut self, objects: &mut Objects, path: &mut BString, entry: &Entry) {
        match entry.kind {
            EntryKind::Blob => self.gone.entry(entry.name.clone()).or_default().push(entry.id),
            EntryKind::Tree => {
                let length = enter(path, &entry.name);
                for entry in self.entries(objects, path, Some(entry.id)).unwrap_or_default() {
                    self.lost(objects, path, &entry);
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
            let name = change.path.rsplit_str("/").next().unwrap_or_default();
            change.replaces = gone.get(name.as_bstr()).cloned().unwrap_or_default();
        }
        self.added.sort_by(|a, b| a.path.cmp(&b.path));
    }
}

/// The entry of the same name; trees sort as if their names ended in `/`, so that a file and a folder lie apart.
fn find<'t>(tree: &'t [Entry], wanted: &Entry) -> Option<&'t Entry> {
    tree.iter().find(|entry| entry.name == wanted.name)
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
