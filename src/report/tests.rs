//! Reports of a made-up exchange: what every format must and must not say.

use std::time::Duration;

use super::*;
use crate::finding::{Environment, Finding, FoundPart, Place, Remark, RemarkKind, SuppressedBy, Suppression, Totals};
use crate::rules::{Confidence, ProviderFile, Role, RuleSet, Severity};
use crate::secret::{FINGERPRINT_KEY, Fingerprint, Secret};
use crate::source::{Origin, SkipReason, Skipped};
use crate::span::{Position, Region, Span};

const RULES: &str = r#"
[[files]]
[files.provider]
id = "acme"
name = "Acme"
kind = "exchange"
revoke = "https://acme.example/keys"
docs = "https://acme.example/docs"
permissions = ["read", "trade", "withdraw"]
ip_whitelist = "up to 30 addresses"
rotation = "A new key works after a minute."
[[files.rule]]
id = "acme-api-key"
role = "key"
title = "Acme API key"
shape = "[0-9A-Za-z]{64}"
evidence = "context"
grade = "A"
severity = "high"
source = "its documentation"
[[files.rule]]
id = "acme-api-secret"
role = "secret"
title = "Acme API secret"
shape = "[0-9A-Za-z]{64}"
evidence = "context"
grade = "A"
severity = "critical"
source = "its documentation"
[[files]]
[files.provider]
id = "chain"
name = "Chain"
kind = "wallet"
revoke = ""
docs = ""
[[files.rule]]
id = "chain-private-key"
role = "private_key"
title = "Chain private key"
shape = "0x[0-9a-f]{64}"
evidence = "proof"
grade = "B"
severity = "critical"
source = "its documentation"
"#;

pub(super) fn sample_rules() -> RuleSet {
    #[derive(serde::Deserialize)]
    struct Files {
        files: Vec<ProviderFile>,
    }
    let files: Files = toml::from_str(RULES).expect("the sample is right");
    RuleSet::from_files(files.files)
}

/// A value without meaning: 64 letters and digits from a generator with a fixed seed.
fn value(seed: u64) -> String {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..64)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(ALPHABET[usize::try_from(state >> 33).expect("31 bits fit") % ALPHABET.len()])
        })
        .collect()
}

fn part(rules: &RuleSet, id: &str, role: Role, name: &str, path: &[u8], line: usize, value: &str) -> FoundPart {
    let end = 20 + value.len();
    FoundPart {
        role,
        rule: rules.find(id).expect("the sample has it"),
        secret: Secret::new(value.as_bytes()),
        name: Some(name.to_owned()),
        place: Place {
            origin: Origin::file(path),
            region: Region { start: Position { line, column: 20 }, end: Position { line, column: end } },
            span: Span::new(100 * line, 100 * line + value.len()),
            decoded: Vec::new(),
        },
    }
}

fn finding(rules: &RuleSet, parts: Vec<FoundPart>, confidence: Confidence) -> Finding {
    let rule = parts[0].rule;
    Finding {
        rule,
        provider: rules.provider_of(rule),
        alternatives: Vec::new(),
        severity: Severity::Critical,
        confidence,
        environment: Environment::Live,
        unproven: false,
        fingerprint: Fingerprint::of(FINGERPRINT_KEY, &rules.rule(rule).id, &parts[0].secret, &[]),
        parts,
        reasons: vec!["the exchange is named by the variable ACME_API_SECRET".to_owned()],
        exposure: vec!["Dockerfile:3 (`COPY . .`) copies the file into the image".to_owned()],
        capabilities: vec!["withdrawals".to_owned()],
        comment: None,
        suppressed: None,
        verification: None,
    }
}

fn sample(rules: &RuleSet) -> Report<'_> {
    let path = b"conf/live.env";
    let hostile = b"evil\n::add-mask::\x1b[2J##vso[x] \xff[a](b){0}.py";
    let pair = vec![
        part(rules, "acme-api-secret", Role::Secret, "ACME_API_SECRET", path, 3, &value(1)),
        part(rules, "acme-api-key", Role::Key, "ACME_API_KEY", path, 2, &value(2)),
    ];
    let alone = vec![part(rules, "chain-private-key", Role::PrivateKey, "key\n::x::[a](b)", hostile, 9, &value(3))];
    let unsure = vec![part(rules, "acme-api-key", Role::Key, "id", b"a.py", 1, &value(4))];
    let mut report = Report {
        rules,
        mode: "tree",
        findings: vec![
            finding(rules, pair, Confidence::High),
            finding(rules, alone, Confidence::Medium),
            finding(rules, unsure, Confidence::Low),
        ],
        suppressed: Vec::new(),
        skipped: vec![
            Skipped { origin: Origin::file("a.png"), reason: SkipReason::Binary },
            Skipped { origin: Origin::file(&hostile[..]), reason: SkipReason::Unreadable("denied\n::x::".to_owned()) },
            Skipped {
                origin: Origin::file("huge.csv"),
                reason: SkipReason::TooLarge { size: 60_000_000, limit: 50_000_000 },
            },
        ],
        notes: vec!["the history is shallow: 1 commit".to_owned()],
        remarks: Vec::new(),
        has_baseline: false,
        totals: Totals { files: 12, bytes: 3_456_789, elapsed: Duration::from_millis(1230) },
    };
    crate::policy::decide(&mut report, &crate::policy::Policy::default());
    report
}

