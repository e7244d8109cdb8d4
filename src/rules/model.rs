//! What a rule file says: one provider, its vocabulary, and the parts of its credentials.
//!
//! A rule file is data with its proof. The structures here are the file's own shape; `load` checks them and [`super::RuleSet`]
//! is what the engine works with. The format is described for people in `docs/writing-a-rule.md`.

use serde::{Deserialize, Serialize};

/// The number of a provider within its [`RuleSet`](super::RuleSet); providers are sorted by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub struct ProviderId(pub(crate) u16);

/// The number of a rule within its [`RuleSet`](super::RuleSet); rules are sorted by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub struct RuleId(pub(crate) u16);

/// What a value is within a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The public half: it names the account to the service (API key, access key, client id).
    Key,
    /// The shared secret that signs requests.
    Secret,
    /// The third part some exchanges ask for, chosen by the user.
    Passphrase,
    /// A private key: PEM, or a chain's signing key.
    PrivateKey,
    /// A bearer token or webhook: whoever has it, acts.
    Token,
    /// A mnemonic or other seed from which keys are derived.
    Seed,
    /// A password of a login, database or keystore.
    Password,
    /// Names an account or address: no secret, but part of the credential (uid, memo, wallet address).
    Id,
}

impl Role {
    /// The role's name in reports and rule files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Secret => "secret",
            Self::Passphrase => "passphrase",
            Self::PrivateKey => "private_key",
            Self::Token => "token",
            Self::Seed => "seed",
            Self::Password => "password",
            Self::Id => "id",
        }
    }

    /// The role as people say it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Key => "API key",
            Self::Secret => "API secret",
            Self::Passphrase => "passphrase",
            Self::PrivateKey => "private key",
            Self::Token => "token",
            Self::Seed => "seed",
            Self::Password => "password",
            Self::Id => "account id",
        }
    }
}

/// What kind of service a provider is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A centralised exchange.
    Exchange,
    /// A decentralised exchange: its credential is often a chain's signing key.
    Dex,
    /// A broker.
    Broker,
    /// A wallet or chain key.
    Wallet,
    /// A service of the trading stack: data, RPC nodes, custody, bots, messaging.
    Service,
    /// Everything else: clouds, code hosts, databases, passwords.
    General,
}

/// How bad a leak is if the value is live.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Costs data or quota.
    Low,
    /// Costs access to a service.
    Medium,
    /// Lets a stranger act in the owner's name.
    High,
    /// Lets a stranger take the money.
    Critical,
}

impl Severity {
    /// The name in reports and options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// The name or the shape suggests it; neither is decisive.
    Low,
    /// Name and shape agree.
    Medium,
    /// A proof holds, the shape is unmistakable, or exchange, name and shape all agree.
    High,
}

impl Confidence {
    /// The name in reports and options.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// How well a fact is known; the grades of the sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
pub enum Grade {
    /// The provider's own documentation or SDK.
    A,
    /// Two independent public sources.
    B,
    /// One source.
    C,
    /// Memory only: needs strong context and ranks low.
    D,
}

/// What it takes to believe that a value of this shape is this part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The shape says it alone (a prefix of the provider's own, a checksum in the shape): reported on sight.
    Shape,
    /// The shape says it if the rule's `proof` holds; reported on sight then.
    Proof,
    /// The shape is shared with others: the provider must be named near by, and the value bound to a fitting name or
    /// paired with its sibling.
    Context,
    /// Free text (a passphrase): only the name it is bound to tells, next to other parts of the same provider.
    Name,
}

/// How a rule's shape is applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The shape must equal a whole value: a run of token characters with nothing of the kind at either end, or the
    /// inside of quotes.
    #[default]
    Value,
    /// The shape is sought in the text around one of the rule's `anchors`. The group named `secret`, else group 1, else
    /// the whole match is the value.
    Search,
    /// The rule is of another scanner and applied by [`super::foreign`], as that scanner does.
    #[serde(skip)]
    Foreign,
}

