//! Which commits a range has, whatever their clocks say.

use std::collections::{BTreeSet, HashMap};

use stopleak::source::git::range::{Range, select};
use stopleak::source::git::{ObjectId, Repository};

use crate::repo::Repo;

/// Numbers without meaning.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits fit") % end
    }
}

/// Commits with up to three parents among those before them, each `skew` seconds off at most. Gives the parents.
fn build(repo: &Repo, random: &mut Random, count: usize, skew: usize) -> Vec<BTreeSet<usize>> {
    let (mut stream, mut parents) = (String::new(), Vec::new());
    for at in 0..count {
        let mut own = BTreeSet::new();
        for _ in 0..random.below(4).min(at) {
            own.insert(at - 1 - random.below(at.min(12)));
        }
        let time = 1_700_000_000 + at * 100 + random.below(skew + 1);
        stream += &format!("reset refs/heads/b{at}\n\ncommit refs/heads/b{at}\nmark :{}\n", at + 1);
        stream += &format!("committer A <a@example.org> {time} +0000\ndata 1\nx\n");
        for (place, parent) in own.iter().enumerate() {
            stream += &format!("{} :{}\n", if place == 0 { "from" } else { "merge" }, parent + 1);
        }
        stream += &format!("M 644 inline f{at}\ndata 1\nx\n");
        parents.push(own);
    }
    repo.git_with(&["fast-import", "--quiet"], &stream);
    parents
}

fn reached(parents: &[BTreeSet<usize>], from: &[usize]) -> BTreeSet<usize> {
    let (mut all, mut stack) = (BTreeSet::new(), from.to_vec());
    while let Some(at) = stack.pop() {
        if all.insert(at) {
            stack.extend(&parents[at]);
        }
    }
    all
}

#[test]
fn a_range_has_what_its_tips_reach_and_the_hidden_do_not() {
    for (seed, skew) in [(1, 0), (2, 1000), (3, 3000), (4, 20_000)] {
        let mut random = Random(seed);
        let repo = Repo::new();
        let parents = build(&repo, &mut random, 90, skew);
        let repository = Repository::open(Some(repo.path())).expect("a repository");
        let id = |at: usize| repository.resolve(&format!("b{at}")).expect("a branch");
        let ids: Vec<ObjectId> = (0..parents.len()).map(id).collect();
        let places: HashMap<String, usize> = ids.iter().map(ToString::to_string).zip(0..).collect();
        for _ in 0..150 {
            let mut some = |most| (0..random.below(most)).map(|_| random.below(ids.len())).collect::<Vec<_>>();
            let (tips, hidden) = (some(4), some(3));
            let chosen = |list: &[usize]| list.iter().map(|&at| ids[at]).collect();
            let range = Range { tips: chosen(&tips), hidden: chosen(&hidden), ..Range::default() };
            let selection = select(&repository, &range);
            let commits = selection.texts.iter().filter_map(|text| text.origin.git.as_ref()?.commit.clone());
            let mut order: Vec<usize> = commits.map(|commit| places[&commit]).collect();
            order.dedup();
            let expected: BTreeSet<usize> = &reached(&parents, &tips) - &reached(&parents, &hidden);
            assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), expected, "{seed}: {tips:?} without {hidden:?}");
            assert_eq!(order.len(), expected.len(), "each once");
            assert!(selection.skipped.is_empty(), "{:?}", selection.skipped);
            if skew == 0 {
                assert!(order.is_sorted(), "the oldest first: {order:?}");
            }
        }
    }
}
