//! The commands for git: `git`, `staged`, `push`, `diff`, `hook`.

use std::io::Read as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args as ClapArgs;
use stopleak::finding::Report;
use stopleak::scan::{self, Options, Scope};
use stopleak::source::git::range::{self, Range};
use stopleak::source::git::{ObjectId, Repository};
use stopleak::source::{Origin, SkipReason, Skipped};

use super::args::{JudgeArgs, OutArgs, VerifyArgs};
use super::judge::Judge;
use super::plan::Common;
use super::scan::{judged, judged_and_asked};
use super::shell::stdin_was_closed;
use super::verify::Asking;

/// What of git's texts is read, and how: the same for every command here.
#[derive(Debug, ClapArgs)]
pub(super) struct ReadArgs {
    /// Leave out files beyond this size and say so [default: 50MB]
    #[arg(long, value_name = "SIZE", hide_short_help = true)]
    max_file_size: Option<String>,
    /// Leave out paths (a pattern as in .gitignore; may be repeated)
    #[arg(long, value_name = "PATTERN", hide_short_help = true)]
    exclude: Vec<String>,
    /// Read only these paths
    ///
    /// A pattern as in .gitignore; may be repeated.
    #[arg(long = "path", value_name = "PATTERN")]
    only: Vec<String>,
    /// Threads; default: one a core
    #[arg(short = 'j', long, value_name = "N", hide_short_help = true)]
    threads: Option<usize>,
}

impl ReadArgs {
    pub(super) fn options(self, judge: &Judge) -> anyhow::Result<Options> {
        if self.threads == Some(0) {
            bail!("-j 0: there must be a thread; leave -j out for one a core");
        }
        let threads = self.threads.unwrap_or(0);
        let options = Options { threads, exclude: self.exclude, only: self.only, ..Options::default() };
        judge.options(self.max_file_size.as_deref(), options)
    }
}

/// Scan the history of a repository: every commit, tag, note and stash, and their messages
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  stopleak git --range main..HEAD
  stopleak git --since '2 weeks ago' --path '*.env'
  stopleak git --unreachable")]
