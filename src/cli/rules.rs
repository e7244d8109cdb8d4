//! `stopleak rules` and `stopleak explain`: the rules as people and programs read them, and the check of new ones.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read as _};
use std::ops::Deref;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Serialize;
use stopleak::config::near;
use stopleak::detect::{Engine, Hint, proof};
use stopleak::report;
use stopleak::rules::{self, Evidence, Kind, Loader, Provider, ProviderId, Rule, RuleError, RuleId, RuleSet};

use super::args::{RulesCommand, RulesFormat};
use super::output;

/// A rule file is a page or two; one beyond this is something else.
const MOST_BYTES: u64 = 4 << 20;
/// How often each example of a checked file is filled.
const FILLINGS: u64 = 100;

/// The built-in rules, or a set with files of the user's besides.
pub(super) enum Loaded {
    Builtin(&'static RuleSet),
    Extended(Box<RuleSet>),
}

impl Deref for Loaded {
    type Target = RuleSet;

    fn deref(&self) -> &RuleSet {
        match self {
            Self::Builtin(rules) => rules,
            Self::Extended(rules) => rules,
        }
    }
}

/// The built-in rules, those of some files, and those of some texts with their names.
pub(super) fn load(files: &[PathBuf], texts: &[(String, String)]) -> anyhow::Result<Loaded> {
    if files.is_empty() && texts.is_empty() {
        return Ok(Loaded::Builtin(RuleSet::builtin()));
    }
    // What came with the scanned tree must not lead to other files.
    let read_extended = |from: &str, path: &str| {
        if texts.iter().any(|(name, _)| name == from) {
            return Err("only files named with --rules may extend others".to_owned());
        }
        extended(from, path)
    };
    let mut loader = Loader::with_builtin(proof::NAMES).reading(&read_extended);
    for file in files {
        loader.add(&file.display().to_string(), &read(file)?);
    }
    for (name, text) in texts {
        loader.add(name, text);
    }
    Ok(Loaded::Extended(Box::new(loader.finish().map_err(all)?)))
}

/// A file that a gitleaks configuration extends: by the path from here, as gitleaks takes it, or from that file's folder.
fn extended(from: &str, path: &str) -> Result<(String, String), String> {
    let beside = Path::new(from).parent().map(|folder| folder.join(path));
    let place = [Some(PathBuf::from(path)), beside].into_iter().flatten().find(|place| place.is_file());
    let place = place.ok_or_else(|| format!("there is no file `{path}`, neither here nor beside {from}"))?;
    let text = read(&place).map_err(|error| format!("{error:#}"))?;
    Ok((place.display().to_string(), text))
}

/// So many remarks are told by a scan; `rules check` tells all.
const MOST_REMARKS: usize = 10;

/// Says on standard error what of the rule files is not used.
pub(super) fn tell_remarks(rules: &RuleSet) {
    let mut text: String = rules.remarks().iter().take(MOST_REMARKS).map(|remark| format!("{remark}\n")).collect();
    let more = rules.remarks().len().saturating_sub(MOST_REMARKS);
    if more > 0 {
        let _ = writeln!(text, "{more} more remarks on rule files; `stopleak rules check FILE` tells all");
    }
    for line in text.lines() {
        // If standard error is gone, the scan is still worth its result.
        let _ = io::Write::write_fmt(
            &mut io::stderr(),
            format_args!("stopleak: {}\n", report::escape(super::shell::without_values(line).as_bytes())),
        );
    }
}

/// All faults in one message.
fn all(errors: Vec<RuleError>) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("rules can't be used\n{}", lines.join("\n"))
}

