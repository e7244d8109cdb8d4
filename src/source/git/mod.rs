//! Git repositories: what the next commit adds, what a range of commits added, and every object there is. The only
//! place that knows `gix`.
//!
//! Objects and the index are read, nothing else: no program is run, nothing is fetched, attributes and textconv play no
//! part, replace refs and grafts hide nothing. What is missing is said, never taken for clean.

mod alternates;
mod ancestry;
pub mod changes;
mod commit;
pub mod graph;
mod guard;
pub mod held;
pub mod hook;
mod index;
pub mod objects;
mod pack;
pub mod range;
pub mod refs;
mod reftable;
pub(super) mod settings;
pub mod staged;
mod submodules;
mod tracked;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use commit::Commit;
use commit::Header;
pub use gix::ObjectId;
use gix::bstr::{BStr, BString, ByteSlice};
use gix::objs::Kind;
pub use gix::objs::Kind as ObjectKind;
pub use submodules::Submodule;
pub(super) use tracked::Tracked;

use super::{GitOrigin, Origin, SkipReason, Skipped};

/// Why a repository can't be worked with at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error("{}: no git repository: {reason}", path.display())]
    NoRepository {
        /// Where it was sought.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A revision that doesn't exist or can't be read.
    #[error("{spec}: no such revision: {reason}")]
    Revision {
        /// As it was typed.
        spec: String,
        /// What is wrong.
        reason: String,
    },
    /// A time that can't be understood.
    #[error("{text}: not a time; write for example 2026-01-31 or \"2 weeks ago\"")]
    Time {
        /// As it was typed.
        text: String,
    },
    /// What git tells a hook has another form.
    #[error("standard input, line {line}: not what git tells a pre-push hook (`REF ID REF ID`); is it called by git?")]
    Push {
        /// Which line, from 1.
        line: usize,
    },
    /// A range that says nothing.
    #[error("{text:?}: a range without a revision; write A..B, A...B or A")]
    Range {
        /// As it was typed.
        text: String,
    },
    /// A part without which nothing can be done.
    #[error("the repository's {part} can't be read: {reason}")]
    Unreadable {
        /// Which part.
        part: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The index, without which nobody knows what is staged.
    #[error("{}: the index can't be read: {reason}; `git status` tells more", path.display())]
    Index {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A bare repository where a work tree is needed.
    #[error("{}: a bare repository: nothing is staged in it; `stopleak git` reads its history", path.display())]
    Bare {
        /// Where it is.
        path: PathBuf,
    },
    /// A file of the repository could not be written.
    #[error("{}: {reason}", path.display())]
    Write {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// A repository, usable from all threads.
pub struct Repository {
    shared: gix::ThreadSafeRepository,
    /// Where histories begin besides its own references.
    pinned: Vec<ObjectId>,
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Repository({})", self.shared.git_dir().display())
    }
}

impl Repository {
    /// Opens the repository that holds `path`; without a path the one that git's environment (as in a hook) or the
    /// current folder speaks of.
    pub fn open(path: Option<&Path>) -> Result<Self, Error> {
        if let Some((path, wrong)) = guard::obstacle(&chosen(path)) {
            let reason = format!("{wrong}; the repository is not opened");
            return Err(Error::NoRepository { path, reason });
        }
        // gix finds no bare repository at `../name.git`.
        let whole = path.map(|path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf()));
        let upwards = gix::discover::upwards::Options::default;
        let shared = opened(|options| {
            let trust = gix::sec::trust::Mapping { full: options.clone(), reduced: options };
            match &whole {
                Some(path) => gix::ThreadSafeRepository::discover_opts(path, upwards(), trust),
                None => gix::ThreadSafeRepository::discover_with_environment_overrides_opts(".", upwards(), trust),
            }
        });
        let place = || path.unwrap_or(Path::new(".")).to_path_buf();
        shared
            .map(|shared| Self { shared, pinned: Vec::new() })
            .map_err(|error| Error::NoRepository { path: place(), reason: absent(&cause(&error)) })
    }

    /// Opens the repository whose own folder this is; none above is sought.
    fn open_at(folder: &Path) -> Result<Self, String> {
        if let Some((path, wrong)) = guard::obstacle_in(folder) {
            return Err(format!("{}: {wrong}; the repository is not opened", path.display()));
        }
        let shared = opened(|options| gix::ThreadSafeRepository::open_opts(folder, options.open_path_as_is(true)));
        shared.map(|shared| Self { shared, pinned: Vec::new() }).map_err(|error| cause(&error))
    }

    /// A handle for one thread.
    #[must_use]
    pub fn reader(&self) -> Objects {
        let mut repo = self.shared.to_thread_local();
        repo.object_cache_size_if_unset(16 << 20);
        Objects { repo, buffer: Vec::new() }
    }

    /// What is known beforehand of what can't be seen: statements for the report.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let repo = self.shared.to_thread_local();
        let mut notes = Vec::new();
        if let Ok(Some(commits)) = repo.shallow_commits() {
            notes.push(format!(
                "the history is shallow: it ends at {} commit(s) whose parents were not fetched (`git fetch --unshallow` brings them)",
                commits.iter().count()
            ));
        }
        let config = repo.config_snapshot();
        if let refs::Storage::Unknown(why) = refs::Storage::of(&repo) {
            notes.push(format!(
                "references can't be listed ({why}): objects were read, but not which reference holds them"
            ));
        }
        for name in unknown_extensions(&config) {
            notes.push(format!("the repository uses the extension {name}, which is not known here"));
        }
        notes
    }

    /// The folder of the work tree; of a bare repository, its own folder.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.shared.to_thread_local().workdir().unwrap_or_else(|| self.shared.git_dir()).to_path_buf()
    }

    /// A file as a commit (or tag, or tree) has it, unless it is larger than `limit`; nothing if it has no such file.
    ///
    /// # Errors
    /// Why it is there and can't be read, or what stands in the way to it.
    pub fn file_at(&self, id: ObjectId, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SkipReason> {
        let mut objects = self.reader();
        let unreadable = |error: &dyn std::error::Error| SkipReason::Unreadable(cause(error));
        let found = objects.repo.find_object(id).map_err(|error| unreadable(&error))?;
        let tree = found.peel_to_tree().map_err(|error| unreadable(&error))?.id;
        match staged::blob_at(&mut objects, tree, path.as_bytes().as_bstr()) {
            Some(blob) => objects.get(blob, limit).map(|(_, bytes)| Some(bytes.to_vec())),
            None => Ok(None),
        }
    }

    /// The length of this repository's ids.
    #[must_use]
    pub fn hash(&self) -> gix::hash::Kind {
        self.shared.to_thread_local().object_hash()
    }

    /// Whether objects are left to be fetched when needed.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let repo = self.shared.to_thread_local();
        let config = repo.config_snapshot();
        config.string("extensions.partialClone").is_some()
    }
}

