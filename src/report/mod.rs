//! Renderings of a [`Report`]: one file a format, each with structures of its own, so that no other room's types have to
//! fit an output. All of them write to a `dyn Write` and fail only with its errors.
//!
//! No value is printed unless [`Style::show_secrets`] says so; every text from outside is escaped (see `escape`).

mod coverage;
mod escape;
pub mod explain;
mod json;
mod paint;
mod safe_json;
mod sarif;
mod scrub;
mod text;
mod title;

use std::io;

use crate::finding::Report;

pub use escape::escape;
pub use safe_json::write_json;

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
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// With colours (text only).
    pub colour: bool,
    /// With the values themselves. Only ever at the explicit wish of the user.
    pub show_secrets: bool,
    /// With all that was not scanned, and the full reasons, however long (text only).
    pub verbose: bool,
    /// With nothing but the findings' own lines (text only).
    pub quiet: bool,
    /// With what was accepted (SARIF only; JSON always has it).
    pub include_suppressed: bool,
    /// Where lines of prose are wrapped (text only).
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: false, show_secrets: false, verbose: false, quiet: false, include_suppressed: false, width: 100 }
    }
}

/// Writes a report.
///
/// # Errors
/// Those of the writer.
pub fn write(format: Format, report: &Report<'_>, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let scrubbed = if style.show_secrets { None } else { scrub::scrub(report) };
    let report = scrubbed.as_ref().unwrap_or(report);
    match format {
        Format::Text => text::write(report, style, out),
        Format::Json => json::write(report, style, out),
        Format::Sarif => sarif::write(report, style, out),
    }
}

#[cfg(test)]
mod tests;
