//! Offline proofs: what a value shows by itself or together with the text it stands in.
//!
//! A proof is named in a rule (`proof = "wif"`) and asked only about values whose shape fits, so it may take some
//! microseconds. It reads nothing but the value and the text around it, and it never says who owns a key or whether it is
//! live.
//!
//! [`Proof::Unknown`] is not a failure. Pair proofs (`evm-key`) say it if the other half isn't in the text; filters
//! (`uuid4`, `base64-64`, `kucoin-objectid`: see the table) never say more, because random values pass them too often.

pub mod mnemonic;

mod base58check;
mod bech32;
mod binary;
mod crc;
mod der;
mod ed25519;
mod evm;
mod filter;
mod jwt;
mod macaroon;
mod pem;
mod public;
mod strkey;
mod tokens;

pub use ed25519::byte_arrays;
#[cfg(test)]
pub(in crate::detect) use evm::written;

use super::address::Address;

/// What a proof says of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// It holds; what was shown, without a full stop: `the checksum holds`.
    Holds(String),
    /// The value is not what its shape says.
    Fails,
    /// No statement.
    Unknown,
}

impl Proof {
    /// Whether it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self, Self::Holds(_))
    }

    fn when(holds: bool, shown: &str) -> Self {
        if holds { Self::Holds(shown.to_owned()) } else { Self::Fails }
    }

    /// What a filter says: it can only refuse.
    fn filter(passes: bool) -> Self {
        if passes { Self::Unknown } else { Self::Fails }
    }
}

/// One proof: its name, the test and the making of values that pass it.
struct Entry {
    name: &'static str,
    prove: fn(&[u8], &[u8]) -> Proof,
    sample: fn(&mut Random) -> String,
}

/// All proofs, sorted by name.
const TABLE: &[Entry] = &[
    Entry { name: "age", prove: |v, _| bech32::age(v), sample: bech32::sample_age },
    Entry { name: "algorand", prove: |v, _| mnemonic::algorand(v), sample: mnemonic::sample_algorand },
    Entry { name: "aws-key-id", prove: |v, _| tokens::aws_key_id(v), sample: tokens::sample_aws_key_id },
    Entry { name: "backpack-pair", prove: ed25519::backpack, sample: ed25519::sample_backpack },
    Entry { name: "base64-16", prove: |v, _| filter::base64(v, 16), sample: |r| filter::sample_base64(r, 16) },
    Entry { name: "base64-32", prove: |v, _| filter::base64(v, 32), sample: |r| filter::sample_base64(r, 32) },
    Entry { name: "base64-42", prove: |v, _| filter::base64(v, 42), sample: |r| filter::sample_base64(r, 42) },
    Entry { name: "base64-64", prove: |v, _| filter::base64(v, 64), sample: |r| filter::sample_base64(r, 64) },
    Entry { name: "basic-auth", prove: |v, _| filter::basic_auth(v), sample: filter::sample_basic_auth },
    Entry { name: "bip38", prove: |v, _| base58check::bip38(v), sample: base58check::sample_bip38 },
    Entry { name: "bip39", prove: |v, _| mnemonic::bip39(v), sample: mnemonic::sample_bip39 },
    Entry { name: "cardano", prove: |v, _| bech32::cardano(v), sample: bech32::sample_cardano },
    Entry { name: "cln-rune", prove: |v, _| tokens::rune(v), sample: tokens::sample_rune },
    Entry { name: "coinbase-cdp-ed25519", prove: |v, _| ed25519::base64_pair(v), sample: ed25519::sample_base64_pair },
    Entry { name: "discord-token", prove: |v, _| tokens::discord(v), sample: tokens::sample_discord },
    Entry { name: "ed25519-pair", prove: |v, _| ed25519::base64_pair(v), sample: ed25519::sample_base64_pair },
    Entry { name: "electrum", prove: |v, _| mnemonic::electrum(v), sample: mnemonic::sample_electrum },
    Entry { name: "evm-key", prove: evm::prove, sample: evm::sample },
    Entry { name: "github-crc", prove: |v, _| crc::base62(v), sample: |r| crc::sample_base62(r, "ghp_") },
    Entry { name: "gitlab-routable", prove: |v, _| crc::gitlab(v), sample: crc::sample_gitlab },
    Entry { name: "jwt", prove: |v, _| jwt::prove(v), sample: jwt::sample },
    Entry { name: "kucoin-objectid", prove: |v, _| filter::object_id(v), sample: filter::sample_object_id },
    Entry { name: "lnd-macaroon", prove: |v, _| macaroon::lnd(v), sample: macaroon::sample_lnd },
    Entry { name: "monero", prove: |v, _| mnemonic::monero::prove(v), sample: mnemonic::monero::sample },
    Entry { name: "ncryptsec", prove: |v, _| bech32::ncryptsec(v), sample: bech32::sample_ncryptsec },
    Entry { name: "near", prove: |v, _| ed25519::near(v), sample: ed25519::sample_near },
    Entry { name: "npm-crc", prove: |v, _| crc::base62(v), sample: |r| crc::sample_base62(r, "npm_") },
    Entry { name: "nsec", prove: |v, _| bech32::nsec(v), sample: bech32::sample_nsec },
    Entry { name: "openssh", prove: |v, _| pem::prove(v), sample: pem::sample_openssh },
    Entry { name: "pem", prove: |v, _| pem::prove(v), sample: pem::sample },
    Entry { name: "public-key", prove: |v, _| public::prove(v), sample: public::sample },
    Entry { name: "pypi-macaroon", prove: |v, _| macaroon::pypi(v), sample: macaroon::sample_pypi },
    Entry { name: "solana-base58", prove: |v, _| ed25519::base58_pair(v), sample: ed25519::sample_base58_pair },
    Entry { name: "solana-json", prove: |v, _| ed25519::json_pair(v), sample: ed25519::sample_json_pair },
    Entry { name: "stellar", prove: |v, _| strkey::prove(v), sample: strkey::sample },
    Entry { name: "suiprivkey", prove: |v, _| bech32::sui(v), sample: bech32::sample_sui },
    Entry { name: "tezos", prove: |v, _| base58check::tezos(v), sample: base58check::sample_tezos },
    Entry { name: "tezos-encrypted", prove: |v, _| base58check::tezos(v), sample: base58check::sample_tezos_encrypted },
    Entry { name: "ton", prove: |v, _| mnemonic::ton(v), sample: mnemonic::sample_ton },
    Entry { name: "uuid4", prove: |v, _| filter::uuid4(v), sample: filter::sample_uuid4 },
    Entry { name: "uuid4-hex", prove: |v, _| filter::uuid4_hex(v), sample: filter::sample_uuid4_hex },
    Entry { name: "wif", prove: |v, _| base58check::wif(v), sample: base58check::sample_wif },
    Entry { name: "xprv", prove: |v, _| base58check::xprv(v), sample: base58check::sample_xprv },
    Entry { name: "xrpl", prove: |v, _| base58check::xrpl(v), sample: base58check::sample_xrpl },
    Entry { name: "zcash", prove: |v, _| bech32::zcash(v), sample: bech32::sample_zcash },
];

