//! Literals that values without a random-looking token hang on: PEM headers, URLs with passwords, names of passwords,
//! words of phrases, and prefixes of tokens that are often without a digit.

use std::sync::OnceLock;

use super::literal::Literals;
use super::token::is_word;
use crate::span::Span;

const LITERALS: [&str; 24] = [
    "-----BEGIN",
    "://",
    "pass",
    "PASS",
    "Pass",
    "pwd",
    "PWD",
    "nemonic",
    "NEMONIC",
    "seed",
    "SEED",
    "Seed",
    "hrase",
    "HRASE",
    "ecover",
    "ECOVER",
    "AKIA",
    "ASIA",
    "hf_",
    "mysql",
    "new PDO",
    // The end of Hardhat's phrase, see `dev_key`.
    "test junk",
    // What people choose for Jupyter.
    "App.token",
    "Provider.token",
];

/// Whether a text holds one of the literals, so that its places are found anyway.
pub(crate) fn holds(text: &str) -> bool {
    LITERALS.iter().any(|literal| text.contains(literal))
}

/// The places of the literals that may lead to a value, in order.
pub(crate) fn find(text: &[u8]) -> Vec<Span> {
    static ANCHORS: OnceLock<Literals> = OnceLock::new();
    let mut all = Vec::new();
    ANCHORS.get_or_init(|| Literals::new(&LITERALS)).each(text, |span| {
        let leads = match text[span.start] {
            b':' => holds_password(&text[span.end..]),
            b'-' | b'A' | b'h' if !matches!(text[span.start + 1], b'r' | b'R' | b'p') => true,
            b'm' | b'n' if text[span.start + 1] != b'e' => true,
            b't' => true,
            _ => is_given(text, span.end),
        };
        if leads {
            all.push(span);
        }
    });
    all
}

/// Whether a URL goes on with `user:password@`.
fn holds_password(rest: &[u8]) -> bool {
    let end = rest.iter().take(256).position(|&byte| {
        byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'@')
    });
    end.is_some_and(|end| {
        rest[end] == b'@' && rest[..end].contains(&b':')
            || rest[end] == b'/' && rest[..end].contains(&b':') && rest[end..].iter().take(64).any(|&byte| byte == b'@')
    })
}

/// Whether what a literal is part of is given a value: an operator, a tag's end, a blank and something, behind the word.
fn is_given(text: &[u8], end: usize) -> bool {
    let word_end = text[end..].iter().take(40).position(|&byte| !is_word(byte)).map(|at| end + at);
    let Some(at) = word_end else { return false };
    let behind = &text[at..text.len().min(at + 12)];
    behind.iter().any(|byte| matches!(byte, b'=' | b':' | b'>' | b',' | b'|' | b'\n' | 0xef))
        || behind.first() == Some(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_to_values() {
        for (text, expected) in [
            ("see https://example.org/a for more", 0),
            ("postgres://bot:hunter@db/x", 1),
            ("password = 1", 1),
            ("DB_PASSWORD=x", 1),
            ("bypassed()", 0),
            ("-----BEGIN KEY", 1),
            ("<password>x", 1),
        ] {
            assert_eq!(find(text.as_bytes()).len(), expected, "{text}");
        }
    }
}
