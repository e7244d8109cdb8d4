//! Spans that lists of places are made of.

use crate::detect::{candidate, token};
use crate::span::Span;

/// A span with so much before and behind it.
pub(super) fn wide(text: &[u8], span: Span, before: usize, behind: usize) -> Span {
    Span::new(span.start.saturating_sub(before), (span.end + behind).min(text.len()))
}

/// A span without half tokens at its ends.
pub(super) fn whole_tokens(text: &[u8], Span { mut start, mut end }: Span) -> Span {
    while start > 0 && candidate::is_token(text[start - 1]) {
        start -= 1;
    }
    while end < text.len() && candidate::is_token(text[end]) {
        end += 1;
    }
    Span::new(start, end)
}

/// The line that something stands on.
pub(super) fn line_of(text: &[u8], span: Span) -> Span {
    Span::new(token::line_start(text, span.start), token::line_end(text, span.end))
}

/// Sorted spans, those that touch made one.
pub(super) fn joined(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        match all.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => all.push(span),
        }
    }
    all
}

/// What two lists of sorted spans share.
pub(super) fn shared(some: &[Span], others: &[Span]) -> Vec<Span> {
    let common = |a: &Span, b: &Span| Span::new(a.start.max(b.start), a.end.min(b.end));
    let mut all = Vec::new();
    for one in some {
        let first = others.partition_point(|other| other.end <= one.start);
        let reached = others[first..].iter().take_while(|other| other.start < one.end);
        all.extend(reached.map(|other| common(one, other)));
    }
    all
}
