//! The river flows one way: which room may name which. ARCHITECTURE.md shows the same table with its reasons.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A room and those it may import. `finding` and `credential` are the words the rooms have in common.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("span", &[]),
    ("secret", &["detect"]),
    ("rules", &["span"]),
    ("config", &["rules", "span"]),
    ("source", &["secret", "span", "view"]),
    ("view", &["detect", "secret", "span"]),
    ("credential", &["detect", "finding", "rules", "secret", "span", "view"]),
    ("finding", &["rules", "secret", "source", "span"]),
    ("detect", &["credential", "finding", "rules", "secret", "span", "view"]),
    ("policy", &["config", "credential", "detect", "finding", "rules", "secret", "source", "span"]),
    ("scan", &["credential", "detect", "finding", "policy", "rules", "secret", "source", "span", "view"]),
    ("report", &["finding", "policy", "rules", "secret", "source", "span"]),
    ("verify", &["finding", "rules", "secret"]),
    ("cli", &["config", "detect", "finding", "policy", "report", "rules", "scan", "secret", "source", "verify"]),
];

/// The narrow doors: a room that may name only these of another.
const ONLY: &[(&str, &str, &[&str])] = &[
    ("secret", "detect", &["randomness"]),
    ("source", "view", &["wide"]),
    ("source", "secret", &["wipe", "wipe_all"]),
    ("view", "secret", &["wipe_all"]),
    // What a token, a run of tokens and a quote are; views need to know it to join and unpack them.
    // And how many bytes are looked at together.
    ("view", "detect", &["block", "candidate", "token"]),
    ("credential", "detect", &["Hint", "judge", "names"]),
    ("credential", "finding", &["Environment"]),
    ("detect", "finding", &["Environment"]),
    ("detect", "credential", &["Credential", "assemble", "self", "Part"]),
];

#[test]
fn rooms_import_only_what_lies_upstream() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for file in rust_files(&root) {
        let relative = file.strip_prefix(&root).expect("it is below").to_string_lossy().replace('\\', "/");
        let room = relative.split(['/', '.']).next().unwrap_or_default().to_owned();
        // `fuzz` is part of the tests: it calls every room that reads strangers' bytes.
        if ["lib", "main", "fuzz"].contains(&room.as_str()) || is_test(&relative) {
            continue;
        }
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == room) else {
            faults
                .push(format!("{relative}: the room `{room}` is not in the table of this test and of ARCHITECTURE.md"));
            continue;
        };
        let code = without_tests(&std::fs::read_to_string(&file).expect("sources can be read"));
        for path in imports(&code, room == "cli") {
            let target = path.split("::").next().unwrap_or_default();
            if target == room || !MAY_IMPORT.iter().any(|(name, _)| *name == target) {
                continue;
            }
            if !allowed.contains(&target) {
                faults.push(format!("{relative}: `{room}` may not import `{target}`"));
            }
            let door = ONLY.iter().find(|(from, to, _)| *from == room && *to == target);
            if let Some((_, _, names)) = door
                && !names.iter().any(|name| path.split("::").nth(1) == Some(name))
            {
                faults.push(format!("{relative}: of `{target}`, `{room}` may import only {names:?}, not `{path}`"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn only_one_file_knows_each_foreign_format() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let homes = [
        ("serde_sarif", "report/sarif.rs"),
        ("gix::", "source/git"),
        ("clap", "cli/"),
        ("indicatif", "cli/"),
        ("ureq", "verify/https.rs"),
    ];
    for file in rust_files(&root) {
        let relative = file.strip_prefix(&root).expect("it is below").to_string_lossy().replace('\\', "/");
        let code = std::fs::read_to_string(&file).expect("sources can be read");
        if relative.starts_with("verify/tests/") {
            continue; // The mock exchange looks names up for the client.
        }
        for (name, home) in homes {
            let used = code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(name));
            assert!(!used || relative.starts_with(home), "{relative} uses {name}, which belongs into {home}");
        }
    }
}

#[test]
fn the_middle_of_the_river_touches_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let outside =
        ["std::fs", "std::net", "std::thread", "std::time::", "std::process", "std::env::var", "Instant::now"];
    let rooms = ["span", "secret", "rules", "config", "view", "detect", "credential", "finding", "policy"];
    for file in rust_files(&root) {
        let relative = file.strip_prefix(&root).expect("it is below").to_string_lossy().replace('\\', "/");
        if is_test(&relative) || !rooms.iter().any(|room| relative.split(['/', '.']).next() == Some(room)) {
            continue;
        }
        let code = without_tests(&std::fs::read_to_string(&file).expect("sources can be read"));
        for name in outside {
            let allowed = relative == "finding.rs" && name == "std::time::";
            assert!(allowed || !code.contains(name), "{relative} uses {name}");
        }
    }
}

#[test]
fn there_is_no_network_code_but_in_one_file_of_verify() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files(&root) {
        let relative = file.strip_prefix(&root).expect("it is below").to_string_lossy().replace('\\', "/");
        let code = std::fs::read_to_string(&file).expect("sources can be read");
        for name in ["std::net", "TcpStream", "UdpSocket", "process::Command"] {
            // The mock exchange of the tests listens on loopback.
            assert!(!code.contains(name) || relative == "verify/tests/mock.rs", "{relative} uses {name}");
        }
    }
    let library = std::fs::read_to_string(root.join("lib.rs")).expect("sources can be read");
    assert!(library.contains("#[cfg(feature = \"verify\")]\npub mod verify;"), "verify is in every build");
}

