//! Whole tokens that are text in an encoding: base64 (both alphabets, with or without padding) and hexadecimal.

use std::borrow::Cow;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

use super::Replacement;
use crate::span::Span;

/// The shortest decoded text that is believed: ten random bytes are printable once in twenty thousand tokens, and are then
/// judged like any other text.
const MIN_TEXT: usize = 10;
/// The longest token that is decoded.
const MAX_TOKEN: usize = 4 << 20;

/// Finds such tokens among the candidates.
pub(super) fn find(text: &[u8], runs: &[Span], all: &mut Vec<Replacement>) {
    let mut runs = runs.iter().copied().peekable();
    while let Some(run) = runs.next() {
        if run.len() > MAX_TOKEN {
            continue;
        }
        let token = run.of(text);
        if let Some(decoded) = hex(token) {
            all.push(Replacement { span: run, text: decoded, encoding: "hex" });
            continue;
        }
        // A block of base64 in lines of equal length is one token.
        let mut span = run;
        let mut joined = Cow::Borrowed(token);
        while let Some(&next) = runs.peek() {
            let between = &text[span.end..next.start];
            let wraps = token.len() >= 60
                && between.len() <= 2
                && !between.is_empty()
                && between.iter().all(|&byte| byte == b'\n' || byte == b'\r')
                && next.len() <= token.len();
            if !wraps || joined.len() > MAX_TOKEN {
                break;
            }
            joined.to_mut().extend_from_slice(next.of(text));
            span.end = next.end;
            runs.next();
        }
        if let Some(decoded) = base64(&joined) {
            while span.end < text.len() && text[span.end] == b'=' {
                span.end += 1;
            }
            all.push(Replacement { span, text: decoded, encoding: "base64" });
        }
    }
}

fn hex(token: &[u8]) -> Option<Vec<u8>> {
    if !token.len().is_multiple_of(2) {
        return None;
    }
    // Most tokens aren't text: the first bytes tell.
    let mut head = [0; MIN_TEXT];
    HEXLOWER_PERMISSIVE.decode_mut(token.get(..2 * MIN_TEXT)?, &mut head).ok()?;
    is_text(&head).then_some(())?;
    HEXLOWER_PERMISSIVE.decode(token).ok().filter(|text| is_text(text))
}

fn base64(token: &[u8]) -> Option<Vec<u8>> {
    if token.len() < 14 || token.len() % 4 == 1 {
        return None;
    }
    let (plain, url) = (
        token.iter().any(|&byte| byte == b'+' || byte == b'/'),
        token.iter().any(|&byte| byte == b'-' || byte == b'_'),
    );
    let encoding = match (plain, url) {
        (true, true) => return None,
        (_, false) => BASE64_NOPAD,
        (false, true) => BASE64URL_NOPAD,
    };
    let mut head = [0; 9];
    encoding.decode_mut(&token[..12], &mut head).ok()?;
    is_text(&head).then_some(())?;
    // Trailing bits that should be zero are forgiven by dropping the last, incomplete group.
    let decoded = encoding.decode(token).or_else(|_| encoding.decode(&token[..token.len() / 4 * 4])).ok()?;
    (decoded.len() >= MIN_TEXT && is_text(&decoded)).then_some(decoded)
}

/// Printable text: ASCII, or UTF-8 with little beyond it.
fn is_text(bytes: &[u8]) -> bool {
    let visible = bytes.iter().filter(|&&byte| byte.is_ascii_graphic() || byte == b' ').count();
    let blank = bytes.iter().filter(|&&byte| matches!(byte, b'\n' | b'\r' | b'\t')).count();
    if visible + blank == bytes.len() {
        return true;
    }
    let controls = bytes.iter().any(|&byte| byte < 0x20 && !matches!(byte, b'\n' | b'\r' | b'\t'));
    !controls && visible * 10 >= bytes.len() * 8 && (std::str::from_utf8(bytes).is_ok() || bytes.len() <= MIN_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_tokens_is_found() {
        let plain = "{\"exchange\": \"x\", \"k\": \"v\"}";
        for token in [
            data_encoding::BASE64.encode(plain.as_bytes()),
            BASE64URL_NOPAD.encode(plain.as_bytes()),
            data_encoding::HEXLOWER.encode(plain.as_bytes()),
        ] {
            let text = format!("a = \"{token}\"");
            let mut runs = Vec::new();
            crate::detect::candidate::runs(text.as_bytes(), |run| runs.push(run));
            let mut all = Vec::new();
            find(text.as_bytes(), &runs, &mut all);
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!(String::from_utf8_lossy(&all[0].text), plain);
            assert_eq!(&text[all[0].span.range()], token);
        }
    }

    #[test]
    fn random_tokens_are_not_text() {
        let token = data_encoding::HEXLOWER.encode(&[0x9c; 32]);
        assert_eq!(hex(token.as_bytes()), None);
        assert_eq!(base64(token.as_bytes()), None);
    }
}
