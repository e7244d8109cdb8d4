//! From a venue's templates and a credential to the one request that may be sent. [`Prepared`] can be made here only, of
//! the venues' own hosts, methods and paths; nothing of it comes from a scanned text but the values of the credential,
//! and these are let through only if they can't change the shape of a request.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest as _, Sha256, Sha512};
use zeroize::Zeroizing;

use crate::secret::Secret;

use super::keys::{Key, mac};
use super::venue::{Environment, Mac, Method, Piece, RequestTemplate, SecretForm, Venue, venues};

/// The pieces of one credential.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Credential {
    pub(super) pieces: BTreeMap<Piece, Secret>,
}

impl Credential {
    /// A credential of these pieces.
    #[must_use]
    pub fn new(pieces: impl IntoIterator<Item = (Piece, Secret)>) -> Self {
        Self { pieces: pieces.into_iter().collect() }
    }

    pub(super) fn has(&self, piece: Piece) -> bool {
        self.pieces.contains_key(&piece)
    }

    /// What the key is called in messages: at most its first four characters, and a number made of its SHA-256.
    #[must_use]
    pub fn shown(&self) -> String {
        let order = [Piece::Key, Piece::Token, Piece::Secret];
        let Some(value) = order.iter().find_map(|piece| self.pieces.get(piece)) else { return String::new() };
        let digest = Sha256::digest(value.expose());
        let name = if crate::secret::guessable(value.expose()) { String::new() } else { HEXLOWER.encode(&digest[..4]) };
        format!("{} {name}", value.masked()).trim_end().to_owned()
    }

    /// The text of a piece, if it is one that can stand in a request: printable ASCII, no blanks or quotes except in
    /// passphrases and private keys, which never stand in a path, query or body.
    fn text(&self, piece: Piece) -> Option<&str> {
        let text = std::str::from_utf8(self.pieces.get(&piece)?.expose()).ok()?;
        let fits = match piece {
            Piece::Key => text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_=+/.:".contains(&byte)),
            Piece::Token => text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte)),
            Piece::Secret => text.bytes().all(|byte| byte.is_ascii_graphic()),
            Piece::Passphrase => text.bytes().all(|byte| (0x20..0x7f).contains(&byte)),
        };
        (fits && !text.is_empty() && text.len() <= 512).then_some(text)
    }
}

/// What changes from one request to the next.
pub(super) struct Moment<'a> {
    pub(super) environment: Environment,
    /// Unix time in milliseconds, corrected if the host's clock is known.
    pub(super) now_ms: u64,
    /// 16 bytes nobody can guess.
    pub(super) random: [u8; 16],
    /// What the request before told.
    pub(super) carried: Option<&'a str>,
}

/// A request that may be sent. No `Debug`: it holds a signature and may hold a secret.
pub struct Prepared {
    host: &'static str,
    method: Method,
    /// The path as the allow-list has it.
    template: &'static str,
    path: Zeroizing<String>,
    query: Zeroizing<String>,
    headers: Vec<(&'static str, Zeroizing<String>)>,
    body: Zeroizing<String>,
}

impl Prepared {
    /// The host, of the allow-list.
    #[must_use]
    pub fn host(&self) -> &'static str {
        self.host
    }

    /// The method, of the allow-list.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The path as the allow-list has it, without secrets.
    #[must_use]
    pub fn shown_path(&self) -> &'static str {
        self.template
    }

    /// What is sent: `https://host/path?query`. May hold a secret, so it is for the transport only.
    pub(super) fn url(&self) -> Zeroizing<String> {
        let mark = if self.query.is_empty() { "" } else { "?" };
        Zeroizing::new(format!("https://{}{}{mark}{}", self.host, *self.path, *self.query))
    }

    pub(super) fn headers(&self) -> &[(&'static str, Zeroizing<String>)] {
        &self.headers
    }

    pub(super) fn body(&self) -> &str {
        &self.body
    }

    /// Whether host, method and path are one of the compiled-in triples. The transport asks this once more.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        is_allowed(self.host, self.method, &self.path)
    }
}

