//! What `.gitignore` says of a path. The matching is the `ignore` crate's; the files are read here, because that crate
//! opens whatever bears the name: a FIFO or a device called `.gitignore` would hold the scan up for ever.
//!
//! As for git, the rules count only inside a repository: what nobody can commit by accident has no reason to be hidden.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::read;
use super::status::Status;

/// Bytes beyond which an ignore file is not obeyed: nothing real is longer, and patterns cost memory.
const IGNORE_FILE_LIMIT: u64 = 1 << 20;

/// The rules that hold in a folder: its own, then its parent's.
#[derive(Debug, Default)]
pub(super) struct Scope {
    repository: Option<Arc<WorkTree>>,
    parent: Option<Arc<Scope>>,
    rules: Option<Gitignore>,
    /// The folder itself is ignored; it was entered for the sake of credential-bearing files.
    ignored: bool,
}

impl Scope {
    /// The rules that hold in `folder`, the root of a walk, from the folders above it.
    pub(super) fn above(folder: &Path) -> Arc<Self> {
        let none = Arc::new(Self::default());
        if has_repository(folder) {
            return none;
        }
        let above: Vec<&Path> = folder.ancestors().skip(1).take_while(|path| !path.as_os_str().is_empty()).collect();
        let Some(top) = above.iter().position(|path| has_repository(path)) else { return none };
        above[..=top].iter().rev().fold(none, |scope, path| scope.enter(path, false).unwrap_or(scope))
    }

    /// The rules that hold in `folder`, if they differ from those of its parent folder.
    pub(super) fn enter(self: &Arc<Self>, folder: &Path, ignored: bool) -> Option<Arc<Self>> {
        let begins = has_repository(folder);
        let new = || Arc::new(WorkTree { root: folder.to_path_buf(), tracked: OnceLock::new() });
        let repository = if begins { Some(new()) } else { self.repository.clone() };
        let ignored = ignored || self.ignored;
        let mut parent = Arc::clone(self);
        if begins {
            // Another repository: the outer one's rules say nothing of what this one tracks.
            let rules = load(folder, &folder.join(".git/info/exclude"));
            parent = Arc::new(Self { repository: repository.clone(), parent: None, rules, ignored });
        }
        let rules = repository.as_ref().and_then(|_| load(folder, &folder.join(".gitignore")));
        let differs = begins || rules.is_some() || ignored != self.ignored;
        differs.then(|| Arc::new(Self { repository, parent: Some(parent), rules, ignored }))
    }

    /// Whether a file of this folder is ignored, and not tracked all the same.
    pub(super) fn ignores_file(&self, path: &Path) -> bool {
        self.is_matched(path, false) && !self.tracks(path, false)
    }

    /// Whether a folder in this folder is ignored, and if so, whether it holds tracked files all the same.
    pub(super) fn judge_folder(&self, path: &Path) -> (bool, bool) {
        let ignored = self.is_matched(path, true);
        (ignored, ignored && self.tracks(path, true))
    }

    /// What git does with a file of this folder. Without the feature `git` nobody knows.
    pub(super) fn status(&self, path: &Path) -> Option<Status> {
        self.repository.as_ref().filter(|_| cfg!(feature = "git"))?;
        Some(match (self.tracks(path, false), self.is_matched(path, false)) {
            (true, _) => Status::Tracked,
            (false, true) => Status::Ignored,
            (false, false) => Status::Untracked,
        })
    }

    fn tracks(&self, path: &Path, folder: bool) -> bool {
        self.repository.as_ref().is_some_and(|tree| tree.tracks(path, folder))
    }

    /// Whether the rules exclude a path of this folder.
    fn is_matched(&self, path: &Path, folder: bool) -> bool {
        if self.ignored {
            return true;
        }
        let mut scope = Some(self);
        while let Some(here) = scope {
            match here.rules.as_ref().map_or(Match::None, |rules| rules.matched(path, folder)) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => scope = here.parent.as_deref(),
            }
        }
        false
    }
}

/// The work tree of a repository. Its index is read when the first ignored path asks for it.
#[derive(Debug)]
struct WorkTree {
    root: PathBuf,
    #[cfg_attr(not(feature = "git"), expect(dead_code))]
    tracked: OnceLock<Option<Tracked>>,
}

#[cfg(feature = "git")]
use super::git::Tracked;

/// Without the feature `git` nobody knows what is tracked.
#[cfg(not(feature = "git"))]
type Tracked = std::convert::Infallible;

impl WorkTree {
    #[cfg(feature = "git")]
    fn tracks(&self, path: &Path, folder: bool) -> bool {
        self.tracked.get_or_init(|| Tracked::open(&self.root)).as_ref().is_some_and(|index| index.holds(path, folder))
    }

    #[cfg(not(feature = "git"))]
    fn tracks(&self, path: &Path, _: bool) -> bool {
        debug_assert!(path.starts_with(&self.root));
        false
    }
}

/// Whether a repository begins in this folder. A link or a device called `.git` makes none.
fn has_repository(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(".git")).is_ok_and(|found| found.is_dir() || found.is_file())
}

/// Whether this is a repository's own data, to be left out of a walk. A folder that merely bears the name is no such
/// thing: nothing can be hidden in it.
pub(super) fn is_repository_data(folder: &Path) -> bool {
    let is_file = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok_and(|found| !found.is_dir());
    let is_folder = |name: &str| fs::symlink_metadata(folder.join(name)).is_ok_and(|found| found.is_dir());
    is_file("HEAD") && (is_folder("objects") || is_file("commondir")) && (is_folder("refs") || is_file("commondir"))
}

fn load(folder: &Path, file: &Path) -> Option<Gitignore> {
    let text = read::small(file, IGNORE_FILE_LIMIT).ok()?;
    patterns(folder, String::from_utf8_lossy(&text).trim_start_matches('\u{feff}').lines())
}

/// A matcher of lines in gitignore's language; a line that is no pattern is left out.
pub(super) fn patterns<'a>(root: &Path, lines: impl Iterator<Item = &'a str>) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new(root);
    for line in lines {
        let _ = builder.add_line(None::<PathBuf>, line);
    }
    builder.build().ok().filter(|rules| !rules.is_empty())
}

/// What the user wants read, for paths that are in no folder of this machine.
#[derive(Debug)]
pub struct PathFilter {
    exclude: Option<Gitignore>,
    only: Option<Gitignore>,
}

impl PathFilter {
    /// Of lines in gitignore's language: what is left out, and if there are any, what alone is read.
    #[must_use]
    pub fn new(exclude: &[String], only: &[String]) -> Self {
        let of = |lines: &[String]| patterns(Path::new(""), lines.iter().map(String::as_str));
        Self { exclude: of(exclude), only: of(only) }
    }

    /// Whether a file at this path, by itself or by a folder above it, is left out.
    #[must_use]
    pub fn excludes(&self, path: &[u8]) -> bool {
        if self.exclude.is_none() && self.only.is_none() {
            return false;
        }
        let path = String::from_utf8_lossy(path);
        let path = Path::new(path.trim_start_matches('/'));
        let matches = |rules: &Gitignore| {
            !path.as_os_str().is_empty() && rules.matched_path_or_any_parents(path, false).is_ignore()
        };
        self.exclude.as_ref().is_some_and(matches) || !self.only.as_ref().is_none_or(matches)
    }
}
