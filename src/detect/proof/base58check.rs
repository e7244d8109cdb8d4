//! Base58Check: a double SHA-256 of four bytes, wrong by chance once in 2^32.

use bs58::Alphabet;

use super::{Proof, Random, ascii, evm};

/// The payload (with its version bytes), if the checksum holds.
fn payload(value: &[u8], alphabet: &Alphabet) -> Option<Vec<u8>> {
    bs58::decode(ascii(value)?).with_alphabet(alphabet).with_check(None).into_vec().ok()
}

fn text(payload: &[u8], alphabet: &Alphabet) -> String {
    bs58::encode(payload).with_alphabet(alphabet).with_check().into_string()
}

/// The version bytes of private keys and the networks that use them.
const WIF: &[(u8, &str)] = &[
    (0x80, "Bitcoin main net"),
    (0xef, "test nets"),
    (0xb0, "Litecoin"),
    (0x9e, "Dogecoin"),
    (0xf1, "Dogecoin test net"),
    (0xcc, "Dash"),
];

pub(super) fn wif(value: &[u8]) -> Proof {
    let Some(bytes) = payload(value, Alphabet::BITCOIN) else { return Proof::Fails };
    let right_length = bytes.len() == 33 || (bytes.len() == 34 && bytes[33] == 1);
    match WIF.iter().find(|(version, _)| bytes.first() == Some(version)) {
        Some((_, network)) if right_length && evm::in_range(&bytes[1..33]) => {
            Proof::Holds(format!("the Base58Check checksum of a {network} private key holds"))
        }
        _ => Proof::Fails,
    }
}

pub(super) fn sample_wif(random: &mut Random) -> String {
    let mut bytes = vec![0x80];
    bytes.extend(random.bytes::<32>());
    bytes.push(1);
    text(&bytes, Alphabet::BITCOIN)
}

pub(super) fn bip38(value: &[u8]) -> Proof {
    let holds = payload(value, Alphabet::BITCOIN)
        .is_some_and(|bytes| bytes.len() == 39 && bytes[0] == 1 && matches!(bytes[1], 0x42 | 0x43));
    Proof::when(holds, "the Base58Check checksum holds; the key is encrypted with a passphrase")
}

pub(super) fn sample_bip38(random: &mut Random) -> String {
    let mut bytes = vec![0x01, 0x42, 0xe0];
    bytes.extend(random.bytes::<36>());
    text(&bytes, Alphabet::BITCOIN)
}

/// SLIP-132: version bytes of extended private keys. The last two are Litecoin's and Dogecoin's.
const XPRV: &[u32] = &[
    0x0488_ade4,
    0x049d_7878,
    0x04b2_430c,
    0x0295_b005,
    0x02aa_7a99,
    0x0435_8394,
    0x044a_4e28,
    0x045f_18bc,
    0x0242_85b5,
    0x0257_5048,
    0x019d_9cfe,
    0x02fa_c398,
];

/// BIP-32: version, depth, parent's fingerprint, index, chain code, a zero byte and the key.
pub(super) fn xprv(value: &[u8]) -> Proof {
    let Some(bytes) = payload(value, Alphabet::BITCOIN).filter(|bytes| bytes.len() == 78) else { return Proof::Fails };
    let version = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let rooted = bytes[4] != 0 || bytes[5..13].iter().all(|&byte| byte == 0);
    let holds = XPRV.contains(&version) && rooted && bytes[45] == 0 && evm::in_range(&bytes[46..]);
    Proof::when(holds, &format!("the checksum of an extended private key of depth {} holds", bytes[4]))
}

pub(super) fn sample_xprv(random: &mut Random) -> String {
    let mut bytes = XPRV[0].to_be_bytes().to_vec();
    bytes.extend([0; 9]);
    bytes.extend(random.bytes::<32>());
    bytes.push(0);
    bytes.extend(random.bytes::<32>());
    text(&bytes, Alphabet::BITCOIN)
}

