//! From a scan to a report with answers in it.

use super::answers::asker;
use super::mock::{Mock, Reply};
use crate::detect::Engine;
use crate::finding::Report;
use crate::finding::verification::Verdict;
use crate::report::{Format, Style};
use crate::rules::{RuleSet, Severity};
use crate::verify::{Environment, Plan, verify};

fn scanned(text: &str) -> Report<'static> {
    let engine = Engine::new(RuleSet::builtin());
    let options = crate::scan::Options::default();
    crate::scan::stdin(&engine, &mut text.as_bytes(), "config.env", &options, &())
}

fn value(seed: u64, length: usize) -> String {
    super::random(seed, super::ALNUM, length)
}

fn hex(seed: u64, length: usize) -> String {
    super::random(seed, b"0123456789abcdef", length)
}

fn binance(seed: u64) -> String {
    format!("BINANCE_API_KEY={}\nBINANCE_API_SECRET={}\n", value(seed, 64), value(seed + 1, 64))
}

fn rendered(format: Format, report: &Report<'_>) -> String {
    let mut out = Vec::new();
    crate::report::write(format, report, &Style::default(), &mut out).expect("a vector takes everything");
    String::from_utf8(out).expect("reports are UTF-8")
}

#[test]
fn a_pair_goes_to_its_own_exchange() {
    let cases = [
        (binance(1), Some(("binance", Environment::Live))),
        (format!("testnet = true\n{}", binance(1)), Some(("binance", Environment::Test))),
        (format!("GATE_API_KEY={}\nGATE_API_SECRET={}\n", hex(1, 32), hex(2, 64)), Some(("gate", Environment::Live))),
        // Half a pair, and a pair of nobody in particular.
        (format!("BINANCE_API_SECRET={}\n", value(1, 64)), None),
        (format!("API_KEY={}\nAPI_SECRET={}\n", value(1, 64), value(2, 64)), None),
        // A service that stopleak has no question for.
        (format!("BITTREX_API_KEY={}\nBITTREX_API_SECRET={}\n", hex(1, 32), hex(2, 32)), None),
    ];
    for (text, expected) in cases {
        let report = scanned(&text);
        let plan = Plan::of(report.rules, &report.findings);
        let found = plan.checks.first().map(|check| (check.venue.id.as_str(), check.environment));
        assert_eq!(found, expected, "{:?}", plan.left_out);
        assert_eq!(plan.checks.len() + plan.left_out.len(), report.findings.len(), "every finding is accounted for");
        assert!(!report.findings.is_empty() || expected.is_none());
    }
}

#[test]
fn hosts_that_are_named_in_the_question_are_all_that_can_follow() {
    let pair = format!("testnet = true\nBYBIT_API_KEY={}\nBYBIT_API_SECRET={}\n", value(1, 18), value(2, 36));
    let report = scanned(&pair);
    let plan = Plan::of(report.rules, &report.findings);
    assert_eq!(plan.hosts(), ["api-demo.bybit.com", "api-testnet.bybit.com"]);
}

/// What can't be sent is left out with its reason, so that a dry run promises nothing.
#[test]
fn what_can_not_be_signed_or_sent_is_left_out() {
    let mut report = scanned(&format!("KRAKEN_API_KEY={}\nKRAKEN_API_SECRET={}==\n", value(1, 56), value(2, 86)));
    assert_eq!(Plan::of(report.rules, &report.findings).checks.len(), 1, "{:?}", report.findings);
    for part in &mut report.findings[0].parts {
        if part.role == crate::rules::Role::Secret {
            part.secret = crate::secret::Secret::new(b"not base64 at all!");
        }
    }
    let plan = Plan::of(report.rules, &report.findings);
    assert!(plan.checks.is_empty() && plan.left_out[0].1.contains("secret of this kind"), "{:?}", plan.left_out);
}

#[test]
fn what_could_be_of_several_goes_to_none() {
    let mut report = scanned(&binance(1));
    let other = report.findings[0].provider;
    report.findings[0].alternatives.push(other);
    assert!(Plan::of(report.rules, &report.findings).checks.is_empty());
    report.findings[0].alternatives.clear();
    report.findings[0].confidence = crate::rules::Confidence::Medium;
    assert!(Plan::of(report.rules, &report.findings).checks.is_empty());
}

