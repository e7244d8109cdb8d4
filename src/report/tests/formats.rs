//! The formats of CI systems and spreadsheets, read back by readers of theirs.

use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::source::GitOrigin;

fn json(format: Format, report: &Report<'_>) -> Value {
    let style = Style { started: 1_709_251_199, ..Style::default() };
    serde_json::from_str(&render(format, report, &style)).expect("the report is JSON")
}

/// The pair of the sample, found in the history and gone from HEAD.
fn in_history(rules: &RuleSet) -> Report<'_> {
    let mut report = sample(rules);
    for part in &mut report.findings[0].parts {
        part.place.origin.git = Some(Arc::new(GitOrigin {
            commit: Some("0123456789abcdef0123456789abcdef01234567".to_owned()),
            author: Some("Ada <ada@example.org>".to_owned()),
            date: Some("2026-01-31T12:00:00+00:00".to_owned()),
            in_head: Some(false),
            ..GitOrigin::default()
        }));
    }
    report
}

#[test]
fn annotations_are_what_github_reads() {
    let rules = sample_rules();
    let shown = render(Format::Github, &sample(&rules), &Style::default());
    let lines: Vec<&str> = shown.lines().collect();
    assert!(
        lines[0].starts_with(
            "::error file=conf/live.env,line=3,endLine=3,col=20,endColumn=84,title=Acme API key + secret::Acme API key"
        ),
        "{shown}"
    );
    assert!(
        lines[1].starts_with("::error file=evil\\x0a%3A%3Aadd-mask%3A%3A\\x1b[2J#\\x23vso[x] \\xff[a](b){0}.py,line=9"),
        "{shown}"
    );
    assert!(lines[2].starts_with("::warning title=stopleak%3A not everything"), "{shown}");
    assert!(lines[2].contains("the history is shallow: 1 commit%0A"), "{shown}");
    assert_eq!(lines[3], "stopleak: 2 leaked credentials: 2 critical");
    assert_eq!(lines.len(), 5, "nothing else begins a line: {shown}");
}

#[test]
fn what_is_in_no_file_of_the_checkout_has_no_line() {
    let rules = sample_rules();
    let shown = render(Format::Github, &in_history(&rules), &Style::default());
    assert!(shown.starts_with("::error title=Acme"), "{shown}");
    assert!(shown.contains("since commit 0123456789ab by Ada"), "{shown}");
}

#[test]
fn a_history_is_purged_after_the_keys_are_revoked() {
    let rules = sample_rules();
    let mut report = in_history(&rules);
    report.mode = "history";
    for part in &mut report.findings[0].parts {
        let git = part.place.origin.git.as_deref().cloned().expect("it is in git");
        let refs = ["refs/heads/main", "refs/stash", "refs/tags/v1", "refs/tags/v2", "refs/tags/v3"];
        part.place.origin.git = Some(Arc::new(GitOrigin {
            refs: refs.map(str::to_owned).to_vec(),
            also: vec!["b c.zip".to_owned()],
            ..git
        }));
        part.place.origin.member = Some("x".to_owned());
    }
    let shown = render(Format::Text, &report, &Style::default());
    let says = [
        "not in HEAD but in the history",
        "= held by: refs/heads/main, refs/stash, refs/tags/v1, refs/tags/v2 and 1 more",
        "once they are revoked",
        "--replace-text ../values.txt",
        "--invert-paths --path 'b c.zip' --path conf/live.env",
        "git stash drop",
    ];
    let words = shown.replace("   |", "").split_whitespace().collect::<Vec<_>>().join(" ");
    let mut rest = words.as_str();
    for text in says {
        let at = rest.find(text).unwrap_or_else(|| panic!("{text} is missing, or not in its place:\n{shown}"));
        rest = &rest[at..];
    }
    let revoke = shown.find("Delete the key").expect("the first step");
    assert!(revoke < shown.find("filter-repo").expect("the last one"), "{shown}");
    let sarif = json(Format::Sarif, &report);
    let facts = &sarif["runs"][0]["results"][0]["properties"];
    assert_eq!((&facts["inHead"], &facts["refCount"]), (&Value::from(false), &Value::from(5)));
    for part in &mut report.findings[0].parts {
        let git = part.place.origin.git.as_deref().cloned().expect("it is in git");
        let place = Some("unreachable object".to_owned());
        part.place.origin.git = Some(Arc::new(GitOrigin { place, refs: Vec::new(), ..git }));
    }
    let shown = render(Format::Text, &report, &Style::default());
    assert!(shown.contains("in an unreachable object since") && shown.contains("git reflog expire"), "{shown}");
    report.mode = "push";
    let shown = render(Format::Text, &report, &Style::default());
    assert!(shown.contains("Nothing is sent yet") && !shown.contains("filter-repo"), "{shown}");
    report.mode = "staged";
    let shown = render(Format::Text, &report, &Style::default());
    assert!(shown.contains("Nothing is committed yet") && !shown.contains("filter-repo"), "{shown}");
    report.mode = "tree";
    assert!(!render(Format::Text, &report, &Style::default()).contains("filter-repo"));
}

