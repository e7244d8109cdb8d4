//! The decision on one value: which rule it is, if any, and how sure. It weighs the value's shape, the name it is bound to
//! and the provider its surroundings speak of.

mod beside;
mod case;
mod reasons;

use super::binding::How;
use super::context::{ENCLOSED, NEAR, OWN_NAME, Support};
use super::names::{self, Strength, Verdict};
use super::proof::{self, Proof};
use super::vocabulary::Mark;
use super::{Engine, placeholder, randomness};
use crate::rules::{Confidence, Evidence, Grade, Match, ProviderId, Role, RuleId};
use crate::span::Span;
use beside::is_expression;
pub(crate) use beside::{is_checksum, is_default_login, noise_before};
pub(crate) use case::{Case, is_of_chain};
pub(crate) use reasons::{name_reason, quote, support_reason};

/// A value that was recognised.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    pub(crate) provider: ProviderId,
    pub(crate) rule: RuleId,
    pub(crate) role: Role,
    pub(crate) span: Span,
    pub(crate) confidence: Confidence,
    /// How strongly the surroundings speak for the provider.
    pub(crate) weight: i32,
    pub(crate) alternatives: Vec<ProviderId>,
    pub(crate) name: Option<Span>,
    pub(crate) reasons: Vec<String>,
    /// The offset of the innermost scope, to tell neighbouring objects apart.
    pub(crate) scope: usize,
}

impl Hit {
    /// What a rule says of a value for which nothing around it speaks, or has to.
    pub(crate) fn of_rule(engine: &Engine<'_>, rule: RuleId, span: Span, reasons: Vec<String>) -> Self {
        Self {
            provider: engine.rules.provider_of(rule),
            rule,
            role: engine.rules.rule(rule).role,
            span,
            confidence: Confidence::High,
            weight: 0,
            alternatives: Vec::new(),
            name: None,
            reasons,
            scope: 0,
        }
    }
}

/// A value whose name says nothing, kept until its neighbours are known.
#[derive(Clone, Debug)]
pub(crate) struct Unnamed {
    pub(crate) span: Span,
    pub(crate) supports: Vec<Support>,
    pub(crate) scope: usize,
    /// The role that its name suggests, too weakly to be believed alone.
    pub(crate) role: Option<Role>,
}

/// What became of a value.
#[derive(Clone, Debug)]
pub(crate) enum Judgement {
    Hit(Hit),
    Unnamed(Unnamed),
    /// Not a secret whatever reading is taken: published, or a reference.
    Harmless,
    Nothing,
}

/// What becomes of a value whatever stands around it, if that can be told.
pub(crate) fn alone(engine: &Engine<'_>, value: &[u8]) -> Option<Judgement> {
    if placeholder::is_reference(value) || engine.is_documented(value) {
        Some(Judgement::Harmless)
    } else {
        placeholder::is_placeholder(value).then_some(Judgement::Nothing)
    }
}

/// Decides on a value that is matched as a whole and on which [`alone`] did not.
pub(crate) fn judge(engine: &Engine<'_>, case: &Case<'_>) -> Judgement {
    let value = case.value();
    let (verdict, name) = case.named(engine.is_lenient());
    if let Some(hit) = by_shape(engine, case, verdict, name) {
        return public_or(engine, value, hit);
    }
    if let Some(hit) = by_setting(engine, case, name) {
        return public_or(engine, value, hit);
    }
    if verdict == Verdict::Other || noise_before(case.text, case.span) {
        return Judgement::Nothing;
    }
    // `FirstDataToken ValueWithStoreID`: a word before a word is a declaration.
    let spoken = case.binding.names.first().is_some_and(|first| first.how == How::Spoken);
    if !randomness::is_random(value) || spoken && !value.iter().any(u8::is_ascii_digit) {
        return Judgement::Nothing;
    }
    let found = match verdict {
        Verdict::Part(role, strength) => by_context(engine, case, role, strength, name)
            .or_else(|| {
                let prefixed = role == Role::Secret && strength == Strength::Strong && value.starts_with(b"0x");
                if role == Role::PrivateKey || prefixed { chain_key(engine, case, name) } else { None }
            })
            .or_else(|| if strength == Strength::Strong { generic(engine, case, role, name) } else { None }),
        _ => by_words(engine, case, name)
            .or_else(|| {
                case.titled().and_then(|(role, label)| by_context(engine, case, role, Strength::Weak, Some(label)))
            })
            .or_else(|| if case.in_key_file() { chain_key(engine, case, None) } else { None }),
    };
    match (found, verdict) {
        (Some(hit), _) => public_or(engine, value, hit),
        (None, Verdict::Part(role, Strength::Weak)) => unnamed(case, Some(role)),
        (None, Verdict::Nothing) => unnamed(case, None),
        (None, _) => Judgement::Nothing,
    }
}

