//! The repositories of submodules: those that the work tree holds, and those that git keeps for paths that are not checked
//! out, or no more, or on another branch only.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use gix::bstr::ByteSlice;
use gix::index::entry::Mode;

use super::{ObjectId, Repository, guard};

/// A submodule.
#[derive(Debug)]
pub struct Submodule {
    /// Its path in the work tree; where git keeps it, if it has none.
    pub path: String,
    /// Its repository, or why it can't be read.
    pub repository: Result<Repository, String>,
}

/// Submodules within submodules beyond this depth are not looked for.
const DEPTH: usize = 10;

/// Folders within each other that are looked through for what git keeps: a submodule's name may have slashes.
const FOLDERS: usize = 20;

impl Repository {
    /// All submodules that the index names or that git keeps, those of submodules too; an outer one comes first.
    #[must_use]
    pub fn submodules(&self) -> Vec<Submodule> {
        let mut all = Search::default();
        let repo = self.shared.to_thread_local();
        all.seen.extend(self.shared.git_dir().canonicalize());
        let root = repo.workdir().and_then(|root| root.canonicalize().ok());
        all.below(self, root.as_deref(), "", DEPTH);
        all.found
    }

    /// Has objects read that a repository around this one names: no reference need lead to them.
    pub fn pin(&mut self, ids: impl Iterator<Item = ObjectId>) {
        let repo = self.shared.to_thread_local();
        self.pinned = ids.filter(|&id| repo.has_object(id)).collect();
    }

    /// The objects that were pinned.
    #[must_use]
    pub fn pinned(&self) -> &[ObjectId] {
        &self.pinned
    }
}

#[derive(Default)]
struct Search {
    found: Vec<Submodule>,
    /// The repositories' own folders: none is read twice, and none as its own submodule.
    seen: BTreeSet<PathBuf>,
}

impl Search {
    fn below(&mut self, repository: &Repository, root: Option<&Path>, prefix: &str, depth: usize) {
        let repo = repository.shared.to_thread_local();
        let modules = repo.git_dir().join("modules");
        match super::index::own(&repo) {
            Ok(Some(index)) => {
                for entry in index.entries().iter().filter(|entry| entry.mode == Mode::COMMIT) {
                    let inside = entry.path(&index).to_str_lossy();
                    let found = place(root, &modules, &inside);
                    self.add(found, format!("{prefix}{inside}"), depth);
                }
            }
            Ok(None) => {}
            Err(error) => self.fail(format!("{prefix}.git/modules"), format!("{error}; it names the submodules")),
        }
        let mut places = vec![("modules".to_owned(), repo.common_dir().join("modules"))];
        for entry in std::fs::read_dir(repo.common_dir().join("worktrees")).into_iter().flatten().flatten() {
            let name = format!("worktrees/{}/modules", entry.file_name().to_string_lossy());
            places.push((name, entry.path().join("modules")));
        }
        for (name, folder) in places {
            self.kept(&format!("{prefix}.git/{name}"), &folder, depth);
        }
    }

    /// The repositories that git keeps in a folder.
    fn kept(&mut self, name: &str, folder: &Path, depth: usize) {
        let mut stack = vec![(name.to_owned(), folder.to_path_buf(), FOLDERS)];
        while let Some((name, folder, left)) = stack.pop() {
            let is_link = folder.is_symlink();
            if !is_link && ["HEAD", "objects", "config"].iter().any(|part| folder.join(part).symlink_metadata().is_ok())
            {
                self.add(Ok((folder, None)), name, depth);
                continue;
            }
            if left == 0 {
                self.fail(name, "too many folders within each other".to_owned());
                continue;
            }
            match folder.symlink_metadata() {
                Ok(_) if is_link && folder.is_dir() => {
                    self.fail(name, "a link to a folder".to_owned());
                    continue;
                }
                Ok(found) if found.is_dir() => {}
                _ => continue,
            }
            match std::fs::read_dir(&folder) {
                Ok(entries) => {
                    stack.extend(entries.flatten().map(|entry| {
                        (format!("{name}/{}", entry.file_name().to_string_lossy()), entry.path(), left - 1)
                    }))
                }
                Err(error) => self.fail(name, error.to_string()),
            }
        }
    }

    fn add(&mut self, found: Result<Place, String>, path: String, depth: usize) {
        let (folder, root) = match found {
            Ok(found) => found,
            Err(why) => return self.fail(path, why),
        };
        if !self.seen.insert(folder.canonicalize().unwrap_or_else(|_| folder.clone())) {
            return;
        }
        if depth == 0 {
            return self.fail(path, "too many submodules within each other".to_owned());
        }
        match Repository::open_at(&folder) {
            Ok(repository) => {
                let at = self.found.len();
                self.below(&repository, root.as_deref(), &format!("{path}/"), depth - 1);
                self.found.insert(at, Submodule { path, repository: Ok(repository) });
            }
            Err(why) => self.fail(path, why),
        }
    }

    fn fail(&mut self, path: String, why: String) {
        self.found.push(Submodule { path, repository: Err(why) });
    }
}

/// A repository's own folder, and its work tree if it has one.
type Place = (PathBuf, Option<PathBuf>);

/// The repository at a path of the work tree, or else the one that git keeps under that name. The path is the
/// repository's word: it must stay inside.
fn place(root: Option<&Path>, modules: &Path, inside: &str) -> Result<Place, String> {
    let plain = |part| matches!(part, Component::Normal(name) if name != ".git");
    if !Path::new(inside).components().all(plain) {
        return Err("its path leads out of the work tree".to_owned());
    }
    if let Some((root, place)) = root.and_then(|root| Some((root, root.join(inside).canonicalize().ok()?))) {
        if !place.starts_with(root) || place == root {
            return Err("its path leads out of the work tree".to_owned());
        }
        if let Some(folder) = guard::repository_at(&place) {
            return Ok((folder, Some(place)));
        }
    }
    let kept = modules.join(inside);
    let absent = || "it is not here (`git submodule update --init` brings it)".to_owned();
    kept.is_dir().then_some((kept, None)).ok_or_else(absent)
}
