//! Places in a text: byte spans, and the lines and columns people and SARIF speak of.
//!
//! A [`Span`] is always of the bytes it was found in; whoever decodes a text (see `view`) maps spans back. Lines and
//! columns are computed late, by a [`LineIndex`], and only for texts in which something was found.

use std::ops::Range;

/// A half-open range of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span from `start` to `end`, which must not be smaller.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span can't end before it starts");
        Self { start, end }
    }

    /// How many bytes it covers.
    #[must_use]
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether it covers nothing.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether the two share at least one byte.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether `other` lies inside this one.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The bytes it covers in `text`.
    ///
    /// # Panics
    /// If the span is not within `text`.
    #[must_use]
    pub fn of(self, text: &[u8]) -> &[u8] {
        &text[self.range()]
    }

    /// The same as a range.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The span moved forward by `by` bytes.
    #[must_use]
    pub fn shifted(self, by: usize) -> Self {
        Self { start: self.start + by, end: self.end + by }
    }
}

/// A line and a column, both from 1. Columns count UTF-16 code units, as SARIF's `utf16CodeUnits` and editors do;
/// a byte that is not valid UTF-8 counts as one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in UTF-16 code units, from 1.
    pub column: usize,
}

impl Default for Position {
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

/// From a first position to one past the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// Where it begins.
    pub start: Position,
    /// Where it ends, exclusive.
    pub end: Position,
}

/// The starts of a text's lines. LF, CRLF and a lone CR end a line.
#[derive(Debug)]
pub struct LineIndex<'a> {
    text: &'a [u8],
    starts: Vec<usize>,
    base: Position,
}

impl<'a> LineIndex<'a> {
    /// Indexes a whole text.
    #[must_use]
    pub fn new(text: &'a [u8]) -> Self {
        Self::at(text, Position::default())
    }

    /// Indexes a piece of a longer text whose first byte is at `base`.
    #[must_use]
    pub fn at(text: &'a [u8], base: Position) -> Self {
        let mut starts = vec![0];
        starts.extend(line_ends(text));
        Self { text, starts, base }
    }

    /// The position of a byte; `offset` may be one past the end.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let row = self.starts.partition_point(|&start| start <= offset) - 1;
        let units = utf16_len(&self.text[self.starts[row]..offset]);
        let first = if row == 0 { self.base.column } else { 1 };
        Position { line: self.base.line + row, column: first + units }
    }

    /// The region of a span.
    #[must_use]
    pub fn region(&self, span: Span) -> Region {
        Region { start: self.position(span.start), end: self.position(span.end) }
    }
}

/// The offsets just behind each line end of `text`.
fn line_ends(text: &[u8]) -> impl Iterator<Item = usize> + '_ {
    memchr::memchr2_iter(b'\n', b'\r', text)
        .filter(|&at| text[at] == b'\n' || text.get(at + 1) != Some(&b'\n'))
        .map(|at| at + 1)
}

/// The position just behind `text`, if `text` begins at `base`. A text that ends in CR is counted as ending its line,
/// so pieces of a longer text must not be cut between CR and LF.
#[must_use]
pub fn position_after(text: &[u8], base: Position) -> Position {
    // Counting is several times faster than looking at each end, and carriage returns are rare.
    let (lines, last) = match memchr::memchr(b'\r', text) {
        None => (memchr::memchr_iter(b'\n', text).count(), memchr::memrchr(b'\n', text).map(|at| at + 1)),
        Some(_) => line_ends(text).fold((0, None), |(lines, _), end| (lines + 1, Some(end))),
    };
    match last {
        None => Position { line: base.line, column: base.column + utf16_len(text) },
        Some(start) => Position { line: base.line + lines, column: 1 + utf16_len(&text[start..]) },
    }
}

/// How many UTF-16 code units a piece of text has; each byte that is not valid UTF-8 counts as one.
#[must_use]
pub fn utf16_len(text: &[u8]) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.utf8_chunks()
        .map(|chunk| chunk.valid().chars().map(char::len_utf16).sum::<usize>() + chunk.invalid().len())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns() {
        let cases: &[(&str, usize, (usize, usize))] = &[
            ("", 0, (1, 1)),
            ("abc", 3, (1, 4)),
            ("a\nb", 2, (2, 1)),
            ("a\r\nb", 3, (2, 1)),
            ("a\rb", 2, (2, 1)),
            ("é=k", 3, (1, 3)),
            ("𝄞=k", 5, (1, 4)),
            ("a\n\n\nb", 4, (4, 1)),
        ];
        for &(text, offset, (line, column)) in cases {
            let at = LineIndex::new(text.as_bytes()).position(offset);
            assert_eq!(at, Position { line, column }, "{text:?} at {offset}");
        }
    }

    #[test]
    fn invalid_bytes_count_as_one_unit_each() {
        assert_eq!(utf16_len(b"\xff\xfeab"), 4);
    }

    #[test]
    fn a_piece_continues_where_the_last_one_ended() {
        let text = "one\ntwo\r\nthré𝄞 four\nfive".as_bytes();
        let whole = LineIndex::new(text);
        for cut in 0..text.len() {
            if cut > 0 && text[cut - 1] == b'\r' || std::str::from_utf8(&text[..cut]).is_err() {
                continue;
            }
            let base = position_after(&text[..cut], Position::default());
            let piece = LineIndex::at(&text[cut..], base);
            assert_eq!(piece.position(text.len() - cut), whole.position(text.len()), "cut at {cut}");
        }
    }
}
