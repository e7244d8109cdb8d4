//! Values that are named by what they are handed to only: `const t = "..."`, and some lines on `headers: { t }` or
//! `Authorization: Bearer ${t}`. What a program sends in such a header is a token, whatever it calls it.

use super::judge::{self, Hit};
use super::names::{self, Strength, Verdict};
use super::{Document, placeholder, randomness, scope, token};
use crate::rules::{Confidence, Role};
use crate::span::Span;

/// Shorter values are seldom tokens.
const LEAST: usize = 20;
/// How far behind and before the value its use is sought. Versions of a file are read around what changed in them
/// (`prospect`), so this must not reach further than that.
const BEHIND: usize = 1536;
const BEFORE: usize = 1024;

/// Finds such values among the candidates that nothing else recognised.
pub(crate) fn read(document: &mut Document<'_, '_, '_>, runs: &[Span]) {
    let Some(rule) = document.engine.generic_rule(Role::Token) else { return };
    let mut found = Vec::new();
    for &run in runs.iter().filter(|run| run.len() >= LEAST && !judge::is_checksum(document.text, **run)) {
        let Some(variable) = variable(document.text, run) else { continue };
        if document.hits.iter().any(|hit| hit.span.overlaps(run)) || !is_token(document, run) {
            continue;
        }
        let Some(place) = handed(document.text, run, variable) else { continue };
        let reason = format!(
            "{} is sent in a header ({}) and the value is random",
            judge::quote(document.text, variable),
            judge::quote(document.text, place)
        );
        let hit = Hit::of_rule(document.engine, rule, run, vec![reason]);
        found.push(Hit { role: Role::Token, confidence: Confidence::Medium, name: Some(variable), ..hit });
    }
    document.hits.append(&mut found);
}

fn is_token(document: &Document<'_, '_, '_>, run: Span) -> bool {
    let value = run.of(document.text);
    randomness::is_random(value)
        && value.iter().any(u8::is_ascii_digit)
        && !placeholder::is_placeholder(value)
        && !document.engine.is_published(value)
        && !judge::noise_before(document.text, run)
        && !document.hint.is_minified(document.text, run.start)
}

/// The variable that a quoted value is assigned to, if its name says nothing: `t = "..."`, `let t: string = "..."`,
/// `t := "..."`.
fn variable(text: &[u8], value: Span) -> Option<Span> {
    let quote = *text.get(value.start.checked_sub(1)?)?;
    if !token::is_quote(quote) || text.get(value.end) != Some(&quote) {
        return None;
    }
    let start = token::line_start(text, value.start);
    let before = text[start..value.start - 1].trim_ascii_end().strip_suffix(b"=")?;
    let before = before.strip_suffix(b":").unwrap_or(before).trim_ascii_end();
    // A type between the name and the value.
    let typed = before.iter().rposition(|&byte| byte == b':').filter(|&at| is_name(before[at + 1..].trim_ascii()));
    let before = typed.map_or(before, |at| before[..at].trim_ascii_end());
    let length = before.iter().rev().take_while(|&&byte| token::is_word(byte) && byte != b'.').count();
    let name = Span::new(start + before.len() - length, start + before.len());
    let alone = before.len() == length || before[before.len() - length - 1].is_ascii_whitespace();
    // What it says outright was judged by it.
    let silent = match names::verdict(name.of(text)) {
        Verdict::Nothing => true,
        Verdict::Part(role, strength) => strength == Strength::Weak && is_sent_as(role),
        Verdict::Other => false,
    };
    (alone && (1..=32).contains(&length) && is_name(name.of(text)) && silent).then_some(name)
}

/// Whether a part is sent in a header of its own.
fn is_sent_as(role: Role) -> bool {
    matches!(role, Role::Key | Role::Secret | Role::Token)
}

