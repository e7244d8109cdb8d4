//! How random a value looks, against what to expect of a random string of its length and alphabet. A flat entropy limit
//! cuts into the natural spread of short hexadecimal keys and lets long words pass; both are avoided here.

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
    let bits = counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| f64::from(count) / total)
        .map(|share| -share * share.log2())
        .sum();
    (all, bits)
}

/// The alphabet a value seems to be drawn from, by size.
fn alphabet(value: &[u8]) -> f64 {
    let has = |test: fn(&u8) -> bool| value.iter().any(test);
    let hex = value.iter().all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let (upper, lower, digit) = (has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase), has(u8::is_ascii_digit));
    if hex && !(upper && lower) {
        return 16.0;
    }
    let mut size = 0.0;
    size += if upper { 26.0 } else { 0.0 };
    size += if lower { 26.0 } else { 0.0 };
    size += if digit { 10.0 } else { 0.0 };
    if size == 0.0 { 1.0 } else { size }
}

/// Lengths for which quantiles were simulated.
const LENGTHS: [f64; 12] = [8.0, 12.0, 16.0, 20.0, 24.0, 32.0, 40.0, 48.0, 64.0, 88.0, 128.0, 256.0];

/// The entropy that 99.93 % of random strings exceed, by size of the alphabet and length: simulated, 20,000 strings each
/// (6,000 above length 64).
const QUANTILES: [(f64, [f64; 12]); 5] = [
    (10.0, [1.30, 1.78, 2.05, 2.30, 2.47, 2.66, 2.77, 2.88, 2.99, 3.10, 3.17, 3.24]),
    (16.0, [1.55, 2.08, 2.40, 2.68, 2.85, 3.10, 3.26, 3.39, 3.53, 3.68, 3.79, 3.89]),
    (32.0, [1.91, 2.45, 2.85, 3.13, 3.37, 3.67, 3.88, 4.04, 4.25, 4.44, 4.63, 4.82]),
    (36.0, [2.00, 2.58, 2.95, 3.21, 3.44, 3.73, 3.95, 4.13, 4.36, 4.60, 4.74, 4.98]),
    (62.0, [2.16, 2.75, 3.16, 3.48, 3.69, 4.05, 4.31, 4.52, 4.80, 5.06, 5.33, 5.65]),
];

/// Values are often random bytes in an encoding, or have a constant part: a little less than pure randomness will do.
const SLACK: f64 = 0.15;

/// The least entropy of a random string of `n` characters of an alphabet of `size`.
fn least_entropy(size: f64, n: f64) -> f64 {
    let row = QUANTILES.iter().rev().find(|row| row.0 <= size).unwrap_or(&QUANTILES[0]).1;
    let at = LENGTHS.partition_point(|&length| length <= n).clamp(1, LENGTHS.len() - 1);
    let share = ((n - LENGTHS[at - 1]) / (LENGTHS[at] - LENGTHS[at - 1])).clamp(0.0, 1.0);
    row[at - 1] + share * (row[at] - row[at - 1]) - SLACK
}

/// Pairs of letters that make up most of English and of identifiers.
const PAIRS: &[u8] = b"thheinerreonatentiesoredteofstarandtoalissehaasouiolelngnearnceroecoedesheirialurtindeseionsiscenmatmelicomioraeshkeycurusretprstusrowhotlopeglepoackctotutogechamavivebuveunmonolomgeendsecidatoabrylyexaccetdetsepiigefilnasioresttempexlifiulumeyesmpwoaysuamobbestryturgecapliplusrpusrlhighntagtrouinrnayckbohicrdiotboupaliddocasuguduacaivsphanitokofosaclkebepeamadmiexappegr";

/// Which letters follow each letter in [`PAIRS`], a bit each.
const FOLLOWS: [u32; 26] = {
    let mut table = [0; 26];
    let mut at = 1;
    while at < PAIRS.len() {
        table[(PAIRS[at - 1] - b'a') as usize] |= 1 << (PAIRS[at] - b'a');
        at += 1;
    }
    table
};

/// Whether the value's letters follow each other as in words. Random letters do so for one pair in four.
#[must_use]
pub fn is_wordy(value: &[u8]) -> bool {
    let (mut pairs, mut common) = (0_u32, 0_u32);
    for pair in value.windows(2) {
        let same_word = pair[0].is_ascii_alphabetic() && pair[1].is_ascii_lowercase()
            || pair[0].is_ascii_uppercase() && pair[1].is_ascii_uppercase();
        if same_word {
            pairs += 1;
            let place = |byte: u8| byte.to_ascii_lowercase() - b'a';
            common += FOLLOWS[usize::from(place(pair[0]))] >> place(pair[1]) & 1;
        }
    }
    let share = f64::from(common) / f64::from(pairs.max(1));
    let total = value.len() as f64;
    // Words hold most of the value's pairs; random text of mixed case holds few pairs within one case.
    pairs >= 6 && f64::from(pairs) > total * 0.45 && share > 0.78
}

/// Whether a value can be a random string of its alphabet and length.
#[must_use]
pub fn is_random(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"0x").unwrap_or(value);
    if is_wordy(value) {
        return false;
    }
    let (length, bits) = entropy(value.iter().copied().filter(u8::is_ascii_alphanumeric));
    length >= 8 && bits >= least_entropy(alphabet(value), length as f64)
}

/// Whether a part of a value can be random: a prefix makes hexadecimal digits look like a poor choice of letters, so no more
/// is asked than of digits of that kind.
#[must_use]
pub(crate) fn may_be_random(value: &[u8]) -> bool {
    if is_wordy(value) {
        return false;
    }
    let (length, bits) = entropy(value.iter().copied().filter(u8::is_ascii_alphanumeric));
    length >= 8 && bits >= least_entropy(alphabet(value).min(16.0), length as f64)
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

    #[test]
    fn random_strings_pass() {
        const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        for (name, alphabet, n) in [
            ("hex", &b"0123456789abcdef"[..], 24),
            ("hex", b"0123456789abcdef", 32),
            ("hex", b"0123456789abcdef", 64),
            ("alnum", ALNUM, 18),
            ("alnum", ALNUM, 36),
            ("alnum", ALNUM, 64),
            ("lower", &ALNUM[26..], 32),
            ("upper", b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 20),
        ] {
            let missed = (0..2000).filter(|&seed| !is_random(&random(alphabet, n, seed))).count();
            assert!(missed <= 8, "{name} {n}: {missed} of 2000 missed");
        }
    }

    #[test]
    fn words_do_not() {
        for value in [
            "getAccountInformation2",
            "trading-strategies-and-positions",
            "BINANCE_API_SECRET_KEY_PRODUCTION",
            "InvalidApiKeyOrPermissionDenied_2015",
            "src/components/account/settings",
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb",
        ] {
            assert!(!is_random(value.as_bytes()), "{value}");
        }
    }
}
