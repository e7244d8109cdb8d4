//! What `.gitignore` says of a path. `gitignore` matches as git does; the files are read here, regular ones only: a FIFO
//! or a device of that name would hold the scan up for ever. What users exclude and include is matched by the `ignore`
//! crate.
//!
//! As for git, the rules count only inside a repository: what nobody can commit by accident has no reason to be hidden.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
#[cfg(feature = "git")]
use std::sync::OnceLock;
#[cfg(feature = "git")]
use std::sync::atomic::{AtomicBool, Ordering};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

#[cfg(feature = "git")]
use super::git::{Tracked, settings};
use super::gitignore::Patterns;
use super::read;
use super::status::Status;

/// Bytes beyond which an ignore file is not obeyed: nothing real is longer, and patterns cost memory.
const IGNORE_FILE_LIMIT: u64 = 1 << 20;

/// The rules that hold in a folder: its own, then its parent's.
#[derive(Debug, Default)]
pub(super) struct Scope {
    repository: Option<Arc<WorkTree>>,
    parent: Option<Arc<Scope>>,
    rules: Option<Rules>,
    /// The folder itself is ignored; it was entered for the sake of credential-bearing files.
    ignored: bool,
    /// The user's own ignore file counts, too.
    personal: bool,
}

impl Scope {
    /// Where no rules hold yet, and the user's own will: for what is said of files. What is scanned must be the same on
    /// every machine.
    pub(super) fn personal() -> Arc<Self> {
        Arc::new(Self { personal: true, ..Self::default() })
    }

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
        let repository = if begins { Some(Arc::new(WorkTree::at(folder))) } else { self.repository.clone() };
        // A walk leaves out an ignored folder with a repository of its own; in there, only its own rules are true.
        let ignored = (ignored || self.ignored) && !(begins && self.personal);
        let scope = |rules, parent| Arc::new(Self { repository: repository.clone(), parent, rules, ignored, ..**self });
        let mut parent = Arc::clone(self);
        if let Some(tree) = repository.as_ref().filter(|_| begins) {
            // Another repository: the outer one's rules say nothing of what this one tracks.
            let own = self.personal.then(|| tree.own_excludes()).flatten();
            parent = scope(own.and_then(|file| tree.load(folder, &file)), None);
            let exclude = tree.common.as_ref().and_then(|common| tree.load(folder, &common.join("info/exclude")));
            parent = scope(exclude, Some(parent));
        }
        let rules = repository.as_ref().and_then(|tree| tree.load(folder, &folder.join(".gitignore")));
        let differs = begins || rules.is_some() || ignored != self.ignored;
        differs.then(|| scope(rules, Some(parent)))
    }

    /// Whether a file of this folder is ignored, and not known to be tracked all the same.
    pub(super) fn ignores_file(&self, path: &Path) -> bool {
        self.is_matched(path, false) && self.tracks(path, false) != Some(true)
    }

    /// Whether a folder in this folder is ignored, and if so, whether it is known to hold tracked files all the same.
    pub(super) fn judge_folder(&self, path: &Path) -> (bool, bool) {
        let ignored = self.is_matched(path, true);
        (ignored, ignored && self.tracks(path, true) == Some(true))
    }

    /// Why it was not known of an ignored path whether git tracks it. A repository tells it once.
    #[cfg(feature = "git")]
    pub(super) fn unknown(&self) -> Option<&Unknown> {
        let tree = self.repository.as_ref()?;
        tree.unknown.get().filter(|_| !tree.told.swap(true, Ordering::Relaxed))
    }

    /// Without the feature `git` it is never known.
    #[cfg(not(feature = "git"))]
    pub(super) fn unknown(&self) -> Option<&Unknown> {
        None
    }

    /// What git does with a file of this folder. Without the feature `git` nobody knows.
    pub(super) fn status(&self, path: &Path) -> Option<Status> {
        self.repository.as_ref().filter(|_| cfg!(feature = "git"))?;
        Some(match (self.tracks(path, false)?, self.is_matched(path, false)) {
            (true, _) => Status::Tracked,
            (false, true) => Status::Ignored,
            (false, false) => Status::Untracked,
        })
    }

    /// None if that is not known.
    fn tracks(&self, path: &Path, folder: bool) -> Option<bool> {
        self.repository.as_ref().map_or(Some(false), |tree| tree.tracks(path, folder))
    }

    /// Whether the rules exclude a path of this folder.
    fn is_matched(&self, path: &Path, folder: bool) -> bool {
        if self.ignored {
            return true;
        }
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some(said) = here.rules.as_ref().and_then(|rules| rules.ignores(path, folder)) {
                return said;
            }
            scope = here.parent.as_deref();
        }
        false
    }
}

