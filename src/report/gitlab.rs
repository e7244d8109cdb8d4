//! GitLab's reports: secret detection (`artifacts:reports:secret_detection`), whose schema 15.0.7 we read in GitLab's
//! sources, and code quality (`artifacts:reports:codequality`), which merge requests show in every tier.
//!
//! `raw_source_code_extract` is left out: GitLab calls it unsanitized, and it would be the value.

use std::io;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::finding::{Environment, Finding, Report};
use crate::rules::{Role, RuleSet, Severity};

use super::title::{count, origin, sentences, title};
use super::{Style, coverage, explain};

/// The version of GitLab's schema that the report follows.
const SCHEMA_VERSION: &str = "15.0.7";
/// What GitLab's own analyzer writes for a tree without a commit; the field is required.
const NO_COMMIT: &str = "0000000";
/// Limits of the schema, in characters.
const MOST_NAME: usize = 255;
const MOST_SOLUTION: usize = 7000;
/// More gaps than this are only counted.
const MOST_MESSAGES: usize = 1_000;

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    scan: ScanOut,
    vulnerabilities: Vec<Vulnerability<'a>>,
}

#[derive(Serialize)]
struct ScanOut {
    analyzer: Tool,
    scanner: Tool,
    r#type: &'static str,
    start_time: String,
    end_time: String,
    status: &'static str,
    messages: Vec<MessageOut>,
}

#[derive(Serialize)]
struct Tool {
    id: &'static str,
    name: &'static str,
    version: &'static str,
    vendor: Vendor,
}

#[derive(Serialize)]
struct Vendor {
    name: &'static str,
}

#[derive(Serialize)]
struct MessageOut {
    level: &'static str,
    value: String,
}

#[derive(Serialize)]
struct Vulnerability<'a> {
    id: String,
    name: String,
    description: String,
    severity: &'static str,
    solution: String,
    identifiers: Vec<Identifier<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link<'a>>,
    location: LocationOut<'a>,
}

#[derive(Serialize)]
struct Identifier<'a> {
    r#type: &'static str,
    name: String,
    value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

#[derive(Serialize)]
struct Link<'a> {
    name: &'static str,
    url: &'a str,
}

#[derive(Serialize)]
struct LocationOut<'a> {
    file: String,
    commit: Commit<'a>,
    start_line: usize,
    end_line: usize,
}

#[derive(Serialize)]
struct Commit<'a> {
    sha: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
}

/// The secret detection report.
pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let tool = || Tool {
        id: "stopleak",
        name: "stopleak",
        version: env!("CARGO_PKG_VERSION"),
        vendor: Vendor { name: "stopleak" },
    };
    let ended = style.started.saturating_add(report.totals.elapsed.as_secs());
    let document = Document {
        version: SCHEMA_VERSION,
        scan: ScanOut {
            analyzer: tool(),
            scanner: tool(),
            r#type: "secret_detection",
            start_time: date_time(style.started),
            end_time: date_time(ended),
            // `failure` makes GitLab drop the findings; what was not read is told by messages.
            status: "success",
            messages: messages(report),
        },
        vulnerabilities: report.findings.iter().map(|one| vulnerability(report.rules, one)).collect(),
    };
    super::write_json(&document, out)
}

fn messages(report: &Report<'_>) -> Vec<MessageOut> {
    let gaps = coverage::gaps(report);
    let mut lines: Vec<String> = report.notes.iter().map(|note| super::escape(note.as_bytes())).collect();
    lines.extend(gaps.iter().take(MOST_MESSAGES).map(|gap| format!("not scanned: {}", coverage::line(gap))));
    if gaps.len() > MOST_MESSAGES {
        lines.push(format!("{} more not scanned", count(gaps.len() - MOST_MESSAGES, "item")));
    }
    let mut messages: Vec<MessageOut> = lines.into_iter().map(|value| MessageOut { level: "warn", value }).collect();
    let mut inform = coverage::accepted(report);
    inform.extend(report.remarks.iter().map(|remark| super::escape(remark.text.as_bytes())));
    messages.extend(inform.into_iter().map(|value| MessageOut { level: "info", value }));
    messages
}

