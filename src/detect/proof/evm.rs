//! secp256k1 keys in hexadecimal. Any random 32 bytes are one, so only a pair proves: the address or public key that is
//! derived from the value and stands in the same text.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use k256::SecretKey;
use k256::elliptic_curve::sec1::ToSec1Point;
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::super::address::Address;
use super::{Proof, Random, base58check, bech32};

/// Whether 32 bytes are a private key of secp256k1: not zero and below the order.
pub(super) fn in_range(bytes: &[u8]) -> bool {
    SecretKey::from_slice(bytes).is_ok()
}

fn key_of(value: &[u8]) -> Option<Vec<u8>> {
    let digits = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X")).unwrap_or(value);
    HEXLOWER_PERMISSIVE.decode(digits).ok().filter(|bytes| bytes.len() == 32)
}

/// Numbers nobody has as a key: below 2^64, of few different digits, or of a short period.
fn trivial(key: &[u8]) -> bool {
    let digits: Vec<u8> = key.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect();
    let distinct = digits.iter().fold(0_u16, |set, digit| set | 1 << digit).count_ones();
    let periodic = (1..=8).any(|period| digits.iter().zip(&digits[period..]).all(|(a, b)| a == b));
    key[..24].iter().all(|&byte| byte == 0) || distinct <= 4 || periodic
}

/// The names a public key goes by.
struct Derived {
    compressed: Vec<u8>,
    uncompressed: Vec<u8>,
}

impl Derived {
    fn of(key: &[u8]) -> Option<Self> {
        let public = SecretKey::from_slice(key).ok()?.public_key();
        Some(Self {
            compressed: public.to_sec1_point(true).as_bytes().to_vec(),
            uncompressed: public.to_sec1_point(false).as_bytes().to_vec(),
        })
    }

    fn keccak(&self) -> Vec<u8> {
        Keccak256::digest(&self.uncompressed[1..])[12..].to_vec()
    }

    fn hash160(&self) -> Vec<u8> {
        Ripemd160::digest(Sha256::digest(&self.compressed)).to_vec()
    }
}

pub(super) fn shortened(address: &str) -> String {
    if address.len() <= 12 {
        return address.to_owned();
    }
    format!("{}…{}", &address[..6], &address[address.len() - 4..])
}

/// Whether hexadecimal digits stand in a text, in either case and as a number of their own.
fn has_hex(text: &[u8], digits: &str) -> bool {
    let digits = digits.as_bytes();
    let (low, high) = (digits[0], digits[0].to_ascii_uppercase());
    memchr::memchr2_iter(low, high, text).any(|at| {
        text.get(at..at + digits.len()).is_some_and(|piece| piece.eq_ignore_ascii_case(digits))
            && !text.get(at + digits.len()).is_some_and(u8::is_ascii_hexdigit)
    })
}

fn has(text: &[u8], name: &str) -> bool {
    memchr::memmem::find(text, name.as_bytes()).is_some()
}

/// Whether a value can be somebody's key.
pub(super) fn is_key(value: &[u8]) -> bool {
    key_of(value).is_some_and(|key| !trivial(&key) && in_range(&key))
}

pub(super) fn prove(value: &[u8], text: &[u8]) -> Proof {
    let key = key_of(value).filter(|key| !trivial(key));
    let Some(derived) = key.and_then(|key| Derived::of(&key)) else { return Proof::Fails };
    match found(&derived, text) {
        Some(name) => Proof::Holds(format!("derives {}, which stands in this text", shortened(&name))),
        None => Proof::Unknown,
    }
}

/// The first derived name that stands in the text.
fn found(derived: &Derived, text: &[u8]) -> Option<String> {
    let keccak = derived.keccak();
    let hex = HEXLOWER.encode(&keccak);
    if has_hex(text, &hex) {
        return Some(format!("0x{hex}"));
    }
    let tron = base58check::address(0x41, &keccak);
    let hash = derived.hash160();
    let bitcoin = base58check::address(0, &hash);
    // Cosmos chains and Bitcoin's P2WPKH differ in prefix and checksum only; P2WPKH has a version digit before it.
    let data = bech32::data_part(&hash);
    let npub = bech32::npub(&derived.compressed[1..]);
    [tron, bitcoin, npub].into_iter().find(|name| has(text, name)).or_else(|| {
        if has(text, &data) {
            return Some(format!("the address …{data}"));
        }
        let uncompressed = HEXLOWER.encode(&derived.uncompressed[1..]);
        let compressed = HEXLOWER.encode(&derived.compressed);
        [compressed, uncompressed].into_iter().find(|name| has_hex(text, name)).map(|name| format!("public key {name}"))
    })
}

