//! What a name says of the value bound to it: `BINANCE_API_SECRET`, `apiKey`, `Secret Key`, `密钥`.
//!
//! Names are split into words whatever their style, and the words decide: a role (key, secret, passphrase ...) or that
//! the value is something else (an order id, a hash, an address, a path).

mod lists;
mod split;

use std::sync::OnceLock;

use super::lookup::Lookup;
use crate::rules::Role::{self, Id, Key, Passphrase, Password, PrivateKey, Secret, Seed, Token};
use Strength::{Strong, Weak};
use lists::{COMPOUNDS, Compound, First, HASHES, OTHER, OTHER_ENDS, PART_ENDS, PARTS, QUALIFIERS, TAILS};
use split::{AsciiWords, in_small_letters};
pub(crate) use split::{each_word, words};

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It names a part of a credential.
    Part(Role, Strength),
    /// It names something that isn't one.
    Other,
    /// It says nothing.
    Nothing,
}

/// How much a name can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// Means this only among other signs: `key`, `k`, `pub`, `id`.
    Weak,
    /// Means this: `api_key`, `secret`, `passphrase`.
    Strong,
}

/// What a name says of the value bound to it.
pub(crate) fn verdict(name: &[u8]) -> Verdict {
    const FEW: usize = 16;
    if !name.is_ascii() {
        return of_words(&words(name));
    }
    in_small_letters(name, |lower| {
        let (mut few, mut count) = ([""; FEW], 0);
        for word in AsciiWords::of(name) {
            let Some(place) = few.get_mut(count) else { return of_words(&words(name)) };
            *place = &lower[word.range()];
            count += 1;
        }
        of_strs(&few[..count])
    })
}

/// What the words of a name say.
pub(crate) fn of_words(words: &[String]) -> Verdict {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    of_strs(&words)
}

fn of_strs(mut words: &[&str]) -> Verdict {
    while let [.., _, last] = words
        && is_tail(last)
    {
        words = &words[..words.len() - 1];
    }
    let Some((&last, before)) = words.split_last() else { return Verdict::Nothing };
    if !before.is_empty() && matches!(words[0], "hashed" | "encrypted") {
        return Verdict::Other;
    }
    if let Some(verdict) = of_id(before, last).or_else(|| of_compound(before, last)) {
        return verdict;
    }
    if !before.is_empty() && QUALIFIERS.contains(&last) {
        return of_strs(before);
    }
    // `2025-05-10T23:02:42`: the letter of a time.
    if last.len() == 1 && words[0].bytes().all(|byte| byte.is_ascii_digit()) {
        return Verdict::Nothing;
    }
    if let Some((role, strength)) = part(last) {
        return Verdict::Part(role, strength);
    }
    // An id of nothing in particular: of a key, perhaps.
    if words == ["id"] {
        return Verdict::Nothing;
    }
    // `secret_hint=VALUE`: nobody writes a hint for a random value.
    if last == "hint" && before.last() == Some(&"secret") {
        return Verdict::Part(Secret, Weak);
    }
    if is_other(last) || OTHER_ENDS.iter().any(|end| last.ends_with(end)) {
        return Verdict::Other;
    }
    if let Some(&(_, role)) = PART_ENDS.iter().find(|(end, _)| last.ends_with(end)) {
        return Verdict::Part(role, Strong);
    }
    // `my_secret_x`, `keyForBinance`: an earlier word may still tell, weakly.
    if let Some((role, _)) = before.iter().rev().find_map(|word| part(word).filter(|part| part.1 == Strong)) {
        return Verdict::Part(role, Weak);
    }
    if words.iter().any(|word| HASHES.contains(word)) { Verdict::Other } else { Verdict::Nothing }
}

/// What a name says that ends with `id`.
fn of_id(before: &[&str], last: &str) -> Option<Verdict> {
    let &previous = before.last().filter(|_| last == "id")?;
    let has = |word: &str| before.contains(&word);
    // The id of a key of which nothing else is said may be any key's: of a service account, of what signs tokens.
    if previous == "key" && has("private") {
        return Some(Verdict::Other);
    }
    let of_key = matches!(previous, "key" | "apikey" | "accesskey" | "access" | "client" | "api") && !has("order");
    let said = has("api") || has("access") || matches!(previous, "apikey" | "accesskey");
    let strength = if said && previous.ends_with("key") { Strong } else { Weak };
    of_key.then_some(Verdict::Part(Key, strength))
}

