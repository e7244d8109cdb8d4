//! What a shape says of its values without being run: how long they are, how many there can be, from which alphabet.
//! The build script computes it for the built-in rules, because parsing some hundred expressions takes milliseconds.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

/// How far around an anchor a sought shape without a bound of its own may reach, in bytes.
pub(crate) const MAX_REACH: usize = 8 * 1024;

/// The measures of a shape.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Outline {
    /// The fewest and most bytes it matches.
    pub(crate) lengths: (usize, usize),
    /// How many such values there are, as a power of two: the fewer, the more a match says.
    pub(crate) bits: f64,
    /// The size of the largest class of characters in it.
    pub(crate) symbols: u32,
    /// It has a group, which is the value.
    pub(crate) grouped: bool,
    /// Every match holds a run of token characters (letters, digits, `_-+/`) of at least so many bytes. Long stretches that
    /// may hold some other character too count for half.
    pub(crate) run: usize,
    /// Every match holds `://` or `-----BEGIN`.
    pub(crate) marked: bool,
}

impl Outline {
    /// Measures a shape. One that doesn't parse matches nothing; rules with such a shape are refused when they are loaded.
    pub(crate) fn of(shape: &str) -> Self {
        let Ok(hir) = ParserBuilder::new().utf8(false).unicode(false).build().parse(shape) else {
            return Self {
                lengths: (usize::MAX, 0),
                bits: f64::MAX,
                symbols: 0,
                grouped: false,
                run: 0,
                marked: false,
            };
        };
        let properties = hir.properties();
        let least = properties.minimum_len().unwrap_or(0);
        let most = properties.maximum_len().unwrap_or(MAX_REACH);
        let grouped = properties.explicit_captures_len() > 0;
        Self {
            lengths: (least, most),
            bits: bits(&hir),
            symbols: symbols(&hir),
            grouped,
            run: Runs::of(&hir).best,
            marked: is_marked(&hir),
        }
    }
}

/// Whether every match of an expression holds one of the marks.
fn is_marked(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Literal(literal) => {
            [&b"://"[..], b"-----BEGIN"].iter().any(|mark| literal.0.windows(mark.len()).any(|part| part == *mark))
        }
        HirKind::Repetition(repetition) => repetition.min > 0 && is_marked(&repetition.sub),
        HirKind::Capture(capture) => is_marked(&capture.sub),
        HirKind::Concat(parts) => parts.iter().any(is_marked),
        HirKind::Alternation(parts) => parts.iter().all(is_marked),
        _ => false,
    }
}

/// The runs of token characters that every match of an expression holds, in bytes.
#[derive(Clone, Copy, Debug, Default)]
struct Runs {
    /// The longest.
    best: usize,
    /// What every match begins and ends with.
    head: usize,
    tail: usize,
    /// A match is nothing but token characters.
    whole: bool,
}

impl Runs {
    fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::all(0),
            HirKind::Literal(literal) => {
                literal.0.iter().map(|&byte| Self::byte(is_token(byte))).fold(Self::all(0), Self::then)
            }
            HirKind::Class(Class::Bytes(class)) => {
                Self::byte(class.iter().all(|range| (range.start()..=range.end()).all(is_token)))
            }
            HirKind::Class(Class::Unicode(_)) => Self::default(),
            HirKind::Repetition(repetition) => {
                let (least, one) = (repetition.min as usize, Self::of(&repetition.sub));
                if one.whole {
                    Self::all(one.best * least)
                } else if is_tokenlike(&repetition.sub) {
                    Self { best: least / 2, ..Self::default() }
                } else if least == 0 {
                    Self::default()
                } else {
                    one
                }
            }
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Concat(parts) => parts.iter().map(Self::of).fold(Self::all(0), Self::then),
            HirKind::Alternation(parts) => parts.iter().map(Self::of).reduce(Self::or).unwrap_or_default(),
        }
    }

    fn all(length: usize) -> Self {
        Self { best: length, head: length, tail: length, whole: true }
    }

    fn byte(inside: bool) -> Self {
        if inside { Self::all(1) } else { Self::default() }
    }

    fn then(self, next: Self) -> Self {
        Self {
            best: self.best.max(next.best).max(self.tail + next.head),
            head: if self.whole { self.head + next.head } else { self.head },
            tail: if next.whole { self.tail + next.tail } else { next.tail },
            whole: self.whole && next.whole,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            best: self.best.min(other.best),
            head: self.head.min(other.head),
            tail: self.tail.min(other.tail),
            whole: self.whole && other.whole,
        }
    }
}

/// A class of token characters with a few others, such as `=`.
fn is_tokenlike(hir: &Hir) -> bool {
    let HirKind::Class(Class::Bytes(class)) = hir.kind() else { return false };
    let bytes = || class.iter().flat_map(|range| range.start()..=range.end());
    let others = bytes().filter(|&byte| !is_token(byte)).count();
    others <= 5 && bytes().count() >= 10 * others
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/')
}

/// The size of the largest class of characters in an expression.
fn symbols(hir: &Hir) -> u32 {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().map(|range| u32::from(range.end()) - u32::from(range.start()) + 1).sum()
        }
        HirKind::Repetition(repetition) => symbols(&repetition.sub),
        HirKind::Capture(capture) => symbols(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(symbols).max().unwrap_or(0),
        // A narrow alternative is one the value may be of.
        HirKind::Alternation(parts) => parts.iter().map(symbols).min().unwrap_or(0),
        _ => 0,
    }
}

/// The logarithm of the number of texts an expression matches, roughly: repetitions count at their least.
fn bits(hir: &Hir) -> f64 {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => {
            let size: u32 = class.iter().map(|range| u32::from(range.end()) - u32::from(range.start()) + 1).sum();
            f64::from(size).log2()
        }
        HirKind::Repetition(repetition) => f64::from(repetition.min.max(1)) * bits(&repetition.sub),
        HirKind::Capture(capture) => bits(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(bits).sum(),
        HirKind::Alternation(parts) => parts.iter().map(bits).fold(0.0, f64::max) + (parts.len() as f64).log2(),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_every_match_holds() {
        for (shape, run) in [
            ("[0-9a-f]{32}", 32),
            (r"\b(sk_[0-9A-Za-z]{10,40})(?:[^A-Za-z0-9]|$)", 13),
            (r#""ws_token"\s*:\s*"([^"]{8,})""#, 8),
            ("a{4}(?:-?b{3})?c", 5),
            ("(?:[a-z]{9}|[a-z]{3}x[a-z]{3})z", 8),
            (r"[a-z]{3}\.[a-z]{5}", 5),
            (r"(?:[a-z]{4}\.){2}[a-z]{2}", 4),
            ("x[A-Za-z0-9=]{40}", 20),
        ] {
            assert_eq!(Outline::of(shape).run, run, "{shape}");
        }
    }

    #[test]
    fn marks_that_every_match_holds() {
        for (shape, marked) in [
            ("https?://x", true),
            ("(?:a://|b://)", true),
            ("(?:a://)?b", false),
            ("a://|b", false),
            ("-----BEGIN X", true),
        ] {
            assert_eq!(Outline::of(shape).marked, marked, "{shape}");
        }
    }
}
