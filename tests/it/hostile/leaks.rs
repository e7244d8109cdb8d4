//! Values that are planted everywhere, and every output searched for them: whole, in halves, and encoded.

use data_encoding::{BASE64, BASE64URL, HEXLOWER, HEXUPPER};

use super::*;

const FORMATS: [&str; 9] = ["text", "json", "sarif", "github", "gitlab", "codequality", "junit", "csv", "markdown"];

/// All forms of a value that must not be seen: halves, any twelve characters from four on (the first four may be shown), and
/// the encodings, of which pieces count too.
fn forms(value: &str) -> Vec<String> {
    let bytes = value.as_bytes();
    let mut forms: Vec<String> = (4..value.len() - 12).map(|at| value[at..at + 12].to_owned()).collect();
    // What stands before a value shifts its Base64 by a byte or two; the middle of it is the same then.
    for shift in 0..3 {
        let encoded = [BASE64.encode(&bytes[shift..]), BASE64URL.encode(&bytes[shift..])];
        forms.extend(encoded.map(|text| text[..32].to_owned()));
    }
    forms.extend([HEXLOWER.encode(bytes), HEXUPPER.encode(bytes)].map(|text| text[..64].to_owned()));
    forms.push(bytes.iter().rev().map(|&byte| char::from(byte)).collect());
    forms
}

#[track_caller]
fn free_of_values(bytes: &[u8], title: &str) {
    for seed in [1, 2, 3, 101, 102, 103] {
        for form in forms(&value(seed)) {
            assert!(memchr::memmem::find(bytes, form.as_bytes()).is_none(), "{title} holds a piece of value {seed}");
        }
    }
}

/// Values as contents, as names, as members, in comments that accept them, half and encoded.
fn plant(dir: &Dir) {
    let encoded = BASE64.encode(leak(3).as_bytes());
    dir.file("tree/a.env", leak(1))
        .file(format!("tree/{}.env", value(1)), leak(2))
        .file(format!("tree/{}/{}.txt", &value(2)[..32], &value(2)[32..]), leak(2))
        .file(format!("tree/{}.txt", BASE64URL.encode(value(1).as_bytes())), leak(1))
        .file(format!("tree/{}.txt", HEXLOWER.encode(value(1).as_bytes())), leak(1))
        .file("tree/secret.yaml", format!("kind: Secret\ndata:\n  binance.env: {encoded}\n"))
        .file("tree/b.py", format!("# stopleak:allow {}\n{} = '{}'\n", value(1), value(1), value(2)))
        .file("tree/url.txt", format!("https://{}:{}@api.binance.com/?apiKey={}\n", value(1), value(2), value(3)))
        .file("tree/low.txt", format!("x = {}\n", value(1)))
        .file(format!("tree/big-{}", value(2)), "x".repeat(2000))
        .file(".gitignore", format!("{}\n", value(1)));
    pipe(dir, &format!("tree/pipe-{}", value(3)));
    link(dir, &value(1), &format!("tree/link-{}", value(1)));
}

#[test]
fn no_report_holds_a_value() {
    let dir = Dir::new();
    plant(&dir);
    let levels: [&[&str]; 4] = [&[], &["-v"], &["--quiet"], &["--min-confidence", "low", "-v", "--color", "always"]];
    for format in FORMATS {
        for level in levels {
            let limit = ["--max-file-size", "1500"];
            let args = [&["scan", "tree", "--format", format], level, &limit].concat();
            let run = dir.command(&args).output().expect("the program runs");
            assert_eq!(run.status.code(), Some(1), "{args:?}: {}", String::from_utf8_lossy(&run.stderr));
            free_of_values(&run.stdout, &format!("{args:?}"));
            free_of_values(&run.stderr, &format!("{args:?}, standard error,"));
        }
    }
}

/// The git commands say what they found in commits, and in names of references.
#[cfg(feature = "git")]
#[test]
fn no_report_of_a_repository_holds_a_value() {
    let dir = Dir::new();
    plant(&dir);
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "core.excludesFile="]).args(args);
        let done = command.current_dir(dir.path()).env("GIT_CONFIG_NOSYSTEM", "1").output().expect("git runs");
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    git(&["commit", "-q", "--allow-empty", "-m", &leak(1)]);
    git(&["branch", &value(1)]);
    git(&["tag", "-a", &value(3), "-m", &leak(3)]);
    git(&["add", "-f", "tree/a.env", "tree/b.py", "tree/url.txt"]);
    for args in [&["git"][..], &["git", "-v"], &["staged"], &["staged", "-v"], &["push", "--range", "HEAD"]] {
        for format in FORMATS {
            let args = [args, &["--format", format]].concat();
            let run = dir.command(&args).output().expect("the program runs");
            free_of_values(&run.stdout, &format!("{args:?}"));
            free_of_values(&run.stderr, &format!("{args:?}, standard error,"));
        }
    }
    let found = dir.run(&["staged", "--format", "json"]);
    assert!(!found.json()["findings"].as_array().expect("a list").is_empty(), "{found:?}");
}

