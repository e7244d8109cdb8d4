//! What a value stands in: brackets with what is written before them, sections, and the lines a YAML line is indented
//! under. They name the exchange when the value's own name doesn't: `"okx": { "key": ...`, `ccxt.bybit({`, `[gate-live]`.

use super::block::{self, BLOCK};
use super::token;
use crate::span::Span;

/// One enclosing construct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// What is written in front of it.
    pub(crate) label: Span,
    /// From where it reaches.
    pub(crate) open: usize,
    /// What kind of thing it is.
    pub(crate) kind: Kind,
}

/// Kinds of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `{`, `[` or `(`.
    Bracket(u8),
    /// `[section]`.
    Section,
    /// A line with smaller indentation.
    Indent,
}

const REACH: usize = 6 * 1024;
const MAX_SCOPES: usize = 8;
const MAX_LABEL: usize = 120;

/// The innermost of the scopes around `at`.
pub(crate) fn innermost(text: &[u8], at: usize) -> Option<Scope> {
    let bracket = brackets_of(text, at, 1).pop();
    let here = token::line_start(text, at);
    bracket.or_else(|| section(text, here)).or_else(|| {
        let mut all = Vec::new();
        indents(text, at, here, 1, &mut all);
        all.pop()
    })
}

/// The scopes around `at`, innermost first.
pub(crate) fn scopes(text: &[u8], at: usize) -> Vec<Scope> {
    let mut all = brackets(text, at);
    let bracketed = !all.is_empty();
    let here = token::line_start(text, at);
    if let Some(section) = section(text, here) {
        all.push(section);
    }
    if !bracketed || all.iter().all(|scope| here <= scope.open) {
        indents(text, at, here, MAX_SCOPES, &mut all);
    }
    all.truncate(MAX_SCOPES);
    all
}

/// Unmatched opening brackets before `at`, innermost first.
pub(crate) fn brackets(text: &[u8], at: usize) -> Vec<Scope> {
    brackets_of(text, at, MAX_SCOPES)
}

/// The same, so many at most.
fn brackets_of(text: &[u8], at: usize, most: usize) -> Vec<Scope> {
    let floor = at.saturating_sub(REACH);
    let mut all = Vec::with_capacity(MAX_SCOPES);
    let mut closed = 0_usize;
    let (blocks, rest) = text[floor..at].as_chunks::<BLOCK>();
    let rest = block::padded(rest);
    for number in (0..=blocks.len()).rev() {
        let block = blocks.get(number).unwrap_or(&rest);
        let mut found = bracket_bits(block);
        while found != 0 {
            let last = 63 - found.leading_zeros() as usize;
            found &= !(1 << last);
            match block[last] {
                b')' | b']' | b'}' => closed += 1,
                _ if closed > 0 => closed -= 1,
                bracket => {
                    let open = floor + number * BLOCK + last;
                    all.push(Scope { label: label(text, open), open, kind: Kind::Bracket(bracket) });
                    if all.len() == most {
                        return all;
                    }
                }
            }
        }
    }
    all
}

#[inline]
fn bracket_bits(block: &[u8; BLOCK]) -> u64 {
    // `[` and `{`, `]` and `}`, `(` and `)` differ in one bit each.
    block::bits(block, |byte| (byte | 0x20 == b'{') | (byte | 0x20 == b'}') | (byte | 1 == b')'))
}

/// What is written on the line before a bracket; if nothing, on the line above.
fn label(text: &[u8], open: usize) -> Span {
    let mut end = open;
    for _ in 0..2 {
        let start = token::line_start_within(text, end, MAX_LABEL);
        if text[start..end].iter().any(u8::is_ascii_alphanumeric) {
            // Another bracket on the line has a label of its own.
            let inner = text[start..end]
                .iter()
                .rposition(|&byte| matches!(byte, b'{' | b'}' | b';' | b','))
                .map_or(start, |found| start + found + 1);
            return if text[inner..end].iter().any(u8::is_ascii_alphanumeric) {
                Span::new(inner, end)
            } else {
                Span::new(end, end)
            };
        }
        if start == 0 || start == end.saturating_sub(MAX_LABEL) && text[start - 1] != b'\n' {
            break;
        }
        end = start - 1;
    }
    Span::new(open, open)
}

/// The lines that end within reach above the one that begins at `here`, from the last to the first, without their line
/// ends. What is longer than a line may be is cut as by [`token::line_start`].
fn lines_above(text: &[u8], here: usize) -> impl Iterator<Item = Span> {
    let floor = here.saturating_sub(REACH);
    let low = floor.saturating_sub(token::LONG_LINE);
    let mut breaks = memchr::memrchr2_iter(b'\n', b'\r', &text[low..here]).map(move |found| low + found).peekable();
    let mut end = here;
    std::iter::from_fn(move || {
        if end <= floor {
            return None;
        }
        let line_end = end - 1;
        while breaks.next_if(|&at| at >= line_end).is_some() {}
        let lowest = line_end.saturating_sub(token::LONG_LINE);
        let start = breaks.peek().map_or(lowest, |&at| lowest.max(at + 1));
        end = start;
        Some(Span::new(start, line_end))
    })
}

