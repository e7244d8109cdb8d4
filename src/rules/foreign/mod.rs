//! Rules in the format of gitleaks, and of betterleaks, which adds expressions to it: what they say, in a form that
//! `detect::foreign` runs. <https://github.com/gitleaks/gitleaks#configuration>
//!
//! Such a rule is applied as its own scanner applies it: keywords anywhere in the text, then the expression, the entropy of
//! the group that holds the secret, and the allow-lists. What has no counterpart here is named with its line, as a
//! [`Remark`] if it is safe to go on without it and as an error otherwise.

pub mod filter;
pub(super) mod join;
pub mod pattern;
pub(super) mod read;

use std::sync::Arc;

use filter::Filter;
use pattern::Pattern;

use super::{Provider, Rule};

/// One rule.
#[derive(Debug)]
pub struct ForeignRule {
    /// The id in reports: that of the file, unless another rule has it already.
    pub id: String,
    /// What is sought; none for a rule that speaks of files only.
    pub pattern: Option<Pattern>,
    /// The number of the group with the secret; 0 for the first that isn't empty.
    pub group: usize,
    /// Texts in lower case of which one must be in the text; none means any text will do.
    pub keywords: Vec<String>,
    /// Shannon entropy in bits per byte that the secret must exceed; 0 for any.
    pub entropy: f64,
    /// What the file's path must match.
    pub path: Option<Pattern>,
    /// Its tags.
    pub tags: Vec<String>,
    /// What is no finding of this rule.
    pub allows: Vec<Arc<Allow>>,
    /// What is no finding of any rule of its file.
    pub common: Arc<Common>,
    /// What is no finding, as an expression of betterleaks.
    pub filter: Option<Filter>,
    /// Further rules that must find something near by.
    pub required: Vec<Required>,
    /// It is there to be required only.
    pub silent: bool,
}

/// What holds for all rules of a file.
#[derive(Debug, Default)]
pub struct Common {
    /// Allow-lists.
    pub allows: Vec<Allow>,
    /// Expressions of betterleaks; a match of one is no finding.
    pub filters: Vec<Filter>,
}

/// An allow-list.
#[derive(Debug, Default)]
pub struct Allow {
    /// The file it is in.
    pub file: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// What it is for, as its file says.
    pub description: String,
    /// All its parts must agree, not just one.
    pub all: bool,
    /// Paths.
    pub paths: Option<Pattern>,
    /// Texts.
    pub regexes: Option<Pattern>,
    /// Where the texts are sought.
    pub target: Target,
    /// Words in lower case, sought in the secret.
    pub stopwords: Vec<String>,
    /// Commits, in lower case. They are known after the scan only, so `policy` reads them.
    pub commits: Vec<String>,
}

impl Allow {
    /// Nothing can be said of it without the commit.
    #[must_use]
    pub fn awaits_commit(&self) -> bool {
        self.all && !self.commits.is_empty()
    }
}

/// What a regular expression of an allow-list or filter reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// The secret.
    #[default]
    Secret,
    /// The whole match of the rule's expression.
    Match,
    /// The lines of the match.
    Line,
    /// The path of the file.
    Path,
}

/// A rule that must find something, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Required {
    /// Its id.
    pub rule: String,
    /// How many lines away at most; anywhere in the text if not given.
    pub lines: Option<usize>,
    /// How many columns away at most.
    pub columns: Option<usize>,
}

/// Something in a file that is not used, and what that means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The file as the user named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is not used and what follows.
    pub text: String,
}

impl std::fmt::Display for Remark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

/// A file of such rules, read.
#[derive(Debug)]
pub(crate) struct ForeignFile {
    pub(crate) provider: Provider,
    pub(crate) rules: Vec<(Rule, ForeignRule)>,
    /// It extends the default rules, for which the built-in ones stand: its allow-lists hold for them too.
    pub(crate) extends_default: bool,
    pub(crate) common: Arc<Common>,
    /// Built-in rules it switches off.
    pub(crate) disabled: Vec<String>,
}

#[cfg(test)]
mod tests;
