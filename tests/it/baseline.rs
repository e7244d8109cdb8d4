//! Baselines: what is known is not reported again, wherever it moves; what is new is.

use std::process::Stdio;
use std::time::Duration;

use crate::harness::{ALNUM, Dir, Run, random};

const FILE: &str = ".stopleak-baseline";

/// Where the shape of a value matters: the name of a variable and the length of the value.
const NAMES: [(&str, usize); 5] = [
    ("BINANCE_API_SECRET", 64),
    ("BYBIT_API_SECRET", 36),
    ("MEXC_API_SECRET", 32),
    ("BITMEX_API_SECRET", 48),
    ("KUCOIN_API_SECRET", 36),
];

/// A line with a secret of some exchange; the value is made here, so no text in this repository looks like one.
fn secret(seed: u64) -> String {
    let (name, length) = NAMES[usize::try_from(seed).expect("seeds are small") % NAMES.len()];
    format!("{name} = \"{}\"\n", random(seed, ALNUM, length))
}

/// A line with a password as people think them up.
fn password(seed: u64) -> String {
    let words = ["Winter", "Dragon", "Trader", "Lambo", "Moon"];
    let word = words[usize::try_from(seed).expect("seeds are small") % words.len()];
    format!("DB_PASSWORD = \"{word}{}!x\"\n", 1000 + seed * 37)
}

