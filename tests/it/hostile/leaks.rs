//! Values that are planted everywhere, and every output searched for them: whole, in halves, and encoded.

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

use super::*;

const FORMATS: [&str; 8] = ["text", "json", "sarif", "github", "gitlab", "junit", "csv", "markdown"];

/// All forms of a value that must not be seen: halves, any twelve characters from four on (the first four may be shown), and
/// the encodings, of which pieces count too.
fn forms(value: &str) -> Vec<String> {
    let bytes = value.as_bytes();
    let mut forms: Vec<String> = (4..value.len() - 12).map(|at| value[at..at + 12].to_owned()).collect();
    // What stands before a value shifts its Base64 by a byte or two; the middle of it is the same then.
    for shift in 0..3 {
        let encoded = [BASE64.encode(&bytes[shift..]), BASE64URL.encode(&bytes[shift..])];
        forms.extend(encoded.map(|text| text[..32].to_owned()));
    }
    forms.extend([HEXLOWER.encode(bytes), HEXUPPER.encode(bytes)].map(|text| text[..64].to_owned()));
    forms.push(bytes.iter().rev().map(|&byte| char::from(byte)).collect());
    forms
}

#[track_caller]
fn free_of_values(bytes: &[u8], title: &str) {
    for seed in [1, 2, 3, 101, 102, 103] {
        for form in forms(&value(seed)) {
            assert!(memchr::memmem::find(bytes, form.as_bytes()).is_none(), "{title} holds a piece of value {seed}");
        }
    }
}

/// Values as contents, as names, as members, in comments that accept them, half and encoded.
fn plant(dir: &Dir) {
    let encoded = BASE64.encode(leak(3).as_bytes());
    dir.file("tree/a.env", leak(1))
        .file(format!("tree/{}.env", value(1)), leak(2))
        .file(format!("tree/{}/{}.txt", &value(2)[..32], &value(2)[32..]), leak(2))
        .file(format!("tree/{}.txt", BASE64URL.encode(value(1).as_bytes())), leak(1))
        .file(format!("tree/{}.txt", HEXLOWER.encode(value(1).as_bytes())), leak(1))
        .file("tree/secret.yaml", format!("kind: Secret\ndata:\n  binance.env: {encoded}\n"))
        .file("tree/b.py", format!("# stopleak:allow {}\n{} = '{}'\n", value(1), value(1), value(2)))
        .file("tree/url.txt", format!("https://{}:{}@api.binance.com/?apiKey={}\n", value(1), value(2), value(3)))
        .file("tree/low.txt", format!("x = {}\n", value(1)))
        .file(format!("tree/big-{}", value(2)), "x".repeat(2000))
        .file(".gitignore", format!("{}\n", value(1)));
    pipe(dir, &format!("tree/pipe-{}", value(3)));
    link(dir, &value(1), &format!("tree/link-{}", value(1)));
}

#[test]
fn no_report_holds_a_value() {
    let dir = Dir::new();
    plant(&dir);
    let levels: [&[&str]; 4] = [&[], &["-v"], &["--quiet"], &["--min-confidence", "low", "-v", "--color", "always"]];
    for format in FORMATS {
        for level in levels {
            let limit = ["--max-file-size", "1500"];
            let args = [&["scan", "tree", "--format", format], level, &limit].concat();
            let run = dir.command(&args).output().expect("the program runs");
            assert_eq!(run.status.code(), Some(1), "{args:?}: {}", String::from_utf8_lossy(&run.stderr));
            free_of_values(&run.stdout, &format!("{args:?}"));
            free_of_values(&run.stderr, &format!("{args:?}, standard error,"));
        }
    }
}

#[test]
fn no_error_holds_a_value() {
    let dir = Dir::new();
    plant(&dir);
    dir.file("rules.toml", leak(1))
        .file("rules2.toml", format!("[provider]\nid = \"{}\"\n{} = 1\n", value(1), value(2)));
    let cases: &[&[&str]] = &[
        &["scan", "tree", "--rules", "rules.toml"],
        &["rules", "check", "rules.toml"],
        &["scan", "tree/a.env", "--rules", "tree/a.env"],
    ];
    for args in cases {
        let run = dir.run(args);
        run.fails(2, &[]);
        free_of_values(run.stderr.as_bytes(), &format!("{args:?}"));
        free_of_values(run.stdout.as_bytes(), &format!("{args:?}"));
    }
}

/// The memory of a scan that waits is in no file: no core dump, no temporary file, nothing beside the report.
#[test]
fn nothing_is_left_on_disk() {
    let dir = Dir::new();
    plant(&dir);
    dir.file("tmp/x", "").file("home/x", "");
    let mut command = dir.command(&["scan", "tree", "--json", "out.json", "--sarif", "out.sarif"]);
    command.envs([("TMPDIR", dir.at("tmp")), ("HOME", dir.at("home")), ("XDG_CACHE_HOME", dir.at("home"))]);
    let run = command.output().expect("the program runs");
    assert_eq!(run.status.code(), Some(1));
    for name in ["out.json", "out.sarif"] {
        free_of_values(dir.read(name).as_bytes(), name);
    }
    for folder in ["tmp", "home"] {
        let count = std::fs::read_dir(dir.at(folder)).expect("it is there").count();
        assert_eq!(count, 1, "{folder} holds what was there before and nothing else");
    }
}

/// A process that is killed writes no core, and nobody else may look into it.
#[test]
fn its_memory_is_closed() {
    let dir = Dir::new();
    let mut command = dir.command(&["scan", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    let mut input = child.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut input, "text\n".repeat(100_000).as_bytes()).expect("it reads");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("it runs");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert!(core.split_whitespace().skip(4).take(2).all(|number| number == "0"), "{core}");
    drop(input);
    assert_eq!(finish(child, 60, "core").code, Some(0));
}

#[test]
fn only_the_owner_reads_a_report_with_values() {
    let dir = Dir::new();
    dir.file("tree/a.env", leak(1));
    dir.run(&["scan", "tree", "--show-secrets", "--json", "out.json"]).prints(1, &[]);
    assert!(dir.read("out.json").contains(&value(1)), "it was asked for");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(dir.at("out.json")).expect("it").permissions());
    assert_eq!(mode & 0o777, 0o600);
}
