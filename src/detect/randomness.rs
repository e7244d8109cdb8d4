//! Whether a value can be random: measured against what to expect of a random string of its alphabet and length, by two
//! tests. What a model of names, words and paths spends on its pairs of characters tells text from random strings; the
//! entropy tells what repeats itself. Text that was encoded is decoded for the first test.
//!
//! Flat limits would cut into the natural spread of short hexadecimal keys and let long words pass. `scripts/randomness`
//! trains the model and simulates the limits; `docs/randomness.md` has what they are worth.

/// Shannon's entropy of the byte distribution, in bits per byte.
#[must_use]
pub fn shannon(value: &[u8]) -> f64 {
    entropy(value.iter().copied()).1
}

/// How many bytes there are, and the entropy of their distribution.
fn entropy(bytes: impl Iterator<Item = u8>) -> (usize, f64) {
    let mut counts = [0_u32; 256];
    let mut all = 0;
    for byte in bytes {
        counts[usize::from(byte)] += 1;
        all += 1;
    }
    let total = all as f64;
    let part = |count: u32| {
        let share = f64::from(count) / total;
        -share * share.log2()
    };
    // Few counts differ, and logarithms are dear.
    let mut known = [None; 8];
    let mut part = |count: u32| match known.get_mut(count as usize) {
        Some(known) => *known.get_or_insert_with(|| part(count)),
        None => part(count),
    };
    (all, counts.iter().filter(|&&count| count > 0).map(|&count| part(count)).sum())
}

/// The symbols of the model: letters of both cases and digits each, anything else, and the edge of a text.
const SYMBOLS: usize = 64;
const OTHER: u8 = 62;
const EDGE: u8 = 63;

/// The symbol of each byte.
const SYMBOL: [u8; 256] = {
    let mut table = [OTHER; 256];
    let mut at = 0;
    while at < 26 {
        table[b'a' as usize + at] = at as u8;
        table[b'A' as usize + at] = 26 + at as u8;
        at += 1;
    }
    let mut at = 0;
    while at < 10 {
        table[b'0' as usize + at] = 52 + at as u8;
        at += 1;
    }
    table
};

/// What each pair costs, in [`UNIT`]s of a bit.
static COSTS: [[u8; SYMBOLS]; SYMBOLS] = pairs(include_bytes!("randomness/pairs.txt"));
const UNIT: f64 = 0.125;

/// Lengths for which limits were simulated.
const LENGTHS: [f64; 12] = [8.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 48.0, 64.0, 88.0, 128.0, 256.0];

/// Values are often random bytes in an encoding, or have a constant part: a little less than pure randomness will do.
const SLACK: f64 = 0.15;
/// For pairs a little more: a secret that is taken for a word is lost.
const PAIR_SLACK: f64 = 0.3;

/// How many alphabets there are limits for.
const ALPHABETS: usize = 9;

/// Limits in thousandths of a bit: for each [`Alphabet`] a row of costs and one of entropies.
static LIMITS: [[u16; LENGTHS.len()]; 2 * ALPHABETS] = limits(include_bytes!("randomness/quantiles.txt"));

/// The start of the first line at or behind `at` that is no comment.
const fn behind_comments(file: &[u8], mut at: usize) -> usize {
    while file[at] == b'#' {
        while file[at] != b'\n' {
            at += 1;
        }
        at += 1;
    }
    at
}

const fn pairs(file: &[u8]) -> [[u8; SYMBOLS]; SYMBOLS] {
    let mut table = [[0; SYMBOLS]; SYMBOLS];
    let start = behind_comments(file, 0);
    let mut row = 0;
    while row < SYMBOLS {
        let mut column = 0;
        while column < SYMBOLS {
            table[row][column] = file[start + row * (SYMBOLS + 1) + column] - b'!';
            column += 1;
        }
        row += 1;
    }
    table
}

const fn limits(file: &[u8]) -> [[u16; LENGTHS.len()]; 2 * ALPHABETS] {
    let mut table = [[0; LENGTHS.len()]; 2 * ALPHABETS];
    let mut at = behind_comments(file, 0);
    let mut cell = 0;
    while at < file.len() {
        if file[at].is_ascii_digit() {
            let value = &mut table[cell / LENGTHS.len()][cell % LENGTHS.len()];
            *value = *value * 10 + (file[at] - b'0') as u16;
        } else {
            cell += 1;
        }
        at += 1;
    }
    assert!(cell == 2 * ALPHABETS * LENGTHS.len(), "the table is whole");
    table
}

/// The alphabet a value seems to be drawn from, in the order of the limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alphabet {
    Hex,
    HexUpper,
    Letters,
    Capitals,
    Lower,
    Upper,
    Cases,
    Mixed,
    Base64,
}

/// A value read once, byte by byte: what its pairs cost, and which characters it has.
struct Reading {
    last: u8,
    cost: u32,
    length: usize,
    upper: bool,
    lower: bool,
    digit: bool,
    /// All its letters are hexadecimal digits.
    hex: bool,
    /// It holds a character of base64 that is no letter or digit.
    joint: bool,
}

