//! Scans of what git holds.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::versions::Versions;
use super::{FEW_FILES, Gathered, Options, Place, Progress, Shared, Worker, each_in_parallel};
use crate::detect::{Engine, Hint};
use crate::finding::{Finding, Report};
use crate::policy::comment::of_both;
use crate::source::Origin;
use crate::source::git as source;
use crate::source::git::held::{self, Holder, Leak};
use crate::source::git::range::Range;
use crate::source::git::{Error, ObjectId, Objects, Repository, Selection, Text, TextSource};
use crate::source::read::Outcome;
use crate::source::{PathFilter, SkipReason, Skipped};

/// What counts of a changed file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Findings that touch an added or changed line.
    #[default]
    Added,
    /// All findings in files that were changed.
    WholeFiles,
}

/// Scans what the next commit adds.
pub fn staged<'r>(
    engine: &Engine<'r>,
    repository: &Repository,
    scope: Scope,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report<'r>, Error> {
    let begin = Instant::now();
    let mut selection = source::staged::staged(repository)?;
    leave_out(&mut selection, options);
    Ok(selected(engine, repository, selection, "staged", (scope, begin), options, progress))
}

/// A file that a commit hook was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its path in the repository, `/` between names.
    pub path: Vec<u8>,
    /// Where it lies.
    pub file: PathBuf,
}

/// Scans the files that a commit hook was told of: of each what the next commit adds to it, and where that is nothing
/// (`pre-commit run --all-files`) the file as it lies there. What else is staged is not scanned.
///
/// # Errors
/// Those of [`staged`].
pub fn named<'r>(
    engine: &Engine<'r>,
    repository: &Repository,
    files: &[Named],
    options: &Options,
    progress: &dyn Progress,
) -> Result<Report<'r>, Error> {
    let begin = Instant::now();
    let filter = PathFilter::new(&options.exclude, &options.only);
    let files: Vec<&Named> = files.iter().filter(|file| !filter.excludes(&file.path)).collect();
    let wanted: HashSet<&[u8]> = files.iter().map(|file| file.path.as_slice()).collect();
    let mut selection = source::staged::staged(repository)?;
    selection.texts.retain(|text| wanted.contains(text.origin.path.as_slice()));
    selection.skipped.retain(|skipped| wanted.contains(skipped.origin.path.as_slice()));
    let staged: HashSet<Vec<u8>> = selection.texts.iter().map(|text| text.origin.path.clone()).collect();
    let unchanged: Vec<&Named> = files.into_iter().filter(|file| !staged.contains(&file.path)).collect();
    let mut gathered = select(engine, repository, selection, Scope::Added, options, progress);
    let scan = |text: &[u8], hint: &Hint| engine.scan(text, hint);
    let shared = Shared::new(&scan, options, progress);
    each_in_parallel(unchanged.len(), if unchanged.len() < FEW_FILES { 1 } else { options.threads }, &|numbers| {
        let mut worker = Worker::new(&shared);
        while let Some(file) = numbers.take().and_then(|number| unchanged.get(number)) {
            let origin = Origin::file(file.path.clone());
            worker.scan(&origin, &mut |reader, each| reader.file(&file.file, options.max_file_size, each));
        }
    });
    gathered.merge(shared.gathered());
    Ok(gathered.report(engine.rules(), "staged", &options.fingerprint_key, begin.elapsed()))
}

/// Scans what a range of commits added.
#[must_use]
pub fn range<'r>(
    engine: &Engine<'r>,
    repository: &Repository,
    range: &Range,
    scope: Scope,
    options: &Options,
    progress: &dyn Progress,
) -> Report<'r> {
    let begin = Instant::now();
    let mut selection = source::range::select(repository, range);
    leave_out(&mut selection, options);
    let order = Order::of(&selection);
    let mut gathered = select(engine, repository, selection, scope, options, progress);
    let leaks: Vec<Leak> = gathered.findings.iter().map(leak).collect();
    let holders = held::holders(repository, range, &leaks, options.max_file_size);
    gathered.findings = order.once(gathered.findings.into_iter().zip(holders).collect());
    gathered.report(engine.rules(), "history", &options.fingerprint_key, begin.elapsed())
}

/// The place of each commit in the history.
struct Order(HashMap<String, usize>);

