//! Files as people leak them, filled for every exchange: `testdata/cases`, whose README describes them.

mod template;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;
use stopleak::credential::{Credential, Part};
use stopleak::detect::{Engine, Hint};
use stopleak::rules::{Confidence, RuleSet};
use template::{Exchanges, Filler, Mark, Text};

/// How often each file is filled, and how often of these with CRLF.
const FILLINGS: u64 = 5;
const WITH_CRLF: u64 = 1;

/// The exchanges of the seed document: every format must be there for each of them.
const SEED_EXCHANGES: &[&str] = &["binance", "bybit", "bingx", "bitget", "bitmex"];

/// `case.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    /// What the file is, for people.
    #[serde(rename = "about")]
    _about: String,
    /// The host format.
    format: String,
    /// The parts of each credential that must be found; an empty list: nothing.
    find: Vec<Vec<String>>,
    /// The end of the file's path, if its folder says something.
    path: Option<String>,
    /// The exchanges it makes sense for; all if missing.
    exchanges: Option<Vec<String>>,
}

#[derive(Debug)]
struct Case {
    name: String,
    file: PathBuf,
    text: String,
    expected: Expectation,
}

/// `known-misses.toml`: what the engine can't do yet.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownMisses {
    #[serde(default)]
    miss: Vec<KnownMiss>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownMiss {
    case: String,
    exchanges: Vec<String>,
    #[serde(rename = "reason")]
    _reason: String,
}

impl KnownMisses {
    fn has(&self, case: &str, exchange: &str) -> bool {
        self.miss.iter().any(|miss| miss.case == case && miss.exchanges.iter().any(|id| id == exchange))
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/cases")
}

fn read<T: for<'a> Deserialize<'a>>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every folder with a `case.toml` and one other file, sorted.
fn cases() -> Vec<Case> {
    let entries = |path: &Path| fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> = entries(&folder()).filter(|path| path.is_dir()).collect();
    folders.sort();
    let case = |path: &PathBuf| {
        let files: Vec<PathBuf> = entries(path).filter(|path| !path.ends_with("case.toml")).collect();
        let [file] = files.as_slice() else { panic!("{} must hold case.toml and one other file", path.display()) };
        Case {
            name: path.file_name().expect("a name").to_string_lossy().into_owned(),
            file: file.clone(),
            text: fs::read_to_string(file).expect("a file of text"),
            expected: read(&path.join("case.toml")),
        }
    };
    folders.iter().map(case).collect()
}

impl Case {
    fn covers(&self, exchange: &str) -> bool {
        self.expected.exchanges.as_ref().is_none_or(|list| list.iter().any(|id| id == exchange))
    }

    fn hint(&self, exchange: &str) -> Hint {
        let name = self.file.file_name().expect("a name").to_string_lossy().into_owned();
        let path = self.expected.path.clone().unwrap_or(name);
        let path = path.replace("${exchange}", exchange).to_lowercase();
        Hint { file: path.clone().into_bytes(), path, from_start: true, ..Hint::default() }
    }

    /// How many of the fillings go wrong, and what the first of them is; an error if the case itself is broken.
    fn run(&self, engine: &Engine<'_>, filler: &Filler<'_>) -> Result<Option<(u64, String)>, String> {
        let hint = self.hint(filler.id);
        let mut faults = Vec::new();
        for seed in 0..FILLINGS {
            let crlf = seed >= FILLINGS - WITH_CRLF;
            let text = if crlf { self.text.replace('\n', "\r\n") } else { self.text.clone() };
            let text = filler.fill(&text, seed)?;
            self.agrees(&text)?;
            let found = engine.scan(&text.bytes, &hint);
            if let Some(fault) = judge(&text, &found) {
                faults.push(if crlf { format!("with CRLF: {fault}") } else { fault });
            }
        }
        let count = faults.len() as u64;
        Ok(faults.into_iter().next().map(|first| (count, first)))
    }

