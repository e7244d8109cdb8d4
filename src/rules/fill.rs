//! Random values for templates: a small generator of our own, so that a seed gives the same text on every machine.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use regex_syntax::hir::{Class, Hir, HirKind};

/// The letters a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Alphabet(&'static str);

impl Alphabet {
    pub(super) const ALNUM: Self = Self("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    pub(super) const LOWER: Self = Self("0123456789abcdefghijklmnopqrstuvwxyz");
    pub(super) const UPPER: Self = Self("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    pub(super) const HEX: Self = Self("0123456789abcdef");
    pub(super) const UPPER_HEX: Self = Self("0123456789ABCDEF");
    pub(super) const DIGIT: Self = Self("0123456789");
    pub(super) const BASE32: Self = Self("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
    pub(super) const BASE58: Self = Self("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
}

/// A kind of asymmetric key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Rsa,
    Ec,
    Ed25519,
}

impl Key {
    pub(super) fn named(name: &str) -> Option<Self> {
        [("rsa", Self::Rsa), ("ec", Self::Ec), ("ed25519", Self::Ed25519)]
            .into_iter()
            .find_map(|(own, key)| (own == name).then_some(key))
    }
}

/// How often a value is drawn anew if it lacks one of the kinds of characters its alphabet has. A real value lacks one
/// now and then; an example should be typical.
const DRAWS: usize = 8;

/// How often a repetition without an upper bound repeats beyond its lower one.
const LOOSE: u32 = 1;

/// splitmix64.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which must not be 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or_default()
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    /// The draw with the most kinds of characters.
    fn typical(&mut self, draw: impl Fn(&mut Self) -> String) -> String {
        let mut best = draw(self);
        for _ in 1..DRAWS {
            if variety(&best) == KINDS.len() {
                break;
            }
            let next = draw(self);
            if variety(&next) > variety(&best) {
                best = next;
            }
        }
        best
    }

    pub(super) fn of(&mut self, alphabet: Alphabet, length: usize) -> String {
        let letters = alphabet.0.as_bytes();
        self.typical(|random| (0..length).map(|_| char::from(*random.pick(letters))).collect())
    }

    pub(super) fn base64(&mut self, bytes: usize) -> String {
        self.typical(|random| BASE64.encode(&random.bytes(bytes)))
    }

    pub(super) fn base64url(&mut self, bytes: usize) -> String {
        self.typical(|random| BASE64URL_NOPAD.encode(&random.bytes(bytes)))
    }

    pub(super) fn uuid4(&mut self) -> String {
        let hex = |random: &mut Self, length| random.of(Alphabet::HEX, length);
        let variant = ["8", "9", "a", "b"];
        let variant = *self.pick(&variant);
        format!("{}-{}-4{}-{variant}{}-{}", hex(self, 8), hex(self, 4), hex(self, 3), hex(self, 3), hex(self, 12))
    }

    /// A password as people choose them: a word, another, a number, a sign.
    pub(super) fn human(&mut self) -> String {
        const WORDS: &[&str] = &["Tiger", "orbit", "Maple", "quartz", "Lisbon", "copper", "Walrus", "velvet"];
        const SIGNS: &[&str] = &["!", "#", "*", "?", "%"];
        let (first, second) = (*self.pick(WORDS), *self.pick(WORDS));
        let (number, sign) = (1000 + self.below(9000), *self.pick(SIGNS));
        format!("{first}{second}{number}{sign}")
    }

    /// A PKCS#8 key (SEC 1 for `ec`) in PEM, as files hold it.
    pub(super) fn pem(&mut self, key: Key) -> String {
        let label = if key == Key::Ec { "EC PRIVATE KEY" } else { "PRIVATE KEY" };
        let body = self.der(key);
        let lines: Vec<&str> = (0..body.len()).step_by(64).map(|at| &body[at..body.len().min(at + 64)]).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
    }

    /// The body of [`Self::pem`] on one line. The structure is right, the numbers are random.
    pub(super) fn der(&mut self, key: Key) -> String {
        let der = match key {
            Key::Ed25519 => {
                [&b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"[..], &self.bytes(32)].concat()
            }
            Key::Ec => {
                let curve = b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\xa1\x44\x03\x42\x00\x04";
                [&b"\x30\x77\x02\x01\x01\x04\x20"[..], &self.bytes(32), curve, &self.bytes(64)].concat()
            }
            Key::Rsa => self.rsa(),
        };
        BASE64.encode(&der)
    }

    /// The lowest bits of the modulus are those of the primes' product; the rest would take arithmetic we don't need.
    fn rsa(&mut self) -> Vec<u8> {
        let [mut n, d, p, q, dp, dq, qi] = [256, 256, 128, 128, 128, 128, 128].map(|length| {
            let mut number = self.bytes(length);
            number[0] |= 0x80;
            number[length - 1] |= 1;
            number
        });
        let low = |number: &[u8]| number.iter().fold(0, |low: u64, &byte| low << 8 | u64::from(byte));
        let end = n.len() - 8;
        n[end..].copy_from_slice(&low(&p).wrapping_mul(low(&q)).to_be_bytes());
        // A zero byte before: the first bit of a DER number is its sign.
        let numbers = [n, d, p, q, dp, dq, qi].map(|number| tagged(2, &[&[0], &number[..]].concat()));
        let (first, rest) = (&numbers[0], numbers[1..].concat());
        let key = tagged(0x30, &[&tagged(2, &[0]), first, &tagged(2, &[1, 0, 1]), &rest].map(Vec::as_slice).concat());
        let algorithm = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
        tagged(0x30, &[&tagged(2, &[0]), &algorithm[..], &tagged(4, &key)].concat())
    }

    /// A text that a shape matches.
    ///
    /// # Errors
    /// If the shape isn't a regular expression or can match nothing printable.
    pub(super) fn shape(&mut self, shape: &str) -> Result<String, String> {
        let hir = super::shape::parse(shape)?;
        let made = self.typical(|random| {
            let mut made = Vec::new();
            random.write(&hir, &mut made);
            String::from_utf8_lossy(&made).into_owned()
        });
        if made.is_empty() { Err(format!("no value of `{shape}` could be made")) } else { Ok(made) }
    }

    fn write(&mut self, hir: &Hir, made: &mut Vec<u8>) {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => made.extend_from_slice(&literal.0),
            HirKind::Class(class) => made.extend(self.letter(class)),
            HirKind::Capture(capture) => self.write(&capture.sub, made),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.write(part, made)),
            HirKind::Alternation(branches) => {
                // Between line ends written in different ways the real one is taken.
                let blank =
                    branches.iter().find(|branch| matches!(branch.kind(), HirKind::Class(class) if is_blank(class)));
                let branch = blank.unwrap_or_else(|| self.pick(branches));
                self.write(branch, made);
            }
            HirKind::Repetition(repeated) => {
                let most = repeated.max.unwrap_or(repeated.min.max(LOOSE));
                let range = usize::try_from(most - repeated.min).unwrap_or_default();
                let times = repeated.min as usize + self.below(range + 1);
                let times = if repeated.max.is_none() { most as usize } else { times };
                (0..times).for_each(|_| self.write(&repeated.sub, made));
            }
        }
    }

    fn letter(&mut self, class: &Class) -> Option<u8> {
        let letters = printable(class);
        if is_blank(class) {
            return Some(b'\n');
        }
        if letters.is_empty() { None } else { Some(*self.pick(&letters)) }
    }
}

fn printable(class: &Class) -> Vec<u8> {
    let holds = |byte: u8| match class {
        Class::Bytes(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&byte)),
        Class::Unicode(class) => class.iter().any(|range| (range.start()..=range.end()).contains(&char::from(byte))),
    };
    (b'!'..=b'~').filter(|&byte| holds(byte)).collect()
}

/// Whether a class holds white space only.
fn is_blank(class: &Class) -> bool {
    printable(class).is_empty()
}

/// The kinds of characters that a typical value has all of, as far as its alphabet does.
const KINDS: [fn(&u8) -> bool; 3] = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase];

/// How many kinds of characters a text has.
fn variety(text: &str) -> usize {
    KINDS.iter().filter(|kind| text.bytes().any(|byte| kind(&byte))).count()
}

/// A DER element.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let bytes = (length as u64).to_be_bytes();
    let head = match length {
        0..0x80 => vec![bytes[7]],
        0x80..0x100 => vec![0x81, bytes[7]],
        _ => vec![0x82, bytes[6], bytes[7]],
    };
    [&[tag][..], &head, content].concat()
}
