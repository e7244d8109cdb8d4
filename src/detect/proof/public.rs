//! Keys and phrases that everybody knows.

use sha2::{Digest, Sha256};

use super::{Proof, Random};
use crate::detect::dummies;

pub(super) fn prove(value: &[u8]) -> Proof {
    match dummies::is_public(value).filter(|kind| dummies::is_usable(kind)) {
        Some(kind) => Proof::Holds(format!("it is {kind}")),
        None => Proof::Fails,
    }
}

/// The phrase of Hardhat and Anvil, or a key that is the hash of a word, as brain wallets made them.
pub(super) fn sample(next: &mut Random<'_>) -> String {
    const WORDS: [&str; 3] = ["satoshi", "bitcoin", "password"];
    if next.below(2) == 0 {
        return format!("{}junk", "test ".repeat(11));
    }
    let known = |word: &&str| prove(key(word).as_bytes()).holds();
    let words: Vec<&str> = WORDS.into_iter().filter(known).collect();
    key(words[next.below(words.len())])
}

fn key(word: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(word.as_bytes()))
}
