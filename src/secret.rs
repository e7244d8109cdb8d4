//! Values that must not leave: masked everywhere, wiped from memory, named by fingerprints.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// A credential's value. Debug and Display show a mask; [`Secret::expose`] is the only way to the text. The memory is
/// wiped when it is dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// Takes a copy of the value's bytes.
    #[must_use]
    pub fn new(value: &[u8]) -> Self {
        Self(value.into())
    }

    /// The value itself. Every caller must be behind an explicit flag of the user's, or keep it inside the process.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What people may see: at most the first four characters, and those only of values so long (24 bytes and more)
    /// and so uniform (no blanks, so neither a phrase nor a PEM block) that four characters give nothing away.
    #[must_use]
    pub fn masked(&self) -> String {
        let shows = self.0.len() >= 24 && self.0.iter().all(u8::is_ascii_graphic);
        let shown = if shows { String::from_utf8_lossy(&self.0[..4]).into_owned() } else { String::new() };
        format!("{shown}… ({} characters)", self.characters())
    }

    fn characters(&self) -> usize {
        self.0.utf8_chunks().map(|chunk| chunk.valid().chars().count() + chunk.invalid().len()).sum()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} bytes)", self.0.len())
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Wipes a buffer that held scanned text. `zeroize` writes single bytes, which is too slow for megabytes. The compiler may
/// not leave the writing out, because `black_box` might read what was written.
pub fn wipe(buffer: &mut [u8]) {
    buffer.fill(0);
    std::hint::black_box(buffer);
}

/// Wipes all the memory of a vector and empties it. What it left behind when it grew is not reached.
pub fn wipe_all(buffer: &mut Vec<u8>) {
    buffer.resize(buffer.capacity(), 0);
    wipe(buffer);
    buffer.clear();
}

/// The name of a credential across runs: 64 bits, shown as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

/// Bits below which a value could be guessed from its fingerprint by trying.
const GUESSABLE_BITS: f64 = 60.0;

impl Fingerprint {
    /// Of a value under a key. The key may be public: a value that could be guessed by trying (a password) is not used
    /// at all, its place (`fallback`: rule, path, name) is.
    #[must_use]
    pub fn of(key: &[u8], rule: &str, value: &Secret, fallback: &[&str]) -> Self {
        let mut mac = hmac(key);
        mac.update(rule.as_bytes());
        if guessable(value.expose()) {
            for part in fallback {
                mac.update(&[0]);
                mac.update(part.as_bytes());
            }
        } else {
            mac.update(&[1]);
            mac.update(value.expose());
        }
        let bytes = mac.finalize().into_bytes();
        Self(bytes.iter().take(8).fold(0, |sum, &byte| sum << 8 | u64::from(byte)))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The key of fingerprints when the user gives none: it separates them from other uses of HMAC-SHA-256, nothing more.
pub const FINGERPRINT_KEY: &[u8] = b"stopleak fingerprint v1";

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// How often [`stretched`] runs its hash: what a guess costs, in HMACs. Less than a millisecond a value.
const ROUNDS: u32 = 1000;

/// A name of a value for files that strangers may read: PBKDF2-HMAC-SHA-256 (RFC 8018) of the value with a random salt, so
/// that a guess costs a thousand times what a plain hash would cost, and nothing computed for one salt helps with
/// another. Short values can be guessed all the same; whoever stores this must cut it to fewer bits than they hold.
#[must_use]
pub fn stretched(salt: &[u8], value: &Secret) -> [u8; 32] {
    pbkdf2(value.expose(), salt, ROUNDS)
}

fn pbkdf2(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let keyed = hmac(password);
    let once = |message: &[&[u8]]| -> [u8; 32] {
        let mut mac = keyed.clone();
        message.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    };
    let mut last = once(&[salt, &1_u32.to_be_bytes()]);
    let mut sum = last;
    for _ in 1..rounds {
        last = once(&[&last]);
        sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

/// Whether trying could find the value: Shannon's entropy of its characters times its length is an upper bound of the
/// work for a value made of words, and close to it for a random one.
#[must_use]
pub fn guessable(value: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| value.iter().any(test);
    let looks_made_of_words = !has(u8::is_ascii_digit) || value.iter().any(|byte| byte.is_ascii_whitespace());
    let bits = crate::detect::randomness::shannon(value) * value.len() as f64;
    bits < GUESSABLE_BITS || (looks_made_of_words && value.len() < 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_prints_the_value() {
        let value = format!("{}{}", "Tr4ding", "Pa55");
        let secret = Secret::new(value.as_bytes());
        for shown in [format!("{secret}"), format!("{secret:?}"), secret.masked()] {
            assert!(!shown.contains("Tr4d"), "{shown}");
        }
    }

    #[test]
    fn a_wiped_buffer_is_empty_and_keeps_its_memory() {
        let mut buffer = Vec::with_capacity(64);
        buffer.extend_from_slice(b"a text");
        wipe(&mut buffer[2..]);
        assert_eq!(buffer, b"a \0\0\0\0");
        wipe_all(&mut buffer);
        assert!(buffer.is_empty() && buffer.capacity() >= 64);
    }

    #[test]
    fn long_values_show_four_characters() {
        let value = "abcd1234".repeat(4);
        assert_eq!(Secret::new(value.as_bytes()).masked(), "abcd… (32 characters)");
    }

    #[test]
    fn stretching_is_pbkdf2() {
        // RFC 7914, section 11, the first 32 of 64 bytes; and rounds beyond the first, from Python's hashlib.
        let hex = |bytes: [u8; 32]| data_encoding::HEXLOWER.encode(&bytes);
        assert_eq!(
            hex(pbkdf2(b"passwd", b"salt", 1)),
            concat!("55ac046e56e3089f", "ec1691c22544b605", "f94185216dde0465", "e68b9d57c20dacbc")
        );
        assert_eq!(
            hex(pbkdf2(b"password", b"salt", 1000)),
            concat!("632c2812e46d4604", "102ba7618e9d6d7d", "2f8128f6266b4a03", "264d2a0460b7dcb3")
        );
    }

    #[test]
    fn short_values_are_named_by_their_place() {
        let of = |value: &str, path: &str| Fingerprint::of(b"k", "r", &Secret::new(value.as_bytes()), &[path]);
        assert_eq!(of("hunter22", "a.py"), of("another1", "a.py"), "the value must not matter");
        assert_ne!(of("hunter22", "a.py"), of("hunter22", "b.py"));
        let long = "x7".to_owned() + &"9aZ4kQ8wR2".repeat(3);
        assert_eq!(of(&long, "a.py"), of(&long, "b.py"), "a moved value keeps its name");
    }
}
