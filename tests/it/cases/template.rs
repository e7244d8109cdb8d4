//! Fills the files of `testdata/cases`; `testdata/cases/README.md` describes what may stand in them.

use std::collections::BTreeMap;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use serde::Deserialize;
use stopleak::detect::proof;
use stopleak::rules::template::{Mode, Sources, Template};
use stopleak::rules::{Role, RuleSet};
use stopleak::span::Span;

/// What texts say of an exchange, from `testdata/cases/exchanges.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    /// As it stands in class names: `Bingx`.
    class: String,
    /// As people write it: `BingX`.
    brand: String,
    host: String,
    path: String,
    key_header: String,
    sign_header: String,
    passphrase_header: Option<String>,
}

pub(super) type Exchanges = BTreeMap<String, Exchange>;

/// A value that must be reported.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) exchange: String,
    pub(super) role: Role,
    /// Marks of one credential have one number.
    pub(super) account: u8,
    pub(super) span: Span,
    pub(super) value: Vec<u8>,
    /// The value doesn't stand in the text as it is, so that only its neighbourhood is known.
    pub(super) encoded: bool,
}

/// A file of a case, filled for one exchange.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) bytes: Vec<u8>,
    pub(super) marks: Vec<Mark>,
}

/// One exchange for which a file is filled.
pub(super) struct Filler<'a> {
    pub(super) exchanges: &'a Exchanges,
    pub(super) id: &'a str,
    /// The exchange of the second account in files that hold two.
    pub(super) other: &'a str,
}

impl Filler<'_> {
    /// Fills a file; the same seed gives the same text.
    pub(super) fn fill(&self, file: &str, seed: u64) -> Result<Text, String> {
        let chosen = self.choose(file)?;
        let mut marks = Vec::new();
        let template = self.name(&chosen, &mut marks)?;
        let mode = if marks.is_empty() { Mode::CounterExample } else { Mode::Example };
        let template = Template::parse(&template, mode)?;
        let rules = RuleSet::builtin();
        let find = |id: &str| rules.find(id).map(|id| rules.rule(id));
        let sources = Sources { rule: &rules.rules()[0], rules: &find, sample: &proof::sample };
        let filled = template.fill(&sources, seed)?;
        for (mark, span) in marks.iter_mut().zip(&filled.spans) {
            mark.span = *span;
            mark.value = span.of(&filled.text).to_vec();
        }
        let text = String::from_utf8(filled.text).map_err(|_| "the filled text is not UTF-8")?;
        encode(&text, marks)
    }

    fn exchange(&self, id: &str) -> Result<&Exchange, String> {
        self.exchanges.get(id).ok_or_else(|| format!("exchanges.toml does not know `{id}`"))
    }

    /// Keeps what stands in `⟦⟧` if the exchange has passphrases.
    fn choose(&self, file: &str) -> Result<String, String> {
        let keeps = self.exchange(self.id)?.passphrase_header.is_some();
        let mut chosen = String::new();
        let mut rest = file;
        while let Some((before, after)) = rest.split_once('⟦') {
            let (inside, after) = after.split_once('⟧').ok_or("`⟦` has no `⟧` behind it")?;
            chosen.push_str(before);
            chosen.push_str(if keeps { inside } else { "" });
            rest = after;
        }
        chosen.push_str(rest);
        Ok(chosen)
    }

    /// Writes names for `${exchange}` and the rules' fillings, marked, for `${key}`.
    fn name(&self, text: &str, marks: &mut Vec<Mark>) -> Result<String, String> {
        let mut named = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            named.push_str(&rest[..at]);
            // `$${` is the filling's own way to write `${`.
            if rest[..at].ends_with('$') {
                named.push_str("${");
                rest = &rest[at + 2..];
                continue;
            }
            let end = rest[at..].find('}').ok_or("`${` has no `}` behind it")? + at;
            let inside = &rest[at + 2..end];
            let made = self.word(inside)?.or_else(|| self.mark(inside, marks));
            named.push_str(made.as_deref().unwrap_or(&rest[at..=end]));
            rest = &rest[end + 1..];
        }
        named.push_str(rest);
        Ok(named)
    }

    fn word(&self, inside: &str) -> Result<Option<String>, String> {
        let lower = inside.to_ascii_lowercase();
        let id = if lower.starts_with("other") { self.other } else { self.id };
        let exchange = self.exchange(id)?;
        Ok(Some(match inside {
            "exchange" | "other" => id.to_owned(),
            "Exchange" | "Other" => exchange.class.clone(),
            "EXCHANGE" | "OTHER" => id.to_ascii_uppercase(),
            "Brand" => exchange.brand.clone(),
            "host" => exchange.host.clone(),
            "path" => exchange.path.clone(),
            "key-header" => exchange.key_header.clone(),
            "sign-header" => exchange.sign_header.clone(),
            "passphrase-header" => exchange.passphrase_header.clone().unwrap_or_default(),
            _ => return Ok(None),
        }))
    }

    /// `key`, `key 2` (of a second account), `other key` (of another exchange) and `like key` (to be left alone).
    fn mark(&self, inside: &str, marks: &mut Vec<Mark>) -> Option<String> {
        let (id, rest) = inside.strip_prefix("other ").map_or((self.id, inside), |rest| (self.other, rest));
        let (silent, rest) = rest.strip_prefix("like ").map_or((false, rest), |rest| (true, rest));
        let (word, number) = rest.split_once(' ').unwrap_or((rest, "1"));
        let (role, rule) = match word {
            "key" => (Role::Key, format!("rule:{id}-api-key")),
            "secret" => (Role::Secret, format!("rule:{id}-api-secret")),
            "passphrase" => (Role::Passphrase, "human".to_owned()),
            "rsa" => (Role::PrivateKey, "pem:rsa".to_owned()),
            "ed25519" => (Role::PrivateKey, "pem:ed25519".to_owned()),
            _ => return None,
        };
        if silent {
            return Some(format!("${{{rule}}}"));
        }
        let account = number.parse().ok()?;
        let (exchange, span) = (id.to_owned(), Span::default());
        marks.push(Mark { exchange, role, account, span, value: Vec::new(), encoded: false });
        Some(format!("«${{{rule}}}»"))
    }
}

