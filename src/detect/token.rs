//! Reading code and configuration backwards, one token at a time, in whatever language: words, quotes, punctuation and
//! line ends. Strings and comments are not modelled: a quote is a token like any other, so broken and nested text (JSON in
//! JSON, half a file) reads the same.

use crate::span::Span;

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A name, number or other run of word characters.
    Word(Span),
    /// A quote, with the backslashes in front of it: `"`, `'`, `` ` ``, `\"`, `&quot;`.
    Quote(Span),
    /// Any other visible character.
    Punct(u8, usize),
    /// A line end.
    Newline(usize),
}

/// Whether a byte can stand in a name: letters, digits, `_`, `-`, `.`, `$`, `@`, and everything beyond ASCII.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@') || byte >= 0x80
}

/// Whether a value has its line to itself, but for blanks and at most `more` other bytes.
pub(crate) fn fills_line(text: &[u8], value: Span, more: usize) -> bool {
    let line = &text[line_start(text, value.start)..line_end(text, value.end)];
    line.trim_ascii().len() <= value.len() + more
}

/// Whether a byte is a quote.
pub(crate) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

const WIDE_COLON: &[u8] = "：".as_bytes();
const HTML_QUOTES: [&[u8]; 3] = [b"&quot;", b"&#34;", b"&#39;"];

/// The token that ends before `end`, and where it starts; blanks are skipped.
pub(crate) fn previous(text: &[u8], mut end: usize) -> Option<(Token, usize)> {
    while end > 0 && matches!(text[end - 1], b' ' | b'\t' | 0) {
        end -= 1;
    }
    let byte = *text.get(end.checked_sub(1)?)?;
    if byte == b'\n' || byte == b'\r' {
        let start = if byte == b'\n' && end >= 2 && text[end - 2] == b'\r' { end - 2 } else { end - 1 };
        return Some((Token::Newline(start), start));
    }
    if is_quote(byte) {
        let mut start = end - 1;
        while start > 0 && text[start - 1] == b'\\' {
            start -= 1;
        }
        return Some((Token::Quote(Span::new(start, end)), start));
    }
    if byte == b';' {
        for quote in HTML_QUOTES {
            if text[..end].ends_with(quote) {
                let start = end - quote.len();
                return Some((Token::Quote(Span::new(start, end)), start));
            }
        }
    }
    if text[..end].ends_with(WIDE_COLON) {
        let start = end - WIDE_COLON.len();
        return Some((Token::Punct(b':', start), start));
    }
    if is_word(byte) {
        let mut start = end - 1;
        // A bound keeps a megabyte without blanks from being read again and again.
        while start > 0 && end - start < 256 && is_word(text[start - 1]) && !text[..start].ends_with(WIDE_COLON) {
            start -= 1;
        }
        // `\nX-SECRET`: the letter of an escape is no part of the word.
        if start > 0 && text[start - 1] == b'\\' && matches!(text[start], b'n' | b'r' | b't') && end - start > 1 {
            return Some((Token::Word(Span::new(start + 1, end)), start - 1));
        }
        return Some((Token::Word(Span::new(start, end)), start));
    }
    Some((Token::Punct(byte, end - 1), end - 1))
}

/// How far a line is followed: beyond it a line is data, and looking for its ends again for every value on it would cost
/// the square of its length.
pub(crate) const LONG_LINE: usize = 4096;

/// The start of the line `at` is in, or of as much of it as is looked at.
pub(crate) fn line_start(text: &[u8], at: usize) -> usize {
    line_start_within(text, at, LONG_LINE)
}

/// The same for one of which so many bytes are looked at.
pub(crate) fn line_start_within(text: &[u8], at: usize, reach: usize) -> usize {
    let floor = at.saturating_sub(reach);
    memchr::memrchr2(b'\n', b'\r', &text[floor..at]).map_or(floor, |found| floor + found + 1)
}

/// How many bytes of line ends stand at a place, two at most.
pub(crate) fn breaks_at(text: &[u8], at: usize) -> usize {
    text[at..].iter().take(2).take_while(|byte| matches!(byte, b'\n' | b'\r')).count()
}

/// The end of the line `at` is in, without its line end, or of as much of it as is looked at.
pub(crate) fn line_end(text: &[u8], at: usize) -> usize {
    let ceiling = (at + LONG_LINE).min(text.len());
    memchr::memchr2(b'\n', b'\r', &text[at..ceiling]).map_or(ceiling, |found| at + found)
}