/// Whether a venue's file allows this host, method and path. A `${...}` in a path stands for characters that can't end a
/// path's segment.
#[must_use]
pub fn is_allowed(host: &str, method: Method, path: &str) -> bool {
    venues()
        .iter()
        .flat_map(Venue::triples)
        .any(|(its_host, its_method, its_path)| its_host == host && its_method == method && path_fits(its_path, path))
}

fn path_fits(template: &str, path: &str) -> bool {
    let Some((before, rest)) = template.split_once("${") else { return template == path };
    let Some((_, behind)) = rest.split_once('}') else { return false };
    let value = path.strip_prefix(before).and_then(|path| path.strip_suffix(behind)).unwrap_or_default();
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte))
}

/// Where a value stands decides how it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Signed text, path, header: as it is.
    Plain,
    /// Percent-encoded, upper-case hexadecimal.
    Query,
    /// Within a JSON text.
    Json,
}

/// Why a credential can't be asked about, in our own words.
pub(super) type Unfit = &'static str;

/// Reads the secret of a credential as the venue takes it.
pub(super) fn read_key(venue: &Venue, credential: &Credential) -> Result<Option<Key>, Unfit> {
    let Some(secret) = credential.pieces.get(&Piece::Secret) else { return Ok(None) };
    let form = venue.sign.as_ref().map_or(SecretForm::Text, |sign| sign.secret);
    match Key::read(secret.expose(), &venue.signs, form) {
        Some(key) => Ok(Some(key)),
        None => Err("stopleak can't sign for this exchange with a secret of this kind"),
    }
}

/// Why nothing can be asked about a credential, found out without sending anything.
pub(super) fn unfit(venue: &'static Venue, credential: &Credential, environment: Environment) -> Option<Unfit> {
    let Some(first) = venue.first(environment) else { return Some("no request is known for this environment") };
    let moment = Moment { environment, now_ms: 0, random: [0; 16], carried: None };
    let prepared = read_key(venue, credential).and_then(|key| prepare(venue, first, credential, key.as_ref(), &moment));
    prepared.err()
}

/// Makes the request of a template.
pub(super) fn prepare(
    venue: &'static Venue,
    template: &'static RequestTemplate,
    credential: &Credential,
    key: Option<&Key>,
    moment: &Moment<'_>,
) -> Result<Prepared, Unfit> {
    let host = venue.host(moment.environment).ok_or("the exchange has no such environment")?;
    let mut values = Values { venue, template, credential, key, moment, host, fixed: BTreeMap::new() };
    let query = values.fill(&template.query, Place::Query)?;
    let path = values.fill(&template.path, Place::Plain)?;
    values.fix("query", &query);
    values.fix("path", &path);
    if !template.body.contains("${signature}") {
        let body = values.fill(&template.body, Place::Json)?;
        values.fix("body_sha512", &HEXLOWER.encode(&Sha512::digest(body.as_bytes())));
        values.fix("body", &body);
    }
    values.sign()?;
    let body = values.fill(&template.body, Place::Json)?;
    let mut signed_query = query;
    signed_query.push_str(&values.fill(&template.sign_query, Place::Query)?);
    let demo = (moment.environment == Environment::Demo).then_some(&venue.demo_headers);
    let mut headers = Vec::new();
    for (name, value) in venue.headers.iter().chain(&template.headers).chain(demo.into_iter().flatten()) {
        headers.push((name.as_str(), values.fill(value, Place::Plain)?));
    }
    let prepared =
        Prepared { host, method: template.method, template: &template.path, path, query: signed_query, headers, body };
    if prepared.is_allowed() { Ok(prepared) } else { Err("the request would not be one of the allow-list") }
}

/// What the names in templates stand for.
struct Values<'a> {
    venue: &'static Venue,
    template: &'static RequestTemplate,
    credential: &'a Credential,
    key: Option<&'a Key>,
    moment: &'a Moment<'a>,
    host: &'static str,
    /// Values that were computed on the way.
    fixed: BTreeMap<&'static str, Zeroizing<String>>,
}

const MISSING: Unfit = "a part of the credential is missing or can't be sent";

