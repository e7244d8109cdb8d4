//! Everything that names an object: what it names is read, or it is said that it was not.

use std::fs;
use std::path::{Path, PathBuf};

use stopleak::detect::Engine;
use stopleak::finding::Report;
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options};
use stopleak::source::git::Repository;

use super::{leak, places};
use crate::repo::Repo;

/// What becomes of the commit with the leak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It is read, and there is no gap.
    Read,
    /// It is not, and that is said.
    Said,
    /// Nothing names it.
    Unnamed,
}
use Fate::{Read, Said, Unnamed};

/// Has something name the commit; gives where to scan.
type Naming = (&'static str, fn(&Repo, &str) -> PathBuf, Fate);

fn scan(path: &Path) -> Report<'static> {
    let repository = Repository::open(Some(path)).expect("a repository");
    scan::history(&Engine::new(RuleSet::builtin()), &repository, false, &Options::default(), &())
}

/// Scans a repository that has a commit with a leak which nothing but `name` names.
fn fate(repo: &Repo, name: fn(&Repo, &str) -> PathBuf) -> (Fate, Report<'static>) {
    repo.commit("0.py", "x = 0\n");
    repo.git(&["checkout", "-q", "-b", "side"]);
    let leaked = repo.commit("a.py", &leak(1));
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["branch", "-q", "-D", "side"]);
    let report = scan(&name(repo, &leaked));
    let fate = match (places(&report, 1).is_empty(), report.complete()) {
        (false, true) => Read,
        (true, false) => Said,
        (true, true) => Unnamed,
        (false, false) => panic!("read, and a gap: {report:?}"),
    };
    (fate, report)
}

fn in_git(repo: &Repo, name: &str, text: &str) -> PathBuf {
    repo.write(&format!(".git/{name}"), text);
    repo.path().to_path_buf()
}

/// A second work tree, next to the first one.
fn linked(repo: &Repo) -> PathBuf {
    let path = repo.path().join("linked");
    repo.git(&["worktree", "add", "-q", "--detach", "linked"]);
    path
}

/// Runs git in the second work tree.
fn in_linked(repo: &Repo, arguments: &[&str]) {
    repo.git(&[&["-C", "linked"], arguments].concat());
}

const ANYWHERE: &[Naming] = &[
    ("nothing", |repo, _| repo.path().to_path_buf(), Unnamed),
    ("a branch", |repo, id| git(repo, &["branch", "x", id]), Read),
    ("a reference of its own kind", |repo, id| git(repo, &["update-ref", "refs/x/y", id]), Read),
    ("a detached HEAD", |repo, id| git(repo, &["checkout", "-q", "--detach", id]), Read),
    ("what a bisection found", |repo, id| git(repo, &["update-ref", "refs/bisect/bad", id]), Read),
    ("the commit before", |repo, id| git(repo, &["update-ref", "ORIG_HEAD", id]), Read),
    ("a commit that is picked", |repo, id| git(repo, &["update-ref", "CHERRY_PICK_HEAD", id]), Read),
    ("a commit that is merged", |repo, id| in_git(repo, "MERGE_HEAD", &format!("{id}\n")), Read),
    (
        "what was fetched last",
        |repo, id| in_git(repo, "FETCH_HEAD", &format!("{}\tx\n{id}\tnot-for-merge\ty\n", head(repo))),
        Read,
    ),
    (
        "a merge's own tree",
        |repo, id| in_git(repo, "AUTO_MERGE", &repo.git(&["rev-parse", &format!("{id}^{{tree}}")])),
        Read,
    ),
    ("what a rebase put aside", |repo, id| in_git(repo, "rebase-merge/autostash", &format!("{id}\n")), Read),
    ("what was fetched and collected since", |repo, _| in_git(repo, "FETCH_HEAD", &"1".repeat(40)), Unnamed),
    ("damage in what was fetched last", |repo, id| in_git(repo, "FETCH_HEAD", &format!("x{id}\tx\n")), Said),
    (
        "HEAD of another work tree",
        |repo, id| {
            linked(repo);
            in_linked(repo, &["checkout", "-q", "--detach", id]);
            repo.path().to_path_buf()
        },
        Read,
    ),
    (
        "a reference of another work tree",
        |repo, id| {
            linked(repo);
            in_linked(repo, &["update-ref", "refs/bisect/bad", id]);
            repo.path().to_path_buf()
        },
        Read,
    ),
    (
        "what an operation left in another work tree",
        |repo, id| {
            linked(repo);
            in_linked(repo, &["update-ref", "ORIG_HEAD", id]);
            repo.path().to_path_buf()
        },
        Read,
    ),
    (
        "HEAD of the main work tree, from another",
        |repo, id| {
            let place = linked(repo);
            repo.git(&["checkout", "-q", "--detach", id]);
            place
        },
        Read,
    ),
    (
        "a reference of the main work tree, from another",
        |repo, id| {
            let place = linked(repo);
            repo.git(&["update-ref", "refs/worktree/x", id]);
            place
        },
        Read,
    ),
    (
        "a reference of the work tree itself",
        |repo, id| {
            let place = linked(repo);
            in_linked(repo, &["update-ref", "refs/rewritten/x", id]);
            place
        },
        Read,
    ),
    (
        "the older of two stashes",
        |repo, id| {
            stash(repo, &[id, &head(repo)]);
            repo.path().to_path_buf()
        },
        Read,
    ),
];

