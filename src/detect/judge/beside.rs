//! What stands right beside a value and says what it is without a name: the parts of a URL and of `key:secret`, the marks of
//! hashes, links, calls.

use crate::detect::{candidate, randomness, token};
use crate::rules::Role;
use crate::span::Span;

/// The part that a value is as user or password of a URL: `https://key:secret@host`.
pub(super) fn in_url(text: &[u8], value: Span) -> Option<Role> {
    let before = &text[value.start.saturating_sub(200)..value.start];
    match text.get(value.end) {
        Some(b':') if before.ends_with(b"://") => {
            let rest = &text[value.end + 1..text.len().min(value.end + 200)];
            let end =
                rest.iter().position(|byte| matches!(byte, b'@' | b'/' | b'"' | b'\'') || byte.is_ascii_whitespace());
            end.is_some_and(|end| rest[end] == b'@').then_some(Role::Key)
        }
        Some(b'@') => {
            let user = before.strip_suffix(b":")?;
            let start = user.iter().rposition(|byte| matches!(byte, b'/' | b'"' | b'\'' | b'@'))?;
            user[..=start].ends_with(b"://").then_some(Role::Secret)
        }
        _ => None,
    }
}

/// The part that a value is of a `key:secret` without a name.
pub(super) fn in_couple(text: &[u8], value: Span) -> Option<Role> {
    const LEAST: usize = 12;
    let inside = |byte: &u8| candidate::is_token(*byte);
    let random = |token: &[u8]| {
        token.len() >= LEAST
            && token.len() <= 256
            && token.iter().any(u8::is_ascii_digit)
            && token.iter().any(u8::is_ascii_alphabetic)
            && randomness::is_random(token)
    };
    if text.get(value.end) == Some(&b':') {
        let rest = &text[value.end + 1..];
        let end = rest.iter().position(|byte| !inside(byte)).unwrap_or(rest.len());
        return random(&rest[..end]).then_some(Role::Key);
    }
    let before = text[..value.start].strip_suffix(b":")?;
    let start = before.iter().rposition(|byte| !inside(byte)).map_or(0, |at| at + 1);
    random(&before[start..]).then_some(Role::Secret)
}

/// Whether the argument before a value is the URL of an interface.
pub(super) fn behind_url(text: &[u8], value: Span) -> bool {
    let before = text[value.start.saturating_sub(160)..value.start].trim_ascii_end();
    let Some(before) = before.split_last().filter(|(quote, _)| token::is_quote(**quote)).map(|split| split.1) else {
        return false;
    };
    let Some(before) = before.trim_ascii_end().strip_suffix(b",") else { return false };
    let Some((&mark, inside)) = before.trim_ascii_end().split_last() else { return false };
    let Some(open) = inside.iter().rposition(|&byte| byte == mark) else { return false };
    let url = &inside[open + 1..];
    let Some(scheme) = url.windows(3).position(|three| three == b"://") else { return false };
    let host = url[scheme + 3..].split(|&byte| byte == b'/').next().unwrap_or_default();
    token::is_quote(mark)
        && matches!(&url[..scheme], b"ws" | b"wss" | b"http" | b"https")
        && (url.starts_with(b"ws")
            || host
                .split(|&byte| byte == b'.')
                .any(|label| matches!(label, b"api" | b"ws" | b"stream" | b"feed" | b"rpc" | b"data")))
}

/// Code, not a value: `getSecret(...)`, `config.secret`, `a[b]`.
pub(super) fn is_expression(text: &[u8], span: Span) -> bool {
    matches!(text.get(span.end), Some(b'(' | b'[' | b'.'))
        && text.get(span.end + 1).is_some_and(|byte| !byte.is_ascii_whitespace())
}

/// What stands right before checksums.
const CHECKSUMS: [&[u8]; 12] = [
    b"sha256:",
    b"sha512:",
    b"sha1:",
    b"md5:",
    b"sha256-",
    b"sha512-",
    b"sha384-",
    b"sha256=",
    b"sha1-",
    b"blake3:",
    b"sha3-",
    b"checksum = \"",
];

/// What checksums begin with.
const PREFIXES: [&[u8]; 3] = [b"sha512-", b"sha256-", b"sha384-"];

/// What stands right before other values that nobody keeps secret.
const NOISE: [&[u8]; 6] = [b"base64,", b"etag: ", b"etag:\"", b"urn:uuid:", b"commit ", b"data:"];

/// Whether it is said right before a value, or in its first letters, that it is a checksum, which may have the shape of a key.
/// Lock files hold little else.
pub(crate) fn is_checksum(text: &[u8], span: Span) -> bool {
    let last = span.start.checked_sub(1).map(|at| text[at]);
    let marked = || is_behind(text, span, &CHECKSUMS) || is_go_sum(text, span);
    matches!(last, Some(b':' | b'-' | b'=' | b'"')) && marked()
        || PREFIXES.iter().any(|mark| span.of(text).starts_with(mark))
}

