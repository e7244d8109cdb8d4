//! What an exchange said, as each format shows it.

use std::io;

use serde::Serialize;

use crate::finding::verification::{Capability, Expiry, Verdict, Verification, utc};

/// Lines for people: a label and a text.
#[must_use]
pub fn lines(verification: &Verification) -> Vec<(&'static str, String)> {
    let asked = format!("({}, {})", verification.host, utc(verification.checked_at));
    let mut lines = vec![("asked", format!("{} {asked}", verification.headline()))];
    if !verification.note.is_empty() {
        lines.push(("note", verification.note.clone()));
    }
    lines
}

/// The answer in JSON reports.
#[derive(Serialize)]
pub(super) struct VerificationOut {
    verdict: &'static str,
    also_possible: Vec<&'static str>,
    capabilities: Vec<&'static str>,
    capabilities_disclosed: &'static str,
    ip_restricted: &'static str,
    expires: String,
    environment: &'static str,
    venue: String,
    host: String,
    checked_at: String,
    security_severity: Option<f64>,
    severity_before: &'static str,
    note: String,
}

impl VerificationOut {
    pub(super) fn new(verification: &Verification) -> Self {
        Self {
            verdict: verification.verdict.as_str(),
            also_possible: also(verification),
            capabilities: capabilities(verification),
            capabilities_disclosed: verification.disclosure.as_str(),
            ip_restricted: verification.ip.as_str(),
            expires: expires(verification),
            environment: verification.environment.as_str(),
            venue: verification.venue.clone(),
            host: verification.host.clone(),
            checked_at: utc(verification.checked_at),
            security_severity: verification.score().map(|score| f64::from(score) / 10.0),
            severity_before: verification.severity_before.as_str(),
            note: verification.note.clone(),
        }
    }
}

/// The answer in the properties of SARIF results.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    verdict: &'static str,
    also_possible: Vec<&'static str>,
    capabilities: Vec<&'static str>,
    capabilities_disclosed: &'static str,
    ip_restricted: &'static str,
    expires_at: String,
    environment: &'static str,
    host: String,
    checked_at: String,
}

impl Facts {
    pub(super) fn new(verification: &Verification) -> Self {
        Self {
            verdict: verification.verdict.as_str(),
            also_possible: also(verification),
            capabilities: capabilities(verification),
            capabilities_disclosed: verification.disclosure.as_str(),
            ip_restricted: verification.ip.as_str(),
            expires_at: expires(verification),
            environment: verification.environment.as_str(),
            host: verification.host.clone(),
            checked_at: utc(verification.checked_at),
        }
    }
}

fn also(verification: &Verification) -> Vec<&'static str> {
    verification.also_possible.iter().copied().map(Verdict::as_str).collect()
}

fn capabilities(verification: &Verification) -> Vec<&'static str> {
    verification.capabilities.iter().copied().map(Capability::as_str).collect()
}

/// A time, `never` or `unknown`.
fn expires(verification: &Verification) -> String {
    match verification.expires {
        Expiry::At(time) => utc(time),
        Expiry::Never => "never".to_owned(),
        Expiry::Unknown => "unknown".to_owned(),
    }
}

/// Writes one answer alone as JSON: what a finding of a report holds under `verification`.
///
/// # Errors
/// Those of the writer.
pub fn write_json(verification: &Verification, out: &mut dyn io::Write) -> io::Result<()> {
    super::write_json(&VerificationOut::new(verification), out)
}
