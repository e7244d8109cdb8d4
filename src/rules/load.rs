//! From the text of a rule file to a [`ProviderFile`], with every check. All faults of a file are told at once, each with
//! its place and what to do; a file with a fault is not used at all.

mod fields;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::foreign::{ForeignFile, Remark, join, read};
use super::{Place, Provider, ProviderFile, Rule, RuleSet, builtin};
use crate::span::{LineIndex, Position};

/// One fault of a rule file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub struct RuleError {
    /// The file as the user named it.
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

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, reason, remedy } = self;
        write!(f, "{file}:{line}:{column}: {reason}; {remedy}")
    }
}

/// Reads a file that another extends: the name of the file that says so, and the path it gives. Gives the name to show and
/// the text, or what is wrong.
pub type ReadExtended<'a> = &'a dyn Fn(&str, &str) -> Result<(String, String), String>;

/// Reads rule files one by one and joins them to a set.
pub struct Loader<'a> {
    proofs: &'a [&'a str],
    read_extended: Option<ReadExtended<'a>>,
    files: Vec<ProviderFile>,
    foreign: Vec<ForeignFile>,
    remarks: Vec<Remark>,
    /// How many of the files are built in.
    builtin: usize,
    /// The ids of providers and rules seen so far, and the file each is from.
    seen: BTreeMap<String, String>,
    places: BTreeMap<String, Place>,
    errors: Vec<RuleError>,
}

impl<'a> Loader<'a> {
    /// Begins with nothing. `proofs` are the names a rule may use for `proof`.
    #[must_use]
    pub fn new(proofs: &'a [&'a str]) -> Self {
        Self {
            proofs,
            read_extended: None,
            files: Vec::new(),
            foreign: Vec::new(),
            remarks: Vec::new(),
            builtin: 0,
            seen: BTreeMap::new(),
            places: BTreeMap::new(),
            errors: Vec::new(),
        }
    }

    /// Lets gitleaks configurations extend other files. Without it, `extend.path` is a fault.
    #[must_use]
    pub fn reading(mut self, read: ReadExtended<'a>) -> Self {
        self.read_extended = Some(read);
        self
    }

    /// Begins with the built-in rules, so that further files add to them.
    #[must_use]
    pub fn with_builtin(proofs: &'a [&'a str]) -> Self {
        let mut loader = Self::new(proofs);
        for (path, file) in builtin::files(RuleSet::builtin()) {
            loader.remember(&file, path);
            loader.files.push(file);
        }
        loader.builtin = loader.files.len();
        loader
    }

    /// Reads one file, in our format or in gitleaks'. Its faults are kept and told by [`Loader::finish`].
    pub fn add(&mut self, file: &str, text: &str) -> &mut Self {
        let mut sheet = Sheet::new(file, LineIndex::new(text.as_bytes()));
        let (table, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() && read::is_foreign(table.get_ref()) {
            let foreign = join::file(&mut sheet, table.into_inner(), self);
            self.foreign.extend(foreign);
            self.remarks.append(&mut sheet.remarks);
            self.errors.append(&mut sheet.errors);
            return self;
        }
        let read = sheet.read(text, self);
        if let Some(read) = read.filter(|_| sheet.errors.is_empty()) {
            self.remember(&read, file);
            self.files.push(read);
            self.places.append(&mut sheet.places.into_iter().collect());
        }
        self.errors.append(&mut sheet.errors);
        self
    }

    /// The set, if no file had a fault.
    ///
    /// # Errors
    /// Every fault of every file, in the order of the files and lines.
    pub fn finish(mut self) -> Result<RuleSet, Vec<RuleError>> {
        if self.errors.is_empty() {
            self.remarks.sort();
            let set = RuleSet::with_foreign(self.files, self.foreign);
            return Ok(RuleSet { places: self.places, remarks: self.remarks, ..set });
        }
        self.errors.dedup();
        Err(self.errors)
    }

    /// The file that another extends.
    pub(super) fn extended(&self, from: &str, path: &str) -> Result<(String, String), String> {
        match self.read_extended {
            Some(read) => read(from, path),
            None => Err(format!("`{path}` can't be read here")),
        }
    }

    /// Whether a built-in rule has this id.
    pub(super) fn is_builtin(&self, id: &str) -> bool {
        self.files[..self.builtin].iter().any(|file| file.rules.iter().any(|rule| rule.id == id))
    }

    /// Whether some rule has this id.
    pub(super) fn is_taken(&self, id: &str) -> bool {
        self.seen.contains_key(id) || self.foreign.iter().any(|file| file.rules.iter().any(|(rule, _)| rule.id == id))
    }

    /// A name for the provider of a foreign file, after the file's own: no other has it.
    pub(super) fn free_stem(&self, file: &str) -> String {
        let stem = std::path::Path::new(file).file_stem().map(|stem| stem.to_string_lossy().to_lowercase());
        let letters = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let stem: String = stem.unwrap_or_default().trim_start_matches('.').chars().map(letters).collect();
        let stem = if stem.is_empty() { "custom".to_owned() } else { stem };
        let taken =
            |name: &String| self.seen.contains_key(name) || self.foreign.iter().any(|file| file.provider.id == *name);
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        std::iter::once(stem.clone()).chain(numbered).find(|name| !taken(name)).unwrap_or(stem)
    }

    fn remember(&mut self, read: &ProviderFile, file: &str) {
        for id in std::iter::once(&read.provider.id).chain(read.rules.iter().map(|rule| &rule.id)) {
            self.seen.insert(id.clone(), file.to_owned());
        }
    }
}

