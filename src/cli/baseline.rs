//! `stopleak baseline`: the file of what is known already. Values are named in it by hashes; `policy::baseline` says how.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args as ClapArgs, Subcommand};
use stopleak::config;
use stopleak::detect::Engine;
use stopleak::finding::{Finding, FoundPart, Report};
use stopleak::policy::baseline::{Baseline, Entry};
use stopleak::policy::{self};
use stopleak::report::{Scrubber, escape};
use stopleak::rules::{Role, RuleSet};
use stopleak::scan;

use super::args::JudgeArgs;
use super::judge::{self, Judge, today};
use super::plan::{self, Input};
use super::progress::Progress;
use super::{audit, import, output};

#[derive(Debug, Subcommand)]
pub(super) enum BaselineCommand {
    /// Write a new baseline of all that is found now
    Create(CreateArgs),
    /// Add what is found now to the baseline
    Update(UpdateArgs),
    /// Go through the findings one by one and say what each is
    Audit(audit::AuditArgs),
    /// Take over what another scanner's file accepts (.gitleaksignore, gitleaks' report, .secrets.baseline)
    Import(import::ImportArgs),
    /// Print the baseline
    Show(ShowArgs),
}

/// What is scanned for a baseline.
#[derive(Debug, ClapArgs)]
pub(super) struct ScanArgs {
    /// Folders and files to scan. Default: the root of the repository, or the current folder
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Scan the history too
    #[cfg(feature = "git")]
    #[arg(long)]
    pub(super) history: bool,
    #[command(flatten)]
    pub(super) judge: JudgeArgs,
}

