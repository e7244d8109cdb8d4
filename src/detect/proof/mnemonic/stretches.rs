//! The stretches of a text that a seed phrase may stand in, found without looking a word up: twelve words of the lists'
//! lengths, and between them nothing but what stands between words. Code has other signs every few bytes, and prose has a
//! short word or a long one in nearly every dozen.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch};

use super::find::{FEWEST, LONGEST_ASCII, is_gap, is_letter};
use crate::detect::block::{self, BLOCK, Wide};
use crate::span::Span;

/// The shortest phrase: twelve words of three letters.
const SHORTEST: usize = 47;

/// What may stand in a phrase, as [`Wide::sets`] asks for it: by the low half of a byte a bit for each of the lower eight
/// high halves with which it may; beyond ASCII all may.
const LOW: [u8; 16] = {
    let mut table = [0; 16];
    let mut byte = 0;
    while byte < 128 {
        if is_letter(byte) || is_gap(byte) || byte == b'\\' {
            table[(byte & 15) as usize] |= 1 << (byte >> 4);
        }
        byte += 1;
    }
    table
};
const HIGH: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 255, 255, 255, 255, 255, 255, 255, 255];

/// A stretch that a phrase, or a part of it, may stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) span: Span,
    /// It is ASCII, and no phrase begins before it or ends behind it.
    pub(super) plain: bool,
}

/// All stretches of `range` that a phrase, or the part of it that is in `range`, may stand in.
pub(super) fn all(text: &[u8], range: Span) -> Vec<Stretch> {
    dispatch!(Level::new(), simd => wide(simd, text, range))
}

#[inline(always)]
fn wide<S: Simd>(simd: S, text: &[u8], range: Span) -> Vec<Stretch> {
    let (low, high) = (block::table(simd, &LOW), block::table(simd, &HIGH));
    // A word before the range may go on in it.
    let cut = range.start > 0;
    let mut stretches = Stretches {
        all: Vec::new(),
        limit: range.end,
        cut: range.end < text.len(),
        start: range.start,
        words: 0,
        sure: !cut,
        letter: cut,
        backslash: cut,
    };
    for base in range.range().step_by(BLOCK) {
        let bytes = Wide::at(simd, text, base);
        let wide = bytes.within(0x80, 0xff).to_bitmask();
        stretches.block(
            base,
            Block {
                inside: !bytes.sets(low, high).simd_eq(0).to_bitmask(),
                ascii: bytes.letters().to_bitmask(),
                wide,
                backslashes: bytes.is(b'\\').to_bitmask(),
            },
        );
    }
    stretches.end(range.end);
    stretches.all
}

/// What the bytes of a block are, a bit each.
#[derive(Clone, Copy)]
struct Block {
    /// What may stand in a phrase.
    inside: u64,
    /// ASCII letters.
    ascii: u64,
    /// What is beyond ASCII.
    wide: u64,
    backslashes: u64,
}

/// The way through the blocks of a text.
struct Stretches {
    all: Vec<Stretch>,
    /// The end of the range, and whether the text goes on behind it.
    limit: usize,
    cut: bool,
    /// Where the stretch begins that goes on into the next block.
    start: usize,
    /// How many words begin in it.
    words: usize,
    /// All of them were counted: it begins where words can be told, and is ASCII.
    sure: bool,
    /// The byte before the next block is a letter.
    letter: bool,
    /// It is a backslash.
    backslash: bool,
}

impl Stretches {
    #[inline(always)]
    fn block(&mut self, base: usize, block: Block) {
        let letters = block.ascii | block.wide;
        let starts = letters & !(letters << 1 | u64::from(self.letter));
        // One letter or two, but not the letter of an escape, and not what may go on in the next block.
        let escaped = block.backslashes << 1 | u64::from(self.backslash);
        let short = starts & !escaped & !((letters >> 1 | 1 << 63) & (letters >> 2 | 3 << 62));
        // More letters than a word has with that of an escape before it.
        let two = block.ascii & block.ascii >> 1;
        let four = two & two >> 2;
        let long = four & four >> 4 & four >> (LONGEST_ASCII - 2);
        self.letter = letters >> 63 != 0;
        self.backslash = block.backslashes >> 63 != 0;

        let broken = !block.inside | short | long;
        if broken == 0 {
            self.go_on(starts, block.wide);
            return;
        }
        let first = broken.trailing_zeros();
        let before = (1 << first) - 1;
        self.go_on(starts & before, block.wide & before);
        self.end(base + first as usize);
        // One that begins and ends in the block: two don't fit into it.
        let mut free = !broken & u64::MAX << first;
        for by in [1, 2, 4, 8, 16, SHORTEST - 32] {
            free &= free >> by;
        }
        let last = BLOCK as u32 - broken.leading_zeros();
        if free != 0 && free.trailing_zeros() < last {
            let from = free.trailing_zeros();
            let length = (broken >> from).trailing_zeros();
            let within = !(u64::MAX << length) << from;
            self.begin(base + from as usize);
            self.go_on(starts & within, block.wide & within);
            self.end(base + (from + length) as usize);
        }
        self.begin(base + last as usize);
        let behind = u64::MAX.checked_shl(last).unwrap_or(0);
        self.go_on(starts & behind, block.wide & behind);
    }

