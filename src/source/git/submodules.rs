//! The repositories that a work tree holds as submodules.

use std::path::{Component, Path};

use gix::bstr::ByteSlice;
use gix::index::entry::Mode;

use super::Repository;

/// A submodule.
#[derive(Debug)]
pub struct Submodule {
    /// Its path in the work tree.
    pub path: String,
    /// Its repository, if it is here.
    pub repository: Option<Repository>,
}

/// Submodules within submodules beyond this depth are not looked for.
const DEPTH: usize = 10;

impl Repository {
    /// All submodules that the index names, those of submodules too.
    #[must_use]
    pub fn submodules(&self) -> Vec<Submodule> {
        let mut all = Vec::new();
        self.submodules_below("", DEPTH, &mut all);
        all
    }

    fn submodules_below(&self, prefix: &str, depth: usize, all: &mut Vec<Submodule>) {
        let repo = self.shared.to_thread_local();
        let Some(root) = repo.workdir().and_then(|root| root.canonicalize().ok()) else { return };
        let Ok(Some(index)) = super::index::own(&repo) else { return };
        for entry in index.entries().iter().filter(|entry| entry.mode == Mode::COMMIT) {
            let inside = entry.path(&index).to_str_lossy().into_owned();
            let repository = within(&root, &inside);
            let path = format!("{prefix}{inside}");
            if let Some(repository) = repository.as_ref().filter(|_| depth > 0) {
                repository.submodules_below(&format!("{path}/"), depth - 1, all);
            }
            all.push(Submodule { path, repository });
        }
    }
}

/// The repository at a path of the work tree. The path is the repository's word: it must stay inside.
fn within(root: &Path, inside: &str) -> Option<Repository> {
    let plain = Path::new(inside).components().all(|part| matches!(part, Component::Normal(name) if name != ".git"));
    let place = root.join(inside).canonicalize().ok()?;
    if !plain || !place.starts_with(root) || place == root || place.join(".git").symlink_metadata().is_err() {
        return None;
    }
    Repository::open(Some(&place)).ok()
}
