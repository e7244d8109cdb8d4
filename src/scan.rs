//! Sources through the engine to a report. The only place with threads beside the walker; whatever their number, the
//! report is the same.

mod crew;
mod exposure;
mod gather;
#[cfg(feature = "git")]
mod git;
#[cfg(feature = "git")]
mod history;
mod proven;
#[cfg(feature = "git")]
mod share;
#[cfg(feature = "git")]
mod versions;

use std::collections::HashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::credential::Credential;
use crate::detect::{Engine, Hint};
use crate::finding::Report;
use crate::rules::RuleSet;
use crate::source::read::{Outcome, Reader, Window};
use crate::source::walk::{self, Target, Visitor};
use crate::source::{Origin, SkipReason, Skipped};
use crate::view::notebook;
pub(crate) use gather::Gathered;
#[cfg(feature = "git")]
pub use git::{Named, Scope, named, range, staged};
#[cfg(feature = "git")]
pub use history::{history, history_with_submodules};
use proven::Addresses;

/// How a scan goes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads; 0 for one a core.
    pub threads: usize,
    /// Read what `.gitignore` excludes too.
    pub no_ignore: bool,
    /// Files beyond this many bytes are left out, unless they are named as targets themselves.
    pub max_file_size: u64,
    /// Of an archive and all archives in it, so many bytes are unpacked.
    pub max_archive_size: u64,
    /// Of one archive, so many members are read.
    pub max_archive_members: usize,
    /// Archives within each other, up to [`MOST_ARCHIVE_DEPTH`].
    pub max_archive_depth: u32,
    /// What the user excludes, as lines of gitignore's language. What is named as a target is read all the same.
    pub exclude: Vec<String>,
    /// If there are any, only what they match is read; the same language.
    pub only: Vec<String>,
    /// The folder in a tree that `exclude` and `only` are relative to; each target, if there is none.
    pub root: Option<PathBuf>,
    /// The key of the fingerprints.
    pub fingerprint_key: Vec<u8>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            threads: 0,
            no_ignore: false,
            max_file_size: 50_000_000,
            max_archive_size: 256 << 20,
            max_archive_members: 10_000,
            max_archive_depth: 4,
            exclude: Vec::new(),
            only: Vec::new(),
            root: None,
            fingerprint_key: crate::secret::FINGERPRINT_KEY.to_vec(),
        }
    }
}

/// The most archives within each other that can be asked for: a thread's stack must hold them.
pub const MOST_ARCHIVE_DEPTH: u32 = 16;

#[cfg(feature = "archives")]
impl Options {
    /// What archives may cost. How many bytes may come out for each that went in is not for anybody to say.
    fn archives(&self) -> crate::source::archive::Limits {
        let defaults = crate::source::archive::Limits::default();
        crate::source::archive::Limits {
            depth: self.max_archive_depth.min(MOST_ARCHIVE_DEPTH),
            members: self.max_archive_members,
            all_members: self.max_archive_members.saturating_mul(10),
            total: self.max_archive_size,
            member: self.max_file_size,
            ..defaults
        }
    }
}

/// Is told how a scan goes on. It is called from all threads, once a file, so it must be quick.
pub trait Progress: Sync {
    /// A file of this many bytes was scanned.
    fn scanned(&self, bytes: u64) {
        let _ = bytes;
    }
}

/// Nobody wants to know.
impl Progress for () {}

/// Scans folders and files. A target that can't be read is named in the report like any other gap.
#[must_use]
pub fn tree<'r>(engine: &Engine<'r>, targets: &[PathBuf], options: &Options, progress: &dyn Progress) -> Report<'r> {
    let addresses = Addresses::default();
    let scan = |text: &[u8], hint: &Hint| addresses.scan(engine, text, hint);
    let paths = |path: &[u8]| engine.judge_path(path);
    let how = How { scan: &scan, paths: Some(&paths), addresses: &addresses };
    tree_with(&how, engine.rules(), targets, options, progress)
}

/// Scans one stream to its end, under the name `name`.
#[must_use]
pub fn stdin<'r>(
    engine: &Engine<'r>,
    input: &mut dyn Read,
    name: &str,
    options: &Options,
    progress: &dyn Progress,
) -> Report<'r> {
    let begin = Instant::now();
    let addresses = Addresses::default();
    let scan = |text: &[u8], hint: &Hint| addresses.scan(engine, text, hint);
    let paths = |path: &[u8]| engine.judge_path(path);
    let shared = Shared::new(&scan, options, progress).judging(engine.rules(), &paths);
    let mut worker = Worker::new(&shared);
    let threads = thread_count(usize::MAX, options.threads);
    worker.scan_by(threads, &Origin::file(name), &mut |reader, each| reader.stream(input, 0, u64::MAX, each));
    drop(worker);
    let mut gathered = shared.gathered();
    addresses.prove(engine.rules(), &mut gathered.findings);
    gathered.report(engine.rules(), "stdin", &options.fingerprint_key, begin.elapsed())
}

