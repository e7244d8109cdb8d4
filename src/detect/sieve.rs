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

/// A set of literals, none of which another begins with.
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
    text: &'static [u8],
    before: usize,
    /// Another one in the same slot.
    next: u8,
}

impl Sieve {
    /// Literals of three bytes and more, by groups; less than 256 of them.
    pub(crate) fn new(groups: [Group<'_>; 8]) -> Self {
        let mut sieve = Self { halves: [[[0; 16]; 2]; KEY], slots: [0; 256], literals: Vec::new() };
        for (number, group) in groups.iter().enumerate() {
            for (before, text) in
                group.iter().flat_map(|(before, texts)| texts.iter().map(move |text| (*before, *text)))
            {
                let text = text.as_bytes();
                let key = &text[before..before + KEY];
                for (halves, byte) in sieve.halves.iter_mut().zip(key) {
                    halves[0][usize::from(byte & 0x0f)] |= 1 << number;
                    halves[1][usize::from(byte >> 4)] |= 1 << number;
                }
                let slot = slot([key[0], key[1], key[2]]);
                sieve.literals.push(Literal { text, before, next: sieve.slots[slot] });
                sieve.slots[slot] = sieve.literals.len() as u8;
            }
        }
        sieve
    }

    /// Calls `found` with every occurrence in order, none overlapping.
    pub(crate) fn each(&self, text: &[u8], mut found: impl FnMut(Span)) {
        let mut all = dispatch!(Level::new(), simd => self.all(simd, text));
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

    /// Every occurrence, by the places of the keys.
    #[inline(always)]
    fn all<S: Simd>(&self, simd: S, text: &[u8]) -> Vec<Span> {
        let mut all = Vec::new();
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
                self.look(text, base + places.trailing_zeros() as usize, &mut all);
                places &= places - 1;
            }
        }
        all
    }

    /// Adds the literals whose key stands at a place.
    #[inline]
    fn look(&self, text: &[u8], place: usize, all: &mut Vec<Span>) {
        let Some(&key) = text.get(place..).and_then(<[u8]>::first_chunk) else { return };
        let mut number = self.slots[slot(key)];
        while let Some(literal) = usize::from(number).checked_sub(1).map(|at| &self.literals[at]) {
            if let Some(start) = place.checked_sub(literal.before)
                && text[start..].starts_with(literal.text)
            {
                all.push(Span::new(start, start + literal.text.len()));
            }
            number = literal.next;
        }
    }
}

#[inline]
fn slot([first, second, third]: [u8; KEY]) -> usize {
    (u32::from_le_bytes([first, second, third, 0]).wrapping_mul(0x9e37_79b1) >> 24) as usize
}
