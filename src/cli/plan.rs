//! What is meant by what was typed. All that can be refused is refused here, before anything is scanned.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use stopleak::report::{Format, Style};
use stopleak::rules::{Confidence, Severity};

use super::args::{Colour, FormatArg, Grade, JudgeArgs, Level, OutArgs, ScanArgs};
use super::output::Target;

/// What to scan.
#[derive(Debug)]
pub(super) enum Input {
    /// Standard input, under a name.
    Stdin(String),
    /// Folders and files.
    Tree(Vec<PathBuf>),
}

/// What counts as a finding.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) rule_files: Vec<PathBuf>,
    pub(super) min_confidence: Confidence,
    pub(super) fail_on: Severity,
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
}

impl Common {
    pub(super) fn new(judge: JudgeArgs, out: &OutArgs) -> anyhow::Result<Self> {
        let progress = !out.quiet && std::io::stderr().is_terminal();
        Ok(Self { judge: Judge::new(judge), outputs: outputs(out)?, progress })
    }
}

/// What `stopleak scan` is to do.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) input: Input,
    pub(super) options: stopleak::scan::Options,
    pub(super) common: Common,
}

impl Plan {
    pub(super) fn new(typed: ScanArgs) -> anyhow::Result<Self> {
        let max_file_size = size(&typed.max_file_size)?;
        if typed.threads == Some(0) {
            bail!("-j 0: there must be a thread; leave -j out for one a core");
        }
        let options = stopleak::scan::Options {
            threads: typed.threads.unwrap_or(0),
            no_ignore: typed.no_ignore,
            max_file_size,
            ..stopleak::scan::Options::default()
        };
        let input = input(typed.paths, typed.stdin_name)?;
        Ok(Self { input, options, common: Common::new(typed.judge, &typed.out)? })
    }
}

fn input(paths: Vec<PathBuf>, stdin_name: String) -> anyhow::Result<Input> {
    if paths.iter().any(|path| path == Path::new("-")) {
        if paths.len() > 1 {
            bail!("- (standard input) can't be scanned together with other paths; run stopleak twice");
        }
        return Ok(Input::Stdin(stdin_name));
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

impl Judge {
    fn new(typed: JudgeArgs) -> Self {
        let min_confidence = match typed.min_confidence {
            Level::Low => Confidence::Low,
            Level::Medium => Confidence::Medium,
            Level::High => Confidence::High,
        };
        let fail_on = match typed.fail_on {
            Grade::Low => Severity::Low,
            Grade::Medium => Severity::Medium,
            Grade::High => Severity::High,
            Grade::Critical => Severity::Critical,
        };
        Self { rule_files: typed.rules, min_confidence, fail_on }
    }
}

/// The reports that were asked for.
fn outputs(typed: &OutArgs) -> anyhow::Result<Vec<Output>> {
    if typed.show_secrets && !typed.force && in_ci() {
        bail!("--show-secrets is refused because CI is set: others can read the log; --force shows them all the same");
    }
    let main = match typed.format {
        FormatArg::Text => Format::Text,
        FormatArg::Json => Format::Json,
        FormatArg::Sarif => Format::Sarif,
    };
    let main_file = typed.output.as_deref().filter(|path| *path != Path::new("-"));
    let further = [(Format::Sarif, typed.sarif.as_deref()), (Format::Json, typed.json.as_deref())];
    let mut outputs: Vec<Output> = Vec::new();
    let all = std::iter::once((main, main_file, true)).chain(further.map(|(format, file)| (format, file, false)));
    for (format, file, is_main) in all {
        if file.is_none() && !is_main {
            continue;
        }
        if !is_main && file == Some(Path::new("-")) {
            bail!("--sarif and --json need the name of a file; on standard output: --format sarif or --format json");
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

/// How a report looks; a file is never a terminal.
fn style(typed: &OutArgs, to_stdout: bool) -> Style {
    let colour = match typed.color {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => to_stdout && anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
    };
    let Style { width, .. } = Style::default();
    Style { colour, show_secrets: typed.show_secrets, verbose: typed.verbose, quiet: typed.quiet, width }
}

/// CI systems set CI to something; `CI=false` says that this is none.
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false" && value != "0")
}

/// A size: a number, with a unit or without.
pub(super) fn size(typed: &str) -> anyhow::Result<u64> {
    const UNITS: [(&str, u64); 11] = [
        ("", 1),
        ("b", 1),
        ("k", 1000),
        ("kb", 1000),
        ("m", 1_000_000),
        ("mb", 1_000_000),
        ("g", 1_000_000_000),
        ("gb", 1_000_000_000),
        ("kib", 1 << 10),
        ("mib", 1 << 20),
        ("gib", 1 << 30),
    ];
    let wrong = || format!("--max-file-size {typed}: not a size; write for example 50MB, 512KiB or 1000000");
    let digits = typed.find(|c: char| !c.is_ascii_digit()).unwrap_or(typed.len());
    let (number, unit) = (&typed[..digits], typed[digits..].trim().to_ascii_lowercase());
    let number: u64 = number.parse().with_context(wrong)?;
    let factor = UNITS.iter().find(|(name, _)| *name == unit).map(|&(_, factor)| factor).with_context(wrong)?;
    number.checked_mul(factor).with_context(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let cases = [("0", 0), ("50MB", 50_000_000), ("1 kib", 1024), ("3k", 3000), ("2GiB", 2 << 30), ("17b", 17)];
        for (typed, bytes) in cases {
            assert_eq!(size(typed).ok(), Some(bytes), "{typed}");
        }
        for typed in ["", "MB", "-1", "1.5MB", "1 parsec", "99999999999999999999", "99999999999GiB"] {
            assert!(size(typed).is_err(), "{typed}");
        }
    }
}