fn stash(repo: &Repo, ids: &[&str]) {
    for id in ids {
        repo.git(&["update-ref", "--create-reflog", "-m", "x", "refs/stash", id]);
    }
}

fn git(repo: &Repo, arguments: &[&str]) -> PathBuf {
    repo.git(arguments);
    repo.path().to_path_buf()
}

fn head(repo: &Repo) -> String {
    repo.git(&["rev-parse", "HEAD"])
}

#[test]
fn what_names_an_object_is_followed_in_files_and_in_tables() {
    for options in [&[][..], &["--ref-format=reftable"]] {
        for (title, name, expected) in ANYWHERE {
            let (fate, report) = fate(&Repo::init(options), *name);
            assert_eq!(fate, *expected, "{options:?}: {title}: {report:?}");
        }
    }
}

const IN_FILES: &[Naming] = &[
    (
        "packed references",
        |repo, id| {
            repo.git(&["tag", "-a", "-m", "x", "x", id]);
            git(repo, &["pack-refs", "--all"])
        },
        Read,
    ),
    (
        "a packed reference that has moved since",
        |repo, id| {
            repo.git(&["branch", "x", id]);
            repo.git(&["pack-refs", "--all"]);
            git(repo, &["branch", "-f", "x", "main"])
        },
        Unnamed,
    ),
    ("two dots", |repo, id| in_git(repo, "refs/heads/x..y", id), Read),
    ("a lock", |repo, id| in_git(repo, "refs/heads/x.lock", id), Read),
    ("an empty lock", |repo, _| in_git(repo, "refs/heads/x.lock", ""), Unnamed),
    ("a space", |repo, id| in_git(repo, "refs/heads/x y", id), Read),
    ("an at sign and a brace", |repo, id| in_git(repo, "refs/heads/x@{1}", id), Read),
    ("a dot in front", |repo, id| in_git(repo, "refs/heads/.x", id), Read),
    ("a control character", |repo, id| in_git(repo, "refs/heads/x\u{1}", id), Read),
    ("an odd packed name", |repo, id| in_git(repo, "packed-refs", &format!("{id} refs/heads/x..y\n")), Read),
    ("a damaged packed line", |repo, id| in_git(repo, "packed-refs", &format!("x{id} refs/heads/x\n")), Said),
    ("a damaged reference", |repo, id| in_git(repo, "refs/heads/x", &format!("x{id}\n")), Said),
    ("a damaged reference with an odd name", |repo, id| in_git(repo, "refs/heads/x..y", &format!("x{id}\n")), Said),
    ("an empty reference", |repo, _| in_git(repo, "refs/heads/x", ""), Said),
    ("a damaged HEAD", |repo, _| in_git(repo, "HEAD", "x\n"), Said),
    (
        "a missing HEAD of another work tree",
        |repo, _| {
            linked(repo);
            fs::remove_file(repo.path().join(".git/worktrees/linked/HEAD")).expect("a file");
            repo.path().to_path_buf()
        },
        Said,
    ),
    (
        "a damaged HEAD of another work tree",
        |repo, _| {
            linked(repo);
            in_git(repo, "worktrees/linked/HEAD", "x\n")
        },
        Said,
    ),
    (
        "a detached HEAD without its commit",
        |repo, id| {
            repo.git(&["checkout", "-q", "--detach", id]);
            fs::remove_file(repo.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).expect("a file");
            repo.path().to_path_buf()
        },
        Said,
    ),
    (
        "the older of two stashes, damaged",
        |repo, id| {
            stash(repo, &[id, &head(repo)]);
            let log = repo.path().join(".git/logs/refs/stash");
            let text = fs::read_to_string(&log).expect("a log");
            fs::write(log, text.replacen(' ', " z", 1)).expect("a log");
            repo.path().to_path_buf()
        },
        Said,
    ),
    (
        "a reference to a name outside refs",
        |repo, id| {
            in_git(repo, "FOO", &format!("{id}\n"));
            in_git(repo, "refs/heads/x", "ref: FOO\n")
        },
        Read,
    ),
    (
        "a reference to a damaged name outside refs",
        |repo, id| {
            in_git(repo, "FOO", &format!("x{id}\n"));
            in_git(repo, "refs/heads/x", "ref: FOO\n")
        },
        Said,
    ),
    (
        "a reference that leads out of the repository",
        |repo, id| {
            repo.write("FOO", id);
            in_git(repo, "refs/heads/x", "ref: refs/../../FOO\n")
        },
        Said,
    ),
    (
        "a reference in a circle outside refs",
        |repo, _| {
            in_git(repo, "FOO", "ref: FOO\n");
            in_git(repo, "refs/heads/x", "ref: FOO\n")
        },
        Said,
    ),
    (
        "a reference to one that was not made yet",
        |repo, _| in_git(repo, "refs/remotes/x/HEAD", "ref: refs/remotes/x/y\n"),
        Unnamed,
    ),
    #[cfg(unix)]
    ("a link to a file elsewhere", |repo, id| link(repo, repo.write("elsewhere", id).to_str().expect("a name")), Read),
    #[cfg(unix)]
    (
        "a link to a file that says nothing",
        |repo, _| link(repo, repo.write("elsewhere", "x").to_str().expect("a name")),
        Said,
    ),
    #[cfg(unix)]
    ("a link to nothing", |repo, _| link(repo, "/nothing/here"), Said),
    #[cfg(unix)]
    ("a link that is a name", |repo, _| link(repo, "refs/heads/main"), Unnamed),
];

