//! Repositories through every command that reads one. `git/hostile.rs` has those that need the library.

use super::*;
use crate::repo::Repo;

const HISTORY: &[&str] = &["git", "repo"];
const STAGED: &[&str] = &["staged", "repo"];
const RANGE: &[&str] = &["git", "repo", "--range", "HEAD"];

/// Makes a repository with a leak in its first commit, changes it, and puts it below the folder.
fn repository(dir: &Dir, change: &dyn Fn(&Repo)) {
    let repo = Repo::new();
    repo.commit("a.env", &leak(1));
    repo.commit("a.env", "x\n");
    change(&repo);
    moved(dir, &repo);
}

fn moved(dir: &Dir, repo: &Repo) {
    let copied = std::process::Command::new("cp").arg("-a").arg(repo.path()).arg(dir.at("repo")).status();
    assert!(copied.expect("cp").success());
}

/// A file of the repository's own.
fn set(repo: &Repo, name: &str, bytes: impl AsRef<[u8]>) {
    let path = repo.path().join(".git").join(name);
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    let _ = std::fs::remove_file(&path);
    std::fs::write(path, bytes).expect("a file");
}

fn add_config(repo: &Repo, text: &str) {
    let path = repo.path().join(".git/config");
    let old = std::fs::read_to_string(&path).expect("a configuration");
    std::fs::write(path, format!("{old}{text}")).expect("a file");
}

