//! Readings of a text: the same text with its encoded pieces decoded (base64, hexadecimal, percent and backslash escapes,
//! HTML entities) and its split strings joined. A view is a text of its own with the way back to the original bytes, so the
//! detection needn't know of encodings, and keeps the context around a decoded piece.

mod escape;
mod form;
mod joined;
pub mod notebook;
mod packed;
pub mod wide;

use crate::secret::wipe_all;
use crate::span::Span;
pub(crate) use escape::{hides_candidate, holds_structure};
pub(crate) use joined::MAX_LIST;

/// How many encodings deep a text is read.
pub(crate) const MAX_DEPTH: usize = 3;

/// A piece of the original and what it reads as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replacement {
    pub(crate) span: Span,
    pub(crate) text: Vec<u8>,
    /// How it was encoded: `base64`.
    pub(crate) encoding: &'static str,
}

/// A decoded text and the way back.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) text: Vec<u8>,
    segments: Vec<Segment>,
}

/// A stretch of the view.
#[derive(Clone, Copy, Debug)]
struct Segment {
    view: Span,
    original: Span,
    /// None: copied byte for byte.
    encoding: Option<&'static str>,
}

impl Drop for View {
    fn drop(&mut self) {
        wipe_all(&mut self.text);
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        wipe_all(&mut self.text);
    }
}

impl View {
    /// A text with pieces replaced; they must be sorted and apart from each other.
    pub(crate) fn new(text: &[u8], replacements: Vec<Replacement>) -> Self {
        let mut view = Self { text: Vec::with_capacity(text.len()), segments: Vec::new() };
        let mut from = 0;
        for replacement in replacements {
            view.push(&text[from..replacement.span.start], Span::new(from, replacement.span.start), None);
            view.push(&replacement.text, replacement.span, Some(replacement.encoding));
            from = replacement.span.end;
        }
        view.push(&text[from..], Span::new(from, text.len()), None);
        view
    }

    fn push(&mut self, text: &[u8], original: Span, encoding: Option<&'static str>) {
        let start = self.text.len();
        self.text.extend_from_slice(text);
        self.segments.push(Segment { view: Span::new(start, self.text.len()), original, encoding });
    }

    /// The original bytes of a stretch of the view. What was decoded maps to the whole of its encoded form.
    pub(crate) fn original(&self, span: Span) -> Span {
        let first = self
            .segments
            .partition_point(|segment| segment.view.end <= span.start && segment.view.end < self.text.len());
        let start = self.edge(first, span.start, false);
        let last = self.segments.partition_point(|segment| segment.view.end < span.end).min(self.segments.len() - 1);
        let end = self.edge(last, span.end, true);
        Span::new(start.min(end), end.max(start))
    }

    fn edge(&self, segment: usize, at: usize, end: bool) -> usize {
        let segment = &self.segments[segment];
        match segment.encoding {
            None => segment.original.start + at.saturating_sub(segment.view.start).min(segment.original.len()),
            Some(_) if end => segment.original.end,
            Some(_) => segment.original.start,
        }
    }

    /// Where a place of the original is in the view; of what was decoded, its beginning or its `end`.
    fn position(&self, at: usize, end: bool) -> usize {
        let segment =
            self.segments.partition_point(|segment| segment.original.end < at || !end && segment.original.end <= at);
        match self.segments.get(segment) {
            None => self.text.len(),
            Some(Segment { view, original, encoding: None }) => {
                view.start + at.saturating_sub(original.start).min(view.len())
            }
            Some(Segment { view, .. }) => {
                if end {
                    view.end
                } else {
                    view.start
                }
            }
        }
    }

    /// Where in the view a stretch of the original is; what was decoded is there as a whole.
    pub(crate) fn seen(&self, original: Span) -> Span {
        Span::new(self.position(original.start, false), self.position(original.end, true))
    }

