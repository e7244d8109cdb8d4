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
    for at in memchr::memchr3_iter(b'"', b'\'', b'`', text) {
        if at < from || !text.get(at + 1).is_some_and(|&byte| may_follow(byte)) {
            continue;
        }
        let Some((end, operated)) = joint(text, at) else { continue };
        // An operator says that it is one value, whatever was taken of it.
        if !operated
            && taken.iter().any(|span| span.end == at || span.start == end || span.overlaps(Span::new(at, end)))
        {
            continue;
        }
        all.push(Replacement { span: Span::new(at, end), text: Vec::new(), encoding: "joined" });
        from = end;
    }
}

/// Whether a joint may go on with a byte behind the quote that begins it.
fn may_follow(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'\\' | b'+' | b'.' | b'~' | b'&') || is_quote(byte)
}

/// The end of the joint that begins with the quote at `at`, behind the quote that opens the next piece, and whether an
/// operator or an assignment says that the pieces are one.
fn joint(text: &[u8], at: usize) -> Option<(usize, bool)> {
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
                let assigned = !operator && is_assigned(text, at);
                let joins = (operator || newline || assigned) && byte == text[at] && is_token(right);
                return joins.then_some((i + 1, operator || assigned));
            }
            _ => return None,
        }
    }
    None
}

/// Whether the literal that ends at `close` is what a name is assigned, with blanks around the sign, or stands alone in
/// parentheses that are (`name = "abc" "def"`, `name = ("abc"`). In a shell, no blank stands there.
fn is_assigned(text: &[u8], close: usize) -> bool {
    let floor = close.saturating_sub(MAX_JOINT);
    let Some(open) = memchr::memrchr(text[close], &text[floor..close]).map(|found| floor + found) else { return false };
    let before = text[floor..open].trim_ascii_end();
    let before = before.strip_suffix(b"(").map_or(before, <[u8]>::trim_ascii_end);
    before.ends_with(b" =")
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
            ("k = \"abc1\" \"def2\"", "k = \"abc1def2\""),
            ("k = (\"abc1\" \"def2\")", "k = (\"abc1def2\")"),
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
