//! What of the findings is reported: what someone accepted or didn't want to see is put apart, never dropped, and who did
//! it is said. Nothing is read here: configuration, day and paths are handed in.

mod allow;
pub mod baseline;
pub mod comment;
mod foreign;
pub mod import;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::config::{self, Config};
use crate::finding::{Comment, Finding, Remark, RemarkKind, Report, SuppressedBy, Suppression};
use crate::rules::{Confidence, RuleSet, Severity};
use crate::source::{Origin, PathFilter, SkipReason};
use allow::Allowed;
use baseline::{Around, Baseline, Entry, Known, Verdict};

/// What decides.
pub struct Policy<'a> {
    /// Less sure findings are hidden.
    pub least: Confidence,
    /// The configuration wants it so, nobody who typed it.
    pub least_by_config: bool,
    /// The configuration in force.
    pub config: Option<&'a Config>,
    /// The lines of the configuration that came with what is scanned.
    pub new_lines: HashSet<usize>,
    /// The baseline in force.
    pub baseline: Option<&'a Baseline>,
    /// The lines of the baseline that came with what is scanned.
    pub new_entries: HashSet<usize>,
    /// Whether a file that the baseline names is there no more.
    pub gone: &'a dyn Fn(&str) -> bool,
    /// All that the baseline speaks of was scanned, so that an entry that was not met is stale.
    pub whole: bool,
    /// Today, as `2026-11-21`.
    pub today: &'a str,
    /// The path of a text relative to the folder of the configuration.
    pub path: &'a dyn Fn(&Origin) -> Vec<u8>,
}

impl std::fmt::Debug for Policy<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file = self.config.map(|config| config.file.as_str());
        f.debug_struct("Policy").field("least", &self.least).field("config", &file).finish_non_exhaustive()
    }
}

impl Default for Policy<'_> {
    fn default() -> Self {
        let path = &|origin: &Origin| origin.path.clone();
        Self {
            least: Confidence::Medium,
            least_by_config: false,
            config: None,
            new_lines: HashSet::new(),
            baseline: None,
            new_entries: HashSet::new(),
            gone: &|_| false,
            whole: false,
            today: "0000-00-00",
            path,
        }
    }
}

/// Puts apart what the policy doesn't want to see, and says in the remarks what is worth knowing of it.
pub fn decide(report: &mut Report<'_>, policy: &Policy<'_>) {
    let deciding = Deciding::new(policy, report.rules);
    let before = std::mem::take(&mut report.findings);
    let mut known = known(&before, report.rules, policy);
    for (number, mut finding) in before.into_iter().enumerate() {
        let entries = known.as_mut().and_then(|known| known.of[number].take());
        deciding.grade(&mut finding);
        finding.suppressed = deciding.suppression(&finding, entries.as_deref());
        deciding.tell_verdict(&mut finding, entries.as_deref());
        deciding.remark(&finding, &mut report.remarks);
        if finding.suppressed.is_some() { &mut report.suppressed } else { &mut report.findings }.push(finding);
    }
    for list in [&mut report.findings, &mut report.suppressed] {
        // A severity may have changed; the order is stable otherwise.
        list.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    }
    deciding.remark_on_config(report);
    if let (Some(baseline), Some(known)) = (policy.baseline, known) {
        report.has_baseline = true;
        deciding.remark_on_baseline(baseline, &known.used, report);
    }
    report.remarks.sort();
    report.remarks.dedup();
}

/// What the policy's baseline says of findings.
#[must_use]
pub fn known<'a>(findings: &[Finding], rules: &RuleSet, policy: &Policy<'a>) -> Option<Known<'a>> {
    let around = Around { rules, path: policy.path, gone: policy.gone, whole: policy.whole };
    policy.baseline.map(|baseline| Known::new(baseline, findings, &around))
}

/// The policy made ready for one set of rules.
struct Deciding<'a> {
    policy: &'a Policy<'a>,
    rules: &'a RuleSet,
    allowed: Vec<Allowed<'a>>,
}

impl<'a> Deciding<'a> {
    fn new(policy: &'a Policy<'a>, rules: &'a RuleSet) -> Self {
        let tables = policy.config.map(|config| &config.tables);
        let allowed = tables.into_iter().flat_map(|tables| &tables.allow).map(Allowed::new).collect();
        Self { policy, rules, allowed }
    }