fn vulnerability<'a>(rules: &'a RuleSet, finding: &'a Finding) -> Vulnerability<'a> {
    let (rule, provider) = (rules.rule(finding.rule), rules.provider(finding.provider));
    let place = &finding.chief().place;
    let git = place.origin.git.as_deref();
    let weakness = if matches!(rule.role, Role::PrivateKey | Role::Seed) { "321" } else { "798" };
    let links = [("where the credential is revoked", &provider.revoke), ("documentation", &provider.docs)];
    Vulnerability {
        id: uuid(&finding.fingerprint.to_string()),
        name: cut(&title(rules, finding), MOST_NAME),
        description: sentences(rules, finding),
        severity: match finding.severity {
            Severity::Critical => "Critical",
            Severity::High => "High",
            Severity::Medium => "Medium",
            Severity::Low => "Low",
        },
        solution: cut(&solution(&explain::steps(provider, rule.role), finding.environment), MOST_SOLUTION),
        identifiers: vec![
            Identifier {
                r#type: "stopleak_rule_id",
                name: cut(&format!("stopleak rule {}", rule.id), MOST_NAME),
                value: &rule.id,
                url: None,
            },
            Identifier {
                r#type: "cwe",
                name: format!("CWE-{weakness}"),
                value: weakness,
                url: Some(format!("https://cwe.mitre.org/data/definitions/{weakness}.html")),
            },
        ],
        links: links
            .into_iter()
            .filter(|(_, url)| url.starts_with("https://"))
            .map(|(name, url)| Link { name, url })
            .collect(),
        location: LocationOut {
            file: origin(&place.origin),
            commit: Commit {
                sha: git.and_then(|git| git.commit.as_deref()).unwrap_or(NO_COMMIT),
                author: git.and_then(|git| git.author.as_deref()),
                date: git.and_then(|git| git.date.as_deref()),
            },
            start_line: place.region.start.line,
            end_line: place.region.end.line,
        },
    }
}

fn solution(steps: &[String], environment: Environment) -> String {
    let lines: Vec<String> = (1..).zip(steps).map(|(number, step)| format!("{number}. {step}.")).collect();
    let test = if environment == Environment::Test { "It is of a test account.\n" } else { "" };
    super::escape(format!("{test}{}", lines.join("\n")).as_bytes()).replace("\\x0a", "\n")
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: IssueLocation,
}

#[derive(Serialize)]
struct IssueLocation {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// The code quality report: an array of issues. It has no place for gaps; the exit code tells them.
pub(super) fn write_quality(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let issue = |finding: &Finding| Issue {
        description: sentences(report.rules, finding),
        check_name: report.rules.rule(finding.rule).id.clone(),
        fingerprint: finding.fingerprint.to_string(),
        severity: match finding.severity {
            Severity::Critical => "blocker",
            Severity::High => "critical",
            Severity::Medium => "major",
            Severity::Low => "minor",
        },
        location: IssueLocation {
            path: origin(&finding.chief().place.origin),
            lines: Lines { begin: finding.chief().place.region.start.line },
        },
    };
    let mut issues: Vec<Issue> = report.findings.iter().map(issue).collect();
    let gaps = report.notes.len() + coverage::gaps(report).len();
    if gaps > 0 {
        // A reader who sees only this report must not take it for a clean one.
        issues.push(Issue {
            description: format!(
                "Not everything that was asked for was scanned ({}); the log names it.",
                count(gaps, "gap")
            ),
            check_name: "stopleak-coverage".to_owned(),
            fingerprint: uuid("coverage"),
            severity: "info",
            location: IssueLocation { path: ".".to_owned(), lines: Lines { begin: 1 } },
        });
    }
    super::write_json(&issues, out)
}

/// A UUID (version 8, of our own making) that is always the same for the same name.
fn uuid(name: &str) -> String {
    let hash = Sha256::new().chain_update("stopleak/uuid/1/").chain_update(name).finalize();
    let mut bytes: [u8; 16] = std::array::from_fn(|at| hash[at]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { text.chars().take(most - 1).chain(['…']).collect() }
}

/// Seconds since 1970 as `YYYY-MM-DDThh:mm:ss`, in UTC and without a zone, as the schema wants it.
fn date_time(seconds: u64) -> String {
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // Days to a date as in Howard Hinnant's "chrono-compatible low-level date algorithms": eras of 400 years from March.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_utc() {
        let cases = [
            (0, "1970-01-01T00:00:00"),
            (951_827_696, "2000-02-29T12:34:56"),
            (1_709_251_199, "2024-02-29T23:59:59"),
            (1_709_251_200, "2024-03-01T00:00:00"),
            (4_102_444_799, "2099-12-31T23:59:59"),
        ];
        for (seconds, expected) in cases {
            assert_eq!(date_time(seconds), expected);
        }
    }

    #[test]
    fn names_have_uuids_of_their_own() {
        assert_eq!(uuid("a"), uuid("a"));
        assert_ne!(uuid("a"), uuid("b"));
        assert_eq!((uuid("a").len(), &uuid("a")[14..15]), (36, "8"));
    }
}
