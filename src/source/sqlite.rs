//! SQLite databases, by their [file format](https://www.sqlite.org/fileformat2.html): the rows of all tables with the names of
//! their columns. In a record the columns stand back to back, so that nobody who reads bytes sees where one ends.
//!
//! No page number, size or count is believed. Each page is read once at most, the cells of a page can't take more bytes than
//! it has, and a record is held only up to [`MAX_RECORD`]: so the work is linear in the size of the file, loops or not. What
//! no row was read from (deleted rows, blobs, longer records, damaged pages) is left to the reading of texts in binary files.

pub(super) mod rows;
mod schema;

use std::io::{self, SeekFrom};
use std::sync::Arc;

use super::read::ReadSeek;
use crate::secret::wipe_all;
use crate::span::Span;
use crate::view::wide::{Encoding, Order};
use schema::Table;

/// What a database begins with.
pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
/// The longest record that is read as a row, in bytes.
const MAX_RECORD: u64 = 1 << 20;
/// How many tables and indexes are read.
const MAX_TABLES: usize = 10_000;
/// So many stretches that rows were read from are remembered.
const MAX_USED: usize = 1 << 20;

/// A column of a row that is text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    column: usize,
    /// Where in the record it stands.
    span: Span,
}

/// A row of a table.
#[derive(Debug)]
pub(super) struct Row<'a> {
    table: &'a Arc<Table>,
    /// Its number, if the table has numbers.
    id: Option<i64>,
    record: &'a [u8],
    /// Where the pieces of the record begin, in it and in the file.
    chunks: &'a [(usize, usize)],
    fields: &'a [Field],
    /// How texts are encoded, if not as UTF-8.
    order: Option<Encoding>,
}

/// What became of a database.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// The bytes that rows were read from, sorted.
    pub(super) used: Vec<Span>,
    /// Why rows are missing.
    pub(super) damage: Option<String>,
}

/// Hands out the rows of a database that hold text, until `each` wants no more.
pub(super) fn read(file: &mut dyn ReadSeek, each: &mut dyn FnMut(&Row<'_>) -> bool) -> Outcome {
    let mut database = match Database::open(file) {
        Ok(database) => database,
        Err(why) => return Outcome { used: Vec::new(), damage: Some(why) },
    };
    for entry in database.schema() {
        let table = Arc::new(entry.table);
        let goes_on = database.walk(entry.root, &mut |cell, order| {
            let fields = cell.fields(cell.keyed.then_some(&table.stored));
            let row = Row {
                table: &table,
                id: (!cell.keyed).then_some(cell.id),
                record: &cell.record,
                chunks: &cell.chunks,
                fields: &fields,
                order,
            };
            !entry.rows || fields.is_empty() || each(&row)
        });
        if !goes_on {
            break;
        }
    }
    let Database { mut used, damage, .. } = database;
    used.sort_unstable();
    Outcome { used, damage }
}

/// An entry of the schema: a table, or an index, which holds copies.
struct Entry {
    table: Table,
    root: u32,
    rows: bool,
}

struct Database<'f> {
    file: &'f mut dyn ReadSeek,
    page_size: usize,
    /// What of a page is used.
    usable: usize,
    pages: u32,
    order: Option<Encoding>,
    /// A bit for each page that was read.
    seen: Vec<u64>,
    used: Vec<Span>,
    damage: Option<String>,
}

/// A record and where it is from.
struct Cell {
    id: i64,
    /// It is of a tree that is sorted by the record itself.
    keyed: bool,
    record: Vec<u8>,
    chunks: Vec<(usize, usize)>,
}

impl Drop for Cell {
    fn drop(&mut self) {
        wipe_all(&mut self.record);
    }
}

/// The bytes of a page.
struct Page(Vec<u8>);

impl Drop for Page {
    fn drop(&mut self) {
        wipe_all(&mut self.0);
    }
}

/// What is asked of each record; false: no more.
type Each<'a> = &'a mut dyn FnMut(&Cell, Option<Encoding>) -> bool;

