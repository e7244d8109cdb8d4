//! A few dozen literals sought in every byte of every text, 64 places at a time. Of each literal three bytes are chosen that
//! are rare in texts, and the literals are put into eight groups. Tables say by half a byte in which groups a byte can
//! stand first, second and third; three bytes that share a group are a place to look at. (This is Teddy, the algorithm of
//! Hyperscan that the crate `aho-corasick` has too. It takes the first bytes of a literal, and no account of what is rare.)

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};

use super::block::{self, BLOCK, Wide};
use crate::span::Span;

/// The bytes of a literal that are looked for.
const KEY: usize = 3;

/// Literals, how many bytes stand before the [`KEY`] of each, and which of the eight groups they are in.
pub(crate) type Group<'l> = &'l [(usize, &'l [&'static str])];

/// A set of literals.
#[derive(Debug)]
pub(crate) struct Sieve {
    /// For each byte of a key: the groups by the low and by the high half.
    halves: [[[u8; 16]; 2]; KEY],
    /// By a hash of the key: the last literal with it, counted from 1.
    slots: [u8; 256],
    literals: Vec<Literal>,
}

#[derive(Debug)]
struct Literal {
    text: Box<[u8]>,
    before: usize,
    /// Another one in the same slot.
    next: u8,
}

impl Sieve {
    /// Literals of three bytes and more, by groups; less than 256 of them.
    pub(crate) fn new(groups: [Group<'_>; 8]) -> Self {
        let mut sieve = Self::empty();
        for (number, group) in groups.iter().enumerate() {
            for (before, texts) in group.iter() {
                texts.iter().for_each(|text| sieve.add(text.as_bytes(), *before, number));
            }
        }
        sieve
    }

    /// Literals of which nothing is known, put into groups by rules of thumb; nothing if one is too short or they are too many.
    pub(crate) fn of<L: AsRef<[u8]>>(literals: &[L]) -> Option<Self> {
        let literals = literals.iter().map(AsRef::as_ref);
        if literals.len() > 255 || literals.clone().any(|text| text.len() < KEY) {
            return None;
        }
        let rarest = |text: &[u8]| {
            let cost = |key: &[u8]| key.iter().map(|&byte| commonness(byte)).product::<u32>();
            let keys = text.windows(KEY).enumerate().min_by_key(|(_, key)| cost(key));
            keys.map_or(0, |(before, _)| before)
        };
        let mut all: Vec<(&[u8], usize)> = literals.map(|text| (text, rarest(text))).collect();
        // What is alike shares its halves, so it should share a group.
        all.sort_by_cached_key(|(text, before)| text[*before..before + KEY].to_ascii_lowercase());
        let mut sieve = Self::empty();
        for (at, (text, before)) in all.iter().enumerate() {
            sieve.add(text, *before, at * 8 / all.len());
        }
        Some(sieve)
    }

    fn empty() -> Self {
        Self { halves: [[[0; 16]; 2]; KEY], slots: [0; 256], literals: Vec::new() }
    }

    fn add(&mut self, text: &[u8], before: usize, group: usize) {
        let key = &text[before..before + KEY];
        for (halves, byte) in self.halves.iter_mut().zip(key) {
            halves[0][usize::from(byte & 0x0f)] |= 1 << group;
            halves[1][usize::from(byte >> 4)] |= 1 << group;
        }
        let slot = slot([key[0], key[1], key[2]]);
        self.literals.push(Literal { text: text.into(), before, next: self.slots[slot] });
        self.slots[slot] = self.literals.len() as u8;
    }

    /// Calls `found` with every occurrence in order, none overlapping. No literal may begin with another.
    pub(crate) fn each(&self, text: &[u8], mut found: impl FnMut(Span)) {
        let mut all = Vec::new();
        let mut add = |place| {
            all.extend(self.at(text, place));
            false
        };
        dispatch!(Level::new(), simd => self.any_place(simd, text, &mut add));
        if !all.is_sorted() {
            all.sort_unstable();
        }
        let mut end = 0;
        for span in all {
            if span.start >= end {
                end = span.end;
                found(span);
            }
        }
    }

    /// Whether one of them is in the text.
    pub(crate) fn is_in(&self, text: &[u8]) -> bool {
        let mut is_at = |place| self.at(text, place).next().is_some();
        dispatch!(Level::new(), simd => self.any_place(simd, text, &mut is_at))
    }

    /// Whether one of the places where a key may stand is what is sought.
    #[inline(always)]
    fn any_place<S: Simd>(&self, simd: S, text: &[u8], sought: &mut impl FnMut(usize) -> bool) -> bool {
        let [first, second, third] = self.halves.each_ref();
        let first = [block::table(simd, &first[0]), block::table(simd, &first[1])];
        let second = [block::table(simd, &second[0]), block::table(simd, &second[1])];
        let third = [block::table(simd, &third[0]), block::table(simd, &third[1])];
        for base in (0..text.len()).step_by(BLOCK) {
            let groups = Wide::at(simd, text, base).sets(first[0], first[1])
                & Wide::at(simd, text, base + 1).sets(second[0], second[1])
                & Wide::at(simd, text, base + 2).sets(third[0], third[1]);
            let mut places = !groups.simd_eq(0).to_bitmask();
            while places != 0 {
                if sought(base + places.trailing_zeros() as usize) {
                    return true;
                }
                places &= places - 1;
            }
        }
        false
    }

    /// The literals whose key stands at a place.
    #[inline]
    fn at(&self, text: &[u8], place: usize) -> impl Iterator<Item = Span> {
        let key = text.get(place..).and_then(<[u8]>::first_chunk);
        let mut number = key.map_or(0, |key| self.slots[slot(*key)]);
        std::iter::from_fn(move || {
            while let Some(literal) = usize::from(number).checked_sub(1).map(|at| &self.literals[at]) {
                number = literal.next;
                if let Some(start) = place.checked_sub(literal.before)
                    && text[start..].starts_with(&literal.text)
                {
                    return Some(Span::new(start, start + literal.text.len()));
                }
            }
            None
        })
    }
}

/// How common a byte is in sources, roughly.
fn commonness(byte: u8) -> u32 {
    match byte {
        b' ' | b'e' | b't' | b'a' | b'r' | b'o' | b'i' | b'n' | b's' => 16,
        b'l' | b'c' | b'd' | b'p' | b'u' | b'm' | b'f' | b'g' | b'h' | b'b' | b'y' | b'_' => 8,
        b'a'..=b'z' | b'0'..=b'9' | b'.' | b'"' | b'(' | b'=' | b'-' | b'/' => 3,
        _ => 2,
    }
}

#[inline]
fn slot([first, second, third]: [u8; KEY]) -> usize {
    (u32::from_le_bytes([first, second, third, 0]).wrapping_mul(0x9e37_79b1) >> 24) as usize
}
