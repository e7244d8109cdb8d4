//! The baseline: a file of values that somebody looked at. One entry a line, sorted by a hash, so that two branches seldom
//! touch the same place; no times and no line numbers, so that nothing changes by itself.
//!
//! A value is named by a stretched, salted hash. If it is random, 80 bits of the hash stand in the file: enough to know it
//! wherever it moves, and too much work to guess. A value that people thought up could be found by trying, however slow a
//! try is; of its hash only 8 bits are kept, which leave an attacker one guess in 256 to throw away instead of one in a
//! million, and the entry holds for its file. `docs/baseline.md` tells the reasons.

mod known;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::detect::randomness::is_random;
use crate::finding::FoundPart;
use crate::rules::Role;
use crate::secret::{Secret, guessable, stretched};

pub(super) use known::Around;
pub use known::Known;

/// The version of the format.
const VERSION: u32 = 1;
/// Bytes of a salt.
const SALT: usize = 16;
/// How many salts merges can have left.
const SALTS: usize = 8;
/// Bytes of the hash that name a random value.
const STRONG: usize = 10;
/// What begins the name of a value that could be guessed; one byte of its hash follows.
const WEAK: char = '~';

/// One fault of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {reason}; {remedy}")]
pub struct BaselineError {
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

/// What somebody found a value to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// No credential.
    False,
    /// A credential that no longer works.
    Revoked,
    /// A credential that works, for all one knows. It is known and still reported.
    Real,
}

impl Verdict {
    /// The word in the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::False => "false",
            Self::Revoked => "revoked",
            Self::Real => "real",
        }
    }
}

/// One value that somebody looked at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The value's name: 20 hexadecimal digits, or `~` and two.
    pub value: String,
    /// The rule that found it.
    pub rule: String,
    /// The file it was in. A random value is known anywhere, another one only there.
    #[serde(rename = "in")]
    pub within: String,
    /// Paths outside of which it is not accepted, in gitignore's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What it was found to be, if somebody has judged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Why it is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The last day on which it is accepted, as `2027-01-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The line it stands in; 0 for a new one.
    #[serde(skip)]
    pub line: usize,
}

impl Entry {
    /// Whether its last day is past.
    #[must_use]
    pub fn is_expired(&self, today: &str) -> bool {
        self.expires.as_deref().is_some_and(|day| day < today)
    }

    /// Whether the value could be guessed, so that the entry holds for its file only.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.value.starts_with(WEAK)
    }

    /// What makes it another entry than one of the same value.
    fn key(&self) -> (&str, &str, &str) {
        let own = self.is_weak();
        (&self.value, if own { &self.rule } else { "" }, if own { &self.within } else { "" })
    }

    fn order(&self) -> (&str, &str, &str) {
        (self.value.trim_start_matches(WEAK), &self.rule, &self.within)
    }
}

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    stopleak_baseline: u32,
    salt: String,
}

/// A baseline that was read, or a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    /// The file as it is shown.
    pub file: String,
    /// The entries, in the order of the file.
    pub entries: Vec<Entry>,
    /// More than one after a merge of branches that both made a baseline.
    salts: Vec<Vec<u8>>,
}

impl Baseline {
    /// An empty one with a random salt of the caller's.
    #[must_use]
    pub fn new(file: &str, salt: [u8; SALT]) -> Self {
        Self { file: file.to_owned(), entries: Vec::new(), salts: vec![salt.to_vec()] }
    }

    /// Reads a baseline.
    ///
    /// # Errors
    /// The first faulty line, with a remedy. The line itself is not quoted: the file may be a link to something private.
    pub fn read(file: &str, text: &str) -> Result<Self, BaselineError> {
        Self::lines(file, text, false)
    }

    /// The same, but what a merge left is understood: the entries of both sides count.
    ///
    /// # Errors
    /// As [`Baseline::read`].
    pub fn read_merged(file: &str, text: &str) -> Result<Self, BaselineError> {
        Self::lines(file, text, true)
    }

