//! The first look at every byte: which runs of token characters could be a random value at all.
//!
//! A credential is a long token of mixed character classes or hangs on a literal. Tokens are looked for first, because
//! less than one per cent of real source bytes pass, and words are sought only near them. Whatever is no such token
//! (short passwords, PEM blocks, mnemonics, URLs with passwords) has its own anchors in [`super::anchor`].

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};

use super::block::{self, BLOCK, Wide};
use crate::span::Span;

/// The shortest run that is looked at.
pub(crate) const MIN_RUN: usize = 16;
/// Runs longer than this are blobs (images, bytecode), not values; they matter only to decoding.
pub(crate) const MAX_RUN: usize = 4096;

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/');
        byte += 1;
    }
    table
};

/// Whether a byte can stand inside a token.
#[inline]
#[must_use]
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

/// Which bytes of a block can stand inside a token.
#[inline(always)]
fn token_bits<S: Simd>(block: Wide<S>) -> u64 {
    // `/` stands right before `0`.
    (block.letters() | block.within(b'/', b'9') | block.is(b'_') | block.is(b'-') | block.is(b'+')).to_bitmask()
}

/// Where runs of at least [`MIN_RUN`] set bits begin.
#[inline]
fn run_starts(bits: u64) -> u64 {
    let two = bits & bits >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    eight & eight >> 8
}

/// Calls `found` with every run of token characters that is long and mixed enough to be a random value, in order.
pub(crate) fn runs(text: &[u8], found: impl FnMut(Span)) {
    dispatch!(Level::new(), simd => wide_runs(simd, text, found));
}

#[inline(always)]
fn wide_runs<S: Simd>(simd: S, text: &[u8], found: impl FnMut(Span)) {
    let mut runs = Runs { simd, text, open: None, found };
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    for (number, block) in blocks.iter().enumerate() {
        runs.block(number * BLOCK, token_bits(Wide::new(simd, block)));
    }
    // One block more, so that a run that reaches the end of the text ends.
    runs.block(blocks.len() * BLOCK, token_bits(Wide::new(simd, &block::padded(rest))));
}

/// The way through the blocks of a text.
struct Runs<'t, S, F> {
    simd: S,
    text: &'t [u8],
    /// Where the run begins that goes on into the next block.
    open: Option<usize>,
    found: F,
}

impl<S: Simd, F: FnMut(Span)> Runs<'_, S, F> {
    /// The next block, which begins at `base`.
    #[inline(always)]
    fn block(&mut self, base: usize, mut bits: u64) {
        if let Some(start) = self.open {
            let more = bits.trailing_ones();
            if more as usize == BLOCK {
                return;
            }
            self.run(start, base + more as usize);
            bits &= u64::MAX << more;
        }
        let mut starts = run_starts(bits);
        while starts != 0 {
            let first = starts.trailing_zeros();
            let length = (bits >> first).trailing_ones();
            let end = first + length;
            if end as usize == BLOCK {
                break;
            }
            self.run(base + first as usize, base + end as usize);
            starts &= u64::MAX << end;
        }
        self.open = (bits >> (BLOCK - 1) != 0).then(|| base + BLOCK - bits.leading_ones() as usize);
    }

    #[inline(always)]
    fn run(&mut self, start: usize, end: usize) {
        let run = Span::new(start, end);
        if run.len() >= MIN_RUN && is_mixed(self.simd, self.text, run) {
            (self.found)(run);
        }
    }
}

/// How often the characters of a run are of a class, and how often the class changes.
#[derive(Default)]
struct Mixture {
    digits: u32,
    upper: u32,
    lower: u32,
    changes: u32,
    /// The class of the last character that has one, in the lowest bits.
    last: [u64; 3],
}

impl Mixture {
    /// Counts what is in a block: a bit for each digit, capital and small letter, and for each byte that is of the run.
    #[inline(always)]
    fn count(&mut self, classes: [u64; 3], run: u64) {
        let [digits, upper, lower] = classes;
        self.digits += digits.count_ones();
        self.upper += upper.count_ones();
        self.lower += lower.count_ones();
        let classed = digits | upper | lower;
        let dashes = run & !classed;
        // Each class goes on through the dashes behind it: added to the first of them, a bit is carried to the end.
        let mut changed = 0;
        for (kind, class) in classes.into_iter().enumerate() {
            let last = self.last[kind];
            let first = (class << 1 | last) & dashes;
            let lasting = class | dashes & !dashes.wrapping_add(first);
            changed |= classed & !class & (lasting << 1 | last);
            self.last[kind] = lasting >> (BLOCK - 1);
        }
        self.changes += changed.count_ones();
    }

    /// Whether the mixture is that of random text: words joined by dashes, paths and camel case change seldom, and capitals
    /// are few in them.
    #[inline(always)]
    fn is_random(&self, length: u32) -> bool {
        let Self { digits, upper, lower, changes, .. } = *self;
        // Without a dash or slash a run is one word, and few words hold a digit inside.
        let plain = digits + upper + lower == length;
        let enough = if plain { 2 } else { 3 };
        upper + lower >= 2
            && ((digits >= 1 && changes >= enough)
                || changes * 5 >= length * 2
                || upper * 10 >= length * 3 && lower * 10 >= length * 3)
    }
}

