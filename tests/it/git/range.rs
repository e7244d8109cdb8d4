//! Ranges of commits, pushes, and the hooks that call for them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use stopleak::detect::Engine;
use stopleak::finding::{Finding, Report};
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options, Scope};
use stopleak::source::GitOrigin;
use stopleak::source::git::Repository;
use stopleak::source::git::held::{self, Leak};
use stopleak::source::git::range::{Range, time};

use super::{leak, places};
use crate::repo::Repo;

fn scan(repo: &Repo, range: impl FnOnce(&Repository) -> Range) -> Report<'static> {
    let engine = Engine::new(RuleSet::builtin());
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let range = range(&repository);
    scan::range(&engine, &repository, &range, Scope::Added, &Options::default(), &())
}

/// Main with a leak, then a branch that adds one, hides it again, and touches the old file.
fn build() -> Repo {
    let repo = Repo::new();
    repo.commit("old.py", &leak(1));
    repo.git(&["tag", "base"]);
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.commit("new.py", &format!("x = 1\n{}", leak(2)));
    repo.commit("new.py", "x = 1\n");
    repo.commit("old.py", &format!("{}x = 2\n", leak(1)));
    repo.git(&["tag", "-a", "v1", "-m", &leak(3)]);
    repo
}

#[test]
fn only_what_the_commits_added() {
    let repo = build();
    let added = repo.git(&["rev-parse", "HEAD~2"]);
    for text in ["base..side", "main..HEAD", "main..", "main...side", "side...main", "base..v1", "main...v1"] {
        let report = scan(&repo, |repository| Range::parse(repository, text).expect("a range"));
        assert_eq!(places(&report, 2).into_iter().collect::<Vec<_>>(), ["new.py:2"], "{text}");
        assert!(places(&report, 1).is_empty(), "{text}: old.py:1 was there before");
        assert_eq!(places(&report, 3).len(), usize::from(text.ends_with("v1")), "{text}");
        let git = report.findings.iter().find_map(|finding| {
            let origin = &finding.chief().place.origin;
            (origin.path == b"new.py").then(|| origin.git.clone()).flatten()
        });
        let git = git.expect("a place in git");
        assert_eq!((git.commit.clone(), git.in_head), (Some(added.clone()), Some(false)), "{text}");
    }
    let whole = scan(&repo, |repository| Range::parse(repository, "side").expect("a range"));
    assert_eq!((places(&whole, 1).len(), places(&whole, 2).len()), (1, 1));
    let side = |repository: &Repository| Range::parse(repository, "side").expect("a range");
    let latest = scan(&repo, |repository| Range { depth: Some(1), ..side(repository) });
    assert!(latest.findings.is_empty(), "{latest:?}");
    let future =
        scan(&repo, |repository| Range { since: Some(time("2100-01-01").expect("a time")), ..side(repository) });
    assert!(future.findings.is_empty());
    let past =
        scan(&repo, |repository| Range { since: Some(time("2001-01-01").expect("a time")), ..Range::all(repository) });
    assert_eq!(places(&past, 1).len(), 1);
    assert!(time("yesteryear").is_err() && time("2 weeks ago").is_ok());
}

/// What is said of the value of `seed`: commit, whether HEAD has it, references.
fn told(report: &Report<'_>, seed: u64) -> Vec<(Option<String>, Option<bool>, Vec<String>)> {
    let value = super::value(seed);
    let holds = |finding: &&Finding| finding.chief().secret.expose() == value.as_bytes();
    let git = |finding: &Finding| finding.chief().place.origin.git.as_deref().cloned().expect("a place in git");
    let told = |git: GitOrigin| (git.commit, git.in_head, git.refs);
    report.findings.iter().filter(holds).map(|finding| told(git(finding))).collect()
}

