//! JUnit XML, which most CI systems show as test results: a finding is a failure, what could not be read is an error, and
//! what was read is the one test that passed, so that a clean report is not an empty one.
//!
//! It holds no times: the same input gives the same bytes.

use std::io::{self, Write};

use crate::finding::{Finding, Report};
use crate::rules::RuleSet;

use super::coverage;
use super::title::{count, place, sentences, title};

/// More gaps than this are only counted.
const MOST_GAPS: usize = 1_000;

pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let gaps = coverage::gaps(report);
    let named = gaps.len().min(MOST_GAPS);
    let errors = report.notes.len() + named + usize::from(gaps.len() > named);
    let failures = report.findings.len();
    let numbers = format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"", failures + errors + 1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"stopleak\" {numbers}>")?;
    writeln!(out, " <testsuite name=\"stopleak {}\" {numbers} skipped=\"0\">", xml(report.mode))?;
    let read = count(usize::try_from(report.totals.files).unwrap_or(usize::MAX), "file");
    writeln!(out, "  <testcase classname=\"stopleak\" name=\"{read} read\"/>")?;
    for finding in &report.findings {
        failure(report.rules, finding, out)?;
    }
    for note in &report.notes {
        error("incomplete", note, "not everything that was asked for was read", out)?;
    }
    for gap in &gaps[..named] {
        error(gap.reason.code(), &super::title::origin(&gap.origin), &coverage::line(gap), out)?;
    }
    if gaps.len() > named {
        let rest = format!("{} more were not read", gaps.len() - named);
        error("incomplete", &rest, "not everything that was asked for was read", out)?;
    }
    let mut told = coverage::accepted(report);
    told.extend(report.remarks.iter().map(|remark| super::escape(remark.text.as_bytes())));
    if !told.is_empty() {
        writeln!(
            out,
            "  <system-out>{}</system-out>",
            told.iter().map(|line| xml(line)).collect::<Vec<_>>().join("\n")
        )?;
    }
    writeln!(out, " </testsuite>\n</testsuites>")
}

fn failure(rules: &RuleSet, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let (rule, chief) = (&rules.rule(finding.rule).id, finding.chief());
    // Readers take two cases of one class and name for one; the fingerprint keeps them apart.
    let name = format!("{} at {} [{}]", title(rules, finding), place(chief), finding.fingerprint);
    let file = super::title::origin(&chief.place.origin);
    let line = chief.place.region.start.line;
    writeln!(
        out,
        "  <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{line}\">",
        xml(rule),
        xml(&name),
        xml(&file)
    )?;
    let message = format!("{} in plain text", title(rules, finding));
    let kind = finding.severity.as_str();
    let text = xml(&sentences(rules, finding));
    writeln!(out, "   <failure type=\"{kind}\" message=\"{}\">{text}</failure>", xml(&message))?;
    writeln!(out, "  </testcase>")
}

fn error(kind: &str, name: &str, message: &str, out: &mut dyn Write) -> io::Result<()> {
    let name = xml(&super::escape(name.as_bytes()));
    writeln!(
        out,
        "  <testcase classname=\"stopleak.coverage\" name=\"{name}\"><error type=\"{kind}\" message=\"{}\"/></testcase>",
        xml(message)
    )
}

/// Text for XML 1.0, in elements and attributes. Characters that XML has no place for are written as `\u{...}`.
fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        assert_eq!(xml("<a b=\"c\">&'"), "&lt;a b=&quot;c&quot;&gt;&amp;&apos;");
        assert_eq!(xml("a\u{1b}b\u{fffe}]]>"), "a\\u{1b}b\\u{fffe}]]&gt;");
    }
}