    /// The ids a configuration can name a finding by: its rule's and its provider's.
    fn ids(&self, finding: &Finding) -> [&'a str; 2] {
        [&self.rules.rule(finding.rule).id, &self.rules.provider(finding.provider).id]
    }

    /// Gives the finding the severity that the configuration wants: the rule's own entry goes before its provider's,
    /// names before patterns, and a longer pattern before a shorter one.
    fn grade(&self, finding: &mut Finding) {
        let Some(config) = self.policy.config else { return };
        let ids = self.ids(finding);
        let fitting = config.tables.rules.severity.iter().filter_map(|(name, severity)| {
            let rank = ids.iter().position(|id| config::matches(name.get_ref(), id))?;
            let name = name.get_ref();
            Some(((name.contains('*'), std::cmp::Reverse(name.len()), rank), *severity.get_ref()))
        });
        if let Some((_, severity)) = fitting.min_by_key(|(order, _)| *order) {
            finding.severity = severity;
        }
    }

    fn suppression(&self, finding: &Finding, entries: Option<&[&Entry]>) -> Option<Suppression> {
        if finding.confidence < self.policy.least {
            if let Some(suppression) = self.by_wanted_confidence(finding) {
                return Some(suppression);
            }
            let by = SuppressedBy::Confidence;
            return Some(Suppression { by, place: String::new(), reason: None, is_new: false });
        }
        self.by_comment(finding)
            .or_else(|| self.by_config(finding))
            .or_else(|| self.by_baseline(entries?))
            .or_else(|| foreign::suppression(self.rules, finding))
    }

    /// Each part needs an entry that accepts it: not expired, and not found to be real.
    fn by_baseline(&self, entries: &[&Entry]) -> Option<Suppression> {
        let file = &self.policy.baseline?.file;
        let accepts = |entry: &&Entry| !entry.is_expired(self.policy.today) && entry.verdict != Some(Verdict::Real);
        let first = entries.first().filter(|_| entries.iter().all(accepts))?;
        let verdict = first.verdict.map(|verdict| match verdict {
            Verdict::False => "no credential",
            Verdict::Revoked | Verdict::Real => "revoked",
        });
        let said: Vec<&str> = verdict.into_iter().chain(first.reason.as_deref()).collect();
        Some(Suppression {
            by: SuppressedBy::Baseline(file.clone()),
            place: format!("{file}:{}", first.line),
            reason: Some(said.join(": ")).filter(|said| !said.is_empty()),
            is_new: entries.iter().any(|entry| self.policy.new_entries.contains(&entry.line)),
        })
    }

    /// A finding that somebody has found to be real says so.
    fn tell_verdict(&self, finding: &mut Finding, entries: Option<&[&Entry]>) {
        let (Some(baseline), Some(entries)) = (self.policy.baseline, entries) else { return };
        if finding.suppressed.is_some() {
            return;
        }
        if let Some(entry) = entries.iter().find(|entry| entry.verdict == Some(Verdict::Real)) {
            let why = entry.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            finding.reasons.push(format!("{}:{} says it is real{why}", baseline.file, entry.line));
        }
    }

    /// A finding that would be seen but for the configuration is put apart by the configuration.
    fn by_wanted_confidence(&self, finding: &Finding) -> Option<Suppression> {
        let config = self.policy.config.filter(|_| self.policy.least_by_config)?;
        let level = config.tables.report.min_confidence.as_ref()?;
        (finding.confidence >= Confidence::Medium).then(|| Suppression {
            by: SuppressedBy::Config(config.file.clone()),
            place: config.place(level),
            reason: Some(format!("less sure than min_confidence = {}", level.get_ref().as_str())),
            is_new: self.policy.new_lines.contains(&config.line(level)),
        })
    }