/// What new entries say.
#[derive(Clone, Debug, Default, ClapArgs)]
pub(super) struct EntryArgs {
    /// Why they are accepted
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The last day on which they are accepted: 2027-01-31
    #[arg(long, value_name = "DAY")]
    expires: Option<String>,
    /// Accept them only in paths that match (as in .gitignore)
    #[arg(long, value_name = "PATTERN")]
    only_in: Option<String>,
    /// Only findings of this rule or exchange; * stands for any text (may be repeated)
    #[arg(long, value_name = "ID")]
    rule: Vec<String>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct CreateArgs {
    /// Replace the entries of a baseline that is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    entry: EntryArgs,
    #[command(flatten)]
    scan: ScanArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct UpdateArgs {
    /// Take out entries that meet nothing any more
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    entry: EntryArgs,
    #[command(flatten)]
    scan: ScanArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    judge: JudgeArgs,
}

/// Runs `stopleak baseline`.
pub(super) fn run(command: BaselineCommand) -> anyhow::Result<u8> {
    match command {
        BaselineCommand::Create(typed) => create(typed),
        BaselineCommand::Update(typed) => update(typed),
        BaselineCommand::Audit(typed) => audit::run(typed),
        BaselineCommand::Import(typed) => import::run(typed),
        BaselineCommand::Show(typed) => show(typed),
    }
}

/// A scan for a baseline: the judge, the place of the file, and what to scan.
pub(super) struct Scan {
    pub(super) judge: Judge,
    pub(super) store: super::store::Store,
    paths: Vec<PathBuf>,
    history: bool,
}

impl Scan {
    /// `fresh`: what the file holds plays no part, and it may be absent.
    pub(super) fn new(mut typed: ScanArgs, fresh: bool) -> anyhow::Result<Self> {
        let start = if typed.paths.is_empty() { vec![PathBuf::from(".")] } else { typed.paths.clone() };
        let Input::Tree(mut paths) = plan::input(start, None)? else {
            bail!("- (standard input) has no baseline; name folders or files");
        };
        let start = super::config::common_folder(&paths);
        let settings = super::config::Settings::find(&typed.judge.config, &start)?;
        let store = judge::store(&settings, &typed.judge.config);
        // The file is read below: it may be absent, and it may hold the marks of a merge.
        typed.judge.config.no_baseline = true;
        typed.judge.config.baseline = None;
        #[cfg(feature = "git")]
        let history = typed.history;
        #[cfg(not(feature = "git"))]
        let history = false;
        let mut judge = Judge::new(typed.judge, &start, false)?;
        judge.baseline = if fresh { None } else { store.current()? };
        if typed.paths.is_empty() {
            paths = vec![judge.settings.root.clone()];
        }
        judge.whole = judge.is_root(&Input::Tree(paths.clone())) && !history;
        Ok(Self { judge, store, paths, history })
    }

    /// Scans, and hands each report to `each` before anything is put apart. Says whether all was read.
    pub(super) fn each<'r>(
        &mut self,
        rules: &'r RuleSet,
        each: &mut dyn FnMut(&Judge, &mut Report<'r>),
    ) -> anyhow::Result<bool> {
        let engine = Engine::new(rules);
        let options = self.judge.options(None, scan::Options::default())?;
        let progress = Progress::new(std::io::IsTerminal::is_terminal(&std::io::stderr()));
        let mut report = scan::tree(&engine, &self.paths, &options, &progress);
        each(&self.judge, &mut report);
        #[cfg_attr(not(feature = "git"), expect(unused_mut))]
        let mut complete = report.complete();
        #[cfg(feature = "git")]
        if self.history {
            let repository = stopleak::source::git::Repository::open(Some(&self.judge.settings.root))?;
            let mut report = scan::history(&engine, &repository, false, &options, &progress);
            self.judge.in_git = true;
            each(&self.judge, &mut report);
            self.judge.in_git = false;
            complete &= report.complete();
        }
        progress.end();
        Ok(complete)
    }
}

/// The values of a finding that a baseline names: all but the account ids that go with a secret.
pub(super) fn values(finding: &Finding) -> impl Iterator<Item = &FoundPart> {
    let mut parts = finding.parts.iter().enumerate();
    std::iter::from_fn(move || {
        parts.by_ref().find(|(number, part)| *number == 0 || part.role != Role::Id).map(|(_, part)| part)
    })
}

/// What a scan found, in the words of a baseline: of each part what the entry says beside the value's name.
pub(super) struct Found {
    pub(super) part: FoundPart,
    pub(super) rule: String,
    pub(super) within: String,
    /// What an entry that knows it already says.
    pub(super) known: Option<Entry>,
    /// It is not accepted now.
    pub(super) open: bool,
}

/// All parts of all findings that nothing else accepts.
pub(super) fn found(judge: &Judge, report: &mut Report<'_>, wanted: &EntryArgs) -> (Vec<Found>, HashSet<usize>) {
    // What comments, the configuration and the wanted confidence put apart needs no entry.
    let rules = report.rules;
    judge.with_policy(|policy| policy::decide(report, &policy::Policy { baseline: None, ..policy_of(policy) }));
    let known = judge.with_policy(|policy| {
        policy::known(&report.findings, rules, policy).map(|known| {
            let of = known
                .of
                .iter()
                .map(|entries| entries.as_ref().map(|list| list.iter().map(|&one| one.clone()).collect()));
            (of.collect::<Vec<Option<Vec<Entry>>>>(), known.used)
        })
    });
    let (of, used) = known.unwrap_or_default();
    let mut all = Vec::new();
    let scrubber = Scrubber::new(report);
    for (number, finding) in report.findings.iter().enumerate() {
        let ids = [&rules.rule(finding.rule).id, &rules.provider(finding.provider).id];
        if !wanted.rule.is_empty() && !wanted.rule.iter().any(|name| ids.iter().any(|id| config::matches(name, id))) {
            continue;
        }
        let entries = of.get(number).and_then(Option::as_ref);
        let open = entries.is_none_or(|entries| entries.iter().any(|entry| entry.is_expired(&today())));
        for (number, part) in values(finding).enumerate() {
            all.push(Found {
                rule: rules.rule(part.rule).id.clone(),
                within: within(judge, scrubber.as_ref(), finding, part),
                known: entries.and_then(|entries| entries.get(number)).cloned(),
                part: part.clone(),
                open,
            });
        }
    }
    (all, used)
}

/// A copy of a policy's parts that live as long as it.
fn policy_of<'a>(policy: &policy::Policy<'a>) -> policy::Policy<'a> {
    policy::Policy {
        new_lines: policy.new_lines.clone(),
        new_entries: policy.new_entries.clone(),
        least: policy.least,
        least_by_config: policy.least_by_config,
        config: policy.config,
        baseline: policy.baseline,
        gone: policy.gone,
        whole: policy.whole,
        today: policy.today,
        path: policy.path,
    }
}

