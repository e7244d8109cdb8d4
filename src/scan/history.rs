//! A scan of everything that a repository holds.
//!
//! First the graph (commits, trees, tags; their messages and the names of files are texts too), then every blob once, in
//! the order of the packs, under the path at which it first lay. A value that many versions of a file hold is one
//! finding: of the commit that brought it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::share::Sharing;
use super::{Gathered, Options, Place, Progress, Shared, Worker, each_in_parallel, thread_count};
use crate::detect::barren::Barren;
use crate::detect::{Engine, Hint};
use crate::finding::{Finding, Report};
use crate::policy::comment::of_both;
use crate::source::git::graph::{self, Graph, Holders, NONE, Walked};
use crate::source::git::objects::{Buffers, Delta, Sink, Store, Wanted};
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
    let gathered = one(engine, repository, unreachable, options, progress);
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
    let mut gathered = one(engine, repository, unreachable, options, progress);
    for Submodule { path, repository } in repository.submodules() {
        match repository {
            Some(repository) => {
                let mut more = one(engine, &repository, unreachable, options, progress);
                more.move_below(&path);
                gathered.merge(more);
            }
            None => gathered.notes.push(format!(
                "the submodule {path} is not here and was not read (`git submodule update --init` brings it)"
            )),
        }
    }
    gathered.report(engine.rules(), "history", &options.fingerprint_key, begin.elapsed())
}

fn one(
    engine: &Engine<'_>,
    repository: &Repository,
    unreachable: bool,
    options: &Options,
    progress: &dyn Progress,
) -> Gathered {
    let scan = |text: &[u8], hint: &Hint| engine.scan(text, hint);
    let (store, tips) = (Store::open(repository), Tips::list(repository));
    let everything = unreachable || tips.unlisted;
    let hits = Mutex::default();
    let paths = |path: &[u8]| engine.judge_path(path);
    let shared = Shared::new(&scan, options, progress).judging(engine.rules(), &paths);
    let filter = PathFilter::new(&options.exclude, &options.only);
    let barren = |text: &[u8], hint: &Hint, known: Option<(Barren, &[Span])>| engine.barren(text, hint, known);
    let reading = Reading { barren: &barren, store: &store, shared: &shared, hits: &hits, filter };
    let graph = reading.graph(&store, repository);
    reading.names(&graph);
    let mut roots: Vec<u32> = tips.tips.iter().filter_map(|tip| store.number(&tip.id)).collect();
    if everything {
        roots.extend(graph.commits());
    }
    let walked = graph.walk(&roots, &tips.shallow);
    let failed = reading.blobs(&graph, &walked, everything);
    let mut gathered = shared.gathered();
    let hits: Vec<Hit> = hits.into_inner().unwrap_or_else(PoisonError::into_inner);
    let attribution = Attribution { store: &store, graph: &graph, walked: &walked, tips: &tips, repository };
    gathered.findings = attribution.findings(hits, everything);
    gaps(&mut gathered, &attribution, failed);
    gathered.skipped.extend(store.skipped.iter().cloned());
    gathered.skipped.extend(tips.skipped.iter().cloned());
    gathered.notes.extend(repository.notes());
    gathered
}

/// A finding, and what it is in.
struct Hit {
    place: In,
    finding: Finding,
}

/// What a finding is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum In {
    Blob(u32),
    Message(u32),
    Name(u32),
}

/// Whether nothing in a text can be a credential: [`Engine::barren`].
type Look<'a> = &'a (dyn Fn(&[u8], &Hint, Option<(Barren, &[Span])>) -> Option<Barren> + Sync);

/// The reading of all objects.
struct Reading<'a> {
    barren: Look<'a>,
    store: &'a Store,
    shared: &'a Shared<'a>,
    hits: &'a Mutex<Vec<Hit>>,
    filter: PathFilter,
}

