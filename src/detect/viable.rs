//! Whether a text is worth reading the words around its candidates. Most candidates are no values whatever stands around them,
//! and most words of passwords are given none; a text with nothing else ends here.

use super::literal::Presence;
use super::{Engine, anchor, candidate, named, placeholder, randomness, value};
use crate::rules::{Match, RuleSet};
use crate::span::Span;

/// Whether a candidate or an anchor can lead to a value, as far as it can be told without the words around.
pub(crate) fn any(engine: &Engine<'_>, text: &[u8], runs: &[Span], anchors: &[Span]) -> bool {
    let some = !runs.is_empty() || !anchors.is_empty();
    some && (leads_any(engine, text, runs, anchors)
        || engine.weak_anchors().is_some_and(|literals| literals.is_in(text)))
}

/// Whether one of these candidates can be a value, or an anchor leads to one.
pub(crate) fn leads_any(engine: &Engine<'_>, text: &[u8], runs: &[Span], anchors: &[Span]) -> bool {
    anchors.iter().any(|&anchor| leads(text, anchor)) || runs.iter().any(|&run| is_value(engine, text, run))
}

/// The literals of the rules that are sought and whose matches need hold neither a candidate nor an anchor.
pub(crate) fn weak_anchors(rules: &RuleSet) -> Option<Presence> {
    let all = weak_literals(rules);
    (!all.is_empty()).then(|| Presence::of(&all))
}

fn weak_literals(rules: &RuleSet) -> Vec<String> {
    let mut all = Vec::new();
    for id in rules.rule_ids() {
        let (rule, outline) = (rules.rule(id), rules.outline(id));
        if rule.matching != Match::Search || outline.run >= candidate::MIN_RUN || outline.marked {
            continue;
        }
        for literal in rule.anchors.iter().filter(|literal| !anchor::holds(literal)) {
            all.push(literal.clone());
            if rule.shape.contains("(?i") {
                all.extend([literal.to_lowercase(), literal.to_uppercase(), capitalised(literal)]);
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect())
}

/// Whether a candidate, in any of its readings or by one of its pieces, can be a random value, has a shape of its own, or
/// refers to a value.
fn is_value(engine: &Engine<'_>, text: &[u8], run: Span) -> bool {
    if run.len() > candidate::MAX_RUN {
        return false;
    }
    value::readings(text, run).into_iter().any(|reading| {
        let bytes = reading.of(text);
        randomness::may_be_random(bytes) || placeholder::is_reference(bytes) || engine.is_shaped(bytes)
    }) || run
        .of(text)
        .split(|byte| matches!(byte, b'/' | b'_' | b'-' | b'+'))
        .any(|piece| piece.len() >= candidate::MIN_RUN && piece.len() < run.len() && randomness::may_be_random(piece))
}

/// Whether an anchor leads to a value: the name that it is part of is given something that is no code.
fn leads(text: &[u8], anchor: Span) -> bool {
    let literal = anchor.of(text);
    let is_name =
        literal.len() >= 3 && literal.iter().all(u8::is_ascii_alphabetic) && !text[..anchor.start].ends_with(b"ssh");
    if !is_name || matches!(literal, b"AKIA" | b"ASIA" | b"mysql") {
        return true;
    }
    let name = named::whole_name(text, anchor);
    let Some(given) = value::given(text, name.end) else { return false };
    let bytes = given.span.of(text);
    if given.spoken && !named::can_be_spoken(text, name) || !(4..=128).contains(&bytes.len()) {
        return false;
    }
    let plain = bytes.iter().all(|&byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.'));
    given.quoted || !named::looks_like_code(text, given.span) && (!plain || named::is_setting(text, name, given.span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Hint;
    use crate::detect::chance;

    /// A value that is no candidate is found by its rule's literal, beside candidates that are nothing.
    #[test]
    fn short_values_of_rules_that_are_sought() {
        let engine = Engine::new(RuleSet::builtin());
        let filler = "let index = theThirdPartyAccountIndex2(view);\n".repeat(3);
        let value = ["rather", "-", "Short", "9"].concat();
        let text = format!("{filler}{{ \"ws_token\": \"{value}\" }}\n{filler}");
        let found = engine.scan(text.as_bytes(), &Hint { from_start: true, ..Hint::default() });
        assert_eq!(found.len(), 1);
    }

    /// The literals of rules are sought by a sieve; its answers are those of a search for each.
    #[test]
    fn literals_of_rules_are_seen_wherever_they_stand() {
        let all = weak_literals(RuleSet::builtin());
        let literals = Presence::of(&all);
        assert!(matches!(literals, Presence::Sieve(_)), "they fit");
        let mut next = chance::below(17);
        let mut seen = 0;
        for round in 0..2000 {
            let mut text = "x ".repeat(next(70));
            let literal = &all[round % all.len()];
            text.push_str(&literal[..literal.len() - next(2)]);
            text.push_str(&" y".repeat(next(70)));
            let expected = all.iter().any(|literal| text.contains(literal.as_str()));
            assert_eq!(literals.is_in(text.as_bytes()), expected, "in {text}");
            seen += usize::from(expected);
        }
        assert!((500..2000).contains(&seen), "{seen}");
    }

    #[test]
    fn words_without_values_lead_nowhere() {
        for (text, expected) in [
            ("pass the value on", false),
            ("password = get_password()", false),
            ("seed: int", false),
            ("passphrase: 'a b c'", true),
            ("  password: x1y2z3", true),
            ("run --password x1y2z3", true),
        ] {
            let anchors = anchor::find(text.as_bytes());
            assert_eq!(anchors.iter().any(|&anchor| leads(text.as_bytes(), anchor)), expected, "{text}");
        }
    }
}