impl Order {
    fn of(selection: &Selection) -> Self {
        let mut places = HashMap::new();
        for (at, text) in selection.texts.iter().enumerate() {
            if let Some(commit) = text.origin.git.as_ref().and_then(|git| git.commit.clone()) {
                places.entry(commit).or_insert(at);
            }
        }
        Self(places)
    }

    /// Each value of a file once, as the first commit of the range had it, with all that holds it.
    fn once(&self, mut found: Vec<(Finding, Holder)>) -> Vec<Finding> {
        let commit = |finding: &Finding| finding.chief().place.origin.git.as_ref().and_then(|git| git.commit.clone());
        let place = |finding: &Finding| commit(finding).and_then(|commit| self.0.get(&commit)).copied();
        found.sort_by(|(a, _), (b, _)| (place(a), &a.chief().place).cmp(&(place(b), &b.chief().place)));
        let mut groups: HashMap<_, Vec<usize>> = HashMap::new();
        let mut kept: Vec<(Versions, Holder)> = Vec::new();
        for (number, (mut finding, holder)) in (0..).zip(found) {
            let chief = finding.chief();
            let file = (chief.place.origin.path.clone(), chief.place.origin.member.clone());
            let group = groups.entry((finding.rule, chief.secret.clone(), file)).or_default();
            let earlier = group.first().map(|&first| commit(kept[first].0.earliest()));
            if earlier.is_none_or(|earlier| earlier == commit(&finding)) {
                group.push(kept.len());
                kept.push((Versions::of(number, finding), holder));
                continue;
            }
            for &at in &*group {
                let (first, held) = &mut kept[at];
                held.refs.extend(holder.refs.iter().cloned());
                held.in_head = held.in_head.max(holder.in_head);
                // A version without the comment holds the value openly.
                let comment = &mut first.earliest_mut().comment;
                *comment = of_both(comment.take(), finding.comment.as_ref());
            }
            finding.comment = None;
            kept[group[0]].0.add(number, finding);
        }
        kept.into_iter().map(|(versions, holder)| tell(versions.finish().0, holder)).collect()
    }
}

fn tell(mut finding: Finding, Holder { in_head, mut refs }: Holder) -> Finding {
    refs.sort();
    refs.dedup();
    for part in &mut finding.parts {
        if let Some(git) = part.place.origin.git.as_mut() {
            let git = Arc::make_mut(git);
            (git.in_head, git.refs) = (in_head, refs.clone());
        }
    }
    finding
}

/// What is asked of a finding's holders.
fn leak(finding: &Finding) -> Leak {
    let place = &finding.chief().place;
    let git = place.origin.git.as_deref();
    let id = |text: Option<&String>| text.and_then(|text| ObjectId::from_hex(text.as_bytes()).ok());
    let commit = id(git.and_then(|git| git.commit.as_ref()));
    Leak {
        path: place.origin.path.clone(),
        object: id(git.and_then(|git| git.object.as_ref())),
        commit,
        span: place.origin.member.is_none().then(|| place.span.range()),
    }
}

/// Takes out what the user doesn't want read, and names it.
fn leave_out(selection: &mut Selection, options: &Options) {
    let filter = PathFilter::new(&options.exclude, &options.only);
    // Their files are counted, so names are not counted once more.
    let is_name = |text: &Text| text.origin.git.as_ref().is_some_and(|git| git.place.as_deref() == Some("file name"));
    selection.texts.retain(|text| !(is_name(text) && filter.excludes(&text.origin.path)));
    let unwanted = |text: &Text| matches!(text.source, TextSource::Object(_)) && filter.excludes(&text.origin.path);
    let (out, texts) = std::mem::take(&mut selection.texts).into_iter().partition(unwanted);
    selection.texts = texts;
    let skipped = |text: Text| Skipped { origin: text.origin, reason: SkipReason::Unwanted };
    selection.skipped.extend(Vec::into_iter(out).map(skipped));
}

/// Scans texts that were selected one by one.
fn selected<'r>(
    engine: &Engine<'r>,
    repository: &Repository,
    selection: Selection,
    mode: &'static str,
    (scope, begin): (Scope, Instant),
    options: &Options,
    progress: &dyn Progress,
) -> Report<'r> {
    let gathered = select(engine, repository, selection, scope, options, progress);
    gathered.report(engine.rules(), mode, &options.fingerprint_key, begin.elapsed())
}

