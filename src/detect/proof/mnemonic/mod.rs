//! Seed phrases: BIP-39 in all ten languages, Electrum, TON and Algorand (all on BIP-39's English list but the first).
//!
//! A phrase of twelve random list words passes BIP-39 once in 16, Electrum once in 217, TON once in 256; so a phrase that
//! passes BIP-39 is called BIP-39, and [`find`] wants a run of list words that is a phrase by its length and separators.

mod find;
pub(super) mod monero;
mod stretches;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::OnceLock;

use bip39::{Language, Mnemonic};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha512, Sha512_256};

pub use find::{find, is_in};

use super::{Proof, Random};

/// The words of a value, normalised: NFKD, lower case, without whatever stands between them. More than `LONGEST` words
/// are no phrase.
fn words(value: &[u8]) -> Option<Vec<String>> {
    const LONGEST: usize = 25;
    let mut text = Cow::Borrowed(std::str::from_utf8(value).ok()?);
    if !text.is_ascii() {
        Mnemonic::normalize_utf8_cow(&mut text);
    }
    let text = text.replace("\\n", " ").replace("\\r", " ").replace("\\t", " ");
    let between = |c: char| c.is_ascii() && !c.is_ascii_alphabetic();
    let words: Vec<String> =
        text.split(between).filter(|word| !word.is_empty()).take(LONGEST + 1).map(str::to_lowercase).collect();
    (words.len() <= LONGEST).then_some(words)
}

/// A phrase as its publishers hash it: lower-case words joined by one space.
pub(in crate::detect) fn canonical(value: &[u8]) -> Option<String> {
    let words = words(value)?;
    (words.len() >= 12).then(|| words.join(" "))
}

fn indices(words: &[String], language: Language) -> Option<Vec<u16>> {
    words.iter().map(|word| language.find_word(word)).collect()
}

/// Whether the words stand in the list's own order: a piece of the list, not a phrase.
fn ascending(indices: &[u16]) -> bool {
    indices.windows(2).all(|pair| pair[0] < pair[1])
}

fn bip39_language(words: &[String]) -> Option<Language> {
    if !matches!(words.len(), 12 | 15 | 18 | 21 | 24) {
        return None;
    }
    Language::ALL.iter().copied().find(|&language| {
        indices(words, language).is_some_and(|indices| !ascending(&indices))
            && Mnemonic::parse_in_normalized(language, &words.join(" ")).is_ok()
    })
}

pub(super) fn bip39(value: &[u8]) -> Proof {
    let words = words(value).unwrap_or_default();
    match bip39_language(&words) {
        Some(language) => Proof::Holds(format!("the BIP-39 checksum of its {} words holds ({language})", words.len())),
        None => Proof::Fails,
    }
}

pub(super) fn sample_bip39(random: &mut Random) -> String {
    sample_in(random, Language::English)
}

fn sample_in(random: &mut Random, language: Language) -> String {
    let bytes = random.bytes::<32>();
    let length = [16, 20, 24, 28, 32][random.below(5)];
    Mnemonic::from_entropy_in(language, &bytes[..length]).map(|phrase| phrase.to_string()).unwrap_or_default()
}

/// The English indices of a phrase that isn't BIP-39's.
fn other(value: &[u8]) -> Option<(Vec<String>, Vec<u16>)> {
    let words = words(value)?;
    let indices = indices(&words, Language::English).filter(|indices| !ascending(indices))?;
    bip39_language(&words).is_none().then_some((words, indices))
}

fn hmac(key: &[u8]) -> Hmac<Sha512> {
    Hmac::<Sha512>::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// Electrum's seed version: the first digits of a keyed hash.
pub(super) fn electrum(value: &[u8]) -> Proof {
    let Some((words, _)) = other(value).filter(|(words, _)| matches!(words.len(), 12 | 13 | 24)) else {
        return Proof::Fails;
    };
    let mut mac = hmac(b"Seed version");
    mac.update(words.join(" ").as_bytes());
    let code = mac.finalize().into_bytes();
    let version = u16::from(code[0]) << 4 | u16::from(code[1] >> 4);
    let kind = match version {
        0x010..=0x01f => "standard",
        0x100 => "segwit",
        0x101 => "two-factor",
        0x102 => "two-factor segwit",
        _ => return Proof::Fails,
    };
    Proof::Holds(format!("the Electrum seed version of its {} words holds ({kind})", words.len()))
}

fn phrase(indices: impl Iterator<Item = usize>) -> String {
    let list = Language::English.word_list();
    let mut text = String::new();
    for index in indices {
        let gap = if text.is_empty() { "" } else { " " };
        let _ = write!(text, "{gap}{}", list[index]);
    }
    text
}

/// Random phrases until one passes; ten thousand are far more than any of the tests needs.
fn search(random: &mut Random, length: usize, test: fn(&[u8]) -> Proof) -> String {
    for _ in 0..10_000 {
        let text = phrase((0..length).map(|_| random.below(2048)));
        if test(text.as_bytes()).holds() {
            return text;
        }
    }
    String::new()
}

pub(super) fn sample_electrum(random: &mut Random) -> String {
    search(random, 12, electrum)
}

/// The first byte of PBKDF2-HMAC-SHA-512 with an output of one block.
fn pbkdf2_first_byte(key: &Hmac<Sha512>, salt: &[u8], rounds: usize) -> u8 {
    let round = |input: &[u8]| {
        let mut mac = key.clone();
        mac.update(input);
        mac.finalize().into_bytes()
    };
    let mut block = round(&[salt, &[0, 0, 0, 1]].concat());
    let mut first = block[0];
    for _ in 1..rounds {
        block = round(&block);
        first ^= block[0];
    }
    first
}

/// TON: 24 words whose stretched hash begins with a zero byte.
pub(super) fn ton(value: &[u8]) -> Proof {
    let Some((words, _)) = other(value).filter(|(words, _)| words.len() == 24) else { return Proof::Fails };
    let entropy = hmac(words.join(" ").as_bytes()).finalize().into_bytes();
    Proof::when(pbkdf2_first_byte(&hmac(&entropy), b"TON seed version", 390) == 0, "the TON seed version holds")
}

/// Finding one takes a tenth of a second, so two are made once.
pub(super) fn sample_ton(random: &mut Random) -> String {
    static MADE: OnceLock<[String; 2]> = OnceLock::new();
    let made = MADE.get_or_init(|| {
        let mut state = 0x5eed_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ state >> 29
        };
        std::array::from_fn(|_| search(&mut Random(&mut next), 24, ton))
    });
    made[random.below(made.len())].clone()
}

