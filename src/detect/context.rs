//! Which provider a place in a text is about. Every mention is weighed by where it stands: in the value's own name, in what
//! encloses it, on its line, near by, elsewhere in the file, in the file's name. The nearest and most specific wins.

use std::cell::LazyCell;

use super::binding::Binding;
use super::lines::Lines;
use super::names;
use super::scope::{self, Scope};
use super::token;
use super::vocabulary::{Mark, Mention};
use crate::rules::ProviderId;
use crate::span::Span;

/// How strongly a text says that a value belongs to a provider, 0 to 100.
pub(crate) type Weight = i32;

/// The value's own name, or a header or call it is given to, names the provider.
pub(crate) const OWN_NAME: Weight = 100;
/// What encloses the value names it.
pub(crate) const ENCLOSED: Weight = 92;
/// At and above this the provider is named so near that shape alone can do without a telling name.
pub(crate) const NEAR: Weight = 45;
/// The file is named after the provider.
pub(crate) const FILE_NAME: Weight = 62;

/// A provider and what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Support {
    pub(crate) provider: ProviderId,
    pub(crate) weight: Weight,
    pub(crate) mention: Option<Mention>,
}

/// Weighs all mentions for the value at `value`; the heaviest first, one entry a provider.
pub(crate) fn supports(
    text: &[u8],
    value: Span,
    binding: &Binding,
    scopes: &[Scope],
    mentions: &[Mention],
    path: &[ProviderId],
    lines: &Lines,
) -> Vec<Support> {
    let mut all: Vec<Support> = Vec::new();
    let mut raise = |provider: ProviderId, weight: Weight, mention: Option<Mention>| match all
        .iter_mut()
        .find(|support| support.provider == provider)
    {
        Some(support) if support.weight >= weight => {}
        Some(support) => {
            support.weight = weight;
            support.mention = mention;
        }
        None => all.push(Support { provider, weight, mention }),
    };
    let object = || {
        let scope = scopes.iter().find(|scope| matches!(scope.kind, scope::Kind::Bracket(b'{' | b'(')))?;
        Some(Span::new(scope.open, scope::close(text, value.end)))
    };
    let object: LazyCell<_, &dyn Fn() -> Option<Span>> = LazyCell::new(&object);
    let place = Place { text, value, binding, scopes, object, lines };
    for mention in within_reach(mentions, value) {
        let Some(provider) = mention.mark.provider() else { continue };
        if mention.span.overlaps(value) {
            continue;
        }
        let weight = weigh(&place, *mention);
        if weight > 0 {
            raise(provider, weight, Some(*mention));
        }
    }
    for (rank, &provider) in path.iter().enumerate() {
        raise(provider, if rank == 0 { FILE_NAME } else { FILE_NAME - 14 }, None);
    }
    all.sort_by(|a, b| b.weight.cmp(&a.weight).then(a.provider.cmp(&b.provider)));
    all
}

/// How far before and behind a value mentions bear on it; beyond, only the head of the text does.
pub(super) const REACH: (usize, usize) = (16 * 1024, 4 * 1024);
pub(super) const HEAD: usize = 4 * 1024;

/// The mentions that can bear on a value; they are sorted by place. A text full of them costs no more than one with few.
fn within_reach(mentions: &[Mention], value: Span) -> impl Iterator<Item = &Mention> {
    let low = value.start.saturating_sub(REACH.0);
    let first = mentions.partition_point(|mention| mention.span.start < low);
    let last = mentions.partition_point(|mention| mention.span.start < value.end + REACH.1);
    let head = mentions[..first].partition_point(|mention| mention.span.start < HEAD);
    mentions[..head].iter().chain(&mentions[first..last.max(first)])
}

/// A value and what is known of where it stands.
struct Place<'t> {
    text: &'t [u8],
    value: Span,
    binding: &'t Binding,
    scopes: &'t [Scope],
    /// The construct around it.
    object: LazyCell<Option<Span>, &'t dyn Fn() -> Option<Span>>,
    lines: &'t Lines,
}

