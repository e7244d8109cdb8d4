//! Walks trees in parallel and names each file that is to be read, once. What is left out is named too.
//!
//! The walker is `ignore`'s, with all of its own filters off: what it hides it does not name, and it opens ignore files
//! of any kind (see `ignored`). Links are not followed, except one that was given as a target.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, RwLock};

use ignore::gitignore::Gitignore;
use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

use super::ignored::{Scope, Unknown, is_repository_data, patterns};
use super::{Origin, SkipReason, Skipped, kinds, read};

/// How a walk goes.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Read what git ignores too.
    pub no_ignore: bool,
    /// What the user excludes, as lines of gitignore's language.
    pub exclude: Vec<String>,
    /// If there are any, only files that match are read; the same language.
    pub only: Vec<String>,
    /// The folder that `exclude` and `only` are relative to; each target, if there is none.
    pub root: Option<PathBuf>,
}

/// Takes what a walk finds. Each thread has its own.
pub trait Visitor: Send {
    /// A file to read: where it is, and how it is shown.
    fn file(&mut self, path: &Path, shown: &[u8]);
    /// Something that is left out.
    fn skip(&mut self, skipped: Skipped);
}

/// Where a walk begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The real place, free of links and dots.
    pub path: PathBuf,
    /// How it is shown; empty for the current folder.
    pub shown: Vec<u8>,
    /// It is a folder.
    pub folder: bool,
}

impl Target {
    /// What a path on the command line means. Links are followed: the path was given by the user, not by the tree.
    pub fn resolve(typed: &Path) -> Result<Self, Skipped> {
        let shown = show(typed);
        let skipped = |reason| Skipped { origin: Origin::file(shown_or_dot(&shown)), reason };
        let path = typed.canonicalize().map_err(|error| skipped(read::unreadable(&error)))?;
        let found = path.symlink_metadata().map_err(|error| skipped(read::unreadable(&error)))?;
        if !found.is_dir() && !found.is_file() {
            let remedy = "a pipe, device or socket is not opened; feed it to `stopleak scan -`";
            return Err(skipped(SkipReason::Unreadable(remedy.to_owned())));
        }
        Ok(Self { folder: found.is_dir(), path, shown })
    }
}

/// A path as typed, without `.` parts, relative to the current folder if it lies in it, with `/` between names.
fn show(typed: &Path) -> Vec<u8> {
    let here = std::env::current_dir().ok();
    let inside = here.and_then(|here| typed.strip_prefix(here).ok().map(Path::to_path_buf));
    let mut shown = Vec::new();
    for part in inside.as_deref().unwrap_or(typed).components() {
        if part != Component::CurDir {
            push_name(&mut shown, part.as_os_str());
        }
    }
    shown
}

fn shown_or_dot(shown: &[u8]) -> Vec<u8> {
    if shown.is_empty() { b".".to_vec() } else { shown.to_vec() }
}

fn push_name(shown: &mut Vec<u8>, name: &OsStr) {
    if !shown.is_empty() && !shown.ends_with(b"/") {
        shown.push(b'/');
    }
    let bytes = name.as_encoded_bytes();
    if cfg!(windows) {
        shown.extend(bytes.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }));
    } else {
        shown.extend_from_slice(bytes);
    }
}

/// The targets without those named twice; the second value holds the places where a walk of one target must stop,
/// because another target begins there.
#[must_use]
pub fn distinct(targets: Vec<Target>) -> (Vec<Target>, HashSet<PathBuf>) {
    let mut seen = HashSet::new();
    let targets: Vec<Target> = targets.into_iter().filter(|target| seen.insert(target.path.clone())).collect();
    let within =
        |path: &Path| targets.iter().any(|other| other.folder && other.path != path && path.starts_with(&other.path));
    seen.retain(|path| within(path));
    (targets, seen)
}

/// Walks one folder. `visitors` is called once a thread.
pub fn walk<'s>(
    target: &'s Target,
    borders: &'s HashSet<PathBuf>,
    options: &'s Options,
    visitors: &'s (dyn Fn() -> Box<dyn Visitor + 's> + Sync),
) {
    let base = options.root.as_deref().unwrap_or(&target.path);
    let root = Root {
        target,
        borders,
        no_ignore: options.no_ignore,
        exclude: patterns(base, options.exclude.iter().map(String::as_str)),
        only: patterns(base, options.only.iter().map(String::as_str)),
        above: if options.no_ignore { Arc::default() } else { Scope::above(&target.path) },
        scopes: RwLock::default(),
    };
    let mut builder = WalkBuilder::new(&target.path);
    builder.standard_filters(false).follow_links(false).threads(options.threads);
    builder.build_parallel().visit(&mut Builder { root: &root, visitors });
}

/// What all threads of a walk share.
struct Root<'s> {
    target: &'s Target,
    borders: &'s HashSet<PathBuf>,
    no_ignore: bool,
    exclude: Option<Gitignore>,
    only: Option<Gitignore>,
    above: Arc<Scope>,
    /// The folders in which other rules hold than in their parents.
    scopes: RwLock<HashMap<PathBuf, Arc<Scope>>>,
}