const fn names() -> [&'static str; TABLE.len()] {
    let mut names = [""; TABLE.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = TABLE[at].name;
        at += 1;
    }
    names
}

/// The names of all proofs, sorted.
pub const NAMES: &[&str] = &names();

fn entry(name: &str) -> Option<&'static Entry> {
    TABLE.binary_search_by(|entry| entry.name.cmp(name)).ok().map(|at| &TABLE[at])
}

/// Asks a proof about a value that stands in `text`. A name that is unknown makes no statement; rule files with one are
/// refused when they are read.
#[must_use]
pub fn prove(name: &str, value: &[u8], text: &[u8]) -> Proof {
    entry(name).map_or(Proof::Unknown, |entry| (entry.prove)(value, text))
}

/// Whether a proof fails for a value, whatever text it stands in: what asks no more than that derives no second half.
#[must_use]
pub(crate) fn fails(name: &str, value: &[u8]) -> bool {
    match name {
        "backpack-pair" => !ed25519::is_seed(value),
        "evm-key" => !evm::is_key(value),
        _ => prove(name, value, b"") == Proof::Fails,
    }
}

/// A synthetic value for which the proof does not fail, made from random numbers. Where a proof needs a pair, the value
/// is one half; `NAME:other` makes the other half of the one that the same numbers make.
pub fn sample(name: &str, next: &mut dyn FnMut() -> u64) -> Option<String> {
    let Some(pair) = name.strip_suffix(":other") else {
        return entry(name).map(|entry| (entry.sample)(&mut Random(next)));
    };
    let half = entry(pair).map(|entry| (entry.sample)(&mut Random(next)))?;
    match pair {
        "backpack-pair" => backpack_public(&half),
        "evm-key" => evm_address(&half),
        _ => None,
    }
}

/// What a private key of secp256k1 in hexadecimal derives, as other texts may name it; nothing if it is nobody's key.
#[must_use]
pub fn addresses_of(key: &[u8]) -> Vec<Address> {
    evm::addresses_of(key)
}

/// The Ethereum address of a private key in hexadecimal, as a text would show it.
#[must_use]
pub fn evm_address(key: &str) -> Option<String> {
    evm::address_of(key.as_bytes())
}

/// The public key (base64) of an Ed25519 seed in base64.
#[must_use]
pub fn backpack_public(seed: &str) -> Option<String> {
    ed25519::public_of_seed(seed.as_bytes())
}

