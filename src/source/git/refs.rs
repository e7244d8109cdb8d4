//! Where histories begin: references, HEADs of all work trees, and what was stashed.

use std::collections::HashSet;
use std::path::Path;

use gix::bstr::ByteSlice;

use super::{ObjectId, Repository, SkipReason, Skipped, cause};
use crate::source::{Origin, read};

/// A name that leads to an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tip {
    /// `refs/heads/main`, `HEAD`, `stash@{1}`.
    pub name: String,
    /// The object.
    pub id: ObjectId,
}

/// All tips of a repository.
#[derive(Debug, Default)]
pub struct Tips {
    /// Sorted by name.
    pub tips: Vec<Tip>,
    /// What HEAD of this work tree is.
    pub head: Option<ObjectId>,
    /// References can't be listed: every commit there is must be taken for reachable.
    pub unlisted: bool,
    /// Commits whose parents were not fetched.
    pub shallow: HashSet<ObjectId>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
}

impl Tips {
    /// Lists them. A reference that can't be read is named and left out.
    #[must_use]
    pub fn list(repository: &Repository) -> Self {
        let repo = repository.shared.to_thread_local();
        let mut all = Self { unlisted: is_reftable(&repo), ..Self::default() };
        if let Ok(Some(commits)) = repo.shallow_commits() {
            all.shallow = commits.iter().copied().collect();
        }
        if let Ok(head) = repo.head_id() {
            all.head = Some(head.detach());
            all.add("HEAD", head.detach());
        }
        if all.unlisted {
            return all;
        }
        match repo.references() {
            Ok(platform) => match platform.all() {
                Ok(references) => references.for_each(|reference| match reference {
                    Ok(reference) => {
                        if let Some(id) = reference.target().try_id() {
                            all.add(&reference.name().as_bstr().to_str_lossy(), id.to_owned());
                        }
                    }
                    Err(error) => all.skip("refs", &error),
                }),
                Err(error) => all.skip("refs", &error),
            },
            Err(error) => all.skip("refs", &error),
        }
        all.stashes(&repo.common_dir().join("logs/refs/stash"));
        all.worktrees(&repo.common_dir().join("worktrees"));
        all.tips.sort();
        all.tips.dedup();
        all
    }

    fn add(&mut self, name: &str, id: ObjectId) {
        self.tips.push(Tip { name: name.to_owned(), id });
    }

    fn skip(&mut self, part: &str, error: &dyn std::error::Error) {
        let reason = SkipReason::Unreadable(format!("a reference that can't be read: {}", cause(error)));
        self.skipped.push(Skipped { origin: Origin::file(format!(".git/{part}")), reason });
    }

    /// Only the latest stash has a reference; the others are in its log.
    fn stashes(&mut self, log: &Path) {
        let text = read::small(log, 64 << 20).unwrap_or_default();
        let ids: Vec<ObjectId> =
            text.lines().filter_map(|line| ObjectId::from_hex(line.split_str(" ").nth(1)?).ok()).collect();
        for (age, id) in ids.into_iter().rev().enumerate().skip(1) {
            self.add(&format!("stash@{{{age}}}"), id);
        }
    }

    fn worktrees(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let head = read::small(&entry.path().join("HEAD"), 4096).unwrap_or_default();
            if let Ok(id) = ObjectId::from_hex(head.trim()) {
                self.add(&format!("worktrees/{}/HEAD", entry.file_name().to_string_lossy()), id);
            }
        }
    }
}

fn is_reftable(repo: &gix::Repository) -> bool {
    let config = repo.config_snapshot();
    config.string("extensions.refStorage").is_some_and(|name| name.as_bstr() != "files")
}