/// Baselines, what is shown of them, and what is taken over from other scanners' files, which hold values.
#[test]
fn no_baseline_holds_a_value() {
    let dir = Dir::new();
    plant(&dir);
    let theirs = format!(
        "[{{\"File\": \"tree/a.env\", \"StartLine\": 1, \"Secret\": \"{}\"}}, \
         {{\"File\": \"{}\", \"StartLine\": 1, \"Secret\": \"{}\"}}]",
        value(101),
        value(2),
        value(9)
    );
    dir.file("theirs.json", theirs).file("broken.json", format!("[{{\"Secret\": \"{}\"", value(1)));
    dir.file("broken", format!("{{\"stopleak_baseline\":1,\"{}\":\"{}\"}}", value(1), value(2)));
    let runs: &[(&[&str], i32)] = &[
        (&["baseline", "create", "--baseline", "known", "tree"], 0),
        (&["baseline", "show", "--baseline", "known"], 0),
        (&["baseline", "import", "--baseline", "known2", "theirs.json", "tree"], 0),
        (&["baseline", "import", "--baseline", "known3", "broken.json", "tree"], 2),
        (&["scan", "tree", "--baseline", "known", "-v"], 0),
        (&["scan", "tree", "--baseline", "known", "--format", "json"], 0),
        (&["scan", "tree", "--baseline", "broken"], 2),
    ];
    for (args, code) in runs {
        let run = dir.command(args).output().expect("the program runs");
        assert_eq!(run.status.code(), Some(*code), "{args:?}: {}", String::from_utf8_lossy(&run.stderr));
        free_of_values(&run.stdout, &format!("{args:?}"));
        free_of_values(&run.stderr, &format!("{args:?}, standard error,"));
    }
    for name in ["known", "known2"] {
        assert!(dir.read(name).lines().count() > 1, "{name} holds something");
        free_of_values(dir.read(name).as_bytes(), name);
    }
}

/// Names that a spreadsheet, a browser, a CI system or a Markdown page would obey, in every format.
#[test]
fn no_report_gives_commands() {
    let dir = Dir::new();
    let names = [
        "=cmd|' /C calc'!A0.env",
        "+1+1.env",
        "-2+3.env",
        "@SUM(A1).env",
        "<script>alert(1)<!--.env",
        "<img src=x onerror=alert(1)>.env",
        "\n::set-output name=x::y.env",
        "\n##vso[task.setvariable variable=x]y.env",
        "\u{1b}]0;title\u{7}.env",
        "|[link](javascript:alert(1))`.env",
        "\u{202e}vne.a.env",
        "&quot;\"'.env",
        "]]>.env",
    ];
    for (number, name) in (1..).zip(names) {
        dir.file(format!("tree/{}", name.replace('/', "")), leak(number));
    }
    for format in FORMATS {
        let run = dir.command(&["scan", "tree", "--format", format]).output().expect("the program runs");
        assert_eq!(run.status.code(), Some(1), "{format}");
        let text = String::from_utf8(run.stdout).expect("it is UTF-8");
        let bare = text.replace("\r\n", "\n");
        assert!(!bare.contains(|c: char| c.is_control() && c != '\n'), "{format}: a control character");
        assert!(!bare.contains('\u{202e}'), "{format}: a direction mark");
        assert!(!text.lines().any(|line| line.contains("##vso[")), "{format}: a command of Azure");
        let commands: Vec<&str> = text.lines().filter(|line| line.trim_start().starts_with("::")).collect();
        let known = |line: &&str| ["::error ", "::warning ", "::notice "].iter().any(|known| line.starts_with(known));
        assert!(commands.iter().all(|line| format == "github" && known(line)), "{format}: {commands:?}");
        match format {
            "csv" => {
                for row in text.lines() {
                    let cells = row.split(',').map(|cell| cell.trim_matches('"'));
                    assert!(!cells.clone().any(|cell| cell.starts_with(['=', '+', '-', '@'])), "{row}");
                }
            }
            "markdown" => {
                let prose = without_code(&text);
                for tag in ["<script", "<img", "](javascript:"] {
                    assert!(!prose.contains(tag), "{tag}: {text}");
                }
                let rows: Vec<&str> = prose.lines().filter(|line| line.starts_with("| ")).collect();
                assert!(rows.iter().all(|row| row.matches(" | ").count() == 4), "{rows:#?}");
            }
            "junit" => drop(roxmltree::Document::parse(&text).expect("it is XML")),
            "json" | "sarif" | "gitlab" | "codequality" => {
                drop(serde_json::from_str::<Value>(&text).expect("it is JSON"));
            }
            _ => {}
        }
    }
}

