//! Enough of DER to tell what private key it is.

use data_encoding::HEXLOWER;

use super::binary::Reader;
use super::evm;

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// What was found inside.
pub(super) struct Key {
    /// With its article: `an RSA key of 2048 bits`.
    pub(super) what: String,
    pub(super) encrypted: bool,
}

impl Key {
    fn open(what: impl Into<String>) -> Self {
        Self { what: what.into(), encrypted: false }
    }
}

fn element<'a>(reader: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let tag = reader.byte()?;
    let length = match reader.byte()? {
        short @ 0..=0x7f => usize::from(short),
        long @ 0x81..=0x84 => {
            let bytes = reader.take(usize::from(long & 0x7f))?;
            bytes.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte))
        }
        _ => return None,
    };
    Some((tag, reader.take(length)?))
}

fn expect<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<&'a [u8]> {
    element(reader).filter(|&(found, _)| found == tag).map(|(_, body)| body)
}

/// The body of a sequence that is the whole of the bytes, but for padding of a block cipher's length.
fn whole(bytes: &[u8]) -> Option<Reader<'_>> {
    let mut reader = Reader(bytes);
    let body = expect(&mut reader, SEQUENCE)?;
    (reader.0.len() < 16).then_some(Reader(body))
}

/// Any private key: PKCS#8 (plain or encrypted), PKCS#1, SEC1 or DSA.
pub(super) fn private_key(bytes: &[u8]) -> Option<Key> {
    encrypted(bytes).or_else(|| pkcs8(bytes)).or_else(|| rsa(bytes)).or_else(|| sec1(bytes)).or_else(|| dsa(bytes))
}

fn encrypted(bytes: &[u8]) -> Option<Key> {
    let mut body = whole(bytes)?;
    let mut scheme = Reader(expect(&mut body, SEQUENCE)?);
    expect(&mut scheme, OBJECT)?;
    let data = expect(&mut body, OCTETS)?;
    (data.len() >= 16 && body.0.is_empty())
        .then(|| Key { what: "a PKCS#8 key encrypted with a password".into(), encrypted: true })
}

fn curve(object: &[u8]) -> &'static str {
    match HEXLOWER.encode(object).as_str() {
        "2b8104000a" => "secp256k1, the curve of wallets",
        "2a8648ce3d030107" => "P-256",
        "2b81040022" => "P-384",
        "2b81040023" => "P-521",
        _ => "another curve",
    }
}

fn pkcs8(bytes: &[u8]) -> Option<Key> {
    let mut body = whole(bytes)?;
    expect(&mut body, INTEGER)?;
    let mut algorithm = Reader(expect(&mut body, SEQUENCE)?);
    let object = expect(&mut algorithm, OBJECT)?;
    let inner = expect(&mut body, OCTETS)?;
    match HEXLOWER.encode(object).as_str() {
        "2a864886f70d010101" => rsa(inner),
        "2a8648ce3d0201" => {
            let curve = curve(expect(&mut algorithm, OBJECT).unwrap_or_default());
            sec1(inner).map(|_| Key::open(format!("an EC key on {curve}")))
        }
        "2b6570" => seed(inner, 32, "an Ed25519 key"),
        "2b6571" => seed(inner, 57, "an Ed448 key"),
        "2b656e" => seed(inner, 32, "an X25519 key"),
        _ => (inner.len() >= 16).then(|| Key::open("a PKCS#8 key")),
    }
}

fn seed(inner: &[u8], length: usize, what: &str) -> Option<Key> {
    let seed = expect(&mut Reader(inner), OCTETS)?;
    (seed.len() == length).then(|| Key::open(what))
}

fn low64(number: &[u8]) -> u64 {
    number.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}

/// PKCS#1: version, n, e, d, p, q and three more. The product of the primes is compared in its low 64 bits.
fn rsa(bytes: &[u8]) -> Option<Key> {
    let mut body = whole(bytes)?;
    let version = expect(&mut body, INTEGER)?;
    let mut number = || expect(&mut body, INTEGER);
    let (n, _e, _d, p, q) = (number()?, number()?, number()?, number()?, number()?);
    for _ in 0..3 {
        number()?;
    }
    let fits = if low64(p).wrapping_mul(low64(q)) == low64(n) { " whose primes fit" } else { "" };
    let significant = n.iter().skip_while(|&&byte| byte == 0).count();
    (version.len() == 1 && significant >= 32)
        .then(|| Key::open(format!("an RSA key of {} bits{fits}", significant * 8)))
}

/// SEC1: version 1, the key, the curve, the public point.
fn sec1(bytes: &[u8]) -> Option<Key> {
    let mut body = whole(bytes)?;
    (expect(&mut body, INTEGER)? == [1]).then_some(())?;
    let key = expect(&mut body, OCTETS)?;
    let mut curve = "another curve";
    if let Some((0xa0, parameters)) = element(&mut body) {
        curve = self::curve(expect(&mut Reader(parameters), OBJECT).unwrap_or_default());
    }
    let fits = (16..=66).contains(&key.len()) && (!curve.starts_with("secp256k1") || evm::in_range(key));
    fits.then(|| Key::open(format!("an EC key on {curve}")))
}

/// DSA: version 0 and five numbers.
fn dsa(bytes: &[u8]) -> Option<Key> {
    let mut body = whole(bytes)?;
    for _ in 0..6 {
        expect(&mut body, INTEGER)?;
    }
    body.0.is_empty().then(|| Key::open("a DSA key"))
}

/// The OpenSSH format; its two check numbers are equal if it is not encrypted.
pub(super) fn openssh(bytes: &[u8]) -> Option<Key> {
    let mut reader = Reader(bytes.strip_prefix(b"openssh-key-v1\0")?);
    let cipher = reader.ssh()?;
    let (_kdf, _options) = (reader.ssh()?, reader.ssh()?);
    let count = reader.take(4)?;
    (count == [0, 0, 0, 1]).then_some(())?;
    let _public = reader.ssh()?;
    let private = reader.ssh()?;
    if cipher != b"none" {
        return Some(Key { what: "an OpenSSH key encrypted with a passphrase".into(), encrypted: true });
    }
    let (first, rest) = private.split_at_checked(4)?;
    let (second, rest) = rest.split_at_checked(4)?;
    let kind = Reader(rest).ssh().filter(|_| first == second)?;
    let kind = String::from_utf8(kind.to_vec()).ok().filter(|kind| kind.len() < 60)?;
    Some(Key::open(format!("an OpenSSH key without a passphrase ({kind})")))
}
