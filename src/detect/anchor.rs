//! Literals that values without a random-looking token hang on: PEM headers, URLs with passwords, names of passwords,
//! words of phrases, and prefixes of tokens that are often without a digit.

use std::sync::OnceLock;

use super::literal::Literals;
use super::sieve::{Group, Sieve};
use super::token::is_word;
use crate::span::Span;

/// All that is sought: how many bytes stand before the three rarest of each literal, in groups that are seldom taken for each
/// other. Both were chosen by counting places in 14 MB of trading bots and
/// libraries: with these, one place in 700 is looked at.
const GROUPS: [Group; 8] = [
    &[(3, &["-----BEGIN"]), (2, &["sendKeys("]), (0, &["nemonic", "NEMONIC"])],
    &[(0, &[":5432:", ":5433:", "wallet"])],
    &[(0, &["pass", "PASS", "Pass"]), (1, &["mysql"])],
    // The end of Hardhat's phrase, see `dev_key`.
    &[(2, &["TOTP("]), (3, &["send_keys("]), (5, &["test junk"])],
    // Logins, see rules/general/login.toml.
    &[(1, &["seed", "SEED", "Seed"]), (2, &[".login("])],
    &[(0, &["pwd", "PWD"]), (0, &["hrase", "HRASE"])],
    &[(1, &["ecover", "ECOVER"]), (1, &["AKIA", "ASIA"]), (0, &["hf_", "://"])],
    // What people choose for Jupyter, among others.
    &[(4, &["new PDO"]), (2, &["bip39", "BIP39"]), (2, &["App.token"]), (7, &["Provider.token"])],
];

/// The words by which phrases are spoken of.
pub(crate) const PHRASES: [&str; 12] =
    ["nemonic", "NEMONIC", "seed", "SEED", "Seed", "hrase", "HRASE", "ecover", "ECOVER", "bip39", "BIP39", "wallet"];

/// Those of them that lead to nothing else.
const PHRASES_ONLY: [&str; 3] = ["bip39", "BIP39", "wallet"];

/// Passwords in scripts of their own. They are sought where a text has any.
const FOREIGN: [&str; 14] = [
    "арол",
    "АРОЛ",
    "密码",
    "密碼",
    "口令",
    "비밀번호",
    "암호",
    "パスワード",
    "パスフレーズ",
    "contraseñ",
    "Contraseñ",
    "CONTRASEÑ",
    "şifre",
    "hasło",
];

/// Whether a text holds one of the literals, so that its places are found anyway.
pub(crate) fn holds(text: &str) -> bool {
    literals().any(|literal| text.contains(literal))
}

/// The literals that may lead to a value.
fn literals() -> impl Iterator<Item = &'static str> {
    let all = GROUPS.iter().copied().flatten().flat_map(|(_, literals)| literals.iter().copied());
    all.filter(|literal| !PHRASES_ONLY.contains(literal))
}

/// What the literals in a text say.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    /// The places that may lead to a value, in order.
    pub(crate) places: Vec<Span>,
    /// One of the words is there by which phrases are spoken of.
    pub(crate) phrases: bool,
}

/// The places of the literals that may lead to a value, in order.
pub(crate) fn find(text: &[u8]) -> Vec<Span> {
    look(text).places
}

/// The literals of a text.
pub(crate) fn look(text: &[u8]) -> Anchors {
    static ANCHORS: OnceLock<Sieve> = OnceLock::new();
    static OTHERS: OnceLock<Literals> = OnceLock::new();
    let mut found = Anchors::default();
    ANCHORS.get_or_init(|| Sieve::new(GROUPS)).each(text, |span| {
        let second = text[span.start + 1];
        let leads = match text[span.start] {
            b':' if second == b'5' => true,
            b':' => holds_password(&text[span.end..]),
            b'.' | b'T' => true,
            b's' if text[span.end - 1] == b'(' => true,
            b'p' if text[..span.start].ends_with(b"ssh") => true,
            // `bip39` and `wallet` lead to phrases only.
            b'b' | b'B' | b'w' => {
                found.phrases = true;
                false
            }
            b'-' | b'A' | b'h' if !matches!(second, b'r' | b'R' | b'p') => true,
            b'm' | b'n' if second != b'e' => true,
            b't' => true,
            first => {
                // All others but these are of `PHRASES`.
                let other = matches!(first, b'p' | b'P' | b'A') || first == b'n' && span.of(text) == b"new PDO";
                found.phrases |= !other;
                is_given(text, span.end)
            }
        };
        if leads {
            found.places.push(span);
        }
    });
    if !text.is_ascii() {
        let known = found.places.len();
        OTHERS.get_or_init(|| Literals::new(&FOREIGN)).each(text, |span| {
            if is_given(text, span.end) {
                found.places.push(span);
            }
        });
        if found.places.len() > known {
            found.places.sort_unstable();
        }
    }
    found
}

