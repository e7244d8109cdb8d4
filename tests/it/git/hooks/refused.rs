//! Where git would not run a hook, none is installed.

use std::fs;
use std::process::Command;

use super::{commits, executable, leak, refuses, run, script, stopleak};
use crate::repo::Repo;

/// What `core.hooksPath` says, and where the hook is then; nothing if it is refused, with what is said.
const SETTINGS: &[(&str, Result<&str, &str>)] = &[
    ("", Err("core.hooksPath: it is empty")),
    ("~", Ok("pre-commit")),
    ("~/hk", Ok("hk/pre-commit")),
    ("~nobody-of-that-name/hk", Err("~nobody-of-that-name/hk")),
    ("%(prefix)/hk", Err("%(prefix)/hk")),
    (":(optional)hk", Err(":(optional)hk")),
    ("/dev/null", Err("it is no folder, so git runs no hooks")),
    ("hk/", Ok("hk/pre-commit")),
];

#[test]
fn places_that_only_git_knows() {
    for (setting, expected) in SETTINGS {
        let repo = Repo::new();
        let before: Vec<_> = files(&repo);
        repo.git(&["config", "core.hooksPath", setting]);
        match expected {
            Ok(path) => {
                stopleak(&repo, &["hook", "install"], &["installed"]);
                assert!(repo.path().join(path).is_file(), "{setting}");
                repo.write("a.py", &leak(1));
                assert!(run(&repo, "git", &["add", "a.py"]).status.success());
                assert!(!commits(&repo).0, "{setting}: git looks there, too");
            }
            Err(says) => {
                refuses(&repo, &["hook", "install"], &[says]);
                assert_eq!(files(&repo), before, "{setting}");
            }
        }
    }
}

fn files(repo: &Repo) -> Vec<std::ffi::OsString> {
    let mut names: Vec<_> =
        fs::read_dir(repo.path()).expect("files").flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    names
}

/// The home of another user is known to the system.
#[test]
fn the_home_of_another_user() {
    let repo = Repo::new();
    repo.git(&["config", "core.hooksPath", "~root/no/such/folder"]);
    let output = run(&repo, env!("CARGO_BIN_EXE_stopleak"), &["hook", "uninstall"]);
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(text.contains("/no/such/folder/pre-commit") && !text.contains('~'), "{text}");
}

