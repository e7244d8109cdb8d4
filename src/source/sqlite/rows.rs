//! The rows of a database as a text, with the way back to the bytes of the file.

use std::sync::Arc;

use super::schema::Table;
use super::{Field, Row};
use crate::secret::wipe_all;
use crate::span::Span;
use crate::view::wide::{Encoding, Order};

/// How long the text gets before it is handed out.
const MOST: usize = 1 << 20;
/// How much of its end begins the next text: neighbouring rows can be of one credential.
const SHARED: usize = 4 << 10;
/// The longest name that is a row's first column.
const MAX_NAME: usize = 64;

/// A piece of the text that stands in the file, up to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    /// Where it is in the text.
    text: Span,
    /// Where it begins in the file.
    file: usize,
    /// It is UTF-16 there.
    wide: bool,
}

/// Where a row begins in the text.
#[derive(Clone, Debug)]
struct Start {
    at: usize,
    table: Arc<Table>,
    id: Option<i64>,
}

/// What stands where in a text of rows.
#[derive(Clone, Debug, Default)]
pub(in crate::source) struct Places {
    pieces: Vec<Piece>,
    rows: Vec<Start>,
}

impl Places {
    /// The bytes of the file that a span of the text stands for; names of columns lead to what they name.
    pub(in crate::source) fn original(&self, text: &[u8], span: Span) -> Span {
        let start = self.place(text, span.start, 0);
        let end = self.place(text, span.end.saturating_sub(1).max(span.start), 1);
        Span::new(start.min(end), end.max(start))
    }

    /// Where a byte of the text is in the file; `behind` it, if that is 1.
    fn place(&self, text: &[u8], at: usize, behind: usize) -> usize {
        let number = self.pieces.partition_point(|piece| piece.text.end <= at).min(self.pieces.len().saturating_sub(1));
        let Some(piece) = self.pieces.get(number) else { return 0 };
        let at = (at + behind).clamp(piece.text.start, piece.text.end);
        let offset = at - piece.text.start;
        let before = text.get(piece.text.start..at).filter(|_| piece.wide);
        piece.file + before.map_or(offset, |before| Encoding::Utf16(Order::Little).original_len(before))
    }

    /// The row that a place is in: `row 3 of table accounts`.
    pub(in crate::source) fn row(&self, at: usize) -> Option<String> {
        let number = self.rows.partition_point(|row| row.at <= at).checked_sub(1)?;
        let Start { table, id, .. } = self.rows.get(number)?;
        let row = id.map_or_else(|| "a row".to_owned(), |id| format!("row {id}"));
        Some(format!("{row} of table {}", table.name))
    }
}

/// The text that is being made. A row is an object of its own, `table { column: "value" }` in lines; rows that are a name and
/// its value are lines of one object.
#[derive(Debug, Default)]
pub(in crate::source) struct Text {
    pub(in crate::source) bytes: Vec<u8>,
    pub(in crate::source) places: Places,
    /// How many bytes were in the texts before.
    pub(in crate::source) offset: usize,
    /// The object that is open.
    open: Option<Arc<Table>>,
}

impl Text {
    /// Whether it is long enough to be handed out.
    pub(in crate::source) fn is_full(&self) -> bool {
        self.bytes.len() >= MOST
    }

    /// Where in this text the next one begins.
    pub(in crate::source) fn kept_from(&self) -> usize {
        let end = self.bytes.len();
        let first = self.places.rows.partition_point(|row| row.at + SHARED < end);
        self.places.rows.get(first).map_or(end, |row| row.at)
    }

    /// Begins the next text, when this one was handed out.
    pub(in crate::source) fn advance(&mut self) {
        let from = self.kept_from();
        self.places.rows.retain(|row| row.at >= from);
        self.bytes.drain(..from);
        self.places.rows.iter_mut().for_each(|row| row.at -= from);
        self.places.pieces.retain(|piece| piece.text.start >= from);
        for piece in &mut self.places.pieces {
            piece.text = Span::new(piece.text.start - from, piece.text.end - from);
        }
        self.offset += from;
        // What was open is said again.
        self.open = None;
    }

