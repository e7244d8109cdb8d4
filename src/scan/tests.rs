//! Trees and streams through a stand-in for the engine that finds `KEY=` and the capitals behind it.

use std::fs;
use std::path::Path;

use super::*;
use crate::credential::Part;
use crate::finding::Environment;
use crate::rules::{Confidence, ProviderFile, Role, RuleId, Severity};
use crate::secret::Secret;
use crate::span::Span;

fn rules() -> RuleSet {
    let text = r#"
        [provider]
        id = "x"
        name = "X"
        kind = "general"
        revoke = "https://example.org"
        docs = "https://example.org"
        [[rule]]
        id = "x-key"
        role = "key"
        title = "X key"
        shape = "[A-Z]+"
        evidence = "shape"
        grade = "A"
        severity = "high"
        source = "test"
    "#;
    RuleSet::from_files(vec![toml::from_str::<ProviderFile>(text).expect("a rule")])
}

/// Scans by [`stand_in`].
fn by_stand_in<'a>(addresses: &'a Addresses) -> How<'a> {
    How { scan: &stand_in, paths: None, addresses }
}

fn stand_in(text: &[u8], _: &Hint) -> Vec<Credential> {
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(text, "KEY=") {
        assert!(!text[at..].starts_with(b"KEY=PANIC"), "a defect");
        let length = text[at + 4..].iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        let span = Span::new(at + 4, at + 4 + length);
        found.push(Credential {
            provider: rules().provider_of(RuleId(0)),
            alternatives: Vec::new(),
            severity: Severity::High,
            confidence: Confidence::High,
            environment: Environment::Unknown,
            parts: vec![Part {
                role: Role::Key,
                rule: RuleId(0),
                span,
                value: Secret::new(span.of(text)),
                name: None,
                decoded: Vec::new(),
            }],
            reasons: Vec::new(),
            capabilities: Vec::new(),
            unproven: false,
        });
    }
    found
}

/// A folder with files; a name that ends in `/` is a folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        if name.ends_with('/') {
            fs::create_dir_all(path).expect("folder");
        } else {
            fs::create_dir_all(path.parent().expect("a parent")).expect("folder");
            fs::write(path, text).expect("file");
        }
    }
    folder
}

/// The report of a whole folder.
fn scan_of<'r>(folder: &tempfile::TempDir, rules: &'r RuleSet, options: &Options) -> Report<'r> {
    tree_with(&by_stand_in(&Addresses::default()), rules, &[folder.path().to_path_buf()], options, &())
}

/// The findings as `path:line:column`, and what was skipped as `path: code`, paths within `root`.
fn run(root: &Path, targets: &[&str], options: &Options) -> (Vec<String>, Vec<String>) {
    let rules = rules();
    let targets: Vec<_> = targets.iter().map(|target| root.join(target)).collect();
    let report = tree_with(&by_stand_in(&Addresses::default()), &rules, &targets, options, &());
    let root = format!("{}/", root.display());
    let shown = |origin: &Origin| origin.display().trim_start_matches(&root).to_owned();
    let found = report.findings.iter().map(|finding| {
        let place = &finding.chief().place;
        format!("{}:{}:{}", shown(&place.origin), place.region.start.line, place.region.start.column)
    });
    let skipped = report.skipped.iter().map(|item| format!("{}: {}", shown(&item.origin), item.reason.code()));
    (found.collect(), skipped.collect())
}

fn found_in(files: &[(&str, &str)], targets: &[&str], options: &Options) -> Vec<String> {
    let folder = folder(files);
    run(folder.path(), targets, options).0
}

