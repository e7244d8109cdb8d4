//! Rule files that a user was given by someone.

use super::*;

const CHECK: &[&str] = &["rules", "check", "x.toml"];
const USED: &[&str] = &["scan", "a.txt", "--rules", "x.toml"];

fn rule(shape: &str, more: &str) -> String {
    format!(
        "[provider]\nid = \"x-acme\"\nname = \"Acme\"\nkind = \"exchange\"\nrevoke = \"https://a.example\"\n\
         docs = \"https://a.example\"\n\n[[rule]]\nid = \"x-acme-key\"\nrole = \"key\"\ntitle = \"Acme key\"\n\
         shape = '''{shape}'''\nevidence = \"shape\"\ngrade = \"A\"\nseverity = \"high\"\nsource = \"test\"\n{more}\n"
    )
}

fn shape(dir: &Dir, shape: &str) {
    dir.file("x.toml", rule(shape, "")).file("a.txt", "a".repeat(100_000));
}

#[test]
fn shapes() {
    hold(&[
        case("one that matches nothing at all", |dir| shape(dir, ""), USED, 2, &["x.toml:"]),
        case("one that matches the empty text", |dir| shape(dir, "a*"), USED, 2, &["x.toml:"]),
        case("one that matches an empty place", |dir| shape(dir, "\\b"), USED, 2, &["x.toml:"]),
        case("one that becomes gigabytes", |dir| shape(dir, "(?:(?:a{1000}){1000}){1000}"), USED, 2, &["x.toml:"]),
        case("one of all letters, often", |dir| shape(dir, "\\p{L}{1000}\\p{L}{1000}"), USED, 2, &["x.toml:"]),
        case(
            "100,000 brackets",
            |dir| shape(dir, &format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000))),
            USED,
            2,
            &["x.toml:"],
        ),
        case("looking around", |dir| shape(dir, "(?<=a)b+"), USED, 2, &["x.toml:"]),
        case("garbage", |dir| shape(dir, "[z-a](?P<"), USED, 2, &["x.toml:"]),
    ]);
}

#[test]
fn files() {
    hold(&[
        case("a folder", |dir| done(dir.file("x.toml/a", "").file("a.txt", "")), USED, 2, &["x.toml is a folder"]),
        case("a pipe", |dir| pipe(dir.file("a.txt", ""), "x.toml"), USED, 2, &["x.toml is no regular file"]),
        case(
            "a link to an endless device",
            |dir| link(dir.file("a.txt", ""), "/dev/zero", "x.toml"),
            USED,
            2,
            &["x.toml is no regular file"],
        ),
        case(
            "64 GiB",
            |dir| {
                std::fs::File::create(dir.file("a.txt", "").at("x.toml"))
                    .and_then(|file| file.set_len(64 << 30))
                    .expect("a file");
            },
            USED,
            2,
            &["x.toml has more than"],
        ),
        case("one that is not there", |dir| done(dir.file("a.txt", "")), USED, 2, &["x.toml"]),
        case("an empty one", |dir| done(dir.file("a.txt", "").file("x.toml", "")), USED, 2, &["x.toml:1:1"]),
        case(
            "bytes that are no UTF-8",
            |dir| done(dir.file("a.txt", "").file("x.toml", b"\xff\xfe")),
            USED,
            2,
            &["x.toml"],
        ),
        case(
            "100,000 brackets of TOML",
            |dir| done(dir.file("a.txt", "").file("x.toml", format!("a = {}", "[".repeat(100_000)))),
            USED,
            2,
            &["x.toml:"],
        ),
        case(
            "100,000 names of tables",
            |dir| done(dir.file("a.txt", "").file("x.toml", format!("[{}a]", "a.".repeat(100_000)))),
            USED,
            2,
            &["x.toml:"],
        ),
        case(
            "faults that quote the file give no commands",
            |dir| {
                done(dir.file("a.txt", "").file("x.toml", "[provider]\n\"\\u001b[2J\\n::error::x\" = 1\n"));
            },
            USED,
            2,
            &["x.toml:"],
        ),
        case(
            "what it quotes of a file that is none of ours",
            |dir| {
                // A link in a repository may lead to a private file: a fault must not print its lines.
                done(dir.file("a.txt", "").file("x.toml", leak(1)));
            },
            USED,
            2,
            &["x.toml:"],
        ),
        case(
            "templates that become gigabytes",
            |dir| {
                done(dir.file("x.toml", rule("[0-9a-z]{32}", "examples = [\"«${alnum:99999999999}»\"]")));
            },
            CHECK,
            2,
            &["x.toml"],
        ),
    ]);
}
