//! Strings written in pieces: `"abc" + "def"`, `"abc" "def"` over two lines, `"abc" . 'def'`, `"".join(["abc", "def"])`.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::Replacement;
use crate::detect::block::Pair;
use crate::detect::candidate::is_token;
use crate::detect::token::is_quote;
use crate::span::Span;

/// The longest joint between two pieces.
const MAX_JOINT: usize = 120;

/// How long an expression is that joins the strings of a list.
pub(crate) const MAX_LIST: usize = 4096;
/// How many words the pieces of a recovery phrase have at least.
const MIN_WORDS: usize = 3;

/// Finds the joints between pieces of a value. Strings of words are left alone: only what touches token characters on both
/// sides joins, and nothing next to a value that was recognised by itself.
pub(super) fn find(text: &[u8], taken: &[Span], all: &mut Vec<Replacement>) {
    static JOIN: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("join("));
    for at in JOIN.find_iter(text) {
        lists(text, at, all);
    }
    let mut from = 0;
    for at in CLOSED.places(text) {
        if at < from {
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

/// A quote, and what a joint may go on with.
static CLOSED: Pair = Pair::new(b"\"'`", b" \t\r\n\\+.~&\"'`");

/// The end of the joint that begins with the quote at `at`, behind the quote that opens the next piece, and whether an
/// operator or an assignment says that the pieces are one.
fn joint(text: &[u8], at: usize) -> Option<(usize, bool)> {
    let left = *text.get(at.checked_sub(1)?)?;
    if !is_token(left) && !matches!(left, b'=' | b' ') {
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
                if byte != text[at] {
                    return None;
                }
                let blank = left == b' ' || right == b' ';
                let fits = if blank { is_phrase(text, at, i + 1) } else { is_token(right) };
                let assigned = fits && !operator && is_assigned(text, at);
                return (fits && (operator || newline || assigned)).then_some((i + 1, operator || assigned));
            }
            _ => return None,
        }
    }
    None
}

/// Whether the pieces that end at `close` and begin at `open` are words of a recovery phrase, with a blank between them.
fn is_phrase(text: &[u8], close: usize, open: usize) -> bool {
    // The words of the lists have three to eight letters.
    let is_word = |word: &&[u8]| (3..=8).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase);
    // Most strings are none: their first other character tells, not the quote at their end.
    let fits = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_whitespace();
    let before = &text[close.saturating_sub(MAX_LIST)..close];
    let Some(start) = before.iter().rposition(|byte| !fits(byte)).filter(|&at| before[at] == text[close]) else {
        return false;
    };
    let before = before[start + 1..].trim_ascii();
    let behind = &text[open..text.len().min(open + MAX_LIST)];
    let end = behind.iter().position(|byte| !fits(byte)).unwrap_or(behind.len());
    if behind.get(end).is_some_and(|&byte| byte != text[close]) {
        return false;
    }
    let behind = behind[..end].trim_ascii();
    [before, behind].iter().all(|piece| {
        let words = piece.split(|&byte| byte == b' ');
        words.clone().count() >= MIN_WORDS && words.clone().all(|word| is_word(&word))
    })
}

/// Signs that join without anything between the strings, or with a blank.
const SIGNS: [(&[u8], &[u8]); 4] = [(b"\"\"", b""), (b"''", b""), (b"\" \"", b" "), (b"' '", b" ")];

