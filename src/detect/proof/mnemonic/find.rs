//! Finds seed phrases in a text without looking at every word.
//!
//! Only where a phrase may stand by the lengths of the words ([`stretches`]) words are looked up: of twelve the last one
//! first. Around what is left, the run of list words is taken and cut where the separators change. Where words can't be told
//! by masks one in forty bytes is looked at: the shortest phrase (twelve words of three letters) spans 47.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::OnceLock;

use bip39::{Language, Mnemonic};

use super::stretches::{self, Stretch};
use crate::span::Span;

/// Bytes between two looks: less than the shortest phrase spans.
const STRIDE: usize = 40;
/// The longest word of a list in bytes: eight Japanese characters with their marks.
const LONGEST_WORD: usize = 48;
/// What may stand between two words, with indentation.
const LONGEST_GAP: usize = 60;
/// The words of the shortest phrase.
pub(super) const FEWEST: usize = 12;
/// A run of more words than this is a list, not a phrase.
const LONGEST_RUN: usize = 60;

/// The places of all seed phrases, in order.
#[must_use]
pub fn find(text: &[u8]) -> Vec<Span> {
    let mut found = Vec::new();
    search(text, Span::new(0, text.len()), &mut found);
    found
}

/// Whether a seed phrase stands at a place, wherever it begins and ends.
#[must_use]
pub fn is_in(text: &[u8], place: Span) -> bool {
    let mut found = Vec::new();
    let start = place.start.saturating_sub(2 * STRIDE);
    search(text, Span::new(start, (place.end + 2 * STRIDE).min(text.len())), &mut found);
    !found.is_empty()
}

/// Adds the phrases of which a word is in `range`.
fn search(text: &[u8], range: Span, found: &mut Vec<Span>) {
    in_stretches(text, &stretches::all(text, range), found);
}

/// Adds the phrases in some stretches of a text.
pub(super) fn in_stretches(text: &[u8], stretches: &[Stretch], found: &mut Vec<Span>) {
    let mut at = 0;
    let mut words = Vec::new();
    for stretch in stretches {
        let mut each = |span: Span| at = look(text, Span::new(span.start.max(at).min(span.end), span.end), found);
        if stretch.plain {
            words_of(text, stretch.span, &mut words);
            neighbours(text, &words, each);
        } else {
            each(stretch.span);
        }
    }
}

/// The words of a stretch of ASCII, without the letters of escapes.
fn words_of(text: &[u8], stretch: Span, words: &mut Vec<Span>) {
    words.clear();
    let mut at = stretch.start;
    while at < stretch.end {
        if !text[at].is_ascii_alphabetic() {
            at += 1;
            continue;
        }
        let escaped = at > 0 && text[at - 1] == b'\\' && matches!(text[at], b'n' | b'r' | b't');
        let start = at + usize::from(escaped);
        at = start;
        while at < stretch.end && text[at].is_ascii_alphabetic() {
            at += 1;
        }
        if at > start {
            words.push(Span::new(start, at));
        }
    }
}

/// Calls `each` with the places of twelve and more words of the lists in a row. Of twelve words the last is asked for first,
/// so of most words nothing is.
fn neighbours(text: &[u8], words: &[Span], mut each: impl FnMut(Span)) {
    let lists = Lists::get();
    let mut first = 0;
    while let Some(next) = words.get(first..first + FEWEST) {
        if let Some(other) = next.iter().rposition(|word| !lists.has(word.of(text))) {
            first += other + 1;
            continue;
        }
        let more = words[first + FEWEST..].iter().take_while(|word| lists.has(word.of(text))).count();
        let last = first + FEWEST + more - 1;
        each(Span::new(words[first].start, words[last].end));
        first = last + 2;
    }
}

/// Adds the phrases of which a word is in a stretch; the place up to which words were looked at.
fn look(text: &[u8], stretch: Span, found: &mut Vec<Span>) -> usize {
    let lists = Lists::get();
    let mut at = stretch.start;
    while at < stretch.end {
        let word = match word_near(text, at) {
            Ok(word) => word,
            Err(place) => {
                at = place + STRIDE;
                continue;
            }
        };
        if !lists.has(word.of(text)) {
            at = word.start.max(at) + STRIDE;
            continue;
        }
        let end = match Run::around(text, word, lists) {
            Ok(run) => {
                run.phrases(text, found);
                run.end()
            }
            Err(end) => end,
        };
        at = end.max(at) + STRIDE;
    }
    at
}