fn select(
    engine: &Engine<'_>,
    repository: &Repository,
    selection: Selection,
    scope: Scope,
    options: &Options,
    progress: &dyn Progress,
) -> Gathered {
    let scan = |text: &[u8], hint: &Hint| engine.scan(text, hint);
    let paths = |path: &[u8]| engine.judge_path(path);
    let shared = Shared::new(&scan, options, progress).judging(engine.rules(), &paths);
    let texts = &selection.texts;
    each_in_parallel(texts.len(), if texts.len() < FEW_FILES { 1 } else { options.threads }, &|numbers| {
        let (mut worker, mut objects) = (Worker::new(&shared), repository.reader());
        while let Some(text) = numbers.take().and_then(|number| texts.get(number)) {
            scan_text(&mut worker, &mut objects, text, scope, options.max_file_size);
        }
    });
    let mut gathered = shared.gathered();
    gathered.skipped.extend(selection.skipped);
    gathered.notes.extend(selection.notes);
    gathered
}

fn scan_text(worker: &mut Worker<'_>, objects: &mut Objects, text: &Text, scope: Scope, limit: u64) {
    let first = worker.gathered.findings.len();
    match &text.source {
        TextSource::Here(bytes) => {
            worker.quiet = true;
            worker.scan(&NoFile(&text.origin), &mut |reader, each| reader.bytes(bytes, each));
            worker.quiet = false;
        }
        TextSource::Object(id) => worker.scan(&text.origin, &mut |reader, each| match objects.get(*id, limit) {
            Ok((_, bytes)) => reader.bytes(bytes, each),
            Err(reason) => Outcome::from(reason),
        }),
    }
    let findings = &mut worker.gathered.findings;
    findings[first..].iter_mut().filter_map(|one| one.comment.as_mut()).for_each(|comment| comment.is_new = true);
    if text.replaces.is_empty() || findings.len() == first {
        return;
    }
    let TextSource::Object(id) = text.source else { return };
    let mut old = Lines::default();
    for &id in &text.replaces {
        // What can't be read hides nothing: all lines count as new then.
        if let Ok((_, bytes)) = objects.get(id, limit) {
            old.add(bytes);
        }
    }
    let Ok((_, bytes)) = objects.get(id, limit) else { return };
    for finding in &mut findings[first..] {
        let in_archive = finding.chief().place.origin.member.is_some();
        if let Some(comment) = finding.comment.as_mut().filter(|_| !in_archive) {
            comment.is_new = old.lacks(bytes, comment.span.range());
        }
    }
    if scope == Scope::WholeFiles {
        return;
    }
    // The lines of an archive's member are not those of the archive: it is new as a whole.
    let is_new = |finding: &Finding| {
        let mut parts = finding.parts.iter().map(|part| &part.place);
        // A comment that is new accepts what is old: that is told.
        parts.any(|place| place.origin.member.is_some() || old.lacks(bytes, place.span.range()))
            || finding.comment.as_ref().is_some_and(|comment| comment.is_new)
    };
    let mut kept: Vec<Finding> = findings.drain(first..).filter(is_new).collect();
    findings.append(&mut kept);
}

/// A message or a name: what it is called says nothing of what it holds.
struct NoFile<'a>(&'a Origin);

impl Place for NoFile<'_> {
    fn path(&self) -> &[u8] {
        b""
    }
    fn origin(&self) -> Origin {
        self.0.clone()
    }
}

/// The lines of a text, by their hashes.
#[derive(Default)]
struct Lines {
    hasher: BuildHasherDefault<DefaultHasher>,
    seen: HashSet<u64>,
}

impl Lines {
    fn add(&mut self, text: &[u8]) {
        self.seen.extend(text.split(|&byte| byte == b'\n').map(|line| self.hasher.hash_one(line.trim_ascii_end())));
    }

    /// Whether one of the lines that hold `range` is not among those seen.
    fn lacks(&self, text: &[u8], range: std::ops::Range<usize>) -> bool {
        let start = memchr::memrchr(b'\n', &text[..range.start.min(text.len())]).map_or(0, |at| at + 1);
        let end = range.end.min(text.len());
        let end = memchr::memchr(b'\n', &text[end..]).map_or(text.len(), |at| end + at);
        text[start..end]
            .split(|&byte| byte == b'\n')
            .any(|line| !self.seen.contains(&self.hasher.hash_one(line.trim_ascii_end())))
    }
}
