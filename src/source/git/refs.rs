//! Where histories begin: references, HEADs of all work trees, what was stashed, and what operations of git left.

mod files;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::reftable::{Table, Value};
use super::{ObjectId, Repository, SkipReason, Skipped, cause};
use crate::source::Origin;

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
        let seats = all.seats(&repo);
        match &storage {
            Storage::Files => files::list(&mut all, repo.common_dir(), &seats),
            Storage::Tables(tables) => all.tables(tables, &seats, repo.common_dir()),
            Storage::Unknown(_) => return all,
        }
        match storage.head(&repo) {
            Ok(Some(head)) => {
                all.head = Some(head);
                all.add("HEAD", head);
            }
            // Of files each step on the way from HEAD to its commit was read and told above.
            Err(why) if matches!(storage, Storage::Tables(_)) => all.skip("HEAD", &why),
            Ok(None) | Err(_) => {}
        }
        for &id in repository.pinned() {
            all.add("a repository around this one", id);
        }
        // git collects what only these name: an object that is gone is no damage.
        all.tips.retain(|tip| !is_passing(&tip.name) || repo.has_object(tip.id));
        all.tips.sort();
        all.tips.dedup();
        all
    }

    /// The work trees, that of the repository as it was opened first.
    fn seats(&mut self, repo: &gix::Repository) -> Vec<Seat> {
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let (own, common) = (real(repo.git_dir()), real(repo.common_dir()));
        let mut others = Vec::new();
        if own != common {
            let prefix = "main-worktree/".to_owned();
            others.push(Seat { folder: common.clone(), prefix, inside: String::new() });
        }
        let mut own = Seat { folder: own, prefix: String::new(), inside: String::new() };
        for entry in files::entries(&common.join("worktrees"), "worktrees", self) {
            let folder = real(&entry.path());
            if !folder.is_dir() {
                continue;
            }
            let prefix = format!("worktrees/{}/", entry.file_name().to_string_lossy());
            if folder == own.folder {
                own.inside = prefix;
            } else {
                others.push(Seat { folder, inside: prefix.clone(), prefix });
            }
        }
        others.insert(0, own);
        others
    }

    fn tables(&mut self, tables: &Tables, seats: &[Seat], common: &Path) {
        for (at, Seat { folder, prefix, inside }) in seats.iter().enumerate() {
            let read;
            let table = match &tables.own {
                Some(own) if at == 0 => own,
                _ if inside.is_empty() => &tables.common,
                _ => match Table::read(&folder.join("reftable")) {
                    Ok(table) => {
                        read = table;
                        &read
                    }
                    Err(why) => {
                        self.skip(&format!("{inside}reftable"), &why);
                        continue;
                    }
                },
            };
            for (name, value) in table.names() {
                let shared = inside.is_empty() && name.starts_with("refs/") && !files::is_of_a_work_tree(&name);
                match value {
                    Value::Id(id) if shared => self.add(&name, *id),
                    Value::Id(id) => self.add(&format!("{prefix}{name}"), *id),
                    // What it leads to is listed itself.
                    Value::Of(_) => {}
                }
            }
            if table.get("HEAD").is_none() && at > 0 {
                self.skip(&format!("{inside}HEAD"), "there is none");
            }
        }
        for (age, id) in tables.common.stashes().enumerate().skip(1) {
            self.add(&format!("stash@{{{age}}}"), id);
        }
        // These are files here too.
        files::passing(self, common, seats);
    }

    fn add(&mut self, name: &str, id: ObjectId) {
        self.tips.push(Tip { name: name.to_owned(), id });
    }

    fn skip(&mut self, part: &str, why: &str) {
        let reason = SkipReason::Unreadable(format!("a reference that can't be read: {why}"));
        self.skipped.push(Skipped { origin: Origin::file(format!(".git/{part}")), reason });
    }
}

/// A work tree's own part of a repository.
struct Seat {
    /// `.git` or `.git/worktrees/NAME`.
    folder: PathBuf,
    /// What comes before the names of its references, from where we are: nothing, `main-worktree/`, `worktrees/NAME/`.
    prefix: String,
    /// Where it lies in the repository: nothing or `worktrees/NAME/`.
    inside: String,
}

/// Whether a tip is what an operation of git left for the next one: `ORIG_HEAD`, `MERGE_HEAD` and the like.
fn is_passing(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    !name.contains("refs/") && !name.starts_with("stash@") && last != "HEAD"
}

/// Leaves out the names that say nothing where others are: HEAD, and what operations left.
pub(crate) fn leave_telling(names: &mut Vec<String>) {
    let tells = |name: &String| name != "HEAD" && !is_passing(name);
    if names.iter().any(tells) {
        names.retain(tells);
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
