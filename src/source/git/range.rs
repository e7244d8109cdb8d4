//! What a range of commits added: each of them against its parents.

use std::collections::HashSet;
use std::sync::Arc;

use gix::bstr::{BString, ByteSlice};
use gix::objs::Kind;

use super::ancestry::{Ancestry, ancestry};
use super::changes::Changes;
use super::commit::{tag_target, tag_text};
use super::refs::{Storage, Tips};
use super::{
    Commit, Error, ObjectId, Objects, Repository, Selection, SkipReason, Skipped, Text, TextSource, cause, last_name,
};
use crate::source::{GitOrigin, Origin};

/// Which commits are meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// These and what lies before them,
    pub tips: Vec<ObjectId>,
    /// but not these and what lies before them.
    pub hidden: Vec<ObjectId>,
    /// Only commits of this time or later, in seconds since 1970.
    pub since: Option<i64>,
    /// Only so many, the latest.
    pub depth: Option<usize>,
    /// What could not be read of what says which commits are meant.
    pub skipped: Vec<Skipped>,
}

impl Range {
    /// Of a text: `A..B` is what B has and A lacks, `A...B` what either has and the other lacks, `A` all that A has. A
    /// side left out is HEAD.
    pub fn parse(repository: &Repository, text: &str) -> Result<Self, Error> {
        // `$A..$B` of variables that nobody set would be read as nothing, and pass for clean.
        if text.chars().all(|one| one == '.') {
            return Err(Error::Range { text: text.to_owned() });
        }
        let one = |spec: &str| repository.resolve(if spec.is_empty() { "HEAD" } else { spec });
        let (tips, hidden) = if let Some((a, b)) = text.split_once("...") {
            let (a, b) = (one(a)?, one(b)?);
            (vec![a, b], repository.common(a, b))
        } else if let Some((a, b)) = text.split_once("..") {
            (vec![one(b)?], vec![one(a)?])
        } else {
            (vec![one(text)?], Vec::new())
        };
        Ok(Self { tips, hidden, ..Self::default() })
    }

    /// All that references reach.
    #[must_use]
    pub fn all(repository: &Repository) -> Self {
        let Tips { tips, skipped, .. } = Tips::list(repository);
        Self { tips: tips.into_iter().map(|tip| tip.id).collect(), skipped, ..Self::default() }
    }

    /// What a push sends, as git tells a `pre-push` hook on standard input: lines of local reference, local object,
    /// remote reference, remote object. What the remote is known to have is left out.
    pub fn pushed(repository: &Repository, remote: &str, lines: &[u8]) -> Result<Self, Error> {
        let mut range = Self::default();
        let mut objects = repository.reader();
        for (number, line) in (1..).zip(lines.lines()).filter(|(_, line)| !line.trim_ascii().is_empty()) {
            let Some((local, theirs)) = sent(line) else { return Err(Error::Push { line: number }) };
            if local.is_null() {
                continue;
            }
            range.tips.push(local);
            // What was never fetched can't be told apart from what is new: it is scanned once more.
            if !theirs.is_null() && objects.get(theirs, u64::MAX).is_ok() {
                range.hidden.push(theirs);
            }
        }
        let prefix = format!("refs/remotes/{remote}/");
        // Of the remotes `a` and `a/b` the second has what lies below `a/b/`.
        let others = repository.remotes().into_iter().map(|name| format!("refs/remotes/{name}/"));
        let others: Vec<String> = others.filter(|other| other.len() > prefix.len()).collect();
        let is_theirs = |name: &str| name.starts_with(&prefix) && !others.iter().any(|other| name.starts_with(other));
        let known = Tips::list(repository).tips.into_iter().filter(|tip| is_theirs(&tip.name));
        range.hidden.extend(known.map(|tip| tip.id));
        Ok(range)
    }
}

/// The objects of a line that git tells a `pre-push` hook. What is sent can be named with blanks (`:/fix this`), so they
/// are counted from the end.
fn sent(line: &[u8]) -> Option<(ObjectId, ObjectId)> {
    let mut words = line.rsplitn(4, |&byte| byte == b' ');
    let theirs = ObjectId::from_hex(words.next()?).ok()?;
    let local = words.nth(1).and_then(|word| ObjectId::from_hex(word).ok())?;
    words.next().map(|_| (local, theirs))
}

/// A time as people write it (`2026-01-31`, `2 weeks ago`), in seconds since 1970.
pub fn time(text: &str) -> Result<i64, Error> {
    if let Some(age) = age(text) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        return Ok(i64::try_from(now.as_secs()).unwrap_or(i64::MAX).saturating_sub(age));
    }
    let day = gix::date::parse(text, None).or_else(|_| gix::date::parse(&format!("{text} 00:00:00 +0000"), None));
    day.map(|time| time.seconds).map_err(|_| Error::Time { text: text.to_owned() })
}

