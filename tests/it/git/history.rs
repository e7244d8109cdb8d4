//! Every place in a repository where a leak can hide, with `git` as the oracle for who brought it.

use stopleak::detect::Engine;
use stopleak::finding::{Finding, Report};
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options};
use stopleak::source::GitOrigin;
use stopleak::source::git::Repository;
use stopleak::source::git::range::Range;

use super::{leak, value};
use crate::repo::Repo;

fn scan_with(repo: &Repo, unreachable: bool, threads: usize) -> Report<'static> {
    let engine = Engine::new(RuleSet::builtin());
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let options = Options { threads, ..Options::default() };
    scan::history(&engine, &repository, unreachable, &options, &())
}

fn scan(repo: &Repo) -> Report<'static> {
    scan_with(repo, false, 2)
}

fn find<'r>(report: &'r Report<'_>, seed: u64) -> Vec<&'r Finding> {
    let value = value(seed);
    report
        .findings
        .iter()
        .filter(|finding| finding.parts.iter().any(|part| part.secret.expose() == value.as_bytes()))
        .collect()
}

fn git_of(finding: &Finding) -> &GitOrigin {
    finding.chief().place.origin.git.as_deref().expect("a place in git")
}

/// What must be known of a value: path, commit, whether HEAD has it, references, what kind of text it is.
struct Expected {
    seed: u64,
    path: String,
    commit: Option<String>,
    in_head: bool,
    refs: Vec<&'static str>,
    place: Option<&'static str>,
}