impl Reading {
    const fn new() -> Self {
        Self { last: EDGE, cost: 0, length: 0, upper: false, lower: false, digit: false, hex: true, joint: false }
    }

    fn of(value: &[u8]) -> Self {
        let mut reading = Self::new();
        value.iter().for_each(|&byte| reading.push(byte));
        reading
    }

    #[inline]
    fn push(&mut self, byte: u8) {
        let symbol = SYMBOL[usize::from(byte)];
        self.cost += u32::from(COSTS[usize::from(self.last)][usize::from(symbol)]);
        self.last = symbol;
        self.length += 1;
        match symbol {
            0..26 => self.lower = true,
            26..52 => self.upper = true,
            52..62 => self.digit = true,
            _ => self.joint |= matches!(byte, b'+' | b'/' | b'-' | b'_'),
        }
        self.hex &= matches!(symbol, 0..6 | 26..32 | 52..);
    }

    fn alphabet(&self) -> Alphabet {
        match (self.upper, self.lower, self.digit) {
            (true, false, _) if self.hex => Alphabet::HexUpper,
            (false, _, _) if self.hex => Alphabet::Hex,
            (true, false, true) => Alphabet::Upper,
            (true, false, false) => Alphabet::Capitals,
            (false, _, true) => Alphabet::Lower,
            (false, _, false) => Alphabet::Letters,
            (true, true, false) => Alphabet::Cases,
            (true, true, true) if self.joint => Alphabet::Base64,
            (true, true, true) => Alphabet::Mixed,
        }
    }

    /// Whether the pairs are cheaper than those of random strings. Of hexadecimal digits no words can be made, and how
    /// many of them are letters is chance.
    fn is_wordy(&self) -> bool {
        if self.hex && (self.upper || self.lower) {
            return false;
        }
        self.is_cheaper_than(self.alphabet())
    }

    /// Whether the pairs are cheaper than those of random strings of an alphabet.
    fn is_cheaper_than(&self, alphabet: Alphabet) -> bool {
        let (bits, length) = (f64::from(self.cost) * UNIT, self.length as f64);
        bits < length * (least(alphabet, false, length) - PAIR_SLACK)
    }
}

/// The cost or the entropy that nearly all random strings of `length` characters exceed, in bits.
fn least(alphabet: Alphabet, entropy: bool, length: f64) -> f64 {
    let row = &LIMITS[2 * alphabet as usize + usize::from(entropy)];
    let at = LENGTHS.partition_point(|&column| column <= length).clamp(1, LENGTHS.len() - 1);
    let share = ((length - LENGTHS[at - 1]) / (LENGTHS[at] - LENGTHS[at - 1])).clamp(0.0, 1.0);
    let (low, high) = (f64::from(row[at - 1]), f64::from(row[at]));
    (low + share * (high - low)) / 1000.0
}

/// Whether the value's characters follow each other as in words.
#[must_use]
pub fn is_wordy(value: &[u8]) -> bool {
    Reading::of(value).is_wordy()
}

/// Whether a value can be a random string of its alphabet and length.
#[must_use]
pub fn is_random(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"0x").unwrap_or(value);
    let reading = Reading::of(value);
    if reading.is_wordy() || is_periodic(value) || is_encoded_text(value, &reading) {
        return false;
    }
    let (length, bits) = entropy(value.iter().copied().filter(u8::is_ascii_alphanumeric));
    length >= 8 && bits >= least(reading.alphabet(), true, length as f64) - SLACK
}

/// Whether a value is one piece, twice or more often.
fn is_periodic(value: &[u8]) -> bool {
    let begins = |period: &usize| value[*period] == value[0];
    (1..=value.len() / 2).filter(begins).any(|period| value[period..] == value[..value.len() - period])
}

/// The shortest value that is decoded.
const MIN_ENCODED: usize = 16;

/// Whether a value is text in hexadecimal or base64 (of either alphabet).
fn is_encoded_text(value: &[u8], reading: &Reading) -> bool {
    let padding = value.iter().rev().take(2).take_while(|&&byte| byte == b'=').count();
    let value = &value[..value.len() - padding];
    if value.len() < MIN_ENCODED {
        return false;
    }
    let (bits, group) = if reading.hex && value.iter().all(u8::is_ascii_alphanumeric) { (4, 2) } else { (6, 4) };
    if bits == 4 && !value.len().is_multiple_of(2) || value.len() % 4 == 1 {
        return false;
    }
    let mut plain = Reading::new();
    let (mut held, mut count, mut blank) = (0_u32, 0_u32, false);
    // An incomplete group at the end says little.
    for &byte in &value[..value.len() / group * group] {
        let Some(digit) = digit_of(byte, bits) else { return false };
        held = held << bits | digit;
        count += bits;
        while count >= 8 {
            count -= 8;
            let byte = (held >> count) as u8;
            // Most values end here.
            if !(byte.is_ascii_graphic() || matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
                return false;
            }
            plain.push(byte);
            blank |= byte == b' ';
        }
        held &= (1 << count) - 1;
    }
    // Too short to tell by pairs, but no key holds a blank among letters.
    plain.is_wordy() || blank && !plain.digit
}

