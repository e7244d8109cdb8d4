//! What is no plain file, what is closed, what is endless, and the files that say what to ignore.

use std::fs::File;
use std::os::unix::net::UnixListener;

use super::*;

const SCAN: &[&str] = &["scan", "."];

fn sparse(dir: &Dir, name: &str, size: u64) {
    File::create(dir.at(name)).and_then(|file| file.set_len(size)).expect("a sparse file");
}

/// A repository as far as ignore files are concerned.
fn repository(dir: &Dir) -> &Dir {
    dir.file(".git/HEAD", "ref: refs/heads/main\n").file(".git/objects/x", "").file(".git/refs/x", "")
}

const fn closed(title: &'static str, make: fn(&Dir), code: i32, says: &'static [&'static str]) -> Case {
    Case { limits: Limits { plain_user: true, ..LIMITS }, ..case(title, make, SCAN, code, says) }
}

#[test]
fn what_is_no_file() {
    hold(&[
        case("a pipe", |dir| pipe(with_leak(dir), "pipe.env"), SCAN, 1, &["pipe.env: special"]),
        case("a pipe as target", |dir| pipe(dir, "pipe"), &["scan", "pipe"], 3, &["pipe: unreadable: a pipe"]),
        case(
            "a socket",
            |dir| drop(UnixListener::bind(with_leak(dir).at("socket")).expect("a socket")),
            SCAN,
            1,
            &["socket: special"],
        ),
        case("an endless device as target", |_| (), &["scan", "/dev/zero"], 3, &["/dev/zero: unreadable"]),
        case("a link to an endless device", |dir| link(dir, "/dev/zero", "a.env"), SCAN, 0, &["a.env: link"]),
        case("a link out of the tree", |dir| link(dir, "/etc/passwd", "a.env"), SCAN, 0, &["a.env: link"]),
        case("a link to itself", |dir| link(dir, "a", "a"), SCAN, 0, &["a: link"]),
        case("a link to nothing", |dir| link(dir, "nowhere", "a"), SCAN, 0, &["a: link"]),
        case(
            "two links in a circle",
            |dir| {
                link(with_leak(dir), "b", "a");
                link(dir, "a", "b");
            },
            SCAN,
            1,
            &["a: link", "b: link"],
        ),
        case("a link to the folder above", |dir| link(with_leak(dir), "..", "d/up"), SCAN, 1, &["d/up: link"]),
        case(
            "a link to a file outside that holds a leak",
            |dir| {
                dir.file("outside/.env", leak(1)).file("tree/a", "text");
                link(dir, "../outside", "tree/inside");
            },
            &["scan", "tree"],
            0,
            &["tree/inside: link"],
        ),
        case("a link to itself as target", |dir| link(dir, "a", "a"), &["scan", "a"], 3, &["a: unreadable"]),
        case(
            "a link to nothing as target",
            |dir| link(dir, "b", "a"),
            &["scan", "a"],
            2,
            &["the link points to nothing"],
        ),
    ]);
}

#[test]
fn what_is_closed() {
    hold(&[
        closed(
            "a file",
            |dir| {
                with_leak(dir).file("a.env", leak(2));
                close(dir, "a.env");
            },
            1,
            &["a.env: unreadable: permission denied"],
        ),
        closed("nothing but a closed file", |dir| close(dir.file("a", leak(2)), "a"), 3, &["a: unreadable"]),
        closed(
            "a folder",
            |dir| {
                dir.file("d/a.env", leak(2)).file("e/a", "text");
                close(dir, "d");
            },
            3,
            &["d: unreadable: permission denied"],
        ),
        closed("a folder that may be listed only", |dir| mode(dir.file("d/a", leak(2)), "d", 0o400), 3, &["d"]),
        closed(
            "a folder that may be passed only",
            |dir| mode(dir.file("d/a", leak(2)), "d", 0o100),
            3,
            &["d: unreadable"],
        ),
        closed(
            "an ignore file",
            |dir| close(repository(with_leak(dir)).file(".gitignore", "zz.env\n"), ".gitignore"),
            1,
            &[".gitignore: unreadable"],
        ),
        closed("a repository's own folder", |dir| close(repository(with_leak(dir)), ".git"), 1, &[]),
        closed("a read-only tree", |dir| mode(with_leak(dir).file("d/a", "text"), "d", 0o500), 1, &[]),
    ]);
}

#[test]
fn what_is_endless_or_empty() {
    hold(&[
        case(
            "64 GiB of nothing",
            |dir| sparse(dir, "a.csv", 64 << 30),
            SCAN,
            3,
            &["a.csv: too-large: 68719476736 bytes"],
        ),
        case("8 EiB of nothing, nearly", |dir| sparse(dir, "a.csv", (1 << 43) - 1), SCAN, 3, &["a.csv: too-large"]),
        case("40 MB of nothing", |dir| sparse(dir, "a.csv", 40_000_000), SCAN, 0, &[]),
        case("100 MB of nothing as target", |dir| sparse(dir, "a", 100_000_000), &["scan", "a"], 0, &[]),
        case("an empty file and an empty folder", |dir| done(dir.file("d/a", "")), SCAN, 0, &[]),
        case(
            "5,000 files in a folder",
            |dir| (0..5000).for_each(|n| done(with_leak(dir).file(format!("{n}"), "x"))),
            SCAN,
            1,
            &[],
        ),
        case(
            "300 folders within each other under 64 open files",
            |dir| done(dir.file(format!("{}a.env", "d/".repeat(300)), leak(1))),
            SCAN,
            1,
            &[],
        ),
        case("a path longer than any path may be", endless_path, SCAN, 3, &["unreadable: file name too long"]),
    ]);
}

/// Every part is made from the folder before.
fn endless_path(dir: &Dir) {
    use rustix::fs::{Mode, OFlags, mkdirat, open, openat};
    let mut here = open(dir.path(), OFlags::DIRECTORY, Mode::empty()).expect("open");
    for _ in 0..2500 {
        mkdirat(&here, "d", Mode::RWXU).expect("folder");
        here = openat(&here, "d", OFlags::DIRECTORY, Mode::empty()).expect("open");
    }
}

#[test]
fn ignore_files() {
    hold(&[
        case("a pipe", |dir| pipe(repository(with_leak(dir)), ".gitignore"), SCAN, 1, &[".gitignore: special"]),
        case("a folder", |dir| done(repository(with_leak(dir)).file(".gitignore/a", "x")), SCAN, 1, &[]),
        case(
            "a link to an endless device",
            |dir| link(repository(with_leak(dir)), "/dev/zero", ".gitignore"),
            SCAN,
            1,
            &[".gitignore: link"],
        ),
        case(
            "1 GiB",
            |dir| sparse(repository(with_leak(dir)), ".gitignore", 1 << 30),
            SCAN,
            1,
            &[".gitignore: too-large"],
        ),
        case(
            "20,000 patterns",
            |dir| {
                let text: String = (0..20_000).map(|n| format!("/a{n}/**/b{n}*.x\n")).collect();
                done(repository(with_leak(dir)).file(".gitignore", text));
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "patterns that lead astray",
            |dir| {
                let text = format!("{}\n[\n\\\n!\n[!]a-\n{}\n**\n!*.env\n", "**/".repeat(1000), "*a".repeat(200));
                done(repository(with_leak(dir)).file(".gitignore", text).file("a".repeat(200), "x"));
            },
            SCAN,
            1,
            &[],
        ),
        case("info/exclude as a pipe", |dir| pipe(repository(with_leak(dir)), ".git/info/exclude"), SCAN, 1, &[]),
        case("an index without end", |dir| sparse(repository(with_leak(dir)), ".git/index", 1 << 40), SCAN, 1, &[]),
        case("an index that is a pipe", |dir| pipe(repository(with_leak(dir)), ".git/index"), SCAN, 1, &[]),
        case("a repository that is a pipe", |dir| pipe(with_leak(dir), ".git"), SCAN, 1, &[".git: special"]),
        case(
            "a repository elsewhere that is a pipe",
            |dir| {
                pipe(with_leak(dir), "pipe");
                dir.file(".git", "gitdir: pipe\n");
            },
            SCAN,
            1,
            &[],
        ),
    ]);
}

/// About two minutes and 4 GB of disk.
#[test]
#[ignore = "heavy: a million files"]
fn a_million_files() {
    let make = |dir: &Dir| {
        for folder in 0..1000 {
            for file in 0..1000 {
                dir.file(format!("{folder}/{file}"), "");
            }
        }
        with_leak(dir);
    };
    let limits = Limits { cpu: 600, clock: 1800, ..LIMITS };
    hold(&[Case { limits, ..case("a million files", make, SCAN, 1, &[]) }]);
}