/// `git -c core.hooksPath=X` is over when the command is, and so would be the hook.
#[test]
fn a_setting_of_one_command() {
    let repo = Repo::new();
    let alias = format!("alias.install-hook=!'{}' hook install", env!("CARGO_BIN_EXE_stopleak"));
    let output = run(&repo, "git", &["-c", "CORE.hookspath=hk", "-c", &alias, "install-hook"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("for this command only"), "{said}");
    assert!(!repo.path().join("hk").exists() && !repo.path().join(".git/hooks/pre-commit").exists());
    assert!(run(&repo, "git", &["-c", &alias, "install-hook"]).status.success());
}

/// A bare repository commits nothing itself; its linked work trees do.
#[test]
fn bare_repositories() {
    let repo = Repo::init(&["--bare"]);
    for arguments in [&["hook", "install"][..], &["hook", "install", "--push"]] {
        refuses(&repo, arguments, &["bare", "pre-commit never runs"]);
    }
    assert!(!repo.path().join("hooks/pre-commit").exists());
    repo.git(&["worktree", "add", "-q", "--orphan", "linked"]);
    let installed = Command::new(env!("CARGO_BIN_EXE_stopleak"))
        .args(["hook", "install"])
        .current_dir(repo.path().join("linked"))
        .output()
        .expect("it runs");
    assert!(installed.status.success(), "{installed:?}");
    repo.write("linked/a.py", &leak(1));
    assert!(run(&repo, "git", &["-C", "linked", "add", "a.py"]).status.success());
    assert!(!run(&repo, "git", &["-C", "linked", "commit", "-q", "-m", "x"]).status.success());
    stopleak(&repo, &["hook", "uninstall"], &["pre-commit: removed"]);
}

/// husky writes its folder anew at each `npm install`, and what we put there would be gone.
#[test]
fn the_folder_that_husky_generates() {
    let repo = Repo::new();
    repo.git(&["config", "core.hooksPath", ".husky/_"]);
    repo.write(".husky/_/.gitignore", "*");
    script(
        &repo,
        ".husky/_/h",
        "s=$(dirname \"$(dirname \"$0\")\")/$(basename \"$0\")\n[ ! -f \"$s\" ] || sh -e \"$s\"",
    );
    script(&repo, ".husky/_/pre-commit", ". \"$(dirname \"$0\")/h\"");
    repo.write(".husky/pre-commit", "echo NO; exit 1\n");
    let refused = (false, "NO\n".to_owned());
    assert_eq!(commits(&repo), refused);
    refuses(&repo, &["hook", "install"], &["husky", "`stopleak staged`", ".husky/pre-commit"]);
    assert_eq!(commits(&repo), refused);
    repo.write(".husky/pre-commit", "stopleak staged\n");
    repo.write("a.py", &leak(1));
    repo.git(&["add", "a.py"]);
    assert!(!commits(&repo).0, "the remedy is one");
    stopleak(&repo, &["hook", "uninstall"], &["nothing done"]);
}

#[test]
fn a_folder_in_the_place_of_a_hook() {
    let repo = Repo::new();
    repo.write(".git/hooks/pre-commit/file", "x");
    refuses(&repo, &["hook", "install"], &["pre-commit: it is a folder"]);
    assert!(repo.path().join(".git/hooks/pre-commit/file").exists());
    stopleak(&repo, &["hook", "uninstall"], &["nothing done"]);
    // An earlier version moved it.
    fs::rename(repo.path().join(".git/hooks/pre-commit"), repo.path().join(".git/hooks/pre-commit.before-stopleak"))
        .expect("it is moved");
    executable(&repo.write(".git/hooks/pre-commit", &super::earlier("pre-commit")));
    stopleak(&repo, &["hook", "uninstall"], &["is back"]);
    assert!(repo.path().join(".git/hooks/pre-commit/file").exists());
    let linked = Repo::new();
    linked.write("folder/file", "x");
    std::os::unix::fs::symlink("../../folder", linked.path().join(".git/hooks/pre-commit")).expect("a link");
    refuses(&linked, &["hook", "install"], &["pre-commit: it is a folder"]);
}

/// With links among hooks, one that is replaced would change the other.
#[test]
fn a_hook_that_another_one_links_to() {
    let repo = Repo::new();
    script(&repo, ".git/hooks/pre-commit", "echo \"$0\" >>log");
    std::os::unix::fs::symlink("pre-commit", repo.path().join(".git/hooks/pre-merge-commit")).expect("a link");
    refuses(&repo, &["hook", "install"], &["pre-merge-commit is a link to it"]);
    assert!(commits(&repo).0);
}

/// The program is called by its path, whatever that is.
#[test]
fn strange_places_of_the_program() {
    use std::os::unix::ffi::OsStrExt as _;
    let repo = Repo::new();
    let program = repo.path().join(std::ffi::OsStr::from_bytes(b"it's back\\slash \xff")).join("scanner");
    fs::create_dir_all(program.parent().expect("a folder")).expect("a folder");
    // Not by this process: a fork of another test would have it open for writing.
    let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_stopleak")).arg(&program).status().expect("it runs");
    assert!(copied.success());
    let installed =
        Command::new(&program).args(["hook", "install"]).current_dir(repo.path()).output().expect("it runs");
    assert!(installed.status.success(), "{installed:?}");
    let commit = |passes: bool| {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "x"])
            .current_dir(repo.path())
            .env_clear()
            .envs([("PATH", "/usr/local/bin:/usr/bin:/bin"), ("HOME", "/nonexistent")])
            .output()
            .expect("git");
        assert_eq!(output.status.success(), passes, "{output:?}");
    };
    commit(true);
    repo.write("a.py", &leak(1));
    repo.git(&["add", "a.py"]);
    commit(false);
    stopleak(&repo, &["hook", "uninstall"], &["removed"]);
}
