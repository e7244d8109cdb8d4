//! Values that stand for a value: `YOUR_API_KEY`, `<secret>`, `xxxxxxxx`, `${TOKEN}`, `changeme`. Told by structure and by
//! the whole value, never by a stop-word inside a long random one: those occur by chance.

use std::sync::OnceLock;

use super::literal::Literals;
use super::lookup::Lookup;
use super::names;

/// Whether a value is a stand-in, a reference or a filler.
pub(crate) fn is_placeholder(value: &[u8]) -> bool {
    value.is_empty() || is_reference(value) || is_filler(value) || is_wordy(value)
}

/// A reference to a value kept elsewhere: templates, variables, secret stores.
pub(crate) fn is_reference(value: &[u8]) -> bool {
    const STORES: &[&[u8]] = &[
        b"op://",
        b"vault:",
        b"awssm://",
        b"gcp:",
        b"keyring:",
        b"ssm:",
        b"secretref:",
        b"azurekeyvault",
        b"arn:aws:",
        b"projects/",
        b"env:",
        b"file:",
        b"doppler://",
        b"ref+",
        b"sops:",
        b"enc:",
        b"ENC[",
        b"ENC(",
        b"AQICAH",
        b"{cipher}",
        b"$ANSIBLE_VAULT",
        b"/run/secrets",
        b"process.env",
        b"os.environ",
        b"os.getenv",
        b"System.getenv",
        b"std::env",
        b"secrets.",
        b"var.",
        b"module.",
        b"data.",
        b"local.",
    ];
    let templated = || {
        memchr::memchr2(b'{', b'(', value).is_some()
            && [&b"${"[..], b"{{", b"#{", b"$("].iter().any(|mark| memchr::memmem::find(value, mark).is_some())
    };
    let first = value.first().copied().unwrap_or(b' ');
    let last = value.last().copied().unwrap_or(b' ');
    (first == b'<' && last == b'>')
        || (first == b'[' && last == b']')
        || (first == b'%' && last == b'%' && value.len() > 2)
        || (first == b'*' && last == b'*')
        || (first == b'$'
            && value.get(1).is_some_and(|&b| b == b'{' || b == b'(' || b.is_ascii_alphabetic() || b == b'_')
            && !has_symbol_tail(value))
        || templated()
        || (first == b'{' && last == b'}')
        || (first == b'@' && last == b'@')
        || (first == b'_' && last == b'_' && value.len() > 4 && value[1] == b'_')
        || is_fernet(value)
        || STORES.iter().any(|store| {
            store[0].eq_ignore_ascii_case(&first)
                && value.len() >= store.len()
                && value[..store.len()].eq_ignore_ascii_case(store)
        })
}

/// A token of Fernet, as Python's `cryptography` encrypts: version 0x80 and a time before the year 2106 in base64.
fn is_fernet(value: &[u8]) -> bool {
    const LEAST: usize = 100;
    value.len() >= LEAST && value.starts_with(b"gAAAAA")
}

/// `$Tr4ding!` is a password, `$BINANCE_KEY` is not.
fn has_symbol_tail(value: &[u8]) -> bool {
    value[1..].iter().any(|&b| {
        !b.is_ascii_alphanumeric()
            && b != b'_'
            && b != b'{'
            && b != b'}'
            && b != b'('
            && b != b')'
            && b != b':'
            && b != b'-'
            && b != b'.'
    })
}

/// Repeats, ramps and runs: `xxxx-xxxx`, `000...`, `12345678`, `abcdef...`, `deadbeefdeadbeef`.
pub(crate) fn is_filler(value: &[u8]) -> bool {
    let mut counts = [0_u16; 256];
    let mut core = Vec::with_capacity(value.len());
    for byte in value.iter().filter(|byte| byte.is_ascii_alphanumeric()) {
        let byte = byte.to_ascii_lowercase();
        counts[usize::from(byte)] = counts[usize::from(byte)].saturating_add(1);
        core.push(byte);
    }
    if core.is_empty() {
        return true;
    }
    let n = core.len();
    let distinct = counts.iter().filter(|&&count| count > 0).count();
    if n >= 6 && distinct <= 2 || n >= 16 && distinct <= 4 {
        return true;
    }
    // One character in the majority: x-runs with a few others between.
    let most = usize::from(counts.iter().copied().max().unwrap_or(0));
    if n >= 12 && most * 2 > n {
        return true;
    }
    if n >= 8
        && (1..=n / 2).take(16).any(|period| (period..n).all(|i| core[i] == core[i - period]))
        && !(n < 16 && distinct > 6)
    {
        return true;
    }
    // Ramps up or down: most neighbours differ by one.
    if n >= 6 {
        let steps = core
            .windows(2)
            .filter(|pair| {
                pair[1] == pair[0].wrapping_add(1)
                    || pair[1] == pair[0].wrapping_sub(1)
                    || (pair[0] == b'9' && matches!(pair[1], b'0' | b'a'))
                    || (pair[0] == b'f' && pair[1] == b'0')
                    || (pair[0] == b'z' && matches!(pair[1], b'0' | b'1' | b'a'))
            })
            .count();
        if steps * 4 >= (n - 1) * 3 {
            return true;
        }
    }
    false
}

