//! Annotations for GitHub Actions: workflow commands on standard output, which the runner shows at the changed lines.
//!
//! The runner takes commands from any line, so everything from outside is escaped twice: made harmless as in every format,
//! and encoded as the runner decodes it (`%`, line ends; in properties `:` and `,` too).

use std::io::{self, Write};

use crate::finding::{Finding, RemarkKind, Report};
use crate::rules::{RuleSet, Severity};

use super::coverage;
use super::title::{count, sentences, title, verdict};

/// So many annotations of a kind GitHub shows of a step; the log has them all.
const SHOWN: usize = 10;
/// More gaps than this are only counted.
const MOST_GAPS: usize = 20;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for finding in &report.findings {
        annotation(report.rules, finding, out)?;
    }
    gaps(report, out)?;
    let most = [Severity::Critical, Severity::Medium, Severity::Low]
        .map(|severity| report.findings.iter().filter(|one| command(one.severity) == command(severity)).count());
    if most.iter().any(|&number| number > SHOWN) {
        let text = format!("GitHub shows {SHOWN} annotations of a kind for a step; the log of this step has all");
        writeln!(out, "::notice title=stopleak::{}", data(&text))?;
    }
    for remark in report.remarks.iter().filter(|remark| remark.kind != RemarkKind::InForce) {
        writeln!(out, "::notice title=stopleak::{}", data(&super::escape(remark.text.as_bytes())))?;
    }
    // No commands: lines that a person finds in the log.
    for line in coverage::accepted(report) {
        writeln!(out, "stopleak: {line}")?;
    }
    writeln!(out, "stopleak: {}", verdict(report))?;
    writeln!(out, "stopleak: {}", coverage::read(report))
}

fn annotation(rules: &RuleSet, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let place = &finding.chief().place;
    let mut properties = Vec::new();
    let gone = place.origin.git.as_deref().is_some_and(|git| git.in_head == Some(false));
    // What stands in no file of the checkout can't be shown at its line.
    if !place.origin.path.is_empty() && !gone {
        properties.push(format!("file={}", property(&super::escape(&place.origin.path))));
        if place.origin.member.is_none() {
            let (start, end) = (place.region.start, place.region.end);
            properties.push(format!("line={},endLine={}", start.line, end.line));
            if start.line == end.line {
                properties.push(format!("col={},endColumn={}", start.column, end.column));
            }
        }
    }
    properties.push(format!("title={}", property(&title(rules, finding))));
    let text = format!(
        "{} Rule {}, fingerprint {}.",
        sentences(rules, finding),
        rules.rule(finding.rule).id,
        finding.fingerprint
    );
    writeln!(out, "::{} {}::{}", command(finding.severity), properties.join(","), data(&text))
}

fn gaps(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    if report.complete() {
        return Ok(());
    }
    let gaps = coverage::gaps(report);
    let mut lines: Vec<String> = report.notes.iter().map(|note| super::escape(note.as_bytes())).collect();
    lines.extend(gaps.iter().take(MOST_GAPS).map(|gap| coverage::line(gap)));
    if gaps.len() > MOST_GAPS {
        lines.push(format!("and {} more", count(gaps.len() - MOST_GAPS, "gap")));
    }
    let title = property("stopleak: not everything that was asked for was read");
    writeln!(out, "::warning title={title}::{}", data(&lines.join("\n")))
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "notice",
    }
}

/// Text as the message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_gives_no_commands() {
        assert_eq!(data("50%\r\n::error::x"), "50%25%0D%0A::error::x");
        assert_eq!(property("a,line=1::x"), "a%2Cline=1%3A%3Ax");
    }
}
