//! What is known of each venue: hosts, requests, how they are signed, what the answers mean. Data in `venues/`, one file
//! a venue, compiled in. These files are the allow-list: nothing else can be sent (see [`super::request`]).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::finding::verification::{Capability, Verdict};
use crate::finding::{self};
use crate::rules::Grade;

/// Where a key may live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// Real money.
    Live,
    /// The venue's testnet or sandbox.
    Test,
    /// Play money in the live system.
    Demo,
}

impl Environment {
    /// The name in options and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Demo => "demo",
        }
    }

    /// As findings say it: real money or not.
    #[must_use]
    pub fn of_finding(self) -> finding::Environment {
        match self {
            Self::Live => finding::Environment::Live,
            Self::Test | Self::Demo => finding::Environment::Test,
        }
    }
}

/// A piece of a credential that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    /// The public half.
    Key,
    /// The secret: shared, or a private key.
    Secret,
    /// The passphrase or memo.
    Passphrase,
    /// A token that is all there is.
    Token,
}

impl Piece {
    /// The name in prompts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Secret => "secret",
            Self::Passphrase => "passphrase",
            Self::Token => "token",
        }
    }
}

/// Kinds of secrets that sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signer {
    /// A shared secret.
    Hmac,
    /// An RSA private key, PKCS#1 v1.5 with SHA-256.
    Rsa,
    /// An Ed25519 private key.
    Ed25519,
    /// A P-256 private key.
    Es256,
    /// A key of an EVM chain. It signs nothing; its address is asked about.
    Secp256k1,
}

/// One venue.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Venue {
    /// Its id; that of a provider of the rules unless `provider` says another.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// How well it is known: A by the venue's own documents, D from memory.
    pub grade: Grade,
    /// Where it is described.
    pub sources: Vec<String>,
    /// The provider of the rules whose credentials it takes, if not `id`.
    #[serde(default)]
    pub(super) provider: Option<String>,
    /// What a credential must have.
    pub needs: Vec<Piece>,
    /// What proves more if it is there.
    #[serde(default)]
    pub optional: Vec<Piece>,
    /// Rules whose values may be sent; empty: all of the provider.
    #[serde(default)]
    pub(super) rules: Vec<String>,
    /// Secrets it takes.
    #[serde(default = "hmac_only")]
    pub(super) signs: Vec<Signer>,
    /// Whether the secret itself travels, because the venue knows no signatures.
    #[serde(default)]
    pub sends_secret: bool,
    /// Whether a request advances a number that a running program counts as well.
    #[serde(default)]
    pub nonce: bool,
    /// How keys of the test environment begin.
    #[serde(default)]
    pub(super) test_keys: String,
    /// Least time between two requests to a host, in milliseconds.
    #[serde(default = "one_second")]
    pub(super) pace_ms: u64,
    /// What a reader of a verdict should know.
    #[serde(default)]
    pub note: String,
    /// Where in an answer the code of an error stands (JSON pointers).
    #[serde(default)]
    pub(super) codes: Vec<String>,
    /// Where in an answer the text of an error stands.
    #[serde(default)]
    pub(super) texts: Vec<String>,
    pub(super) errors: Vec<ErrorRow>,
    /// The host of each environment.
    pub(super) hosts: BTreeMap<Environment, String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) demo_headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) sign: Option<Sign>,
    /// What each word about rights means; what is not listed is unknown.
    #[serde(default)]
    pub(super) words: BTreeMap<String, Vec<Capability>>,
    #[serde(rename = "request")]
    pub(super) requests: Vec<RequestTemplate>,
}

fn hmac_only() -> Vec<Signer> {
    vec![Signer::Hmac]
}

fn one_second() -> u64 {
    1000
}

/// What one answer means if it is no success.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ErrorRow {
    #[serde(default)]
    pub(super) http: Option<u16>,
    /// Any of these codes.
    #[serde(default)]
    pub(super) code: Vec<String>,
    /// The text holds any of these, compared without case.
    #[serde(default)]
    pub(super) text: Vec<String>,
    /// Only in these environments.
    #[serde(default, rename = "in")]
    pub(super) within: Vec<Environment>,
    pub(super) verdict: Verdict,
    #[serde(default)]
    pub(super) also: Vec<Verdict>,
    /// Another request to make instead.
    #[serde(default)]
    pub(super) then: Option<String>,
    /// Environments to ask instead, once each.
    #[serde(default, rename = "try")]
    pub(super) elsewhere: Vec<Environment>,
    /// How well the row is known.
    #[serde(rename = "grade")]
    pub(super) _grade: Grade,
    #[serde(default, rename = "meaning")]
    pub(super) _meaning: String,
    #[serde(default, rename = "source")]
    pub(super) _source: String,
}

