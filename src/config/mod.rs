//! `stopleak.toml`: what a team writes down of how its repository is scanned and what it accepts. This room reads and
//! checks its text; it opens no file and knows no finding. The format is described for people in `docs/configuration.md`
//! and for programs in `docs/config.schema.json`.
//!
//! The file may stand in the repository that is judged, so there is nothing in it that starts anything, asks anybody or
//! prints a value, and whatever it hides is counted and named (see `policy`).

pub mod near;
mod read;
mod size;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

pub use read::{Source, read};
pub use size::size;

use crate::rules::{Confidence, RuleSet, Severity};

/// The names under which a configuration is found, in this order, and the table that holds it.
pub const FILES: &[Source] = &[
    Source { file: "stopleak.toml", table: &[] },
    Source { file: ".stopleak.toml", table: &[] },
    Source { file: "pyproject.toml", table: &["tool", "stopleak"] },
];

/// One fault of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The file as it is shown.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, reason, remedy } = self;
        write!(f, "{file}:{line}:{column}: {reason}; {remedy}")
    }
}

/// A configuration that was read and checked.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The file as it is shown.
    pub file: String,
    /// What it says.
    pub tables: Tables,
    /// Where its lines begin.
    starts: Vec<usize>,
}

/// What a configuration says; a setting that is left out is `None` or empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tables {
    /// What is read.
    pub scan: Scan,
    /// What counts.
    pub report: Report,
    /// Which rules hold.
    pub rules: Rules,
    /// Whether comments accept findings.
    pub comments: Comments,
    /// Where the baseline is, relative to the configuration's folder.
    pub baseline: Option<Spanned<String>>,
    /// What is accepted.
    pub allow: Vec<Spanned<Allow>>,
}

/// `[scan]`: what is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scan {
    /// Paths to leave out, in gitignore's language, relative to the configuration's folder.
    pub exclude: Vec<Spanned<String>>,
    /// If there are any, only paths that match are read; the same language.
    pub only: Vec<Spanned<String>>,
    /// Files beyond this size are left out and named.
    pub max_file_size: Option<Spanned<String>>,
    /// Archives are unpacked up to this size; what is beyond it is named.
    pub max_archive_size: Option<Spanned<String>>,
    /// So many members of an archive are read.
    pub max_archive_members: Option<Spanned<u32>>,
    /// Archives within each other.
    pub max_archive_depth: Option<Spanned<u32>>,
    /// Read what `.gitignore` excludes too.
    pub no_ignore: Option<Spanned<bool>>,
}

/// `[report]`: what counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    /// Findings less sure than this are hidden and counted.
    pub min_confidence: Option<Spanned<Confidence>>,
    /// Findings less severe than this don't fail the run.
    pub fail_on: Option<Spanned<Severity>>,
}

/// `[rules]`: which rules hold.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Rule files to add to the built-in rules, relative to the configuration's folder.
    pub files: Vec<Spanned<String>>,
    /// Rules whose findings are put apart: ids of rules or providers, `*` for any text.
    pub disable: Vec<Spanned<String>>,
    /// If there are any, findings of all other rules are put apart.
    pub only: Vec<Spanned<String>>,
    /// Severities that replace the rules' own, by the id of a rule or provider.
    pub severity: BTreeMap<Spanned<String>, Spanned<Severity>>,
}

/// `[comments]`: whether comments in scanned texts accept findings.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Comments {
    /// Whether any do.
    pub accept: Option<Spanned<bool>>,
    /// Whether those of other scanners do.
    pub foreign: Option<Spanned<bool>>,
    /// Whether words of linters do that speak of more than secrets: `nosec`, `NOSONAR`, `noqa: S105`.
    pub linters: Option<Spanned<bool>>,
}

/// `[[allow]]`: what is accepted. All kinds of conditions that are given must hold; of each, one of its items.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allow {
    /// Why.
    pub reason: Spanned<String>,
    /// Paths in gitignore's language, relative to the configuration's folder.
    #[serde(default)]
    pub paths: Vec<Spanned<String>>,
    /// Ids of rules; `*` stands for any text.
    #[serde(default)]
    pub rules: Vec<Spanned<String>>,
    /// Ids of exchanges and other providers.
    #[serde(default)]
    pub exchanges: Vec<Spanned<String>>,
    /// Commits that brought the finding: ids or their beginnings of at least seven digits.
    #[serde(default)]
    pub commits: Vec<Spanned<String>>,
    /// Fingerprints, as reports show them.
    #[serde(default)]
    pub fingerprints: Vec<Spanned<String>>,
    /// SHA-256 of values, in hexadecimal.
    #[serde(default)]
    pub sha256: Vec<Spanned<String>>,
    /// The last day on which it holds.
    #[serde(default)]
    pub expires: Option<Spanned<Datetime>>,
}

impl Allow {
    /// The last day on which it holds, as `2027-01-31`.
    #[must_use]
    pub fn last_day(&self) -> Option<String> {
        self.expires.as_ref().and_then(|date| date.get_ref().date).map(|date| date.to_string())
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[[allow]]")?;
        for (name, list) in [
            ("paths", &self.paths),
            ("rules", &self.rules),
            ("exchanges", &self.exchanges),
            ("commits", &self.commits),
            ("fingerprints", &self.fingerprints),
            ("sha256", &self.sha256),
        ] {
            if !list.is_empty() {
                let items: Vec<&str> = list.iter().map(|item| item.get_ref().as_str()).collect();
                write!(f, " {name} = {}", items.join(", "))?;
            }
        }
        self.last_day().iter().try_for_each(|day| write!(f, " until {day}"))?;
        write!(f, " ({})", self.reason.get_ref())
    }
}

