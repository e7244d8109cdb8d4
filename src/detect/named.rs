//! Values too short or too human to stand out: passphrases, passwords, short keys. They are read forward from the names
//! that say what they are, and weighed by those names and by what stands near.

use std::sync::OnceLock;

use super::binding::{Binding, How, Name};
use super::context::{NEAR, Support};
use super::judge::{self, Case, Hit};
use super::literal::Presence;
use super::names::{self, Strength, Verdict};
use super::value::{self, Given};
use super::vocabulary::{Mark, Mention};
use super::{Document, placeholder, scope, token};
use crate::rules::{Confidence, Evidence, Match, ProviderId, Role, RuleId};
use crate::span::Span;

/// Reads the values of all names that speak of credentials.
pub(crate) fn read(document: &mut Document<'_, '_, '_>) {
    let (mut last, mut short_key) = (0, false);
    for at in 0..document.mentions.len() {
        let Mention { mark, span, .. } = document.mentions[at];
        if !matches!(mark, Mark::Role | Mark::Name(_) | Mark::Header(_)) || !document.leads(span) {
            continue;
        }
        let name = whole_name(document.text, span);
        if name.end <= last || name.len() > 80 {
            continue;
        }
        last = name.end;
        // Most words of credentials stand in prose and code and are given no value.
        let Some(given) = value::given(document.text, name.end) else { continue };
        if given.spoken && !can_be_spoken(document.text, name) {
            continue;
        }
        let verdict = names::verdict(name.of(document.text));
        let found = match verdict {
            Verdict::Part(role, strength) => one(document, name, role, strength, given),
            _ => None,
        };
        if let Some(hit) = found.or_else(|| by_words(document, name, given))
            && !document.hits.iter().any(|other| other.span.overlaps(hit.span))
        {
            short_key |= hit.role == Role::Key;
            document.hits.push(hit);
        }
    }
    if short_key {
        super::pair::recognise(document);
    }
}

/// Whether a name with nothing but a blank behind it can be given a value: `--password x`, `API_PASS x`.
pub(crate) fn can_be_spoken(text: &[u8], name: Span) -> bool {
    text[..name.end].ends_with(b"password") || is_shouted(name.of(text))
}

/// `API_PASS`, the name of a setting.
fn is_shouted(name: &[u8]) -> bool {
    name.contains(&b'_') && !name.iter().any(u8::is_ascii_lowercase)
}

/// The word a mention is part of; with blanks, words of a quoted name or phrase are not joined.
pub(crate) fn whole_name(text: &[u8], part: Span) -> Span {
    let (mut start, mut end) = (part.start, part.end);
    while start > 0 && part.start - start < 64 && token::is_word(text[start - 1]) {
        start -= 1;
    }
    while end < text.len()
        && end - part.end < 64
        && token::is_word(text[end])
        && !text[end..].starts_with("：".as_bytes())
    {
        end += 1;
    }
    while end > part.end && text[end - 1] == b'.' {
        end -= 1;
    }
    Span::new(start, end)
}

/// A part that only its provider knows (`memo`, `uid`, `customer id`), next to other parts of that provider.
fn by_words(document: &Document<'_, '_, '_>, name: Span, given: Given) -> Option<Hit> {
    let text = document.text;
    let bytes = given.span.of(text);
    let beside = |hit: &&Hit| hit.weight >= NEAR && close(text, hit.span, given.span);
    if given.spoken || given.below || !document.hits.iter().any(|hit| beside(&hit)) {
        return None;
    }
    let words = names::words(name.of(text));
    let squeezed = words.concat();
    let stands_in = placeholder::is_placeholder(bytes) && !bytes.iter().all(u8::is_ascii_digit);
    if stands_in || !given.quoted && looks_like_code(text, given.span) {
        return None;
    }
    for hit in document.hits.iter().filter(beside) {
        for &id in document.engine.rules_of(hit.provider) {
            let rule = document.engine.rules.rule(id);
            let told = rule
                .words
                .iter()
                .any(|word| words.contains(word) || word.len() >= 5 && squeezed.ends_with(word.as_str()));
            if told
                && rule.evidence == Evidence::Name
                && rule.matching == Match::Value
                && document.engine.shape(id).admits(bytes)
            {
                return Some(Hit {
                    provider: hit.provider,
                    rule: id,
                    role: rule.role,
                    span: given.span,
                    confidence: Confidence::Medium,
                    weight: hit.weight,
                    alternatives: Vec::new(),
                    name: Some(name),
                    reasons: vec![judge::name_reason(text, name, rule.role)],
                    scope: hit.scope,
                });
            }
        }
    }
    None
}

