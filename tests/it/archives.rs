//! Leaks in archives from the outside.

use serde_json::Value;

use crate::harness::{ALNUM, Dir, random, zip};

fn leak(seed: u64) -> String {
    let [key, secret] = [seed, seed + 1].map(|seed| random(seed, ALNUM, 64));
    format!("# live\nBINANCE_API_KEY={key}\nBINANCE_API_SECRET={secret}\n")
}

fn tar_gz(members: &[(&str, &[u8])]) -> Vec<u8> {
    let encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    let mut tar = tar::Builder::new(encoder);
    for (name, text) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        tar.append_data(&mut header, name, *text).expect("a member");
    }
    tar.into_inner().expect("a tar").finish().expect("a gz")
}

/// Path, member, line and column of each finding's chief part.
fn places(report: &str) -> Vec<(String, String, u64, u64)> {
    let report: Value = serde_json::from_str(report).expect("it is JSON");
    let place = |finding: &Value| {
        let part = &finding["parts"][0];
        let text = |name: &str| part[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| part["start"][name].as_u64().unwrap_or_default();
        (text("path"), text("member"), number("line"), number("column"))
    };
    report["findings"].as_array().expect("a list").iter().map(place).collect()
}

#[test]
fn a_leak_in_an_archive_is_told_by_member_and_line() {
    let dir = Dir::new();
    let inner = zip(&[("conf/live.env", leak(5).as_bytes())]);
    dir.file("a/backup.zip", zip(&[("logo.png", b"\x89PNG\0\0"), ("conf/live.env", leak(1).as_bytes())]));
    dir.file("b/bot.tar.gz", tar_gz(&[("readme.md", b"x"), ("bot/.env", leak(3).as_bytes()), ("in.zip", &inner)]));
    let run = dir.run(&["scan", ".", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let expected =
        [("a/backup.zip", "conf/live.env"), ("b/bot.tar.gz", "bot/.env"), ("b/bot.tar.gz", "in.zip!conf/live.env")];
    let expected: Vec<_> = expected.map(|(path, member)| (path.to_owned(), member.to_owned(), 3, 20)).into();
    assert_eq!(places(&run.stdout), expected);
    // As a stream too, in which nobody can jump.
    let run = dir.run_with_input(&["scan", "-", "--format", "json"], &zip(&[(".env", leak(1).as_bytes())]));
    assert_eq!(places(&run.stdout).iter().map(|place| place.1.as_str()).collect::<Vec<_>>(), [".env"], "{run:?}");
}

#[test]
fn names_in_archives_are_escaped_and_gaps_are_no_success() {
    let dir = Dir::new();
    dir.file("x.zip", zip(&[("../../etc/\u{1b}[31m\n::add-mask::x", leak(1).as_bytes())]));
    let run = dir.run(&["scan", "."]);
    run.prints(1, &["x.zip!../../etc/"]);
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains("\n::"), "{run:?}");
    assert_eq!(dir.names(), ["x.zip"]);

    let mut encrypted = zip(&[("secret.env", b"x")]);
    let entry = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("a directory");
    encrypted[entry + 8] |= 1;
    dir.file("x.zip", encrypted);
    let run = dir.run(&["scan", "."]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("x.zip!secret.env") && run.stdout.contains("encrypted"), "{run:?}");
}

/// Each limit can be set in the configuration and typed; what is typed goes before, and what a limit leaves out is named.
#[test]
fn limits_of_archives_can_be_set() {
    let dir = Dir::new();
    let inner = zip(&[("c.env", leak(1).as_bytes())]);
    let large = "x".repeat(3000);
    dir.file("x.zip", zip(&[("a.csv", large.as_bytes()), ("b.csv", large.as_bytes()), ("in.zip", &inner)]));
    dir.run(&["scan"]).prints(1, &["x.zip!in.zip!c.env"]);
    let cases = [
        ("max_archive_members = 2", "--max-archive-members", "3", "members"),
        ("max_archive_depth = 1", "--max-archive-depth", "2", "an archive within 1 others, the limit"),
        ("max_archive_size = \"4kB\"", "--max-archive-size", "1MB", "4000 bytes"),
    ];
    for (line, option, enough, says) in cases {
        dir.file("stopleak.toml", format!("[scan]\n{line}\n"));
        dir.run(&["config", "show"]).prints(0, &["stopleak.toml:2"]);
        let run = dir.run(&["scan"]);
        run.prints(3, &["x.zip", says]);
        dir.run(&["scan", option, enough]).prints(1, &["x.zip!in.zip!c.env"]);
    }
    dir.file("stopleak.toml", "[scan]\nmax_archive_depth = 17\n");
    dir.run(&["scan"]).fails(2, &["stopleak.toml:2:21: this is too deep; write at most 16"]);
    dir.file("stopleak.toml", "[scan]\nmax_archive_size = \"lots\"\n");
    dir.run(&["scan"]).fails(2, &["stopleak.toml:2:20: this is no size"]);
    for (option, bad) in
        [("--max-archive-size", "lots"), ("--max-archive-depth", "17"), ("--max-archive-members", "many")]
    {
        dir.run(&["scan", "--no-config", option, bad]).fails(2, &[option, bad]);
    }
}
