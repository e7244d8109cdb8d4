//! Published signatures: `testdata/verify/vectors.toml`.

use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE};
use p256::ecdsa::signature::Verifier as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;
use crate::verify::keys::{self, Key};
use crate::verify::request::{Moment, prepare, read_key};
use crate::verify::venue::{Mac, Output, Piece, SecretForm, Sign, Signer, find};
use crate::verify::{Credential, Environment};

#[derive(Deserialize)]
struct File {
    vector: Vec<Vector>,
    known_bad: Vec<Vector>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Vector {
    id: String,
    exchange: String,
    kind: String,
    secret: String,
    secret_encoding: String,
    hash: String,
    message: String,
    parts: Vec<String>,
    payload: String,
    expected_payload_b64: String,
    path: String,
    nonce: String,
    post_data: String,
    x: String,
    y: String,
    expected: String,
    expected_encoding: String,
    api_key: String,
    passphrase: String,
    memo: String,
    request: String,
    doc_value: String,
    must_not_be_bytes: usize,
}

/// The file with the dots taken out, which keep scanners from taking the published examples for leaks.
fn file() -> File {
    let text = include_str!("../../../testdata/verify/vectors.toml").replace('·', "");
    toml::from_str(&text).expect("the file is right")
}

/// The RSA key of RFC 7515.
pub(super) fn rsa_key() -> String {
    let vectors = file().vector;
    vectors.into_iter().find(|vector| vector.id == "rfc7515-a2-rs256-pkcs8").expect("it is there").secret
}

fn encode(raw: &[u8], encoding: &str) -> String {
    match encoding {
        "hex" => HEXLOWER.encode(raw),
        "base64" => BASE64.encode(raw),
        "base64url" => BASE64URL.encode(raw),
        "base64url-nopad" => BASE64URL_NOPAD.encode(raw),
        other => panic!("no encoding {other}"),
    }
}

impl Vector {
    fn key(&self, signers: &[Signer]) -> Key {
        let form = if self.secret_encoding.starts_with("base64") { SecretForm::Base64 } else { SecretForm::Text };
        Key::read(self.secret.as_bytes(), signers, form).expect("it is a key")
    }

    fn mac(&self, hash: &str, message: &[u8]) -> Vec<u8> {
        let mac = match hash {
            "sha256" => Mac::Sha256,
            "sha384" => Mac::Sha384,
            "sha512" => Mac::Sha512,
            other => panic!("no hash {other}"),
        };
        let how = Sign {
            mac,
            secret: SecretForm::Text,
            output: Output::Hex,
            message: String::new(),
            append_sha256: None,
            payload: None,
        };
        let signature = self.key(&[Signer::Hmac]).sign(&how, message).expect("shared secrets sign");
        HEXLOWER.decode(signature.as_bytes()).expect("it is hexadecimal")
    }

    fn appended(&self, before: &str, digest: &str) -> Vec<u8> {
        [before.as_bytes(), &Sha256::digest(digest)].concat()
    }

    fn computed(&self) -> String {
        let message = self.message.as_bytes();
        let pair = |signer| self.key(&[signer]);
        match self.kind.as_str() {
            "hmac" => encode(&self.mac(&self.hash, message), &self.expected_encoding),
            "kraken_spot" => {
                let text = self.appended(&self.path, &format!("{}{}", self.nonce, self.post_data));
                encode(&self.mac("sha512", &text), "base64")
            }
            "kraken_futures" => {
                let text = self.appended("", &format!("{}{}{}", self.post_data, self.nonce, self.path));
                encode(&self.mac("sha512", &text), "base64")
            }
            "gemini" => {
                let payload = BASE64.encode(self.payload.as_bytes());
                assert_eq!(payload, self.expected_payload_b64, "{}", self.id);
                encode(&self.mac("sha384", payload.as_bytes()), "hex")
            }
            "sha256_append_secret" => encode(&Sha256::digest(self.message.clone() + &self.secret), "hex"),
            "canonical" => self.canonical(),
            "evm_address" => keys::evm_address(self.secret.as_bytes()).expect("it is a key"),
            "ed25519" => encode(&pair(Signer::Ed25519).sign_raw(message).expect("it signs"), &self.expected_encoding),
            "rsa" => encode(&pair(Signer::Rsa).sign_raw(message).expect("it signs"), &self.expected_encoding),
            "ed25519_pub" => encode(&pair(Signer::Ed25519).public().expect("it has one"), "hex"),
            "ec_sec1_pub" => encode(&pair(Signer::Es256).public().expect("it has one"), "hex"),
            "es256_verify" => self.verified(),
            "es256_det" => {
                let scalar = HEXLOWER_PERMISSIVE.decode(self.secret.as_bytes()).expect("it is hexadecimal");
                let key = p256::ecdsa::SigningKey::from_slice(&scalar).expect("it is a key");
                encode(&Key::P256(Box::new(key)).sign_raw(message).expect("it signs"), "hex")
            }
            other => panic!("no kind {other}"),
        }
    }

    /// The venue's own template, filled with the parts of a documented text to sign.
    fn canonical(&self) -> String {
        let message = &find(&self.exchange).expect("there is one").sign.as_ref().expect("it signs").message;
        let names: &[&str] = match self.exchange.as_str() {
            "phemex" => &["${path}", "${query}", "${expires}"],
            "bybit" => &["${ms}", "${key}", "5000", "${query}"],
            other => panic!("no names for {other}"),
        };
        let mut text = message.clone();
        for (name, part) in names.iter().zip(&self.parts) {
            assert!(text.contains(name), "{}: {message} lacks {name}", self.id);
            text = text.replacen(name, part, 1);
        }
        // A body stands last; our own requests of these venues have none.
        text + &self.parts[names.len()..].concat()
    }