impl<'f> Database<'f> {
    fn open(file: &'f mut dyn ReadSeek) -> Result<Self, String> {
        let mut head = [0; 100];
        let told = |error: io::Error| format!("the database can't be read: {error}");
        let size = file.seek(SeekFrom::End(0)).map_err(told)?;
        file.rewind().map_err(told)?;
        file.read_exact(&mut head).map_err(|_| "the database ends in its header".to_owned())?;
        let page_size = match be16(&head, 16) {
            1 => 1 << 16,
            other => other,
        };
        let usable = page_size.saturating_sub(usize::from(head[20]));
        if !page_size.is_power_of_two() || page_size < 512 || usable < 480 {
            return Err(format!("the database says that its pages have {page_size} bytes"));
        }
        let order = match be32(&head, 56) {
            2 => Some(Encoding::Utf16(Order::Little)),
            3 => Some(Encoding::Utf16(Order::Big)),
            _ => None,
        };
        let pages = u32::try_from(size / page_size as u64).unwrap_or(u32::MAX);
        let seen = vec![0; pages as usize / 64 + 1];
        Ok(Self { file, page_size, usable, pages, order, seen, used: Vec::new(), damage: None })
    }

    fn damaged(&mut self, why: String) {
        self.damage.get_or_insert(why);
    }

    /// The bytes of a page, numbered from 1; none if it isn't there or was read before.
    fn page(&mut self, number: u32) -> Option<Page> {
        if number == 0 || number > self.pages {
            self.damaged(format!("page {number} of the database is not there: it has {} pages", self.pages));
            return None;
        }
        let (word, bit) = (number as usize / 64, 1 << (number % 64));
        let seen = self.seen.get_mut(word)?;
        if *seen & bit != 0 {
            self.damaged(format!("page {number} of the database is referred to twice"));
            return None;
        }
        *seen |= bit;
        let mut page = Page(vec![0; self.page_size]);
        let read =
            self.file.seek(SeekFrom::Start(self.place(number) as u64)).and_then(|_| self.file.read_exact(&mut page.0));
        if let Err(error) = read {
            self.damaged(format!("page {number} of the database can't be read: {error}"));
            return None;
        }
        page.0.truncate(self.usable);
        Some(page)
    }

    /// Where a page begins in the file.
    fn place(&self, number: u32) -> usize {
        (number as usize - 1) * self.page_size
    }

    fn mark(&mut self, span: Span) {
        let room = self.used.len() < MAX_USED;
        match self.used.last_mut() {
            // Cells are laid down from the end of a page.
            Some(last) if last.start == span.end => last.start = span.start,
            Some(last) if last.end == span.start => last.end = span.end,
            _ if room => self.used.push(span),
            _ => {}
        }
    }

    /// The tables and indexes.
    fn schema(&mut self) -> Vec<Entry> {
        let mut all = Vec::new();
        let marked = self.used.len();
        let (mut seen, mut broken) = (None, None);
        let complete = self.walk(1, &mut |cell, order| {
            let encoding = cell.encoding();
            seen = seen.or(encoding);
            let texts = cell.texts(encoding.unwrap_or(order));
            let text = |column: usize| texts.iter().find(|(at, _)| *at == column).map_or("", |(_, text)| text.as_str());
            let root = cell.number(3).and_then(|root| u32::try_from(root).ok()).filter(|&root| root > 0);
            let rows = text(0) == "table";
            if let Some(root) = root.filter(|_| rows || text(0) == "index") {
                let table = if rows { Table::new(text(1), text(4)) } else { Table::default() };
                if table.broken {
                    broken.get_or_insert_with(|| table.name.clone());
                }
                all.push(Entry { table, root, rows });
            }
            all.len() < MAX_TABLES
        });
        if !complete {
            self.damaged(format!("more than {MAX_TABLES} tables and indexes; the rest was not read as rows"));
        }
        if let Some(name) = broken {
            self.damaged(format!("the definition of table {name} of the database has no sense"));
        }
        if let Some(seen) = seen.filter(|seen| *seen != self.order) {
            self.damaged("the texts of the database are not encoded as it says".to_owned());
            self.order = seen;
        }
        // What the schema says (defaults, comments) is read as text.
        self.used.truncate(marked);
        all
    }

