//! Secrets as keys that sign. What can't be read as a key of a kind the venue takes is not sent anywhere.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, Specification};
use hmac::{Hmac, KeyInit as _, Mac as _};
use p256::ecdsa::signature::Signer as _;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Sha256, Sha384, Sha512};
use sha3::{Digest as _, Keccak256};
use zeroize::Zeroizing;

use super::venue::{Mac, Output, SecretForm, Sign, Signer};

/// A secret that was read. There is no `Debug`: nothing may print it.
pub(super) enum Key {
    Shared(Zeroizing<Vec<u8>>),
    Rsa(Box<RsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    P256(Box<p256::ecdsa::SigningKey>),
    /// Of an EVM chain; only its address is ever needed.
    Evm(String),
}

impl Key {
    /// Reads a secret as one of the kinds a venue takes.
    pub(super) fn read(secret: &[u8], signers: &[Signer], form: SecretForm) -> Option<Self> {
        let secret = secret.trim_ascii();
        let takes = |signer| signers.contains(&signer);
        if let Some((label, der)) = pem(secret) {
            return Self::of_der(&label, &der, signers);
        }
        if takes(Signer::Secp256k1) {
            return evm_address(secret).map(Self::Evm);
        }
        if takes(Signer::Hmac) {
            let key = match form {
                SecretForm::Text => Zeroizing::new(secret.to_vec()),
                SecretForm::Base64 => lenient_base64(secret)?,
            };
            return (!key.is_empty()).then_some(Self::Shared(key));
        }
        if takes(Signer::Ed25519) {
            return ed25519(&lenient_base64(secret)?);
        }
        None
    }

    fn of_der(label: &str, der: &[u8], signers: &[Signer]) -> Option<Self> {
        let takes = |signer| signers.contains(&signer);
        if takes(Signer::Ed25519)
            && let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
        {
            return Some(Self::Ed25519(Box::new(pair)));
        }
        if takes(Signer::Rsa) {
            let pair = if label == "RSA PRIVATE KEY" { RsaKeyPair::from_der(der) } else { RsaKeyPair::from_pkcs8(der) };
            if let Ok(pair) = pair {
                return Some(Self::Rsa(Box::new(pair)));
            }
        }
        if takes(Signer::Es256) {
            use p256::pkcs8::DecodePrivateKey as _;
            let key = p256::SecretKey::from_sec1_der(der).ok().or_else(|| p256::SecretKey::from_pkcs8_der(der).ok())?;
            return Some(Self::P256(Box::new(p256::ecdsa::SigningKey::from(&key))));
        }
        None
    }

    /// The public half, as bytes, of keys that have one.
    #[cfg(test)]
    pub(super) fn public(&self) -> Option<Vec<u8>> {
        match self {
            Self::Ed25519(pair) => Some(pair.public_key().as_ref().to_vec()),
            Self::P256(key) => Some(key.verifying_key().to_sec1_point(false).as_bytes().to_vec()),
            Self::Rsa(pair) => Some(pair.public_key().as_ref().to_vec()),
            Self::Shared(_) | Self::Evm(_) => None,
        }
    }

    /// The signature of a message as the venue wants it: base64 for key pairs, as `how` says for shared secrets.
    pub(super) fn sign(&self, how: &Sign, message: &[u8]) -> Option<String> {
        match self {
            Self::Shared(key) => {
                let raw = mac(how.mac, key, message);
                Some(match how.output {
                    Output::Hex => HEXLOWER.encode(&raw),
                    Output::Base64 => BASE64.encode(&raw),
                })
            }
            _ => self.sign_raw(message).map(|raw| BASE64.encode(&raw)),
        }
    }