    /// The published signature, if it is one of the published key, and one of our kind over the same text is one too.
    fn verified(&self) -> String {
        let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).expect("it is base64url");
        let point = [vec![4], decode(&self.x), decode(&self.y)].concat();
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).expect("it is a point");
        let signature = p256::ecdsa::Signature::from_slice(&decode(&self.expected)).expect("it is a signature");
        match key.verify(self.message.as_bytes(), &signature) {
            Ok(()) => self.expected.clone(),
            Err(_) => String::new(),
        }
    }
}

#[test]
fn every_published_signature_comes_out() {
    let vectors = file().vector;
    assert!(vectors.len() >= 77, "{}", vectors.len());
    let wrong: Vec<String> = vectors
        .iter()
        .filter(|vector| vector.computed() != vector.expected)
        .map(|vector| format!("{}: {} instead of {}", vector.id, vector.computed(), vector.expected))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_that_documents_print_wrongly_do_not_come_out() {
    for vector in file().known_bad {
        if vector.kind == "length" {
            let raw = keys::lenient_base64(vector.doc_value.as_bytes()).expect("it is base64");
            assert_ne!(raw.len(), vector.must_not_be_bytes, "{}", vector.id);
        } else {
            assert_ne!(vector.computed(), vector.doc_value, "{}", vector.id);
        }
    }
}

/// The signatures that ccxt makes for our requests come out of our own requests, byte for byte. The rest of its vectors are
/// about other numbers (a window of 10 s, an expiry after 5 s, a nonce in seconds, another body, another path) or a header
/// alone, and test the signing only.
#[test]
fn our_requests_carry_the_signatures_that_ccxt_makes() {
    let others = [
        "ours-binance-apiRestrictions",
        "ours-bitmex-apiKey",
        "ours-gemini-roles",
        "ours-krakenfutures-accounts",
        "ours-deribit-rest",
        "ours-kucoin-passphrase",
        "ours-bitstamp-balances",
        "ours-bitmart-wallet",
    ];
    let mut checked = 0;
    for vector in
        file().vector.iter().filter(|vector| vector.id.starts_with("ours-") && !others.contains(&vector.id.as_str()))
    {
        let venue = find(&vector.exchange).expect("there is one");
        // Where a vector names no passphrase, its signature does not depend on one.
        let passphrase = [&vector.memo, &vector.passphrase].into_iter().find(|text| !text.is_empty());
        let credential = Credential::new([
            (Piece::Key, Secret::new(vector.api_key.as_bytes())),
            (Piece::Secret, Secret::new(vector.secret.as_bytes())),
            (Piece::Passphrase, Secret::new(passphrase.map_or("any", String::as_str).as_bytes())),
        ]);
        let key = read_key(venue, &credential).expect("it is a key");
        let path = vector.request.split_whitespace().nth(1).unwrap_or_default().trim_end_matches([',', ';']);
        let request = venue
            .requests
            .iter()
            .find(|request| path.ends_with(&request.path) || vector.path == request.path)
            .unwrap_or_else(|| panic!("{}: no request {path}", vector.id));
        let moment = Moment { environment: Environment::Live, now_ms: super::NOW_MS, random: [0; 16], carried: None };
        let prepared = prepare(venue, request, &credential, key.as_ref(), &moment).expect("it can be made");
        let mut sent = prepared.url().to_string() + "\n" + prepared.body();
        for (_, value) in prepared.headers() {
            sent = format!("{sent}\n{}", value.as_str());
        }
        let in_query = vector.expected.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        assert!(sent.contains(&vector.expected) || sent.contains(&in_query), "{}", vector.id);
        checked += 1;
    }
    assert_eq!(checked, 15, "a vector that is not looked at proves nothing");
}

#[test]
fn secrets_are_read_as_people_copy_them() {
    let rsa = file().vector.into_iter().find(|vector| vector.id == "rfc7515-a2-rs256-pkcs8").expect("it is there");
    let plain = rsa.secret.trim().to_owned();
    for copied in [
        plain.replace('\n', "\\n"),
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\\\\n"),
        format!("  {plain}\n\n"),
    ] {
        let key = Key::read(copied.as_bytes(), &[Signer::Hmac, Signer::Rsa], SecretForm::Text).expect("it is a key");
        assert!(matches!(key, Key::Rsa(_)), "a PEM block is no shared secret");
    }
    let bytes = super::random(7, super::ALNUM, 62);
    for text in [
        BASE64.encode(bytes.as_bytes()),
        BASE64URL_NOPAD.encode(bytes.as_bytes()),
        format!(" {}\n", BASE64.encode(bytes.as_bytes())),
    ] {
        assert_eq!(keys::lenient_base64(text.as_bytes()).expect("it is base64").as_slice(), bytes.as_bytes());
    }
    assert!(Key::read(b"no base64!", &[Signer::Hmac], SecretForm::Base64).is_none());
    assert!(Key::read(b"", &[Signer::Hmac], SecretForm::Text).is_none());
    assert!(
        Key::read(plain.as_bytes(), &[Signer::Hmac, Signer::Ed25519], SecretForm::Text).is_none(),
        "of another kind"
    );
}