/// Writes an object as git does, and gives its id.
fn object(repo: &Repo, kind: &str, bytes: &[u8]) -> String {
    use std::io::Write as _;
    let mut child = std::process::Command::new("git")
        .args(["hash-object", "-t", kind, "-w", "--stdin", "--literally"])
        .current_dir(repo.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("git");
    child.stdin.take().expect("it is piped").write_all(bytes).expect("git reads");
    let output = child.wait_with_output().expect("git ends");
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn entry(mode: &str, name: &str, id: &str) -> Vec<u8> {
    let id = data_encoding::HEXLOWER.decode(id.as_bytes()).expect("an id");
    [format!("{mode} {name}\0").as_bytes(), &id].concat()
}

/// Commits a tree, on top of nothing.
fn commit_tree(repo: &Repo, tree: &str) {
    let id = repo.git(&["commit-tree", "-m", "m", tree]);
    repo.git(&["update-ref", "refs/heads/main", &id]);
    let _ = std::fs::remove_file(repo.path().join(".git/index"));
}

/// A file in so many folders within each other.
fn deep(repo: &Repo, depth: usize) {
    use std::io::Write as _;
    let text = leak(2);
    let script = format!(
        "commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 1\nm\nM 100644 inline {}a.env\n\
         data {}\n{text}\ndone\n",
        "d/".repeat(depth),
        text.len()
    );
    let mut git = std::process::Command::new("git");
    git.args(["fast-import", "--quiet", "--force", "--done"]).current_dir(repo.path()).stdin(Stdio::piped());
    let mut child = git.spawn().expect("git");
    child.stdin.take().expect("it is piped").write_all(script.as_bytes()).expect("git reads");
    assert!(child.wait().expect("git ends").success());
    let _ = std::fs::remove_file(repo.path().join(".git/index"));
}

/// A tree of trees: `width` entries on each of `depth` levels are the same tree.
fn nested(repo: &Repo, depth: usize, width: usize) {
    let blob = object(repo, "blob", leak(2).as_bytes());
    let mut tree = object(repo, "tree", &entry("100644", "a.env", &blob));
    for _ in 0..depth {
        let entries: Vec<u8> = (0..width).flat_map(|n| entry("40000", &format!("{n}"), &tree)).collect();
        tree = object(repo, "tree", &entries);
    }
    commit_tree(repo, &tree);
}

#[test]
fn trees_without_end() {
    hold(&[
        case(
            "10 to the power of 10 files, in the history",
            |dir| repository(dir, &|repo| nested(repo, 10, 10)),
            HISTORY,
            1,
            &[],
        ),
        case(
            "10 to the power of 10 files, staged",
            |dir| repository(dir, &|repo| nested(repo, 10, 10)),
            STAGED,
            0,
            &[],
        ),
        case(
            "10 to the power of 10 files, in a range",
            |dir| repository(dir, &|repo| nested(repo, 10, 10)),
            RANGE,
            1,
            &[],
        ),
        case("1,200 folders within each other", |dir| repository(dir, &|repo| deep(repo, 1200)), HISTORY, 1, &[]),
        case(
            "the same, staged",
            |dir| repository(dir, &|repo| deep(repo, 1200)),
            STAGED,
            3,
            &["limit: more than 1000 folders"],
        ),
        case(
            "the same, in a range",
            |dir| repository(dir, &|repo| deep(repo, 1200)),
            RANGE,
            3,
            &["limit: more than 1000 folders"],
        ),
        case(
            "30,000 files in a folder, staged",
            |dir| {
                repository(dir, &|repo| {
                    let blob = object(repo, "blob", leak(3).as_bytes());
                    let tree: Vec<u8> = (0..30_000).flat_map(|n| entry("100644", &format!("{n:06}"), &blob)).collect();
                    let tree = object(repo, "tree", &tree);
                    commit_tree(repo, &tree);
                    repo.git(&["read-tree", "main"]);
                    repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},new.env")]);
                });
            },
            STAGED,
            1,
            &[],
        ),
    ]);
}

#[test]
fn what_lies_where_git_looks() {
    hold(&[
        case(
            "a configuration of 1 MB",
            |dir| repository(dir, &|repo| add_config(repo, &"[a]\n\tb = c\n".repeat(100_000))),
            HISTORY,
            1,
            &[],
        ),
        case(
            "a configuration that includes itself",
            |dir| repository(dir, &|repo| add_config(repo, "[include]\n\tpath = config\n")),
            HISTORY,
            1,
            &[],
        ),
        case(
            "a configuration that includes a device",
            |dir| repository(dir, &|repo| add_config(repo, "[include]\n\tpath = /dev/zero\n")),
            HISTORY,
            1,
            &[],
        ),
        case(
            "a configuration that is garbage",
            |dir| repository(dir, &|repo| set(repo, "config", b"\xff[[[")),
            HISTORY,
            2,
            &["no git repository"],
        ),
        case(
            "a work tree somewhere else",
            |dir| {
                repository(dir, &|repo| {
                    add_config(
                        repo,
                        "[core]\n\tworktree = /\n\texcludesFile = /dev/zero\n\tattributesFile = /dev/zero\n",
                    )
                })
            },
            STAGED,
            0,
            &[],
        ),
        case(
            "objects that are to be fetched by a program",
            |dir| {
                repository(dir, &|repo| {
                    add_config(
                        repo,
                        "[extensions]\n\tpartialClone = o\n[remote \"o\"]\n\turl = ext::touch ran\n\tpromisor = true\n",
                    );
                    let tree = object(repo, "tree", &entry("100644", "x", &"12".repeat(20)));
                    commit_tree(repo, &tree);
                });
            },
            HISTORY,
            3,
            &["missing"],
        ),
        case(
            "alternates that lead anywhere",
            |dir| repository(dir, &|repo| set(repo, "objects/info/alternates", "/\n/dev\n/nowhere\n../objects\n")),
            HISTORY,
            1,
            &["is named in a circle", "/nowhere: "],
        ),
        case(
            "10,000 alternates",
            |dir| {
                let text: String = (0..10_000).map(|n| format!("/nowhere/{n}\n")).collect();
                repository(dir, &|repo| set(repo, "objects/info/alternates", &text));
            },
            HISTORY,
            1,
            &[],
        ),
        case(
            "packed references that are garbage",
            |dir| repository(dir, &|repo| set(repo, "packed-refs", b"\xff\0 x\n".repeat(9999))),
            HISTORY,
            1,
            &["a line is damaged"],
        ),
        case(
            "a branch that names what is not there",
            |dir| repository(dir, &|repo| set(repo, "refs/heads/x", format!("{}\n", "12".repeat(20)))),
            HISTORY,
            1,
            &["missing: refs/heads/x"],
        ),
        case(
            "a HEAD that names itself",
            |dir| repository(dir, &|repo| set(repo, "HEAD", "ref: HEAD\n")),
            HISTORY,
            1,
            &[],
        ),
        case(
            "branches that name each other",
            |dir| {
                repository(dir, &|repo| {
                    set(repo, "refs/heads/a", "ref: refs/heads/b\n");
                    set(repo, "refs/heads/b", "ref: refs/heads/a\n");
                })
            },
            HISTORY,
            1,
            &[],
        ),
        case(
            "replaced objects",
            |dir| {
                repository(dir, &|repo| {
                    let (old, new) = (repo.git(&["rev-parse", "HEAD~1:a.env"]), object(repo, "blob", b"x\n"));
                    repo.git(&["replace", &old, &new]);
                })
            },
            HISTORY,
            1,
            &[],
        ),
        case(
            "a history said to be shallow",
            |dir| repository(dir, &|repo| set(repo, "shallow", format!("{}\n", repo.git(&["rev-parse", "HEAD"])))),
            HISTORY,
            1,
            &["note: the history is shallow"],
        ),
        case(
            "an index that claims 4 billion entries",
            |dir| {
                repository(dir, &|repo| {
                    set(repo, "index", [b"DIRC".as_slice(), &[0, 0, 0, 2], &[0xff; 4], &[0; 40]].concat())
                })
            },
            STAGED,
            2,
            &["index can't be read"],
        ),
        case(
            "an index cut off",
            |dir| {
                repository(dir, &|repo| {
                    let index = std::fs::read(repo.path().join(".git/index")).expect("an index");
                    set(repo, "index", &index[..index.len() / 2]);
                })
            },
            STAGED,
            2,
            &["index can't be read"],
        ),
        case(
            "names in the index that climb out",
            |dir| {
                repository(dir, &|repo| {
                    let blob = object(repo, "blob", leak(2).as_bytes());
                    repo.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},b.env")]);
                    let index = std::fs::read(repo.path().join(".git/index")).expect("an index");
                    let at = memchr::memmem::find(&index, b"b.env").expect("the name");
                    let mut index = index;
                    index[at..at + 5].copy_from_slice(b"../zz");
                    // Zeros say that there is no checksum.
                    let end = index.len() - 20;
                    index[end..].fill(0);
                    set(repo, "index", index);
                })
            },
            STAGED,
            1,
            &[],
        ),
        case(
            "a `.git` that names itself",
            |dir| done(dir.file("repo/.git", "gitdir: .git\n")),
            HISTORY,
            2,
            &["no git repository"],
        ),
        case(
            "a `.git` that names a device",
            |dir| done(dir.file("repo/.git", "gitdir: /dev/zero\n")),
            HISTORY,
            2,
            &["no git repository"],
        ),
        case(
            "a `.git` of 64 GiB",
            |dir| {
                dir.file("repo/x", "x");
                std::fs::File::create(dir.at("repo/.git")).and_then(|file| file.set_len(64 << 30)).expect("a file");
            },
            HISTORY,
            2,
            &["no git repository"],
        ),
        case(
            "a `.git` that is a link to a device",
            |dir| link(dir, "/dev/zero", "repo/.git"),
            HISTORY,
            2,
            &["no git repository"],
        ),
        case("no repository", |dir| done(dir.file("repo/x", "x")), HISTORY, 2, &["no git repository"]),
    ]);
}

