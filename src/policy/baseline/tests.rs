//! The file's form, and what it gives away.

use super::*;
use crate::finding::Place;
use crate::rules::RuleId;
use crate::source::Origin;
use crate::span::{Position, Region, Span};

const HEADER: &str = "{\"stopleak_baseline\":1,\"salt\":\"000102030405060708090a0b0c0d0e0f\"}\n";

fn part(value: &str, role: Role) -> FoundPart {
    let at = Position { line: 1, column: 1 };
    let (region, origin) = (Region { start: at, end: at }, Origin::file("a.py"));
    let place = Place { origin, region, span: Span::default(), decoded: Vec::new() };
    FoundPart { role, rule: RuleId(0), secret: Secret::new(value.as_bytes()), name: None, place }
}

/// A value without meaning, of letters and digits.
fn random(seed: u64, length: usize) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(ALPHABET[usize::try_from(state >> 33).expect("31 bits fit") % ALPHABET.len()])
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn faults_name_line_column_and_remedy() {
    let entry = "{\"value\":\"00112233445566778899\",\"rule\":\"r\",\"in\":\"a\"}";
    let cases = [
        ("", "b:1:1: this is no baseline of stopleak: the line with the salt is missing; `stopleak baseline create`"),
        (entry, "b:1:1: this is no baseline of stopleak"),
        (
            "{\"stopleak_baseline\":2,\"salt\":\"\"}",
            "b:1:1: this is version 2 of the format; a newer stopleak reads it",
        ),
        ("{\"stopleak_baseline\":1,\"salt\":\"00\"}", "b:1:1: the salt is damaged; restore the line from git"),
        (
            &(0..9).map(|salt| HEADER.replace("0f", &format!("{salt:02x}"))).collect::<String>(),
            "b:9:1: there are too many salts",
        ),
        (&format!("{HEADER}{entry}\nnonsense"), "b:3:2: expected"),
        (&format!("{HEADER}{}", entry.replace("rule", "rul")), "b:2:37: unknown field `rul`"),
        (&format!("{HEADER}{}", entry.replace("0011", "zz11")), "b:2:1: `value` has another form; restore the line"),
        (&format!("{HEADER}{}", entry.replace("0011", "")), "b:2:1: `value` has another form"),
        (
            &format!("{HEADER}{}", entry.replace('}', ",\"expires\":\"soon\"}")),
            "b:2:1: `expires` is no day; write it as",
        ),
        (
            &format!("{HEADER}<<<<<<< ours\n{entry}"),
            "b:2:1: a merge left its marks here; `stopleak baseline update` keeps",
        ),
    ];
    for (text, expected) in cases {
        let error = Baseline::read("b", text).expect_err(text).to_string();
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
}

#[test]
fn what_is_written_is_read_again_and_sorted() {
    let mut baseline = Baseline::new("b", [7; SALT]);
    for (value, reason) in [("ff", "one"), ("00", "two \"quoted\"\nlines"), ("7f", "ü")] {
        let (rule, within, reason) = ("r".to_owned(), "a b/ü.py".to_owned(), Some(reason.to_owned()));
        let value = value.repeat(STRONG);
        let entry = Entry { value, rule, within, path: None, verdict: None, reason, expires: None, line: 0 };
        assert!(baseline.add(entry));
    }
    let text = baseline.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "one line an entry");
    assert!(lines[1..].is_sorted(), "{text}");
    let again = Baseline::read("b", &text).expect("it is right");
    assert_eq!(again.to_string(), text);
    assert_eq!(again.entries[0].reason.as_deref(), Some("two \"quoted\"\nlines"));
}

#[test]
fn a_merge_keeps_both_sides_even_with_two_salts() {
    let mut ours = Baseline::new("b", [1; SALT]);
    let mut theirs = Baseline::new("b", [2; SALT]);
    let (a, b) = (part(&random(1, 64), Role::Secret), part(&random(2, 64), Role::Secret));
    for (baseline, part) in [(&mut ours, &a), (&mut theirs, &b)] {
        let (value, rule, within) = (baseline.name(part), "r".to_owned(), "a.py".to_owned());
        baseline.add(Entry { value, rule, within, path: None, verdict: None, reason: None, expires: None, line: 0 });
    }
    let text = format!("<<<<<<< a\n{ours}=======\n{theirs}>>>>>>> b\n");
    assert!(Baseline::read("b", &text).is_err());
    let merged = Baseline::read_merged("b", &text).expect("both are kept");
    for part in [&a, &b] {
        assert!(merged.names(part).iter().any(|name| merged.entries.iter().any(|entry| entry.value == *name)));
    }
    assert_eq!(Baseline::read("b", &merged.to_string()).expect("it is right").entries.len(), 2);
}

#[test]
fn only_random_values_have_a_long_name() {
    let baseline = Baseline::new("b", [7; SALT]);
    let phrase = ["correct", "horse", "battery", "staple"].join("-");
    let cases = [
        (random(1, 64), Role::Secret, false),
        (random(2, 32), Role::Key, false),
        (random(3, 24), Role::Token, false),
        ("hunter22".to_owned(), Role::Password, true),
        (format!("{phrase}-{}", 2024), Role::Passphrase, true),
        (format!("MyTradingBot{}", 2024), Role::Password, true),
        (format!("{phrase}-exchange-password-of-the-bot"), Role::Secret, true),
    ];
    for (value, role, weak) in cases {
        let name = baseline.name(&part(&value, role));
        assert_eq!(name.starts_with(WEAK), weak, "a value of {} characters", value.len());
        assert_eq!(name.len(), if weak { 3 } else { 20 });
    }
}

/// Who tries a list of a million passwords against the file is left with thousands that all fit.
#[test]
fn a_guessable_value_can_not_be_told_from_others() {
    let baseline = Baseline::new("b", [7; SALT]);
    let name = |number: u32| baseline.name(&part(&format!("summer{number}"), Role::Password));
    let wanted = name(17);
    let fitting = (0..2000).filter(|&number| name(number) == wanted).count();
    assert!((2..30).contains(&fitting), "{fitting} of 2000 fit; 8 is to be expected");
    // Another rule, file or use gives no further bits.
    let again = baseline.name(&part(&format!("summer{}", 17), Role::Passphrase));
    assert_eq!(wanted, again);
}

#[test]
fn a_salt_makes_all_names_others() {
    let value = part(&random(5, 64), Role::Secret);
    let name = |salt| Baseline::new("b", [salt; SALT]).name(&value);
    assert_ne!(name(1), name(2));
    assert_eq!(name(1), name(1));
}