    #[inline(always)]
    fn begin(&mut self, start: usize) {
        (self.start, self.words, self.sure) = (start, 0, true);
    }

    #[inline(always)]
    fn go_on(&mut self, starts: u64, wide: u64) {
        self.words += starts.count_ones() as usize;
        self.sure &= wide == 0;
    }

    #[inline(always)]
    fn end(&mut self, end: usize) {
        let plain = self.sure && (end < self.limit || !self.cut);
        let end = end.min(self.limit);
        if end > self.start && (!plain || self.words >= FEWEST && end - self.start >= SHORTEST) {
            self.all.push(Stretch { span: Span::new(self.start, end), plain });
        }
    }
}

#[cfg(test)]
mod tests {
    use bip39::Language;

    use super::super::super::Random;
    use super::super::super::tests::numbers;
    use super::super::find::{find, in_stretches, is_in};
    use super::super::{sample_algorand, sample_electrum, sample_in};
    use super::*;

    /// What is between words in phrases, and what is not.
    const GAPS: &[&str] = &[
        " ", " ", " ", ", ", "_", "\n", "\r\n  ", "\", \"", "\\n", "\\r\\n", "\\t", " 12) ", "\u{3000}", "; ", " = ",
        ": ", "(", "\\", "\\\\n", "\\x", "é ", ".",
    ];
    /// Words of no list.
    const OTHERS: &[&str] =
        &["a", "of", "n", "the", "nnn", "constructor", "internationalisation", "é", "日本", "x", "okx"];

    /// A text of phrases and words of the lists in all dresses, and of what is none.
    fn text(random: &mut Random<'_>) -> String {
        let mut text = String::new();
        for _ in 0..random.below(6) {
            let language = if random.below(2) == 0 { Language::English } else { Language::ALL[random.below(10)] };
            let mut words: Vec<String> = match random.below(8) {
                0 => sample_algorand(random),
                1 => sample_electrum(random),
                2..5 => sample_in(random, language),
                _ => (0..random.below(16)).map(|_| language.word_list()[random.below(2048)].to_owned() + " ").collect(),
            }
            .split_whitespace()
            .map(str::to_owned)
            .collect();
            for _ in 0..random.below(3) {
                let at = random.below(words.len() + 1);
                words.insert(at, OTHERS[random.below(OTHERS.len())].to_owned());
            }
            let gap = GAPS[random.below(GAPS.len())];
            for word in words {
                let word = if random.below(40) == 0 { word.to_uppercase() } else { word };
                text.push_str(&word);
                text.push_str(if random.below(40) == 0 { GAPS[random.below(GAPS.len())] } else { gap });
            }
            text.push_str(GAPS[random.below(GAPS.len())]);
        }
        text
    }

    /// The same phrases as where every stretch is looked at, in whole texts and in ranges of them.
    #[test]
    fn no_phrase_is_lost() {
        let mut next = numbers(53);
        let mut random = Random(&mut next);
        let mut phrases = 0;
        for _ in 0..300 {
            let text = text(&mut random);
            let bytes = text.as_bytes();
            let mut expected = Vec::new();
            let whole = Stretch { span: Span::new(0, bytes.len()), plain: false };
            in_stretches(bytes, &[whole], &mut expected);
            assert_eq!(find(bytes), expected, "in {text:?}");
            phrases += expected.len();
            for span in expected {
                let place = span.start + random.below(span.len());
                assert!(is_in(bytes, Span::new(place, place + 1)), "at {place} of {text:?}");
            }
        }
        assert!(phrases > 50, "{phrases}");
    }

    #[test]
    fn code_and_prose_have_none() {
        let text = "fn main() { let order_book = market_depth_level_stream.update(7); }\n".repeat(20)
            + &"Whether the price of a symbol is in the book of an exchange. ".repeat(20);
        assert_eq!(all(text.as_bytes(), Span::new(0, text.len())), []);
    }

    /// Words are counted by these bounds.
    #[test]
    fn the_words_of_the_lists_are_within_the_bounds() {
        for word in Language::ALL.iter().flat_map(|language| language.word_list()) {
            let runs = word.split(|letter: char| !letter.is_ascii_alphabetic());
            assert!(word.len() >= 3 && runs.map(str::len).max() <= Some(LONGEST_ASCII), "{word}");
        }
    }
}