/// A branch whose leaks are moved, edited, merged, tagged and spoken of, before a branch that knows nothing of it.
fn branches() -> (Repo, Vec<String>) {
    let repo = Repo::new();
    repo.commit("a.py", "x = 1\n");
    repo.git(&["branch", "elsewhere"]);
    repo.git(&["tag", "base"]);
    let moved = repo.commit("moved.py", &leak(1));
    repo.git(&["branch", "one"]);
    let gone = repo.commit("gone.py", &leak(2));
    repo.git(&["tag", "-a", "v1", "-m", &leak(3)]);
    repo.git(&["rm", "-q", "gone.py"]);
    // The line of the value is new once more.
    repo.commit("moved.py", &leak(1).replace('\n', "  # edited\n"));
    repo.git(&["mv", "moved.py", "new.py"]);
    repo.git(&["commit", "-q", "-m", &leak(4)]);
    let spoken = repo.git(&["rev-parse", "HEAD"]);
    repo.write(&format!("keys/BINANCE_API_SECRET={}", super::value(5)), "x\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "a name"]);
    let named = repo.git(&["rev-parse", "HEAD"]);
    (repo, vec![moved, gone, spoken, named])
}

#[test]
fn who_holds_what_a_range_added() {
    let (repo, commits) = branches();
    let commit = |at: usize| Some(commits[at].clone());
    let refs = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let report = scan(&repo, |repository| Range::parse(repository, "base..HEAD").expect("a range"));
    let tagged = scan(&repo, |repository| Range::parse(repository, "base..v1").expect("a range"));
    let all = refs(&["refs/heads/main", "refs/heads/one", "refs/tags/v1"]);
    assert_eq!(told(&report, 1), [(commit(0), Some(true), all)], "once, though the line was edited");
    assert_eq!(told(&report, 2), [(commit(1), Some(false), refs(&["refs/heads/main", "refs/tags/v1"]))]);
    assert_eq!(told(&tagged, 3), [(None, Some(false), refs(&["refs/tags/v1"]))]);
    assert_eq!(told(&report, 4), [(commit(2), Some(false), refs(&["refs/heads/main"]))]);
    assert_eq!(told(&report, 5), [(commit(3), Some(true), refs(&["refs/heads/main"]))], "a file's name");
    repo.git(&["checkout", "-q", "--detach"]);
    repo.git(&["branch", "-q", "-D", "main"]);
    let detached = scan(&repo, |repository| Range::parse(repository, "one..").expect("a range"));
    assert_eq!(told(&detached, 4), [(commit(2), Some(false), refs(&["HEAD"]))]);
}

/// A short value is known again by its name only: as a part of another word it is not there any more.
#[test]
fn a_short_value_in_head() {
    let (text, short) = ("password = 'ab1cd2'\n", 12..18);
    for (later, expected) in [("x = 'zab1cd2z'\n", false), ("  password = 'ab1cd2'  # old\n", true), (text, true)] {
        let repo = Repo::new();
        let commit = repo.commit("a.py", text);
        let object = repo.git(&["rev-parse", "HEAD:a.py"]);
        repo.git(&["rm", "-q", "a.py"]);
        repo.commit("b.py", later);
        let repository = Repository::open(Some(repo.path())).expect("a repository");
        let id = |text: &str| Some(repository.resolve(text).expect("an id"));
        let leak = Leak { path: b"a.py".to_vec(), object: id(&object), commit: id(&commit), span: Some(short.clone()) };
        let holders = held::holders(&repository, &Range::default(), &[leak], 1000);
        assert_eq!(
            (holders[0].in_head, &*holders[0].refs),
            (Some(expected), &["refs/heads/main".to_owned()][..]),
            "{later}"
        );
    }
}

#[test]
fn an_unknown_revision() {
    let repo = build();
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    for text in ["nothing..HEAD", "HEAD..nothing", "-x", "HEAD~99"] {
        let error = Range::parse(&repository, text).expect_err("no such revision").to_string();
        assert!(error.contains("no such revision"), "{error}");
    }
}

#[test]
fn what_a_push_sends() {
    let repo = build();
    let (side, base) = (repo.git(&["rev-parse", "side"]), repo.git(&["rev-parse", "base"]));
    let zero = "0".repeat(40);
    let unknown = "1".repeat(40);
    let cases = [
        (format!("refs/heads/side {side} refs/heads/side {base}\n"), (0, 1)),
        (format!("refs/heads/side {side} refs/heads/side {zero}\n"), (1, 1)),
        (format!("refs/heads/side {side} refs/heads/side {unknown}\n"), (1, 1)),
        (format!("(delete) {zero} refs/heads/side {base}\n"), (0, 0)),
        (String::new(), (0, 0)),
    ];
    let pushed =
        |lines: &str| scan(&repo, |repository| Range::pushed(repository, "origin", lines.as_bytes()).expect("a range"));
    for (lines, expected) in &cases {
        let report = pushed(lines);
        assert_eq!((places(&report, 1).len(), places(&report, 2).len()), *expected, "{lines}");
    }
    repo.git(&["update-ref", "refs/remotes/origin/main", "base"]);
    let report = pushed(&cases[1].0);
    assert_eq!((places(&report, 1).len(), places(&report, 2).len()), (0, 1), "what was fetched is known");
}

/// What git tells: the source may be any revision, with blanks in it, and a name may be any bytes.
#[test]
fn the_lines_of_a_push() {
    let repo = build();
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let (side, base) = (repo.git(&["rev-parse", "side"]), repo.git(&["rev-parse", "base"]));
    let zero = "0".repeat(40);
    let right: &[(&[u8], &str, usize)] = &[
        (b":/fix this", &side, 1),
        (b":/fix  this ", &side, 1),
        (b"refs/heads/caf\xe9", &side, 1),
        (b"HEAD@{1 day ago}", &side, 1),
        (b"(delete)", &zero, 0),
    ];
    for (source, id, tips) in right {
        for end in ["\n", "", "\r\n", "\n\n"] {
            let line = [source, format!(" {id} refs/heads/x {base}{end}").as_bytes()].concat();
            let range = Range::pushed(&repository, "origin", &line).expect("a line of git");
            assert_eq!((range.tips.len(), range.hidden.len()), (*tips, *tips), "{}", line.escape_ascii());
        }
    }
    let wrong = [
        format!("{side} refs/heads/x {base}\n"),
        format!("x {side} refs/heads/x\n"),
        format!("x {side} refs/heads/x {base} \n"),
        format!("x {} refs/heads/x {base}\n", &side[1..]),
        format!("x refs/heads/x {side} {base}\n"),
    ];
    for line in wrong {
        assert!(Range::pushed(&repository, "origin", line.as_bytes()).is_err(), "{line}");
    }
}

/// What `a/b` has says nothing of what `a` has.
#[test]
fn remotes_with_names_within_each_other() {
    let repo = build();
    let (side, base) = (repo.git(&["rev-parse", "side"]), repo.git(&["rev-parse", "base"]));
    repo.git(&["update-ref", "refs/remotes/a/b/main", &side]);
    let line = format!("refs/heads/side {side} refs/heads/side {base}\n");
    let pushed = |remote: &str| {
        let report = scan(&repo, |repository| Range::pushed(repository, remote, line.as_bytes()).expect("a range"));
        places(&report, 2).len()
    };
    assert_eq!((pushed("a"), pushed("a/b")), (0, 0), "a branch b/main of a");
    repo.git(&["remote", "add", "a/b", "elsewhere"]);
    assert_eq!((pushed("a"), pushed("a/b")), (1, 0));
}

/// A reference that can't be read is a gap of all that references reach.
#[test]
fn a_reference_that_can_not_be_read() {
    let repo = build();
    repo.write(".git/refs/heads/broken", "nonsense\n");
    assert!(!scan(&repo, Range::all).complete());
}

/// Runs the program in a repository.
#[cfg(feature = "cli")]
fn stopleak(repo: &Repo, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_stopleak"))
        .args(arguments)
        .current_dir(repo.path())
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env("HOME", repo.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    // A program that doesn't read its input may be gone before.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("an end");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[cfg(all(feature = "cli", unix))]
#[test]
fn hooks_stop_a_commit_and_keep_what_was_there() {
    use std::os::unix::fs::PermissionsExt as _;
    let repo = Repo::new();
    repo.commit("a.py", "x = 1\n");
    let hook = repo.write(".git/hooks/pre-commit", "#!/bin/sh\necho ran >> before.txt\n");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("rights");
    for said in ["runs first", "renewed"] {
        let (code, text) = stopleak(&repo, &["hook", "install", "--push"], "");
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains(said), "{text}");
    }
    let commit = |arguments: &[&str]| {
        let status = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "-m", "x"])
            .args(arguments)
            .current_dir(repo.path())
            .env("HOME", repo.path())
            .output()
            .expect("git");
        status.status.success()
    };
    repo.write("a.py", &leak(1));
    assert!(!commit(&["-a"]), "the leak is only in the index that git made for this commit");
    assert!(!commit(&["--", "a.py"]));
    repo.write("a.py", "x = 2\n");
    assert!(commit(&["-a"]));
    assert_eq!(std::fs::read_to_string(repo.path().join("before.txt")).expect("the old hook ran").lines().count(), 3);
    let (code, text) = stopleak(&repo, &["hook", "uninstall"], "");
    assert_eq!(code, Some(0), "{text}");
    assert!(std::fs::read_to_string(&hook).expect("the old hook").contains("before.txt"));
    assert!(!repo.path().join(".git/hooks/pre-push").exists());
}