pub(super) struct GitArgs {
    /// The repository, or a folder in it. Default: the current folder
    #[arg(value_name = "REPO", default_value = ".")]
    repo: PathBuf,
    /// Read what no reference reaches too
    ///
    /// Amended and dropped commits, files once staged.
    #[arg(long, conflicts_with_all = ["range", "branch", "since", "depth"])]
    unreachable: bool,
    /// Read the histories of submodules too
    #[arg(long, conflicts_with_all = ["range", "branch", "since", "depth"])]
    recurse_submodules: bool,
    /// Everything that references reach (the default)
    #[arg(long, conflicts_with_all = ["range", "branch"], hide_short_help = true)]
    all: bool,
    /// Only what a range added: A..B, A...B or A
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    range: Option<String>,
    /// Only what these branches added
    ///
    /// Branches or other revisions; may be repeated.
    #[arg(long, value_name = "NAME", conflicts_with = "range")]
    branch: Vec<String>,
    /// Only commits since a time: 2026-01-31, "2 weeks ago"
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only the latest N commits
    #[arg(long, value_name = "N", hide_short_help = true)]
    depth: Option<std::num::NonZero<usize>>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    verify: VerifyArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Scan what the next commit adds
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  stopleak staged --quiet
  stopleak staged --whole-files")]
pub(super) struct StagedArgs {
    /// The repository. Default: the one that git's environment or the current folder speaks of
    #[arg(value_name = "REPO")]
    repo: Option<PathBuf>,
    /// Report unchanged lines of changed files too
    #[arg(long)]
    whole_files: bool,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Scan what a push sends; for git's pre-push hook, which tells it on standard input
#[derive(Debug, ClapArgs)]
pub(super) struct PushArgs {
    /// The remote's name, as git gives it to the hook
    #[arg(value_name = "REMOTE", default_value = "origin")]
    remote: String,
    /// The remote's address, as git gives it to the hook; not used
    #[arg(value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// Scan what the commits between two revisions added, as of a pull request
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  stopleak diff origin/main
  stopleak diff v1.0 v1.1 --sarif out.sarif
  stopleak diff \"$BASE\" --config-from \"$BASE\" --format github")]
pub(super) struct DiffArgs {
    /// The revision that is known: the base of a pull request
    #[arg(value_name = "FROM", required_unless_present = "from_ref")]
    from: Option<String>,
    /// The revision that is new. Default: HEAD
    #[arg(value_name = "TO")]
    to: Option<String>,
    /// The same as FROM
    #[arg(long, value_name = "REV", conflicts_with = "from")]
    from_ref: Option<String>,
    /// The same as TO
    #[arg(long, value_name = "REV", conflicts_with = "to")]
    to_ref: Option<String>,
    /// The repository, or a folder in it
    #[arg(long, value_name = "REPO", default_value = ".")]
    repo: PathBuf,
    /// Report unchanged lines of changed files too
    #[arg(long)]
    whole_files: bool,
    #[command(flatten)]
    read: ReadArgs,
    #[command(flatten)]
    verify: VerifyArgs,
    #[command(flatten)]
    judge: JudgeArgs,
    #[command(flatten)]
    out: OutArgs,
}

/// `stopleak git`.
pub(super) fn history(typed: GitArgs) -> anyhow::Result<u8> {
    let asking = Asking::new(&typed.verify, typed.out.quiet)?;
    let repository = Repository::open(Some(&typed.repo))?;
    let mut common = Common::new(typed.judge, &typed.out, &repository.root(), true)?;
    let options = typed.read.options(&common.judge)?;
    let mut range = match &typed.range {
        Some(text) => Some(Range::parse(&repository, text)?),
        None if !typed.branch.is_empty() => {
            let tips = typed.branch.iter().map(|name| repository.resolve(name)).collect::<Result<_, _>>()?;
            Some(Range { tips, ..Range::default() })
        }
        None => (typed.since.is_some() || typed.depth.is_some()).then(|| Range::all(&repository)),
    };
    if let Some(range) = &mut range {
        range.since = typed.since.as_deref().map(range::time).transpose()?;
        range.depth = typed.depth.map(std::num::NonZero::get);
        common.judge.compare(&repository, &range.hidden);
    }
    judged_and_asked(&common, &asking, |engine, progress| {
        Ok(match &range {
            Some(range) => scan::range(engine, &repository, range, Scope::Added, &options, progress),
            None if typed.recurse_submodules => {
                scan::history_with_submodules(engine, &repository, typed.unreachable, &options, progress)
            }
            None => scan::history(engine, &repository, typed.unreachable, &options, progress),
        })
    })
}

/// `stopleak staged`.
pub(super) fn staged(typed: StagedArgs) -> anyhow::Result<u8> {
    let repository = Repository::open(typed.repo.as_deref())?;
    let mut common = Common::new(typed.judge, &typed.out, &repository.root(), true)?;
    let options = typed.read.options(&common.judge)?;
    if common.judge.can_be_changed() {
        let head: Vec<ObjectId> = repository.resolve("HEAD").into_iter().collect();
        common.judge.compare(&repository, &head);
    }
    judged(&common, |engine, progress| {
        Ok(scan::staged(engine, &repository, scope(typed.whole_files), &options, progress)?)
    })
}

/// `stopleak push`.
pub(super) fn push(typed: PushArgs) -> anyhow::Result<u8> {
    let repository = Repository::open(None)?;
    let mut common = Common::new(typed.judge, &typed.out, &repository.root(), true)?;
    let options = typed.read.options(&common.judge)?;
    let mut lines = Vec::new();
    std::io::stdin().read_to_end(&mut lines).context("standard input can't be read")?;
    let mut range = Range::pushed(&repository, &typed.remote, &lines)?;
    if stdin_was_closed() {
        let why = "it is closed; git tells a pre-push hook there what is sent";
        range.skipped.push(Skipped { origin: Origin::file("stdin"), reason: SkipReason::Unreadable(why.to_owned()) });
    }
    common.judge.compare(&repository, &range.hidden);
    judged(&common, |engine, progress| {
        let report = scan::range(engine, &repository, &range, Scope::Added, &options, progress);
        Ok(Report { mode: "push", ..report })
    })
}

/// `stopleak diff`.
pub(super) fn diff(typed: DiffArgs) -> anyhow::Result<u8> {
    let asking = Asking::new(&typed.verify, typed.out.quiet)?;
    let repository = Repository::open(Some(&typed.repo))?;
    let mut common = Common::new(typed.judge, &typed.out, &repository.root(), true)?;
    let options = typed.read.options(&common.judge)?;
    let from = typed.from.or(typed.from_ref).unwrap_or_default();
    let to = typed.to.or(typed.to_ref).unwrap_or_else(|| "HEAD".to_owned());
    let resolve = |spec: &str| -> anyhow::Result<ObjectId> { Ok(repository.resolve(spec)?) };
    let range = Range { tips: vec![resolve(&to)?], hidden: vec![resolve(&from)?], ..Range::default() };
    let scope = scope(typed.whole_files);
    common.judge.compare(&repository, &range.hidden);
    judged_and_asked(&common, &asking, |engine, progress| {
        Ok(scan::range(engine, &repository, &range, scope, &options, progress))
    })
}

fn scope(whole_files: bool) -> Scope {
    if whole_files { Scope::WholeFiles } else { Scope::Added }
}
