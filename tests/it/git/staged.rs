//! What the next commit adds.

use stopleak::detect::Engine;
use stopleak::finding::Report;
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options, Scope};
use stopleak::source::git::Repository;

use super::{leak, places};
use crate::repo::Repo;

fn scan(repo: &Repo, scope: Scope) -> Report<'static> {
    let engine = Engine::new(RuleSet::builtin());
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    scan::staged(&engine, &repository, scope, &Options::default(), &()).expect("a report")
}

/// Prepares a repository; the places of value 1 that must be found follow.
type Case = (&'static str, fn(&Repo), &'static [&'static str]);

const CASES: &[Case] = &[
    ("nothing staged", |repo| drop(repo.commit("a.py", &leak(1))), &[]),
    ("before the first commit", |repo| stage(repo, "a.py", &leak(1)), &["a.py:1"]),
    (
        "a line added to a file that leaked before",
        |repo| {
            repo.commit("a.py", &leak(2));
            stage(repo, "a.py", &format!("{}\n{}", leak(2), leak(1)));
        },
        &["a.py:3"],
    ),
    (
        "a line that only moved",
        |repo| {
            repo.commit("a.py", &format!("x = 1\n{}", leak(1)));
            stage(repo, "a.py", &format!("{}x = 2\n", leak(1)));
        },
        &[],
    ),
    (
        "only what is in the index counts",
        |repo| {
            repo.commit("deep/er/a.py", "x = 1\n");
            stage(repo, "deep/er/a.py", "x = 2\n");
            repo.write("deep/er/a.py", &leak(1));
        },
        &[],
    ),
    (
        "the index counts though the file was cleaned since",
        |repo| {
            repo.commit("deep/er/a.py", "x = 1\n");
            stage(repo, "deep/er/a.py", &leak(1));
            repo.write("deep/er/a.py", "x = 2\n");
        },
        &["deep/er/a.py:1"],
    ),
    (
        "a moved file is nothing new",
        |repo| {
            repo.commit("a.py", &leak(1));
            repo.git(&["mv", "a.py", "b.py"]);
        },
        &[],
    ),
    (
        "a moved and edited file",
        |repo| {
            repo.commit("old/a.py", &leak(2));
            repo.git(&["rm", "-q", "old/a.py"]);
            stage(repo, "new/a.py", &format!("{}{}", leak(2), leak(1)));
        },
        &["new/a.py:2"],
    ),
    (
        "an empty file that is only intended to be added",
        |repo| {
            repo.write("a.py", &leak(1));
            repo.git(&["add", "-N", "a.py"]);
        },
        &[],
    ),
    (
        "attributes can't hide a file",
        |repo| {
            stage(repo, ".gitattributes", "* -diff binary\n");
            stage(repo, "a.py", &leak(1));
        },
        &["a.py:1"],
    ),
    (
        "a split index",
        |repo| {
            repo.commit("a.py", "x = 1\n");
            repo.git(&["update-index", "--split-index"]);
            stage(repo, "b.py", &leak(1));
        },
        &["b.py:1"],
    ),
    (
        "a sparse index",
        |repo| {
            repo.commit("in/a.py", "x = 1\n");
            repo.commit("out/b.py", &leak(1));
            repo.git(&["sparse-checkout", "set", "--sparse-index", "in"]);
            stage(repo, "in/c.py", &leak(1));
        },
        &["in/c.py:1"],
    ),
    (
        "what a merge brings in is not what the merge adds",
        |repo| {
            repo.commit("a.py", "x = 1\n");
            repo.git(&["checkout", "-q", "-b", "side"]);
            repo.commit("b.py", &leak(1));
            repo.git(&["checkout", "-q", "main"]);
            repo.commit("c.py", "x = 1\n");
            repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
            stage(repo, "evil.py", &leak(1));
        },
        &["evil.py:1"],
    ),
    (
        "a file in the place of a folder",
        |repo| {
            repo.commit("a/b", "x = 1\n");
            repo.git(&["rm", "-q", "-r", "a"]);
            stage(repo, "a", &leak(1));
        },
        &["a:1"],
    ),
];

fn stage(repo: &Repo, name: &str, text: &str) {
    repo.write(name, text);
    repo.git(&["add", name]);
}

#[test]
fn what_the_next_commit_adds() {
    for format in ["files", "reftable"] {
        for (title, prepare, expected) in CASES {
            let repo = Repo::init(&[&format!("--ref-format={format}")]);
            prepare(&repo);
            let report = scan(&repo, Scope::Added);
            let found: Vec<_> = places(&report, 1).into_iter().collect();
            assert_eq!(found, *expected, "{title}, {format}");
            assert!(report.complete(), "{title}, {format}: {:?} {:?}", report.skipped, report.notes);
        }
    }
}

/// Where HEAD can't be read everything is new, and that is said.
#[test]
fn references_that_cannot_be_read() {
    let repo = Repo::init(&["--ref-format=reftable"]);
    repo.commit("a.py", "x = 1\n");
    let folder = repo.path().join(".git/reftable");
    let table = std::fs::read_dir(&folder).expect("tables").flatten().map(|entry| entry.path());
    let table = table.filter(|path| path.extension().is_some_and(|end| end == "ref")).last().expect("a table");
    let bytes = std::fs::read(&table).expect("a table");
    for at in (0..bytes.len()).step_by(7) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        std::fs::write(&table, damaged).expect("a table");
        // What is right by its checksum at the ends but not between them is read or refused, never a panic.
        drop(scan(&repo, Scope::Added));
    }
    std::fs::write(&table, &bytes[..bytes.len() - 9]).expect("a table");
    let report = scan(&repo, Scope::Added);
    assert_eq!(report.exit_code(), 3, "{report:?}");
    assert!(report.notes[0].contains("HEAD can't be read (reftable/"), "{:?}", report.notes);
}

#[test]
fn a_new_name_counts_too() {
    let repo = Repo::new();
    let name = format!("keys/BINANCE_API_SECRET={}/x.txt", super::value(1));
    stage(&repo, &name, "x\n");
    let path = name.trim_end_matches("/x.txt");
    assert_eq!(places(&scan(&repo, Scope::Added), 1).into_iter().collect::<Vec<_>>(), [format!("{path}:1")]);
    repo.git(&["commit", "-q", "-m", "x"]);
    stage(&repo, &name, "y\n");
    assert!(places(&scan(&repo, Scope::Added), 1).is_empty(), "it was there before");
}

#[test]
fn whole_files_on_request() {
    let repo = Repo::new();
    repo.commit("a.py", &leak(1));
    stage(&repo, "a.py", &format!("{}x = 1\n", leak(1)));
    assert!(places(&scan(&repo, Scope::Added), 1).is_empty());
    assert_eq!(places(&scan(&repo, Scope::WholeFiles), 1).len(), 1);
}

#[test]
fn a_missing_object_is_a_gap() {
    let repo = Repo::new();
    stage(&repo, "a.py", &leak(1));
    let id = repo.git(&["rev-parse", ":a.py"]);
    std::fs::remove_file(repo.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).expect("a loose object");
    let report = scan(&repo, Scope::Added);
    assert_eq!(report.exit_code(), 3, "{report:?}");
}

#[test]
fn linked_worktrees_and_sha256() {
    let repo = Repo::init(&["--object-format=sha256"]);
    repo.commit("a.py", "x = 1\n");
    repo.git(&["worktree", "add", "-q", "linked"]);
    repo.write("linked/b.py", &leak(1));
    repo.git(&["-C", "linked", "add", "b.py"]);
    let engine = Engine::new(RuleSet::builtin());
    let repository = Repository::open(Some(&repo.path().join("linked"))).expect("a repository");
    let report = scan::staged(&engine, &repository, Scope::Added, &Options::default(), &()).expect("a report");
    assert_eq!(places(&report, 1).len(), 1);
}

#[test]
fn no_repository() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let error = Repository::open(Some(folder.path())).expect_err("there is none");
    assert!(error.to_string().contains("no git repository"), "{error}");
}
