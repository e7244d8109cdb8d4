//! UTF-16 and UTF-32 read as UTF-8. Windows tools write `.env` files and exported keys in UTF-16; UTF-32 is rare and made by
//! hand, which is how a leak would be hidden.
//!
//! What is no character becomes one U+FFFD, so that every original unit is one UTF-16 unit (of UTF-32: one character) of the
//! result too; the way back from a byte of the result to a byte of the original is then a count and needs no table.
//!
//! A file can go on in another encoding than it began with: `>>` of some shells appends ASCII to UTF-16, and two bytes in
//! front of an ordinary text make a mark. Such text has no letters when it is read in units, so [`Decoder`] says whether it
//! saw some.

use std::cell::Cell;
use std::io::{self, Read};

use crate::secret::wipe_all;
use crate::span::utf16_len;

/// The order of the bytes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The low byte first.
    Little,
    /// The high byte first.
    Big,
}

/// An encoding with units of more than one byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Units of two bytes.
    Utf16(Order),
    /// Units of four bytes.
    Utf32(Order),
}

use Encoding::{Utf16, Utf32};
use Order::{Big, Little};

impl Encoding {
    /// Bytes of a unit.
    fn width(self) -> usize {
        match self {
            Utf16(_) => 2,
            Utf32(_) => 4,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Utf16(_) => "UTF-16",
            Utf32(_) => "UTF-32",
        }
    }

    /// Whether a unit is a character.
    #[must_use]
    pub fn is_utf32(self) -> bool {
        matches!(self, Utf32(_))
    }

    /// The number that a unit's bytes stand for.
    fn unit(self, bytes: &[u8]) -> u32 {
        let join = |sum: u32, &byte: &u8| sum << 8 | u32::from(byte);
        match self {
            Utf16(Little) | Utf32(Little) => bytes.iter().rev().fold(0, join),
            Utf16(Big) | Utf32(Big) => bytes.iter().fold(0, join),
        }
    }

    /// How many bytes of the original a decoded text stands for.
    #[must_use]
    pub fn original_len(self, text: &[u8]) -> usize {
        match self {
            Utf16(_) => 2 * utf16_len(text),
            // A character has one byte that is no continuation.
            Utf32(_) => 4 * text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count(),
        }
    }

    /// The offset in the original of byte `at` of the decoded `text`, counted from where `text` begins in the original. A
    /// character is a whole: what lies in it leads to its beginning.
    #[must_use]
    pub fn original(self, text: &[u8], at: usize) -> usize {
        let mut at = at.min(text.len());
        while text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) && at > 0 {
            at -= 1;
        }
        self.original_len(&text[..at])
    }
}

/// The encoding of a text, by its first bytes: a byte order mark, or the zero bytes that ASCII has in wide units. The number
/// says how many bytes the mark takes.
#[must_use]
pub fn sniff(head: &[u8]) -> Option<(Encoding, usize)> {
    match head {
        // The mark of UTF-32 is also that of UTF-16 before a zero character: what follows decides.
        [0xff, 0xfe, 0, 0, rest @ ..] if is_utf32(rest, Little) => Some((Utf32(Little), 4)),
        [0, 0, 0xfe, 0xff, rest @ ..] if is_utf32(rest, Big) => Some((Utf32(Big), 4)),
        [0xff, 0xfe, ..] => Some((Utf16(Little), 2)),
        [0xfe, 0xff, ..] => Some((Utf16(Big), 2)),
        _ => unmarked(head).map(|encoding| (encoding, 0)),
    }
}

/// Whether most units behind a mark are characters. Those of UTF-16 would be numbers far beyond, unless they are zero.
fn is_utf32(text: &[u8], order: Order) -> bool {
    let units = text.chunks_exact(4).map(|unit| Utf32(order).unit(unit));
    let real = units.clone().filter(|&unit| unit != 0 && char::from_u32(unit).is_some()).count();
    2 * real >= units.count()
}