/// A repository with a value in every place.
fn build(repo: &Repo) -> Vec<Expected> {
    let mut all = Vec::new();
    let mut expect = |seed, path: &str, commit: Option<String>, in_head, refs: &[&'static str], place| {
        all.push(Expected { seed, path: path.into(), commit, in_head, refs: refs.to_vec(), place });
    };
    let first = repo.commit("kept.py", &leak(1));
    repo.git(&["tag", "light"]);
    let added = repo.commit("src/deep/deleted.py", &leak(2));
    repo.git(&["rm", "-q", "src/deep/deleted.py"]);
    repo.git(&["commit", "-q", "-m", "clean up"]);
    let renamed = repo.commit("old_name.py", &leak(3));
    repo.git(&["mv", "old_name.py", "new_name.py"]);
    repo.git(&["commit", "-q", "-m", "move"]);
    let reverted = repo.commit("reverted.py", &leak(4));
    repo.git(&["revert", "--no-edit", "HEAD"]);
    // Versions of one file: deltas in a pack.
    let long: String = (0..300).map(|n| format!("line {n} of a longer file\n")).collect();
    repo.commit("long.py", &long);
    let edited = repo.commit("long.py", &format!("{long}{}", leak(5)));
    repo.commit("long.py", &format!("# edited\n{long}"));

    repo.git(&["checkout", "-q", "-b", "side"]);
    let side = repo.commit("side.py", &leak(6));
    repo.git(&["checkout", "-q", "main"]);
    repo.commit("other.py", "x = 1\n");
    repo.git(&["merge", "-q", "--no-ff", "--no-commit", "side"]);
    repo.write("evil.py", &leak(7));
    repo.git(&["rm", "-q", "-f", "side.py"]);
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "merge"]);
    let evil = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["rm", "-q", "evil.py"]);
    repo.git(&["commit", "-q", "-m", "gone"]);

    repo.git(&["commit", "-q", "--allow-empty", "-m", &format!("oops\n\n{}", leak(8))]);
    let message = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["tag", "-a", "v1", "-m", &leak(9)]);
    let tag = repo.git(&["rev-parse", "refs/tags/v1"]);
    repo.git(&["notes", "add", "-m", &leak(10), "HEAD"]);
    let noted = repo.git(&["rev-parse", "HEAD"]);
    let note = repo.git(&["rev-parse", "refs/notes/commits"]);
    for seed in [11, 12] {
        repo.write("kept.py", &format!("{}{}", leak(1), leak(seed)));
        repo.git(&["stash", "-q"]);
    }
    let newer = repo.git(&["rev-parse", "stash@{0}"]);
    let older = repo.git(&["rev-parse", "stash@{1}"]);
    let blob_tag = {
        let path = repo.write("loose.txt", &leak(13));
        let id = repo.git(&["hash-object", "-w", path.to_str().expect("a name")]);
        std::fs::remove_file(path).expect("a file");
        repo.git(&["tag", "blob", &id]);
        id
    };

    let name = format!("keys/BINANCE_API_SECRET={}", value(14));
    repo.write(&name, "x\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "a name"]);
    let named = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["rm", "-q", &name]);
    let binary = repo.commit("data.bin", &format!("\0\x01\x02{}\0\0", leak(15)));

    let with_tags =
        ["refs/heads/main", "refs/heads/side", "refs/stash", "refs/tags/light", "refs/tags/v1", "stash@{1}"];
    let both = ["refs/heads/main", "refs/heads/side", "refs/stash", "refs/tags/v1", "stash@{1}"];
    let merged = ["refs/heads/main", "refs/stash", "refs/tags/v1", "stash@{1}"];
    expect(1, "kept.py", Some(first), true, &with_tags, None);
    expect(2, "src/deep/deleted.py", Some(added), false, &both, None);
    expect(3, "old_name.py", Some(renamed), true, &both, None);
    expect(4, "reverted.py", Some(reverted), false, &both, None);
    expect(5, "long.py", Some(edited), false, &both, None);
    expect(6, "side.py", Some(side), false, &both, None);
    expect(7, "evil.py", Some(evil), false, &merged, None);
    let path = format!("commit message {}", &message[..12]);
    expect(8, &path, Some(message), false, &merged, Some("commit message"));
    expect(9, &format!("tag message {}", &tag[..12]), None, false, &["refs/tags/v1"], Some("tag message"));
    expect(10, &noted, Some(note), false, &["refs/notes/commits"], Some("note"));
    expect(11, "kept.py", Some(older), false, &["stash@{1}"], Some("stash"));
    expect(12, "kept.py", Some(newer), false, &["refs/stash"], Some("stash"));
    expect(13, &format!("object {}", &blob_tag[..12]), None, false, &["refs/tags/blob"], None);
    expect(14, &name, Some(named), false, &["refs/heads/main"], Some("file name"));
    expect(15, "data.bin", Some(binary), true, &["refs/heads/main"], None);
    all
}

fn check(report: &Report<'_>, expected: &[Expected], form: &str) {
    for item in expected {
        let found = find(report, item.seed);
        assert_eq!(found.len(), 1, "{form}: value {} once", item.seed);
        let (finding, git) = (found[0], git_of(found[0]));
        assert_eq!(finding.chief().place.origin.display(), item.path, "{form}: value {}", item.seed);
        assert_eq!(git.commit, item.commit, "{form}: value {}", item.seed);
        assert_eq!(git.in_head, Some(item.in_head), "{form}: value {}", item.seed);
        assert_eq!(git.refs, item.refs, "{form}: value {}", item.seed);
        assert_eq!(git.place.as_deref(), item.place, "{form}: value {}", item.seed);
    }
}

