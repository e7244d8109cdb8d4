//! What is encoded is read, broken or not, from the outside: places are those of the file, and the scan goes on.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::harness::{ALNUM, Dir, Run, random};

fn pair(seed: u64) -> [String; 2] {
    [seed, seed + 1].map(|seed| random(seed, ALNUM, 64))
}

fn lines(source: &str) -> Vec<&str> {
    source.split_inclusive('\n').collect()
}

/// A notebook whose second cell holds a pair, and whose third has one in its output.
fn notebook(padding: &str) -> String {
    let [key, secret] = pair(1);
    let code = format!(
        "from binance.client import Client\napi_key = \"{key}\"\napi_secret = \\\n    \"{secret}\"\nclient = Client(api_key, api_secret)\n"
    );
    let [shown_key, shown] = pair(3);
    let output = format!("BINANCE_API_KEY={shown_key}\nBINANCE_API_SECRET={shown}\n");
    let cell = |kind: &str, source: &str| json!({"cell_type": kind, "metadata": {}, "source": lines(source)});
    let mut shows = cell("code", "print(config)");
    shows["outputs"] = json!([{"name": "stdout", "output_type": "stream", "text": lines(&output)}]);
    let cells = json!([cell("markdown", &format!("# A \"title\"\n{padding}")), cell("code", &code), shows]);
    serde_json::to_string_pretty(&json!({"cells": cells, "metadata": {}, "nbformat": 4})).expect("it is JSON")
}

/// Line, column and first step of decoding of each part, by value.
fn parts(run: &Run) -> Vec<(String, u64, u64, String)> {
    let report = run.json();
    let parts = report["findings"].as_array().expect("a list").iter().flat_map(|finding| finding["parts"].as_array());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all: Vec<_> = parts
        .flatten()
        .map(|part| {
            let at = |name: &str| part["start"][name].as_u64().unwrap_or_default();
            (text(&part["secret"]), at("line"), at("column"), text(&part["decoded"][0]))
        })
        .collect();
    all.sort_by_key(|part| (part.1, part.2));
    all
}

/// Line and column of a value in a file.
fn place(file: &str, value: &str) -> (u64, u64) {
    let at = file.find(value).expect("it is there");
    let start = file[..at].rfind('\n').map_or(0, |at| at + 1);
    ((file[..at].matches('\n').count() + 1) as u64, (at - start + 1) as u64)
}

#[test]
fn notebooks_are_told_by_cell_at_the_place_in_the_file() {
    // Whole, and in several windows.
    for padding in ["", &"A line of a long text, with \"quotes\".\n".repeat(60_000)] {
        let dir = Dir::new();
        let file = notebook(padding);
        dir.file("research.ipynb", &file);
        let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
        let expected: Vec<_> = pair(1)
            .into_iter()
            .map(|value| (value, "notebook cell 2 (code)"))
            .chain(pair(3).into_iter().map(|value| (value, "notebook cell 3 (output)")))
            .map(|(value, cell)| {
                let (line, column) = place(&file, &value);
                (value, line, column, cell.to_owned())
            })
            .collect();
        let mut expected = expected;
        expected.sort_by_key(|part| (part.1, part.2));
        assert_eq!(parts(&run), expected, "{} bytes", file.len());
        let findings = run.json()["findings"].as_array().map(Vec::len);
        assert_eq!(findings, Some(2), "each pair is one credential");
    }
}

#[test]
fn every_format_tells_the_cell() {
    let dir = Dir::new();
    dir.file("research.ipynb", notebook(""));
    dir.run(&["scan", "."]).prints(1, &["within notebook cell 2 (code)", "within notebook cell 3 (output)"]);
    let sarif = dir.run(&["scan", ".", "--format", "sarif"]).json();
    let cell = |result: &Value| {
        result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"].as_str().unwrap_or_default().to_owned()
    };
    let mut cells: Vec<String> = sarif["runs"][0]["results"].as_array().expect("a list").iter().map(cell).collect();
    cells.sort();
    assert_eq!(cells, ["notebook cell 2 (code)", "notebook cell 3 (output)"]);
}