/// Every revision is found in tables too.
#[test]
fn revisions_with_references_in_tables() {
    let repo = Repo::init(&["--ref-format=reftable"]);
    repo.commit("a.py", "x = 1\n");
    repo.git(&["tag", "base"]);
    let leaked = repo.commit("b.py", &leak(1));
    repo.git(&["tag", "-a", "v1", "-m", "one"]);
    repo.git(&["update-ref", "refs/remotes/origin/main", "base"]);
    repo.git(&["worktree", "add", "-q", "-b", "elsewhere", "linked", "base"]);
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    for spec in
        ["HEAD", "@", "main", "heads/main", "refs/heads/main", "v1^{commit}", "tags/v1~0", "elsewhere", "@~1", "HEAD^"]
    {
        let expected = repo.git(&["rev-parse", spec]);
        assert_eq!(repository.resolve(spec).expect(spec).to_string(), expected, "{spec}");
    }
    assert!(repository.resolve("nothing").is_err());
    let report = scan(&repo, |repository| Range::parse(repository, "base..").expect("a range"));
    let refs = ["refs/heads/main", "refs/tags/v1"].map(str::to_owned).to_vec();
    assert_eq!(told(&report, 1), [(Some(leaked.clone()), Some(true), refs)]);
    let zero = "0".repeat(40);
    let lines = format!("refs/heads/main {leaked} refs/heads/main {zero}\n");
    let pushed = scan(&repo, |repository| Range::pushed(repository, "origin", lines.as_bytes()).expect("a range"));
    assert_eq!(places(&pushed, 1).len(), 1);
    let linked = Repository::open(Some(&repo.path().join("linked"))).expect("a repository");
    assert_eq!(
        linked.resolve("HEAD").expect("HEAD").to_string(),
        repo.git(&["rev-parse", "base"]),
        "a HEAD of its own"
    );
}