    fn lines(file: &str, text: &str, merged: bool) -> Result<Self, BaselineError> {
        let mut baseline = Self { file: file.to_owned(), ..Self::default() };
        for (line, text) in (1..).zip(text.lines()) {
            let fault = |column: usize, reason: &str, remedy: &str| BaselineError {
                file: file.to_owned(),
                line,
                column: column.max(1),
                reason: reason.to_owned(),
                remedy: remedy.to_owned(),
            };
            if ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| text.starts_with(mark)) {
                if merged {
                    continue;
                }
                let remedy = "`stopleak baseline update` keeps the entries of both sides";
                return Err(fault(1, "a merge left its marks here", remedy));
            }
            if text.trim().is_empty() {
                continue;
            }
            let wrong = |error: &serde_json::Error| {
                fault(
                    error.column(),
                    &unquoted(error),
                    "restore the line from git, or delete it and run `stopleak baseline update`",
                )
            };
            if text.contains("\"stopleak_baseline\"") {
                let header: Header = serde_json::from_str(text).map_err(|error| wrong(&error))?;
                if header.stopleak_baseline != VERSION {
                    let reason = format!("this is version {} of the format", header.stopleak_baseline);
                    return Err(fault(1, &reason, "a newer stopleak reads it"));
                }
                let salt = data_encoding::HEXLOWER_PERMISSIVE.decode(header.salt.as_bytes()).ok();
                let salt = salt.filter(|salt| salt.len() == SALT);
                let salt = salt.ok_or_else(|| fault(1, "the salt is damaged", "restore the line from git"))?;
                if !baseline.salts.contains(&salt) {
                    baseline.salts.push(salt);
                }
                if baseline.salts.len() > SALTS {
                    // Each costs a slow hash a finding: a file could hold a scan up for hours.
                    return Err(fault(1, "there are too many salts", "keep the first of them"));
                }
                continue;
            }
            let entry: Entry = serde_json::from_str(text).map_err(|error| wrong(&error))?;
            if let Some((reason, remedy)) = fault_of(&entry) {
                return Err(fault(1, reason, remedy));
            }
            baseline.entries.push(Entry { line, ..entry });
        }
        if baseline.salts.is_empty() {
            let remedy =
                "`stopleak baseline create` writes one; a file of another scanner can be read with `baseline import`";
            let (reason, line) = ("this is no baseline of stopleak: the line with the salt is missing".to_owned(), 1);
            return Err(BaselineError { file: file.to_owned(), line, column: 1, reason, remedy: remedy.to_owned() });
        }
        Ok(baseline)
    }

    /// The name of a part's value, under the first salt.
    #[must_use]
    pub fn name(&self, part: &FoundPart) -> String {
        self.salts.first().map_or_else(String::new, |salt| name(salt, &part.secret, part.role))
    }

    /// All names a part's value can have here: one a salt.
    fn names(&self, part: &FoundPart) -> Vec<String> {
        self.salts.iter().map(|salt| name(salt, &part.secret, part.role)).collect()
    }

    /// Adds an entry, or writes what a new one says into the one that is there. Says whether it was added.
    pub fn add(&mut self, new: Entry) -> bool {
        let Some(old) = self.entries.iter_mut().find(|old| old.key() == new.key()) else {
            self.entries.push(new);
            return true;
        };
        let Entry { verdict, reason, expires, path, within, rule, .. } = new;
        (old.within, old.rule) = (within, rule);
        old.verdict = verdict.or(old.verdict);
        old.reason = reason.or_else(|| old.reason.take());
        old.expires = expires.or_else(|| old.expires.take());
        old.path = path.or_else(|| old.path.take());
        false
    }
}

/// What a parser says of a line, without what it quotes of it unless that is as short as a name. Names of missing and
/// doubled fields are ours.
fn unquoted(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let said = said.split(" at line ").next().unwrap_or_default();
    let quotes = ["unknown field", "unknown variant", "invalid type", "invalid value"];
    let is_name = |quoted: &str| quoted.len() <= 12;
    match quotes.into_iter().find(|begin| said.starts_with(begin)) {
        Some(begin) if !said.split('`').nth(1).is_some_and(is_name) => {
            format!("{begin}: no line of a baseline is like this")
        }
        _ => said.to_owned(),
    }
}

/// Whether a text has the form of a day: `2027-01-31`.
#[must_use]
pub fn is_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let fits = |at: usize| if at == 4 || at == 7 { bytes[at] == b'-' } else { bytes[at].is_ascii_digit() };
    bytes.len() == 10 && (0..10).all(fits)
}

/// What is wrong with an entry, and what to do.
fn fault_of(entry: &Entry) -> Option<(&'static str, &'static str)> {
    let digits = entry.value.strip_prefix(WEAK).unwrap_or(&entry.value);
    let length = if entry.is_weak() { 2 } else { 2 * STRONG };
    if digits.len() != length || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some(("`value` has another form", "restore the line from git, or delete it"));
    }
    if entry.expires.as_deref().is_some_and(|text| !is_day(text)) {
        return Some(("`expires` is no day", "write it as 2027-01-31"));
    }
    None
}

impl fmt::Display for Baseline {
    /// The text of the file: sorted, without duplicates, the same for the same content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut salts = self.salts.clone();
        // The first salt stays the first: new entries are named by it.
        salts.dedup();
        for salt in salts {
            let header = Header { stopleak_baseline: VERSION, salt: data_encoding::HEXLOWER.encode(&salt) };
            writeln!(f, "{}", serde_json::to_string(&header).map_err(|_| fmt::Error)?)?;
        }
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by(|a, b| a.order().cmp(&b.order()));
        let mut seen = BTreeSet::new();
        for entry in entries {
            let line = serde_json::to_string(entry).map_err(|_| fmt::Error)?;
            if seen.insert(line.clone()) {
                writeln!(f, "{line}")?;
            }
        }
        Ok(())
    }
}

/// Whether a value could be found by trying: it is short, or it doesn't look random. Keys and seeds that hold their own
/// proof are random whatever they look like.
fn is_weak(value: &Secret, role: Role) -> bool {
    let proven = matches!(role, Role::PrivateKey | Role::Seed);
    guessable(value.expose()) || !(proven || is_random(value.expose()))
}

fn name(salt: &[u8], value: &Secret, role: Role) -> String {
    let hash = stretched(salt, value);
    if is_weak(value, role) {
        // The same byte for the same value, wherever it stands: a second one would tell eight more bits.
        return format!("{WEAK}{:02x}", hash[0]);
    }
    data_encoding::HEXLOWER.encode(&hash[..STRONG])
}

#[cfg(test)]
mod tests;
