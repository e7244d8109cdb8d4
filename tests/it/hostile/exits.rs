//! The end of a run says what happened: no report is half written, nothing is left behind, and what was broken off is never
//! clean.

use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;

use rustix::process::{Pid, Signal, kill_process};

use super::*;

/// Runs a line of shell with the program as `$P`.
fn shell(dir: &Dir, script: &str) -> Ended {
    let mut command = Command::new("sh");
    command.args(["-c", script]).env("P", env!("CARGO_BIN_EXE_stopleak")).current_dir(dir.path()).env_remove("CI");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    finish(command.spawn().expect("a shell"), LIMITS.clock, script)
}

#[test]
fn where_the_report_can_not_go() {
    // The line, its exit code, what standard error says, the names in the folder afterwards.
    let cases: &[(&str, i32, &str)] = &[
        ("$P scan tree >/dev/full", 2, "standard output can't be written"),
        ("$P scan tree --format json >/dev/full", 2, "standard output can't be written"),
        ("$P scan tree --format sarif >/dev/full", 2, "standard output can't be written"),
        ("$P scan clean >/dev/full", 2, "standard output can't be written"),
        ("$P --version >/dev/full", 2, "standard output can't be written"),
        ("$P rules list >/dev/full", 2, "standard output can't be written"),
        ("$P scan tree --output /dev/full", 2, "/dev/full can't be written"),
        ("$P scan clean --json /dev/full --sarif out", 2, "/dev/full can't be written"),
        ("ulimit -f 1; $P scan tree --format json --output out", 2, "out can't be written"),
        ("$P scan tree --output nowhere/out", 2, "nowhere/out can't be written"),
        ("$P scan tree --output tree", 2, "tree is a folder"),
        ("$P scan tree 2>/dev/full", 1, ""),
        ("$P scan nowhere 2>/dev/full", 2, ""),
        ("$P scan tree >&-", 1, ""),
        ("$P scan tree 2>&-", 1, ""),
        ("$P scan tree <&-", 1, ""),
        ("$P scan - </", 3, ""),
        ("mkdir gone; cd gone; rmdir ../gone; $P scan .", 3, ""),
    ];
    for (script, code, says) in cases {
        let dir = Dir::new();
        dir.file("tree/a.env", leak(1).repeat(20)).file("clean/a", "x");
        let ended = shell(&dir, script);
        assert_eq!(ended.code, Some(*code), "{script}: {}", shown(&ended));
        assert!(String::from_utf8_lossy(&ended.stderr).contains(says), "{script}: {}", shown(&ended));
        harmless(&ended, script);
        let names: Vec<String> = dir.names().into_iter().filter(|name| name != "out").collect();
        assert_eq!(names, ["clean", "tree"], "{script} leaves nothing behind");
        if script.contains("ulimit -f") {
            assert!(!dir.at("out").exists(), "{script}: no report, or the whole one");
        }
    }
}

#[test]
fn a_reader_that_goes_away_changes_no_exit_code() {
    let dir = Dir::new();
    dir.file("tree/a.env", leak(1).repeat(3000)).file("clean/a", "x");
    for (script, code) in [
        ("{ $P scan tree --format json; echo $? >code; } | head -c 1; cat code", "1"),
        ("{ $P scan clean --format json; echo $? >code; } | true; cat code", "0"),
    ] {
        let ended = shell(&dir, script);
        let said = String::from_utf8_lossy(&ended.stdout).trim_end().to_owned();
        assert!(said.ends_with(code), "{script}: {said}");
        assert_eq!(ended.stderr, b"", "{script}: {}", shown(&ended));
    }
}

/// A scan of standard input that never ends, and of a report that nobody reads.
#[test]
fn signals_end_it_at_once() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let dir = Dir::new();
        dir.file("old.json", "old");
        let mut command = dir.command(&["scan", "-", "--json", "old.json", "--sarif", "new.sarif"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut input = child.stdin.take().expect("it is piped");
        // More than a pipe holds: when it is written, the scan is under way.
        input.write_all("text\n".repeat(100_000).as_bytes()).expect("it reads");
        kill_process(Pid::from_child(&child), signal).expect("a signal");
        let ended = finish(child, 60, "a signal");
        drop(input);
        assert_eq!(ended.code, Some(code), "{}", shown(&ended));
        assert_eq!(ended.stdout, b"", "{}", shown(&ended));
        assert!(String::from_utf8_lossy(&ended.stderr).contains("interrupted"), "{}", shown(&ended));
        assert_eq!((dir.names(), dir.read("old.json")), (vec!["old.json".to_owned()], "old".to_owned()));
    }
}

/// Kills it at any moment of a short run: a report is there as a whole or not at all.
#[test]
fn signals_at_any_moment() {
    let dir = Dir::new();
    (0..50).for_each(|n| done(dir.file(format!("tree/{n}.env"), leak(n))));
    for moment in 0..40 {
        let _ = std::fs::remove_file(dir.at("out.json"));
        let mut command = dir.command(&["scan", "tree", "--quiet", "--json", "out.json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().expect("the program runs");
        std::thread::sleep(Duration::from_millis(moment * 5));
        let pid = Pid::from_child(&child);
        let _ = kill_process(pid, Signal::TERM);
        let output = child.wait_with_output().expect("it ends");
        // Before it listens, the signal ends it as any program.
        let ended = output.status.code().or(output.status.signal().map(|signal| 128 + signal));
        assert!(matches!(ended, Some(143 | 1)), "{ended:?}");
        let names = dir.names();
        assert!(names.iter().all(|name| name == "tree" || name == "out.json"), "{names:?}");
        if names.len() == 2 {
            serde_json::from_str::<Value>(&dir.read("out.json")).expect("a whole report");
        }
    }
}