/// A text of Markdown without its spans of code, in which nothing but the end of a table's cell has a meaning.
fn without_code(text: &str) -> String {
    let mut prose = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let ticks = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let behind = &rest[at + ticks..];
        let mark = "`".repeat(ticks);
        let is_end = |end: &usize| !behind[..*end].ends_with('`') && !behind[end + ticks..].starts_with('`');
        let end = behind.match_indices(&mark).map(|(end, _)| end).find(is_end).expect("the span ends");
        prose += &rest[..at];
        // A bar ends a cell even within code, unless a backslash stands before it.
        prose += &behind[..end].replace("\\|", "").replace(|c: char| c != '|', "");
        rest = &behind[end + ticks..];
    }
    prose + rest
}

#[test]
fn no_error_holds_a_value() {
    let dir = Dir::new();
    plant(&dir);
    dir.file("rules.toml", leak(1))
        .file("rules2.toml", format!("[provider]\nid = \"{}\"\n{} = 1\n", value(1), value(2)));
    let (one, two) = (value(1), value(2));
    dir.file("rules3.toml", format!("[[rules]]\nid = \"x\"\n{one} = 1\n[extend]\npath = \"{two}\"\n"))
        .file("key.toml", format!("[scan]\n{one} = true\n"))
        .file("type.toml", format!("[scan]\nno_ignore = \"{one}\"\n[report]\nfail_on = \"{two}\"\n"))
        .file("twice.toml", format!("[{one}]\n[{one}]\n"))
        .file("rule.toml", format!("[rules]\ndisable = [\"{one}\"]\nonly = [\"{two}\"]\n"))
        .file("broken.toml", format!("[scan]\n{one}\n{two}\n"));
    let cases: &[&[&str]] = &[
        &["scan", "tree", "--rules", "rules.toml"],
        &["rules", "check", "rules.toml"],
        &["scan", "tree/a.env", "--rules", "tree/a.env"],
        &["scan", "tree", "--rules", "rules2.toml"],
        &["scan", "tree", "--rules", "rules3.toml"],
        &["scan", "tree", "--config", "key.toml"],
        &["scan", "tree", "--config", "type.toml"],
        &["scan", "tree", "--config", "twice.toml"],
        &["scan", "tree", "--config", "rule.toml"],
        &["scan", "tree", "--config", "broken.toml"],
        &["baseline", "update", "--baseline", "tree/a.env"],
    ];
    for args in cases {
        let run = dir.run(args);
        run.fails(2, &[]);
        free_of_values(run.stderr.as_bytes(), &format!("{args:?}"));
        free_of_values(run.stdout.as_bytes(), &format!("{args:?}"));
    }
}

/// The memory of a scan that waits is in no file: no core dump, no temporary file, nothing beside the report.
#[test]
fn nothing_is_left_on_disk() {
    let dir = Dir::new();
    plant(&dir);
    dir.file("tmp/x", "").file("home/x", "");
    let mut command = dir.command(&["scan", "tree", "--json", "out.json", "--sarif", "out.sarif"]);
    command.envs([("TMPDIR", dir.at("tmp")), ("HOME", dir.at("home")), ("XDG_CACHE_HOME", dir.at("home"))]);
    let run = command.output().expect("the program runs");
    assert_eq!(run.status.code(), Some(1));
    for name in ["out.json", "out.sarif"] {
        free_of_values(dir.read(name).as_bytes(), name);
    }
    for folder in ["tmp", "home"] {
        let count = std::fs::read_dir(dir.at(folder)).expect("it is there").count();
        assert_eq!(count, 1, "{folder} holds what was there before and nothing else");
    }
}

/// A process that is killed writes no core, and nobody else may look into it.
#[test]
fn its_memory_is_closed() {
    let dir = Dir::new();
    let mut command = dir.command(&["scan", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    let mut input = child.stdin.take().expect("it is piped");
    std::io::Write::write_all(&mut input, "text\n".repeat(100_000).as_bytes()).expect("it reads");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).expect("it runs");
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
    assert!(core.split_whitespace().skip(4).take(2).all(|number| number == "0"), "{core}");
    // The kernel gives what belongs to a process that must not be dumped to root.
    let status = std::fs::metadata(format!("/proc/{}/mem", child.id())).expect("it runs");
    assert_eq!(std::os::unix::fs::MetadataExt::uid(&status), 0, "another process of the user may read its memory");
    drop(input);
    assert_eq!(finish(child, 60, "core").code, Some(0));
}

#[test]
fn only_the_owner_reads_a_report_with_values() {
    let dir = Dir::new();
    dir.file("tree/a.env", leak(1));
    dir.run(&["scan", "tree", "--show-secrets", "--json", "out.json"]).prints(1, &[]);
    assert!(dir.read("out.json").contains(&value(1)), "it was asked for");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(dir.at("out.json")).expect("it").permissions());
    assert_eq!(mode & 0o777, 0o600);
}