/// The nearest `[section]` line above the one that begins at `here`.
fn section(text: &[u8], here: usize) -> Option<Scope> {
    // Brackets that begin a line are rarer than lines.
    let floor = token::line_start(text, here.saturating_sub(REACH));
    let (blocks, rest) = text[floor..here].as_chunks::<BLOCK>();
    let rest = block::padded(rest);
    for number in (0..=blocks.len()).rev() {
        let block = blocks.get(number).unwrap_or(&rest);
        let mut found = block::bits(block, |byte| byte == b'[');
        while found != 0 {
            let last = 63 - found.leading_zeros() as usize;
            found &= !(1 << last);
            if let Some(line) = section_at(text, floor + number * BLOCK + last) {
                return Some(Scope { label: line, open: line.start, kind: Kind::Section });
            }
        }
    }
    None
}

/// The line that a bracket begins, if it is the head of a section.
fn section_at(text: &[u8], bracket: usize) -> Option<Span> {
    let floor = bracket.saturating_sub(token::LONG_LINE);
    let before = text[floor..bracket].iter().rposition(|byte| !matches!(byte, b' ' | b'\t' | 0x0c));
    let start = match before.map(|at| floor + at) {
        Some(at) if !matches!(text[at], b'\n' | b'\r') => return None,
        at => at.map_or(floor, |at| at + 1),
    };
    let end = token::line_end(text, bracket);
    let line = text[bracket..end].trim_ascii_end();
    let is_section = line.len() >= 3
        && line[line.len() - 1] == b']'
        && line.len() <= MAX_LABEL
        && !line.contains(&b',')
        && !line.contains(&b'"');
    is_section.then_some(Span::new(start, end))
}

/// Lines above with ever smaller indentation, until there are so many scopes.
fn indents(text: &[u8], at: usize, here: usize, most: usize, all: &mut Vec<Scope>) {
    let mut depth = indentation(&text[here..token::line_end(text, at)]);
    if depth == 0 {
        return;
    }
    for span in lines_above(text, here) {
        if depth == 0 || all.len() >= most {
            return;
        }
        let line = span.of(text);
        let own = indentation(line);
        if own < depth && !line[own..].trim_ascii().is_empty() {
            depth = own;
            let label = Span::new(span.start, span.end.min(span.start + MAX_LABEL));
            all.push(Scope { label, open: span.start, kind: Kind::Indent });
        }
    }
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count()
}

/// Where the innermost object around a place opens; 0 if it stands in none. It tells neighbouring objects apart.
pub(crate) fn object(scopes: &[Scope]) -> usize {
    scopes.iter().find(|scope| matches!(scope.kind, Kind::Bracket(b'{'))).map_or(0, |scope| scope.open)
}

/// Where the bracket scope around `from` ends.
pub(crate) fn close(text: &[u8], from: usize) -> usize {
    let ceiling = (from + REACH).min(text.len());
    let mut opened = 0_usize;
    let (blocks, rest) = text[from.min(ceiling)..ceiling].as_chunks::<BLOCK>();
    let rest = block::padded(rest);
    for (number, block) in blocks.iter().chain([&rest]).enumerate() {
        let mut found = bracket_bits(block);
        while found != 0 {
            let first = found.trailing_zeros() as usize;
            found &= found - 1;
            match block[first] {
                b'(' | b'[' | b'{' => opened += 1,
                _ if opened > 0 => opened -= 1,
                _ => return from + number * BLOCK + first,
            }
        }
    }
    ceiling
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::chance;

    #[test]
    fn labels_innermost_first() {
        for (text, expected) in [
            ("\"okx\": { \"key\": \"@", vec!["\"okx\":"]),
            ("ex = ccxt.bybit({\n 'key': '@", vec!["ex = ccxt.bybit(", "ex = ccxt.bybit"]),
            ("[gate-live]\nkey=@", vec!["[gate-live]"]),
            ("exchanges:\n  okx:\n    key: @", vec!["okx:", "exchanges:"]),
            ("a: {b: 1},\nc: {d: @", vec!["c:"]),
        ] {
            let at = text.find('@').expect("a value");
            let labels: Vec<&str> =
                scopes(text.as_bytes(), at).iter().map(|scope| text[scope.label.range()].trim()).collect();
            assert_eq!(
                labels.iter().filter(|label| !label.is_empty()).copied().collect::<Vec<_>>(),
                expected.into_iter().take(labels.len().max(1)).collect::<Vec<_>>(),
                "{text}"
            );
        }
    }

    /// The same as the first of all, at every place of texts of all kinds.
    #[test]
    fn the_innermost_is_the_first() {
        let mut next = chance::below(3);
        let lines = ["[gate]", "okx:", "  a: 1", "    b = {", "x = [", "f(", ")", "]", "  })", "", "    - c", "\t\td,"];
        for _ in 0..60 {
            let all: Vec<&str> = (0..next(30)).map(|_| lines[next(lines.len())]).collect();
            let text = all.join("\n");
            for at in 0..=text.len() {
                let first = scopes(text.as_bytes(), at).first().copied();
                assert_eq!(innermost(text.as_bytes(), at), first, "{at} in {text}");
            }
        }
    }
}
