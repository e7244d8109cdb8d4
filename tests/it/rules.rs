//! The built-in rules: whole, checked, and found by the engine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use stopleak::detect::{Engine, Hint, proof};
use stopleak::rules::template::{Mode, Sources, Template};
use stopleak::rules::{Kind, Loader, RuleId, RuleSet, check, shape, thin};
use stopleak::span::Span;

#[cfg(feature = "cli")]
use crate::harness::Dir;

/// How often each example is filled.
const FILLINGS: u64 = 20;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every rule file, sorted.
fn rule_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of rules").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(rule_files(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "toml") {
            found.push(entry);
        }
    }
    found.sort();
    found
}

/// What the engine reports in a text without a path.
fn scanner(engine: &Engine<'_>) -> impl Fn(&[u8]) -> Vec<(RuleId, Span)> {
    |text| {
        let hint = Hint { from_start: true, ..Hint::default() };
        let parts = engine.scan(text, &hint).into_iter().flat_map(|credential| credential.parts);
        parts.map(|part| (part.rule, part.span)).collect()
    }
}

#[test]
fn every_file_passes_the_checks() {
    let mut loader = Loader::new(proof::NAMES);
    for path in rule_files(&root().join("rules")) {
        let text = fs::read_to_string(&path).expect("a rule file");
        let name = path.strip_prefix(root()).expect("a path below the root").to_string_lossy().into_owned();
        loader.add(&name, &text);
    }
    let told = |errors: Vec<_>| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let rules = loader.finish().unwrap_or_else(|errors| panic!("{}", told(errors)));
    assert_eq!(rules.rules().len(), RuleSet::builtin().rules().len(), "the program carries the same rules");
}

#[test]
fn every_example_can_be_filled() {
    let rules = RuleSet::complete();
    let find = |id: &str| rules.find(id).map(|id| rules.rule(id));
    for rule in rules.rules() {
        let sources = Sources { rule, rules: &find, sample: &proof::sample };
        let shape = shape::compile(&format!("^(?:{})$", rule.shape)).expect("a checked shape");
        let examples = rule.examples.iter().map(|text| (text, Mode::Example));
        let all = examples.chain(rule.counter_examples.iter().map(|text| (text, Mode::CounterExample)));
        for (text, mode) in all {
            for seed in 0..4 {
                let template = Template::parse(text, mode).unwrap_or_else(|reason| panic!("{}: {reason}", rule.id));
                let filled = template.fill(&sources, seed).unwrap_or_else(|reason| panic!("{}: {reason}", rule.id));
                for span in filled.spans {
                    let value = span.of(&filled.text);
                    // A sought shape with a group holds more than the value.
                    let fits = shape.is_match(value) || shape.captures_len() > 1;
                    assert!(fits, "{}: a marked part of {text} doesn't fit the shape", rule.id);
                    let refused = rule
                        .proof
                        .as_deref()
                        .is_some_and(|name| matches!(proof::prove(name, value, &filled.text), proof::Proof::Fails));
                    assert!(!refused, "{}: the proof refuses a marked part of {text}", rule.id);
                }
            }
        }
    }
}

#[test]
fn ids_never_disappear() {
    let list = root().join("tests/it/rule-ids.txt");
    let rules = RuleSet::builtin();
    let ids: BTreeSet<&str> = rules.rules().iter().map(|rule| rule.id.as_str()).collect();
    let listed = fs::read_to_string(&list).unwrap_or_default();
    let lost: Vec<&str> = listed.lines().filter(|id| !ids.contains(id)).collect();
    assert!(lost.is_empty(), "baselines and allow-lists name rules by id, so these must stay: {lost:?}");
    if std::env::var_os("BLESS").is_some() {
        let text: String = ids.iter().map(|id| format!("{id}\n")).collect();
        fs::write(&list, text).expect("the list can be written");
    } else {
        let new: Vec<_> = ids.iter().filter(|id| !listed.lines().any(|line| line == **id)).collect();
        assert!(new.is_empty(), "run BLESS=1 cargo test ids_never_disappear, which adds {new:?}");
    }
}