fn unnamed(case: &Case<'_>, role: Option<Role>) -> Judgement {
    Judgement::Unnamed(Unnamed { span: case.span, supports: case.supports.to_vec(), scope: case.scope, role })
}

/// Published values are nobody's.
fn public_or(engine: &Engine<'_>, value: &[u8], hit: Hit) -> Judgement {
    if engine.is_published(value) { Judgement::Harmless } else { Judgement::Hit(hit) }
}

/// Rules whose shape or proof is decisive.
fn by_shape(engine: &Engine<'_>, case: &Case<'_>, verdict: Verdict, name: Option<Span>) -> Option<Hit> {
    let value = case.value();
    for &id in engine.rules_of_length(value.len()) {
        let rule = engine.rules.rule(id);
        if rule.matching != Match::Value
            || !matches!(rule.evidence, Evidence::Shape | Evidence::Proof)
            || !engine.shape(id).admits(value)
        {
            continue;
        }
        let mut reasons = Vec::new();
        if let (_, Some(name)) = (rule.evidence, rule.proof.as_deref()) {
            match proof::prove(name, value, case.text) {
                Proof::Holds(shown) => reasons.push(shown),
                Proof::Unknown if rule.evidence == Evidence::Shape || engine.is_lenient() => {}
                _ => continue,
            }
        }
        let proven = !reasons.is_empty();
        // A grade D shape, or one that a plainly different name contradicts, is not decisive alone.
        if !proven
            && (rule.grade == Grade::D || verdict == Verdict::Other)
            && !case
                .supports
                .iter()
                .any(|support| support.provider == engine.rules.provider_of(id) && support.weight >= NEAR)
        {
            continue;
        }
        if !proven && verdict == Verdict::Other {
            continue;
        }
        if !proven {
            reasons.push(format!("the shape is {}'s own", engine.rules.provider(engine.rules.provider_of(id)).name));
        }
        let weight = weight_of(case, engine.rules.provider_of(id));
        return Some(hit(engine, case, id, Confidence::High, weight, name, reasons));
    }
    None
}

fn weight_of(case: &Case<'_>, provider: ProviderId) -> i32 {
    case.supports.iter().find(|support| support.provider == provider).map_or(0, |support| support.weight)
}

/// A header or setting that is the provider's own and no signature.
fn by_setting(engine: &Engine<'_>, case: &Case<'_>, name: Option<Span>) -> Option<Hit> {
    let name = name?;
    let own = |support: &&Support| {
        support.mention.is_some_and(|mention| {
            matches!(mention.mark, Mark::Header(_) | Mark::Name(_)) && mention.span.overlaps(name)
        })
    };
    let support = case.supports.iter().find(own)?;
    let words = names::words(name.of(case.text));
    let other = |word: &String| {
        matches!(word.as_str(), "sign" | "signature" | "timestamp" | "nonce" | "passphrase" | "window" | "weight")
    };
    if words.iter().any(other) || !randomness::is_random(case.value()) {
        return None;
    }
    let (_, id) = [Role::Key, Role::Secret, Role::Token]
        .into_iter()
        .find_map(|role| fitting(engine, case, support.provider, role))?;
    Some(contextual(engine, case, id, support, Vec::new(), Some(name), Strength::Strong))
}

