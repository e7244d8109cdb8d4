//! Baselines and files of other scanners that are damaged, endless or no such thing: a message with a place, exit code 2, and
//! never a clean report.

use super::*;

const USED: &[&str] = &["scan", "zz.env", "--baseline", "known"];
const HEADER: &str = "{\"stopleak_baseline\":1,\"salt\":\"00000000000000000000000000000001\"}\n";

/// A leak, and a baseline of this text.
fn known(dir: &Dir, text: impl AsRef<[u8]>) {
    with_leak(dir).file("known", text);
}

fn entry(more: &str) -> String {
    format!("{HEADER}{{\"value\":\"{}\",\"rule\":\"x\",\"in\":\"a\"{more}}}\n", "0".repeat(20))
}

fn sparse(dir: &Dir, size: u64) {
    known(dir, "");
    std::fs::File::create(dir.at("known")).and_then(|file| file.set_len(size)).expect("a sparse file");
}

#[test]
fn damaged() {
    hold(&[
        case("an empty one", |dir| known(dir, ""), USED, 2, &["known:1:1: this is no baseline of stopleak"]),
        case("zero bytes", |dir| known(dir, [0; 4096]), USED, 2, &["known:1:"]),
        case("no text", |dir| known(dir, b"\xff\xfe\xfd"), USED, 2, &["known:1: this is no UTF-8"]),
        case("a salt alone that is cut", |dir| known(dir, &HEADER[..40]), USED, 2, &["known:1:"]),
        case("a last line that is cut", |dir| known(dir, &entry("")[..100]), USED, 2, &["known:2:"]),
        case("a key nobody knows", |dir| known(dir, entry(",\"all\":true")), USED, 2, &["known:2:", "unknown field"]),
        case("a later version", |dir| known(dir, HEADER.replace(":1,", ":2,")), USED, 2, &["version 2"]),
        case("no salt", |dir| known(dir, entry("").lines().nth(1).expect("two")), USED, 2, &["the salt is missing"]),
        case(
            "marks of a merge",
            |dir| known(dir, format!("<<<<<<< a\n{}=======\n>>>>>>> b\n", entry(""))),
            USED,
            2,
            &["known:1:1: a merge left its marks here"],
        ),
        case(
            "a thousand salts, each a slow hash",
            |dir| {
                let line = |n: usize| format!("{{\"stopleak_baseline\":1,\"salt\":\"{n:032x}\"}}\n");
                known(dir, (0..1000).map(line).collect::<String>());
            },
            USED,
            2,
            &["there are too many salts"],
        ),
        case(
            "a line of 100,000 brackets",
            |dir| known(dir, format!("{HEADER}{}", "[".repeat(100_000))),
            USED,
            2,
            &["known:2:"],
        ),
        case("another scanner's", |dir| known(dir, "{\"results\": {}}"), USED, 2, &["known:1:", "known"]),
        // What it says is right, and it accepts another value: the leak is reported.
        case("one for something else", |dir| known(dir, entry("")), USED, 1, &[]),
        case(
            "a day that is none",
            |dir| known(dir, entry(",\"expires\":\"soon\"")),
            USED,
            2,
            &["known:2:1: `expires`"],
        ),
    ]);
}

#[test]
fn no_files() {
    hold(&[
        case("none", |dir| done(with_leak(dir)), USED, 2, &["known"]),
        case("a folder", |dir| done(with_leak(dir).file("known/a", "")), USED, 2, &["known"]),
        case("a pipe", |dir| pipe(with_leak(dir), "known"), USED, 2, &["known"]),
        case("a link to an endless device", |dir| link(with_leak(dir), "/dev/zero", "known"), USED, 2, &["known"]),
        case("64 GiB", |dir| sparse(dir, 64 << 30), USED, 2, &["known"]),
        Case {
            limits: Limits { plain_user: true, ..LIMITS },
            ..case(
                "a closed one",
                |dir| {
                    known(dir, HEADER);
                    close(dir, "known");
                },
                USED,
                2,
                &["known", "permission denied"],
            )
        },
    ]);
}

/// What a configuration names is read as carefully, although it came with what is scanned.
#[test]
fn named_by_a_configuration() {
    const SCAN: &[&str] = &["scan", "."];
    hold(&[
        case(
            "one that is not there",
            |dir| done(with_leak(dir).file("stopleak.toml", "baseline = \"known\"\n")),
            SCAN,
            2,
            &["stopleak.toml:1: there is no baseline known"],
        ),
        case(
            "a damaged one",
            |dir| known(dir.file("stopleak.toml", "baseline = \"known\"\n"), "{"),
            SCAN,
            2,
            &["known:1:"],
        ),
        case(
            "a pipe",
            |dir| pipe(with_leak(dir).file("stopleak.toml", "baseline = \"known\"\n"), "known"),
            SCAN,
            2,
            &["known"],
        ),
    ]);
}

/// The changing commands refuse as well, and leave the file as it was.
#[test]
fn a_damaged_one_is_not_written_over() {
    let dir = Dir::new();
    known(&dir, entry("x"));
    for args in [&["baseline", "update", "--baseline", "known"][..], &["baseline", "show", "--baseline", "known"]] {
        dir.run(args).fails(2, &["known:2:"]);
        assert_eq!(dir.read("known"), entry("x"));
    }
}

/// Files of other scanners.
#[test]
fn imports() {
    for (title, text, says) in [
        ("brackets", "[".repeat(200_000), "other.json:1:2"),
        ("a list of numbers", "[1, 2]".to_owned(), "other.json:1:2"),
        ("a line beyond all numbers", "[{\"File\": \"a\", \"StartLine\": 1e99}]".to_owned(), "other.json:1:"),
        ("nothing", String::new(), "other.json:1:1: the file is empty"),
        ("white space", "\n \n".to_owned(), "other.json:1:1: the file is empty"),
    ] {
        let dir = Dir::new();
        with_leak(&dir).file("other.json", text);
        let child = limited(&dir, &["baseline", "import", "other.json"], LIMITS).spawn().expect("a shell");
        let ended = finish(child, LIMITS.clock, title);
        assert_eq!(ended.code, Some(2), "{title}: {}", shown(&ended));
        assert!(String::from_utf8_lossy(&ended.stderr).contains(says), "{title}: {}", shown(&ended));
        assert_eq!(dir.names(), ["other.json", "zz.env"], "{title}: nothing is written");
    }
}
