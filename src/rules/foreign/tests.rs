use crate::rules::{Loader, RuleSet};

/// A file without a fault; the cases below break it in one place.
const GOOD: &str = r#"title = "House rules"

[allowlist]
paths = ['''\.lock$''']

[[rules]]
id = "house-key"
description = "House key."
regex = '''hk_([a-z0-9]{8})'''
secretGroup = 1
entropy = 2.5
keywords = ["hk_"]
tags = ["house"]
    [[rules.allowlists]]
    condition = "AND"
    regexes = ['''^a''']
    stopwords = ["test"]

[[rules]]
id = "house-pair"
regex = '''hp_[a-z0-9]{8}'''
[[rules.required]]
id = "house-key"
withinLines = 3
"#;

fn load(text: &str) -> Result<RuleSet, Vec<String>> {
    let base = |_: &str, path: &str| match path {
        "base.toml" => Ok(("base.toml".to_owned(), GOOD.to_owned())),
        "loop.toml" => Ok(("loop.toml".to_owned(), "[extend]\npath = 'loop.toml'\n".to_owned())),
        "ours.toml" => Ok(("ours.toml".to_owned(), "[provider]\nid = 'x'\n".to_owned())),
        _ => Err(format!("there is no file `{path}`")),
    };
    let mut loader = Loader::with_builtin(&[]).reading(&base);
    loader.add("conf/house.toml", text);
    loader.finish().map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn remarks(rules: &RuleSet) -> Vec<String> {
    rules.remarks().iter().map(ToString::to_string).collect()
}

#[test]
fn what_the_file_says_is_what_the_rule_holds() {
    let rules = load(GOOD).expect("no fault");
    assert_eq!(remarks(&rules), Vec::<String>::new());
    let [(id, key), (_, pair)] = rules.foreign() else { panic!("two rules") };
    assert_eq!((rules.rule(*id).id.as_str(), rules.rule(*id).title.as_str()), ("house-key", "House key"));
    assert_eq!(rules.provider(rules.provider_of(*id)).name, "House rules");
    assert_eq!((key.group, key.entropy, key.keywords.as_slice()), (1, 2.5, ["hk_".to_owned()].as_slice()));
    assert_eq!((key.tags.as_slice(), key.allows.len(), key.allows[0].all), (["house".to_owned()].as_slice(), 1, true));
    assert_eq!(key.common.allows.len(), 1);
    assert_eq!((pair.required[0].rule.as_str(), pair.required[0].lines), ("house-key", Some(3)));
}

#[test]
fn each_fault_is_told_with_its_place() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "regex = '''hk_([a-z0-9]{8})'''",
            "regex = '''hk_([a-z0-9{8}'''",
            "9:9: `[` is not closed; correct the regular",
        ),
        ("hk_([a-z0-9]{8})", "(?=hk)", "9:9: look-around is not part of Go's syntax; "),
        ("keywords =", "keyword =", "12:1: `keyword` is not a key of [[rules]]; did you mean `keywords`?"),
        ("id = \"house-pair\"", "id = \"house-key\"", "19:1: `house-key` is in this file twice, first in line 6; "),
        ("id = \"house-key\"\ndesc", "desc", "6:1: the rule has no `id`; "),
        (
            "secretGroup = 1",
            "secretGroup = 2",
            "6:1: `house-key`: `secretGroup` is 2, but the expression has 1 groups; ",
        ),
        ("secretGroup = 1", "secretGroup = -1", "10:15: this is no number from 0; "),
        ("entropy = 2.5", "entropy = \"high\"", "11:11: this is no number; "),
        ("regex = '''hp_[a-z0-9]{8}'''\n", "", "19:1: `house-pair` has neither `regex` nor `path`; "),
        ("withinLines = 3", "within = 3", "24:1: `within` is not a key of [[rules.required]]; "),
        (
            "[[rules.required]]\nid = \"house-key\"",
            "[[rules.required]]\nid = \"house-lock\"",
            "19:1: `house-pair` requires `house-lock`, which is not there; ",
        ),
        ("condition = \"AND\"", "condition = \"XOR\"", "15:17: `XOR` is no condition; write AND or OR"),
        ("condition = \"AND\"", "regexTarget = \"file\"", "15:19: `file` is no target of regular expressions; "),
        ("paths = ['''\\.lock$''']", "paths = ['a', '(']", "4:15: unclosed group; "),
        ("paths = ['''\\.lock$''']", "description = ''", "3:1: the allow-list allows nothing; "),
        ("[allowlist]", "[[allowlists]]\ntargetRules = ['nope']", "3:1: there is no rule `nope` for this allow-list; "),
        (
            "[allowlist]",
            "[alowlist]",
            "3:2: `alowlist` is not a key of a gitleaks configuration; did you mean `allowlist",
        ),
        (
            "[allowlist]",
            "[extend]\nurl = 'https://x.example'\n[allowlist]",
            "4:1: nothing is fetched from the network; ",
        ),
        ("[allowlist]", "[extend]\npath = 'no.toml'\n[allowlist]", "4:1: there is no file `no.toml`; "),
        ("[allowlist]", "[extend]\npath = 'ours.toml'\n[allowlist]", "1:1: this is no gitleaks configuration; "),
        ("[allowlist]", "[extend]\npath = 'loop.toml'\n[allowlist]", "2:1: more than 8 files extend each other; "),
        ("[allowlist]", "[extend]\npath = 'base.toml'\nuseDefault = true\n[allowlist]", "1:1: [extend] has both"),
    ];
    for (from, to, expected) in cases {
        assert!(GOOD.contains(from), "{from} is not in the good file");
        let errors = load(&GOOD.replacen(from, to, 1)).expect_err(to);
        assert!(errors.iter().any(|error| error.contains(expected)), "{to}: {errors:#?} lacks {expected}");
        assert!(errors.iter().all(|error| error.contains(".toml:")), "{errors:#?}");
    }
}

