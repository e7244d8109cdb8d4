//! `--stats`: what a scan cost, so that a slow rule of one's own can be seen.

use crate::harness::Dir;

/// A rule whose shape fits nothing and takes long to say so: it tries many ways through every value.
const SLOW: &str = r#"
[provider]
id = "slow"
name = "Slow"
kind = "service"
revoke = "https://example.org"
docs = "https://example.org"

[[rule]]
id = "slow-key"
role = "secret"
title = "Slow key"
shape = "(?:[a-z0-9]{1,60}[0-9a-f]{1,60}){3}[A-F]{7}[0-9]{2,20}(?:[a-z0-9]{1,60}[0-9a-f]{1,60}){3}Q"
evidence = "shape"
grade = "A"
severity = "high"
source = "made up"
examples = ["«${shape}»"]
counter_examples = ["nothing"]
"#;

#[test]
fn a_slow_rule_is_seen() {
    let dir = Dir::new();
    let mut state = 5_u64;
    let mut token = || -> String {
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(b"0123456789abcdef"[(state >> 40) as usize % 16])
        };
        (0..128).map(|_| next()).collect()
    };
    let text: String = (0..400).map(|number| format!("digest_{number} = \"{}\"\n", token())).collect();
    dir.file("slow.toml", SLOW).file("a.txt", text);
    let run = dir.run(&["scan", "a.txt", "--rules", "slow.toml", "--stats"]);
    let rules: Vec<&str> = run.stderr.lines().skip_while(|line| !line.starts_with("Time by rule")).skip(1).collect();
    // Which is the dearest depends on the machine's load; that it is told, and how often it was tried, does not.
    let told = rules.iter().any(|line| line.contains("slow-key, tried 400 times"));
    assert!(told, "the rule is not told:\n{}", run.stderr);
    for told in ["files read", "bytes read", "candidates", "regular expressions compiled", "judgement"] {
        assert!(run.stderr.contains(told), "{told} is not told:\n{}", run.stderr);
    }
}

#[test]
fn nothing_is_told_unless_asked() {
    let dir = Dir::new();
    dir.file("a.txt", "nothing");
    let plain = dir.run(&["scan", "a.txt", "--format", "json"]);
    let told = dir.run(&["scan", "a.txt", "--format", "json", "--profile"]);
    assert!(!plain.stderr.contains("Time by stage"), "{}", plain.stderr);
    assert!(told.stderr.contains("Time by stage") && told.stdout == plain.stdout, "{}", told.stderr);
    assert_eq!(told.code, plain.code);
}
