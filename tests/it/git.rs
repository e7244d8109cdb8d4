//! What git holds: staged changes, history, ranges.

mod ancestry;
mod damaged;
mod history;
#[cfg(all(unix, feature = "cli"))]
mod hooks;
#[cfg(unix)]
mod hostile;
mod one_value;
#[cfg(feature = "cli")]
mod policy;
mod range;
mod staged;
mod submodules;
mod tagged;
mod tips;
mod tracked;
mod versions;

use std::collections::BTreeSet;

use stopleak::finding::{Finding, Report};

/// A line with a credential of Binance. The value is made here from `seed`: no text in this repository looks like one.
fn leak(seed: u64) -> String {
    format!("BINANCE_API_SECRET = \"{}\"\n", value(seed))
}

/// 64 random letters and digits.
fn value(seed: u64) -> String {
    let alphabet: Vec<char> = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        alphabet[usize::try_from(state >> 33).expect("31 bits") % alphabet.len()]
    };
    (0..64).map(|_| letter()).collect()
}

/// The paths of findings that hold the value of `seed`, as `path:line`.
fn places(report: &Report<'_>, seed: u64) -> BTreeSet<String> {
    let value = value(seed);
    let holds = |finding: &&Finding| finding.parts.iter().any(|part| part.secret.expose() == value.as_bytes());
    let place = |finding: &Finding| {
        let place = &finding.chief().place;
        format!("{}:{}", place.origin.display(), place.region.start.line)
    };
    report.findings.iter().filter(holds).map(place).collect()
}

/// The references that hold the value of `seed`, as its one finding tells them.
fn refs(report: &Report<'_>, seed: u64) -> Vec<String> {
    let value = value(seed);
    let mut found = report.findings.iter().filter(|finding| finding.chief().secret.expose() == value.as_bytes());
    let git = found.next().and_then(|finding| finding.chief().place.origin.git.as_deref().cloned());
    assert!(found.next().is_none(), "{seed}: one finding: {report:?}");
    git.map(|git| git.refs).unwrap_or_default()
}
