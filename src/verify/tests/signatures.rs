//! Signatures as the venues' documents describe them, checked from the bytes of a request. Written out for each venue and
//! on purpose without the templates of `venues/`, which are what is tested.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::Verifier as _;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::mock::Request;
use super::{NOW_MS, text};
use crate::verify::Credential;
use crate::verify::keys::{self, Key};
use crate::verify::venue::{Piece, SecretForm, Signer};

/// What a venue thinks of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opinion {
    Good,
    UnknownKey,
    WrongSecret,
    WrongPassphrase,
    /// Not what the documents describe.
    Malformed,
}

/// The account the mock knows.
pub(super) struct Account<'a> {
    pub(super) venue: &'a str,
    pub(super) credential: &'a Credential,
}

enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

fn hmac(hash: &Hash, key: &[u8], message: &[u8]) -> Vec<u8> {
    macro_rules! with {
        ($hash:ty) => {
            Hmac::<$hash>::new_from_slice(key)
                .expect("any length")
                .chain_update(message)
                .finalize()
                .into_bytes()
                .to_vec()
        };
    }
    match hash {
        Hash::Sha256 => with!(Sha256),
        Hash::Sha384 => with!(Sha384),
        Hash::Sha512 => with!(Sha512),
    }
}

impl Account<'_> {
    fn secret(&self) -> String {
        text(self.credential, Piece::Secret)
    }

    fn passphrase(&self) -> String {
        text(self.credential, Piece::Passphrase)
    }

    /// A signature by HMAC in hexadecimal or base64, or by the key pair whose public half the venue has.
    fn signed(&self, hash: &Hash, message: &str, signature: &str) -> bool {
        let secret = self.secret();
        if !secret.starts_with("-----BEGIN ") {
            let raw = hmac(hash, secret.as_bytes(), message.as_bytes());
            return signature == HEXLOWER.encode(&raw) || signature == BASE64.encode(&raw);
        }
        let pair = Key::read(secret.as_bytes(), &[Signer::Rsa, Signer::Ed25519], SecretForm::Text).expect("a key");
        let how: &dyn ring::signature::VerificationAlgorithm = match pair {
            Key::Rsa(_) => &ring::signature::RSA_PKCS1_2048_8192_SHA256,
            _ => &ring::signature::ED25519,
        };
        let public = ring::signature::UnparsedPublicKey::new(how, pair.public().expect("pairs have one"));
        BASE64.decode(signature.as_bytes()).is_ok_and(|raw| public.verify(message.as_bytes(), &raw).is_ok())
    }

    /// The same with a secret in base64.
    fn signed_bytes(&self, hash: &Hash, message: &[u8], signature: &str) -> bool {
        let key = keys::lenient_base64(self.secret().as_bytes()).expect("it is base64");
        signature == BASE64.encode(&hmac(hash, &key, message))
    }

    /// The venue's opinion of a request.
    pub(super) fn opinion(&self, request: &Request) -> Opinion {
        let Some((key, passphrase, good)) = self.parts(request) else { return Opinion::Malformed };
        let own = match self.venue {
            "telegram" | "infura" | "alchemy" => text(self.credential, Piece::Token),
            "hyperliquid" => return Opinion::Good,
            _ => text(self.credential, Piece::Key),
        };
        match (key == own, passphrase, good) {
            (false, ..) => Opinion::UnknownKey,
            (true, _, false) => Opinion::WrongSecret,
            (true, false, true) => Opinion::WrongPassphrase,
            (true, true, true) => Opinion::Good,
        }
    }

    /// The key, whether the passphrase is right, and whether the signature is. Nothing if the request is malformed.
    #[allow(clippy::too_many_lines, reason = "one arm a venue")]
    fn parts(&self, request: &Request) -> Option<(String, bool, bool)> {
        let Request { method, host, path, query, body, .. } = request;
        let header = |name: &str| request.header(name).to_owned();
        let field = |name: &str| query_field(query, name);
        let by_hash = |hash: Hash, message: String, signature: String| self.signed(&hash, &message, &signature);
        let (ms, s) = (NOW_MS.to_string(), (NOW_MS / 1000).to_string());
        let unsigned = |mark: &str| query.split(mark).next().unwrap_or_default().to_owned();
        let fresh = |time: String| (time == ms || time == s).then_some(time);
        Some(match self.venue {
            "binance" | "mexc" | "bingx" => {
                let name = match self.venue {
                    "binance" => "X-MBX-APIKEY",
                    "mexc" => "X-MEXC-APIKEY",
                    _ => "X-BX-APIKEY",
                };
                fresh(field("timestamp")?)?;
                (header(name), true, by_hash(Hash::Sha256, unsigned("&signature="), field("signature")?))
            }
            "bybit" => {
                let (time, window) = (fresh(header("X-BAPI-TIMESTAMP"))?, header("X-BAPI-RECV-WINDOW"));
                let message = format!("{time}{}{window}{query}", header("X-BAPI-API-KEY"));
                (header("X-BAPI-API-KEY"), true, by_hash(Hash::Sha256, message, header("X-BAPI-SIGN")))
            }
            "okx" => {
                let time = header("OK-ACCESS-TIMESTAMP");
                (time == "2023-11-14T22:13:20.123Z").then_some(())?;
                let message = format!("{time}{method}{path}{body}");
                let passphrase = header("OK-ACCESS-PASSPHRASE") == self.passphrase();
                (header("OK-ACCESS-KEY"), passphrase, by_hash(Hash::Sha256, message, header("OK-ACCESS-SIGN")))
            }
            "bitget" => {
                let message = format!("{}{method}{path}{body}", fresh(header("ACCESS-TIMESTAMP"))?);
                let passphrase = header("ACCESS-PASSPHRASE") == self.passphrase();
                (header("ACCESS-KEY"), passphrase, by_hash(Hash::Sha256, message, header("ACCESS-SIGN")))
            }
            "bitmex" => {
                let expires: u64 = header("api-expires").parse().ok()?;
                (NOW_MS / 1000 + 1..NOW_MS / 1000 + 120).contains(&expires).then_some(())?;
                let message = format!("{method}{path}{expires}{body}");
                (header("api-key"), true, by_hash(Hash::Sha256, message, header("api-signature")))
            }
            "coinbase" => return self.jwt(request),
            "coinbaseexchange" => {
                let message = format!("{}{method}{path}{body}", fresh(header("CB-ACCESS-TIMESTAMP"))?);
                let good = self.signed_bytes(&Hash::Sha256, message.as_bytes(), request.header("CB-ACCESS-SIGN"));
                (header("CB-ACCESS-KEY"), header("CB-ACCESS-PASSPHRASE") == self.passphrase(), good)
            }
            "kraken" => {
                let nonce = fresh(body.strip_prefix("nonce=")?.to_owned())?;
                let message = [path.as_bytes(), &Sha256::digest(format!("{nonce}{body}"))].concat();
                (header("API-Key"), true, self.signed_bytes(&Hash::Sha512, &message, request.header("API-Sign")))
            }
            "krakenfutures" => {
                let message = Sha256::digest(format!("{query}{}{path}", request.header("Nonce")));
                (header("APIKey"), true, self.signed_bytes(&Hash::Sha512, &message, request.header("Authent")))
            }
            "kucoin" => {
                let message = format!("{}{method}{path}{body}", fresh(header("KC-API-TIMESTAMP"))?);
                let mac = hmac(&Hash::Sha256, self.secret().as_bytes(), self.passphrase().as_bytes());
                let good = by_hash(Hash::Sha256, message, header("KC-API-SIGN"));
                // The passphrase is signed with the secret too, so a wrong secret spoils both.
                (header("KC-API-KEY"), !good || header("KC-API-PASSPHRASE") == BASE64.encode(&mac), good)
            }
            "gate" => {
                let digest = HEXLOWER.encode(&Sha512::digest(body));
                let message = format!("{method}\n{path}\n{query}\n{digest}\n{}", fresh(header("Timestamp"))?);
                (header("KEY"), true, by_hash(Hash::Sha512, message, header("SIGN")))
            }
            "htx" => {
                let signed = unsigned("&Signature=");
                let mut sorted: Vec<&str> = signed.split('&').collect();
                sorted.sort_unstable();
                (sorted.join("&") == signed && field("Timestamp")? == "2023-11-14T22:13:20").then_some(())?;
                let message = format!("{method}\n{host}\n{path}\n{signed}");
                (field("AccessKeyId")?, true, by_hash(Hash::Sha256, message, field("Signature")?))
            }
            "deribit" => {
                let call: serde_json::Value = serde_json::from_str(body).ok()?;
                let params = &call["params"];
                let of = |name: &str| crate::verify::answer::text_of(&params[name]).unwrap_or_default();
                (call["method"] == "public/auth" && of("grant_type") == "client_signature").then_some(())?;
                let message = format!("{}\n{}\n{}", fresh(of("timestamp"))?, of("nonce"), of("data"));
                (of("client_id"), true, by_hash(Hash::Sha256, message, of("signature")))
            }
            "bitfinex" => {
                let message = format!("/api{path}{}{body}", fresh(header("bfx-nonce"))?);
                (header("bfx-apikey"), true, by_hash(Hash::Sha384, message, header("bfx-signature")))
            }
            "bitstamp" => {
                let (nonce, time) = (header("X-Auth-Nonce"), fresh(header("X-Auth-Timestamp"))?);
                (nonce.len() == 36 && !body.is_empty()).then_some(())?;
                let sender = header("X-Auth");
                let kind = header("Content-Type");
                let message = format!("{sender}{method}{host}{path}{query}{kind}{nonce}{time}v2{body}");
                let good = by_hash(Hash::Sha256, message, header("X-Auth-Signature"));
                (sender.strip_prefix("BITSTAMP ")?.to_owned(), true, good)
            }
            "gemini" => {
                let payload = header("X-GEMINI-PAYLOAD");
                let text = BASE64.decode(payload.as_bytes()).ok()?;
                let call: serde_json::Value = serde_json::from_slice(&text).ok()?;
                (call["request"] == path.as_str() && call["nonce"] == ms.as_str() && body.is_empty()).then_some(())?;
                (header("X-GEMINI-APIKEY"), true, by_hash(Hash::Sha384, payload, header("X-GEMINI-SIGNATURE")))
            }
            "cryptocom" => {
                let call: serde_json::Value = serde_json::from_str(body).ok()?;
                let of = |name: &str| crate::verify::answer::text_of(&call[name]).unwrap_or_default();
                call["params"].as_object().filter(|params| params.is_empty())?;
                path.ends_with(&of("method")).then_some(())?;
                let message = format!("{}{}{}{}", of("method"), of("id"), of("api_key"), fresh(of("nonce"))?);
                (of("api_key"), true, by_hash(Hash::Sha256, message, of("sig")))
            }
            "phemex" => {
                let expiry: u64 = header("x-phemex-request-expiry").parse().ok()?;
                (NOW_MS / 1000 + 1..NOW_MS / 1000 + 120).contains(&expiry).then_some(())?;
                let message = format!("{path}{query}{expiry}{body}");
                (
                    header("x-phemex-access-token"),
                    true,
                    by_hash(Hash::Sha256, message, header("x-phemex-request-signature")),
                )
            }
            "woo" => {
                let time = fresh(header("x-api-timestamp"))?;
                let message = match path.starts_with("/v3/") {
                    true => format!("{time}{method}{path}{body}"),
                    false => format!("{query}|{time}"),
                };
                (header("x-api-key"), true, by_hash(Hash::Sha256, message, header("x-api-signature")))
            }
            "bitmart" if request.header("X-BM-SIGN").is_empty() => (header("X-BM-KEY"), true, true),
            "bitmart" => {
                let message = format!("{}#{}#{body}", fresh(header("X-BM-TIMESTAMP"))?, self.passphrase());
                (header("X-BM-KEY"), true, by_hash(Hash::Sha256, message, header("X-BM-SIGN")))
            }
            "coinex" => {
                let message = format!("{method}{path}{body}{}", fresh(header("X-COINEX-TIMESTAMP"))?);
                (header("X-COINEX-KEY"), true, by_hash(Hash::Sha256, message, header("X-COINEX-SIGN")))
            }
            "bitvavo" => {
                let message = format!("{}{method}{path}{body}", fresh(header("Bitvavo-Access-Timestamp"))?);
                (header("Bitvavo-Access-Key"), true, by_hash(Hash::Sha256, message, header("Bitvavo-Access-Signature")))
            }
            "alpaca" => (header("APCA-API-KEY-ID"), true, header("APCA-API-SECRET-KEY") == self.secret()),
            "telegram" => (path.strip_prefix("/bot")?.strip_suffix("/getMe")?.to_owned(), true, true),
            "infura" => (path.strip_prefix("/v3/")?.to_owned(), true, true),
            "alchemy" => (path.strip_prefix("/v2/")?.to_owned(), true, true),
            "hyperliquid" => {
                let call: serde_json::Value = serde_json::from_str(body).ok()?;
                let user = call["user"].as_str()?.to_owned();
                // A public question: nothing of the key may be in it.
                (user.len() == 42 && !body.contains(self.secret().trim_start_matches("0x"))).then_some(())?;
                (user, true, true)
            }
            _ => return None,
        })
    }

    /// Coinbase's token.
    fn jwt(&self, request: &Request) -> Option<(String, bool, bool)> {
        let token = request.header("Authorization").strip_prefix("Bearer ")?;
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let part = |text: &str| -> Option<serde_json::Value> {
            serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).ok()?).ok()
        };
        let (header, claims) = (part(header)?, part(claims)?);
        let uri = format!("{} {}{}", request.method, request.host, request.path);
        let right = header["kid"] == claims["sub"]
            && claims["iss"] == "cdp"
            && claims["uri"] == uri.as_str()
            && claims["exp"].as_u64()? == claims["nbf"].as_u64()? + 120
            && claims["nbf"].as_u64()? == NOW_MS / 1000;
        right.then_some(())?;
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
        let secret = Key::read(self.secret().as_bytes(), &[Signer::Es256, Signer::Ed25519], SecretForm::Text)?;
        let public = secret.public()?;
        let good = match header["alg"].as_str()? {
            "ES256" => {
                let signature = p256::ecdsa::Signature::from_slice(&signature).ok()?;
                let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&public).ok()?;
                key.verify(signed.as_bytes(), &signature).is_ok()
            }
            "EdDSA" => {
                let key = ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public);
                key.verify(signed.as_bytes(), &signature).is_ok()
            }
            _ => return None,
        };
        Some((header["kid"].as_str()?.to_owned(), true, good))
    }
}

/// A field of a query, percent-decoded.
fn query_field(query: &str, name: &str) -> Option<String> {
    let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        if byte == b'%' {
            bytes.extend(data_encoding::HEXUPPER.decode(behind.get(..2)?).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(byte);
            rest = behind;
        }
    }
    String::from_utf8(bytes).ok()
}