#[test]
fn more_annotations_than_github_shows_are_announced() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    report.findings = vec![report.findings[0].clone(); 11];
    let shown = render(Format::Github, &report, &Style::default());
    assert!(shown.contains("\n::notice title=stopleak::GitHub shows 10 annotations of a kind"), "{shown}");
    report.findings.truncate(10);
    assert!(!render(Format::Github, &report, &Style::default()).contains("::notice"));
}

#[test]
fn gitlab_s_report_follows_its_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../testdata/schemas/gitlab-secret-detection.json"))
        .expect("the schema is JSON");
    let validator = jsonschema::draft202012::new(&schema).expect("the schema is a schema");
    let rules = sample_rules();
    for report in [sample(&rules), in_history(&rules)] {
        let shown = json(Format::Gitlab, &report);
        let errors: Vec<String> =
            validator.iter_errors(&shown).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let broken = [
        ("/scan/start_time", Value::from("2024-02-29T23:59:59Z")),
        ("/vulnerabilities/0/name", Value::from("x".repeat(256))),
        ("/vulnerabilities/0/location/commit/sha", Value::from("")),
        ("/vulnerabilities/0/raw_source_code_extract", Value::from("x")),
    ];
    for (pointer, value) in broken {
        let mut shown = json(Format::Gitlab, &sample(&rules));
        match shown.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => shown["vulnerabilities"][0]["raw_source_code_extract"] = value,
        }
        assert!(!validator.is_valid(&shown), "the schema notices {pointer}");
    }
}

#[test]
fn gitlab_s_report_says_when_where_and_what_was_left_out() {
    let rules = sample_rules();
    let shown = json(Format::Gitlab, &in_history(&rules));
    assert_eq!(shown["scan"]["start_time"], "2024-02-29T23:59:59");
    assert_eq!(shown["scan"]["end_time"], "2024-03-01T00:00:00");
    assert_eq!(shown["scan"]["messages"].as_array().map(Vec::len), Some(3), "{shown:#}");
    let (old, new) = (&shown["vulnerabilities"][0]["location"], &shown["vulnerabilities"][1]["location"]);
    assert_eq!(old["commit"]["sha"], "0123456789abcdef0123456789abcdef01234567");
    assert_eq!((&old["file"], &old["start_line"]), (&Value::from("conf/live.env"), &Value::from(3)));
    assert_eq!(new["commit"]["sha"], "0000000", "a tree has no commit, and the field is required");
    assert_eq!(shown["vulnerabilities"][0]["identifiers"][0]["value"], "acme-api-secret");
}

#[test]
fn the_quality_report_tells_gaps_too() {
    let rules = sample_rules();
    let shown = json(Format::CodeQuality, &sample(&rules));
    let issues = shown.as_array().expect("it is an array");
    assert_eq!(issues.len(), 3);
    assert_eq!(issues[0]["location"]["path"], "conf/live.env");
    assert_eq!(issues[0]["location"]["lines"]["begin"], 3);
    assert_eq!(issues[0]["severity"], "blocker");
    assert_eq!(issues[2]["check_name"], "stopleak-coverage");
}

#[test]
fn junit_is_xml_with_a_case_for_each_finding_and_gap() {
    let rules = sample_rules();
    let shown = render(Format::Junit, &sample(&rules), &Style::default());
    let document = roxmltree::Document::parse(&shown).expect("the report is XML");
    let suite = document.root_element().first_element_child().expect("there is a suite");
    let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
    let of = |tag: &str| cases.iter().filter(|case| case.children().any(|node| node.has_tag_name(tag))).count();
    assert_eq!((cases.len(), of("failure"), of("error")), (6, 2, 3));
    let numbers = ["tests", "failures", "errors"].map(|name| suite.attribute(name));
    assert_eq!(numbers, [Some("6"), Some("2"), Some("3")]);
    let names: std::collections::BTreeSet<_> = cases.iter().map(|case| case.attribute("name")).collect();
    assert_eq!(names.len(), cases.len(), "readers take two cases of one name for one");
    assert_eq!(cases[1].attribute("line"), Some("3"));
    assert_eq!(cases[2].attribute("file"), Some("evil\\x0a::add-mask::\\x1b[2J#\\x23vso[x] \\xff[a](b){0}.py"));
}