/// One file while it is read.
pub(super) struct Sheet<'a> {
    pub(super) file: &'a str,
    pub(super) lines: LineIndex<'a>,
    pub(super) errors: Vec<RuleError>,
    /// What is not used of a foreign file.
    pub(super) remarks: Vec<Remark>,
    /// Where the rules read so far stand, by id.
    places: Vec<(String, Place)>,
}

/// A table with the places of its keys, and the keys whose value was already found at fault.
struct Places {
    header: Range<usize>,
    keys: BTreeMap<String, Range<usize>>,
    /// The items of lists.
    items: BTreeMap<String, Vec<Range<usize>>>,
    broken: Vec<String>,
}

impl Places {
    /// Where to point for a key: at the key, or at the table that lacks it.
    fn of(&self, key: &str) -> Range<usize> {
        self.keys.get(key).unwrap_or(&self.header).clone()
    }

    /// Where an item of a list stands.
    fn item(&self, key: &str, number: usize) -> Range<usize> {
        self.items.get(key).and_then(|items| items.get(number)).cloned().unwrap_or_else(|| self.of(key))
    }
}

/// The keys of a table: its name, all keys, and the ones that must be there with a stand-in of the right type.
struct Keys {
    table: &'static str,
    all: &'static [&'static str],
    required: &'static [(&'static str, &'static str)],
}

const PROVIDER: Keys = Keys {
    table: "[provider]",
    all: &[
        "id",
        "name",
        "kind",
        "aliases",
        "ambiguous",
        "hosts",
        "headers",
        "clients",
        "names",
        "revoke",
        "docs",
        "permissions",
        "ip_whitelist",
        "rotation",
        "notes",
        "dummies",
    ],
    required: &[("id", ""), ("name", ""), ("kind", "general"), ("revoke", ""), ("docs", "")],
};

const RULE: Keys = Keys {
    table: "[[rule]]",
    all: &[
        "id",
        "role",
        "title",
        "shape",
        "evidence",
        "match",
        "anchors",
        "proof",
        "grade",
        "severity",
        "source",
        "words",
        "files",
        "min_entropy",
        "examples",
        "counter_examples",
    ],
    required: &[
        ("id", ""),
        ("role", "key"),
        ("title", ""),
        ("shape", ""),
        ("evidence", "context"),
        ("grade", "D"),
        ("severity", "low"),
        ("source", ""),
    ],
};

impl<'a> Sheet<'a> {
    pub(super) fn new(file: &'a str, lines: LineIndex<'a>) -> Self {
        Self { file, lines, errors: Vec::new(), remarks: Vec::new(), places: Vec::new() }
    }
}

