//! What a stranger can put into a tree, an archive, a repository or a rule file, against the built program: each case runs
//! as a process of its own under limits of time, memory and open files, and says how it must end and what the report must
//! tell. `ARCHITECTURE.md` has the promises.
//!
//! Together these tests cost 120 seconds of processor time in a debug build (2026-11-21, on a busy machine, children included).
//! The dear ones: `repositories::what_lies_where_git_looks`, `files::what_is_endless_or_empty`, `texts::many_values`.
//!
//! The heavy cases (minutes, gigabytes) are ignored; `cargo test --release --test it hostile -- --ignored` runs them.

mod archives;
mod baselines;
mod databases;
mod exits;
mod files;
mod leaks;
mod moving;
mod names;
mod repositories;
mod rules;
mod texts;
mod user;

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{ALNUM, Dir, random};

/// How a case is made, run, and has to end.
pub(super) struct Case {
    /// What is hostile about it.
    title: &'static str,
    /// Makes it in an empty folder.
    make: fn(&Dir),
    /// What is typed; reports go to standard output as JSON and as text.
    args: &'static [&'static str],
    /// The exit code.
    code: i32,
    /// Pieces of what the report names as not read, as `path!member: code: reason`; for exit code 2 of the message.
    says: &'static [&'static str],
    limits: Limits,
}

/// What a run may use.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Seconds of processor time.
    cpu: u32,
    /// Seconds on the clock: much longer, because other tests run beside it.
    clock: u64,
    /// Kilobytes of address space.
    memory: u32,
    /// Open files.
    files: u32,
    /// Without the rights by which root reads what is closed to everyone.
    plain_user: bool,
}

/// A debug build needs up to this for a few megabytes.
const LIMITS: Limits = Limits { cpu: 30, clock: 240, memory: 1 << 20, files: 64, plain_user: false };

/// A case with the usual limits.
const fn case(
    title: &'static str,
    make: fn(&Dir),
    args: &'static [&'static str],
    code: i32,
    says: &'static [&'static str],
) -> Case {
    Case { title, make, args, code, says, limits: LIMITS }
}

/// How a run ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// The program under limits, ready to run in a folder.
pub(super) fn limited(dir: &Dir, args: &[&str], limits: Limits) -> Command {
    let Limits { cpu, memory, files, .. } = limits;
    let plain = limits.plain_user && rustix::process::getuid().is_root();
    // Root without these rights is refused like anybody else.
    let drop = if plain { "setpriv --bounding-set=-dac_override,-dac_read_search " } else { "" };
    let script = format!("ulimit -t {cpu} && ulimit -v {memory} && ulimit -n {files} && exec {drop}\"$@\"");
    let program = dir.command(args);
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(program.get_program()).args(args).current_dir(dir.path());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", dir.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, or ends it when the clock has run out.
#[track_caller]
pub(super) fn finish(mut child: Child, clock: u64, title: &str) -> Ended {
    let drain = |from: Option<Box<dyn std::io::Read + Send>>| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            from.map(|mut from| from.read_to_end(&mut bytes));
            bytes
        })
    };
    let stdout = drain(child.stdout.take().map(|from| Box::new(from) as _));
    let stderr = drain(child.stderr.take().map(|from| Box::new(from) as _));
    let end = Instant::now() + Duration::from_secs(clock);
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        if Instant::now() > end {
            let _ = child.kill();
            panic!("{title}: still running after {clock} seconds");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let read = |thread: std::thread::JoinHandle<Vec<u8>>| thread.join().expect("the reader ends");
    Ended { code: status.code(), stdout: read(stdout), stderr: read(stderr) }
}

