//! SARIF 2.1.0, as GitHub's code scanning and the SARIF Multitool want it. The only file that knows `serde-sarif`.
//!
//! That crate's builders allow documents that are not valid, and type many enumerations as any JSON value; so everything
//! is built by the small constructors below, which take our types and can't be misused. The document holds no times (but
//! those of exchanges' answers), no absolute paths and no values: the same input gives the same bytes, and readers of an
//! alert may see all of it.
//! Suppressed findings are left out, because code scanning shows them as open alerts.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactLocation, Invocation, Location, LogicalLocation, Message, MultiformatMessageString, Notification,
    PhysicalLocation, PropertyBag, Region as SarifRegion, ReportingConfiguration, ReportingDescriptor,
    ReportingDescriptorReference, ReportingDescriptorRelationship, Result as SarifResult, ResultKind, ResultLevel, Run,
    RunAutomationDetails, Sarif, Suppression, Tool, ToolComponent, ToolComponentReference,
};

use crate::finding::verification::Verification;
use crate::finding::{self, Finding, FoundPart, Place, Remark, RemarkKind, Report, SuppressedBy};
use crate::rules::{Evidence, Grade, Role, Rule, RuleId, RuleSet, Severity};
use crate::source::{Origin, Skipped};

use super::scrub::REDACTED;
use super::title::title;
use super::verification::Facts;
use super::{Style, escape, explain, json::kind};

/// The name the format's readers know its schema by; serde-sarif's own constant points to a host that is gone.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Where the program is at home, from `Cargo.toml`; empty as long as it says nothing: a link to nowhere helps nobody.
const HOME: &str = env!("CARGO_PKG_HOMEPAGE");
const ROOT: &str = "SRCROOT";
/// What GitHub takes of an upload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// More results in a run make GitHub refuse the file.
    pub(super) results: usize,
    /// So many, the worst, are shown.
    pub(super) shown: usize,
    /// More bytes, compressed by gzip, make GitHub refuse the file.
    pub(super) bytes: usize,
}

pub(super) const GITHUB: Limits = Limits { results: 25_000, shown: 5_000, bytes: 10_000_000 };

/// More gaps than this are only counted.
const MOST_NOTIFICATIONS: usize = 1_000;
/// GitHub's limit of a rule's descriptions.
const MOST_DESCRIPTION: usize = 1024;

/// The weaknesses that a rule can be an instance of.
const WEAKNESSES: [(&str, &str, &str); 2] = [
    ("798", "UseOfHardCodedCredentials", "Use of Hard-coded Credentials"),
    ("321", "UseOfHardCodedCryptographicKey", "Use of Hard-coded Cryptographic Key"),
];

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let (text, _) = within(GITHUB, report, style)?;
    out.write_all(&text)
}

/// The document within limits, and what a person should know of them.
pub(super) fn within(limits: Limits, report: &Report<'_>, style: &Style) -> io::Result<(Vec<u8>, Option<String>)> {
    let all = listable(report, style).count();
    let mut listed = all.min(limits.results);
    loop {
        let note = note(limits, all, listed);
        let mut text = Vec::new();
        super::write_json(&document(report, listed, note.as_deref(), style), &mut text)?;
        let size = compressed(&text, limits.bytes)?;
        if size <= limits.bytes || listed == 0 {
            return Ok((text, note));
        }
        // A tenth less than the proportion, since the rules take their part of the size.
        listed = (listed as f64 * 0.9 * limits.bytes as f64 / size as f64) as usize;
    }
}

fn note(limits: Limits, all: usize, listed: usize) -> Option<String> {
    if listed < all {
        let Limits { results, bytes, .. } = limits;
        return Some(format!(
            "{all} findings, of which the {listed} worst are listed: GitHub takes {results} results and {} MB at most; \
             the text and JSON reports have all",
            bytes / 1_000_000
        ));
    }
    (all > limits.shown).then(|| format!("{all} findings; GitHub's code scanning shows the {} worst", limits.shown))
}

/// How large a text is after gzip, as far as it matters: a text that is within the limit as it is needs no measuring.
fn compressed(text: &[u8], limit: usize) -> io::Result<usize> {
    if text.len() <= limit {
        return Ok(text.len());
    }
    #[cfg(feature = "archives")]
    {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        io::Write::write_all(&mut encoder, text)?;
        Ok(encoder.finish()?.len())
    }
    #[cfg(not(feature = "archives"))]
    Ok(text.len())
}