/// What finds credentials in a text: the engine, or a stand-in of a test.
type Scan<'a> = &'a (dyn Fn(&[u8], &Hint) -> Vec<Credential> + Sync);

/// What judges a file by its path alone.
type JudgePath<'a> = &'a (dyn Fn(&[u8]) -> Vec<Credential> + Sync);

/// What judges texts and paths, and what it leaves for the end.
struct How<'a> {
    scan: Scan<'a>,
    paths: Option<JudgePath<'a>>,
    addresses: &'a Addresses,
}

fn tree_with<'r>(
    how: &How<'_>,
    rules: &'r RuleSet,
    targets: &[PathBuf],
    options: &Options,
    progress: &dyn Progress,
) -> Report<'r> {
    let begin = Instant::now();
    let mut shared = Shared::new(how.scan, options, progress);
    if let Some(paths) = how.paths {
        shared = shared.judging(rules, paths);
    }
    let (targets, borders) = walk::distinct(targets.iter().filter_map(|typed| shared.resolve(typed)).collect());
    let (folders, files): (Vec<Target>, Vec<Target>) = targets.into_iter().partition(|target| target.folder);
    let walking = walk::Options {
        threads: options.threads,
        no_ignore: options.no_ignore,
        exclude: options.exclude.clone(),
        only: options.only.clone(),
        root: options.root.clone(),
    };
    for folder in &folders {
        walk_folder(&shared, folder, &borders, &walking);
    }
    named_files(&shared, &files, options.threads);
    let mut gathered = shared.gathered();
    how.addresses.prove(rules, &mut gathered.findings);
    exposure::tell(&mut gathered.findings);
    gathered.report(rules, "tree", &options.fingerprint_key, begin.elapsed())
}

fn walk_folder(shared: &Shared<'_>, folder: &Target, borders: &HashSet<PathBuf>, options: &walk::Options) {
    walk::walk(folder, borders, options, &|| Box::new(Worker::new(shared)));
}

/// Below this many files threads cost more than they save.
const FEW_FILES: usize = 16;

/// Files that were named by the user: read whatever their size, whatever git ignores.
fn named_files(shared: &Shared<'_>, files: &[Target], threads: usize) {
    // A few texts are read one after another, each by all threads if it is long.
    if files.len() < FEW_FILES {
        let (mut worker, threads) = (Worker::new(shared), thread_count(usize::MAX, threads));
        for file in files {
            let origin = Origin::file(file.shown.clone());
            worker.scan_by(threads, &origin, &mut |reader, each| reader.file(&file.path, u64::MAX, each));
        }
        return;
    }
    each_in_parallel(files.len(), threads, &|numbers| {
        let mut worker = Worker::new(shared);
        while let Some(file) = numbers.take().and_then(|number| files.get(number)) {
            let origin = Origin::file(file.shown.clone());
            worker.scan(&origin, &mut |reader, each| reader.file(&file.path, u64::MAX, each));
        }
    });
}

/// Numbers from 0, each handed out once.
pub(crate) struct Numbers {
    next: AtomicUsize,
    count: usize,
}

impl Numbers {
    pub(crate) fn take(&self) -> Option<usize> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.count).then_some(number)
    }
}

/// Runs `work` on some threads (0 for one a core); all take from the same numbers.
pub(crate) fn each_in_parallel(count: usize, threads: usize, work: &(dyn Fn(&Numbers) + Sync)) {
    let threads = thread_count(count, threads);
    let numbers = Numbers { next: AtomicUsize::new(0), count };
    std::thread::scope(|scope| {
        for _ in 1..threads {
            scope.spawn(|| work(&numbers));
        }
        if count > 0 {
            work(&numbers);
        }
    });
}

/// How many threads [`each_in_parallel`] runs.
pub(crate) fn thread_count(count: usize, threads: usize) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    if threads == 0 { cores() } else { threads }.min(count)
}

/// What all threads of a scan share.
pub(crate) struct Shared<'s> {
    scan: Scan<'s>,
    /// Only if some rule speaks of paths.
    judge_path: Option<JudgePath<'s>>,
    /// Only if some of the rules are foreign.
    foreign: Option<&'s RuleSet>,
    options: &'s Options,
    progress: &'s dyn Progress,
    gathered: Mutex<Gathered>,
}

