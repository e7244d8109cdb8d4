//! What git does with a file of a work tree: a leak that is committed, one that the next `git add .` commits, and one that
//! stays where it is are three different things.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ignored::Scope;

/// What git does with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is committed, or will be with the next commit.
    Tracked,
    /// It is neither tracked nor ignored.
    Untracked,
    /// It is ignored.
    Ignored,
}

/// Answers for many files; what was read of a folder is kept.
#[derive(Debug, Default)]
pub struct Statuses {
    scopes: HashMap<PathBuf, Arc<Scope>>,
}

impl Statuses {
    /// What git does with a file; None if it lies in no repository, or if that can't be known.
    pub fn of(&mut self, path: &Path) -> Option<Status> {
        let path = path.canonicalize().ok()?;
        let scope = self.scope(path.parent()?);
        scope.status(&path)
    }

    fn scope(&mut self, folder: &Path) -> Arc<Scope> {
        if let Some(scope) = self.scopes.get(folder) {
            return Arc::clone(scope);
        }
        let above = folder.parent().map_or_else(Scope::personal, |parent| self.scope(parent));
        let (ignored, _) = above.judge_folder(folder);
        let scope = above.enter(folder, ignored).unwrap_or(above);
        self.scopes.insert(folder.to_path_buf(), Arc::clone(&scope));
        scope
    }
}