/// Random numbers for samples.
struct Random<'a>(&'a mut dyn FnMut() -> u64);

impl Random<'_> {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from((self.0)() >> 11).unwrap_or(0) % bound
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| ((self.0)() >> 17).to_le_bytes()[0])
    }

    fn of(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }
}

const ALNUM: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A value as text, if it is ASCII.
fn ascii(value: &[u8]) -> Option<&str> {
    if value.is_ascii() { std::str::from_utf8(value).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Random numbers that are the same in every run (splitmix64).
    pub(super) fn numbers(mut state: u64) -> impl FnMut() -> u64 {
        move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = state;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }
    }

    /// Proofs that can only refuse, or need a second value: their samples make no statement alone.
    const MAKE_NO_STATEMENT: &[&str] = &[
        "aws-key-id",
        "backpack-pair",
        "base64-16",
        "base64-32",
        "base64-42",
        "base64-64",
        "basic-auth",
        "evm-key",
        "kucoin-objectid",
        "uuid4",
        "uuid4-hex",
    ];

    /// Proofs whose every single-character mutation must be refused.
    const CHECKSUMS: &[&str] = &[
        "age",
        "bip38",
        "cardano",
        "coinbase-cdp-ed25519",
        "github-crc",
        "ncryptsec",
        "near",
        "npm-crc",
        "nsec",
        "solana-base58",
        "stellar",
        "suiprivkey",
        "tezos",
        "wif",
        "xprv",
        "xrpl",
        "zcash",
    ];

    #[test]
    fn the_table_is_sorted() {
        assert!(NAMES.is_sorted(), "{NAMES:?}");
    }

    #[test]
    fn samples_pass() {
        for name in NAMES {
            let mut next = numbers(7);
            for _ in 0..12 {
                let value = sample(name, &mut next).expect("a known proof");
                let proof = prove(name, value.as_bytes(), value.as_bytes());
                if name != &"aws-key-id" && MAKE_NO_STATEMENT.contains(name) {
                    assert_eq!(proof, Proof::Unknown, "{name}: {value}");
                } else {
                    assert!(proof.holds(), "{name}: {value}: {proof:?}");
                }
            }
        }
    }

    #[test]
    fn single_character_mutations_are_refused() {
        for name in CHECKSUMS {
            let mut next = numbers(11);
            let value = sample(name, &mut next).expect("a known proof");
            for at in 0..value.len() {
                let mut bytes = value.clone().into_bytes();
                bytes[at] = if bytes[at] == b'q' { b'p' } else { b'q' };
                if name == &"age" {
                    bytes[at] = bytes[at].to_ascii_uppercase();
                }
                if bytes == value.as_bytes() {
                    continue;
                }
                assert!(!prove(name, &bytes, &bytes).holds(), "{name}: {value} at {at}");
            }
        }
    }

    /// Asked without a text, a proof fails for what it fails in any.
    #[test]
    fn what_fails_fails_in_every_text() {
        let mut next = numbers(5);
        for name in NAMES {
            for _ in 0..3 {
                let value = sample(name, &mut next).expect("a sample");
                let other = sample(&format!("{name}:other"), &mut next).unwrap_or_default();
                let cut = value[..value.len() - 1].to_owned();
                for value in [value, cut, "0".repeat(64), "f".repeat(64), String::new()] {
                    for text in [format!("{value} {other}"), String::new()] {
                        let proof = prove(name, value.as_bytes(), text.as_bytes());
                        assert_eq!(fails(name, value.as_bytes()), proof == Proof::Fails, "{name}: {value}");
                    }
                }
            }
        }
    }

    #[test]
    fn garbage_never_holds_and_never_panics() {
        let mut next = numbers(13);
        for name in NAMES {
            for length in [0, 1, 7, 32, 44, 52, 64, 88, 111, 200] {
                let raw: Vec<u8> = (0..length).map(|_| next().to_le_bytes()[0]).collect();
                let word: String = Random(&mut next).of(ALNUM, length);
                for value in [raw.as_slice(), word.as_bytes(), "é".repeat(length).as_bytes()] {
                    assert!(!prove(name, value, value).holds(), "{name}: {value:?}");
                }
            }
        }
    }

    #[test]
    fn pairs_hold_with_their_other_half() {
        let mut next = numbers(17);
        let key = sample("evm-key", &mut next).expect("a known proof");
        let address = evm_address(&key).expect("a key has an address");
        assert!(prove("evm-key", key.as_bytes(), format!("from {address}").as_bytes()).holds());
        let seed = sample("backpack-pair", &mut next).expect("a known proof");
        let public = backpack_public(&seed).expect("a seed has a public key");
        assert!(prove("backpack-pair", seed.as_bytes(), public.as_bytes()).holds());
    }
}
