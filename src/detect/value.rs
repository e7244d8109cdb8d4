//! Where a value begins and ends: from a token to the whole of what stands between quotes, and from a name forward to
//! the value it is given.

use super::candidate::is_token;
use super::token::{self, is_quote};
use crate::span::Span;

/// The readings of a token as a value, the likeliest first.
pub(crate) fn readings(text: &[u8], run: Span) -> Vec<Span> {
    if let Some(start) = fallback(text, run) {
        return vec![Span::new(start, pad(text, Span::new(start, run.end)).end)];
    }
    let mut run = run;
    // An escape's letter before the token: `\nVALUE`, `\tVALUE`.
    if run.start > 0 && text[run.start - 1] == b'\\' && matches!(text[run.start], b'n' | b'r' | b't') {
        run.start += 1;
    }
    let mut all = Vec::with_capacity(3);
    let padded = pad(text, run);
    if let Some(quoted) = quoted(text, padded).filter(|quoted| *quoted != padded) {
        all.push(quoted);
    }
    all.push(padded);
    if padded != run {
        all.push(run);
    }
    // `/v3/VALUE`, `user/VALUE`: the last part of a path.
    if let Some(slash) = run.of(text).iter().rposition(|&byte| byte == b'/') {
        let last = Span::new(run.start + slash + 1, padded.end);
        if last.len() >= super::candidate::MIN_RUN {
            all.push(last);
        }
        let first = run.of(text).iter().position(|&byte| byte != b'/').unwrap_or(0);
        if first > 0 {
            all.push(Span::new(run.start + first, padded.end));
        }
    }
    // Diff marks and list dashes glued to the value.
    let dashes = run.of(text).iter().take_while(|&&byte| byte == b'-' || byte == b'+').count();
    if dashes > 0 && run.len() - dashes >= super::candidate::MIN_RUN {
        all.push(Span::new(run.start + dashes, padded.end));
    }
    all
}

/// Where the default begins that a look-up falls back to: `${NAME:-value}`, `${NAME:=value}`, `${name:value}`.
pub(crate) fn fallback(text: &[u8], run: Span) -> Option<usize> {
    // Few values have a bracket right behind them.
    if !text[run.end..].iter().take(4).any(|&byte| byte == b'}') {
        return None;
    }
    let before = &text[token::line_start_within(text, run.start, 96)..run.start];
    let open = before.windows(2).rposition(|pair| pair == b"${")?;
    let name = &before[open + 2..];
    let colon = name.iter().position(|&byte| byte == b':')?;
    let named = colon > 0
        && name[..colon].iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    let operator = &name[colon + 1..];
    if !named || !matches!(operator, b"" | b"-" | b"=") {
        return None;
    }
    let dash = usize::from(operator.is_empty() && text[run.start] == b'-');
    Some(run.start + dash)
}

/// Everything around a run up to blanks and quotes: `op://vault/item/field` for a run that is a part of it.
pub(crate) fn whole_word(text: &[u8], run: Span) -> Span {
    let (mut start, mut end) = (run.start, run.end);
    let inside =
        |byte: u8| byte.is_ascii_graphic() && !is_quote(byte) && !matches!(byte, b'=' | b',' | b';' | b'<' | b'>');
    while start > 0 && run.start - start < 128 && inside(text[start - 1]) {
        start -= 1;
    }
    while end < text.len() && end - run.end < 128 && inside(text[end]) {
        end += 1;
    }
    Span::new(start, end)
}

/// The run with its base64 padding.
fn pad(text: &[u8], run: Span) -> Span {
    let mut end = run.end;
    while end < text.len() && text[end] == b'=' && end - run.end < 2 {
        end += 1;
    }
    let follows = text.get(end).copied().unwrap_or(b' ');
    let closed = !is_token(follows) && follows != b'=';
    if end > run.end && closed && (run.len() + (end - run.end)).is_multiple_of(4) {
        Span::new(run.start, end)
    } else {
        run
    }
}

/// The inside of the quotes around a run, if it is one word of at most 256 visible characters.
fn quoted(text: &[u8], run: Span) -> Option<Span> {
    let (mut start, mut end) = (run.start, run.end);
    let inside = |byte: u8| byte.is_ascii_graphic() && !is_quote(byte) && byte != b'\\';
    while start > 0 && inside(text[start - 1]) && run.start - start < 256 {
        start -= 1;
    }
    while end < text.len() && inside(text[end]) && end - run.end < 256 {
        end += 1;
    }
    let open = start.checked_sub(1).map(|at| text[at])?;
    let mut close = end;
    while text.get(close) == Some(&b'\\') {
        close += 1;
    }
    let span = Span::new(start, end);
    (is_quote(open) && text.get(close) == Some(&open) && !is_assignment(span.of(text))).then_some(span)
}

