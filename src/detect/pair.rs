//! Values whose names say nothing, recognised by each other: two neighbours that have the shapes of an exchange's key and
//! secret, where the text speaks of that exchange.

use super::context::NEAR;
use super::judge::{self, Case, Hit, Unnamed};
use super::names::{self, Verdict};
use super::proof;
use super::vocabulary::Mark;
use super::{Document, binding, candidate, placeholder, randomness, token};
use crate::rules::{Confidence, Evidence, Grade, Kind, Match, ProviderId, Role, RuleId};
use crate::span::Span;

/// How far apart two neighbours may stand.
const REACH: usize = 240;

/// Takes pairs out of the unnamed values, and single ones that complete a value already found.
pub(crate) fn pair(document: &mut Document<'_, '_, '_>) {
    let unnamed = std::mem::take(&mut document.unnamed);
    let mut used = vec![false; unnamed.len()];
    let nameless = unnamed.iter().filter(|value| value.role.is_none()).count();
    // What else has no name may be gone, or nothing in the real surroundings.
    let few = nameless <= 2 || document.engine.is_lenient();
    for at in 0..unnamed.len() {
        let next = unnamed.get(at + 1).filter(|next| !used[at] && near(document.text, unnamed[at].span, next.span));
        let told = next.is_some_and(|next| told(document, &unnamed[at], next));
        let next = next.filter(|_| told || few);
        if let Some(pair) = next.and_then(|next| couple(document, &unnamed[at], next)) {
            document.unsure |= document.near.is_some() && !told;
            document.hits.extend(pair);
            used[at] = true;
            used[at + 1] = true;
        }
    }
    for (value, _) in unnamed.iter().zip(&used).filter(|(_, used)| !**used) {
        if let Some(hit) = complete(document, value).or_else(|| beside_generic(document, value)) {
            document.hits.push(hit);
        } else if let Some(pair) = with_short_key(document, value) {
            document.hits.extend(pair);
        }
    }
    short(document);
    recognise(document);
    adopt(document);
}

/// Whether two of many values without a name stand as credentials do, and not as data in a log or a table: a name suggests a
/// part, they are strings, they are handed to something, or each has its line to itself.
fn told(document: &Document<'_, '_, '_>, first: &Unnamed, second: &Unnamed) -> bool {
    let text = document.text;
    // A comma, or a quote on either side.
    let alone = |span: Span| token::fills_line(text, span, 2);
    let quoted = |span: Span| span.start.checked_sub(1).is_some_and(|at| token::is_quote(text[at]));
    let called = |span: Span| binding::bind(text, span).callee.is_some();
    quoted(first.span) && quoted(second.span)
        || first.role.is_some()
        || second.role.is_some()
        || called(first.span) && called(second.span)
        || alone(first.span) && alone(second.span)
}

/// A secret or key of no known owner next to the lone other part of a provider whose parts look like that.
fn adopt(document: &mut Document<'_, '_, '_>) {
    let engine = document.engine;
    let chief = |role: Role| matches!(role, Role::Secret | Role::PrivateKey);
    for at in 0..document.hits.len() {
        let orphan = &document.hits[at];
        if !(chief(orphan.role) || orphan.role == Role::Key)
            || engine.rules.provider(orphan.provider).kind != Kind::General
        {
            continue;
        }
        let close = |other: &Hit| near_by(document.text, other.span, orphan.span);
        let same = |role: Role| chief(role) == chief(orphan.role);
        let counterpart = |other: &&Hit| (chief(other.role) || other.role == Role::Key) && !same(other.role);
        let found = document.hits.iter().filter(counterpart).filter(|other| close(other)).find_map(|other| {
            let served = |third: &Hit| third.provider == other.provider && same(third.role) && close(third);
            if engine.rules.provider(other.provider).id == "generic" || document.hits.iter().any(served) {
                return None;
            }
            let value = orphan.span.of(document.text);
            let fits = |id: &RuleId| {
                let role = engine.rules.rule(*id).role;
                same(role) && (chief(role) || role == Role::Key) && engine.shape(*id).admits(value)
            };
            let rule = engine.rules_of(other.provider).iter().copied().find(fits)?;
            Some((other.provider, rule, other.weight, other.scope))
        });
        if let Some((provider, rule, weight, scope)) = found {
            let name = &engine.rules.provider(provider).name;
            let hit = &mut document.hits[at];
            hit.reasons.push(format!("it stands by another part of {name}'s and has the shape of the missing one"));
            hit.confidence = hit.confidence.max(Confidence::Medium);
            (hit.provider, hit.rule, hit.role) = (provider, rule, engine.rules.rule(rule).role);
            (hit.weight, hit.scope) = (hit.weight.max(weight), scope);
        }
    }
}