    /// The comment beside a finding, if it is one that could accept it: a linter's is nothing to us unless we are told.
    fn comment<'f>(&self, finding: &'f Finding) -> Option<&'f Comment> {
        let told = self.policy.config.and_then(|config| config.tables.comments.linters.as_ref());
        let told = told.is_some_and(|told| *told.get_ref());
        finding.comment.as_ref().filter(|comment| told || !comment::is_linters(comment.marker))
    }

    fn by_comment(&self, finding: &Finding) -> Option<Suppression> {
        let comment = self.comment(finding)?;
        let tables = self.policy.config.map(|config| &config.tables.comments);
        let set = |value: Option<&toml::Spanned<bool>>| value.is_none_or(|value| *value.get_ref());
        let accept = tables.is_none_or(|tables| set(tables.accept.as_ref()));
        let foreign = tables.is_none_or(|tables| set(tables.foreign.as_ref()));
        let named = |rule: &String| !rule.is_empty() && self.ids(finding).iter().any(|id| config::matches(rule, id));
        let foreign = foreign || comment::is_linters(comment.marker);
        if !accept || (comment.foreign && !foreign) || !(comment.rules.is_empty() || comment.rules.iter().any(named)) {
            return None;
        }
        let by = SuppressedBy::Comment(comment.marker.to_owned());
        let (place, reason) = (format!("line {}", comment.line), comment.reason.clone());
        Some(Suppression { by, place, reason, is_new: comment.is_new })
    }

    fn by_config(&self, finding: &Finding) -> Option<Suppression> {
        let config = self.policy.config?;
        let ids = self.ids(finding);
        let fits = |name: &toml::Spanned<String>| ids.iter().any(|id| config::matches(name.get_ref(), id));
        let accepted = |line: usize, place: String, reason: &str| Suppression {
            by: SuppressedBy::Config(config.file.clone()),
            place,
            reason: Some(reason.to_owned()),
            is_new: self.policy.new_lines.contains(&line),
        };
        let rules = &config.tables.rules;
        if let Some(name) = rules.disable.iter().find(|name| fits(name)) {
            return Some(accepted(config.line(name), config.place(name), "the rule is disabled"));
        }
        if let Some(first) = rules.only.first().filter(|_| !rules.only.iter().any(fits)) {
            return Some(accepted(
                config.line(first),
                config.place(first),
                "the rule is not among those that are wanted",
            ));
        }
        let path = (self.policy.path)(&finding.chief().place.origin);
        let allowed = self.allowed.iter().filter(|allowed| !allowed.is_expired(self.policy.today));
        let allowed = allowed.into_iter().find(|allowed| allowed.accepts(finding, &path, ids))?;
        let entry = allowed.entry;
        Some(accepted(config.line(entry), config.place(entry), entry.get_ref().reason.get_ref()))
    }

    /// What is to be said of one finding beside the finding.
    fn remark(&self, finding: &Finding, remarks: &mut Vec<Remark>) {
        let chief = finding.chief();
        let place = || format!("{}:{}", chief.place.origin.display(), chief.place.region.start.line);
        match (&finding.suppressed, self.comment(finding)) {
            (Some(suppression), _) if suppression.is_new => {
                let (rule, place) = (self.ids(finding)[0], place());
                let text = format!("{place}: {rule} is {suppression}; this came with the scanned changes");
                remarks.push(Remark { kind: RemarkKind::NewSuppression, text });
            }
            (None, Some(comment)) => {
                let (place, marker) = (format!("{}:{}", chief.place.origin.display(), comment.line), comment.marker);
                let why = if comment.rules.is_empty() {
                    "the configuration lets no such comment count".to_owned()
                } else {
                    let (typed, rule) = (comment.rules.join(", "), self.ids(finding)[0]);
                    format!("it names [{typed}], and the finding is of {rule}")
                };
                let text = format!("{place}: the comment {marker} accepts nothing: {why}");
                remarks.push(Remark { kind: RemarkKind::Ineffective, text });
            }
            _ => {}
        }
    }

    fn remark_on_config(&self, report: &mut Report<'_>) {
        let Some(config) = self.policy.config else { return };
        let file = &config.file;
        for allowed in self.allowed.iter().filter(|allowed| allowed.is_expired(self.policy.today)) {
            let entry = allowed.entry;
            let day = entry.get_ref().last_day().unwrap_or_default();
            let reason = entry.get_ref().reason.get_ref();
            let text =
                format!("{}: this [[allow]] expired on {day} and accepts nothing: {reason}", config.place(entry));
            report.remarks.push(Remark { kind: RemarkKind::Expired, text });
        }
        let scan = &config.tables.scan;
        let patterns: Vec<&str> = scan.exclude.iter().map(|pattern| pattern.get_ref().as_str()).collect();
        let left_out = report.skipped.iter().filter(|skipped| skipped.reason == SkipReason::Unwanted).count();
        if left_out > 0 {
            let mut by = Vec::new();
            if !patterns.is_empty() {
                by.push(format!("exclude = {}", patterns.join(", ")));
            }
            let only: Vec<&str> = scan.only.iter().map(|pattern| pattern.get_ref().as_str()).collect();
            if !only.is_empty() {
                by.push(format!("only = {}", only.join(", ")));
            }
            if !by.is_empty() {
                let paths = if left_out == 1 { "path" } else { "paths" };
                let text = format!("{left_out} {paths} left out by {file} ({})", by.join("; "));
                report.remarks.push(Remark { kind: RemarkKind::LeftOut, text });
            }
        }
        for &line in self.policy.new_lines.iter().collect::<BTreeSet<_>>() {
            if let Some(hiding) = config.hides().into_iter().find(|hiding| hiding.line == line) {
                let text = format!("{file}:{line}: this came with the scanned changes: {}", hiding.text);
                report.remarks.push(Remark { kind: RemarkKind::NewSuppression, text });
            }
        }
    }
}

