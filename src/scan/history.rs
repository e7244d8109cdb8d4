//! A scan of everything that a repository holds.
//!
//! First the graph (commits, trees, tags; their messages and the names of files are texts too), then every blob once, in
//! the order of the packs, under the path at which it first lay. A value that many versions of a file hold is one
//! finding: of the commit that brought it.

mod attribution;
mod known;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use attribution::{Attribution, Found, In, gaps};
use known::{Known, Of, PATIENCE, moved};

use super::share::Sharing;
use super::{Gathered, Options, Place, Progress, Shared, Worker, each_in_parallel, thread_count};
use crate::credential::Credential;
use crate::detect::prospect::Prospect;
use crate::detect::{Engine, Hint, PathClass};
use crate::finding::{Remark, RemarkKind, Report};
use crate::source::git::graph::{self, Graph, NONE, Walked};
use crate::source::git::objects::{Buffers, Copied, Delta, Sink, Store, Wanted};
use crate::source::git::refs::Tips;
use crate::source::git::{ObjectId, ObjectKind, Repository, Submodule};
use crate::source::read::is_one_window;
use crate::source::{GitOrigin, Origin, PathFilter, SkipReason, Skipped};
use crate::span::Span;

/// Scans all objects that references reach; with `unreachable` all there are.
#[must_use]
pub fn history<'r>(
    engine: &Engine<'r>,
    repository: &Repository,
    unreachable: bool,
    options: &Options,
    progress: &dyn Progress,
) -> Report<'r> {
    let begin = Instant::now();
    let (gathered, _) = one(engine, repository, unreachable, options, progress);
    gathered.report(engine.rules(), "history", &options.fingerprint_key, begin.elapsed())
}

/// The same for a repository and all its submodules.
#[must_use]
pub fn history_with_submodules<'r>(
    engine: &Engine<'r>,
    repository: &Repository,
    unreachable: bool,
    options: &Options,
    progress: &dyn Progress,
) -> Report<'r> {
    let begin = Instant::now();
    let (mut gathered, mut named) = one(engine, repository, unreachable, options, progress);
    for Submodule { path, repository } in repository.submodules() {
        match repository {
            Ok(mut repository) => {
                repository.pin(named.keys().copied());
                let (mut more, within) = one(engine, &repository, unreachable, options, progress);
                repository.pinned().iter().for_each(|id| drop(named.remove(id)));
                named.extend(within);
                more.move_below(&path);
                gathered.merge(more);
            }
            Err(why) => gathered.notes.push(format!("the submodule {path} was not read: {why}")),
        }
    }
    if let Some((id, name)) = named.first_key_value() {
        let count = named.len();
        gathered.notes.push(format!(
            "{count} commit(s) of submodules that the history names are in no repository here and were not read, such as {id} at {name}"
        ));
    }
    gathered.report(engine.rules(), "history", &options.fingerprint_key, begin.elapsed())
}

/// Scans one repository; gives the commits of submodules that it names, too.
fn one(
    engine: &Engine<'_>,
    repository: &Repository,
    unreachable: bool,
    options: &Options,
    progress: &dyn Progress,
) -> (Gathered, BTreeMap<ObjectId, String>) {
    let scan = |text: &[u8], hint: &Hint| engine.scan(text, hint);
    let (store, tips) = (Store::open(repository), Tips::list(repository));
    let everything = unreachable || tips.unlisted;
    let found = Mutex::default();
    let paths = |path: &[u8]| engine.judge_path(path);
    let shared = Shared::new(&scan, options, progress).judging(engine.rules(), &paths);
    let filter = PathFilter::new(&options.exclude, &options.only);
    let look = |text: &[u8], hint: &Hint, known: Option<(Prospect, &[Span])>| engine.prospect(text, hint, known);
    let near = |text: &[u8], hint: &Hint, places: &[Span]| engine.scan_near(text, hint, places);
    let class = |hint: &Hint, barren: bool| engine.path_class(hint, barren);
    let reading =
        Reading { look: &look, near: &near, class: &class, store: &store, shared: &shared, found: &found, filter };
    let graph = reading.graph(&store, repository);
    reading.names(&graph);
    let mut roots: Vec<u32> = tips.tips.iter().filter_map(|tip| store.number(&tip.id)).collect();
    if everything {
        roots.extend(graph.commits());
    }
    let walked = graph.walk(&roots, &tips.shallow);
    let failed = reading.blobs(&graph, &walked, everything);
    let mut gathered = shared.gathered();
    let found: Found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let attribution = Attribution { store: &store, graph: &graph, walked: &walked, tips: &tips, repository };
    gathered.findings = attribution.findings(found, everything);
    gaps(&mut gathered, &attribution, failed);
    gathered.skipped.extend(store.skipped.iter().cloned());
    gathered.skipped.extend(tips.skipped.iter().cloned());
    gathered.notes.extend(repository.notes());
    gathered.remarks.extend(if everything { None } else { left_out(graph.unreached(&walked)) });
    (gathered, graph.submodules)
}