fn weigh(place: &Place<'_>, mention: Mention) -> Weight {
    let Place { text, value, binding, scopes, ref object, lines } = *place;
    let at = mention.span;
    let named = binding.names.iter().position(|name| name.span.contains(at) || (name.span.overlaps(at)));
    if let Some(rank) = named {
        return OWN_NAME - i32::try_from(rank).unwrap_or(0);
    }
    if binding.callee.is_some_and(|callee| callee.overlaps(at)) {
        return OWN_NAME - 4;
    }
    let scoped = scopes.iter().position(|scope| scope.label.contains(at));
    if let Some(rank) = scoped {
        return ENCLOSED - 3 * i32::try_from(rank).unwrap_or(0);
    }
    if !mention.meant {
        return 0;
    }
    let after = i32::from(at.start > value.start);
    let (low, high) = if at.end <= value.start { (at.end, value.start) } else { (value.end, at.start.max(value.end)) };
    let between = if high - low > 16 * 1024 { 1000 } else { lines.between(text, low, high) };
    let distance = i32::try_from(between).unwrap_or(1000);
    let near = match distance {
        // A long line (minified, logs) is no line: nearness is counted in bytes there.
        0 => 84 - i32::try_from((high - low) / 60).unwrap_or(60).min(56) - 2 * after,
        1..=3 => 76 - 2 * distance - 2 * after,
        4..=12 => 68 - distance - 2 * after,
        13..=60 => 56 - distance / 4 - 4 * after,
        _ => 30,
    };
    let same_object = distance <= 12 && object.is_some_and(|object| object.contains(at));
    let near = if same_object { near.max(80 - distance / 3 - after) } else { near };
    match mention.mark {
        Mark::Host(_) | Mark::Client(_) | Mark::Header(_) if distance > 60 => 36,
        _ => near,
    }
}

/// Whether an ordinary word stands where an exchange is named: as the whole of a string, behind `ccxt.`, or as the value
/// of a field that names exchanges.
pub(crate) fn is_meant(text: &[u8], at: Span) -> bool {
    let before = at.start.checked_sub(1).map_or(b' ', |i| text[i]);
    let after = text.get(at.end).copied().unwrap_or(b' ');
    if token::is_quote(before) && token::is_quote(after) {
        return true;
    }
    if text[..at.start].ends_with(b"ccxt.")
        || text[..at.start].ends_with(b"ccxt::")
        || text[..at.start].ends_with(b"from ")
    {
        return true;
    }
    // `Venue.ALPACA`, `Gate::API`, `'Alpaca Perpetual'`: a member, a module, a title.
    let capital = text[at.start].is_ascii_uppercase();
    if capital
        && (matches!(before, b'.' | b':' | b'\\')
            || text[at.end..].starts_with(b"::")
            || token::is_quote(before) && after == b' '
            || after == b'.' && text.get(at.end + 1).is_some_and(u8::is_ascii_uppercase))
    {
        return true;
    }
    if is_title(text, at) || names_role(text, at) || is_cell(text, at) || is_proper(text, at) {
        return true;
    }
    let line = token::line_start(text, at.start);
    let left = &text[line..at.start];
    let left = &left[left.len().saturating_sub(48)..];
    let fields = names::words(left);
    // `EXCHANGE__NAME: gate`: the word before `name` and `id` tells.
    let empty = |word: &str| word.bytes().all(|b| b.is_ascii_digit()) || matches!(word, "name" | "id" | "type");
    let named = fields.iter().rev().find(|word| !empty(word)).is_some_and(|word| {
        matches!(
            word.as_str(),
            "exchange"
                | "venue"
                | "market"
                | "broker"
                | "platform"
                | "provider"
                | "driver"
                | "adapter"
                | "selector"
                | "биржа"
                | "биржи"
                | "交易所"
                | "取引所"
                | "거래소"
                | "dex"
                | "cex"
        )
    });
    let fielded = left
        .iter()
        .rev()
        .find(|byte| !byte.is_ascii_whitespace() && !token::is_quote(**byte))
        .is_some_and(|byte| matches!(byte, b':' | b'=' | b'>' | b'-' | b'.' | b'['));
    let identifier =
        before == b'_' || after == b'_' || after.is_ascii_uppercase() && text[at.end - 1].is_ascii_lowercase();
    (named && (fielded || left.ends_with(b" ")))
        || (identifier
            && text[at.start..at.end].iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_uppercase())
            && near_role(text, at))
}

