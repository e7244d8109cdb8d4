//! Texts that begin in bytes and go on in wide units. The wide part is not read, which must be said.

use std::io::{self, Read};

use super::SkipReason;
use crate::view::wide::Spread;

/// Whether a text in bytes ends as one in wide units: some shells append UTF-16 to whatever is there. One look at the end costs
/// nothing; what has zero bytes in its head is not read as a text in bytes.
pub(super) fn ends_wide(text: &[u8]) -> bool {
    let end = &text[text.len().saturating_sub(64)..];
    memchr::memchr(0, end).is_some() && Spread::default().is_in(text)
}

/// Whether something with zero bytes is a text but for them.
pub(super) fn looks_like_text(head: &[u8]) -> bool {
    let zeros = head.iter().filter(|&&byte| byte == 0).count();
    let letters = head.iter().filter(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()).count();
    (letters + zeros) * 20 >= head.len() * 19 && letters * 5 >= head.len()
}

/// What is said of it.
pub(super) fn mixed_in_bytes() -> SkipReason {
    SkipReason::Unreadable(
        "text in bytes and in UTF-16 or UTF-32 are mixed in it; the wide part was not read".to_owned(),
    )
}

/// Looks for wide units in what passes.
pub(super) struct Watched<R> {
    inner: R,
    spread: Spread,
    pub(super) found: bool,
}

impl<R> Watched<R> {
    /// Watches `inner`, of which `head` was read already.
    pub(super) fn new(inner: R, head: &[u8]) -> Self {
        let mut spread = Spread::default();
        let found = spread.is_in(head);
        Self { inner, spread, found }
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.found = self.found || self.spread.is_in(&buffer[..count]);
        Ok(count)
    }
}