/// What people need of what gix says of a repository that it does not find.
fn absent(cause: &str) -> String {
    if cause.starts_with("Could not find a git repository") {
        return "there is none here or in a folder above; `stopleak scan` reads folders without git".to_owned();
    }
    let known = [("No such file or directory", "there is no such folder"), ("os error 2", "there is no such folder")];
    let known = known.iter().find(|(text, _)| cause.contains(text)).map(|(_, say)| (*say).to_owned());
    known.unwrap_or_else(|| cause.to_owned())
}

/// Opens a repository. To know how many packs there are gix follows what is borrowed, and fails where that goes in a circle;
/// told how many to expect it opens, and [`objects::Store`] reads what can be read and says the rest.
fn opened<T, E: std::error::Error>(open: impl Fn(gix::open::Options) -> Result<T, E>) -> Result<T, E> {
    use gix::odb::store::init::Slots;
    open(options()).or_else(|error| {
        let circle = cause(&error).contains("form a cycle");
        if circle { open(options().object_store_slots(Slots::Given(1 << 12))) } else { Err(error) }
    })
}

/// Where a repository is sought.
fn chosen(path: Option<&Path>) -> PathBuf {
    let by_environment = || std::env::var_os("GIT_DIR").map(PathBuf::from);
    path.map(Path::to_path_buf).or_else(by_environment).unwrap_or_else(|| PathBuf::from("."))
}

/// Only the repository's own configuration, and git's own variables; replace refs off.
fn options() -> gix::open::Options {
    let mut permissions = gix::open::Permissions::isolated();
    permissions.env.git_prefix = gix::sec::Permission::Allow;
    permissions.env.objects = gix::sec::Permission::Allow;
    gix::open::Options::default()
        .permissions(permissions)
        .bail_if_untrusted(false)
        .strict_config(false)
        .config_overrides([
            "core.useReplaceRefs=false",
            "gitoxide.objects.noReplace=true",
            // The size that an object claims is a stranger's word: 1 GiB, as `pack::OBJECT_LIMIT`.
            "gitoxide.objects.allocLimit=1073741824",
        ])
}

/// Bytes beyond which a commit or a tree is not read: a folder of a million files has 40 MB.
const STRUCTURE_LIMIT: u64 = 256 << 20;

/// Extensions git knows that change nothing for reading objects, or that are dealt with elsewhere.
const EXTENSIONS: &[&str] = &[
    "noop",
    "noop-v1",
    "preciousobjects",
    "partialclone",
    "worktreeconfig",
    "objectformat",
    "compatobjectformat",
    "refstorage",
    "relativeworktrees",
];

fn unknown_extensions(config: &gix::config::Snapshot<'_>) -> Vec<String> {
    let sections = config.plumbing().sections_by_name("extensions");
    let mut names = Vec::new();
    for section in sections.into_iter().flatten() {
        names.extend(section.body().value_names().map(|name| name.to_string().to_lowercase()));
    }
    names.retain(|name| !EXTENSIONS.contains(&name.as_str()));
    names.sort();
    names.dedup();
    names
}

/// An error of gix with its causes, on one line.
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        next = error.source();
    }
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// Reads objects one by one.
pub struct Objects {
    repo: gix::Repository,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Objects({})", self.repo.git_dir().display())
    }
}

