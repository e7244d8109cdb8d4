//! Rules in gitleaks' format at work: what they find, what they leave alone, and how it is told.

use crate::harness::Dir;

const RULES: &str = r#"
title = "House rules"

[[allowlists]]
paths = ['''vendor/''']
[[allowlists]]
targetRules = ["house-key"]
stopwords = ["sample"]

[[rules]]
id = "house-key"
description = "A key of the house"
regex = '''(?i)house\s*=\s*"(hk-[a-z0-9]{12})"'''
entropy = 2.0
keywords = ["HOUSE"]
tags = ["doors"]
[[rules.allowlists]]
description = "the porch has no lock"
regexTarget = "line"
regexes = ['''porch''']
[[rules.allowlists]]
condition = "AND"
paths = ['''\.md$''']
regexes = ['''^hk-0''']

[[rules]]
id = "house-chest"
regex = '''chest-([0-9]{6})'''
path = '''\.env$'''
[[rules.required]]
id = "house-owner"
withinLines = 2

[[rules]]
id = "house-owner"
regex = '''owner-[a-z]{4}'''
skipReport = true

[[rules]]
id = "house-file"
path = '''\.p12$'''
"#;

/// A key of the house, put together so that nothing here looks like one.
fn key(end: &str) -> String {
    format!("hk-{}{end}", "a1b2c3d4e5f6g7".chars().take(12 - end.len()).collect::<String>())
}

#[test]
fn a_rule_of_gitleaks_finds_what_it_finds_there() {
    // (file, text, findings as `rule path:line`)
    let house = |key: &str| format!("x\nHouse = \"{key}\"\n");
    let cases: &[(&str, String, &[&str])] = &[
        ("a.txt", house(&key("")), &["house-key a.txt:2"]),
        ("b.txt", house("hk-aaaaaaaaaaaa"), &[]),
        ("c.txt", house(&key("sample")), &[]),
        ("d.txt", house(&key("")).replace("x\n", "porch ").clone(), &[]),
        ("e.txt", house(&key("")).replace('"', "'"), &[]),
        ("vendor/f.txt", house(&key("")), &[]),
        ("g.md", house(&format!("hk-0{}", &key("")[4..])), &[]),
        ("g.txt", house(&format!("hk-0{}", &key("")[4..])), &["house-key g.txt:2"]),
        ("h.env", "owner-anna\n\nchest-120457\n".to_owned(), &["house-chest h.env:3"]),
        ("i.env", "owner-anna\n\n\nchest-120457\n".to_owned(), &[]),
        ("j.txt", "owner-anna\nchest-120457\n".to_owned(), &[]),
        ("k.p12", "\0\u{1}\0".to_owned(), &["house-file k.p12:1"]),
    ];
    for (file, text, expected) in cases {
        let dir = Dir::new();
        dir.file("rules.toml", RULES).file(format!("tree/{file}"), text);
        let report = dir.run(&["scan", "tree", "--rules", "rules.toml", "--format", "json"]).json();
        let found: Vec<String> = report["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|finding| {
                let part = &finding["parts"][0];
                let path = part["path"].as_str().unwrap_or_default().trim_start_matches("tree/");
                format!("{} {path}:{}", finding["rule"].as_str().unwrap_or_default(), part["start"]["line"])
            })
            .collect();
        assert_eq!(found, *expected, "{file}: {text}");
    }
}

#[test]
fn its_findings_are_in_every_report_under_its_id() {
    let dir = Dir::new();
    dir.file("rules.toml", RULES).file("tree/a.txt", format!("house = \"{}\"\n", key("")));
    for format in ["text", "json", "sarif"] {
        let run = dir.run(&["scan", "tree", "--rules", "rules.toml", "--format", format]);
        run.prints(1, &["house-key", "A key of the house", "a.txt"]);
        assert!(!run.stdout.contains(&key("")), "{format} shows the value");
    }
    dir.run(&["rules", "show", "house-key", "--rules", "rules.toml"]).prints(0, &["House rules", "rules.toml:10"]);
    dir.run(&["explain", "house-key", "--rules", "rules.toml"]).prints(0, &["A key of the house"]);
    dir.run(&["rules", "check", "rules.toml"]).prints(0, &["4 rules in gitleaks' format: 3 for texts, 1 for paths"]);
}

#[test]
fn a_value_of_a_house_rule_is_not_reported_as_nobodys_too() {
    let dir = Dir::new();
    let rules = "[[rules]]\nid = \"house-token\"\nregex = '''HOUSE_TOKEN=([a-z0-9]{40})'''\n";
    let token: String =
        "k3j9x0q7w5z8".chars().cycle().zip("1b2d4f6h8m".chars().cycle()).flat_map(|(a, b)| [a, b]).take(40).collect();
    dir.file("rules.toml", rules).file("tree/a.env", format!("HOUSE_TOKEN={token}\n"));
    let report = dir.run(&["scan", "tree", "--rules", "rules.toml", "--format", "json"]).json();
    let ids: Vec<&str> =
        report["findings"].as_array().expect("a list").iter().filter_map(|f| f["rule"].as_str()).collect();
    assert_eq!(ids, ["house-token"]);
}

