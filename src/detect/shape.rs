//! Rules made ready for matching: which lengths a shape admits, and its regular expression, compiled at the first value
//! that needs it (byte mode, ASCII classes: a hundred times cheaper than Unicode tables).

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use super::candidate::is_token;
use super::profile::Meter;
use crate::rules::{Evidence, Grade, MAX_REACH, Match, Outline, Rule};
use crate::span::Span;

/// The longest value that is matched as a whole; PEM blocks and the like are sought instead.
pub(crate) const MAX_VALUE: usize = 1024;

/// A run of so many token characters is rare enough to be looked for first.
const WORTH: usize = 12;

/// Whether there is a run of at least so many token characters.
fn holds_run(text: &[u8], length: usize) -> bool {
    let mut at = length - 1;
    while let Some(&byte) = text.get(at) {
        if !is_token(byte) {
            at += length;
            continue;
        }
        let before = text[..at].iter().rev().take(length).take_while(|&&byte| is_token(byte)).count();
        let behind = text[at..].iter().take(length).take_while(|&&byte| is_token(byte)).count();
        if before + behind >= length {
            return true;
        }
        at += behind + length;
    }
    false
}

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
    /// The longest run of token characters that every match holds.
    run: usize,
    /// A rare byte that every match holds, and how many bytes stand before it at most.
    rare: Option<(u8, usize)>,
    /// What a match may begin with: a bit for each ASCII character.
    first: u128,
    /// What it may hold, likewise.
    inside: u128,
}

impl Shape {
    /// Prepares a rule's shape.
    pub(crate) fn new(rule: &Rule, outline: &Outline, meter: Option<Meter>) -> Self {
        let Outline { lengths, bits, symbols, grouped, sure_run: run, rare, first, inside, .. } = *outline;
        let (pattern, group) = match rule.matching {
            Match::Value => (format!("^(?:{})$", rule.shape), 0),
            Match::Search | Match::Foreign => (rule.shape.clone(), usize::from(grouped)),
        };
        let exact = rule.grade != Grade::D && rule.evidence != Evidence::Name && rule.proof.is_none();
        Self { pattern, lengths, bits, regex: OnceLock::new(), meter, group, exact, symbols, run, rare, first, inside }
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
            && value.first().is_none_or(|&byte| byte >= 128 || self.first >> byte & 1 != 0)
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
        let reach = self.lengths.1.min(MAX_REACH) + 2;
        let mut start = anchor.start.saturating_sub(reach.min(512));
        let mut end = (anchor.end + reach).min(text.len());
        if !self.holds(b'\n') {
            // Most matches end with their line.
            start = memchr::memrchr(b'\n', &text[start..anchor.start]).map_or(start, |at| start + at + 1);
            end = memchr::memchr(b'\n', &text[anchor.end..end]).map_or(end, |at| anchor.end + at);
        }
        if !self.may_match(text, anchor, start, end) {
            return;
        }
        let Some(regex) = self.regex() else { return };
        let group = regex.capture_names().position(|name| name == Some("secret")).unwrap_or(self.group);
        for captures in regex.captures_iter(&text[start..end]) {
            let (Some(whole), Some(value)) = (captures.get(0), captures.get(group).or_else(|| captures.get(0))) else {
                continue;
            };
            let whole = Span::new(start + whole.start(), start + whole.end());
            if whole.start > anchor.end {
                return;
            }
            if anchor.start <= whole.end {
                found(Span::new(start + value.start(), start + value.end()));
            }
        }
    }

    /// Whether a match may hold a byte.
    fn holds(&self, byte: u8) -> bool {
        byte >= 128 || self.inside >> byte & 1 != 0
    }

    /// Whether what every match holds is there for one that touches an anchor, between `start` and `end`; most anchors stand
    /// alone.
    fn may_match(&self, text: &[u8], anchor: Span, start: usize, end: usize) -> bool {
        if self.rare.is_none() && self.run < WORTH {
            return true;
        }
        let holds = |byte: u8| self.holds(byte);
        let (mut low, mut high) = (start, end);
        // `[^\n]` holds nearly everything.
        if self.inside.count_zeros() >= 8 && anchor.of(text).iter().all(|&byte| holds(byte)) {
            // No match goes on beyond what it can't hold.
            low = text[low..anchor.start].iter().rposition(|&byte| !holds(byte)).map_or(low, |at| low + at + 1);
            high = text[anchor.end..high].iter().position(|&byte| !holds(byte)).map_or(high, |at| anchor.end + at);
        }
        let rare = |(byte, before): (u8, usize)| {
            let latest = (anchor.end + before + 1).min(high);
            memchr::memchr(byte, &text[low..latest]).is_some()
        };
        self.rare.is_none_or(rare) && (self.run < WORTH || holds_run(&text[low..high], self.run))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_token_characters() {
        for (text, length, expected) in [
            ("", 3, false),
            ("abc", 3, true),
            ("ab.cd.ef", 3, false),
            ("ab.cde.fg", 3, true),
            ("a.bc.def", 3, true),
            (".abcd", 4, true),
            ("abc.abc.abc.abc", 4, false),
        ] {
            assert_eq!(holds_run(text.as_bytes(), length), expected, "{text}");
        }
    }
}