impl Reading<'_> {
    fn threads(&self) -> usize {
        self.shared.options.threads
    }

    /// Scans one text and keeps what was found with the place it is in.
    fn scan(&self, worker: &mut Worker<'_>, place: In, shown: &dyn Place, bytes: &[u8]) {
        worker.scan(shown, &mut |reader, each| reader.bytes(bytes, each));
        if !worker.gathered.findings.is_empty() {
            let found = std::mem::take(&mut worker.gathered.findings);
            let hits = found.into_iter().map(|finding| Hit { place, finding });
            self.hits.lock().unwrap_or_else(PoisonError::into_inner).extend(hits);
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
        let failed: Mutex<Vec<(u32, String)>> = Mutex::default();
        let sharing = Sharing::new(thread_count(units.len(), self.threads()));
        let barren: Vec<AtomicU8> = (0..self.store.count()).map(|_| AtomicU8::new(0)).collect();
        each_in_parallel(units.len(), self.threads(), &|numbers| {
            let giver = sharing.giver();
            let worker = Worker::new(self.shared);
            let (path, failures) = (Vec::new(), Vec::new());
            let (sharing, barren) = (&sharing, &barren);
            let mut sink =
                Blobs { reading: self, graph, walked, everything, sharing, barren, worker, path, failed: failures };
            let mut buffers = Buffers::default();
            while let Some(unit) = numbers.take() {
                self.store.read(units[unit], &mut buffers, &mut sink);
            }
            drop(giver);
            while let Some(job) = sharing.take() {
                let delta = job.base.as_ref().map(|(base, fresh)| Delta { base: *base, fresh, copied: &[] });
                sink.scan(job.number, &job.bytes, delta);
            }
            failed.lock().unwrap_or_else(PoisonError::into_inner).append(&mut sink.failed);
        });
        failed.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One thread's scan of blobs.
struct Blobs<'a> {
    reading: &'a Reading<'a>,
    graph: &'a Graph<'a>,
    walked: &'a Walked,
    everything: bool,
    sharing: &'a Sharing<Job>,
    /// For each object whether something in it can be a credential: 0 if that isn't known, [`KNOWN`] with what is
    /// remembered of it if nothing can, else [`VIABLE`].
    barren: &'a [AtomicU8],
    worker: Worker<'a>,
    path: Vec<u8>,
    failed: Vec<(u32, String)>,
}

impl Blobs<'_> {
    /// Whether a blob is to be read; its path is then in `path`.
    fn wants(&mut self, number: u32) -> bool {
        if !self.everything && self.walked.first(number) == NONE {
            return false;
        }
        self.graph.path(self.walked, number, &mut self.path);
        if self.reading.filter.excludes(&self.path) {
            let skipped = Skipped { origin: Origin::file(self.path.clone()), reason: SkipReason::Unwanted };
            self.worker.gathered.skipped.push(skipped);
            return false;
        }
        true
    }
}

/// Set in what is remembered of an object in which nothing can be a credential.
const KNOWN: u8 = 0x80;
/// Set if something can be one. The bits of [`COUNT`] say how many versions before were not looked at for that.
const VIABLE: u8 = 0x40;
const COUNT: u8 = 0x0f;

/// A blob for another thread.
struct Job {
    number: u32,
    bytes: Vec<u8>,
    base: Option<(u32, Vec<Span>)>,
}

impl Blobs<'_> {
    fn scan(&mut self, number: u32, bytes: &[u8], delta: Option<Delta<'_>>) {
        if self.wants(number) {
            if self.is_barren(number, bytes, delta) {
                return self.worker.pass(bytes.len() as u64);
            }
            let shown = BlobPlace { store: self.reading.store, number, path: &self.path };
            self.reading.scan(&mut self.worker, In::Blob(number), &shown, bytes);
        }
    }

    /// Whether nothing in a blob can be a credential. Of a version of such a blob only what is new is read.
    fn is_barren(&mut self, number: u32, bytes: &[u8], delta: Option<Delta<'_>>) -> bool {
        if !is_one_window(bytes) {
            return false;
        }
        let of_base = delta.map_or(0, |delta| self.barren[delta.base as usize].load(Ordering::Relaxed));
        let remember = |what: u8| self.barren[number as usize].store(what, Ordering::Relaxed);
        // What could hold a credential seldom ceases to between two versions.
        if of_base & VIABLE != 0 && of_base & COUNT < COUNT {
            remember(of_base + 1);
            return false;
        }
        let known = delta.filter(|_| of_base & KNOWN != 0).map(|delta| (Barren::from_bits(of_base), delta.fresh));
        let (look, hint) = (self.reading.barren, self.worker.hint(&self.path));
        // A text on which the engine fails is left to the scan, which says so.
        let look = std::panic::AssertUnwindSafe(|| look(bytes, hint, known));
        let barren = std::panic::catch_unwind(look).unwrap_or_default();
        remember(barren.map_or(VIABLE, |barren| KNOWN | barren.bits()));
        barren.is_some()
    }
}