/// Text without a mark: nearly every unit is a printable byte, and the rest of it is zero.
fn unmarked(head: &[u8]) -> Option<Encoding> {
    let head = &head[..head.len().min(512) & !3];
    if head.len() < 16 {
        return None;
    }
    let is_text =
        |unit: u32| u8::try_from(unit).is_ok_and(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    let fits = |encoding: &Encoding| {
        let units = head.chunks_exact(encoding.width());
        let (all, fitting) = (units.len(), units.filter(|unit| is_text(encoding.unit(unit))).count());
        fitting * 20 >= all * 19
    };
    [Utf16(Little), Utf16(Big), Utf32(Little), Utf32(Big)].into_iter().find(fits)
}

/// So many printable bytes in a row, of so many kinds, are no wide units. Of Chinese characters one in four has two printable
/// bytes in UTF-16, never a dozen in a row; a line drawn of one character (U+2550) has two kinds of bytes.
const NARROW: usize = 24;
const KINDS: u32 = 8;

/// What a decoder met that its encoding does not explain.
#[derive(Debug, Default)]
pub struct Seen {
    /// Text in bytes.
    pub narrow: Cell<bool>,
    /// Units that are no characters.
    pub broken: Cell<bool>,
    /// Text in wide units of another width or order, or from another byte on.
    pub astray: Cell<bool>,
}

/// Sees ASCII in wide units among any bytes: letters with one zero byte or three between them.
#[derive(Debug, Default)]
pub struct Spread {
    letters: usize,
    kinds: u128,
    zeros: usize,
    distance: usize,
}

impl Spread {
    /// Takes the next byte. With the last of enough letters it tells their distance.
    fn next(&mut self, byte: u8) -> Option<usize> {
        if byte == 0 {
            self.zeros += 1;
            return None;
        }
        if !byte.is_ascii_graphic() && !byte.is_ascii_whitespace() {
            *self = Self::default();
            return None;
        }
        let distance = std::mem::take(&mut self.zeros) + 1;
        let goes_on = matches!(distance, 2 | 4) && (self.letters == 1 || distance == self.distance);
        if !goes_on {
            *self = Self::default();
        }
        self.distance = distance;
        (self.letters, self.kinds) = (self.letters + 1, self.kinds | 1 << byte);
        (self.letters >= NARROW && self.kinds.count_ones() >= KINDS).then_some(distance)
    }

    /// Whether there is such text in these bytes, which go on where the last ones ended.
    #[must_use]
    pub fn is_in(&mut self, bytes: &[u8]) -> bool {
        bytes.iter().any(|&byte| self.next(byte).is_some())
    }
}

/// Reads wide units from `inner` and gives UTF-8.
#[derive(Debug)]
pub struct Decoder<'s, R> {
    inner: R,
    encoding: Encoding,
    seen: &'s Seen,
    /// Raw bytes that were read and not decoded.
    raw: Vec<u8>,
    /// How many printable bytes stand at the end of what was decoded, and which.
    run: (usize, u128),
    spread: Spread,
    /// How many bytes were looked at.
    looked_at: usize,
    /// Decoded bytes that were not handed out, from `at`.
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<'s, R: Read> Decoder<'s, R> {
    /// Reads from `inner`, which stands behind the mark. `head` are bytes already taken from it; what else is met is told
    /// to `seen`.
    #[must_use]
    pub fn new(inner: R, encoding: Encoding, head: &[u8], seen: &'s Seen) -> Self {
        let (spread, text) = (Spread::default(), Vec::new());
        Self { inner, encoding, seen, raw: head.to_vec(), run: (0, 0), spread, looked_at: 0, text, at: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() && !self.ended {
            let have = self.raw.len();
            self.raw.resize(have + (64 << 10), 0);
            let got = self.inner.read(&mut self.raw[have..]);
            self.raw.truncate(have + got.as_ref().copied().unwrap_or(0));
            self.ended = got? == 0;
            self.decode();
        }
        Ok(())
    }

    /// Decodes all whole characters; keeps part of a unit and a high surrogate at the end for the next time.
    fn decode(&mut self) {
        let (encoding, width) = (self.encoding, self.encoding.width());
        let mut whole = self.raw.len() / width * width;
        let is_high = |unit: u32| matches!(encoding, Utf16(_)) && (0xd800..0xdc00).contains(&unit);
        if !self.ended && whole >= width && is_high(encoding.unit(&self.raw[whole - width..whole])) {
            whole -= width;
        }
        // At the end of the file the odd rest may be the end of a text in bytes.
        let looked_at = if self.ended { self.raw.len() } else { whole };
        self.look(looked_at);
        let units = self.raw[..whole].chunks_exact(width).map(|unit| encoding.unit(unit));
        let mut push = |letter: Option<char>| {
            let letter = letter.unwrap_or_else(|| {
                self.seen.broken.set(true);
                char::REPLACEMENT_CHARACTER
            });
            self.text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        };
        match encoding {
            Utf16(_) => {
                let units = units.map(|unit| u16::try_from(unit).unwrap_or_default());
                char::decode_utf16(units).for_each(|decoded| push(decoded.ok()));
            }
            Utf32(_) => units.for_each(|unit| push(char::from_u32(unit))),
        }
        self.raw.drain(..whole);
    }

    /// Looks for text in bytes, and in other wide units.
    fn look(&mut self, end: usize) {
        let width = self.encoding.width();
        let own = if matches!(self.encoding, Utf16(Little) | Utf32(Little)) { 0 } else { width - 1 };
        for (at, &byte) in (self.looked_at..).zip(&self.raw[..end]) {
            let distance = self.spread.next(byte);
            if distance.is_some_and(|distance| distance != width || at % width != own) {
                self.seen.astray.set(true);
            }
        }
        self.looked_at += end;
        if self.seen.narrow.get() {
            return;
        }
        for &byte in &self.raw[..end] {
            if !byte.is_ascii_graphic() && !byte.is_ascii_whitespace() {
                self.run = (0, 0);
                continue;
            }
            self.run = (self.run.0 + 1, self.run.1 | 1 << byte);
            if self.run.0 >= NARROW && self.run.1.count_ones() >= KINDS {
                return self.seen.narrow.set(true);
            }
        }
    }
}

impl<R> Drop for Decoder<'_, R> {
    fn drop(&mut self) {
        wipe_all(&mut self.raw);
        wipe_all(&mut self.text);
    }
}

impl<R: Read> Read for Decoder<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.text.len() {
            self.refill()?;
        }
        let count = buffer.len().min(self.text.len() - self.at);
        buffer[..count].copy_from_slice(&self.text[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Encoding; 4] = [Utf16(Little), Utf16(Big), Utf32(Little), Utf32(Big)];

    fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
        let units: Vec<u32> = match encoding {
            Utf16(_) => text.encode_utf16().map(u32::from).collect(),
            Utf32(_) => text.chars().map(u32::from).collect(),
        };
        let bytes = |unit: u32| match encoding {
            Utf16(Little) | Utf32(Little) => unit.to_le_bytes()[..encoding.width()].to_vec(),
            Utf16(Big) | Utf32(Big) => unit.to_be_bytes()[4 - encoding.width()..].to_vec(),
        };
        units.into_iter().flat_map(bytes).collect()
    }

    fn decoded(bytes: &[u8], encoding: Encoding) -> (String, Seen) {
        let (mut out, seen) = (String::new(), Seen::default());
        Decoder::new(Drip(bytes), encoding, b"", &seen).read_to_string(&mut out).expect("a test");
        (out, seen)
    }

    /// Hands out a few bytes at a time, to cut characters apart.
    struct Drip<'a>(&'a [u8]);
    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(buffer.len()).min(3);
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    #[test]
    fn all_encodings_in_pieces() {
        let text = "key = é𝄞 value\r\n日本 ══════════════════════════════";
        for encoding in ALL {
            let (out, seen) = decoded(&encode(text, encoding), encoding);
            assert_eq!(out, text);
            assert!(!seen.narrow.get() && !seen.broken.get(), "{encoding:?}");
        }
    }

    #[test]
    fn the_way_back_is_a_count() {
        let text = "aé𝄞b";
        for encoding in ALL {
            let bytes = encode(text, encoding);
            let at = text.find('b').expect("a test");
            let back = encoding.original(text.as_bytes(), at);
            assert_eq!(&bytes[back..], encode("b", encoding), "{encoding:?}");
            let all = (0..=text.len()).map(|at| encoding.original(text.as_bytes(), at));
            assert!(all.is_sorted(), "{encoding:?}: in the middle of a character, too");
        }
    }

    #[test]
    fn what_is_no_character_is_one_unit() {
        let (out, seen) = decoded(&[0x00, 0xd8, b'x', 0, b'y', 0, 7], Utf16(Little));
        assert_eq!(out, "\u{fffd}xy");
        assert_eq!(Utf16(Little).original(out.as_bytes(), out.find('y').expect("a test")), 4);
        assert!(seen.broken.get());
        let (out, seen) = decoded(&[0, 0xd8, 0, 0, 0, 0, 0x11, 0, b'y', 0, 0, 0], Utf32(Little));
        assert_eq!(out, "\u{fffd}\u{fffd}y");
        assert_eq!(Utf32(Little).original(out.as_bytes(), out.find('y').expect("a test")), 8);
        assert!(seen.broken.get());
    }

    #[test]
    fn text_in_bytes_is_seen() {
        let ascii = b"BINANCE_API_SECRET = and so on";
        for encoding in ALL {
            for bytes in [ascii.to_vec(), [encode("x=1\n", encoding), ascii.to_vec()].concat()] {
                assert!(decoded(&bytes, encoding).1.narrow.get(), "{encoding:?}");
            }
        }
    }

    #[test]
    fn sniffing() {
        let text = "API_KEY=something here\n";
        for encoding in ALL {
            assert_eq!(sniff(&encode(text, encoding)), Some((encoding, 0)));
            let marked = encode(&format!("\u{feff}{text}"), encoding);
            assert_eq!(sniff(&marked), Some((encoding, encoding.width())), "{encoding:?}");
        }
        assert_eq!(sniff(b"\xff\xfea\0"), Some((Utf16(Little), 2)));
        let zero_first = [b"\xff\xfe\0\0".to_vec(), encode(text, Utf16(Little))].concat();
        assert_eq!(sniff(&zero_first), Some((Utf16(Little), 2)), "a zero character is no mark of UTF-32");
        assert_eq!(sniff(b"plain text, nothing else"), None);
        assert_eq!(sniff(&[0; 64]), None);
    }
}