#[inline]
pub(super) const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

const IDEOGRAPHIC_SPACE: &[u8] = "\u{3000}".as_bytes();

/// The word at a place, or the next one if something else stands there: Err with the place of what is no word of a list.
fn word_near(text: &[u8], at: usize) -> Result<Span, usize> {
    let next = text[at..].iter().take(STRIDE).position(|&byte| is_letter(byte)).ok_or(at)?;
    let mut at = at + next;
    if text[at] == 0xe3 && text[at..].starts_with(IDEOGRAPHIC_SPACE) {
        at += IDEOGRAPHIC_SPACE.len();
    }
    let mut start = at;
    let mut longest = LONGEST_ASCII;
    while start > 0 && is_letter(text[start - 1]) {
        if text[start - 1] >= 0x80 {
            if text[..start].ends_with(IDEOGRAPHIC_SPACE) {
                break;
            }
            longest = LONGEST_WORD;
        }
        start -= 1;
        // One more for the letter of an escape.
        if at - start > longest {
            return Err(at);
        }
    }
    word_from(text, start).ok_or(at)
}

/// The word that begins at a place; `\n` before a word is an escape, whose letter is none of the word's.
fn word_from(text: &[u8], start: usize) -> Option<Span> {
    let escaped = start > 0 && text[start - 1] == b'\\' && matches!(text.get(start), Some(b'n' | b'r' | b't'));
    let start = if escaped { start + 1 } else { start };
    let rest = &text[start.min(text.len())..];
    let letters = rest.iter().take(LONGEST_WORD + 1).take_while(|byte| byte.is_ascii_alphabetic()).count();
    if letters > 0 && letters <= LONGEST_WORD && rest.get(letters).is_none_or(u8::is_ascii) {
        return Some(Span::new(start, start + letters));
    }
    let length = rest
        .iter()
        .enumerate()
        .take(LONGEST_WORD + 1)
        .position(|(at, &byte)| !is_letter(byte) || (byte == 0xe3 && rest[at..].starts_with(IDEOGRAPHIC_SPACE)))
        .unwrap_or(rest.len());
    (1..=LONGEST_WORD).contains(&length).then(|| Span::new(start, start + length))
}

pub(super) const fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b';' | b'"' | b'\'' | b'`' | b'|' | b'.' | b'-' | b'_' | b')')
        || byte.is_ascii_digit()
}

/// Where a gap that begins at a place ends, if it is one.
fn gap_after(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while at < text.len() && at - start <= LONGEST_GAP {
        let rest = &text[at..];
        at += match rest {
            [byte, ..] if is_gap(*byte) => 1,
            [b'\\', b'n' | b'r' | b't' | b'"' | b'\'', ..] => 2,
            _ if rest.starts_with(IDEOGRAPHIC_SPACE) => 3,
            _ => break,
        };
    }
    (at > start && at - start <= LONGEST_GAP).then_some(at)
}

/// Where a gap that ends at a place begins, if it is one.
fn gap_before(text: &[u8], end: usize) -> Option<usize> {
    let mut at = end;
    while at > 0 && end - at <= LONGEST_GAP {
        let head = &text[..at];
        at -= match head {
            [.., b'\\', b'n' | b'r' | b't' | b'"' | b'\''] => 2,
            [.., byte] if is_gap(*byte) => 1,
            _ if head.ends_with(IDEOGRAPHIC_SPACE) => 3,
            _ => break,
        };
    }
    (at < end && end - at <= LONGEST_GAP).then_some(at)
}

/// Neighbouring list words.
struct Run {
    words: Vec<Span>,
}

