//! `stopleak baseline import`: what the files of other scanners accept, as far as it can be found here. Nothing of them is
//! run or loaded, and what can't be mapped is named with its line.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use stopleak::finding::{Finding, FoundPart};
use stopleak::policy::baseline::{Entry, Verdict};
use stopleak::policy::import::{self, Item, What};
use stopleak::report::{Scrubber, escape};

use super::baseline::{EntryArgs, Scan, ScanArgs, count, ending, found, values, within};
use super::{output, store};

#[derive(Debug, ClapArgs)]
pub(super) struct ImportArgs {
    /// The other scanner's file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    scan: ScanArgs,
}

/// Runs `stopleak baseline import`.
pub(super) fn run(typed: ImportArgs) -> anyhow::Result<u8> {
    let shown = typed.file.display().to_string();
    let path = typed.file.canonicalize().with_context(|| format!("{shown} can't be read"))?;
    let items = import::read(&shown, &store::text(&shown, &path)?)?;
    let mut met = vec![false; items.len()];
    // A path in that file may be a value, too.
    let mut shown_paths: Vec<String> = items.iter().map(|item| item.path.clone()).collect();
    #[cfg_attr(not(feature = "git"), expect(unused_mut))]
    let mut wanted = typed.scan;
    #[cfg(feature = "git")]
    {
        // Places in commits are looked for where they are.
        wanted.history |= items.iter().any(|item| matches!(item.what, What::Line { commit: Some(_), .. }));
    }
    let mut scan = Scan::new(wanted, false)?;
    let rules = scan.judge.rules()?;
    let mut entries: Vec<(FoundPart, String, String, Option<Verdict>, usize)> = Vec::new();
    let complete = scan.each(&rules, &mut |judge, report| {
        // What comments and the configuration accept needs no entry.
        found(judge, report, &EntryArgs::default());
        let scrubber = Scrubber::new(report);
        if let Some(scrubber) = &scrubber {
            shown_paths.iter_mut().for_each(|path| *path = scrubber.text(path));
        }
        for finding in &report.findings {
            let path = |part: &FoundPart| String::from_utf8_lossy(&judge.relative(&part.place.origin)).into_owned();
            let paths: Vec<String> = finding.parts.iter().map(path).collect();
            for (item, met) in items.iter().zip(&mut met) {
                for part in meets(item, finding, &paths) {
                    let rule = rules.rule(part.rule).id.clone();
                    let within = within(judge, scrubber.as_ref(), finding, part);
                    entries.push((part.clone(), rule, within, item.verdict, item.line));
                    *met = true;
                }
            }
        }
    })?;
    let added = scan.store.change(|baseline, _| {
        let mut added = 0;
        for (part, rule, within, verdict, line) in entries {
            let (value, reason) = (baseline.name(&part), Some(format!("from {shown}:{line}")));
            let entry = Entry { value, rule, within, path: None, verdict, reason, expires: None, line: 0 };
            added += usize::from(baseline.add(entry));
        }
        Ok(added)
    })?;
    let mut text = String::new();
    for ((item, path), _) in items.iter().zip(&shown_paths).zip(&met).filter(|(_, met)| !**met) {
        let why = match &item.what {
            What::Unclear(why) => (*why).to_owned(),
            What::Line { number, .. } => format!("nothing is found at {path}:{number}"),
            What::Sha1(_) | What::Value(_) => format!("no such value is found; it was in {path}"),
        };
        let _ = writeln!(text, "{shown}:{}: {why}; left out", item.line);
    }
    let met = met.into_iter().filter(|met| *met).count();
    let _ = writeln!(
        text,
        "{met} of {} taken over, {} added to {}",
        count(items.len(), "entry").replace("entrys", "entries"),
        count(added, "value"),
        scan.store.shown
    );
    if met > 0 {
        text += "`stopleak baseline audit` shows them one by one: a file of places accepts whatever stands there now\n";
    }
    output::print(&escape(text.as_bytes()).replace("\\x0a", "\n"))?;
    Ok(ending(complete))
}

/// The parts of a finding that an item accepts: all of them with the most secret one.
fn meets<'a>(item: &Item, finding: &'a Finding, paths: &[String]) -> Vec<&'a FoundPart> {
    let fits = |part: &FoundPart, path: &String| match &item.what {
        What::Line { number, commit } => {
            let git = part.place.origin.git.as_deref();
            let brought = git.and_then(|git| git.commit.as_deref());
            let paths = git.map(|git| git.also.as_slice()).unwrap_or_default();
            part.place.region.start.line == *number
                && (*path == item.path || paths.contains(&item.path))
                && commit.as_deref().is_none_or(|commit| brought == Some(commit))
        }
        what => what.is_value(part.secret.expose()),
    };
    let fitting: Vec<&FoundPart> =
        finding.parts.iter().zip(paths).filter(|(part, path)| fits(part, path)).map(|(part, _)| part).collect();
    if fitting.iter().any(|part| *part == finding.chief()) { values(finding).collect() } else { fitting }
}
