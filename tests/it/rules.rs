//! The built-in rules: whole, checked, and found by the engine.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use stopleak::detect::{Engine, Hint, proof};
use stopleak::rules::template::{Mode, Sources, Template};
use stopleak::rules::{Kind, Loader, RuleId, RuleSet, check, shape, thin};
use stopleak::span::Span;

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
    let rules = RuleSet::builtin();
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
    let thin: Vec<String> = RuleSet::builtin().rules().iter().flat_map(thin).collect();
    assert!(thin.is_empty(), "{} lists of examples are too short:\n{}", thin.len(), thin.join("\n"));
}

#[test]
fn the_engine_finds_every_example() {
    let rules = RuleSet::builtin();
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