/// Within the lines that a private key next to its key may take.
fn near_by(text: &[u8], a: Span, b: Span) -> bool {
    let (low, high) = if a.start < b.start { (a.end, b.start) } else { (b.end, a.start) };
    low <= high && high - low <= REACH && memchr::memchr_iter(b'\n', &text[low..high]).count() <= 6
}

fn near(text: &[u8], a: Span, b: Span) -> bool {
    let (low, high) = if a.start < b.start { (a.end, b.start) } else { (b.end, a.start) };
    low <= high && high - low <= REACH && memchr::memchr_iter(b'\n', &text[low..high]).count() <= 3
}

/// Two values as key and secret of one provider.
fn couple(document: &Document<'_, '_, '_>, first: &Unnamed, second: &Unnamed) -> Option<[Hit; 2]> {
    if first.span.of(document.text) == second.span.of(document.text) {
        return None;
    }
    let mut best: Option<(i32, ProviderId, RuleId, RuleId)> = None;
    for support in &first.supports {
        let Some(other) = second.supports.iter().find(|other| other.provider == support.provider) else { continue };
        let weight = support.weight.min(other.weight);
        if weight < NEAR {
            continue;
        }
        let rules = |role: &dyn Fn(Role) -> bool, span: Span| rule_of(document, support.provider, role, span);
        let secret = |role: Role| matches!(role, Role::Secret | Role::PrivateKey);
        let found = match (rules(&|role| role == Role::Key, first.span), rules(&secret, second.span)) {
            (Some(key), Some(secret)) => Some((key, secret)),
            _ => match (rules(&secret, first.span), rules(&|role| role == Role::Key, second.span)) {
                (Some(secret), Some(key)) => Some((secret, key)),
                _ => None,
            },
        };
        if let Some((a, b)) = found
            && best.is_none_or(|best| best.0 < weight)
        {
            best = Some((weight, support.provider, a, b));
        }
    }
    let (weight, provider, a, b) = best?;
    // The same name twice, as in a list of orders; one name for both (a call, a list) is none.
    let name = |value: &Unnamed| binding::bind(document.text, value.span).names.first().map(|name| name.span);
    if let (Some(a), Some(b)) = (name(first), name(second))
        && a != b
        && a.of(document.text) == b.of(document.text)
        && a.len() > 2
    {
        return None;
    }
    // A list of exchanges near by names none of them.
    let rivals =
        first.supports.iter().filter(|support| support.provider != provider && support.weight + 8 >= weight).count();
    if rivals > 2 && weight < 77 {
        return None;
    }
    if document.engine.is_documented(first.span.of(document.text))
        || document.engine.is_documented(second.span.of(document.text))
    {
        return None;
    }
    let shape = "the two values have the shapes of its key and secret".to_owned();
    Some([hit(document, first, provider, a, weight, &shape), hit(document, second, provider, b, weight, &shape)])
}

fn rule_of(
    document: &Document<'_, '_, '_>,
    provider: ProviderId,
    role: &dyn Fn(Role) -> bool,
    span: Span,
) -> Option<RuleId> {
    document.engine.rules_of(provider).iter().copied().find(|&id| {
        let rule = document.engine.rules.rule(id);
        role(rule.role)
            && rule.matching == Match::Value
            && rule.evidence != Evidence::Name
            && document.engine.shape(id).admits(span.of(document.text))
            && !rule.proof.as_deref().is_some_and(|name| proof::fails(name, span.of(document.text)))
    })
}