fn render(format: Format, report: &Report<'_>, style: &Style) -> String {
    let mut out = Vec::new();
    write(format, report, style, &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// The formats that can hold values, and those that never do.
const FORMATS: [Format; 4] = [Format::Text, Format::Json, Format::Sarif, Format::Csv];
const REDACTED_FORMATS: [Format; 5] =
    [Format::Github, Format::Gitlab, Format::CodeQuality, Format::Junit, Format::Markdown];

fn all_formats() -> impl Iterator<Item = Format> {
    FORMATS.into_iter().chain(REDACTED_FORMATS)
}

#[test]
fn no_format_lets_a_value_out() {
    let rules = sample_rules();
    let report = sample(&rules);
    for format in all_formats() {
        let shown = render(format, &report, &Style { verbose: true, colour: true, ..Style::default() });
        for seed in 1..=4 {
            let value = value(seed);
            let bytes = value.as_bytes();
            for form in [
                value[4..12].to_owned(),
                value[32..40].to_owned(),
                value[56..].to_owned(),
                data_encoding::BASE64.encode(&bytes[..30]),
                data_encoding::HEXLOWER.encode(&bytes[4..12]),
                data_encoding::HEXUPPER.encode(&bytes[4..12]),
            ] {
                assert!(!shown.contains(&form), "{format:?} shows a piece of value {seed}");
            }
        }
    }
}

#[test]
fn pieces_of_values_are_taken_out_too() {
    let rules = sample_rules();
    let value = value(1);
    for (from, to) in [(0, 48), (0, 12), (7, 50), (20, 64), (52, 64), (3, 26)] {
        let piece = &value[from..to];
        let mut report = sample(&rules);
        report.findings[0].reasons = vec![format!("the name `{piece}` says so"), format!("{piece}{piece}!")];
        report.findings[0].parts[0].name = Some(format!("x_{piece}"));
        for format in all_formats() {
            let shown = render(format, &report, &Style { verbose: true, ..Style::default() });
            assert!(!shown.contains(&piece[4..]), "{format:?} shows {from}..{to}: {shown}");
            assert!(shown.contains("x_") && shown.contains("REDACTED"), "{format:?} shows the rest");
        }
    }
}

#[test]
fn values_in_names_reasons_and_paths_are_taken_out() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    let value = value(1);
    report.findings[0].reasons.push(format!("its name is {value}"));
    report.findings[0].parts[0].name = Some(format!("prefix_{value}"));
    report.findings[1].parts[0].place.origin =
        Origin { member: Some(format!("{value}.env")), ..Origin::file(format!("a/{value}.zip")) };
    report.skipped.push(Skipped { origin: Origin::file(value.clone()), reason: SkipReason::Failed(value.clone()) });
    report.notes.push(format!("about {value}"));
    for format in REDACTED_FORMATS {
        let told = render(format, &report, &Style { show_secrets: true, ..Style::default() });
        assert!(!told.contains(&value), "{format:?} never shows values: {told}");
    }
    for format in all_formats() {
        let shown = render(format, &report, &Style { verbose: true, ..Style::default() });
        assert!(!shown.contains(&value), "{format:?} shows the value: {shown}");
        assert!(shown.contains("prefix_") && shown.contains("REDACTED"), "{format:?} shows the rest");
    }
    for format in FORMATS {
        let told = render(format, &report, &Style { show_secrets: true, ..Style::default() });
        assert!(told.contains(&value), "{format:?} shows all to those who ask");
    }
}

#[test]
fn every_format_shows_values_when_told_to() {
    let rules = sample_rules();
    let report = sample(&rules);
    for format in FORMATS {
        let shown = render(format, &report, &Style { show_secrets: true, ..Style::default() });
        for seed in 1..=3 {
            assert!(shown.contains(&value(seed)), "{format:?} lacks value {seed}");
        }
    }
}

#[test]
fn nothing_hostile_gets_through() {
    let rules = sample_rules();
    let report = sample(&rules);
    for format in all_formats() {
        let shown = render(format, &report, &Style { verbose: true, ..Style::default() });
        for line in shown.lines() {
            let ours = format == Format::Github
                && ["::error file=", "::warning title="].iter().any(|own| line.starts_with(own));
            assert!(ours || !line.trim_start().starts_with("::"), "{format:?} lets a workflow command out: {line}");
            assert!(!line.contains("##vso["), "{format:?} lets a logging command out: {line}");
            assert!(!line.contains(|c: char| c.is_control()), "{format:?} lets a control character out: {line}");
        }
    }
}

#[test]
fn the_text_is_what_a_person_needs() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    report.findings.truncate(1);
    report.skipped.remove(1);
    insta::assert_snapshot!(render(Format::Text, &report, &Style::default()), @"
    critical: Acme API key + secret
      --> conf/live.env:3:20
       |  API secret  ACME_API_SECRET  4A9L… (64 characters)  at 3:20
       |  API key     ACME_API_KEY     Itef… (64 characters)  at 2:20
       = why:     the exchange is named by the variable ACME_API_SECRET (high confidence)
       = file:    Dockerfile:3 (`COPY . .`) copies the file into the image
       = rights:  the text speaks of withdrawals
       = account: live
       = now:     Delete the key: https://acme.example/keys
       = rule:    acme-api-secret, fingerprint d9c9007360715310

    What to do now
      Acme (1 credential)
        -  Such a credential can have these rights: read, trade, withdraw
        -  IP whitelist: up to 30 addresses
        1. Delete the key: https://acme.example/keys
        2. A new key works after a minute
        3. Check the account for what wasn't yours: orders and fills, withdrawals and withdrawal
           addresses, transfers, sub-accounts, further API keys
        4. Make a new key with an IP whitelist and the least rights the program needs, without
           withdrawals
        5. Keep the new value out of the repository (environment, secret manager), then purge the old
           one from history, forks, CI logs and caches: deleting the line does not remove it

    1 leaked credential: 1 critical
    1 low-confidence finding hidden, --min-confidence low shows it
    scanned 12 files (3.5 MB) in 1.23 s with 3 rules; left out: 1 binary
    not everything that was asked for was read:
      - the history is shallow: 1 commit
      - huge.csv: 60000000 bytes, more than the limit of 50000000
    ");
}

#[test]
fn advice_that_several_need_is_given_once() {
    let rules = sample_rules();
    let shown = render(Format::Text, &sample(&rules), &Style::default());
    assert_eq!(shown.matches("manager), then purge").count(), 1, "{shown}");
    assert!(shown.contains("1. Delete the key: https://acme.example/keys"), "{shown}");
    assert!(shown.contains("Move everything"), "{shown}");
}

#[test]
fn gaps_are_named_up_to_a_number_and_then_counted() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    report.skipped = (0..30)
        .map(|number| Skipped {
            origin: Origin::file(format!("gap-{number:02}")),
            reason: SkipReason::Unreadable("no".to_owned()),
        })
        .collect();
    let shown = render(Format::Text, &report, &Style::default());
    assert!(shown.contains("gap-19: no\n  - and 10 more (10 unreadable); --verbose names all"), "{shown}");
    let all = render(Format::Text, &report, &Style { verbose: true, ..Style::default() });
    assert!(all.contains("gap-29: no"), "{all}");
    let quiet = render(Format::Text, &report, &Style { quiet: true, ..Style::default() });
    assert!(quiet.contains("not everything that was asked for was read"), "{quiet}");
}

