//! Repositories made by someone who wants to hold the scan up, bring it down, or pass for clean.

use std::os::unix::fs::symlink;
use std::process::Command;

use stopleak::detect::Engine;
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options, Scope};
use stopleak::source::git::Repository;

use super::{leak, places};
use crate::repo::Repo;

/// What is in the way.
type Trap = (&'static str, fn(&Repo));

const TRAPS: &[Trap] = &[
    ("a pipe as configuration", |repo| pipe(repo, "config")),
    ("a pipe as HEAD", |repo| pipe(repo, "HEAD")),
    ("a pipe as index", |repo| pipe(repo, "index")),
    ("a pipe as packed references", |repo| pipe(repo, "packed-refs")),
    ("a pipe as reference", |repo| pipe(repo, "refs/heads/x")),
    ("a pipe as alternates", |repo| pipe(repo, "objects/info/alternates")),
    ("a pipe as pack", |repo| {
        pipe(repo, "objects/pack/pack-1111111111111111111111111111111111111111.pack");
        pipe(repo, "objects/pack/pack-1111111111111111111111111111111111111111.idx");
    }),
    ("a pipe as object", |repo| pipe(repo, "objects/11/11111111111111111111111111111111111111")),
    ("references in a circle", |repo| {
        for name in ["a", "b"] {
            symlink(".", repo.path().join(".git/refs/heads").join(name)).expect("a link");
        }
    }),
    ("a pipe as what is borrowed names it", |repo| {
        pipe(repo, "fake/info/alternates");
        drop(repo.write(".git/objects/info/alternates", "../fake\n"));
    }),
    ("a pipe two steps off, in quotes", |repo| {
        pipe(repo, "fake/two/info/alternates");
        repo.write(".git/fake/info/alternates", "two\n");
        drop(repo.write(".git/objects/info/alternates", "# x\n\"../f\\141ke\"\n"));
    }),
    ("a pipe two steps off, as gix seeks it", |repo| {
        pipe(repo, "two/info/alternates");
        repo.write(".git/fake/info/alternates", "../two\n");
        drop(repo.write(".git/objects/info/alternates", "../fake\n"));
    }),
    ("a pipe as pack of what is borrowed", |repo| {
        pipe(repo, "fake/pack/pack-1111111111111111111111111111111111111111.idx");
        drop(repo.write(".git/objects/info/alternates", "../fake\n"));
    }),
    ("a device without end as what is borrowed names it", |repo| {
        repo.write(".git/fake/info/x", "");
        symlink("/dev/zero", repo.path().join(".git/fake/info/alternates")).expect("a link");
        drop(repo.write(".git/objects/info/alternates", "../fake\n"));
    }),
    ("a list of what is borrowed that is far too long", |repo| {
        let path = repo.write(".git/fake/info/alternates", "");
        std::fs::File::create(path).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
        drop(repo.write(".git/objects/info/alternates", "../fake\n"));
    }),
    ("alternates in a circle", |repo| {
        drop(repo.write(".git/objects/info/alternates", "../objects\n../objects/../objects\n"))
    }),
];

fn pipe(repo: &Repo, name: &str) {
    let path = repo.path().join(".git").join(name);
    let _ = std::fs::remove_file(&path);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
}

#[test]
fn traps_are_named_and_nothing_hangs() {
    let engine = Engine::new(RuleSet::builtin());
    let options = Options::default();
    for (title, set) in TRAPS {
        let repo = Repo::new();
        repo.commit("a.py", &leak(1));
        repo.write(".gitignore", "a.py\n");
        set(&repo);
        match Repository::open(Some(repo.path())) {
            Err(error) => {
                assert!(error.to_string().contains("not opened") || title.contains("alternates"), "{title}: {error}")
            }
            Ok(repository) => {
                let report = scan::history(&engine, &repository, false, &options, &());
                assert!(!report.complete() || !places(&report, 1).is_empty(), "{title}: {report:?}");
                drop(scan::staged(&engine, &repository, Scope::Added, &options, &()));
            }
        }
        // The tree is scanned all the same.
        drop(scan::tree(&engine, &[repo.path().to_path_buf()], &options, &()));
    }
}

/// Has the repository borrow from `.git/one`, and that from others.
type Borrowing = (&'static str, fn(&Repo), bool);

const BORROWINGS: &[Borrowing] = &[
    ("in a line", |repo| borrow(repo, &["one/objects", "two/objects", "three/objects"]), false),
    ("too far", |repo| borrow(repo, &["1/o", "2/o", "3/o", "4/o", "5/o", "6/o", "7/o"]), true),
    ("in a circle", |repo| borrow(repo, &["one/objects", "two/objects", "one/objects"]), true),
    ("from itself", |repo| borrow(repo, &["objects"]), true),
    ("from nowhere", |repo| drop(repo.write(".git/objects/info/alternates", "../nowhere\n")), true),
];

/// Each folder borrows from the next, by a relative path.
fn borrow(repo: &Repo, folders: &[&str]) {
    let mut folder = "objects";
    for next in folders {
        let up = "../".repeat(folder.split('/').count());
        repo.write(&format!(".git/{folder}/info/alternates"), &format!("{up}{next}\n"));
        folder = next;
        std::fs::create_dir_all(repo.path().join(".git").join(next)).expect("a folder");
    }
}

/// What is borrowed is read as far as git follows it, and where that ends it is said; nothing else is left out for it.
#[test]
fn what_is_borrowed_is_read_or_said() {
    let engine = Engine::new(RuleSet::builtin());
    for (title, set, gap) in BORROWINGS {
        let repo = Repo::new();
        repo.commit("a.py", &leak(1));
        set(&repo);
        let repository = Repository::open(Some(repo.path())).unwrap_or_else(|error| panic!("{title}: {error}"));
        let report = scan::history(&engine, &repository, false, &Options::default(), &());
        assert_eq!(places(&report, 1).len(), 1, "{title}: {report:?}");
        assert_eq!(!report.complete(), *gap, "{title}: {:?} {:?}", report.skipped, report.notes);
    }
}

/// gix takes what a borrowed folder names for relative to another one than git does.
#[test]
fn an_object_that_is_borrowed_by_who_is_borrowed_from_is_read() {
    let repo = Repo::new();
    repo.commit("a.py", &leak(1));
    let object = repo.git(&["rev-parse", "HEAD:a.py"]);
    borrow(&repo, &["one/objects", "two/objects"]);
    let path = format!("{}/{}", &object[..2], &object[2..]);
    let to = repo.path().join(".git/two/objects").join(&path);
    std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
    std::fs::rename(repo.path().join(".git/objects").join(&path), to).expect("an object");
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let report = scan::history(&Engine::new(RuleSet::builtin()), &repository, false, &Options::default(), &());
    assert_eq!(places(&report, 1).len(), 1, "{report:?}");
    assert!(report.complete(), "{report:?}");
}

#[test]
fn flipped_bits_are_never_taken_for_clean() {
    let engine = Engine::new(RuleSet::builtin());
    let repo = Repo::new();
    let text: String = (0..200).map(|n| format!("line {n} of a file\n")).collect();
    for seed in 1..=4 {
        repo.commit("a.py", &format!("{text}{}", leak(seed)));
    }
    repo.git(&["repack", "-adfq"]);
    let folder = repo.path().join(".git/objects/pack");
    for end in ["pack", "idx"] {
        let files = std::fs::read_dir(&folder).expect("packs").flatten().map(|entry| entry.path());
        let path = files.into_iter().find(|path| path.extension().is_some_and(|e| e == end)).expect("a pack");
        let bytes = std::fs::read(&path).expect("a pack");
        for at in (0..bytes.len()).step_by(bytes.len() / 60 + 1) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x55;
            std::fs::remove_file(&path).expect("a pack");
            std::fs::write(&path, &damaged).expect("a pack");
            let repository = Repository::open(Some(repo.path())).expect("a repository");
            let report = scan::history(&engine, &repository, false, &Options::default(), &());
            let found = (1..=4).filter(|&seed| !places(&report, seed).is_empty()).count();
            assert!(found == 4 || !report.complete(), "{end} at {at}: {found} of 4 and no word of it");
        }
        std::fs::remove_file(&path).expect("a pack");
        std::fs::write(&path, &bytes).expect("a pack");
    }
}

/// Configuration that would have git run a program, were git run.
#[test]
fn nothing_the_repository_names_is_run() {
    let repo = Repo::new();
    repo.commit("a.py", "x = 1\n");
    let flag = repo.path().join("ran");
    let program = repo.write("trap.sh", &format!("#!/bin/sh\ntouch '{}'\n", flag.display()));
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("rights");
    let program = program.to_string_lossy().into_owned();
    for key in [
        "core.fsmonitor",
        "diff.x.textconv",
        "filter.x.clean",
        "filter.x.smudge",
        "filter.x.process",
        "gpg.program",
        "diff.external",
        "core.pager",
        "core.sshCommand",
        "core.alternateRefsCommand",
        "uploadpack.packObjectsHook",
    ] {
        let text = std::fs::read_to_string(repo.path().join(".git/config")).expect("a configuration");
        let (section, name) = key.rsplit_once('.').expect("a key");
        let head = section.split_once('.').map_or(format!("[{section}]"), |(a, b)| format!("[{a} \"{b}\"]"));
        repo.write(".git/config", &format!("{text}{head}\n\t{name} = {program}\n"));
    }
    repo.write(".gitattributes", "* filter=x diff=x\n");
    repo.write(".git/hooks/pre-commit", &format!("#!/bin/sh\n{program}\n"));
    let engine = Engine::new(RuleSet::builtin());
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let options = Options::default();
    drop(scan::staged(&engine, &repository, Scope::Added, &options, &()));
    drop(scan::history(&engine, &repository, true, &options, &()));
    drop(scan::tree(&engine, &[repo.path().to_path_buf()], &options, &()));
    assert!(!flag.exists(), "a program of the repository was run");
}