#[test]
fn every_place_in_every_form() {
    let repo = Repo::new();
    let expected = build(&repo);
    let loose = scan(&repo);
    check(&loose, &expected, "loose");
    assert!(loose.complete(), "{:?} {:?}", loose.skipped, loose.notes);
    assert_eq!(git_of(find(&loose, 3)[0]).also, ["new_name.py"]);
    assert_eq!(git_of(find(&loose, 1)[0]).author.as_deref(), Some("Ada <ada@example.org>"));
    for form in [&["repack", "-adq"][..], &["repack", "-adfq", "--depth=50"], &["repack", "-adFq", "--depth=1"]] {
        repo.git(form);
        repo.git(&["prune-packed"]);
        for threads in [1, 2, 8] {
            let report = scan_with(&repo, false, threads);
            check(&report, &expected, &form.join(" "));
            assert_eq!(report.findings, loose.findings, "{form:?} {threads}");
            assert_eq!(report.totals.bytes, loose.totals.bytes);
        }
    }
    // Packed and loose at once, the same objects in two packs.
    repo.git(&["-c", "pack.packSizeLimit=1", "repack", "-q", "-a"]);
    repo.commit("more.py", "x = 1\n");
    let report = scan(&repo);
    for item in &expected {
        assert_eq!(find(&report, item.seed).len(), 1, "value {}", item.seed);
    }
}

/// References in tables say what those in files say.
#[test]
fn every_place_with_references_in_tables() {
    let repo = Repo::init(&["--ref-format=reftable"]);
    let expected = build(&repo);
    // Enough for several blocks and tables, some of them without a reference that was there before.
    let head = repo.git(&["rev-parse", "refs/notes/commits"]);
    let many: String =
        (0..2000).map(|n| format!("create refs/other/a-long-name-of-a-reference-{n} {head}\n")).collect();
    repo.git_with(&["update-ref", "--stdin"], &many);
    let packed = |form: &str| {
        let gone: String = (0..2000).map(|n| format!("delete refs/other/a-long-name-of-a-reference-{n}\n")).collect();
        if form == "deleted" {
            repo.git_with(&["update-ref", "--stdin"], &gone);
        } else {
            repo.git(&["pack-refs", "--all"]);
        }
    };
    for form in ["loose", "packed", "deleted", "packed once more"] {
        if form != "loose" {
            packed(form);
        }
        let report = scan(&repo);
        let others = git_of(find(&report, 10)[0]).refs.iter().filter(|name| name.starts_with("refs/other/")).count();
        assert_eq!(others, if ["loose", "packed"].contains(&form) { 2000 } else { 0 }, "{form}");
        assert!(report.complete(), "{form}: {:?} {:?}", report.skipped, report.notes);
        if others == 0 {
            check(&report, &expected, form);
        }
    }
}

/// The same with what only the log of references knows, a dropped stash, and a submodule: everything there is.
#[test]
fn every_place_with_all_options_in_every_form() {
    let repo = Repo::new();
    let mut expected = build(&repo);
    let mut expect = |seed, path: &str, commit, in_head, refs: &[&'static str], place| {
        expected.push(Expected { seed, path: path.into(), commit: Some(commit), in_head, refs: refs.to_vec(), place });
    };
    let amended = repo.commit("amended.py", &leak(20));
    repo.write("amended.py", "x = 2\n");
    repo.git(&["commit", "-qa", "--amend", "--no-edit"]);
    expect(20, "amended.py", amended, false, &[], Some("unreachable object"));
    repo.git(&["checkout", "-q", "-b", "dropped"]);
    let dropped = repo.commit("dropped.py", &leak(21));
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["branch", "-q", "-D", "dropped"]);
    expect(21, "dropped.py", dropped, false, &[], Some("unreachable object"));
    let inner = Repo::new();
    let within = inner.commit("a.py", &leak(22));
    inner.commit("a.py", "x = 1\n");
    repo.git(&["submodule", "--quiet", "add", &inner.path().display().to_string(), "lib/inner"]);
    repo.git(&["commit", "-q", "-m", "add a submodule"]);
    expect(22, "lib/inner/a.py", within, false, &["refs/heads/main", "refs/remotes/origin/main"], None);
    let engine = Engine::new(RuleSet::builtin());
    let scan_all = |threads| {
        let repository = Repository::open(Some(repo.path())).expect("a repository");
        let options = Options { threads, ..Options::default() };
        scan::history_with_submodules(&engine, &repository, true, &options, &())
    };
    let loose = scan_all(2);
    check(&loose, &expected, "loose");
    assert!(loose.complete(), "{:?} {:?}", loose.skipped, loose.notes);
    for form in [&["repack", "-adq"][..], &["repack", "-adfq", "--depth=50"]] {
        repo.git(form);
        repo.git(&["prune-packed"]);
        repo.git(&[&["-C", "lib/inner"], form].concat());
        for threads in [1, 2, 8] {
            assert_eq!(scan_all(threads).findings, loose.findings, "{form:?} {threads}");
        }
    }
}

