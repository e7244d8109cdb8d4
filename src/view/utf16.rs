//! UTF-16 read as UTF-8. Windows tools write `.env` files and exported keys that way.
//!
//! A lone surrogate becomes one U+FFFD, so that every original unit is one UTF-16 unit of the result too; the way back
//! from a byte of the result to a byte of the original is then a count and needs no table.

use std::io::{self, Read};

use crate::span::utf16_len;

/// The order of the two bytes of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The low byte first.
    Little,
    /// The high byte first.
    Big,
}

/// The encoding of a text, by its first bytes: a byte order mark, or the zero bytes that ASCII has in UTF-16. The number
/// says how many bytes the mark takes.
#[must_use]
pub fn sniff(head: &[u8]) -> Option<(Order, usize)> {
    match head {
        // The mark of UTF-32 begins like that of UTF-16.
        [0xff, 0xfe, 0, 0, ..] => None,
        [0xff, 0xfe, ..] => Some((Order::Little, 2)),
        [0xfe, 0xff, ..] => Some((Order::Big, 2)),
        _ => unmarked(head).map(|order| (order, 0)),
    }
}

/// Text without a mark: nearly every other byte is zero, and its neighbours are printable.
fn unmarked(head: &[u8]) -> Option<Order> {
    let head = &head[..head.len().min(512) & !1];
    if head.len() < 16 {
        return None;
    }
    let is_text = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let share = |zero: usize| {
        let fits = head.chunks_exact(2).filter(|unit| unit[zero] == 0 && is_text(unit[1 - zero])).count();
        fits * 20 >= (head.len() / 2) * 19
    };
    match (share(1), share(0)) {
        (true, _) => Some(Order::Little),
        (_, true) => Some(Order::Big),
        _ => None,
    }
}

/// The offset in the original of byte `at` of the decoded `text`, counted from where `text` begins in the original.
#[must_use]
pub fn original(text: &[u8], at: usize) -> usize {
    2 * utf16_len(&text[..at.min(text.len())])
}

/// Reads UTF-16 from `inner` and gives UTF-8.
#[derive(Debug)]
pub struct Decoder<R> {
    inner: R,
    order: Order,
    /// Raw bytes that were read and not decoded.
    raw: Vec<u8>,
    /// Decoded bytes that were not handed out, from `at`.
    text: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Decoder<R> {
    /// Reads from `inner`, which stands behind the mark. `head` are bytes already taken from it.
    #[must_use]
    pub fn new(inner: R, order: Order, head: &[u8]) -> Self {
        Self { inner, order, raw: head.to_vec(), text: Vec::new(), at: 0, ended: false }
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

    /// Decodes all whole characters; keeps an odd byte and a high surrogate at the end for the next time.
    fn decode(&mut self) {
        let unit = |pair: &[u8]| match self.order {
            Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
            Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
        };
        let mut whole = self.raw.len() & !1;
        if !self.ended && whole >= 2 && (0xd800..0xdc00).contains(&unit(&self.raw[whole - 2..whole])) {
            whole -= 2;
        }
        let units = self.raw[..whole].chunks_exact(2).map(unit);
        for decoded in char::decode_utf16(units) {
            let letter = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        }
        self.raw.drain(..whole);
    }
}

impl<R: Read> Read for Decoder<R> {
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

    fn encode(text: &str, order: Order) -> Vec<u8> {
        let pair = |unit: u16| match order {
            Order::Little => unit.to_le_bytes(),
            Order::Big => unit.to_be_bytes(),
        };
        text.encode_utf16().flat_map(pair).collect()
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
    fn both_orders_in_pieces() {
        let text = "key = é𝄞 value\r\n日本";
        for order in [Order::Little, Order::Big] {
            let bytes = encode(text, order);
            let mut out = String::new();
            Decoder::new(Drip(&bytes), order, b"").read_to_string(&mut out).expect("a test");
            assert_eq!(out, text);
        }
    }

    #[test]
    fn the_way_back_is_a_count() {
        let text = "aé𝄞b";
        let bytes = encode(text, Order::Little);
        let at = text.find('b').expect("a test");
        assert_eq!(&bytes[original(text.as_bytes(), at)..][..2], b"b\0");
    }

    #[test]
    fn a_lone_surrogate_is_one_unit() {
        let bytes = [0x00, 0xd8, b'x', 0, b'y', 0, 7];
        let mut out = String::new();
        Decoder::new(&bytes[..], Order::Little, b"").read_to_string(&mut out).expect("a test");
        assert_eq!(out, "\u{fffd}xy");
        assert_eq!(original(out.as_bytes(), out.find('y').expect("a test")), 4);
    }

    #[test]
    fn sniffing() {
        let plain = encode("API_KEY=something here\n", Order::Little);
        assert_eq!(sniff(&plain), Some((Order::Little, 0)));
        assert_eq!(sniff(&encode("API_KEY=something here\n", Order::Big)), Some((Order::Big, 0)));
        assert_eq!(sniff(b"\xff\xfea\0"), Some((Order::Little, 2)));
        assert_eq!(sniff(b"\xff\xfe\0\0"), None);
        assert_eq!(sniff(b"plain text, nothing else"), None);
        assert_eq!(sniff(&[0; 64]), None);
    }
}
