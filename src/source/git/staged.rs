//! What the next commit adds: the index against HEAD.
//!
//! Inside `git commit -a` and `git commit -- path` git names another index in its environment; that one is read.

use std::collections::HashSet;

use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::entry::{Flags, Mode, Stage};
use gix::index::extension::Tree as Cached;

use super::changes::{ByName, Change, Changes, enter};
use super::refs::Storage;
use super::{
    Entry, EntryKind, Error, ObjectId, Objects, Repository, Selection, SkipReason, Skipped, Text, cause, index,
};
use crate::source::Origin;

/// The staged files that differ from HEAD (and in a merge, from what is merged).
pub fn staged(repository: &Repository) -> Result<Selection, Error> {
    let mut objects = repository.reader();
    let index = match index::next_commit(&objects.repo)? {
        Some(index) => index.into(),
        None if objects.repo.workdir().is_none() => {
            return Err(Error::Bare { path: objects.repo.git_dir().to_path_buf() });
        }
        None => gix::index::State::new(objects.hash()),
    };
    let mut walk = Walk { index: &index, changes: Changes::default() };
    // Where nobody knows HEAD, everything in the index is new; that it is so is told.
    let (head, notes) = match head_tree(&objects) {
        Ok(head) => (head, Vec::new()),
        Err(Error::Unreadable { part, reason }) => {
            (None, vec![format!("{part} can't be read ({reason}): everything in the index was taken for new")])
        }
        Err(error) => return Err(error),
    };
    walk.folder(&mut objects, &mut BString::default(), head, index.tree(), 0..index.entries().len());
    let mut changes = walk.changes;
    changes.settle();
    let merged = merge_heads(&mut objects);
    let names: Vec<Text> = changes.named.iter().map(|path| Text::name(path.as_ref(), None)).collect();
    let texts = changes.added.into_iter().filter_map(|change| beside_merged(&mut objects, change, &merged));
    let texts = texts.chain(names).collect();
    let skip = |(path, reason): (BString, SkipReason)| Skipped { origin: Origin::file(path), reason };
    Ok(Selection { texts, skipped: changes.skipped.into_iter().map(skip).collect(), notes })
}

/// The tree of HEAD; none before the first commit.
pub(super) fn head_tree(objects: &Objects) -> Result<Option<ObjectId>, Error> {
    let unreadable = |reason| Error::Unreadable { part: "HEAD", reason };
    let Some(id) = Storage::of(&objects.repo).head(&objects.repo).map_err(unreadable)? else { return Ok(None) };
    let commit = objects.repo.find_commit(id).map_err(|error| unreadable(cause(&error)))?;
    commit.tree_id().map(|id| Some(id.detach())).map_err(|error| unreadable(cause(&error)))
}

/// The trees of the commits that a merge under way brings in.
fn merge_heads(objects: &mut Objects) -> Vec<ObjectId> {
    let path = objects.repo.git_dir().join("MERGE_HEAD");
    let Ok(text) = crate::source::read::small(&path, 1 << 20) else { return Vec::new() };
    let ids: Vec<ObjectId> = text.lines().filter_map(|line| ObjectId::from_hex(line.trim()).ok()).collect();
    ids.into_iter().filter_map(|id| objects.commit(id).ok()).map(|commit| commit.tree).collect()
}

/// Leaves out what a merge takes over as it is, and counts what it stems from among the replaced.
fn beside_merged(objects: &mut Objects, mut change: Change, merged: &[ObjectId]) -> Option<Text> {
    for &tree in merged {
        if let Some(id) = blob_at(objects, tree, change.path.as_ref()) {
            if id == change.id {
                return None;
            }
            change.replaces.push(id);
        }
    }
    Some(Text::file(change.path.as_ref(), change.id, change.replaces, None))
}

