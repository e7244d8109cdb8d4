//! Passphrases that no name stands by: the literal behind key and secret in a call, a tuple or a list, the cell of their row in
//! a table whose column is one of passphrases, and the last line of a file of three.

use super::binding::{self, How};
use super::context::NEAR;
use super::judge::Hit;
use super::names::{self, Strength, Verdict};
use super::{Document, placeholder, token};
use crate::rules::{Confidence, Evidence, Match, ProviderId, Role, RuleId};
use crate::span::Span;

/// Takes `"pass phrase"` out of `Client("key", "secret", "pass phrase")`, where the provider has passphrases.
pub(super) fn read(document: &mut Document<'_, '_, '_>) {
    let mut fresh: Vec<Hit> = Vec::new();
    for key in document.hits.iter().filter(|hit| hit.role == Role::Key && hit.weight >= NEAR) {
        let Some(rule) = passphrase_rule(document, key.provider) else { continue };
        let text = document.text;
        let secret_of = |fits: &dyn Fn(Span) -> bool| {
            let own = |hit: &&Hit| hit.provider == key.provider && hit.role == Role::Secret;
            document.hits.iter().filter(own).find(|hit| fits(hit.span))
        };
        let handed = secret_of(&|span| next_literal(text, key.span).is_some_and(|next| next.contains(span)));
        let found = if let Some(secret) = handed {
            next_literal(text, secret.span)
                .filter(|&span| is_chosen(span.of(text)) || ends_call(text, span) && may_be_words(span.of(text)))
                .map(|span| (secret, span, "it follows key and secret, as a passphrase does"))
        } else if token::fills_line(text, key.span, 0) {
            secret_of(&|span| token::fills_line(text, span, 0)).and_then(|secret| {
                Some((secret, last_line(text, key.span, secret.span)?, "it is the last line of a file of three"))
            })
        } else {
            secret_of(&|span| same_line(text, key.span, span))
                .and_then(|secret| Some((secret, cell(document, secret.span)?, "its column is that of passphrases")))
        };
        let Some((secret, span, reason)) = found else { continue };
        let known = document.hits.iter().chain(&fresh).any(|hit| hit.span.overlaps(span));
        if !known && document.engine.shape(rule).admits(span.of(text)) {
            fresh.push(Hit {
                provider: key.provider,
                rule,
                role: Role::Passphrase,
                span,
                confidence: Confidence::Medium,
                weight: secret.weight,
                alternatives: secret.alternatives.clone(),
                name: None,
                reasons: vec![reason.to_owned()],
                scope: secret.scope,
            });
        }
    }
    document.hits.extend(fresh);
}

/// The third line of a text whose first two are key and secret, in either order, and that has no more.
fn last_line(text: &[u8], key: Span, secret: Span) -> Option<Span> {
    const LONGEST: usize = 1024;
    if text.len() > LONGEST {
        return None;
    }
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let (first, second, third) = (lines.next()?, lines.next()?, lines.next()?);
    let both = [key.of(text), secret.of(text)];
    let fits = both == [first, second] || both == [second, first];
    if !fits
        || lines.next().is_some()
        || !(may_be_words(third) || is_chosen(third))
        || !third.iter().all(u8::is_ascii_graphic)
    {
        return None;
    }
    let start = memchr::memmem::rfind(text, third)?;
    Some(Span::new(start, start + third.len()))
}

fn same_line(text: &[u8], a: Span, b: Span) -> bool {
    let (low, high) = if a.start < b.start { (a.end, b.start) } else { (b.end, a.start) };
    low <= high && !text[low..high].contains(&b'\n')
}

