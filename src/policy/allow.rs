//! One `[[allow]]` of a configuration against a finding.

use sha2::{Digest, Sha256};
use toml::Spanned;

use super::{Finding, PathFilter, config};
use crate::config::Allow;

/// An entry made ready.
pub(super) struct Allowed<'a> {
    pub(super) entry: &'a Spanned<Allow>,
    paths: PathFilter,
}

impl<'a> Allowed<'a> {
    pub(super) fn new(entry: &'a Spanned<Allow>) -> Self {
        let patterns: Vec<String> = entry.get_ref().paths.iter().map(|path| path.get_ref().clone()).collect();
        Self { entry, paths: PathFilter::new(&patterns, &[]) }
    }

    /// Whether its last day is past.
    pub(super) fn is_expired(&self, today: &str) -> bool {
        self.entry.get_ref().last_day().is_some_and(|day| day.as_str() < today)
    }

    /// Whether all conditions hold that it has.
    pub(super) fn accepts(&self, finding: &Finding, path: &[u8], [rule, provider]: [&str; 2]) -> bool {
        let allow = self.entry.get_ref();
        let origin = &finding.chief().place.origin;
        let git = origin.git.as_deref();
        let commit = git.and_then(|git| git.commit.as_deref()).unwrap_or_default();
        let starts = |typed: &str| !commit.is_empty() && commit.starts_with(&typed.to_ascii_lowercase());
        let fingerprint = finding.fingerprint.to_string();
        let holds = |list: &[Spanned<String>], test: &dyn Fn(&str) -> bool| {
            list.is_empty() || list.iter().any(|item| test(item.get_ref()))
        };
        holds(&allow.rules, &|name| config::matches(name, rule))
            && holds(&allow.exchanges, &|name| config::matches(name, provider))
            && holds(&allow.commits, &starts)
            && holds(&allow.fingerprints, &|typed| typed.eq_ignore_ascii_case(&fingerprint))
            && (allow.paths.is_empty() || self.paths.excludes(path))
            && holds(&allow.sha256, &|typed| typed.eq_ignore_ascii_case(&sha256(finding.chief().secret.expose())))
    }
}

fn sha256(value: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(value))
}