impl Sheet<'_> {
    fn read(&mut self, text: &str, loader: &Loader<'_>) -> Option<ProviderFile> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            for error in errors {
                self.fault(error.span().unwrap_or(0..0), error.message(), "correct the TOML");
            }
            return None;
        }
        let (mut provider, mut rules) = (None, Vec::new());
        for (key, value) in table.into_inner() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("provider", DeValue::Table(_)) => provider = self.table::<Provider>(key.span(), value, &PROVIDER),
                ("rule", DeValue::Array(_)) => rules = self.rules(value),
                (name @ ("provider" | "rule"), _) => {
                    let remedy = if name == "rule" { "write [[rule]]" } else { "write [provider]" };
                    self.fault(key.span(), &format!("`{name}` is not a table of the right kind"), remedy);
                }
                (name, _) => self.unknown(key.span(), name, "a rule file", &["provider", "rule"]),
            }
        }
        let Some((provider, places)) = provider else {
            if self.errors.is_empty() {
                self.fault(0..0, "there is no [provider]", "begin the file with it, see docs/writing-a-rule.md");
            }
            return None;
        };
        self.check_provider(&provider, &places, loader);
        if rules.is_empty() {
            self.fault(places.header.clone(), "there is no [[rule]]", "add the parts of the provider's credential");
        }
        for number in 0..rules.len() {
            let (rule, places) = &rules[number];
            let earlier = rules[..number].iter().any(|(other, _)| other.id == rule.id);
            self.check_rule(rule, places, &provider, loader, earlier);
        }
        self.check_references(&rules, loader);
        self.places = rules.iter().map(|(rule, places)| (rule.id.clone(), self.place(places))).collect();
        Some(ProviderFile { provider, rules: rules.into_iter().map(|(rule, _)| rule).collect() })
    }

    fn place(&self, places: &Places) -> Place {
        let lines = |key: &str| -> Vec<usize> {
            let items = places.items.get(key).into_iter().flatten();
            items.map(|item| self.lines.position(item.start).line).collect()
        };
        let (examples, counter_examples) = (lines("examples"), lines("counter_examples"));
        Place { file: self.file.to_owned(), examples, counter_examples }
    }

    fn rules(&mut self, value: Spanned<DeValue<'_>>) -> Vec<(Rule, Places)> {
        let DeValue::Array(array) = value.into_inner() else { return Vec::new() };
        array.into_iter().filter_map(|item| self.table::<Rule>(item.span(), item, &RULE)).collect()
    }

    /// Reads a table key by key: what is unknown, missing or of a wrong type is told, set aside, and the rest is read on.
    fn table<T: DeserializeOwned>(
        &mut self,
        header: Range<usize>,
        value: Spanned<DeValue<'_>>,
        keys: &Keys,
    ) -> Option<(T, Places)> {
        let span = value.span();
        let DeValue::Table(mut table) = value.into_inner() else {
            self.fault(span, "this is not a table", &format!("write {}", keys.table));
            return None;
        };
        let mut places = Places {
            header,
            keys: table.iter().map(|(key, _)| (key.get_ref().to_string(), key.span())).collect(),
            items: table.iter().map(|(key, value)| (key.get_ref().to_string(), items(value))).collect(),
            broken: Vec::new(),
        };
        for (key, at) in &places.keys {
            if !keys.all.contains(&key.as_str()) {
                self.unknown(at.clone(), key, keys.table, keys.all);
                table.remove(key.as_str());
            }
        }
        for &(key, stand_in) in keys.required {
            if !table.contains_key(key) {
                self.fault(places.header.clone(), &format!("`{key}` is missing"), "add it");
                places.broken.push(key.to_owned());
                table.insert(Spanned::new(0..0, key.into()), Spanned::new(0..0, DeValue::String(stand_in.into())));
            }
        }
        // Each turn sets one key aside, so there are at most as many turns as keys.
        for _ in 0..=table.len() {
            let whole = Spanned::new(span.clone(), DeValue::Table(table.clone()));
            let error = match T::deserialize(toml::de::ValueDeserializer::from(whole)) {
                Ok(read) => return Some((read, places)),
                Err(error) => error,
            };
            let at = error.span().unwrap_or(span.clone());
            let within = |entry: &Range<usize>| entry.start <= at.start && at.end <= entry.end && !entry.is_empty();
            let key = table.iter().find(|(_, value)| within(&value.span())).map(|(key, _)| key.get_ref().to_string());
            self.fault(at, error.message(), "see docs/writing-a-rule.md for what this key takes");
            let key = key?;
            table.remove(key.as_str());
            if let Some(&(name, stand_in)) = keys.required.iter().find(|(name, _)| *name == key) {
                table.insert(Spanned::new(0..0, name.into()), Spanned::new(0..0, DeValue::String(stand_in.into())));
            }
            places.broken.push(key);
        }
        None
    }

    pub(super) fn unknown(&mut self, at: Range<usize>, key: &str, table: &str, known: &[&str]) {
        let near = known.iter().map(|name| (distance(key, name), name)).min();
        let remedy = match near {
            Some((distance, name)) if distance <= 2 => format!("did you mean `{name}`?"),
            _ => format!("known are {}", known.join(", ")),
        };
        self.fault(at, &format!("`{key}` is not a key of {table}"), &remedy);
    }

    pub(super) fn fault(&mut self, at: Range<usize>, reason: &str, remedy: &str) {
        let Position { line, column } = self.lines.position(at.start);
        let reason = reason.replace('\n', " ");
        self.errors.push(RuleError { file: self.file.to_owned(), line, column, reason, remedy: remedy.to_owned() });
    }

    /// A fault of which only the line is known.
    pub(super) fn fault_in_line(&mut self, line: usize, reason: &str, remedy: &str) {
        let (reason, remedy) = (reason.replace('\n', " "), remedy.to_owned());
        self.errors.push(RuleError { file: self.file.to_owned(), line, column: 1, reason, remedy });
    }
}

fn items(value: &Spanned<DeValue<'_>>) -> Vec<Range<usize>> {
    value.get_ref().as_array().map_or_else(Vec::new, |array| array.iter().map(Spanned::span).collect())
}

/// How many letters must be changed, added or dropped to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut corner = row[0];
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[column + 1];
            row[column + 1] = changed.min(corner + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests;