    /// The bytes of a key pair's signature.
    pub(super) fn sign_raw(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ed25519(pair) => Some(pair.sign(message).as_ref().to_vec()),
            Self::P256(key) => {
                let signature: p256::ecdsa::Signature = key.sign(message);
                Some(signature.to_bytes().to_vec())
            }
            Self::Rsa(pair) => {
                let mut raw = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut raw).ok()?;
                Some(raw)
            }
            Self::Shared(_) | Self::Evm(_) => None,
        }
    }

    /// The token Coinbase wants: two JSON parts and their signature. `uri` is `GET host/path`, `now` Unix seconds.
    pub(super) fn jwt(&self, name: &str, uri: &str, nonce: &str, now: u64) -> Option<String> {
        let algorithm = match self {
            Self::P256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
            _ => return None,
        };
        let header = serde_json::json!({ "alg": algorithm, "typ": "JWT", "kid": name, "nonce": nonce });
        let claims = serde_json::json!({ "sub": name, "iss": "cdp", "nbf": now, "exp": now + 120, "uri": uri });
        let part = |value: &serde_json::Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(&claims));
        let signature = self.sign_raw(signed.as_bytes())?;
        Some(format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature)))
    }
}

/// HMAC over a message.
pub(super) fn mac(hash: Mac, key: &[u8], message: &[u8]) -> Vec<u8> {
    macro_rules! with {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(key).expect("HMAC takes a key of any length");
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }};
    }
    match hash {
        Mac::Sha256 => with!(Sha256),
        Mac::Sha384 => with!(Sha384),
        Mac::Sha512 => with!(Sha512),
    }
}

/// An Ed25519 key of a seed of 32 bytes, alone or with its public half behind it.
fn ed25519(bytes: &[u8]) -> Option<Key> {
    let (seed, public) = match bytes.len() {
        32 => (bytes, None),
        64 => bytes.split_at_checked(32).map(|(seed, public)| (seed, Some(public)))?,
        _ => return None,
    };
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    let fits = public.is_none_or(|public| public == pair.public_key().as_ref());
    fits.then(|| Key::Ed25519(Box::new(pair)))
}

/// Base64 as people copy it: either alphabet, padding or none, white space, stray bits at the end. Kraken's documented
/// secret has both of the last.
pub(super) fn lenient_base64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    specification.check_trailing_bits = false;
    specification.translate.from.push_str("-_");
    specification.translate.to.push_str("+/");
    specification.ignore.push_str(" \t\r\n=");
    let encoding = specification.encoding().ok()?;
    encoding.decode(text).ok().map(Zeroizing::new)
}

/// The label and content of a PEM block, also of one whose line ends are written as `\n`.
fn pem(text: &[u8]) -> Option<(String, Zeroizing<Vec<u8>>)> {
    let text = Zeroizing::new(String::from_utf8(text.to_vec()).ok()?);
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let mut plain = Zeroizing::new(body.replace('\\', "\n\\"));
    for escape in ["\\n", "\\r", "\\t", "\\"] {
        plain = Zeroizing::new(plain.replace(escape, "\n"));
    }
    lenient_base64(plain.as_bytes()).map(|der| (label.to_owned(), der))
}

/// The address (EIP-55) of a private key of secp256k1 in hexadecimal.
pub(super) fn evm_address(secret: &[u8]) -> Option<String> {
    use k256::elliptic_curve::sec1::ToSec1Point as _;
    let digits = secret.strip_prefix(b"0x").or_else(|| secret.strip_prefix(b"0X")).unwrap_or(secret);
    let bytes = Zeroizing::new(data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok()?);
    if bytes.len() != 32 {
        return None;
    }
    let public = k256::SecretKey::from_slice(&bytes).ok()?.public_key().to_sec1_point(false);
    let plain = HEXLOWER.encode(&Keccak256::digest(&public.as_bytes()[1..])[12..]);
    let check = HEXLOWER.encode(&Keccak256::digest(plain.as_bytes()));
    let upper = |(digit, check): (char, char)| if check >= '8' { digit.to_ascii_uppercase() } else { digit };
    Some(format!("0x{}", plain.chars().zip(check.chars()).map(upper).collect::<String>()))
}