/// What the key in a value derives: the hash that Ethereum's and Tron's addresses hold, that of Bitcoin's and Cosmos', and
/// the public key. Nothing if it is nobody's key.
pub(super) fn addresses_of(value: &[u8]) -> Vec<Address> {
    let key = key_of(value).filter(|key| !trivial(key));
    let Some(derived) = key.and_then(|key| Derived::of(&key)) else { return Vec::new() };
    let (keccak, hash, point) = (derived.keccak(), derived.hash160(), &derived.compressed[1..]);
    [&keccak, &hash, point].into_iter().filter_map(Address::of).collect()
}

/// The ways to write what a key derives.
#[cfg(test)]
pub(in crate::detect) fn written(value: &[u8]) -> Vec<(Address, String)> {
    let derived = key_of(value).and_then(|key| Derived::of(&key)).expect("a key");
    let (keccak, hash, point) = (derived.keccak(), derived.hash160(), &derived.compressed[1..]);
    let all = [
        (&keccak[..], format!("0x{}", HEXLOWER.encode(&keccak))),
        (&keccak, base58check::address(0x41, &keccak)),
        (&hash, base58check::address(0, &hash)),
        (&hash, bech32::witness(&hash)),
        (&hash, format!("cosmos1{}qqqqqq", bech32::data_part(&hash))),
        (point, bech32::npub(point)),
        (point, HEXLOWER.encode(&derived.compressed)),
        (point, HEXLOWER.encode(&derived.uncompressed)),
        (point, HEXLOWER.encode(&derived.uncompressed[1..])),
    ];
    all.into_iter().filter_map(|(bytes, text)| Some((Address::of(bytes)?, text))).collect()
}

pub(super) fn address_of(value: &[u8]) -> Option<String> {
    let derived = Derived::of(&key_of(value)?)?;
    Some(format!("0x{}", HEXLOWER.encode(&derived.keccak())))
}

pub(super) fn sample(random: &mut Random) -> String {
    format!("0x{}", HEXLOWER.encode(&random.bytes::<32>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The phrase of Hardhat and Anvil is public, and so are its addresses; the key itself is not stored here but is
    /// the well-known key number one.
    #[test]
    fn the_key_one_has_a_known_address() {
        let key = format!("{:064x}", 1);
        assert_eq!(address_of(key.as_bytes()).as_deref(), Some("0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"));
        assert_eq!(prove(key.as_bytes(), b""), Proof::Fails, "a trivial key is nobody's");
    }

    #[test]
    fn every_form_of_the_public_key_is_found() {
        let mut next = super::super::tests::numbers(5);
        let key = sample(&mut Random(&mut next));
        let bytes = key_of(key.as_bytes()).expect("hex");
        let derived = Derived::of(&bytes).expect("in range");
        let checksummed = HEXLOWER.encode(&derived.keccak()).to_ascii_uppercase();
        let cosmos = format!("cosmos1{}xxxxxx", bech32::data_part(&derived.hash160()));
        let texts = [
            format!("0x{checksummed}"),
            base58check::address(0x41, &derived.keccak()),
            base58check::address(0, &derived.hash160()),
            cosmos,
            bech32::npub(&derived.compressed[1..]),
            HEXLOWER.encode(&derived.compressed),
        ];
        for text in texts {
            assert!(prove(key.as_bytes(), text.as_bytes()).holds(), "{text}");
        }
        assert_eq!(prove(key.as_bytes(), key.as_bytes()), Proof::Unknown);
    }

    #[test]
    fn masks_and_orders_fail() {
        for digits in ["0".repeat(64), "f".repeat(64), "deadbeef".repeat(8), "1234".repeat(16)] {
            assert_eq!(prove(digits.as_bytes(), b""), Proof::Fails, "{digits}");
        }
    }
}
