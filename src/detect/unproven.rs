//! What one text can't decide: keys whose address may stand in another text, and the addresses that may prove the keys of
//! others. Whoever scans many texts puts them together (`scan::proven`).

use super::address::{self, Address};
use super::judge::{self, Hit};
use super::{Document, proof};
use crate::credential::{self, Credential};
use crate::rules::Role;
use crate::span::Span;

/// A text with more values of this shape than this is data: hashes of transactions, test vectors.
const MOST: usize = 64;

/// What a text leaves open.
#[derive(Debug, Default)]
pub struct Open {
    /// The addresses it names, each with its first and last characters.
    pub addresses: Vec<(Address, [u8; 10])>,
    /// Values of the shape of a chain's private key that nothing names: credentials if what they derive is found anywhere.
    pub keys: Vec<Credential>,
}

impl Open {
    /// Whether the text leaves nothing open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.keys.is_empty()
    }

    pub(super) fn read(&mut self, text: &[u8], runs: &[Span]) {
        address::each(text, runs, |address, token| {
            let mut ends = [0; 10];
            ends[..6].copy_from_slice(&token[..6]);
            ends[6..].copy_from_slice(&token[token.len() - 4..]);
            self.addresses.push((address, ends));
        });
    }
}

/// The values of a text that would be keys if their address were found: of the right shape, by a word of credentials or of a
/// provider, and nothing else yet.
pub(super) fn keys(document: &Document<'_, '_, '_>, runs: &[Span]) -> Vec<Credential> {
    let engine = document.engine;
    let Some(rule) = engine.rules.find("ethereum-private-key") else { return Vec::new() };
    let free = |span: &Span| {
        !judge::noise_before(document.text, *span)
            && !engine.is_published(span.of(document.text))
            && !document.hits.iter().any(|hit| hit.span.overlaps(*span))
            && document.is_worth(*span)
    };
    let numbers = runs.iter().filter_map(|run| number(document.text, *run));
    let values: Vec<Span> = numbers.take(MOST + 1).collect();
    if values.len() > MOST {
        return Vec::new();
    }
    let hit = |span| Hit { role: Role::PrivateKey, ..Hit::of_rule(engine, rule, span, Vec::new()) };
    let one = |span| credential::assemble(engine.rules, document.text, document.hint, vec![hit(span)]);
    let unproven = |credential| Credential { unproven: true, ..credential };
    values.into_iter().filter(free).flat_map(one).map(unproven).collect()
}

/// The number of 32 bytes in hexadecimal that a candidate is or ends in (`KEY=0x...`).
fn number(text: &[u8], run: Span) -> Option<Span> {
    let token = run.of(text);
    let start = token.iter().rposition(|byte| !byte.is_ascii_alphanumeric()).map_or(0, |at| at + 1);
    let token = &token[start..];
    let digits = token.strip_prefix(b"0x").unwrap_or(token);
    let fits = digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit);
    fits.then(|| Span::new(run.start + start, run.end))
}

/// What a value derives, if a rule's proof is of that kind.
#[must_use]
pub fn derived(proof: Option<&str>, value: &[u8]) -> Vec<Address> {
    if proof == Some("evm-key") { proof::addresses_of(value) } else { Vec::new() }
}