#[test]
fn what_is_not_used_of_a_file_is_said_by_the_scan() {
    let dir = Dir::new();
    let rules = "[[rules]]\nid = \"a\"\nregex = 'a{9}'\nvalidate = 'x'\n";
    dir.file("rules.toml", rules).file("tree/a.txt", "nothing\n");
    let run = dir.run(&["scan", "tree", "--rules", "rules.toml"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("rules.toml:4: `validate` is not used"), "{}", run.stderr);
    dir.run(&["rules", "check", "rules.toml"]).prints(0, &["rules.toml:4: `validate` is not used", "1 remark"]);
}

#[test]
fn a_faulty_file_is_refused_with_its_line() {
    for (rules, reason) in [
        ("[[rules]]\nid = \"a\"\nregex = '('\n", "rules.toml:3:9: unclosed group"),
        (
            "[[rules]]\nid = \"a\"\nregx = 'a'\n",
            "rules.toml:3:1: `regx` is not a key of [[rules]]; did you mean `regex`?",
        ),
        (
            "[[rules]]\nid = 'a'\nregex = 'a'\n[[rules]]\nid = 'a'\nregex = 'b'\n",
            "rules.toml:4:1: `a` is in this file twice",
        ),
        ("[[rules]\n", "rules.toml:1:"),
    ] {
        let dir = Dir::new();
        dir.file("rules.toml", rules).file("tree/a.txt", "nothing\n");
        for args in [&["scan", "tree", "--rules", "rules.toml"][..], &["rules", "check", "rules.toml"]] {
            dir.run(args).fails(2, &[reason]);
        }
    }
}

#[test]
fn a_file_that_extends_the_default_rules_speaks_of_the_built_in_ones() {
    let dir = Dir::new();
    let secret: String = "aB3dE5gH7jK9mN1pQ"
        .chars()
        .cycle()
        .zip("xY2zW4vU6t".chars().cycle())
        .flat_map(|(a, b)| [a, b])
        .take(64)
        .collect();
    let leak = format!("BINANCE_API_SECRET={secret}\n");
    dir.file("tree/a.env", &leak).file("tree/old/b.env", &leak).file("base.toml", "[extend]\nuseDefault = true\n");
    dir.file("rules.toml", "[extend]\nuseDefault = true\n[allowlist]\ndescription = \"old\"\npaths = ['''old/''']\n");
    let count = |rules: &str| {
        let report = dir.run(&["scan", "tree", "--rules", rules, "--format", "json"]).json();
        (report["findings"].as_array().map(Vec::len), report["suppressed"].as_array().map(Vec::len))
    };
    assert_eq!(count("base.toml"), (Some(2), Some(0)));
    assert_eq!(count("rules.toml"), (Some(1), Some(1)));
}

/// gitleaks' `condition = "AND"` with `commits`: the commit and everything else must agree.
#[cfg(feature = "git")]
#[test]
fn an_allow_list_of_commits_and_more_holds_where_all_of_it_agrees() {
    let repo = crate::repo::Repo::new();
    let first = repo.commit("old/a.txt", &format!("house = \"{}\"\n", key("")));
    repo.commit("old/b.txt", &format!("house = \"{}\"\n", key("z")));
    let dir = Dir::new();
    let found = |list: &str| {
        let rule = "[[rules]]\nid = \"house-key\"\nregex = 'hk-[a-z0-9]{12}'\n[[rules.allowlists]]\n";
        dir.file("rules.toml", format!("{rule}commits = [\"{first}\"]\n{list}"));
        let report = dir.run(&["git", &repo.path().display().to_string(), "--rules", "rules.toml", "--format", "json"]);
        let mut paths: Vec<String> = report.json()["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|finding| finding["parts"][0]["path"].as_str().map(|path| path[path.len() - 5..].to_owned()))
            .collect();
        paths.sort();
        paths
    };
    // (the list, what is still found)
    let cases: &[(&str, &[&str])] = &[
        ("", &["b.txt"]),
        ("condition = 'AND'\npaths = ['^old/']\n", &["b.txt"]),
        ("condition = 'AND'\npaths = ['^new/']\n", &["a.txt", "b.txt"]),
        ("condition = 'AND'\npaths = ['^old/']\nregexes = ['^hk-a1']\n", &["b.txt"]),
        ("condition = 'AND'\nregexes = ['^hk-b1']\n", &["a.txt", "b.txt"]),
        ("condition = 'AND'\nstopwords = ['zzz']\n", &["a.txt", "b.txt"]),
        ("condition = 'OR'\npaths = ['b.txt$']\n", &[]),
    ];
    for (list, expected) in cases {
        assert_eq!(found(list), *expected, "{list}");
    }
}