#[test]
fn packs() {
    hold(&[
        case(
            "a pack cut off",
            |dir| packed(dir, "pack", &|bytes| bytes.truncate(bytes.len() / 2)),
            HISTORY,
            3,
            &[".git/objects"],
        ),
        case(
            "an index cut off",
            |dir| packed(dir, "idx", &|bytes| bytes.truncate(1100)),
            HISTORY,
            3,
            &["a pack that can't be read"],
        ),
        case(
            "an empty index",
            |dir| packed(dir, "idx", &|bytes| bytes.clear()),
            HISTORY,
            3,
            &["a pack that can't be read"],
        ),
        case("an index of zeros", |dir| packed(dir, "idx", &|bytes| bytes[8..].fill(0)), HISTORY, 3, &[]),
        case(
            "an index that claims 4 billion objects",
            |dir| packed(dir, "idx", &|bytes| bytes[1028..1032].fill(0xff)),
            HISTORY,
            3,
            &["a pack that can't be read"],
        ),
        case(
            "an index with places far outside",
            |dir| {
                packed(dir, "idx", &|bytes| {
                    let end = bytes.len() - 40;
                    bytes[end - 24..end].fill(0x7f);
                })
            },
            HISTORY,
            3,
            &[],
        ),
        case(
            "objects that claim much more than they hold",
            |dir| packed(dir, "pack", &|bytes| bytes[12..16].fill(0xbf)),
            HISTORY,
            3,
            &[],
        ),
    ]);
}

