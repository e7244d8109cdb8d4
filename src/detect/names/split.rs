//! The words that a name is made of.

use crate::span::Span;

/// The words of a name, lower case: split at anything that isn't a letter or digit, at changes from small to capital
/// letters, before the last capital of a run (`APIKey` is `api`, `key`) and between letters and digits.
pub(crate) fn words(name: &[u8]) -> Vec<String> {
    if name.is_ascii() {
        return ascii_words(name);
    }
    let mut all = Vec::new();
    let mut word = String::new();
    let text = String::from_utf8_lossy(name);
    let chars: Vec<char> = text.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(at + 1);
        let starts = match before {
            Some(b) if b.is_lowercase() && c.is_uppercase() => true,
            Some(b) if b.is_uppercase() && c.is_uppercase() && after.is_some_and(|a| a.is_lowercase()) => true,
            Some(b) if b.is_ascii_digit() != c.is_ascii_digit() => true,
            _ => false,
        };
        if (!c.is_alphanumeric() || starts) && !word.is_empty() {
            all.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        all.push(word);
    }
    all
}

/// The same for names in ASCII letters, which are nearly all.
fn ascii_words(name: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    each_word(name, |word| {
        all.push(word.to_owned());
        true
    });
    all
}

/// Asks about the words of a name in order, as long as the answer is yes; whether it was for all of them.
pub(crate) fn each_word(name: &[u8], mut holds: impl FnMut(&str) -> bool) -> bool {
    if !name.is_ascii() {
        return words(name).iter().all(|word| holds(word));
    }
    in_small_letters(name, |lower| AsciiWords::of(name).all(|word| holds(&lower[word.range()])))
}

/// Does something with a name in small letters; most names need no memory for that.
pub(super) fn in_small_letters<T>(name: &[u8], work: impl FnOnce(&str) -> T) -> T {
    const SHORT: usize = 128;
    let mut buffer = [0; SHORT];
    if let Some(lower) = buffer.get_mut(..name.len()) {
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        if let Ok(lower) = std::str::from_utf8(lower) {
            return work(lower);
        }
    }
    work(&String::from_utf8_lossy(name).to_ascii_lowercase())
}

/// The places of the words of a name in ASCII letters.
pub(super) struct AsciiWords<'n> {
    name: &'n [u8],
    at: usize,
}

impl<'n> AsciiWords<'n> {
    pub(super) fn of(name: &'n [u8]) -> Self {
        Self { name, at: 0 }
    }
}

impl Iterator for AsciiWords<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let name = self.name;
        let start = self.at + name[self.at..].iter().position(u8::is_ascii_alphanumeric)?;
        let begins = |at: usize| {
            let (b, c) = (name[at - 1], name[at]);
            b.is_ascii_lowercase() && c.is_ascii_uppercase()
                || b.is_ascii_uppercase()
                    && c.is_ascii_uppercase()
                    && name.get(at + 1).is_some_and(u8::is_ascii_lowercase)
                || b.is_ascii_digit() != c.is_ascii_digit()
        };
        let end = (start + 1..name.len()).find(|&at| !name[at].is_ascii_alphanumeric() || begins(at));
        self.at = end.unwrap_or(name.len());
        Some(Span::new(start, self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_words() {
        let cases: &[(&str, &[&str])] = &[
            ("BINANCE_API_KEY", &["binance", "api", "key"]),
            ("binanceApiSecret", &["binance", "api", "secret"]),
            ("APIKey", &["api", "key"]),
            ("X-MBX-APIKEY", &["x", "mbx", "apikey"]),
            ("Secret Key", &["secret", "key"]),
            ("key2", &["key", "2"]),
            ("密钥", &["密钥"]),
        ];
        for (name, expected) in cases {
            assert_eq!(words(name.as_bytes()), *expected, "{name}");
        }
    }
}