/// Rules of the providers that the surroundings speak of.
fn by_context(engine: &Engine<'_>, case: &Case<'_>, role: Role, strength: Strength, name: Option<Span>) -> Option<Hit> {
    let least = if strength == Strength::Strong { 28 } else { NEAR };
    let mut best: Option<(i32, RuleId, &Support)> = None;
    let mut tied: Vec<ProviderId> = Vec::new();
    for support in case.supports.iter().filter(|support| support.weight >= least) {
        let Some((rank, id)) = fitting(engine, case, support.provider, role) else { continue };
        let score = support.weight * 2 + rank;
        match &best {
            Some((top, ..)) if *top > score + 4 => {}
            Some((top, ..)) if *top >= score => tied.push(support.provider),
            _ => {
                if let Some((top, _, other)) = best {
                    if score - top <= 4 {
                        tied.push(other.provider);
                    } else {
                        tied.clear();
                    }
                }
                best = Some((score, id, support));
            }
        }
    }
    if let Some((_, id, support)) = best {
        // A list of many exchanges far away names none of them.
        if tied.len() <= 3 || support.weight >= ENCLOSED - 6 {
            return Some(contextual(engine, case, id, support, tied, name, strength));
        }
    }
    // Named after a provider, of no shape that we know of it: still a credential of that provider.
    let top = case.supports.first().filter(|top| top.weight >= OWN_NAME - 6 && strength == Strength::Strong)?;
    let mut found = generic(engine, case, role, name)?;
    found.provider = top.provider;
    found.weight = top.weight;
    found.confidence = Confidence::Medium;
    found.reasons.insert(0, support_reason(engine, case, top));
    Some(found)
}

/// The provider's rule that fits the value and the role best, and how well.
fn fitting(engine: &Engine<'_>, case: &Case<'_>, provider: ProviderId, role: Role) -> Option<(i32, RuleId)> {
    engine
        .rules_of(provider)
        .iter()
        .filter_map(|&id| {
            let rule = engine.rules.rule(id);
            let usable = rule.matching == Match::Value && !matches!(rule.evidence, Evidence::Name);
            if !usable
                || !(names::fits(role, rule.role)
                    || rule.role == Role::Token && matches!(role, Role::Key | Role::Secret | Role::PrivateKey))
                || !engine.shape(id).admits(case.value())
            {
                return None;
            }
            if let Some(name) = rule.proof.as_deref()
                && proof::fails(name, case.value())
            {
                return None;
            }
            let exact = if rule.role == role { 3 } else { 0 };
            Some((exact, id))
        })
        .max_by(|a, b| a.0.cmp(&b.0).then_with(|| engine.shape(b.1).bits.total_cmp(&engine.shape(a.1).bits)))
}

fn contextual(
    engine: &Engine<'_>,
    case: &Case<'_>,
    id: RuleId,
    support: &Support,
    mut tied: Vec<ProviderId>,
    name: Option<Span>,
    strength: Strength,
) -> Hit {
    let rule = engine.rules.rule(id);
    let mut confidence = match (strength, support.weight) {
        (Strength::Strong, NEAR..) | (Strength::Weak, 76..) => Confidence::High,
        _ => Confidence::Medium,
    };
    if rule.grade == Grade::D {
        confidence =
            confidence.min(if support.weight >= ENCLOSED - 12 { Confidence::High } else { Confidence::Medium });
    }
    if engine.is_lenient() {
        return hit(engine, case, id, confidence, support.weight, name, Vec::new());
    }
    let mut reasons = vec![support_reason(engine, case, support)];
    if let Some(name) = name {
        reasons.push(name_reason(case.text, name, rule.role));
    }
    if let Some(Proof::Holds(shown)) = rule.proof.as_deref().map(|name| proof::prove(name, case.value(), case.text)) {
        reasons.push(shown);
        confidence = Confidence::High;
    }
    tied.retain(|&other| other != support.provider);
    tied.sort();
    tied.dedup();
    let mut found = hit(engine, case, id, confidence, support.weight, name, reasons);
    found.alternatives = tied;
    found
}

/// Words that rules list and that stand in half of all names: they say nothing alone.
const EVERYDAY: [&str; 7] = ["id", "key", "name", "public", "account", "user", "password"];

/// Rules that know words of their own (`memo`, `uid`), and full names of settings.
fn by_words(engine: &Engine<'_>, case: &Case<'_>, name: Option<Span>) -> Option<Hit> {
    let words: Vec<String> = case.binding.names.iter().flat_map(|name| names::words(name.span.of(case.text))).collect();
    for support in case.supports.iter().filter(|support| support.weight >= NEAR) {
        for &id in engine.rules_of(support.provider) {
            let rule = engine.rules.rule(id);
            if rule.matching == Match::Value
                && rule.words.iter().any(|word| !EVERYDAY.contains(&word.as_str()) && words.contains(word))
                && engine.shape(id).admits(case.value())
            {
                return Some(contextual(engine, case, id, support, Vec::new(), name, Strength::Weak));
            }
        }
        // A provider with nothing but tokens, named by the value's own name or by what it is handed to.
        if support.weight >= OWN_NAME - 6 {
            let only = engine.rules_of(support.provider).iter().find(|&&id| {
                let rule = engine.rules.rule(id);
                rule.role == Role::Token
                    && rule.matching == Match::Value
                    && rule.evidence == Evidence::Context
                    && engine.shape(id).admits(case.value())
            });
            if let Some(&id) = only {
                return Some(contextual(engine, case, id, support, Vec::new(), name, Strength::Weak));
            }
        }
    }
    None
}

