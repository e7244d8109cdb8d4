//! Some thousand words sought at once, without case: at each place the longest word that begins there, none overlapping.
//!
//! Three bytes, folded to six bits each, ask a table of bits that stays in the nearest cache whether any word begins so;
//! few places of a text pass. An Aho-Corasick automaton of these words takes milliseconds to build and is slower: as a
//! contiguous NFA it reads 90 MB/s, as a DFA it takes megabytes.

use crate::span::Span;

/// The classes of bytes: letters without case, digits, what stands in names, and a few for everything else.
const FOLD: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = (byte as u8).to_ascii_lowercase();
        table[byte] = match b {
            b'a'..=b'z' => 1 + (b - b'a'),
            b'0'..=b'9' => 27 + (b - b'0'),
            b'_' => 37,
            b'-' => 38,
            b'.' => 39,
            b' ' => 40,
            0x80.. => 44 + (b & 15),
            _ => 43,
        };
        byte += 1;
    }
    table
};
/// Classes fit six bits.
const CLASS_BITS: u32 = 6;
/// The codes of three bytes.
const CODES: usize = 1 << (3 * CLASS_BITS);
const MASK: u32 = CODES as u32 - 1;

#[inline]
fn fold(byte: u8) -> u32 {
    u32::from(FOLD[usize::from(byte)])
}

/// The code of the first three bytes.
fn code_of(word: &[u8]) -> u32 {
    word.iter().take(3).fold(0, |code, &byte| code << CLASS_BITS | fold(byte))
}

/// A word: its number and where its text stands.
#[derive(Clone, Copy, Debug)]
struct Entry {
    number: u32,
    start: u32,
    length: u32,
    /// The four bytes behind the first three, with the bit that tells capitals from small letters set.
    next: u32,
    /// Which of these bytes the word has.
    mask: u32,
}

/// Bytes 3 to 6 of a text as [`Entry::next`] holds them; what is beyond the end is 0.
#[inline]
fn next_four(text: &[u8]) -> u32 {
    let four = match text.get(3..7) {
        Some(four) => [four[0], four[1], four[2], four[3]],
        None => std::array::from_fn(|at| text.get(3 + at).copied().unwrap_or(0)),
    };
    u32::from_le_bytes(four) | 0x2020_2020
}

/// The words that begin alike: some neighbours in the list of entries.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    code: u32,
    first: u32,
    /// 0 for a free slot.
    count: u32,
}

/// A set of words.
#[derive(Debug)]
pub(crate) struct Dictionary {
    bits: Box<[u64; CODES / 64]>,
    /// Open addressing by code.
    groups: Vec<Group>,
    /// By code, the longest first; then those of two bytes.
    entries: Vec<Entry>,
    /// Where the words of two bytes begin.
    pairs: usize,
    /// The codes of words of two bytes.
    pair_bits: Box<[u64; 64]>,
    text: Vec<u8>,
}

