//! Which files git tracks although it ignores them: those are read whatever the ignore files say.

use std::path::{Path, PathBuf};

use gix::bstr::{BString, ByteSlice};

/// The index of a repository, asked by path.
pub(in crate::source) struct Tracked {
    root: PathBuf,
    index: gix::index::File,
}

impl std::fmt::Debug for Tracked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tracked({})", self.root.display())
    }
}

impl Tracked {
    /// Of the repository whose work tree is `root`.
    pub(in crate::source) fn open(root: &Path) -> Option<Self> {
        if super::guard::obstacle(root).is_some() {
            return None;
        }
        let repo = super::options().open_path_as_is(false).open(root).ok()?.to_thread_local();
        Some(Self { root: root.to_path_buf(), index: super::index::own(&repo).ok()?? })
    }

    /// Whether a file is tracked, or for a folder, whether anything in it is.
    pub(in crate::source) fn holds(&self, path: &Path, folder: bool) -> bool {
        let Ok(inside) = path.strip_prefix(&self.root) else { return false };
        let mut name = BString::from(inside.as_os_str().as_encoded_bytes());
        if cfg!(windows) {
            name = name.replace(b"\\", b"/").into();
        }
        if !folder {
            return self.index.entry_by_path(name.as_ref()).is_some();
        }
        name.push(b'/');
        self.index.prefixed_entries_range(name.as_ref()).is_some()
    }
}