impl Run {
    /// Err with the end of the run if it is too short for a phrase.
    fn around(text: &[u8], word: Span, lists: &Lists) -> Result<Self, usize> {
        let before = |start: usize| {
            let previous = gap_before(text, start).and_then(|end| word_ending(text, end))?;
            lists.has(previous.of(text)).then_some(previous)
        };
        let behind = |end: usize| match text.get(end..) {
            // Nearly all words are ASCII and stand behind a blank.
            Some([b' ', first, ..]) if first.is_ascii_alphabetic() => lists.known(text, end + 1),
            _ => {
                let next = gap_after(text, end).and_then(|start| word_from(text, start))?;
                lists.has(next.of(text)).then_some(next)
            }
        };
        let mut words = [word; FEWEST];
        let mut count = 1;
        while count < FEWEST
            && let Some(next) = behind(words[count - 1].end)
        {
            words[count] = next;
            count += 1;
        }
        let last = words[count - 1].end;
        let mut start = word.start;
        let mut more = 0;
        while count + more < FEWEST {
            let Some(previous) = before(start) else { return Err(last) };
            start = previous.start;
            more += 1;
        }
        // Most runs end above.
        let mut words: Vec<Span> = Vec::new();
        let mut start = word.start;
        while words.len() <= LONGEST_RUN
            && let Some(previous) = before(start)
        {
            start = previous.start;
            words.push(previous);
        }
        words.reverse();
        words.push(word);
        let mut end = word.end;
        while let Some(next) = behind(end) {
            end = next.end;
            words.push(next);
        }
        Ok(Self { words })
    }

    fn end(&self) -> usize {
        self.words.last().map_or(0, |word| word.end)
    }

    fn phrases(&self, text: &[u8], found: &mut Vec<Span>) {
        if !(FEWEST..=LONGEST_RUN).contains(&self.words.len()) {
            return;
        }
        let count = found.len();
        for breaks in [true, false] {
            for stretch in self.stretches(text, breaks) {
                let span = Span::new(stretch[0].start, stretch[stretch.len() - 1].end);
                let taken = found.last().is_some_and(|last| last.overlaps(span));
                if !taken && varied(text, stretch) && is_phrase(span.of(text), stretch.len()) {
                    found.push(span);
                }
            }
            if found.len() > count {
                return;
            }
        }
        if let Some(span) = self.behind_vocabulary(text) {
            found.push(span);
        }
    }

    /// The longest pieces with the same separator throughout. With `breaks`, a line break is another separator than a
    /// blank.
    fn stretches<'a>(&'a self, text: &'a [u8], breaks: bool) -> impl Iterator<Item = &'a [Span]> {
        let gap = move |pair: &[Span]| gap_kind(&text[pair[0].end..pair[1].start], breaks);
        let gaps: Vec<Vec<u8>> = self.words.windows(2).map(gap).collect();
        let mut start = 0;
        std::iter::from_fn(move || {
            let first = gaps.get(start)?;
            let same = gaps[start..].iter().take_while(|gap| *gap == first).count();
            let stretch = &self.words[start..=start + same];
            start += same;
            Some(stretch)
        })
    }

    /// `my seed phrase w1 ... w12` on one line: the words that lead to it are list words too.
    fn behind_vocabulary(&self, text: &[u8]) -> Option<Span> {
        const VOCABULARY: &[&[u8]] =
            &[b"seed", b"phrase", b"secret", b"wallet", b"word", b"key", b"private", b"master"];
        let leading = self.words.iter().take_while(|word| VOCABULARY.contains(&word.of(text))).count();
        let words = &self.words[leading..];
        let span = Span::new(words.first()?.start, words.last()?.end);
        (leading > 0 && is_phrase(span.of(text), words.len())).then_some(span)
    }
}

/// The word that ends at a place.
fn word_ending(text: &[u8], end: usize) -> Option<Span> {
    let mut start = end;
    while start > 0 && is_letter(text[start - 1]) && !text[..start].ends_with(IDEOGRAPHIC_SPACE) {
        start -= 1;
        if end - start > LONGEST_WORD {
            return None;
        }
    }
    word_from(text, start).filter(|word| word.end == end)
}

/// What a gap looks like: without numbers, and blanks of any length are one.
fn gap_kind(gap: &[u8], breaks: bool) -> Vec<u8> {
    let mut kind: Vec<u8> = Vec::with_capacity(gap.len());
    let unescaped = gap.iter().enumerate().map(|(at, &byte)| match (byte, gap.get(at + 1)) {
        (b'\\', Some(b'n')) => b'\n',
        (b'n', _) => b' ',
        _ => byte,
    });
    for byte in unescaped {
        let byte = match byte {
            b'0'..=b'9' => continue,
            b'\n' if breaks => b'\n',
            b'\n' | b'\r' | b'\t' | b' ' => b' ',
            other => other,
        };
        match kind.last_mut() {
            Some(last) if *last == byte && byte.is_ascii_whitespace() => {}
            Some(last) if *last == b' ' && byte == b'\n' => *last = b'\n',
            Some(b'\n') if byte == b' ' => {}
            _ => kind.push(byte),
        }
    }
    kind
}