/// A setting in quotes: `"NAME=value"`, as in a container's environment.
fn is_assignment(quoted: &[u8]) -> bool {
    let Some(equals) = memchr::memchr(b'=', quoted) else { return false };
    let (name, value) = (&quoted[..equals], &quoted[equals + 1..]);
    value.first().is_some_and(|&byte| byte != b'=')
        && name.iter().all(|&byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.'))
        && matches!(super::names::verdict(name), super::names::Verdict::Part(..))
}

/// Whether something other than a value's end touches it: `.`-joined parts, the rest of an address or an identifier.
pub(crate) fn stands_alone(text: &[u8], value: Span) -> bool {
    let joins = |at: Option<usize>, beyond: Option<usize>| {
        let Some(&byte) = at.and_then(|at| text.get(at)) else { return false };
        match byte {
            b'.' | b'@' | b'%' | b'~' => beyond.and_then(|at| text.get(at)).is_some_and(|&b| is_token(b)),
            b'\\' => false,
            _ => is_token(byte) && byte != b'/' && byte != b'-' && byte != b'+' || (0x80..0xC0).contains(&byte),
        }
    };
    let before = value.start.checked_sub(1);
    // `user:VALUE@host`
    if before.is_some_and(|at| text[at] == b':') && text.get(value.end) == Some(&b'@') {
        return true;
    }
    !joins(before, before.and_then(|at| at.checked_sub(1))) && !joins(Some(value.end), Some(value.end + 1))
}

/// The value that the name ending at `name_end` is given, on the same line: quoted, or up to the next blank or delimiter.
/// None where there is no value: calls, lookups, types.
pub(crate) fn given(text: &[u8], name_end: usize) -> Option<Given> {
    if let Some(default) = default_of(text, name_end) {
        // Its ends are as plain as quotes.
        return finish(default.start, default.end, true);
    }
    let line_end = token::line_end(text, name_end);
    if let Some(below) = below(text, name_end, line_end) {
        return finish(below.start, below.end, false).map(|given| Given { below: true, ..given });
    }
    if let Some(argument) = argument(text, name_end) {
        return finish(argument.start, argument.end, true).map(|given| Given { below: true, ..given });
    }
    let from = if text[name_end..line_end].trim_ascii() == b"\" {" {
        in_block(text, line_end)?
    } else {
        past_empty_name(text, name_end, line_end)
    };
    let line_end = if from == name_end { line_end } else { token::line_end(text, from) };
    let (name_end, mut at) = (from, from);
    let blank = |at: usize| matches!(text[at], b' ' | b'\t');
    // Behind the name: its closing quote, brackets, a type, then an operator.
    while at < line_end && (blank(at) || is_quote(text[at]) || matches!(text[at], b'\\' | b']' | b')' | b'*')) {
        at += 1;
    }
    let mut operator = at;
    while operator < line_end && matches!(text[operator], b'=' | b':' | b'>' | b',' | b'<' | b'|' | b'?') {
        operator += 1;
        while operator < line_end && blank(operator) {
            operator += 1;
        }
    }
    if text[at..].starts_with("：".as_bytes()) {
        operator = at + 3;
    }
    let flagged = operator == at;
    if flagged && (at >= line_end || !blank(at.saturating_sub(1))) {
        return None;
    }
    at = operator;
    // `string = "..."`: a type after a colon.
    if let Some(equals) = type_annotation(&text[at..line_end]) {
        at += equals + 1;
    }
    while at < line_end && (blank(at) || matches!(text[at], b'(' | b'[' | b'\\')) {
        at += 1;
    }
    at = past_wrapper(text, at, line_end);
    // String prefixes.
    if at + 1 < line_end && matches!(text[at], b'b' | b'r' | b'f' | b'u' | b'@' | b'$') && is_quote(text[at + 1]) {
        at += 1;
    }
    if at >= line_end {
        return None;
    }
    if is_quote(text[at]) {
        let mark = text[at];
        let start = at + 1;
        let mut end = start;
        while end < line_end && text[end] != mark {
            end += if text[end] == b'\\' && text.get(end + 1) == Some(&mark) && text[name_end..at].contains(&b'\\') {
                return finish(start, end, true);
            } else if text[end] == b'\\' {
                2
            } else {
                1
            };
        }
        return if end < line_end || text.get(end) == Some(&mark) {
            finish(start, end.min(text.len()), true)
        } else {
            None
        };
    }
    let start = at;
    let mut end = start;
    while end < line_end
        && !text[end].is_ascii_whitespace()
        && !matches!(text[end], b',' | b';' | b'"' | b'\'' | b'<' | b'`' | b'\\')
    {
        end += 1;
    }
    while end > start && matches!(text[end - 1], b')' | b'}' | b']' | b'.' | b':') {
        end -= 1;
    }
    if flagged && !text[..name_end].ends_with(b"-") && end == start {
        return None;
    }
    finish(start, end, false).map(|given| Given { spoken: flagged, ..given })
}

/// The lone string that a setter is called with: `.set_passphrase("value")`, `.passphrase("value")`.
fn argument(text: &[u8], name_end: usize) -> Option<Span> {
    const LONGEST: usize = 128;
    let rest = text.get(name_end..)?.strip_prefix(b"(")?;
    let (&mark, inside) = rest.split_first().filter(|(byte, _)| is_quote(**byte))?;
    let length = inside.iter().take(LONGEST).position(|&byte| byte == mark || byte == b'\n')?;
    let closed = inside[length] == mark && inside.get(length + 1) == Some(&b')');
    (closed && length > 0).then(|| Span::new(name_end + 2, name_end + 2 + length))
}

/// The one word on the line below a name that has its own line to itself, as on pages that show a new key: `Passphrase`,
/// line end, value.
fn below(text: &[u8], name_end: usize, line_end: usize) -> Option<Span> {
    const LONGEST_LABEL: usize = 40;
    if !matches!(text[name_end..line_end].trim_ascii(), b"" | b":") {
        return None;
    }
    let line = &text[token::line_start(text, name_end)..line_end];
    let label = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b' ' | b'-' | b'*' | b':' | b'_' | b'\r');
    if line.len() > LONGEST_LABEL || !line.iter().all(label) {
        return None;
    }
    let start = line_end + token::breaks_at(text, line_end);
    let end = token::line_end(text, start.min(text.len()));
    let value = text[start.min(end)..end].trim_ascii_end();
    (start > line_end && !value.is_empty() && value.iter().all(u8::is_ascii_graphic))
        .then(|| Span::new(start, start + value.len()))
}

