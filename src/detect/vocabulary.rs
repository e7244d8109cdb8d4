//! The words by which texts speak of providers, and the literals that search rules hang on, sought in one pass.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::context;
use crate::rules::{Match, ProviderId, RuleId, RuleSet};
use crate::span::Span;

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// An unmistakable name of a provider.
    Alias(ProviderId),
    /// A name that is an ordinary word too.
    Ambiguous(ProviderId),
    /// A host name.
    Host(ProviderId),
    /// An HTTP header of the provider's own.
    Header(ProviderId),
    /// A class, module or function of its SDK.
    Client(ProviderId),
    /// The full name of a setting.
    Name(ProviderId),
    /// The literal of a search rule.
    Anchor(RuleId),
    /// A word of credentials in general: `secret`, `token`. It makes a text worth a closer look.
    Role,
}

impl Mark {
    /// The provider it speaks of.
    pub(crate) fn provider(self) -> Option<ProviderId> {
        match self {
            Self::Alias(id)
            | Self::Ambiguous(id)
            | Self::Host(id)
            | Self::Header(id)
            | Self::Client(id)
            | Self::Name(id) => Some(id),
            Self::Anchor(_) | Self::Role => None,
        }
    }
}

/// A word found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) mark: Mark,
    pub(crate) span: Span,
    /// It speaks of the provider where it stands; an ordinary word does so only in a name or a label.
    pub(crate) meant: bool,
}

/// Words that make a token near by worth a closer look.
const ROLE_WORDS: &[&str] = &[
    "key",
    "secret",
    "token",
    "pass",
    "pwd",
    "priv",
    "mnemonic",
    "seed",
    "auth",
    "cred",
    "hmac",
    "bearer",
    "phrase",
    "wallet",
    "signer",
    "ключ",
    "секрет",
    "пароль",
    "токен",
    "密钥",
    "私钥",
    "密码",
    "金鑰",
    "密匙",
    "秘钥",
    "キー",
    "シークレット",
    "키",
    "시크릿",
    "비밀",
    "clave",
    "senha",
    "contrase",
    "llave",
    "chave",
    "schlüssel",
    "anahtar",
    "şifre",
    "sifre",
    "klucz",
    "hasło",
    "api",
    "access",
    "hot",
    "pw",
    "_sk",
    "_ak",
    "webhook",
    "dsn",
];

/// All words of a rule set.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    automaton: AhoCorasick,
    marks: Vec<Vec<Mark>>,
    /// Aliases of file names, longest first.
    pub(crate) path_words: Vec<(String, ProviderId)>,
}

impl Vocabulary {
    pub(crate) fn new(rules: &RuleSet) -> Self {
        let mut words: HashMap<String, Vec<Mark>> = HashMap::new();
        let mut path_words = Vec::new();
        let mut add = |word: String, mark: Mark| {
            if word.len() >= 2 {
                let marks = words.entry(word).or_default();
                if !marks.contains(&mark) {
                    marks.push(mark);
                }
            }
        };
        for word in ROLE_WORDS {
            add((*word).to_owned(), Mark::Role);
        }
        for id in rules.provider_ids() {
            let provider = rules.provider(id);
            let bare = provider.id.replace('-', "");
            let ambiguous: Vec<String> = provider.ambiguous.iter().map(|alias| squeeze(alias)).collect();
            let mut aliases: Vec<String> = provider.aliases.iter().map(|alias| alias.to_lowercase()).collect();
            aliases.extend([bare.clone(), provider.id.clone(), provider.name.to_lowercase()]);
            // `0x` is a name too, but not one that texts can be read by.
            aliases.retain(|alias| alias.len() >= 3);
            for alias in aliases {
                let mark = if ambiguous.contains(&squeeze(&alias)) || crate::detect::vocabulary::generic(&bare) {
                    Mark::Ambiguous(id)
                } else {
                    Mark::Alias(id)
                };
                path_words.push((squeeze(&alias), id));
                for form in forms(&alias) {
                    add(form, mark);
                }
            }
            for alias in &provider.ambiguous {
                path_words.push((squeeze(alias), id));
                for form in forms(&alias.to_lowercase()) {
                    add(form, Mark::Ambiguous(id));
                }
            }
            provider.hosts.iter().for_each(|host| add(host.to_lowercase(), Mark::Host(id)));
            provider.headers.iter().for_each(|header| add(header.to_lowercase(), Mark::Header(id)));
            provider.clients.iter().for_each(|client| add(client.to_lowercase(), Mark::Client(id)));
            for name in &provider.names {
                forms(&name.to_lowercase()).into_iter().for_each(|form| add(form, Mark::Name(id)));
            }
        }
        for id in rules.rule_ids() {
            let rule = rules.rule(id);
            for word in rule.words.iter().filter(|word| word.len() >= 3) {
                add(word.to_lowercase(), Mark::Role);
            }
            if rule.matching == Match::Search {
                rule.anchors.iter().for_each(|anchor| add(anchor.to_lowercase(), Mark::Anchor(id)));
            }
        }
        let mut sorted: Vec<(String, Vec<Mark>)> = words.into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        path_words.retain(|word| word.0.len() >= 3);
        path_words.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        path_words.dedup();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(sorted.iter().map(|word| word.0.as_bytes()))
            .expect("a few thousand short words fit any automaton");
        Self { automaton, marks: sorted.into_iter().map(|word| word.1).collect(), path_words }
    }

    /// All words in a piece of text that starts at `base`.
    pub(crate) fn mentions(&self, text: &[u8], range: Span, all: &mut Vec<Mention>) {
        for found in self.automaton.find_iter(range.of(text)) {
            let span = Span::new(range.start + found.start(), range.start + found.end());
            for &mark in &self.marks[found.pattern().as_usize()] {
                if stands_alone(text, span, mark) {
                    let meant = !matches!(mark, Mark::Ambiguous(_)) || context::is_meant(text, span);
                    all.push(Mention { mark, span, meant });
                }
            }
        }
    }
}

/// Providers that stand for nobody: their ids are ordinary words.
pub(crate) fn generic(id: &str) -> bool {
    matches!(id, "generic" | "pem" | "web" | "url" | "jwt" | "database" | "password")
}

fn squeeze(alias: &str) -> String {
    alias.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The ways an alias of several words is written: `gate.io`, `gate_io`, `gate-io`, `gate io`, `gateio`.
fn forms(alias: &str) -> Vec<String> {
    let parts: Vec<&str> = alias.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let mut all = vec![alias.to_owned()];
    if parts.len() > 1 && parts.len() <= 5 {
        for joint in ["", "_", "-", ".", " "] {
            all.push(parts.join(joint));
        }
    }
    all
}

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
    if strict { opens && (closes || acronym) } else { opens || closes || acronym }
}
