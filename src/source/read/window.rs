//! A piece of a text, and the way back from it to the bytes of the file.

use crate::secret::wipe_all;
use crate::source::sqlite::rows::Places;
use crate::span::{LineIndex, Position, Region, Span};
use crate::view::wide::Encoding;

/// A piece of a text, as UTF-8 or an encoding that holds ASCII.
#[derive(Debug)]
pub struct Window<'a> {
    /// The bytes to scan.
    pub bytes: &'a [u8],
    /// How many bytes of the text come before.
    pub offset: usize,
    /// Line and column of the first byte.
    pub position: Position,
    /// Where the next window begins, within `bytes`; their end if this is the last one.
    pub shared_from: usize,
    /// Nothing comes after it.
    pub last: bool,
    /// The member of an archive that it is part of.
    pub member: Option<&'a str>,
    /// Where the window begins in an original of wide units.
    pub(super) wide: Option<(Encoding, usize)>,
    /// It holds the texts of a file that is none: lines mean nothing there.
    pub(super) strings: bool,
    /// Where in a database its rows are from.
    pub(super) places: Option<&'a Places>,
    /// It is what was left of a database: a value of a row says nothing new here.
    pub rest: bool,
}

impl<'a> Window<'a> {
    /// A text that is in memory as a whole.
    #[must_use]
    pub fn whole(bytes: &'a [u8]) -> Self {
        let position = Position::default();
        Self {
            bytes,
            offset: 0,
            position,
            shared_from: bytes.len(),
            last: true,
            member: None,
            wide: None,
            strings: false,
            places: None,
            rest: false,
        }
    }

    /// Whether it begins the text.
    #[must_use]
    pub fn first(&self) -> bool {
        // Only the first can begin the first line.
        self.position == Position::default()
    }

    /// The lines and columns of a span. In a file that is no text all is on line 1, and columns count its bytes.
    #[must_use]
    pub fn region(&self, lines: &LineIndex<'_>, span: Span) -> Region {
        if !self.strings {
            return lines.region(span);
        }
        let span = self.original(span);
        let at = |offset| Position { line: 1, column: offset + 1 };
        Region { start: at(span.start), end: at(span.end) }
    }

    /// The row of a database that a span is in: `row 3 of table accounts`.
    #[must_use]
    pub fn row(&self, span: Span) -> Option<String> {
        self.places?.row(span.start)
    }

    /// The bytes of the original file that a span of this window stands for.
    #[must_use]
    pub fn original(&self, span: Span) -> Span {
        if let Some(places) = self.places {
            return places.original(self.bytes, span);
        }
        match self.wide {
            None => span.shifted(self.offset),
            Some((encoding, before)) => {
                let at = |offset| before + encoding.original(self.bytes, offset);
                Span::new(at(span.start), at(span.end))
            }
        }
    }
}

/// A window with bytes of its own, to be scanned by another thread.
#[derive(Debug)]
pub struct Kept {
    bytes: Vec<u8>,
    offset: usize,
    position: Position,
    shared_from: usize,
    last: bool,
    member: Option<String>,
    wide: Option<(Encoding, usize)>,
    strings: bool,
    places: Option<Places>,
    rest: bool,
}

impl Kept {
    /// A copy in `buffer`, whose memory is used again.
    #[must_use]
    pub fn of(window: &Window<'_>, mut buffer: Vec<u8>) -> Self {
        buffer.clear();
        buffer.extend_from_slice(window.bytes);
        let Window { offset, position, shared_from, last, member, wide, strings, rest, .. } = *window;
        let (member, places) = (member.map(str::to_owned), window.places.cloned());
        Self { bytes: buffer, offset, position, shared_from, last, member, wide, strings, places, rest }
    }

    /// The window again.
    #[must_use]
    pub fn window(&self) -> Window<'_> {
        let Self { ref bytes, offset, position, shared_from, last, ref member, wide, strings, ref places, rest } =
            *self;
        let (member, places) = (member.as_deref(), places.as_ref());
        Window { bytes, offset, position, shared_from, last, member, wide, strings, places, rest }
    }

    /// Its memory.
    #[must_use]
    pub fn into_buffer(mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        wipe_all(&mut self.bytes);
    }
}