/// Whether enough of the words differ: `word word word` and its like are nobody's phrase.
fn varied(text: &[u8], words: &[Span]) -> bool {
    let distinct: HashSet<&[u8]> = words.iter().map(|word| word.of(text)).collect();
    distinct.len() * 2 > words.len()
}

fn is_phrase(value: &[u8], words: usize) -> bool {
    match words {
        12 | 13 | 15 | 18 | 21 => super::bip39(value).holds() || super::electrum(value).holds(),
        24 => super::bip39(value).holds() || super::electrum(value).holds() || super::ton(value).holds(),
        25 => super::algorand(value).holds(),
        _ => false,
    }
}

/// The word lists, made to be asked quickly.
struct Lists {
    english: Words,
    /// The words of the other lists that are written in ASCII letters.
    latin: Words,
    /// The rest, made when the first word that isn't ASCII is asked about.
    others: OnceLock<HashSet<&'static str>>,
}

impl Lists {
    fn get() -> &'static Self {
        static LISTS: OnceLock<Lists> = OnceLock::new();
        LISTS.get_or_init(|| Self {
            english: Words::new(Language::English.word_list().iter().copied(), 1 << 12),
            latin: Words::new(others().filter(|word| word.is_ascii()), 1 << 15),
            others: OnceLock::new(),
        })
    }

    fn has(&self, word: &[u8]) -> bool {
        if !word.is_ascii() {
            return self.has_other(word);
        }
        (3..=LONGEST_ASCII).contains(&word.len()) && {
            let word = packed(word);
            self.english.has(word) || self.latin.has(word)
        }
    }

    /// The word of a list that begins with an ASCII letter at a place, behind a blank.
    #[inline]
    fn known(&self, text: &[u8], start: usize) -> Option<Span> {
        let (mut word, mut at) = (0, start);
        while let Some(&byte) = text.get(at)
            && byte.is_ascii_alphabetic()
        {
            word = word << 8 | u64::from(byte | 0x20);
            at += 1;
            if at - start > LONGEST_ASCII {
                // It may go on in other letters.
                let word = word_from(text, start)?;
                return self.has(word.of(text)).then_some(word);
            }
        }
        if text.get(at).is_some_and(|byte| !byte.is_ascii()) {
            let word = word_from(text, start)?;
            return self.has(word.of(text)).then_some(word);
        }
        let known = at - start >= 3 && (self.english.has(word) || self.latin.has(word));
        known.then(|| Span::new(start, at))
    }

    fn has_other(&self, word: &[u8]) -> bool {
        let Ok(word) = std::str::from_utf8(word) else { return false };
        let mut word = Cow::Borrowed(word);
        Mnemonic::normalize_utf8_cow(&mut word);
        self.others.get_or_init(|| others().collect()).contains(word.to_lowercase().as_str())
    }
}

fn others() -> impl Iterator<Item = &'static str> {
    Language::ALL
        .iter()
        .filter(|&&language| language != Language::English)
        .flat_map(|language| language.word_list().iter().copied())
}

/// The longest word of a list in ASCII letters.
pub(super) const LONGEST_ASCII: usize = 9;

/// A word in ASCII letters as a number, in lower case. Of nine letters the last eight count: what is found is proven later.
#[inline]
fn packed(word: &[u8]) -> u64 {
    word.iter().fold(0, |sum, &letter| sum << 8 | u64::from(letter | 0x20))
}

/// A set of packed words: one bit each to say no quickly, and a table with open addressing.
struct Words {
    bits: Vec<u64>,
    slots: Vec<u64>,
}

impl Words {
    /// `size` is a power of two, and more than there are words.
    fn new(words: impl Iterator<Item = &'static str>, size: usize) -> Self {
        let mut set = Self { bits: vec![0; size / 4], slots: vec![0; size] };
        for word in words.filter(|word| word.len() <= LONGEST_ASCII) {
            let word = packed(word.as_bytes());
            let hash = hash(word);
            let bit = hash & (set.bits.len() * 64 - 1);
            set.bits[bit / 64] |= 1 << (bit % 64);
            let mut at = hash & (size - 1);
            while set.slots[at] != 0 && set.slots[at] != word {
                at = (at + 1) & (size - 1);
            }
            set.slots[at] = word;
        }
        set
    }