    /// Hands the records of a tree to `each`; false if it wants no more.
    fn walk(&mut self, root: u32, each: Each<'_>) -> bool {
        let mut open = vec![root];
        while let Some(number) = open.pop() {
            let Some(page) = self.page(number) else { continue };
            let page = &page.0;
            let head = if number == 1 { 100 } else { 0 };
            let kind = page.get(head).copied().unwrap_or_default();
            let (inner, keyed) = match kind {
                0x02 => (true, true),
                0x05 => (true, false),
                0x0a => (false, true),
                0x0d => (false, false),
                _ => {
                    self.damaged(format!("page {number} of the database is no page of a table"));
                    continue;
                }
            };
            let cells = be16(page, head + 3);
            let first = head + if inner { 12 } else { 8 };
            let mut left = page.len();
            let mut children = Vec::new();
            for at in (0..cells).map(|cell| be16(page, first + 2 * cell)) {
                let from = if inner { at + 4 } else { at };
                if inner {
                    children.push(be32(page, at));
                }
                if inner && !keyed {
                    continue;
                }
                let Some((cell, length)) = self.cell(page, number, from, keyed) else { continue };
                // Cells that overlap would be read over and over.
                let Some(less) = left.checked_sub(length) else {
                    self.damaged(format!("cells of page {number} of the database overlap"));
                    break;
                };
                left = less;
                let Some(cell) = cell else { continue };
                if !each(&cell, self.order) {
                    return false;
                }
            }
            if inner {
                children.push(be32(page, head + 8));
                open.extend(children.into_iter().rev());
            }
        }
        true
    }

    /// The record of the cell at `at`, unless it is too long, and how many bytes the cell has in its page.
    fn cell(&mut self, page: &[u8], number: u32, at: usize, keyed: bool) -> Option<(Option<Cell>, usize)> {
        let mut from = at;
        let size = varint(page, &mut from);
        let id = if keyed { Some(0) } else { varint(page, &mut from) };
        let (Some(size), Some(id)) = (size, id) else {
            self.damaged(format!("a cell of page {number} of the database lies outside of it"));
            return None;
        };
        let local = self.local(size, keyed);
        let Some(bytes) = page.get(from..from + local) else {
            self.damaged(format!("a cell of page {number} of the database runs out of it"));
            return None;
        };
        let mut end = from + local;
        if size > MAX_RECORD {
            return Some((None, end - at));
        }
        let mut cell =
            Cell { id: id.cast_signed(), keyed, record: bytes.to_vec(), chunks: vec![(0, self.place(number) + from)] };
        let mut spans = Vec::new();
        if (local as u64) < size {
            self.overflow(be32(page, end), size as usize, &mut cell, &mut spans);
            end += 4;
        }
        spans.push(Span::new(at, end.min(page.len())).shifted(self.place(number)));
        if cell.record.len() as u64 == size && !cell.has_blob() {
            spans.into_iter().rev().for_each(|span| self.mark(span));
        }
        Some((Some(cell), end - at))
    }

    /// How many bytes of a record of `size` bytes stand in the page itself.
    fn local(&self, size: u64, keyed: bool) -> usize {
        let usable = self.usable as u64;
        let most = if keyed { (usable - 12) * 64 / 255 - 23 } else { usable - 35 };
        let least = (usable - 12) * 32 / 255 - 23;
        let fitting = least + size.saturating_sub(least) % (usable - 4);
        let local = if size <= most {
            size
        } else if fitting <= most {
            fitting
        } else {
            least
        };
        usize::try_from(local).unwrap_or_default()
    }

