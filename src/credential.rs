//! A credential as the engine found it in one text: its parts and what is known of them. Still without a file, a line
//! or a fingerprint; `scan` adds those.

use crate::detect::Hint;
use crate::detect::judge::Hit;
use crate::detect::names;
use crate::finding::Environment;
use crate::rules::{Confidence, ProviderId, Role, RuleId, RuleSet, Severity};
use crate::secret::Secret;
use crate::span::Span;
use crate::view::View;

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
    /// Nothing in its text says that it is one; it counts only if another text proves it.
    pub unproven: bool,
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

/// The credentials of a text together with those of its decoded reading. Where both speak of the same bytes, the one
/// with more parts counts, then the surer, then the plain one; what was decoded whole wins over what was taken of its
/// encoded form.
pub(crate) fn merge(plain: Vec<Credential>, decoded: Vec<Credential>, view: &View) -> Vec<Credential> {
    let overlap = |a: &Credential, b: &Credential| {
        a.parts.iter().any(|part| b.parts.iter().any(|other| part.span.overlaps(other.span)))
    };
    let mut kept: Vec<Option<Credential>> = plain.into_iter().map(Some).collect();
    let mut all = Vec::new();
    for mut credential in decoded {
        let mut fresh = false;
        for part in &mut credential.parts {
            if let Some(encoding) = view.encoding(part.span) {
                part.decoded.insert(0, encoding.to_owned());
                fresh |= !view.cuts_token(part.span);
            }
            part.span = view.original(part.span);
        }
        let rank = |credential: &Credential| (credential.parts.len(), credential.confidence);
        let beaten = |old: &Credential| fresh || rank(&credential) > rank(old);
        if kept.iter().flatten().all(|old| !overlap(old, &credential) || beaten(old)) {
            for old in &mut kept {
                if old.as_ref().is_some_and(|old| overlap(old, &credential)) {
                    *old = None;
                }
            }
            all.push(credential);
        }
    }
    all.extend(kept.into_iter().flatten());
    all.sort_by_key(|credential| (credential.parts.iter().map(|part| part.span).min(), credential.provider));
    all
}

/// How far apart two parts of one credential may stand.
const MAX_LINES: usize = 40;
const MAX_BYTES: usize = 3072;

/// Puts recognised values together: what belongs to one key stands near, is of one provider and holds each role once.
pub(crate) fn assemble(rules: &RuleSet, text: &[u8], hint: &Hint, hits: Vec<Hit>) -> Vec<Credential> {
    let mut groups: Vec<Vec<Hit>> = Vec::new();
    for hit in hits {
        match groups.iter_mut().rev().take(6).find(|group| joins(rules, text, group, &hit)) {
            Some(group) => group.push(hit),
            None => groups.push(vec![hit]),
        }
    }
    if groups.is_empty() {
        return Vec::new();
    }
    let first_line = memchr::memchr(b'\n', text).unwrap_or(text.len());
    groups
        .into_iter()
        .filter(|group| !group.iter().all(|hit| hit.role == Role::Id))
        .map(|group| credential(rules, text, hint, first_line, group))
        .collect()
}

