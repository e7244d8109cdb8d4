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

/// The same, and without half blocks of tokens that are wrapped in lines.
pub(super) fn whole_blocks(text: &[u8], span: Span) -> Span {
    const WRAPPED: usize = 60;
    let mut block = whole_tokens(text, span);
    loop {
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let breaks = text[..block.start].iter().rev().take(2).take_while(|byte| ends(byte)).count();
        let above = whole_tokens(text, Span::new(block.start - breaks, block.start - breaks));
        if breaks == 0 || above.len() < WRAPPED {
            break;
        }
        block.start = above.start;
    }
    loop {
        let breaks = token::breaks_at(text, block.end);
        let next = block.end + breaks;
        let below = whole_tokens(text, Span::new(next, next));
        let last = whole_tokens(text, Span::new(block.end, block.end)).len();
        if breaks == 0 || last < WRAPPED || below.is_empty() {
            break;
        }
        block.end = below.end;
    }
    block
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
