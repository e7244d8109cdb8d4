//! Stellar's strkey (SEP-23): Base32 with a CRC-16.

use data_encoding::BASE32_NOPAD;

use super::{Proof, Random, ed25519};

/// The version byte of a seed: it makes the first letter an `S`.
const SEED: u8 = 18 << 3;
const PUBLIC: u8 = 6 << 3;

/// CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |mut crc, &byte| {
        crc ^= u16::from(byte) << 8;
        for _ in 0..8 {
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 };
        }
        crc
    })
}

fn encode(version: u8, key: &[u8]) -> String {
    let mut bytes = vec![version];
    bytes.extend(key);
    bytes.extend(crc16(&bytes).to_le_bytes());
    BASE32_NOPAD.encode(&bytes)
}

pub(super) fn prove(value: &[u8]) -> Proof {
    let Ok(bytes) = BASE32_NOPAD.decode(value) else { return Proof::Fails };
    if bytes.len() != 35 || bytes[0] != SEED || crc16(&bytes[..33]).to_le_bytes() != bytes[33..] {
        return Proof::Fails;
    }
    let account = ed25519::public(&bytes[1..33]).map(|key| encode(PUBLIC, &key)).unwrap_or_default();
    let head = account.get(..6).unwrap_or_default();
    Proof::Holds(format!("the checksum of a Stellar seed holds; it opens account {head}…"))
}

pub(super) fn sample(random: &mut Random) -> String {
    encode(SEED, &random.bytes::<32>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_crc16_xmodem() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }
}