#[test]
fn what_a_walk_reads() {
    let defaults = Options::default();
    let all = Options { no_ignore: true, ..Options::default() };
    let without_b = Options { exclude: vec!["b/".into()], ..Options::default() };
    let key = "KEY=ABC\n";
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], &'a Options, &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        ("hidden files and folders", &[(".env", key), (".aws/x", key)], &[""], &defaults, &[".aws/x:1:5", ".env:1:5"]),
        (
            "a repository's ignored files are left out",
            &[(".git/", ""), (".gitignore", "*.log\n/gen\n"), ("a.log", key), ("gen/x", key), ("a.py", key)],
            &[""],
            &defaults,
            &["a.py:1:5"],
        ),
        (
            "outside of a repository nothing is",
            &[(".gitignore", "*.log"), ("a.log", key)],
            &[""],
            &defaults,
            &["a.log:1:5"],
        ),
        (
            "--no-ignore reads them",
            &[(".git/", ""), (".gitignore", "*.log\nnode_modules"), ("a.log", key), ("node_modules/x", key)],
            &[""],
            &all,
            &["a.log:1:5", "node_modules/x:1:5"],
        ),
        (
            "a named file is read though ignored, a named folder too",
            &[(".git/", ""), (".gitignore", "*.log\ntarget"), ("a.log", key), ("target/x", key)],
            &["a.log", "target"],
            &defaults,
            &["a.log:1:5", "target/x:1:5"],
        ),
        (
            "credential-bearing kinds are read though ignored, in ignored folders too",
            &[
                (".git/", ""),
                (".gitignore", ".env*\nuser_data/\nnode_modules/\n"),
                (".env.local", key),
                ("user_data/config.json", key),
                ("user_data/trades.csv", key),
                ("node_modules/p/.env", key),
            ],
            &[""],
            &defaults,
            &[".env.local:1:5", "user_data/config.json:1:5"],
        ),
        (
            "deeper rules win, rules of folders above hold",
            &[
                (".git/", ""),
                (".gitignore", "*.log\n"),
                ("a/.gitignore", "!keep.log\n"),
                ("a/keep.log", key),
                ("a/no.log", key),
            ],
            &["a"],
            &defaults,
            &["a/keep.log:1:5"],
        ),
        (
            "info/exclude",
            &[(".git/info/exclude", "x.txt\n"), ("x.txt", key), ("y.txt", key)],
            &[""],
            &defaults,
            &["y.txt:1:5"],
        ),
        (
            "a repository's own data is left out, a folder of the same name is not",
            &[(".git/HEAD", key), (".git/objects/", ""), (".git/refs/", ""), ("sub/.git/x", key)],
            &[""],
            &defaults,
            &["sub/.git/x:1:5"],
        ),
        (
            "targets that overlap",
            &[("a/b/x", key), ("a/y", key)],
            &["a", "a/b", "a/./b/x", "a/y"],
            &defaults,
            &["a/b/x:1:5", "a/y:1:5"],
        ),
        ("--exclude", &[("a/x", key), ("b/x", key), ("c/b/x", key)], &[""], &without_b, &["a/x:1:5"]),
        ("a name with a line feed", &[("a\nb", key)], &[""], &defaults, &["a\nb:1:5"]),
        ("CR, LF and both", &[("x", "a\r\nb\rc\nKEY=Q")], &[""], &defaults, &["x:4:5"]),
        ("an empty tree", &[], &[""], &defaults, &[]),
    ];
    for (title, files, targets, options, expected) in cases {
        assert_eq!(found_in(files, targets, options), *expected, "{title}");
    }
}

#[test]
fn what_is_left_out_is_named() {
    let big = "x".repeat(2000);
    let small = Options { max_file_size: 1000, ..Options::default() };
    let folder = folder(&[("binary", "GIF89a\0b"), ("big", &big), ("fails", "KEY=PANIC"), ("fine", "KEY=A")]);
    let (found, skipped) = run(folder.path(), &["", "none"], &small);
    assert_eq!(found, ["fine:1:5"]);
    assert_eq!(skipped, ["big: too-large", "binary: binary", "fails: failed", "none: unreadable"]);
    assert_eq!(run(folder.path(), &["big"], &small).1, [""; 0], "a named file has no limit");
}

#[cfg(unix)]
#[test]
fn links_pipes_and_closed_folders() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder(&[("real/x", "KEY=A"), ("closed/x", "KEY=A"), (".git/", "")]);
    let at = |name: &str| folder.path().join(name);
    symlink(at("real"), at("link")).expect("link");
    symlink(at("."), at("real/loop")).expect("link");
    for name in [".gitignore", "pipe"] {
        rustix::fs::mkfifoat(rustix::fs::CWD, at(name), rustix::fs::Mode::RWXU).expect("pipe");
    }
    fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o0)).expect("chmod");
    let everything_opens = fs::read_dir(at("closed")).is_ok();
    let (found, skipped) = run(folder.path(), &[""], &Options::default());
    fs::set_permissions(at("closed"), fs::Permissions::from_mode(0o700)).expect("chmod");
    if !everything_opens {
        assert_eq!(found, ["real/x:1:5"]);
        assert!(skipped.contains(&"closed: unreadable".to_owned()), "{skipped:?}");
    }
    for item in [".gitignore: special", "pipe: special", "link: link", "real/loop: link"] {
        assert!(skipped.contains(&item.to_owned()), "{item} is missing in {skipped:?}");
    }
    assert_eq!(run(folder.path(), &["link"], &Options::default()).0, ["link/x:1:5"], "a link given as target");
    assert_eq!(run(folder.path(), &["pipe"], &Options::default()).1, ["pipe: unreadable"]);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf8_and_paths_beyond_the_limit() {
    use std::os::unix::ffi::OsStrExt;
    let folder = folder(&[]);
    fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.py")), "KEY=A").expect("write");
    // A path can be longer than any path may be: every part is made from the folder before.
    let mut here =
        rustix::fs::open(folder.path(), rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty()).expect("open");
    for _ in 0..30 {
        let name = "d".repeat(200);
        rustix::fs::mkdirat(&here, &name, rustix::fs::Mode::RWXU).expect("folder");
        here =
            rustix::fs::openat(&here, &name, rustix::fs::OFlags::DIRECTORY, rustix::fs::Mode::empty()).expect("open");
    }
    let rules = rules();
    let report = scan_of(&folder, &rules, &Options::default());
    assert!(report.findings[0].chief().place.origin.path.ends_with(b"/\xff.py"));
    assert!(!report.complete(), "what lies too deep is a gap: {:?}", report.skipped);
}

