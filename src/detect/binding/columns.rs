//! Names that stand at the head of a value's column: CSV, TSV and Markdown tables, `COPY ... (columns) FROM`,
//! `INSERT INTO t (columns) VALUES`.

use std::cell::{Cell, OnceCell};

use super::sides::{open_of, trim};
use crate::detect::token;
use crate::span::Span;

/// What parts the cells of a row, what is surest first.
pub(crate) const MARKS: [u8; 4] = [b'|', b'\t', b';', b','];

/// How far above a header may stand.
pub(crate) const HEADER_REACH: usize = 64 * 1024;

/// The table that was looked at last, so that a value in every line of a long one does not cost a walk to its top.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    last: Cell<Option<Table>>,
    /// Where the text says `COPY`.
    copies: OnceCell<Vec<usize>>,
}

/// Neighbouring lines with as many of one mark.
#[derive(Clone, Copy, Debug)]
struct Table {
    mark: u8,
    marks: usize,
    /// The line that was asked about.
    line: usize,
    /// The first line; none if it is this one or too far above.
    header: Option<Span>,
    /// Where the search for it ended: it is the table's top, or as far as is looked.
    too_far: bool,
}

impl Columns {
    /// The column of a value in the rows behind `COPY t (columns) FROM stdin;`.
    pub(super) fn copied(&self, text: &[u8], value: Span) -> Option<Span> {
        let start = token::line_start(text, value.start);
        let index = memchr::memchr_iter(b'\t', &text[start..value.start]).count();
        if index == 0 && text.get(value.end) != Some(&b'\t') {
            return None;
        }
        let floor = start.saturating_sub(HEADER_REACH);
        const COPY: &[u8] = b"COPY ";
        let copies = self.copies.get_or_init(|| memchr::memmem::find_iter(text, COPY).collect());
        let last = copies.partition_point(|&at| at + COPY.len() <= start);
        let head = copies[..last].last().copied().filter(|&at| at >= floor)?;
        let line = Span::new(head, token::line_end(text, head));
        let open = head + memchr::memchr(b'(', line.of(text))?;
        let close = head + memchr::memchr(b')', line.of(text))?;
        if !line.of(text)[close - head..].windows(4).any(|four| four.eq_ignore_ascii_case(b"from")) || close < open {
            return None;
        }
        let cell = trim(text, *split(text, Span::new(open + 1, close), b',').get(index)?);
        (!cell.is_empty() && cell.len() <= 40).then_some(cell)
    }

    /// The header of the value's column in a CSV, TSV or Markdown table.
    pub(super) fn column(&self, text: &[u8], value: Span) -> Option<Span> {
        let start = token::line_start(text, value.start);
        let end = token::line_end(text, value.end);
        let line = &text[start..end];
        if line.len() >= token::LONG_LINE {
            return None;
        }
        let count = |mark: u8| line.iter().filter(|&&byte| byte == mark).count();
        let mark = MARKS.into_iter().find(|&mark| count(mark) >= 2 || (count(mark) == 1 && mark != b'|'))?;
        let marks_here = count(mark);
        let index = text[start..value.start].iter().filter(|&&byte| byte == mark).count();
        let table = self.table(text, start, mark, marks_here);
        let cells: Vec<Span> = split(text, table.header?, mark);
        let cell = trim(text, *cells.get(index)?);
        (!cell.is_empty() && cell.len() <= 40).then_some(cell)
    }

    /// The table that the line at `start` is in.
    fn table(&self, text: &[u8], start: usize, mark: u8, marks_here: usize) -> Table {
        let known = self.last.get().filter(|table| table.mark == mark && table.marks == marks_here);
        let mut found = Table { mark, marks: marks_here, line: start, header: None, too_far: false };
        let mut at = start;
        while at > 0 {
            if let Some(known) = known.filter(|known| known.line == at) {
                found.too_far = known.too_far;
                found.header = known.header.or(found.header).filter(|_| !found.too_far);
                break;
            }
            let above_end = if at >= 2 && text[at - 1] == b'\n' && text[at - 2] == b'\r' { at - 2 } else { at - 1 };
            let above = token::line_start(text, above_end);
            let marks = memchr::memchr_iter(mark, &text[above..above_end]).count();
            // What is longer is no row.
            if marks != marks_here || above_end - above >= token::LONG_LINE {
                break;
            }
            found.header = Some(Span::new(above, above_end));
            at = above;
            if start - at >= HEADER_REACH {
                found.too_far = true;
                break;
            }
        }
        found.too_far |= found.header.is_some_and(|header| start - header.start >= HEADER_REACH);
        if found.too_far {
            found.header = None;
        }
        self.last.set(Some(found));
        found
    }
}

/// The first line of the table that a line is in: the lines above with as many of a mark. None if it is too far above.
pub(crate) fn head_of(text: &[u8], row: Span, mark: u8) -> Option<Span> {
    let marks = memchr::memchr_iter(mark, row.of(text)).count();
    let table = Columns::default().table(text, row.start, mark, marks);
    if table.too_far { None } else { table.header.or(Some(row)) }
}

/// The last line above a place that may say what is copied.
pub(crate) fn copy_above(text: &[u8], at: usize) -> Option<Span> {
    let floor = at.saturating_sub(HEADER_REACH);
    let head = floor + memchr::memmem::rfind(&text[floor..at], b"COPY ")?;
    Some(Span::new(head, token::line_end(text, head)))
}

/// The cells of a line.
pub(crate) fn split(text: &[u8], line: Span, mark: u8) -> Vec<Span> {
    let mut cells = Vec::new();
    let mut from = line.start;
    for at in memchr::memchr_iter(mark, line.of(text)).map(|found| line.start + found) {
        cells.push(Span::new(from, at));
        from = at + 1;
    }
    cells.push(Span::new(from, line.end));
    cells
}

/// The column of a value in `INSERT INTO t (columns) VALUES (values)`.
pub(super) fn sql_column(text: &[u8], value: Span) -> Option<Span> {
    let floor = value.start.saturating_sub(2048);
    let before = &text[floor..value.start];
    let values = memchr::memrchr2_iter(b'v', b'V', before)
        .find(|&at| before.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"values")))?;
    let values = floor + values;
    let close = floor + memchr::memrchr(b')', &text[floor..values])?;
    let open = open_of(text, close)?;
    let tuple = values + memchr::memrchr(b'(', &text[values..value.start])?;
    let index = memchr::memchr_iter(b',', &text[tuple..value.start]).count();
    let cell = trim(text, *split(text, Span::new(open + 1, close), b',').get(index)?);
    (!cell.is_empty() && cell.len() <= 40).then_some(cell)
}