/// The default in a look-up whose name ends at `name_end`: `${NAME:-value}`, `${NAME:=value}`, `${name:value}`.
fn default_of(text: &[u8], name_end: usize) -> Option<Span> {
    if text.get(name_end) != Some(&b':') {
        return None;
    }
    const LONGEST: usize = 256;
    let floor = name_end.saturating_sub(LONGEST);
    let start = floor + text[floor..name_end].iter().rposition(|&byte| !token::is_word(byte) && byte != b'.')?;
    if text[start] != b'{' || start == 0 || text[start - 1] != b'$' {
        return None;
    }
    let from = name_end + 1 + usize::from(matches!(text.get(name_end + 1), Some(b'-' | b'=')));
    let end = from + memchr::memchr(b'}', &text[from..token::line_end(text, from)])?;
    let value = &text[from..end];
    (!value.is_empty() && !value.contains(&b'$') && !value.contains(&b' ')).then(|| Span::new(from, end))
}

/// Behind the name of the setting in a block whose head, which ends at `at`, names it: `variable "name" {`, some lines, `default = `.
fn in_block(text: &[u8], mut at: usize) -> Option<usize> {
    const LINES: usize = 8;
    for _ in 0..LINES {
        at += token::breaks_at(text, at);
        let end = token::line_end(text, at);
        let line = &text[at..end];
        let blanks = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let found = [&b"default"[..], b"value"].into_iter().find(|word| {
            line[blanks..].starts_with(word) && line[blanks + word.len()..].trim_ascii_start().starts_with(b"=")
        });
        if let Some(word) = found {
            return Some(at + blanks + word.len());
        }
        if line.contains(&b'}') || end >= text.len() {
            return None;
        }
        at = end;
    }
    None
}

/// Calls that hand on what they are given: `SecretStr("value")`, `Some("value")`.
const WRAPPERS: &[&[u8]] = &[
    b"SecretStr",
    b"SecretString",
    b"SecretBox",
    b"Secret",
    b"Some",
    b"Ok",
    b"String",
    b"from",
    b"new",
    b"str",
    b"bytes",
    b"Buffer.from",
    b"strdup",
    b"encode",
    b"of",
    b"Arc",
    b"Box",
    b"Cow",
    b"aws.String",
    b"ptr",
    b"String.valueOf",
];

/// Behind the opening parenthesis of a wrapper around a literal, if one stands at `at`.
fn past_wrapper(text: &[u8], at: usize, line_end: usize) -> usize {
    let rest = &text[at..line_end];
    let Some(open) = rest.iter().take(40).position(|&byte| byte == b'(') else { return at };
    let callee = &rest[..open];
    let quoted = rest.get(open + 1).is_some_and(|&byte| is_quote(byte));
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'&' | b' ');
    let last = callee.rsplit(|&byte| matches!(byte, b':' | b' ' | b'&')).next().unwrap_or_default();
    if quoted && callee.iter().all(word) && WRAPPERS.contains(&last) { at + open + 1 } else { at }
}