/// Runs cases, each in a folder of its own, and tells of all that did not end as they say.
#[track_caller]
fn hold(cases: &[Case]) {
    let failed: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let held = std::panic::catch_unwind(|| run(case));
            held.err().map(|why| why.downcast_ref::<String>().cloned().unwrap_or_else(|| case.title.to_owned()))
        })
        .collect();
    assert!(failed.is_empty(), "{} of {} cases:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

fn run(case: &Case) {
    let title = case.title;
    let dir = Dir::new();
    (case.make)(&dir);
    let before = dir.names();
    let end = |format: &[&str]| {
        let args = [case.args, format].concat();
        let child = limited(&dir, &args, case.limits).spawn().expect("a shell");
        let ended = finish(child, case.limits.clock, title);
        assert_eq!(ended.code, Some(case.code), "{title}: {}", shown(&ended));
        harmless(&ended, title);
        ended
    };
    if case.args[0] == "rules" {
        let ended = end(&[]);
        says(case, &String::from_utf8_lossy(&ended.stderr), &ended);
        return;
    }
    let json = end(&["--format", "json"]);
    if case.code == 2 {
        says(case, &String::from_utf8_lossy(&json.stderr), &json);
        assert!(json.stdout.is_empty(), "{title}: no report, or the whole one: {}", shown(&json));
    } else {
        let report: Value = serde_json::from_slice(&json.stdout).expect("the report is JSON");
        consistent(&report, case, &json);
        says(case, &skipped(&report), &json);
    }
    let text = end(&[]);
    if case.code != 2 {
        let clean = String::from_utf8_lossy(&text.stdout).contains("no leaked credentials found");
        assert_eq!(clean, case.code != 1, "{title}: {}", shown(&text));
    }
    assert_eq!(dir.names(), before, "{title}: nothing is written");
}

/// The exit code says what the report says.
#[track_caller]
fn consistent(report: &Value, case: &Case, ended: &Ended) {
    let findings = report["findings"].as_array().expect("a list").len();
    let complete = report["coverage"]["complete"].as_bool().expect("yes or no");
    let code = match (findings, complete) {
        (0, true) => 0,
        (0, false) => 3,
        _ => 1,
    };
    assert_eq!(code, case.code, "{}: {}", case.title, shown(ended));
    // A gap beside findings is no less a gap.
    let says_gap = report["coverage"]["skipped"].as_array().expect("a list").iter().any(|item| item["gap"] == true);
    assert!(!says_gap || !complete, "{}", case.title);
}

/// What was not read, a line each.
fn skipped(report: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |item: &Value| {
        let member = item["member"].as_str().map(|member| format!("!{member}")).unwrap_or_default();
        format!("{}{member}: {}: {}\n", text(&item["path"]), text(&item["code"]), text(&item["reason"]))
    };
    let notes = report["coverage"]["notes"].as_array().into_iter().flatten();
    let notes = notes.map(|note| format!("note: {}\n", text(note)));
    report["coverage"]["skipped"].as_array().expect("a list").iter().map(line).chain(notes).collect()
}

#[track_caller]
fn says(case: &Case, told: &str, ended: &Ended) {
    for text in case.says {
        let told: String = told.chars().take(20_000).collect();
        let begin: String = told.chars().take(500).collect();
        assert!(told.contains(text), "{}: {text:?} is not in {begin:?}; {}", case.title, shown(ended));
    }
}

/// Nothing that a terminal or a CI system obeys, no defect, and no value.
#[track_caller]
pub(super) fn harmless(ended: &Ended, title: &str) {
    for out in [&ended.stdout, &ended.stderr] {
        let text = std::str::from_utf8(out).unwrap_or_else(|_| panic!("{title}: output that is not UTF-8"));
        let bad = |c: char| {
            c.is_control() && c != '\n'
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
        };
        assert!(!text.contains(bad), "{title}: a control character: {}", shown(ended));
        let command = |line: &str| line.trim_start().starts_with("::") || line.contains("##vso[");
        assert!(!text.lines().any(command), "{title}: a command: {}", shown(ended));
        assert!(!text.contains("a defect of stopleak"), "{title}: {}", shown(ended));
        for seed in 1..10 {
            for value in [value(seed), value(seed + 100)] {
                assert!(!text.contains(&value[4..30]), "{title}: a value");
            }
        }
    }
}

/// Ends a chain that gives the folder back.
pub(super) fn done(_: &Dir) {}

fn shown(ended: &Ended) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(3000)]).into_owned();
    format!("exit code {:?}\n{}\n{}", ended.code, text(&ended.stdout), text(&ended.stderr))
}

/// A value without meaning.
pub(super) fn value(seed: u64) -> String {
    random(seed, ALNUM, 64)
}

/// The two lines of a credential.
pub(super) fn leak(seed: u64) -> String {
    format!("BINANCE_API_KEY={}\nBINANCE_API_SECRET={}\n", value(seed + 100), value(seed))
}

/// A file with a leak beside the hostile thing: the scan has to go on.
pub(super) fn with_leak(dir: &Dir) -> &Dir {
    dir.file("zz.env", leak(1))
}

/// A pipe with no one at its other end.
pub(super) fn pipe(dir: &Dir, name: &str) {
    let path = dir.at(name);
    let _ = std::fs::remove_file(&path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
}

pub(super) fn link(dir: &Dir, to: &str, name: &str) {
    let path = dir.at(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    let _ = std::fs::remove_file(&path);
    std::os::unix::fs::symlink(to, path).expect("a link");
}

/// Takes away all rights to a file or folder.
pub(super) fn close(dir: &Dir, name: &str) {
    mode(dir, name, 0);
}

pub(super) fn mode(dir: &Dir, name: &str, mode: u32) {
    let rights = std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(dir.at(name), rights).expect("rights");
}