fn hit(
    document: &Document<'_, '_, '_>,
    value: &Unnamed,
    provider: ProviderId,
    rule: RuleId,
    weight: i32,
    shape: &str,
) -> Hit {
    let binding = binding::bind(document.text, value.span);
    let mut reasons = Vec::new();
    if let Some(support) = value.supports.iter().find(|support| support.provider == provider) {
        let case = Case {
            text: document.text,
            span: value.span,
            binding: &binding,
            supports: &value.supports,
            scope: value.scope,
            label: None,
            path: &document.hint.path,
            key_file: false,
        };
        reasons.push(judge::support_reason(document.engine, &case, support));
    }
    reasons.push(shape.to_owned());
    let role = document.engine.rules.rule(rule).role;
    let name = binding.names.first().map(|name| name.span);
    Hit {
        provider,
        rule,
        role,
        span: value.span,
        confidence: Confidence::Medium,
        weight,
        alternatives: Vec::new(),
        name,
        reasons,
        scope: value.scope,
    }
}

/// A value that stands by a found part and has the shape of the part that is missing.
fn complete(document: &Document<'_, '_, '_>, value: &Unnamed) -> Option<Hit> {
    let bytes = value.span.of(document.text);
    if document.hits.is_empty() || placeholder::is_placeholder(bytes) || document.engine.is_published(bytes) {
        return None;
    }
    for found in &document.hits {
        if !near(document.text, found.span, value.span) || found.span.overlaps(value.span) || found.weight < NEAR {
            continue;
        }
        let wanted = |role: Role| match found.role {
            Role::Key => matches!(role, Role::Secret | Role::PrivateKey),
            Role::Secret | Role::PrivateKey => role == Role::Key,
            _ => false,
        };
        let taken = document.hits.iter().any(|other| {
            other.provider == found.provider && wanted(other.role) && near(document.text, other.span, found.span)
        });
        if taken {
            continue;
        }
        if let Some(rule) = rule_of(document, found.provider, &wanted, value.span) {
            let weight = value
                .supports
                .iter()
                .find(|support| support.provider == found.provider)
                .map_or(0, |support| support.weight);
            if weight >= NEAR {
                return Some(hit(
                    document,
                    value,
                    found.provider,
                    rule,
                    weight,
                    "it stands by the other part and has the shape of the missing one",
                ));
            }
        }
    }
    None
}

/// A weakly named key next to a secret of no known provider is its key.
fn beside_generic(document: &Document<'_, '_, '_>, value: &Unnamed) -> Option<Hit> {
    let role = value.role?;
    let bytes = value.span.of(document.text);
    let generic = |hit: &&Hit| {
        document.engine.rules.provider(hit.provider).id == "generic"
            && hit.scope == value.scope
            && near(document.text, hit.span, value.span)
    };
    let other = document.hits.iter().find(generic)?;
    let completes = match other.role {
        Role::Key => matches!(role, Role::Secret | Role::PrivateKey),
        Role::Secret => role == Role::Key,
        _ => false,
    };
    if !completes || bytes.len() < 16 || placeholder::is_placeholder(bytes) || document.engine.is_published(bytes) {
        return None;
    }
    let rule = document.engine.generic_rule(role)?;
    Some(hit(document, value, other.provider, rule, 0, "it stands by a secret"))
}

/// A secret without a telling name whose exchange's keys are short, next to such a key.
fn with_short_key(document: &Document<'_, '_, '_>, value: &Unnamed) -> Option<[Hit; 2]> {
    for support in value.supports.iter().filter(|support| support.weight >= 62) {
        let Some(secret) = rule_of(document, support.provider, &|role| role == Role::Secret, value.span) else {
            continue;
        };
        let Some(key) = short_key_rule(document, support.provider) else { continue };
        let Some(span) = short_token(document, key, value.span) else { continue };
        let found = Unnamed { span, supports: Vec::new(), scope: value.scope, role: None };
        let shape = "the two values have the shapes of its key and secret";
        let pair = [
            hit(document, value, support.provider, secret, support.weight, shape),
            hit(document, &found, support.provider, key, support.weight, shape),
        ];
        return Some(pair);
    }
    None
}

