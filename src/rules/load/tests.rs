use super::*;

/// A file without a fault; the cases below break it in one place.
const GOOD: &str = r#"[provider]
id = "x"
name = "X"
kind = "exchange"
aliases = ["xchange"]
hosts = ["x.example"]
revoke = "https://x.example/keys"
docs = "https://x.example/docs"

[[rule]]
id = "x-key"
role = "key"
title = "X key"
shape = '[a-z]{8}'
evidence = "context"
grade = "A"
severity = "low"
source = "made up"
examples = ['a = «${shape}»']
counter_examples = ['a = b']
"#;

fn load(text: &str) -> Result<RuleSet, Vec<String>> {
    let mut loader = Loader::new(&["even", "odd"]);
    loader.add("rules/x.toml", text);
    loader.finish().map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn a_good_file_loads() {
    let rules = load(GOOD).expect("no fault");
    assert_eq!(rules.rules().len(), 1);
    assert_eq!(rules.find("x-key"), rules.rule_ids().next());
}

#[test]
fn each_fault_is_told_with_its_place() {
    let cases: &[(&str, &str, &str)] = &[
        ("aliases =", "alias =", "5:1: `alias` is not a key of [provider]; did you mean `aliases`?"),
        ("role = \"key\"", "role = \"keys\"", "12:8: unknown variant `keys`"),
        ("role = \"key\"\n", "", "10:1: `role` is missing; add it"),
        ("[a-z]{8}", "[a-z{8}", "14:1: unclosed character class; correct the regular expression"),
        ("[a-z]{8}", "[a-z]*", "14:1: the shape can match nothing at all; "),
        ("id = \"x-key\"", "id = \"y-key\"", "11:1: `y-key` doesn't begin with `x-`; "),
        ("id = \"x-key\"", "id = \"x-Key\"", "11:1: `x-Key` is not a rule's id; "),
        ("id = \"x\"", "id = \"xy\"", "2:1: the id is `xy`, the file `x.toml`; give both one name"),
        ("examples = ['a = «${shape}»']\n", "", "10:1: `x-key` has no `examples`; "),
        ("counter_examples = ['a = b']\n", "", "10:1: `x-key` has no `counter_examples`; "),
        ("«${shape}»", "${shape}", "19:13: no part is marked by `«»`; "),
        ("${shape}", "${rule:x-secret}", "19:1: there is no rule `x-secret`; name a rule of this file"),
        (
            "grade = \"A\"",
            "match = \"search\"\ngrade = \"A\"",
            "16:1: a search without `anchors` would read every byte; ",
        ),
        (
            "grade = \"A\"",
            "proof = \"prime\"\ngrade = \"A\"",
            "16:1: there is no proof named `prime`; known are even, odd",
        ),
        ("\"context\"", "\"proof\"", "15:1: there is no `proof` to rely on; "),
        ("aliases = [\"xchange\"]", "dummies = [\"beef\"]", "5:1: `beef` can't stand in `dummies`; "),
        (
            "\"xchange\"",
            "\"X-Change\"",
            "5:1: `X-Change` can't stand in `aliases`; use lower case, with a dash between words",
        ),
        ("\"x.example\"", "\"https://x.example\"", "6:1: `https://x.example` can't stand in `hosts`; "),
        ("name = \"X\"", "name = \" \"", "3:1: the name is empty; "),
        ("name = \"X\"", "name = 7", "3:8: invalid type: integer `7`, expected a string; "),
        ("https://x.example/keys", "x.example", "7:1: this is no https:// link; "),
        ("[[rule]]", "[rule]", "10:2: `rule` is not a table of the right kind; write [[rule]]"),
        ("[[rule]]", "[[rules]]", "10:3: `rules` is not a key of a rule file; did you mean `rule`?"),
        ("kind = \"exchange\"", "kind = ", "4:8: "),
    ];
    for (from, to, expected) in cases {
        assert!(GOOD.contains(from), "{from} is not in the good file");
        let errors = load(&GOOD.replacen(from, to, 1)).expect_err(to);
        let expected = format!("rules/x.toml:{expected}");
        assert!(errors.iter().any(|error| error.starts_with(&expected)), "{to}: {errors:#?} lacks {expected}");
    }
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let text = GOOD.replace("aliases", "alias").replace("\"key\"", "\"keys\"").replace("title = \"X key\"\n", "");
    let text = text.replace("[a-z]{8}", "[a-z").replace("https://x.example/docs", "");
    let errors = load(&text).expect_err("five faults");
    assert_eq!(errors.len(), 5, "{errors:#?}");
}

#[test]
fn ids_are_unique_across_files_and_within_one() {
    let mut loader = Loader::new(&[]);
    loader.add("a/x.toml", GOOD).add("b/x.toml", GOOD);
    let errors = loader.finish().expect_err("two providers of one name");
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "b/x.toml:2:1: `x` is in a/x.toml already; choose another id",
            "b/x.toml:11:1: `x-key` is in a/x.toml already; choose another id",
        ]
    );
    let (_, rule) = GOOD.split_once("[[rule]]").expect("a rule");
    let errors = load(&format!("{GOOD}\n[[rule]]{rule}")).expect_err("two rules of one name");
    assert_eq!(errors, ["rules/x.toml:23:1: `x-key` is in this file twice; choose another id"]);
}

#[test]
fn the_lists_of_keys_are_those_of_the_structures() {
    fn named<T: DeserializeOwned + std::fmt::Debug>() -> Vec<String> {
        let error = toml::from_str::<T>("no_such_key = 1").expect_err("an unknown key").to_string();
        let list = error.rsplit_once("expected one of ").expect("a list").1;
        list.trim().split(", ").map(|key| key.trim_matches('`').to_owned()).collect()
    }
    assert_eq!(named::<Provider>(), PROVIDER.all);
    assert_eq!(named::<Rule>(), RULE.all);
}