#[test]
fn the_page_of_the_rules_is_fresh() {
    let run = crate::harness::Dir::new().run(&["rules", "list", "--format", "markdown"]);
    let page = root().join("docs/rules.md");
    let text = fs::read_to_string(&page).expect("the page is there");
    let end = text.find("-->\n").expect("the page has a mark behind which the tables stand") + 4;
    let fresh = format!("{}\n{}", &text[..end], run.stdout);
    if std::env::var_os("BLESS").is_some() {
        fs::write(&page, fresh).expect("the page can be written");
    } else {
        assert!(text == fresh, "run BLESS=1 cargo test the_page_of_the_rules_is_fresh");
    }
    assert!(run.stdout.lines().any(|line| line.starts_with("| Binance | `binance-api-key` (context, high)")));
}

#[test]
fn the_catalogue_is_as_large_as_promised() {
    let traders = |kind| matches!(kind, Kind::Exchange | Kind::Dex | Kind::Broker);
    let exchanges = RuleSet::builtin().providers().iter().filter(|provider| traders(provider.kind)).count();
    assert!(exchanges >= 80, "{exchanges} exchanges and brokers");
}

#[test]
fn every_provider_tells_how_to_rotate() {
    let silent = |provider: &&stopleak::rules::Provider| provider.rotation.is_empty();
    let silent: Vec<_> = RuleSet::builtin().providers().iter().filter(silent).map(|provider| &provider.id).collect();
    assert!(silent.is_empty(), "no `rotation` in {silent:?}");
}

#[test]
fn every_rule_is_shown_in_three_host_formats() {
    let thin: Vec<String> = RuleSet::complete().rules().iter().flat_map(thin).collect();
    assert!(thin.is_empty(), "{} lists of examples are too short:\n{}", thin.len(), thin.join("\n"));
}

#[test]
fn the_engine_finds_every_example() {
    let rules = RuleSet::complete();
    let engine = Engine::new(rules);
    let failures = check(rules, &|_| true, &scanner(&engine), &proof::sample, FILLINGS);
    let told: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{} examples fail:\n{}", told.len(), told.join("\n"));
}

#[test]
fn the_example_of_the_documentation_is_a_rule_file() {
    let text = fs::read_to_string(root().join("docs/writing-a-rule.md")).expect("the documentation");
    let (_, file) = text.split_once("```toml\n").expect("an example");
    let (file, _) = file.split_once("```").expect("the end of the example");
    let mut loader = Loader::new(proof::NAMES);
    loader.add("acme.toml", file);
    let rules = loader.finish().unwrap_or_else(|errors| panic!("{errors:?}"));
    let failures = check(&rules, &|_| true, &scanner(&Engine::new(&rules)), &proof::sample, FILLINGS);
    assert!(failures.is_empty(), "{failures:?}");
}

/// A rule file without a fault; the cases below break it in one place.
#[cfg(feature = "cli")]
const GOOD: &str = r#"[provider]
id = "acme"
name = "Acme"
kind = "exchange"
revoke = "https://acme.example/keys"
docs = "https://acme.example/docs"

[[rule]]
id = "acme-key"
role = "key"
title = "Acme key"
shape = 'acme_[0-9a-z]{20}'
evidence = "shape"
grade = "A"
severity = "low"
source = "made up"
examples = ['key = "«${shape}»"', 'KEY=«${shape}»', '{"key": "«${shape}»"}']
counter_examples = ['key = "acme_${lower:9}"', 'KEY=acme_key', '{"key": "acme"}']
"#;