/// The path of a part for the file, without values: a file may be named after one of any finding. What is too short to be
/// looked for everywhere is taken out of the paths of its own finding.
pub(super) fn within(judge: &Judge, scrubber: Option<&Scrubber>, finding: &Finding, part: &FoundPart) -> String {
    let path = String::from_utf8_lossy(&judge.relative(&part.place.origin)).into_owned();
    let path = scrubber.map_or(path.clone(), |scrubber| scrubber.text(&path));
    let shown = |path: String, part: &FoundPart| match std::str::from_utf8(part.secret.expose()) {
        Ok(value) if value.len() >= 8 => path.replace(value, "[REDACTED]"),
        _ => path,
    };
    finding.parts.iter().fold(path, shown)
}

/// Writes what was found into a baseline. Gives the numbers of entries that are new and renewed.
fn enter(baseline: &mut Baseline, found: Vec<Found>, said: &EntryArgs) -> (usize, usize) {
    let mut entries: BTreeMap<(String, String), Entry> = BTreeMap::new();
    let mut moved: HashSet<(String, String, String)> = HashSet::new();
    for Found { part, rule, within, known, open } in found {
        let value = baseline.name(&part);
        let told = |said: &Option<String>, old: Option<&String>| said.as_ref().filter(|_| open).or(old).cloned();
        let old = known.as_ref();
        let entry = Entry {
            path: told(&said.only_in, old.and_then(|old| old.path.as_ref())),
            reason: told(&said.reason, old.and_then(|old| old.reason.as_ref())),
            expires: told(&said.expires, old.and_then(|old| old.expires.as_ref())),
            verdict: old.and_then(|old| old.verdict),
            value,
            rule,
            within,
            line: 0,
        };
        if let Some(old) = known.filter(|old| old.is_weak() && old.within != entry.within) {
            moved.insert((old.value, old.rule, old.within));
        }
        let place = if entry.is_weak() { format!("{}\n{}", entry.rule, entry.within) } else { String::new() };
        entries.entry((entry.value.clone(), place)).or_insert(entry);
    }
    // An entry that moved is not new.
    let before = baseline.entries.len();
    baseline.entries.retain(|entry| {
        !moved.contains(&(entry.value.clone(), entry.rule.clone(), entry.within.clone())) || !entry.is_weak()
    });
    let gone = before - baseline.entries.len();
    let mut counts = (0_usize, 0_usize);
    for entry in entries.into_values() {
        if baseline.add(entry) { counts.0 += 1 } else { counts.1 += 1 }
    }
    (counts.0.saturating_sub(gone), counts.1)
}

fn create(typed: CreateArgs) -> anyhow::Result<u8> {
    check(&typed.entry)?;
    let mut scan = Scan::new(typed.scan, true)?;
    let there =
        |shown: &str| format!("{shown} is there; `stopleak baseline update` adds to it, --force replaces its entries");
    if scan.store.exists() && !typed.force {
        bail!("{}", there(&scan.store.shown));
    }
    let rules = scan.judge.rules()?;
    let (mut all, mut findings) = (Vec::new(), 0);
    let complete = scan.each(&rules, &mut |judge, report| {
        all.extend(found(judge, report, &typed.entry).0);
        findings += report.findings.len();
    })?;
    let (values, shown) = scan.store.change(|baseline, is_new| {
        if !is_new {
            if !typed.force {
                bail!("{}", there(&scan.store.shown));
            }
            baseline.entries.clear();
        }
        Ok((enter(baseline, all, &typed.entry).0, scan.store.shown.clone()))
    })?;
    let mut text = format!("{shown}: {} accepted ({})\n", count(findings, "finding"), count(values, "value"));
    text += "Commit it. Two branches that add to it merge without conflict if .gitattributes has this line:\n";
    let _ = writeln!(text, "{shown} merge=union");
    output::print(&escape(text.as_bytes()).replace("\\x0a", "\n"))?;
    Ok(ending(complete))
}