impl Root<'_> {
    /// The rules that hold in a folder.
    fn scope(&self, folder: &Path) -> Arc<Scope> {
        let scopes = self.scopes.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        let own = folder.ancestors().take_while(|path| path.starts_with(&self.target.path));
        own.filter_map(|path| scopes.get(path)).next().map_or_else(|| Arc::clone(&self.above), Arc::clone)
    }

    fn enter(&self, folder: &Path, from: &Arc<Scope>, ignored: bool) {
        if let Some(scope) = from.enter(folder, ignored) {
            let mut scopes = self.scopes.write().unwrap_or_else(std::sync::PoisonError::into_inner);
            scopes.insert(folder.to_path_buf(), scope);
        }
    }
}

struct Builder<'w, 's> {
    root: &'w Root<'s>,
    visitors: &'s (dyn Fn() -> Box<dyn Visitor + 's> + Sync),
}

impl<'w, 's: 'w> ParallelVisitorBuilder<'w> for Builder<'w, 's> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 'w> {
        let here = (PathBuf::new(), Arc::clone(&self.root.above));
        Box::new(Walker { root: self.root, visitor: (self.visitors)(), here, shown: Vec::new() })
    }
}

/// One thread of a walk.
struct Walker<'w, 's> {
    root: &'w Root<'s>,
    visitor: Box<dyn Visitor + 's>,
    /// The folder of the last entry and its rules: most entries come from the same folder as the one before.
    here: (PathBuf, Arc<Scope>),
    /// Reused for the path as it is shown.
    shown: Vec<u8>,
}

impl ParallelVisitor for Walker<'_, '_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        match entry {
            Ok(entry) => self.entry(&entry),
            Err(error) => {
                self.error(&error);
                WalkState::Continue
            }
        }
    }
}

impl Walker<'_, '_> {
    fn entry(&mut self, entry: &DirEntry) -> WalkState {
        let path = entry.path();
        if entry.depth() == 0 {
            let above = Arc::clone(&self.root.above);
            if !self.root.no_ignore {
                self.root.enter(path, &above, false);
            }
            return WalkState::Continue;
        }
        if !self.root.borders.is_empty() && self.root.borders.contains(path) {
            return WalkState::Skip;
        }
        let Some(kind) = entry.file_type() else { return WalkState::Continue };
        if self.root.exclude.as_ref().is_some_and(|exclude| exclude.matched(path, kind.is_dir()).is_ignore()) {
            return self.skip(path, SkipReason::Unwanted);
        }
        if kind.is_dir() {
            return self.folder(path, entry.file_name());
        }
        if kind.is_symlink() {
            return self.skip(path, SkipReason::Link);
        }
        if !kind.is_file() {
            return self.skip(path, SkipReason::Special);
        }
        if self.root.only.as_ref().is_some_and(|only| !only.matched_path_or_any_parents(path, false).is_ignore()) {
            return self.skip(path, SkipReason::Unwanted);
        }
        if !self.root.no_ignore && !kinds::bears_credentials(entry.file_name().as_encoded_bytes()) {
            let scope = self.scope(path);
            if scope.ignores_file(path) {
                return self.leave_out(path, &scope);
            }
        }
        self.show(path);
        self.visitor.file(path, &self.shown);
        WalkState::Continue
    }

    fn folder(&mut self, path: &Path, name: &OsStr) -> WalkState {
        if name == ".git" && is_repository_data(path) {
            return self.skip(path, SkipReason::Excluded);
        }
        if self.root.no_ignore {
            return WalkState::Continue;
        }
        let scope = self.scope(path);
        let (ignored, tracked) = scope.judge_folder(path);
        if ignored && !tracked && (kinds::is_bulk(name.as_encoded_bytes()) || path.join("CACHEDIR.TAG").exists()) {
            return self.leave_out(path, &scope);
        }
        self.root.enter(path, &scope, ignored);
        WalkState::Continue
    }

    /// The rules that hold where an entry lies.
    fn scope(&mut self, path: &Path) -> Arc<Scope> {
        let folder = path.parent().unwrap_or(path);
        if self.here.0 != folder {
            self.here = (folder.to_path_buf(), self.root.scope(folder));
        }
        Arc::clone(&self.here.1)
    }

    /// Leaves out what git ignores. If git may track it all the same, that is told.
    fn leave_out(&mut self, path: &Path, scope: &Scope) -> WalkState {
        if let Some(Unknown { path, why }) = scope.unknown() {
            let follows = "which of the ignored files git tracks isn't known, so they were left out";
            let reason = SkipReason::Unreadable(format!("{why}; {follows} (`--no-ignore` reads them)"));
            self.skip(path, reason);
        }
        self.skip(path, SkipReason::Excluded)
    }

    fn show(&mut self, path: &Path) {
        self.shown.clear();
        match path.strip_prefix(&self.root.target.path) {
            Ok(inside) => {
                self.shown.extend_from_slice(&self.root.target.shown);
                push_name(&mut self.shown, inside.as_os_str());
            }
            // The repository of a folder that was named.
            Err(_) => self.shown = show(path),
        }
    }

    fn skip(&mut self, path: &Path, reason: SkipReason) -> WalkState {
        self.show(path);
        self.visitor.skip(Skipped { origin: Origin::file(shown_or_dot(&self.shown)), reason });
        WalkState::Skip
    }

    fn error(&mut self, error: &ignore::Error) {
        let reason = match error.io_error() {
            Some(error) => read::unreadable(error),
            None => SkipReason::Unreadable(error.to_string()),
        };
        let place = place_of(error).unwrap_or(&self.root.target.path).to_path_buf();
        self.skip(&place, reason);
    }
}

/// The path that an error speaks of.
fn place_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => place_of(err),
        ignore::Error::Partial(all) => all.iter().find_map(place_of),
        _ => None,
    }
}
