//! A key of a chain in one file, proven by what it derives in another.

use stopleak::detect::proof;

use crate::harness::Dir;

/// A key and the address it derives, made from `seed`.
fn pair(seed: u64) -> (String, String) {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state ^ state >> 29
    };
    let key = proof::sample("evm-key", &mut next).expect("a known proof");
    let address = proof::evm_address(&key).expect("a key has an address");
    (key, address)
}

/// Each finding as `path:line`, its confidence and its reasons.
fn findings(dir: &Dir, args: &[&str]) -> Vec<(String, String, String)> {
    let report = dir.run(&[&["scan", "tree", "--format", "json"], args].concat()).json();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let one = |finding: &serde_json::Value| {
        let part = &finding["parts"][0];
        let reasons: Vec<String> = finding["reasons"].as_array().expect("a list").iter().map(text).collect();
        let path = text(&part["path"]);
        let place = format!("{}:{}", path.trim_start_matches("tree/"), part["start"]["line"]);
        (place, text(&finding["confidence"]), reasons.join("; "))
    };
    report["findings"].as_array().expect("a list").iter().map(one).collect()
}

#[test]
fn a_key_is_proven_by_its_address_in_another_file() {
    let (key, address) = pair(1);
    let (_, other) = pair(2);
    let named = format!("PRIVATE_KEY = \"{key}\"\n");
    let bare = format!("// wallets of the desk\naccounts: [\"{key}\"],\n");
    let hash = format!("wallet_tx_hash = \"{key}\"\n");
    let short = format!("derives address {}…{} found in ", &address[..6], &address[38..]);
    let checksummed = format!("0x{}", address[2..].to_uppercase());
    // (the key's file, the address' file, its text, the findings' confidence, what a reason holds)
    let cases: &[(&str, &str, String, Option<&str>, &str)] = &[
        (&named, "config.json", format!("{{\"owner\": \"{address}\"}}\n"), Some("high"), "config.json"),
        (&named, "config.json", format!("{{\"owner\": \"{other}\"}}\n"), Some("medium"), ""),
        (&named, "deep/er/list.csv", format!("a,{checksummed},b\n"), Some("high"), "deep/er/list.csv"),
        (&bare, "config.json", format!("{{\"owner\": \"{address}\"}}\n"), Some("high"), "config.json"),
        (&bare, "config.json", format!("{{\"owner\": \"{other}\"}}\n"), None, ""),
        (&hash, "addresses.env", format!("OWNER={address}\n"), Some("high"), "addresses.env"),
        (&hash, "addresses.env", format!("OWNER={other}\n"), None, ""),
        (&bare, "notes.md", format!("{}x{}\n", &address[..20], &address[20..]), None, ""),
    ];
    for (text, file, content, confidence, reason) in cases {
        let dir = Dir::new();
        dir.file("tree/deploy.ts", text).file(format!("tree/{file}"), content);
        let found = findings(&dir, &[]);
        let expected: Vec<&str> = confidence.iter().copied().collect();
        assert_eq!(found.iter().map(|one| one.1.as_str()).collect::<Vec<_>>(), expected, "{text} {content}: {found:?}");
        if !reason.is_empty() {
            assert!(found[0].0.starts_with("deploy.ts:"), "{found:?}");
            let (shown, wanted) = (found[0].2.to_lowercase(), format!("{short}tree/{reason}"));
            assert!(shown.contains(&wanted), "{found:?}");
        }
    }
}

/// The first file in order is named, whoever was read first.
#[test]
fn the_report_is_the_same_with_any_number_of_threads() {
    let dir = Dir::new();
    for seed in 0..40 {
        let (key, address) = pair(100 + seed);
        dir.file(format!("tree/keys/{seed}.py"), format!("signer_key = \"{key}\"\n"));
        for copy in 0..3 {
            dir.file(format!("tree/{copy}/{seed}.json"), format!("{{\"address\": \"{address}\"}}\n"));
        }
    }
    let one = findings(&dir, &["-j", "1"]);
    assert_eq!(one.len(), 40);
    assert!(one.iter().all(|finding| finding.2.contains("found in tree/0/")), "{one:?}");
    for threads in ["2", "8"] {
        assert_eq!(findings(&dir, &["-j", threads]), one);
    }
}

/// Standard input is one text; what proves there proves there.
#[test]
fn a_stream_proves_by_itself() {
    let (key, address) = pair(7);
    let dir = Dir::new();
    let text = format!("wallet 1\n{key}\n{address}\n");
    dir.file("tree/a.txt", &text);
    let found = findings(&dir, &[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].2.contains("derives address"), "{found:?}");
}
