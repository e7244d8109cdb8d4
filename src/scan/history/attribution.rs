//! Who brought what was found in a history, and who holds it.
//!
//! A value stands in as many versions of a file as there were since it came in, so findings are put together as they are
//! found: memory is for the different values of a history, not for its length.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::finding::{Comment, Finding, Place};
use crate::policy::comment::is_linters;
use crate::rules::RuleId;
use crate::scan::Gathered;
use crate::scan::versions::Versions;
use crate::secret::Secret;
use crate::source::git::graph::{Graph, Holders, NONE, Walked};
use crate::source::git::objects::Store;
use crate::source::git::refs::{Tips, leave_telling};
use crate::source::git::{ObjectId, Repository};
use crate::source::{GitOrigin, Origin, SkipReason, Skipped};

/// What a finding is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum In {
    /// A blob, and the place of the first commit that holds it.
    Blob { number: u32, first: u32 },
    /// The message of a commit or tag.
    Message(u32),
    /// A name in a tree.
    Name(u32),
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Found {
    /// In messages and names, which are read before the history's order is known.
    early: Vec<(In, Finding)>,
    groups: Groups,
}

impl Found {
    pub(super) fn add(&mut self, place: In, finding: Finding) {
        match place {
            In::Blob { number, first } => self.groups.add(first, number, finding),
            In::Message(_) | In::Name(_) => self.early.push((place, finding)),
        }
    }
}

/// One group for each value of each rule.
#[derive(Default)]
struct Groups(BTreeMap<(RuleId, Secret), Group>);

/// The same value in several objects.
struct Group {
    /// By the place of the commits in the walk.
    versions: Versions,
    objects: BTreeSet<u32>,
    paths: BTreeSet<Vec<u8>>,
    comment: Accepted,
}

/// The comment that accepts a value, of all versions of it.
enum Accepted {
    /// A version without a comment holds the value openly: the comment of another doesn't speak for it.
    Open,
    /// What accepts less, and of that the earliest.
    By(Box<(bool, u32, Place, Comment)>),
}

impl Accepted {
    fn of(first: u32, finding: &Finding) -> Self {
        let place = || finding.chief().place.clone();
        let by = |comment: &Comment| (!is_linters(comment.marker), first, place(), comment.clone());
        finding.comment.as_ref().map_or(Self::Open, |comment| Self::By(Box::new(by(comment))))
    }

    fn and(&mut self, other: Self) {
        match (&mut *self, other) {
            (Self::Open, _) => {}
            (Self::By(own), Self::By(other)) if (own.0, own.1, &own.2) <= (other.0, other.1, &other.2) => {}
            (_, other) => *self = other,
        }
    }
}

impl Groups {
    fn add(&mut self, first: u32, object: u32, finding: Finding) {
        let chief = finding.chief();
        let (path, key) = (chief.place.origin.path.clone(), (finding.rule, chief.secret.clone()));
        let comment = Accepted::of(first, &finding);
        match self.0.get_mut(&key) {
            Some(group) => {
                group.comment.and(comment);
                group.objects.insert(object);
                group.paths.insert(path);
                group.versions.add(first, finding);
            }
            None => {
                let (objects, paths) = (BTreeSet::from([object]), BTreeSet::from([path]));
                self.0.insert(key, Group { versions: Versions::of(first, finding), objects, paths, comment });
            }
        }
    }

    fn all(self) -> Vec<Told> {
        self.0.into_values().map(Told::of).collect()
    }
}

/// A group when all is read.
struct Told {
    finding: Finding,
    /// The place of the commit that brought the value.
    first: u32,
    /// The same for its last parts, which came later.
    later: Vec<u32>,
    objects: BTreeSet<u32>,
    paths: BTreeSet<Vec<u8>>,
}

impl Told {
    fn of(Group { versions, objects, paths, comment }: Group) -> Self {
        let first = versions.first;
        let (mut finding, later) = versions.finish();
        finding.comment = match comment {
            Accepted::Open => None,
            Accepted::By(by) => Some(by.3),
        };
        Self { finding, first, later, objects, paths }
    }
}

/// Who brought what was found, and who holds it.
pub(super) struct Attribution<'a> {
    pub(super) store: &'a Store,
    pub(super) graph: &'a Graph<'a>,
    pub(super) walked: &'a Walked,
    pub(super) tips: &'a Tips,
    pub(super) repository: &'a Repository,
}

/// Paths that are listed for one finding at most.
const PATHS: usize = 20;

impl Attribution<'_> {
    /// What the report says.
    pub(super) fn findings(&self, found: Found, everything: bool) -> Vec<Finding> {
        let Found { early, mut groups } = found;
        self.place(early, &mut groups, everything);
        let mut groups = groups.all();
        for batch in groups.chunks_mut(64) {
            self.tell(batch);
        }
        groups.into_iter().map(|group| group.finding).collect()
    }

    /// Puts what stood in messages and names among the groups: now it is known which commit brought them.
    fn place(&self, early: Vec<(In, Finding)>, groups: &mut Groups, everything: bool) {
        for (place, mut finding) in early {
            let (first, object) = match place {
                In::Blob { number, first } => (first, number),
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
                groups.add(first, object, finding);
            }
        }
    }

    /// The place of a commit, by its number; a tag has none, but is there.
    fn message_place(&self, number: u32) -> u32 {
        if self.walked.tags.contains(&number) { NONE - 1 } else { self.graph.place(self.walked, number) }
    }

    /// Writes into each finding what the graph knows.
    fn tell(&self, groups: &mut [Told]) {
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
            let mut brought = |first: u32| {
                let commit = self.graph.commit_id(self.walked, first).and_then(|id| objects.commit(id).ok());
                commit.map(|commit| commit.origin()).unwrap_or_default()
            };
            let told = brought(group.first);
            let refs = self.refs(&holders, bit);
            let place = known
                .place
                .clone()
                .or_else(|| place_by(&refs))
                .or_else(|| (refs.is_empty() && !self.tips.unlisted).then(|| "unreachable object".to_owned()));
            group.paths.remove(&chief.path);
            let also = group.paths.iter().take(PATHS).map(|path| String::from_utf8_lossy(path).into_owned()).collect();
            let origin = GitOrigin { object: known.object, place, in_head: Some(in_head), refs, also, ..told };
            let (with_chief, later) = {
                let count = group.finding.parts.len() - group.later.len();
                group.finding.parts.split_at_mut(count)
            };
            for (part, &first) in later.iter_mut().zip(&group.later) {
                let own = part.place.origin.git.as_deref().cloned().unwrap_or_default();
                let also = Vec::new();
                let git = GitOrigin { object: own.object, place: own.place, also, ..origin.clone() };
                let told = brought(first);
                let git = GitOrigin { commit: told.commit, author: told.author, date: told.date, ..git };
                part.place.origin.git = Some(Arc::new(git));
            }
            let origin = Origin { git: Some(Arc::new(origin)), ..chief };
            with_chief.iter_mut().for_each(|part| part.place.origin = origin.clone());
        }
    }

    /// The names of all tips that hold a group.
    fn refs(&self, holders: &Holders, bit: u64) -> Vec<String> {
        let held = |id: &ObjectId| self.store.number(id).map_or(0, |tip| self.graph.held(self.walked, holders, tip));
        let tips = self.tips.tips.iter().filter(|tip| held(&tip.id) & bit != 0);
        let mut names: Vec<String> = tips.map(|tip| tip.name.clone()).collect();
        leave_telling(&mut names);
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
pub(super) fn gaps(gathered: &mut Gathered, attribution: &Attribution<'_>, failed: Vec<(u32, String)>) {
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
