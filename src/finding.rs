//! What a scan ends with: findings with their places, what was not scanned, and the totals. Reports render this and
//! nothing else.

pub mod verification;

use std::fmt;
use std::time::Duration;

use crate::rules::{Confidence, ProviderId, Role, RuleId, RuleSet, Severity};
use crate::secret::{Fingerprint, Secret};
use crate::source::{Origin, Skipped};
use crate::span::{Region, Span};

/// One leaked credential: all of its parts that were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule of the chief part.
    pub rule: RuleId,
    /// Whose credential it is.
    pub provider: ProviderId,
    /// Others whose credential it could be as well, when the text doesn't decide.
    pub alternatives: Vec<ProviderId>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Live or test, if the text says so.
    pub environment: Environment,
    /// The parts, the chief one (the most secret) first, then in order of place.
    pub parts: Vec<FoundPart>,
    /// Why we think so, in sentences without final full stops: `the exchange is named by the variable BINANCE_API_SECRET`.
    pub reasons: Vec<String>,
    /// What happens to the file it stands in, in sentences without final full stops: what git does with it, and which
    /// image or package would carry it away. Known of work trees only.
    pub exposure: Vec<String>,
    /// What the text around it says of the key's rights: `withdrawals`, `futures`, `read only`, `IP whitelist`.
    pub capabilities: Vec<String>,
    /// It counts only if another text proves it. None of a report is so.
    pub unproven: bool,
    /// The name of this finding across runs; unique within a report.
    pub fingerprint: Fingerprint,
    /// A comment by the value that asks to accept it. The policy decides whether it counts.
    pub comment: Option<Comment>,
    /// Why it is not reported as a leak, if so.
    pub suppressed: Option<Suppression>,
    /// What the exchange said about it, if it was asked.
    pub verification: Option<verification::Verification>,
}

impl Finding {
    /// The chief part.
    ///
    /// # Panics
    /// Never: a finding has at least one part by construction.
    #[must_use]
    pub fn chief(&self) -> &FoundPart {
        &self.parts[0]
    }

    /// How urgent beside others of its severity, from 0 to 100: by the exchange's answer if there is one, else by how sure we
    /// are and by how much of the credential is there. With key, secret and passphrase anybody can act at once; a key alone
    /// opens nothing.
    #[must_use]
    pub fn rank(&self) -> u8 {
        if let Some(score) = self.verification.as_ref().and_then(verification::Verification::score) {
            return score;
        }
        let sure = match self.confidence {
            Confidence::High => 90,
            Confidence::Medium => 60,
            Confidence::Low => 30,
        };
        sure + self.completeness()
    }

    /// From 0 for a key id alone to 9 for a credential with nothing missing.
    fn completeness(&self) -> u8 {
        let has = |wanted: &[Role]| self.parts.iter().any(|part| wanted.contains(&part.role));
        let (key, passphrase) = (has(&[Role::Key, Role::Id]), has(&[Role::Passphrase]));
        match (has(&[Role::Token, Role::PrivateKey, Role::Seed, Role::Password]), has(&[Role::Secret])) {
            (true, _) => 9,
            (false, true) if key => 6 + if passphrase { 3 } else { 0 },
            (false, true) => 3 + u8::from(passphrase),
            (false, false) => u8::from(passphrase),
        }
    }

    /// The severity by which a scan fails: an exchange's answer may make it worse but not better, so that no answer turns
    /// a failing scan green.
    #[must_use]
    pub fn severity_to_fail_by(&self) -> Severity {
        let before = self.verification.as_ref().map_or(self.severity, |verification| verification.severity_before);
        self.severity.max(before)
    }
}

/// A comment that asks to accept the finding it stands by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The marker: `stopleak:allow`, `gitleaks:allow`, ...
    pub marker: &'static str,
    /// It is another tool's.
    pub foreign: bool,
    /// The rules it is meant for; all if there are none.
    pub rules: Vec<String>,
    /// The reason given.
    pub reason: Option<String>,
    /// The line it stands in, from 1.
    pub line: usize,
    /// The bytes of the marker in the text.
    pub span: Span,
    /// It came with what was scanned: a commit of the range, a staged line.
    pub is_new: bool,
}

/// Why a finding is put apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// What does it.
    pub by: SuppressedBy,
    /// Where that stands: `stopleak.toml:12`, `line 7`. Empty if nowhere.
    pub place: String,
    /// The reason that somebody gave.
    pub reason: Option<String>,
    /// It came with what was scanned: a commit of the range, a staged line.
    pub is_new: bool,
}