    #[inline]
    fn has(&self, word: u64) -> bool {
        let hash = hash(word);
        let bit = hash & (self.bits.len() * 64 - 1);
        if self.bits[bit / 64] >> (bit % 64) & 1 == 0 {
            return false;
        }
        let mut at = hash & (self.slots.len() - 1);
        while self.slots[at] != 0 {
            if self.slots[at] == word {
                return true;
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        false
    }
}

#[inline]
fn hash(word: u64) -> usize {
    (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::numbers;
    use super::super::{Random, sample_algorand, sample_electrum, sample_in, sample_ton};
    use super::*;

    fn check(text: &str, phrases: &[&str]) {
        let found: Vec<String> =
            find(text.as_bytes()).iter().map(|span| String::from_utf8_lossy(span.of(text.as_bytes())).into()).collect();
        assert_eq!(found, phrases, "in {text:?}");
    }

    #[test]
    fn in_every_dress() {
        let mut next = numbers(31);
        let mut random = Random(&mut next);
        for round in 0..40 {
            let phrase = sample_in(&mut random, Language::English);
            let filler = "let x = compute_price(); // café 日本\n".repeat(round % 5);
            let inside = |before: &str, phrase: &str, after: &str| {
                check(&format!("{filler}{before}{phrase}{after}\n{filler}"), &[phrase]);
            };
            inside("MNEMONIC=\"", &phrase, "\"");
            inside("MNEMONIC=", &phrase, "");
            inside("words: [\"", &phrase.replace(' ', "\", \""), "\"]");
            inside("words: [\n  '", &phrase.replace(' ', "',\n  '"), "'\n]");
            inside("x: ", &phrase.replace(' ', ","), "");
            inside("SEED: ", &phrase.to_uppercase(), "");
            inside("a = ", &phrase.replace(' ', "_"), ";");
            inside("{\"m\": \"", &phrase.replace(' ', "\\n"), "\"}");
            inside("- ", &phrase.replace(' ', "\n- "), "");
            inside("my seed phrase ", &phrase, "");
            inside("seed phrase: ", &phrase, ".");
        }
    }

    #[test]
    fn wrapped_and_numbered() {
        let mut next = numbers(37);
        let phrase = sample_in(&mut Random(&mut next), Language::English);
        let mut wrapped = phrase.clone();
        let middle = wrapped.match_indices(' ').nth(5).map(|(at, _)| at).expect("twelve words");
        wrapped.replace_range(middle..=middle, "\n    ");
        check(&format!("m = '''{wrapped}'''"), &[&wrapped]);
        let numbered: Vec<String> =
            phrase.split(' ').enumerate().map(|(at, word)| format!("{}) {word}", at + 1)).collect();
        let numbered = numbered.join("\n");
        check(&format!("words\n{numbered}\n"), &[&numbered[3..]]);
    }

    #[test]
    fn two_lines_are_two_phrases() {
        let mut next = numbers(41);
        let mut random = Random(&mut next);
        let one = sample_in(&mut random, Language::English);
        let two = sample_in(&mut random, Language::English);
        check(&format!("{one}\n{two}\n"), &[&one, &two]);
    }

    #[test]
    fn all_languages_and_kinds() {
        let mut next = numbers(43);
        let mut random = Random(&mut next);
        for &language in Language::ALL {
            for _ in 0..10 {
                let phrase = sample_in(&mut random, language);
                check(&format!("seed = \"{phrase}\""), &[&phrase]);
            }
        }
        for make in [sample_algorand, sample_electrum, sample_ton] {
            let phrase = make(&mut random);
            check(&format!("seed = \"{phrase}\""), &[&phrase]);
        }
    }

    #[test]
    fn word_lists_and_prose_are_silent() {
        let list = Language::English.word_list();
        check(&list.join("\n"), &[]);
        check(&format!("[\"{}\"]", list[..12].join("\", \"")), &[]);
        check(&"The quick brown fox can jump over the lazy dog and then it will go home. ".repeat(50), &[]);
    }

    #[test]
    fn any_bytes() {
        let mut next = numbers(47);
        for length in 0..300 {
            let bytes: Vec<u8> =
                (0..length).map(|_| b"an \\n\xe3\x80\x80\xff,\"z"[(next() >> 20) as usize % 12]).collect();
            let _ = find(&bytes);
        }
    }
}