impl Sink for Blobs<'_> {
    fn object(&mut self, number: u32, _: ObjectKind, bytes: &[u8], delta: Option<Delta<'_>>) {
        if bytes.len() as u64 > self.limit() {
            return self.too_large(number, bytes.len() as u64);
        }
        let base = || delta.map(|Delta { base, fresh, .. }| (base, fresh.to_vec()));
        if !self.sharing.give(|| Job { number, bytes: bytes.to_vec(), base: base() }) {
            self.scan(number, bytes, delta);
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

/// Who brought what was found, and who holds it.
struct Attribution<'a> {
    store: &'a Store,
    graph: &'a Graph<'a>,
    walked: &'a Walked,
    tips: &'a Tips,
    repository: &'a Repository,
}

/// The same value in several objects.
struct Group {
    finding: Finding,
    /// The place of the first commit in the walk.
    first: u32,
    objects: BTreeSet<u32>,
    paths: BTreeSet<Vec<u8>>,
}

/// Paths that are listed for one finding at most.
const PATHS: usize = 20;

impl Attribution<'_> {
    fn findings(&self, hits: Vec<Hit>, everything: bool) -> Vec<Finding> {
        let mut groups = self.groups(hits, everything);
        for batch in groups.chunks_mut(64) {
            self.tell(batch);
        }
        groups.into_iter().map(|group| group.finding).collect()
    }

    /// One group for each value of each rule, the earliest place first.
    fn groups(&self, hits: Vec<Hit>, everything: bool) -> Vec<Group> {
        let mut placed: Vec<(u32, u32, Finding)> = Vec::new();
        for Hit { place, mut finding } in hits {
            let (first, object) = match place {
                In::Blob(number) => (self.walked.first(number), number),
                In::Message(number) => (self.message_place(number), number),
                In::Name(name) => match self.graph.first_named(self.walked, name) {
                    Some((commit, child, path)) => {
                        set_path(&mut finding, &path);
                        (commit, child)
                    }
                    None => continue,
                },
            };
            if first != NONE || everything {
                placed.push((first, object, finding));
            }
        }
        placed.sort_by(|a, b| (a.0, &a.2.chief().place).cmp(&(b.0, &b.2.chief().place)));
        let mut groups: BTreeMap<_, Group> = BTreeMap::new();
        for (first, object, finding) in placed {
            let path = finding.chief().place.origin.path.clone();
            let key = (finding.rule, finding.chief().secret.clone());
            let comment = finding.comment.clone();
            let new = || Group { finding, first, objects: BTreeSet::new(), paths: BTreeSet::new() };
            let group = groups.entry(key).or_insert_with(new);
            // A version without the comment holds the value openly: the comment of another doesn't speak for it.
            group.finding.comment = of_both(group.finding.comment.take(), comment.as_ref());
            group.objects.insert(object);
            group.paths.insert(path);
        }
        groups.into_values().collect()
    }

    /// The place of a commit, by its number; a tag has none, but is there.
    fn message_place(&self, number: u32) -> u32 {
        if self.walked.tags.contains(&number) { NONE - 1 } else { self.graph.place(self.walked, number) }
    }

    /// Writes into each finding what the graph knows.
    fn tell(&self, groups: &mut [Group]) {
        let mut masks: HashMap<u32, u64> = HashMap::new();
        for (bit, group) in groups.iter().enumerate() {
            for &object in &group.objects {
                *masks.entry(object).or_default() |= 1 << bit;
            }
        }
        let holders = self.graph.holders(self.walked, &masks);
        let head = self.tips.head.and_then(|id| self.store.number(&id)).and_then(|tip| self.graph.tip_commit(tip));
        let mut objects = self.repository.reader();
        for (bit, group) in groups.iter_mut().enumerate() {
            let bit = 1 << bit;
            let in_head = head.is_some_and(|head| holders.in_tree(self.graph.place(self.walked, head)) & bit != 0);
            if let Some(head) = head.filter(|_| in_head) {
                group.paths.extend(self.graph.paths_of(head, &masks, &holders, bit, PATHS));
            }
            let chief = group.finding.chief().place.origin.clone();
            let known = chief.git.as_deref().cloned().unwrap_or_default();
            let commit = self.graph.commit_id(self.walked, group.first).and_then(|id| objects.commit(id).ok());
            let told = commit.map(|commit| commit.origin()).unwrap_or_default();
            let refs = self.refs(&holders, &masks, bit);
            let place = known
                .place
                .clone()
                .or_else(|| place_by(&refs))
                .or_else(|| (refs.is_empty() && !self.tips.unlisted).then(|| "unreachable object".to_owned()));
            group.paths.remove(&chief.path);
            let also = group.paths.iter().take(PATHS).map(|path| String::from_utf8_lossy(path).into_owned()).collect();
            let origin = GitOrigin { object: known.object, place, in_head: Some(in_head), refs, also, ..told };
            let origin = Origin { git: Some(Arc::new(origin)), ..chief };
            group.finding.parts.iter_mut().for_each(|part| part.place.origin = origin.clone());
        }
    }

    /// The names of all tips that hold a group.
    fn refs(&self, holders: &Holders, masks: &HashMap<u32, u64>, bit: u64) -> Vec<String> {
        let holds = |id: &ObjectId| {
            let Some(number) = self.store.number(id) else { return false };
            let itself = masks.get(&number).copied().unwrap_or_default();
            let commit = self
                .graph
                .tip_commit(number)
                .map_or(0, |commit| holders.in_history(self.graph.place(self.walked, commit)));
            let target = masks.get(&self.graph.target(number)).copied().unwrap_or_default();
            (itself | commit | target) & bit != 0
        };
        let tips = self.tips.tips.iter().filter(|tip| holds(&tip.id));
        let mut names: Vec<String> = tips.map(|tip| tip.name.clone()).collect();
        // HEAD speaks for itself only where it is on no branch.
        if names.len() > 1 {
            names.retain(|name| name != "HEAD");
        }
        names
    }
}