/// The cell of the passphrase in the row that `part` stands in: of a table with a header, `COPY`, or `INSERT`.
fn cell(document: &Document<'_, '_, '_>, part: Span) -> Option<Span> {
    const LONGEST: usize = 4096;
    let text = document.text;
    let line = Span::new(token::line_start(text, part.start), token::line_end(text, part.end));
    if line.len() > LONGEST {
        return None;
    }
    let mark = [b'\t', b'|', b';', b','].into_iter().find(|mark| line.of(text).contains(mark))?;
    let cells = binding::split(text, line, mark);
    let inside = |cell: &Span| {
        let edge =
            |byte: &u8| byte.is_ascii_whitespace() || token::is_quote(*byte) || matches!(byte, b'(' | b')' | b';');
        let bytes = cell.of(text);
        let front = bytes.iter().take_while(|byte| edge(byte)).count();
        let back = bytes[front..].iter().rev().take_while(|byte| edge(byte)).count();
        Span::new(cell.start + front, cell.end - back)
    };
    cells.iter().map(inside).find(|&cell| {
        let value = cell.of(text);
        (4..=128).contains(&value.len())
            && !value.contains(&b' ')
            && !placeholder::is_placeholder(value)
            && binding::bind_in(text, cell, &document.columns).names.first().is_some_and(|name| {
                let verdict = names::verdict(name.span.of(text));
                name.how == How::Column
                    && matches!(verdict, Verdict::Part(Role::Passphrase | Role::Password, Strength::Strong))
            })
    })
}

/// Whether a string is the last argument of a call.
fn ends_call(text: &[u8], inside: Span) -> bool {
    text.get(inside.end + 1) == Some(&b')')
}

/// Whether letters alone may be words that a person chose for a passphrase, and no setting of a client.
fn may_be_words(value: &[u8]) -> bool {
    const SETTINGS: [&str; 14] = [
        "spot",
        "futures",
        "margin",
        "swap",
        "linear",
        "inverse",
        "mainnet",
        "testnet",
        "unified",
        "perpetual",
        "websocket",
        "hmac-sha256",
        "utf-8",
        "usdt-futures",
    ];
    value.len() >= 8
        && value.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && !SETTINGS.iter().any(|setting| value.eq_ignore_ascii_case(setting.as_bytes()))
        && !placeholder::is_placeholder(value)
        && matches!(names::verdict(value), Verdict::Nothing)
}

/// The rule of a provider whose credentials have passphrases.
fn passphrase_rule(document: &Document<'_, '_, '_>, provider: ProviderId) -> Option<RuleId> {
    document.engine.rules_of(provider).iter().copied().find(|&id| {
        let rule = document.engine.rules.rule(id);
        rule.role == Role::Passphrase && rule.matching == Match::Value && rule.evidence == Evidence::Name
    })
}

/// The inside of the string that follows the string a value stands in, with nothing but a comma between them.
fn next_literal(text: &[u8], value: Span) -> Option<Span> {
    const LONGEST: usize = 128;
    let quote = *text.get(value.end).filter(|&&byte| token::is_quote(byte))?;
    let behind = &text[value.end + 1..];
    let blanks = |bytes: &[u8]| bytes.iter().take(LONGEST).take_while(|byte| byte.is_ascii_whitespace()).count();
    let comma = blanks(behind);
    if behind.get(comma) != Some(&b',') {
        return None;
    }
    let open = comma + 1 + blanks(&behind[comma + 1..]);
    if behind.get(open) != Some(&quote) {
        return None;
    }
    let inside = &behind[open + 1..];
    let length = inside.iter().take(LONGEST).position(|&byte| byte == quote || byte == b'\n')?;
    let start = value.end + 1 + open + 1;
    (length > 0 && inside[length] == quote).then(|| Span::new(start, start + length))
}

/// Whether a person may have chosen it for a passphrase: no stand-in, no word alone, no name, address or symbol.
fn is_chosen(value: &[u8]) -> bool {
    let digit = value.iter().any(u8::is_ascii_digit);
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let symbol =
        value.iter().any(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'_' | b'-' | b'.' | b'/' | b':'));
    let cases = value.iter().any(u8::is_ascii_uppercase) && value[1..].iter().any(u8::is_ascii_lowercase);
    value.len() >= 6
        && letters >= 2
        && (digit && (cases || symbol || value.len() >= 8) || symbol && cases)
        && !value.contains(&b'/')
        && !value.windows(3).any(|three| three == b"://")
        && !placeholder::is_placeholder(value)
        && !(value.iter().all(|&byte| token::is_word(byte))
            && !digit
            && !matches!(names::verdict(value), Verdict::Nothing))
}
