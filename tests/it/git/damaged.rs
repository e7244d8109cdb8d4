//! Commits and tags that are not as git writes them: what can be read of them and behind them is, and the rest is told.

use stopleak::detect::Engine;
use stopleak::finding::Report;
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options, Scope};
use stopleak::source::git::Repository;
use stopleak::source::git::range::Range;

use super::{leak, places, refs};
use crate::repo::Repo;

/// The whole history, and all of it as a range.
fn both(repo: &Repo) -> [(&'static str, Report<'static>); 2] {
    let engine = Engine::new(RuleSet::builtin());
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let options = Options::default();
    let all = Range::all(&repository);
    let history = scan::history(&engine, &repository, false, &options, &());
    [("history", history), ("range", scan::range(&engine, &repository, &all, Scope::Added, &options, &()))]
}

/// An object of these bytes, whatever git thinks of them.
fn object(repo: &Repo, kind: &str, text: &str) -> String {
    repo.git_with(&["hash-object", "-t", kind, "-w", "--stdin", "--literally"], text)
}

const ADA: &str = "Ada <ada@example.org> 1800000000 +0000";

/// The lines of a commit between its parent and its message: of all of it nothing is lost, so nothing is told.
fn lines() -> [String; 9] {
    [
        format!("author nobody\ncommitter {ADA}\n"),
        format!("author {ADA}\nauthor {ADA}\ncommitter {ADA}\n"),
        format!("committer {ADA}\n"),
        format!("author {ADA}\n"),
        String::new(),
        format!("author {ADA}\ncommitter Ada <ada@example.org> soon\n"),
        format!("author {ADA}\ncommitter {ADA}\nauthor {ADA}\n"),
        format!("author {ADA}\ncommitter {ADA}\nparent 11\n"),
        format!("author {ADA}\ncommitter {ADA}\ngpgsig x\n y\n"),
    ]
}

#[test]
fn a_damaged_commit_ends_nothing() {
    for lines in lines() {
        let repo = Repo::new();
        let good = repo.commit("gone.env", &leak(1));
        repo.git(&["rm", "-q", "gone.env"]);
        repo.commit("a.txt", "x\n");
        let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
        let parent = repo.git(&["rev-parse", "HEAD"]);
        let damaged = object(&repo, "commit", &format!("tree {tree}\nparent {parent}\n{lines}\nit is {}", leak(2)));
        let last = format!("tree {tree}\nparent {damaged}\nauthor {ADA}\ncommitter {ADA}\n\nx");
        let last = object(&repo, "commit", &last);
        repo.git(&["update-ref", "refs/heads/main", &last]);
        for (title, report) in both(&repo) {
            assert_eq!(places(&report, 1).into_iter().collect::<Vec<_>>(), ["gone.env:1"], "{title}: {lines}");
            assert_eq!(places(&report, 2).len(), 1, "{title}: the message; {lines}");
            assert!(report.complete(), "{title}: {lines}");
            for seed in [1, 2] {
                assert_eq!(refs(&report, seed), ["refs/heads/main"], "{title} {seed}: {lines}");
            }
        }
        // What lies before a damaged commit that is hidden is hidden too.
        let engine = Engine::new(RuleSet::builtin());
        let repository = Repository::open(Some(repo.path())).expect("a repository");
        let cases = [
            (format!("{damaged}..{last}"), (0, 0)),
            (format!("{parent}..{last}"), (0, 1)),
            (format!("{parent}...{last}"), (0, 1)),
            (format!("{last}...{good}"), (0, 1)),
        ];
        for (text, expected) in cases {
            let range = Range::parse(&repository, &text).expect("a range");
            let report = scan::range(&engine, &repository, &range, Scope::Added, &Options::default(), &());
            assert_eq!((places(&report, 1).len(), places(&report, 2).len()), expected, "{text}: {lines}");
        }
    }
}

/// A commit that names no tree, a parent that is no id: the rest is read, and the gap is told.
#[test]
fn what_a_commit_does_not_say_is_told() {
    for broken in ["", "tree 11\n", "tree TREE\nparent 11\n"] {
        let repo = Repo::new();
        let parent = repo.commit("gone.env", &leak(1));
        let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
        let lines = broken.replace("TREE", &tree);
        let text = format!("{lines}parent {parent}\nauthor {ADA}\ncommitter {ADA}\n\n{}", leak(2));
        let damaged = object(&repo, "commit", &text);
        repo.write(".git/refs/heads/main", &damaged);
        for (title, report) in both(&repo) {
            assert_eq!((places(&report, 1).len(), places(&report, 2).len()), (1, 1), "{title}: {broken}");
            assert!(!report.complete(), "{title}: {broken}");
        }
    }
}