/// The findings in a report: how many are reported, how many are suppressed.
fn counts(run: &Run) -> (usize, usize) {
    let report: serde_json::Value =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {run:#?}"));
    let of = |list: &str| report[list].as_array().expect("it is a list").len();
    (of("findings"), of("suppressed"))
}

fn scan(dir: &Dir) -> (usize, usize) {
    counts(&dir.run(&["scan", "--format", "json"]))
}

/// 50 findings: secrets in ten files, passwords in five.
fn fifty() -> Dir {
    let dir = Dir::new();
    for file in 0..10 {
        let lines: String = (0..4).map(|line| secret(file * 4 + line) + "\nx = 1\n").collect();
        dir.file(format!("src/bot{file}/conf.py"), lines);
    }
    // One to a file: the short names of two passwords in one file may be the same, and then they are one entry.
    for file in 0..10 {
        dir.file(format!("deploy/{file}.env"), password(file).replace(" = ", "="));
    }
    dir
}

fn rename(dir: &Dir, from: &str, to: &str) {
    std::fs::create_dir_all(dir.at(to).parent().expect("it is below")).expect("folders can be made");
    std::fs::rename(dir.at(from), dir.at(to)).expect("it is there");
}

#[test]
fn of_fifty_moved_renamed_and_reformatted_findings_only_the_new_one_is_reported() {
    let dir = fifty();
    assert_eq!(scan(&dir), (50, 0), "the tree has what the test needs");
    dir.run(&["baseline", "create", "--reason", "from before"]).prints(0, &["50 findings accepted (50 values)"]);
    dir.run(&["scan"])
        .prints(0, &["50 findings suppressed by .stopleak-baseline (the worst critical)", "is in force (50 entries)"]);

    // Lines move within their files.
    for file in 0..10 {
        let name = format!("src/bot{file}/conf.py");
        let moved: Vec<String> = dir.read(&name).lines().rev().map(str::to_owned).collect();
        dir.file(&name, format!("# a new head\n\n{}\n", moved.join("\n")));
    }
    assert_eq!(scan(&dir), (0, 50), "moved");
    // Files are renamed, also those with passwords; lines go to another file.
    rename(&dir, "src/bot0/conf.py", "lib/settings.py");
    rename(&dir, "src/bot1/conf.py", "src/bot1/config_old.py");
    rename(&dir, "deploy/0.env", "ops/production.env");
    rename(&dir, "deploy/1.env", "deploy/staging.env");
    let (two, three) = (dir.read("src/bot2/conf.py"), dir.read("src/bot3/conf.py"));
    dir.file("src/bot2/conf.py", "").file("src/bot3/conf.py", two + &three);
    assert_eq!(scan(&dir), (0, 50), "renamed");
    // A formatter runs.
    for file in 4..10 {
        let name = format!("src/bot{file}/conf.py");
        let other = dir.read(&name).replace(" = \"", "=   '").replace("\"\n", "' ;\n").replace('\n', "\r\n");
        dir.file(&name, other);
    }
    assert_eq!(scan(&dir), (0, 50), "reformatted");
    // One is new.
    dir.file("src/new.py", secret(99));
    assert_eq!(scan(&dir), (1, 50), "one is new");
    dir.run(&["scan"]).prints(1, &["--> src/new.py:1", "1 leaked credential:"]);
    let sarif = dir.run(&["scan", "--format", "sarif", "--include-suppressed"]);
    let log: serde_json::Value = serde_json::from_str(&sarif.stdout).expect("it is JSON");
    let results = log["runs"][0]["results"].as_array().expect("it is a list");
    let state = |wanted: &str| results.iter().filter(|result| result["baselineState"] == wanted).count();
    assert_eq!((state("new"), state("unchanged")), (1, 50));
    assert_eq!(results.iter().filter(|one| one["suppressions"][0]["justification"] == "from before").count(), 50);
    // Updating keeps what was said and takes the places over.
    dir.run(&["baseline", "update"]).prints(0, &["1 value added, 0 removed"]);
    assert_eq!(scan(&dir), (0, 51));
    let text = dir.read(FILE);
    assert!(text.contains("ops/production.env") && !text.contains("deploy/0.env"), "{text}");
    assert_eq!(text.matches("from before").count(), 50);
}

#[test]
fn another_value_on_an_accepted_line_is_found() {
    let dir = Dir::new();
    dir.file("a.py", secret(1)).file("b.env", password(1).replace(" = ", "="));
    dir.run(&["baseline", "create"]).prints(0, &["2 findings accepted"]);
    dir.file("a.py", secret(6));
    assert_eq!(scan(&dir), (1, 1));
    // 8 bits stand for a password, so one change in 256 goes unseen; of ten, the odds of two are below one in a thousand.
    let unseen = (2..12).filter(|&seed| {
        dir.file("b.env", password(seed).replace(" = ", "="));
        scan(&dir) != (2, 0)
    });
    assert!(unseen.count() <= 1);
    // A new part beside a known one is new as well.
    let dir = Dir::new();
    dir.file("a.py", secret(5));
    dir.run(&["baseline", "create"]).prints(0, &["1 finding accepted (1 value)"]);
    dir.file("a.py", format!("BINANCE_API_KEY = \"{}\"\n{}", random(77, ALNUM, 64), secret(5)));
    assert_eq!(scan(&dir), (1, 0));
}

#[test]
fn the_file_gives_no_value_and_no_plain_hash_away() {
    use sha2::Digest as _;
    let dir = fifty();
    dir.run(&["baseline", "create"]).prints(0, &[]);
    let text = dir.read(FILE);
    let weak = text.matches("\"value\":\"~").count();
    assert_eq!(weak, 10, "each password has a short name");
    for seed in 0..40 {
        let line = secret(seed);
        let value = line.split('"').nth(1).expect("it is quoted");
        assert!(!text.contains(value) && !text.contains(&value[..8]));
        let hex: String = sha2::Sha256::digest(value).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!text.contains(&hex[..12]));
    }
    for seed in 0..10 {
        let line = password(seed);
        let value = line.split('"').nth(1).expect("it is quoted");
        assert!(!text.contains(value));
    }
    // Nothing in the file depends on the day or the machine, and a second run changes nothing.
    dir.run(&["baseline", "update"]).prints(0, &["0 values added, 0 removed"]);
    assert_eq!(dir.read(FILE), text);
    // Two baselines of the same tree share no name: each has its salt.
    let other = fifty();
    other.run(&["baseline", "create"]).prints(0, &[]);
    let names = |text: &str| -> Vec<String> {
        let values = text.lines().skip(1).map(|line| line.split('"').nth(3).expect("it has a value").to_owned());
        values.filter(|value| !value.starts_with('~')).collect()
    };
    let (ours, theirs) = (names(&text), names(&other.read(FILE)));
    assert!(ours.len() == 40 && ours.iter().all(|name| !theirs.contains(name)));
    assert_eq!(scan(&Dir::new()), (0, 0));
    // The file itself is no leak.
    dir.run(&["scan", FILE, "--min-confidence", "low", "--no-baseline"]).prints(0, &["no leaked credentials"]);
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let dir = Dir::new();
    dir.file("first.py", secret(1));
    dir.run(&["baseline", "create"]).prints(0, &[]);
    const WRITERS: u64 = 8;
    for writer in 0..WRITERS {
        dir.file(format!("part{writer}/a.py"), secret(10 + writer));
    }
    let mut children: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let part = format!("part{writer}");
            let baseline = dir.at(FILE);
            let baseline = baseline.to_str().expect("it is text");
            let mut command = dir.command(&["baseline", "update", &part, "--baseline", baseline]);
            command.stdout(Stdio::null()).spawn().expect("the program runs")
        })
        .collect();
    for child in &mut children {
        assert!(child.wait().expect("it ends").success());
    }
    let lines = dir.read(FILE).lines().count();
    assert_eq!(lines, 2 + usize::try_from(WRITERS).expect("it is small"), "{}", dir.read(FILE));
    assert_eq!(scan(&dir), (0, 1 + usize::try_from(WRITERS).expect("it is small")));
}

