//! The shapes in which venues tell rights, as words, and what the words mean. A word that a venue's file doesn't list is
//! unknown: two public bots looked for "withdraw" in codes they didn't know, and passed every key.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::finding::verification::Capability;

use super::answer::text_of;
use super::venue::{RightsKind, RightsShape};

/// The words of an answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) words: Vec<String>,
    /// Something stood there that is no word.
    pub(super) unknown: bool,
    /// Flags that are known stood there, true or false: no word means no right.
    pub(super) saw_flags: bool,
    pub(super) level: Option<String>,
}

impl Words {
    fn push(&mut self, word: Option<String>) {
        match word {
            Some(word) => self.words.push(word),
            None => self.unknown = true,
        }
    }
}

type Table = BTreeMap<String, Vec<Capability>>;

/// What a word means; `None` if it is not known.
pub(super) fn meaning<'t>(table: &'t Table, word: &str, level: Option<&str>) -> Option<&'t [Capability]> {
    let of = |name: &str| table.get(name).map(Vec::as_slice);
    let narrowed = level.and_then(|level| of(&format!("{word}@{level}")));
    let group = || of(&format!("{}:*", word.split_once(':')?.0));
    narrowed.or_else(|| of(word)).or_else(group)
}

/// The words of the first place that has some; `None` if there is no such place.
pub(super) fn words(shape: &RightsShape, row: &Value, table: &Table) -> Option<Words> {
    let mut words = shape
        .at
        .iter()
        .filter_map(|pointer| row.pointer(pointer))
        .filter(|value| !value.is_null())
        .find_map(|value| at(shape, value, table))?;
    words.level = shape.level.as_ref().and_then(|pointer| row.pointer(pointer)).and_then(text_of);
    Some(words)
}

fn at(shape: &RightsShape, value: &Value, table: &Table) -> Option<Words> {
    match shape.kind {
        RightsKind::List => list(value),
        RightsKind::Flags => flags(value.as_object()?, table),
        RightsKind::Levels => levels(value.as_object()?, &shape.only),
        RightsKind::Bybit => bybit(value),
        RightsKind::Bitfinex => bitfinex(value),
        RightsKind::Gate => gate(value),
        RightsKind::Bingx => match value.get("permissions") {
            Some(numbers) => list(numbers),
            None => flags(value.as_object()?, table),
        },
    }
}

fn list(value: &Value) -> Option<Words> {
    let mut words = Words::default();
    match value {
        Value::String(text) => {
            let parts = text.split([',', ' ', ';']).map(str::trim).filter(|word| !word.is_empty());
            words.words.extend(parts.map(str::to_owned));
        }
        Value::Array(values) => {
            for value in values {
                words.push(text_of(value).map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()));
            }
        }
        _ => return None,
    }
    Some(words)
}

/// Fields that are true. One that is not known counts if it is true; one that is known must be a truth value.
fn flags(object: &Map<String, Value>, table: &Table) -> Option<Words> {
    let mut words = Words::default();
    for (name, value) in object {
        match (value, table.contains_key(name)) {
            (Value::Bool(is), known) => {
                words.saw_flags |= known;
                if *is {
                    words.words.push(name.clone());
                }
            }
            (_, true) => words.unknown = true,
            (_, false) => {}
        }
    }
    (words.saw_flags || words.unknown).then_some(words)
}

fn levels(object: &Map<String, Value>, only: &[String]) -> Option<Words> {
    let mut words = Words::default();
    for (name, value) in object.iter().filter(|(name, _)| only.is_empty() || only.contains(name)) {
        words.push(text_of(value).map(|value| format!("{name}:{value}")));
    }
    (!words.words.is_empty()).then_some(words)
}

/// `readOnly` takes back whatever `permissions` grants.
fn bybit(value: &Value) -> Option<Words> {
    let groups = value.get("permissions")?.as_object()?;
    let mut words = Words::default();
    match value.get("readOnly").and_then(text_of).as_deref() {
        Some("1" | "true") => {
            words.words.push("readOnly".to_owned());
            return Some(words);
        }
        Some("0" | "false") => {}
        // What takes all back may stand here.
        _ => {
            words.unknown = true;
            return Some(words);
        }
    }
    for (group, rights) in groups {
        let Some(rights) = rights.as_array() else {
            words.unknown |= !rights.is_null();
            continue;
        };
        for right in rights {
            words.push(right.as_str().map(|right| format!("{group}:{right}")));
        }
    }
    Some(words)
}

fn bitfinex(value: &Value) -> Option<Words> {
    let mut words = Words::default();
    for row in value.as_array()? {
        let row = row.as_array()?;
        let (Some(name), Some(read), Some(write)) =
            (row.first().and_then(Value::as_str), row.get(1).and_then(text_of), row.get(2).and_then(text_of))
        else {
            words.unknown = true;
            continue;
        };
        for (right, given) in [("read", read), ("write", write)] {
            match given.as_str() {
                "1" | "true" => words.words.push(format!("{name}:{right}")),
                "0" | "false" => {}
                _ => words.unknown = true,
            }
        }
    }
    (!words.words.is_empty()).then_some(words)
}

fn gate(value: &Value) -> Option<Words> {
    let mut words = Words::default();
    for row in value.as_array()? {
        let name = row.get("name").and_then(Value::as_str);
        words.push(match (name, row.get("read_only").and_then(Value::as_bool)) {
            (Some(name), Some(true)) => Some(format!("{name}:read")),
            (Some(name), Some(false)) => Some(format!("{name}:write")),
            _ => None,
        });
    }
    (!words.words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::venue::find;

    fn words_of(id: &str, text: &str) -> Option<Words> {
        let venue = find(id).expect("there is one");
        let request = venue.requests.iter().find(|request| request.answer.rights.is_some()).expect("there is one");
        let shape = request.answer.rights.as_ref().expect("it has a shape");
        words(shape, &serde_json::from_str(text).expect("it is JSON"), &venue.words)
    }

    #[test]
    fn what_is_no_word_is_unknown() {
        let cases = [
            ("bitget", r#"{"data": {"authorities": ["stow", 7, null]}}"#),
            ("binance", r#"{"enableReading": "yes"}"#),
            ("bybit", r#"{"result": {"readOnly": 2, "permissions": {"Wallet": ["Withdraw"]}}}"#),
            ("bybit", r#"{"result": {"readOnly": 0, "permissions": {"Wallet": "Withdraw"}}}"#),
            ("bitfinex", r#"[["orders", 1, 0], ["withdraw"]]"#),
            ("gate", r#"{"perms": [{"name": "spot", "read_only": true}, {"name": "wallet"}]}"#),
        ];
        for (id, text) in cases {
            assert!(words_of(id, text).expect("words are there").unknown, "{id}: {text}");
        }
    }

    #[test]
    fn an_error_is_no_list_of_rights() {
        assert_eq!(words_of("bitfinex", r#"["error", 10100, "apikey: invalid"]"#), None);
        assert_eq!(words_of("bingx", r#"{"code": 100413, "msg": "no"}"#), None);
        assert_eq!(words_of("okx", r#"{"data": [{}]}"#), None);
    }
}
