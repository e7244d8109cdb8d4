//! What can go wrong from outside: each has its message and its exit code, and nothing is lost.

use std::process::Stdio;

use crate::harness::{Dir, Run};

#[test]
fn the_bare_name_leads_to_the_main_job() {
    Dir::new().run(&[]).prints(0, &["stopleak scan", "Exit codes"]);
}

#[test]
fn help_and_version_are_output_not_errors() {
    let dir = Dir::new();
    dir.run(&["--help"]).prints(0, &["Usage: stopleak", "rules", "explain"]);
    dir.run(&["scan", "--help"]).prints(0, &["--show-secrets", "--max-file-size"]);
    dir.run(&["--version"]).prints(0, &[concat!("stopleak ", env!("CARGO_PKG_VERSION"))]);
}

/// 80 columns, and what a terminal window of today has in lines.
#[test]
fn help_fits_a_screen_and_teaches_by_example() {
    let dir = Dir::new();
    let lines = |args: &[&str]| {
        let run = Run::of(dir.command(args).env("COLUMNS", "80"));
        run.prints(0, &["Examples:\n  stopleak "]);
        assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{run:#?}");
        run.stdout.lines().count()
    };
    assert!(lines(&["--help"]) <= 42, "{}", lines(&["--help"]));
    for command in ["scan", "git", "staged", "diff"] {
        let number = lines(&[command, "-h"]);
        assert!(number <= 46, "{command} -h has {number} lines");
    }
}

#[test]
fn prose_is_wrapped_at_the_terminal_s_edge() {
    let dir = Dir::new();
    for (columns, most) in [("60", 60), ("80", 80), ("1000", 120)] {
        let run = Run::of(dir.command(&["explain", "binance-api-secret"]).env("COLUMNS", columns));
        run.prints(0, &["What it is"]);
        let prose = run.stdout.lines().filter(|line| !line.contains("https://"));
        let longest = prose.map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(longest <= most && longest > most - 30, "{columns}: {longest}");
    }
}

#[test]
fn bad_usage_is_refused_before_anything_is_read() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["scna"], &["scna", "scan"]),
        (&["scan", "--format", "xml"], &["xml", "text", "json", "sarif"]),
        (&["scan", "--min-confidence", "sure"], &["sure", "medium"]),
        (&["scan", "--max-file-size", "lots"], &["--max-file-size lots", "50MB"]),
        (&["scan", "-j", "0"], &["-j 0"]),
        (&["scan", "-", "."], &["standard input"]),
        (&["scan", "--force"], &["--show-secrets"]),
        (&["scan", "--stdin-name", "a.env"], &["--stdin-name a.env", "add -"]),
        (&["scan", "-", "--stdin-name", "../a.env"], &["--stdin-name ../a.env", "without `..`"]),
        (&["scan", "-", "--stdin-name", "a\\..\\b"], &["without `..`"]),
        (&["scan", "-", "--stdin-name", ""], &["--stdin-name"]),
        (&["scan", "nowhere"], &["nowhere", "check the path"]),
        (&["scan", ".", "nowhere", "nor-here"], &["nowhere", "nor-here"]),
        (&["scan", "file/below"], &["file/below"]),
        (&["explain", "binance-api-sekret"], &["binance-api-sekret", "did you mean", "binance-api-secret"]),
        (&["rules", "show", "binanse"], &["binanse", "did you mean", "binance"]),
        (&["rules", "check"], &["FILE"]),
        (&["completions", "dos"], &["dos", "bash"]),
        (&["hook", "run", "file"], &["unexpected argument 'file'"]),
    ];
    for (args, says) in cases {
        let dir = Dir::new();
        dir.file("file", "text");
        let run = dir.run(args);
        run.fails(2, says);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_a_missing_path() {
    let dir = Dir::new();
    std::os::unix::fs::symlink("gone", dir.at("link")).expect("links can be made");
    dir.run(&["scan", "link"]).fails(2, &["link: the link points to nothing"]);
    dir.run(&["scan"]).prints(0, &["no leaked credentials"]);
}

#[test]
fn an_empty_tree_is_clean_and_says_that_it_was_empty() {
    Dir::new().run(&["scan"]).prints(0, &["no leaked credentials found", "scanned 0 files", "nothing to read"]);
}

#[test]
fn a_clean_tree_is_clean() {
    let dir = Dir::new();
    dir.file("a.py", "print('hello')\n").file("sub/b.txt", "text\n");
    dir.run(&["scan"]).prints(0, &["no leaked credentials found\n", "scanned 2 files"]);
    dir.run(&["scan", "--quiet"]).prints(0, &[]);
    assert_eq!(dir.run(&["scan", "--quiet"]).stdout, "");
    dir.run(&["scan", "a.py"]).prints(0, &["scanned 1 file ("]);
}

#[test]
fn standard_input_is_scanned() {
    let dir = Dir::new();
    dir.run_with_input(&["scan", "-"], b"print('hello')\n").prints(0, &["scanned 1 file (15 bytes)"]);
    dir.run_with_input(&["scan", "-", "--format", "json"], b"").prints(0, &["\"mode\": \"stdin\""]);
    dir.run_with_input(&["scan", "-", "--stdin-name", "a/b.env"], b"x").prints(0, &["scanned 1 file"]);
    dir.run_with_input(&["scan", "-"], b"").prints(0, &["standard input was empty"]);
    dir.run(&["scan", "-"]).prints(0, &["standard input was empty"]);
}

/// A shell's `<&-`: nothing was piped in, by mistake.
#[cfg(unix)]
#[test]
fn a_standard_input_that_is_closed_is_a_gap() {
    let dir = Dir::new();
    let program = env!("CARGO_BIN_EXE_stopleak");
    for line in ["scan -", "push origin url"] {
        let mut shell = std::process::Command::new("sh");
        shell.current_dir(dir.path()).args(["-c", &format!("git init -q . && '{program}' {line} <&-")]);
        Run::of(&mut shell).prints(3, &["is closed"]);
    }
}

#[test]
fn a_file_over_the_limit_is_a_gap_in_every_format() {
    let dir = Dir::new();
    dir.file("tree/large.csv", "x".repeat(3000)).file("tree/small.csv", "x");
    for format in ["text", "json", "sarif"] {
        let run = dir.run(&["scan", "tree", "--max-file-size", "2KiB", "--format", format]);
        run.prints(3, &["large.csv", "3000 bytes, more than the limit of 2048"]);
        assert!(!run.stdout.contains("small.csv"), "{run:#?}");
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8_are_shown_escaped() {
    let dir = Dir::new();
    std::fs::create_dir(dir.at("tree")).expect("folders can be made");
    let name = crate::harness::latin1(b"tree/gr\xf6\xdfe\n::warning::\x1b[2J.csv");
    if std::fs::write(dir.at(name), "x".repeat(3000)).is_err() {
        return; // Some file systems have no such names.
    }
    let run = |format| dir.run(&["scan", "tree", "--max-file-size", "1k", "--format", format]);
    run("text").prints(3, &["gr\\xf6\\xdfe\\x0a::warning::\\x1b[2J.csv"]);
    run("json").prints(3, &["\"path_bytes\""]);
    run("sarif").prints(3, &["gr%F6%DFe%0A%3A%3Awarning%3A%3A%1B%5B2J.csv"]);
}

/// Files and folders that can't be read. Root can read all, so the program runs as nobody then.
#[cfg(unix)]
#[test]
fn what_can_not_be_read_is_a_gap() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;

    let dir = Dir::new();
    let set = |name: &str, mode| {
        std::fs::set_permissions(dir.at(name), std::fs::Permissions::from_mode(mode)).expect("modes can be set");
    };
    dir.file("tree/open", "text").file("tree/closed", "text").file("tree/folder/file", "text");
    set("", 0o755);
    set("tree/closed", 0o000);
    set("tree/folder", 0o000);
    let root = rustix::process::geteuid().is_root();
    for (target, gaps) in
        [("tree", vec!["closed", "folder"]), ("tree/closed", vec!["closed"]), ("tree/folder", vec!["folder"])]
    {
        let mut command = dir.command(&["scan", target]);
        if root {
            command.uid(65534).gid(65534);
        }
        // Nobody may not reach the program if it was built below a closed folder.
        let Ok(output) = command.output() else { break };
        let run = Run::from(output);
        run.prints(3, &["not everything that was asked for was read", "what could be read"]);
        for gap in gaps {
            run.prints(3, &[gap]);
        }
    }
    set("tree/folder", 0o755);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_tree_does_not_stop_the_scan() {
    let dir = Dir::new();
    dir.file("tree/a", "text");
    let pipe = dir.at("tree/pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .expect("pipes can be made");
    dir.run(&["scan", "tree"]).prints(0, &["scanned 1 file", "1 special"]);
    let run = dir.run(&["scan", "tree/pipe"]);
    assert_ne!(run.code, Some(0), "what was named and not read is not clean: {run:#?}");
}

#[test]
fn a_broken_rule_file_stops_everything() {
    let dir = Dir::new();
    dir.file("broken.toml", "[provider]\nid = \"x\"\nkind = 7\n").file("not.toml", "= = =").file("folder/x", "");
    dir.file("binary.toml", b"\xff\xfe");
    let cases: &[(&str, &[&str])] = &[
        ("broken.toml", &["broken.toml:1:2: `name` is missing", "broken.toml:3:8"]),
        ("not.toml", &["not.toml:1:1"]),
        ("binary.toml", &["binary.toml"]),
        ("folder", &["folder is a folder"]),
        ("missing.toml", &["missing.toml"]),
    ];
    for (file, says) in cases {
        for args in [&["scan", "--rules", file][..], &["rules", "check", file], &["rules", "list", "--rules", file]] {
            let run = dir.run(args);
            run.fails(2, says);
            assert_eq!(run.stdout, "", "{args:?}");
        }
    }
    #[cfg(unix)]
    dir.run(&["scan", "--rules", "/dev/zero"]).fails(2, &["/dev/zero is no regular file"]);
}

#[test]
fn rules_can_be_listed_shown_and_explained() {
    let dir = Dir::new();
    let families = ["exchanges and brokers", "wallets and chains", "services", "general"];
    dir.run(&["rules", "list"]).prints(0, &[&["binance-api-secret"][..], &families].concat());
    let list = dir.run(&["rules", "list", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&list.stdout).expect("it is JSON");
    assert_eq!(list["schema"], "stopleak-rules/1");
    dir.run(&["rules", "show", "binance-api-secret"]).prints(0, &["shape"]);
    dir.run(&["rules", "show", "binance"]).prints(0, &["binance.com", "binance-api-secret"]);
    for rule in list["rules"].as_array().expect("it is a list") {
        let id = rule["id"].as_str().expect("it is text");
        if id.starts_with("bi") {
            dir.run(&["explain", id]).prints(0, &["What it is", "Why it matters", "What to do now\n  1. "]);
        }
    }
    dir.run(&["explain", "--markdown", "binance-api-secret"]).prints(0, &["# Binance", "\n1. "]);
}

#[test]
fn shells_and_readers_of_manuals_are_served() {
    let dir = Dir::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        dir.run(&["completions", shell]).prints(0, &["stopleak", "show-secrets"]);
    }
    dir.run(&["man"]).prints(0, &[".TH stopleak", "show\\-secrets"]);
}

#[test]
fn values_are_not_shown_in_ci_by_accident() {
    let dir = Dir::new();
    let run = |ci: &str, args: &[&str]| Run::of(dir.command(args).env("CI", ci));
    run("true", &["scan", "--show-secrets"]).fails(2, &["CI is set", "--force"]);
    run("true", &["scan", "--show-secrets", "--force"]).prints(0, &[]);
    run("false", &["scan", "--show-secrets"]).prints(0, &[]);
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let dir = Dir::new();
    let run = |name: &str, args: &[&str]| Run::of(dir.command(args).env(name, "1")).stdout.contains('\x1b');
    assert!(!run("X", &["scan"]), "a pipe is no terminal");
    assert!(run("CLICOLOR_FORCE", &["scan"]));
    assert!(!run("NO_COLOR", &["scan"]));
    assert!(run("NO_COLOR", &["scan", "--color", "always"]), "what is typed counts more");
    assert!(!run("CLICOLOR_FORCE", &["scan", "--color", "never"]));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [&["scan"][..], &["rules", "list"], &["--help"], &[]] {
        let dir = Dir::new();
        dir.file("a", "text");
        let (reader, writer) = std::io::pipe().expect("pipes can be made");
        drop(reader);
        let run = Run::of(dir.command(args).stdout(Stdio::from(writer)));
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    for args in [&["scan"][..], &["scan", "--format", "json"], &["rules", "list"], &["--help"], &[]] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        let run = Run::of(Dir::new().command(args).stdout(full));
        run.fails(2, &["standard output can't be written"]);
    }
    Dir::new().run(&["scan", "--output", "/dev/full"]).fails(2, &["/dev/full can't be written"]);
}
