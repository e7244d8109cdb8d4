//! Who may accept what of a change: suppressions that come with it are named, and `--config-from` keeps them out.

use std::process::{Command, Stdio};

use super::leak;
use crate::harness::Run;
use crate::repo::Repo;

/// Runs the program in a repository.
fn run(repo: &Repo, args: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stopleak"));
    command.current_dir(repo.path()).args(args).stdin(Stdio::null());
    for name in ["CI", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    Run::of(&mut command)
}

const ALLOW: &str = "[[allow]]\nreason = \"looks fine\"\npaths = [\"bot/\"]\n";

#[test]
fn a_change_that_accepts_its_own_leak_says_so() {
    let repo = Repo::new();
    repo.commit("readme", "x\n");
    repo.commit("stopleak.toml", "# nothing\n");
    repo.write("stopleak.toml", &format!("# nothing\n{ALLOW}"));
    repo.commit("bot/a.py", &leak(1));
    let says = "note: stopleak.toml:2: this came with the scanned changes: [[allow]] paths = bot/ (looks fine)";
    let finding = "note: bot/a.py:1: binance-api-secret is accepted by stopleak.toml:2: looks fine; this came with the scanned changes";
    for args in [&["diff", "HEAD~1"][..], &["git", "--range", "HEAD~1..HEAD"], &["diff", "HEAD~1", "--quiet"]] {
        run(&repo, args).prints(0, &[says, finding, "1 finding suppressed by stopleak.toml (the worst critical)"]);
    }
    let old = run(&repo, &["diff", "HEAD", "HEAD"]);
    old.prints(0, &[]);
    assert!(!old.stdout.contains("came with"), "{old:#?}");
    let from_base = run(&repo, &["diff", "HEAD~1", "--config-from", "HEAD~1"]);
    from_base.prints(1, &["HEAD~1:stopleak.toml is in force", "Binance API secret"]);
    run(&repo, &["diff", "HEAD~1", "--config-from", "HEAD~2"]).prints(1, &["Binance API secret"]);
    run(&repo, &["scan", "--config-from", "HEAD~1"]).prints(1, &["Binance API secret"]);
    run(&repo, &["scan", "--config-from", "HEAD"]).prints(0, &["1 finding suppressed by HEAD:stopleak.toml"]);
    run(&repo, &["scan", "--config-from", "nowhere"]).fails(2, &["--config-from", "nowhere: no such revision"]);
}

#[test]
fn a_staged_suppression_is_named() {
    let repo = Repo::new();
    repo.commit("readme", "x\n");
    repo.write("stopleak.toml", ALLOW);
    repo.write("bot/a.py", &leak(1));
    repo.write("b.py", &leak(2).replace('\n', "  # stopleak:allow only a test\n"));
    repo.git(&["add", "-A"]);
    run(&repo, &["staged"]).prints(
        0,
        &[
            "note: stopleak.toml:1: this came with the scanned changes",
            "note: bot/a.py:1: binance-api-secret is accepted by stopleak.toml:1: looks fine; this came",
            "note: b.py:1: binance-api-secret is accepted by the comment stopleak:allow in line 1: only a test; this came",
        ],
    );
}

#[test]
fn a_new_comment_above_an_old_value_is_named() {
    let repo = Repo::new();
    repo.commit("a.py", &format!("x\n{}", leak(1)));
    repo.commit("a.py", &format!("x\n# stopleak:allow-next-line\n{}", leak(1)));
    run(&repo, &["diff", "HEAD~1"]).prints(0, &["note: a.py:3: binance-api-secret is accepted by the comment"]);
    run(&repo, &["scan"]).prints(0, &["1 finding suppressed by comments in the text"]);
    // The version before had no comment.
    run(&repo, &["git"]).prints(1, &["Binance API secret"]);
}

#[test]
fn patterns_leave_out_texts_of_git_and_count_them() {
    let repo = Repo::new();
    repo.commit("vendor/a.py", &leak(1));
    repo.commit("stopleak.toml", "[scan]\nexclude = [\"vendor/\"]\n");
    for args in [&["git"][..], &["git", "--range", "HEAD"]] {
        run(&repo, args).prints(0, &["1 path left out by stopleak.toml (exclude = vendor/)", "1 unwanted"]);
    }
    run(&repo, &["git", "--no-config"]).prints(1, &["1 leaked credential:"]);
}

#[test]
fn rule_files_of_a_revision_are_read_from_it() {
    let repo = Repo::new();
    repo.write("rules/own.toml", "broken");
    repo.commit("stopleak.toml", "[rules]\nfiles = [\"rules/own.toml\"]\n");
    repo.git(&["rm", "-q", "--cached", "rules/own.toml", "stopleak.toml"]);
    repo.git(&["commit", "-q", "-m", "without"]);
    run(&repo, &["scan", "--config-from", "HEAD~1"]).fails(2, &["HEAD~1:rules/own.toml:1:"]);
    run(&repo, &["scan"]).fails(2, &["rules/own.toml:1:"]);
}
