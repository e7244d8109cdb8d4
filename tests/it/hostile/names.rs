//! Names that speak to terminals, CI systems and viewers, and names that are values.

use std::fs::File;

use super::*;
use crate::harness::latin1;

const SCAN: &[&str] = &["scan", "."];

/// A leak in a file of this name.
fn named(dir: &Dir, name: &[u8]) {
    dir.file(latin1(name), leak(1));
}

#[test]
fn names_that_give_commands() {
    hold(&[
        case("a line feed and a workflow command", |dir| named(dir, b"a\n::add-mask::x\n.env"), SCAN, 1, &[]),
        case(
            "a workflow command with a carriage return",
            |dir| named(dir, b"a\r::set-output name=x::y.env"),
            SCAN,
            1,
            &[],
        ),
        case("a logging command of Azure", |dir| named(dir, b"##vso[task.setvariable variable=x]y.env"), SCAN, 1, &[]),
        case("a terminal's escape sequences", |dir| named(dir, b"\x1b[2J\x1b]0;title\x07.env"), SCAN, 1, &[]),
        case("controls of eight bits", |dir| named(dir, "\u{9b}31m\u{85}.env".as_bytes()), SCAN, 1, &[]),
        case("marks of direction", |dir| named(dir, "\u{202e}vne.\u{2066}a\u{2069}.env".as_bytes()), SCAN, 1, &[]),
        case("separators of lines", |dir| named(dir, "a\u{2028}::error::b\u{2029}.env".as_bytes()), SCAN, 1, &[]),
        case("bytes that are no UTF-8", |dir| named(dir, b"\xff\xfe\xc3(.env"), SCAN, 1, &[]),
        case("an option", |dir| named(dir, b"--show-secrets"), SCAN, 1, &[]),
        case("a formula", |dir| named(dir, b"=HYPERLINK(\"http:x\")&.env"), SCAN, 1, &[]),
        case("a link in Markdown", |dir| named(dir, b"[x](javascript:alert(1)) ![y](z).env"), SCAN, 1, &[]),
        case("markup", |dir| named(dir, b"<img src=x onerror=alert(1)>&lt;'\".env"), SCAN, 1, &[]),
        case("a URL's own characters", |dir| named(dir, b"%2e%2e#?a:b\\c.env"), SCAN, 1, &[]),
        case("255 bytes", |dir| named(dir, &[b'n'; 255]), SCAN, 1, &[]),
        case(
            "a gap with such a name",
            |dir| pipe(dir, "a\n::error::\x1b[2J"),
            &["scan", "a\n::error::\x1b[2J"],
            3,
            &["unreadable"],
        ),
        case(
            "a target with such a name that is not there",
            |_| (),
            &["scan", "a\n::error::\x1b[2J"],
            2,
            &["nothing was scanned"],
        ),
    ]);
}

#[test]
fn names_that_are_values() {
    hold(&[
        case("a file", |dir| done(dir.file(format!("{}.env", value(1)), leak(1))), SCAN, 1, &[]),
        case("a folder", |dir| done(dir.file(format!("{}/a.env", value(1)), leak(1))), SCAN, 1, &[]),
        case("half a value", |dir| done(dir.file(format!("{}/a.env", &value(1)[..40]), leak(1))), SCAN, 1, &[]),
        case(
            "a gap",
            |dir| {
                with_leak(dir);
                File::create(dir.at(format!("x{}", value(1)))).and_then(|file| file.set_len(1 << 40)).expect("a file");
            },
            SCAN,
            1,
            &["x[REDACTED]: too-large"],
        ),
    ]);
}