/// Whether a value is a further part of a group.
fn joins(rules: &RuleSet, text: &[u8], group: &[Hit], hit: &Hit) -> bool {
    let last = &group[group.len() - 1];
    let family = |role: Role| match role {
        Role::Secret | Role::PrivateKey | Role::Seed => Role::Secret,
        Role::Passphrase | Role::Password => Role::Passphrase,
        other => other,
    };
    let alone = |hit: &Hit| {
        matches!(hit.role, Role::Token | Role::Seed)
            || rules.provider(hit.provider).id == "generic" && matches!(hit.role, Role::Password | Role::Token)
    };
    // A token needs no second part, but an account's number stands beside it.
    let id = |hit: &Hit| hit.role == Role::Id;
    if last.provider != hit.provider
        || alone(hit) && !group.iter().all(id)
        || group.iter().any(alone) && !id(hit)
        || group.iter().any(|part| family(part.role) == family(hit.role))
    {
        return false;
    }
    let between = &text[last.span.end.min(hit.span.start)..hit.span.start];
    if between.len() > MAX_BYTES || memchr::memchr_iter(b'\n', between).count() > MAX_LINES {
        return false;
    }
    // Complete pairs in objects of their own are two accounts; so are names with different numbers.
    // A list of `{"name": ..., "value": ...}` has an object for each part, not for each account.
    let one_object = group.iter().all(|part| part.scope == group[0].scope);
    let apart = group.len() >= 2 && one_object && last.scope != hit.scope && between.contains(&b'}');
    let numbers = |hit: &Hit| hit.name.map(|name| account(name.of(text)));
    let differs = match (numbers(&group[0]), numbers(hit)) {
        (Some(a), Some(b)) => a != b && !a.is_empty() && !b.is_empty(),
        _ => false,
    };
    !apart && !differs
}

/// What tells accounts apart in a name: its numbers and words like `main` and `testnet`. What is no name of a part, such as
/// the value in front, tells nothing.
fn account(name: &[u8]) -> Vec<String> {
    let words = names::words(name);
    let words = if matches!(names::of_words(&words), names::Verdict::Part(..)) { words } else { Vec::new() };
    words
        .into_iter()
        .filter(|word| {
            word.bytes().all(|byte| byte.is_ascii_digit())
                || matches!(
                    word.as_str(),
                    "testnet"
                        | "demo"
                        | "paper"
                        | "sandbox"
                        | "live"
                        | "mainnet"
                        | "prod"
                        | "main"
                        | "sub"
                        | "spot"
                        | "futures"
                        | "old"
                        | "backup"
                )
        })
        .collect()
}

/// One group as a credential. `first_line`: where the first line of the text ends.
fn credential(rules: &RuleSet, text: &[u8], hint: &Hint, first_line: usize, mut group: Vec<Hit>) -> Credential {
    let chief_rank = |role: Role| match role {
        Role::Secret | Role::PrivateKey | Role::Seed => 0,
        Role::Token => 1,
        Role::Password => 2,
        Role::Passphrase => 3,
        Role::Key => 4,
        Role::Id => 5,
    };
    group.sort_by(|a, b| chief_rank(a.role).cmp(&chief_rank(b.role)).then(a.span.cmp(&b.span)));
    let chief = &group[0];
    let first = group.iter().map(|hit| hit.span.start).min().unwrap_or(0);
    let last = group.iter().map(|hit| hit.span.end).max().unwrap_or(0);
    let around = surroundings(text, first_line, first, last);
    let names: Vec<&[u8]> = group.iter().filter_map(|hit| hit.name).map(|name| name.of(text)).collect();
    let environment = environment(around, &names);
    let mut severity = group.iter().map(|hit| rules.rule(hit.rule).severity).max().unwrap_or(Severity::Medium);
    if group.iter().all(|hit| hit.role == Role::Key) {
        severity = severity.min(Severity::Medium);
    }
    if environment == Environment::Test || hint.is_rehearsal() {
        severity = lower(severity);
    }
    let mut confidence = group.iter().map(|hit| hit.confidence).max().unwrap_or(Confidence::Low);
    let (has_key, has_secret) = (
        group.iter().any(|hit| hit.role == Role::Key),
        group.iter().any(|hit| matches!(hit.role, Role::Secret | Role::PrivateKey)),
    );
    if has_key && has_secret && rules.provider(chief.provider).id != "generic" {
        confidence = Confidence::High;
    }
    let mut reasons: Vec<String> = Vec::new();
    for reason in group.iter().flat_map(|hit| &hit.reasons) {
        if !reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    let mut alternatives: Vec<ProviderId> = chief
        .alternatives
        .iter()
        .copied()
        .filter(|other| group.iter().all(|hit| hit.role == Role::Id || hit.alternatives.contains(other)))
        .collect();
    alternatives.sort();
    let part = |hit: &Hit| Part {
        role: hit.role,
        rule: hit.rule,
        span: hit.span,
        value: Secret::new(hit.span.of(text)),
        name: hit.name.map(|name| String::from_utf8_lossy(name.of(text)).into_owned()),
        decoded: Vec::new(),
    };
    Credential {
        provider: chief.provider,
        alternatives,
        severity,
        confidence,
        environment,
        parts: group.iter().map(part).collect(),
        reasons,
        capabilities: capabilities(around),
        unproven: false,
    }
}

fn lower(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
    }
}