/// Two pairs, one that may take everything and one that nobody knows.
fn answered() -> (Report<'static>, Report<'static>) {
    let text = binance(1) + &"\n".repeat(60) + &binance(5);
    let (before, mut after) = (scanned(&text), scanned(&text));
    assert_eq!(after.findings.len(), 2);
    let known = value(1, 64);
    let mock = Mock::new(move |request| match request.header("X-MBX-APIKEY") == known {
        true => Reply::new(200, r#"{"ipRestrict": false, "enableReading": true, "enableWithdrawals": true}"#),
        false => Reply::new(400, r#"{"code": -2008, "msg": "Invalid Api-Key ID."}"#),
    });
    let plan = Plan::of(after.rules, &after.findings);
    verify(&mut after, &plan, &mut asker(&mock), &mut |_, _| {});
    (before, after)
}

#[test]
fn answers_hide_nothing_and_rename_nothing() {
    let (before, after) = answered();
    let names = |report: &Report<'_>| {
        let mut names: Vec<String> = report.findings.iter().map(|one| one.fingerprint.to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&before), names(&after));
    assert_eq!(before.exit_code(), after.exit_code());
    let verdicts: Vec<Verdict> =
        after.findings.iter().filter_map(|one| one.verification.as_ref()).map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Live, Verdict::Invalid], "the worst first");
    assert_eq!(after.findings[1].severity, before.findings[1].severity, "a key that is rejected is still a finding");
}

#[test]
fn an_answer_that_lowers_the_severity_turns_nothing_green() {
    let mut report = scanned(&format!("testnet = true\n{}", binance(1)));
    let before = report.findings[0].severity;
    let mock = Mock::new(|_| Reply::new(200, r#"{"canTrade": true}"#));
    let plan = Plan::of(report.rules, &report.findings);
    verify(&mut report, &plan, &mut asker(&mock), &mut |_, _| {});
    assert_eq!(report.findings[0].severity, Severity::Low);
    assert_eq!(report.findings[0].severity_to_fail_by(), before.max(Severity::Low));
}

#[test]
fn every_format_tells_the_answer_and_no_value() {
    let (_, report) = answered();
    let text = rendered(Format::Text, &report);
    assert!(text.contains("CAN WITHDRAW; NO IP WHITELIST") && text.contains("api.binance.com"), "{text}");
    let sarif: serde_json::Value = serde_json::from_str(&rendered(Format::Sarif, &report)).expect("it is JSON");
    let facts = &sarif["runs"][0]["results"][0]["properties"];
    assert_eq!(facts["security-severity"], "10.0");
    assert_eq!(facts["verification"]["verdict"], "live");
    assert_eq!(facts["verification"]["ipRestricted"], "no");
    assert_eq!(facts["verification"]["checkedAt"], "2023-11-14T22:13:20Z");
    assert_eq!(sarif["runs"][0]["results"][0]["rank"], 100.0);
    let json: serde_json::Value = serde_json::from_str(&rendered(Format::Json, &report)).expect("it is JSON");
    assert_eq!(json["findings"][0]["verification"]["capabilities"], serde_json::json!(["read", "withdraw"]));
    let schema = include_str!("../../../docs/report.schema.json");
    let schema: serde_json::Value = serde_json::from_str(schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    let faults: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    for format in [Format::Github, Format::Gitlab, Format::Junit, Format::Csv, Format::Markdown] {
        let shown = rendered(format, &report);
        assert!(shown.contains("CAN WITHDRAW"), "{shown}");
        assert!(!shown.contains(&value(1, 64)[4..16]) && !shown.contains(&value(2, 64)[4..16]), "a value got out");
    }
    for shown in [text, sarif.to_string(), json.to_string()] {
        for seed in [1, 2, 5, 6] {
            assert!(!shown.contains(&value(seed, 64)[4..16]), "a value got out");
        }
    }
}
