//! Configurations, and comments that accept findings: what they hide is counted, and who may hide what.

use std::collections::BTreeSet;

use crate::harness::{ALNUM, Dir, Run, random};

/// The line of a secret of Binance; the value is made here, so no text in this repository looks like one.
fn secret(seed: u64) -> String {
    format!("BINANCE_API_SECRET = \"{}\"\n", random(seed, ALNUM, 64))
}

/// The same of another rule.
fn token(seed: u64) -> String {
    format!("BYBIT_API_SECRET = \"{}\"\n", random(seed, ALNUM, 36))
}

/// A folder with leaks at some places.
fn leaky() -> Dir {
    let dir = Dir::new();
    dir.file("a.py", secret(1)).file("vendor/b.py", secret(2)).file("tests/c.py", secret(3)).file("d.py", token(4));
    dir
}

fn json(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("no JSON ({error}): {run:#?}"))
}

/// The paths in a list of a JSON report.
fn paths(report: &serde_json::Value, list: &str) -> BTreeSet<String> {
    let findings = report[list].as_array().expect("it is a list");
    findings.iter().map(|finding| finding["parts"][0]["path"].as_str().expect("it is text").to_owned()).collect()
}

#[test]
fn each_setting_does_what_it_says_and_says_so() {
    let all = ["a.py", "d.py", "tests/c.py", "vendor/b.py"];
    let cases: &[(&str, &[&str], &str)] = &[
        ("", &all, "stopleak.toml is in force"),
        (
            "[scan]\nexclude = [\"vendor/\"]",
            &["a.py", "d.py", "tests/c.py"],
            "1 path left out by stopleak.toml (exclude = vendor/)",
        ),
        ("[scan]\nonly = [\"tests/\"]", &["tests/c.py"], "left out by stopleak.toml (only = tests/)"),
        (
            "[rules]\ndisable = [\"binance-*\"]",
            &["d.py"],
            "3 findings suppressed by stopleak.toml (the worst critical)",
        ),
        (
            "[rules]\ndisable = [\"bybit\"]",
            &["a.py", "tests/c.py", "vendor/b.py"],
            "1 finding suppressed by stopleak.toml",
        ),
        ("[rules]\nonly = [\"bybit\"]", &["d.py"], "3 findings suppressed by stopleak.toml"),
        ("[[allow]]\nreason = \"x\"\npaths = [\"tests/\"]", &["a.py", "d.py", "vendor/b.py"], "1 finding suppressed"),
        (
            "[[allow]]\nreason = \"x\"\npaths = [\"*.py\"]\nexchanges = [\"bybit\"]",
            &["a.py", "tests/c.py", "vendor/b.py"],
            "1 finding suppressed",
        ),
        (
            "[[allow]]\nreason = \"x\"\nrules = [\"bybit-api-secret\"]",
            &["a.py", "tests/c.py", "vendor/b.py"],
            "1 finding suppressed",
        ),
        (
            "[[allow]]\nreason = \"x\"\nrules = [\"bybit-api-secret\"]\nexpires = 2020-01-01",
            &all,
            "this [[allow]] expired on 2020-01-01 and accepts nothing: x",
        ),
        (
            "[[allow]]\nreason = \"x\"\nrules = [\"bybit-api-secret\"]\nexpires = 9999-01-01",
            &["a.py", "tests/c.py", "vendor/b.py"],
            "1 finding suppressed",
        ),
        ("[[allow]]\nreason = \"x\"\ncommits = [\"0123456\"]", &all, "in force"),
    ];
    for (config, reported, says) in cases {
        let dir = leaky();
        dir.file("stopleak.toml", config);
        dir.run(&["scan"]).prints(1, &[says]);
        let report = json(&dir.run(&["scan", "--format", "json"]));
        assert_eq!(paths(&report, "findings"), reported.iter().map(|&path| path.to_owned()).collect(), "{config}");
        let read = !config.contains("[scan]");
        assert!(
            !read || paths(&report, "findings").len() + paths(&report, "suppressed").len() == 4,
            "nothing is dropped: {config}"
        );
    }
}

#[test]
fn what_is_accepted_is_counted_even_where_little_is_wanted() {
    let dir = leaky();
    dir.file("stopleak.toml", "[rules]\ndisable = [\"*\"]\n");
    dir.run(&["scan", "--quiet"]).prints(0, &["4 findings suppressed by stopleak.toml (the worst critical)"]);
    dir.run(&["scan", "--verbose"])
        .prints(0, &["a.py:1:23: binance-api-secret: accepted by stopleak.toml:2: the rule is disabled"]);
    let sarif = json(&dir.run(&["scan", "--format", "sarif"]));
    assert_eq!(
        sarif["runs"][0]["results"].as_array().map(Vec::len),
        Some(0),
        "code scanning would open them as alerts"
    );
}

