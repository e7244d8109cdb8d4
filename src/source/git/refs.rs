//! Where histories begin: references, HEADs of all work trees, and what was stashed.

use std::collections::HashSet;
use std::path::Path;

use gix::bstr::ByteSlice;

use super::reftable::{Table, Value};
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
        let storage = Storage::of(&repo);
        let mut all = Self { unlisted: matches!(storage, Storage::Unknown(_)), ..Self::default() };
        if let Ok(Some(commits)) = repo.shallow_commits() {
            all.shallow = commits.iter().copied().collect();
        }
        if let Ok(Some(head)) = storage.head(&repo) {
            all.head = Some(head);
            all.add("HEAD", head);
        }
        match &storage {
            Storage::Files => all.files(&repo),
            Storage::Tables(tables) => all.tables(tables, &repo),
            Storage::Unknown(_) => return all,
        }
        all.tips.sort();
        all.tips.dedup();
        all
    }

    fn files(&mut self, repo: &gix::Repository) {
        match repo.references() {
            Ok(platform) => match platform.all() {
                Ok(references) => references.for_each(|reference| match reference {
                    Ok(reference) => {
                        if let Some(id) = reference.target().try_id() {
                            self.add(&reference.name().as_bstr().to_str_lossy(), id.to_owned());
                        }
                    }
                    Err(error) => self.skip("refs", &error),
                }),
                Err(error) => self.skip("refs", &error),
            },
            Err(error) => self.skip("refs", &error),
        }
        self.stashes(&repo.common_dir().join("logs/refs/stash"));
        self.worktrees(&repo.common_dir().join("worktrees"));
    }

    fn tables(&mut self, tables: &Tables, repo: &gix::Repository) {
        for (name, value) in tables.common.names().chain(tables.own.iter().flat_map(Table::names)) {
            // Not what git keeps for itself: ORIG_HEAD and the like.
            if let (Value::Id(id), true) = (value, name.starts_with("refs/")) {
                self.add(&name, *id);
            }
        }
        for (age, id) in tables.common.stashes().enumerate().skip(1) {
            self.add(&format!("stash@{{{age}}}"), id);
        }
        for entry in std::fs::read_dir(repo.common_dir().join("worktrees")).into_iter().flatten().flatten() {
            let head = Table::read(&entry.path().join("reftable"));
            if let Ok(Some(Value::Id(id))) = head.as_ref().map(|table| table.get("HEAD")) {
                self.add(&format!("worktrees/{}/HEAD", entry.file_name().to_string_lossy()), *id);
            }
        }
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

/// How a repository keeps its references.
pub(super) enum Storage {
    /// As files, which gix reads.
    Files,
    Tables(Tables),
    /// In a way that can't be read, and why.
    Unknown(String),
}

/// Tables of references.
pub(super) struct Tables {
    common: Table,
    /// Those of a linked work tree.
    own: Option<Table>,
}

impl Storage {
    pub(super) fn of(repo: &gix::Repository) -> Self {
        let config = repo.config_snapshot();
        let name = config.string("extensions.refStorage").map(|name| name.to_string());
        let reftable = |folder: &Path| Table::read(&folder.join("reftable"));
        match name.as_deref() {
            None | Some("files") => Self::Files,
            Some("reftable") => {
                let linked = repo.git_dir() != repo.common_dir();
                let own = linked.then(|| reftable(repo.git_dir())).transpose();
                match reftable(repo.common_dir()).and_then(|common| Ok(Tables { common, own: own? })) {
                    Ok(tables) => Self::Tables(tables),
                    Err(why) => Self::Unknown(format!("reftable/{why}")),
                }
            }
            Some(name) => Self::Unknown(format!("they are stored as {name}")),
        }
    }

    /// The commit of HEAD; none before the first one.
    pub(super) fn head(&self, repo: &gix::Repository) -> Result<Option<ObjectId>, String> {
        match self {
            Self::Files => {
                let head = repo.head().map_err(|error| cause(&error))?;
                if head.is_unborn() {
                    return Ok(None);
                }
                head.into_peeled_id().map(|id| Some(id.detach())).map_err(|error| cause(&error))
            }
            Self::Tables(tables) => tables.lookup("HEAD").ok_or_else(|| "there is no HEAD".to_owned()),
            Self::Unknown(why) => Err(why.clone()),
        }
    }

    /// What a reference is that somebody named as git allows it: `main`, `tags/v1`, `origin`.
    pub(super) fn named(&self, name: &str) -> Option<ObjectId> {
        let Self::Tables(tables) = self else { return None };
        let forms = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"];
        let name = if name == "@" { "HEAD" } else { name };
        let found = forms.iter().find_map(|form| tables.lookup(&format!("{form}{name}")).flatten());
        found.or_else(|| tables.lookup(&format!("refs/remotes/{name}/HEAD")).flatten())
    }
}

impl Tables {
    /// What a reference leads to. None if it is not there, Some(None) if it leads to one that is not there yet.
    fn lookup(&self, name: &str) -> Option<Option<ObjectId>> {
        let mut name = name.to_owned();
        for depth in 0..10 {
            let found = self.own.as_ref().and_then(|own| own.get(&name)).or_else(|| self.common.get(&name));
            match found {
                Some(Value::Id(id)) => return Some(Some(*id)),
                Some(Value::Of(other)) => name.clone_from(other),
                None => return (depth > 0).then_some(None),
            }
        }
        None
    }
}