/// What to say of objects that nobody asked for: amended commits, what was staged once.
fn left_out(count: usize) -> Option<Remark> {
    let (objects, were, them) = if count == 1 { ("object", "was", "it") } else { ("objects", "were", "them") };
    let text = format!("{count} {objects} that no reference reaches {were} left out; `--unreachable` reads {them}");
    (count > 0).then_some(Remark { kind: RemarkKind::Unreached, text })
}

/// Where in a text credentials can stand: [`Engine::prospect`].
type Look<'a> = &'a (dyn Fn(&[u8], &Hint, Option<(Prospect, &[Span])>) -> Option<Prospect> + Sync);
/// The credentials of a text by where they can stand: [`Engine::scan_near`].
type ScanNear<'a> = &'a (dyn Fn(&[u8], &Hint, &[Span]) -> Vec<Credential> + Sync);

/// What the path of a text says: [`Engine::path_class`].
type Class<'a> = &'a (dyn Fn(&Hint, bool) -> PathClass + Sync);

/// The reading of all objects.
struct Reading<'a> {
    look: Look<'a>,
    near: ScanNear<'a>,
    class: Class<'a>,
    store: &'a Store,
    shared: &'a Shared<'a>,
    found: &'a Mutex<Found>,
    filter: PathFilter,
}

impl Reading<'_> {
    fn threads(&self) -> usize {
        self.shared.options.threads
    }

    /// Scans one text and keeps what was found with the place it is in.
    fn scan(&self, worker: &mut Worker<'_>, place: In, shown: &dyn Place, bytes: &[u8]) {
        worker.scan(shown, &mut |reader, each| reader.bytes(bytes, each));
        self.keep(worker, place);
    }

    /// The same for a blob of which it is known where credentials can stand.
    fn scan_near(&self, worker: &mut Worker<'_>, place: In, shown: &dyn Place, bytes: &[u8], places: &[Span]) {
        let near = |text: &[u8], hint: &Hint| (self.near)(text, hint, places);
        worker.scan_as(&near, shown, &mut |reader, each| reader.bytes(bytes, each));
        self.keep(worker, place);
    }

    fn keep(&self, worker: &mut Worker<'_>, place: In) {
        if !worker.gathered.findings.is_empty() {
            let findings = std::mem::take(&mut worker.gathered.findings);
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            findings.into_iter().for_each(|finding| found.add(place, finding));
        }
    }

    fn graph<'s>(&self, store: &'s Store, repository: &Repository) -> Graph<'s> {
        let parts = graph::Shared::new(store, repository.hash());
        let units = self.store.units(Wanted::Graph);
        each_in_parallel(units.len(), self.threads(), &|numbers| {
            let (mut worker, mut buffers) = (Worker::new(self.shared), Buffers::default());
            worker.quiet = true;
            let mut message = |number: u32, kind: ObjectKind, bytes: &[u8]| {
                let shown = Message { store: self.store, number, tag: kind == ObjectKind::Tag };
                self.scan(&mut worker, In::Message(number), &shown, bytes);
            };
            let mut reader = parts.reader(&mut message);
            while let Some(unit) = numbers.take() {
                self.store.read(units[unit], &mut buffers, &mut reader);
            }
        });
        Graph::new(parts)
    }

    /// A file's name can be a credential too: a service may name its key files so.
    fn names(&self, graph: &Graph<'_>) {
        let names = graph.names();
        each_in_parallel(names.len(), 1, &|numbers| {
            let mut worker = Worker::new(self.shared);
            worker.quiet = true;
            while let Some(at) = numbers.take() {
                let place = In::Name(u32::try_from(at).unwrap_or(NONE));
                self.scan(&mut worker, place, &Name(&names[at]), &names[at]);
            }
        });
    }

    /// Scans blobs; gives those that could not be read.
    fn blobs(&self, graph: &Graph<'_>, walked: &Walked, everything: bool) -> Vec<(u32, String)> {
        let units = self.store.units(Wanted::Blobs);
        let all_failed: Mutex<Vec<(u32, String)>> = Mutex::default();
        let sharing = Sharing::new(thread_count(units.len(), self.threads()));
        let known = Known::new(self.store.count());
        each_in_parallel(units.len(), self.threads(), &|numbers| {
            let giver = sharing.giver();
            let worker = Worker::new(self.shared);
            let (sharing, known) = (&sharing, &known);
            let (path, first, failed) = (Vec::new(), NONE, Vec::new());
            let mut sink =
                Blobs { reading: self, graph, walked, everything, sharing, known, worker, path, first, failed };
            let mut buffers = Buffers::default();
            while let Some(unit) = numbers.take() {
                self.store.read(units[unit], &mut buffers, &mut sink);
            }
            drop(giver);
            while let Some(job) = sharing.take() {
                let delta = job.base.as_ref().map(|(base, fresh, copied)| Delta { base: *base, fresh, copied });
                sink.scan(job.number, &job.bytes, delta, job.closest);
            }
            all_failed.lock().unwrap_or_else(PoisonError::into_inner).append(&mut sink.failed);
        });
        all_failed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread's scan of blobs.
struct Blobs<'a> {
    reading: &'a Reading<'a>,
    graph: &'a Graph<'a>,
    walked: &'a Walked,
    everything: bool,
    sharing: &'a Sharing<Job>,
    known: &'a Known,
    worker: Worker<'a>,
    /// Under which path the blob in hand is read, and the place of the first commit that held it there.
    path: Vec<u8>,
    first: u32,
    failed: Vec<(u32, String)>,
}