fn document(report: &Report<'_>, listed: usize, note: Option<&str>, style: &Style) -> Sarif {
    let run = run(report, listed, note, style);
    Sarif::builder().schema(SCHEMA).version(json!("2.1.0")).runs(vec![run]).build()
}

fn run(report: &Report<'_>, listed: usize, note: Option<&str>, style: &Style) -> Run {
    let root = ArtifactLocation::builder().description(message("The folder the scan was started in.")).build();
    Run::builder()
        .tool(Tool::builder().driver(driver(report.rules)).build())
        .taxonomies(vec![weaknesses()])
        .invocations(vec![invocation(report, note)])
        .original_uri_base_ids(BTreeMap::from([(ROOT.to_owned(), root)]))
        .automation_details(RunAutomationDetails::builder().id(format!("stopleak/{}/", report.mode)).build())
        .column_kind(json!("utf16CodeUnits"))
        .redaction_tokens(vec![REDACTED.to_owned()])
        .results(results(report, listed, style))
        .build()
}

/// The findings; at the user's wish also what was accepted, which readers such as GitHub take for open alerts.
fn results(report: &Report<'_>, listed: usize, style: &Style) -> Vec<SarifResult> {
    let each = |finding| {
        let mut result = result(report.rules, finding, style);
        if style.include_suppressed {
            tell_suppression(&mut result, finding, report.has_baseline);
        }
        result
    };
    listable(report, style).take(listed).map(each).collect()
}

fn listable<'r>(report: &'r Report<'_>, style: &Style) -> impl Iterator<Item = &'r Finding> {
    let include = style.include_suppressed;
    let accepted = move |finding: &&Finding| {
        let suppression = finding.suppressed.as_ref();
        include && suppression.is_some_and(|one| one.by != SuppressedBy::Confidence)
    };
    report.findings.iter().chain(report.suppressed.iter().filter(accepted))
}

/// Writes who accepted a finding, and against a baseline whether it is new. The result of a run must all have an (if empty)
/// list of suppressions, or none may.
fn tell_suppression(result: &mut SarifResult, finding: &Finding, has_baseline: bool) {
    let suppression = |one: &finding::Suppression| {
        let kind = if matches!(one.by, SuppressedBy::Comment(_)) { "inSource" } else { "external" };
        let facts =
            BTreeMap::from([("by".to_owned(), json!(one.by.to_string())), ("place".to_owned(), json!(one.place))]);
        let facts = PropertyBag::builder().additional_properties(facts).build();
        let said = one.reason.clone().unwrap_or_else(|| one.to_string());
        let said = super::escape(said.as_bytes());
        Suppression::builder().kind(json!(kind)).status(json!("accepted")).justification(said).properties(facts).build()
    };
    result.suppressions = Some(finding.suppressed.iter().map(suppression).collect());
    if has_baseline {
        let known = finding.suppressed.as_ref().is_some_and(|one| matches!(one.by, SuppressedBy::Baseline(_)));
        result.baseline_state = Some(json!(if known { "unchanged" } else { "new" }));
    }
}

fn driver(rules: &RuleSet) -> ToolComponent {
    let mut driver = ToolComponent::builder()
        .name("stopleak")
        .full_name("stopleak secret scanner")
        .organization("stopleak")
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(rules.rule_ids().map(|id| descriptor(rules, id)).collect::<Vec<_>>())
        .supported_taxonomies(vec![cwe()])
        .build();
    driver.information_uri = (!HOME.is_empty()).then(|| HOME.to_owned());
    driver
}

fn cwe() -> ToolComponentReference {
    ToolComponentReference::builder().name("CWE").index(0).build()
}

fn weaknesses() -> ToolComponent {
    let taxon = |(id, name, text): (&str, &str, &str)| {
        ReportingDescriptor::builder()
            .id(id)
            .name(name)
            .short_description(plain(text))
            .help_uri(format!("https://cwe.mitre.org/data/definitions/{id}.html"))
            .build()
    };
    ToolComponent::builder()
        .name("CWE")
        .version("4.15")
        .information_uri("https://cwe.mitre.org/data/published/cwe_v4.15.pdf")
        .organization("MITRE")
        .short_description(plain("The MITRE Common Weakness Enumeration"))
        .taxa(WEAKNESSES.map(taxon).to_vec())
        .build()
}

