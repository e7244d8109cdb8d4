//! Passphrases that nothing names: the literal behind key and secret in a call, a tuple or a list.

use super::context::NEAR;
use super::judge::Hit;
use super::names::{self, Verdict};
use super::{Document, placeholder, token};
use crate::rules::{Confidence, Evidence, Match, ProviderId, Role, RuleId};
use crate::span::Span;

/// Takes `"pass phrase"` out of `Client("key", "secret", "pass phrase")`, where the provider has passphrases.
pub(super) fn read(document: &mut Document<'_, '_, '_>) {
    let mut fresh: Vec<Hit> = Vec::new();
    for key in document.hits.iter().filter(|hit| hit.role == Role::Key && hit.weight >= NEAR) {
        let Some(rule) = passphrase_rule(document, key.provider) else { continue };
        let text = document.text;
        let follows = |hit: &&Hit| {
            hit.provider == key.provider
                && hit.role == Role::Secret
                && next_literal(text, key.span).is_some_and(|next| next.contains(hit.span))
        };
        let Some(secret) = document.hits.iter().find(follows) else { continue };
        let Some(span) = next_literal(text, secret.span) else { continue };
        let known = document.hits.iter().chain(&fresh).any(|hit| hit.span.overlaps(span));
        if !known && is_chosen(span.of(text)) && document.engine.shape(rule).admits(span.of(text)) {
            fresh.push(Hit {
                provider: key.provider,
                rule,
                role: Role::Passphrase,
                span,
                confidence: Confidence::Medium,
                weight: secret.weight,
                alternatives: secret.alternatives.clone(),
                name: None,
                reasons: vec!["it follows key and secret, as a passphrase does".to_owned()],
                scope: secret.scope,
            });
        }
    }
    document.hits.extend(fresh);
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