/// Whether a run mixes digits, capitals and small letters the way random text does.
#[inline(always)]
fn is_mixed<S: Simd>(simd: S, text: &[u8], run: Span) -> bool {
    let looked = run.len().min(4 * BLOCK);
    let mut mixture = Mixture::default();
    for from in (0..looked).step_by(BLOCK) {
        let block = Wide::at(simd, text, run.start + from);
        let inside = u64::MAX >> (BLOCK - (looked - from).min(BLOCK));
        let classes = [
            block.within(b'0', b'9').to_bitmask() & inside,
            block.within(b'A', b'Z').to_bitmask() & inside,
            block.within(b'a', b'z').to_bitmask() & inside,
        ];
        // Nearly all runs are names without a digit and with few capitals or none: too few for the class to change often.
        let rarer = classes[1].count_ones().min(classes[2].count_ones());
        if classes[0] == 0 && looked <= BLOCK && rarer as usize * 5 < looked {
            return false;
        }
        mixture.count(classes, inside);
    }
    mixture.is_random(looked as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::chance;

    fn found(text: &str) -> Vec<&str> {
        let mut all = Vec::new();
        runs(text.as_bytes(), |span| all.push(&text[span.range()]));
        all
    }

    #[test]
    fn mixed_tokens_are_found_wherever_they_stand() {
        let token = ["a1B2", "c3D4", "e5F6", "g7H8"].concat();
        for pad in 0..40 {
            let text = format!("{}\"{token}\";", " ".repeat(pad));
            assert_eq!(found(&text), [token.as_str()], "behind {pad} blanks");
        }
    }

    /// The registers that this machine has, and those that every machine of its kind has.
    fn levels() -> [Level; 2] {
        [Level::new(), Level::baseline()]
    }

    /// The plain definition of a mixed run.
    fn is_plainly_mixed(run: &[u8]) -> bool {
        let run = &run[..run.len().min(256)];
        let class = |byte: &u8| match byte {
            b'0'..=b'9' => Some(0),
            b'A'..=b'Z' => Some(1),
            b'a'..=b'z' => Some(2),
            _ => None,
        };
        let classes: Vec<usize> = run.iter().filter_map(class).collect();
        let count = |class| classes.iter().filter(|own| **own == class).count();
        let changes = classes.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let enough = if classes.len() == run.len() { 2 } else { 3 };
        count(1) + count(2) >= 2
            && (count(0) >= 1 && changes >= enough
                || changes * 5 >= run.len() * 2
                || count(1) * 10 >= run.len() * 3 && count(2) * 10 >= run.len() * 3)
    }

    /// The same runs as by the plain definition, in texts of all lengths and with runs across the borders of blocks.
    #[test]
    fn runs_are_as_defined() {
        let mut next = chance::below(11);
        for round in 0..2000 {
            let mut text = Vec::new();
            for _ in 0..next(8) {
                let length = next([400, 200, 30, 30][round % 4]);
                // All classes, or mostly one.
                let most = 14 - 11 * usize::from(next(3) == 0);
                text.extend((0..length).map(|_| b"aaB3x9_Q-+/zK0"[next(most)]));
                text.extend((0..next(3)).map(|_| b" .\"\xc3=:[@"[next(8)]));
            }
            let mut expected = Vec::new();
            let mut at = 0;
            while at < text.len() {
                let length = text[at..].iter().take_while(|&&byte| is_token(byte)).count();
                if length >= MIN_RUN && is_plainly_mixed(&text[at..at + length]) {
                    expected.push(Span::new(at, at + length));
                }
                at += length.max(1);
            }
            for level in levels() {
                let mut all = Vec::new();
                dispatch!(level, simd => wide_runs(simd, &text, |run| all.push(run)));
                assert_eq!(all, expected, "in {:?} with {level:?}", String::from_utf8_lossy(&text));
            }
        }
    }

    #[test]
    fn the_bits_say_what_the_table_says() {
        for first in (0..256).step_by(BLOCK) {
            let block: [u8; BLOCK] = std::array::from_fn(|at| (first + at) as u8);
            for level in levels() {
                let bits = dispatch!(level, simd => token_bits(Wide::new(simd, &block)));
                for (at, &byte) in block.iter().enumerate() {
                    assert_eq!(bits >> at & 1 == 1, is_token(byte), "{byte:#x} with {level:?}");
                }
            }
        }
    }

    #[test]
    fn words_paths_and_numbers_are_not() {
        for text in [
            "getAccountInformation",
            "the/path/to/some/file",
            "SCREAMING_SNAKE_CASE",
            "2024-01-02-03-04-05-06",
            "version-2-of-the-thing",
            "--------------------",
            "a-very-long-name-of-things",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