/// Encodes what stands in `⟪way|text⟫`.
fn encode(text: &str, marks: Vec<Mark>) -> Result<Text, String> {
    let mut made = Text { bytes: Vec::new(), marks: Vec::new() };
    let mut at = 0;
    loop {
        let open = text[at..].find('⟪').map_or(text.len(), |found| found + at);
        made.push(Span::new(at, open), &text[at..open], &marks, false);
        if open == text.len() {
            return Ok(made);
        }
        let close = text[open..].find('⟫').ok_or("`⟪` has no `⟫` behind it")? + open;
        let inside = &text[open + '⟪'.len_utf8()..close];
        let (way, plain) = inside.split_once('|').ok_or("`⟪` needs a way of encoding and `|`")?;
        let (way, raw) = way.strip_prefix("raw ").map_or((way, false), |way| (way, true));
        made.push(Span::new(open, close), &encoded(way, plain)?, &marks, true);
        if raw {
            made.take_raw();
        }
        at = close + '⟫'.len_utf8();
    }
}

impl Text {
    /// The last mark's value is what stands in the text, encoded or not.
    fn take_raw(&mut self) {
        if let Some(mark) = self.marks.last_mut() {
            mark.value = mark.span.of(&self.bytes).to_vec();
            mark.encoded = false;
        }
    }

    /// Appends what became of a stretch of the old text, and the marks in it.
    fn push(&mut self, old: Span, text: &str, marks: &[Mark], encoded: bool) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(text.as_bytes());
        for mark in marks.iter().filter(|mark| old.contains(mark.span)) {
            let from = start + mark.span.start - old.start;
            let plain = Span::new(from, from + mark.span.len());
            let span = if encoded { Span::new(start, self.bytes.len()) } else { plain };
            self.marks.push(Mark { span, encoded, ..mark.clone() });
        }
    }
}

fn encoded(way: &str, plain: &str) -> Result<String, String> {
    if let Some(between) = way.strip_prefix("split ") {
        let middle = plain.len() / 2;
        return Ok(format!("{}{}{}", &plain[..middle], between.replace("\\n", "\n"), &plain[middle..]));
    }
    Ok(match way {
        "text" => plain.to_owned(),
        "base64" => BASE64.encode(plain.as_bytes()),
        "base64url" => BASE64URL_NOPAD.encode(plain.as_bytes()),
        "hex" => HEXLOWER.encode(plain.as_bytes()),
        "escape" => plain.replace('\\', "\\\\").replace('"', "\\\"").replace('\r', "\\r").replace('\n', "\\n"),
        "percent" => plain
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect(),
        _ => return Err(format!("`{way}` is not a known way of encoding")),
    })
}