/// Words that stand-ins are made of. A value is one if at least one of these occurs as a word and the rest is words.
const STAND_INS: &[&str] = &[
    "your",
    "you",
    "my",
    "example",
    "sample",
    "dummy",
    "fake",
    "placeholder",
    "changeme",
    "change",
    "replace",
    "insert",
    "enter",
    "put",
    "paste",
    "here",
    "todo",
    "fixme",
    "xxx",
    "test",
    "n",
    "none",
    "null",
    "nil",
    "undefined",
    "redacted",
    "hidden",
    "masked",
    "removed",
    "secret",
    "apikey",
    "key",
    "token",
    "password",
    "passphrase",
    "api",
    "default",
    "goes",
    "fill",
    "set",
    "not",
    "invalid",
    "some",
    "foo",
    "bar",
    "baz",
    "the",
    "this",
    "a",
    "an",
    "is",
    "value",
    "string",
    "text",
    "private",
    "public",
    "access",
    "id",
    "user",
    "username",
    "admin",
    "root",
    "client",
    "account",
    "yourapikey",
    "yoursecret",
    "yourpublicapikey",
    "yoursecretapikey",
    "mypassword",
    "mysecret",
    "supersecret",
    "super",
    "sercet",
    "ws",
    "jwt",
    "secretkey",
    "apisecret",
    "for",
    "tests",
    "testing",
    "mock",
    "in",
    "from",
    "with",
    "of",
    "to",
    "env",
    "paper",
    "live",
    "demo",
    "sandbox",
    "abc",
    "abcd",
    "abcdef",
    "hunter",
    "pass",
    "word",
    "letmein",
    "s3cr3t",
    "passw0rd",
    "p",
    "ssw",
    "rd",
    "base",
    "encoded",
    "hex",
    "mypassphrase",
    "authenticity",
    "binance",
    "bybit",
    "okx",
    "kraken",
    "kucoin",
    "coinbase",
    "bitget",
    "gate",
    "exchange",
    "bot",
    "trading",
    "main",
    "production",
    "prod",
    "dev",
    "app",
    "name",
    "number",
    "code",
    "new",
    "old",
    "first",
    "second",
    "твой",
    "ваш",
    "ключ",
    "секрет",
    "tu",
    "clave",
    "su",
    "votre",
    "dein",
    "ihr",
    "clave",
    "你的",
    "您的",
    "密钥",
];

/// What marks a stand-in wherever it stands in a value that is no long random token.
const MARKS: &[&str] = &[
    "example",
    "your_",
    "your-",
    "yourapi",
    "yoursecret",
    "placeholder",
    "changeme",
    "replace_me",
    "replaceme",
    "redacted",
    "insert_",
    "_here",
    "-here",
    "goes_here",
    "dummy",
    "твой_",
    "你的",
    "您的",
];

/// Made of words alone, at least one of them a stand-in's. `correct-horse-battery` is not; `my-secret-password` is.
pub(crate) fn is_wordy(value: &[u8]) -> bool {
    if value.len() > 64 {
        return false;
    }
    static FINDER: OnceLock<Literals> = OnceLock::new();
    let lower = String::from_utf8_lossy(value).to_lowercase();
    // A long random token holds no separator-bounded English; these marks with a separator or in full don't occur by chance.
    if value.len() < 48 && FINDER.get_or_init(|| Literals::new(MARKS)).is_in(lower.as_bytes()) || is_stand_in(&lower) {
        return true;
    }
    let number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
    let (mut any, mut digits) = (false, 0);
    let only_stand_ins = names::each_word(value, |word| {
        if number(word) {
            digits += word.len();
            return true;
        }
        any = true;
        is_stand_in(word)
    });
    if only_stand_ins && !any {
        // Digits only: `123456`.
        return value.len() < 16;
    }
    only_stand_ins && digits <= 5 || is_disguised(&lower)
}

/// Words of stand-ins with digits for letters: `secret_ws_t0ken`.
fn is_disguised(lower: &str) -> bool {
    let letter = |byte: u8| match byte {
        b'0' => b'o',
        b'1' => b'l',
        b'3' => b'e',
        b'@' => b'a',
        b'$' => b's',
        other => other,
    };
    let plain: Vec<u8> = lower.bytes().map(letter).collect();
    let mut count = 0;
    plain != lower.as_bytes()
        && names::each_word(&plain, |word| {
            count += 1;
            is_stand_in(word)
        })
        && count >= 2
}

fn is_stand_in(word: &str) -> bool {
    static TABLE: OnceLock<Lookup<()>> = OnceLock::new();
    TABLE.get_or_init(|| Lookup::new(STAND_INS.iter().map(|word| (*word, ())))).get(word).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins() {
        for value in [
            "YOUR_API_KEY",
            "your_api_key_here",
            "<your-api-key>",
            "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "INSERT_KEY_HERE",
            "api_key",
            "changeme",
            "REPLACE_ME",
            "****************",
            "my-api-key",
            "{{api_key}}",
            "key",
            "apiKey",
            "YourPublicApiKey",
            "123456",
            "abcdefghijklmnopqrstuvwxyz123456",
            "00000000000000000000000000000000",
            "1234567890abcdef1234567890abcdef",
            "deadbeefdeadbeefdeadbeefdeadbeef",
            "N/A",
            "...",
            "[REDACTED]",
            "bg_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "ТВОЙ_КЛЮЧ",
            "TU_CLAVE_API",
            "你的API密钥",
            "fake-key-for-tests",
            "s3cr3t",
            "supersecret",
            "secret123",
            "hunter2",
            "base64-encoded-secret==",
            "$BINANCE_KEY",
            "${KEY}",
            "op://Trading/Binance/key",
            "process.env.KEY",
            "MyPassphrase",
            "$(pass show bybit)",
            "SuperSecret1!",
            "secret_ws_t0ken.",
        ] {
            assert!(is_placeholder(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn real_values_are_not() {
        for value in [
            "Tiger!2022bull",
            "lambo-tiger-harbor12",
            "$Tr4ding!88",
            "moonLedger1984!",
            "b7F2kQ",
            "cobalt.velvet.harbor7",
        ] {
            assert!(!is_placeholder(value.as_bytes()), "{value}");
        }
    }
}