/// Something in a configuration by which a finding may not be seen or not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hiding {
    /// The line it stands in.
    pub line: usize,
    /// What it says.
    pub text: String,
}

impl Config {
    /// The line of a value, from 1.
    #[must_use]
    pub fn line<T>(&self, value: &Spanned<T>) -> usize {
        self.starts.partition_point(|&start| start <= value.span().start).max(1)
    }

    /// Where a value stands: `stopleak.toml:12`.
    #[must_use]
    pub fn place<T>(&self, value: &Spanned<T>) -> String {
        format!("{}:{}", self.file, self.line(value))
    }

    /// Everything in it by which a finding may not be seen or not count, with a description that doesn't change when the
    /// entry moves to another line.
    #[must_use]
    pub fn hides(&self) -> Vec<Hiding> {
        let Tables { scan, report, rules, comments, baseline, allow } = &self.tables;
        let mut all = Vec::new();
        let mut add = |line: usize, text: String| all.push(Hiding { line, text });
        for (name, list) in [
            ("[scan] exclude", &scan.exclude),
            ("[scan] only", &scan.only),
            ("[rules] disable", &rules.disable),
            ("[rules] only", &rules.only),
            ("[rules] files", &rules.files),
        ] {
            list.iter().for_each(|item| add(self.line(item), format!("{name} = {}", item.get_ref())));
        }
        let texts = [
            ("[scan] max_file_size", &scan.max_file_size),
            ("[scan] max_archive_size", &scan.max_archive_size),
            ("baseline", baseline),
        ];
        let numbers = [
            ("[scan] max_archive_members", &scan.max_archive_members),
            ("[scan] max_archive_depth", &scan.max_archive_depth),
        ];
        for (name, number) in numbers.into_iter().filter_map(|(name, number)| Some((name, number.as_ref()?))) {
            add(self.line(number), format!("{name} = {}", number.get_ref()));
        }
        for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?))) {
            add(self.line(text), format!("{name} = {}", text.get_ref()));
        }
        for (name, severity) in &rules.severity {
            add(self.line(name), format!("[rules.severity] {} = {}", name.get_ref(), severity.get_ref().as_str()));
        }
        if let Some(level) = &report.min_confidence {
            add(self.line(level), format!("[report] min_confidence = {}", level.get_ref().as_str()));
        }
        if let Some(level) = &report.fail_on {
            add(self.line(level), format!("[report] fail_on = {}", level.get_ref().as_str()));
        }
        for (name, value) in
            [("accept", &comments.accept), ("foreign", &comments.foreign), ("linters", &comments.linters)]
        {
            if let Some(value) = value.as_ref().filter(|value| *value.get_ref()) {
                add(self.line(value), format!("[comments] {name} = true"));
            }
        }
        allow.iter().for_each(|one| add(self.line(one), one.get_ref().to_string()));
        all
    }

    /// The faults that only the rules can tell: names of rules and providers that don't exist.
    ///
    /// # Errors
    /// Every unknown name, with its place and names near to it.
    pub fn check_names(&self, rules: &RuleSet) -> Result<(), Vec<ConfigError>> {
        let Tables { rules: table, allow, .. } = &self.tables;
        let either =
            table.disable.iter().chain(&table.only).chain(table.severity.keys()).map(|name| (name, true, true));
        let by_rule = allow.iter().flat_map(|one| &one.get_ref().rules).map(|name| (name, true, false));
        let by_owner = allow.iter().flat_map(|one| &one.get_ref().exchanges).map(|name| (name, false, true));
        let mut errors = Vec::new();
        for (name, of_rule, of_provider) in either.chain(by_rule).chain(by_owner) {
            let rule_ids = rules.rules().iter().map(|rule| rule.id.as_str()).filter(|_| of_rule);
            let provider_ids = rules.providers().iter().map(|one| one.id.as_str()).filter(|_| of_provider);
            let known: Vec<&str> = rule_ids.chain(provider_ids).collect();
            let typed = name.get_ref();
            if known.iter().any(|id| matches(typed, id)) {
                continue;
            }
            let kind = if of_rule && of_provider {
                "rule or exchange"
            } else if of_rule {
                "rule"
            } else {
                "exchange"
            };
            let near = near::suggestion(typed, known.into_iter());
            let near = near.trim_start_matches("; ");
            let remedy = if near.is_empty() { "`stopleak rules list` names all" } else { near };
            let start = name.span().start;
            let line = self.line(name);
            let column = start + 1 - self.starts.get(line - 1).copied().unwrap_or(0);
            let (reason, remedy) = (format!("there is no {kind} `{typed}`"), remedy.to_owned());
            errors.push(ConfigError { file: self.file.clone(), line, column, reason, remedy });
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

/// Whether an id fits a name with `*` for any text.
#[must_use]
pub fn matches(pattern: &str, id: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = id.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
