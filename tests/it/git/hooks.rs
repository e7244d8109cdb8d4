//! The hooks as git itself calls them, wherever its configuration puts them.

mod others;
mod refused;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use super::leak;
use crate::repo::Repo;

/// Runs a program in a repository as a user would, with the program under test on its way.
fn run(repo: &Repo, program: &str, arguments: &[&str]) -> Output {
    let folder = Path::new(env!("CARGO_BIN_EXE_stopleak")).parent().expect("a folder");
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&paths));
    Command::new(program)
        .args(arguments)
        .current_dir(repo.path())
        .env_clear()
        .env("PATH", std::env::join_paths(paths).expect("a path"))
        .env("HOME", repo.path())
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.org")])
        .envs([("GIT_COMMITTER_NAME", "Ada"), ("GIT_COMMITTER_EMAIL", "ada@example.org")])
        .output()
        .expect("it runs")
}

#[track_caller]
fn stopleak(repo: &Repo, arguments: &[&str], says: &[&str]) {
    let output = run(repo, env!("CARGO_BIN_EXE_stopleak"), arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    says.iter().for_each(|says| assert!(text.contains(says), "{says:?} is not in {text}"));
}

/// It does nothing, and says why.
#[track_caller]
fn refuses(repo: &Repo, arguments: &[&str], says: &[&str]) {
    let output = run(repo, env!("CARGO_BIN_EXE_stopleak"), arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    says.iter().for_each(|says| assert!(text.contains(says), "{says:?} is not in {text}"));
}

/// Whether a commit that adds nothing goes through, and what is said.
fn commits(repo: &Repo) -> (bool, String) {
    let output = run(repo, "git", &["commit", "-q", "--allow-empty", "-m", "x"]);
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// The hook that versions before this one wrote.
fn earlier(name: &str) -> String {
    let (keep, feed, command) = match name {
        "pre-push" => ("lines=$(cat)\n", "printf '%s\\n' \"$lines\" | ", "push \"$@\""),
        _ => ("", "", "staged"),
    };
    format!(
        "#!/bin/sh\n# Written by `stopleak hook install`; `stopleak hook uninstall` takes it out again.\n{keep}\
         before=\"$(dirname \"$0\")/{name}.before-stopleak\"\nif [ -x \"$before\" ]; then\n    \
         {feed}\"$before\" \"$@\" || exit $?\nfi\nprogram=$(command -v stopleak) || program='/bin/stopleak'\n\
         {feed}\"$program\" {command}\n"
    )
}

/// Writes a program.
fn script(repo: &Repo, name: &str, text: &str) {
    executable(&repo.write(name, &format!("#!/bin/sh\n{text}\n")));
}

fn executable(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("rights");
}

/// Where hooks are, by configuration, and where they are looked for then; `~` is the repository here.
const PLACES: &[(&[&str], &str)] = &[
    (&[], ".git/hooks"),
    (&["core.hooksPath", "my hooks"], "my hooks"),
    (&["core.hooksPath", "~/all/hooks"], "all/hooks"),
    (&["--global", "core.hooksPath", "~/global"], "global"),
];

#[test]
fn where_git_looks_for_hooks() {
    for (setting, folder) in PLACES {
        for before in [None, Some(0), Some(1)] {
            let repo = Repo::new();
            repo.commit("a.py", "x = 1\n");
            if !setting.is_empty() {
                assert!(run(&repo, "git", &[&["config"], *setting].concat()).status.success());
            }
            let hook = repo.path().join(folder).join("pre-commit");
            if let Some(code) = before {
                executable(
                    &repo.write(&format!("{folder}/pre-commit"), &format!("#!/bin/sh\necho ran >> log\nexit {code}\n")),
                );
            }
            stopleak(&repo, &["hook", "install"], &[folder, if before.is_some() { "runs first" } else { "installed" }]);
            let commit = |text: &str| {
                repo.write("a.py", text);
                run(&repo, "git", &["commit", "-q", "-a", "-m", "x"]).status.success()
            };
            assert!(!commit(&leak(1)), "{folder} {before:?}: the hook is called");
            assert_eq!(commit("x = 2\n"), before != Some(1), "{folder} {before:?}: the one from before decides too");
            stopleak(&repo, &["hook", "uninstall"], &[if before.is_some() { "is back" } else { "removed" }]);
            assert_eq!(hook.exists(), before.is_some(), "{folder}");
            if before.is_none() {
                assert!(commit(&leak(1)), "{folder}: the hook is gone");
            }
            stopleak(&repo, &["hook", "uninstall"], &["nothing done"]);
        }
    }
}

/// One hook of the repository serves its linked work trees.
#[test]
fn linked_work_trees_have_the_same_hooks() {
    let repo = Repo::new();
    repo.commit("a.py", "x = 1\n");
    repo.git(&["worktree", "add", "-q", "linked"]);
    stopleak(&repo, &["hook", "install"], &[]);
    repo.write("linked/a.py", &leak(1));
    assert!(!run(&repo, "git", &["-C", "linked", "commit", "-q", "-a", "-m", "x"]).status.success());
    repo.write("linked/a.py", "x = 2\n");
    assert!(run(&repo, "git", &["-C", "linked", "commit", "-q", "-a", "-m", "x"]).status.success());
}

/// Pushes as git makes them: what is done before, how it is pushed, and whether that goes through.
type Push = (&'static str, fn(&Repo), &'static [&'static str], bool);

const PUSHES: &[Push] = &[
    ("what is there already", |_| (), &["origin", "main"], true),
    ("a clean commit", |repo| drop(repo.commit("b.py", "x = 1\n")), &["origin", "main"], true),
    ("a leak", |repo| drop(repo.commit("c.py", &leak(2))), &["origin", "main"], false),
    ("a leak that is deleted again", |repo| drop(repo.commit("c.py", "x = 1\n")), &["origin", "main"], false),
    ("the same on a new branch", |_| (), &["origin", "main:refs/heads/new"], false),
    (
        "rewritten without it, as a new branch",
        |repo| {
            repo.git(&["reset", "-q", "--hard", "HEAD~2"]);
            repo.commit("d.py", "x = 1\n");
        },
        &["origin", "main:refs/heads/new"],
        true,
    ),
    ("a deleted branch", |_| (), &["origin", "--delete", "new"], true),
    (
        "forced, with a leak",
        |repo| {
            repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
            repo.write("b.py", &leak(3));
            repo.git(&["commit", "-q", "-a", "--amend", "-m", "again"]);
        },
        &["--force", "origin", "main"],
        false,
    ),
    (
        "forced, without",
        |repo| {
            repo.write("b.py", "x = 2\n");
            repo.git(&["commit", "-q", "-a", "--amend", "-m", "again"]);
        },
        &["--force", "origin", "main"],
        true,
    ),
    ("a tag that says a leak", |repo| drop(repo.git(&["tag", "-a", "v1", "-m", &leak(4)])), &["origin", "v1"], false),
    ("all branches and tags", |repo| drop(repo.git(&["tag", "-d", "v1"])), &["origin", "--all"], true),
];

#[test]
fn pushes_through_the_hook() {
    for format in ["files", "reftable"] {
        let there = Repo::init(&["--bare"]);
        let repo = Repo::init(&[&format!("--ref-format={format}")]);
        repo.commit("old.py", &leak(1));
        repo.git(&["remote", "add", "origin", &there.path().display().to_string()]);
        repo.git(&["push", "-q", "origin", "main"]);
        stopleak(&repo, &["hook", "install", "--push"], &["pre-push: installed"]);
        std::fs::remove_file(repo.path().join(".git/hooks/pre-commit")).expect("it was installed too");
        for (title, prepare, arguments, passes) in PUSHES {
            prepare(&repo);
            let output = run(&repo, "git", &[&["push", "-q"], *arguments].concat());
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert_eq!(output.status.success(), *passes, "{title}, {format}: {said}");
            assert_eq!(said.contains("Nothing is sent yet"), !passes, "{title}, {format}: {said}");
        }
    }
}

/// git refuses repositories of others, because their configuration could run programs; nothing of it is run here.
#[test]
fn a_repository_of_another_user() {
    let repo = Repo::new();
    repo.commit("a.py", &leak(1));
    let all = std::fs::read_dir(repo.path()).expect("files").flatten().map(|entry| entry.path());
    for path in all.chain([repo.path().to_path_buf()]) {
        if std::os::unix::fs::chown(&path, Some(12_345), None).is_err() {
            return; // Only root can give files away.
        }
    }
    for arguments in [&["git"][..], &["git", "--range", "HEAD"], &["staged", "--whole-files"]] {
        let output = run(&repo, env!("CARGO_BIN_EXE_stopleak"), arguments);
        let expected = i32::from(arguments[0] == "git");
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}: {output:?}");
    }
}
