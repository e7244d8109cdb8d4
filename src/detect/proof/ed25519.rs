//! Ed25519 pairs: a seed beside its public key. By chance once in 2^256.

use std::cell::RefCell;

use data_encoding::{BASE64, BASE64_NOPAD};
use ed25519_dalek::SigningKey;

use super::super::memo::{Memo, Tag};
use super::{Proof, Random, ascii};
use crate::span::Span;

/// The public key of a seed of 32 bytes.
pub(super) fn public(seed: &[u8]) -> Option<[u8; 32]> {
    let seed: [u8; 32] = seed.try_into().ok()?;
    Some(SigningKey::from_bytes(&seed).verifying_key().to_bytes())
}

/// Whether 64 bytes are a seed and its public key.
pub(super) fn is_pair(bytes: &[u8]) -> bool {
    bytes.len() == 64 && public(&bytes[..32]).is_some_and(|key| key == bytes[32..])
}

fn prove(bytes: Option<Vec<u8>>) -> Proof {
    Proof::when(
        bytes.is_some_and(|bytes| is_pair(&bytes)),
        "its second half is the Ed25519 public key of its first half",
    )
}

fn pair(random: &mut Random) -> Vec<u8> {
    let seed = random.bytes::<32>();
    let key = public(&seed).unwrap_or_default();
    [seed, key].concat()
}

fn base58(value: &[u8]) -> Option<Vec<u8>> {
    if value.len() > 96 {
        return None;
    }
    bs58::decode(ascii(value)?).into_vec().ok()
}

/// Base64 with or without its padding.
pub(super) fn base64(value: &[u8]) -> Option<Vec<u8>> {
    let bare = value.trim_ascii_end();
    let bare = bare.strip_suffix(b"==").or_else(|| bare.strip_suffix(b"=")).unwrap_or(bare);
    BASE64_NOPAD.decode(bare).ok()
}

pub(super) fn base58_pair(value: &[u8]) -> Proof {
    prove(base58(value))
}

pub(super) fn sample_base58_pair(random: &mut Random) -> String {
    bs58::encode(pair(random)).into_string()
}

/// NEAR writes the scheme before the key; the public key has the same prefix and half the length.
pub(super) fn near(value: &[u8]) -> Proof {
    prove(base58(value.strip_prefix(b"ed25519:").unwrap_or(value)))
}

pub(super) fn sample_near(random: &mut Random) -> String {
    format!("ed25519:{}", sample_base58_pair(random))
}

pub(super) fn base64_pair(value: &[u8]) -> Proof {
    prove(base64(value))
}

pub(super) fn sample_base64_pair(random: &mut Random) -> String {
    BASE64.encode(&pair(random))
}

/// 64 numbers of a JSON array, as `solana-keygen` writes it.
pub(super) fn json_pair(value: &[u8]) -> Proof {
    prove(numbers(value))
}

fn numbers(value: &[u8]) -> Option<Vec<u8>> {
    let inside = ascii(value)?.trim_matches(|c: char| !c.is_ascii_digit());
    inside.split(',').map(|number| number.trim().parse().ok()).collect()
}

/// The places (without brackets) of all arrays of 64 numbers in a text that are a seed and its public key: key pairs of
/// Solana stand in files without any word that would lead to them.
#[must_use]
pub fn byte_arrays(text: &[u8]) -> Vec<Span> {
    /// With three digits, a comma and indentation for each.
    const LONGEST: usize = 64 * 40;
    let within = |&byte: &u8| byte.is_ascii_digit() || byte == b',' || byte.is_ascii_whitespace();
    let mut found = Vec::new();
    for open in memchr::memchr_iter(b'[', text) {
        // Most brackets open something else.
        if !text.get(open + 1).is_some_and(within) {
            continue;
        }
        let inside = &text[open + 1..text.len().min(open + 1 + LONGEST)];
        let Some(length) = inside.iter().position(|byte| !within(byte)) else { continue };
        let body = &inside[..length];
        if inside[length] != b']' || body.len() < 127 || memchr::memchr_iter(b',', body).count() < 63 {
            continue;
        }
        let start = open + 1 + (body.len() - body.trim_ascii_start().len());
        let span = Span::new(start, start + body.trim_ascii().len());
        if numbers(span.of(text)).is_some_and(|bytes| is_pair(&bytes)) {
            found.push(span);
        }
    }
    found
}

pub(super) fn sample_json_pair(random: &mut Random) -> String {
    let numbers: Vec<String> = pair(random).iter().map(u8::to_string).collect();
    numbers.join(",")
}

pub(super) fn public_of_seed(seed: &[u8]) -> Option<String> {
    base64(seed).and_then(|seed| public(&seed)).map(|key| BASE64.encode(&key))
}

/// Whether a value can be a seed: 32 bytes in Base64.
pub(super) fn is_seed(value: &[u8]) -> bool {
    base64(value).is_some_and(|seed| seed.len() == 32)
}

/// How many public keys a thread remembers. Lock files list some thousand checksums of that shape, version after version.
const REMEMBERED: usize = 4096;

/// The public key of a seed in Base64; each takes twenty microseconds to derive.
fn remembered(seed: &[u8]) -> Option<[u8; 32]> {
    thread_local! {
        static KEYS: RefCell<Memo<Option<[u8; 32]>>> = const { RefCell::new(Memo::new(REMEMBERED)) };
    }
    KEYS.with_borrow_mut(|keys| keys.get(Tag::of(seed), || base64(seed).and_then(|seed| public(&seed))))
}

/// Backpack: the API key is the public key of the secret, so the two prove each other.
pub(super) fn backpack(value: &[u8], text: &[u8]) -> Proof {
    if !is_seed(value) {
        return Proof::Fails;
    }
    let Some(key) = remembered(value) else { return Proof::Fails };
    if memchr::memmem::find(text, BASE64.encode(&key).as_bytes()).is_some() {
        Proof::Holds("the API key in this text is its Ed25519 public key".to_owned())
    } else {
        Proof::Unknown
    }
}

pub(super) fn sample_backpack(random: &mut Random) -> String {
    BASE64.encode(&random.bytes::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_found_where_nothing_names_them() {
        let mut next = super::super::tests::numbers(61);
        let key = sample_json_pair(&mut Random(&mut next));
        let wrapped = key.replace(',', ",\n    ");
        for text in [format!("[{key}]"), format!("x = [ {wrapped}\n];"), format!("[[1,2],[{key}], [")] {
            let found = byte_arrays(text.as_bytes());
            assert_eq!(found.len(), 1, "{text}");
            let value = found[0].of(text.as_bytes());
            assert!(value[0].is_ascii_digit() && json_pair(value).holds(), "{text}");
        }
        let other = format!("[{}]", vec!["7"; 64].join(","));
        assert!(byte_arrays(other.as_bytes()).is_empty());
    }
}