fn update(typed: UpdateArgs) -> anyhow::Result<u8> {
    check(&typed.entry)?;
    let mut scan = Scan::new(typed.scan, false)?;
    if !scan.store.exists() {
        bail!("{} is not there; `stopleak baseline create` writes it", scan.store.shown);
    }
    let rules = scan.judge.rules()?;
    let (mut all, mut used) = (Vec::new(), HashSet::new());
    let complete = scan.each(&rules, &mut |judge, report| {
        let (found, met) = found(judge, report, &typed.entry);
        all.extend(found);
        used.extend(met);
    })?;
    let stale: Vec<Entry> = match &scan.judge.baseline {
        Some(old) if typed.prune => old.entries.iter().filter(|entry| !used.contains(&entry.line)).cloned().collect(),
        _ => Vec::new(),
    };
    if typed.prune && !(complete && (scan.judge.whole || scan.history)) {
        bail!(
            "--prune needs a scan of everything that the baseline speaks of; leave the paths out, and see that all can be read"
        );
    }
    let open = all.iter().filter(|one| one.open && one.known.is_some()).count();
    let (new, removed) = scan.store.change(|baseline, _| {
        let before = baseline.entries.len();
        let same = |a: &Entry, b: &Entry| (&a.value, &a.rule, &a.within) == (&b.value, &b.rule, &b.within);
        baseline.entries.retain(|entry| !stale.iter().any(|stale| same(stale, entry)));
        let removed = before - baseline.entries.len();
        Ok((enter(baseline, all, &typed.entry).0, removed))
    })?;
    let mut text = format!("{}: {} added, {removed} removed\n", scan.store.shown, count(new, "value"));
    if open > 0 && typed.entry.expires.is_none() {
        let _ = writeln!(text, "{} past the last day and not accepted; --expires DAY renews", count(open, "value"));
    }
    output::print(&escape(text.as_bytes()).replace("\\x0a", "\n"))?;
    Ok(ending(complete))
}

/// What can be refused before the scan.
fn check(typed: &EntryArgs) -> anyhow::Result<()> {
    if let Some(day) = &typed.expires
        && !stopleak::policy::baseline::is_day(day)
    {
        bail!("--expires {day}: no day; write it as 2027-01-31");
    }
    Ok(())
}

pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A baseline of what could be read is a baseline; that something couldn't is said by the exit code, and here.
pub(super) fn ending(complete: bool) -> u8 {
    if complete {
        return 0;
    }
    let _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        b"stopleak: not everything was read, so the baseline may lack something; `stopleak scan` names what\n",
    );
    3
}

fn show(typed: ShowArgs) -> anyhow::Result<u8> {
    let judge = Judge::new(typed.judge.clone(), &PathBuf::from("."), false)?;
    let Some(baseline) = &judge.baseline else {
        bail!("there is no baseline; `stopleak baseline create` writes one");
    };
    let mut text = format!("{}: {}\n", baseline.file, count(baseline.entries.len(), "value"));
    for entry in &baseline.entries {
        let verdict = entry.verdict.map_or("-", |verdict| verdict.as_str());
        let mut line = format!("{:<21} {verdict:8} {} in {}", entry.value, entry.rule, entry.within);
        if let Some(path) = &entry.path {
            let _ = write!(line, ", only in {path}");
        }
        if let Some(day) = &entry.expires {
            let word = if entry.is_expired(&today()) { "expired on" } else { "until" };
            let _ = write!(line, ", {word} {day}");
        }
        if let Some(reason) = &entry.reason {
            let _ = write!(line, ": {reason}");
        }
        let _ = writeln!(text, "{}", escape(line.as_bytes()));
    }
    output::print(&text).map(|()| 0)
}
