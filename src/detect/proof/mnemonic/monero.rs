//! Monero's seeds of 25 English words. The last word is one of the others, chosen by the CRC-32 of their first three letters:
//! a phrase of 24 list words with another list word passes once in 1,626. Source: monero, `src/mnemonics/electrum-words.cpp`;
//! the list and its licence are in `detect/data`.

use std::sync::OnceLock;

use super::{Proof, Random, words};

/// How many words there are without the checksum.
const WORDS: usize = 24;
/// The letters by which words of the list differ.
const PREFIX: usize = 3;

/// The list, sorted.
fn list() -> &'static [&'static str] {
    static LIST: OnceLock<Vec<&'static str>> = OnceLock::new();
    LIST.get_or_init(|| include_str!("../../data/monero_english.txt").lines().collect())
}

pub(in crate::detect::proof) fn prove(value: &[u8]) -> Proof {
    let Some(words) = words(value).filter(|words| words.len() == WORDS + 1) else { return Proof::Fails };
    let known = |word: &String| list().binary_search(&word.as_str()).is_ok();
    let holds = words.iter().all(known) && words[checked(&words[..WORDS])][..PREFIX] == words[WORDS][..PREFIX];
    Proof::when(holds, "the checksum of the 25 words holds")
}

/// Which of the words the last one repeats.
fn checked(words: &[impl AsRef<str>]) -> usize {
    let prefixes: String = words.iter().map(|word| &word.as_ref()[..PREFIX]).collect();
    crc32fast::hash(prefixes.as_bytes()) as usize % words.len()
}

pub(in crate::detect::proof) fn sample(next: &mut Random<'_>) -> String {
    let mut words: Vec<&str> = (0..WORDS).map(|_| list()[next.below(list().len())]).collect();
    words.push(words[checked(&words)]);
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_told_apart_by_three_letters() {
        assert_eq!(list().len(), 1626);
        assert!(list().windows(2).all(|pair| pair[0][..PREFIX] < pair[1][..PREFIX]));
    }

    /// The last words are by another implementation: the package `monero` 1.1.1 of PyPI.
    #[test]
    fn the_checksum_is_that_of_others() {
        for (seed, last) in [(1, 149), (2, 1026), (3, 125)] {
            let mut words: Vec<&str> =
                (0..WORDS).map(|i| list()[(seed * 7919 + i * i * 613 + i * 97) % list().len()]).collect();
            words.push(list()[last]);
            assert!(prove(words.join(" ").as_bytes()).holds());
            assert!(prove(words.join("\n").to_uppercase().as_bytes()).holds());
            // Each word changed to its neighbour in the list: the checksum picks one of 24 words, so it picks the same one
            // for one wrong phrase in 24. And the whole one word shorter.
            let changed = |at: usize| {
                let mut wrong = words.clone();
                let place = list().binary_search(&words[at]).expect("it is of the list");
                wrong[at] = list()[(place + 1) % list().len()];
                wrong.join(" ")
            };
            let refused = (0..words.len()).filter(|&at| !prove(changed(at).as_bytes()).holds()).count();
            assert!(refused >= 22, "{refused} of 25");
            assert!(!prove(changed(WORDS).as_bytes()).holds(), "the checksum itself");
            assert!(!prove(words[1..].join(" ").as_bytes()).holds());
        }
    }
}
