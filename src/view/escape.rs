//! Escapes inside a text: `%7B`, `\u002b`, `\/`, `\x41`, `&amp;`. Only those that stand for a character a value or its
//! punctuation can hold are replaced; `\n` and `\"` read well as they are.

use super::Replacement;
use crate::span::Span;

/// A text with more escapes than this is data (a binary literal), not text.
const MAX: usize = 50_000;

/// Finds escapes; a lone percent sign counts as one only if `lone` ones do.
pub(super) fn find(text: &[u8], lone: bool, all: &mut Vec<Replacement>) {
    let before = all.len();
    for at in memchr::memchr3_iter(b'%', b'\\', b'&', text) {
        if all.len() - before > MAX {
            all.truncate(before);
            return;
        }
        if !text.get(at + 1).is_some_and(|&next| may_follow(text[at], next)) {
            continue;
        }
        let rest = &text[at..];
        let found = match rest[0] {
            b'%' => percent(rest),
            b'\\' => backslash(rest),
            _ => entity(rest),
        };
        if let Some((length, byte, encoding)) = found {
            all.push(Replacement { span: Span::new(at, at + length), text: vec![byte], encoding });
        }
    }
    // A lone percent sign among words is arithmetic or a format.
    let lonely = all[before..].iter().filter(|replacement| replacement.encoding == "percent").count() < 2;
    if lonely && !lone {
        let tail: Vec<Replacement> =
            all.drain(before..).filter(|replacement| replacement.encoding != "percent").collect();
        all.extend(tail);
    }
}

/// Whether an escape that begins with `mark` may go on with a byte.
fn may_follow(mark: u8, next: u8) -> bool {
    match mark {
        b'%' => next.is_ascii_hexdigit(),
        b'\\' => matches!(next, b'/' | b'x' | b'u'),
        _ => matches!(next, b'#' | b'a' | b'g' | b'l' | b'q'),
    }
}

fn hex_byte(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(text, 16)
        .ok()
        .filter(|_| digits.iter().all(u8::is_ascii_hexdigit))
        .filter(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n'))
}

fn percent(rest: &[u8]) -> Option<(usize, u8, &'static str)> {
    Some((3, hex_byte(rest.get(1..3)?)?, "percent"))
}

fn backslash(rest: &[u8]) -> Option<(usize, u8, &'static str)> {
    match rest.get(1)? {
        b'/' => Some((2, b'/', "escape")),
        b'x' => Some((4, hex_byte(rest.get(2..4)?)?, "escape")),
        b'u' if rest.get(2..4)? == b"00" => Some((6, hex_byte(rest.get(4..6)?)?, "escape")),
        _ => None,
    }
}

fn entity(rest: &[u8]) -> Option<(usize, u8, &'static str)> {
    const ENTITIES: [(&[u8], u8); 8] = [
        (b"&amp;", b'&'),
        (b"&lt;", b'<'),
        (b"&gt;", b'>'),
        (b"&quot;", b'"'),
        (b"&#39;", b'\''),
        (b"&apos;", b'\''),
        (b"&#x2F;", b'/'),
        (b"&#x3D;", b'='),
    ];
    ENTITIES.iter().find(|entity| rest.starts_with(entity.0)).map(|entity| (entity.0.len(), entity.1, "html"))
}

#[cfg(test)]
mod tests {
    use super::super::View;
    use super::*;

    #[test]
    fn escapes_read_as_what_they_stand_for() {
        for (text, expected) in [
            ("%7B%22k%22%3A%22v%22%7D", "{\"k\":\"v\"}"),
            ("a\\/b\\u002bc\\x3d", "a/b+c="),
            ("x&amp;y &quot;z&quot;", "x&y \"z\""),
            ("100% of \\n it", "100% of \\n it"),
        ] {
            let mut all = Vec::new();
            find(text.as_bytes(), false, &mut all);
            let view = View::new(text.as_bytes(), all);
            assert_eq!(String::from_utf8_lossy(&view.text), expected);
        }
    }
}
