//! A few literals sought in every byte of every text: with SIMD where the machine has it (Teddy), by automaton elsewhere.

use aho_corasick::AhoCorasick;
use aho_corasick::packed::Searcher;

use super::sieve::Sieve;
use crate::span::Span;

/// A set of literals.
#[derive(Debug)]
pub(crate) enum Literals {
    Packed(Searcher),
    /// Where the machine has no instructions that [`Searcher`] knows.
    Automaton(AhoCorasick),
}

impl Literals {
    pub(crate) fn new<L: AsRef<[u8]>>(literals: &[L]) -> Self {
        let automaton = || AhoCorasick::new(literals).expect("a few short literals fit any automaton");
        Searcher::new(literals).map_or_else(|| Self::Automaton(automaton()), Self::Packed)
    }

    /// Calls `found` with every occurrence, none overlapping.
    pub(crate) fn each(&self, text: &[u8], mut found: impl FnMut(Span)) {
        match self {
            Self::Packed(packed) => packed.find_iter(text).for_each(|at| found(Span::new(at.start(), at.end()))),
            Self::Automaton(automaton) => {
                automaton.find_iter(text).for_each(|at| found(Span::new(at.start(), at.end())));
            }
        }
    }

    /// Whether one of them is in the text.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        match self {
            Self::Packed(packed) => packed.find(text).is_some(),
            Self::Automaton(automaton) => automaton.is_match(text),
        }
    }
}

/// A set of literals of which it is asked only whether one is there: by a sieve if they fit into one.
#[derive(Debug)]
pub(crate) enum Presence {
    Sieve(Box<Sieve>),
    Search(Literals),
}

impl Presence {
    pub(crate) fn of<L: AsRef<[u8]>>(literals: &[L]) -> Self {
        Sieve::of(literals).map_or_else(|| Self::Search(Literals::new(literals)), |sieve| Self::Sieve(Box::new(sieve)))
    }

    /// Whether one of them is in the text.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        match self {
            Self::Sieve(sieve) => sieve.is_in(text),
            Self::Search(literals) => literals.is_in(text),
        }
    }
}
