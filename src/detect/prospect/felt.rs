//! What a change of a text can tell of the values that it doesn't touch: by their names, and by what the constructs and
//! tables they stand in are called.

use super::look::{NAMES, NEAR};
use super::spans::{line_of, wide};
use crate::detect::names::{self, Strength, Verdict};
use crate::detect::scope::{self, MAX_LABEL, Scope};
use crate::detect::{binding, token, value};
use crate::span::Span;

/// Whether a place touches a change, or nearly.
pub(super) fn is_new(place: Span, fresh: &[Span]) -> bool {
    const NEAR: usize = 16;
    let first = fresh.partition_point(|span| span.end + NEAR < place.start);
    fresh.get(first).is_some_and(|span| span.start <= place.end + NEAR)
}

/// Whether a change can tell another thing of a candidate that it doesn't touch: as the neighbour of a new value, or by its
/// names. What stands behind it on the same lines and further off tells nothing.
pub(super) fn is_felt(text: &[u8], run: Span, fresh: &[Span]) -> bool {
    let next = fresh.partition_point(|span| span.start < run.end);
    let before = fresh.get(next).is_some_and(|span| span.start - run.end <= NEAR);
    let last = fresh.partition_point(|span| span.end <= run.start).checked_sub(1).map(|last| fresh[last].end);
    let behind = |changed: usize| {
        let named_behind = |reading: Span| binding::told_from(text, reading).is_some_and(|from| from >= changed + NEAR);
        run.start - changed <= NAMES
            && (run.start - changed <= NEAR || !value::readings(text, run).into_iter().all(named_behind))
    };
    before || last.is_some_and(behind)
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
        item || scope::innermost(text, value.start).is_some_and(|scope| self.is_new_title(text, changed, scope))
    }

    fn is_new_title(&mut self, text: &[u8], changed: usize, scope: Scope) -> bool {
        // A label may begin two lines before what it is the label of.
        let old = scope.open > changed + 2 * MAX_LABEL + 2;
        if old || !matches!(scope.kind, scope::Kind::Bracket(b'{' | b'[') | scope::Kind::Indent) {
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
fn is_before_item(text: &[u8], at: usize) -> bool {
    let mut lines = text[token::line_end(text, at)..].split(|&byte| byte == b'\n').skip(1).map(<[u8]>::trim_ascii);
    lines.find(|line| !line.is_empty() && !line.starts_with(b"#")).is_some_and(|line| line.starts_with(b"-"))
}

/// Whether a table may have rows behind the zone in which its head stands. The lists of columns in SQL always may.
pub(super) fn is_long(text: &[u8], head: Span, zones: &[Span]) -> bool {
    const STATEMENT: usize = 400;
    let line = line_of(text, head);
    let before = wide(text, line, STATEMENT, 0).of(text).to_ascii_lowercase();
    let is_sql = [&b"insert"[..], b"copy"].iter().any(|word| memchr::memmem::find(&before, word).is_some());
    let Some(zone) = zones.iter().find(|zone| zone.contains(head)) else { return true };
    let rows = &text[line.end..zone.end.max(line.end)];
    let rows = &rows[..memchr::memrchr(b'\n', rows).unwrap_or(0)];
    let marks = |line: &[u8], mark: u8| memchr::memchr_iter(mark, line).count();
    let goes_on = |mark: &u8| {
        let own = marks(line.of(text), *mark);
        own > 0 && rows.split(|&byte| byte == b'\n').skip(1).all(|row| marks(row, *mark) == own)
    };
    is_sql || [b'|', b'\t', b';', b','].iter().any(goes_on)
}