#[test]
fn what_is_not_read_or_not_sure_enough_is_told_even_where_little_is_wanted() {
    let dir = leaky();
    dir.file("stopleak.toml", "[scan]\nexclude = [\"*.py\"]\n");
    dir.run(&["scan", "--quiet"]).prints(0, &["4 paths left out by stopleak.toml (exclude = *.py)"]);

    let dir = Dir::new();
    dir.file("a.py", format!("api_secret = \"{}\"\n", random(3, ALNUM, 40)));
    let sure = json(&dir.run(&["scan", "--format", "json", "--min-confidence", "low"]));
    assert_eq!(sure["findings"][0]["confidence"], "medium", "the test needs a finding that is not quite sure");
    dir.file("stopleak.toml", "[report]\nmin_confidence = \"high\"\n");
    dir.run(&["scan", "--quiet"]).prints(0, &["1 finding suppressed by stopleak.toml"]);
    dir.run(&["scan", "--min-confidence", "high"]).prints(0, &["1 medium-confidence finding hidden"]);
    dir.run(&["scan", "--min-confidence", "medium"]).prints(1, &["1 leaked credential:"]);
}

#[test]
fn values_and_fingerprints_can_be_allowed() {
    let dir = leaky();
    let report = json(&dir.run(&["scan", "--format", "json"]));
    let finding = report["findings"].as_array().expect("a list").iter().find(|one| one["parts"][0]["path"] == "d.py");
    let fingerprint = finding.expect("it is found")["fingerprint"].as_str().expect("it is text").to_owned();
    let digest: String = {
        use sha2::Digest as _;
        sha2::Sha256::digest(random(1, ALNUM, 64)).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    dir.file("stopleak.toml", format!("[[allow]]\nreason = \"x\"\nfingerprints = [\"{fingerprint}\"]\n[[allow]]\nreason = \"y\"\nsha256 = [\"{digest}\"]\n"));
    let report = json(&dir.run(&["scan", "--format", "json"]));
    assert_eq!(paths(&report, "suppressed"), ["a.py", "d.py"].map(str::to_owned).into());
}

#[test]
fn severities_and_limits_can_be_set_and_what_is_typed_goes_before() {
    let dir = leaky();
    dir.file("stopleak.toml", "[rules.severity]\n\"*\" = \"low\"\nbybit = \"medium\"\n[report]\nfail_on = \"medium\"\n[scan]\nmax_file_size = \"1kB\"\n");
    dir.run(&["scan"]).prints(1, &["4 leaked credentials: 1 medium, 3 low", "medium: Bybit"]);
    dir.run(&["scan", "--fail-on", "high"]).prints(0, &["1 medium, 3 low"]);
    dir.file("large.csv", "x".repeat(2000));
    dir.run(&["scan", "--fail-on", "high"]).prints(3, &["large.csv: 2000 bytes, more than the limit of 1000"]);
    dir.run(&["scan", "--fail-on", "high", "--max-file-size", "3kB"]).prints(0, &[]);
}

#[test]
fn own_rules_come_from_below_the_configuration() {
    let rule = "[provider]\nid = \"acme\"\nname = \"Acme\"\nkind = \"service\"\nrevoke = \"https://acme.example/keys\"\ndocs = \"https://acme.example/docs\"\n[[rule]]\nid = \"acme-token\"\nrole = \"token\"\ntitle = \"Acme token\"\nshape = \"acme_[0-9a-f]{24}\"\nevidence = \"shape\"\ngrade = \"A\"\nseverity = \"high\"\nsource = \"ours\"\nexamples = [\"«acme_${hex:24}»\"]\ncounter_examples = [\"acme_short\"]\n";
    let dir = Dir::new();
    dir.file("security/acme.toml", rule).file("stopleak.toml", "[rules]\nfiles = [\"security/acme.toml\"]\n");
    let value = format!("acme_{}", random(9, "0123456789abcdef", 24));
    dir.file("x.py", format!("TOKEN = \"{value}\"\n"));
    let count = stopleak::rules::RuleSet::builtin().rules().len() + 1;
    dir.run(&["scan", "x.py"]).prints(1, &["Acme token", &format!("with {count} rules")]);
    dir.file("stopleak.toml", "[rules]\nfiles = [\"security/acne.toml\"]\n");
    dir.run(&["scan"]).fails(2, &["stopleak.toml:2:", "there is no rule file security/acne.toml"]);
    dir.file("stopleak.toml", "[rules]\nfiles = [\"../acme.toml\"]\n");
    dir.run(&["scan"]).fails(2, &["stopleak.toml:2:10: this file would lie outside"]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc", dir.at("etc")).expect("links can be made");
        dir.file("stopleak.toml", "[rules]\nfiles = [\"etc/passwd\"]\n");
        dir.run(&["scan"]).fails(2, &["etc/passwd can't be used", "is a link"]);
    }
}

#[test]
fn a_fault_stops_everything_with_its_place_and_remedy() {
    let cases: &[(&str, &[u8], &[&str])] = &[
        ("stopleak.toml", b"[scna]", &["stopleak.toml:1:2: unknown field `scna`; did you mean scan?"]),
        (".stopleak.toml", b"[scan]\nexclude = 7", &[".stopleak.toml:2:11: "]),
        (
            "pyproject.toml",
            b"[tool.stopleak]\nscna = 1",
            &["pyproject.toml:2:1: unknown field `scna`; did you mean scan?"],
        ),
        (
            "stopleak.toml",
            b"[rules]\ndisable = [\"binanse\"]",
            &["stopleak.toml:2:12: there is no rule or exchange `binanse`; did you mean binance"],
        ),
        ("stopleak.toml", b"# \xff", &["stopleak.toml:1: this is no UTF-8"]),
        ("stopleak.toml", b"[scan\n", &["stopleak.toml:1:"]),
    ];
    for (file, text, says) in cases {
        for command in [&["scan"][..], &["config", "check"], &["config", "show"]] {
            let dir = leaky();
            dir.file(file, text);
            let run = dir.run(command);
            run.fails(2, says);
            assert_eq!(run.stdout, "", "{file}");
            if command[0] == "scan" {
                dir.run(&["scan", "--no-config"]).prints(1, &["4 leaked credentials"]);
            }
        }
    }
    let dir = leaky();
    dir.file("stopleak.toml", "").file(".stopleak.toml", "");
    dir.run(&["scan"]).fails(2, &[".stopleak.toml: there is stopleak.toml as well; keep one of them"]);
    dir.run(&["scan", "--config", "nowhere.toml"]).fails(2, &["--config nowhere.toml"]);
    dir.run(&["scan", "--config", "a.py", "--no-config"]).fails(2, &["--no-config"]);
}

#[cfg(unix)]
#[test]
fn a_link_or_pipe_is_no_configuration_and_its_target_is_not_quoted() {
    let dir = leaky();
    dir.file("private", "[scan]\nhidden_word = 1\n");
    std::os::unix::fs::symlink("private", dir.at("stopleak.toml")).expect("links can be made");
    let run = dir.run(&["scan"]);
    run.fails(2, &["stopleak.toml can't be used: symbolic link; write a regular file"]);
    assert!(!run.stderr.contains("hidden_word"), "{run:#?}");
    std::fs::remove_file(dir.at("stopleak.toml")).expect("it is there");
    rustix::fs::mknodat(rustix::fs::CWD, dir.at("stopleak.toml"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .expect("pipes can be made");
    dir.run(&["scan"]).fails(2, &["stopleak.toml can't be used: not a regular file"]);
}

#[test]
fn the_nearest_configuration_up_to_the_repository_counts() {
    let dir = leaky();
    std::fs::create_dir(dir.at("repo")).expect("folders can be made");
    dir.file("repo/.git/HEAD", "ref: refs/heads/main\n")
        .file("repo/sub/deep/x.py", secret(1))
        .file("repo/y.py", secret(2));
    dir.file("stopleak.toml", "[rules]\ndisable = [\"*\"]\n");
    dir.run(&["scan", "repo"]).prints(1, &["2 leaked credentials"]);
    dir.file("repo/stopleak.toml", "[scan]\nexclude = [\"sub/deep/\"]\n");
    dir.run(&["scan", "repo"]).prints(1, &["1 leaked credential:", "1 path left out by stopleak.toml"]);
    dir.run(&["scan", "repo/sub"]).prints(0, &["1 path left out by stopleak.toml"]);
    dir.run(&["scan", "repo/sub/deep/x.py"]).prints(1, &["stopleak.toml is in force"]);
    dir.file("repo/sub/.stopleak.toml", "");
    dir.run(&["scan", "repo/sub"]).prints(1, &["sub/.stopleak.toml is in force"]);
    dir.run(&["scan", "repo/sub", "--config", "stopleak.toml"]).prints(0, &["1 finding suppressed by stopleak.toml"]);
    // What the paths of an [[allow]] are relative to doesn't depend on where the command runs.
    dir.file("repo/sub/.stopleak.toml", "[[allow]]\nreason = \"x\"\npaths = [\"/deep/x.py\"]\n");
    dir.run(&["scan", "repo/sub"]).prints(0, &["1 finding suppressed by sub/.stopleak.toml"]);
    let mut command = dir.command(&["scan", "deep/../deep/x.py"]);
    Run::of(command.current_dir(dir.at("repo/sub"))).prints(0, &["1 finding suppressed by sub/.stopleak.toml"]);
}

#[test]
fn the_settings_in_force_can_be_shown_with_their_places() {
    let dir = Dir::new();
    dir.run(&["config", "show"]).prints(0, &["configuration: none", "report.min_confidence", "medium", "default"]);
    dir.run(&["config", "check"]).prints(0, &["there is no configuration"]);
    dir.file("pyproject.toml", "[project]\nname = \"x\"\n\n[tool.stopleak.report]\nmin_confidence = \"low\"\n\n[[tool.stopleak.allow]]\nreason = \"why\"\npaths = [\"a\"]\n");
    let run = dir.run(&["config", "show"]);
    run.prints(0, &["configuration: pyproject.toml", "pyproject.toml:5", "paths = a (why)", "pyproject.toml:7"]);
    dir.run(&["config", "check"]).prints(0, &["pyproject.toml is right"]);
    dir.run(&["config", "show", "nowhere"]).fails(2, &["nowhere: there is no such path"]);
}

#[test]
fn comments_accept_what_they_stand_by() {
    let with = |comment: &str| secret(1).replace('\n', &format!("  # {comment}\n"));
    let cases: &[(&str, i32, &str)] = &[
        ("stopleak:allow", 0, "1 finding suppressed by comments in the text (the worst critical)"),
        ("stopleak:allow[binance-api-secret] a test", 0, "1 finding suppressed by comments"),
        ("stopleak:allow[binance]", 0, "1 finding suppressed by comments"),
        (
            "stopleak:allow[bybit]",
            1,
            "a.py:1: the comment stopleak:allow accepts nothing: it names [bybit], and the finding is of binance-api-secret",
        ),
        ("gitleaks:allow", 0, "1 finding suppressed by comments"),
        ("pragma: allowlist secret", 0, "1 finding suppressed by comments"),
        ("nosec", 1, "1 leaked credential"),
    ];
    for (comment, code, says) in cases {
        let dir = Dir::new();
        dir.file("a.py", with(comment));
        dir.run(&["scan"]).prints(*code, &[says]);
    }
    let dir = Dir::new();
    dir.file("a.py", with("gitleaks:allow")).file("b.py", with("stopleak:allow"));
    dir.file("stopleak.toml", "[comments]\nforeign = false\n");
    dir.run(&["scan"])
        .prints(1, &["1 leaked credential:", "the comment gitleaks:allow accepts nothing: the configuration lets"]);
    dir.file("stopleak.toml", "[comments]\naccept = false\n");
    dir.run(&["scan"]).prints(1, &["2 leaked credentials"]);
    dir.run(&["scan", "--verbose", "--no-config"])
        .prints(0, &["b.py:1:23: binance-api-secret: accepted by the comment stopleak:allow in line 1"]);
}

/// Words of linters count only if the configuration says so, and then as any other comment: counted, named, refusable.
#[test]
fn words_of_linters_count_only_if_told() {
    for word in ["nosec", "nosec B105", "NOSONAR", "noqa: S105"] {
        let dir = Dir::new();
        dir.file("a.py", secret(1).replace('\n', &format!("  # {word}\n")));
        let run = dir.run(&["scan"]);
        run.prints(1, &["1 leaked credential"]);
        assert!(!run.stdout.contains("comment"), "what is nothing to us is not spoken of: {run:#?}");
        dir.file("stopleak.toml", "[comments]\nlinters = true\n");
        dir.run(&["scan"]).prints(0, &["1 finding suppressed by comments in the text (the worst critical)"]);
        dir.run(&["config", "show"]).prints(0, &["comments.linters", "stopleak.toml:2"]);
        dir.file("stopleak.toml", "[comments]\nlinters = true\nforeign = false\n");
        dir.run(&["scan"]).prints(0, &["1 finding suppressed"]);
        dir.file("stopleak.toml", "[comments]\nlinters = true\naccept = false\n");
        dir.run(&["scan"]).prints(1, &["accepts nothing: the configuration lets no such comment count"]);
    }
}

#[test]
fn a_comment_by_the_key_does_not_accept_the_secret() {
    let dir = Dir::new();
    let key = format!("BINANCE_API_KEY = \"{}\"  # stopleak:allow\n", random(5, ALNUM, 64));
    dir.file("a.py", key + &secret(1));
    dir.run(&["scan"]).prints(1, &["Binance API key + secret"]);
}
