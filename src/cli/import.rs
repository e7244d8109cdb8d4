//! `stopleak baseline import`: what the files of other scanners accept, as far as it can be found here. Nothing of them is
//! run or loaded, and what can't be mapped is named with its line.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args as ClapArgs;
use serde::Deserialize;
use sha1::{Digest as _, Sha1};
use stopleak::finding::{Finding, FoundPart};
use stopleak::policy::baseline::{Entry, Verdict};
use stopleak::report::escape;

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

/// Something that a file accepts.
struct Item {
    /// The line in that file.
    line: usize,
    /// Where it says it is.
    path: String,
    what: What,
    verdict: Option<Verdict>,
    met: bool,
}

enum What {
    /// Whatever stands in a line; in the file as a commit brought it, or as it is now.
    Line { number: usize, commit: Option<String> },
    /// A value with this SHA-1, in hexadecimal.
    Sha1(String),
    /// This value.
    Value(String),
    /// Nothing that can be understood, and why.
    Unclear(&'static str),
}

/// Runs `stopleak baseline import`.
pub(super) fn run(typed: ImportArgs) -> anyhow::Result<u8> {
    let shown = typed.file.display().to_string();
    let path = typed.file.canonicalize().with_context(|| format!("{shown} can't be read"))?;
    let mut items = read(&shown, &store::text(&shown, &path)?)?;
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
        for finding in &report.findings {
            let paths: Vec<String> = finding.parts.iter().map(|part| within(judge, finding, part)).collect();
            for item in &mut items {
                for part in meets(item, finding, &paths) {
                    let rule = rules.rule(part.rule).id.clone();
                    entries.push((part.clone(), rule, within(judge, finding, part), item.verdict, item.line));
                    item.met = true;
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
    for item in items.iter().filter(|item| !item.met) {
        let why = match &item.what {
            What::Unclear(why) => (*why).to_owned(),
            What::Line { number, .. } => format!("nothing is found at {}:{number}", item.path),
            What::Sha1(_) | What::Value(_) => format!("no such value is found; it was in {}", item.path),
        };
        let _ = writeln!(text, "{shown}:{}: {why}; left out", item.line);
    }
    let met = items.iter().filter(|item| item.met).count();
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
        What::Sha1(hash) => *hash == data_encoding::HEXLOWER.encode(&Sha1::digest(part.secret.expose())),
        What::Value(value) => value.as_bytes() == part.secret.expose(),
        What::Unclear(_) => false,
    };
    let fitting: Vec<&FoundPart> =
        finding.parts.iter().zip(paths).filter(|(part, path)| fits(part, path)).map(|(part, _)| part).collect();
    if fitting.iter().any(|part| *part == finding.chief()) { values(finding).collect() } else { fitting }
}

/// Reads a file of any kind that is known.
fn read(shown: &str, text: &str) -> anyhow::Result<Vec<Item>> {
    let unlike = |error: &serde_json::Error| {
        let (line, column) = (error.line(), error.column());
        format!(
            "{shown}:{line}:{column}: this is neither detect-secrets' baseline nor gitleaks' report nor .gitleaksignore"
        )
    };
    match text.trim_start().as_bytes().first() {
        Some(b'{') => {
            let file: Secrets = serde_json::from_str(text).map_err(|error| anyhow::anyhow!(unlike(&error)))?;
            Ok(secrets(text, file))
        }
        Some(b'[') => {
            let file: Vec<Leak> = serde_json::from_str(text).map_err(|error| anyhow::anyhow!(unlike(&error)))?;
            Ok(leaks(text, file))
        }
        Some(_) => Ok(ignored(text)),
        None => bail!("{shown}:1: the file is empty"),
    }
}

/// `.secrets.baseline` of detect-secrets. Its plugins and filters are not looked at.
#[derive(Deserialize)]
struct Secrets {
    results: HashMap<String, Vec<Known>>,
}

#[derive(Deserialize)]
struct Known {
    hashed_secret: String,
    is_secret: Option<bool>,
}

fn secrets(text: &str, file: Secrets) -> Vec<Item> {
    let mut lines = Lines::new(text);
    let mut results: Vec<(String, Vec<Known>)> = file.results.into_iter().collect();
    results.sort_by(|a, b| a.0.cmp(&b.0));
    let mut items = Vec::new();
    for (path, list) in results {
        for known in list {
            let line = lines.of(&known.hashed_secret);
            let verdict = known.is_secret.map(|real| if real { Verdict::Real } else { Verdict::False });
            let what = What::Sha1(known.hashed_secret.to_ascii_lowercase());
            items.push(Item { line, path: path.replace('\\', "/"), what, verdict, met: false });
        }
    }
    items.sort_by_key(|item| item.line);
    items
}

/// A report of gitleaks, as it takes it for a baseline.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Leak {
    file: String,
    start_line: usize,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    commit: String,
    #[serde(default)]
    fingerprint: String,
}

fn leaks(text: &str, file: Vec<Leak>) -> Vec<Item> {
    let mut lines = Lines::new(text);
    let item = |leak: Leak| {
        let line = lines.of(&leak.fingerprint);
        let commit = Some(leak.commit).filter(|commit| !commit.is_empty());
        let what = match leak.secret.as_str() {
            "" | "REDACTED" => What::Line { number: leak.start_line, commit },
            value if value.ends_with("...") => What::Line { number: leak.start_line, commit },
            value => What::Value(value.to_owned()),
        };
        Item { line, path: leak.file.replace('\\', "/"), what, verdict: None, met: false }
    };
    file.into_iter().map(item).collect()
}

/// `.gitleaksignore`: `path:rule:line` or `commit:path:rule:line`.
fn ignored(text: &str) -> Vec<Item> {
    let lines = (1..).zip(text.lines()).map(|(line, text)| (line, text.trim()));
    let lines = lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
    let item = |(line, text): (usize, &str)| {
        let mut parts = text.rsplitn(3, ':');
        let (number, _rule, place) = (parts.next(), parts.next(), parts.next());
        let Some((number, place)) = number.and_then(|text| text.parse().ok()).zip(place) else {
            let what = What::Unclear("this is not of the form path:rule:line");
            return Item { line, path: String::new(), what, verdict: None, met: false };
        };
        let is_id = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (commit, path) = match place.split_once(':') {
            Some((commit, path)) if is_id(commit) => (Some(commit.to_owned()), path),
            _ => (None, place),
        };
        let what = What::Line { number, commit };
        Item { line, path: path.replace('\\', "/"), what, verdict: None, met: false }
    };
    lines.map(item).collect()
}

/// The lines in which texts stand: the first one that has not been given out yet.
struct Lines<'a> {
    all: Vec<&'a str>,
    next: HashMap<String, usize>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { all: text.lines().collect(), next: HashMap::new() }
    }

    fn of(&mut self, text: &str) -> usize {
        let next = self.next.entry(text.to_owned()).or_default();
        let at = self.all[*next..].iter().position(|line| line.contains(text)).map_or(0, |at| *next + at);
        *next = (at + 1).min(self.all.len());
        at + 1
    }
}