/// The rule of a provider whose keys are too short to be candidates.
fn short_key_rule(document: &Document<'_, '_, '_>, provider: ProviderId) -> Option<RuleId> {
    document.engine.rules_of(provider).iter().copied().find(|&id| {
        let rule = document.engine.rules.rule(id);
        rule.role == Role::Key
            && rule.matching == Match::Value
            && rule.evidence != Evidence::Name
            && document.engine.shape(id).lengths.0 < candidate::MIN_RUN
    })
}

/// Keys too short to stand out, next to the secret they belong to: the nearest token of the key's shape.
fn short(document: &mut Document<'_, '_, '_>) {
    let mut fresh = Vec::new();
    for found in
        document.hits.iter().filter(|hit| matches!(hit.role, Role::Secret | Role::PrivateKey) && hit.weight >= NEAR)
    {
        let rule = short_key_rule(document, found.provider);
        let Some(rule) = rule else { continue };
        if document.hits.iter().any(|other| {
            other.provider == found.provider && other.role == Role::Key && near(document.text, other.span, found.span)
        }) {
            continue;
        }
        if let Some(span) = short_token(document, rule, found.span) {
            let value = Unnamed { span, supports: Vec::new(), scope: found.scope, role: None };
            fresh.push(hit(
                document,
                &value,
                found.provider,
                rule,
                found.weight,
                "it stands by the secret and has the shape of its key",
            ));
        }
    }
    document.hits.extend(fresh);
}

/// The nearest token around `secret` that a key rule admits, mixes letters and digits and is bound to no other kind of name.
fn short_token(document: &Document<'_, '_, '_>, rule: RuleId, secret: Span) -> Option<Span> {
    let text = document.text;
    let (least, most) = document.engine.shape(rule).lengths;
    let (start, end) = (secret.start.saturating_sub(REACH), (secret.end + REACH).min(text.len()));
    let mut best: Option<(usize, Span)> = None;
    let mut at = start;
    while at < end {
        if !candidate::is_token(text[at]) {
            at += 1;
            continue;
        }
        let from = at;
        while at < end && candidate::is_token(text[at]) {
            at += 1;
        }
        let span = Span::new(from, at);
        let bytes = span.of(text);
        let mixed = (bytes.iter().any(u8::is_ascii_digit) || is_jumble(bytes))
            && bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count() >= 2;
        if span.overlaps(secret)
            || !(least..=most).contains(&span.len())
            || !mixed
            || !document.engine.shape(rule).admits(bytes)
            || !near(text, span, secret)
        {
            continue;
        }
        let names = binding::bind(text, span).names;
        let other =
            names.iter().map(|name| names::verdict(name.span.of(text))).find(|verdict| *verdict != Verdict::Nothing);
        if matches!(other, Some(Verdict::Other))
            || matches!(other, Some(Verdict::Part(role, _)) if role != Role::Key && role != Role::Id)
            || placeholder::is_placeholder(bytes)
            || randomness::is_wordy(bytes)
        {
            continue;
        }
        let distance = secret.start.abs_diff(span.start);
        if best.is_none_or(|best| distance < best.0) {
            best = Some((distance, span));
        }
    }
    best.map(|best| best.1)
}

/// Letters of both cases that make no word in any style: one key in six of ten characters has no digit.
fn is_jumble(bytes: &[u8]) -> bool {
    let inner = |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
    let runs = |pair: &[u8]| pair[0].is_ascii_uppercase() && pair[1].is_ascii_uppercase();
    bytes.iter().all(u8::is_ascii_alphabetic)
        && bytes.iter().any(u8::is_ascii_lowercase)
        && (bytes.windows(2).any(inner) && bytes.windows(2).any(runs)
            || bytes.windows(2).filter(|pair| inner(pair)).count() >= 2)
        && !randomness::is_wordy(bytes)
}