/// What a text is if only references of a kind hold it.
fn place_by(refs: &[String]) -> Option<String> {
    let all = |test: fn(&str) -> bool| !refs.is_empty() && refs.iter().all(|name| test(name));
    if all(|name| name.starts_with("refs/notes/")) {
        Some("note".to_owned())
    } else if all(|name| name == "refs/stash" || name.starts_with("stash@")) {
        Some("stash".to_owned())
    } else {
        None
    }
}

fn set_path(finding: &mut Finding, path: &[u8]) {
    for part in &mut finding.parts {
        part.place.origin.path = path.to_vec();
    }
}

/// Says what the history names and nobody could read.
fn gaps(gathered: &mut Gathered, attribution: &Attribution<'_>, failed: Vec<(u32, String)>) {
    let Attribution { store, graph, walked, tips, repository } = attribution;
    let mut skip = |reason| {
        gathered.skipped.push(Skipped { origin: Origin::file(*b".git/objects"), reason });
    };
    let (damaged, absent): (Vec<u32>, Vec<u32>) = walked.absent.iter().partition(|&&number| number < store.count());
    if !absent.is_empty() {
        let why = if repository.is_partial() { ": a partial clone did not fetch them" } else { "" };
        let example = absent.iter().filter_map(|&number| graph.absent_id(number)).min();
        let example = example.map(|id| format!(", such as {id}")).unwrap_or_default();
        skip(SkipReason::Missing(format!(
            "{} object(s) of the history are not in the repository{example}{why}",
            absent.len()
        )));
    }
    for tip in tips.tips.iter().filter(|tip| store.number(&tip.id).is_none()) {
        skip(SkipReason::Missing(format!("{} names the object {}, which is not in the repository", tip.name, tip.id)));
    }
    let mut unread: BTreeMap<String, BTreeSet<ObjectId>> = BTreeMap::new();
    let lost = store.lost().into_iter().map(|id| (store.number(&id), "its deltas lead to no object".to_owned()));
    let failed = failed.into_iter().chain(graph.failed.iter().cloned()).map(|(number, why)| (Some(number), why));
    let damaged = damaged.into_iter().map(|number| (Some(number), "it can't be read".to_owned()));
    for (number, why) in lost.chain(failed) {
        let Some(number) = number.filter(|&number| walked.first(number) != NONE) else { continue };
        unread.entry(why).or_default().insert(store.id(number));
    }
    for (number, why) in damaged {
        unread.entry(why).or_default().extend(number.map(|number| store.id(number)));
    }
    for (why, ids) in unread {
        let example = ids.first().map(ToString::to_string).unwrap_or_default();
        skip(SkipReason::Unreadable(format!("{} object(s) can't be read, such as {example}: {why}", ids.len())));
    }
}