    /// Whether a stretch runs over the edge of a token that was decoded as a whole: a piece of a value that happens to be
    /// base64 is no reading of the value.
    pub(crate) fn cuts_token(&self, span: Span) -> bool {
        let token = |segment: &&Segment| matches!(segment.encoding, Some("base64" | "hex"));
        let mut tokens = self.segments.iter().filter(token);
        tokens.any(|segment| segment.view.overlaps(span) && !segment.view.contains(span))
    }

    /// Where in the view what was decoded is.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Span> + '_ {
        self.segments.iter().filter(|segment| segment.encoding.is_some()).map(|segment| segment.view)
    }

    /// Where in the original the escapes are of which it holds so few of a kind that they count only where there are more.
    pub(crate) fn few_escapes(&self) -> Vec<Span> {
        let of = |kind| self.segments.iter().filter(move |segment| segment.encoding == Some(kind));
        let few = escape::FEW.iter().filter(|&&(kind, least)| of(kind).nth(least - 1).is_none());
        let mut all: Vec<Span> = few.flat_map(|&(kind, _)| of(kind).map(|segment| segment.original)).collect();
        all.sort_unstable();
        all
    }

    /// How a stretch of the view was encoded; None if it was copied.
    pub(crate) fn encoding(&self, span: Span) -> Option<&'static str> {
        self.segments
            .iter()
            .find(|segment| {
                segment.encoding.is_some()
                    && (segment.view.overlaps(span)
                        || segment.view.is_empty() && span.start < segment.view.start && segment.view.start < span.end)
            })
            .and_then(|segment| segment.encoding)
    }
}

/// The text with what is encoded in it decoded, if anything is. `runs` are its candidate tokens; nothing in `taken` (values
/// already recognised) is joined to its neighbours.
pub(crate) fn decode(text: &[u8], runs: &[Span], taken: &[Span]) -> Option<View> {
    let mut all = Vec::new();
    packed::find(text, runs, &mut all);
    escape::find(text, false, &mut all);
    joined::find(text, taken, &mut all);
    form::find(text, &mut all);
    view(text, all)
}

/// The same for a piece of a text: what counts only if there is more of it counts, because there may be in the rest.
pub(crate) fn decode_all(text: &[u8], runs: &[Span]) -> Option<View> {
    let mut all = Vec::new();
    packed::find(text, runs, &mut all);
    escape::find(text, true, &mut all);
    joined::find(text, &[], &mut all);
    form::find(text, &mut all);
    view(text, all)
}

fn view(text: &[u8], mut all: Vec<Replacement>) -> Option<View> {
    if all.is_empty() {
        return None;
    }
    all.sort_by_key(|replacement| (replacement.span.start, replacement.span.end));
    let mut apart: Vec<Replacement> = Vec::with_capacity(all.len());
    for replacement in all {
        if apart.last().is_none_or(|last| last.span.end <= replacement.span.start) {
            apart.push(replacement);
        }
    }
    Some(View::new(text, apart))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_back() {
        let text = b"ab[XX]cd[YY]ef";
        let piece = |start: usize, text: &str| Replacement {
            span: Span::new(start, start + 4),
            text: text.as_bytes().to_vec(),
            encoding: "e",
        };
        let view = View::new(text, vec![piece(2, "12345"), piece(8, "")]);
        assert_eq!(view.text, b"ab12345cdef");
        for (start, end, from, to) in
            [(0, 2, 0, 2), (3, 4, 2, 6), (1, 3, 1, 6), (7, 9, 6, 8), (8, 10, 7, 13), (9, 11, 12, 14)]
        {
            assert_eq!(view.original(Span::new(start, end)), Span::new(from, to), "{start}..{end}");
        }
        assert_eq!(view.encoding(Span::new(0, 2)), None);
        assert_eq!(view.encoding(Span::new(3, 4)), Some("e"));
        let whole = Replacement { span: Span::new(2, 6), text: b"12345".to_vec(), encoding: "base64" };
        let view = View::new(text, vec![whole]);
        for (start, end, cuts) in [(2, 7, false), (3, 5, false), (3, 8, true), (0, 4, true), (8, 9, false)] {
            assert_eq!(view.cuts_token(Span::new(start, end)), cuts, "{start}..{end}");
        }
    }
}