/// Algorand: 24 words are 264 bits, the low ones first, of which the last byte is zero; the 25th is a hash of the rest.
pub(super) fn algorand(value: &[u8]) -> Proof {
    let Some((_, indices)) = other(value).filter(|(words, _)| words.len() == 25) else { return Proof::Fails };
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::with_capacity(33);
    for &index in &indices[..24] {
        bits |= u32::from(index) << count;
        count += 11;
        while count >= 8 {
            bytes.push(bits.to_le_bytes()[0]);
            bits >>= 8;
            count -= 8;
        }
    }
    let holds = bytes[32] == 0 && indices[24] == algorand_check(&bytes[..32]);
    Proof::when(holds, "the checksum of an Algorand phrase holds")
}

fn algorand_check(key: &[u8]) -> u16 {
    let hash = Sha512_256::digest(key);
    u16::from_le_bytes([hash[0], hash[1]]) & 0x7ff
}

pub(super) fn sample_algorand(random: &mut Random) -> String {
    let mut key = random.bytes::<32>().to_vec();
    let check = usize::from(algorand_check(&key));
    key.extend([0; 2]);
    let group = |at: usize| {
        let bit = at * 11;
        let bytes = [key[bit / 8], key[bit / 8 + 1], key.get(bit / 8 + 2).copied().unwrap_or(0), 0];
        (u32::from_le_bytes(bytes) >> (bit % 8) & 0x7ff) as usize
    };
    phrase((0..24).map(group).chain([check]))
}

#[cfg(test)]
mod tests {
    use super::super::tests::numbers;
    use super::*;

    #[test]
    fn zero_entropy() {
        for (length, last) in [(12, "about"), (24, "art")] {
            let text = format!("{}{last}", "abandon ".repeat(length - 1));
            assert!(bip39(text.as_bytes()).holds(), "{length}");
            let wrong = format!("{}{}", "abandon ".repeat(length - 1), "zoo");
            assert_eq!(bip39(wrong.as_bytes()), Proof::Fails);
        }
        let algorand_zero = format!("{}invest", "abandon ".repeat(24));
        assert!(algorand(algorand_zero.as_bytes()).holds());
    }

    #[test]
    fn all_ten_languages() {
        let mut next = numbers(23);
        for &language in Language::ALL {
            for _ in 0..20 {
                let text = sample_in(&mut Random(&mut next), language);
                assert!(bip39(text.as_bytes()).holds(), "{language}: {text}");
                assert!(bip39(text.replace(' ', "\u{3000}").as_bytes()).holds(), "{language}: {text}");
            }
        }
    }

    #[test]
    fn separators_and_case_do_not_matter() {
        let mut next = numbers(29);
        let text = sample_bip39(&mut Random(&mut next));
        let numbered: String = text.split(' ').enumerate().map(|(at, word)| format!("{}. {word}\n", at + 1)).collect();
        let forms = [
            text.to_uppercase(),
            text.replace(' ', "_"),
            text.replace(' ', "\", \""),
            text.replace(' ', "\\n"),
            numbered,
        ];
        for form in forms {
            assert!(bip39(form.as_bytes()).holds(), "{form}");
            assert_eq!(canonical(form.as_bytes()).as_deref(), Some(text.as_str()));
        }
    }

    #[test]
    fn pieces_of_the_list_fail() {
        let list = Language::English.word_list();
        for start in 0..400 {
            assert_eq!(bip39(list[start..start + 12].join(" ").as_bytes()), Proof::Fails);
        }
    }
}
