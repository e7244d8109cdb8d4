//! The main job from the outside: a leak in a tree, in every format, and what must never get out.

use std::process::Stdio;

use crate::harness::{ALNUM, Dir, Run, random};

/// A tree with credentials of two exchanges, and the values in it.
fn leaky() -> (Dir, Vec<String>) {
    let dir = Dir::new();
    let [key, secret, bybit_key, bybit_secret] =
        [(1, 64), (2, 64), (3, 18), (4, 36)].map(|(seed, length)| random(seed, ALNUM, length));
    dir.file("tree/conf/live.env", format!("# live\nBINANCE_API_KEY={key}\nBINANCE_API_SECRET={secret}\n"));
    dir.file(
        "tree/bot.py",
        format!("import ccxt\nexchange = ccxt.bybit({{\n    'apiKey': '{bybit_key}',\n    'secret': '{bybit_secret}',\n}})\n"),
    );
    dir.file("tree/readme.md", "Nothing to see.\n");
    (dir, vec![key, secret, bybit_key, bybit_secret])
}

#[test]
fn a_leak_is_told_as_a_person_needs_it() {
    let (dir, _) = leaky();
    let run = dir.run(&["scan", "tree/conf"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{run:#?}");
    for text in [
        "critical: Binance API key + secret\n  --> ",
        "live.env:3:20\n",
        "BINANCE_API_SECRET",
        "… (64 characters)",
        "at 2:17",
        "= why:     ",
        "= now:     Delete the key: https://",
        "What to do now\n  Binance (1 credential)\n",
        "1 leaked credential: 1 critical\n",
        "scanned 1 file (",
    ] {
        run.prints(1, &[text]);
    }
}

#[test]
fn key_and_secret_are_one_finding() {
    let (dir, _) = leaky();
    let run = dir.run(&["scan", "tree", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let findings = report["findings"].as_array().expect("it is a list");
    let found: Vec<(&str, usize)> = findings
        .iter()
        .map(|one| {
            (one["exchange"].as_str().expect("it is text"), one["parts"].as_array().expect("it is a list").len())
        })
        .collect();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&("binance", 2)) && found.contains(&("bybit", 2)), "{found:?}");
}

#[test]
fn the_more_of_a_credential_is_there_the_earlier_it_is_told() {
    let dir = Dir::new();
    let [key, secret, other] =
        [(1, 36), (2, 32), (3, 32)].map(|(seed, length)| random(seed, "0123456789abcdef", length));
    let key = format!("{}-{}-4{}-a{}-{}", &key[..8], &key[8..12], &key[12..15], &key[15..18], &key[18..30]);
    let phrase = random(4, ALNUM, 14);
    dir.file("a.env", format!("OKX_API_KEY={key}\n"))
        .file("b.env", format!("OKX_API_SECRET={}\n", other.to_uppercase()))
        .file("c.env", format!("OKX_API_KEY={key}\nOKX_API_SECRET={}\n", secret.to_uppercase()))
        .file("d.env", format!("OKX_API_KEY={key}\nOKX_API_SECRET={secret}\nOKX_PASSPHRASE={phrase}\n").to_uppercase());
    let run = dir.run(&["scan", ".", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let order: Vec<_> = report["findings"]
        .as_array()
        .expect("it is a list")
        .iter()
        .map(|one| (one["parts"][0]["path"].as_str().unwrap_or_default(), one["parts"].as_array().map_or(0, Vec::len)))
        .collect();
    assert_eq!(order, [("d.env", 3), ("c.env", 2), ("b.env", 1), ("a.env", 1)]);
}

/// Every form in which a value, or half of it, might get out.
fn forms(value: &str) -> Vec<String> {
    let (first, second) = value.split_at(value.len() / 2);
    let mut forms = Vec::new();
    for piece in [value, first, second] {
        let bytes = piece.as_bytes();
        forms.push(piece.to_owned());
        forms.push(piece.chars().rev().collect());
        forms.push(data_encoding::BASE64.encode(&bytes[..bytes.len() / 3 * 3]));
        forms.push(data_encoding::BASE32.encode(&bytes[..bytes.len() / 5 * 5]));
        forms.push(data_encoding::HEXLOWER.encode(bytes));
        forms.push(data_encoding::HEXUPPER.encode(bytes));
    }
    // What a mask shows is four characters; five are one too many.
    forms.push(value[..5].to_owned());
    forms
}

#[test]
fn no_output_lets_a_value_out() {
    let (dir, values) = leaky();
    for args in [
        &["scan", "tree"][..],
        &["scan", "tree", "--verbose", "--color", "always", "--min-confidence", "low"],
        &["scan", "tree", "--quiet"],
        &["scan", "tree", "--format", "json", "--min-confidence", "low"],
        &["scan", "tree", "--format", "json", "--min-confidence", "high"],
        &["scan", "tree", "--format", "sarif", "--min-confidence", "low"],
        &["scan", "tree", "--output", "out.txt", "--sarif", "out.sarif", "--json", "out.json"],
        &["scan", "tree", "--output", "nowhere/out.txt"],
        &["scan", "tree", "--rules", "tree/bot.py"],
        &["scan", "tree", "--rules", "tree/conf/live.env"],
        &["rules", "check", "tree/conf/live.env"],
    ] {
        let run = dir.run(args);
        let mut all = run.stdout + &run.stderr;
        for name in ["out.txt", "out.sarif", "out.json"] {
            all += &std::fs::read_to_string(dir.at(name)).unwrap_or_default();
        }
        for (number, value) in values.iter().enumerate() {
            for form in forms(value) {
                assert!(!all.contains(&form), "{args:?} lets a piece of value {number} out");
            }
        }
    }
}

#[test]
fn values_are_shown_to_those_who_ask() {
    let (dir, values) = leaky();
    for format in ["text", "json", "sarif"] {
        let run = dir.run(&["scan", "tree", "--format", format, "--show-secrets"]);
        for value in &values {
            run.prints(1, &[value]);
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_with_values_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let (dir, _) = leaky();
    dir.run(&["scan", "tree", "--json", "out.json", "--show-secrets"]).prints(1, &[]);
    let mode = std::fs::metadata(dir.at("out.json")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
}

#[test]
fn findings_are_the_same_for_any_number_of_threads() {
    let dir = Dir::new();
    for number in 0..60 {
        let (key, secret) = (random(2 * number, ALNUM, 64), random(2 * number + 1, ALNUM, 64));
        dir.file(
            format!("tree/{}/{number}.env", number % 5),
            format!("BINANCE_API_KEY={key}\nBINANCE_API_SECRET={secret}\n"),
        );
    }
    for format in ["json", "sarif"] {
        let run = |threads| dir.run(&["scan", "tree", "--format", format, "-j", threads]);
        let one = run("1");
        one.prints(1, &["binance-api-secret"]);
        for threads in ["2", "8"] {
            assert!(run(threads).stdout == one.stdout, "{format} differs with -j {threads}");
        }
    }
}

#[test]
fn a_threshold_changes_the_exit_code_not_the_report() {
    let (dir, _) = leaky();
    dir.file("tree/conf/live.env", "").run(&["scan", "tree"]).prints(1, &["Bybit"]);
    let severe = dir.run(&["scan", "tree", "--fail-on", "critical"]);
    assert_eq!(severe.code, Some(if severe.stdout.contains("critical:") { 1 } else { 0 }), "{severe:#?}");
    severe.prints(severe.code.expect("it ended"), &["Bybit"]);
}

#[test]
fn findings_in_standard_input_are_found() {
    let (dir, _) = leaky();
    let text = dir.read("tree/conf/live.env");
    let run = dir.run_with_input(&["scan", "-", "--stdin-name", "pasted.env"], text.as_bytes());
    run.prints(1, &["--> pasted.env:3:20"]);
}

#[test]
fn a_gap_is_told_beside_findings() {
    let (dir, _) = leaky();
    dir.file("tree/large.csv", "x".repeat(3000));
    let run = dir.run(&["scan", "tree", "--max-file-size", "2k"]);
    run.prints(1, &["2 leaked credentials", "not everything that was asked for was read", "large.csv"]);
    dir.run(&["scan", "tree", "--max-file-size", "2k", "--output", "out"]).fails(1, &["not everything"]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_does_not_hide_findings() {
    let (dir, _) = leaky();
    let (reader, writer) = std::io::pipe().expect("pipes can be made");
    drop(reader);
    let run = Run::of(dir.command(&["scan", "tree"]).stdout(Stdio::from(writer)));
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
}

#[cfg(unix)]
#[test]
fn a_file_name_gives_no_commands() {
    let (dir, _) = leaky();
    let text = dir.read("tree/conf/live.env");
    let name = "tree/x\n::add-mask::y\n##vso[task.setvariable]z\x1b[2J\u{202e}.env";
    if std::fs::write(dir.at(name), text).is_err() {
        return; // Some file systems have no such names.
    }
    for format in ["text", "json", "sarif"] {
        let run = dir.run(&["scan", "tree", "--format", format]);
        assert_eq!(run.code, Some(1));
        for line in run.stdout.lines() {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##vso["), "{format}: {line}");
            assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{format}: {line}");
        }
    }
}

/// The faults of a JSON text by a JSON schema.
fn faults(schema: &str, text: &str) -> Vec<String> {
    let schema: serde_json::Value = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let value: serde_json::Value = serde_json::from_str(text).expect("the report is JSON");
    validator.iter_errors(&value).map(|error| format!("{error} at {}", error.instance_path())).collect()
}

#[test]
fn reports_of_real_scans_follow_their_schemas() {
    let (dir, _) = leaky();
    dir.file("tree/large [a](b) #ü.csv", "x".repeat(3000)).file("tree/image.png", b"\x89PNG\0\0");
    let run =
        |format| dir.run(&["scan", "tree", "--max-file-size", "2k", "--min-confidence", "low", "--format", format]);
    let json = faults(include_str!("../../docs/report.schema.json"), &run("json").stdout);
    assert!(json.is_empty(), "{json:#?}");
    // The schema has a bracket too many in the pattern of two languages' names, which a strict reader refuses.
    let schema = include_str!("../../testdata/schemas/sarif-2.1.0.json").replace("{2}]?$", "{2}?$");
    let sarif = faults(&schema, &run("sarif").stdout);
    assert!(sarif.is_empty(), "{sarif:#?}");
}

/// What GitHub asks of rules beyond the schema, for every built-in one.
#[test]
fn every_rule_is_described_as_github_wants_it() {
    let log = Dir::new().run(&["scan", "--format", "sarif"]).stdout;
    let log: serde_json::Value = serde_json::from_str(&log).expect("it is JSON");
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().expect("it is a list");
    assert!(!rules.is_empty());
    let mut ids: Vec<&str> = Vec::new();
    for rule in rules {
        let text = |pointer: &str| rule.pointer(pointer).and_then(serde_json::Value::as_str).unwrap_or_default();
        let id = text("/id");
        for pointer in ["/shortDescription/text", "/fullDescription/text"] {
            let length = text(pointer).chars().count();
            assert!((1..=1024).contains(&length), "{id}: {pointer} has {length} characters");
        }
        assert!(!text("/help/text").is_empty() && text("/help/markdown").contains("\n1. "), "{id} has no help");
        assert!(text("/helpUri").starts_with("https://"), "{id}: helpUri is {:?}", text("/helpUri"));
        assert!(text("/name").starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit()), "{id}");
        assert!(text("/properties/security-severity").parse::<f64>().is_ok_and(|number| number > 0.0), "{id}");
        let tags = rule["properties"]["tags"].as_array().expect("it is a list");
        assert!(tags.len() <= 10 && tags.contains(&"security".into()), "{id}: {tags:?}");
        ids.push(id);
    }
    assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]), "ids are sorted and unique");
}