/// What the last word says by one before it.
fn of_compound(before: &[&str], last: &str) -> Option<Verdict> {
    let &previous = before.last()?;
    let fits = |compound: &&Compound| {
        compound.last.contains(&last)
            && match compound.first {
                First::Next(words) => words.contains(&previous),
                First::Any(words) => before.iter().any(|word| words.contains(word)),
            }
    };
    COMPOUNDS.iter().find(fits).map(|compound| compound.says)
}

fn part(word: &str) -> Option<(Role, Strength)> {
    static TABLE: OnceLock<Lookup<(Role, Strength)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| Lookup::new(PARTS.iter().map(|part| (part.0, (part.1, part.2)))));
    table.get(word).copied()
}

fn is_other(word: &str) -> bool {
    static TABLE: OnceLock<Lookup<()>> = OnceLock::new();
    TABLE.get_or_init(|| Lookup::new(OTHER.iter().map(|word| (*word, ())))).get(word).is_some()
}

/// Numbers and qualifiers at the end of a name.
fn is_tail(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit()) || TAILS.contains(&word)
}

/// Whether a value bound to a name of role `named` can be a part of role `wanted`.
pub(crate) fn fits(named: Role, wanted: Role) -> bool {
    match named {
        Key => matches!(wanted, Key | Token | Id),
        Secret => matches!(wanted, Secret | PrivateKey | Token | Seed),
        PrivateKey => matches!(wanted, PrivateKey | Secret | Seed),
        Token => matches!(wanted, Token | Secret | Key),
        Passphrase => matches!(wanted, Passphrase | Password | Seed),
        Password => matches!(wanted, Password | Passphrase | Secret),
        Seed => matches!(wanted, Seed | PrivateKey | Secret),
        Id => matches!(wanted, Id | Key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_roles() {
        let cases: &[(&str, Verdict)] = &[
            ("BINANCE_API_KEY", Verdict::Part(Key, Strong)),
            ("apiSecret", Verdict::Part(Secret, Strong)),
            ("secret_key", Verdict::Part(Secret, Strong)),
            ("Secret Key", Verdict::Part(Secret, Strong)),
            ("aws_secret_access_key", Verdict::Part(Secret, Strong)),
            ("AWS_ACCESS_KEY_ID", Verdict::Part(Key, Strong)),
            ("OKX_API_PASSPHRASE", Verdict::Part(Passphrase, Strong)),
            ("DB_PASSWORD", Verdict::Part(Password, Strong)),
            ("PRIVATE_KEY", Verdict::Part(PrivateKey, Strong)),
            ("key", Verdict::Part(Key, Weak)),
            ("PRV_1", Verdict::Part(Secret, Weak)),
            ("client_id", Verdict::Part(Key, Weak)),
            ("key_id", Verdict::Part(Key, Weak)),
            ("private_key_id", Verdict::Other),
            ("APP_ID", Verdict::Other),
            ("BITMEX_MAIN_PUBLIC", Verdict::Part(Key, Weak)),
            ("KITE_SECERT", Verdict::Part(Secret, Strong)),
            ("FRASE_CLAVE", Verdict::Part(Passphrase, Strong)),
            ("secrets", Verdict::Part(Secret, Weak)),
            ("seed phrase", Verdict::Part(Seed, Strong)),
            ("секрет", Verdict::Part(Secret, Strong)),
            ("СекретныйКлюч", Verdict::Part(Secret, Strong)),
            ("시크릿 키", Verdict::Part(Secret, Strong)),
            ("액세스 키", Verdict::Part(Key, Weak)),
            ("gizliAnahtar", Verdict::Part(Secret, Strong)),
            ("PRIVATE_KEYS", Verdict::Part(PrivateKey, Strong)),
            ("clientOrderId", Verdict::Other),
            ("secret_hash", Verdict::Other),
            ("token_address", Verdict::Other),
            ("X-BAPI-SIGN", Verdict::Other),
            ("private_key_path", Verdict::Other),
            ("cache_key", Verdict::Other),
            ("LAST_TXID", Verdict::Other),
            ("symbol", Verdict::Other),
            ("LAST_CLIENTORDERID", Verdict::Other),
            ("okxapikey", Verdict::Part(Key, Strong)),
            ("bybitsecret", Verdict::Part(Secret, Strong)),
            ("hashed_secret", Verdict::Other),
            ("secret_hint", Verdict::Part(Secret, Weak)),
            ("password_hint", Verdict::Other),
            ("2025-05-10T23", Verdict::Nothing),
            ("frobnicate", Verdict::Nothing),
        ];
        for (name, expected) in cases {
            assert_eq!(verdict(name.as_bytes()), *expected, "{name}");
        }
    }
}