#[test]
fn what_is_not_used_is_named_with_its_line() {
    let cases: &[(&str, &str, &str)] = &[
        ("tags = [\"house\"]", "validate = 'http.get()'", "13: `validate` is not used"),
        ("tags = [\"house\"]", "specificity = 0", "13: `specificity` is not used"),
        ("tags = [\"house\"]", "filter = 'let a = 1'", "13: the filter is not used: "),
        (
            "stopwords = [\"test\"]",
            "regexTarget = \"line\"\ncommits = [\"beef\"]",
            "14: this allow-list is not used: `commits` together",
        ),
        (
            "id = \"house-key\"\ndesc",
            "id = \"binance-api-key\"\ndesc",
            "6: `binance-api-key` is the id of another rule too",
        ),
        (
            "[allowlist]",
            "[extend]\nuseDefault = true\ndisabledRules = ['x']\n[allowlist]",
            "5: `disabledRules`: the built-in",
        ),
    ];
    for (from, to, expected) in cases {
        let text = GOOD.replacen(from, to, 1).replace("[[rules.required]]\nid = \"house-key\"\nwithinLines = 3\n", "");
        let rules = load(&text).unwrap_or_else(|errors| panic!("{to}: {errors:#?}"));
        let expected = format!("conf/house.toml:{expected}");
        assert!(remarks(&rules).iter().any(|remark| remark.starts_with(&expected)), "{to}: {:#?}", remarks(&rules));
    }
}

#[test]
fn a_file_goes_before_what_it_extends() {
    let text = "[extend]\npath = 'base.toml'\ndisabledRules = ['house-pair']\n\
                [[rules]]\nid = 'house-key'\nentropy = 3.0\nkeywords = ['more']\n[[rules]]\nid = 'new'\nregex = 'n{5}'\n";
    let rules = load(text).expect("no fault");
    let ids: Vec<&str> = rules.foreign().iter().map(|(_, rule)| rule.id.as_str()).collect();
    assert_eq!(ids, ["house-key", "new"]);
    let key = &rules.foreign()[0].1;
    assert_eq!((key.entropy, key.group), (3.0, 1), "the own entropy, the other's group");
    assert_eq!(key.keywords, ["more", "hk_"]);
    assert_eq!(key.common.allows.len(), 1, "global allow-lists are joined");
}

#[test]
fn the_built_in_rules_stand_for_the_default_ones() {
    let text = "[extend]\nuseDefault = true\ndisabledRules = ['binance-api-key']\n[[rules]]\nid = 'aws-access-token'\n\
                [rules.allowlist]\nregexes = ['a']\n";
    let rules = load(text).expect("no fault");
    assert!(rules.find("binance-api-key").is_none(), "it was switched off");
    assert!(rules.find("binance-api-secret").is_some());
    assert_eq!(remarks(&rules).len(), 1, "{:#?}", remarks(&rules));
    assert!(remarks(&rules)[0].starts_with("conf/house.toml:4: `aws-access-token` changes a default rule"));
}

#[test]
fn keys_are_read_without_case() {
    let rules = load("[[Rules]]\nID = 'x'\nRegex = 'x{5}'\nSecretgroup = 0\nKeyWords = 'X'\n").expect("no fault");
    assert_eq!(rules.foreign()[0].1.keywords, ["x"]);
}