/// How many lines of a baseline a remark names.
const LINES: usize = 10;

impl Deciding<'_> {
    fn remark_on_baseline(&self, baseline: &Baseline, used: &HashSet<usize>, report: &mut Report<'_>) {
        let file = &baseline.file;
        for entry in baseline.entries.iter().filter(|entry| entry.is_expired(self.policy.today)) {
            let (line, day) = (entry.line, entry.expires.as_deref().unwrap_or_default());
            let what = format!("{} in {}", entry.rule, entry.within);
            let text = format!("{file}:{line}: this entry expired on {day} and accepts nothing: {what}");
            report.remarks.push(Remark { kind: RemarkKind::Expired, text });
        }
        let mut new: Vec<usize> = self.policy.new_entries.iter().copied().collect();
        new.sort_unstable();
        if !new.is_empty() {
            let text = format!("{file}: {} came with the scanned changes", entries(&new));
            report.remarks.push(Remark { kind: RemarkKind::NewSuppression, text });
        }
        if !self.policy.whole || !report.complete() {
            return;
        }
        let stale = baseline.entries.iter().filter(|entry| !used.contains(&entry.line));
        let stale: Vec<usize> = stale.map(|entry| entry.line).collect();
        if !stale.is_empty() {
            let remedy = "if the history doesn't need them, `stopleak baseline update --prune` takes them out";
            let text = format!("{file}: {} met nothing in this tree; {remedy}", entries(&stale));
            report.remarks.push(Remark { kind: RemarkKind::Stale, text });
        }
    }
}

/// `2 entries (lines 3, 7)`.
fn entries(lines: &[usize]) -> String {
    let named: Vec<String> = lines.iter().take(LINES).map(ToString::to_string).collect();
    let more = if lines.len() > LINES { ", ..." } else { "" };
    match lines.len() {
        1 => format!("1 entry (line {})", named.join(", ")),
        number => format!("{number} entries (lines {}{more})", named.join(", ")),
    }
}

/// How many findings each thing put apart, the less sure ones left out: `(what, findings, most severe)`.
#[must_use]
pub fn accepted(report: &Report<'_>) -> Vec<(String, usize, Severity)> {
    let mut counts: BTreeMap<String, (usize, Severity)> = BTreeMap::new();
    for finding in &report.suppressed {
        let Some(suppression) = finding.suppressed.as_ref() else { continue };
        let by = match &suppression.by {
            SuppressedBy::Confidence => continue,
            SuppressedBy::Comment(_) => "comments in the text".to_owned(),
            SuppressedBy::Config(file) | SuppressedBy::Baseline(file) => file.clone(),
        };
        let count = counts.entry(by).or_insert((0, Severity::Low));
        *count = (count.0 + 1, count.1.max(finding.severity));
    }
    counts.into_iter().map(|(by, (number, severity))| (by, number, severity)).collect()
}
