//! What the files of other scanners accept: baselines of detect-secrets, reports of gitleaks, `.gitleaksignore`. Nothing of
//! them is run or loaded; what an entry means here is found by scanning.

use std::collections::HashMap;

use serde::Deserialize;
use sha1::{Digest as _, Sha1};

use super::baseline::{BaselineError, Verdict};
use crate::secret::Secret;

/// Something that a file accepts.
#[derive(Debug)]
pub struct Item {
    /// The line in that file, from 1.
    pub line: usize,
    /// Where it says it is.
    pub path: String,
    /// What is there.
    pub what: What,
    /// What somebody found it to be, if the file says so.
    pub verdict: Option<Verdict>,
}

/// What an entry accepts.
#[derive(Debug)]
pub enum What {
    /// Whatever stands in a line; in the file as a commit brought it, or as it is now.
    Line {
        /// The line's number, from 1.
        number: usize,
        /// The commit's id.
        commit: Option<String>,
    },
    /// A value with this SHA-1, in hexadecimal.
    Sha1(String),
    /// This value.
    Value(Secret),
    /// Nothing that can be understood, and why.
    Unclear(&'static str),
}

impl What {
    /// Whether it speaks of this value, wherever it stands.
    #[must_use]
    pub fn is_value(&self, value: &[u8]) -> bool {
        match self {
            Self::Sha1(hash) => *hash == data_encoding::HEXLOWER.encode(&Sha1::digest(value)),
            Self::Value(own) => own.expose() == value,
            Self::Line { .. } | Self::Unclear(_) => false,
        }
    }
}

/// Reads a file of any kind that is known. `file` is how it is shown.
///
/// # Errors
/// The first fault. No line is quoted: it may hold a value.
pub fn read(file: &str, text: &str) -> Result<Vec<Item>, BaselineError> {
    let fault = |line: usize, column: usize, reason: &str| BaselineError {
        file: file.to_owned(),
        line: line.max(1),
        column: column.max(1),
        reason: reason.to_owned(),
        remedy: "name a baseline of detect-secrets, a JSON report of gitleaks or a .gitleaksignore".to_owned(),
    };
    let unlike = |error: serde_json::Error| {
        let reason = "this is neither detect-secrets' baseline nor gitleaks' report nor .gitleaksignore";
        fault(error.line(), error.column(), reason)
    };
    // Windows tools write the mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().as_bytes().first() {
        Some(b'{') => serde_json::from_str(text).map(|file| secrets(text, file)).map_err(unlike),
        Some(b'[') => serde_json::from_str(text).map(|file| leaks(text, file)).map_err(unlike),
        Some(_) => Ok(ignored(text)),
        None => Err(fault(1, 1, "the file is empty")),
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
    // As detect-secrets writes them, so that the lines are found one after another.
    results.sort_by(|a, b| a.0.cmp(&b.0));
    let mut items = Vec::new();
    for (path, list) in results {
        for known in list {
            let line = lines.of(&known.hashed_secret);
            let verdict = known.is_secret.map(|real| if real { Verdict::Real } else { Verdict::False });
            let what = What::Sha1(known.hashed_secret.to_ascii_lowercase());
            items.push(Item { line, path: path.replace('\\', "/"), what, verdict });
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
        let line = lines.of(if leak.fingerprint.is_empty() { &leak.file } else { &leak.fingerprint });
        let commit = Some(leak.commit).filter(|commit| !commit.is_empty());
        let what = match leak.secret.as_str() {
            "" | "REDACTED" => What::Line { number: leak.start_line, commit },
            value if value.ends_with("...") => What::Line { number: leak.start_line, commit },
            value => What::Value(Secret::new(value.as_bytes())),
        };
        Item { line, path: leak.file.replace('\\', "/"), what, verdict: None }
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
            return Item { line, path: String::new(), what, verdict: None };
        };
        let is_id = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (commit, path) = match place.split_once(':') {
            Some((commit, path)) if is_id(commit) => (Some(commit.to_owned()), path),
            _ => (None, place),
        };
        Item { line, path: path.replace('\\', "/"), what: What::Line { number, commit }, verdict: None }
    };
    lines.map(item).collect()
}

/// The lines in which texts stand. Entries are asked for in the order of the file, so the next is sought behind the last.
struct Lines<'a> {
    all: Vec<&'a str>,
    next: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self { all: text.lines().collect(), next: 0 }
    }

    fn of(&mut self, text: &str) -> usize {
        let holds = |line: &&str| line.contains(text);
        let behind = self.all[self.next..].iter().position(holds).map(|at| self.next + at);
        let at = behind.or_else(|| self.all[..self.next].iter().position(holds)).unwrap_or_default();
        self.next = (at + 1).min(self.all.len());
        at + 1
    }
}