/// A rule as `tool.driver.rules` describes it.
fn descriptor(rules: &RuleSet, id: RuleId) -> ReportingDescriptor {
    let (rule, provider) = (rules.rule(id), rules.provider(rules.provider_of(id)));
    let explanation = explain::explain(rules, id);
    let weakness = usize::from(matches!(rule.role, Role::PrivateKey | Role::Seed));
    let target = ReportingDescriptorReference::builder()
        .id(WEAKNESSES[weakness].0)
        .index(i64::try_from(weakness).unwrap_or_default())
        .tool_component(cwe())
        .build();
    let cwe_tag = format!("external/cwe/cwe-{}", WEAKNESSES[weakness].0);
    let mut tags = vec!["security".to_owned(), cwe_tag, kind(provider.kind).to_owned(), provider.id.clone()];
    tags.dedup();
    let facts = BTreeMap::from([
        ("precision".to_owned(), json!(precision(rule))),
        ("security-severity".to_owned(), json!(security_severity(rule.severity))),
        ("role".to_owned(), json!(rule.role.as_str())),
        ("exchange".to_owned(), json!(provider.id)),
    ]);
    let help = MultiformatMessageString::builder()
        .text(explanation.text(explain::WIDTH))
        .markdown(explanation.markdown())
        .build();
    let about = ReportingDescriptor::builder()
        .id(rule.id.clone())
        .name(pascal_case(&rule.id))
        .short_description(plain(&cut(&format!("{} in plain text.", rule.title))))
        .full_description(plain(&cut(&format!("{} {}", explanation.what, explanation.why))))
        .help(help)
        .default_configuration(ReportingConfiguration::builder().level(level_name(rule.severity)).build())
        .relationships(vec![
            ReportingDescriptorRelationship::builder().target(target).kinds(vec!["superset".to_owned()]).build(),
        ])
        .properties(PropertyBag::builder().tags(tags).additional_properties(facts).build());
    let mut about = about.build();
    // A reader follows the link from the alert; a rule whose provider has no page has none.
    about.help_uri = [provider.docs.as_str(), HOME].into_iter().find(|uri| !uri.is_empty()).map(str::to_owned);
    about
}

/// One credential.
fn result(rules: &RuleSet, finding: &Finding, style: &Style) -> SarifResult {
    let chief = finding.chief();
    let others = &finding.parts[1..];
    let mut facts = BTreeMap::from([
        ("exchange".to_owned(), json!(rules.provider(finding.provider).id)),
        ("role".to_owned(), json!(chief.role.as_str())),
        ("credentialId".to_owned(), json!(finding.fingerprint.to_string())),
        ("severity".to_owned(), json!(finding.severity.as_str())),
        ("confidence".to_owned(), json!(finding.confidence.as_str())),
        ("environment".to_owned(), json!(finding.environment.as_str())),
    ]);
    if !finding.alternatives.is_empty() {
        let ids: Vec<&str> = finding.alternatives.iter().map(|&id| rules.provider(id).id.as_str()).collect();
        facts.insert("alternatives".to_owned(), json!(ids));
    }
    if !finding.capabilities.is_empty() {
        facts.insert("capabilities".to_owned(), json!(finding.capabilities));
    }
    if !finding.exposure.is_empty() {
        facts.insert("exposure".to_owned(), json!(finding.exposure));
    }
    if let Some(git) = &chief.place.origin.git {
        let known = [("commit", &git.commit), ("date", &git.date), ("object", &git.object), ("place", &git.place)];
        facts.extend(known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value.as_ref()?)))));
        facts.extend(git.in_head.map(|held| ("inHead".to_owned(), json!(held))));
        // A log is limited in size, and a repository may have thousands of references: JSON names all.
        if !git.refs.is_empty() {
            facts.insert("refs".to_owned(), json!(git.refs.iter().take(SARIF_REFS).collect::<Vec<_>>()));
            facts.insert("refCount".to_owned(), json!(git.refs.len()));
        }
    }
    if let Some(verification) = &finding.verification {
        facts.insert("verification".to_owned(), json!(Facts::new(verification)));
        facts.insert("security-severity".to_owned(), json!(verified_severity(finding, verification)));
    }
    if style.show_secrets {
        facts.insert("secret".to_owned(), shown(chief));
    }
    let identity = BTreeMap::from([("stopleakSecret/v1".to_owned(), finding.fingerprint.to_string())]);
    SarifResult::builder()
        .rule_id(rules.rule(finding.rule).id.clone())
        .rule_index(i64::from(finding.rule.0))
        .level(level(finding.severity))
        .kind(ResultKind::Fail)
        .rank(f64::from(finding.rank()))
        .message(message(&sentence(rules, finding)))
        .locations(vec![location(&chief.place)])
        .related_locations((1..).zip(others).map(|(id, part)| related(rules, id, part, style)).collect::<Vec<_>>())
        .partial_fingerprints(identity)
        .properties(PropertyBag::builder().additional_properties(facts).build())
        .build()
}