/// What is said of bad input: short, in our words, with a remedy.
#[cfg(feature = "cli")]
#[test]
fn bad_input_has_a_clear_message() {
    let repo = build();
    let cases: &[(&[&str], &str, &str)] = &[
        (
            &["git", "--range", "nothing..HEAD"],
            "",
            "nothing: no such revision: no branch, tag or commit here is called so; is it spelled right, and fetched?\n",
        ),
        (&["git", "--range", ".."], "", "\"..\": a range without a revision; write A..B, A...B or A\n"),
        (
            &["git", "/"],
            "",
            "/: no git repository: there is none here or in a folder above; `stopleak scan` reads folders without git\n",
        ),
        (&["git", "/nowhere"], "", "/nowhere: no git repository: there is no such folder\n"),
        (
            &["push"],
            "\nnonsense\n",
            "standard input, line 2: not what git tells a pre-push hook (`REF ID REF ID`); is it called by git?\n",
        ),
    ];
    for (arguments, input, says) in cases {
        let (code, text) = stopleak(&repo, arguments, input);
        assert_eq!((code, text), (Some(2), format!("stopleak: {says}")), "{arguments:?}");
    }
}

/// Nothing can be judged without an index; git itself would fail.
#[cfg(feature = "cli")]
#[test]
fn a_damaged_index() {
    let repo = build();
    repo.write(".git/index", "x");
    let (code, text) = stopleak(&repo, &["staged"], "");
    assert!(code == Some(2) && text.contains(".git/index: the index can't be read"), "{code:?} {text}");
    let (code, _) = stopleak(&repo, &["git"], "");
    assert_eq!(code, Some(1), "a history needs none");
}

