//! `stopleak hook`: into git's hooks and out again, and what frameworks for hooks run.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args as ClapArgs, Subcommand};
use stopleak::finding::Report;
use stopleak::scan::{self, Named, Scope};
use stopleak::source::git::hook::{self, Hook};
use stopleak::source::git::range::Range;
use stopleak::source::git::{ObjectId, Repository};

use super::args::{JudgeArgs, OutArgs};
use super::git::ReadArgs;
use super::output;
use super::plan::Common;
use super::scan::judged;

#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Scan before every commit (and with --push before every push)
    Install {
        /// Before every push too
        #[arg(long)]
        push: bool,
    },
    /// Take the hooks out again; what was there before comes back
    Uninstall,
    /// Scan the files that pre-commit, lefthook or husky names: what is staged of them, else the files themselves
    Run(Box<RunArgs>),
}

/// Scan the files that a framework for hooks names
#[derive(Debug, ClapArgs)]
pub(super) struct RunArgs {
    /// The files. Default: everything that is staged
    // Only behind `--`: a file that somebody calls `--exclude=*` is not an option.
    #[arg(value_name = "FILE", last = true)]
    files: Vec<PathBuf>,
    /// Scan what the commits since this one added instead; pre-commit sets it before a push
    #[arg(long, value_name = "REV", env = "PRE_COMMIT_FROM_REF", hide_env_values = true)]
    from_ref: Option<String>,
    /// Up to this one
    #[arg(long, value_name = "REV", env = "PRE_COMMIT_TO_REF", hide_env_values = true)]
    to_ref: Option<String>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// `stopleak hook`.
pub(super) fn run(command: HookCommand) -> anyhow::Result<u8> {
    let mut done = Vec::new();
    match command {
        HookCommand::Run(typed) => return scan_named(*typed),
        HookCommand::Install { push } => {
            let repository = Repository::open(None)?;
            let program = std::env::current_exe().context("the place of this program can't be found")?;
            for hook in [Hook::PreCommit, Hook::PrePush].into_iter().take(1 + usize::from(push)) {
                done.push(hook::install(&repository, hook, &program));
            }
        }
        HookCommand::Uninstall => {
            let repository = Repository::open(None)?;
            for hook in [Hook::PreCommit, Hook::PrePush] {
                done.push(hook::uninstall(&repository, hook));
            }
        }
    }
    // What was done is said, though something could not be done.
    let lines: String = done.iter().flatten().map(|done| format!("{done}\n")).collect();
    output::print(&stopleak::report::escape(lines.as_bytes()).replace("\\x0a", "\n"))?;
    done.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(0)
}

fn scan_named(typed: RunArgs) -> anyhow::Result<u8> {
    let repository = Repository::open(None)?;
    let mut common = Common::new(typed.judge, &typed.out, &repository.root(), true)?;
    // A framework shows what a hook prints when it fails, and gives it a terminal where there is no person.
    common.progress = false;
    let options = typed.read.options(&common.judge)?;
    // Empty variables are unset ones.
    let given = |rev: Option<String>| rev.filter(|rev| !rev.is_empty());
    if let Some(from) = given(typed.from_ref) {
        let to = given(typed.to_ref).unwrap_or_else(|| "HEAD".to_owned());
        let range = Range {
            tips: vec![repository.resolve(&to)?],
            hidden: vec![repository.resolve(&from)?],
            ..Range::default()
        };
        common.judge.compare(&repository, &range.hidden);
        return judged(&common, |engine, progress| {
            let report = scan::range(engine, &repository, &range, Scope::Added, &options, progress);
            Ok(Report { mode: "push", ..report })
        });
    }
    if common.judge.can_be_changed() {
        let head: Vec<ObjectId> = repository.resolve("HEAD").into_iter().collect();
        common.judge.compare(&repository, &head);
    }
    let files = named(&repository, &typed.files)?;
    judged(&common, |engine, progress| {
        Ok(if files.is_empty() {
            scan::staged(engine, &repository, Scope::Added, &options, progress)?
        } else {
            scan::named(engine, &repository, &files, &options, progress)?
        })
    })
}

/// What was typed, as paths in the repository; each once.
fn named(repository: &Repository, typed: &[PathBuf]) -> anyhow::Result<Vec<Named>> {
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let root = repository.root();
    let root = root.canonicalize().with_context(|| format!("{}: the repository's folder", root.display()))?;
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).context("the current folder is gone")?;
    let mut seen = HashSet::new();
    let mut files = Vec::new();
    for file in typed {
        let Some(path) = inside(&root, &here.join(file)) else {
            bail!("{}: it is not in the repository {}; name files of the repository", file.display(), root.display());
        };
        if seen.insert(path.clone()) {
            files.push(Named { path, file: file.clone() });
        }
    }
    Ok(files)
}

/// A path as seen from `root`, with `/` between names. The names are taken as they are: a link is not followed.
fn inside(root: &Path, path: &Path) -> Option<Vec<u8>> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    let names: Vec<&[u8]> =
        plain.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().as_encoded_bytes()).collect();
    (!names.is_empty()).then(|| names.join(&b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_root() {
        let cases = [
            ("/r/a.py", Some("a.py")),
            ("/r/./b/../c/d.py", Some("c/d.py")),
            ("/r", None),
            ("/r/../x.py", None),
            ("/other/a.py", None),
        ];
        for (path, expected) in cases {
            let found = inside(Path::new("/r"), Path::new(path));
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{path}");
        }
    }
}