/// The crates that are linked into a build with some features, each with its own features.
fn linked(features: &[&str]) -> Vec<(String, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = std::process::Command::new(cargo)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--locked", "--offline", "--edges", "normal,build", "--prefix", "none"])
        .args(["--format", "{p}|{f}"])
        .args(features)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let split = |line: &str| Some((line.split(' ').next()?.to_owned(), line.split_once('|')?.1.to_owned()));
    text.lines().filter_map(split).collect()
}

#[test]
fn the_default_build_links_no_network_crate() {
    let network = [
        "ureq",
        "ureq-proto",
        "rustls",
        "ring",
        "webpki-roots",
        "rustls-webpki",
        "reqwest",
        "hyper",
        "tokio",
        "mio",
        "socket2",
        "curl",
        "curl-sys",
        "native-tls",
        "openssl",
        "openssl-sys",
        "async-std",
        "isahc",
        "attohttpc",
        "minreq",
        "h2",
        "quinn",
        "tungstenite",
        "hickory-resolver",
        "trust-dns-resolver",
    ];
    let of = |features: &[&str]| {
        let crates = linked(features);
        assert!(crates.len() > 50 && crates.iter().any(|(name, _)| name == "stopleak"), "{crates:?}");
        // gix names these in every build; what opens connections in them is behind features.
        let client = |(name, features): &&(String, String)| name.starts_with("gix-") && features.contains("client");
        assert_eq!(crates.iter().find(client), None);
        network.into_iter().filter(|name| crates.iter().any(|(linked, _)| linked == name)).collect::<Vec<_>>()
    };
    assert_eq!(of(&[]), [""; 0]);
    let asking = of(&["--features", "verify"]);
    assert!(asking.contains(&"ureq") && asking.contains(&"rustls"), "the test sees them where they are: {asking:?}");
}

/// Modules of tests may look anywhere.
fn is_test(relative: &str) -> bool {
    relative.split('/').any(|part| part == "tests.rs" || part == "tests")
}

/// The code before the tests at the end of a file, without comments.
fn without_tests(code: &str) -> String {
    let code = code.find("#[cfg(test)]\nmod tests {").map_or(code, |at| &code[..at]);
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// All paths into the crate that a file names, `{...}` spelt out: `rules::Role`, `rules::Rule`.
fn imports(code: &str, from_program: bool) -> BTreeSet<String> {
    let prefix = if from_program { "stopleak::" } else { "crate::" };
    let mut paths = BTreeSet::new();
    for (at, _) in code.match_indices(prefix) {
        let is_part_of_name = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if !is_part_of_name {
            spell_out("", &code[at + prefix.len()..], &mut paths);
        }
    }
    paths
}

/// Reads one path, with a group in braces at its end, from the beginning of `text`.
fn spell_out(before: &str, text: &str, paths: &mut BTreeSet<String>) {
    let text = text.trim_start();
    if let Some(group) = text.strip_prefix('{') {
        let mut depth = 0;
        let mut start = 0;
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' => {
                    if depth == 0 {
                        spell_out(before, &group[start..at], paths);
                        start = at + 1;
                    }
                    if c == '}' && depth == 0 {
                        return;
                    }
                }
                _ => {}
            }
        }
        return;
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let path = if before.is_empty() { text[..end].to_owned() } else { format!("{before}::{}", &text[..end]) };
    match text[end..].strip_prefix("::") {
        Some(rest) => spell_out(&path, rest, paths),
        None => {
            if end > 0 {
                paths.insert(path);
            }
        }
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("sources can be read") {
        let path = entry.expect("sources can be read").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_reader_of_imports_reads_imports() {
    let code = "use crate::rules::{Role, model::{A, B}};\nlet x = crate::span::Span::new(0, 1);\nuse crate::{secret, view::utf16};";
    let found: Vec<String> = imports(code, false).into_iter().collect();
    assert_eq!(
        found,
        ["rules::Role", "rules::model::A", "rules::model::B", "secret", "span::Span::new", "view::utf16"]
    );
}