#[test]
fn a_broken_notebook_is_read_as_it_is() {
    let whole = notebook("");
    let [key, secret] = pair(1);
    let behind = whole.find(&secret).expect("it is there") + secret.len() + 2;
    let text = format!("# no notebook\nBINANCE_API_KEY = \"{key}\"\nBINANCE_API_SECRET = \"{secret}\"\n");
    for (name, broken) in [
        ("cut", whole[..behind].to_owned()),
        ("something before it", format!("]]}}}}\n{whole}")),
        ("a quote too many", whole.replacen("\"cells\"", "\"\"cells\"", 1)),
        ("a comma too few", whole.replacen("},", "}", 1)),
        ("other text", text),
    ] {
        let dir = Dir::new();
        dir.file("research.ipynb", &broken);
        let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
        assert_eq!(run.code, Some(1), "{name}: {run:?}");
        for value in [&key, &secret] {
            let (line, column) = place(&broken, value);
            let found = parts(&run);
            assert!(found.iter().any(|part| (&part.0, part.1, part.2) == (value, line, column)), "{name}: {found:?}");
        }
        assert_eq!(run.json()["coverage"]["complete"], true, "{name}: all of it was read");
    }
}

/// A text in base64, so many times.
fn nested(text: &str, depth: usize) -> String {
    (0..depth).fold(text.to_owned(), |text, _| data_encoding::BASE64.encode(text.as_bytes()))
}

#[test]
fn encodings_that_are_broken_or_too_deep_stop_nothing() {
    let [key, secret] = pair(1);
    let leak = format!("BINANCE_API_KEY={key}\nBINANCE_API_SECRET={secret}\n");
    let mut invalid = nested(&leak, 1);
    invalid.insert(invalid.len() / 2, '*');
    for (name, before, expected) in [
        ("three deep", nested(&leak, 3), true),
        // Deeper than it is read: what is behind it is found all the same.
        ("nine deep", nested(&leak, 9), false),
        ("a character that is none of base64", invalid, false),
        ("padding alone", "=".repeat(4000), false),
        ("half of a hexadecimal digit", format!("{}f", data_encoding::HEXLOWER.encode(b"BINANCE_API_KEY")), false),
        ("escapes without end", "%4\\u00\\x%zz&amp".repeat(50_000), false),
    ] {
        let dir = Dir::new();
        dir.file("a.txt", format!("data = \"{before}\"\n"));
        let [other_key, other] = pair(5);
        dir.file("b.env", format!("BINANCE_API_KEY={other_key}\nBINANCE_API_SECRET={other}\n"));
        let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
        let found = parts(&run);
        assert!(found.iter().any(|part| part.0 == other), "{name}: the scan goes on");
        assert_eq!(found.iter().any(|part| part.0 == secret), expected, "{name}: {found:?}");
        assert_eq!(run.json()["coverage"]["complete"], true, "{name}");
    }
}

#[test]
fn archives_without_end_are_cut_and_named() {
    let gz = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).expect("write");
        encoder.finish().expect("a gz")
    };
    let dir = Dir::new();
    // Like one that holds itself: however often it is unpacked, an archive comes out.
    dir.file("cycle.gz", (0..60).fold(b"x".to_vec(), |inner, _| gz(&inner)));
    dir.file("bomb.gz", gz(&gz(&vec![0; 64 << 20])));
    dir.file("cut.gz", &gz(notebook("").as_bytes())[..60]);
    let [key, secret] = pair(1);
    dir.file("z.env", format!("BINANCE_API_KEY={key}\nBINANCE_API_SECRET={secret}\n"));
    let run = dir.run(&["scan", ".", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let report = run.json();
    let skipped = report["coverage"]["skipped"].as_array().expect("a list");
    let reasons: Vec<String> = skipped
        .iter()
        .map(|one| format!("{} {}", one["path"].as_str().unwrap_or_default(), one["code"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(reasons, ["bomb.gz limit", "cut.gz unreadable", "cycle.gz limit"], "{skipped:?}");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
}
