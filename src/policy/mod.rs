//! What of the findings is reported: what someone accepted or didn't want to see is put apart, never dropped.

use crate::finding::Report;
use crate::rules::Confidence;

/// Why a finding is put apart that is less sure than the user wants to see.
pub const UNSURE: &str = "less sure than asked for";

/// Puts the findings apart that are less sure than `least`.
pub fn hide_unsure(report: &mut Report<'_>, least: Confidence) {
    let (kept, unsure): (Vec<_>, Vec<_>) =
        std::mem::take(&mut report.findings).into_iter().partition(|finding| finding.confidence >= least);
    report.findings = kept;
    report.suppressed.extend(unsure.into_iter().map(|mut finding| {
        finding.suppressed = Some(UNSURE.to_owned());
        finding
    }));
}