impl Blobs<'_> {
    /// Whether a blob is to be read: at any of its paths. The first of these is then in `path`.
    fn wants(&mut self, number: u32) -> bool {
        let (graph, walked, filter) = (self.graph, self.walked, &self.reading.filter);
        self.first = walked.first(number);
        if !self.everything && self.first == NONE {
            return false;
        }
        graph.path(walked, number, &mut self.path);
        if !filter.excludes(&self.path) {
            return true;
        }
        for &(path, commit) in walked.elsewhere(number) {
            graph.path_of(walked, path, &mut self.path);
            if !filter.excludes(&self.path) {
                self.first = commit;
                return true;
            }
        }
        graph.path(walked, number, &mut self.path);
        if walked.lies_anywhere(number) {
            return true;
        }
        let skipped = Skipped { origin: Origin::file(self.path.clone()), reason: SkipReason::Unwanted };
        self.worker.gathered.skipped.push(skipped);
        false
    }
}

/// A blob for another thread.
struct Job {
    number: u32,
    bytes: Vec<u8>,
    base: Option<(u32, Vec<Span>, Vec<Copied>)>,
    /// As [`Sink::object`] has it.
    closest: Option<u32>,
}

impl Blobs<'_> {
    fn scan(&mut self, number: u32, bytes: &[u8], delta: Option<Delta<'_>>, closest: Option<u32>) {
        if !self.wants(number) {
            return;
        }
        let prospect = self.prospect(number, bytes, delta, closest);
        let barren = prospect.as_ref().is_some_and(Prospect::is_barren);
        if barren {
            self.worker.pass(bytes.len() as u64);
        } else {
            let shown = BlobPlace { store: self.reading.store, number, path: &self.path };
            let place = In::Blob { number, first: self.first };
            match prospect {
                Some(Prospect { places, .. }) => {
                    self.reading.scan_near(&mut self.worker, place, &shown, bytes, &places);
                }
                None => self.reading.scan(&mut self.worker, place, &shown, bytes),
            }
        }
        self.scan_elsewhere(number, bytes, barren);
    }

    /// Scans a blob once more for each of its other paths at which something else could be found: what is harmless in
    /// `README.md` is a leak in `.env`.
    fn scan_elsewhere(&mut self, number: u32, bytes: &[u8], barren: bool) {
        let (graph, walked, reading) = (self.graph, self.walked, self.reading);
        let others = walked.elsewhere(number);
        if others.is_empty() {
            return;
        }
        let mut seen = vec![(reading.class)(self.worker.hint(&self.path), barren)];
        for &(path, first) in others {
            graph.path_of(walked, path, &mut self.path);
            let class = (reading.class)(self.worker.hint(&self.path), barren);
            if seen.contains(&class) || reading.filter.excludes(&self.path) {
                continue;
            }
            seen.push(class);
            let shown = BlobPlace { store: reading.store, number, path: &self.path };
            // It was counted.
            self.worker.quiet = true;
            reading.scan(&mut self.worker, In::Blob { number, first }, &shown, bytes);
            self.worker.quiet = false;
        }
    }

    /// Where in a blob credentials can stand, if that can be told. Of a version of a blob of which it is known only what is
    /// new is read.
    fn prospect(
        &mut self,
        number: u32,
        bytes: &[u8],
        delta: Option<Delta<'_>>,
        closest: Option<u32>,
    ) -> Option<Prospect> {
        if !is_one_window(bytes) {
            return None;
        }
        let of_base = delta.map_or(Of::Unknown, |delta| self.known.get(delta.base));
        let known = match (of_base, delta) {
            // What can't be told of a text can seldom be told of its next version.
            (Of::Anything(versions), _) if versions < PATIENCE => {
                self.known.set(number, &Of::Anything(versions + 1));
                return None;
            }
            (Of::Told(mut base), Some(delta)) if pays(&base, delta.fresh, bytes.len()) => {
                base.places = moved(&base.places, delta.copied);
                Some((base, delta.fresh))
            }
            // A look at all of a text costs more than a scan, and pays with the versions that differ little.
            _ if closest.is_none_or(|delta| delta as usize >= bytes.len() / NEAR) => return None,
            _ => None,
        };
        let (look, hint) = (self.reading.look, self.worker.hint(&self.path));
        // A text on which the engine fails is left to the scan, which says so.
        let look = std::panic::AssertUnwindSafe(|| look(bytes, hint, known));
        let prospect = std::panic::catch_unwind(look).unwrap_or_default();
        self.known.set(number, &prospect.clone().map_or(Of::Anything(0), Of::Told));
        prospect
    }
}

