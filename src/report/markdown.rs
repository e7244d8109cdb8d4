//! A summary in Markdown, for the summary page of a CI job or a comment: a table of findings, what to do, what was read.
//!
//! Text of strangers stands in code spans, in which nothing is a link, a mention or HTML.

use std::fmt::Write as _;
use std::io;

use crate::finding::{Finding, Report};
use crate::rules::{RuleSet, Severity};

use super::advice::Group;
use super::title::{count, origin, title, verdict};
use super::{coverage, escape};

/// More findings than this are only counted: GitHub takes at most 1 MiB for a step.
const MOST_ROWS: usize = 300;
/// More gaps than this are only counted.
const MOST_GAPS: usize = 50;
/// Longer names and paths are cut.
const MOST_CODE: usize = 200;

pub(super) fn write(report: &Report<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut text = format!("## stopleak: {}\n\n", verdict(report));
    if !report.findings.is_empty() {
        table(report, &mut text);
        advice(report, &mut text);
    }
    gaps(report, &mut text);
    // Writing to a string can't fail.
    for line in coverage::accepted(report) {
        let _ = writeln!(text, "- {}", code(&line));
    }
    for remark in &report.remarks {
        let _ = writeln!(text, "- note: {}", code(&super::escape(remark.text.as_bytes())));
    }
    if text.ends_with("`\n") {
        text.push('\n');
    }
    let _ = writeln!(text, "{}", escape::markdown(&coverage::read(report)));
    out.write_all(text.as_bytes())
}

fn table(report: &Report<'_>, text: &mut String) {
    *text += "| Severity | Credential | Where | Name | Rule |\n| --- | --- | --- | --- | --- |\n";
    for finding in report.findings.iter().take(MOST_ROWS) {
        row(report.rules, finding, text);
    }
    text.push('\n');
    if report.findings.len() > MOST_ROWS {
        let _ = writeln!(text, "The {MOST_ROWS} worst of {} findings are listed.\n", report.findings.len());
    }
}

fn row(rules: &RuleSet, finding: &Finding, text: &mut String) {
    let chief = finding.chief();
    let mark = match finding.severity {
        Severity::Critical => "🔴",
        Severity::High => "🟠",
        Severity::Medium => "🟡",
        Severity::Low => "🔵",
    };
    let mut at = code(&format!("{}:{}", origin(&chief.place.origin), chief.place.region.start.line));
    if let Some(commit) = chief.place.origin.git.as_deref().and_then(|git| git.commit.as_deref()) {
        let _ = write!(at, " since {}", code(commit.get(..12).unwrap_or(commit)));
    }
    let mut what = title(rules, finding);
    if let Some(verification) = &finding.verification {
        let _ = write!(what, " ({})", super::escape(verification.headline().as_bytes()));
    }
    let _ = writeln!(
        text,
        "| {mark} {} | {} | {at} | {} | {} |",
        finding.severity.as_str(),
        escape::markdown(&what),
        chief.name.as_ref().map_or_else(String::new, |name| code(&super::escape(name.as_bytes()))),
        code(&rules.rule(finding.rule).id),
    );
}

fn advice(report: &Report<'_>, text: &mut String) {
    let mut groups = Group::of(report.rules, &report.findings);
    let shared = Group::shared(&mut groups);
    *text += "<details open><summary>What to do now</summary>\n\n";
    for group in &groups {
        let name = escape::markdown(&super::escape(report.rules.provider(group.provider).name.as_bytes()));
        let _ = writeln!(text, "**{name}** ({})\n", count(group.credentials, "credential"));
        for (number, step) in (1..).zip(&group.steps) {
            let _ = writeln!(text, "{number}. {}", escape::markdown(&super::escape(step.as_bytes())));
        }
        text.push('\n');
    }
    if !shared.is_empty() {
        *text += "**Then**\n\n";
        for step in &shared {
            let _ = writeln!(text, "- {}", escape::markdown(&super::escape(step.as_bytes())));
        }
        text.push('\n');
    }
    *text += "</details>\n\n";
}

fn gaps(report: &Report<'_>, text: &mut String) {
    if report.complete() {
        return;
    }
    *text += "**Not everything that was asked for was read:**\n\n";
    for note in &report.notes {
        let _ = writeln!(text, "- {}", code(&super::escape(note.as_bytes())));
    }
    let gaps = coverage::gaps(report);
    for gap in gaps.iter().take(MOST_GAPS) {
        let _ = writeln!(text, "- {}", code(&coverage::line(gap)));
    }
    if gaps.len() > MOST_GAPS {
        let _ = writeln!(text, "- and {} more", gaps.len() - MOST_GAPS);
    }
    text.push('\n');
}

/// A code span of text that has no line ends, also within a table: a fence longer than any run of backticks in it.
fn code(text: &str) -> String {
    let cut: String = if text.chars().count() > MOST_CODE {
        text.chars().take(MOST_CODE - 1).chain(['…']).collect()
    } else {
        text.to_owned()
    };
    let run = cut.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(run + 1);
    let pad = if cut.starts_with(['`', ' ']) || cut.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", cut.replace('|', "\\|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_text_stays_in_its_span() {
        let cases = [
            ("a.py", "`a.py`"),
            ("a`b", "``a`b``"),
            ("``", "``` `` ```"),
            ("a|b", "`a\\|b`"),
            ("<b>@x #1", "`<b>@x #1`"),
        ];
        for (text, expected) in cases {
            assert_eq!(code(text), expected);
        }
    }
}