#[cfg(unix)]
#[test]
fn a_killed_writer_leaves_the_old_file_or_the_new_one() {
    let dir = Dir::new();
    dir.file("a.py", secret(1));
    dir.run(&["baseline", "create"]).prints(0, &[]);
    // So many entries that writing them takes a while.
    let many: String = (0..8_000)
        .map(|number| format!("{{\"value\":\"{number:020x}\",\"rule\":\"r\",\"in\":\"some/where/far/away.py\"}}\n"))
        .collect();
    dir.file(FILE, dir.read(FILE) + &many);
    dir.run(&["baseline", "update"]).prints(0, &[]);
    let old = dir.read(FILE);
    dir.file("b.py", secret(2));
    let start = std::time::Instant::now();
    let copy = Dir::new();
    copy.file("a.py", secret(1)).file("b.py", secret(2)).file(FILE, &old);
    copy.run(&["baseline", "update"]).prints(0, &["1 value added"]);
    let whole = start.elapsed();
    let new = copy.read(FILE);
    assert_ne!(old, new);
    let (mut killed, mut left_over) = (0, 0);
    for turn in 0..24_u32 {
        let mut child = dir.command(&["baseline", "update"]).stdout(Stdio::null()).spawn().expect("the program runs");
        // Every third one is killed at some time, the others as soon as they write.
        let some_time = whole.mul_f64(f64::from(turn) / 20.0).min(Duration::from_secs(5));
        let until = std::time::Instant::now() + if turn % 3 == 0 { some_time } else { Duration::from_secs(5) };
        let is_writing = || turn % 3 != 0 && dir.at(format!("{FILE}.new")).exists();
        while std::time::Instant::now() < until && !is_writing() && child.try_wait().is_ok_and(|done| done.is_none()) {
            std::thread::sleep(Duration::from_micros(50));
        }
        let _ = child.kill();
        killed += u32::from(!child.wait().expect("it ends").success());
        left_over += u32::from(dir.at(format!("{FILE}.new")).exists());
        let now = dir.read(FILE);
        assert!(now == old || now == new, "the file is neither the old nor the new one after {turn} turns");
        if now == new {
            dir.file(FILE, &old);
        }
        let _ = std::fs::remove_file(dir.at(format!("{FILE}.new")));
    }
    assert!(killed > 0 && left_over > 0, "of {killed} that were killed {left_over} were writing");
    dir.file(format!("{FILE}.new"), "what a killed one left");
    // What a killed one left is in nobody's way.
    dir.run(&["baseline", "update"]).prints(0, &["1 value added"]);
    assert_eq!(dir.read(FILE), new);
    assert!(!dir.at(format!("{FILE}.new")).exists());
}

#[test]
fn a_bad_baseline_stops_everything_with_its_place_and_remedy() {
    let good = {
        let dir = Dir::new();
        dir.file("a.py", secret(1));
        dir.run(&["baseline", "create"]).prints(0, &[]);
        dir.read(FILE)
    };
    let cases: &[(&str, &[&str])] = &[
        ("", &[".stopleak-baseline:1:1: this is no baseline", "baseline create"]),
        ("{}", &[".stopleak-baseline:1:2: ", "restore the line from git"]),
        (&format!("{good}{{\"value\":"), &[".stopleak-baseline:3:", "restore the line from git"]),
        (&format!("{good}=======\n"), &[".stopleak-baseline:3:1: a merge left its marks", "baseline update"]),
        (&good.replace("\"in\"", "\"inn\""), &[".stopleak-baseline:2:", "unknown field `inn`"]),
    ];
    for (text, says) in cases {
        let dir = Dir::new();
        dir.file("a.py", secret(1)).file(FILE, text);
        for command in [&["scan"][..], &["baseline", "show"]] {
            let run = dir.run(command);
            run.fails(2, says);
            assert_eq!(run.stdout, "", "{text}");
        }
        dir.run(&["scan", "--no-baseline"]).prints(1, &["1 leaked credential:"]);
    }
    let dir = Dir::new();
    dir.run(&["scan", "--baseline", "nowhere"]).fails(2, &["--baseline nowhere", "baseline create"]);
    dir.run(&["baseline", "update"]).fails(2, &[".stopleak-baseline is not there", "baseline create"]);
    dir.run(&["baseline", "show"]).fails(2, &["there is no baseline"]);
    dir.run(&["baseline", "create", "--expires", "soon"]).fails(2, &["--expires soon", "2027-01-31"]);
    dir.file("stopleak.toml", "baseline = \"known\"\n");
    dir.run(&["scan"])
        .fails(2, &["stopleak.toml:1: there is no baseline known; `stopleak baseline create` writes one"]);
    dir.run(&["baseline", "create"]).prints(0, &["known: 0 findings accepted"]);
    dir.run(&["baseline", "create"]).fails(2, &["known is there", "baseline update", "--force"]);
    dir.run(&["scan"]).prints(0, &["the baseline known is in force"]);
    #[cfg(unix)]
    {
        std::fs::remove_file(dir.at("known")).expect("it is there");
        std::os::unix::fs::symlink("/etc/passwd", dir.at("known")).expect("links can be made");
        dir.run(&["scan"]).fails(2, &["known can't be used: symbolic link"]);
        dir.run(&["baseline", "create", "--force"]).fails(2, &["known is no regular file"]);
    }
}

