//! The proofs against values that others published, and against those values with one character or word changed.

use std::fmt::Write as _;

use bip39::{Language, Mnemonic};
use sha2::{Digest, Sha256};
use stopleak::detect::proof::{NAMES, Proof, prove};

/// The vectors of a proof: its name, whether it must hold, who published them, and the values.
struct List {
    proof: String,
    holds: bool,
    source: String,
    values: Vec<String>,
}

/// Reads `testdata/vectors.txt`, where every value is written backwards.
fn lists() -> Vec<List> {
    let mut lists: Vec<List> = Vec::new();
    let text = include_str!("../../testdata/vectors.txt");
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some((proof, source)) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
            let (holds, proof) = proof.strip_prefix('!').map_or((true, proof), |proof| (false, proof));
            let (proof, source) = (proof.to_owned(), source.to_owned());
            lists.push(List { proof, holds, source, values: Vec::new() });
        } else {
            let value = if line.contains(' ') {
                line.split(' ').rev().collect::<Vec<_>>().join(" ")
            } else {
                line.chars().rev().collect()
            };
            lists.last_mut().expect("a list is begun").values.push(value);
        }
    }
    lists
}

fn holds(proof: &str, value: &str) -> bool {
    prove(proof, value.as_bytes(), value.as_bytes()).holds()
}

#[test]
fn published_values_pass() {
    let lists = lists();
    for List { proof, holds: wanted, source, values } in &lists {
        assert!(NAMES.contains(&proof.as_str()), "{proof} is a proof");
        assert!(!values.is_empty(), "{source}");
        for (at, value) in values.iter().enumerate() {
            assert_eq!(holds(proof, value), *wanted, "{proof}, {source}, number {at}");
        }
    }
    let count: usize = lists.iter().map(|list| list.values.len()).sum();
    assert!(count >= 190, "{count} vectors");
}

/// Every character of every value is changed into three others of the same kind. A checksum of 16 bits and more over the
/// bytes, a bech32 code and a key pair notice each such change; phrases are tested below by words.
#[test]
fn published_values_with_one_character_changed_are_refused() {
    const DIGITS: &[u8] = b"0123456789";
    const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut tried = 0_usize;
    for List { proof, holds: wanted, source, values } in lists() {
        if !wanted || values[0].contains(' ') {
            continue;
        }
        for value in values {
            for at in 0..value.len() {
                let old = value.as_bytes()[at];
                let alphabet = [DIGITS, LOWER, UPPER].into_iter().find(|all| all.contains(&old)).unwrap_or(b"=+/");
                let place = alphabet.iter().position(|&letter| letter == old).unwrap_or(0);
                for step in [1, 4, alphabet.len() - 1] {
                    let mut changed = value.clone().into_bytes();
                    changed[at] = alphabet[(place + step) % alphabet.len()];
                    if changed[at] != old {
                        let changed = String::from_utf8(changed).expect("ASCII");
                        assert!(!holds(&proof, &changed), "{proof}, {source}: a changed character {at} passes");
                        tried += 1;
                    }
                }
            }
        }
    }
    assert!(tried > 20_000, "{tried}");
}

/// How many wrong phrases in `one_in` pass when a word is replaced by another of the list, per proof: what its check is
/// worth. Electrum: four of 4,096 versions and one of 256; TON: a byte; Algorand: eleven bits and a zero byte, of which a
/// change of one word leaves at most eleven bits.
#[test]
fn published_phrases_with_one_word_changed_pass_as_seldom_as_the_checksum_says() {
    let list = Language::English.word_list();
    for (proof, step, one_in) in [("electrum", 7, 218.0), ("ton", 131, 256.0), ("algorand", 3, 2048.0)] {
        let (mut tried, mut passed) = (0, 0);
        for value in lists().into_iter().filter(|list| list.proof == proof).flat_map(|list| list.values) {
            let words: Vec<&str> = value.split(' ').collect();
            for at in 0..words.len() {
                for new in (at..list.len()).step_by(step).map(|number| list[number]).filter(|new| *new != words[at]) {
                    let mut changed = words.clone();
                    changed[at] = new;
                    tried += 1;
                    passed += usize::from(holds(proof, &changed.join(" ")));
                }
                let misspelt = format!("{}x", words[at]);
                let mut changed = words.clone();
                changed[at] = &misspelt;
                assert!(!holds(proof, &changed.join(" ")), "{proof}: a word of no list");
            }
        }
        let expected = f64::from(tried) / one_in;
        let most = 2.0f64.mul_add(expected.sqrt(), expected) + 2.0;
        #[allow(clippy::cast_precision_loss)]
        let passed = passed as f64;
        assert!(passed <= most, "{proof}: {passed} of {tried} pass, {expected:.1} are expected");
    }
}