/// The text of a rule file. Its content is not quoted in errors: the name may lead to something else.
fn read(file: &Path) -> anyhow::Result<String> {
    let shown = file.display();
    let data = fs::metadata(file).with_context(|| format!("{shown}: the rule file can't be read"))?;
    if data.is_dir() {
        bail!("{shown} is a folder; name the rule files in it one by one");
    }
    if !data.is_file() {
        bail!("{shown} is no regular file; rule files are plain TOML files");
    }
    let mut text = String::new();
    let mut limited =
        fs::File::open(file).with_context(|| format!("{shown}: the rule file can't be read"))?.take(MOST_BYTES + 1);
    limited.read_to_string(&mut text).with_context(|| format!("{shown}: the rule file can't be read as text"))?;
    if text.len() as u64 > MOST_BYTES {
        bail!("{shown} has more than {MOST_BYTES} bytes; rule files are small TOML files");
    }
    Ok(text)
}

/// Runs `stopleak rules`.
pub(super) fn run(command: &RulesCommand) -> anyhow::Result<u8> {
    match command {
        RulesCommand::List { format, rules } => list(*format, &*load(rules, &[])?).map(|()| 0),
        RulesCommand::Show { id, rules } => show(id, &*load(rules, &[])?).map(|()| 0),
        RulesCommand::Check { files } => check(files),
    }
}

/// Runs `stopleak explain`.
pub(super) fn explain(rule: &str, files: &[PathBuf], markdown: bool) -> anyhow::Result<u8> {
    let rules = load(files, &[])?;
    let id = find(&rules, rule)?;
    let explanation = report::explain::explain(&rules, id);
    output::print(&if markdown { explanation.markdown() } else { explanation.text(super::plan::width()) }).map(|()| 0)
}

fn find(rules: &RuleSet, id: &str) -> anyhow::Result<RuleId> {
    rules.find(id).with_context(|| {
        let suggestion = near::suggestion(id, rules.rules().iter().map(|rule| rule.id.as_str()));
        format!("there is no rule {id}{suggestion}\n`stopleak rules list` names all rules")
    })
}

#[derive(Serialize)]
struct ListOut<'a> {
    schema: &'static str,
    rules: Vec<RuleOut<'a>>,
}

#[derive(Serialize)]
struct RuleOut<'a> {
    id: &'a str,
    title: &'a str,
    provider: &'a str,
    provider_name: &'a str,
    role: &'static str,
    severity: &'static str,
    evidence: &'static str,
    docs: &'a str,
    revoke: &'a str,
}

/// The families of providers, under which they are listed and counted.
const FAMILIES: [(&str, &[Kind]); 4] = [
    ("Exchanges and brokers", &[Kind::Exchange, Kind::Dex, Kind::Broker]),
    ("Wallets and chains", &[Kind::Wallet]),
    ("Services", &[Kind::Service]),
    ("General", &[Kind::General]),
];

fn list(format: RulesFormat, rules: &RuleSet) -> anyhow::Result<()> {
    let each = || rules.rule_ids().map(|id| (rules.rule(id), rules.provider(rules.provider_of(id))));
    match format {
        RulesFormat::Json => {
            let out = |(rule, provider): (_, _)| RuleOut::new(rule, provider);
            let list = ListOut { schema: "stopleak-rules/1", rules: each().map(out).collect() };
            output::stdout(|out| report::write_json(&list, out))
        }
        RulesFormat::Text => {
            let width = each().map(|(rule, _)| rule.id.len()).max().unwrap_or(0);
            let mut text = String::new();
            for (rule, _) in each() {
                let severity = rule.severity.as_str();
                // Writing to a string can't fail.
                let _ = writeln!(text, "{:width$}  {severity:8}  {}", rule.id, rule.title);
            }
            text += &families(rules);
            output::print(&text)
        }
        RulesFormat::Markdown => output::print(&tables(rules)),
    }
}

