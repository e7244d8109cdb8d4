//! Files that git tracks although it ignores them are read, and what git does with a file is said as git says it.

use std::path::Path;

use stopleak::detect::Engine;
use stopleak::finding::Report;
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options};

use super::{leak, places};
use crate::repo::Repo;

#[test]
fn tracked_though_ignored() {
    let repo = Repo::new();
    for name in ["a.log", "node_modules/p/a.js", "b.log", "node_modules/q/b.js"] {
        repo.write(name, &leak(1));
    }
    repo.write(".gitignore", "*.log\nnode_modules\n");
    repo.git(&["add", "-f", ".gitignore", "a.log", "node_modules/p/a.js"]);
    let engine = Engine::new(RuleSet::builtin());
    let report = scan::tree(&engine, &[repo.path().to_path_buf()], &Options::default(), &());
    let root = repo.path().display();
    assert_eq!(
        places(&report, 1).into_iter().collect::<Vec<_>>(),
        [format!("{root}/a.log:1"), format!("{root}/node_modules/p/a.js:1")]
    );
}

#[test]
fn what_git_does_with_a_file_is_said() {
    let repo = Repo::new();
    repo.commit("tracked.py", &leak(1));
    repo.commit("prod.env", &leak(5));
    repo.write("untracked.py", &leak(2));
    repo.write(".env", &leak(3));
    repo.write("private/config.json", &leak(4));
    repo.write(".gitignore", ".env\nprivate/\n");
    let engine = Engine::new(RuleSet::builtin());
    let report = scan::tree(&engine, &[repo.path().to_path_buf()], &Options::default(), &());
    let said = |seed: u64| said(&report, seed);
    assert_eq!(said(1), "", "nothing that is not known of any tracked file");
    assert!(said(5).contains("git tracks"), "{}", said(5));
    assert!(said(2).contains("neither tracks nor ignores"), "{}", said(2));
    assert!(said(3).contains("git ignores"), "{}", said(3));
    assert!(said(4).contains("git ignores"), "{}", said(4));
}

/// What a report says of the file with the value of `seed`.
fn said(report: &Report<'_>, seed: u64) -> String {
    let value = super::value(seed);
    let finding = report.findings.iter().find(|finding| finding.chief().secret.expose() == value.as_bytes());
    finding.map_or_else(|| "no finding".to_owned(), |finding| finding.exposure.join("; "))
}

