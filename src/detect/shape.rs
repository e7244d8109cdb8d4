//! Rules made ready for matching: which lengths a shape admits, and its regular expression, compiled at the first value
//! that needs it (byte mode, ASCII classes: a hundred times cheaper than Unicode tables).

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::profile::Meter;
use crate::rules::{Evidence, Grade, MAX_REACH, Match, Outline, Rule};
use crate::span::Span;

/// The longest value that is matched as a whole; PEM blocks and the like are sought instead.
pub(crate) const MAX_VALUE: usize = 1024;

/// A rule's shape.
#[derive(Debug)]
pub(crate) struct Shape {
    pattern: String,
    /// The fewest and most bytes it matches.
    pub(crate) lengths: (usize, usize),
    /// How many such values there are, as a power of two: the fewer, the more a match says.
    pub(crate) bits: f64,
    regex: OnceLock<Option<Regex>>,
    meter: Option<Meter>,
    group: usize,
    /// The alphabet is known, not guessed.
    exact: bool,
    /// The size of the largest class of characters in it.
    symbols: u32,
}

impl Shape {
    /// Prepares a rule's shape.
    pub(crate) fn new(rule: &Rule, outline: &Outline, meter: Option<Meter>) -> Self {
        let Outline { lengths, bits, symbols, grouped, .. } = *outline;
        let (pattern, group) = match rule.matching {
            Match::Value => (format!("^(?:{})$", rule.shape), 0),
            Match::Search | Match::Foreign => (rule.shape.clone(), usize::from(grouped)),
        };
        let exact = rule.grade != Grade::D && rule.evidence != Evidence::Name && rule.proof.is_none();
        Self { pattern, lengths, bits, regex: OnceLock::new(), meter, group, exact, symbols }
    }

    /// Whether its expression was compiled.
    pub(crate) fn is_compiled(&self) -> bool {
        self.regex.get().is_some()
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| RegexBuilder::new(&self.pattern).unicode(false).size_limit(16 << 20).build().ok())
            .as_ref()
    }

    /// Whether the value as a whole has this shape and can be drawn from its alphabet: a string of hexadecimal digits
    /// matches `[A-Za-z0-9]{64}`, but such a key would hold letters of both cases, all but once in a million.
    pub(crate) fn admits(&self, value: &[u8]) -> bool {
        (self.lengths.0..=self.lengths.1).contains(&value.len())
            && self.is_drawn(value)
            && Meter::measure(self.meter.as_ref(), || self.regex().is_some_and(|regex| regex.is_match(value)))
    }

    fn is_drawn(&self, value: &[u8]) -> bool {
        let both = value.iter().any(u8::is_ascii_uppercase) && value.iter().any(u8::is_ascii_lowercase);
        !self.exact || self.symbols < 52 || value.len() < 16 || both
    }

    /// The values of this shape around an anchor at `anchor`.
    pub(crate) fn search(&self, text: &[u8], anchor: Span, found: impl FnMut(Span)) {
        Meter::measure(self.meter.as_ref(), || self.sought(text, anchor, found));
    }

    fn sought(&self, text: &[u8], anchor: Span, mut found: impl FnMut(Span)) {
        let Some(regex) = self.regex() else { return };
        let reach = self.lengths.1.min(MAX_REACH) + 2;
        let start = anchor.start.saturating_sub(reach.min(512));
        let end = (anchor.end + reach).min(text.len());
        let group = regex.capture_names().position(|name| name == Some("secret")).unwrap_or(self.group);
        for captures in regex.captures_iter(&text[start..end]) {
            let (Some(whole), Some(value)) = (captures.get(0), captures.get(group).or_else(|| captures.get(0))) else {
                continue;
            };
            let whole = Span::new(start + whole.start(), start + whole.end());
            if whole.start <= anchor.end && anchor.start <= whole.end {
                found(Span::new(start + value.start(), start + value.end()));
            }
        }
    }
}
