//! Files that git tracks although it ignores them are read.

use stopleak::detect::Engine;
use stopleak::rules::RuleSet;
use stopleak::scan::{self, Options};

use super::{leak, places};
use crate::repo::Repo;

#[test]
fn tracked_though_ignored() {
    let repo = Repo::new();
    for name in ["a.log", "node_modules/p/a.js", "b.log", "node_modules/q/b.js"] {
        repo.write(name, &leak(1));
    }
    repo.write(".gitignore", "*.log\nnode_modules\n");
    repo.git(&["add", "-f", ".gitignore", "a.log", "node_modules/p/a.js"]);
    let engine = Engine::new(RuleSet::builtin());
    let report = scan::tree(&engine, &[repo.path().to_path_buf()], &Options::default(), &());
    let root = repo.path().display();
    assert_eq!(
        places(&report, 1).into_iter().collect::<Vec<_>>(),
        [format!("{root}/a.log:1"), format!("{root}/node_modules/p/a.js:1")]
    );
}

#[test]
fn what_git_does_with_a_file_is_said() {
    let repo = Repo::new();
    repo.commit("tracked.py", &leak(1));
    repo.commit("prod.env", &leak(5));
    repo.write("untracked.py", &leak(2));
    repo.write(".env", &leak(3));
    repo.write("private/config.json", &leak(4));
    repo.write(".gitignore", ".env\nprivate/\n");
    let engine = Engine::new(RuleSet::builtin());
    let report = scan::tree(&engine, &[repo.path().to_path_buf()], &Options::default(), &());
    let said = |seed: u64| {
        let value = super::value(seed);
        let finding = report.findings.iter().find(|finding| finding.chief().secret.expose() == value.as_bytes());
        finding.expect("a finding").exposure.join("; ")
    };
    assert_eq!(said(1), "", "nothing that is not known of any tracked file");
    assert!(said(5).contains("git tracks"), "{}", said(5));
    assert!(said(2).contains("neither tracks nor ignores"), "{}", said(2));
    assert!(said(3).contains("git ignores"), "{}", said(3));
    assert!(said(4).contains("git ignores"), "{}", said(4));
}
