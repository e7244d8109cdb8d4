//! The JSON report, `stopleak-report/1`. `docs/report.schema.json` describes it; a field may be added within a version,
//! none is taken away or changes its meaning. It holds no times, so the same input gives the same bytes; only an answer of
//! an exchange says when it came.

use std::io;

use serde::Serialize;

use crate::finding::{Finding, FoundPart, Report, SuppressedBy, Suppression};
use crate::rules::{Kind, ProviderId, RuleSet, Severity};
use crate::source::{Origin, Skipped};

use super::verification::VerificationOut;
use super::{Style, escape, title};

/// The name and version of the format.
const SCHEMA: &str = "stopleak-report/1";

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    super::write_json(&Document::new(report, style), out)
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    tool: Tool,
    mode: &'static str,
    rules: usize,
    providers: usize,
    summary: Summary,
    findings: Vec<FindingOut>,
    suppressed: Vec<FindingOut>,
    remarks: Vec<RemarkOut>,
    coverage: Coverage,
}

#[derive(Serialize)]
struct RemarkOut {
    kind: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Summary {
    findings: usize,
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    suppressed: usize,
}

#[derive(Serialize)]
struct FindingOut {
    fingerprint: String,
    rule: String,
    title: String,
    provider: ProviderOut,
    /// The id of the provider once more: the name most users look for.
    exchange: String,
    alternatives: Vec<ProviderOut>,
    severity: &'static str,
    confidence: &'static str,
    environment: &'static str,
    capabilities: Vec<String>,
    reasons: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exposure: Vec<String>,
    parts: Vec<PartOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppression: Option<SuppressionOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<VerificationOut>,
}

#[derive(Serialize)]
struct SuppressionOut {
    by: &'static str,
    what: Option<String>,
    place: Option<String>,
    reason: Option<String>,
    new: bool,
}

#[derive(Serialize)]
struct ProviderOut {
    id: String,
    name: String,
    kind: &'static str,
    revoke: String,
}

#[derive(Serialize)]
struct PartOut {
    role: &'static str,
    rule: String,
    name: Option<String>,
    masked: String,
    length: usize,
    #[serde(flatten)]
    origin: OriginOut,
    start: PositionOut,
    end: PositionOut,
    bytes: BytesOut,
    decoded: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

#[derive(Serialize)]
struct PositionOut {
    line: usize,
    column: usize,
}

#[derive(Serialize)]
struct BytesOut {
    start: usize,
    end: usize,
}

#[derive(Serialize)]
struct OriginOut {
    path: String,
    /// The raw bytes in hexadecimal, of a path that is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git: Option<GitOut>,
}

#[derive(Serialize)]
struct GitOut {
    commit: Option<String>,
    author: Option<String>,
    date: Option<String>,
    object: Option<String>,
    place: Option<String>,
    in_head: Option<bool>,
    refs: Vec<String>,
    also: Vec<String>,
}

#[derive(Serialize)]
struct Coverage {
    complete: bool,
    files: u64,
    bytes: u64,
    skipped: Vec<SkippedOut>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct SkippedOut {
    #[serde(flatten)]
    origin: OriginOut,
    code: &'static str,
    reason: String,
    gap: bool,
}

impl Document {
    fn new(report: &Report<'_>, style: &Style) -> Self {
        let findings = |list: &[Finding]| list.iter().map(|one| FindingOut::new(report.rules, one, style)).collect();
        Self {
            schema: SCHEMA,
            tool: Tool { name: "stopleak", version: env!("CARGO_PKG_VERSION") },
            mode: report.mode,
            rules: report.rules.rules().len(),
            providers: report.rules.providers().len(),
            summary: Summary::new(report),
            findings: findings(&report.findings),
            suppressed: findings(&report.suppressed),
            remarks: report
                .remarks
                .iter()
                .map(|remark| RemarkOut { kind: remark.kind.as_str(), text: remark.text.clone() })
                .collect(),
            coverage: Coverage {
                complete: report.complete(),
                files: report.totals.files,
                bytes: report.totals.bytes,
                skipped: report.skipped.iter().map(SkippedOut::new).collect(),
                notes: report.notes.clone(),
            },
        }
    }
}

impl Summary {
    fn new(report: &Report<'_>) -> Self {
        let of = |severity| report.findings.iter().filter(|finding| finding.severity == severity).count();
        Self {
            findings: report.findings.len(),
            critical: of(Severity::Critical),
            high: of(Severity::High),
            medium: of(Severity::Medium),
            low: of(Severity::Low),
            suppressed: report.suppressed.len(),
        }
    }
}

impl FindingOut {
    fn new(rules: &RuleSet, finding: &Finding, style: &Style) -> Self {
        let provider = ProviderOut::new(rules, finding.provider);
        Self {
            fingerprint: finding.fingerprint.to_string(),
            rule: rules.rule(finding.rule).id.clone(),
            title: title::title(rules, finding),
            exchange: provider.id.clone(),
            provider,
            alternatives: finding.alternatives.iter().map(|&id| ProviderOut::new(rules, id)).collect(),
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            environment: finding.environment.as_str(),
            capabilities: finding.capabilities.clone(),
            reasons: finding.reasons.clone(),
            exposure: finding.exposure.clone(),
            parts: finding.parts.iter().map(|part| PartOut::new(rules, part, style)).collect(),
            suppressed: finding.suppressed.as_ref().map(ToString::to_string),
            suppression: finding.suppressed.as_ref().map(SuppressionOut::new),
            verification: finding.verification.as_ref().map(VerificationOut::new),
        }
    }
}

impl SuppressionOut {
    fn new(suppression: &Suppression) -> Self {
        let what = (suppression.by != SuppressedBy::Confidence).then(|| suppression.by.to_string());
        let place = Some(suppression.place.clone()).filter(|place| !place.is_empty());
        let Suppression { by, reason, is_new, .. } = suppression;
        Self { by: by.as_str(), what, place, reason: reason.clone(), new: *is_new }
    }
}

impl ProviderOut {
    fn new(rules: &RuleSet, id: ProviderId) -> Self {
        let provider = rules.provider(id);
        Self {
            id: provider.id.clone(),
            name: provider.name.clone(),
            kind: kind(provider.kind),
            revoke: provider.revoke.clone(),
        }
    }
}

/// The name of a kind in reports: the same as in rule files.
pub(super) fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Exchange => "exchange",
        Kind::Dex => "dex",
        Kind::Broker => "broker",
        Kind::Wallet => "wallet",
        Kind::Service => "service",
        Kind::General => "general",
    }
}

impl PartOut {
    fn new(rules: &RuleSet, part: &FoundPart, style: &Style) -> Self {
        let place = &part.place;
        Self {
            role: part.role.as_str(),
            rule: rules.rule(part.rule).id.clone(),
            name: part.name.clone(),
            masked: part.secret.masked(),
            length: part.secret.len(),
            origin: OriginOut::new(&place.origin),
            start: PositionOut { line: place.region.start.line, column: place.region.start.column },
            end: PositionOut { line: place.region.end.line, column: place.region.end.column },
            bytes: BytesOut { start: place.span.start, end: place.span.end },
            decoded: place.decoded.clone(),
            secret: style.show_secrets.then(|| String::from_utf8_lossy(part.secret.expose()).into_owned()),
        }
    }
}

impl OriginOut {
    fn new(origin: &Origin) -> Self {
        let (path, path_bytes) = match std::str::from_utf8(&origin.path) {
            Ok(path) => (path.to_owned(), None),
            Err(_) => (escape(&origin.path), Some(data_encoding::HEXLOWER.encode(&origin.path))),
        };
        let git = origin.git.as_deref().map(|git| GitOut {
            commit: git.commit.clone(),
            author: git.author.clone(),
            date: git.date.clone(),
            object: git.object.clone(),
            place: git.place.clone(),
            in_head: git.in_head,
            refs: git.refs.clone(),
            also: git.also.clone(),
        });
        Self { path, path_bytes, member: origin.member.clone(), git }
    }
}

impl SkippedOut {
    fn new(skipped: &Skipped) -> Self {
        Self {
            origin: OriginOut::new(&skipped.origin),
            code: skipped.reason.code(),
            reason: skipped.reason.to_string(),
            gap: skipped.reason.is_gap(),
        }
    }
}