fn one(document: &Document<'_, '_, '_>, name: Span, role: Role, strength: Strength, given: Given) -> Option<Hit> {
    let text = document.text;
    let bytes = given.span.of(text);
    if bytes.len() < 4 || bytes.len() > 128 {
        return None;
    }
    // A value that is itself a name (`OK-ACCESS-PASSPHRASE`, `somePassPhrase`), or code.
    let given = Given { quoted: given.quoted || in_quoted_pair(text, name, given.span), ..given };
    let is_name = || {
        !has_digit(bytes)
            && bytes.iter().all(|&byte| token::is_word(byte))
            && !matches!(names::verdict(bytes), Verdict::Nothing)
    };
    if !given.quoted && (looks_like_code(text, given.span) || !is_setting(text, name, given.span)) || is_name() {
        return None;
    }
    // Without quotes a bare word is a variable, but for files of settings.
    let bare = bytes.iter().all(|&byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'.');
    let header = name.of(text).contains(&b'-') && is_setting(text, name, given.span);
    if !given.quoted && bare && !header && !judge::is_settings(&document.hint.path) {
        return None;
    }
    if placeholder::is_placeholder(bytes) || document.engine.is_published(bytes) {
        return None;
    }
    let binding = Binding { names: vec![Name { span: name, how: How::Assigned }], callee: None };
    let scopes = scope::scopes(text, given.span.start);
    let mut supports = document.supports(given.span, &binding, &scopes);
    let object = scope::object(&scopes);
    let kin = kindred(document, object, given.span, &supports);
    supports.extend(kin.iter().map(|&provider| Support { provider, weight: NEAR, mention: None }));
    let case = Case {
        text,
        span: given.span,
        binding: &binding,
        supports: &supports,
        scope: object,
        label: None,
        path: &document.hint.path,
        key_file: false,
    };
    let build = |rule: RuleId, confidence: Confidence, weight: i32, reasons: Vec<String>| Hit {
        provider: document.engine.rules.provider_of(rule),
        rule,
        role: document.engine.rules.rule(rule).role,
        span: given.span,
        confidence,
        weight,
        alternatives: Vec::new(),
        name: Some(name),
        reasons,
        scope: object,
    };
    // A part of an exchange's credential of which other parts stand near.
    for support in supports.iter().filter(|support| support.weight >= NEAR) {
        let near =
            document.hits.iter().any(|hit| hit.provider == support.provider && close(text, hit.span, given.span));
        for &id in document.engine.rules_of(support.provider) {
            let rule = document.engine.rules.rule(id);
            let fits = names::fits(role, rule.role)
                && rule.matching == Match::Value
                && document.engine.shape(id).admits(bytes);
            // Long values had their chance as candidates, but for the few without a digit or a change of case.
            let own = bytes.len() < super::candidate::MIN_RUN || strength == Strength::Strong;
            let mixes =
                has_digit(bytes) || bytes.len() >= super::candidate::MIN_RUN && !super::randomness::is_wordy(bytes);
            let free = rule.evidence == Evidence::Name;
            let strong = strength == Strength::Strong && support.weight >= 77;
            let strong = strong && !given.below;
            let believable = if free { near || strong } else { own && mixes && (near || strong) };
            let said = !given.spoken || is_shouted(name.of(text));
            if fits && believable && said {
                let about = if kin.contains(&support.provider) {
                    "it stands in one object with the other parts".to_owned()
                } else {
                    judge::support_reason(document.engine, &case, support)
                };
                let reasons = vec![about, judge::name_reason(text, name, rule.role)];
                return Some(build(
                    id,
                    if near { Confidence::High } else { Confidence::Medium },
                    support.weight,
                    reasons,
                ));
            }
        }
    }
    if role == Role::Key && given.quoted && !given.below && beside_secret(document, object, given.span) {
        let id = document.engine.generic_rule(role)?;
        let reasons = vec![judge::name_reason(text, name, role), "it stands by a secret".to_owned()];
        return Some(build(id, Confidence::Medium, 0, reasons));
    }
    if !matches!(role, Role::Password | Role::Passphrase)
        || given.below
        || given.spoken && !text[..name.end].ends_with(b"password")
    {
        return None;
    }
    let rule = document.engine.generic_rule(role)?;
    password_confidence(text, name, given, strength).map(|confidence| {
        let confidence = if document.hint.is_rehearsal() || document.hint.is_minified(text, given.span.start) {
            Confidence::Low
        } else {
            confidence
        };
        build(rule, confidence, 0, vec![judge::name_reason(text, name, role)])
    })
}