/// git names its index from the top of the work tree, and the lines of a hook may go elsewhere before they call.
#[cfg(feature = "cli")]
#[test]
fn an_index_that_git_names() {
    let repo = build();
    repo.write("below/a.py", &leak(5));
    repo.git(&["add", "-A"]);
    let staged = |folder: &str, index: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stopleak"));
        let command = command.arg("staged").current_dir(repo.path().join(folder));
        let output = command.env("GIT_INDEX_FILE", index).output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for (folder, index) in [(".", ".git/index"), ("below", ".git/index"), ("below", "../.git/index")] {
        assert_eq!(staged(folder, index).0, Some(1), "{index} in {folder}");
    }
    let (code, text) = staged("below", "nowhere");
    assert!(code == Some(2) && text.contains("nowhere"), "{code:?} {text}");
    std::fs::remove_file(repo.path().join(".git/index")).expect("an index");
    assert_eq!(staged("below", ".git/index").0, Some(0), "nothing was ever staged");
    let bare = Repo::init(&["--bare"]);
    let (code, text) = stopleak(&bare, &["staged"], "");
    assert!(code == Some(2) && text.contains("a bare repository"), "{code:?} {text}");
}

/// gix seeks no bare repository at such a path.
#[cfg(feature = "cli")]
#[test]
fn a_bare_repository_beside_the_current_folder() {
    let repo = Repo::new();
    repo.commit("a.py", &leak(1));
    repo.git(&["clone", "-q", "--bare", ".", "beside.git"]);
    std::fs::create_dir(repo.path().join("x")).expect("a folder");
    for (folder, path) in [(".", "beside.git"), ("x", "../beside.git"), ("beside.git/objects", "../../beside.git")] {
        let run = Command::new(env!("CARGO_BIN_EXE_stopleak"))
            .args(["git", path])
            .current_dir(repo.path().join(folder))
            .output()
            .expect("the program");
        assert_eq!(run.status.code(), Some(1), "{path}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

#[cfg(feature = "cli")]
#[test]
fn the_commands() {
    let repo = build();
    let (side, base) = (repo.git(&["rev-parse", "side"]), repo.git(&["rev-parse", "base"]));
    let line = format!("refs/heads/side {side} refs/heads/side {base}\n");
    let cases: &[(&[&str], &str, i32)] = &[
        (&["git"], "", 1),
        (&["git", "--unreachable"], "", 1),
        (&["git", "--range", "base..HEAD"], "", 1),
        (&["git", "--range", "HEAD~1..HEAD"], "", 0),
        (&["git", "--range", "nothing..HEAD"], "", 2),
        (&["git", "--branch", "side", "--depth", "1"], "", 0),
        (&["git", "--range", ".."], "", 2),
        (&["git", "--range", ""], "", 2),
        (&["diff", ""], "", 2),
        (&["git", "--depth", "0"], "", 2),
        (&["git", "--since", "nonsense"], "", 2),
        (&["git", "--branch", "main"], "", 1),
        (&["git", "--path", "*.txt"], "", 1),
        (&["git", "/nowhere"], "", 2),
        (&["staged"], "", 0),
        (&["diff", "base"], "", 1),
        (&["diff", "--from-ref", "HEAD~1", "--to-ref", "HEAD"], "", 0),
        (&["push", "origin", "https://example.org"], &line, 1),
        (&["push", "origin"], "", 0),
        (&["push", "origin"], "nonsense\n", 2),
    ];
    for (arguments, input, code) in cases {
        let (got, text) = stopleak(&repo, arguments, input);
        assert_eq!(got, Some(*code), "{arguments:?}: {text}");
    }
}