#[test]
fn nothing_is_accepted_silently() {
    use crate::finding::{Remark, RemarkKind};
    let rules = sample_rules();
    let mut report = sample(&rules);
    let text = "evil\n::add-mask:: suppression of acme-api-key comes with this change".to_owned();
    report.remarks.push(Remark { kind: RemarkKind::NewSuppression, text });
    for format in [Format::Github, Format::Gitlab, Format::Junit, Format::Markdown] {
        let shown = render(format, &report, &Style::default());
        assert!(shown.contains("suppression of acme-api-key comes with this change"), "{format:?}: {shown}");
        assert!(!shown.contains("\n::add-mask"), "{format:?}: {shown}");
    }
}

#[test]
fn a_clean_junit_report_has_a_test_that_passed() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    (report.findings, report.skipped, report.notes) = (Vec::new(), Vec::new(), Vec::new());
    let shown = render(Format::Junit, &report, &Style::default());
    assert!(shown.contains("tests=\"1\" failures=\"0\" errors=\"0\""), "{shown}");
    assert!(shown.contains("name=\"12 files read\""), "{shown}");
}

#[test]
fn every_row_of_the_table_has_all_columns() {
    let rules = sample_rules();
    let mut report = in_history(&rules);
    report.findings[1].parts[0].name = Some("=cmd|'/c calc'!A1".to_owned());
    report.findings[1].parts[0].place.origin.path = b"@sum(1,\"2\").py".to_vec();
    let shown = render(Format::Csv, &report, &Style::default());
    let rows: Vec<Vec<String>> = shown.split_terminator("\r\n").map(read_row).collect();
    assert_eq!(rows.len(), 1 + 3 + 3, "a header, the parts of two findings, the gaps");
    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{rows:#?}");
    assert_eq!((rows[1][0].as_str(), rows[1][7].as_str(), rows[1][8].as_str()), ("finding", "conf/live.env", "3"));
    assert_eq!((rows[2][0].as_str(), rows[2][5].as_str(), &rows[2][18]), ("part", "key", &rows[1][18]));
    assert_eq!((rows[3][7].as_str(), rows[3][10].as_str()), ("'@sum(1,\"2\").py", "'=cmd|'/c calc'!A1"));
    assert_eq!(rows[6][0], "gap");
}

/// A row as RFC 4180 says.
fn read_row(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let cell = cells.last_mut().expect("there is always a cell");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                cell.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cell.push(c),
        }
    }
    assert!(!quoted, "quotes are closed: {line}");
    cells
}

#[test]
fn the_summary_is_what_a_reviewer_needs() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    report.findings.truncate(1);
    report.skipped.remove(1);
    insta::assert_snapshot!(render(Format::Markdown, &report, &Style::default()), @r"
    ## stopleak: 1 leaked credential: 1 critical

    | Severity | Credential | Where | Name | Rule |
    | --- | --- | --- | --- | --- |
    | 🔴 critical | Acme API key + secret | `conf/live.env:3` | `ACME_API_SECRET` | `acme-api-secret` |

    <details open><summary>What to do now</summary>

    **Acme** (1 credential)

    1. Delete the key: <https://acme.example/keys>
    2. A new key works after a minute
    3. Check the account for what wasn't yours: orders and fills, withdrawals and withdrawal addresses, transfers, sub-accounts, further API keys
    4. Make a new key with an IP whitelist and the least rights the program needs, without withdrawals
    5. Keep the new value out of the repository (environment, secret manager), then purge the old one from history, forks, CI logs and caches: deleting the line does not remove it

    </details>

    **Not everything that was asked for was read:**

    - `the history is shallow: 1 commit`
    - `huge.csv: 60000000 bytes, more than the limit of 50000000`

    scanned 12 files (3.5 MB) in 1.23 s with 3 rules; left out: 1 binary
");
}

#[test]
fn a_summary_keeps_within_what_github_takes() {
    let rules = sample_rules();
    let mut report = sample(&rules);
    report.findings[0].parts[0].place.origin.path = vec![b'x'; 4000];
    report.findings = vec![report.findings[0].clone(); 5_000];
    let shown = render(Format::Markdown, &report, &Style::default());
    assert!(shown.len() < 1 << 20, "{} bytes", shown.len());
    assert!(shown.contains("The 300 worst of 5000 findings are listed."));
}