    /// The marks in the file are what `case.toml` promises.
    fn agrees(&self, text: &Text) -> Result<(), String> {
        let mut marked: Vec<((&str, u8), BTreeSet<&str>)> = Vec::new();
        for mark in &text.marks {
            let account = (mark.exchange.as_str(), mark.account);
            match marked.iter_mut().find(|(of, _)| *of == account) {
                Some((_, roles)) => _ = roles.insert(mark.role.as_str()),
                None => marked.push((account, BTreeSet::from([mark.role.as_str()]))),
            }
        }
        fn drop(mut list: BTreeSet<&str>) -> BTreeSet<&str> {
            list.remove("passphrase");
            list
        }
        let marked: Vec<_> = marked.into_iter().map(|(_, roles)| drop(roles)).collect();
        let promised = self.expected.find.iter().map(|list| list.iter().map(String::as_str).collect());
        let promised: Vec<_> = promised.map(drop).collect();
        let passphrase = self.expected.find.iter().flatten().any(|role| role == "passphrase");
        if marked != promised || passphrase != self.text.contains("${passphrase") {
            return Err(format!("case.toml promises {promised:?} but the file marks {marked:?}"));
        }
        Ok(())
    }
}

/// What is wrong with what was found, if anything; never a value.
fn judge(text: &Text, found: &[Credential]) -> Option<String> {
    let sure: Vec<&Credential> =
        found.iter().filter(|credential| credential.confidence >= Confidence::Medium).collect();
    let missed = text.marks.iter().find_map(|mark| miss(text, mark, &sure, found));
    missed.or_else(|| text.marks.iter().find_map(|mark| torn(text, mark, &sure))).or_else(|| extra(text, &sure))
}

/// Whether the part is the marked value, whatever it is called.
fn is(mark: &Mark, part: &Part) -> bool {
    let place = if mark.encoded { mark.span.overlaps(part.span) } else { mark.span == part.span };
    place && part.value.expose() == mark.value
}

fn miss(text: &Text, mark: &Mark, sure: &[&Credential], found: &[Credential]) -> Option<String> {
    let rules = RuleSet::builtin();
    let line = line(text, mark.span.start);
    let what = format!("line {line}: the {} of {}", mark.role.as_str(), mark.exchange);
    let all = |credentials: &[&Credential]| -> Vec<(String, Part)> {
        let with =
            |c: &&Credential| c.parts.iter().map(|p| (rules.provider(c.provider).id.clone(), p.clone())).collect();
        credentials.iter().flat_map(|c| -> Vec<(String, Part)> { with(c) }).collect()
    };
    let parts = all(sure);
    if let Some((provider, part)) = parts.iter().find(|(_, part)| is(mark, part)) {
        let right = *provider == mark.exchange && part.role == mark.role;
        return (!right).then(|| format!("{what} is reported as {}", rules.rule(part.rule).id));
    }
    if let Some((_, part)) = parts.iter().find(|(_, part)| part.span.overlaps(mark.span)) {
        let (id, got, want) = (&rules.rule(part.rule).id, part.value.len(), mark.value.len());
        return Some(format!("{what} is not reported as it is: {id} has {got} bytes of {want}"));
    }
    let low: Vec<&Credential> = found.iter().collect();
    let low = all(&low).into_iter().any(|(_, part)| part.span.overlaps(mark.span));
    Some(format!("{what} is not reported{}", if low { " (only with low confidence)" } else { "" }))
}

/// A credential must hold all parts of an account and none of another.
fn torn(text: &Text, mark: &Mark, sure: &[&Credential]) -> Option<String> {
    let home = sure.iter().find(|credential| credential.parts.iter().any(|part| is(mark, part)))?;
    let other = text.marks.iter().find(|other| {
        let same = other.exchange == mark.exchange && other.account == mark.account;
        home.parts.iter().any(|part| is(other, part)) != same
    })?;
    let (role, other_role, at) = (mark.role.as_str(), other.role.as_str(), line(text, other.span.start));
    Some(format!("the {role} of {} and the {other_role} in line {at} are not parted or joined rightly", mark.exchange))
}

fn extra(text: &Text, sure: &[&Credential]) -> Option<String> {
    let parts = sure.iter().flat_map(|credential| credential.parts.iter().map(|part| (credential.confidence, part)));
    let mut strangers = parts.filter(|(_, part)| !text.marks.iter().any(|mark| is(mark, part)));
    strangers.next().map(|(confidence, part)| {
        let (id, line) = (&RuleSet::builtin().rule(part.rule).id, line(text, part.span.start));
        format!("line {line}: {id} is reported with {} confidence, which is not marked", confidence.as_str())
    })
}

fn line(text: &Text, at: usize) -> usize {
    1 + text.bytes[..at].iter().filter(|byte| **byte == b'\n').count()
}

#[test]
fn every_case_holds_for_every_exchange() {
    let exchanges: Exchanges = read(&folder().join("exchanges.toml"));
    let known: KnownMisses = read(&folder().join("known-misses.toml"));
    let ids: Vec<&str> = exchanges.keys().map(String::as_str).collect();
    let engine = Engine::new(RuleSet::builtin());
    // `CASE=yaml cargo test every_case` runs the cases whose name has this word.
    let only = std::env::var("CASE").unwrap_or_default();
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.name.contains(&only)).collect();
    let all = |case| ids.iter().enumerate().map(move |(at, id)| (case, at, *id));
    let runs: Vec<(&Case, usize, &str)> = cases.iter().flat_map(all).filter(|(case, _, id)| case.covers(id)).collect();
    let run = |(case, at, id): &(&Case, usize, &str)| {
        let filler = Filler { exchanges: &exchanges, id, other: ids[(at + 3) % ids.len()] };
        let fault = match (case.run(&engine, &filler), known.has(&case.name, id)) {
            (Err(reason), _) => format!("the case is broken: {reason}"),
            (Ok(Some((count, first))), false) => format!("{count} of {FILLINGS} fillings: {first}"),
            (Ok(None), true) => "holds after all; strike it from known-misses.toml".to_owned(),
            _ => return None,
        };
        Some(format!("{}, {id}: {fault}", case.name))
    };
    let report: Vec<String> = runs.par_iter().filter_map(run).collect();
    assert!(report.is_empty(), "{} of {} runs failed:\n{}", report.len(), runs.len(), report.join("\n"));
}

#[test]
fn known_misses_name_cases() {
    let known: KnownMisses = read(&folder().join("known-misses.toml"));
    let cases: BTreeMap<String, Case> = cases().into_iter().map(|case| (case.name.clone(), case)).collect();
    for miss in &known.miss {
        let case = cases.get(&miss.case).unwrap_or_else(|| panic!("known-misses.toml: there is no case {}", miss.case));
        for id in &miss.exchanges {
            assert!(case.covers(id), "known-misses.toml: {} is not run for {id}", miss.case);
        }
    }
}

#[test]
fn the_formats_are_there_for_the_seed_exchanges() {
    let cases = cases();
    for id in SEED_EXCHANGES {
        let leaking = cases.iter().filter(|case| case.covers(id) && !case.expected.find.is_empty());
        let formats: BTreeSet<&str> = leaking.map(|case| case.expected.format.as_str()).collect();
        assert!(formats.len() >= 20, "{id} has the formats {formats:?} only");
    }
    let clean = cases.iter().filter(|case| case.expected.find.is_empty());
    assert!(clean.clone().count() >= 14, "there are too few clean files");
    assert!(clean.clone().all(|case| case.name.starts_with("clean-")), "a case without a leak is named clean-");
}
