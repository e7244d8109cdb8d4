//! Folders of objects that a repository borrows: `objects/info/alternates` names them, and each may name others.
//!
//! gix takes what a borrowed folder names for relative to the repository's own, and opens nothing where they go in a circle.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::cause;
use crate::source::{SkipReason, read};

/// Folders that name folders beyond this depth are not followed, as git does it.
const DEPTH: usize = 5;

/// Bytes beyond which a list of folders is not read, and folders beyond which no more are.
const LIMIT: u64 = 1 << 20;
const FOLDERS: usize = 1000;

/// What relative paths in a borrowed folder's list start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// That folder, as for git.
    Itself,
    /// The repository's own, as for gix.
    Main,
}

/// What a repository borrows.
#[derive(Debug, Default)]
pub(super) struct Borrowed {
    /// The folders, each once.
    pub(super) folders: Vec<PathBuf>,
    /// Lists that could not be followed, and why.
    pub(super) failed: Vec<(PathBuf, SkipReason)>,
}

impl Borrowed {
    /// Follows the lists from a repository's folder of objects. Nothing but regular files is opened.
    pub(super) fn of(main: &Path, base: Base) -> Self {
        let mut all = Self::default();
        let mut seen: BTreeSet<PathBuf> = main.canonicalize().into_iter().collect();
        // The folders on the way to each are there to tell a circle from what two of them borrow.
        let mut stack: Vec<(PathBuf, Vec<PathBuf>)> = vec![(main.to_path_buf(), seen.iter().cloned().collect())];
        while let Some((folder, way)) = stack.pop() {
            let list = folder.join("info/alternates");
            let named = match named(&list) {
                Ok(named) => named,
                Err(reason) => {
                    all.failed.push((list, reason));
                    continue;
                }
            };
            let limits = [
                (way.len() > DEPTH + 1, "too many folders that name each other"),
                (all.folders.len() + named.len() > FOLDERS, "too many folders"),
            ];
            if let Some((_, why)) = limits.iter().find(|(hit, _)| *hit && !named.is_empty()) {
                all.failed.push((list, SkipReason::Limit((*why).to_owned())));
                continue;
            }
            for path in named {
                let path = if base == Base::Main { main.join(path) } else { folder.join(path) };
                match path.canonicalize() {
                    Ok(real) if way.contains(&real) => {
                        let why = format!("{} is named in a circle", path.display());
                        all.failed.push((list.clone(), SkipReason::Unreadable(why)));
                    }
                    Ok(real) if seen.insert(real.clone()) => {
                        all.folders.push(path.clone());
                        stack.push((path, way.iter().cloned().chain([real]).collect()));
                    }
                    Ok(_) => {}
                    Err(error) => {
                        let why = format!("{}: {}", path.display(), error.kind());
                        all.failed.push((list.clone(), SkipReason::Unreadable(why)));
                    }
                }
            }
        }
        all
    }
}

/// The folders that a list names; none if there is no list.
fn named(list: &Path) -> Result<Vec<PathBuf>, SkipReason> {
    let unreadable = |why: String| SkipReason::Unreadable(why);
    let real = match list.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !list.is_symlink() => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let bytes = match read::small(&real, LIMIT) {
        Err(reason @ SkipReason::Special) => return Err(unreadable(reason.to_string())),
        other => other?,
    };
    gix::odb::alternate::parse(&bytes).map_err(|error| unreadable(cause(&error)))
}
