//! `stopleak scan`, and the end that all scans have in common.

use std::io::{self, Read, Write as _};

use stopleak::detect::Engine;
use stopleak::finding::Report;
use stopleak::{report, scan};

use super::args::ScanArgs;
use super::judge::Judge;
use super::output;
use super::plan::{Common, Input, Output, Plan};
use super::progress::Progress;
use super::stats;
use super::verify::Asking;

/// Scans what was named and writes the reports.
pub(super) fn run(typed: ScanArgs) -> anyhow::Result<u8> {
    let Plan { input, options, common, asking } = Plan::new(typed)?;
    judged_and_asked(&common, &asking, |engine, progress| {
        Ok(match &input {
            Input::Stdin(name) => scan::stdin(engine, &mut stdin(), name, &options, progress),
            Input::Tree(paths) => scan::tree(engine, paths, &options, progress),
        })
    })
}

/// Standard input. One that was closed fails at the first read: what could not be read is not clean.
fn stdin() -> Box<dyn Read> {
    if super::shell::stdin_was_closed() {
        return Box::new(Closed);
    }
    Box::new(std::io::stdin().lock())
}

/// A standard input that was closed when the program began.
struct Closed;

impl Read for Closed {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("standard input is closed; pipe a text into stopleak, or name a file"))
    }
}

/// Loads the rules, lets `scan` do its work, and ends as every scan ends: judged, written, and with an exit code. No
/// exchange is asked.
pub(super) fn judged(
    common: &Common,
    scan: impl for<'r> FnOnce(&Engine<'r>, &dyn scan::Progress) -> anyhow::Result<Report<'r>>,
) -> anyhow::Result<u8> {
    judged_and_asked(common, &Asking::default(), scan)
}

/// The same; what is reported as a leak is asked about before it is written, if the user wants that.
pub(super) fn judged_and_asked(
    common: &Common,
    asking: &Asking,
    scan: impl for<'r> FnOnce(&Engine<'r>, &dyn scan::Progress) -> anyhow::Result<Report<'r>>,
) -> anyhow::Result<u8> {
    let rules = common.judge.rules()?;
    super::rules::tell_remarks(&rules);
    let engine = if common.stats { Engine::profiled(&rules, stats::clock) } else { Engine::new(&rules) };
    let progress = Progress::new(common.progress);
    let report = scan(&engine, &progress);
    progress.end();
    if let (Some(profile), Ok(report)) = (engine.profile(), &report) {
        stats::tell(profile, &engine, report);
    }
    finish(report?, &common.judge, asking, &common.outputs)
}

fn finish(mut report: Report<'_>, judge: &Judge, asking: &Asking, outputs: &[Output]) -> anyhow::Result<u8> {
    judge.decide(&mut report);
    // What goes wrong with asking costs the answers, not the report.
    let mut failed = asking.ask(&mut report).err();
    for one in outputs {
        // One report that can't be written must not cost the others.
        if let Err(error) = write(one, &report) {
            failed.get_or_insert(error);
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    for one in outputs {
        if let Some(note) = report::limits(one.format, &report, &one.style)? {
            let _ = writeln!(std::io::stderr(), "stopleak: {note}");
        }
    }
    if outputs.iter().all(|one| one.target.is_some()) && !report.complete() {
        // Nothing went to standard output, so nobody has seen this yet. The exit code says it too.
        let _ =
            writeln!(std::io::stderr(), "stopleak: not everything that was asked for was read; the report names it");
    }
    Ok(exit_code(&report, judge))
}

fn write(output: &Output, report: &Report<'_>) -> anyhow::Result<()> {
    match &output.target {
        Some(target) => {
            target.write(output.style.show_secrets, |out| report::write(output.format, report, &output.style, out))
        }
        None => output::stdout(|out| report::write(output.format, report, &output.style, out)),
    }
}

/// The report's own exit code, except that findings below `--fail-on` don't count.
fn exit_code(report: &Report<'_>, judge: &Judge) -> u8 {
    let counts = report.findings.iter().any(|finding| finding.severity_to_fail_by() >= judge.fail_on);
    match report.exit_code() {
        1 if !counts && report.complete() => 0,
        1 if !counts => 3,
        code => code,
    }
}
