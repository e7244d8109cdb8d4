//! `--stats`: what a scan looked at and what it cost, for people, on standard error.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::OnceLock;
use std::time::Instant;

use stopleak::detect::Engine;
use stopleak::detect::profile::Profile;
use stopleak::finding::Report;

/// How many rules are shown.
const MOST_RULES: usize = 15;

/// Nanoseconds since the first call.
pub(super) fn clock() -> u64 {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    u64::try_from(BEGIN.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Writes the table. Whoever closed standard error wants none.
pub(super) fn tell(profile: &Profile, engine: &Engine<'_>, report: &Report<'_>) {
    let _ = anstream::stderr().write_all(table(profile, engine, report).as_bytes());
}

fn table(profile: &Profile, engine: &Engine<'_>, report: &Report<'_>) -> String {
    let mut out = String::new();
    let totals = &report.totals;
    let mut line = |name: &str, value: String| {
        let _ = writeln!(out, "{value:>16}  {name}");
    };
    line("files read", totals.files.to_string());
    line("bytes read", totals.bytes.to_string());
    for (name, count) in profile.counts() {
        line(name, count.to_string());
    }
    line("regular expressions compiled", engine.compiled().to_string());
    line("wall time", millis(u64::try_from(totals.elapsed.as_nanos()).unwrap_or(u64::MAX)));
    out.push_str("\nTime by stage, all threads together\n");
    for (stage, nanos) in profile.stages() {
        let _ = writeln!(out, "{:>16}  {}", millis(nanos), stage.title());
    }
    let rules = profile.rules();
    let tried = rules.len();
    out.push_str("\nTime by rule, part of the stages above\n");
    for cost in rules.iter().take(MOST_RULES) {
        let id = &engine.rules().rules()[cost.rule].id;
        let _ = writeln!(out, "{:>16}  {id}, tried {} times", millis(cost.nanos), cost.calls);
    }
    if tried > MOST_RULES {
        let _ = writeln!(out, "{:>16}  more rules were tried", tried - MOST_RULES);
    }
    out
}

fn millis(nanos: u64) -> String {
    format!("{}.{:03} ms", nanos / 1_000_000, nanos / 1_000 % 1_000)
}