/// How a request is signed. Texts are templates, see [`super::request`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sign {
    pub(super) mac: Mac,
    #[serde(default)]
    pub(super) secret: SecretForm,
    #[serde(default)]
    pub(super) output: Output,
    pub(super) message: String,
    /// The SHA-256 of this text follows the message as bytes.
    #[serde(default)]
    pub(super) append_sha256: Option<String>,
    /// The text behind `${payload}`, which is its base64.
    #[serde(default)]
    pub(super) payload: Option<String>,
}

/// The hash below HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mac {
    Sha256,
    Sha384,
    Sha512,
}

/// How a shared secret is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum SecretForm {
    /// Its bytes are the key.
    #[default]
    Text,
    /// The key in base64, with or without padding, of either alphabet.
    Base64,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Output {
    #[default]
    Hex,
    Base64,
}

/// One request that may be made.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestTemplate {
    pub(super) id: String,
    /// In which environments; empty: in all.
    #[serde(default, rename = "in")]
    pub(super) within: Vec<Environment>,
    /// Whether a check may begin with it.
    #[serde(default = "yes")]
    pub(super) start: bool,
    pub(super) method: Method,
    pub(super) path: String,
    #[serde(default)]
    pub(super) query: String,
    /// What follows the query once it is signed.
    #[serde(default)]
    pub(super) sign_query: String,
    #[serde(default)]
    pub(super) body: String,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// Instead of the venue's.
    #[serde(default)]
    pub(super) sign: Option<Sign>,
    /// Pieces that it needs besides the venue's.
    #[serde(default)]
    pub(super) needs: Vec<Piece>,
    /// After a success, the request that tells more.
    #[serde(default)]
    pub(super) follow: Option<String>,
    /// As a further request: whether its failure is the verdict, because it proves more than the first.
    #[serde(default)]
    pub(super) decides: bool,
    #[serde(default)]
    pub(super) answer: AnswerShape,
}

fn yes() -> bool {
    true
}

/// The methods there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// GET
    Get,
    /// POST, for venues that want it for reading
    Post,
}