#[test]
fn stale_and_expired_entries_are_named() {
    let dir = Dir::new();
    dir.file("a.py", secret(1)).file("b.py", secret(2));
    dir.run(&["baseline", "create", "--expires", "2020-01-31"]).prints(0, &["2 findings accepted"]);
    dir.run(&["scan"])
        .prints(1, &["2 leaked credentials", "expired on 2020-01-31 and accepts nothing", ".stopleak-baseline:2"]);
    dir.run(&["baseline", "update"]).prints(0, &["2 values past the last day and not accepted; --expires DAY renews"]);
    dir.run(&["baseline", "update", "--expires", "9999-12-31", "--reason", "later"]).prints(0, &["0 values added"]);
    dir.run(&["scan"]).prints(0, &["2 findings suppressed"]);
    dir.run(&["baseline", "show"]).prints(0, &["until 9999-12-31: later"]);
    std::fs::remove_file(dir.at("b.py")).expect("it is there");
    dir.run(&["scan"]).prints(0, &["1 entry (line ", "met nothing in this tree", "update --prune"]);
    let part = dir.run(&["scan", "a.py"]);
    assert!(!part.stdout.contains("met nothing"), "a part of the tree says nothing of the rest: {part:#?}");
    dir.run(&["baseline", "update", "--prune", "a.py"]).fails(2, &["--prune needs a scan of everything"]);
    dir.run(&["baseline", "update"]).prints(0, &["0 values added, 0 removed"]);
    dir.run(&["baseline", "update", "--prune"]).prints(0, &["0 values added, 1 removed"]);
    let run = dir.run(&["scan"]);
    assert!(run.code == Some(0) && !run.stdout.contains("met nothing"), "{run:#?}");
}

#[test]
fn entries_can_be_restricted_to_rules_and_paths() {
    let dir = Dir::new();
    dir.file("a.py", secret(1)).file("tests/b.py", secret(5)).file("tests/c.py", secret(6));
    dir.run(&["baseline", "create", "--rule", "binance", "--only-in", "tests/"]).prints(0, &["(1 value)"]);
    assert_eq!(scan(&dir), (2, 1));
    rename(&dir, "tests/b.py", "b.py");
    assert_eq!(scan(&dir), (3, 0), "outside of its paths it is not accepted");
}

#[test]
fn an_audit_asks_and_records() {
    let dir = Dir::new();
    for (name, seed) in [("a.py", 1), ("b.py", 2), ("c.py", 3), ("d.py", 4)] {
        dir.file(name, secret(seed));
    }
    dir.run(&["baseline", "create"]).prints(0, &[]);
    let audit = |answers: &str| dir.run_with_input(&["baseline", "audit"], answers.as_bytes());
    let run = audit("what\nf an example\nr\nthe live one\ns\nv revoked in May\n");
    run.prints(0, &["(1 of 4)", "--> ", "3 judged (1 false, 1 revoked, 1 real), 0 judged before, 1 left"]);
    for seed in 1..5 {
        let line = secret(seed);
        let value = line.split('"').nth(1).expect("it is quoted");
        assert!(!run.stdout.contains(&value[..10]), "a value is shown: {run:#?}");
    }
    // What is real is reported; the others are accepted, with the reason.
    assert_eq!(scan(&dir), (1, 3));
    dir.run(&["scan"]).prints(1, &[".stopleak-baseline:", "says it is real:"]);
    dir.run(&["scan", "--verbose"]).prints(1, &["no credential: an example", "revoked: revoked in May"]);
    audit("q\n").prints(0, &["(1 of 1)", "0 judged", "3 judged before, 1 left"]);
    audit("").prints(0, &["1 left"]);
    let again = dir.run_with_input(&["baseline", "audit", "--all"], b"f\n\nf\n\nf\n\nf\n\n");
    again.prints(0, &["in the baseline: real: the live one", "4 judged (4 false, 0 revoked, 0 real)"]);
    assert_eq!(scan(&dir), (0, 4));
}

