//! Tags of what is no commit: trees, blobs, and tags again.

use stopleak::detect::Engine;
use stopleak::finding::{Finding, Report};
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options, Scope};
use stopleak::source::GitOrigin;
use stopleak::source::git::Repository;
use stopleak::source::git::range::Range;

use super::{leak, places, refs, value};
use crate::repo::Repo;

/// A tree that only tags hold.
fn tree(repo: &Repo, name: &str, text: &str) -> String {
    repo.write(name, text);
    repo.git(&["add", "-A"]);
    let tree = repo.git(&["write-tree"]);
    repo.git(&["rm", "-q", "-f", name]);
    tree
}

fn git_of(report: &Report<'_>, seed: u64) -> GitOrigin {
    let value = value(seed);
    let holds = |finding: &&Finding| finding.chief().secret.expose() == value.as_bytes();
    let found = report.findings.iter().find(holds).and_then(|finding| finding.chief().place.origin.git.as_deref());
    found.cloned().expect("a place in git")
}

#[test]
fn the_references_of_what_only_tags_hold() {
    let repo = Repo::new();
    let base = repo.commit("a.txt", "x\n");
    let light = tree(&repo, "deep/light.env", &leak(1));
    repo.git(&["tag", "light", &light]);
    let whole = tree(&repo, "whole.env", &leak(2));
    repo.git(&["tag", "-a", "whole", &whole, "-m", &leak(3)]);
    let blob = repo.git_with(&["hash-object", "-w", "--stdin"], &leak(4));
    repo.git(&["tag", "blob", &blob]);
    repo.git(&["tag", "-a", "inner", "-m", &leak(5)]);
    repo.git(&["tag", "-a", "outer", "inner", "-m", &leak(6)]);
    repo.git(&["tag", "-d", "inner"]);
    let named = tree(&repo, &format!("keys/BINANCE_API_SECRET={}", value(7)), "named\n");
    repo.git(&["tag", "named", &named]);
    let engine = Engine::new(RuleSet::builtin());
    let repository = Repository::open(Some(repo.path())).expect("a repository");
    let options = Options::default();
    let names = ["blob", "light", "named", "outer", "whole"];
    let line = |name: &str| {
        let id = repo.git(&["rev-parse", &format!("refs/tags/{name}")]);
        format!("refs/tags/{name} {id} refs/tags/{name} {}\n", "0".repeat(40))
    };
    let lines: String = names.iter().map(|name| line(name)).collect();
    let pushed = Range::pushed(&repository, "origin", lines.as_bytes()).expect("lines of git");
    let pushed = Range { hidden: vec![repository.resolve(&base).expect("an id")], ..pushed };
    let reports = [
        ("history", scan::history(&engine, &repository, false, &options, &())),
        ("all", scan::range(&engine, &repository, &Range::all(&repository), Scope::Added, &options, &())),
        ("push", scan::range(&engine, &repository, &pushed, Scope::Added, &options, &())),
    ];
    for (title, report) in reports {
        let expected =
            [(1, "light"), (2, "whole"), (3, "whole"), (4, "blob"), (5, "outer"), (6, "outer"), (7, "named")];
        for (seed, tag) in expected {
            assert_eq!(places(&report, seed).len(), 1, "{title} {seed}");
            assert_eq!(refs(&report, seed), [format!("refs/tags/{tag}")], "{title} {seed}");
            let git = git_of(&report, seed);
            assert_ne!(git.place.as_deref(), Some("unreachable object"), "{title} {seed}");
            assert_eq!(git.object.is_none(), seed == 7, "{title} {seed}: {git:?}");
        }
        assert!(report.complete(), "{title}: {report:?}");
    }
}
