//! PEM private keys as they stand in source code: with real or escaped line ends, indented, in quotes, as arrays of lines.

use data_encoding::{BASE64, BASE64_NOPAD};

use super::der::{self, Key};
use super::{Proof, Random};

pub(super) fn prove(value: &[u8]) -> Proof {
    let text = String::from_utf8_lossy(value);
    let text = text.as_ref();
    let key = if text.starts_with("PuTTY-User-Key-File-") { putty(text) } else { block(text) };
    match key {
        Some(Key { what, encrypted: false }) => Proof::Holds(format!("it decodes to {what}")),
        Some(Key { what, encrypted: true }) => {
            Proof::Holds(format!("it decodes to {what}, so the key itself is safe as long as the password is"))
        }
        None => Proof::Fails,
    }
}

/// `\n`, `\\n` and their kin become line ends; other backslashes (continued lines) go.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        while chars.peek() == Some(&'\\') {
            chars.next();
        }
        if let Some('n' | 'r' | 't') = chars.peek() {
            chars.next();
            out.push('\n');
        }
    }
    out
}

/// The Base64 text between the markers, and whether headers say that it is encrypted.
fn body(text: &str) -> Option<(String, bool)> {
    let mut base64 = String::new();
    let mut encrypted = false;
    for line in unescaped(text).lines() {
        let line = line.trim_start().trim_start_matches("// ").trim_start_matches(['#', '*', '>', '|', ' ', '\t']);
        for piece in line.split(['"', '\'', '`']) {
            let piece = piece.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '.'));
            if piece.contains(':') {
                encrypted |= piece.contains("ENCRYPTED") || piece.starts_with("DEK-Info");
            } else if piece.bytes().any(|byte| byte.is_ascii_alphanumeric()) && !is_checksum(piece) {
                base64.extend(piece.chars().filter(|c| !c.is_whitespace()));
            }
        }
    }
    (!base64.is_empty()).then_some((base64, encrypted))
}

/// The last line of a PGP block.
fn is_checksum(piece: &str) -> bool {
    piece.len() == 5 && piece.starts_with('=')
}

fn decoded(base64: &str) -> Option<Vec<u8>> {
    BASE64_NOPAD.decode(base64.trim_end_matches('=').as_bytes()).ok()
}

fn block(text: &str) -> Option<Key> {
    let (label, rest) = text.strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let (inside, _) = rest.rsplit_once("-----END ")?;
    let (base64, encrypted) = body(inside)?;
    let bytes = decoded(&base64)?;
    if encrypted {
        let what = "a key encrypted with a password".to_owned();
        return (bytes.len() >= 16).then_some(Key { what, encrypted: true });
    }
    match label {
        "OPENSSH PRIVATE KEY" => der::openssh(&bytes),
        "PGP PRIVATE KEY BLOCK" => pgp(&bytes),
        "TENDERMINT PRIVATE KEY" => {
            (bytes.len() >= 32).then(|| Key { what: "an armoured Cosmos key, encrypted".into(), encrypted: true })
        }
        _ => der::private_key(&bytes),
    }
}

/// OpenPGP: the first packet is a secret key of a version that exists.
fn pgp(bytes: &[u8]) -> Option<Key> {
    let first = *bytes.first()?;
    let header = match first {
        0x94 => 2,
        0x95 => 3,
        0x96 => 5,
        0xc5 => match bytes.get(1)? {
            0..=191 => 2,
            192..=223 => 3,
            _ => 6,
        },
        _ => return None,
    };
    let version = *bytes.get(header)?;
    (3..=6)
        .contains(&version)
        .then(|| Key { what: format!("an OpenPGP secret key of version {version}"), encrypted: false })
}

/// PuTTY's own format: headers, counted lines of Base64 and a MAC.
fn putty(text: &str) -> Option<Key> {
    let text = unescaped(text);
    let field = |name: &str| {
        text.lines().map(str::trim_start).find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
    };
    let count: usize = field("Private-Lines")?.parse().ok()?;
    let lines: String =
        text.lines().map(str::trim).skip_while(|line| !line.starts_with("Private-Lines")).skip(1).take(count).collect();
    let bytes = decoded(&lines)?;
    let encrypted = field("Encryption")? != "none";
    let what = if encrypted { "a PuTTY key encrypted with a passphrase" } else { "a PuTTY key without a passphrase" };
    (bytes.len() >= 16).then(|| Key { what: what.into(), encrypted })
}

