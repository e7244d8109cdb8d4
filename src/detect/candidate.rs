//! The first look at every byte: which runs of token characters could be a random value at all.
//!
//! A credential is a long token of mixed character classes or hangs on a literal. Tokens are looked for first, because
//! less than one per cent of real source bytes pass, and words are sought only near them. Whatever is no such token
//! (short passwords, PEM blocks, mnemonics, URLs with passwords) has its own anchors in [`super::anchor`].

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

/// Calls `found` with every run of token characters that is long and mixed enough to be a random value, in order.
pub(crate) fn runs(text: &[u8], mut found: impl FnMut(Span)) {
    // A run of MIN_RUN bytes covers at least one of every MIN_RUN-th byte: probe only those, expand on a hit.
    let mut probe = MIN_RUN - 1;
    let mut floor = 0;
    while probe < text.len() {
        if !is_token(text[probe]) {
            probe += MIN_RUN;
            continue;
        }
        let mut start = probe;
        while start > floor && is_token(text[start - 1]) {
            start -= 1;
        }
        let mut end = probe + 1;
        while end < text.len() && is_token(text[end]) {
            end += 1;
        }
        if end - start >= MIN_RUN && mixed(&text[start..end]) {
            found(Span::new(start, end));
        }
        floor = end;
        probe = end + MIN_RUN;
    }
}

/// Whether a run mixes digits, capitals and small letters the way random text does. Words joined by dashes, paths and
/// camel case don't: they change seldom, and capitals are few in them.
#[inline]
fn mixed(run: &[u8]) -> bool {
    let looked = run.len().min(256);
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