#[test]
fn what_nothing_reaches_only_on_request() {
    let repo = Repo::new();
    repo.commit("a.py", "x = 1\n");
    let amended = repo.commit("a.py", &leak(1));
    repo.write("a.py", "x = 2\n");
    repo.git(&["commit", "-qa", "--amend", "--no-edit"]);
    repo.write("b.py", &leak(2));
    repo.git(&["add", "b.py"]);
    repo.git(&["reset", "-q"]);
    let report = scan(&repo);
    assert_eq!((report.findings.len(), report.exit_code()), (0, 0));
    // The commit, its tree and its file; the file that was staged.
    let remarks: Vec<&str> = report.remarks.iter().map(|remark| remark.text.as_str()).collect();
    assert_eq!(remarks, ["4 objects that no reference reaches were left out; `--unreachable` reads them"]);
    repo.git(&["repack", "-q", "-a", "-d", "-k"]);
    repo.git(&["repack", "-q", "-a"]);
    assert_eq!(scan(&repo).remarks, report.remarks, "packed");
    let report = scan_with(&repo, true, 2);
    assert!(report.remarks.is_empty());
    let found = find(&report, 1);
    assert_eq!(git_of(found[0]).commit, Some(amended));
    assert_eq!(git_of(found[0]).place.as_deref(), Some("unreachable object"));
    assert_eq!(find(&report, 2).len(), 1);
}

#[test]
fn a_value_in_a_file_name() {
    let repo = Repo::new();
    repo.write(&format!("keys/BINANCE_API_SECRET={}", value(1)), "x\n");
    repo.git(&["add", "-A"]);
    repo.git(&["commit", "-q", "-m", "x"]);
    let commit = repo.git(&["rev-parse", "HEAD"]);
    let report = scan(&repo);
    let found = find(&report, 1);
    assert_eq!(found.len(), 1, "{report:?}");
    assert_eq!(git_of(found[0]).place.as_deref(), Some("file name"));
    assert_eq!(git_of(found[0]).commit, Some(commit));
}

#[test]
fn a_detached_head_is_a_reference_where_it_is_the_only_one() {
    let repo = Repo::new();
    repo.commit("a.py", "x = 1\n");
    repo.git(&["checkout", "-q", "--detach"]);
    repo.commit("b.py", &leak(1));
    let report = scan(&repo);
    let found = git_of(find(&report, 1)[0]);
    assert_eq!((found.refs.as_slice(), found.place.as_deref()), (&["HEAD".to_owned()][..], None));
}

#[test]
fn replace_refs_and_grafts_hide_nothing() {
    let repo = Repo::new();
    repo.commit("a.py", &leak(1));
    let leaked = repo.git(&["rev-parse", "HEAD:a.py"]);
    repo.commit("a.py", "x = 1\n");
    let clean = repo.git(&["rev-parse", "HEAD:a.py"]);
    repo.git(&["replace", &leaked, &clean]);
    std::fs::create_dir_all(repo.path().join(".git/info")).expect("a folder");
    std::fs::write(repo.path().join(".git/info/grafts"), repo.git(&["rev-parse", "HEAD"]) + "\n").expect("a file");
    let report = scan(&repo);
    assert_eq!(find(&report, 1).len(), 1);
}

/// Damages a repository; what is still found of values 1 and 2.
type Damage = (&'static str, fn(&Repo), &'static [u64]);