#[test]
fn json_follows_its_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is a schema");
    let rules = sample_rules();
    for show_secrets in [false, true] {
        let shown = render(Format::Json, &sample(&rules), &Style { show_secrets, ..Style::default() });
        let report: serde_json::Value = serde_json::from_str(&shown).expect("the report is JSON");
        let errors: Vec<String> =
            validator.iter_errors(&report).map(|error| format!("{} at {}", error, error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn sarif_follows_its_schema_and_its_readers() {
    // The schema has a bracket too many in the pattern of two languages' names, which a strict reader refuses.
    let schema = include_str!("../../testdata/schemas/sarif-2.1.0.json").replace("{2}]?$", "{2}?$");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::draft7::new(&schema).expect("the schema is a schema");
    let rules = sample_rules();
    let shown = render(Format::Sarif, &sample(&rules), &Style::default());
    let log: serde_json::Value = serde_json::from_str(&shown).expect("the report is JSON");
    let errors: Vec<String> =
        validator.iter_errors(&log).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");

    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "utf16CodeUnits");
    assert_eq!(run["automationDetails"]["id"], "stopleak/tree/");
    assert_eq!(run["invocations"][0]["toolExecutionNotifications"].as_array().map(Vec::len), Some(3));
    assert_eq!(run["results"].as_array().map(Vec::len), Some(2), "what is put apart is left out");
    for result in run["results"].as_array().expect("it is an array") {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("it is a number")).expect("it is small");
        assert_eq!(result["ruleId"], run["tool"]["driver"]["rules"][index]["id"], "rules and index agree");
    }
    let pair = &run["results"][0];
    assert_eq!(pair["properties"]["exchange"], "acme");
    assert_eq!(pair["relatedLocations"][0]["properties"]["role"], "key");
    let region = &pair["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"], &region["endColumn"]),
        (&3.into(), &20.into(), &84.into())
    );
    let hostile = &run["results"][1];
    assert_eq!(
        hostile["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        "evil%0A%3A%3Aadd-mask%3A%3A%1B%5B2J%23%23vso%5Bx%5D%20%FF%5Ba%5D%28b%29%7B0%7D.py"
    );
    assert!(hostile["message"]["text"].as_str().expect("it is text").contains("\\[a\\](b)"), "names are no links");
}