/// Whether a value stands behind the `h1:` of `go.sum`, which other words may end with: `oauth1:`.
fn is_go_sum(text: &[u8], span: Span) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text[..span.start].strip_suffix(b"h1:").is_some_and(|before| !before.last().is_some_and(word))
}

/// Whether a value is a hash or the like by what stands right before it or by the words it begins with.
pub(crate) fn noise_before(text: &[u8], span: Span) -> bool {
    is_checksum(text, span) || is_behind(text, span, &NOISE) || in_link(text, span)
}

fn is_behind(text: &[u8], span: Span, marks: &[&[u8]]) -> bool {
    let before = &text[..span.start];
    marks
        .iter()
        .any(|mark| before.len() >= mark.len() && before[before.len() - mark.len()..].eq_ignore_ascii_case(mark))
}

/// Whether the password of a URL is the one that a service comes with, on a host of one's own: the name of the user or of the
/// scheme, as in `amqp://guest:guest@localhost` and `redis://:redis@cache:6379`.
pub(crate) fn is_default_login(text: &[u8], span: Span) -> bool {
    const LONGEST: usize = 80;
    let before = &text[span.start.saturating_sub(LONGEST)..span.start];
    let Some(before) = before.strip_suffix(b":") else { return false };
    let Some(at) = before.windows(3).rposition(|three| three == b"://") else { return false };
    let (user, scheme) = (&before[at + 3..], &before[..at]);
    let value = span.of(text);
    let same = if user.is_empty() {
        let letters = scheme.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        scheme[scheme.len() - letters..].eq_ignore_ascii_case(value)
    } else {
        user.eq_ignore_ascii_case(value)
    };
    let host = text[span.end..].strip_prefix(b"@").unwrap_or_default();
    let length = host
        .iter()
        .take(LONGEST)
        .take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
        .count();
    let host = &host[..length];
    same && (!host.contains(&b'.')
        || [&b"127."[..], b"0.0.0.0", b"10.", b"192.168."].iter().any(|own| host.starts_with(own)))
}

/// Whether a value is the address of a stream (`wss://host/ws/VALUE`, which ends with its session) or the checksum behind a
/// link (`https://host/file.tgz#VALUE`).
fn in_link(text: &[u8], span: Span) -> bool {
    const LONGEST: usize = 160;
    let from = span.start.saturating_sub(LONGEST);
    let visible = |&&byte: &&u8| byte.is_ascii_graphic() && !token::is_quote(byte);
    let length = text[from..span.start].iter().rev().take_while(visible).count();
    let before = &text[span.start - length..span.start];
    let Some(scheme) = before.windows(3).rposition(|three| three == b"://") else { return false };
    let stream = before[..scheme].ends_with(b"ws") || before[..scheme].ends_with(b"wss");
    let behind = &before[scheme + 3..];
    behind.ends_with(b"#")
        || stream && [&b"/ws/"[..], b"/stream/", b"?listenKey=", b"?streams="].iter().any(|end| behind.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Engine, Hint};
    use crate::rules::RuleSet;

    /// The checksums of `go.sum` have the shape of some exchange's secrets; each version of one would be judged in full.
    #[test]
    fn checksums_can_be_no_credential_whatever_is_spoken_of() {
        let mut bytes = [7_u8; 32];
        let mut lines = |mark: &str| {
            let line = |number: u8| {
                bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_mul(181).wrapping_add(number));
                format!("example.org/m v1.{number}.0 {mark}{}\n", data_encoding::BASE64.encode(&bytes))
            };
            (1..40).map(line).collect::<String>()
        };
        let (marked, bare) = (lines("h1:"), lines("backpack_secret="));
        let engine = Engine::new(RuleSet::builtin());
        let hint = Hint { path: "go.sum".to_owned(), from_start: true, ..Hint::default() };
        assert!(engine.prospect(marked.as_bytes(), &hint, None).is_some_and(|prospect| prospect.is_barren()));
        assert!(!engine.prospect(bare.as_bytes(), &hint, None).is_some_and(|prospect| prospect.is_barren()));
    }

    #[test]
    fn what_checksums_follow() {
        for (text, expected) in [
            ("h1:V", true),
            ("SHA256:V", true),
            ("integrity=\"sha512-V", true),
            ("checksum = \"V", true),
            ("checksum=V", false),
            ("a h1:V", true),
            ("OAUTH1:-V", false),
            ("oauth1:V", false),
            ("key_h1:V", false),
            ("h2:V", false),
            ("1:V", false),
            ("V", false),
        ] {
            let at = text.len() - 1;
            assert_eq!(is_checksum(text.as_bytes(), Span::new(at, at + 1)), expected, "{text}");
        }
    }
}
