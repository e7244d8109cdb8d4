//! The end of the text report: how many findings, what was read, and what was not.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::finding::{Finding, RemarkKind, Report, SuppressedBy};
use crate::policy;
use crate::rules::{Confidence, Severity};
use crate::source::Skipped;

use super::paint::Paint;
use super::title::{self, count, origin};
use super::{Style, escape};

/// How many gaps are named before they are only counted.
const NAMED: usize = 20;

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(style.colour);
    if !style.quiet {
        writeln!(out, "{}", verdict(report, paint))?;
        for line in unsure(report) {
            writeln!(out, "{line}")?;
        }
    }
    judged(report, style, paint, out)?;
    if !style.quiet {
        writeln!(out, "{}", read(report))?;
        if report.mode == "stdin" && report.totals.bytes == 0 && report.complete() {
            writeln!(out, "standard input was empty")?;
        } else if report.totals.files == 0 && report.complete() {
            writeln!(out, "there was nothing to read")?;
        }
    }
    write_gaps(report, style, paint, out)?;
    if style.verbose {
        let left_out: Vec<&Skipped> = report.skipped.iter().filter(|skipped| !skipped.reason.is_gap()).collect();
        if !left_out.is_empty() {
            writeln!(out, "left out by design:")?;
            left_out.iter().try_for_each(|skipped| writeln!(out, "  - {}", line(skipped)))?;
        }
    }
    Ok(())
}

fn verdict(report: &Report<'_>, paint: Paint) -> String {
    let text = title::verdict(report);
    if report.findings.is_empty() && report.complete() { paint.good(&text) } else { paint.warning(&text) }
}

/// What is hidden because it is not sure enough, and how to see it.
fn unsure(report: &Report<'_>) -> Vec<String> {
    let is_unsure =
        |finding: &&Finding| finding.suppressed.as_ref().is_some_and(|one| one.by == SuppressedBy::Confidence);
    let unsure: Vec<&Finding> = report.suppressed.iter().filter(is_unsure).collect();
    let mut lines = Vec::new();
    for level in [Confidence::Low, Confidence::Medium] {
        let number = unsure.iter().filter(|finding| finding.confidence == level).count();
        if number > 0 {
            let level = level.as_str();
            let (findings, them) =
                (count(number, &format!("{level}-confidence finding")), if number == 1 { "it" } else { "them" });
            lines.push(format!("{findings} hidden, --min-confidence {level} shows {them}"));
        }
    }
    lines
}

/// What accepted findings, and what else there is to say of the judgement. Also for those who want to see little: nothing
/// is accepted silently.
fn judged(report: &Report<'_>, style: &Style, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    for line in accepted(report) {
        writeln!(out, "{line}")?;
    }
    if style.verbose {
        for finding in &report.suppressed {
            let Some(suppression) = finding.suppressed.as_ref().filter(|one| one.by != SuppressedBy::Confidence) else {
                continue;
            };
            let (place, chief) = (origin(&finding.chief().place.origin), finding.chief().place.region.start);
            let (rule, why) = (&report.rules.rule(finding.rule).id, escape(suppression.to_string().as_bytes()));
            writeln!(out, "  - {place}:{}:{}: {rule}: {why}", chief.line, chief.column)?;
        }
    }
    let told = |kind| style.verbose || !style.quiet || kind != RemarkKind::InForce;
    let shown = |kind| !matches!(kind, RemarkKind::Stale | RemarkKind::Unreached) || !style.quiet;
    for remark in report.remarks.iter().filter(|remark| told(remark.kind) && shown(remark.kind)) {
        writeln!(out, "{} {}", paint.faint("note:"), escape(remark.text.as_bytes()))?;
    }
    Ok(())
}

/// Who accepted how many findings, a line each.
pub(super) fn accepted(report: &Report<'_>) -> Vec<String> {
    let line = |(by, number, worst): (String, usize, Severity)| {
        let (by, worst) = (escape(by.as_bytes()), worst.as_str());
        format!("{} suppressed by {by} (the worst {worst})", count(number, "finding"))
    };
    policy::accepted(report).into_iter().map(line).collect()
}

/// What was read, in one line.
pub(super) fn read(report: &Report<'_>) -> String {
    let totals = report.totals;
    let mut text = format!(
        "scanned {} ({}) in {:.2} s with {}",
        count(usize::try_from(totals.files).unwrap_or(usize::MAX), "file"),
        bytes(totals.bytes),
        totals.elapsed.as_secs_f64(),
        count(report.rules.rules().len(), "rule"),
    );
    let counts = codes(report.skipped.iter().filter(|skipped| !skipped.reason.is_gap()));
    if !counts.is_empty() {
        text += &format!("; left out: {counts}");
    }
    text
}

fn write_gaps(report: &Report<'_>, style: &Style, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if report.complete() {
        return Ok(());
    }
    let gaps = gaps(report);
    writeln!(out, "{}", paint.warning("not everything that was asked for was read:"))?;
    for note in &report.notes {
        writeln!(out, "  - {}", escape(note.as_bytes()))?;
    }
    let named = if style.verbose { gaps.len() } else { NAMED.min(gaps.len()) };
    for gap in &gaps[..named] {
        writeln!(out, "  - {}", line(gap))?;
    }
    let rest = &gaps[named..];
    if !rest.is_empty() {
        writeln!(out, "  - and {} more ({}); --verbose names all", rest.len(), codes(rest.iter().copied()))?;
    }
    Ok(())
}

/// What was asked for and not read.
pub(super) fn gaps<'r>(report: &'r Report<'_>) -> Vec<&'r Skipped> {
    report.skipped.iter().filter(|skipped| skipped.reason.is_gap()).collect()
}

/// What was not read, and why.
pub(super) fn line(skipped: &Skipped) -> String {
    format!("{}: {}", origin(&skipped.origin), escape(skipped.reason.to_string().as_bytes()))
}

/// `2 binary, 1 link`.
fn codes<'a>(skipped: impl Iterator<Item = &'a Skipped>) -> String {
    let mut counts = BTreeMap::new();
    for one in skipped {
        *counts.entry(one.reason.code()).or_insert(0_usize) += 1;
    }
    counts.iter().map(|(code, number)| format!("{number} {code}")).collect::<Vec<_>>().join(", ")
}

/// A size for people, in decimal units.
fn bytes(number: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if number < 1000 {
        return count(usize::try_from(number).unwrap_or(usize::MAX), "byte");
    }
    let mut value = number as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        let cases = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (999_960, "1.0 MB"),
            (50_000_000, "50.0 MB"),
        ];
        for (number, expected) in cases {
            assert_eq!(bytes(number), expected);
        }
    }
}