/// Scans a folder, and gives what was left out with a gap, too.
fn scanned(folder: &Path, look: impl FnOnce(&Report<'_>, &[String])) {
    let engine = Engine::new(RuleSet::builtin());
    let report = scan::tree(&engine, &[folder.to_path_buf()], &Options::default(), &());
    let gaps = report.skipped.iter().filter(|item| item.reason.is_gap());
    let gaps: Vec<String> = gaps.map(|item| format!("{}: {}", item.origin.display(), item.reason)).collect();
    look(&report, &gaps);
}

/// Which of the ignored files are tracked, nobody knows then.
#[test]
fn an_index_that_cant_be_read_is_a_gap_where_something_was_left_out() {
    type Break = fn(&Repo);
    let cases: &[(&str, Break, &[&str])] = &[
        ("empty", |repo| drop(repo.write(".git/index", "")), &[".git/index: ", "it is empty"]),
        ("damaged", |repo| drop(repo.write(".git/index", "DIRC and no more")), &[".git/index: "]),
        (
            "a folder",
            |repo| {
                std::fs::remove_file(repo.path().join(".git/index")).expect("an index");
                repo.write(".git/index/a", "");
            },
            &[".git/index: ", "not a regular file"],
        ),
        (
            "a work tree whose repository is elsewhere",
            |repo| {
                std::fs::remove_dir_all(repo.path().join(".git")).expect("a folder");
                repo.write(".git", "gitdir: /nowhere\n");
            },
            &[".git: ", "can't be opened"],
        ),
        ("a broken configuration", |repo| drop(repo.write(".git/config", "[core\n")), &[".git: ", "can't be opened"]),
    ];
    for (title, set, says) in cases {
        let repo = Repo::new();
        repo.write(".gitignore", "build/\n.env\n");
        repo.write("build/c.py", &leak(1));
        repo.write("build/d.py", &leak(2));
        repo.write(".env", &leak(3));
        repo.git(&["add", "-f", "."]);
        scanned(repo.path(), |report, gaps| {
            assert!(gaps.is_empty() && !places(report, 1).is_empty(), "{title}: {gaps:?}");
        });
        set(&repo);
        scanned(repo.path(), |report, gaps| {
            assert_eq!(gaps.len(), 1, "{title}: {gaps:?}");
            for say in says.iter().chain(&["isn't known", "--no-ignore"]) {
                assert!(gaps[0].contains(say), "{title}: {gaps:?}");
            }
            assert_eq!(said(report, 3), "", "{title}: nothing that isn't known");
        });
    }
}

#[test]
fn nothing_is_unknown_where_nothing_was_left_out_or_staged() {
    let repo = Repo::new();
    repo.write("a.py", &leak(1));
    repo.write(".gitignore", "*.log\n");
    repo.write("a.log", &leak(2));
    scanned(repo.path(), |report, gaps| {
        assert!(gaps.is_empty(), "before the first `git add`: {gaps:?}");
        assert!(said(report, 1).contains("neither tracks nor ignores"));
    });
    std::fs::remove_file(repo.path().join("a.log")).expect("a file");
    repo.write(".git/index", "");
    scanned(repo.path(), |report, gaps| {
        assert!(gaps.is_empty(), "{gaps:?}");
        assert_eq!(said(report, 1), "");
    });
}

/// `git sparse-checkout`: the index names the folder only, the tree in it has the files.
#[test]
fn a_sparse_index_holds_what_its_folders_hold() {
    let repo = Repo::new();
    for (name, seed) in [("a/c.py", 1), ("a/deep/er/d.py", 2), ("b/b.py", 3)] {
        repo.commit(name, &leak(seed));
    }
    repo.commit(".gitignore", "/a/\n");
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "b"]);
    assert!(repo.git(&["ls-files", "--sparse"]).contains("a/\n"), "git keeps a sparse index");
    for (name, seed) in
        [("a/c.py", 1), ("a/deep/er/d.py", 2), ("a/new.py", 4), ("a/c.py.d/x.py", 5), ("a/private.env", 6)]
    {
        repo.write(name, &leak(seed));
    }
    scanned(repo.path(), |report, gaps| {
        assert!(gaps.is_empty(), "{gaps:?}");
        let root = repo.path().display();
        for (seed, name) in [(1, "a/c.py"), (2, "a/deep/er/d.py")] {
            assert!(places(report, seed).contains(&format!("{root}/{name}:1")), "{name}");
        }
        assert!(places(report, 4).is_empty() && places(report, 5).is_empty(), "not tracked");
        assert!(said(report, 6).contains("git ignores"), "{}", said(report, 6));
    });
    let tree = repo.git(&["rev-parse", "HEAD:a"]);
    std::fs::remove_file(repo.path().join(".git/objects").join(&tree[..2]).join(&tree[2..])).expect("a loose object");
    scanned(repo.path(), |report, gaps| {
        assert!(gaps.len() == 1 && gaps[0].contains(".git/index: ") && gaps[0].contains(&tree), "{gaps:?}");
        assert_eq!(said(report, 6), "");
    });
}

/// A linked work tree and a submodule have a file `.git`; what they ignore stands in the common folder.
#[test]
fn a_git_file_leads_to_info_exclude() {
    let repo = Repo::new();
    repo.commit("a.py", "text\n");
    repo.git(&["worktree", "add", "-q", "linked"]);
    repo.write(".git/info/exclude", "linked\n*.log\nprod.env\n");
    repo.write("linked/a.log", &leak(1));
    repo.write("linked/prod.env", &leak(2));
    repo.write("linked/b.py", &leak(3));
    scanned(&repo.path().join("linked"), |report, gaps| {
        assert!(gaps.is_empty(), "{gaps:?}");
        assert!(places(report, 1).is_empty());
        assert!(said(report, 2).contains("git ignores"), "{}", said(report, 2));
        assert!(said(report, 3).contains("neither tracks nor ignores"), "{}", said(report, 3));
    });
}