/// Pairs of no named provider whose two shapes together are those of one: `uuid` and 32 capital hexadecimal digits.
pub(super) fn recognise(document: &mut Document<'_, '_, '_>) {
    let engine = document.engine;
    let generic: Vec<usize> = (0..document.hits.len())
        .filter(|&at| engine.rules.provider(document.hits[at].provider).id == "generic")
        .collect();
    for &secret in &generic {
        if document.hits[secret].role != Role::Secret {
            continue;
        }
        let Some(&key) = generic.iter().find(|&&at| {
            document.hits[at].role == Role::Key
                && near(document.text, document.hits[at].span, document.hits[secret].span)
        }) else {
            continue;
        };
        let (key_span, secret_span) = (document.hits[key].span, document.hits[secret].span);
        if let Some((provider, a, b)) = spoken_of(document, key_span, secret_span) {
            let reason =
                format!("{} is spoken of, and key and secret have its shapes", engine.rules.provider(provider).name);
            own(document, [(key, a), (secret, b)], provider, &[], reason);
            continue;
        }
        let mut owners: Vec<(ProviderId, RuleId, RuleId)> = Vec::new();
        for provider in engine.rules.provider_ids() {
            if !matches!(engine.rules.provider(provider).kind, Kind::Exchange | Kind::Dex | Kind::Broker) {
                continue;
            }
            let good = |id: RuleId| !matches!(engine.rules.rule(id).grade, Grade::C | Grade::D);
            if let (Some(a), Some(b)) = (
                rule_of(document, provider, &|role| role == Role::Key, key_span).filter(|&id| good(id)),
                rule_of(document, provider, &|role| role == Role::Secret, secret_span).filter(|&id| good(id)),
            ) {
                owners.push((provider, a, b));
            }
        }
        if owners.is_empty() {
            continue;
        }
        // The narrowest shapes say most; what is as narrow stays an alternative.
        let bits = |owner: &(ProviderId, RuleId, RuleId)| engine.shape(owner.1).bits + engine.shape(owner.2).bits;
        owners.sort_by(|a, b| bits(a).total_cmp(&bits(b)).then(a.0.cmp(&b.0)));
        let least = bits(&owners[0]) + 8.0;
        owners.retain(|owner| bits(owner) <= least);
        if owners.len() > 3 {
            continue;
        }
        let (provider, a, b) = owners[0];
        let others: Vec<ProviderId> = owners[1..].iter().map(|owner| owner.0).collect();
        let reason = format!("key and secret together have the shapes of {}'s", engine.rules.provider(provider).name);
        own(document, [(key, a), (secret, b)], provider, &others, reason);
    }
}

/// Gives two values of nobody known to a provider.
fn own(
    document: &mut Document<'_, '_, '_>,
    pair: [(usize, RuleId); 2],
    provider: ProviderId,
    others: &[ProviderId],
    reason: String,
) {
    for (at, rule) in pair {
        let hit = &mut document.hits[at];
        hit.provider = provider;
        hit.rule = rule;
        hit.confidence = Confidence::Medium;
        hit.weight = NEAR;
        hit.alternatives = others.to_vec();
        hit.reasons.push(reason.clone());
    }
}

/// The one provider that an ordinary word near by may mean (`gate`, `alpaca`) and whose shapes key and secret have.
fn spoken_of(document: &Document<'_, '_, '_>, key: Span, secret: Span) -> Option<(ProviderId, RuleId, RuleId)> {
    const AROUND: usize = 2048;
    let engine = document.engine;
    let (start, end) = (key.start.min(secret.start).saturating_sub(AROUND), key.end.max(secret.end) + AROUND);
    let first = document.mentions.partition_point(|mention| mention.span.start < start);
    let mut found: Option<(ProviderId, RuleId, RuleId)> = None;
    for mention in document.mentions[first..].iter().take_while(|mention| mention.span.start < end) {
        let Mark::Ambiguous(provider) = mention.mark else { continue };
        let trades = matches!(engine.rules.provider(provider).kind, Kind::Exchange | Kind::Dex | Kind::Broker);
        if !trades || found.is_some_and(|found| found.0 == provider) {
            continue;
        }
        let key = rule_of(document, provider, &|role| role == Role::Key, key);
        let secret = rule_of(document, provider, &|role| role == Role::Secret, secret);
        if let (Some(key), Some(secret)) = (key, secret) {
            if found.is_some() {
                return None;
            }
            found = Some((provider, key, secret));
        }
    }
    found
}
