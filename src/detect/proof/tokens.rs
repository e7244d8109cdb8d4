//! Tokens with something readable inside: AWS key ids, Discord's bot tokens, runes of Core Lightning.

use data_encoding::{BASE32_NOPAD, BASE64URL, BASE64URL_NOPAD};

use super::{Proof, Random, ascii};

/// Key ids made since 2019 carry the number of the account: 40 bits behind the first nibble and a bit.
pub(super) fn aws_key_id(value: &[u8]) -> Proof {
    let Some(bytes) = value.get(4..).and_then(|tail| BASE32_NOPAD.decode(tail).ok()).filter(|bytes| bytes.len() == 10)
    else {
        return Proof::Unknown;
    };
    let number = bytes[..6].iter().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
    let account = (number & 0x7fff_ffff_ff80) >> 7;
    // Keys older than that begin with I or J and carry nothing.
    if matches!(value.get(4), Some(b'I' | b'J')) || account >= 1_000_000_000_000 {
        return Proof::Unknown;
    }
    Proof::Holds(format!("it names AWS account {account:012}"))
}

pub(super) fn sample_aws_key_id(random: &mut Random) -> String {
    let account = u64::try_from(random.below(999_999_999_999)).unwrap_or_default();
    let mut bytes = (account << 7 | 0x8000_0000_0000).to_be_bytes()[2..].to_vec();
    bytes.extend(random.bytes::<4>());
    format!("AKIA{}", BASE32_NOPAD.encode(&bytes))
}

/// Discord's epoch is the beginning of 2015; an id holds milliseconds since then above its 22 low bits.
const DISCORD_EPOCH: u64 = 1_420_070_400;

/// The first part of a bot token is the bot's id in Base64.
pub(super) fn discord(value: &[u8]) -> Proof {
    let id = ascii(value)
        .and_then(|text| text.split('.').next())
        .and_then(|part| BASE64URL_NOPAD.decode(part.as_bytes()).ok())
        .filter(|digits| (17..=20).contains(&digits.len()))
        .and_then(|digits| ascii(&digits).and_then(|digits| digits.parse::<u64>().ok()));
    match id {
        Some(id) => {
            Proof::Holds(format!("it names bot {id}, made on {}", super::jwt::date((id >> 22) / 1000 + DISCORD_EPOCH)))
        }
        None => Proof::Fails,
    }
}

pub(super) fn sample_discord(random: &mut Random) -> String {
    let id = 400_000_000_000_000_000 + random.below(800_000_000_000_000_000);
    let digits = BASE64URL_NOPAD.encode(id.to_string().as_bytes());
    let time = random.of(super::ALNUM, 6);
    format!("{digits}.{time}.{}", random.of(super::ALNUM, 38))
}

/// A rune is 32 bytes of authentication code and readable restrictions that begin with `=` and a number.
pub(super) fn rune(value: &[u8]) -> Proof {
    let Some(bytes) = BASE64URL.decode(value).or_else(|_| BASE64URL_NOPAD.decode(value)).ok() else {
        return Proof::Fails;
    };
    let tail = bytes.get(32..).unwrap_or_default();
    let number = tail.strip_prefix(b"=").unwrap_or(tail);
    let after = number.iter().position(|byte| !byte.is_ascii_digit());
    let numbered = !number.is_empty() && after.is_none_or(|at| at > 0 && matches!(number[at], b'&' | b'|' | b'-'));
    let holds = numbered && tail.iter().all(|byte| (0x20..0x7f).contains(byte));
    Proof::when(holds, "32 bytes of authentication code and readable restrictions: a rune")
}

pub(super) fn sample_rune(random: &mut Random) -> String {
    let mut bytes = random.bytes::<32>().to_vec();
    bytes.extend(format!("={}&method^list|method^get", random.below(99)).as_bytes());
    BASE64URL_NOPAD.encode(&bytes)
}
