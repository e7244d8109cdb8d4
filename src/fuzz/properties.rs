//! Promises for texts that nobody chose: what fuzzing searches for by hours, here with as many random tries as a test may
//! take. `tests/it/git/versions.rs` has the property of histories: what is found by changes is what is found in whole blobs.

use proptest::prelude::*;

use super::{Trickle, builtin, filled, run};
use crate::finding::Report;
use crate::policy::baseline::{Baseline, Entry, Verdict};
use crate::scan;
use crate::source::read::WINDOW;

/// A code of `filled`: letters of an alphabet that mean nothing.
fn value() -> impl Strategy<Value = Vec<u8>> {
    (1..=6_u8, prop::sample::select(vec![16_u8, 24, 32, 40, 64, 88]), any::<u8>()).prop_map(|(a, b, c)| vec![a, b, c])
}

/// A line as it stands in settings and code, with codes for values.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "BINANCE_API_KEY=",
        "BINANCE_API_SECRET=",
        "  \"secret\": \"",
        "kraken.apiKey = '",
        "# nothing here",
        "order_id: ",
        "password=",
        "https://u:",
        "@api.okx.com/",
        "\\x41\\u0042",
        "ü\t",
        "\"",
        "', ",
        "-----BEGIN",
        "",
        "{",
        "}",
    ]);
    let piece = prop_oneof![3 => words.prop_map(|word| word.as_bytes().to_vec()), 2 => value()];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| {
        let mut line = pieces.concat();
        line.push(b'\n');
        line
    })
}

fn text(lines: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(line(), lines).prop_map(|lines| lines.concat())
}

/// A credential that is found whatever follows.
const LEAK: &[u8] = b"BINANCE_API_KEY=\x01\x40\x07\nBINANCE_API_SECRET=\x01\x40\x08\n\n\n\n";

/// Rule, place and value of every part.
fn found(report: &Report<'_>) -> Vec<(String, usize, usize, Vec<u8>)> {
    let parts = report.findings.iter().flat_map(|finding| &finding.parts);
    let shown = |part: &crate::finding::FoundPart| {
        let span = part.place.span;
        (report.rules.rule(part.rule).id.clone(), span.start, span.end, part.secret.expose().to_vec())
    };
    parts.map(shown).collect()
}

fn scanned(text: &[u8], piece: usize, threads: usize) -> Vec<(String, usize, usize, Vec<u8>)> {
    let options = scan::Options { threads, ..scan::Options::default() };
    found(&scan::stdin(builtin(), &mut Trickle(text, piece), "bot/.env", &options, &()))
}

fn entry() -> impl Strategy<Value = Entry> {
    let name = prop_oneof!["[0-9a-f]{20}", "~[0-9a-f]{2}"];
    let verdict = prop::sample::select(vec![Verdict::False, Verdict::Revoked, Verdict::Real]);
    let text = || "[ -~ü\\n\"\\\\]{0,12}";
    let (path, reason) = (prop::option::of(text()), prop::option::of(text()));
    let expires = prop::option::of("20[0-9]{2}-[01][0-9]-[0-3][0-9]");
    (name, text(), text(), path, prop::option::of(verdict), reason, expires).prop_map(
        |(value, rule, within, path, verdict, reason, expires)| Entry {
            value,
            rule,
            within,
            path,
            verdict,
            reason,
            expires,
            line: 0,
        },
    )
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(64))]

    /// Offset maps: of decoded pieces, of pieces anywhere, and of UTF-16 and UTF-32 cut anywhere.
    #[test]
    fn ways_lead_back(form in 0..2_u8, data in prop_oneof![prop::collection::vec(any::<u8>(), 0..400), text(0..12)]) {
        run("views", &[&[form], data.as_slice()].concat());
    }

    /// Values lie where they are said to be, a second look sees the same, and a report in any format is free of them.
    #[test]
    fn reports_hold_no_value(path in "[a-z./]{0,12}", text in text(1..12)) {
        run("engine", &[path.as_bytes(), b"\n", LEAK, text.as_slice()].concat());
    }

    /// However the text comes in, and whoever scans it.
    #[test]
    fn pieces_and_threads_change_nothing(text in text(1..40), piece in 1..200_usize, threads in 1..5_usize) {
        let text = filled(&[LEAK, &text].concat());
        let one = scanned(&text, usize::MAX, 1);
        prop_assert!(!one.is_empty());
        prop_assert_eq!(scanned(&text, piece, threads), one);
    }

    /// What is written reads as the same; what is there is not added again; the order of adding is not seen.
    #[test]
    fn a_baseline_is_a_set(entries in prop::collection::vec(entry(), 0..12)) {
        let mut baseline = Baseline::new("b", [7; 16]);
        for entry in &entries {
            baseline.add(entry.clone());
        }
        let written = baseline.to_string();
        let mut again = Baseline::read("b", &written).expect("it was written by us");
        prop_assert_eq!(again.to_string(), written.as_str());
        for entry in baseline.entries.clone() {
            prop_assert!(!again.add(entry), "it is there");
        }
        prop_assert_eq!(again.to_string(), written.as_str());
        again.entries.reverse();
        prop_assert_eq!(again.to_string(), written.as_str());
    }
}

proptest! {
    #![proptest_config(cases(6))]

    /// The same for a text of several windows, which threads share.
    #[test]
    fn long_texts_too(
        (head, tail) in (text(1..12), text(1..12)),
        filler in prop::sample::select(vec!["a line of nothing much\n", "x", "word "]),
        length in WINDOW - 5000..2 * WINDOW + 5000,
        threads in 2..5_usize,
    ) {
        let filler = filler.repeat(length / filler.len());
        let text = [filled(LEAK), filled(&head), filler.into_bytes(), filled(&tail)].concat();
        let one = scanned(&text, usize::MAX, 1);
        prop_assert!(!one.is_empty());
        prop_assert_eq!(scanned(&text, 4096, 1), one.as_slice());
        prop_assert_eq!(scanned(&text, 70_000, threads), one);
    }
}
