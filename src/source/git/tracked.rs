//! Which files git tracks although it ignores them: those are read whatever the ignore files say.

use std::path::{Path, PathBuf};

use gix::bstr::{BStr, BString, ByteSlice};
use gix::index::entry::Mode;

use super::{EntryKind, Error, ObjectId, Objects, cause};
use crate::source::SkipReason;
use crate::source::ignored::Unknown;

/// The index of a repository, asked by path.
pub(in crate::source) struct Tracked {
    root: PathBuf,
    index: gix::index::File,
    repo: gix::ThreadSafeRepository,
}

impl std::fmt::Debug for Tracked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tracked({})", self.root.display())
    }
}

impl Tracked {
    /// Of the repository whose work tree is `root`; none if nothing was ever staged in it.
    pub(in crate::source) fn open(root: &Path) -> Result<Option<Self>, Unknown> {
        let place = root.join(".git");
        let is_missing = |name: &str| {
            let found = place.join(name).symlink_metadata();
            found.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
        };
        // To git, too, a folder of this name without a HEAD is no repository.
        if place.is_dir() && is_missing("HEAD") && is_missing("index") {
            return Ok(None);
        }
        if let Some((path, wrong)) = super::guard::obstacle(root) {
            return Err(Unknown { path, why: format!("{wrong}; the repository is not opened") });
        }
        let repo = super::options().open_path_as_is(false).open(root).map_err(|error| {
            let why = format!("the repository can't be opened: {}", cause(&error));
            Unknown { path: place, why }
        })?;
        let index = super::index::own(&repo.to_thread_local()).map_err(|error| match error {
            Error::Index { path, reason } => Unknown { path, why: format!("the index can't be read: {reason}") },
            error => Unknown { path: root.join(".git"), why: error.to_string() },
        })?;
        Ok(index.map(|index| Self { root: root.to_path_buf(), index, repo }))
    }

    /// Whether a file is tracked, or for a folder, whether anything in it is.
    pub(in crate::source) fn holds(&self, path: &Path, folder: bool) -> Result<bool, Unknown> {
        let Ok(inside) = path.strip_prefix(&self.root) else { return Ok(false) };
        let mut name = BString::from(inside.as_os_str().as_encoded_bytes());
        if cfg!(windows) {
            name = name.replace(b"\\", b"/").into();
        }
        let held = if folder {
            name.push(b'/');
            self.index.prefixed_entries_range(name.as_ref()).is_some()
        } else {
            self.index.entry_by_path(name.as_ref()).is_some()
        };
        if held || !self.index.is_sparse() {
            return Ok(held);
        }
        let name = name.strip_suffix(b"/").unwrap_or(&name).as_bstr();
        self.holds_in_tree(name).map_err(|reason| Unknown {
            path: self.index.path().to_path_buf(),
            why: format!("a folder of the sparse index can't be read: {reason}"),
        })
    }

    /// Whether a folder that a sparse index has as one entry, `folder/`, holds a path in its tree.
    fn holds_in_tree(&self, name: &BStr) -> Result<bool, SkipReason> {
        for slash in name.find_iter(b"/") {
            let folder = self.index.entry_by_path(name[..=slash].as_bstr());
            if let Some(entry) = folder.filter(|entry| entry.mode == Mode::DIR) {
                let mut objects = Objects { repo: self.repo.to_thread_local(), buffer: Vec::new() };
                return has(&mut objects, entry.id, name[slash + 1..].as_bstr());
            }
        }
        Ok(false)
    }
}

fn has(objects: &mut Objects, tree: ObjectId, path: &BStr) -> Result<bool, SkipReason> {
    let mut tree = Some(tree);
    for name in path.split_str("/") {
        let Some(id) = tree else { return Ok(false) };
        let Some(entry) = objects.tree(id)?.into_iter().find(|entry| entry.name == name) else { return Ok(false) };
        tree = (entry.kind == EntryKind::Tree).then_some(entry.id);
    }
    Ok(true)
}