/// Finds the strings of a list that the `join(` at `at` makes one: `"".join([..])`, `String.join("", ..)`, `[..].join("")`.
fn lists(text: &[u8], at: usize, all: &mut Vec<Replacement>) {
    let floor = at.saturating_sub(MAX_LIST);
    let Some(before) = text[floor..at].strip_suffix(b".") else { return };
    let open = skip_blanks(text, at + b"join(".len());
    if let Some((sign, joint)) = SIGNS.into_iter().find(|(sign, _)| before.ends_with(sign)) {
        if matches!(text.get(open), Some(b'[' | b'(')) {
            let closes = |end| skip_blanks(text, end + 1) + 1;
            pieces(text, at - 1 - sign.len(), skip_blanks(text, open + 1), joint, &closes, all);
        }
        return;
    }
    let Some((sign, joint)) = SIGNS.into_iter().find(|(sign, _)| text[open..].starts_with(sign)) else { return };
    let next = skip_blanks(text, open + sign.len());
    if text.get(next) == Some(&b',') {
        pieces(text, open, skip_blanks(text, next + 1), joint, &|end| end, all);
    } else if text.get(next) == Some(&b')') && before.trim_ascii_end().ends_with(b"]") {
        let Some(list) = memchr::memrchr(b'[', before) else { return };
        pieces(text, floor + list, skip_blanks(text, floor + list + 1), joint, &|_| next + 1, all);
    }
}

/// Joins the strings from the one at `first` on to a single one. The expression begins at `start`; the bracket behind the last
/// string tells `closes` where it ends.
fn pieces(
    text: &[u8],
    start: usize,
    first: usize,
    joint: &[u8],
    closes: &dyn Fn(usize) -> usize,
    all: &mut Vec<Replacement>,
) {
    let Some(&quote) = text.get(first).filter(|&&byte| is_quote(byte)) else { return };
    let mut found = vec![Replacement { span: Span::new(start, first), text: Vec::new(), encoding: "joined" }];
    let mut open = first + 1;
    loop {
        let fits = |byte: u8| is_token(byte) || matches!(byte, b'=' | b'.');
        let close = open + text[open..].iter().take_while(|&&byte| fits(byte)).count();
        if text.get(close) != Some(&quote) || close - first > MAX_LIST {
            return;
        }
        let mut next = skip_blanks(text, close + 1);
        if text.get(next) == Some(&b',') {
            next = skip_blanks(text, next + 1);
        }
        if text.get(next) == Some(&quote) {
            open = next + 1;
            found.push(Replacement { span: Span::new(close, open), text: joint.to_vec(), encoding: "joined" });
            continue;
        }
        let is_end = matches!(text.get(next), Some(b']' | b')'));
        let end = closes(next);
        if is_end && found.len() > 1 && end > close && end <= text.len() {
            found.push(Replacement { span: Span::new(close + 1, end), text: Vec::new(), encoding: "joined" });
            all.append(&mut found);
        }
        return;
    }
}

fn skip_blanks(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
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
            ("k = \"\".join([\"abc1\", 'x', \"def2\"])", "k = \"\".join([\"abc1\", 'x', \"def2\"])"),
            ("k = \"\".join([\"abc1\",\n  \"x\", \"def2\",\n])\n", "k = \"abc1xdef2\"\n"),
            ("k = ' '.join(('abc', 'def'))", "k = 'abc def'"),
            ("k = ['abc1', 'def2'].join('');", "k = 'abc1def2';"),
            ("k = ['abc1', 'def2'].join(',');", "k = ['abc1', 'def2'].join(',');"),
            ("k = String.join(\"\", \"abc1\", \"def2\");", "k = String.join(\"abc1def2\");"),
            ("k = \"\".join([\"abc1\"", "k = \"\".join([\"abc1\""),
            ("k = (\"some more words \"\n \"and some others\")", "k = (\"some more words and some others\")"),
            ("k = \"some more words\" + \" and some others\"", "k = \"some more words and some others\""),
            ("k = (\"Some more words \"\n \"and some others\")", "k = (\"Some more words \"\n \"and some others\")"),
            ("C \"abc1\" \"def2\"", "C \"abc1\" \"def2\""),
        ] {
            let mut all = Vec::new();
            find(text.as_bytes(), &[], &mut all);
            let view = View::new(text.as_bytes(), all);
            assert_eq!(String::from_utf8_lossy(&view.text), expected);
        }
    }
}
