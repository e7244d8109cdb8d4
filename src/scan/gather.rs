//! From credentials in windows to the findings of a report: places, duplicates, order, names.

use std::collections::HashMap;
use std::time::Duration;

use crate::credential::{Credential, Part};
use crate::finding::{Comment, Finding, FoundPart, Place, Remark, Report, Totals};
use crate::policy;
use crate::rules::RuleSet;
use crate::secret::Fingerprint;
use crate::source::read::Window;
use crate::source::{Origin, Skipped};
use crate::span::LineIndex;

/// What one thread, and at the end the whole scan, has got together.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) findings: Vec<Finding>,
    pub(crate) skipped: Vec<Skipped>,
    pub(crate) notes: Vec<String>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

impl Gathered {
    pub(crate) fn of_skipped(skipped: Skipped) -> Self {
        Self { skipped: vec![skipped], ..Self::default() }
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        self.findings.append(&mut other.findings);
        self.skipped.append(&mut other.skipped);
        self.notes.append(&mut other.notes);
        self.remarks.append(&mut other.remarks);
        self.files += other.files;
        self.bytes += other.bytes;
    }

    /// Puts a folder before all paths.
    #[cfg(feature = "git")]
    pub(crate) fn move_below(&mut self, folder: &str) {
        let place = |origin: &mut Origin| {
            origin.path.splice(0..0, folder.bytes().chain([b'/']));
        };
        self.findings.iter_mut().flat_map(|finding| &mut finding.parts).for_each(|part| place(&mut part.place.origin));
        self.skipped.iter_mut().for_each(|skipped| place(&mut skipped.origin));
        let remarks = self.remarks.iter_mut().map(|remark| &mut remark.text);
        self.notes.iter_mut().chain(remarks).for_each(|text| *text = format!("{folder}: {text}"));
    }

    /// The report: everything sorted, every finding named.
    pub(crate) fn report<'r>(
        mut self,
        rules: &'r RuleSet,
        mode: &'static str,
        key: &[u8],
        elapsed: Duration,
    ) -> Report<'r> {
        self.findings.sort_by(|a, b| {
            let by_severity = b.severity.cmp(&a.severity);
            let by_rank = || b.rank().cmp(&a.rank());
            by_severity
                .then_with(by_rank)
                .then_with(|| a.chief().place.cmp(&b.chief().place))
                .then_with(|| a.rule.cmp(&b.rule))
        });
        name_findings(&mut self.findings, rules, key);
        self.skipped.sort();
        self.skipped.dedup();
        self.notes.sort();
        self.notes.dedup();
        Report {
            rules,
            mode,
            findings: self.findings,
            suppressed: Vec::new(),
            skipped: self.skipped,
            notes: self.notes,
            remarks: self.remarks,
            has_baseline: false,
            totals: Totals { files: self.files, bytes: self.bytes, elapsed },
        }
    }
}

/// Gives each finding its fingerprint. The same value at further places is counted, in the order of the report, so that
/// moving a file changes no name and a new copy is a new one.
fn name_findings(findings: &mut [Finding], rules: &RuleSet, key: &[u8]) {
    let mut seen: HashMap<Fingerprint, usize> = HashMap::new();
    for finding in findings {
        let chief = finding.chief();
        let (rule, path) = (&rules.rule(finding.rule).id, chief.place.origin.display());
        let name =
            |rule: &str| Fingerprint::of(key, rule, &chief.secret, &[&path, chief.name.as_deref().unwrap_or_default()]);
        let first = name(rule);
        let count = seen.entry(first).or_default();
        *count += 1;
        finding.fingerprint = if *count == 1 { first } else { name(&format!("{rule}\n{count}")) };
    }
}

/// Adds what was found in a window to what was found in the windows before. What lies where two windows overlap was
/// judged twice; the judgement that saw more of the credential stays.
pub(super) fn add_window(
    found: &mut Vec<Finding>,
    window: &Window<'_>,
    credentials: Vec<Credential>,
    origin: &dyn Fn() -> Origin,
) {
    let origin = origin();
    let lines = LineIndex::at(window.bytes, window.position);
    let earlier = found.len();
    for credential in credentials {
        if credential.parts.is_empty() || is_cut(window, &credential.parts) {
            continue;
        }
        let finding = finding(credential, window, &lines, &origin);
        let is_twin = |other: &Finding| shares_a_value(other, &finding) || window.rest && repeats(other, &finding);
        let twin = found[..earlier].iter_mut().find(|other| is_twin(other));
        match twin {
            Some(other) if !window.rest && saw_more(&finding, other) => *other = finding,
            Some(_) => {}
            None => found.push(finding),
        }
    }
}

/// Whether a value runs on behind the window; the next one holds it whole.
fn is_cut(window: &Window<'_>, parts: &[Part]) -> bool {
    let ends_here = |part: &Part| part.span.end == window.bytes.len() && part.span.start >= window.shared_from;
    !window.last && parts.iter().any(ends_here)
}

fn shares_a_value(one: &Finding, other: &Finding) -> bool {
    one.parts.iter().any(|part| other.parts.iter().any(|twin| part.place.span.overlaps(twin.place.span)))
}

/// Whether a value of one is a value of the other, wherever it stands.
fn repeats(one: &Finding, other: &Finding) -> bool {
    one.parts.iter().any(|part| other.parts.iter().any(|twin| part.secret == twin.secret))
}

fn saw_more(new: &Finding, old: &Finding) -> bool {
    let seen = |finding: &Finding| (finding.parts.len(), finding.confidence, finding.chief().place.span.len());
    seen(new) > seen(old)
}

fn finding(credential: Credential, window: &Window<'_>, lines: &LineIndex<'_>, origin: &Origin) -> Finding {
    let comment = credential.parts.first().and_then(|part| policy::comment::beside(window.bytes, part.span));
    let comment = comment.map(|(comment, at)| Comment {
        line: lines.region(at).start.line,
        span: window.original(at),
        ..comment
    });
    let place = |part: &Part| Place {
        origin: origin.clone(),
        region: window.region(lines, part.span),
        span: window.original(part.span),
        decoded: window.row(part.span).into_iter().chain(part.decoded.iter().cloned()).collect(),
    };
    let part = |part: Part| FoundPart {
        place: place(&part),
        role: part.role,
        rule: part.rule,
        secret: part.value,
        name: part.name,
    };
    let parts: Vec<FoundPart> = credential.parts.into_iter().map(part).collect();
    Finding {
        rule: parts[0].rule,
        provider: credential.provider,
        alternatives: credential.alternatives,
        severity: credential.severity,
        confidence: credential.confidence,
        environment: credential.environment,
        parts,
        reasons: credential.reasons,
        exposure: Vec::new(),
        capabilities: credential.capabilities,
        unproven: credential.unproven,
        fingerprint: Fingerprint::default(),
        comment,
        suppressed: None,
        verification: None,
    }
}
