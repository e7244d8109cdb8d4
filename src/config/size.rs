//! Sizes as people write them.

/// A size in bytes: a number, with a unit or without; nothing if it is none.
#[must_use]
pub fn size(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 11] = [
        ("", 1),
        ("b", 1),
        ("k", 1000),
        ("kb", 1000),
        ("m", 1_000_000),
        ("mb", 1_000_000),
        ("g", 1_000_000_000),
        ("gb", 1_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
    ];
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (&text[..digits], text[digits..].trim().to_ascii_lowercase());
    let number: u64 = number.parse().ok()?;
    let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|&(_, factor)| factor)?;
    number.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let cases = [("0", 0), ("50MB", 50_000_000), ("1 kib", 1024), ("3k", 3000), ("2GiB", 2 << 30), ("17b", 17)];
        for (text, bytes) in cases {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in ["", "MB", "-1", "1.5MB", "1 parsec", "99999999999999999999", "99999999999GiB"] {
            assert!(size(text).is_none(), "{text}");
        }
    }
}