/// Whether a URL goes on with `user:password@`.
fn holds_password(rest: &[u8]) -> bool {
    let end = rest.iter().take(256).position(|&byte| {
        byte.is_ascii_whitespace() || matches!(byte, b'/' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'@')
    });
    end.is_some_and(|end| {
        rest[end] == b'@' && rest[..end].contains(&b':')
            || rest[end] == b'/' && rest[..end].contains(&b':') && rest[end..].iter().take(64).any(|&byte| byte == b'@')
    })
}

/// Whether what a literal is part of is given a value: an operator, a tag's end, a blank and something, behind the word.
fn is_given(text: &[u8], end: usize) -> bool {
    let word_end = text[end..].iter().take(40).position(|&byte| !is_word(byte)).map(|at| end + at);
    let Some(at) = word_end else { return false };
    let behind = &text[at..text.len().min(at + 12)];
    behind.iter().any(|byte| matches!(byte, b'=' | b':' | b'>' | b',' | b'|' | b'\n' | 0xef))
        || behind.first() == Some(&b' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::chance;

    #[test]
    fn what_speaks_of_phrases() {
        let said = |text: &str| look(text.as_bytes()).phrases;
        for word in PHRASES {
            assert!(said(&format!("a {word}.")), "{word}");
        }
        for word in literals().filter(|word| !PHRASES.contains(word)) {
            assert!(!said(&format!("a {word} ")), "{word}");
        }
    }

    /// The same places as an automaton finds, in texts made of pieces of the literals.
    #[test]
    fn all_literals_wherever_they_stand() {
        let all: Vec<&str> = literals().chain(PHRASES_ONLY).collect();
        assert!(all.iter().all(|one| all.iter().all(|other| one == other || !other.starts_with(one))));
        assert!(PHRASES.iter().all(|word| all.contains(word)));
        let automaton = aho_corasick::AhoCorasick::builder()
            .match_kind(aho_corasick::MatchKind::LeftmostFirst)
            .build(&all)
            .expect("an automaton");
        let sieve = Sieve::new(GROUPS);
        let mut next = chance::below(5);
        for _ in 0..4000 {
            let mut text = Vec::new();
            for _ in 0..next(24) {
                let literal = all[next(all.len())].as_bytes();
                let from = next(2) * next(literal.len());
                text.extend_from_slice(&literal[from..literal.len() - next(2)]);
                text.extend_from_slice(&b" ._\xc3aEe="[..next(3)]);
            }
            let mut found = Vec::new();
            sieve.each(&text, |span| found.push(span));
            let expected: Vec<Span> = automaton.find_iter(&text).map(|at| Span::new(at.start(), at.end())).collect();
            assert_eq!(found, expected, "in {:?}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn what_leads_to_values() {
        for (text, expected) in [
            ("see https://example.org/a for more", 0),
            ("postgres://bot:hunter@db/x", 1),
            ("password = 1", 1),
            ("DB_PASSWORD=x", 1),
            ("bypassed()", 0),
            ("-----BEGIN KEY", 1),
            ("<password>x", 1),
            ("Пароль: x", 1),
            ("密码=x", 1),
            ("数据库密码", 0),
        ] {
            assert_eq!(find(text.as_bytes()).len(), expected, "{text}");
        }
    }
}
