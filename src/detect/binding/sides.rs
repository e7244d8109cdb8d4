//! What names a value, read backwards from where an operator or a bracket stands: the pieces that [`super`] puts together.

use super::MAX_BYTES;
use crate::detect::names::{self, Verdict};
use crate::detect::token::{self, Token};
use crate::span::Span;

/// Where a run of the bytes in `set` that ends before `at` starts.
pub(super) fn skip_back(text: &[u8], mut at: usize, set: &[u8]) -> usize {
    while at > 0 && set.contains(&text[at - 1]) {
        at -= 1;
    }
    at
}

/// The bracket that opens what the one at `close` closes, within reason.
pub(super) fn open_of(text: &[u8], close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (close.saturating_sub(MAX_BYTES)..=close).rev() {
        match text[at] {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The name to the left of an operator at `at`: `name`, `"a name"`, `NAME[...]`, `name: type`, `Some Words`.
pub(super) fn operand(text: &[u8], at: usize) -> Option<Span> {
    let line = token::line_start(text, at);
    let (token, start) = token::previous(text, at)?;
    match token {
        Token::Quote(quote) => {
            let mark = text[quote.end - 1];
            let open = text[line..start]
                .iter()
                .rposition(|&byte| byte == mark || (mark == b';' && byte == b';'))
                .map(|found| line + found)?;
            let mut name = Span::new(open + 1, start);
            while name.end > name.start && text[name.end - 1] == b'\\' {
                name.end -= 1;
            }
            Some(name)
        }
        Token::Word(span) => {
            // A type between the name and the `=`: `name: Type = `, `const K: &str = `.
            if text.get(at) == Some(&b'=') {
                // `$env:NAME = ` of PowerShell.
                let before = &text[line..span.start];
                if before.len() >= 4 && before[before.len() - 4..].eq_ignore_ascii_case(b"env:") {
                    return Some(span);
                }
                // `Const NAME As String = ` of Visual Basic.
                if let Some((Token::Word(word), from)) = token::previous(text, start)
                    && word.of(text).eq_ignore_ascii_case(b"as")
                    && let Some((Token::Word(name), _)) = token::previous(text, from)
                {
                    return Some(name);
                }
                if let Some((Token::Punct(b':' | b'&' | b'*' | b'[' | b'<' | b'|', _), _)) =
                    token::previous(text, start)
                    && let Some(name) = typed(text, line, start)
                {
                    return Some(name);
                }
                return Some(span);
            }
            // `API Key: value`
            let mut name = span;
            for _ in 0..3 {
                match token::previous(text, name.start) {
                    Some((Token::Word(word), start))
                        if start >= line
                            && word.end < name.start
                            && text[word.end..name.start].iter().all(|&b| b == b' ')
                            && word.len() <= 24
                            && text[start] != b'-' =>
                    {
                        name = Span::new(start, name.end)
                    }
                    _ => break,
                }
            }
            Some(name)
        }
        Token::Punct(b']', close) => {
            let open = open_of(text, close)?;
            let inside = Span::new(open + 1, close);
            let quoted = inside.of(text).iter().any(|&byte| token::is_quote(byte));
            if quoted { Some(trim(text, inside)) } else { typed(text, line, close).or_else(|| operand(text, open)) }
        }
        // `ApiKey { get; set; } = value`
        Token::Punct(b'}', close) => {
            let open = open_of(text, close)?;
            let accessors = memchr::memmem::find(&text[open..close], b"get").is_some();
            if accessors { operand(text, open) } else { None }
        }
        Token::Punct(b'>', at) => typed(text, line, at),
        Token::Punct(b')', close) => {
            // `set(NAME) = `, Markdown `**API Key (main)**:`
            operand(text, open_of(text, close)?)
        }
        Token::Punct(b'*' | b'?' | b'!' | b':', at) if at > line => operand(text, skip_back(text, at, b"*?!:")),
        _ => None,
    }
}

/// The name in front of a type annotation on this line: a colon with nothing but a type behind it.
fn typed(text: &[u8], line: usize, before: usize) -> Option<Span> {
    let colon = text[line..before].iter().rposition(|&byte| byte == b':').map(|found| line + found)?;
    let of_type = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b' ' | b'_' | b'&' | b'*' | b'[' | b']' | b'<' | b'>' | b';' | b',' | b'\'' | b'|' | b'.' | b':'
            )
    };
    if !text[colon + 1..before].iter().all(|&byte| of_type(byte))
        || text[colon + 1..before].first().is_some_and(u8::is_ascii_digit)
    {
        return None;
    }
    match token::previous(text, colon)? {
        (Token::Word(span), _) => Some(span),
        _ => None,
    }
}

/// The last name of an expression: `process.env.OKX_KEY`, `os.getenv("OKX_KEY")`.
pub(super) fn last_part(text: &[u8], side: Span) -> Option<Span> {
    let mut end = side.end;
    while end > side.start {
        let (token, start) = token::previous(text, end)?;
        if start < side.start {
            return None;
        }
        if let Token::Word(span) = token {
            return Some(span);
        }
        end = start;
    }
    None
}

/// The nearest word to the left, within a few lines and at most one opening brace, that names a part of a credential.
/// Unless `far`, only on this line and the one before.
pub(super) fn label(text: &[u8], before: usize, far: bool) -> Option<Span> {
    let (mut pos, mut newlines, mut braces) = (before, 0, 0);
    for _ in 0..24 {
        let (token, start) = token::previous(text, pos)?;
        match token {
            Token::Newline(_) => {
                newlines += 1;
                if newlines > if far { 4 } else { 0 } || braces > 0 {
                    return None;
                }
            }
            Token::Punct(b'{', _) => {
                braces += 1;
                if braces > 1 || !far {
                    return None;
                }
            }
            Token::Punct(b'}' | b';', _) => return None,
            Token::Word(span) if span.len() <= 60 && !matches!(span.of(text), b"key" | b"k") => {
                let verdict = names::verdict(span.of(text));
                let compound = names::words(span.of(text)).len() > 1;
                if matches!(verdict, Verdict::Part(..)) || verdict == Verdict::Other && compound {
                    return Some(span);
                }
            }
            _ => {}
        }
        pos = start;
    }
    None
}

/// The first word inside `span` that names a part of a credential.
pub(super) fn role_word(text: &[u8], span: Span) -> Option<Span> {
    let mut end = span.end;
    while end > span.start {
        let (token, start) = token::previous(text, end)?;
        if start < span.start {
            return None;
        }
        if let Token::Word(word) = token
            && matches!(names::verdict(word.of(text)), Verdict::Part(..))
        {
            return Some(word);
        }
        end = start;
    }
    None
}

/// A span without blanks, quotes and marks at its ends.
pub(super) fn trim(text: &[u8], mut span: Span) -> Span {
    let edge = |byte: u8| {
        byte.is_ascii_whitespace() || token::is_quote(byte) || matches!(byte, b'*' | b'#' | b':' | b'\\' | b'|' | b'>')
    };
    while !span.is_empty() && edge(text[span.start]) {
        span.start += 1;
    }
    while !span.is_empty() && edge(text[span.end - 1]) {
        span.end -= 1;
    }
    span
}