/// `3 days ago` in seconds.
fn age(text: &str) -> Option<i64> {
    let mut words = text.split([' ', '.']).filter(|word| !word.is_empty() && *word != "ago");
    let count: i64 = words.next()?.parse().ok()?;
    let unit = match words.next()?.trim_end_matches('s') {
        "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        "week" => 7 * 86_400,
        "month" => 30 * 86_400,
        "year" => 365 * 86_400,
        _ => return None,
    };
    words.next().is_none().then(|| count.saturating_mul(unit))
}

impl Repository {
    /// The names of all remotes.
    fn remotes(&self) -> Vec<String> {
        let repo = self.shared.to_thread_local();
        repo.remote_names().iter().map(|name| name.to_str_lossy().into_owned()).collect()
    }

    /// The commit (or tag, or tree) that a revision means: a name, an id, `HEAD~3`.
    pub fn resolve(&self, spec: &str) -> Result<ObjectId, Error> {
        let repo = self.shared.to_thread_local();
        let wrong = |reason: String| Error::Revision { spec: spec.to_owned(), reason };
        if spec.starts_with('-') {
            return Err(wrong("it begins with a dash".to_owned()));
        }
        // gix finds names among files only: where they are in tables, the id goes in the name's place.
        let steps = [spec.find(['^', '~', ':']), spec.find("@{")];
        let end = steps.into_iter().flatten().min().unwrap_or(spec.len());
        let named = Storage::of(&repo).named(&spec[..end]).map(|id| format!("{id}{}", &spec[end..]));
        let found = repo.rev_parse_single(named.as_deref().unwrap_or(spec)).map_err(|error| {
            let cause = cause(&error);
            let unknown = cause.ends_with("NotFound") || cause.contains("could not be found");
            let why = "no branch, tag or commit here is called so; is it spelled right, and fetched?";
            wrong(if unknown { why.to_owned() } else { cause })
        })?;
        Ok(found.detach())
    }

    /// Commits behind which lies all that two have both: the latest of them, unless damaged commits are in the way.
    fn common(&self, a: ObjectId, b: ObjectId) -> Vec<ObjectId> {
        let mut objects = self.reader();
        let ((a, _), (b, _)) = (peel_all(&mut objects, &[a]), peel_all(&mut objects, &[b]));
        if let (&[a], &[b]) = (&*a, &*b)
            && let Ok(bases) = objects.repo.merge_bases_many(a, &[b])
        {
            return bases.into_iter().map(gix::Id::detach).collect();
        }
        let commits = ancestry(&mut objects, &b, &a).commits;
        let own: HashSet<ObjectId> = commits.iter().map(|commit| commit.id).collect();
        let mut common: Vec<ObjectId> = b.into_iter().chain(commits.into_iter().flat_map(|one| one.parents)).collect();
        // One that can't be read is a gap of both, which must be told.
        common.retain(|id| !own.contains(id) && objects.header(*id).is_ok());
        common
    }
}

/// The texts that the commits of a range added, the oldest first.
#[must_use]
pub fn select(repository: &Repository, range: &Range) -> Selection {
    let (skipped, notes) = (range.skipped.clone(), repository.notes());
    let mut selection = Selection { skipped, notes, ..Selection::default() };
    let mut objects = repository.reader();
    let tips = messages_of_tags(&mut objects, &range.tips, &mut selection);
    let (hidden, _) = peel_all(&mut objects, &range.hidden);
    let commits = commits(&mut objects, range, &tips, &hidden, &mut selection);
    let mut seen = Seen::default();
    for id in commits {
        match objects.commit(id) {
            Ok(commit) => added_by(&mut objects, &commit, &mut seen, &mut selection),
            Err(reason) => skip(&mut selection, reason),
        }
    }
    selection
}

fn skip(selection: &mut Selection, reason: SkipReason) {
    selection.skipped.push(Skipped { origin: Origin::file(*b".git/objects"), reason });
}

/// The ids of the commits, the oldest first.
fn commits(
    objects: &mut Objects,
    range: &Range,
    tips: &[ObjectId],
    hidden: &[ObjectId],
    selection: &mut Selection,
) -> Vec<ObjectId> {
    let Ancestry { commits: mut found, unread } = ancestry(objects, tips, hidden);
    unread.into_iter().for_each(|reason| skip(selection, reason));
    // A commit that says no time may be of any.
    found.retain(|commit| range.since.is_none_or(|since| commit.time.is_none_or(|time| time >= since)));
    found.truncate(range.depth.unwrap_or(usize::MAX));
    found.into_iter().rev().map(|commit| commit.id).collect()
}

