//! Leaks in databases from the outside. `testdata/sqlite/make` made them with SQLite; the values are put in here.

use std::path::Path;

use serde_json::Value;

use crate::harness::{ALNUM, Dir, Run, random};

/// Replaces the runs of a letter, in UTF-8 and UTF-16, wherever they go on.
fn put(file: &mut [u8], letter: u8, value: &str) {
    let places: Vec<usize> = (0..file.len()).filter(|&at| file[at] == letter).collect();
    let runs = places.chunk_by(|one, next| next - one <= 2).filter(|run| run.len() >= 3);
    runs.flatten().zip(value.bytes().cycle()).for_each(|(&at, byte)| file[at] = byte);
}

/// A database with a key and a secret.
pub(crate) fn database(name: &str, seed: u64) -> (Vec<u8>, [String; 2]) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("testdata/sqlite/{name}.sqlite"));
    let mut file = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let values = [seed, seed + 1].map(|seed| random(seed, ALNUM, 64));
    put(&mut file, b'@', &values[0]);
    put(&mut file, b'~', &values[1]);
    (file, values)
}

/// Where a value begins in a database of that name, from 1.
fn place(name: &str, file: &[u8], value: &str) -> u64 {
    let form: Vec<u8> = match name {
        "utf16le" => value.bytes().flat_map(|byte| [byte, 0]).collect(),
        "utf16be" => value.bytes().flat_map(|byte| [0, byte]).collect(),
        _ => value.into(),
    };
    let find = |form: &[u8]| file.windows(form.len()).position(|bytes| bytes == form);
    // A value may go on in another page.
    find(&form).or_else(|| find(&form[..8])).map_or(0, |at| at as u64 + 1)
}

/// Value, line, column and first step of a part.
type Part = (String, u64, u64, String);

/// The findings: provider, and its parts.
fn findings(run: &Run) -> Vec<(String, Vec<Part>)> {
    let report = run.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let part = |part: &Value| {
        let at = |name: &str| part["start"][name].as_u64().unwrap_or_default();
        (text(&part["secret"]), at("line"), at("column"), text(&part["decoded"][0]))
    };
    let parts = |finding: &Value| finding["parts"].as_array().expect("a list").iter().map(part).collect();
    let all = report["findings"].as_array().expect("a list").iter();
    all.map(|finding| (text(&finding["provider"]["id"]), parts(finding))).collect()
}

#[test]
fn rows_are_credentials_at_their_bytes() {
    for (name, row) in [
        ("accounts", "row 77 of table accounts"),
        ("settings", "row 2 of table settings"),
        ("overflow", "row 1 of table profiles"),
        ("utf16le", "a row of table accounts"),
        ("utf16be", "a row of table accounts"),
    ] {
        let (file, [key, secret]) = database(name, 31);
        let dir = Dir::new();
        // It is told by what it begins with.
        dir.file("data/store.bin", &file);
        let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
        let found = findings(&run);
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0].0, "binance", "{name}");
        let mut parts = found[0].1.clone();
        parts.sort_by_key(|part| part.0 == secret);
        let values: Vec<&str> = parts.iter().map(|part| part.0.as_str()).collect();
        assert_eq!(values, [&key, &secret], "{name}");
        for (value, line, column, _) in &parts {
            assert_eq!((*line, *column), (1, place(name, &file, value)), "{name}: a place is a byte of the file");
        }
        assert_eq!(parts[0].3, row, "{name}");
        assert_eq!(run.json()["coverage"]["complete"], true, "{name}: all of it was read");
    }
}

#[test]
fn databases_in_archives_and_streams_are_read_alike() {
    let (file, [key, secret]) = database("accounts", 41);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut gz, &file).expect("memory");
    let dir = Dir::new();
    dir.file("store.db.gz", gz.finish().expect("a gz"));
    let args = ["--format", "json", "--show-secrets"];
    for run in [
        dir.run(&[&["scan", "."], &args[..]].concat()),
        dir.run_with_input(&[&["scan", "-"], &args[..]].concat(), &file),
    ] {
        let found = findings(&run);
        assert_eq!(found.len(), 1, "{found:?}");
        let mut values: Vec<&str> = found[0].1.iter().map(|part| part.0.as_str()).collect();
        values.sort_by_key(|value| *value == secret);
        assert_eq!(values, [&key, &secret]);
    }
}

/// What is damaged is a gap with its reason; what can be read is, as rows or as texts, and nothing twice.
#[test]
fn damaged_databases_are_read_as_far_as_they_go() {
    let (whole, [key, secret]) = database("accounts", 51);
    let holds = |page: usize| whole[page * 512..][..512].windows(64).any(|bytes| bytes == secret.as_bytes());
    let page = (0..whole.len() / 512).find(|page| whole[page * 512] == 0x0d && holds(*page)).expect("a page of rows");
    let other = (1..whole.len() / 512).find(|other| *other != page && whole[other * 512] == 0x0d).expect("another");
    for (name, at, byte, reason) in [
        ("another page", other * 512, 0x77, "is no page of a table"),
        ("its own page", page * 512, 0x77, "is no page of a table"),
        ("the page size", 16, 0x13, "says that its pages have"),
    ] {
        let mut file = whole.clone();
        file[at] = byte;
        let dir = Dir::new();
        dir.file("store.sqlite", &file);
        let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
        let report = run.json();
        let skipped = &report["coverage"]["skipped"][0];
        assert_eq!(skipped["code"], "unreadable", "{name}: {skipped}");
        assert!(skipped["reason"].as_str().is_some_and(|why| why.contains(reason)), "{name}: {skipped}");
        let found = findings(&run);
        let count = |value: &String| found.iter().flat_map(|one| &one.1).filter(|part| part.0 == *value).count();
        assert!(count(&key) <= 1 && count(&secret) <= 1, "{name}: {found:?}");
        if at == other * 512 {
            assert_eq!((count(&key), count(&secret)), (1, 1), "{name}: its row was read");
        }
    }
}

#[test]
fn deleted_rows_are_read_as_texts() {
    let (file, [key, _]) = database("deleted", 61);
    let dir = Dir::new();
    dir.file("store.sqlite", &file);
    let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
    assert!(findings(&run).iter().flat_map(|one| &one.1).any(|part| part.0 == key), "{run:?}");
}