/// A table for each family: a line for each provider, with its rules by role, what they take and how grave they are.
fn tables(rules: &RuleSet) -> String {
    let mut text = String::new();
    for (heading, kinds) in FAMILIES {
        let _ = writeln!(text, "## {heading}\n\n| provider | rules | revoke |\n| --- | --- | --- |");
        for number in rules.provider_ids() {
            let provider = rules.provider(number);
            if !kinds.contains(&provider.kind) {
                continue;
            }
            let own = rules.rule_ids().filter(|&id| rules.provider_of(id) == number).map(|id| rules.rule(id));
            let own: Vec<String> = own
                .map(|rule| format!("`{}` ({}, {})", rule.id, evidence(rule.evidence), rule.severity.as_str()))
                .collect();
            let revoke = if provider.revoke.is_empty() { "" } else { &format!("[link]({})", provider.revoke) };
            let _ = writeln!(text, "| {} | {} | {revoke} |", provider.name.replace('|', "\\|"), own.join("<br>"));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// How many providers and rules there are of each family.
fn families(rules: &RuleSet) -> String {
    let foreign = |number| rules.foreign().iter().any(|(id, _)| rules.provider_of(*id) == number);
    let mut text = String::from("\n");
    let mut line = |name: &str, of: &dyn Fn(ProviderId) -> bool| {
        let providers = rules.provider_ids().filter(|&id| of(id)).count();
        let count = rules.rule_ids().filter(|&id| of(rules.provider_of(id))).count();
        if providers > 0 {
            let _ = writeln!(
                text,
                "{name:23} {providers:4} {} {count:4} rules",
                if providers == 1 { "provider, " } else { "providers," }
            );
        }
    };
    for (name, kinds) in FAMILIES {
        line(&name.to_lowercase(), &|id| kinds.contains(&rules.provider(id).kind) && !foreign(id));
    }
    line("in gitleaks' format", &foreign);
    line("all", &|_| true);
    text
}

impl<'a> RuleOut<'a> {
    fn new(rule: &'a Rule, provider: &'a Provider) -> Self {
        Self {
            id: &rule.id,
            title: &rule.title,
            provider: &provider.id,
            provider_name: &provider.name,
            role: rule.role.as_str(),
            severity: rule.severity.as_str(),
            evidence: evidence(rule.evidence),
            docs: &provider.docs,
            revoke: &provider.revoke,
        }
    }
}

fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Shape => "shape",
        Evidence::Proof => "proof",
        Evidence::Context => "context",
        Evidence::Name => "name",
    }
}

/// Shows a rule, or a provider with the names of its rules.
fn show(id: &str, rules: &RuleSet) -> anyhow::Result<()> {
    if let Some(rule) = rules.find(id) {
        return output::print(&rule_page(rules.rule(rule), rules.provider(rules.provider_of(rule))));
    }
    let Some(provider) = rules.provider_ids().find(|&number| rules.provider(number).id == id) else {
        let known = rules.rules().iter().map(|rule| rule.id.as_str());
        let known = known.chain(rules.providers().iter().map(|provider| provider.id.as_str()));
        bail!(
            "there is no rule or provider {id}{}\n`stopleak rules list` names all rules",
            near::suggestion(id, known)
        );
    };
    let mut page = provider_page(rules.provider(provider));
    for rule in rules.rule_ids().filter(|&rule| rules.provider_of(rule) == provider) {
        page += &line("rule", &rules.rule(rule).id);
    }
    output::print(&page)
}

fn line(label: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{label:12} {value}\n") }
}

fn rule_page(rule: &Rule, provider: &Provider) -> String {
    let proof = rule.proof.as_deref().unwrap_or_default();
    let complete = RuleSet::complete();
    let builtin = complete.find(&rule.id).filter(|_| rule.examples.is_empty());
    let shown = builtin.map_or(rule, |id| complete.rule(id));
    [
        line("id", &rule.id),
        line("title", &rule.title),
        line("provider", &format!("{} ({})", provider.name, provider.id)),
        line("role", rule.role.as_str()),
        line("severity", rule.severity.as_str()),
        line("evidence", evidence(rule.evidence)),
        line("shape", &rule.shape),
        line("anchors", &rule.anchors.join(", ")),
        line("proof", proof),
        line("words", &rule.words.join(", ")),
        line("files", &rule.files.join(", ")),
        line("grade", &format!("{:?}", rule.grade)),
        line("source", &rule.source),
        line("examples", &format!("{} and {} counter-examples", shown.examples.len(), shown.counter_examples.len())),
    ]
    .concat()
}

fn provider_page(provider: &Provider) -> String {
    [
        line("id", &provider.id),
        line("name", &provider.name),
        line("aliases", &provider.aliases.join(", ")),
        line("ambiguous", &provider.ambiguous.join(", ")),
        line("hosts", &provider.hosts.join(", ")),
        line("headers", &provider.headers.join(", ")),
        line("clients", &provider.clients.join(", ")),
        line("names", &provider.names.join(", ")),
        line("permissions", &provider.permissions.join(", ")),
        line("ip whitelist", &provider.ip_whitelist),
        line("revoke", &provider.revoke),
        line("docs", &provider.docs),
        line("rotation", &provider.rotation),
        line("notes", &provider.notes),
    ]
    .concat()
}

/// Checks files: their form, then their examples, with the built-in rules besides so that ids don't clash and nobody
/// claims what is another's. A new version of a built-in file is checked by itself.
fn check(files: &[PathBuf]) -> anyhow::Result<u8> {
    let own = alone(files)?;
    let wanted = |rule: &Rule| own.find(&rule.id).is_some();
    let set = if RuleSet::builtin().rules().iter().any(wanted) {
        Loaded::Extended(Box::new(alone(files)?))
    } else {
        load(files, &[])?
    };
    let engine = Engine::new(&set);
    let scan = |text: &[u8]| {
        let found = engine.scan(text, &Hint { from_start: true, ..Hint::default() });
        found.into_iter().flat_map(|one| one.parts).map(|part| (part.rule, part.span)).collect()
    };
    let failures = rules::check(&set, &wanted, &scan, &proof::sample, FILLINGS);
    let mut text: String = failures.iter().map(|failure| format!("{failure}\n")).collect();
    let native = |rule: &&Rule| wanted(rule) && set.find(&rule.id).is_none_or(|id| !set.is_foreign(id));
    text.extend(set.rules().iter().filter(native).flat_map(rules::thin).map(|lack| format!("remark: {lack}\n")));
    let plural = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    text += &foreign_account(&own, &plural);
    let (rules, files) = (plural(own.rules().len() - own.foreign().len(), "rule"), plural(files.len(), "file"));
    let verdict = if failures.is_empty() { "all examples hold" } else { "not all examples hold" };
    let _ = writeln!(text, "{rules} in {files}: {verdict} ({FILLINGS} fillings each)");
    output::print(&text)?;
    Ok(if failures.is_empty() { 0 } else { super::FAILED })
}

/// What became of rules in the format of another scanner: every one is counted, and what is not used is named.
fn foreign_account(own: &RuleSet, plural: &dyn Fn(usize, &str) -> String) -> String {
    let foreign = || own.foreign().iter().map(|(_, rule)| rule);
    if own.foreign().is_empty() && own.remarks().is_empty() {
        return String::new();
    }
    let mut text: String = own.remarks().iter().map(|remark| format!("{remark}\n")).collect();
    let paths = foreign().filter(|rule| rule.pattern.is_none()).count();
    let composed = foreign().filter(|rule| !rule.required.is_empty()).count();
    let silent = foreign().filter(|rule| rule.silent).count();
    let lists: usize = foreign().map(|rule| rule.allows.len()).sum();
    let filters = foreign().filter(|rule| rule.filter.is_some()).count();
    let _ = writeln!(
        text,
        "{} in gitleaks' format: {} for texts, {paths} for paths; {composed} of several parts, {silent} as parts only; \
         {}, {}; {}",
        plural(own.foreign().len(), "rule"),
        own.foreign().len() - paths,
        plural(lists, "allow-list"),
        plural(filters, "filter"),
        plural(own.remarks().len(), "remark"),
    );
    text
}

/// The set of some files without the built-in ones.
fn alone(files: &[PathBuf]) -> anyhow::Result<RuleSet> {
    let mut loader = Loader::new(proof::NAMES).reading(&extended);
    for file in files {
        loader.add(&file.display().to_string(), &read(file)?);
    }
    loader.finish().map_err(all)
}
