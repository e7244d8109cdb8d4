//! Asking exchanges whether a key is live and what it may do. Only in builds with the feature `verify`, and only when the
//! user asks: the rest of stopleak opens no connection.
//!
//! [`plan`] says which findings can be asked about, [`request`] makes signed requests of the compiled-in venues ([`venue`]),
//! [`https`] sends them, [`answer`] and [`rights`] read what comes back, [`ask`] keeps the pace. `docs/verification.md` is
//! the description for people.
//!
//! What it deliberately doesn't do: revoke or change anything, ask for second factors, keep answers on disk, follow a URL
//! from a scanned text, try keys at exchanges they might belong to.

mod answer;
mod ask;
mod https;
mod keys;
mod plan;
mod request;
mod rights;
mod venue;

#[cfg(test)]
mod tests;

pub use answer::{Reading, read_answer};
pub use ask::Asker;
pub use plan::{Check, Plan};
pub use request::{Credential, Prepared, is_allowed};
pub use venue::{Environment, Method, Piece, Signer, Venue, find, venues};

use crate::finding::Report;
use crate::finding::verification::Verification;

/// Asks about all of a plan and writes the answers into the findings. `told` is called with each before the next begins.
/// Findings are neither taken away nor renamed; their severity follows the answer, and they are sorted anew.
pub fn verify(report: &mut Report<'_>, plan: &Plan, asker: &mut Asker, told: &mut dyn FnMut(&Check, &Verification)) {
    for check in &plan.checks {
        let finding = &mut report.findings[check.finding];
        let mut verification = asker.ask(check.venue, &check.credential, check.environment);
        verification.severity_before = finding.severity;
        told(check, &verification);
        if let Some(severity) = verification.severity() {
            finding.severity = severity;
        }
        finding.verification = Some(verification);
    }
    report.findings.sort_by(|a, b| {
        let score = |finding: &crate::finding::Finding| finding.verification.as_ref().and_then(Verification::score);
        b.severity.cmp(&a.severity).then_with(|| score(b).cmp(&score(a)))
    });
}