/// The blob at a path of a tree.
pub(super) fn blob_at(objects: &mut Objects, tree: ObjectId, path: &BStr) -> Option<ObjectId> {
    let mut id = tree;
    for name in path.split_str("/") {
        id = objects.tree(id).ok()?.into_iter().find(|entry| entry.name == name)?.id;
    }
    Some(id)
}

struct Walk<'i> {
    index: &'i gix::index::State,
    changes: Changes,
}

impl Walk<'_> {
    /// Compares the entries `range` of the index, all below `path`, with a tree of HEAD. `cached` is what the index
    /// remembers of the tree it was written from: unchanged folders are not looked into.
    fn folder(
        &mut self,
        objects: &mut Objects,
        path: &mut BString,
        tree: Option<ObjectId>,
        cached: Option<&Cached>,
        range: std::ops::Range<usize>,
    ) {
        let is_same = |cached: &Cached| cached.num_entries.is_some() && Some(cached.id) == tree;
        if cached.is_some_and(is_same) {
            return;
        }
        // Of a folder that HEAD has and that can't be read, everything counts as new.
        let old = self.changes.entries(objects, path, tree).unwrap_or_default();
        if self.changes.is_full() {
            return;
        }
        let (entries, names) = (self.index.entries(), self.index);
        let skip = if path.is_empty() { 0 } else { path.len() + 1 };
        let by_name = ByName::new(&old);
        let mut seen = HashSet::new();
        let mut at = range.start;
        while at < range.end {
            let entry = &entries[at];
            let rest = entry.path(names).get(skip..).unwrap_or_default().as_bstr();
            let folder = rest.find_byte(b'/').map(|end| rest[..end].as_bstr());
            let name = folder.unwrap_or(rest);
            let before = by_name.get(name);
            seen.insert(name);
            let length = enter(path, name);
            if before.is_none() && (folder.is_none() || entry.mode != Mode::DIR) {
                self.changes.named.push(path.clone());
            }
            if folder.is_some() && entry.mode != Mode::DIR {
                let inside = |entry: &gix::index::Entry| {
                    let full = entry.path(names);
                    full.starts_with(path) && full.get(path.len()) == Some(&b'/')
                };
                let count = entries[at..range.end].iter().take_while(|entry| inside(entry)).count().max(1);
                let tree = before.filter(|before| before.kind == EntryKind::Tree).map(|before| before.id);
                let cached = cached
                    .and_then(|cached| cached.children.iter().find(|child| child.name.as_slice() == name.as_bytes()));
                let range = at..at + count;
                self.deeper(path, |walk, path| walk.folder(objects, path, tree, cached, range));
                at += count;
            } else {
                self.entry(objects, path, entry, before);
                at += 1;
            }
            path.truncate(length);
        }
        for entry in old.iter().filter(|old| !seen.contains(old.name.as_bstr())) {
            self.changes.lost(objects, path, entry);
        }
    }

    /// See [`Changes::deeper`].
    fn deeper(&mut self, path: &mut BString, look: impl FnOnce(&mut Self, &mut BString)) {
        if self.changes.enters(path) {
            look(self, path);
            self.changes.leaves();
        }
    }

    /// Compares one entry of the index.
    fn entry(&mut self, objects: &mut Objects, path: &mut BString, entry: &gix::index::Entry, before: Option<&Entry>) {
        let waits = entry.flags.contains(Flags::INTENT_TO_ADD) || entry.stage() == Stage::Base;
        if waits || entry.mode == Mode::COMMIT || before.is_some_and(|before| before.id == entry.id) {
            return;
        }
        if entry.mode == Mode::DIR {
            // A folder of a sparse index: a tree of its own.
            let old: Vec<ObjectId> = before.map(|before| before.id).into_iter().collect();
            self.changes.between(objects, path, Some(entry.id), &old);
            return;
        }
        let replaces = before.filter(|before| before.kind == EntryKind::Blob).map(|before| before.id);
        self.changes.added.push(Change { path: path.clone(), id: entry.id, replaces: replaces.into_iter().collect() });
    }
}
