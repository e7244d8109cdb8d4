//! What a value stands in: brackets with what is written before them, sections, and the lines a YAML line is indented
//! under. They name the exchange when the value's own name doesn't: `"okx": { "key": ...`, `ccxt.bybit({`, `[gate-live]`.

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

/// The scopes around `at`, innermost first.
pub(crate) fn scopes(text: &[u8], at: usize) -> Vec<Scope> {
    let mut all = brackets(text, at);
    let bracketed = !all.is_empty();
    if let Some(section) = section(text, at) {
        all.push(section);
    }
    if !bracketed || all.iter().all(|scope| token::line_start(text, at) <= scope.open) {
        indents(text, at, &mut all);
    }
    all.truncate(MAX_SCOPES);
    all
}

const BRACKETS: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 6 {
        table[b"()[]{}"[at] as usize] = true;
        at += 1;
    }
    table
};

/// Unmatched opening brackets before `at`, innermost first.
fn brackets(text: &[u8], at: usize) -> Vec<Scope> {
    let floor = at.saturating_sub(REACH);
    let mut all = Vec::new();
    let mut closed = 0_usize;
    let is_bracket = |byte: &u8| BRACKETS[usize::from(*byte)];
    let mut end = at;
    while let Some(found) = text[floor..end].iter().rposition(is_bracket) {
        let i = floor + found;
        end = i;
        match text[i] {
            b')' | b']' | b'}' => closed += 1,
            b'(' | b'[' | b'{' if closed > 0 => closed -= 1,
            bracket @ (b'(' | b'[' | b'{') => {
                all.push(Scope { label: label(text, i), open: i, kind: Kind::Bracket(bracket) });
                if all.len() == MAX_SCOPES {
                    break;
                }
            }
            _ => {}
        }
    }
    all
}

/// What is written on the line before a bracket; if nothing, on the line above.
fn label(text: &[u8], open: usize) -> Span {
    let mut end = open;
    for _ in 0..2 {
        let start = token::line_start(text, end);
        let start = start.max(end.saturating_sub(MAX_LABEL));
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

/// The nearest `[section]` line above.
fn section(text: &[u8], at: usize) -> Option<Scope> {
    let mut end = token::line_start(text, at);
    let floor = end.saturating_sub(REACH);
    while end > floor {
        let line_end = end - 1;
        let start = token::line_start(text, line_end);
        end = start;
        let line = text[start..line_end].trim_ascii_start();
        if line.first() != Some(&b'[') {
            continue;
        }
        let line = line.trim_ascii_end();
        if line.len() >= 3
            && line[line.len() - 1] == b']'
            && line.len() <= MAX_LABEL
            && !line.contains(&b',')
            && !line.contains(&b'"')
        {
            return Some(Scope { label: Span::new(start, line_end), open: start, kind: Kind::Section });
        }
    }
    None
}

/// Lines above with ever smaller indentation.
fn indents(text: &[u8], at: usize, all: &mut Vec<Scope>) {
    let mut end = token::line_start(text, at);
    let mut depth = indentation(&text[end..token::line_end(text, at)]);
    let floor = end.saturating_sub(REACH);
    while end > floor && depth > 0 && all.len() < MAX_SCOPES {
        let line_end = end - 1;
        let start = token::line_start(text, line_end);
        let line = &text[start..line_end];
        if !line.trim_ascii().is_empty() {
            let own = indentation(line);
            if own < depth {
                depth = own;
                all.push(Scope {
                    label: Span::new(start, line_end.min(start + MAX_LABEL)),
                    open: start,
                    kind: Kind::Indent,
                });
            }
        }
        end = start;
    }
}

fn indentation(line: &[u8]) -> usize {
    line.iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count()
}

/// Where the innermost object around a place opens; 0 if it stands in none. It tells neighbouring objects apart.
pub(crate) fn object(scopes: &[Scope]) -> usize {
    scopes.iter().find(|scope| matches!(scope.kind, Kind::Bracket(b'{'))).map_or(0, |scope| scope.open)
}

/// Where the bracket scope that opens at `open` ends, looking from `from` on.
pub(crate) fn close(text: &[u8], from: usize) -> usize {
    let ceiling = (from + REACH).min(text.len());
    let mut opened = 0_usize;
    for (i, &byte) in text.iter().enumerate().take(ceiling).skip(from) {
        match byte {
            b'(' | b'[' | b'{' => opened += 1,
            b')' | b']' | b'}' if opened > 0 => opened -= 1,
            b')' | b']' | b'}' => return i,
            _ => {}
        }
    }
    ceiling
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