/// XRP Ledger seeds: 16 bytes behind `0x21`, or behind `01 e1 4b` for Ed25519.
pub(super) fn xrpl(value: &[u8]) -> Proof {
    let holds = payload(value, Alphabet::RIPPLE).is_some_and(|bytes| {
        (bytes.len() == 17 && bytes[0] == 0x21) || (bytes.len() == 19 && bytes.starts_with(&[0x01, 0xe1, 0x4b]))
    });
    Proof::when(holds, "the Base58Check checksum of an XRP Ledger seed holds")
}

pub(super) fn sample_xrpl(random: &mut Random) -> String {
    let mut bytes = if random.below(2) == 0 { vec![0x21] } else { vec![0x01, 0xe1, 0x4b] };
    bytes.extend(random.bytes::<16>());
    text(&bytes, Alphabet::RIPPLE)
}

/// Tezos: prefix bytes, length of what follows, and what it is.
const TEZOS: &[(&[u8], usize, &str)] = &[
    (&[0x0d, 0x0f, 0x3a, 0x07], 32, "an Ed25519 seed"),
    (&[0x2b, 0xf6, 0x4e, 0x07], 64, "an Ed25519 secret key"),
    (&[0x11, 0xa2, 0xe0, 0xc9], 32, "a secp256k1 secret key"),
    (&[0x10, 0x51, 0xee, 0xbd], 32, "a P-256 secret key"),
    (&[0x07, 0x5a, 0x3c, 0xb3, 0x29], 56, "an encrypted Ed25519 seed"),
    (&[0x09, 0xed, 0xf1, 0xae, 0x96], 56, "an encrypted secp256k1 key"),
    (&[0x09, 0x30, 0x39, 0x73, 0xab], 56, "an encrypted P-256 key"),
];

pub(super) fn tezos(value: &[u8]) -> Proof {
    let Some(bytes) = payload(value, Alphabet::BITCOIN) else { return Proof::Fails };
    let known =
        TEZOS.iter().find(|(prefix, length, _)| bytes.starts_with(prefix) && bytes.len() == prefix.len() + length);
    match known {
        Some((prefix, 64, _)) if !super::ed25519::is_pair(&bytes[prefix.len()..]) => Proof::Fails,
        Some((_, _, what)) => Proof::Holds(format!("the Base58Check checksum of {what} of Tezos holds")),
        None => Proof::Fails,
    }
}

pub(super) fn sample_tezos(random: &mut Random) -> String {
    let mut bytes = TEZOS[0].0.to_vec();
    bytes.extend(random.bytes::<32>());
    text(&bytes, Alphabet::BITCOIN)
}

pub(super) fn sample_tezos_encrypted(random: &mut Random) -> String {
    let mut bytes = TEZOS[4].0.to_vec();
    bytes.extend(random.bytes::<56>());
    text(&bytes, Alphabet::BITCOIN)
}

/// A Tron address: `0x41` and the last 20 bytes of the hash of the public key.
pub(super) fn address(version: u8, hash: &[u8]) -> String {
    let mut bytes = vec![version];
    bytes.extend(hash);
    text(&bytes, Alphabet::BITCOIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_one() {
        for version in WIF {
            let mut bytes = vec![version.0];
            bytes.extend([0; 31]);
            bytes.push(1);
            let uncompressed = text(&bytes, Alphabet::BITCOIN);
            bytes.push(1);
            let compressed = text(&bytes, Alphabet::BITCOIN);
            assert!(wif(uncompressed.as_bytes()).holds() && wif(compressed.as_bytes()).holds(), "{version:?}");
        }
    }

    #[test]
    fn keys_out_of_range_and_wrong_versions_fail() {
        let zero = text(&[&[0x80], [0; 32].as_slice(), &[1]].concat(), Alphabet::BITCOIN);
        let address = address(0, &[7; 20]);
        assert_eq!(wif(zero.as_bytes()), Proof::Fails);
        assert_eq!(wif(address.as_bytes()), Proof::Fails);
    }
}