/// What the tips lead to; the messages of tags on the way are texts.
fn messages_of_tags(objects: &mut Objects, tips: &[ObjectId], selection: &mut Selection) -> Vec<ObjectId> {
    let (commits, others) = peel_all(objects, tips);
    for (id, found) in others {
        match found {
            Ok(Peeled::Tag(message)) => {
                let git = GitOrigin {
                    object: Some(id.to_string()),
                    place: Some("tag message".to_owned()),
                    ..GitOrigin::default()
                };
                let path = format!("tag message {}", id.to_hex_with_len(12)).into_bytes();
                let origin = Origin { path, member: None, git: Some(Arc::new(git)) };
                selection.texts.push(Text { origin, source: TextSource::Here(message), replaces: Vec::new() });
            }
            Ok(Peeled::Blob) => {
                let git = Arc::new(GitOrigin::default());
                let path = BString::from(format!("object {}", id.to_hex_with_len(12)));
                selection.texts.push(Text::file(path.as_ref(), id, Vec::new(), Some(&git)));
            }
            Ok(Peeled::Tree) => tree(objects, id, selection),
            Err(reason) => skip(selection, reason),
        }
    }
    commits
}

/// All files of a tree that no commit holds.
fn tree(objects: &mut Objects, id: ObjectId, selection: &mut Selection) {
    let mut changes = Changes::default();
    changes.between(objects, &mut BString::default(), Some(id), &[]);
    let origin = Some(&Arc::new(GitOrigin::default()));
    let files = changes.added.iter().map(|change| Text::file(change.path.as_ref(), change.id, Vec::new(), origin));
    selection.texts.extend(files);
    selection.texts.extend(changes.named.iter().map(|path| Text::name(path.as_ref(), origin)));
    skip_all(changes.skipped, selection);
}

/// Names what could not be compared.
fn skip_all(skipped: Vec<(BString, SkipReason)>, selection: &mut Selection) {
    let skip = |(path, reason)| Skipped { origin: Origin::file(path), reason };
    selection.skipped.extend(skipped.into_iter().map(skip));
}

/// What a tip is, if it is no commit.
enum Peeled {
    Tag(Vec<u8>),
    Tree,
    Blob,
}

type Others = Vec<(ObjectId, Result<Peeled, SkipReason>)>;

fn peel_all(objects: &mut Objects, ids: &[ObjectId]) -> (Vec<ObjectId>, Others) {
    let (mut commits, mut others) = (Vec::new(), Vec::new());
    let (mut seen, hash) = (HashSet::new(), objects.hash());
    for &id in ids {
        let mut at = id;
        // What two tags speak of is read once.
        while seen.insert(at) {
            match objects.get(at, super::STRUCTURE_LIMIT) {
                Ok((Kind::Tag, bytes)) => {
                    let target = tag_target(bytes, hash);
                    others.push((at, Ok(Peeled::Tag(tag_text(bytes).into_owned()))));
                    at = target;
                }
                Ok((Kind::Commit, _)) => commits.push(at),
                Ok((Kind::Tree, _)) => others.push((at, Ok(Peeled::Tree))),
                Ok((Kind::Blob, _)) => others.push((at, Ok(Peeled::Blob))),
                Err(reason) => others.push((at, Err(reason))),
            }
        }
    }
    (commits, others)
}

/// What earlier commits of the range added already.
#[derive(Default)]
struct Seen {
    blobs: HashSet<(ObjectId, BString)>,
    names: HashSet<BString>,
}

/// What one commit added: its message, and files and names that differ from those of all its parents.
fn added_by(objects: &mut Objects, commit: &Commit, seen: &mut Seen, selection: &mut Selection) {
    let origin = Arc::new(commit.origin());
    let said = GitOrigin {
        object: Some(commit.id.to_string()),
        place: Some("commit message".to_owned()),
        ..(*origin).clone()
    };
    let path = format!("commit message {}", commit.id.to_hex_with_len(12)).into_bytes();
    selection.texts.push(Text {
        origin: Origin { path, member: None, git: Some(Arc::new(said)) },
        source: TextSource::Here(commit.text.to_vec()),
        replaces: Vec::new(),
    });
    let parents: Vec<ObjectId> =
        commit.parents.iter().filter_map(|&id| objects.commit(id).ok()).map(|parent| parent.tree).collect();
    let mut changes = Changes::default();
    if commit.tree.is_null() {
        return skip(selection, SkipReason::Unreadable(format!("commit {} is damaged: it names no tree", commit.id)));
    }
    changes.between(objects, &mut BString::default(), Some(commit.tree), &parents);
    changes.settle();
    let named = changes.named.iter().filter(|path| seen.names.insert(last_name(path.as_ref()).to_owned()));
    selection.texts.extend(named.map(|path| Text::name(path.as_ref(), Some(&origin))));
    let new = changes.added.into_iter().filter(|change| seen.blobs.insert((change.id, change.path.clone())));
    selection
        .texts
        .extend(new.map(|change| Text::file(change.path.as_ref(), change.id, change.replaces, Some(&origin))));
    skip_all(changes.skipped, selection);
}
