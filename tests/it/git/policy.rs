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

/// What docs/ci.md says: a comment that comes with a change counts and is told, unless the base's configuration refuses it.
#[test]
fn the_base_can_refuse_comments_of_a_change() {
    let repo = Repo::new();
    repo.commit("stopleak.toml", "[comments]\naccept = false\n");
    repo.write("stopleak.toml", "[comments]\naccept = true\n");
    repo.commit("b.py", &leak(2).replace('\n', "  # stopleak:allow only a test\n"));
    run(&repo, &["diff", "HEAD~1"]).prints(0, &["stopleak:allow in line 1: only a test; this came with the scanned"]);
    let refused = "b.py:1: the comment stopleak:allow accepts nothing: the configuration lets no such comment count";
    run(&repo, &["diff", "HEAD~1", "--config-from", "HEAD~1"]).prints(1, &["Binance API secret", refused]);
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

/// One version has a comment that always counts, another one that counts if told: both are needed.
#[test]
fn a_linter_s_word_in_one_version_is_not_the_comment_of_the_other() {
    for (first, second) in [("nosec", "stopleak:allow"), ("stopleak:allow", "nosec")] {
        let repo = Repo::new();
        repo.commit("a.py", &leak(1).replace('\n', &format!("  # {first}\n")));
        repo.commit("a.py", &leak(1).replace('\n', &format!("  # {second}\n")));
        run(&repo, &["git"]).prints(1, &["Binance API secret"]);
        repo.write("stopleak.toml", "[comments]\nlinters = true\n");
        run(&repo, &["git"]).prints(0, &["1 finding suppressed by comments"]);
    }
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
    let name = format!("vendor/{}", leak(2).replace(['"', ' ', '\n'], ""));
    repo.write(&name, "x\n");
    repo.git(&["add", "-A"]);
    run(&repo, &["staged"]).prints(0, &["1 unwanted"]);
    run(&repo, &["staged", "--no-config"]).prints(1, &["in a file name"]);
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

/// Commits on two branches, each of which adds a leak and accepts it; then the branches are merged.
fn merged(repo: &Repo, attributes: &str) -> bool {
    repo.write(".gitattributes", attributes);
    repo.commit("first.py", &leak(1));
    run(repo, &["baseline", "create"]).prints(0, &["1 finding accepted", ".stopleak-baseline merge=union"]);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "a baseline"]);
    repo.git(&["branch", "other"]);
    for (branch, seeds) in [("main", 10..14), ("other", 20..24)] {
        repo.git(&["checkout", "-q", branch]);
        seeds.for_each(|seed| drop(repo.write(&format!("{branch}{seed}.py"), &leak(seed))));
        run(repo, &["baseline", "update", "--reason", branch]).prints(0, &["4 values added"]);
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "-m", branch]);
    }
    let merge = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "merge", "-q", "--no-edit", "main"])
        .current_dir(repo.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_EDITOR", "true")])
        .output();
    merge.expect("git is installed").status.success()
}

#[test]
fn branches_that_both_add_to_a_baseline_merge() {
    let repo = Repo::new();
    assert!(merged(&repo, ".stopleak-baseline merge=union\n"), "there is no conflict");
    run(&repo, &["scan"]).prints(0, &["9 findings suppressed by .stopleak-baseline"]);
    run(&repo, &["baseline", "update"]).prints(0, &["0 values added, 0 removed"]);
    let text = std::fs::read_to_string(repo.path().join(".stopleak-baseline")).expect("it is there");
    let names: Vec<&str> = text.lines().skip(1).collect();
    assert!(names.len() == 9 && names.is_sorted(), "{text}");
}

#[test]
fn a_conflict_in_a_baseline_has_a_remedy() {
    let repo = Repo::new();
    if merged(&repo, "# no attributes\n") {
        return; // The entries happened to fall apart.
    }
    run(&repo, &["scan"]).fails(2, &["a merge left its marks here; `stopleak baseline update` keeps the entries"]);
    run(&repo, &["baseline", "update"]).prints(0, &["0 values added"]);
    run(&repo, &["scan"]).prints(0, &["9 findings suppressed by .stopleak-baseline"]);
}

#[test]
fn entries_that_come_with_a_change_are_named() {
    let repo = Repo::new();
    repo.commit("a.py", &leak(1));
    run(&repo, &["baseline", "create"]).prints(0, &[]);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "a baseline"]);
    run(&repo, &["diff", "HEAD~1"])
        .prints(0, &["note: .stopleak-baseline: 1 entry (line 2) came with the scanned changes"]);
    repo.write("b.py", &leak(2));
    run(&repo, &["baseline", "update"]).prints(0, &["1 value added"]);
    repo.git(&["add", "-A"]);
    let says = [
        "1 entry (line ",
        "came with the scanned changes",
        "note: b.py:1: binance-api-secret is accepted by .stopleak-baseline:",
    ];
    run(&repo, &["staged"]).prints(0, &says);
    repo.git(&["commit", "-q", "-m", "more"]);
    run(&repo, &["diff", "HEAD~1"]).prints(0, &says);
    // The base's baseline knows nothing of it.
    run(&repo, &["diff", "HEAD~1", "--config-from", "HEAD~1"])
        .prints(1, &["HEAD~1:.stopleak-baseline is in force (1 entry)"]);
    run(&repo, &["git"]).prints(0, &["2 findings suppressed by .stopleak-baseline"]);
    // A rename changes nothing, neither in the tree nor in what is staged.
    repo.git(&["mv", "b.py", "c.py"]);
    run(&repo, &["staged", "--whole-files"]).prints(0, &[]);
    run(&repo, &["scan"]).prints(0, &["2 findings suppressed"]);
}

#[test]
fn a_history_has_a_baseline_too() {
    let repo = Repo::new();
    repo.commit("a.py", &leak(1));
    repo.commit("a.py", "gone\n");
    run(&repo, &["baseline", "create"]).prints(0, &["0 findings accepted"]);
    run(&repo, &["git"]).prints(1, &["1 leaked credential:"]);
    run(&repo, &["baseline", "update", "--history", "--reason", "revoked"]).prints(0, &["1 value added"]);
    run(&repo, &["git"]).prints(0, &["1 finding suppressed by .stopleak-baseline"]);
    run(&repo, &["baseline", "update", "--prune", "--history"]).prints(0, &["0 values added, 0 removed"]);
    repo.write(".gitleaksignore", &format!("{}:a.py:x:1\n", repo.git(&["rev-parse", "HEAD~1"])));
    run(&repo, &["baseline", "create", "--force"]).prints(0, &["0 findings accepted"]);
    run(&repo, &["baseline", "import", ".gitleaksignore"]).prints(0, &["1 of 1 entry taken over, 1 value added"]);
    run(&repo, &["git"]).prints(0, &["1 finding suppressed by .stopleak-baseline"]);
}
