//! How values are taken out again of what git holds: of a history by git filter-repo, of commits that were not sent by
//! rewriting them, of the index by staging once more. Rotation comes first; the steps say so.

use std::collections::BTreeSet;

use crate::finding::{Finding, Report};
use crate::rules::Role;
use crate::source::GitOrigin;

use super::escape;
use super::scrub::REDACTED;
use super::title::{count, list};

/// A step: what to do, in prose, and commands to copy.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) prose: String,
    pub(super) commands: Vec<String>,
}

/// A heading and steps; nothing if no finding is held by git.
pub(super) fn steps(report: &Report<'_>) -> Option<(&'static str, Vec<Step>)> {
    let held: Vec<(&Finding, &GitOrigin)> = report
        .findings
        .iter()
        .filter_map(|finding| finding.chief().place.origin.git.as_deref().map(|git| (finding, git)))
        .collect();
    match report.mode {
        "staged" if !report.findings.is_empty() => Some(("Before the commit", vec![unstage()])),
        "push" if !held.is_empty() => Some(("Before the push", vec![rewrite()])),
        "history" if !held.is_empty() => Some(("Take them out of the history, once they are revoked", purge(&held))),
        _ => None,
    }
}

fn step(prose: impl Into<String>, commands: &[&str]) -> Step {
    Step { prose: prose.into(), commands: commands.iter().map(|&command| command.to_owned()).collect() }
}

fn unstage() -> Step {
    step(
        "Nothing is committed yet. Take the value out of the file and stage it again, or leave the file out. A value that was \
         anywhere else, as in a chat or another clone, has leaked all the same: revoke it.",
        &["git reset -q -- FILE"],
    )
}

fn rewrite() -> Step {
    step(
        "Nothing is sent yet. Take the value out of the commit that brought it: of the latest by amending it, of an older one \
         by stopping at it. A further commit that deletes the line would send the value with the one before.",
        &["git commit --amend", "git rebase -i COMMIT^"],
    )
}

/// Prints the values that are secret, a line each, as git filter-repo reads them.
const VALUES: &str = "stopleak git --show-secrets --format json | jq -r '.findings[].parts[] | select(.role != \"id\") | \
                      \"literal:\" + .secret' > ../values.txt";

/// In one run: each run of `--sensitive-data-removal` fetches anew.
const REPLACE: &str =
    "git filter-repo --sensitive-data-removal --replace-text ../values.txt --replace-message ../values.txt";

/// Paths that are named in a command at most; dots stand for the others.
const PATHS: usize = 10;

fn purge(held: &[(&Finding, &GitOrigin)]) -> Vec<Step> {
    let refs: BTreeSet<&str> = held.iter().flat_map(|(_, git)| &git.refs).map(String::as_str).collect();
    let whose = if refs.is_empty() {
        String::new()
    } else {
        let names: Vec<&str> = refs.iter().copied().collect();
        format!(" Held by {}: {}.", count(names.len(), "reference"), escape(list(&names, 6).as_bytes()))
    };
    let files = remove_files(held);
    let mut steps = vec![
        step(
            format!(
                "A rewritten history does not undo a leak, so this comes last. It gives new ids to all commits from the first \
                 leak on: agree on a time with everybody who has a clone.{whose}"
            ),
            &[],
        ),
        step(
            "List the values in a file outside of the repository. Look it through: a short value is replaced wherever it \
             stands.",
            &[VALUES],
        ),
        step(
            format!(
                "Replace them in a fresh clone, with git filter-repo (https://github.com/newren/git-filter-repo).{}",
                if files.is_empty() { "" } else { " What is packed, encoded or a file's name goes with its file." }
            ),
            &["git clone --mirror URL purge.git && cd purge.git", &format!("{REPLACE}{files}")],
        ),
    ];
    steps.push(step(
        "Send it back. Ask the host to drop what it keeps of pull requests, forks and caches, and have every other clone made \
         anew; `stopleak git` shows what is left.",
        &["git push --force --mirror origin"],
    ));
    let stashes: BTreeSet<&str> =
        refs.iter().copied().filter(|name| name.starts_with("stash@") || *name == "refs/stash").collect();
    if !stashes.is_empty() {
        let drop = "Stashes are in no clone: drop them where they were made.";
        steps.push(step(drop, &["git stash drop stash@{N}"]));
    }
    if held.iter().any(|(_, git)| git.place.as_deref() == Some("unreachable object")) {
        steps.push(step(
            "What no reference reaches goes with the log of references, in each clone that has it.",
            &["git reflog expire --expire=now --all && git gc --prune=now"],
        ));
    }
    steps
}

/// Options that remove the files of what stands in no plain text, for it can't be replaced.
fn remove_files(held: &[(&Finding, &GitOrigin)]) -> String {
    let hidden = |finding: &Finding, git: &GitOrigin| {
        let secret = finding.parts.iter().filter(|part| part.role != Role::Id);
        let encoded = |origin: &crate::source::Origin, decoded: &[String]| {
            origin.member.is_some() || decoded.iter().any(|step| !step.starts_with("notebook"))
        };
        git.place.as_deref() == Some("file name")
            || secret.into_iter().any(|part| encoded(&part.place.origin, &part.place.decoded))
    };
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for (finding, git) in held.iter().filter(|(finding, git)| hidden(finding, git)) {
        paths.insert(quoted(&finding.chief().place.origin.path));
        paths.extend(git.also.iter().map(|path| quoted(path.as_bytes())));
    }
    // The value in a file's name is not shown; a star stands for it.
    let option = |path: &String| match path.replace(REDACTED, "*") {
        glob if glob != *path => format!(" --path-glob {glob}"),
        path => format!(" --path {path}"),
    };
    let named: String = paths.iter().take(PATHS).map(option).collect();
    let more = if paths.len() > PATHS { " --path ..." } else { "" };
    if paths.is_empty() { named } else { format!(" --invert-paths{named}{more}") }
}

/// A path as a shell takes it.
fn quoted(path: &[u8]) -> String {
    let path = escape(path);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@%=:,".contains(&byte);
    if path.bytes().all(plain) { path } else { format!("'{}'", path.replace('\'', "'\\''")) }
}
