//! One value in many versions and at many paths is one finding, which says no less than a scan of each of them says.

use stopleak::detect::{Engine, Hint};
use stopleak::finding::{Environment, Finding, Report};
use stopleak::rules::{RuleSet, Severity};
use stopleak::scan::{self, Options, Scope};
use stopleak::source::git::Repository;
use stopleak::source::git::range::Range;

use super::value;
use crate::repo::Repo;

/// Commits, each of some files, without text if they are deleted; what they have to say comes from a scan of every file.
type Case = (&'static str, Vec<Vec<(&'static str, String)>>);

fn generic(seed: u64) -> String {
    format!("api_secret={}\n", &value(seed)[..40])
}

fn okx(passphrase: u64) -> String {
    let digits: String = value(7).bytes().map(|byte| format!("{:x}", byte % 16)).collect();
    let key = [&digits[..8], &digits[8..12], "4a1b", "9c2d", &digits[20..32]].join("-");
    let secret = &value(1)[..32];
    format!("OKX_API_SECRET={secret}\nOKX_API_KEY={key}\nOKX_PASSPHRASE=Zq7{}\n", &value(passphrase)[..16])
}

fn binance(head: &str) -> String {
    format!("{head}\nBINANCE_API_KEY={}\nBINANCE_API_SECRET={}\n", value(2), value(3))
}

fn cases() -> Vec<Case> {
    let one = |path, text: &str| vec![(path, text.to_owned())];
    let testnet = "BINANCE_TESTNET=true\nBASE_URL=https://testnet.binance.vision";
    let secret = format!("OKX_API_SECRET={}\n", &value(1)[..32]);
    let readme = generic(4);
    vec![
        ("documentation first", vec![one("README.md", &readme), one("prod/.env", &format!("# live\n{readme}"))]),
        (
            "testnet first",
            vec![one("t/.env", &binance(testnet)), one("live/.env", &binance("BASE_URL=https://api.binance.com"))],
        ),
        (
            "testnet last",
            vec![one("live/.env", &binance("BASE_URL=https://api.binance.com")), one("t/.env", &binance(testnet))],
        ),
        ("parts that came later", vec![one(".env", &secret), one(".env", &okx(5))]),
        ("a passphrase that was changed", vec![one(".env", &okx(5)), one(".env", &okx(6))]),
        (
            "one blob at two paths",
            vec![one("README.md", &readme), vec![("README.md", readme.clone()), ("prod/.env", readme.clone())]],
        ),
        (
            "one blob at two paths of one commit",
            vec![vec![("README.md", readme.clone()), ("prod/.env", readme.clone())]],
        ),
        (
            "a folder that was moved",
            vec![one("tests/fixtures/a/key.txt", &binance("")), one("src/deep/a/key.txt", &binance(""))],
        ),
        ("a lock file first", vec![one("yarn.lock", &readme), one("a/.env", &readme)]),
        ("a minified program first", vec![one("x.min.js", &readme), one("a/.env", &readme)]),
    ]
}

fn build(commits: &[Vec<(&str, String)>]) -> Repo {
    let repo = Repo::new();
    repo.git(&["commit", "-q", "--allow-empty", "-m", "begin"]);
    for files in commits {
        for (path, text) in files {
            if text.is_empty() {
                repo.git(&["rm", "-q", path]);
            } else {
                repo.write(path, text);
            }
        }
        repo.git(&["add", "-A"]);
        repo.git(&["commit", "-q", "-m", "next"]);
    }
    repo
}

fn history(repo: &Repo, options: &Options) -> Report<'static> {
    let engine = Engine::new(RuleSet::builtin());
    scan::history(&engine, &Repository::open(Some(repo.path())).expect("a repository"), false, options, &())
}

fn range(repo: &Repo, options: &Options) -> Report<'static> {
    let engine = Engine::new(RuleSet::builtin());
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let tips = vec![repository.resolve("HEAD").expect("a commit")];
    let range = Range { tips, ..Range::default() };
    scan::range(&engine, &repository, &range, Scope::Added, options, &())
}

fn says(finding: &Finding) -> String {
    let parts: Vec<&str> = finding.parts.iter().map(|part| part.role.title()).collect();
    format!("{:?} {:?} {:?} {parts:?}", finding.severity, finding.confidence, finding.environment)
}

