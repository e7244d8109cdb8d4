//! Cheap tests that can only refuse: random values pass them too often to prove anything.

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};

use super::{Proof, Random, ed25519};

/// Whether a value is the Base64 of so many bytes.
pub(super) fn base64(value: &[u8], length: usize) -> Proof {
    Proof::filter(ed25519::base64(value).is_some_and(|bytes| bytes.len() == length))
}

pub(super) fn sample_base64(random: &mut Random, length: usize) -> String {
    let bytes: [u8; 64] = random.bytes();
    BASE64.encode(&bytes[..length])
}

/// The Base64 of `user:password`, as registries and HTTP headers carry it.
pub(super) fn basic_auth(value: &[u8]) -> Proof {
    let fits = ed25519::base64(value).is_some_and(|bytes| {
        let colon = bytes.iter().position(|&byte| byte == b':');
        bytes.iter().all(|byte| (0x20..0x7f).contains(byte)) && colon.is_some_and(|at| at > 0 && at + 1 < bytes.len())
    });
    Proof::filter(fits)
}

pub(super) fn sample_basic_auth(random: &mut Random) -> String {
    let password = random.of(super::ALNUM, 20);
    BASE64.encode(format!("deploy:{password}").as_bytes())
}

/// The time in the first four bytes of a MongoDB id: KuCoin opened in September 2017.
const OBJECT_ID_TIMES: std::ops::Range<u32> = 1_504_224_000..2_051_222_400;

pub(super) fn object_id(value: &[u8]) -> Proof {
    let fits = HEXLOWER_PERMISSIVE.decode(value).is_ok_and(|bytes| {
        bytes.len() == 12 && OBJECT_ID_TIMES.contains(&u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    });
    Proof::filter(fits)
}

pub(super) fn sample_object_id(random: &mut Random) -> String {
    let span = usize::try_from(OBJECT_ID_TIMES.end - OBJECT_ID_TIMES.start).unwrap_or(1);
    let time = OBJECT_ID_TIMES.start + u32::try_from(random.below(span)).unwrap_or_default();
    let mut bytes = time.to_be_bytes().to_vec();
    bytes.extend(random.bytes::<8>());
    HEXLOWER.encode(&bytes)
}

fn is_version_4(digits: &[u8]) -> bool {
    digits.len() == 32
        && digits.iter().all(u8::is_ascii_hexdigit)
        && digits[12] == b'4'
        && matches!(digits[16], b'8' | b'9' | b'a' | b'b' | b'A' | b'B')
}

pub(super) fn uuid4(value: &[u8]) -> Proof {
    let dashes = [8, 13, 18, 23].iter().all(|&at| value.get(at) == Some(&b'-'));
    let digits: Vec<u8> = value.iter().copied().filter(|&byte| byte != b'-').collect();
    Proof::filter(value.len() == 36 && dashes && is_version_4(&digits))
}

pub(super) fn uuid4_hex(value: &[u8]) -> Proof {
    Proof::filter(is_version_4(value))
}

pub(super) fn sample_uuid4_hex(random: &mut Random) -> String {
    let mut bytes = random.bytes::<16>();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    HEXLOWER.encode(&bytes)
}

pub(super) fn sample_uuid4(random: &mut Random) -> String {
    let digits = sample_uuid4_hex(random);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}