impl Dictionary {
    /// Takes words of two bytes and more, in lower case, each once; their numbers are their places in the list.
    pub(crate) fn new<'w>(words: impl Iterator<Item = &'w str>) -> Self {
        let mut text = Vec::new();
        let mut all: Vec<(u32, Entry)> = Vec::new();
        for (number, word) in (0..).zip(words) {
            let (start, length) = (text.len() as u32, word.len() as u32);
            text.extend_from_slice(word.as_bytes());
            // Those of two bytes sort behind all others.
            let code = if length > 2 { code_of(word.as_bytes()) } else { u32::MAX };
            let known = length.saturating_sub(3).min(4);
            let mask = u32::try_from((1_u64 << (8 * known)) - 1).unwrap_or(u32::MAX);
            all.push((code, Entry { number, start, length, next: next_four(word.as_bytes()) & mask, mask }));
        }
        all.sort_unstable_by_key(|(code, entry)| (*code, u32::MAX - entry.length, entry.number));
        let pairs = all.partition_point(|(code, _)| *code != u32::MAX);
        let mut bits = Box::new([0_u64; CODES / 64]);
        let mut set = |code: u32| bits[code as usize / 64] |= 1 << (code % 64);
        let mut groups = vec![Group::default(); (2 * pairs).next_power_of_two().max(2)];
        let mut first = 0;
        for same in all[..pairs].chunk_by(|a, b| a.0 == b.0) {
            let code = same[0].0;
            set(code);
            let mut slot = slot(code, groups.len());
            while groups[slot].count != 0 {
                slot = (slot + 1) & (groups.len() - 1);
            }
            groups[slot] = Group { code, first, count: same.len() as u32 };
            first += same.len() as u32;
        }
        let mut pair_bits = Box::new([0_u64; 64]);
        for (_, pair) in &all[pairs..] {
            let code = code_of(&text[pair.start as usize..][..pair.length as usize]);
            pair_bits[code as usize / 64] |= 1 << (code % 64);
            (0..1 << CLASS_BITS).for_each(|third| set(code << CLASS_BITS | third));
        }
        Self { bits, groups, entries: all.into_iter().map(|(_, entry)| entry).collect(), pairs, pair_bits, text }
    }

    /// Calls `found` with the number and the place of each word, in order.
    pub(crate) fn each(&self, text: &[u8], mut found: impl FnMut(usize, Span)) {
        let mut at = 0;
        while let Some((number, span)) = self.next(text, at) {
            at = span.end;
            found(number, span);
        }
    }

    /// The first word from `from` on.
    fn next(&self, text: &[u8], from: usize) -> Option<(usize, Span)> {
        let rest = text.get(from..)?;
        let mut code = code_of(rest.get(..2)?);
        for (at, &byte) in rest[2..].iter().enumerate() {
            code = (code << CLASS_BITS | fold(byte)) & MASK;
            if self.bits[code as usize / 64] >> (code % 64) & 1 != 0
                && let Some(entry) = self.longest(code, &rest[at..])
            {
                let start = from + at;
                return Some((entry.number as usize, Span::new(start, start + entry.length as usize)));
            }
        }
        let last = rest.len() - 2;
        let start = from + last;
        self.pair(&rest[last..]).map(|entry| (entry.number as usize, Span::new(start, start + 2)))
    }

    /// The longest word that `text` begins with.
    fn longest(&self, code: u32, text: &[u8]) -> Option<Entry> {
        let next = next_four(text);
        let all = self.group(code).iter();
        let found = all.filter(|entry| next & entry.mask == entry.next).find(|entry| self.begins(text, **entry));
        found.copied().or_else(|| self.pair(text))
    }

    /// The words of three bytes and more with a code, the longest first.
    fn group(&self, code: u32) -> &[Entry] {
        let mut at = slot(code, self.groups.len());
        while self.groups[at].count != 0 && self.groups[at].code != code {
            at = (at + 1) & (self.groups.len() - 1);
        }
        let Group { first, count, .. } = self.groups[at];
        &self.entries[first as usize..][..count as usize]
    }

    fn pair(&self, text: &[u8]) -> Option<Entry> {
        let code = code_of(text.get(..2)?);
        let known = self.pair_bits[code as usize / 64] >> (code % 64) & 1 != 0;
        known.then(|| self.entries[self.pairs..].iter().find(|entry| self.begins(text, **entry)).copied()).flatten()
    }

    /// Calls `found` with the number and the length of every word of three bytes and more that `text` begins with.
    pub(crate) fn all_at(&self, text: &[u8], mut found: impl FnMut(usize, usize)) {
        let Some(head) = text.get(..3) else { return };
        let code = code_of(head);
        if self.bits[code as usize / 64] >> (code % 64) & 1 != 0 {
            let all = self.group(code).iter().filter(|entry| self.begins(text, **entry));
            all.for_each(|entry| found(entry.number as usize, entry.length as usize));
        }
    }

    #[inline]
    fn begins(&self, text: &[u8], entry: Entry) -> bool {
        let word = &self.text[entry.start as usize..][..entry.length as usize];
        text.get(..word.len()).is_some_and(|text| text.eq_ignore_ascii_case(word))
    }
}

#[inline]
fn slot(code: u32, size: usize) -> usize {
    (code.wrapping_mul(0x9e37_79b1) >> 12) as usize & (size - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::chance;
    use crate::rules::RuleSet;

    /// The same words and places as an Aho-Corasick automaton finds, in texts made of pieces of the words.
    #[test]
    fn the_longest_word_at_the_first_place() {
        let words = RuleSet::builtin().words();
        let dictionary = Dictionary::new(words.words.iter());
        let automaton = aho_corasick::AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(aho_corasick::MatchKind::LeftmostLongest)
            .build(words.words.iter())
            .expect("an automaton");
        let mut next = chance::below(7);
        for _ in 0..3000 {
            let mut text = Vec::new();
            for _ in 0..next(12) {
                let word = words.words.get(next(words.words.len())).as_bytes();
                let cut = next(word.len() + 1);
                let piece = if next(2) == 0 { &word[..cut] } else { word };
                text.extend(piece.iter().map(|byte| if next(3) == 0 { byte.to_ascii_uppercase() } else { *byte }));
                text.extend_from_slice(&b" _-x\n"[..next(3)]);
            }
            let mut found = Vec::new();
            dictionary.each(&text, |number, span| found.push((number, span)));
            let expected: Vec<(usize, Span)> = automaton
                .find_iter(&text)
                .map(|at| (at.pattern().as_usize(), Span::new(at.start(), at.end())))
                .collect();
            assert_eq!(found, expected, "in {:?}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn words_of_two_bytes_and_the_ends_of_texts() {
        let dictionary = Dictionary::new(["pw", "pwd", "api"].into_iter());
        for (text, expected) in [
            ("pw", vec![(0, 0)]),
            ("xPW", vec![(0, 1)]),
            ("pwd", vec![(1, 0)]),
            ("pwapi", vec![(0, 0), (2, 2)]),
            ("p", vec![]),
        ] {
            let mut found = Vec::new();
            dictionary.each(text.as_bytes(), |number, span| found.push((number, span.start)));
            assert_eq!(found, expected, "{text}");
        }
    }
}