#[test]
fn an_audit_needs_no_baseline_to_begin_with() {
    let dir = Dir::new();
    dir.file("a.py", secret(1)).file("b.py", secret(2));
    dir.run_with_input(&["baseline", "audit"], b"f made up\nq\n").prints(0, &["1 judged", "1 left"]);
    assert_eq!(scan(&dir), (1, 1));
}

#[test]
fn files_of_other_scanners_are_taken_over_as_far_as_they_fit() {
    let sha1 = |value: &str| -> String {
        use sha1::Digest as _;
        sha1::Sha1::digest(value).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let value = |line: &str| line.split('"').nth(1).expect("it is quoted").to_owned();
    let dir = Dir::new();
    dir.file("a.py", "x = 1\n".to_owned() + &secret(1))
        .file("b.py", secret(2))
        .file("c.py", secret(3))
        .file("d.py", secret(4));
    dir.file(".gitleaksignore", "# ours\na.py:generic-api-key:2\n\na.py:generic-api-key:7\nnonsense\n");
    let run = dir.run(&["baseline", "import", ".gitleaksignore"]);
    run.prints(
        0,
        &[
            ".gitleaksignore:4: nothing is found at a.py:7; left out",
            ".gitleaksignore:5: this is not of the form path:rule:line; left out",
            "1 of 3 entries taken over, 1 value added",
        ],
    );
    assert_eq!(scan(&dir), (3, 1));
    let known = format!(
        "{{\n \"version\": \"1.5.0\",\n \"plugins_used\": [{{\"name\": \"X\", \"path\": \"file://evil.py\"}}],\n \"results\": {{\n  \"old/b.py\": [\n   {{\"type\": \"Secret Keyword\", \"hashed_secret\": \"{}\", \"line_number\": 7, \"is_secret\": false}}\n  ],\n  \"c.py\": [\n   {{\"type\": \"Secret Keyword\", \"hashed_secret\": \"{}\", \"line_number\": 1}}\n  ]\n }}\n}}\n",
        sha1(&value(&secret(2))),
        sha1("another"),
    );
    dir.file(".secrets.baseline", known);
    let run = dir.run(&["baseline", "import", ".secrets.baseline"]);
    run.prints(
        0,
        &[".secrets.baseline:9: no such value is found; it was in c.py; left out", "1 of 2 entries taken over"],
    );
    std::fs::remove_file(dir.at(".secrets.baseline")).expect("it is there");
    assert_eq!(scan(&dir), (2, 2));
    dir.run(&["baseline", "show"]).prints(0, &["false", "from .secrets.baseline:6", "from .gitleaksignore:2"]);
    let leaks = format!(
        "[\n {{\"RuleID\": \"x\", \"File\": \"c.py\", \"StartLine\": 9, \"Secret\": \"{}\", \"Commit\": \"\", \"Fingerprint\": \"c.py:x:9\"}},\n {{\"RuleID\": \"x\", \"File\": \"d.py\", \"StartLine\": 1, \"Secret\": \"REDACTED\", \"Fingerprint\": \"d.py:x:1\"}}\n]\n",
        value(&secret(3))
    );
    dir.file("leaks.json", leaks);
    dir.run(&["baseline", "import", "leaks.json", "a.py", "b.py", "c.py", "d.py"])
        .prints(0, &["2 of 2 entries taken over"]);
    std::fs::remove_file(dir.at("leaks.json")).expect("it is there");
    assert_eq!(scan(&dir), (0, 4));
    dir.file("odd.json", "{\"x\": 1}").file("empty", "");
    dir.run(&["baseline", "import", "odd.json"]).fails(2, &["odd.json:1:8: this is neither"]);
    dir.run(&["baseline", "import", "empty"]).fails(2, &["empty:1:1: the file is empty"]);
    dir.run(&["baseline", "import", "nowhere"]).fails(2, &["nowhere can't be read"]);
}