const DAMAGES: &[Damage] = &[
    ("a missing blob", |repo| remove(repo, "HEAD~1:a.py"), &[2]),
    ("a missing tree", |repo| remove(repo, "HEAD~1^{tree}"), &[2]),
    ("a missing commit", |repo| remove(repo, "HEAD~1"), &[2]),
    ("a damaged loose object", |repo| std::fs::write(object(repo, "HEAD~1:a.py"), "x").expect("a file"), &[2]),
    (
        "a damaged index of a pack",
        |repo| {
            repo.git(&["repack", "-adq"]);
            std::fs::write(pack(repo, "idx"), "x").expect("a file");
        },
        &[],
    ),
    (
        "a pack that was cut",
        |repo| {
            repo.git(&["repack", "-adq"]);
            let path = pack(repo, "pack");
            let bytes = std::fs::read(&path).expect("a pack");
            std::fs::remove_file(&path).expect("a pack");
            std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("a file");
        },
        &[],
    ),
    (
        "a shallow history",
        |repo| {
            let head = repo.git(&["rev-parse", "HEAD"]);
            std::fs::write(repo.path().join(".git/shallow"), head + "\n").expect("a file");
        },
        &[1, 2],
    ),
    (
        "references in a way that nobody knows",
        |repo| {
            let config = repo.path().join(".git/config");
            let text = std::fs::read_to_string(&config).expect("a configuration");
            let text = text.replace("repositoryformatversion = 0", "repositoryformatversion = 1");
            std::fs::write(config, text + "[extensions]\n\trefStorage = pigeons\n").expect("a file");
        },
        &[1, 2],
    ),
    (
        "a reference to nothing",
        |repo| {
            std::fs::write(repo.path().join(".git/refs/heads/x"), "1".repeat(40) + "\n").expect("a file");
        },
        &[1, 2],
    ),
];

fn object(repo: &Repo, name: &str) -> std::path::PathBuf {
    let id = repo.git(&["rev-parse", name]);
    let path = repo.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
    let mut rights = std::fs::metadata(&path).expect("a loose object").permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut rights, 0o600);
    std::fs::set_permissions(&path, rights).expect("rights");
    path
}

fn remove(repo: &Repo, name: &str) {
    std::fs::remove_file(object(repo, name)).expect("a loose object");
}

fn pack(repo: &Repo, end: &str) -> std::path::PathBuf {
    let names = std::fs::read_dir(repo.path().join(".git/objects/pack")).expect("packs");
    let path = names.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|e| e == end));
    let path = path.expect("a pack");
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("rights");
    path
}

#[test]
fn damage_is_never_taken_for_clean() {
    for (title, damage, left) in DAMAGES {
        let repo = Repo::new();
        repo.commit("0.py", "x = 0\n");
        repo.commit("a.py", &leak(1));
        repo.commit("a.py", &leak(2));
        damage(&repo);
        let report = scan(&repo);
        assert!(!report.complete(), "{title}: {report:?}");
        for seed in *left {
            assert_eq!(find(&report, *seed).len(), 1, "{title}: value {seed}");
        }
    }
}

/// Ranges of the same repositories: what needs nothing of what is missing is read, the rest is said to be missing.
#[test]
fn damage_within_a_range_is_never_taken_for_clean() {
    let engine = Engine::new(RuleSet::builtin());
    for (title, damage, _) in
        DAMAGES.iter().filter(|(title, ..)| !title.contains("pack") && !title.contains("reference"))
    {
        let repo = Repo::new();
        repo.commit("0.py", "x = 0\n");
        repo.commit("a.py", &leak(1));
        repo.commit("a.py", &leak(2));
        damage(&repo);
        let repository = Repository::open(Some(repo.path())).expect("a repository");
        let range = Range::parse(&repository, "HEAD").expect("a range");
        let report = scan::range(&engine, &repository, &range, scan::Scope::Added, &Options::default(), &());
        assert!(!report.complete(), "{title}: {report:?}");
        assert_eq!(find(&report, 2).len(), 1, "{title}: {report:?}");
    }
}

