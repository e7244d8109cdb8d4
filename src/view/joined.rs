//! Strings written in pieces: `"abc" + "def"`, `"abc" "def"` over two lines, `"abc" . 'def'`.

use super::Replacement;
use crate::detect::candidate::is_token;
use crate::detect::token::is_quote;
use crate::span::Span;

/// The longest joint between two pieces.
const MAX_JOINT: usize = 120;

/// Finds the joints between pieces of a value. Strings of words are left alone: only what touches token characters on both
/// sides joins, and nothing next to a value that was recognised by itself.
pub(super) fn find(text: &[u8], taken: &[Span], all: &mut Vec<Replacement>) {
    let mut from = 0;
    while let Some(at) = memchr::memchr3(b'"', b'\'', b'`', &text[from..]).map(|found| from + found) {
        from = at + 1;
        let Some(end) = joint(text, at) else { continue };
        if taken.iter().any(|span| span.end == at || span.start == end || span.overlaps(Span::new(at, end))) {
            continue;
        }
        all.push(Replacement { span: Span::new(at, end), text: Vec::new(), encoding: "joined" });
        from = end;
    }
}

/// The end of the joint that begins with the quote at `at`: behind the quote that opens the next piece.
fn joint(text: &[u8], at: usize) -> Option<usize> {
    let left = *text.get(at.checked_sub(1)?)?;
    if !is_token(left) && left != b'=' {
        return None;
    }
    let ceiling = (at + MAX_JOINT).min(text.len());
    let (mut operator, mut newline) = (false, false);
    for i in at + 1..ceiling {
        match text[i] {
            b' ' | b'\t' | b'\r' | b'\\' => {}
            b'\n' => newline = true,
            b'+' | b'.' | b'~' | b'&' if !operator || text[i] == b'.' => operator = true,
            byte if is_quote(byte) => {
                let right = *text.get(i + 1)?;
                return ((operator || newline) && byte == text[at] && is_token(right)).then_some(i + 1);
            }
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::View;
    use super::*;

    #[test]
    fn pieces_join() {
        for (text, expected) in [
            ("k = \"abc1\" + \"def2\"", "k = \"abc1def2\""),
            ("k = (\"abc1\"\n     \"def2\")", "k = (\"abc1def2\")"),
            ("k = \"abc1\" + \\\n    \"def2\"", "k = \"abc1def2\""),
            ("f(\"abc1\", \"def2\")", "f(\"abc1\", \"def2\")"),
            ("C \"abc1\" \"def2\"", "C \"abc1\" \"def2\""),
        ] {
            let mut all = Vec::new();
            find(text.as_bytes(), &[], &mut all);
            let view = View::new(text.as_bytes(), all);
            assert_eq!(String::from_utf8_lossy(&view.text), expected);
        }
    }
}