/// What puts a finding apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SuppressedBy {
    /// It is less sure than asked for.
    Confidence,
    /// A comment in the scanned text, by its marker: `stopleak:allow`.
    Comment(String),
    /// A configuration, by its file.
    Config(String),
    /// A baseline, by its file.
    Baseline(String),
}

impl SuppressedBy {
    /// A word for machines.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Confidence => "confidence",
            Self::Comment(_) => "comment",
            Self::Config(_) => "config",
            Self::Baseline(_) => "baseline",
        }
    }
}

impl fmt::Display for SuppressedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confidence => f.write_str("less sure than asked for"),
            Self::Comment(marker) => write!(f, "the comment {marker}"),
            Self::Config(file) | Self::Baseline(file) => f.write_str(file),
        }
    }
}

impl fmt::Display for Suppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            SuppressedBy::Confidence => write!(f, "{}", self.by)?,
            SuppressedBy::Comment(_) => write!(f, "accepted by {} in {}", self.by, self.place)?,
            SuppressedBy::Config(_) | SuppressedBy::Baseline(_) => write!(f, "accepted by {}", self.place)?,
        }
        self.reason.iter().try_for_each(|reason| write!(f, ": {reason}"))
    }
}

/// A statement on how the findings were judged, beside the findings: it makes no gap and changes no exit code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// What it is about.
    pub kind: RemarkKind,
    /// The statement, without final full stop.
    pub text: String,
}

/// What a [`Remark`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RemarkKind {
    /// A configuration or baseline is in force.
    InForce,
    /// A configuration leaves out something that would have been read.
    LeftOut,
    /// Objects of a repository that no reference reaches were not asked for.
    Unreached,
    /// A suppression came with what was scanned.
    NewSuppression,
    /// A suppression is past its day and has no effect.
    Expired,
    /// A suppression found nothing to suppress.
    Stale,
    /// A suppression can't have the effect that was meant.
    Ineffective,
}

impl RemarkKind {
    /// A word for machines.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InForce => "in-force",
            Self::LeftOut => "left-out",
            Self::Unreached => "unreached",
            Self::NewSuppression => "new-suppression",
            Self::Expired => "expired",
            Self::Stale => "stale",
            Self::Ineffective => "ineffective",
        }
    }
}

/// One value of a credential, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPart {
    /// What it is.
    pub role: Role,
    /// The rule that knows its shape.
    pub rule: RuleId,
    /// The value.
    pub secret: Secret,
    /// The name it is bound to, as written: `BINANCE_API_SECRET`.
    pub name: Option<String>,
    /// Where.
    pub place: Place,
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// In which text.
    pub origin: Origin,
    /// Line and column in that text, as an editor shows them.
    pub region: Region,
    /// The bytes of the original text. Where the value was decoded from (base64, archives), the bytes of its encoded form.
    pub span: Span,
    /// How it was decoded, outermost first: `base64`, `notebook cell 3`. Empty for plain text.
    pub decoded: Vec<String>,
}

/// Whether a credential is for real money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Environment {
    /// The text doesn't say.
    #[default]
    Unknown,
    /// It is for the live service.
    Live,
    /// It is for a testnet, sandbox, demo or paper account.
    Test,
}

impl Environment {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Files (or git objects) read.
    pub files: u64,
    /// Bytes read.
    pub bytes: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// The whole result of a scan.
#[derive(Debug)]
pub struct Report<'r> {
    /// The rules that were used.
    pub rules: &'r RuleSet,
    /// What was scanned: `tree`, `stdin`, `history`, `staged`.
    pub mode: &'static str,
    /// The findings, sorted by severity (worst first), path, place.
    pub findings: Vec<Finding>,
    /// Findings that were accepted by someone: a comment, an allow-list, a baseline. Sorted like `findings`.
    pub suppressed: Vec<Finding>,
    /// What was not scanned, sorted.
    pub skipped: Vec<Skipped>,
    /// Further statements on coverage: `the history is shallow: 1 commit of an unknown number`.
    pub notes: Vec<String>,
    /// How the findings were judged: what is in force, new, expired or stale suppressions. Sorted.
    pub remarks: Vec<Remark>,
    /// Whether a baseline was applied, so that each finding is either new or known.
    pub has_baseline: bool,
    /// The totals.
    pub totals: Totals,
}

impl Report<'_> {
    /// Whether everything that was asked for was read.
    #[must_use]
    pub fn complete(&self) -> bool {
        self.notes.is_empty() && !self.skipped.iter().any(|skipped| skipped.reason.is_gap())
    }

    /// 0 clean and complete, 1 findings, 3 no findings but gaps. (2, bad usage, never gets as far as a report.)
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (self.findings.is_empty(), self.complete()) {
            (false, _) => 1,
            (true, true) => 0,
            (true, false) => 3,
        }
    }
}
