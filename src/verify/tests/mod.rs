//! Signatures, requests and answers against what the venues document, over a socket where one is needed. No real venue is
//! ever asked: the look-up of every name leads to a mock on loopback.

mod allowlist;
mod answers;
mod docs;
mod mock;
mod only;
mod pacing;
mod plan;
mod properties;
mod signatures;
mod vectors;

use crate::secret::Secret;

use super::venue::{Piece, Signer, Venue};
use super::{Credential, Environment};

/// The time at which the mock stands still: 2023-11-14T22:13:20.123Z.
const NOW_MS: u64 = 1_700_000_000_123;

/// Letters and digits without meaning.
fn random(seed: u64, alphabet: &[u8], length: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(alphabet[(state >> 33) as usize % alphabet.len()])
        })
        .collect()
}

const ALNUM: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A secret of a kind, made of a seed.
fn secret_of(signer: Signer, is_base64: bool, seed: u64) -> String {
    use p256::pkcs8::EncodePrivateKey as _;
    let bytes = random(seed, ALNUM, 64).into_bytes();
    match signer {
        Signer::Hmac if is_base64 => data_encoding::BASE64.encode(&bytes),
        Signer::Hmac => random(seed, ALNUM, 64),
        // PKCS#8: version, the algorithm 1.3.101.112, and the seed within two layers of octets.
        Signer::Ed25519 => {
            let head = data_encoding::HEXLOWER.decode(b"302e020100300506032b657004220420").expect("it is hexadecimal");
            pem(&[head, bytes[..32].to_vec()].concat())
        }
        Signer::Es256 => {
            let key = p256::SecretKey::from_slice(&bytes[..32]).expect("it is below the order");
            pem(key.to_pkcs8_der().expect("it can be written").as_bytes())
        }
        Signer::Secp256k1 => format!("0x{}", data_encoding::HEXLOWER.encode(&bytes[..32])),
        Signer::Rsa => vectors::rsa_key(),
    }
}

fn pem(der: &[u8]) -> String {
    let label = "PRIVATE KEY";
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", data_encoding::BASE64.encode(der))
}

/// A whole credential for a venue, made of a seed, with the first kind of secret it takes.
fn credential(venue: &Venue, seed: u64) -> Credential {
    let is_base64 = venue.sign.as_ref().is_some_and(|sign| sign.secret == super::venue::SecretForm::Base64);
    let pieces = venue.needs.iter().chain(&venue.optional).map(|&piece| {
        let value = match piece {
            Piece::Key => format!("{}{}", venue.test_keys, random(seed + 1, ALNUM, 32)),
            Piece::Secret => secret_of(venue.signs[0], is_base64, seed + 2),
            Piece::Passphrase => format!("Pass phrase #{seed}!"),
            Piece::Token => random(seed + 4, ALNUM, 32),
        };
        (piece, Secret::new(value.as_bytes()))
    });
    Credential::new(pieces)
}

fn text(credential: &Credential, piece: Piece) -> String {
    let value = credential.pieces.get(&piece).map(|value| value.expose().to_vec()).unwrap_or_default();
    String::from_utf8(value).expect("tests make texts")
}

/// The environments of a venue that are asked first by somebody.
fn environments(venue: &Venue) -> Vec<Environment> {
    venue.environments().collect()
}
