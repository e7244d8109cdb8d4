//! What a change of a text can tell of the values that it doesn't touch: by their names, and by what the constructs and
//! tables they stand in are called.

use super::look::{NAMES, NEAR, is_encoded};
use super::spans::{line_of, wide};
use crate::detect::binding::{HEADER_REACH, MARKS};
use crate::detect::names::{self, Strength, Verdict};
use crate::detect::scope::{self, Scope};
use crate::detect::token::LONG_LINE;
use crate::detect::{binding, token, value};
use crate::span::Span;

/// Whether a place touches a change, or nearly.
pub(super) fn is_new(place: Span, fresh: &[Span]) -> bool {
    const NEAR: usize = 16;
    let first = fresh.partition_point(|span| span.end + NEAR < place.start);
    fresh.get(first).is_some_and(|span| span.start <= place.end + NEAR)
}

/// Whether a change can tell another thing of a candidate that it doesn't touch: as the neighbour of a new value, or by its
/// names. What stands behind it and further off tells nothing, but in a row of a table.
pub(super) fn is_felt(text: &[u8], run: Span, fresh: &[Span]) -> bool {
    let next = fresh.partition_point(|span| span.start < run.end);
    // What stands behind a value on its line tells whether the line is a row of the table above.
    let before = fresh.get(next).is_some_and(|span| {
        span.start - run.end <= NEAR || span.start - run.end <= LONG_LINE && is_row(text, run, span.start)
    });
    let last = fresh.partition_point(|span| span.end <= run.start).checked_sub(1).map(|last| fresh[last].end);
    let behind = |changed: usize| {
        let named_behind = |reading: Span| binding::told_from(text, reading).is_some_and(|from| from >= changed + NEAR);
        run.start - changed <= NAMES
            && (run.start - changed <= NEAR || !value::readings(text, run).into_iter().all(named_behind))
    };
    before || last.is_some_and(behind)
}

/// Whether a value's line goes on to a place, or nearly, and may be a row of a table.
fn is_row(text: &[u8], run: Span, to: usize) -> bool {
    let start = token::line_start(text, run.start);
    token::line_end(text, run.end) >= to && MARKS.iter().any(|mark| memchr::memchr(*mark, &text[start..to]).is_some())
}

/// Whether a name of a value stands above a change that it doesn't touch.
pub(super) fn is_named_above(text: &[u8], run: Span, changed: usize) -> bool {
    value::readings(text, run).into_iter().any(|reading| {
        let binding::Binding { names, callee } = binding::bind_near(text, reading);
        names.iter().map(|name| name.span).chain(callee).any(|name| name.start <= changed)
    })
}