#[test]
fn ignored_is_what_git_ignores() {
    let cases: &[(&[&str], &str, &str, bool)] = &[
        (&[], "*.{env,py}", "c.env", false),
        (&[], "c.env\t", "c.env", false),
        (&[], "[[:lower:]]*.env", "prod.env", true),
        (&[], "C.ENV", "c.env", false),
        (&["config", "core.ignoreCase", "true"], "C.ENV", "c.env", true),
        (&["config", "core.ignoreCase", "false"], "C.ENV", "c.env", false),
    ];
    for (git, line, name, ignored) in cases {
        let repo = Repo::new();
        if !git.is_empty() {
            repo.git(git);
        }
        repo.write(".gitignore", line);
        repo.write(name, &leak(1));
        scanned(repo.path(), |report, _| {
            let expected = if *ignored { "git ignores" } else { "neither tracks nor ignores" };
            assert!(said(report, 1).contains(expected), "{git:?} {line:?}: {}", said(report, 1));
        });
    }
    let repo = Repo::new();
    repo.write(".gitignore", "*.{py,js}\n");
    repo.write("c.py", &leak(1));
    scanned(repo.path(), |report, _| assert!(!places(report, 1).is_empty(), "git would commit it"));
}

/// What stands in the user's own files changes what is said, not what is scanned.
#[cfg(feature = "cli")]
#[test]
fn the_user_s_own_excludes_are_known() {
    use crate::harness::{Dir, Run};
    let cases: &[(&[(&str, &str)], bool)] = &[
        (&[], false),
        (&[(".config/git/ignore", "c.py\n")], true),
        (&[("xdg/git/ignore", "c.py\n")], false),
        (&[(".gitconfig", "[core]\n\texcludesFile = ~/mine # here\n"), ("mine", "c.*\n")], true),
        (&[(".config/git/config", "[core]\nexcludesfile = \"~/mine\"\n"), ("mine", "/repo/\n*.py\n")], true),
        (
            &[(".gitconfig", "[include]\npath = more\n"), ("more", "[core]\nexcludesFile=~/mine"), ("mine", "c.*\n")],
            true,
        ),
        (&[(".gitconfig", "[include]\npath = .gitconfig\n")], false),
        (&[(".gitconfig", "[core]\nexcludesFile =\n"), (".config/git/ignore", "c.py\n")], false),
        (&[("repo/.git/config", "[core]\nexcludesFile = /dev/zero\n"), (".config/git/ignore", "c.py\n")], false),
        (&[("repo/.git/config", "[core]\nexcludesFile = mine\n"), ("repo/mine", "c.py\n")], true),
        (&[(".config/git/ignore", "c.py\n"), ("repo/.gitignore", "!c.py\n")], false),
    ];
    for (files, ignored) in cases {
        let dir = Dir::new();
        for name in ["HEAD", "objects/a", "refs/a"] {
            dir.file(format!("repo/.git/{name}"), "ref: refs/heads/main\n");
        }
        dir.file("repo/c.py", leak(1));
        for (name, text) in *files {
            dir.file(name, text);
        }
        let mut command = dir.command(&["scan", "repo"]);
        for name in ["XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"] {
            command.env_remove(name);
        }
        let run = Run::of(command.env("HOME", dir.path()).env("GIT_CONFIG_NOSYSTEM", "1"));
        run.prints(1, &[if *ignored { "git ignores the file" } else { "neither tracks nor ignores" }]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_utf8_is_a_name() {
    let repo = Repo::new();
    repo.write(".gitignore", "*.log\n");
    let path = repo.path().join(crate::harness::latin1(b"caf\xe9.env"));
    std::fs::write(path, leak(1)).expect("a file");
    scanned(repo.path(), |report, _| {
        assert!(said(report, 1).contains("neither tracks nor ignores"), "{}", said(report, 1));
    });
}
