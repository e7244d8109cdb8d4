//! The words by which texts speak of providers and credentials, collected from the rules. The build script does it for the
//! built-in rules, so that a start of the program needs no more than to read the list.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Match, Provider, ProviderId, Rule, RuleId};

/// What a word means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
    "ecdsa",
    "startbroadcast",
    "accounts",
    "ключ",
    "секрет",
    "пароль",
    "Пароль",
    "ПАРОЛЬ",
    "Ключ",
    "Секрет",
    "Токен",
    "口令",
    "密碼",
    "パスワード",
    "パスフレーズ",
    "암호",
    "frase",
    "Şifre",
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

/// Short texts one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl Texts {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(u32::try_from(self.text.len()).expect("some thousand short words"));
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One by number.
    pub(crate) fn get(&self, number: usize) -> &str {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.text[start..self.ends[number] as usize]
    }

    /// All, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|number| self.get(number))
    }
}

/// All words of a rule set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Words {
    /// The words, sorted, each once, lower case.
    pub(crate) words: Texts,
    marks: Vec<Mark>,
    /// Where the marks of each word end.
    mark_ends: Vec<u32>,
    /// What names providers in names of files, letters and digits only, longest first.
    pub(crate) path_words: Texts,
    /// Whom each of them names.
    pub(crate) path_owners: Vec<ProviderId>,
}

impl Words {
    /// What a word means, by its number.
    pub(crate) fn marks(&self, number: usize) -> &[Mark] {
        let start = number.checked_sub(1).map_or(0, |before| self.mark_ends[before] as usize);
        &self.marks[start..self.mark_ends[number] as usize]
    }

    /// Collects the words of providers and rules, which are in the order of their numbers.
    pub(crate) fn collect(providers: &[Provider], rules: &[Rule], owners: &[ProviderId]) -> Self {
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
        // The name of a file of another scanner's rules is nobody's name.
        let foreign = |id: ProviderId| {
            rules.iter().zip(owners).any(|(rule, owner)| *owner == id && rule.matching == Match::Foreign)
        };
        for (id, provider) in (0..).map(ProviderId).zip(providers).filter(|(id, _)| !foreign(*id)) {
            of_provider(id, provider, &mut add, &mut path_words);
        }
        for (id, rule) in (0..).map(RuleId).zip(rules) {
            for word in rule.words.iter().filter(|word| word.len() >= 3) {
                add(word.to_lowercase(), Mark::Role);
            }
            if rule.matching == Match::Search {
                rule.anchors.iter().for_each(|anchor| add(anchor.to_lowercase(), Mark::Anchor(id)));
            }
        }
        let mut sorted: Vec<(String, Vec<Mark>)> = words.into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        path_words.retain(|word: &(String, ProviderId)| word.0.len() >= 3);
        path_words.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.cmp(b)));
        path_words.dedup();
        let mut all = Self::default();
        for (word, marks) in sorted {
            all.words.push(&word);
            all.marks.extend(marks);
            all.mark_ends.push(u32::try_from(all.marks.len()).expect("some thousand marks"));
        }
        for (word, owner) in path_words {
            all.path_words.push(&word);
            all.path_owners.push(owner);
        }
        all
    }
}

fn of_provider(
    id: ProviderId,
    provider: &Provider,
    add: &mut dyn FnMut(String, Mark),
    path_words: &mut Vec<(String, ProviderId)>,
) {
    let bare = provider.id.replace('-', "");
    let ambiguous: Vec<String> = provider.ambiguous.iter().map(|alias| squeeze(alias)).collect();
    let mut aliases: Vec<String> = provider.aliases.iter().map(|alias| alias.to_lowercase()).collect();
    aliases.extend([bare.clone(), provider.id.clone(), provider.name.to_lowercase()]);
    // `0x` is a name too, but not one that texts can be read by.
    aliases.retain(|alias| alias.len() >= 3);
    for alias in aliases {
        let mark =
            if ambiguous.contains(&squeeze(&alias)) || generic(&bare) { Mark::Ambiguous(id) } else { Mark::Alias(id) };
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