fn is_name(word: &[u8]) -> bool {
    word.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && word.iter().all(|&byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Where the variable is used as the value of a header that carries credentials: the line up to it.
fn handed(text: &[u8], value: Span, variable: Span) -> Option<Span> {
    let (from, to) = (value.start.saturating_sub(BEFORE), (value.end + BEHIND).min(text.len()));
    let name = variable.of(text);
    memchr::memmem::find_iter(&text[from..to], name).find_map(|at| {
        let here = Span::new(from + at, from + at + name.len());
        let joins = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|&byte| is_of_name(byte));
        let whole = !joins(here.start.checked_sub(1)) && !joins(Some(here.end));
        (whole && here != variable && is_sent(text, here)).then(|| {
            let start = token::line_start_within(text, here.start, 40);
            Span::new(start, here.end)
        })
    })
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')
}

/// Whether a use of a variable is the value of such a header.
fn is_sent(text: &[u8], here: Span) -> bool {
    let start = token::line_start_within(text, here.start, 160);
    let line = text[start..here.start].to_ascii_lowercase();
    // What joins texts and opens templates: `"Bearer " + t`, `Bearer ${t}`, `'Bearer %s' % t`.
    let joint = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`+{$(%s,:=&.".contains(byte);
    let bare = &line[..line.len() - line.iter().rev().take_while(|byte| joint(byte)).count()];
    if [&b"bearer"[..], b"authorization"].iter().any(|word| bare.ends_with(word)) {
        return true;
    }
    let scopes = scope::brackets(text, here.start);
    let label = scopes.first().map(|scope| scope.label.of(text).to_ascii_lowercase()).unwrap_or_default();
    let about = |text: &[u8]| memchr::memmem::find(text, b"header").is_some();
    let before = line.trim_ascii_end();
    let behind = text[here.end..].trim_ascii_start().first();
    // `headers: { t }`: the variable's own name is the header's.
    if about(&label) && matches!(before.last(), Some(b'{' | b',')) && matches!(behind, Some(b'}' | b',')) {
        return true;
    }
    // `"X-Api-Key": t`, `.header("X-Api-Key", t)`
    let Some(named) = before.strip_suffix(b":").or_else(|| before.strip_suffix(b",")) else { return false };
    let named = named.trim_ascii_end();
    let named = named.strip_suffix(b"\"").or_else(|| named.strip_suffix(b"'")).unwrap_or(named);
    let length = named.iter().rev().take_while(|&&byte| byte == b'-' || token::is_word(byte)).count();
    let says = names::verdict(&named[named.len() - length..]);
    matches!(says, Verdict::Part(role, _) if is_sent_as(role)) && (about(&label) || about(&line))
}

#[cfg(test)]
mod tests {
    use crate::detect::{Engine, Hint};
    use crate::rules::RuleSet;

    /// Twenty random bytes in hexadecimal, put together here.
    fn value() -> String {
        (0..20_u32).map(|at| format!("{:02x}", (at * 167 + 41) * (at + 3) % 251)).collect()
    }

    #[test]
    fn what_is_sent_in_a_header_is_a_token() {
        let cases = [
            ("const t = 'VALUE';\nget(url, { headers: { t } });\n", true),
            ("const t = 'VALUE';\nget(url, { headers: { accept, t, } });\n", true),
            ("const zz: string = \"VALUE\";\nfetch(u, { headers: { Authorization: `Bearer ${zz}` } });\n", true),
            ("const zz = \"VALUE\";\nfetch(u, { headers: { 'Authorization': 'Bearer ' + zz } });\n", true),
            ("zz = \"VALUE\"\nr = get(u, headers={\"Authorization\": f\"Bearer {zz}\"})\n", true),
            ("zz = \"VALUE\"\nr = get(u, headers={\"X-Api-Key\": zz})\n", true),
            ("zz := \"VALUE\"\nreq.Header.Set(\"Authorization\", \"Bearer \"+zz)\n", true),
            ("let zz = \"VALUE\";\nlet r = c.get(u).header(\"X-Api-Key\", zz);\n", true),
            ("fetch(u, { headers: { authorization: zz } });\nconst zz = 'VALUE';\n", true),
            // Handed to something else, not handed at all, or named as something else.
            ("const zz = 'VALUE';\nget(url, { params: { zz } });\n", false),
            ("const zz = 'VALUE';\nget(url, { headers: { 'If-None-Match': zz } });\n", false),
            ("const zz = 'VALUE';\nget(url, { headers: { tzz, zzt } });\n", false),
            ("const etag = 'VALUE';\nget(url, { headers: { etag } });\n", false),
            ("const requestId = 'VALUE';\nget(url, { headers: { requestId } });\n", false),
            ("const zz = 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx';\nget(url, { headers: { zz } });\n", false),
        ];
        let engine = Engine::new(RuleSet::builtin());
        for (text, expected) in cases {
            let text = text.replace("VALUE", &value());
            let found = engine.scan(text.as_bytes(), &Hint { from_start: true, ..Hint::default() });
            assert_eq!(!found.is_empty(), expected, "{text}");
            let whole =
                |credential: &crate::credential::Credential| credential.parts[0].value.expose() == value().as_bytes();
            assert!(found.iter().all(whole), "{text}");
        }
    }
}
