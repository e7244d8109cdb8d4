//! The words by which texts speak of providers, and the literals that search rules hang on, sought in one pass.

use super::context;
use super::dictionary::Dictionary;
pub(crate) use crate::rules::Mark;
use crate::rules::{RuleSet, Words};
use crate::span::Span;

/// A word found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) mark: Mark,
    pub(crate) span: Span,
    /// It speaks of the provider where it stands; an ordinary word does so only in a name or a label.
    pub(crate) meant: bool,
}

/// All words of a rule set, ready to be sought.
#[derive(Debug)]
pub(crate) struct Vocabulary<'r> {
    dictionary: Dictionary,
    /// What names providers in names of files, numbered by rank.
    pub(crate) path: Dictionary,
    words: &'r Words,
}

impl<'r> Vocabulary<'r> {
    pub(crate) fn new(rules: &'r RuleSet) -> Self {
        let words = rules.words();
        let path = Dictionary::new(words.path_words.iter());
        Self { dictionary: Dictionary::new(words.words.iter()), path, words }
    }

    /// All words in a piece of text. `lenient`: every ordinary word counts for meant.
    pub(crate) fn mentions(&self, text: &[u8], range: Span, lenient: bool, all: &mut Vec<Mention>) {
        self.dictionary.each(range.of(text), |number, found| {
            let span = found.shifted(range.start);
            // `bitgetApi` is a word, but in `bitgetapisecret` it is not: then a shorter one counts that begins there.
            if !self.mention(text, span, number, lenient, all) {
                self.dictionary.all_at(span.of(text), |number, length| {
                    if length < span.len() {
                        self.mention(text, Span::new(span.start, span.start + length), number, lenient, all);
                    }
                });
            }
        });
    }

    /// Adds what a word at a place means there, if anything.
    fn mention(&self, text: &[u8], span: Span, number: usize, lenient: bool, all: &mut Vec<Mention>) -> bool {
        let before = all.len();
        for &mark in self.words.marks(number) {
            if stands_alone(text, span, mark) {
                let meant = lenient || !matches!(mark, Mark::Ambiguous(_)) || context::is_meant(text, span);
                all.push(Mention { mark, span, meant });
            }
        }
        all.len() > before
    }
}

/// What names of settings go on with, glued to the name of an exchange.
const GLUED: &[&[u8]] = &[b"apikey", b"apisecret", b"secret", b"key", b"pass", b"token"];

/// Whether a word stands as a word: `okx` in `OKX_KEY` and `okxKey`, not in `bookxyz`.
fn stands_alone(text: &[u8], span: Span, mark: Mark) -> bool {
    let strict = match mark {
        Mark::Role | Mark::Anchor(_) => return true,
        Mark::Host(_) => {
            let before = span.start.checked_sub(1).map_or(b' ', |at| text[at]);
            let after = text.get(span.end).copied().unwrap_or(b' ');
            return !before.is_ascii_alphanumeric() && before != b'-' && !after.is_ascii_alphanumeric();
        }
        Mark::Alias(_) => span.len() < 6,
        _ => true,
    };
    let word = span.of(text);
    let before = span.start.checked_sub(1).map(|at| text[at]);
    let after = text.get(span.end).copied();
    let first = word[0];
    let last = word[word.len() - 1];
    let opens =
        before.is_none_or(|b| !b.is_ascii_alphanumeric() || (b.is_ascii_lowercase() && first.is_ascii_uppercase()));
    let camel = |a: u8| last.is_ascii_lowercase() && a.is_ascii_uppercase();
    let closes =
        after.is_none_or(|a| !a.is_ascii_alphanumeric() || camel(a) || (a.is_ascii_digit() && !last.is_ascii_digit()));
    // `OKXApiKey`: a capital word before a capitalised one.
    let acronym = word.iter().all(u8::is_ascii_uppercase)
        && after.is_some_and(|a| a.is_ascii_uppercase())
        && text.get(span.end + 1).is_some_and(u8::is_ascii_lowercase);
    // `okxapikey`: glued names of settings.
    let glued = matches!(mark, Mark::Alias(_))
        && opens
        && GLUED.iter().any(|part| text[span.end..].get(..part.len()).is_some_and(|at| at.eq_ignore_ascii_case(part)));
    if strict { opens && (closes || acronym || glued) } else { opens || closes || acronym }
}
