//! CRC-32 at the end of tokens: GitHub's and npm's in Base62, GitLab's routable ones in Base36.

use data_encoding::BASE64URL_NOPAD;

use super::{ALNUM, Proof, Random, ascii};

fn digits(mut number: u32, base: u32, length: usize) -> String {
    let mut digits = vec![b'0'; length];
    for digit in digits.iter_mut().rev() {
        *digit = match number % base {
            low @ 0..=9 => b'0' + low.to_le_bytes()[0],
            // GitHub's Base62 has capitals first, Base36 has small letters only.
            mid @ 10..=35 if base == 62 => b'A' + mid.to_le_bytes()[0] - 10,
            high => b'a' + high.to_le_bytes()[0] - if base == 62 { 36 } else { 10 },
        };
        number /= base;
    }
    String::from_utf8(digits).unwrap_or_default()
}

/// `ghp_` or `npm_`, thirty random characters and six of their checksum.
pub(super) fn base62(value: &[u8]) -> Proof {
    let Some((prefix, body)) = ascii(value).and_then(|text| text.split_once('_')) else { return Proof::Fails };
    let holds = body.len() == 36 && digits(crc32fast::hash(&body.as_bytes()[..30]), 62, 6) == body[30..];
    let known = matches!(prefix, "ghp" | "gho" | "ghu" | "ghs" | "ghr" | "npm");
    Proof::when(holds && known, "the CRC-32 at its end holds")
}

pub(super) fn sample_base62(random: &mut Random, prefix: &str) -> String {
    let body = random.of(ALNUM, 30);
    format!("{prefix}{body}{}", digits(crc32fast::hash(body.as_bytes()), 62, 6))
}

/// GitLab's routable tokens: payload, version, the payload's length and a CRC-32 of all before it. Older tokens have no
/// dots and make no statement, nor do forms that aren't described.
pub(super) fn gitlab(value: &[u8]) -> Proof {
    let Some(text) = ascii(value).filter(|text| text.contains('.') && text.len() > 12) else { return Proof::Unknown };
    let (body, crc) = text.split_at(text.len() - 7);
    if digits(crc32fast::hash(body.as_bytes()), 36, 7) == crc {
        Proof::Holds("the CRC-32 at its end holds".to_owned())
    } else {
        Proof::Unknown
    }
}

pub(super) fn sample_gitlab(random: &mut Random) -> String {
    let mut payload = random.bytes::<16>().to_vec();
    payload.extend(b"o:1\nu:2b\x08");
    let payload = BASE64URL_NOPAD.encode(&payload);
    let length = u32::try_from(payload.len()).unwrap_or_default();
    let body = format!("glpat-{payload}.01.{}", digits(length, 36, 2));
    format!("{body}{}", digits(crc32fast::hash(body.as_bytes()), 36, 7))
}