impl<'s> Shared<'s> {
    pub(crate) fn new(scan: Scan<'s>, options: &'s Options, progress: &'s dyn Progress) -> Self {
        Self { scan, judge_path: None, foreign: None, options, progress, gathered: Mutex::default() }
    }

    /// Lets paths be judged, if some rule speaks of them, and keeps apart what foreign rules find.
    pub(crate) fn judging(mut self, rules: &'s RuleSet, judge: JudgePath<'s>) -> Self {
        self.judge_path = rules.judges_paths().then_some(judge);
        self.foreign = (!rules.foreign().is_empty()).then_some(rules);
        self
    }

    fn resolve(&self, typed: &Path) -> Option<Target> {
        Target::resolve(typed).map_err(|skipped| self.merge(Gathered::of_skipped(skipped))).ok()
    }

    pub(crate) fn merge(&self, part: Gathered) {
        self.gathered.lock().unwrap_or_else(std::sync::PoisonError::into_inner).merge(part);
    }

    pub(crate) fn gathered(self) -> Gathered {
        self.gathered.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// One thread's part of a scan. What it gathered goes to the others when it is dropped.
pub(crate) struct Worker<'s> {
    shared: &'s Shared<'s>,
    /// Made at the first text: a walker starts threads that may find nothing to do.
    reader: Option<Reader>,
    hint: Hint,
    gathered: Gathered,
    /// Its texts are no files: they are not counted, and nobody is told.
    quiet: bool,
}

impl Drop for Worker<'_> {
    fn drop(&mut self) {
        self.shared.merge(std::mem::take(&mut self.gathered));
    }
}

impl Visitor for Worker<'_> {
    fn file(&mut self, path: &Path, shown: &[u8]) {
        let limit = self.shared.options.max_file_size;
        self.scan(&Shown(shown), &mut |reader, each| reader.file(path, limit, each));
    }

    fn skip(&mut self, skipped: Skipped) {
        self.gathered.skipped.push(skipped);
    }
}

/// Reads a text and hands out its windows.
type Read1<'a> = &'a mut dyn FnMut(&mut Reader, &mut dyn FnMut(&Window<'_>)) -> Outcome;

/// Something that can be shown as the place of a text, and becomes an [`Origin`] only where one is needed.
pub(crate) trait Place {
    fn path(&self) -> &[u8];
    fn origin(&self) -> Origin;
}

impl Place for Origin {
    fn path(&self) -> &[u8] {
        &self.path
    }
    fn origin(&self) -> Origin {
        self.clone()
    }
}

/// A path as it is shown.
struct Shown<'p>(&'p [u8]);

impl Place for Shown<'_> {
    fn path(&self) -> &[u8] {
        self.0
    }
    fn origin(&self) -> Origin {
        Origin::file(self.0)
    }
}

impl<'s> Worker<'s> {
    pub(crate) fn new(shared: &'s Shared<'s>) -> Self {
        Self { shared, reader: None, hint: Hint::default(), gathered: Gathered::default(), quiet: false }
    }

    /// What the engine is told of a whole text at a path.
    #[cfg(feature = "git")]
    pub(crate) fn hint(&mut self, path: &[u8]) -> &Hint {
        set_hint_path(&mut self.hint.path, path);
        set_file(&mut self.hint.file, path);
        (self.hint.from_start, self.hint.partial) = (true, false);
        &self.hint
    }

    /// Counts a text in which there is nothing to scan.
    #[cfg(feature = "git")]
    pub(crate) fn pass(&mut self, bytes: u64) {
        self.gathered.files += 1;
        self.gathered.bytes += bytes;
        self.shared.progress.scanned(bytes);
    }

    /// Scans one text. A panic of the engine costs this text only.
    pub(crate) fn scan(&mut self, place: &dyn Place, read: Read1<'_>) {
        self.scan_by(1, place, read);
    }

    /// The same, with something else than the engine's scan of the whole text.
    #[cfg(feature = "git")]
    pub(crate) fn scan_as(&mut self, scan: Scan<'_>, place: &dyn Place, read: Read1<'_>) {
        self.scan_by_with(scan, 1, place, read);
    }

    /// Scans one text by several threads, if it is long.
    fn scan_by(&mut self, threads: usize, place: &dyn Place, read: Read1<'_>) {
        self.scan_by_with(self.shared.scan, threads, place, read);
    }

