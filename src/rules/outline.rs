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
}

impl Outline {
    /// Measures a shape. One that doesn't parse matches nothing; rules with such a shape are refused when they are loaded.
    pub(crate) fn of(shape: &str) -> Self {
        let Ok(hir) = ParserBuilder::new().utf8(false).unicode(false).build().parse(shape) else {
            return Self { lengths: (usize::MAX, 0), bits: f64::MAX, symbols: 0, grouped: false };
        };
        let properties = hir.properties();
        let least = properties.minimum_len().unwrap_or(0);
        let most = properties.maximum_len().unwrap_or(MAX_REACH);
        let grouped = properties.explicit_captures_len() > 0;
        Self { lengths: (least, most), bits: bits(&hir), symbols: symbols(&hir), grouped }
    }
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
