//! Addresses and public keys that a text names, in a form that is the same however they are written: so a private key in
//! one file is proven by its address in another. Ethereum, Tron, Bitcoin, Cosmos, Nostr and bare public keys.

use data_encoding::HEXLOWER_PERMISSIVE;

use crate::span::Span;

/// The first 16 bytes of what an address or public key holds behind its encoding: of 20 bytes of a hash, or of the 32 of a
/// point's first coordinate. That two random ones are alike is a matter of 2^-128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 16]);

/// The shortest and the longest way to write one: Bitcoin's with 33 characters, a public key of 65 bytes in hexadecimal.
const SHORTEST: usize = 33;
const LONGEST: usize = 132;

/// The letters of Bech32, in the order of their values.
const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

impl Address {
    /// Of at least 16 bytes.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().copied().map(Self)
    }

    /// Of a token that is one.
    fn read(token: &[u8]) -> Option<Self> {
        let digits = token.strip_prefix(b"0x").or_else(|| token.strip_prefix(b"0X")).unwrap_or(token);
        match (digits.len(), token) {
            (40 | 128, _) => hex(digits),
            (66, _) if matches!(&digits[..2], b"02" | b"03") => hex(&digits[2..]),
            (130, _) if digits.starts_with(b"04") => hex(&digits[2..]),
            (33 | 34, [b'T' | b'1', ..]) => base58(token),
            (63, _) if token.starts_with(b"npub1") => bech32(&token[5..]),
            (42..=60, _) => witness(token),
            _ => None,
        }
    }

    /// Bits that are as good as random, for a choice among many that is the same in each run.
    #[must_use]
    pub fn lot(self) -> u64 {
        u64::from_le_bytes(self.0[8..].try_into().unwrap_or_default())
    }
}

fn hex(digits: &[u8]) -> Option<Address> {
    let mut bytes = [0; 16];
    HEXLOWER_PERMISSIVE.decode_mut(&digits[..32], &mut bytes).ok()?;
    digits.iter().all(u8::is_ascii_hexdigit).then_some(Address(bytes))
}

fn base58(token: &[u8]) -> Option<Address> {
    let bytes = bs58::decode(token).with_check(None).into_vec().ok()?;
    (bytes.len() == 21).then(|| Address::of(&bytes[1..]))?
}

/// A Bech32 address by 20 bytes of hash: of Cosmos chains, or Bitcoin's of version 0 (which is a letter more). The checksum
/// needn't be asked, because the whole hash is compared.
fn witness(token: &[u8]) -> Option<Address> {
    const DATA: usize = 38;
    let start = token.len() - DATA;
    let (name, mark) = token[..start].split_at(start - if token[..start].ends_with(b"1q") { 2 } else { 1 });
    let named = mark[0] == b'1' && !name.is_empty() && name.iter().all(u8::is_ascii_lowercase);
    let spelled = token[start..].iter().all(|letter| LETTERS.contains(letter));
    (named && spelled).then(|| bech32(&token[start..]))?
}

/// The first 16 bytes of Bech32 data.
fn bech32(data: &[u8]) -> Option<Address> {
    let value = |letter: &u8| LETTERS.iter().position(|own| own == letter).map(|value| value as u128);
    // 26 letters are 130 bits: two of them belong to the next byte.
    let head = data.get(..25)?.iter().try_fold(0_u128, |head, letter| Some(head << 5 | value(letter)?))?;
    let last = value(data.get(25)?)?;
    Some(Address((head << 3 | last >> 2).to_be_bytes()))
}

/// Hands out the addresses among the candidate tokens of a text and how they are written, in the order of the text.
pub(super) fn each<'t>(text: &'t [u8], runs: &[Span], mut found: impl FnMut(Address, &'t [u8])) {
    for run in runs.iter().filter(|run| run.len() >= SHORTEST) {
        for token in run.of(text).split(|byte| !byte.is_ascii_alphanumeric()) {
            if (SHORTEST..=LONGEST).contains(&token.len())
                && let Some(address) = Address::read(token)
            {
                found(address, token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{candidate, proof};
    use super::*;

    fn in_text(text: &str) -> Vec<Address> {
        let (mut runs, mut all) = (Vec::new(), Vec::new());
        candidate::runs(text.as_bytes(), |run| runs.push(run));
        each(text.as_bytes(), &runs, |address, _| all.push(address));
        all
    }

    /// Whatever a key derives is the same address in a text, however it is written.
    #[test]
    fn every_way_to_write_it_is_read() {
        let mut state = 7_u64;
        for _ in 0..20 {
            let mut next = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state ^ state >> 29
            };
            let key = proof::sample("evm-key", &mut next).expect("a known proof");
            let derived = proof::addresses_of(key.as_bytes());
            let written = proof::written(key.as_bytes());
            assert_eq!((derived.len(), written.len()), (3, 9));
            for (address, written) in written {
                assert!(derived.contains(&address), "{written}");
                for text in [written.clone(), format!("owner = \"{written}\";"), format!("A={written}\n")] {
                    assert_eq!(in_text(&text), [address], "{text}");
                }
                if let Some(digits) = written.strip_prefix("0x") {
                    assert_eq!(in_text(&format!("0x{}", digits.to_uppercase())), [address]);
                    assert_eq!(in_text(&format!("\"{digits}\"")), [address]);
                }
            }
        }
    }

    #[test]
    fn what_is_none_is_not_read() {
        for text in [
            "0x7e5f4552091a69125d5dfcb7b8c2659029395bd",
            "0x7e5f4552091a69125d5dfcb7b8c2659029395bdfa1",
            "7e5f4552-091a-6912-5d5d-fcb7b8c2659029395bdf",
            "TJRabPrwbZy45sbavfcjinPJC18kjpRTv9",
            "cosmos1w508d6qejxtdg4y5r3zarvary0c5xw7bbbbbbb",
            "sha256-7e5f4552091a69125d5dfcb7b8c2659029395bdf7e5f4552091a69125d5dfcb7",
        ] {
            assert_eq!(in_text(text), [], "{text}");
        }
    }
}
