//! Comma-separated values (RFC 4180), for spreadsheets: a row for each part of a
//! credential (the chief part is the `finding`, the others are `part`s and have its fingerprint), then a row a gap.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and a file's name may begin so. Such
//! cells get an apostrophe before them, which spreadsheets hide.

use std::io::{self, Write};

use crate::finding::{Finding, FoundPart, Report};
use crate::rules::RuleSet;

use super::title::{origin, title};
use super::{Style, coverage};

const COLUMNS: usize = 21;
const HEADER: [&str; COLUMNS] = [
    "kind",
    "severity",
    "confidence",
    "title",
    "provider",
    "role",
    "rule",
    "path",
    "line",
    "column",
    "name",
    "value",
    "environment",
    "reasons",
    "commit",
    "author",
    "date",
    "in_head",
    "fingerprint",
    "verdict",
    "answer",
];

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    row(&HEADER.map(str::to_owned), out)?;
    for finding in &report.findings {
        for (index, part) in finding.parts.iter().enumerate() {
            let kind = if index == 0 { "finding" } else { "part" };
            row(&cells(report.rules, finding, (kind, part), style), out)?;
        }
    }
    for note in &report.notes {
        row(&gap("incomplete", "", note), out)?;
    }
    for skipped in coverage::gaps(report) {
        row(&gap(skipped.reason.code(), &origin(&skipped.origin), &skipped.reason.to_string()), out)?;
    }
    Ok(())
}

fn cells(rules: &RuleSet, finding: &Finding, (kind, part): (&str, &FoundPart), style: &Style) -> [String; COLUMNS] {
    let git = part.place.origin.git.as_deref();
    let text = |text: Option<&String>| super::escape(text.map_or("", String::as_str).as_bytes());
    let masked = part.secret.masked();
    let value = if style.show_secrets { part.secret.expose() } else { masked.as_bytes() };
    let at = part.place.region.start;
    let answer = finding.verification.as_ref();
    [
        kind.to_owned(),
        finding.severity.as_str().to_owned(),
        finding.confidence.as_str().to_owned(),
        title(rules, finding),
        rules.provider(finding.provider).id.clone(),
        part.role.as_str().to_owned(),
        rules.rule(part.rule).id.clone(),
        origin(&part.place.origin),
        at.line.to_string(),
        at.column.to_string(),
        text(part.name.as_ref()),
        super::escape(value),
        finding.environment.as_str().to_owned(),
        super::escape([&*finding.reasons, &*finding.exposure].concat().join("; ").as_bytes()),
        text(git.and_then(|git| git.commit.as_ref())),
        text(git.and_then(|git| git.author.as_ref())),
        text(git.and_then(|git| git.date.as_ref())),
        git.and_then(|git| git.in_head).map_or_else(String::new, |held| held.to_string()),
        finding.fingerprint.to_string(),
        answer.map_or_else(String::new, |answer| answer.verdict.as_str().to_owned()),
        answer.map_or_else(String::new, |answer| super::escape(answer.headline().as_bytes())),
    ]
}

fn gap(code: &str, path: &str, reason: &str) -> [String; COLUMNS] {
    let mut cells: [String; COLUMNS] = std::array::from_fn(|_| String::new());
    cells[0] = "gap".to_owned();
    cells[6] = code.to_owned();
    cells[7] = path.to_owned();
    cells[13] = super::escape(reason.as_bytes());
    cells
}

fn row(cells: &[String; COLUMNS], out: &mut dyn Write) -> io::Result<()> {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    write!(out, "{}\r\n", cells.join(","))
}

/// A cell, quoted where it has to be, and never a formula.
fn cell(text: &str) -> String {
    let guard = if text.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    if guard.is_empty() && !text.contains([',', '"', '\n', '\r']) {
        return text.to_owned();
    }
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_no_formulas() {
        let cases = [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@x", "\"'@x\""),
            (" +1", "\"' +1\""),
            ("-1", "\"'-1\""),
            ("\tx", "\"'\tx\""),
            ("a-b", "a-b"),
        ];
        for (text, expected) in cases {
            assert_eq!(cell(text), expected);
        }
    }
}