/// A private key by name and shape that no chain is named for: Ethereum's, by far the most common of that shape.
fn chain_key(engine: &Engine<'_>, case: &Case<'_>, name: Option<Span>) -> Option<Hit> {
    let id = engine.rules.find("ethereum-private-key")?;
    let by_file = case.in_key_file();
    if name.is_none() && !by_file {
        return None;
    }
    if !engine.shape(id).admits(case.value()) || proof::fails("evm-key", case.value()) {
        return None;
    }
    let mut reasons = vec![match name {
        Some(name) if !by_file => name_reason(case.text, name, Role::PrivateKey),
        _ => "the file is called after private keys".to_owned(),
    }];
    let mut confidence = Confidence::Medium;
    if !engine.is_lenient()
        && let Proof::Holds(shown) = proof::prove("evm-key", case.value(), case.text)
    {
        reasons.push(shown);
        confidence = Confidence::High;
    }
    Some(hit(engine, case, id, confidence, 0, name, reasons))
}

/// A random value bound to a telling name, of no provider that we know.
fn generic(engine: &Engine<'_>, case: &Case<'_>, role: Role, name: Option<Span>) -> Option<Hit> {
    let value = case.value();
    if value.len() < 16
        || value.len() > 256
        || placeholder::is_placeholder(value)
        || value.iter().filter(|&&byte| byte == b'/').count() > 3 && !value.ends_with(b"=")
    {
        return None;
    }
    // What a person chose may hold any character: `named` reads it whole.
    if matches!(role, Role::Password | Role::Passphrase | Role::Id) {
        return None;
    }
    // `comment.block.lexing`, `first_data_token`: names of several words.
    let parts: Vec<&[u8]> = value.split(|byte| matches!(byte, b'_' | b'.' | b'-')).collect();
    if parts.len() >= 3 && parts.iter().all(|part| part.iter().all(u8::is_ascii_alphabetic)) {
        return None;
    }
    // A JWT is told by its structure or is none.
    if value.starts_with(b"eyJ") && value.contains(&b'.') {
        return None;
    }
    let rule = engine.generic_rule(role)?;
    let name = name?;
    // `the old key id was ...`: prose names a key without giving one away.
    let spoken = case.binding.names.iter().any(|own| own.span == name && own.how == How::Spoken)
        || case.text[name.end..case.span.start].contains(&b' ')
            && !case.text[name.end..case.span.start].iter().any(|byte| matches!(byte, b'=' | b':' | b',' | b'>'));
    if spoken && role == Role::Key {
        return None;
    }
    if is_expression(case.text, case.span) {
        return None;
    }
    let quoted = case.span.start.checked_sub(1).is_some_and(|at| super::token::is_quote(case.text[at]));
    let confidence =
        if value.len() >= 20 && (quoted || is_settings(case.path)) { Confidence::Medium } else { Confidence::Low };
    let reasons = vec![format!("{} and the value is random", name_reason(case.text, name, role))];
    Some(hit(engine, case, rule, confidence, 0, Some(name), reasons))
}

/// A file kind whose values need no quotes.
pub(crate) fn is_settings(path: &str) -> bool {
    [
        ".env",
        ".yml",
        ".yaml",
        ".toml",
        ".ini",
        ".cfg",
        ".conf",
        ".properties",
        ".sh",
        ".txt",
        ".service",
        "dockerfile",
        ".tfvars",
        ".netrc",
        ".npmrc",
        "procfile",
        ".bash_history",
    ]
    .iter()
    .any(|kind| path.contains(kind))
}

fn hit(
    engine: &Engine<'_>,
    case: &Case<'_>,
    rule: RuleId,
    confidence: Confidence,
    weight: i32,
    name: Option<Span>,
    reasons: Vec<String>,
) -> Hit {
    Hit {
        provider: engine.rules.provider_of(rule),
        rule,
        role: engine.rules.rule(rule).role,
        span: case.span,
        confidence,
        weight,
        alternatives: Vec::new(),
        name,
        reasons,
        scope: case.scope,
    }
}