impl Values<'_> {
    fn fix(&mut self, name: &'static str, value: &str) {
        self.fixed.insert(name, Zeroizing::new(value.to_owned()));
    }

    /// Computes the payload and the signature.
    fn sign(&mut self) -> Result<(), Unfit> {
        let Some(sign) = self.template.sign.as_ref().or(self.venue.sign.as_ref()) else { return Ok(()) };
        if let Some(payload) = &sign.payload {
            let payload = self.fill(payload, Place::Json)?;
            self.fix("payload", &BASE64.encode(payload.as_bytes()));
        }
        // A venue that shows something for the key alone is asked without a signature first.
        let Some(key) = self.key else { return Ok(()) };
        if !self.credential.has(Piece::Passphrase) && sign.message.contains("${passphrase}") {
            return Ok(());
        }
        let mut message = Zeroizing::new(self.fill(&sign.message, Place::Plain)?.as_bytes().to_vec());
        if let Some(text) = &sign.append_sha256 {
            message.extend_from_slice(&Sha256::digest(self.fill(text, Place::Plain)?.as_bytes()));
        }
        if let Some(signature) = key.sign(sign, &message) {
            self.fix("signature", &signature);
        }
        Ok(())
    }

    /// A template with its names replaced.
    fn fill(&self, template: &str, place: Place) -> Result<Zeroizing<String>, Unfit> {
        let mut text = Zeroizing::new(String::new());
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once("${") {
            let (name, behind) = behind.split_once('}').ok_or(MISSING)?;
            text.push_str(before);
            let value = self.value(name)?;
            match place {
                Place::Plain => text.push_str(&value),
                Place::Query => percent(&value, &mut text),
                Place::Json => json(&value, &mut text),
            }
            rest = behind;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn value(&self, name: &str) -> Result<Zeroizing<String>, Unfit> {
        if let Some(value) = self.fixed.get(name) {
            return Ok(value.clone());
        }
        let (ms, random) = (self.moment.now_ms, self.moment.random);
        let piece = |piece| self.credential.text(piece).map(str::to_owned).ok_or(MISSING);
        let value = match name {
            "key" => piece(Piece::Key)?,
            "secret" if self.venue.sends_secret => piece(Piece::Secret)?,
            "token" => piece(Piece::Token)?,
            "passphrase" => piece(Piece::Passphrase)?,
            "passphrase_mac" => match self.key {
                Some(Key::Shared(key)) => BASE64.encode(&mac(Mac::Sha256, key, piece(Piece::Passphrase)?.as_bytes())),
                _ => return Err(MISSING),
            },
            "address" => match self.key {
                Some(Key::Evm(address)) => address.to_lowercase(),
                _ => return Err(MISSING),
            },
            "jwt" => {
                let uri = format!("{} {}{}", self.template.method.as_str(), self.host, self.template.path);
                let name = piece(Piece::Key)?;
                let token = self.key.and_then(|key| key.jwt(&name, &uri, &HEXLOWER.encode(&random), ms / 1000));
                token.ok_or(MISSING)?
            }
            "ms" => ms.to_string(),
            "s" => (ms / 1000).to_string(),
            // A minute, so that a slow line or clock is no failure.
            "expires" => (ms / 1000 + 60).to_string(),
            "iso_ms" => utc(ms, &format!(".{:03}Z", ms % 1000)),
            "iso_s" => utc(ms, ""),
            "nonce" => HEXLOWER.encode(&random[..8]),
            "uuid" => uuid(random),
            "host" => self.host.to_owned(),
            "method" => self.template.method.as_str().to_owned(),
            "carried" => self.moment.carried.filter(|text| carries(text)).map(str::to_owned).ok_or(MISSING)?,
            _ => return Err(MISSING),
        };
        Ok(Zeroizing::new(value))
    }
}

/// A value of an answer that may stand in the next request: a number or an address.
fn carries(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn utc(ms: u64, end: &str) -> String {
    crate::finding::verification::utc(ms / 1000).trim_end_matches('Z').to_owned() + end
}

fn uuid(mut random: [u8; 16]) -> String {
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let hex = HEXLOWER.encode(&random);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

fn percent(value: &str, text: &mut String) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
}

fn json(value: &str, text: &mut String) {
    for c in value.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            c if c.is_control() => {}
            c => text.push(c),
        }
    }
}
