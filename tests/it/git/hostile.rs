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
