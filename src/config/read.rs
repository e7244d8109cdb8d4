//! From the text of a configuration to a [`Config`], with every check.

use std::ops::Range;

use ignore::gitignore::GitignoreBuilder;
use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Allow, Config, ConfigError, Tables, near, size};
use crate::span::{LineIndex, Position};

/// A kind of file that can hold a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub file: &'static str,
    /// The tables on the way to it; none if it is the whole file.
    pub table: &'static [&'static str],
}

/// Reads a configuration. `file` is how it is shown; `table` names the tables on the way to it. The result is `None` if
/// the file has no such table.
///
/// # Errors
/// Every fault with its place and a remedy. No line of the text is quoted: the file may be a link to something private.
pub fn read(file: &str, text: &str, table: &[&str]) -> Result<Option<Config>, Vec<ConfigError>> {
    let mut sheet = Sheet { file, lines: LineIndex::new(text.as_bytes()), errors: Vec::new() };
    let tables = sheet.tables(text, table);
    if !sheet.errors.is_empty() {
        return Err(sheet.errors);
    }
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    Ok(tables.map(|tables| Config { file: file.to_owned(), tables, starts }))
}

/// A text while it is read.
struct Sheet<'a> {
    file: &'a str,
    lines: LineIndex<'a>,
    errors: Vec<ConfigError>,
}

impl Sheet<'_> {
    fn tables(&mut self, text: &str, way: &[&str]) -> Option<Tables> {
        let whole = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                self.fault(error.span().unwrap_or(0..0), error.message(), "correct the TOML");
                return None;
            }
        };
        let mut value = Spanned::new(whole.span(), DeValue::Table(whole.into_inner()));
        for name in way {
            let DeValue::Table(mut table) = value.into_inner() else { return None };
            value = table.remove(*name)?;
        }
        if !matches!(value.get_ref(), DeValue::Table(_)) {
            self.fault(value.span(), "this is no table", "see docs/configuration.md");
            return None;
        }
        match Tables::deserialize(toml::de::ValueDeserializer::from(value)) {
            Ok(tables) => {
                self.check(&tables);
                Some(tables)
            }
            Err(error) => {
                let remedy = remedy(error.message());
                let reason = error.message().split(", expected").next().unwrap_or_default();
                self.fault(error.span().unwrap_or(0..0), reason, &remedy);
                None
            }
        }
    }

    fn fault(&mut self, at: Range<usize>, reason: &str, remedy: &str) {
        let Position { line, column } = self.lines.position(at.start);
        let reason = reason.trim().replace('\n', " ");
        self.errors.push(ConfigError { file: self.file.to_owned(), line, column, reason, remedy: remedy.to_owned() });
    }

    fn check(&mut self, tables: &Tables) {
        // A thread's stack must hold what is read within each other.
        const MOST_ARCHIVE_DEPTH: u32 = 16;
        let Tables { scan, rules, baseline, allow, .. } = tables;
        for pattern in scan.exclude.iter().chain(&scan.only) {
            self.pattern(pattern);
        }
        for text in scan.max_file_size.iter().chain(&scan.max_archive_size) {
            if size(text.get_ref()).is_none() {
                self.fault(text.span(), "this is no size", "write for example \"50MB\" or \"512KiB\"");
            }
        }
        if let Some(depth) = scan.max_archive_depth.as_ref().filter(|depth| *depth.get_ref() > MOST_ARCHIVE_DEPTH) {
            self.fault(depth.span(), "this is too deep", &format!("write at most {MOST_ARCHIVE_DEPTH}"));
        }
        for file in rules.files.iter().chain(baseline) {
            self.inside(file);
        }
        for one in allow {
            self.allow(one);
        }
    }

    /// A pattern of paths must mean something: one that is left out silently would hide or show what nobody meant.
    fn pattern(&mut self, pattern: &Spanned<String>) {
        let text = pattern.get_ref();
        if text.trim().is_empty() || text.starts_with('#') {
            return self.fault(pattern.span(), "this pattern matches nothing", "write a path, *.csv or folder/");
        }
        if let Err(error) = GitignoreBuilder::new("").add_line(None, text) {
            self.fault(pattern.span(), &error.to_string(), "write it as in .gitignore: *.csv, folder/, /at/the/root");
        }
    }

    /// A file named by a configuration lies beside or below it: nothing else of the machine is its business.
    fn inside(&mut self, file: &Spanned<String>) {
        let text = file.get_ref();
        let outside = text.is_empty()
            || text.starts_with(['/', '\\'])
            || text.contains(':')
            || text.split(['/', '\\']).any(|name| name == "..");
        if outside {
            let remedy = "write a path below the configuration's folder, such as rules/own.toml";
            self.fault(file.span(), "this file would lie outside of the configuration's folder", remedy);
        }
    }

    fn allow(&mut self, one: &Spanned<Allow>) {
        let Allow { reason, paths, rules, exchanges, commits, fingerprints, sha256, expires } = one.get_ref();
        let lists = [paths, rules, exchanges, commits, fingerprints, sha256];
        if lists.iter().all(|list| list.is_empty()) {
            let remedy = "name paths, rules, exchanges, commits, fingerprints or sha256";
            self.fault(one.span(), "this [[allow]] has no condition and would accept everything", remedy);
        }
        if reason.get_ref().trim().is_empty() {
            self.fault(reason.span(), "the reason is empty", "say why this is accepted");
        }
        paths.iter().for_each(|pattern| self.pattern(pattern));
        for (list, least, most, what) in [
            (commits, 7, 64, "the id of a commit: 7 to 64 hexadecimal digits"),
            (fingerprints, 16, 16, "a fingerprint as reports show it: 16 hexadecimal digits"),
            (sha256, 64, 64, "a SHA-256: 64 hexadecimal digits"),
        ] {
            for text in list {
                let is_hex = text.get_ref().bytes().all(|byte| byte.is_ascii_hexdigit());
                if !is_hex || !(least..=most).contains(&text.get_ref().len()) {
                    self.fault(text.span(), "this is of another form", &format!("write {what}"));
                }
            }
        }
        if let Some(date) =
            expires.as_ref().filter(|date| date.get_ref().date.is_none() || date.get_ref().time.is_some())
        {
            self.fault(date.span(), "this is no day", "write a date without quotes: expires = 2027-01-31");
        }
    }
}

/// What to do about an unknown key or word: the nearest known one, or all of them.
fn remedy(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown");
    let Some(typed) = quoted.next().filter(|_| unknown) else {
        return "see docs/configuration.md for what this key takes".to_owned();
    };
    if typed.starts_with("verif") {
        return "verification is asked for on the command line, never by a configuration".to_owned();
    }
    let known: Vec<&str> = quoted.collect();
    let near = near::suggestion(&typed.replace('-', "_"), known.iter().copied());
    match near.strip_prefix("; ") {
        Some(near) => near.to_owned(),
        None => format!("known are {}", known.join(", ")),
    }
}
