//! Hooks that were there before ours, and frameworks that come after it.

use std::fs;

use super::{commits, earlier, executable, refuses, run, script, stopleak};
use crate::git::leak;
use crate::repo::Repo;

/// A hook that was there before: what it is, and how it is made in a folder of hooks. All of them say NO.
type Before = (&'static str, fn(&Repo, &str));

const NO: &str = "echo NO; exit 1";

const BEFORE: &[Before] = &[
    ("a file", |repo, hooks| script(repo, &format!("{hooks}/pre-commit"), NO)),
    ("it asks for its name", |repo, hooks| {
        script(
            repo,
            &format!("{hooks}/pre-commit"),
            "case \"$(basename \"$0\")\" in pre-commit) echo NO; exit 1;; esac",
        );
    }),
    ("a link to a program for all hooks", |repo, hooks| {
        script(
            repo,
            "hk/all",
            "case \"$(basename \"$0\")\" in pre-commit) . \"$(dirname \"$(readlink -f \"$0\")\")/say\";; esac",
        );
        script(repo, "hk/say", NO);
        link("../../hk/all", repo, hooks);
    }),
    ("a link to a neighbour", |repo, hooks| {
        script(repo, &format!("{hooks}/all"), "case \"$0\" in */pre-commit) echo NO; exit 1;; esac");
        link("all", repo, hooks);
    }),
    ("it includes a neighbour", |repo, hooks| {
        script(repo, &format!("{hooks}/h"), "[ \"$(basename \"$0\")\" = pre-commit ] && echo NO && exit 1");
        script(repo, &format!("{hooks}/pre-commit"), ". \"$(dirname \"$0\")/h\"");
    }),
    ("it runs what lies in a folder beside it", |repo, hooks| {
        script(repo, &format!("{hooks}/pre-commit.d/check"), NO);
        script(
            repo,
            &format!("{hooks}/pre-commit"),
            "for x in \"$0.d\"/*; do [ ! -x \"$x\" ] || \"$x\" || exit 1; done",
        );
    }),
    ("it finds the repository from its own place", |repo, hooks| {
        script(repo, "check", NO);
        script(repo, &format!("{hooks}/pre-commit"), "[ ! -f \"$(dirname \"$0\")/../../check\" ] || exec ./check");
    }),
    ("it looks beside its folder, as husky does", |repo, hooks| {
        script(repo, &format!("{hooks}/../pre-commit"), NO);
        script(
            repo,
            &format!("{hooks}/pre-commit"),
            "s=$(dirname \"$(dirname \"$0\")\")/$(basename \"$0\"); [ ! -f \"$s\" ] && exit 0; exec \"$s\"",
        );
    }),
    ("it runs itself again", |repo, hooks| {
        script(repo, &format!("{hooks}/pre-commit"), "[ \"$ONCE\" ] && echo NO && exit 1; ONCE=1 exec sh \"$0\"");
    }),
];

fn link(target: &str, repo: &Repo, hooks: &str) {
    fs::create_dir_all(repo.path().join(hooks)).expect("a folder");
    std::os::unix::fs::symlink(target, repo.path().join(hooks).join("pre-commit")).expect("a link");
}

/// Folders of hooks, as git is told of them and as they are; the first is git's own.
const FOLDERS: &[(&str, &str)] = &[("", ".git/hooks"), ("team/hooks", "team/hooks"), ("team/hooks/.", "team/hooks")];

#[test]
fn a_hook_from_before_keeps_its_name_its_place_and_its_neighbours() {
    for (title, make) in BEFORE {
        for (setting, hooks) in FOLDERS {
            let repo = Repo::new();
            if !setting.is_empty() {
                repo.git(&["config", "core.hooksPath", setting]);
            }
            make(&repo, hooks);
            let hook = repo.path().join(hooks).join("pre-commit");
            let state = || (fs::read_link(&hook).ok(), fs::read(&hook).expect("a hook"));
            let (before, refused) = (state(), (false, "NO\n".to_owned()));
            assert_eq!(commits(&repo), refused, "{title}, {hooks}: as it was");
            stopleak(&repo, &["hook", "install"], &["runs first"]);
            assert_eq!(commits(&repo), refused, "{title}, {hooks}: installed");
            stopleak(&repo, &["hook", "install"], &["renewed"]);
            assert_eq!(commits(&repo), refused, "{title}, {hooks}: renewed");
            stopleak(&repo, &["hook", "uninstall"], &["is back"]);
            assert_eq!(state(), before, "{title}, {hooks}");
            assert!(!repo.path().join(format!("{hooks}-before-stopleak")).exists(), "{title}, {hooks}");
        }
    }
}

/// Links are read from where they lie, and that can be another folder than the one git is told of.
#[test]
fn a_folder_of_hooks_that_is_a_link() {
    let repo = Repo::new();
    let hooks = repo.path().join(".git/hooks");
    fs::remove_dir_all(&hooks).expect("the samples");
    fs::create_dir(repo.path().join("team")).expect("a folder");
    std::os::unix::fs::symlink("../team", &hooks).expect("a link");
    script(&repo, "hk/all", "case \"$0\" in */pre-commit) echo NO; exit 1;; esac");
    link("../hk/all", &repo, "team");
    let refused = (false, "NO\n".to_owned());
    for (command, says) in [("install", "runs first"), ("uninstall", "is back")] {
        assert_eq!(commits(&repo), refused, "before {command}");
        stopleak(&repo, &["hook", command], &[says]);
        assert_eq!(commits(&repo), refused, "after {command}");
    }
    assert!(hooks.is_symlink() && !repo.path().join("team-before-stopleak").exists());
}

/// git runs no hook that is not executable, and no link that leads nowhere.
#[test]
fn a_hook_that_git_would_not_run_does_not_run() {
    let makes: [fn(&Repo); 2] = [
        |repo| drop(repo.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n")),
        |repo| link("nowhere", repo, ".git/hooks"),
    ];
    for make in makes {
        let repo = Repo::new();
        make(&repo);
        assert!(commits(&repo).0);
        stopleak(&repo, &["hook", "install"], &["runs first"]);
        assert!(commits(&repo).0, "{}", commits(&repo).1);
    }
}

/// Who takes the folder away, or shares the hook without it, is told.
#[test]
fn a_hook_from_before_that_is_gone_is_missed() {
    let repo = Repo::new();
    script(&repo, ".git/hooks/pre-commit", "exit 0");
    stopleak(&repo, &["hook", "install"], &["runs first"]);
    fs::remove_dir_all(repo.path().join(".git/hooks-before-stopleak")).expect("it was there");
    let (passes, said) = commits(&repo);
    assert!(!passes && said.contains("stopleak hook install"), "{said}");
    stopleak(&repo, &["hook", "install"], &["renewed"]);
    assert!(commits(&repo).0);
}

#[test]
fn what_earlier_versions_installed() {
    for (uninstalled_at_once, before) in [(false, true), (true, true), (false, false), (true, false)] {
        let repo = Repo::new();
        executable(&repo.write(".git/hooks/pre-commit", &earlier("pre-commit")));
        executable(&repo.write(".git/hooks/pre-push", &earlier("pre-push")));
        let no = "case \"$0\" in */pre-commit) echo NO; exit 1;; esac";
        if before {
            script(&repo, ".git/hooks/pre-commit.before-stopleak", no);
        }
        if !uninstalled_at_once {
            stopleak(&repo, &["hook", "install", "--push"], &["pre-commit: was", "pre-push: was"]);
            assert_eq!(commits(&repo).0, !before);
        }
        let back = if before { "pre-commit: removed; the hook from before" } else { "pre-commit: removed" };
        stopleak(&repo, &["hook", "uninstall"], &[back, "pre-push: removed"]);
        assert_eq!(commits(&repo), (!before, if before { "NO\n" } else { "" }.to_owned()));
        assert!(!repo.path().join(".git/hooks/pre-commit.before-stopleak").exists());
    }
}

/// What the old hook reads is what git says, to the byte; with nothing to push that is nothing.
#[test]
fn a_push_says_the_same_to_the_hook_from_before() {
    let there = Repo::init(&["--bare"]);
    let repo = Repo::new();
    repo.git(&["remote", "add", "origin", &there.path().display().to_string()]);
    repo.commit("a.py", "x = 1\n");
    repo.git(&["push", "-q", "origin", "main"]);
    script(&repo, ".git/hooks/pre-push", "cat >\"$(git rev-parse --git-dir)/said\"; echo \"$@\" >>args");
    let said = |installed: bool| {
        if installed {
            stopleak(&repo, &["hook", "install", "--push"], &[]);
        } else {
            stopleak(&repo, &["hook", "uninstall"], &[]);
        }
        let pushes: [&[&str]; 3] = [&["main", "main:a", "main:b"], &["main"], &["--delete", "a", "b"]];
        pushes.map(|push| {
            let output = run(&repo, "git", &[&["push", "-q", "origin"], push].concat());
            assert!(output.status.success(), "{output:?}");
            fs::read_to_string(repo.path().join(".git/said")).expect("what git said")
        })
    };
    let plain = said(false);
    assert_eq!(plain[1], "", "nothing is to be pushed");
    assert_eq!(said(true), plain);
}

/// What pre-commit (the framework) does when it is installed, and what its hook does.
fn install_pre_commit(repo: &Repo) {
    let hook = repo.path().join(".git/hooks/pre-commit");
    let text = fs::read_to_string(&hook).unwrap_or_default();
    if hook.exists() && !text.contains("138fd403232d2ddd5efb44317e38bf03") {
        fs::rename(&hook, repo.path().join(".git/hooks/pre-commit.legacy")).expect("it is moved");
    }
    script(
        repo,
        ".git/hooks/pre-commit",
        "# File generated by pre-commit: https://pre-commit.com\n# ID: 138fd403232d2ddd5efb44317e38bf03\n\
         [ \"$PRE_COMMIT_RUNNING_LEGACY\" ] && echo BUG && exit 1\nlegacy=$(dirname \"$0\")/pre-commit.legacy\n\
         [ ! -x \"$legacy\" ] || PRE_COMMIT_RUNNING_LEGACY=1 \"$legacy\" \"$@\" || exit $?\necho framework >>log",
    );
}

/// How pre-commit and stopleak are installed one after the other, whether by an earlier version, whether another hook
/// was there before, and how often the framework's checks run then.
const ORDERS: &[(&str, bool, bool)] = &[
    ("ps", false, false),
    ("sp", false, false),
    ("psp", false, false),
    ("psp", true, false),
    ("spsp", false, false),
    ("pspsp", false, false),
    ("pspsps", true, false),
    ("sps", false, false),
    ("ps", false, true),
    ("sp", false, true),
    ("sp", true, true),
    ("sps", true, true),
    ("psp", false, true),
    ("pspsp", false, true),
];

#[test]
fn pre_commit_before_and_after() {
    for (order, by_earlier, other) in ORDERS {
        let title = format!("{order}, by an earlier version: {by_earlier}, another hook: {other}");
        let repo = Repo::new();
        repo.commit("a.py", "x = 1\n");
        if *other {
            script(&repo, ".git/hooks/pre-commit", "echo other >>log");
        }
        let hooks = repo.path().join(".git/hooks");
        let mut installed = false;
        for who in order.chars() {
            if who == 'p' {
                install_pre_commit(&repo);
            } else if *by_earlier && !installed {
                let _ = fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.before-stopleak"));
                executable(&repo.write(".git/hooks/pre-commit", &earlier("pre-commit")));
            } else {
                stopleak(&repo, &["hook", "install"], &[]);
            }
            installed |= who == 's';
        }
        if *by_earlier {
            stopleak(&repo, &["hook", "install"], &["renewed"]);
        }
        let checks = |what: &str| {
            repo.write("log", "");
            let (passes, said) = commits(&repo);
            assert!(passes, "{title}, {what}: {said}");
            fs::read_to_string(repo.path().join("log")).expect("a log")
        };
        let expected = if *other { "other\nframework\n" } else { "framework\n" };
        assert_eq!(checks("installed"), expected, "{title}");
        repo.write("a.py", &leak(1));
        repo.git(&["add", "a.py"]);
        assert!(!commits(&repo).0, "{title}: a leak");
        repo.git(&["reset", "-q", "--hard"]);
        stopleak(&repo, &["hook", "uninstall"], &["removed"]);
        assert_eq!(checks("uninstalled"), expected, "{title}");
        stopleak(&repo, &["hook", "uninstall"], &["nothing done"]);
        let left: Vec<_> = fs::read_dir(&hooks).expect("hooks").flatten().map(|entry| entry.path()).collect();
        let ours = |path: &std::path::PathBuf| fs::read_to_string(path).is_ok_and(|text| text.contains("stopleak"));
        assert!(!left.iter().any(ours), "{title}: {left:?}");
        assert!(!repo.path().join(".git/hooks-before-stopleak").exists(), "{title}");
    }
}

/// A framework without a guard of its own that runs what it moved away.
#[test]
fn hooks_that_run_each_other_come_to_an_end() {
    let repo = Repo::new();
    script(&repo, ".git/hooks/pre-commit", "echo ran >>log\n\"$PWD/.git/hooks/pre-commit.legacy\" \"$@\"");
    stopleak(&repo, &["hook", "install"], &["runs first"]);
    let hooks = repo.path().join(".git/hooks");
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).expect("it is moved");
    fs::copy(repo.path().join(".git/hooks-before-stopleak/pre-commit"), hooks.join("pre-commit")).expect("a copy");
    let (passes, said) = commits(&repo);
    assert!(passes, "{said}");
    assert_eq!(fs::read_to_string(repo.path().join("log")).expect("it ran"), "ran\nran\n");
}

/// What a person added to our hook is not ours to delete.
#[test]
fn a_hook_of_ours_that_was_changed_stays() {
    let makes: [fn(&Repo); 4] = [
        |repo| stopleak(repo, &["hook", "install"], &[]),
        |repo| {
            script(repo, ".git/hooks/pre-commit", "exit 0");
            stopleak(repo, &["hook", "install"], &[]);
        },
        |repo| executable(&repo.write(".git/hooks/pre-commit", &earlier("pre-commit"))),
        |repo| {
            stopleak(repo, &["hook", "install"], &[]);
            install_pre_commit(repo);
        },
    ];
    for (number, make) in makes.iter().enumerate() {
        let repo = Repo::new();
        make(&repo);
        let legacy = repo.path().join(".git/hooks/pre-commit.legacy");
        let hook = if legacy.exists() { legacy } else { repo.path().join(".git/hooks/pre-commit") };
        let changed = fs::read_to_string(&hook).expect("ours") + "make check\n";
        fs::write(&hook, &changed).expect("a hook");
        for command in ["install", "uninstall"] {
            let name = hook.file_name().expect("a name").to_string_lossy();
            refuses(&repo, &["hook", command], &[&format!("{name}: it has lines that stopleak did not write")]);
            assert_eq!(fs::read_to_string(&hook).expect("a hook"), changed, "{number} {command}");
        }
    }
}

/// One hook that can't be taken out doesn't keep the other in.
#[test]
fn what_was_done_is_said_though_something_could_not_be_done() {
    let repo = Repo::new();
    stopleak(&repo, &["hook", "install", "--push"], &[]);
    let hook = repo.path().join(".git/hooks/pre-commit");
    fs::write(&hook, fs::read_to_string(&hook).expect("ours") + "make check\n").expect("a hook");
    let output = run(&repo, env!("CARGO_BIN_EXE_stopleak"), &["hook", "uninstall"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("pre-push: removed"), "{output:?}");
}
