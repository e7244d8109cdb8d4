//! The last line of defence: a value that stands in the text *about* a finding (a file named after a token, a name that
//! holds a value, a reason that quotes one) is taken out there as well.

use std::borrow::Cow;

use aho_corasick::AhoCorasick;

use crate::finding::{Finding, Report};
use crate::secret::guessable;
use crate::source::{Origin, SkipReason, Skipped};

/// What stands where a value was.
pub(super) const REDACTED: &str = "[REDACTED]";
/// Shorter values may be words, and words stand in names for other reasons.
const SHORTEST: usize = 12;

/// The report without its own values in names, reasons and paths; nothing if it is free of them already.
pub(super) fn scrub<'r>(report: &Report<'r>) -> Option<Report<'r>> {
    let scrubber = Scrubber::new(report)?;
    let findings = |list: &[Finding]| list.iter().map(|one| scrubber.finding(one)).collect();
    let clean = Report {
        rules: report.rules,
        mode: report.mode,
        findings: findings(&report.findings),
        suppressed: findings(&report.suppressed),
        skipped: report.skipped.iter().map(|one| scrubber.skipped(one)).collect(),
        notes: report.notes.iter().map(|note| scrubber.text(note)).collect(),
        totals: report.totals,
    };
    let same = clean.findings == report.findings
        && clean.suppressed == report.suppressed
        && clean.skipped == report.skipped
        && clean.notes == report.notes;
    (!same).then_some(clean)
}

struct Scrubber {
    values: AhoCorasick,
    count: usize,
}

impl Scrubber {
    /// Knows the values of all findings; nothing to do if there is none that can't be a word.
    fn new(report: &Report<'_>) -> Option<Self> {
        let findings = report.findings.iter().chain(&report.suppressed);
        let values = findings.flat_map(|finding| &finding.parts).map(|part| part.secret.expose());
        let mut values: Vec<&[u8]> = values.filter(|value| value.len() >= SHORTEST && !guessable(value)).collect();
        // The longest first: what contains another value is taken out whole.
        values.sort_unstable_by_key(|value| (std::cmp::Reverse(value.len()), *value));
        values.dedup();
        let kind = aho_corasick::MatchKind::LeftmostLongest;
        let automaton = AhoCorasick::builder().match_kind(kind).build(&values).ok()?;
        (!values.is_empty()).then_some(Self { values: automaton, count: values.len() })
    }

    fn bytes<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        if self.values.is_match(text) {
            Cow::Owned(self.values.replace_all_bytes(text, &vec![REDACTED; self.count]))
        } else {
            Cow::Borrowed(text)
        }
    }

    fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    fn texts(&self, texts: &mut [String]) {
        texts.iter_mut().for_each(|text| *text = self.text(text));
    }

    fn origin(&self, origin: &mut Origin) {
        origin.path = self.bytes(&origin.path).into_owned();
        origin.member = origin.member.as_deref().map(|member| self.text(member));
        if let Some(git) = &origin.git {
            let mut git = (**git).clone();
            self.texts(&mut git.also);
            self.texts(&mut git.refs);
            git.author = git.author.as_deref().map(|author| self.text(author));
            origin.git = Some(git.into());
        }
    }

    fn finding(&self, finding: &Finding) -> Finding {
        let mut finding = finding.clone();
        self.texts(&mut finding.reasons);
        self.texts(&mut finding.capabilities);
        finding.suppressed = finding.suppressed.as_deref().map(|reason| self.text(reason));
        for part in &mut finding.parts {
            part.name = part.name.as_deref().map(|name| self.text(name));
            self.origin(&mut part.place.origin);
        }
        finding
    }

    fn skipped(&self, skipped: &Skipped) -> Skipped {
        let mut skipped = skipped.clone();
        self.origin(&mut skipped.origin);
        if let SkipReason::Unreadable(why)
        | SkipReason::Limit(why)
        | SkipReason::Missing(why)
        | SkipReason::Failed(why) = &mut skipped.reason
        {
            *why = self.text(why);
        }
        skipped
    }
}