/// `key="name" value="`, `"key": "name", "value": "`, `name: x`, line end, `value: `: behind the empty name that follows.
fn past_empty_name(text: &[u8], name_end: usize, line_end: usize) -> usize {
    const EMPTY: [&[u8]; 4] = [b"value", b"default", b"Value", b"content"];
    let (mut from, mut end) = (name_end, line_end);
    if text[name_end..line_end].iter().all(|&byte| byte.is_ascii_whitespace() || is_quote(byte) || byte == b',') {
        // The next line of a YAML pair.
        from = (line_end + if text[line_end..].starts_with(b"\r\n") { 2 } else { 1 }).min(text.len());
        end = token::line_end(text, from);
    }
    let rest = &text[from..end.min(from + 64)];
    let skipped = rest
        .iter()
        .take_while(|&&byte| byte.is_ascii_whitespace() || is_quote(byte) || matches!(byte, b',' | b'\\'))
        .count();
    let word = &rest[skipped..];
    EMPTY
        .iter()
        .find(|empty| word.starts_with(empty) && !word.get(empty.len()).is_some_and(|&byte| token::is_word(byte)))
        .map_or(name_end, |empty| from + skipped + empty.len())
}

/// A value and how it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) span: Span,
    pub(crate) quoted: bool,
    /// Nothing but a blank stands between name and value.
    pub(crate) spoken: bool,
    /// The value has the line below the name's to itself, or is what the name is called with: enough only beside other parts.
    pub(crate) below: bool,
}

fn finish(start: usize, end: usize, quoted: bool) -> Option<Given> {
    (end > start && end - start <= 512).then(|| Given {
        span: Span::new(start, end),
        quoted,
        spoken: false,
        below: false,
    })
}

/// The offset of the `=` behind a type: `str = `, `Option<String> = `.
fn type_annotation(rest: &[u8]) -> Option<usize> {
    let equals = rest.iter().take(48).position(|&byte| byte == b'=')?;
    let before = &rest[..equals];
    let is_type = !before.is_empty()
        && before.iter().all(|&byte| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b' ' | b'&' | b'<' | b'>' | b'[' | b']' | b'_' | b'|' | b'?' | b'\'' | b'.')
        })
        && rest.get(equals + 1) == Some(&b' ')
        && before.ends_with(b" ");
    is_type.then_some(equals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_given_to_names() {
        for (text, expected) in [
            ("passphrase|: 'a b!c'", Some("a b!c")),
            ("PASSPHRASE|=Tig#er!x", Some("Tig#er!x")),
            ("\"password|\": \"x,y\",", Some("x,y")),
            ("password|: str = \"abc\"", Some("abc")),
            ("password| x1y2", Some("x1y2")),
            ("--password| x1y2 --z", Some("x1y2")),
            ("password|", None),
            ("\\\"pass|\\\":\\\"abc\\\",", Some("abc")),
            ("<password|>abc</password>", Some("abc")),
            ("<add key=\"OkxPassphrase|\" value=\"abc\" />", Some("abc")),
            ("{\"key\": \"passphrase|\", \"value\": \"abc\", \"enabled\": true}", Some("abc")),
            ("- name: PASSPHRASE|\n  value: abc", Some("abc")),
            ("- name: PASSPHRASE|\r\n  value: abc\r\n", Some("abc")),
            ("passphrase|: SecretStr = SecretStr(\"abc\")", Some("abc")),
            ("passphrase|: Some(\"abc\".into()),", Some("abc")),
            ("p=${PASSPHRASE|:-abc}", Some("abc")),
            ("p: ${okx.passphrase|:abc}", Some("abc")),
            (".set_passphrase|(\"abc\")", Some("abc")),
            ("getPassword|(\"abc\", 1)", None),
            ("Passphrase|\nabc\n", Some("abc")),
            ("Passphrase|:\r\nabc\r\n", Some("abc")),
            ("Passphrase|\nabc def\n", None),
            ("Choose one, such as a passphrase|\nabc\n", None),
            ("p=${PASSPHRASE|}", None),
            ("variable \"okx_passphrase|\" {\n  type = string\n  default = \"abc\"\n}", Some("abc")),
            ("variable \"okx_passphrase|\" {\n  type = string\n}\nlocals {\n  default = \"abc\"\n}", None),
        ] {
            let at = text.find('|').expect("a mark");
            let clean = text.replacen('|', "", 1);
            let found = given(clean.as_bytes(), at).map(|given| &clean[given.span.range()]);
            assert_eq!(found, expected, "{text}");
        }
    }
}