    /// Reads on in the chain of pages that begins with `next`.
    fn overflow(&mut self, mut next: u32, size: usize, cell: &mut Cell, spans: &mut Vec<Span>) {
        while cell.record.len() < size && next != 0 {
            let Some(page) = self.page(next) else { return };
            let page = &page.0;
            let place = self.place(next) + 4;
            let bytes = &page[4..page.len().min(4 + size - cell.record.len())];
            cell.chunks.push((cell.record.len(), place));
            cell.record.extend_from_slice(bytes);
            spans.push(Span::new(place, place + bytes.len()));
            next = be32(page, 0);
        }
        if cell.record.len() < size {
            self.damaged("a record of the database ends before its end".to_owned());
        }
    }
}

impl Cell {
    /// The columns of the record: number, serial type and place.
    fn columns(&self) -> impl Iterator<Item = (usize, u64, Span)> {
        let mut at = 0;
        let head = varint(&self.record, &mut at).and_then(|head| usize::try_from(head).ok()).unwrap_or_default();
        let mut body = head;
        let mut column = 0;
        std::iter::from_fn(move || {
            if at >= head {
                return None;
            }
            let kind = varint(&self.record, &mut at)?;
            let length = match kind {
                0..=4 => kind,
                5 => 6,
                6 | 7 => 8,
                8..=11 => 0,
                _ => (kind - 12) / 2,
            };
            let end = body.checked_add(usize::try_from(length).ok()?).filter(|&end| end <= self.record.len())?;
            let found = (column, kind, Span::new(body, end));
            (body, column) = (end, column + 1);
            Some(found)
        })
    }

    /// The columns that are texts. In a tree that is sorted by the record they stand in the order `stored`.
    fn fields(&self, stored: Option<&Vec<usize>>) -> Vec<Field> {
        self.columns()
            .filter(|&(_, kind, span)| {
                kind >= 12 && span.len() >= 2 && (kind & 1 == 1 || is_text(span.of(&self.record)))
            })
            .map(|(column, _, span)| Field {
                column: stored.and_then(|all| all.get(column).copied()).unwrap_or(column),
                span,
            })
            .collect()
    }

    fn texts(&self, order: Option<Encoding>) -> Vec<(usize, String)> {
        let text = |field: &Field| {
            (field.column, String::from_utf8_lossy(&rows::decoded(field.span.of(&self.record), order)).into_owned())
        };
        self.fields(None).iter().map(text).collect()
    }

    /// How an entry of the schema is encoded, told by the word that each begins with; `Some(None)` is UTF-8.
    fn encoding(&self) -> Option<Option<Encoding>> {
        let (_, _, word) = self.columns().next()?;
        let word = word.of(&self.record);
        let is = |encoding: Option<Encoding>| {
            let known = ["table", "index", "view", "trigger"];
            (word.len() >= 4 && known.iter().any(|known| rows::decoded(word, encoding) == known.as_bytes()))
                .then_some(encoding)
        };
        let wide = |order| is(Some(Encoding::Utf16(order)));
        is(None).or_else(|| wide(Order::Little)).or_else(|| wide(Order::Big))
    }

    /// An integer.
    fn number(&self, column: usize) -> Option<i64> {
        let (_, kind, span) = self.columns().nth(column)?;
        match kind {
            1..=6 => Some(span.of(&self.record).iter().fold(0_i64, |all, &byte| all << 8 | i64::from(byte))),
            9 => Some(1),
            _ => None,
        }
    }

    /// Whether it holds bytes that are no text.
    fn has_blob(&self) -> bool {
        self.columns()
            .any(|(_, kind, span)| kind >= 12 && kind & 1 == 0 && span.len() >= 8 && !is_text(span.of(&self.record)))
    }
}

/// Whether a blob is text.
fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.chars().any(|letter| letter.is_control() && !letter.is_whitespace()))
}

fn be16(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..at + 2).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])))
}

fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}

/// A number of one to nine bytes, seven bits in each and eight in the last.
fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut all = 0;
    for number in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if number == 8 {
            return Some(all << 8 | u64::from(byte));
        }
        all = all << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            break;
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests;