/// The block around a credential: some lines before and behind. `first_line`: where the first line of the text ends.
fn surroundings(text: &[u8], first_line: usize, first: usize, last: usize) -> &[u8] {
    const LINES: usize = 12;
    const BYTES: usize = 1024;
    let mut start = first;
    let floor = first.saturating_sub(BYTES - 1);
    for _ in 0..LINES {
        start = match memchr::memrchr(b'\n', &text[floor..start.max(floor)]) {
            Some(at) => floor + at,
            // Further up lines may end, too.
            None if first_line < floor => break,
            None => first.saturating_sub(BYTES),
        };
    }
    let mut end = last;
    let ceiling = (last + BYTES).min(text.len());
    for _ in 0..LINES {
        end = match memchr::memchr(b'\n', &text[end.min(ceiling)..ceiling]) {
            Some(at) => end + at + 1,
            None => break,
        };
    }
    &text[start..end.max(last).min(text.len())]
}

/// Live or test: said by a name, a host, or a switch.
fn environment(around: &[u8], names: &[&[u8]]) -> Environment {
    let lower = String::from_utf8_lossy(around).to_lowercase();
    const TEST: [&str; 5] = ["testnet", "sandbox", "paper", "demo", "simulated"];
    let named =
        |words: &[&str]| names.iter().any(|name| names::words(name).iter().any(|word| words.contains(&word.as_str())));
    if named(&TEST) {
        return Environment::Test;
    }
    if named(&["live", "mainnet", "prod", "production", "real"]) {
        return Environment::Live;
    }
    for word in TEST {
        for (at, _) in lower.match_indices(word) {
            let behind: String = lower[at + word.len()..]
                .chars()
                .take(16)
                .filter(|c| !matches!(c, '"' | '\'' | ' ' | ')' | ']'))
                .collect();
            let switch = behind.trim_start_matches([':', '=', '>', ',']);
            if switch.starts_with("false")
                || switch.starts_with('0')
                || switch.starts_with("no")
                || switch.starts_with("off")
            {
                return Environment::Live;
            }
            if switch.starts_with("true")
                || switch.starts_with('1')
                || switch.starts_with("yes")
                || switch.starts_with("on")
            {
                return Environment::Test;
            }
            let before = lower[..at].chars().next_back();
            if behind.starts_with('.')
                || before == Some('.')
                || before == Some('/')
                || (before == Some('-') && behind.starts_with("-api"))
            {
                return Environment::Test;
            }
        }
    }
    Environment::Unknown
}

/// Rights that the block names.
fn capabilities(around: &[u8]) -> Vec<String> {
    const RIGHTS: &[(&str, &str)] = &[
        ("withdraw", "withdrawals"),
        ("futures", "futures"),
        ("margin", "margin"),
        ("leverage", "leverage"),
        ("readonly", "read only"),
        ("read_only", "read only"),
        ("read-only", "read only"),
        ("whitelist", "IP whitelist"),
        ("ip_restrict", "IP whitelist"),
        ("subaccount", "sub-account"),
        ("sub_account", "sub-account"),
        ("sub-account", "sub-account"),
    ];
    let lower = String::from_utf8_lossy(around).to_lowercase();
    let mut all: Vec<String> = Vec::new();
    for (word, right) in RIGHTS {
        let pair = word == &"whitelist" && lower.contains("pair_whitelist");
        if lower.contains(word) && !pair && !all.iter().any(|known| known == right) {
            all.push((*right).to_owned());
        }
    }
    all
}
