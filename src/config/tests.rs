//! Configurations and their faults.

use super::*;

fn faults(text: &str) -> Vec<String> {
    match read("stopleak.toml", text, &[]) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_fault_names_its_place_and_the_remedy() {
    let cases = [
        ("[scna]\n", "stopleak.toml:1:2: unknown field `scna`; did you mean scan?"),
        (
            "\n[scan]\nmax-file-size = \"1MB\"",
            "stopleak.toml:3:1: unknown field `max-file-size`; did you mean max_file_size?",
        ),
        ("verify = true", "1:1: unknown field `verify`; verification is asked for on the command line, never"),
        ("zzzzzzzzz = 1", "unknown field `zzzzzzzzz`; known are scan, report, rules, comments, baseline, allow"),
        ("[report]\nfail_on = \"hihg\"", "stopleak.toml:2:11: unknown variant `hihg`; did you mean high?"),
        ("[scan]\nmax_file_size = 7", "stopleak.toml:2:17: invalid type: integer `7`; see docs/configuration.md"),
        ("[scan]\nmax_file_size = \"lots\"", "stopleak.toml:2:17: this is no size; write for example"),
        ("[scan]\nexclude = [\"ok\", \"{a\"]", "stopleak.toml:2:18: "),
        ("[scan]\nexclude = [\"\"]", "2:12: this pattern matches nothing"),
        ("[scan\n", "stopleak.toml:1:"),
        ("baseline = \"../b\"", "1:12: this file would lie outside of the configuration's folder"),
        ("[rules]\nfiles = [\"/etc/passwd\"]", "2:10: this file would lie outside"),
        ("[[allow]]\nreason = \"x\"", "1:1: this [[allow]] has no condition and would accept everything"),
        ("[[allow]]\npaths = [\"a\"]", "missing field `reason`"),
        ("[[allow]]\nreason = \" \"\npaths = [\"a\"]", "2:10: the reason is empty"),
        ("[[allow]]\nreason = \"x\"\ncommits = [\"abc\"]", "3:12: this is of another form; write the id of a commit"),
        ("[[allow]]\nreason = \"x\"\nfingerprints = [\"zz\"]", "3:17: this is of another form; write a fingerprint"),
        ("[[allow]]\nreason = \"x\"\npaths = [\"a\"]\nexpires = 07:30:00", "4:11: this is no day"),
        ("[[allow]]\nreason = \"x\"\npath = [\"a\"]", "3:1: unknown field `path`; did you mean paths?"),
    ];
    for (text, expected) in cases {
        let found = faults(text);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{text:?}: expected {expected:?}, got {found:#?}");
    }
}

#[test]
fn a_table_of_another_file_keeps_its_lines() {
    let text = "[project]\nname = \"x\"\n\n[tool.stopleak.scan]\nexclude = [\"a\"]\nexclud = 1\n";
    let errors = read("pyproject.toml", text, &["tool", "stopleak"]).expect_err("there is a fault");
    assert_eq!(errors[0].to_string(), "pyproject.toml:6:1: unknown field `exclud`; did you mean exclude?");
    let fine = read("pyproject.toml", "[project]\nname = \"x\"\n", &["tool", "stopleak"]).expect("no fault");
    assert!(fine.is_none());
}

#[test]
fn values_know_their_lines() {
    let text = "[report]\n\nmin_confidence = \"low\"\n[rules.severity]\nbinance-api-key = \"low\"\n";
    let config = read("stopleak.toml", text, &[]).expect("no fault").expect("it is there");
    let level = config.tables.report.min_confidence.as_ref().expect("it is set");
    assert_eq!((*level.get_ref(), config.place(level).as_str()), (Confidence::Low, "stopleak.toml:3"));
    let (name, severity) = config.tables.rules.severity.first_key_value().expect("it is set");
    assert_eq!((config.line(name), *severity.get_ref()), (5, Severity::Low));
}

#[test]
fn names_of_rules_and_providers_must_exist() {
    let text = "[rules]\ndisable = [\"binance\", \"binance-*\", \"binance-api-sekret\"]\n[[allow]]\nreason = \"x\"\nexchanges = [\"binanse\"]\nrules = [\"binance\"]\n";
    let config = read("stopleak.toml", text, &[]).expect("no fault").expect("it is there");
    let errors = config.check_names(RuleSet::builtin()).expect_err("there are faults");
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 3, "{texts:#?}");
    assert!(
        texts[0].starts_with(
            "stopleak.toml:2:36: there is no rule or exchange `binance-api-sekret`; did you mean binance-api-secret"
        ),
        "{texts:#?}"
    );
    assert!(
        texts[1].starts_with("stopleak.toml:6:10: there is no rule `binance`; did you mean binance-api-key"),
        "{texts:#?}"
    );
    assert!(texts[2].contains("there is no exchange `binanse`; did you mean binance"), "{texts:#?}");
}

#[test]
fn stars_stand_for_any_text() {
    for (pattern, id, fits) in [
        ("binance-api-key", "binance-api-key", true),
        ("binance-*", "binance-api-key", true),
        ("*-key", "binance-api-key", true),
        ("*api*", "binance-api-key", true),
        ("*", "x", true),
        ("a*a", "a", false),
        ("binance", "binance-api-key", false),
        ("*-secret", "binance-api-key", false),
        ("b*x*y", "binance-api-key", false),
    ] {
        assert_eq!(matches(pattern, id), fits, "{pattern} {id}");
    }
}

/// Every table that the schema describes, as a place in a configuration where an unknown key can be put.
const TABLES: &[(&str, &str)] = &[
    ("", "zzz = 1"),
    ("scan", "[scan]\nzzz = 1"),
    ("report", "[report]\nzzz = 1"),
    ("rules", "[rules]\nzzz = 1"),
    ("comments", "[comments]\nzzz = 1"),
    ("allow", "[[allow]]\nzzz = 1"),
];

fn schema() -> serde_json::Value {
    serde_json::from_str(include_str!("../../docs/config.schema.json")).expect("the schema is JSON")
}

/// The names that serde knows in a table, from its complaint about one that it doesn't.
fn known(text: &str) -> Vec<String> {
    let error = toml::from_str::<Tables>(text).expect_err("zzz is unknown");
    let mut names: Vec<String> = error.message().split('`').skip(3).step_by(2).map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn the_schema_and_the_structures_name_the_same_keys() {
    let schema = schema();
    for (table, text) in TABLES {
        let place = match *table {
            "" => &schema,
            "allow" => &schema["properties"]["allow"]["items"],
            table => &schema["properties"][table],
        };
        assert_eq!(place["additionalProperties"], false, "[{table}]");
        let mut names: Vec<String> =
            place["properties"].as_object().expect("it is an object").keys().cloned().collect();
        names.sort();
        assert_eq!(names, known(text), "[{table}]");
    }
    let tables = schema["properties"].as_object().expect("it is an object");
    let inner = tables
        .iter()
        .filter(|(_, value)| value.get("properties").is_some() || value["items"].get("properties").is_some());
    assert_eq!(inner.count() + 1, TABLES.len(), "every table of the schema is in this test");
}

#[test]
fn the_schema_and_the_reader_accept_the_example() {
    let page = include_str!("../../docs/configuration.md");
    let validator = jsonschema::draft202012::new(&schema()).expect("the schema is a schema");
    let examples: Vec<&str> = page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(examples.len() > 1, "the page has examples");
    for example in examples {
        let value: toml::Value = toml::from_str(example).expect("the example is TOML");
        let (value, way): (_, &[&str]) = match value.get("tool") {
            Some(tool) => (tool["stopleak"].clone(), &["tool", "stopleak"]),
            None => (value, &[]),
        };
        let read = read("stopleak.toml", example, way).unwrap_or_else(|errors| panic!("{example}\n{errors:#?}"));
        read.expect("it is there").check_names(RuleSet::builtin()).expect("its names exist");
        let json = json(&value);
        let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{example}\n{errors:#?}");
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let validator = jsonschema::draft202012::new(&schema()).expect("the schema is a schema");
    for text in [
        "zzz = 1",
        "[scan]\nmax_file_size = 7",
        "[report]\nfail_on = \"hihg\"",
        "[[allow]]\nreason = \"x\"",
        "[[allow]]\npaths = [\"a\"]",
        "[[allow]]\nreason = \"x\"\ncommits = [\"abc\"]",
        "[[allow]]\nreason = \"x\"\nfingerprints = [\"abc\"]",
    ] {
        assert!(!faults(text).is_empty(), "{text}");
        assert!(!validator.is_valid(&json(&toml::from_str(text).expect("it is TOML"))), "{text}");
    }
}

/// As an editor's TOML plug-in hands it to a validator: dates are texts.
fn json(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.as_str().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(value) => (*value).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => table.iter().map(|(key, value)| (key.clone(), json(value))).collect(),
    }
}
