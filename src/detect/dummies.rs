//! Values that everybody knows: test vectors of standards, development accounts, keys printed in documentation. Whoever
//! finds one has found no leak.
//!
//! `data/public_values.txt` holds the first 64 bits of their SHA-256, so that the values themselves are not stored here,
//! and a letter for the kind; one to a line of fixed width, sorted, so it is searched as it is. They come from the test
//! suites and documents of the BIPs, SLIPs, SEPs, NIPs and SIPs, of go-ethereum, ethers, web3.js, Hardhat, Ganache,
//! Truffle, Electrum, the Bitcoin wiki, XRPL, Tezos, NEAR and Cardano. To add one: hash its canonical form
//! (`printf %s VALUE | sha256sum | cut -c1-16`), append the letter, and keep the file sorted (`LC_ALL=C sort -u`).
//!
//! Canonical form: a key of 64 hexadecimal digits in lower case without `0x`; a phrase in lower case with single spaces;
//! everything else as it is.

use sha2::{Digest, Sha256};

use super::proof::mnemonic;

const TABLE: &[u8] = include_bytes!("data/public_values.txt");
/// Sixteen digits, a blank, a letter, a line end.
const ROW: usize = 19;

/// The kinds, by letter.
const KINDS: &[(u8, &str)] = &[
    (b'b', "the hash of an ordinary word"),
    (b'c', "a public constant"),
    (b'd', "a value from public documentation"),
    (b'e', "a well-known development account"),
    (b'k', "an extended private key of a published test vector"),
    (b'm', "a published phrase"),
    (b'p', "a placeholder"),
    (b's', "a secret key of a published test vector"),
    (b'w', "a private key of a published test vector"),
    (b'x', "a key of a public test suite"),
];

/// What a value is, if it is published.
#[must_use]
pub fn is_public(value: &[u8]) -> Option<&'static str> {
    look_up(value).or_else(|| hex(value).filter(|key| key != value).and_then(|key| look_up(&key))).or_else(|| {
        let words = value.len() >= 47 && value.iter().any(|byte| !byte.is_ascii_alphanumeric());
        words.then(|| mnemonic::canonical(value)).flatten().and_then(|phrase| look_up(phrase.as_bytes()))
    })
}

/// Whether what `is_public` said is of a key that could be used: anyone can spend from it, which matters where it stands
/// in a configuration of a live network.
#[must_use]
pub fn is_usable(kind: &str) -> bool {
    let kind = KINDS.iter().find(|(_, name)| *name == kind);
    kind.is_some_and(|(letter, _)| matches!(letter, b'b' | b'e' | b'k' | b'm' | b's' | b'w' | b'x'))
}

fn hex(value: &[u8]) -> Option<Vec<u8>> {
    let digits = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X")).unwrap_or(value);
    (digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit)).then(|| digits.to_ascii_lowercase())
}

fn look_up(value: &[u8]) -> Option<&'static str> {
    let digest = Sha256::digest(value);
    let mut wanted = [0; 16];
    data_encoding::HEXLOWER.encode_mut(&digest[..8], &mut wanted);
    // As one number each, sixteen digits are compared at once.
    let digits = |row: &[u8; ROW]| row.first_chunk().map_or(0, |digits| u128::from_be_bytes(*digits));
    let (rows, _) = TABLE.as_chunks::<ROW>();
    let at = rows.binary_search_by_key(&u128::from_be_bytes(wanted), digits).ok()?;
    let letter = rows[at][17];
    KINDS.iter().find(|(kind, _)| *kind == letter).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_whole() {
        let (rows, rest) = TABLE.as_chunks::<ROW>();
        assert!(rest.is_empty() && rows.len() > 1800, "{} rows", rows.len());
        assert!(rows.is_sorted());
        for row in rows {
            assert!(row[..16].iter().all(u8::is_ascii_hexdigit) && row[16] == b' ' && row[18] == b'\n');
            assert!(KINDS.iter().any(|(letter, _)| *letter == row[17]), "{}", char::from(row[17]));
        }
    }

    #[test]
    fn known_values() {
        let hardhat = format!("{}junk", "test ".repeat(11));
        let zero = format!("{}about", "abandon ".repeat(11));
        let word = data_encoding::HEXLOWER.encode(&Sha256::digest(b"satoshi"));
        let cases = [
            (hardhat.clone(), true),
            (hardhat.to_uppercase(), true),
            (hardhat.replace(' ', "\", \""), true),
            (zero, true),
            (format!("0x{word}"), true),
            (word.to_uppercase(), true),
            (data_encoding::HEXLOWER.encode(&Sha256::digest(b"nobody's")), false),
            (String::new(), false),
        ];
        for (value, public) in cases {
            assert_eq!(is_public(value.as_bytes()).is_some(), public, "{value}");
        }
        assert!(is_public(hardhat.as_bytes()).is_some_and(is_usable));
    }
}