/// Whose key and secret stand in the same object, though nothing names them: the shapes told.
fn kindred(document: &Document<'_, '_, '_>, object: usize, value: Span, supports: &[Support]) -> Vec<ProviderId> {
    let mut all: Vec<ProviderId> = Vec::new();
    for hit in &document.hits {
        let known = document.engine.rules.provider(hit.provider).id != "generic";
        let named = supports.iter().any(|support| support.provider == hit.provider && support.weight >= NEAR);
        if known
            && !named
            && object > 0
            && hit.scope == object
            && !all.contains(&hit.provider)
            && close(document.text, hit.span, value)
        {
            all.push(hit.provider);
        }
    }
    all
}

/// Whether a short value that is called a key is random, and the secret of nobody known stands in the same object.
fn beside_secret(document: &Document<'_, '_, '_>, object: usize, value: Span) -> bool {
    const LEAST: usize = 10;
    let bytes = value.of(document.text);
    let mixed = has_digit(bytes) && bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count() >= 2;
    let generic = |hit: &Hit| document.engine.rules.provider(hit.provider).id == "generic";
    let secrets = |hit: &&Hit| hit.role == Role::Secret && generic(hit) && hit.scope == object;
    (LEAST..super::candidate::MIN_RUN).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && mixed
        && object > 0
        && !super::randomness::is_wordy(bytes)
        && document.hits.iter().filter(secrets).any(|hit| close(document.text, hit.span, value))
}

/// A header within quotes: `"OK-ACCESS-PASSPHRASE: value"`.
fn in_quoted_pair(text: &[u8], name: Span, value: Span) -> bool {
    let (Some(&open), Some(&close)) = (name.start.checked_sub(1).and_then(|at| text.get(at)), text.get(value.end))
    else {
        return false;
    };
    token::is_quote(open) && open == close && text[name.end..value.start].trim_ascii() == b":"
}

/// Whether two values stand in one block: within twenty lines and two kilobytes.
fn close(text: &[u8], a: Span, b: Span) -> bool {
    let (low, high) = if a.start < b.start { (a.end, b.start) } else { (b.end, a.start) };
    low <= high && high - low <= 2048 && memchr::memchr_iter(b'\n', &text[low..high]).count() <= 20
}

fn has_digit(bytes: &[u8]) -> bool {
    bytes.iter().any(u8::is_ascii_digit)
}

/// How sure it is that a password of no known provider is one; None if it isn't.
fn password_confidence(text: &[u8], name: Span, given: Given, strength: Strength) -> Option<Confidence> {
    let bytes = given.span.of(text);
    // Code between two quotes of a minified program.
    if bytes.windows(2).any(|pair| matches!(pair, b"=>" | b"||" | b"&&" | b"==" | b"()" | b"${"))
        || bytes.contains(&b'{')
        || bytes.contains(&b';')
    {
        return None;
    }
    if is_lookup(bytes) {
        return None;
    }
    let symbols = bytes.iter().any(|byte| byte.is_ascii_punctuation());
    let mixed = has_digit(bytes) && bytes.iter().any(u8::is_ascii_alphabetic);
    if bytes.len() < 6 || bytes.contains(&b' ') || !given.quoted && !is_setting(text, name, given.span) {
        return None;
    }
    let identifier =
        bytes.iter().all(|&byte| byte.is_ascii_alphabetic() || byte == b'_' || byte == b'.' || byte == b'-');
    Some(match strength {
        Strength::Strong if (mixed || symbols) && !identifier && bytes.len() >= 8 => Confidence::Medium,
        Strength::Strong if is_jumble(bytes) => Confidence::Medium,
        _ => Confidence::Low,
    })
}