#[test]
fn sarif_marks_what_was_accepted_if_asked() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    let by = SuppressedBy::Baseline(".stopleak-baseline".to_owned());
    let place = ".stopleak-baseline:3".to_owned();
    let mut known = report.findings.remove(1);
    known.suppressed = Some(Suppression { by, place, reason: Some("a [test](x)".to_owned()), is_new: false });
    report.suppressed.push(known);
    report.has_baseline = true;
    report.remarks.push(Remark { kind: RemarkKind::Stale, text: "it is stale".to_owned() });
    let style = Style { include_suppressed: true, ..Style::default() };
    let log: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &report, &style)).expect("the report is JSON");
    let results = &log["runs"][0]["results"];
    assert_eq!(results.as_array().map(Vec::len), Some(2), "what is merely unsure is still left out");
    assert_eq!((&results[0]["baselineState"], &results[0]["suppressions"]), (&"new".into(), &serde_json::json!([])));
    assert_eq!(results[1]["baselineState"], "unchanged");
    let suppression = &results[1]["suppressions"][0];
    assert_eq!((&suppression["kind"], &suppression["status"]), (&"external".into(), &"accepted".into()));
    assert_eq!(suppression["justification"], "a [test](x)");
    let notices = &log["runs"][0]["invocations"][0]["toolConfigurationNotifications"];
    assert_eq!(notices[0]["descriptor"]["id"], "SUPPRESSION-STALE");
    let schema = include_str!("../../testdata/schemas/sarif-2.1.0.json").replace("{2}]?$", "{2}?$");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let validator = jsonschema::draft7::new(&schema).expect("the schema is a schema");
    assert!(validator.is_valid(&log));
    let plain = render(Format::Sarif, &report, &Style::default());
    assert!(!plain.contains("suppressions") && !plain.contains("baselineState"));
}

#[test]
fn sarif_lists_no_more_results_than_github_takes() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    let one = report.findings[0].clone();
    report.findings = vec![one; 25_001];
    let log: serde_json::Value =
        serde_json::from_str(&render(Format::Sarif, &report, &Style::default())).expect("the report is JSON");
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(25_000));
    assert!(log.to_string().contains("25001 findings, of which the 25000 worst are listed"));
    let note = limits(Format::Sarif, &report, &Style::default()).expect("a vector takes everything");
    assert!(note.is_some_and(|note| note.contains("25000 worst are listed")));
    assert_eq!(limits(Format::Json, &report, &Style::default()).expect("it is not measured"), None);
}

#[test]
fn sarif_keeps_within_the_size_that_github_takes() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    let one = report.findings[0].clone();
    // Texts that can't be compressed: a report of names from a generator.
    report.findings = (0..400).map(|seed| Finding { reasons: vec![value(1000 + seed)], ..one.clone() }).collect();
    let small = sarif::Limits { results: 300, shown: 200, bytes: 12_000 };
    let (text, note) = sarif::within(small, &report, &Style::default()).expect("a vector takes everything");
    let log: serde_json::Value = serde_json::from_slice(&text).expect("the report is JSON");
    let listed = log["runs"][0]["results"].as_array().map_or(0, Vec::len);
    assert!((1..300).contains(&listed), "{listed} results");
    assert!(note.expect("it is cut").starts_with(&format!("400 findings, of which the {listed} worst are listed")));
    let shown = sarif::Limits { results: 400, shown: 200, bytes: usize::MAX };
    let (text, note) = sarif::within(shown, &report, &Style::default()).expect("a vector takes everything");
    let log: serde_json::Value = serde_json::from_slice(&text).expect("the report is JSON");
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(400));
    assert_eq!(note.as_deref(), Some("400 findings; GitHub's code scanning shows the 200 worst"));
}

mod formats;