impl Objects {
    /// An object's kind and bytes, unless it is larger than `limit`.
    pub fn get(&mut self, id: ObjectId, limit: u64) -> Result<(Kind, &[u8]), SkipReason> {
        use gix::objs::{Find as _, FindHeader as _};
        let unreadable =
            |error: &dyn std::error::Error| SkipReason::Unreadable(format!("object {id}: {}", cause(error)));
        let header = self.repo.objects.try_header(&id).map_err(|error| unreadable(&error))?;
        let missing = || SkipReason::Missing(format!("object {id} is not in the repository"));
        let size = header.ok_or_else(missing)?.size;
        if size > limit {
            return Err(SkipReason::TooLarge { size, limit });
        }
        let found = self.repo.objects.try_find(&id, &mut self.buffer).map_err(|error| unreadable(&error))?;
        found.map(|data| (data.kind, data.data)).ok_or_else(missing)
    }

    /// The length of this repository's ids.
    fn hash(&self) -> gix::hash::Kind {
        self.repo.object_hash()
    }

    /// The entries of a tree.
    fn tree(&mut self, id: ObjectId) -> Result<Vec<Entry>, SkipReason> {
        let hash = self.hash();
        if id == ObjectId::empty_tree(hash) {
            return Ok(Vec::new());
        }
        let (kind, bytes) = self.get(id, STRUCTURE_LIMIT)?;
        if kind != Kind::Tree {
            return Err(SkipReason::Unreadable(format!("object {id} is a {kind}, not a tree")));
        }
        gix::objs::TreeRefIter::from_bytes(bytes, hash)
            .map(|entry| {
                entry.map(Entry::from).map_err(|error| SkipReason::Unreadable(format!("tree {id}: {}", cause(&error))))
            })
            .collect()
    }

    /// What a commit says.
    pub fn commit(&mut self, id: ObjectId) -> Result<Commit, SkipReason> {
        Ok(Commit::of(id, &self.header(id)?))
    }

    /// The lines of a commit.
    fn header(&mut self, id: ObjectId) -> Result<Header<'_>, SkipReason> {
        let hash = self.hash();
        let (kind, bytes) = self.get(id, STRUCTURE_LIMIT)?;
        if kind != Kind::Commit {
            return Err(SkipReason::Unreadable(format!("object {id} is a {kind}, not a commit")));
        }
        Ok(Header::parse(bytes, hash))
    }
}

/// An entry of a tree that was copied out of it.
#[derive(Clone, Debug)]
struct Entry {
    name: BString,
    kind: EntryKind,
    id: ObjectId,
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum EntryKind {
    Tree,
    Blob,
    /// A commit of another repository.
    Submodule,
}

impl From<gix::objs::tree::EntryRef<'_>> for Entry {
    fn from(entry: gix::objs::tree::EntryRef<'_>) -> Self {
        Self { name: entry.filename.to_owned(), kind: EntryKind::of(entry.mode), id: entry.oid.to_owned() }
    }
}

impl EntryKind {
    fn of(mode: gix::objs::tree::EntryMode) -> Self {
        if mode.is_tree() {
            Self::Tree
        } else if mode.is_commit() {
            Self::Submodule
        } else {
            Self::Blob
        }
    }
}

/// A text to scan that git holds.
#[derive(Clone, Debug)]
pub struct Text {
    /// Where findings in it are.
    pub origin: Origin,
    /// Where its bytes are.
    pub source: TextSource,
    /// The texts it replaces: what stands in them already is not new.
    pub replaces: Vec<ObjectId>,
}

/// Where the bytes of a [`Text`] are.
#[derive(Clone, Debug)]
pub enum TextSource {
    /// In an object.
    Object(ObjectId),
    /// Here: a message, a name.
    Here(Vec<u8>),
}

impl Text {
    /// A file's content.
    fn file(path: &BStr, id: ObjectId, replaces: Vec<ObjectId>, commit: Option<&Arc<GitOrigin>>) -> Self {
        let git = commit.map(|commit| Arc::new(GitOrigin { object: Some(id.to_string()), ..(**commit).clone() }));
        let origin = Origin { path: path.to_vec(), member: None, git };
        Self { origin, source: TextSource::Object(id), replaces }
    }

    /// A name in a tree that was not there before: a credential can be a file's name too.
    fn name(path: &BStr, commit: Option<&Arc<GitOrigin>>) -> Self {
        let known = commit.map(|commit| (**commit).clone()).unwrap_or_default();
        let git = GitOrigin { place: Some("file name".to_owned()), ..known };
        let origin = Origin { path: path.to_vec(), member: None, git: Some(Arc::new(git)) };
        Self { origin, source: TextSource::Here(last_name(path).to_vec()), replaces: Vec::new() }
    }
}

/// The last name of a path.
fn last_name(path: &BStr) -> &BStr {
    path.rsplit_str("/").next().unwrap_or_default().as_bstr()
}

/// What was to be read, and what stands in the way.
#[derive(Debug, Default)]
pub struct Selection {
    /// The texts, in the order of the history.
    pub texts: Vec<Text>,
    /// What could not be read.
    pub skipped: Vec<Skipped>,
    /// Statements on coverage.
    pub notes: Vec<String>,
}
