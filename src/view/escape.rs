//! Escapes inside a text: `%7B`, `\u002b`, `\/`, `\x41`, `\101`, `&amp;`. Only those that stand for a character a value or
//! its punctuation can hold are replaced; `\n` and `\"` read well as they are.

use super::Replacement;
use crate::detect::candidate;
use crate::span::Span;

/// A text with more escapes than this is data (a binary literal), not text.
const MAX: usize = 50_000;
/// How many octal escapes make a text: fewer are references to groups of a pattern, or names of folders.
const MIN_OCTAL: usize = 8;
/// How many escapes of a kind are the fewest that count.
pub(super) const FEW: [(&str, usize); 2] = [("percent", 2), ("octal", MIN_OCTAL)];
/// The longest piece of which it is asked whether it could be a value.
const MAX_PIECE: usize = 512;

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
        if let Some((length, byte, encoding)) = escape(&text[at..]) {
            all.push(Replacement { span: Span::new(at, at + length), text: vec![byte], encoding });
        }
    }
    if lone {
        return;
    }
    // A lone percent sign among words is arithmetic or a format.
    for (encoding, least) in FEW {
        let few = (1..least).contains(&all[before..].iter().filter(|one| one.encoding == encoding).count());
        if few {
            let tail: Vec<Replacement> = all.drain(before..).filter(|one| one.encoding != encoding).collect();
            all.extend(tail);
        }
    }
}

/// Whether a token that could be a random value appears only when escapes are read: a value each character of which is one.
pub(crate) fn hides_candidate(text: &[u8]) -> bool {
    let mut from = 0;
    memchr::memchr2_iter(b'\\', b'%', text).any(|at| {
        if at < from || token_escape(&text[at..]).is_none() {
            return false;
        }
        let floor = from.max(at.saturating_sub(MAX_PIECE));
        let plain = text[floor..at].iter().rev().take_while(|&&byte| candidate::is_token(byte)).count();
        let mut piece = text[at - plain..at].to_vec();
        from = at;
        while piece.len() < MAX_PIECE {
            let (length, byte) = match token_escape(&text[from..]) {
                Some(escape) => escape,
                None => match text.get(from) {
                    Some(&byte) if candidate::is_token(byte) => (1, byte),
                    _ => break,
                },
            };
            piece.push(byte);
            from += length;
        }
        let mut any = false;
        candidate::runs(&piece, |_| any = true);
        any
    })
}

/// Whether a text holds an escape that stands for a part of a name or of what constructs are made of.
pub(crate) fn holds_structure(text: &[u8]) -> bool {
    let tells = |byte: u8| byte.is_ascii_alphanumeric() || b"_{}[]()\"'`:=,;\n".contains(&byte);
    memchr::memchr3_iter(b'%', b'\\', b'&', text).any(|at| {
        text.get(at + 1).is_some_and(|&next| may_follow(text[at], next))
            && escape(&text[at..]).is_some_and(|(_, byte, _)| tells(byte))
    })
}

/// An escape that stands for a character of tokens: its length and the character.
fn token_escape(rest: &[u8]) -> Option<(usize, u8)> {
    let (length, byte, _) = if rest.first() == Some(&b'%') { percent(rest) } else { backslash(rest) }?;
    candidate::is_token(byte).then_some((length, byte))
}

/// Whether an escape that begins with `mark` may go on with a byte.
fn may_follow(mark: u8, next: u8) -> bool {
    match mark {
        b'%' => next.is_ascii_hexdigit(),
        b'\\' => matches!(next, b'/' | b'x' | b'u' | b'0' | b'1'),
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

fn octal_byte(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(text, 8).ok().filter(|byte| byte.is_ascii_graphic() || *byte == b' ')
}

/// What a text begins with: the length of the escape, the character that it stands for and its kind.
fn escape(rest: &[u8]) -> Option<(usize, u8, &'static str)> {
    match rest.first()? {
        b'%' => percent(rest),
        b'\\' => backslash(rest),
        _ => entity(rest),
    }
}

fn percent(rest: &[u8]) -> Option<(usize, u8, &'static str)> {
    Some((3, hex_byte(rest.get(1..3)?)?, "percent"))
}

fn backslash(rest: &[u8]) -> Option<(usize, u8, &'static str)> {
    match rest.get(1)? {
        b'/' => Some((2, b'/', "escape")),
        b'x' => Some((4, hex_byte(rest.get(2..4)?)?, "escape")),
        b'u' if rest.get(2..4)? == b"00" => Some((6, hex_byte(rest.get(4..6)?)?, "escape")),
        b'0' | b'1' => Some((4, octal_byte(rest.get(1..4)?)?, "octal")),
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
            ("\\x61\\x70i\\137\\u006b", "api\\137k"),
            ("\\141\\160\\151\\137\\153\\145\\171\\060", "api_key0"),
            ("s/(a)(b)/\\2\\1/", "s/(a)(b)/\\2\\1/"),
        ] {
            let mut all = Vec::new();
            find(text.as_bytes(), false, &mut all);
            let view = View::new(text.as_bytes(), all);
            assert_eq!(String::from_utf8_lossy(&view.text), expected);
        }
    }

    #[test]
    fn values_of_escapes_alone_are_seen() {
        let value = ["a1B2", "c3D4", "e5F6", "g7H8"].concat();
        let all = |form: &dyn Fn(u8) -> String| value.bytes().map(form).collect::<String>();
        for (text, expected) in [
            (all(&|byte| format!("\\x{byte:02x}")), true),
            (all(&|byte| format!("\\u{byte:04X}")), true),
            (all(&|byte| format!("\\{byte:03o}")), true),
            (all(&|byte| format!("%{byte:02X}")), true),
            (value.replace("e5", "%65%35"), true),
            ("redirect=https%3A%2F%2Fexample.org%2Ftrade%2F2024-01-02".to_owned(), false),
            ("\\x00\\x41\\x8f\\x10\\x42\\xf3\\x7f\\x20".repeat(9), false),
            ("100%\\n\\d+ of %d".to_owned(), false),
        ] {
            assert_eq!(hides_candidate(text.as_bytes()), expected, "{text}");
        }
    }
}