#[test]
fn empty_bare_and_partial() {
    let empty = Repo::new();
    assert_eq!(scan(&empty).exit_code(), 0);
    let repo = Repo::new();
    repo.commit("a.py", &leak(1));
    repo.commit("a.py", "x = 1\n");
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.path().display());
    let target = Repo::new();
    target.git(&["clone", "-q", "--bare", &url, "bare.git"]);
    target.git(&["clone", "-q", "--no-checkout", "--filter=blob:none", &url, "partial"]);
    target.git(&["clone", "-q", "--no-checkout", "--depth=1", &url, "shallow"]);
    target.git(&["clone", "-q", "--shared", &url.replace("file://", ""), "shared"]);
    let scan_in = |name: &str| {
        let engine = Engine::new(RuleSet::builtin());
        let repository = Repository::open(Some(&target.path().join(name))).expect("a repository");
        scan::history(&engine, &repository, false, &Options::default(), &())
    };
    assert_eq!(find(&scan_in("bare.git"), 1).len(), 1);
    assert_eq!(find(&scan_in("shared"), 1).len(), 1, "alternates");
    let partial = scan_in("partial");
    assert_eq!(partial.exit_code(), 3);
    assert!(
        partial.skipped.iter().any(|item| item.reason.to_string().contains("2 object(s)")),
        "{:?}",
        partial.skipped
    );
    let shallow = scan_in("shallow");
    assert_eq!(shallow.exit_code(), 3);
    assert!(shallow.notes[0].contains("shallow"), "{:?}", shallow.notes);
}

#[test]
fn sha256() {
    let repo = Repo::init(&["--object-format=sha256"]);
    repo.commit("a.py", &leak(1));
    repo.commit("a.py", "x = 1\n");
    repo.git(&["repack", "-adq"]);
    assert_eq!(find(&scan(&repo), 1).len(), 1);
}

#[test]
fn submodules_on_request() {
    let inner = Repo::new();
    inner.commit("a.py", &leak(1));
    inner.commit("a.py", "x = 1\n");
    let repo = Repo::new();
    repo.commit("b.py", "x = 1\n");
    repo.git(&["submodule", "--quiet", "add", &inner.path().display().to_string(), "lib/inner"]);
    repo.git(&["commit", "-q", "-m", "add a submodule"]);
    let engine = Engine::new(RuleSet::builtin());
    let scan_all = || {
        let repository = Repository::open(Some(repo.path())).expect("a repository");
        scan::history_with_submodules(&engine, &repository, false, &Options::default(), &())
    };
    assert!(find(&scan(&repo), 1).is_empty());
    let report = scan_all();
    assert_eq!(find(&report, 1)[0].chief().place.origin.display(), "lib/inner/a.py");
    repo.git(&["submodule", "--quiet", "deinit", "-f", "lib/inner"]);
    assert_eq!(scan_all().exit_code(), 1, "git keeps it");
    std::fs::remove_dir_all(repo.path().join(".git/modules")).expect("what git keeps");
    assert_eq!(scan_all().exit_code(), 3, "a submodule that is not here is a gap");
}

#[test]
fn blobs_beyond_the_limit_are_named() {
    let repo = Repo::new();
    repo.commit("big.txt", &"x".repeat(5000));
    repo.commit("a.py", &leak(1));
    let engine = Engine::new(RuleSet::builtin());
    for repack in [false, true] {
        if repack {
            repo.git(&["repack", "-adq"]);
        }
        let repository = Repository::open(Some(repo.path())).expect("a repository");
        let options = Options { max_file_size: 4000, ..Options::default() };
        let report = scan::history(&engine, &repository, false, &options, &());
        assert_eq!(find(&report, 1).len(), 1);
        let skipped: Vec<_> = report.skipped.iter().map(|item| (item.origin.display(), item.reason.code())).collect();
        assert_eq!(skipped, [("big.txt".to_owned(), "too-large")]);
    }
}