/// A further part of a credential.
fn related(rules: &RuleSet, id: i64, part: &FoundPart, style: &Style) -> Location {
    let mut facts = BTreeMap::from([
        ("role".to_owned(), json!(part.role.as_str())),
        ("ruleId".to_owned(), json!(rules.rule(part.rule).id)),
    ]);
    if style.show_secrets {
        facts.insert("secret".to_owned(), shown(part));
    }
    Location {
        id: Some(id),
        message: Some(message(&format!("The {} that belongs to it.", part.role.title()))),
        properties: Some(PropertyBag::builder().additional_properties(facts).build()),
        ..location(&part.place)
    }
}

fn shown(part: &FoundPart) -> Value {
    json!(String::from_utf8_lossy(part.secret.expose()))
}

/// References that are named of a result.
const SARIF_REFS: usize = 20;

/// What an alert says: the first sentence is its title, `[text](id)` links to a related location.
fn sentence(rules: &RuleSet, finding: &Finding) -> String {
    let safe = |text: &str| escape::message(&super::escape(text.as_bytes()));
    let mut text = format!("{} in plain text.", safe(&title(rules, finding)));
    if let Some(name) = &finding.chief().name {
        text += &format!(" The {} is named {}.", finding.chief().role.title(), safe(name));
    }
    let others: Vec<String> =
        (1..).zip(&finding.parts[1..]).map(|(id, part): (usize, _)| format!("[{}]({id})", part.role.title())).collect();
    if !finding.chief().place.decoded.is_empty() {
        text += &format!(" It stands within {}.", safe(&finding.chief().place.decoded.join(", ")));
    }
    if !others.is_empty() {
        text += &format!(" With it: {}.", others.join(", "));
    }
    if !finding.reasons.is_empty() {
        text += &format!(" Why: {}.", safe(&finding.reasons.join("; ")));
    }
    if !finding.exposure.is_empty() {
        text += &format!(" File: {}.", safe(&finding.exposure.join("; ")));
    }
    if let Some(verification) = &finding.verification {
        text += &format!(" Asked at {}: {}.", verification.host, safe(&verification.headline()));
    }
    let provider = rules.provider(finding.provider);
    if let Some(first) = explain::steps(provider, rules.rule(finding.rule).role).first() {
        text += &format!(" Now: {}.", safe(first.trim_end_matches('.')));
    }
    text + &format!(" Fingerprint {}.", finding.fingerprint)
}

/// Where a value stands: in the file, and in which cell of a notebook.
fn location(place: &Place) -> Location {
    let mut location = Location::builder().physical_location(physical(place)).build();
    let cell = place.decoded.first().filter(|step| step.starts_with("notebook cell"));
    location.logical_locations =
        cell.map(|cell| vec![LogicalLocation::builder().fully_qualified_name(cell.clone()).build()]);
    location
}

fn physical(place: &Place) -> PhysicalLocation {
    let number = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
    let (start, end) = (place.region.start, place.region.end);
    let region = SarifRegion::builder()
        .start_line(number(start.line.max(1)))
        .start_column(number(start.column.max(1)))
        .end_line(number(end.line.max(1)))
        .end_column(number(end.column.max(1)))
        .build();
    PhysicalLocation::builder().artifact_location(artifact(&place.origin)).region(region).build()
}

/// A path relative to the root, `archive.zip!member` for members of archives.
fn artifact(origin: &Origin) -> ArtifactLocation {
    let place = origin.git.as_deref().and_then(|git| git.place.as_deref());
    let path = if origin.path.is_empty() { place.unwrap_or("unknown").as_bytes() } else { &origin.path };
    let mut whole = path.to_vec();
    if let Some(member) = &origin.member {
        whole.push(b'!');
        whole.extend(member.as_bytes());
    }
    if let Some(absolute) = whole.strip_prefix(b"/") {
        let trimmed = String::from_utf8_lossy(absolute).into_owned();
        return ArtifactLocation::builder().uri(format!("file:///{}", escape::uri(trimmed.as_bytes()))).build();
    }
    ArtifactLocation::builder().uri(escape::uri(&whole)).uri_base_id(ROOT).build()
}