/// The references of what other branches hold are told though a commit of one is gone.
#[test]
fn a_commit_that_is_gone_ends_its_own_branch_only() {
    let repo = Repo::new();
    let base = repo.commit("a.txt", "x\n");
    // Older than what is gone, so that a walk comes to it later.
    repo.git(&["checkout", "-q", "-b", "other", &base]);
    repo.commit("c.env", &leak(2));
    for name in ["d", "e", "f"] {
        repo.commit(name, "x\n");
    }
    repo.git(&["checkout", "-q", "main"]);
    let gone = repo.commit("b.txt", "x\n");
    repo.commit("late.env", &leak(1));
    let (folder, name) = gone.split_at(2);
    std::fs::remove_file(repo.path().join(".git/objects").join(folder).join(name)).expect("a loose object");
    for (title, report) in both(&repo) {
        assert!(!report.complete(), "{title}");
        assert_eq!(refs(&report, 1), ["refs/heads/main"], "{title}");
        assert_eq!(refs(&report, 2), ["refs/heads/other"], "{title}");
    }
}

/// A merge of a signed tag keeps the tag's text, and other programs write lines of their own.
#[test]
fn what_stands_above_a_message_is_read() {
    let repo = Repo::new();
    repo.commit("a.txt", "x\n");
    repo.git(&["checkout", "-q", "-b", "side"]);
    let side = repo.commit("b.txt", "x\n");
    let signed = format!(
        "object {side}\ntype commit\ntag signed\ntagger {ADA}\n\n{}-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n",
        leak(1)
    );
    let tag = repo.git_with(&["hash-object", "-t", "tag", "-w", "--stdin"], &signed);
    repo.git(&["update-ref", "refs/tags/signed", &tag]);
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-ff", "-m", "merged", "signed"]);
    repo.git(&["tag", "-d", "signed"]);
    let head = repo.git(&["rev-parse", "HEAD"]);
    let text = repo.git(&["cat-file", "-p", "HEAD"]);
    assert!(text.contains("\nmergetag object "), "git keeps it: {text}");
    let tree = repo.git(&["rev-parse", "HEAD^{tree}"]);
    let other = format!("tree {tree}\nparent {head}\nauthor {ADA}\ncommitter {ADA}\nnote {}\nsaid\n", leak(2));
    let other = object(&repo, "commit", &other);
    repo.git(&["update-ref", "refs/heads/main", &other]);
    let tag = format!("object {other}\ntype commit\ntag t\ntagger {ADA}\nnote {}\nsaid\n", leak(3));
    let tag = object(&repo, "tag", &tag);
    repo.git(&["update-ref", "refs/tags/t", &tag]);
    for (title, report) in both(&repo) {
        let expected = [(1, "commit", &head), (2, "commit", &other), (3, "tag", &tag)];
        for (seed, kind, id) in expected {
            let found: Vec<String> = places(&report, seed).into_iter().collect();
            assert_eq!(found.len(), 1, "{title} {seed}");
            assert!(found[0].starts_with(&format!("{kind} message {}:", &id[..12])), "{title} {seed}: {found:?}");
        }
        assert!(report.complete(), "{title}");
    }
}

/// A tag that leads nowhere is no end without a word.
#[test]
fn a_damaged_tag_is_told_and_its_text_is_read() {
    let repo = Repo::new();
    repo.commit("a.txt", "x\n");
    let tag = object(&repo, "tag", &format!("object 11\ntype commit\ntag t\n\n{}", leak(1)));
    repo.write(".git/refs/tags/t", &tag);
    for (title, report) in both(&repo) {
        assert_eq!(places(&report, 1).len(), 1, "{title}");
        assert!(!report.complete(), "{title}");
    }
}

/// A tag of a tag of a tag, deeper than anybody goes: what is not followed is told.
#[test]
fn tags_of_tags_without_end() {
    let repo = Repo::new();
    let (mut id, mut kind) = (repo.commit("a.env", &leak(1)), "commit");
    for at in 0..102 {
        id = object(&repo, "tag", &format!("object {id}\ntype {kind}\ntag t{at}\ntagger {ADA}\n\nx\n"));
        kind = "tag";
    }
    repo.git(&["update-ref", "refs/tags/t", &id]);
    repo.git(&["update-ref", "-d", "refs/heads/main"]);
    for (title, report) in both(&repo) {
        assert!(!places(&report, 1).is_empty() || !report.complete(), "{title}: {report:?}");
    }
}
