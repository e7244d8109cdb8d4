//! The end of the text report: how many findings, what was read, and what was not.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::finding::Report;
use crate::policy;
use crate::rules::{Confidence, Severity};
use crate::source::Skipped;

use super::paint::Paint;
use super::title::{count, origin};
use super::{Style, escape};

/// How many gaps are named before they are only counted.
const NAMED: usize = 20;

pub(super) fn write(report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(style.colour);
    if !style.quiet {
        writeln!(out, "{}", verdict(report, paint))?;
        for line in put_apart(report) {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{}", read(report))?;
        if report.totals.files == 0 && report.complete() {
            writeln!(out, "there was nothing to read")?;
        }
    }
    gaps(report, style, paint, out)?;
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
    let counts: Vec<String> = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low]
        .into_iter()
        .filter_map(|severity| {
            let number = report.findings.iter().filter(|finding| finding.severity == severity).count();
            (number > 0).then(|| format!("{number} {}", severity.as_str()))
        })
        .collect();
    match (report.findings.len(), report.complete()) {
        (0, true) => paint.good("no leaked credentials found"),
        (0, false) => paint.warning("no leaked credentials found in what could be read"),
        (number, _) => paint.warning(&format!("{}: {}", count(number, "leaked credential"), counts.join(", "))),
    }
}

/// What is not shown as a finding, and how to see it.
fn put_apart(report: &Report<'_>) -> Vec<String> {
    let (unsure, accepted): (Vec<_>, Vec<_>) =
        report.suppressed.iter().partition(|finding| finding.suppressed.as_deref() == Some(policy::UNSURE));
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
    if !accepted.is_empty() {
        lines.push(format!("{} accepted (comment, allow-list or baseline)", count(accepted.len(), "finding")));
    }
    lines
}

fn read(report: &Report<'_>) -> String {
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

fn gaps(report: &Report<'_>, style: &Style, paint: Paint, out: &mut dyn Write) -> io::Result<()> {
    if report.complete() {
        return Ok(());
    }
    let gaps: Vec<&Skipped> = report.skipped.iter().filter(|skipped| skipped.reason.is_gap()).collect();
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

fn line(skipped: &Skipped) -> String {
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