#[test]
fn a_value_between_two_windows_is_found_once() {
    let window = crate::source::read::WINDOW;
    for shift in [0, 1, 4, 30, 4000, 4096, 5000, 64 << 10] {
        for filler in ["x", "some line\n"] {
            let mut text = filler.repeat(window / filler.len() + 1);
            text.truncate(window - shift);
            text.push_str(" KEY=ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ ");
            text.push_str(&filler.repeat(window / filler.len()));
            let folder = folder(&[("x", &text)]);
            let rules = rules();
            let report = scan_of(&folder, &rules, &Options::default());
            let spans: Vec<_> = report.findings.iter().map(|finding| finding.chief().place.span).collect();
            let start = window - shift + 5;
            assert_eq!(spans, [Span::new(start, start + 52)], "{filler:?} {shift}");
            let lines = crate::span::LineIndex::new(text.as_bytes());
            assert_eq!(report.findings[0].chief().place.region.start, lines.position(start));
        }
    }
}

#[test]
fn threads_change_nothing_and_names_are_unique() {
    let names: Vec<String> = (0..200).map(|n| format!("{}/{n}.py", n % 7)).collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "KEY=SAME\nKEY=SAME\n")).collect();
    let (folder, rules) = (folder(&files), rules());
    let report = |threads| {
        let options = Options { threads, ..Options::default() };
        let report = scan_of(&folder, &rules, &options);
        report.findings
    };
    let one = report(1);
    assert_eq!(one, report(2));
    assert_eq!(one, report(8));
    let names: HashSet<_> = one.iter().map(|finding| finding.fingerprint).collect();
    assert_eq!((one.len(), names.len()), (400, 400));
}

#[test]
fn a_stream() {
    let rules = rules();
    let engine = Engine::new(&rules);
    let report = stdin(&engine, &mut &b"text"[..], "x.env", &Options::default(), &());
    assert_eq!((report.mode, report.totals.files, report.totals.bytes), ("stdin", 1, 4));
}

#[test]
fn the_hint_is_the_end_of_the_path() {
    let mut hint = String::new();
    for (path, expected) in [("A/b/C/D.Env", "b/c/d.env"), ("x", "x"), ("a/É.py", "a/é.py"), ("", "")] {
        set_hint_path(&mut hint, path.as_bytes());
        assert_eq!(hint, expected);
    }
}

#[test]
fn a_long_text_is_scanned_alike_by_one_thread_and_many() {
    use crate::source::read::WINDOW;
    let lines: String =
        (0..150_000).map(|n| format!("line {n}{}\n", if n % 500 == 3 { " KEY=ABC" } else { "" })).collect();
    let one_line = lines.replace('\n', " ");
    // A value across the border of two windows, and behind it.
    let border: String = format!("{}KEY=ABCDEF\n", "x".repeat(WINDOW - 7)).repeat(3);
    for text in [&lines, &one_line, &border] {
        assert!(text.len() > WINDOW);
        let folder = folder(&[("long.txt", text)]);
        let found = |threads| run(folder.path(), &["long.txt"], &Options { threads, ..Options::default() });
        let one = found(1);
        assert!(one.0.len() >= 3, "{one:?}");
        assert_eq!(found(2), one);
        assert_eq!(found(7), one);
    }
}

#[test]
fn a_defect_in_a_window_of_a_long_text_is_a_gap_by_any_number_of_threads() {
    let text = format!("KEY=ABC\n{}KEY=PANIC\n{}", "line\n".repeat(400_000), "line\n".repeat(400_000));
    let folder = folder(&[("long.txt", &text), ("b.txt", "KEY=ABC\n")]);
    for threads in [1, 4] {
        let options = Options { threads, ..Options::default() };
        let (found, skipped) = run(folder.path(), &["long.txt", "b.txt"], &options);
        assert!(found.contains(&"b.txt:1:5".to_owned()), "{found:?}");
        assert_eq!(skipped, ["long.txt: failed"], "{threads} threads");
    }
}