/// An Ed25519 key as PKCS#8.
pub(super) fn sample(random: &mut Random) -> String {
    let mut bytes = vec![0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    bytes.extend(random.bytes::<32>());
    let (label, body) = ("PRIVATE KEY", BASE64.encode(&bytes));
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----")
}

/// An Ed25519 key in OpenSSH's format, without a passphrase.
pub(super) fn sample_openssh(random: &mut Random) -> String {
    let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap_or_default().to_be_bytes(), bytes].concat();
    let kind = string(b"ssh-ed25519");
    let (key, pair, check) = (random.bytes::<32>(), random.bytes::<64>(), random.bytes::<4>());
    let public = [kind.clone(), string(&key)].concat();
    let private =
        [&check, &check, kind.as_slice(), &string(&key), &string(&pair), &string(b"desk"), &[1, 2, 3]].concat();
    let parts = [string(b"none"), string(b"none"), string(b""), vec![0, 0, 0, 1], string(&public), string(&private)];
    let body = BASE64.encode(&[b"openssh-key-v1\0".to_vec(), parts.concat()].concat());
    let lines: Vec<&str> = (0..body.len()).step_by(70).map(|at| &body[at..body.len().min(at + 70)]).collect();
    let label = "OPENSSH PRIVATE KEY";
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::numbers;
    use super::*;

    fn wrap(label: &str, bytes: &[u8]) -> String {
        let text = BASE64.encode(bytes);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("Base64 is ASCII")).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----", lines.join("\n"))
    }

    fn tlv(tag: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("short").to_be_bytes();
        [&[tag, 0x82], length.as_slice(), body].concat()
    }

    /// A key of RSA's form: the primes are none, but n is their product in the low bits.
    fn rsa() -> Vec<u8> {
        let mut next = numbers(53);
        let mut random = Random(&mut next);
        let (mut p, q) = (random.bytes::<64>(), random.bytes::<64>());
        p[0] |= 0x80;
        let low = |bytes: &[u8; 64]| u64::from_be_bytes(bytes[56..].try_into().expect("eight bytes"));
        let mut n = random.bytes::<128>();
        n[0] |= 0x80;
        n[120..].copy_from_slice(&low(&p).wrapping_mul(low(&q)).to_be_bytes());
        let numbers = [&[0][..], &n, &[1, 0, 1], &p, &p, &q, &[5], &[5], &[5]];
        tlv(0x30, &numbers.iter().flat_map(|number| tlv(2, number)).collect::<Vec<_>>())
    }

    fn sec1() -> Vec<u8> {
        let mut next = numbers(59);
        let key = Random(&mut next).bytes::<32>();
        let curve = tlv(0xa0, &tlv(6, &[0x2b, 0x81, 4, 0, 0x0a]));
        tlv(0x30, &[tlv(2, &[1]), tlv(4, &key), curve].concat())
    }

    fn openssh(cipher: &[u8]) -> Vec<u8> {
        let string = |bytes: &[u8]| [&u32::try_from(bytes.len()).expect("short").to_be_bytes(), bytes].concat();
        let private = [&[7; 8], string(b"ssh-ed25519").as_slice(), &[0; 80]].concat();
        let parts =
            [string(cipher), string(b"none"), string(b""), vec![0, 0, 0, 1], string(&[9; 51]), string(&private)];
        [b"openssh-key-v1\0".to_vec(), parts.concat()].concat()
    }

    #[test]
    fn kinds() {
        let cases = [
            (wrap("RSA PRIVATE KEY", &rsa()), "RSA key of 1024 bits"),
            (wrap("EC PRIVATE KEY", &sec1()), "EC key on secp256k1"),
            (wrap("OPENSSH PRIVATE KEY", &openssh(b"none")), "without a passphrase (ssh-ed25519)"),
            (wrap("OPENSSH PRIVATE KEY", &openssh(b"aes256-ctr")), "encrypted with a passphrase"),
            (wrap("PGP PRIVATE KEY BLOCK", &[&[0x95, 1, 0, 4], [0; 60].as_slice()].concat()), "OpenPGP secret key"),
        ];
        for (text, what) in cases {
            let proof = prove(text.as_bytes());
            assert!(matches!(&proof, Proof::Holds(shown) if shown.contains(what)), "{text}: {proof:?}");
        }
    }

    #[test]
    fn as_it_stands_in_source_code() {
        let pem = wrap("RSA PRIVATE KEY", &rsa());
        let forms = [
            pem.replace('\n', "\r\n"),
            pem.replace('\n', "\\n"),
            pem.replace('\n', "\\\\n"),
            pem.replace('\n', "\\r\\n"),
            pem.replace('\n', "\n        "),
            pem.replace('\n', "\\n\" +\n  \""),
            pem.replace('\n', "\" +\n  \""),
            pem.replace('\n', "\",\n  \""),
            pem.replace('\n', "\\n'\n  '"),
            pem.replace('\n', "\\n\\\n"),
            pem.replace('\n', "\n# "),
            pem.replace('\n', " "),
        ];
        for form in forms {
            assert!(prove(form.as_bytes()).holds(), "{form}");
        }
    }

    #[test]
    fn placeholders_and_pieces_fail() {
        let label = "RSA PRIVATE KEY";
        let pem = wrap(label, &rsa());
        let cut = format!("{}{}", &pem[..300], &pem[pem.len() - 40..]);
        for inside in ["", "...", "\\n...\\n", "your key here", "MIIEpAIBAAKCAQEA...", &"x".repeat(64)] {
            let text = format!("-----BEGIN {label}-----\n{inside}\n-----END {label}-----");
            assert_eq!(prove(text.as_bytes()), Proof::Fails, "{text}");
        }
        assert_eq!(prove(cut.as_bytes()), Proof::Fails);
    }
}