/// The 24 vectors of python-mnemonic in ten languages. A phrase is made of its entropy; its hash says that it is the
/// published one.
#[test]
fn the_phrases_of_python_mnemonic_pass_in_ten_languages() {
    let text = include_str!("../../testdata/bip39.txt");
    let mut lines = text.lines();
    let names = lines.by_ref().find_map(|line| line.strip_prefix("# entropy in pieces | ")).expect("the languages");
    let languages: Vec<Language> = names.split(' ').map(language).collect();
    assert_eq!(languages.len(), Language::ALL.len());
    let mut count = 0;
    for line in lines {
        let (entropy, hashes) = line.split_once(" | ").expect("two columns");
        let entropy = data_encoding::HEXLOWER.decode(entropy.replace(' ', "").as_bytes()).expect("hexadecimal");
        for (&language, hash) in languages.iter().zip(hashes.split(' ')) {
            let phrase = Mnemonic::from_entropy_in(language, &entropy).expect("an entropy").to_string();
            let digest = Sha256::digest(phrase.as_bytes());
            let mut start = String::new();
            digest[..4].iter().for_each(|byte| write!(start, "{byte:02x}").expect("a string"));
            assert_eq!(start, *hash, "{language}: the phrase is another than the published one");
            let Proof::Holds(shown) = prove("bip39", phrase.as_bytes(), b"") else { panic!("{language}: {line}") };
            assert!(shown.contains("checksum"), "{shown}");
            assert!(holds("bip39", &phrase.replace(' ', "\u{3000}")), "{language}: with wide blanks");
            count += 1;
        }
    }
    assert_eq!(count, 240);
}

/// python-mnemonic's name of a language.
fn language(name: &str) -> Language {
    match name {
        "english" => Language::English,
        "chinese_simplified" => Language::SimplifiedChinese,
        "chinese_traditional" => Language::TraditionalChinese,
        "czech" => Language::Czech,
        "french" => Language::French,
        "italian" => Language::Italian,
        "japanese" => Language::Japanese,
        "korean" => Language::Korean,
        "portuguese" => Language::Portuguese,
        "spanish" => Language::Spanish,
        other => panic!("{other} is none of the ten languages"),
    }
}

/// A changed word passes once in 16 with 12 words, once in 256 with 24: the checksum has so many bits and no more.
#[test]
fn a_changed_word_of_a_bip39_phrase_passes_as_often_as_its_checksum_allows() {
    let list = Language::English.word_list();
    for (bytes, one_in) in [(16_usize, 16.0), (24, 64.0), (32, 256.0)] {
        let (mut tried, mut passed) = (0_u32, 0_u32);
        for seed in 1..=6_u8 {
            let entropy: Vec<u8> = (0..bytes).map(|at| seed.wrapping_mul(37) ^ (at as u8).wrapping_mul(91)).collect();
            let phrase = Mnemonic::from_entropy_in(Language::English, &entropy).expect("an entropy").to_string();
            let words: Vec<&str> = phrase.split(' ').collect();
            for at in 0..words.len() {
                for new in (at..list.len()).step_by(41).map(|number| list[number]).filter(|new| *new != words[at]) {
                    let mut changed = words.clone();
                    changed[at] = new;
                    tried += 1;
                    passed += u32::from(holds("bip39", &changed.join(" ")));
                }
                let mut misspelt = words.clone();
                let wrong = format!("{}q", words[at]);
                misspelt[at] = &wrong;
                assert!(!holds("bip39", &misspelt.join(" ")));
            }
        }
        let (rate, allowed) = (f64::from(passed) / f64::from(tried), 1.0 / one_in);
        assert!((allowed * 0.6..allowed * 1.5).contains(&rate), "{bytes} bytes: {passed} of {tried} pass");
    }
}

/// Keys of documentation and test suites with their addresses: Web3 Secret Storage, web3.js, Hardhat and Anvil. The keys
/// stand in pieces.
#[test]
fn published_keys_derive_their_published_addresses() {
    let pairs = [
        (
            "7a28b5ba 57c53603 b0b07b56 bba752f7 784bf506 fa95edc3 95f5cf6c 7514fe9d",
            "0x008aeeda4d805471df9b2a5b0f38a0c3bcba786b",
        ),
        (
            "4c0883a6 9102937d 6231471b 5dbb6204 fe512961 7082792a e468d01a 3f362318",
            "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23",
        ),
        (
            "ac0974be c39a17e3 6ba4a6b4 d238ff94 4bacb478 cbed5efc ae784d7b f4f2ff80",
            "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
        ),
    ];
    for (pieces, address) in pairs {
        let key = pieces.replace(' ', "");
        let shown = |key: &str, text: &str| prove("evm-key", key.as_bytes(), text.as_bytes());
        assert_eq!(key.len(), 64, "{address}");
        let Proof::Holds(reason) = shown(&key, &format!("owner = {address};")) else { panic!("{address}") };
        assert!(reason.contains(&address[..6].to_lowercase()), "{reason}");
        for at in 0..64 {
            let mut changed = key.clone().into_bytes();
            changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(!shown(&changed, address).holds(), "{address}: digit {at} of the key");
        }
        for at in 2..42 {
            let mut changed = address.to_owned().into_bytes();
            changed[at] = if changed[at] == b'7' { b'8' } else { b'7' };
            let changed = String::from_utf8(changed).expect("ASCII");
            assert!(!shown(&key, &changed).holds(), "{address}: digit {at} of the address");
        }
    }
}