/// A link in the place of a branch.
#[cfg(unix)]
fn link(repo: &Repo, to: &str) -> PathBuf {
    std::os::unix::fs::symlink(to, repo.path().join(".git/refs/heads/x")).expect("a link");
    repo.path().to_path_buf()
}

#[test]
fn what_names_an_object_in_an_odd_file_is_followed_or_said() {
    for (title, name, expected) in IN_FILES {
        let (fate, report) = fate(&Repo::new(), *name);
        assert_eq!(fate, *expected, "{title}: {report:?}");
    }
}

#[test]
fn damaged_tables_of_another_work_tree_are_said() {
    let (fate, report) = fate(&Repo::init(&["--ref-format=reftable"]), |repo, id| {
        linked(repo);
        in_linked(repo, &["update-ref", "refs/bisect/bad", id]);
        in_git(repo, "worktrees/linked/reftable/tables.list", "x\n")
    });
    assert_eq!(fate, Said, "{report:?}");
}

/// A branch says who holds a value; HEAD and what operations left are named where nothing else is.
#[test]
fn what_operations_left_is_named_where_nothing_else_is() {
    for (branch, expected) in [(true, "refs/heads/x"), (false, "ORIG_HEAD")] {
        let repo = Repo::new();
        repo.commit("0.py", "x = 0\n");
        let leaked = repo.commit("a.py", &leak(1));
        repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
        if branch {
            repo.git(&["branch", "x", &leaked]);
        }
        let report = scan(repo.path());
        let git = report.findings[0].chief().place.origin.git.clone().expect("a place in git");
        assert_eq!(git.refs, [expected]);
    }
}
