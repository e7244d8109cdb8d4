//! `stopleak baseline audit`: the findings one by one, and what a person says of each. Every answer is written at once, so
//! that nothing is lost if the person goes away. Values stay masked.

use std::io::{BufRead as _, Write as _};

use clap::Args as ClapArgs;
use stopleak::finding::{Finding, Report, Totals};
use stopleak::policy::baseline::{Entry, Verdict};
use stopleak::report::{self, Format, Style, escape};
use stopleak::rules::RuleSet;

use super::baseline::{EntryArgs, Found, Scan, ScanArgs, ending, found};
use super::output;

#[derive(Debug, ClapArgs)]
pub(super) struct AuditArgs {
    /// Ask of findings again that were judged before
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    scan: ScanArgs,
}

/// What was said of one finding.
enum Answer {
    Is(Verdict, Option<String>),
    Skip,
    Quit,
}

const QUESTION: &str = "[f]alse, re[v]oked, [r]eal, [s]kip or [q]uit; a reason may follow: ";

/// Runs `stopleak baseline audit`.
pub(super) fn run(typed: AuditArgs) -> anyhow::Result<u8> {
    let mut scan = Scan::new(typed.scan, false)?;
    let rules = scan.judge.rules()?;
    let mut cases: Vec<(Finding, Vec<Found>)> = Vec::new();
    let complete = scan.each(&rules, &mut |judge, report| {
        let (found, _) = found(judge, report, &EntryArgs::default());
        let mut found = found.into_iter();
        for finding in &report.findings {
            let parts = super::baseline::values(finding).count();
            cases.push((finding.clone(), found.by_ref().take(parts).collect()));
        }
    })?;
    let judged =
        |found: &[Found]| found.iter().all(|one| one.known.as_ref().is_some_and(|entry| entry.verdict.is_some()));
    let before = cases.len();
    cases.retain(|(_, found)| typed.all || !judged(found));
    let total = cases.len();
    let mut counts = [0_usize; 3];
    let mut left = 0;
    let mut cases = cases.into_iter().enumerate();
    for (number, (finding, found)) in cases.by_ref() {
        output::print(&page(&rules, finding, &found, number + 1, total))?;
        match ask()? {
            Answer::Is(verdict, reason) => {
                counts[verdict as usize] += 1;
                record(&scan, found, verdict, reason)?;
            }
            Answer::Skip => left += 1,
            Answer::Quit => {
                left += 1;
                break;
            }
        }
    }
    left += cases.count();
    let [no, revoked, real] = counts;
    let (sum, known) = (no + revoked + real, before - total);
    let file = escape(scan.store.shown.as_bytes());
    output::print(&format!(
        "\n{file}: {sum} judged ({no} false, {revoked} revoked, {real} real), {known} judged before, {left} left\n"
    ))?;
    Ok(ending(complete))
}

/// A finding as the text report shows it, and what is known of it.
fn page(rules: &RuleSet, finding: Finding, found: &[Found], number: usize, total: usize) -> String {
    let report = Report {
        rules,
        mode: "tree",
        findings: vec![finding],
        suppressed: Vec::new(),
        skipped: Vec::new(),
        notes: Vec::new(),
        remarks: Vec::new(),
        has_baseline: false,
        totals: Totals::default(),
    };
    let mut out = Vec::new();
    // A vector takes everything.
    let _ = report::write(Format::Text, &report, &Style { quiet: true, ..Style::default() }, &mut out);
    let mut text = format!("\n({number} of {total})\n{}", String::from_utf8_lossy(&out));
    if let Some(known) = found.first().and_then(|one| one.known.as_ref()) {
        let verdict = known.verdict.map_or("accepted, not judged", |verdict| verdict.as_str());
        let reason = known.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        text += &format!("in the baseline: {}\n", escape(format!("{verdict}{reason}").as_bytes()));
    }
    text
}

/// Asks until an answer is understood. The end of input is the wish to stop.
fn ask() -> anyhow::Result<Answer> {
    loop {
        output::print(QUESTION)?;
        let Some(line) = line()? else { return Ok(Answer::Quit) };
        let (word, reason) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
        let verdict = match word.to_ascii_lowercase().as_str() {
            "f" | "false" => Verdict::False,
            "v" | "revoked" => Verdict::Revoked,
            "r" | "real" => Verdict::Real,
            "s" | "skip" => return Ok(Answer::Skip),
            "q" | "quit" => return Ok(Answer::Quit),
            _ => continue,
        };
        let mut reason = reason.trim().to_owned();
        if reason.is_empty() {
            output::print("why: ")?;
            reason = line_or_empty()?;
        }
        return Ok(Answer::Is(verdict, Some(reason).filter(|reason| !reason.is_empty())));
    }
}

fn line_or_empty() -> anyhow::Result<String> {
    Ok(line()?.unwrap_or_default())
}

fn line() -> anyhow::Result<Option<String>> {
    std::io::stdout().flush()?;
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

fn record(scan: &Scan, found: Vec<Found>, verdict: Verdict, reason: Option<String>) -> anyhow::Result<()> {
    scan.store.change(|baseline, _| {
        for Found { part, rule, within, .. } in found {
            let (value, reason) = (baseline.name(&part), reason.clone());
            let verdict = Some(verdict);
            baseline.add(Entry { value, rule, within, path: None, verdict, reason, expires: None, line: 0 });
        }
        Ok(())
    })
}