/// A delta of less than one in so many bytes of a text leads to a version that is worth a look at what is new in it.
const NEAR: usize = 20;

/// Whether a look at what is new in a version, with all around that it can change, costs less than one at the whole text.
fn pays(base: &Prospect, fresh: &[Span], length: usize) -> bool {
    let share = if base.is_worth() { 5 } else { 2 };
    fresh.iter().map(|span| span.len()).sum::<usize>() < length / share
}

impl Sink for Blobs<'_> {
    fn object(&mut self, number: u32, _: ObjectKind, bytes: &[u8], delta: Option<Delta<'_>>, closest: Option<u32>) {
        if bytes.len() as u64 > self.limit() {
            return self.too_large(number, bytes.len() as u64);
        }
        // Only a text is looked at by what changed in it, and what changed in a binary file is long.
        let text = delta.filter(|_| is_one_window(bytes));
        let base = || text.map(|Delta { base, fresh, copied }| (base, fresh.to_vec(), copied.to_vec()));
        if !self.sharing.give(bytes.len(), || Job { number, bytes: bytes.to_vec(), base: base(), closest }) {
            self.scan(number, bytes, delta, closest);
        }
    }

    fn limit(&self) -> u64 {
        self.reading.shared.options.max_file_size
    }

    fn too_large(&mut self, number: u32, size: u64) {
        if self.wants(number) {
            let shown = BlobPlace { store: self.reading.store, number, path: &self.path };
            let reason = SkipReason::TooLarge { size, limit: self.limit() };
            self.worker.gathered.skipped.push(Skipped { origin: shown.origin(), reason });
        }
    }

    fn failed(&mut self, number: u32, why: &str) {
        self.failed.push((number, why.to_owned()));
    }
}

/// The message of a commit or tag.
struct Message<'a> {
    store: &'a Store,
    number: u32,
    tag: bool,
}

impl Place for Message<'_> {
    fn path(&self) -> &[u8] {
        b""
    }
    fn origin(&self) -> Origin {
        let id = self.store.id(self.number).to_string();
        let place = if self.tag { "tag message" } else { "commit message" };
        let commit = (!self.tag).then(|| id.clone());
        let git = GitOrigin { commit, object: Some(id.clone()), place: Some(place.to_owned()), ..GitOrigin::default() };
        Origin { path: format!("{place} {}", &id[..12]).into_bytes(), member: None, git: Some(Arc::new(git)) }
    }
}

/// A name in a tree.
struct Name<'a>(&'a [u8]);

impl Place for Name<'_> {
    fn path(&self) -> &[u8] {
        b""
    }
    fn origin(&self) -> Origin {
        let git = GitOrigin { place: Some("file name".to_owned()), ..GitOrigin::default() };
        Origin { path: self.0.to_vec(), member: None, git: Some(Arc::new(git)) }
    }
}

/// A blob under its first path.
struct BlobPlace<'a> {
    store: &'a Store,
    number: u32,
    path: &'a [u8],
}

impl Place for BlobPlace<'_> {
    fn path(&self) -> &[u8] {
        self.path
    }
    fn origin(&self) -> Origin {
        let id = self.store.id(self.number).to_string();
        let path = if self.path.is_empty() { format!("object {}", &id[..12]).into_bytes() } else { self.path.to_vec() };
        let git = GitOrigin { object: Some(id), ..GitOrigin::default() };
        Origin { path, member: None, git: Some(Arc::new(git)) }
    }
}
