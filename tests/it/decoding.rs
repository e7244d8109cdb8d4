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

/// How a character is written.
type Written = fn(u8) -> String;

/// A value nobody sees a character of: each is an escape, or some of them are.
#[test]
fn values_written_as_escapes_are_read() {
    let hex: Written = |byte| format!("\\x{byte:02x}");
    let unicode: Written = |byte| format!("\\u{byte:04x}");
    let octal: Written = |byte| format!("\\{byte:03o}");
    let percent: Written = |byte| format!("%{byte:02X}");
    let mixed: Written = |byte| if byte & 1 == 0 { format!("\\x{byte:02X}") } else { char::from(byte).to_string() };
    let c = "/* Binance */\nstatic const char api_key[] = \"<K>\";\nstatic const char api_secret[] = \"<S>\";\n";
    for (file, text, written) in [
        ("keys.c", c, hex),
        ("keys.c", c, octal),
        ("keys.c", c, mixed),
        ("keys.py", "# binance\napi_key = '<K>'\napi_secret = '<S>'\n", hex),
        ("keys.js", "const binance = {apiKey: \"<K>\", secret: \"<S>\"};\n", unicode),
        ("keys.sh", "export BINANCE_API_KEY=$'<K>'\nexport BINANCE_API_SECRET=$'<S>'\n", hex),
        ("call.sh", "curl \"https://bot.local/binance/connect?api_key=<K>&api_secret=<S>\"\n", percent),
        ("call.txt", "https://<K>:<S>@api.binance.com/x\n", percent),
        ("form.txt", "POST /binance/keys\n\nlabel=main&apiKey=<K>&apiSecret=<S>\n", percent),
    ] {
        let [key, secret] = pair(11);
        let [hidden_key, hidden] = [&key, &secret].map(|value| value.bytes().map(written).collect::<String>());
        let content = text.replace("<K>", &hidden_key).replace("<S>", &hidden);
        let dir = Dir::new();
        dir.file(file, &content);
        let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
        let found: Vec<_> = parts(&run).into_iter().map(|part| (part.0, part.1, part.2)).collect();
        let expected: Vec<_> = [(&key, &hidden_key), (&secret, &hidden)]
            .map(|(value, hidden)| {
                let (line, column) = place(&content, hidden);
                (value.clone(), line, column)
            })
            .into();
        assert_eq!(found, expected, "{file}: {content}");
        assert_eq!(run.json()["findings"][0]["provider"]["id"], "binance", "{file}");
        assert_eq!(run.json()["findings"].as_array().map(Vec::len), Some(1), "{file}: one credential");
    }
}

/// Values that a program or a form holds in pieces or apart from their names.
#[test]
fn forms_and_joined_lists_are_read() {
    let [key, secret] = pair(21);
    let halves = |value: &str| [value[..20].to_owned(), value[20..45].to_owned(), value[45..].to_owned()];
    let list = |value: &str| halves(value).map(|piece| format!("\"{piece}\"")).join(", ");
    let field =
        |name: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let form = [field("exchange", "binance"), field("apiKey", &key), field("apiSecret", &secret)].concat();
    for (file, text) in [
        ("multipart.txt", format!("POST /keys\r\n\r\n{form}--x--\r\n")),
        ("a.py", format!("# binance\nkey = \"{key}\"\nsecret = \"\".join([{}])\n", list(&secret))),
        ("a.js", format!("const binance = {{\n  apiKey: '{key}',\n  secret: [{}].join(\"\"),\n}};\n", list(&secret))),
        (
            "A.java",
            format!("// Binance\nString apiKey = \"{key}\";\nString secret = String.join(\"\", {});\n", list(&secret)),
        ),
    ] {
        let dir = Dir::new();
        dir.file(file, &text);
        let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
        let found: Vec<_> = parts(&run).into_iter().map(|part| part.0).collect();
        assert_eq!(found, [key.clone(), secret.clone()], "{text}");
        assert_eq!(run.json()["findings"][0]["provider"]["id"], "binance", "{file}");
        assert_eq!(run.json()["findings"].as_array().map(Vec::len), Some(1), "{file}: one credential");
        // The first piece of a joined value is where it begins.
        let (line, column) = place(&text, &secret[..20]);
        let begins = parts(&run).pop().map(|part| (part.1, part.2));
        assert!(begins.is_some_and(|at| at.0 == line && at.1 <= column), "{file}: {begins:?}");
    }
}

#[test]
fn a_recovery_phrase_in_two_strings_is_one() {
    let mut state = 5_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state ^ state >> 31
    };
    let phrase = stopleak::detect::proof::sample("bip39", &mut next).expect("a known proof");
    let (first, second) = phrase.split_at(phrase.match_indices(' ').nth(5).expect("twelve words").0 + 1);
    let words = phrase.split(' ').map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", ");
    for text in [
        format!("SEED = (\"{first}\"\n        \"{second}\")\n"),
        format!("seed = '{first}' \\\n    '{second}'\n"),
        format!("const mnemonic = \"{first}\" +\n  \"{second}\";\n"),
        format!("wallet = from_mnemonic(' '.join([{words}]))\n"),
    ] {
        let dir = Dir::new();
        dir.file("wallet.py", &text);
        let run = dir.run(&["scan", ".", "--format", "json", "--show-secrets"]);
        let found: Vec<_> = parts(&run).into_iter().map(|part| part.0).collect();
        assert_eq!(found, [phrase.as_str()], "{text}");
    }
}
