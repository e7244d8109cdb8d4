//! Macaroons in libmacaroon's second binary format: fields of a type, a length and bytes; a signature of 32 bytes at the
//! end and nothing behind it.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};

use super::binary::Reader;
use super::{Proof, Random, ascii};

const END: u8 = 0;
const LOCATION: u8 = 1;
const IDENTIFIER: u8 = 2;
const SIGNATURE: u8 = 6;

struct Macaroon<'a> {
    location: &'a [u8],
    identifier: &'a [u8],
}

fn parse(bytes: &[u8]) -> Option<Macaroon<'_>> {
    let mut reader = Reader(bytes);
    (reader.byte()? == 2).then_some(())?;
    let (mut location, mut identifier) = (&[][..], &[][..]);
    loop {
        let (kind, field) = match reader.byte()? {
            END => break,
            kind => (kind, reader.varint().and_then(|length| reader.take(length))?),
        };
        match kind {
            LOCATION => location = field,
            IDENTIFIER => identifier = field,
            _ => return None,
        }
    }
    // Caveats: sections of fields, each ended; an empty one ends them.
    loop {
        match reader.byte()? {
            END => break,
            kind => {
                let mut kind = kind;
                while kind != END {
                    (kind < SIGNATURE).then_some(())?;
                    reader.varint().and_then(|length| reader.take(length))?;
                    kind = reader.byte()?;
                }
            }
        }
    }
    (reader.byte()? == SIGNATURE && reader.byte()? == 32).then_some(())?;
    reader.take(32)?;
    reader.0.is_empty().then_some(Macaroon { location, identifier })
}

fn build(location: &[u8], identifier: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = vec![2];
    for (kind, field) in [(LOCATION, location), (IDENTIFIER, identifier)] {
        bytes.extend([kind, u8::try_from(field.len()).unwrap_or_default()]);
        bytes.extend(field);
    }
    bytes.extend([END, END, SIGNATURE, 32]);
    bytes.extend(random.bytes::<32>());
    bytes
}

fn url_base64(value: &[u8]) -> Option<Vec<u8>> {
    let text = ascii(value)?.trim_end_matches('=').replace('+', "-").replace('/', "_");
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

/// LND's: in hexadecimal, or in Base64. Its identifier lists what may be done.
pub(super) fn lnd(value: &[u8]) -> Proof {
    let bytes = HEXLOWER_PERMISSIVE.decode(value).ok().or_else(|| url_base64(value));
    let Some(macaroon) = bytes.as_deref().and_then(parse).filter(|macaroon| macaroon.location == b"lnd") else {
        return Proof::Fails;
    };
    let may = |what: &[u8]| memchr::memmem::find(macaroon.identifier, what).is_some();
    let rights = match (may(b"macaroon") && may(b"generate"), may(b"write")) {
        (true, _) => "an admin macaroon",
        (false, true) => "it may write",
        (false, false) => "it may only read",
    };
    Proof::Holds(format!("a whole macaroon of lnd; {rights}"))
}

pub(super) fn sample_lnd(random: &mut Random) -> String {
    let mut identifier = vec![3];
    identifier.extend(random.bytes::<16>());
    identifier.extend(b"\x12\x010\x1a\x0e\n\x07onchain\x12\x05write");
    let bytes = build(b"lnd", &identifier, random);
    if random.below(2) == 0 { HEXLOWER.encode(&bytes) } else { BASE64.encode(&bytes) }
}

/// PyPI's: `pypi-` and a macaroon in URL-safe Base64.
pub(super) fn pypi(value: &[u8]) -> Proof {
    let bytes = value.strip_prefix(b"pypi-").and_then(url_base64);
    let Some(macaroon) = bytes.as_deref().and_then(parse) else { return Proof::Unknown };
    let fits = macaroon.location == b"pypi.org" || macaroon.location == b"test.pypi.org";
    Proof::when(fits, &format!("a whole macaroon of {}", String::from_utf8_lossy(macaroon.location)))
}

pub(super) fn sample_pypi(random: &mut Random) -> String {
    let identifier = super::filter::sample_uuid4(random);
    let bytes = build(b"pypi.org", identifier.as_bytes(), random);
    format!("pypi-{}", BASE64URL_NOPAD.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cut_and_every_addition_fails() {
        let mut next = super::super::tests::numbers(3);
        let whole = build(b"lnd", b"id", &mut Random(&mut next));
        assert!(parse(&whole).is_some());
        for cut in 0..whole.len() {
            assert!(parse(&whole[..cut]).is_none(), "cut at {cut}");
        }
        assert!(parse(&[whole.as_slice(), &[0]].concat()).is_none());
    }
}