    /// Adds a row.
    pub(in crate::source) fn row(&mut self, row: &Row<'_>) {
        let pair = row.table.pair().and_then(|(name, value)| Some((name_of(row, name)?, value)));
        let goes_on = pair.is_some() && self.open.as_ref().is_some_and(|open| Arc::ptr_eq(open, row.table));
        if !goes_on {
            self.close();
        }
        self.places.rows.push(Start { at: self.bytes.len(), table: Arc::clone(row.table), id: row.id });
        if !goes_on {
            self.bytes.extend_from_slice(row.table.name.as_bytes());
            self.bytes.extend_from_slice(b" {\n");
        }
        for field in row.fields {
            match &pair {
                Some((name, _)) if name.0 == field.column => {}
                Some((name, value)) if *value == field.column => self.field(row, field, &name.1),
                _ => self.field(row, field, row.table.column(field.column)),
            }
        }
        self.open = Some(Arc::clone(row.table));
        if pair.is_none() {
            self.close();
        }
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.bytes.extend_from_slice(b"}\n");
        }
    }

    /// Adds `name: "value"`; a value of several lines, or with quotes, stands below its name as it is.
    fn field(&mut self, row: &Row<'_>, field: &Field, name: &str) {
        let value = field.span.of(row.record);
        let mut whole = decoded(value, row.order);
        let plain = !whole.iter().any(|byte| matches!(byte, b'"' | b'\n' | b'\r'));
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(if plain { b": \"" } else { b":\n" });
        if row.order.is_some() {
            self.piece(&whole, row.place(field.span.start), true);
        } else {
            let first = row.chunks.partition_point(|chunk| chunk.0 <= field.span.start).saturating_sub(1);
            let mut from = field.span.start;
            for number in first..row.chunks.len() {
                let end = row.chunks.get(number + 1).map_or(field.span.end, |next| next.0.min(field.span.end));
                if from < end {
                    self.piece(Span::new(from, end).of(row.record), row.place(from), false);
                    from = end;
                }
            }
        }
        self.bytes.extend_from_slice(if plain { b"\"\n" } else { b"\n" });
        wipe_all(&mut whole);
    }

    fn piece(&mut self, text: &[u8], file: usize, wide: bool) {
        let start = self.bytes.len();
        self.bytes.extend(text.iter().map(|&byte| if byte == 0 { b' ' } else { byte }));
        self.places.pieces.push(Piece { text: Span::new(start, self.bytes.len()), file, wide });
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        wipe_all(&mut self.bytes);
    }
}

impl Row<'_> {
    /// Where a byte of the record is in the file.
    fn place(&self, at: usize) -> usize {
        let number = self.chunks.partition_point(|chunk| chunk.0 <= at).saturating_sub(1);
        self.chunks.get(number).map_or(0, |&(record, file)| file + at - record)
    }
}

/// A text as UTF-8.
pub(super) fn decoded(text: &[u8], order: Option<Encoding>) -> Vec<u8> {
    let Some(encoding) = order else { return text.to_vec() };
    let unit = |pair: &[u8]| match encoding {
        Encoding::Utf16(Order::Big) => u16::from_be_bytes([pair[0], pair[1]]),
        _ => u16::from_le_bytes([pair[0], pair[1]]),
    };
    let letters = char::decode_utf16(text.chunks_exact(2).map(unit));
    letters.map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes()
}

/// The name that a row gives to its value, if it is one: words and a few digits.
fn name_of(row: &Row<'_>, column: usize) -> Option<(usize, String)> {
    let field = row.fields.iter().find(|field| field.column == column)?;
    let name = String::from_utf8(decoded(field.span.of(row.record), row.order)).ok()?;
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | ':' | ' ');
    (name.len() <= MAX_NAME && digits <= 4 && name.chars().all(is_word)).then_some((column, name))
}
