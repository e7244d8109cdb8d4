//! Bech32: a checksum of 30 bits, and a human-readable part that names the kind.

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Checksum, Hrp};

use super::{Proof, Random, ascii, evm};

/// BIP-173's checksum without its limit of length: Cardano, Zcash and NIP-49 use it so.
enum Long {}

impl Checksum for Long {
    type MidstateRepr = u32;
    type CorrectionField = <bech32::Bech32 as Checksum>::CorrectionField;
    const ROOT_GENERATOR: Self::CorrectionField = bech32::Bech32::ROOT_GENERATOR;
    const ROOT_EXPONENTS: std::ops::RangeInclusive<usize> = bech32::Bech32::ROOT_EXPONENTS;
    const CODE_LENGTH: usize = 8192;
    const CHECKSUM_LENGTH: usize = bech32::Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [u32; 5] = bech32::Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = bech32::Bech32::TARGET_RESIDUE;
}

/// The human-readable part (lower case) and the bytes, if the checksum holds.
fn decode(value: &[u8]) -> Option<(String, Vec<u8>)> {
    let checked = CheckedHrpstring::new::<Long>(ascii(value)?).ok()?;
    Some((checked.hrp().to_lowercase(), checked.byte_iter().collect()))
}

fn encode(hrp: &str, bytes: &[u8]) -> String {
    Hrp::parse(hrp).ok().and_then(|hrp| bech32::encode_lower::<Long>(hrp, bytes).ok()).unwrap_or_default()
}

/// The data part of an address without its checksum: what is common to all chains that share the key.
pub(super) fn data_part(bytes: &[u8]) -> String {
    let whole = encode("a", bytes);
    whole[2..whole.len() - 6].to_owned()
}

/// Bitcoin's address of a witness program of version 0 (P2WPKH).
#[cfg(test)]
pub(super) fn witness(hash: &[u8]) -> String {
    bech32::segwit::encode_v0(Hrp::parse("bc").expect("a name"), hash).expect("20 bytes")
}

/// Nostr's public key.
pub(super) fn npub(key: &[u8]) -> String {
    encode("npub", key)
}

fn prove(value: &[u8], fits: impl Fn(&str, &[u8]) -> bool, what: &str) -> Proof {
    let holds = decode(value).is_some_and(|(hrp, bytes)| fits(&hrp, &bytes));
    Proof::when(holds, &format!("the Bech32 checksum of {what} holds"))
}

pub(super) fn nsec(value: &[u8]) -> Proof {
    prove(value, |hrp, bytes| hrp == "nsec" && bytes.len() == 32 && evm::in_range(bytes), "a Nostr secret key")
}

pub(super) fn sample_nsec(random: &mut Random) -> String {
    encode("nsec", &random.bytes::<32>())
}

/// NIP-49: 91 bytes, version 2.
pub(super) fn ncryptsec(value: &[u8]) -> Proof {
    prove(
        value,
        |hrp, bytes| hrp == "ncryptsec" && bytes.len() == 91 && bytes[0] == 2,
        "a password-encrypted Nostr key",
    )
}

pub(super) fn sample_ncryptsec(random: &mut Random) -> String {
    let mut bytes = vec![2];
    bytes.extend(random.bytes::<90>());
    encode("ncryptsec", &bytes)
}

/// SIP-15: a flag of the scheme and 32 bytes.
pub(super) fn sui(value: &[u8]) -> Proof {
    prove(value, |hrp, bytes| hrp == "suiprivkey" && bytes.len() == 33 && bytes[0] <= 2, "a Sui private key")
}

pub(super) fn sample_sui(random: &mut Random) -> String {
    let mut bytes = vec![0];
    bytes.extend(random.bytes::<32>());
    encode("suiprivkey", &bytes)
}

pub(super) fn age(value: &[u8]) -> Proof {
    let upper = !value.iter().any(u8::is_ascii_lowercase);
    prove(value, |hrp, bytes| upper && hrp == "age-secret-key-" && bytes.len() == 32, "an age identity")
}

pub(super) fn sample_age(random: &mut Random) -> String {
    encode("age-secret-key-", &random.bytes::<32>()).to_ascii_uppercase()
}

/// CIP-5: `_sk` has 32 bytes, `_xsk` 64 and a chain code of 32 (or none); keys for KES and VRF are longer.
pub(super) fn cardano(value: &[u8]) -> Proof {
    let fits = |hrp: &str, bytes: &[u8]| match bytes.len() {
        96 | 128 if hrp == "xprv" => true,
        64 | 96 | 128 if hrp.ends_with("_xsk") => true,
        32 | 64 if hrp.ends_with("e_sk") || hrp.ends_with("_sk") => true,
        _ => (hrp.starts_with("kes") || hrp.starts_with("vrf")) && hrp.ends_with("_sk") && bytes.len() >= 64,
    };
    prove(value, fits, "a Cardano signing key")
}

pub(super) fn sample_cardano(random: &mut Random) -> String {
    let hrps = ["addr_sk", "stake_sk", "ed25519_sk"];
    let hrp = hrps[random.below(hrps.len())];
    encode(hrp, &random.bytes::<32>())
}

/// ZIP-32: a Sapling extended spending key of 169 bytes.
pub(super) fn zcash(value: &[u8]) -> Proof {
    prove(
        value,
        |hrp, bytes| hrp.starts_with("secret-extended-key-") && bytes.len() == 169,
        "a Zcash extended spending key",
    )
}

pub(super) fn sample_zcash(random: &mut Random) -> String {
    encode("secret-extended-key-main", &random.bytes::<169>())
}