/// Letters of both cases as chance throws them: `CXECBHQxAy`.
fn is_jumble(bytes: &[u8]) -> bool {
    let changes = bytes.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    bytes.len() >= 8
        && bytes.iter().all(u8::is_ascii_alphabetic)
        && changes >= 1
        && bytes.iter().any(u8::is_ascii_lowercase)
        && super::randomness::is_random(bytes)
}

/// The key of a text of a user interface or of a setting: `form.labels.passphraseV2`.
fn is_lookup(bytes: &[u8]) -> bool {
    let mut parts = bytes.split(|&byte| byte == b'.');
    let word = |part: &[u8]| {
        part.first().is_some_and(u8::is_ascii_alphabetic) && part.iter().all(|&byte| token::is_word(byte))
    };
    bytes.iter().filter(|&&byte| byte == b'.').count() >= 2
        && parts.clone().all(word)
        && parts.any(|part| matches!(names::verdict(part), Verdict::Part(..)))
}

/// A setting's line: the name begins it, whatever its format, and the value ends it; or `NAME=value` anywhere.
pub(crate) fn is_setting(text: &[u8], name: Span, value: Span) -> bool {
    let line = Span::new(token::line_start(text, name.start), token::line_end(text, value.end));
    let before = text[line.start..name.start].trim_ascii();
    let before = before.strip_suffix(b"\"").unwrap_or(before).trim_ascii_end();
    let behind = text[value.end..line.end].trim_ascii();
    let between = &text[name.end..value.start];
    if between.contains(&b'(') {
        return false;
    }
    let shouted = name.of(text).iter().all(|byte| !byte.is_ascii_lowercase());
    if between == b"=" && in_connection(line.of(text)) {
        return true;
    }
    let element = before.ends_with(b"<") && behind.starts_with(b"</");
    let begins = matches!(
        before,
        b"" | b"export" | b"ENV" | b"ARG" | b"-" | b"set" | b"#" | b"-e" | b"//" | b"+" | b"login" | b"{" | b"*"
    );
    element || shouted && between == b"=" || begins && matches!(behind, b"" | b"}" | b"},")
}

/// Whether a line holds the settings of a connection, one behind the other: `host=db user=bot password=...`,
/// `Server=db;Database=trades;Password=...`, `vps1 ansible_host=... ansible_ssh_pass=...`.
pub(crate) fn in_connection(line: &[u8]) -> bool {
    const MARKS: [&[u8]; 9] = [
        b"host=",
        b"server=",
        b"data source=",
        b"hostname=",
        b"dbname=",
        b"database=",
        b"user id=",
        b"ansible_host=",
        b"addr=",
    ];
    const LONGEST: usize = 1024;
    static SOUGHT: OnceLock<Presence> = OnceLock::new();
    let line = &line[..line.len().min(LONGEST)];
    memchr::memchr(b'=', line).is_some()
        && SOUGHT.get_or_init(|| Presence::of(&MARKS)).is_in(&line.to_ascii_lowercase())
}

/// Something computed, not written: a call, a member, a comparison, a type.
pub(crate) fn looks_like_code(text: &[u8], span: Span) -> bool {
    let bytes = span.of(text);
    bytes.contains(&b'(')
        || bytes.contains(&b'[')
        || bytes.contains(&b'{')
        || bytes.windows(2).any(|pair| pair == b"::" || pair == b"->" || pair == b"//")
        || matches!(
            bytes,
            b"true"
                | b"false"
                | b"True"
                | b"False"
                | b"None"
                | b"null"
                | b"nil"
                | b"undefined"
                | b"str"
                | b"string"
                | b"String"
                | b"self"
        )
        || bytes.starts_with(b"self.")
        || bytes.starts_with(b"this.")
        || bytes.starts_with(b"config.")
        || bytes.starts_with(b"args.")
        || bytes.starts_with(b"&")
        || text.get(span.end) == Some(&b'(')
}