/// What is wrong with a file is told with file, line, reason and remedy, before anything is scanned, and ends with 2.
#[cfg(feature = "cli")]
#[test]
fn a_faulty_file_is_refused_with_its_line() {
    let twice = format!("{GOOD}{}", &GOOD[GOOD.find("[[rule]]").expect("a rule")..]);
    let broken = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from} is not in the good file");
        GOOD.replacen(from, to, 1)
    };
    let cases = [
        (broken("{20}", "{20"), "acme.toml:12:1: unclosed counted repetition; correct the regular expression"),
        (broken("revoke", "revokes"), "acme.toml:5:1: `revokes` is not a key of [provider]; did you mean `revoke`?"),
        (broken("severity = \"low\"", "severity = \"mild\""), "acme.toml:15:12: unknown variant `mild`"),
        (broken("source = \"made up\"\n", ""), "acme.toml:8:1: `source` is missing"),
        (twice, "acme.toml:20:1: `acme-key` is in this file twice; choose another id"),
        (broken("id = \"acme\"", "id = \"binance\""), "acme.toml:2:1: the id is `binance`, the file `acme.toml`"),
        (
            GOOD.lines().filter(|line| !line.starts_with("examples")).map(|line| format!("{line}\n")).collect(),
            "acme.toml:8:1: `acme-key` has no `examples`",
        ),
        (
            GOOD.lines().filter(|line| !line.starts_with("counter")).map(|line| format!("{line}\n")).collect(),
            "acme.toml:8:1: `acme-key` has no `counter_examples`",
        ),
        (broken("«${shape}»", "${shape}"), "acme.toml:17:13: no part is marked"),
        (broken("«${shape}»", "«${shape"), "acme.toml:17:13: `${` has no `}`"),
        (broken("${lower:9}", "${letters:9}"), "acme.toml:18:21: `${letters:9}` is not a known filling"),
        (broken("KEY=acme_key", "KEY=«acme_key»"), "acme.toml:18:"),
        (broken("kind = \"exchange\"", "kind = "), "acme.toml:4:8: "),
        (String::new(), "acme.toml:1:1: there is no [provider]"),
    ];
    for (text, reason) in cases {
        let dir = Dir::new();
        dir.file("acme.toml", &text).file("tree/a.txt", "nothing\n");
        for args in [&["scan", "tree", "--rules", "acme.toml"][..], &["rules", "check", "acme.toml"]] {
            dir.run(args).fails(2, &[reason]);
        }
    }
}

/// An example proves its rule or the file fails, with the line of the example.
#[cfg(feature = "cli")]
#[test]
fn an_example_that_is_not_found_exactly_fails_the_check() {
    let cases = [
        (
            "«${shape}»",
            "«${shape}x»",
            "acme.toml:17: acme-key: number 1 of examples failed in 100 of 100 fillings: did not",
        ),
        (
            "«${shape}»",
            "a«cme_${lower:20}»",
            "number 1 of examples failed in 100 of 100 fillings: reported bytes 7..32, not 8..32",
        ),
        ("KEY=«${shape}»", "KEY=«${hex:40}»", "acme.toml:17: acme-key: number 2 of examples failed"),
        (
            "KEY=acme_key",
            "KEY=${shape}",
            "acme.toml:18: acme-key: number 2 of counter_examples failed in 100 of 100 fillings: reported bytes",
        ),
    ];
    let dir = Dir::new();
    dir.file("acme.toml", GOOD);
    let run = dir.run(&["rules", "check", "acme.toml"]);
    run.prints(0, &["1 rule in 1 file: all examples hold"]);
    assert!(!run.stdout.contains("remark"), "{}", run.stdout);
    for (from, to, reason) in cases {
        dir.file("acme.toml", GOOD.replacen(from, to, 1));
        dir.run(&["rules", "check", "acme.toml"]).prints(2, &[reason, "not all examples hold"]);
    }
    dir.file("acme.toml", GOOD.replacen("'KEY=acme_key', ", "", 1));
    let thin = "remark: acme-key: counter-examples are 2, in JSON, Python; 3 in as many host formats show more";
    dir.run(&["rules", "check", "acme.toml"]).prints(0, &[thin]);
}