/// The rows of tables behind all that is looked at to which a change may give another head: it is in the head, or it parts or
/// joins rows under a head that names credentials. None if they may be anywhere or something in them is encoded.
pub(super) fn headed_anew(text: &[u8], change: Span, zones: &[Span]) -> Option<Vec<Span>> {
    let line = line_of(text, change);
    let zone = zones.iter().find(|zone| zone.start <= change.start && change.end <= zone.end)?;
    let row = line_of(text, Span::new(change.end, change.end));
    // A line that is longer than names reach may be a statement with a list of columns.
    let mut all = if row.end > change.end + NAMES { vec![row] } else { Vec::new() };
    if zone.end < text.len() {
        let copies = |word: &&[u8]| memchr::memmem::find(line.of(text), word).is_some();
        if [&b"COPY "[..], b"stdin"].iter().any(copies) {
            return None;
        }
        let starts = row.end + 1..=row.end + 2;
        let next = starts.into_iter().find(|&at| text.get(at).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')));
        let below = next.map(|at| line_of(text, Span::new(at, at)));
        // A line that goes on farther than one is read is no row, and was none.
        let is_row = row.end == text.len() || token::breaks_at(text, row.end) > 0;
        for row in [Some(row), below].into_iter().flatten().filter(|_| is_row) {
            for mark in MARKS.into_iter().filter(|&mark| goes_on(text, row, mark, zone.end)) {
                if mark == b'\t' && binding::copy_above(text, change.end).is_some_and(|head| speaks(text, head, b',')) {
                    return None;
                }
                if has_new_head(text, row, mark, change) {
                    all.push(rows_from(text, row, mark)?);
                }
            }
        }
    }
    all.iter().all(|rows| !is_encoded(rows.of(text))).then_some(all)
}

/// Whether a change may give another head to a row and those behind it.
fn has_new_head(text: &[u8], row: Span, mark: u8, change: Span) -> bool {
    let head = binding::head_of(text, row, mark);
    head.is_some_and(|head| head == row || is_new(head, &[change]) || speaks(text, head, mark))
}

/// Whether a cell of a head names a part of a credential.
fn speaks(text: &[u8], head: Span, mark: u8) -> bool {
    let says = |cell: Span| matches!(names::verdict(cell.of(text)), Verdict::Part(..));
    binding::split(text, head, mark).into_iter().any(says)
}

/// A row and those behind it with as many of a mark, as far as a head reaches. None if one is longer than what is looked at
/// of a line.
fn rows_from(text: &[u8], row: Span, mark: u8) -> Option<Span> {
    let own = count(mark, row.of(text));
    let mut rows = row;
    while rows.len() <= HEADER_REACH + LONG_LINE {
        let breaks = token::breaks_at(text, rows.end);
        let start = rows.end + if text[rows.end..].starts_with(b"\n") { 1 } else { breaks };
        let next = line_of(text, Span::new(start, start));
        if breaks == 0 && rows.end < text.len() || next.len() >= LONG_LINE {
            return None;
        }
        if start >= text.len() || count(mark, next.of(text)) != own {
            break;
        }
        rows.end = next.end;
    }
    Some(rows)
}

fn count(mark: u8, line: &[u8]) -> usize {
    memchr::memchr_iter(mark, line).count()
}

/// Whether a row has a mark, and the line behind it and all whole ones up to `end` have as many of it.
fn goes_on(text: &[u8], row: Span, mark: u8, end: usize) -> bool {
    let own = count(mark, row.of(text));
    let breaks = token::breaks_at(text, row.end);
    let next = line_of(text, Span::new(row.end + breaks, row.end + breaks));
    // Of a line that is longer than what is looked at of one nothing is said.
    let differs = breaks > 0 && next.len() < LONG_LINE && count(mark, next.of(text)) != own;
    let rows = &text[row.end..end.max(row.end)];
    let rows = &rows[..memchr::memrchr(b'\n', rows).unwrap_or(0)];
    own > 0 && !differs && rows.split(|&byte| byte == b'\n').skip(1).all(|row| count(mark, row) == own)
}

/// Whether what a construct is called, or the list that a value is an item of, says something else of it since a change.
/// Nothing else does that stands further off than names do.
#[derive(Default)]
pub(super) struct Titles {
    /// The label that was asked about last, and the answer.
    label: Option<(Span, bool)>,
    /// The same for a change that may stand before items.
    item: Option<(usize, bool)>,
}

impl Titles {
    /// `changed`: where the last change before a value ends.
    pub(super) fn may_change(&mut self, text: &[u8], changed: usize, value: Span) -> bool {
        let item = match self.item {
            Some((at, item)) if at == changed => item,
            _ => self.item.insert((changed, is_before_item(text, changed))).1,
        };
        item || scope::innermost(text, value.start).is_some_and(|scope| self.is_new_title(text, scope))
    }

    fn is_new_title(&mut self, text: &[u8], scope: Scope) -> bool {
        // Though the label is an old one, the value may have stood in another construct.
        if !matches!(scope.kind, scope::Kind::Bracket(b'{' | b'[') | scope::Kind::Indent) {
            return false;
        }
        match self.label {
            Some((label, title)) if label == scope.label => title,
            _ => {
                let title = matches!(names::verdict(scope.label.of(text)), Verdict::Part(_, Strength::Strong));
                self.label.insert((scope.label, title)).1
            }
        }
    }
}

/// Whether the next line with anything on it is an item of a list, as YAML writes them: the line above names all of them.
pub(super) fn is_before_item(text: &[u8], at: usize) -> bool {
    let mut from = at;
    while let Some(end) = memchr::memchr2(b'\n', b'\r', wide(text, Span::new(from, from), 0, LONG_LINE).of(text)) {
        let rest = &text[from + end + 1..];
        let line = rest.trim_ascii_start();
        if !line.starts_with(b"#") {
            return line.starts_with(b"-");
        }
        from = text.len() - line.len();
    }
    false
}

/// Whether a table may have rows behind the zone in which its head stands. The lists of columns in SQL always may.
pub(super) fn is_long(text: &[u8], head: Span, zones: &[Span]) -> bool {
    const STATEMENT: usize = 400;
    let line = line_of(text, head);
    let before = wide(text, line, STATEMENT, 0).of(text).to_ascii_lowercase();
    let is_sql = [&b"insert"[..], b"copy"].iter().any(|word| memchr::memmem::find(&before, word).is_some());
    let Some(zone) = zones.iter().find(|zone| zone.contains(head)) else { return true };
    is_sql || MARKS.into_iter().any(|mark| goes_on(text, line, mark, zone.end))
}
