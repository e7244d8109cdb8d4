//! Values that are found as a whole and not by a token or a word near by: recovery phrases, and key pairs written as
//! arrays of numbers. Rules name them by the special anchors `mnemonic-run` and `byte-array`.

use std::sync::OnceLock;

use super::anchor::PHRASES;
use super::judge::Hit;
use super::literal::Literals;
use super::proof::{self, Proof};
use super::{Document, Hint, binding, dev_key};
use crate::rules::{RuleId, RuleSet};
use crate::span::Span;

/// The anchor of rules for phrases, whose places [`proof::mnemonic::find`] knows.
const PHRASE: &str = "mnemonic-run";
/// The anchor of rules for arrays, whose places [`proof::byte_arrays`] knows.
const ARRAY: &str = "byte-array";

/// Files of prose and data, in which a phrase may stand without a word that leads to it; and how long they may be.
const PROSE: [&str; 12] =
    [".txt", ".md", ".csv", ".json", ".log", ".env", ".key", ".seed", ".bak", ".html", ".toml", ".yml"];
const SHORT: usize = 64 * 1024;

/// Whether a text without tokens or words of interest holds such a value. `spoken`: phrases are spoken of.
pub(crate) fn present(text: &[u8], hint: &Hint, spoken: bool) -> bool {
    !proof::byte_arrays(text).is_empty() || (spoken || is_prose(text, hint)) && !proof::mnemonic::find(text).is_empty()
}

/// Whether phrases are looked for: every word of a text has to be, so only where a phrase is spoken of or the text is
/// short and no program.
pub(super) fn is_sought(text: &[u8], hint: &Hint) -> bool {
    is_prose(text, hint) || speaks_of_phrases(text)
}

/// Whether a text is short and no program.
pub(super) fn is_prose(text: &[u8], hint: &Hint) -> bool {
    let name = hint.path.rsplit('/').next().unwrap_or_default();
    text.len() <= SHORT && is_name_of_prose(name)
}

/// Whether a file of this name is no program.
pub(super) fn is_name_of_prose(name: &str) -> bool {
    !name.contains('.') || PROSE.iter().any(|kind| name.contains(kind))
}

/// Whether a text holds a word that phrases are called by.
pub(super) fn speaks_of_phrases(text: &[u8]) -> bool {
    static WORDS: OnceLock<Literals> = OnceLock::new();
    WORDS.get_or_init(|| Literals::new(&PHRASES)).is_in(text)
}

/// Adds them to what was found. `spoken`: phrases are spoken of.
pub(crate) fn read(document: &mut Document<'_, '_, '_>, spoken: bool) {
    let sought = spoken || is_prose(document.text, document.hint);
    let phrases = if sought { proof::mnemonic::find(document.text) } else { Vec::new() };
    let places = [(PHRASE, phrases), (ARRAY, proof::byte_arrays(document.text))];
    for (anchor, spans) in places {
        if spans.is_empty() {
            continue;
        }
        let rules = anchored(document.engine.rules, anchor);
        let hits: Vec<Hit> = spans.into_iter().filter_map(|span| recognise(document, &rules, span)).collect();
        document.hits.extend(hits);
    }
}

/// The rules with an anchor. The proofs of phrases exclude each other, so their order does not matter.
fn anchored(rules: &RuleSet, anchor: &str) -> Vec<RuleId> {
    rules.rule_ids().filter(|&id| rules.rule(id).anchors.iter().any(|own| own == anchor)).collect()
}

fn recognise(document: &Document<'_, '_, '_>, rules: &[RuleId], span: Span) -> Option<Hit> {
    let value = span.of(document.text);
    if document.engine.is_published(value) {
        return dev_key::recognise(document, span);
    }
    rules.iter().find_map(|&id| {
        let rule = document.engine.rules.rule(id);
        let Proof::Holds(shown) = proof::prove(rule.proof.as_deref()?, value, document.text) else { return None };
        let name = binding::bind(document.text, span).names.first().map(|name| name.span);
        Some(Hit { name, ..Hit::of_rule(document.engine, id, span, vec![shown]) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::{Engine, Hint};

    fn found(text: &str) -> Vec<(String, Span)> {
        let rules = RuleSet::builtin();
        let credentials = Engine::new(rules).scan(text.as_bytes(), &Hint { from_start: true, ..Hint::default() });
        let parts = credentials.into_iter().flat_map(|credential| credential.parts);
        parts.map(|part| (rules.rule(part.rule).id.clone(), part.span)).collect()
    }

    /// Files that hold the value and not a word more.
    #[test]
    fn values_are_found_without_any_word_near() {
        let cases = [
            ("bip39", "bip39-mnemonic"),
            ("electrum", "electrum-mnemonic"),
            ("ton", "ton-mnemonic"),
            ("algorand", "algorand-mnemonic"),
            ("solana-json", "solana-keypair-json"),
        ];
        for (proof, rule) in cases {
            let mut state = 99_u64;
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state ^ state >> 31
            };
            let value = proof::sample(proof, &mut next).expect("a known proof");
            let text = format!("[{value}]\n");
            assert_eq!(found(&text), [(rule.to_owned(), Span::new(1, 1 + value.len()))], "{text}");
        }
    }

    #[test]
    fn published_phrases_are_not() {
        let text = format!("{}junk\n{}about\n", "test ".repeat(11), "abandon ".repeat(11));
        assert_eq!(found(&text), []);
    }
}
