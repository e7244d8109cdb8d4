//! Which findings a baseline knows.

use std::collections::{HashMap, HashSet};

use super::{Baseline, Entry};
use crate::finding::{Finding, FoundPart};
use crate::rules::{Role, RuleSet};
use crate::secret::Secret;
use crate::source::{Origin, PathFilter};

/// What a baseline says of the findings of a report.
#[derive(Debug)]
pub struct Known<'a> {
    /// For each finding the entries of its parts, the chief one's first, if each part has one.
    pub of: Vec<Option<Vec<&'a Entry>>>,
    /// The lines of the entries that were found.
    pub used: HashSet<usize>,
}

/// What stands around the findings.
pub(in crate::policy) struct Around<'a> {
    pub(in crate::policy) rules: &'a RuleSet,
    /// The path of a text relative to the baseline's folder.
    pub(in crate::policy) path: &'a dyn Fn(&Origin) -> Vec<u8>,
    /// Whether a file that the baseline names is there no more.
    pub(in crate::policy) gone: &'a dyn Fn(&str) -> bool,
    /// All of the tree was scanned: an entry that isn't met where it was may be met elsewhere.
    pub(in crate::policy) whole: bool,
}

impl<'a> Known<'a> {
    pub(in crate::policy) fn new(baseline: &'a Baseline, findings: &[Finding], around: &Around<'_>) -> Self {
        let mut search = Search { names: Names::new(baseline), around, by_value: HashMap::new(), used: HashSet::new() };
        for entry in &baseline.entries {
            search.by_value.entry(&entry.value).or_default().push(entry);
        }
        findings.iter().flat_map(|finding| &finding.parts).for_each(|part| search.names.learn(part));
        // First what stands where it stood; what is left over may have moved.
        let first: Vec<_> = findings.iter().map(|finding| search.finding(finding, false)).collect();
        let of = findings.iter().zip(first).map(|(finding, first)| first.or_else(|| search.finding(finding, true)));
        let of = of.collect();
        Self { of, used: search.used }
    }
}

/// The names of values. Each is computed once: that is slow on purpose.
struct Names<'a> {
    baseline: &'a Baseline,
    known: HashMap<(Secret, Role), Vec<String>>,
}

impl<'a> Names<'a> {
    fn new(baseline: &'a Baseline) -> Self {
        Self { baseline, known: HashMap::new() }
    }

    fn learn(&mut self, part: &FoundPart) {
        let names = || self.baseline.names(part);
        self.known.entry((part.secret.clone(), part.role)).or_insert_with(names);
    }

    fn of(&self, part: &FoundPart) -> &[String] {
        self.known.get(&(part.secret.clone(), part.role)).map(Vec::as_slice).unwrap_or_default()
    }
}

struct Search<'a, 's> {
    names: Names<'a>,
    around: &'s Around<'s>,
    by_value: HashMap<&'a str, Vec<&'a Entry>>,
    used: HashSet<usize>,
}

impl<'a> Search<'a, '_> {
    /// The entries of a finding, if all of its secret parts have one: a part that nobody has looked at makes it new.
    fn finding(&mut self, finding: &Finding, moved: bool) -> Option<Vec<&'a Entry>> {
        let mut entries = Vec::new();
        for (number, part) in finding.parts.iter().enumerate() {
            if part.role == Role::Id && number > 0 {
                continue;
            }
            entries.push(self.part(part, number == 0, moved)?);
        }
        self.used.extend(entries.iter().map(|entry| entry.line));
        Some(entries)
    }

    fn part(&self, part: &FoundPart, chief: bool, moved: bool) -> Option<&'a Entry> {
        let rule = self.around.rules.rule(part.rule).id.as_str();
        let origin = &part.place.origin;
        let path = (self.around.path)(origin);
        let candidates = self.names.of(part).iter().filter_map(|name| self.by_value.get(name.as_str())).flatten();
        let fits = |entry: &&&'a Entry| {
            let within = entry.path.as_ref();
            within.is_none_or(|pattern| PathFilter::new(std::slice::from_ref(pattern), &[]).excludes(&path))
                && (!entry.is_weak() || (entry.rule == rule && self.stands(entry, origin, &path, chief, moved)))
        };
        let mut candidates: Vec<&'a Entry> = candidates.filter(fits).copied().collect();
        // Of several for the same value the one of this place, else the first of the file.
        candidates.sort_by_key(|entry| (entry.within.as_bytes() != path.as_slice(), entry.line));
        candidates.first().copied()
    }

    /// Whether the entry of a value that could be guessed holds here: in its own file; elsewhere if it is met there no
    /// more. The value beside a known secret (a passphrase) goes where that goes.
    fn stands(&self, entry: &Entry, origin: &Origin, path: &[u8], chief: bool, moved: bool) -> bool {
        let also = origin.git.as_deref().map(|git| git.also.as_slice()).unwrap_or_default();
        if !chief || entry.within.as_bytes() == path || also.contains(&entry.within) {
            return true;
        }
        moved && !self.used.contains(&entry.line) && (self.around.whole || (self.around.gone)(&entry.within))
    }
}