impl Method {
    /// As it stands in a request.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// What a success looks like and where its facts stand. Every condition must hold: positive evidence, never a guess.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct AnswerShape {
    /// Values that must be these.
    pub(super) is: BTreeMap<String, String>,
    /// Values that must be these if they are there.
    pub(super) is_or_absent: BTreeMap<String, String>,
    /// Lists that must be empty.
    pub(super) empty: Vec<String>,
    /// What must be a list.
    pub(super) array: Vec<String>,
    /// Of a list of rows, the one of our key; everything below is relative to it.
    pub(super) select: Option<Select>,
    /// What must be there and not null.
    pub(super) has: Vec<String>,
    /// Without words about rights, it is no success.
    pub(super) needs_rights: bool,
    /// What the success itself proves.
    pub(super) proves: Vec<Capability>,
    pub(super) rights: Option<RightsShape>,
    /// The words tell only a part of the rights.
    pub(super) partial: bool,
    pub(super) ip: IpShape,
    pub(super) expires: Option<ExpiryShape>,
    /// Successes that are none.
    pub(super) unless: Vec<Unless>,
    /// A value for `${carried}` of the next request.
    pub(super) carry: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Select {
    pub(super) at: String,
    pub(super) field: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RightsShape {
    pub(super) kind: RightsKind,
    /// Where; the first that is there counts.
    pub(super) at: Vec<String>,
    /// Where a value stands that narrows words: `trade@1`.
    #[serde(default)]
    pub(super) level: Option<String>,
    /// Of an object, only these fields.
    #[serde(default)]
    pub(super) only: Vec<String>,
}

/// The shapes in which venues tell rights; each becomes a list of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum RightsKind {
    /// A list of words or numbers, or a text of words between commas or blanks.
    List,
    /// Fields that are true.
    Flags,
    /// `name:value` for each field.
    Levels,
    /// `permissions` by group, narrowed by `readOnly`: `Wallet:Withdraw`.
    Bybit,
    /// `[name, read, write]`: `orders:write`.
    Bitfinex,
    /// `{name, read_only}`: `wallet:write`.
    Gate,
    /// Flags or numbers.
    Bingx,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct IpShape {
    /// Fields that say it.
    pub(super) flags: Vec<String>,
    /// Lists of addresses, or texts of addresses between commas.
    pub(super) lists: Vec<String>,
    pub(super) absent_means_none: bool,
    /// The venue has no such thing.
    pub(super) never: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpiryShape {
    pub(super) at: String,
    pub(super) unit: TimeUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TimeUnit {
    /// Unix time, seconds.
    S,
    /// Unix time, milliseconds.
    Ms,
    /// Days from now; -1 is never.
    Days,
    /// `2026-11-21T08:00:00Z`
    Rfc3339,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Unless {
    pub(super) at: String,
    pub(super) is: String,
    pub(super) verdict: Verdict,
}

impl Venue {
    /// The provider of the rules whose credentials it takes.
    #[must_use]
    pub fn provider(&self) -> &str {
        self.provider.as_deref().unwrap_or(&self.id)
    }

    /// The environments that can be asked, real money first.
    pub fn environments(&self) -> impl Iterator<Item = Environment> {
        self.hosts.keys().copied()
    }

    /// The host of an environment.
    #[must_use]
    pub fn host(&self, environment: Environment) -> Option<&str> {
        self.hosts.get(&environment).map(String::as_str)
    }

    /// The environments that may be asked if a check begins with one: that one, and those its errors point to.
    #[must_use]
    pub fn reached_from(&self, first: Environment) -> Vec<Environment> {
        let mut reached = vec![first];
        for row in self.errors.iter().filter(|row| row.within.is_empty() || row.within.contains(&first)) {
            for &other in &row.elsewhere {
                if self.hosts.contains_key(&other) && !reached.contains(&other) {
                    reached.push(other);
                }
            }
        }
        reached
    }

    /// Whether it tells what a key may do.
    #[must_use]
    pub fn tells_rights(&self) -> bool {
        self.requests.iter().any(|request| request.answer.rights.is_some() && !request.answer.partial)
    }

    /// Whether it tells if a key is bound to addresses.
    #[must_use]
    pub fn tells_ip(&self) -> bool {
        let tells = |ip: &IpShape| !ip.flags.is_empty() || !ip.lists.is_empty();
        self.requests.iter().any(|request| tells(&request.answer.ip))
    }

    /// Whether it tells when a key ends.
    #[must_use]
    pub fn tells_expiry(&self) -> bool {
        self.requests.iter().any(|request| request.answer.expires.is_some())
    }

    /// All that can be asked of it: host, method and path, the secret parts of paths as `${...}`.
    #[must_use]
    pub fn triples(&self) -> Vec<(&str, Method, &str)> {
        let mut all = Vec::new();
        for request in &self.requests {
            for (&environment, host) in &self.hosts {
                if request.is_in(environment) {
                    all.push((host.as_str(), request.method, request.path.as_str()));
                }
            }
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn request(&self, id: &str) -> Option<&RequestTemplate> {
        self.requests.iter().find(|request| request.id == id)
    }

    /// The request a check begins with.
    pub(super) fn first(&self, environment: Environment) -> Option<&RequestTemplate> {
        self.requests.iter().find(|request| request.start && request.is_in(environment))
    }
}

impl RequestTemplate {
    pub(super) fn is_in(&self, environment: Environment) -> bool {
        self.within.is_empty() || self.within.contains(&environment)
    }
}

/// All venues, sorted by id.
///
/// # Panics
/// If a file is broken, which the tests exclude.
#[must_use]
pub fn venues() -> &'static [Venue] {
    static VENUES: OnceLock<Vec<Venue>> = OnceLock::new();
    VENUES.get_or_init(|| {
        let read = |(path, text): &(&str, &str)| {
            toml::from_str(text).unwrap_or_else(|error| panic!("the built-in {path} is broken: {error}"))
        };
        FILES.iter().map(read).collect()
    })
}

/// The venue of an id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Venue> {
    venues().iter().find(|venue| venue.id == id)
}

macro_rules! files {
    ($($id:literal)*) => {
        &[$((concat!("src/verify/venues/", $id, ".toml"), include_str!(concat!("venues/", $id, ".toml")))),*]
    };
}

const FILES: &[(&str, &str)] = files![
    "alchemy" "alpaca" "binance" "bingx" "bitfinex" "bitget" "bitmart" "bitmex" "bitstamp" "bitvavo" "bybit" "coinbase"
    "coinbaseexchange" "coinex" "cryptocom" "deribit" "gate" "gemini" "htx" "hyperliquid" "infura" "kraken"
    "krakenfutures" "kucoin" "mexc" "okx" "phemex" "telegram" "woo"
];