/// Damages the pack of a repository that has nothing else. The leak is gone then, and that must be said.
fn packed(dir: &Dir, end: &str, damage: &dyn Fn(&mut Vec<u8>)) {
    repository(dir, &|repo| {
        repo.git(&["repack", "-adfq"]);
        let folder = repo.path().join(".git/objects/pack");
        let mut files = std::fs::read_dir(folder).expect("packs").flatten().map(|entry| entry.path());
        let path = files.find(|path| path.extension().is_some_and(|have| have == end)).expect("a pack");
        let mut bytes = std::fs::read(&path).expect("a pack");
        damage(&mut bytes);
        std::fs::remove_file(&path).expect("a pack");
        std::fs::write(path, bytes).expect("a pack");
    });
}

/// What a repository may name, where git would run it; every command that reads a repository.
#[test]
fn nothing_is_run() {
    let dir = Dir::new();
    repository(&dir, &|repo| {
        let trap = repo.write("trap.sh", "#!/bin/sh\ntouch \"$(dirname \"$0\")/ran\"\n");
        std::fs::set_permissions(&trap, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("rights");
        repo.write("b.env", &leak(2));
        repo.git(&["add", "b.env"]);
        // From here on git itself must not be called.
        for hook in ["pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"] {
            set(repo, &format!("hooks/{hook}"), "#!/bin/sh\ntouch ran\n");
            let path = repo.path().join(".git/hooks").join(hook);
            std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("rights");
        }
        repo.write(".gitattributes", "* filter=x diff=x merge=x text eol=crlf working-tree-encoding=UTF-16\n");
        let mut text = String::new();
        let trap = "./trap.sh";
        for (section, keys) in [
            ("core", "fsmonitor sshCommand alternateRefsCommand pager editor askPass gitProxy hooksPath"),
            ("diff", "external"),
            ("diff \"x\"", "textconv command"),
            ("filter \"x\"", "clean smudge process"),
            ("merge \"x\"", "driver"),
            ("gpg", "program"),
            ("uploadpack", "packObjectsHook"),
            ("credential", "helper"),
            ("alias", "log diff"),
            ("log", "showSignature"),
        ] {
            text.push_str(&format!("[{section}]\n"));
            keys.split(' ').for_each(|key| text.push_str(&format!("\t{key} = {trap}\n")));
        }
        set(repo, "more", &text);
        add_config(repo, &format!("{text}[include]\n\tpath = more\n[includeIf \"gitdir:/**\"]\n\tpath = more\n"));
    });
    let all: [&[&str]; 7] = [
        &["scan", "repo"],
        HISTORY,
        &["git", "repo", "--unreachable"],
        RANGE,
        STAGED,
        &["staged", "repo", "--whole-files"],
        &["diff", "--help"],
    ];
    for args in all {
        let ended = finish(limited(&dir, args, LIMITS).spawn().expect("a shell"), LIMITS.clock, "nothing is run");
        harmless(&ended, "nothing is run");
        assert!(ended.code == Some(1) || args[0] == "diff", "{args:?}: {}", shown(&ended));
    }
    assert!(!dir.at("repo/ran").exists() && !dir.at("ran").exists(), "a program of the repository was run");
}
