//! Keys of one text proven by addresses of another. Each text is read once; what is kept of it is small and does not depend
//! on the order in which threads come: of an address the first path in order, and of too many addresses those whose lot is
//! the lowest.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use crate::credential::Credential;
use crate::detect::address::Address;
use crate::detect::{Engine, Hint, Open, derived};
use crate::finding::Finding;
use crate::rules::{Confidence, RuleSet};

/// So many addresses are remembered, in some 20 MB; a project names some hundred.
const MOST: usize = 1 << 18;

/// How an address is written, and in which file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    file: Arc<[u8]>,
    ends: [u8; 10],
}

/// The addresses of a scan.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<Book>);

#[derive(Debug, Default)]
struct Book {
    seen: HashMap<Address, Seen>,
    /// Addresses with a lot of more than `64 - halvings` bits are forgotten.
    halvings: u32,
}

impl Addresses {
    /// Scans a text for credentials and for what only others can decide.
    pub(super) fn scan(&self, engine: &Engine<'_>, text: &[u8], hint: &Hint) -> Vec<Credential> {
        let mut open = Open::default();
        let mut found = engine.scan_open(text, hint, &mut open);
        if !open.addresses.is_empty() {
            let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            book.add(&hint.file, &open.addresses, MOST);
        }
        found.append(&mut open.keys);
        found
    }

    /// Completes the findings of all texts: keys whose address was seen are proven, and what needed that and has it not is
    /// none.
    pub(super) fn prove(&self, rules: &RuleSet, findings: &mut Vec<Finding>) {
        let book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !book.seen.is_empty() {
            findings.iter_mut().for_each(|finding| book.prove(rules, finding));
        }
        findings.retain(|finding| !finding.unproven);
    }
}

impl Book {
    fn keeps(&self, address: Address) -> bool {
        self.halvings == 0 || address.lot() >> (64 - self.halvings) == 0
    }

    fn add(&mut self, file: &[u8], addresses: &[(Address, [u8; 10])], most: usize) {
        let file: Arc<[u8]> = file.into();
        for &(address, ends) in addresses {
            if !self.keeps(address) {
                continue;
            }
            let seen = Seen { file: Arc::clone(&file), ends };
            match self.seen.entry(address) {
                Entry::Occupied(mut old) if seen < *old.get() => drop(old.insert(seen)),
                Entry::Occupied(_) => {}
                Entry::Vacant(place) => drop(place.insert(seen)),
            }
            while self.seen.len() > most {
                self.halvings += 1;
                let bound = 64 - self.halvings;
                self.seen.retain(|address, _| address.lot() >> bound == 0);
            }
        }
    }

    fn prove(&self, rules: &RuleSet, finding: &mut Finding) {
        let derives = |reason: &String| reason.starts_with("derives ");
        if finding.reasons.iter().any(derives) {
            return;
        }
        let proof = |part: &crate::finding::FoundPart| {
            let proof = rules.rule(part.rule).proof.as_deref();
            derived(proof, part.secret.expose()).into_iter().find_map(|address| self.seen.get(&address))
        };
        if let Some(seen) = finding.parts.iter().find_map(proof) {
            finding.reasons.push(seen.reason());
            finding.confidence = Confidence::High;
            finding.unproven = false;
        }
    }
}

impl Seen {
    fn reason(&self) -> String {
        let file: String = String::from_utf8_lossy(&self.file).chars().filter(|c| !c.is_control()).collect();
        let (head, tail) = self.ends.split_at(6);
        let (head, tail) = (String::from_utf8_lossy(head), String::from_utf8_lossy(tail));
        let place = if file.is_empty() { String::new() } else { format!(" found in {file}") };
        format!("derives address {head}…{tail}{place}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::proof;

    fn addresses(count: u64) -> Vec<(Address, [u8; 10])> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ state >> 29
        };
        let key = |_| proof::sample("evm-key", &mut next).expect("a known proof");
        let keys: Vec<String> = (0..count).map(key).collect();
        keys.iter().map(|key| (proof::addresses_of(key.as_bytes())[0], *b"0x1234abcd")).collect()
    }

    /// Whatever comes first, the same addresses are kept, of the same file.
    #[test]
    fn what_is_kept_does_not_depend_on_the_order() {
        let all = addresses(300);
        let books: Vec<Book> = [1_usize, 7, 300]
            .into_iter()
            .map(|stride| {
                let mut book = Book::default();
                for at in 0..300 {
                    let (number, file) = (at * stride % 300 + at * stride / 300, [b"b.env", b"a.env"][at % 2]);
                    book.add(file, &all[number % 300..=number % 300], 100);
                }
                all.iter().for_each(|one| book.add(b"a.env", std::slice::from_ref(one), 100));
                book
            })
            .collect();
        let kept = |book: &Book| {
            let mut kept: Vec<(Address, Seen)> = book.seen.iter().map(|(key, seen)| (*key, seen.clone())).collect();
            kept.sort();
            kept
        };
        assert!((25..=100).contains(&books[0].seen.len()), "{}", books[0].seen.len());
        for book in &books[1..] {
            assert_eq!((kept(book), book.halvings), (kept(&books[0]), books[0].halvings));
        }
        assert!(books[0].seen.values().all(|seen| &*seen.file == b"a.env"));
    }
}
