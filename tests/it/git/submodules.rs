//! What `--recurse-submodules` reads, and what it says of what it can't.

use std::fs;
use std::path::PathBuf;

use stopleak::detect::Engine;
use stopleak::finding::Report;
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options};
use stopleak::source::git::Repository;

use super::{leak, places};
use crate::repo::Repo;

fn scan(path: PathBuf) -> Report<'static> {
    let repository = Repository::open(Some(&path)).expect("a repository");
    scan::history_with_submodules(&Engine::new(RuleSet::builtin()), &repository, false, &Options::default(), &())
}

/// Does something to a repository with a submodule that has a leak in its history; gives where to scan.
type Change = fn(&Repo) -> PathBuf;

/// Where the leak is found then, and whether a gap is told.
type Case = (&'static str, Change, &'static [&'static str], bool);

fn top(repo: &Repo) -> PathBuf {
    repo.path().to_path_buf()
}

fn forget(repo: &Repo) {
    repo.git(&["rm", "-q", "-f", "sub"]);
    repo.git(&["commit", "-q", "-m", "without"]);
}

const IN_TREE: &[&str] = &["sub/a.py:1"];
const KEPT: &[&str] = &[".git/modules/sub/a.py:1"];

const CASES: &[Case] = &[
    ("nothing", top, IN_TREE, false),
    (
        "damage to what git keeps",
        |repo| {
            let folder = repo.path().join(".git/modules/sub");
            fs::rename(folder.join("HEAD"), folder.join("H")).expect("a file");
            top(repo)
        },
        &[],
        true,
    ),
    (
        "a bare clone",
        |repo| {
            repo.git(&["clone", "-q", "--bare", ".", "bare.git"]);
            repo.path().join("bare.git")
        },
        &[],
        true,
    ),
    (
        "a damaged index",
        |repo| {
            repo.write(".git/index", "garbage");
            top(repo)
        },
        KEPT,
        true,
    ),
    (
        "no index",
        |repo| {
            fs::remove_file(repo.path().join(".git/index")).expect("an index");
            top(repo)
        },
        KEPT,
        false,
    ),
    (
        "a submodule of the history only",
        |repo| {
            forget(repo);
            top(repo)
        },
        KEPT,
        false,
    ),
    (
        "a submodule of the history only, which is gone",
        |repo| {
            forget(repo);
            fs::remove_dir_all(repo.path().join(".git/modules")).expect("a folder");
            top(repo)
        },
        &[],
        true,
    ),
    (
        "a submodule that is not checked out",
        |repo| {
            repo.git(&["submodule", "--quiet", "deinit", "-f", "sub"]);
            top(repo)
        },
        IN_TREE,
        false,
    ),
    (
        "a submodule of another work tree",
        |repo| {
            repo.git(&["worktree", "add", "-q", "linked"]);
            repo.git(&["-C", "linked", "submodule", "--quiet", "update", "--init"]);
            repo.git(&["submodule", "--quiet", "deinit", "-f", "sub"]);
            fs::remove_dir_all(repo.path().join(".git/modules")).expect("a folder");
            top(repo)
        },
        &[".git/worktrees/linked/modules/sub/a.py:1"],
        true,
    ),
    (
        "a commit that no reference of the submodule reaches",
        |repo| {
            repo.git(&["-C", "sub", "checkout", "-q", "--orphan", "new"]);
            repo.git(&["-C", "sub", "rm", "-rqf", "."]);
            repo.git(&["-C", "sub", "commit", "-q", "--allow-empty", "-m", "x"]);
            for name in ["refs/heads/main", "refs/remotes/origin/main", "refs/remotes/origin/HEAD"] {
                repo.git(&["-C", "sub", "update-ref", "--no-deref", "-d", name]);
            }
            repo.git(&["commit", "-qam", "new"]);
            top(repo)
        },
        IN_TREE,
        false,
    ),
    (
        "a commit that the submodule does not have",
        |repo| {
            repo.git(&["update-index", "--cacheinfo", &format!("160000,{},sub", "1".repeat(40))]);
            repo.git(&["commit", "-qm", "another"]);
            top(repo)
        },
        IN_TREE,
        true,
    ),
    (
        "the repository as its own submodule",
        |repo| {
            repo.write("sub/.git", "gitdir: ../.git\n");
            top(repo)
        },
        KEPT,
        false,
    ),
    #[cfg(unix)]
    (
        "a link among what git keeps",
        |repo| {
            std::os::unix::fs::symlink("/", repo.path().join(".git/modules/root")).expect("a link");
            top(repo)
        },
        IN_TREE,
        true,
    ),
];

#[test]
fn submodules_are_read_or_said() {
    for (title, change, expected, gap) in CASES {
        let (inner, repo) = (Repo::new(), Repo::new());
        inner.commit("a.py", &leak(1));
        inner.commit("a.py", "x = 1\n");
        repo.commit("b.py", "x = 1\n");
        repo.git(&["submodule", "--quiet", "add", &inner.path().display().to_string(), "sub"]);
        repo.git(&["commit", "-q", "-m", "add a submodule"]);
        let report = scan(change(&repo));
        let found: Vec<String> = places(&report, 1).into_iter().collect();
        assert_eq!(&found, expected, "{title}: {:?} {:?}", report.skipped, report.notes);
        assert_eq!(!report.complete(), *gap, "{title}: {:?} {:?}", report.skipped, report.notes);
        assert_eq!(report.findings.len(), expected.len(), "{title}");
    }
}
