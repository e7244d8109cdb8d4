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
    /// The same as `run`, but sure.
    pub(crate) sure_run: usize,
    /// A byte that is rare in code and that every match holds, and how many bytes stand before it at most.
    pub(crate) rare: Option<(u8, usize)>,
    /// What a match may begin with: a bit for each ASCII character.
    pub(crate) first: u128,
    /// What a match may hold: a bit for each ASCII character.
    pub(crate) inside: u128,
    /// A match may go over more than a few lines with anything on them.
    pub(crate) many_lines: bool,
}

/// Bytes that seldom stand in code without a reason.
const RARE: &[u8] = b"@#~^%";

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
                sure_run: 0,
                rare: None,
                first: u128::MAX,
                inside: u128::MAX,
                many_lines: true,
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
            run: Runs::of(&hir, false).best,
            marked: is_marked(&hir),
            sure_run: Runs::of(&hir, true).best,
            rare: rare(&hir).found,
            first: first(&hir).0,
            inside: inside(&hir),
            many_lines: spans_lines(&hir),
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

/// A rare byte of an expression.
struct Rare {
    found: Option<(u8, usize)>,
    /// How long a match is at most; None if nobody knows.
    length: Option<usize>,
}

/// The first rare byte that every match of an expression holds.
fn rare(hir: &Hir) -> Rare {
    let length = hir.properties().maximum_len();
    let found = match hir.kind() {
        HirKind::Literal(literal) => {
            literal.0.iter().enumerate().find(|(_, byte)| RARE.contains(byte)).map(|(at, &byte)| (byte, at))
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => rare(&repetition.sub).found,
        HirKind::Capture(capture) => rare(&capture.sub).found,
        HirKind::Concat(parts) => {
            let mut before = Some(0);
            parts.iter().find_map(|part| {
                let Rare { found, length } = rare(part);
                let here = before.and_then(|before| found.map(|(byte, at)| (byte, before + at)));
                before = before.and_then(|before| length.map(|length| before + length));
                here
            })
        }
        _ => None,
    };
    Rare { found, length }
}

/// The bit of an ASCII character.
fn bit(byte: u8) -> u128 {
    if byte < 128 { 1 << byte } else { 0 }
}

/// The ASCII characters that a match of an expression may hold.
fn inside(hir: &Hir) -> u128 {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 0,
        HirKind::Literal(literal) => literal.0.iter().fold(0, |bits, &byte| bits | bit(byte)),
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().flat_map(|range| range.start()..=range.end()).fold(0, |bits, byte| bits | bit(byte))
        }
        HirKind::Class(Class::Unicode(_)) => u128::MAX,
        HirKind::Repetition(repetition) => inside(&repetition.sub),
        HirKind::Capture(capture) => inside(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(inside).fold(0, |all, one| all | one),
    }
}

/// Whether something that holds line ends and not only blanks may be repeated in an expression more than a few times.
fn spans_lines(hir: &Hir) -> bool {
    const FEW: u32 = 8;
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let inside = inside(&repetition.sub);
            let blanks = bit(b' ') | bit(b'\t') | bit(b'\n') | bit(0x0b) | bit(0x0c) | bit(b'\r');
            let lines = inside & bit(b'\n') != 0 && inside & !blanks != 0;
            lines && repetition.max.is_none_or(|most| most > FEW) || spans_lines(&repetition.sub)
        }
        HirKind::Capture(capture) => spans_lines(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(spans_lines),
        _ => false,
    }
}

/// The ASCII characters that a match of an expression may begin with, and whether it may be empty.
fn first(hir: &Hir) -> (u128, bool) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => (0, true),
        HirKind::Literal(literal) => literal.0.first().map_or((0, true), |&byte| (bit(byte), false)),
        HirKind::Class(Class::Bytes(class)) => {
            let all = class.iter().flat_map(|range| range.start()..=range.end());
            (all.fold(0, |bits, byte| bits | bit(byte)), false)
        }
        HirKind::Class(Class::Unicode(_)) => (u128::MAX, true),
        HirKind::Repetition(repetition) => {
            let (bits, empty) = first(&repetition.sub);
            (bits, empty || repetition.min == 0)
        }
        HirKind::Capture(capture) => first(&capture.sub),
        HirKind::Concat(parts) => {
            let (mut bits, mut empty) = (0, true);
            for part in parts {
                if !empty {
                    break;
                }
                let (more, may_be_empty) = first(part);
                (bits, empty) = (bits | more, may_be_empty);
            }
            (bits, empty)
        }
        HirKind::Alternation(parts) => {
            parts.iter().map(first).fold((0, false), |all, one| (all.0 | one.0, all.1 || one.1))
        }
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
    /// What is `sure`, or also what nearly every match holds.
    fn of(hir: &Hir, sure: bool) -> Self {
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
                let (least, one) = (repetition.min as usize, Self::of(&repetition.sub, sure));
                if one.whole {
                    Self::all(one.best * least)
                } else if !sure && is_tokenlike(&repetition.sub) {
                    Self { best: least / 2, ..Self::default() }
                } else if least == 0 {
                    Self::default()
                } else {
                    one
                }
            }
            HirKind::Capture(capture) => Self::of(&capture.sub, sure),
            HirKind::Concat(parts) => parts.iter().map(|part| Self::of(part, sure)).fold(Self::all(0), Self::then),
            HirKind::Alternation(parts) => {
                parts.iter().map(|part| Self::of(part, sure)).reduce(Self::or).unwrap_or_default()
            }
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
    fn matches_over_many_lines() {
        for (shape, expected) in [
            (r"-----BEGIN[^-]{20,}-----END", true),
            (r"(?:[a-z]+\s+){12}", true),
            (r"bearer\s+[a-z]{20,}", false),
            (r"key\s*[:=]\s*([^\n]{8,})", false),
            (r"key[^x]{3,8}x", false),
        ] {
            assert_eq!(Outline::of(shape).many_lines, expected, "{shape}");
        }
    }

    #[test]
    fn what_is_sure_of_every_match() {
        for (shape, run, rare, first) in [
            (r"\bhttps?://[a-z]{1,9}:[^@]{3,20}@[a-z]+", 4, Some((b'@', 38)), "h"),
            ("x[A-Za-z0-9=]{40}", 1, None, "x"),
            ("(?:a|b?c)+@", 1, None, "abc"),
            ("(?:ab|c)@", 1, Some((b'@', 2)), "ac"),
            ("(?i:Ab)?(?:-c)*d{3}", 3, None, "Aa-d"),
            ("(?:a@|b)", 1, None, "ab"),
        ] {
            let outline = Outline::of(shape);
            let begins: String = (0..128_u8).filter(|byte| outline.first >> byte & 1 == 1).map(char::from).collect();
            let sorted = |text: &str| {
                let mut letters: Vec<char> = text.chars().collect();
                letters.sort_unstable();
                letters
            };
            assert_eq!((outline.sure_run, outline.rare), (run, rare), "{shape}");
            assert_eq!(sorted(&begins), sorted(first), "{shape}");
        }
        assert_eq!(Outline::of("(?:a@|[b-d]{2,}x?)").inside, "abcdx@".bytes().fold(0, |bits, byte| bits | bit(byte)));
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
