//! Ed25519 pairs: a seed beside its public key. By chance once in 2^256.

use data_encoding::{BASE64, BASE64_NOPAD};
use ed25519_dalek::SigningKey;

use super::{Proof, Random, ascii};

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

/// A JSON array of 64 numbers, as `solana-keygen` writes it.
pub(super) fn json_pair(value: &[u8]) -> Proof {
    let numbers = ascii(value).map(|text| {
        text.trim_matches(|c: char| !c.is_ascii_digit())
            .split(',')
            .map(|number| number.trim().parse::<u8>())
            .collect::<Result<Vec<_>, _>>()
    });
    prove(numbers.and_then(Result::ok))
}

pub(super) fn sample_json_pair(random: &mut Random) -> String {
    let numbers: Vec<String> = pair(random).iter().map(u8::to_string).collect();
    format!("[{}]", numbers.join(","))
}

pub(super) fn public_of_seed(seed: &[u8]) -> Option<String> {
    base64(seed).and_then(|seed| public(&seed)).map(|key| BASE64.encode(&key))
}

/// Backpack: the API key is the public key of the secret, so the two prove each other.
pub(super) fn backpack(value: &[u8], text: &[u8]) -> Proof {
    let Some(key) = public_of_seed(value) else { return Proof::Fails };
    if memchr::memmem::find(text, key.as_bytes()).is_some() {
        Proof::Holds("the API key in this text is its Ed25519 public key".to_owned())
    } else {
        Proof::Unknown
    }
}

pub(super) fn sample_backpack(random: &mut Random) -> String {
    BASE64.encode(&random.bytes::<32>())
}
