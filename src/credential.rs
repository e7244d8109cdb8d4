//! A credential as the engine found it in one text: its parts and what is known of them. Still without a file, a line
//! or a fingerprint; `scan` adds those.

use crate::finding::Environment;
use crate::rules::{Confidence, ProviderId, Role, RuleId, Severity};
use crate::secret::Secret;
use crate::span::Span;

/// One credential in one text.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Whose it is.
    pub provider: ProviderId,
    /// Others whose it could be as well.
    pub alternatives: Vec<ProviderId>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Live or test.
    pub environment: Environment,
    /// The parts, the chief one first; never empty.
    pub parts: Vec<Part>,
    /// Why, in sentences without final full stops.
    pub reasons: Vec<String>,
    /// Rights that the text around it names.
    pub capabilities: Vec<String>,
}

/// One value.
#[derive(Clone, Debug)]
pub struct Part {
    /// What it is.
    pub role: Role,
    /// The rule that knows its shape.
    pub rule: RuleId,
    /// The bytes it stands in, of the text that was scanned (the encoded form, if it was decoded).
    pub span: Span,
    /// The value, decoded.
    pub value: Secret,
    /// The name it is bound to.
    pub name: Option<String>,
    /// How it was decoded, outermost first.
    pub decoded: Vec<String>,
}