/// Words that stand beside the name of an exchange in a title: `# Gate API keys`, `alpaca:auth`.
const TITLE: &[&str] = &[
    "api",
    "key",
    "keys",
    "apikey",
    "apikeys",
    "account",
    "accounts",
    "auth",
    "bot",
    "cred",
    "creds",
    "credential",
    "credentials",
    "config",
    "secret",
    "secrets",
    "client",
    "exchange",
    "trading",
    "live",
    "paper",
    "demo",
    "test",
    "testnet",
    "main",
    "mainnet",
    "prod",
    "spot",
    "futures",
    "login",
    "access",
    "my",
    "the",
    "for",
    "new",
    "old",
];

/// Whether the line is a title: the word alone, or among words of credentials.
#[rustfmt::skip]
fn is_title(text: &[u8], at: Span) -> bool {
    let line = Span::new(token::line_start(text, at.start), token::line_end(text, at.end));
    if line.len() > 60 || line.len() < at.len() {
        return false;
    }
    let words = names::words(line.of(text));
    let own = names::words(at.of(text));
    words.len() <= own.len() + 4 && words.iter().all(|word| own.contains(word) || TITLE.contains(&word.as_str()))
}

/// Whether it fills a cell of a table: `| Gate |`, `gate,main,`.
fn is_cell(text: &[u8], at: Span) -> bool {
    let line = Span::new(token::line_start(text, at.start), token::line_end(text, at.end));
    let before = text[line.start..at.start].trim_ascii_end().last();
    let after = text[at.end..line.end].trim_ascii_start().first();
    let mark = |byte: u8| matches!(byte, b',' | b';' | b'\t' | b'|');
    match (before, after) {
        (Some(&b'|'), Some(&b'|')) => true,
        (None, Some(&after)) => mark(after) && memchr::memchr_iter(after, line.of(text)).count() >= 2,
        (Some(&before), Some(&after)) => {
            mark(before) && before == after && memchr::memchr_iter(after, line.of(text)).count() >= 3
        }
        _ => false,
    }
}

/// Whether it is a proper name in a sentence: `on Gate, it says`.
fn is_proper(text: &[u8], at: Span) -> bool {
    const BEFORE: &[&[u8]] =
        &[b" on", b" at", b" from", b" for", b" with", b" to", b" via", b" of", b" bei", b" auf", b" en", b" sur"];
    let own = at.of(text);
    own[0].is_ascii_uppercase()
        && own[1..].iter().all(u8::is_ascii_lowercase)
        && text[..at.start].strip_suffix(b" ").is_some_and(|before| BEFORE.iter().any(|word| before.ends_with(word)))
        && !text.get(at.end).is_some_and(|&byte| token::is_word(byte) && byte != b'.')
}

/// Whether the words behind it name a part of a credential: `Alpaca API Key`.
fn names_role(text: &[u8], at: Span) -> bool {
    if !text[at.start].is_ascii_uppercase() || text.get(at.end) != Some(&b' ') {
        return false;
    }
    let end = (at.end + 24).min(text.len());
    let stop = text[at.end..end].iter().position(|byte| !byte.is_ascii_alphabetic() && *byte != b' ');
    let behind = &text[at.end..stop.map_or(end, |stop| at.end + stop)];
    stop.is_some() && matches!(names::verdict(behind), names::Verdict::Part(_, names::Strength::Strong))
}

/// Whether the identifier an alias is part of speaks of credentials: `GATE_API_KEY`.
fn near_role(text: &[u8], at: Span) -> bool {
    let mut end = at.end;
    while end < text.len() && end - at.end < 40 && token::is_word(text[end]) {
        end += 1;
    }
    matches!(names::verdict(&text[at.start..end]), names::Verdict::Part(..))
}