#[test]
fn no_version_says_more() {
    let engine = Engine::new(RuleSet::builtin());
    for (name, commits) in cases() {
        let repo = build(&commits);
        for threads in [1, 4] {
            let options = Options { threads, ..Options::default() };
            for (mode, report) in [("history", history(&repo, &options)), ("range", range(&repo, &options))] {
                let mut any = false;
                // In a range, what moved is nothing new.
                let moved = commits.iter().flatten().any(|(_, text)| text.is_empty());
                for (path, text) in commits.iter().flatten().filter(|_| mode == "history" || !moved) {
                    let hint = Hint { path: path.to_lowercase(), from_start: true, ..Hint::default() };
                    for alone in engine.scan(text.as_bytes(), &hint) {
                        any = true;
                        let chief = &alone.parts[0];
                        let of =
                            |finding: &&Finding| finding.rule == chief.rule && finding.chief().secret == chief.value;
                        let all: Vec<&Finding> = report.findings.iter().filter(of).collect();
                        let as_much = |finding: &&Finding| {
                            finding.severity >= alone.severity && finding.confidence >= alone.confidence
                        };
                        let told: Vec<String> = all.iter().map(|finding| says(finding)).collect();
                        assert!(all.iter().any(as_much), "{name}, {mode}: {path} says more than {told:?}");
                        for part in &alone.parts {
                            let found = report.findings.iter().flat_map(|finding| &finding.parts);
                            let mut found = found.filter(|found| found.role == part.role);
                            assert!(found.any(|found| found.secret == part.value), "{name}, {mode}: {path}: {told:?}");
                        }
                    }
                }
                assert!(any || moved, "{name}: nothing to find");
            }
        }
    }
}

#[test]
fn the_worst_environment_counts() {
    let cases = cases();
    for name in ["testnet first", "testnet last"] {
        let (_, commits) = cases.iter().find(|(case, _)| *case == name).expect("a case");
        let report = history(&build(commits), &Options::default());
        let [finding] = report.findings.as_slice() else { panic!("{name}: {} findings", report.findings.len()) };
        assert_eq!((finding.severity, finding.environment), (Severity::Critical, Environment::Unknown), "{name}");
    }
}

#[test]
fn a_part_that_came_later_has_its_own_commit() {
    let (_, commits) = cases().into_iter().find(|(name, _)| *name == "a passphrase that was changed").expect("a case");
    let repo = build(&commits);
    let report = history(&repo, &Options::default());
    let [finding] = report.findings.as_slice() else { panic!("{} findings", report.findings.len()) };
    let commits = ["HEAD~1", "HEAD~1", "HEAD~1", "HEAD"].map(|commit| repo.git(&["rev-parse", commit]));
    let told: Vec<&str> = finding
        .parts
        .iter()
        .map(|part| part.place.origin.git.as_ref().and_then(|git| git.commit.as_deref()).expect("a commit"))
        .collect();
    assert_eq!(told, commits.each_ref().map(String::as_str));
}

/// What lies at an excluded path lies elsewhere as well.
#[test]
fn an_excluded_path_hides_no_other() {
    let text = binance("");
    let at = |path, excluded: &str| {
        (vec![vec![("notes.txt", text.clone())], vec![(path, text.clone())]], excluded.to_owned())
    };
    let moved = |from, to| {
        (vec![vec![(from, text.clone())], vec![(to, text.clone()), (from, String::new())]], "docs/".to_owned())
    };
    for (commits, excluded) in
        [at(".env", "notes.txt"), at("a/b/.env", "notes.txt"), moved("docs/a/b.env", "src/a/b.env")]
    {
        let repo = build(&commits);
        let options = Options { exclude: vec![excluded], ..Options::default() };
        for (mode, report) in [("history", history(&repo, &options)), ("range", range(&repo, &options))] {
            let paths: Vec<String> =
                report.findings.iter().map(|finding| finding.chief().place.origin.display()).collect();
            // In a range, what moved is nothing new.
            let moved = commits[1].len() > 1 && mode == "range";
            assert_eq!(paths, if moved { Vec::new() } else { vec![commits[1][0].0] }, "{mode}");
        }
        let options = Options { only: vec![commits[1][0].0.to_owned()], ..Options::default() };
        assert_eq!(history(&repo, &options).findings.len(), 1, "{}", commits[1][0].0);
    }
}
