//! The first look at every byte: which runs of token characters could be a random value at all.
//!
//! A credential is a long token of mixed character classes or hangs on a literal. Tokens are looked for first, because
//! less than one per cent of real source bytes pass, and words are sought only near them. Whatever is no such token
//! (short passwords, PEM blocks, mnemonics, URLs with passwords) has its own anchors in [`super::anchor`].

use super::block::{self, BLOCK};
use crate::span::Span;

/// The shortest run that is looked at.
pub(crate) const MIN_RUN: usize = 16;
/// Runs longer than this are blobs (images, bytecode), not values; they matter only to decoding.
pub(crate) const MAX_RUN: usize = 4096;

/// Bit set of the classes a byte is in.
const TOKEN: u8 = 1;
const DIGIT: u8 = 2;
const UPPER: u8 = 4;
const LOWER: u8 = 8;

const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = if b.is_ascii_digit() {
            TOKEN | DIGIT
        } else if b.is_ascii_uppercase() {
            TOKEN | UPPER
        } else if b.is_ascii_lowercase() {
            TOKEN | LOWER
        } else if matches!(b, b'_' | b'-' | b'+' | b'/') {
            TOKEN
        } else {
            0
        };
        byte += 1;
    }
    table
};

/// Whether a byte can stand inside a token.
#[inline]
#[must_use]
pub(crate) fn is_token(byte: u8) -> bool {
    CLASS[usize::from(byte)] != 0
}

/// Which bytes of a block can stand inside a token.
#[inline]
fn token_bits(block: &[u8; BLOCK]) -> u64 {
    block::bits(block, |byte| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        // `/` stands right before `0`.
        let digit = byte.wrapping_sub(b'/') < 11;
        letter | digit | (byte == b'_') | (byte == b'-') | (byte == b'+')
    })
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
pub(crate) fn runs(text: &[u8], mut found: impl FnMut(Span)) {
    let mut long = |start: usize, end: usize| {
        if end - start >= MIN_RUN && mixed(&text[start..end]) {
            found(Span::new(start, end));
        }
    };
    // Where the run begins that goes on into the next block.
    let mut open = None;
    let mut each = |base: usize, mut bits: u64| {
        if let Some(start) = open {
            let more = bits.trailing_ones();
            if more as usize == BLOCK {
                return;
            }
            long(start, base + more as usize);
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
            long(base + first as usize, base + end as usize);
            starts &= u64::MAX << end;
        }
        open = (bits >> (BLOCK - 1) != 0).then(|| base + BLOCK - bits.leading_ones() as usize);
    };
    let (blocks, rest) = text.as_chunks::<BLOCK>();
    for (number, block) in blocks.iter().enumerate() {
        each(number * BLOCK, token_bits(block));
    }
    // One block more, so that a run that reaches the end of the text ends.
    each(blocks.len() * BLOCK, token_bits(&block::padded(rest)));
}

/// Whether a run mixes digits, capitals and small letters the way random text does. Words joined by dashes, paths and
/// camel case don't: they change seldom, and capitals are few in them.
#[inline]
fn mixed(run: &[u8]) -> bool {
    let looked = run.len().min(256);
    // Nearly all long runs are names in small letters or capitals alone.
    let any = run[..looked].iter().fold(0, |any, &byte| any | CLASS[usize::from(byte)]);
    if matches!(any & (DIGIT | UPPER | LOWER), 0 | DIGIT | UPPER | LOWER) {
        return false;
    }
    let (mut changes, mut digits, mut upper, mut lower) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut last = 0;
    for &byte in &run[..looked] {
        let class = CLASS[usize::from(byte)] & (DIGIT | UPPER | LOWER);
        digits += usize::from(class == DIGIT);
        upper += usize::from(class == UPPER);
        lower += usize::from(class == LOWER);
        if class != 0 {
            changes += usize::from(last != 0 && class != last);
            last = class;
        }
    }
    // Without a dash or slash a run is one word, and few words hold a digit inside.
    let plain = digits + upper + lower == looked;
    let enough = if plain { 2 } else { 3 };
    upper + lower >= 2
        && ((digits >= 1 && changes >= enough)
            || changes * 5 >= looked * 2
            || upper * 10 >= looked * 3 && lower * 10 >= looked * 3)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    /// The same runs as by the plain definition, in texts of all lengths and with runs across the borders of blocks.
    #[test]
    fn runs_are_as_defined() {
        let mut state = 11_u64;
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) % below
        };
        for round in 0..2000 {
            let mut text = Vec::new();
            for _ in 0..next(8) {
                let length = next(if round % 3 == 0 { 200 } else { 30 });
                text.extend((0..length).map(|_| b"aB3x9_Q-+/zK07"[next(14) as usize]));
                text.extend((0..next(3)).map(|_| b" .\"\xc3=:[@"[next(8) as usize]));
            }
            let mut expected = Vec::new();
            let mut at = 0;
            while at < text.len() {
                let length = text[at..].iter().take_while(|&&byte| is_token(byte)).count();
                if length >= MIN_RUN && mixed(&text[at..at + length]) {
                    expected.push(Span::new(at, at + length));
                }
                at += length.max(1);
            }
            let mut all = Vec::new();
            runs(&text, |run| all.push(run));
            assert_eq!(all, expected, "in {:?}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn the_bits_say_what_the_table_says() {
        for first in (0..256).step_by(BLOCK) {
            let block: [u8; BLOCK] = std::array::from_fn(|at| (first + at) as u8);
            for (at, &byte) in block.iter().enumerate() {
                assert_eq!(token_bits(&block) >> at & 1 == 1, is_token(byte), "{byte:#x}");
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