/// How the scan went. Single gaps are notifications: `executionSuccessful: false` would make GitHub drop the results.
fn invocation(report: &Report<'_>, note: Option<&str>) -> Invocation {
    let gaps: Vec<&Skipped> = report.skipped.iter().filter(|skipped| skipped.reason.is_gap()).collect();
    let mut notifications: Vec<Notification> =
        report.notes.iter().map(|note| notice("INCOMPLETE", note, None)).collect();
    notifications.extend(gaps.iter().take(MOST_NOTIFICATIONS).map(|gap| not_scanned(gap)));
    if gaps.len() > MOST_NOTIFICATIONS {
        let rest = gaps.len() - MOST_NOTIFICATIONS;
        notifications.push(notice("NOT-SCANNED", &format!("{rest} more items were not scanned"), None));
    }
    notifications.extend(note.map(|note| notice("RESULTS-CUT", note, None)));
    let facts = BTreeMap::from([
        ("complete".to_owned(), json!(report.complete())),
        ("files".to_owned(), json!(report.totals.files)),
        ("bytes".to_owned(), json!(report.totals.bytes)),
        ("skipped".to_owned(), json!(report.skipped.len())),
        ("suppressed".to_owned(), json!(report.suppressed.len())),
    ]);
    let remarks: Vec<Notification> = report.remarks.iter().take(MOST_NOTIFICATIONS).map(remark).collect();
    Invocation::builder()
        .execution_successful(true)
        .tool_configuration_notifications(remarks)
        .tool_execution_notifications(notifications)
        .properties(PropertyBag::builder().additional_properties(facts).build())
        .build()
}

/// How the findings were judged.
fn remark(remark: &Remark) -> Notification {
    let id = match remark.kind {
        RemarkKind::InForce => "IN-FORCE",
        RemarkKind::LeftOut => "LEFT-OUT",
        RemarkKind::Unreached => "UNREACHED",
        RemarkKind::NewSuppression => "NEW-SUPPRESSION",
        RemarkKind::Expired => "SUPPRESSION-EXPIRED",
        RemarkKind::Stale => "SUPPRESSION-STALE",
        RemarkKind::Ineffective => "SUPPRESSION-INEFFECTIVE",
    };
    Notification { level: Some(json!("note")), ..notice(id, &remark.text, None) }
}

fn not_scanned(skipped: &Skipped) -> Notification {
    let text = format!("'{}' was not scanned: {}", super::title::origin(&skipped.origin), skipped.reason);
    notice("NOT-SCANNED", &text, Some(&skipped.origin))
}

fn notice(id: &str, text: &str, origin: Option<&Origin>) -> Notification {
    let text = escape::message(&super::escape(text.trim_end_matches('.').as_bytes()));
    let at = |origin| PhysicalLocation::builder().artifact_location(artifact(origin)).build();
    let places: Vec<_> =
        origin.map(|origin| Location::builder().physical_location(at(origin)).build()).into_iter().collect();
    Notification::builder()
        .level(json!("warning"))
        .message(message(&format!("{text}.")))
        .descriptor(ReportingDescriptorReference::builder().id(id).build())
        .locations(places)
        .build()
}

fn message(text: &str) -> Message {
    Message::builder().text(text).build()
}

fn plain(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::Critical | Severity::High => ResultLevel::Error,
        Severity::Medium => ResultLevel::Warning,
        Severity::Low => ResultLevel::Note,
    }
}

fn level_name(severity: Severity) -> Value {
    json!(level(severity))
}

/// GitHub's scale: above 9 critical, from 7 high, from 4 medium.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
    }
}

/// The same scale, finer: what can take money from anywhere is 10.
fn verified_severity(finding: &Finding, verification: &Verification) -> String {
    match verification.score() {
        Some(score) => format!("{}.{}", score / 10, score % 10),
        None => security_severity(finding.severity).to_owned(),
    }
}

fn precision(rule: &Rule) -> &'static str {
    match (rule.evidence, rule.grade) {
        (Evidence::Shape | Evidence::Proof, Grade::A | Grade::B) => "very-high",
        (Evidence::Shape | Evidence::Proof, _) | (Evidence::Context, Grade::A | Grade::B) => "high",
        (Evidence::Context, _) | (Evidence::Name, Grade::A | Grade::B) => "medium",
        (Evidence::Name, _) => "low",
    }
}

/// `binance-api-secret` is `BinanceApiSecret`.
fn pascal_case(id: &str) -> String {
    id.split(['-', '_', '.'])
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars)
        })
        .collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MOST_DESCRIPTION {
        text.to_owned()
    } else {
        text.chars().take(MOST_DESCRIPTION - 1).chain(['…']).collect()
    }
}