    fn scan_by_with(&mut self, scan: Scan<'_>, threads: usize, place: &dyn Place, read: Read1<'_>) {
        let Self { shared, reader, hint, gathered, quiet } = self;
        set_hint_path(&mut hint.path, place.path());
        set_file(&mut hint.file, place.path());
        // What foreign rules find may overlap what ours find, so neither is the twin of the other in the next window.
        let (mut found, mut more) = (Vec::new(), Vec::new());
        if let Some(judge) = shared.judge_path.filter(|_| !place.path().is_empty()) {
            let credentials = judge(place.path());
            gather::add_window(&mut gathered.findings, &Window::whole(b""), credentials, &|| place.origin());
        }
        let reader = reader.get_or_insert_default();
        #[cfg(feature = "archives")]
        {
            reader.limits = shared.options.archives();
            reader.name.clear();
            reader.name.extend_from_slice(last_name(place.path()));
        }
        let origin = |member: Option<&str>| Origin { member: member.map(str::to_owned), ..place.origin() };
        let prepare = |hint: &mut Hint, window: &Window<'_>| {
            if let Some(member) = window.member.filter(|_| window.first()) {
                set_hint_path(&mut hint.path, &member_path(place.path(), member));
                set_file(&mut hint.file, origin(Some(member)).display().as_bytes());
            }
            hint.from_start = window.first();
            hint.partial = !(window.first() && window.last);
            if window.first() {
                hint.notebook = notebook::State::default();
            }
        };
        // Where in a notebook the next window begins.
        let advance = |hint: &mut Hint, window: &Window<'_>| {
            if !window.last && notebook::is_notebook(&hint.path) {
                hint.notebook.advance(&window.bytes[..window.shared_from]);
            }
        };
        let mut take = |window: &Window<'_>, mut credentials: Vec<Credential>| {
            if window.member.is_some() && window.first() {
                // Another text begins: its places say nothing of those of the one before.
                gathered.findings.append(&mut found);
                gathered.findings.append(&mut more);
            }
            if let Some(rules) = shared.foreign {
                let foreign = |one: &Credential| one.parts.iter().any(|part| rules.is_foreign(part.rule));
                let (others, own) = credentials.into_iter().partition(foreign);
                gather::add_window(&mut more, window, others, &|| origin(window.member));
                credentials = own;
            }
            if !credentials.is_empty() {
                gather::add_window(&mut found, window, credentials, &|| origin(window.member));
            }
        };
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            if threads > 1 {
                let mut prepare = |window: &Window<'_>| {
                    prepare(hint, window);
                    let now = hint.clone();
                    advance(hint, window);
                    now
                };
                let steps = crew::Steps { prepare: &mut prepare, scan, take: &mut take };
                return crew::scan(threads, steps, &mut |each| read(reader, each));
            }
            read(reader, &mut |window| {
                prepare(hint, window);
                take(window, scan(window.bytes, hint));
                advance(hint, window);
            })
        }));
        found.append(&mut more);
        let outcome = outcome.unwrap_or_else(|_| {
            SkipReason::Failed("the scanner failed on this text; please report it as a defect".to_owned()).into()
        });
        let members = outcome.members.into_iter();
        gathered.skipped.extend(members.map(|(name, reason)| {
            let member = Some(name.as_str()).filter(|name| !name.is_empty());
            Skipped { origin: origin(member), reason }
        }));
        if *quiet && outcome.skipped.is_none() {
            gathered.findings.append(&mut found);
            return;
        }
        let unread = outcome.skipped.is_some() && outcome.bytes == 0;
        gathered.files += u64::from(!unread && outcome.skipped != Some(SkipReason::Binary));
        gathered.bytes += outcome.bytes;
        gathered.findings.append(&mut found);
        gathered.skipped.extend(outcome.skipped.map(|reason| Skipped { origin: place.origin(), reason }));
        shared.progress.scanned(outcome.bytes);
    }
}

#[cfg(feature = "archives")]
fn last_name(path: &[u8]) -> &[u8] {
    &path[memchr::memrchr(b'/', path).map_or(0, |at| at + 1)..]
}

/// A member of an archive as if it lay in a folder of the archive's name.
fn member_path(path: &[u8], member: &str) -> Vec<u8> {
    let member = member.bytes().map(|byte| if byte == b'!' || byte == b'\\' { b'/' } else { byte });
    path.iter().copied().chain([b'/']).chain(member).collect()
}

/// The whole path, in the memory of the one before.
fn set_file(file: &mut Vec<u8>, path: &[u8]) {
    file.clear();
    file.extend_from_slice(path);
}

/// The last three names of a path in lower case, without giving the memory back and asking for it again.
fn set_hint_path(hint: &mut String, path: &[u8]) {
    hint.clear();
    let cut = memchr::memrchr_iter(b'/', path).nth(2).map_or(0, |at| at + 1);
    for chunk in path[cut..].utf8_chunks() {
        hint.push_str(chunk.valid());
    }
    if hint.is_ascii() {
        hint.make_ascii_lowercase();
    } else {
        *hint = hint.to_lowercase();
    }
}

#[cfg(test)]
mod tests;