/// The patterns of a file, for paths below a folder.
#[derive(Debug)]
struct Rules {
    folder: PathBuf,
    patterns: Patterns,
}

impl Rules {
    fn ignores(&self, path: &Path, folder: bool) -> Option<bool> {
        let inside = path.strip_prefix(&self.folder).ok()?.as_os_str().as_encoded_bytes();
        if cfg!(windows) {
            let inside: Vec<u8> = inside.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect();
            return self.patterns.ignores(&inside, folder);
        }
        self.patterns.ignores(inside, folder)
    }
}

/// Why it is not known what a repository tracks.
#[derive(Clone, Debug)]
pub(super) struct Unknown {
    /// What could not be read.
    pub(super) path: PathBuf,
    /// What is wrong with it.
    pub(super) why: String,
}

/// The work tree of a repository. Its index is read when the first ignored path asks for it.
#[derive(Debug)]
struct WorkTree {
    #[cfg_attr(not(feature = "git"), expect(dead_code))]
    root: PathBuf,
    /// The repository's folder; of a linked work tree, the folder that it has in common with the others.
    common: Option<PathBuf>,
    /// `A` and `a` are the same to the ignore files.
    fold: bool,
    #[cfg(feature = "git")]
    tracked: OnceLock<Result<Option<Tracked>, Unknown>>,
    #[cfg(feature = "git")]
    unknown: OnceLock<Unknown>,
    #[cfg(feature = "git")]
    told: AtomicBool,
}

impl WorkTree {
    fn at(root: &Path) -> Self {
        let common = common_folder(root);
        #[cfg(feature = "git")]
        let fold = common.as_ref().is_some_and(|common| settings::ignores_case(common));
        #[cfg(not(feature = "git"))]
        let fold = false;
        Self {
            root: root.to_path_buf(),
            common,
            fold,
            #[cfg(feature = "git")]
            tracked: OnceLock::new(),
            #[cfg(feature = "git")]
            unknown: OnceLock::new(),
            #[cfg(feature = "git")]
            told: AtomicBool::new(false),
        }
    }

    fn load(&self, folder: &Path, file: &Path) -> Option<Rules> {
        let text = read::small(file, IGNORE_FILE_LIMIT).ok()?;
        let patterns = Patterns::new(&text, self.fold);
        (!patterns.is_empty()).then(|| Rules { folder: folder.to_path_buf(), patterns })
    }
}

#[cfg(feature = "git")]
impl WorkTree {
    fn tracks(&self, path: &Path, folder: bool) -> Option<bool> {
        let said = match self.tracked.get_or_init(|| Tracked::open(&self.root)) {
            Ok(Some(tracked)) => tracked.holds(path, folder),
            Ok(None) => Ok(false),
            Err(unknown) => Err(unknown.clone()),
        };
        said.map_err(|unknown| drop(self.unknown.set(unknown))).ok()
    }

    /// The user's own ignore file, without links.
    fn own_excludes(&self) -> Option<PathBuf> {
        settings::own_excludes(&self.root, self.common.as_deref()?)?.canonicalize().ok()
    }
}

/// Without the feature `git` nobody knows what is tracked.
#[cfg(not(feature = "git"))]
impl WorkTree {
    fn tracks(&self, _: &Path, _: bool) -> Option<bool> {
        Some(false)
    }

    fn own_excludes(&self) -> Option<PathBuf> {
        None
    }
}

/// Bytes beyond which a file that names a folder is not believed.
const POINTER_LIMIT: u64 = 1 << 16;

/// Where a repository keeps what all of its work trees share. In a linked work tree and a submodule `.git` is a file.
fn common_folder(root: &Path) -> Option<PathBuf> {
    let named = |file: &Path| read::small(file, POINTER_LIMIT).ok();
    let path_of = |text: &[u8]| PathBuf::from(String::from_utf8_lossy(text).trim());
    let mut folder = root.join(".git");
    if !folder.is_dir() {
        folder = root.join(path_of(named(&folder)?.strip_prefix(b"gitdir:")?));
    }
    let common = named(&folder.join("commondir")).map(|text| folder.join(path_of(&text)));
    Some(common.unwrap_or(folder))
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
