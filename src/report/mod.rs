//! Renderings of a [`Report`]: one file a format, each with structures of its own, so that no other room's types have to
//! fit an output. All of them write to a `dyn Write` and fail only with its errors.
//!
//! No value is printed unless [`Style::show_secrets`] says so; every text from outside is escaped (see `escape`).

mod advice;
mod coverage;
mod csv;
mod escape;
pub mod explain;
mod github;
mod gitlab;
mod json;
mod junit;
mod markdown;
mod paint;
mod purge;
mod safe_json;
mod sarif;
mod scrub;
mod text;
mod title;
pub mod verification;

use std::io;

use crate::finding::Report;

pub use escape::escape;
pub use safe_json::write_json;
pub use scrub::Scrubber;

/// The formats a report can be written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs: `docs/report.schema.json` describes it.
    Json,
    /// SARIF 2.1.0, for code scanning services and editors.
    Sarif,
    /// Workflow commands that make annotations, for the log of GitHub Actions.
    Github,
    /// GitLab's secret detection report, schema 15.0.7.
    Gitlab,
    /// GitLab's code quality report.
    CodeQuality,
    /// JUnit XML, for CI systems that show tests.
    Junit,
    /// Comma-separated values, for spreadsheets.
    Csv,
    /// A summary in Markdown, for the page of a CI job.
    Markdown,
}

impl Format {
    /// Whether this format can hold the values themselves. The others go where many read them.
    #[must_use]
    pub fn can_show_secrets(self) -> bool {
        matches!(self, Self::Text | Self::Json | Self::Sarif | Self::Csv)
    }
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With colours (text only).
    pub colour: bool,
    /// With the values themselves, where [`Format::can_show_secrets`]. Only ever at the explicit wish of the user.
    pub show_secrets: bool,
    /// With all that was not scanned, and the full reasons, however long (text only).
    pub verbose: bool,
    /// With nothing but the findings' own lines (text only).
    pub quiet: bool,
    /// With what was accepted (SARIF only; JSON always has it).
    pub include_suppressed: bool,
    /// Where lines of prose are wrapped (text only).
    pub width: usize,
    /// When the scan began, in seconds since 1970. Only GitLab's report tells it, because its schema demands it.
    pub started: u64,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            colour: false,
            show_secrets: false,
            verbose: false,
            quiet: false,
            include_suppressed: false,
            width: 100,
            started: 0,
        }
    }
}

/// Writes a report.
///
/// # Errors
/// Those of the writer.
pub fn write(format: Format, report: &Report<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let style = &Style { show_secrets: style.show_secrets && format.can_show_secrets(), ..*style };
    let scrubbed = if style.show_secrets { None } else { scrub::scrub(report) };
    let report = scrubbed.as_ref().unwrap_or(report);
    match format {
        Format::Text => text::write(report, style, out),
        Format::Json => json::write(report, style, out),
        Format::Sarif => sarif::write(report, style, out),
        Format::Github => github::write(report, out),
        Format::Gitlab => gitlab::write(report, style, out),
        Format::CodeQuality => gitlab::write_quality(report, out),
        Format::Junit => junit::write(report, out),
        Format::Csv => csv::write(report, style, out),
        Format::Markdown => markdown::write(report, out),
    }
}

/// What a person should know of a report that its reader can't take whole: GitHub's limits of SARIF.
///
/// # Errors
/// None that can happen; the report is written to memory to be measured.
pub fn limits(format: Format, report: &Report<'_>, style: &Style) -> io::Result<Option<String>> {
    // Far below the least limit there is nothing to measure.
    if format != Format::Sarif || report.findings.len() < 1_000 {
        return Ok(None);
    }
    Ok(sarif::within(sarif::GITHUB, report, style)?.1)
}

#[cfg(test)]
mod tests;
