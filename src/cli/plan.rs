//! What is meant by what was typed. All that can be refused is refused here, before anything is scanned.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, bail};
use stopleak::report::{Format, Style};

use super::args::{ArchiveArgs, Colour, FormatArg, JudgeArgs, OutArgs, ScanArgs};
use super::config::common_folder;
use super::judge::Judge;
use super::output::Target;

/// What to scan.
#[derive(Debug)]
pub(super) enum Input {
    /// Standard input, under a name.
    Stdin(String),
    /// Folders and files.
    Tree(Vec<PathBuf>),
}

/// One report and where it goes: `None` is standard output.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) target: Option<Target>,
    pub(super) style: Style,
}

/// What every command that scans has in common.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) judge: Judge,
    pub(super) outputs: Vec<Output>,
    /// Whether a person may be told on standard error how the scan goes on.
    pub(super) progress: bool,
    /// Whether to tell what the scan cost.
    pub(super) stats: bool,
}

impl Common {
    /// Of a scan that begins in the folder `start`, of files or (`in_git`) of what git holds.
    pub(super) fn new(judge: JudgeArgs, out: &OutArgs, start: &Path, in_git: bool) -> anyhow::Result<Self> {
        let progress = !out.quiet && std::io::stderr().is_terminal();
        Ok(Self { judge: Judge::new(judge, start, in_git)?, outputs: outputs(out)?, progress, stats: out.stats })
    }
}

/// What `stopleak scan` is to do.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) input: Input,
    pub(super) options: stopleak::scan::Options,
    pub(super) common: Common,
    pub(super) asking: super::verify::Asking,
}

impl Plan {
    pub(super) fn new(typed: ScanArgs) -> anyhow::Result<Self> {
        if typed.threads == Some(0) {
            bail!("-j 0: there must be a thread; leave -j out for one a core");
        }
        let options = stopleak::scan::Options {
            threads: typed.threads.unwrap_or(0),
            no_ignore: typed.no_ignore,
            ..stopleak::scan::Options::default()
        };
        let asking = super::verify::Asking::new(&typed.verify, typed.out.quiet)?;
        let input = input(typed.paths, typed.stdin_name)?;
        let start = match &input {
            Input::Stdin(_) => PathBuf::from("."),
            Input::Tree(paths) => common_folder(paths),
        };
        let mut common = Common::new(typed.judge, &typed.out, &start, false)?;
        common.judge.whole = common.judge.is_root(&input);
        let options = typed.archives.over(common.judge.options(typed.max_file_size.as_deref(), options)?)?;
        Ok(Self { input, options, common, asking })
    }
}

pub(super) fn input(paths: Vec<PathBuf>, stdin_name: Option<String>) -> anyhow::Result<Input> {
    if paths.iter().any(|path| path == Path::new("-")) {
        if paths.len() > 1 {
            bail!("- (standard input) can't be scanned together with other paths; run stopleak twice");
        }
        let name = stdin_name.unwrap_or_else(|| "stdin".to_owned());
        // Readers of reports open what a name says, as seen from the repository's root.
        if name.is_empty() || name.split(['/', '\\']).any(|part| part == "..") {
            bail!("--stdin-name {name}: it stands for a file of the repository; name it from the root, without `..`");
        }
        return Ok(Input::Stdin(name));
    }
    if let Some(name) = stdin_name {
        bail!("--stdin-name {name}: standard input is not scanned; add - as the path, or leave --stdin-name out");
    }
    if paths.is_empty() {
        return Ok(Input::Tree(vec![PathBuf::from(".")]));
    }
    let missing: Vec<String> = paths.iter().filter_map(|path| missing(path)).collect();
    if missing.is_empty() { Ok(Input::Tree(paths)) } else { bail!("{}", missing.join("\n")) }
}

/// Why a path can't be a target. What is there but can't be read is told by the scan.
fn missing(path: &Path) -> Option<String> {
    let error = std::fs::metadata(path).err()?;
    let shown = path.display();
    match std::fs::symlink_metadata(path) {
        Ok(_) if error.kind() == std::io::ErrorKind::NotFound => {
            Some(format!("{shown}: the link points to nothing; nothing was scanned"))
        }
        // There is something that can't be looked at: a gap, not a typing error.
        Ok(_) => None,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => None,
        Err(error) => Some(format!("{shown}: {error}; nothing was scanned, check the path")),
    }
}