/// What a digit of an encoding of so many bits stands for.
fn digit_of(byte: u8, bits: u32) -> Option<u32> {
    if bits == 4 {
        return char::from(byte).to_digit(16);
    }
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Whether a part of a value can be random: a prefix makes hexadecimal digits look like a poor choice of letters, so no more
/// is asked than of digits of that kind.
#[must_use]
pub(crate) fn may_be_random(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"0x").unwrap_or(value);
    let reading = Reading::of(value);
    if reading.is_wordy() && reading.is_cheaper_than(Alphabet::Hex) {
        return false;
    }
    let (length, bits) = entropy(value.iter().copied().filter(u8::is_ascii_alphanumeric));
    length >= 8 && bits >= least(Alphabet::Hex, true, length as f64) - SLACK
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A string of `n` characters of `alphabet` by a small generator.
    fn random(alphabet: &[u8], n: usize, seed: u64) -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
        (0..n)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                alphabet[usize::try_from(state >> 33).expect("32 bits") % alphabet.len()]
            })
            .collect()
    }

    const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    #[test]
    fn random_strings_pass() {
        for (name, alphabet, n) in [
            ("hex", &b"0123456789abcdef"[..], 24),
            ("hex", b"0123456789abcdef", 32),
            ("hex", b"0123456789abcdef", 64),
            ("HEX", b"0123456789ABCDEF", 32),
            ("alnum", &ALNUM[..62], 18),
            ("alnum", &ALNUM[..62], 36),
            ("alnum", &ALNUM[..62], 64),
            ("base64", ALNUM, 43),
            ("letters", &ALNUM[..52], 32),
            ("lower", &ALNUM[26..62], 32),
            ("upper", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20),
        ] {
            let missed = (0..4000).filter(|&seed| !is_random(&random(alphabet, n, seed))).count();
            assert!(missed <= 12, "{name} {n}: {missed} of 4000 missed");
        }
    }

    /// What is dropped before its surroundings are read is no value in any reading.
    #[test]
    fn a_prefix_hides_no_random_string() {
        for seed in 0..2000 {
            for (prefix, alphabet, n) in
                [("0x", &b"0123456789abcdef"[..], 64), ("0x", b"0123456789ABCDEF", 40), ("", ALNUM, 32)]
            {
                let value = [prefix.as_bytes(), &random(alphabet, n, seed)].concat();
                assert!(may_be_random(&value) || !is_random(&value), "{}", String::from_utf8_lossy(&value));
            }
        }
    }

    #[test]
    fn names_repetition_and_encoded_text_do_not() {
        for value in [
            "getAccountInformation2",
            "trading-strategies-and-positions",
            "BINANCE_API_SECRET_KEY_PRODUCTION",
            "InvalidApiKeyOrPermissionDenied_2015",
            "src/components/account/settings",
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb",
            "mean-reversion-2024-03-17-v2",
            "XMLHttpRequestEventTarget2Impl",
            "release-2.14.0-rc3+build7718",
            "deadbeefdeadbeefdeadbeefdeadbeef",
            "a1b2c3d4a1b2c3d4a1b2",
            "0000000000000000000000000000002a",
            "20240102030405060708091011121314",
        ] {
            assert!(!is_random(value.as_bytes()), "{value}");
        }
        let prose = b"The order was filled at the best price";
        let url = data_encoding::BASE64URL_NOPAD.encode(prose);
        for value in [data_encoding::BASE64.encode(prose), url, data_encoding::HEXLOWER.encode(prose)] {
            assert!(!is_random(value.as_bytes()), "{value}");
        }
        let greeting = data_encoding::BASE64.encode(b"goodbye world");
        assert!(!is_random(greeting.as_bytes()), "{greeting}");
        // A random string stays one in an encoding.
        for seed in 0..50 {
            let value = data_encoding::BASE64.encode(&random(&ALNUM[..62], 33, seed));
            assert!(is_random(value.as_bytes()), "{value}");
        }
    }

    /// `scripts/randomness score` says the same, so what `docs/randomness.md` measured is what runs here.
    #[test]
    fn the_script_measures_this_test() {
        for (text, bits, alphabet) in [
            ("getAccountInformation2", 4.653, Alphabet::Mixed),
            ("BINANCE_KEY_2", 4.587, Alphabet::Upper),
            ("mean-reversion", 3.589, Alphabet::Letters),
            ("deadbeef00112233", 4.516, Alphabet::Hex),
            ("kJ8+xQ2/ab", 7.662, Alphabet::Base64),
        ] {
            let reading = Reading::of(text.as_bytes());
            let own = f64::from(reading.cost) * UNIT / reading.length as f64;
            assert!((own - bits).abs() < 0.001, "{text}: {own}");
            assert_eq!(reading.alphabet(), alphabet, "{text}");
        }
    }
}
