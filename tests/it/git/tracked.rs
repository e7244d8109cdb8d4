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