/// The reports that were asked for.
fn outputs(typed: &OutArgs) -> anyhow::Result<Vec<Output>> {
    if typed.show_secrets && !typed.force && in_ci() {
        bail!("--show-secrets is refused because CI is set: others can read the log; --force shows them all the same");
    }
    let main_file = typed.output.as_deref().filter(|path| *path != Path::new("-"));
    let mut all = vec![(format(typed.format), main_file, true)];
    all.extend([(Format::Sarif, typed.sarif.as_deref(), false), (Format::Json, typed.json.as_deref(), false)]);
    all.extend(typed.report.iter().map(|(name, file)| (format(*name), Some(file.as_path()), false)));
    if typed.show_secrets
        && all.iter().any(|(format, file, is_main)| (*is_main || file.is_some()) && !format.can_show_secrets())
    {
        bail!("--show-secrets works with text, json, sarif and csv only; the other formats go where many read them");
    }
    let mut outputs: Vec<Output> = Vec::new();
    for (format, file, is_main) in all {
        if file.is_none() && !is_main {
            continue;
        }
        if !is_main && file == Some(Path::new("-")) {
            bail!(
                "--sarif, --json and --report need the name of a file; on standard output: --format sarif or --format json"
            );
        }
        let target = file.map(Target::prepare).transpose()?;
        let taken = |one: &Output| target.as_ref().zip(one.target.as_ref()).is_some_and(|(a, b)| a.same_as(b));
        if outputs.iter().any(taken) {
            bail!("{}: two reports can't go to the same file; name another", file.unwrap_or(Path::new("-")).display());
        }
        outputs.push(Output { format, style: style(typed, target.is_none()), target });
    }
    Ok(outputs)
}

fn format(typed: FormatArg) -> Format {
    match typed {
        FormatArg::Text => Format::Text,
        FormatArg::Json => Format::Json,
        FormatArg::Sarif => Format::Sarif,
        FormatArg::Github => Format::Github,
        FormatArg::Gitlab => Format::Gitlab,
        FormatArg::Codequality => Format::CodeQuality,
        FormatArg::Junit => Format::Junit,
        FormatArg::Csv => Format::Csv,
        FormatArg::Markdown => Format::Markdown,
    }
}

/// How a report looks; a file is never a terminal.
fn style(typed: &OutArgs, to_stdout: bool) -> Style {
    let colour = match typed.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => to_stdout && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
    };
    Style {
        colour,
        show_secrets: typed.show_secrets,
        verbose: typed.verbose,
        quiet: typed.quiet,
        include_suppressed: typed.include_suppressed,
        width: if to_stdout { width() } else { Style::default().width },
        started: SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs()),
    }
}

/// Where prose is wrapped: at the terminal's edge, but long lines are hard to read and very short ones hold no words.
pub(super) fn width() -> usize {
    let typed = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let seen = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    typed.or_else(seen).map_or(Style::default().width, |columns: usize| columns.clamp(40, 120))
}

/// CI systems set CI to something; `CI=false` says that this is none.
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// A size that was typed.
pub(super) fn size(option: &str, typed: &str) -> anyhow::Result<u64> {
    let wrong = || format!("{option} {typed}: not a size; write for example 50MB, 512KiB or 1000000");
    stopleak::config::size(typed).with_context(wrong)
}

impl ArchiveArgs {
    /// Puts what was typed over what the configuration says.
    fn over(&self, mut options: stopleak::scan::Options) -> anyhow::Result<stopleak::scan::Options> {
        if let Some(typed) = &self.max_archive_size {
            options.max_archive_size = size("--max-archive-size", typed)?;
        }
        options.max_archive_members = self.max_archive_members.unwrap_or(options.max_archive_members);
        options.max_archive_depth = self.max_archive_depth.unwrap_or(options.max_archive_depth);
        Ok(options)
    }
}