/// One file under `rules/`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// Who it is.
    pub provider: Provider,
    /// The parts of its credentials.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}

/// Who issues the credential, how texts speak of it, what a leak means and what to do.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Lower-case name with dashes, equal to the file's stem, never changed.
    pub id: String,
    /// The name people use.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Unmistakable names as they stand in identifiers, lower case (`huobi`, `gate-io`). A dash stands for any separator
    /// or none: `gate.io`, `gate_io`, `gateio`. `id` and `name` are such names by themselves.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Names that are ordinary words too (`gate`, `woo`, `delta`): they count only inside the value's own name, as a key
    /// or section the value stands in, or as the value of an exchange field, never in prose. An `id` repeated here is not
    /// an unmistakable name.
    #[serde(default)]
    pub ambiguous: Vec<String>,
    /// Host names; a match of the end of a host name counts (`binance.com` for `api1.binance.com`).
    #[serde(default)]
    pub hosts: Vec<String>,
    /// HTTP headers of its own that carry or accompany a credential. Not the ones shared with others.
    #[serde(default)]
    pub headers: Vec<String>,
    /// Texts in code that name it without an alias: SDK classes, modules, functions (`MainClient`, `krakenex`).
    #[serde(default)]
    pub clients: Vec<String>,
    /// Full names of variables or settings that are its own without carrying an alias (`APCA_API_KEY_ID`). Upper case
    /// with underscores; compared without case and separators.
    #[serde(default)]
    pub names: Vec<String>,
    /// Where a key is deleted.
    pub revoke: String,
    /// Where the API is described.
    pub docs: String,
    /// What a key can be allowed to do, as the provider names it.
    #[serde(default)]
    pub permissions: Vec<String>,
    /// What is known of binding keys to IP addresses.
    #[serde(default)]
    pub ip_whitelist: String,
    /// What is special about rotating here; the general steps are added by the program.
    #[serde(default)]
    pub rotation: String,
    /// Anything a person who reads the rule should know.
    #[serde(default)]
    pub notes: String,
    /// SHA-256 (lower-case hex) of values printed in its documentation or SDKs: never reported.
    #[serde(default)]
    pub dummies: Vec<String>,
}

/// One part of a provider's credential.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Lower-case name with dashes, begins with the provider's id, never changed.
    pub id: String,
    /// What the value is.
    pub role: Role,
    /// One line for people, no final full stop: `Binance API secret (HMAC)`.
    pub title: String,
    /// What the value looks like: a regular expression (Rust `regex` syntax, bytes, ASCII classes), unanchored, without
    /// boundaries.
    pub shape: String,
    /// What it takes to believe it.
    pub evidence: Evidence,
    /// How the shape is applied.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// Literal texts without which a `search` shape can't match, compared without case.
    #[serde(default)]
    pub anchors: Vec<String>,
    /// The name of a proof in `detect::proof`.
    #[serde(default)]
    pub proof: Option<String>,
    /// How well the shape is known.
    pub grade: Grade,
    /// How bad a leak is.
    pub severity: Severity,
    /// Where the fact is from.
    pub source: String,
    /// Words (lower case, as in names: `memo`, `uid`) that bind a value to this part beside the ones of its role.
    #[serde(default)]
    pub words: Vec<String>,
    /// File names (exact, or `*.ext`) in which a value of this shape needs no other context.
    #[serde(default)]
    pub files: Vec<String>,
    /// Shannon entropy in bits per byte that the value must exceed; for rules taken over from other scanners. The
    /// built-in rules use `detect::randomness`, which knows what to expect of a shape.
    #[serde(default)]
    pub min_entropy: Option<f64>,
    /// Texts in which the part between `«` and `»` must be reported by this rule. `${...}` is filled, see
    /// [`super::template`].
    #[serde(default)]
    pub examples: Vec<String>,
    /// Texts in which this rule must report nothing.
    #[serde(default)]
    pub counter_examples: Vec<String>,
}
