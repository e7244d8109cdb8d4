//! What can be typed. Nothing is decided here; [`super::plan`] says what is meant.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};

/// Finds leaked exchange API keys, wallet keys and other credentials in source trees, offline and fast.
#[derive(Debug, Parser)]
#[command(name = "stopleak", version, max_term_width = 100)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What `--help` teaches by.
const EXAMPLES: &str = "\
Examples:
  stopleak scan                the current folder
  stopleak scan bot/ .env      folders and files; - is standard input
  stopleak git                 the history of the repository here
  stopleak hook install        scan before every commit
  stopleak diff origin/main    what a branch adds, for CI
  stopleak explain RULE        what a rule finds, why it matters, what to do

Exit codes: 0 clean and everything asked for was read; 1 findings; 2 bad usage,
configuration or rules; 3 no findings, but something asked for was not read.
`stopleak COMMAND -h` tells the options of a command, `--help` all of them.";

// A further command that scans (git, staged, push) gets a variant here with `JudgeArgs` and `OutArgs` flattened into its
// arguments, an arm in `super::run`, and a file with a plan of its own that ends in `super::scan::judged`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan folders, files or standard input
    Scan(ScanArgs),
    /// Scan the history of a repository
    #[cfg(feature = "git")]
    Git(super::git::GitArgs),
    /// Scan what the next commit adds
    #[cfg(feature = "git")]
    Staged(super::git::StagedArgs),
    /// Scan what a push sends, as git's pre-push hook
    #[cfg(feature = "git")]
    Push(super::git::PushArgs),
    /// Scan what commits added, as of a pull request
    #[cfg(feature = "git")]
    Diff(super::git::DiffArgs),
    /// Run before every commit, or no more
    #[cfg(feature = "git")]
    Hook {
        #[command(subcommand)]
        command: super::hook::HookCommand,
    },
    /// Ask an exchange whether a key is live and what it may do, or list whom stopleak can ask
    Verify(AskArgs),
    /// List, show or check rules
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Write down what is known already, so that only new leaks are reported
    Baseline {
        #[command(subcommand)]
        command: super::baseline::BaselineCommand,
    },
    /// Show or check the configuration
    Config {
        #[command(subcommand)]
        command: super::config::ConfigCommand,
    },
    /// Say what a rule finds, why it matters and what to do
    Explain {
        /// The id of a rule, as reports and `rules list` show it
        rule: String,
        /// Rule files to add to the built-in rules
        #[arg(long, value_name = "FILE")]
        rules: Vec<PathBuf>,
        /// Markdown instead of plain text
        #[arg(long)]
        markdown: bool,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff)
    Man,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  stopleak scan bot/ .env
  git show HEAD:bot.py | stopleak scan - --stdin-name bot.py
  stopleak scan --format json | jq '.findings[].rule'
  stopleak scan --sarif out.sarif --report junit=out.xml")]
pub(crate) struct ScanArgs {
    /// Folders and files; `-` is standard input. Default: the current folder
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Read what .gitignore excludes too
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Leave out files beyond this size (bytes, or with kB, MB, GB, KiB, MiB, GiB) and say so [default: 50MB]
    #[arg(long, value_name = "SIZE", hide_short_help = true)]
    pub(crate) max_file_size: Option<String>,
    #[command(flatten)]
    pub(crate) archives: ArchiveArgs,
    /// What standard input is called in the report; with `-` only [default: stdin]
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) stdin_name: Option<String>,
    /// Threads; default: one a core
    #[arg(short = 'j', long, value_name = "N", hide_short_help = true)]
    pub(crate) threads: Option<usize>,
    #[command(flatten)]
    pub(crate) verify: VerifyArgs,
    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) out: OutArgs,
}

/// How much of an archive is read. What is beyond is named, and the exit code is 3 or 1.
#[derive(Debug, ClapArgs)]
pub(crate) struct ArchiveArgs {
    /// Unpack so much of an archive, with all archives in it [default: 256MiB]
    #[arg(long, value_name = "SIZE", hide_short_help = true)]
    pub(crate) max_archive_size: Option<String>,
    /// Read so many members of an archive [default: 10000]
    #[arg(long, value_name = "N", hide_short_help = true)]
    pub(crate) max_archive_members: Option<usize>,
    /// Read archives in archives, so deep [default: 4]
    #[arg(long, value_name = "N", hide_short_help = true, value_parser = clap::value_parser!(u32).range(0..=16))]
    pub(crate) max_archive_depth: Option<u32>,
}

/// Whether exchanges are asked about what was found. Options only: no file and no variable can switch it on.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Asking exchanges")]
pub(crate) struct VerifyArgs {
    /// Ask the exchanges what the keys are good for; --verify=dry-run sends nothing
    ///
    /// Whether what was found is live and what it may do. With `=dry-run`, show what would be sent and send nothing. Only
    /// for keys that are yours or that you were hired to test.
    #[arg(long, value_name = "MODE", num_args = 0..=1, require_equals = true, default_missing_value = "ask")]
    pub(crate) verify: Option<VerifyMode>,
    /// Begin to ask without asking you; needed where there is no terminal
    #[arg(long, requires = "verify", hide_short_help = true)]
    pub(crate) yes: bool,
    /// Ask through a proxy, `http://host:port`. The environment's proxies are not used
    #[arg(long, requires = "verify", value_name = "URL", hide_short_help = true)]
    pub(crate) proxy: Option<String>,
}

/// What `stopleak verify` takes. Never a key: arguments are seen by other users and stay in the shell's history.
#[derive(Debug, ClapArgs)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["list", "exchange"]))]
pub(crate) struct AskArgs {
    /// List the exchanges and services that can be asked
    #[arg(long)]
    pub(crate) list: bool,
    /// Whom to ask; the key is asked for, or read from standard input, one part a line
    #[arg(long, value_name = "ID")]
    pub(crate) exchange: Option<String>,
    /// Where the key lives
    #[arg(long, value_name = "WHERE", default_value = "live")]
    pub(crate) environment: EnvironmentArg,
    /// Show what would be sent and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Ask through a proxy, `http://host:port`. The environment's proxies are not used
    #[arg(long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// The format of the answer
    #[arg(short, long, default_value = "text")]
    pub(crate) format: ListFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VerifyMode {
    /// Ask
    Ask,
    /// Show what would be sent, send nothing
    DryRun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EnvironmentArg {
    /// Real money
    Live,
    /// The exchange's testnet or sandbox
    Test,
    /// Play money in the live system
    Demo,
}

/// What counts as a finding: the same for every command that scans.
#[derive(Clone, Debug, ClapArgs)]
#[command(next_help_heading = "What counts")]
pub(crate) struct JudgeArgs {
    /// Rule files to add to the built-in rules
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) rules: Vec<PathBuf>,
    /// Hide findings less sure than this [default: medium]
    ///
    /// The summary counts them.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) min_confidence: Option<Level>,
    /// Exit with 0 if all findings are less severe [default: low]
    ///
    /// They are reported all the same.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Grade>,
    #[command(flatten)]
    pub(crate) config: super::config::ConfigArgs,
}

/// Where reports go and how they look: the same for every command that scans.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Reports")]
pub(crate) struct OutArgs {
    /// The format of the report
    #[arg(short, long, default_value = "text")]
    pub(crate) format: FormatArg,
    /// Write the report to a file instead of standard output
    #[arg(short, long, value_name = "FILE", hide_short_help = true)]
    pub(crate) output: Option<PathBuf>,
    /// Write a SARIF report to a file besides
    #[arg(long, value_name = "FILE")]
    pub(crate) sarif: Option<PathBuf>,
    /// Write a JSON report to a file besides
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) json: Option<PathBuf>,
    /// Write a report of any format to a file besides
    ///
    /// For example --report gitlab=out.json; may be repeated.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = further)]
    pub(crate) report: Vec<(FormatArg, PathBuf)>,
    /// List what was accepted in SARIF too, marked as suppressed. GitHub shows such results as open alerts
    #[arg(long, hide_short_help = true)]
    pub(crate) include_suppressed: bool,
    /// Print the values themselves. Refused where CI is set, because logs are read by others
    #[arg(long, hide_short_help = true)]
    pub(crate) show_secrets: bool,
    /// Show values even where CI is set
    #[arg(long, requires = "show_secrets", hide_short_help = true)]
    pub(crate) force: bool,
    /// Print findings and gaps only
    ///
    /// No advice and no summary.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Name everything that was not scanned
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Tell on standard error what was looked at and what it cost, by stage and by rule
    #[arg(long, visible_alias = "profile", hide_short_help = true)]
    pub(crate) stats: bool,
    /// When to use colour
    #[arg(long, value_name = "WHEN", default_value = "auto", hide_short_help = true)]
    pub(crate) color: Colour,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List all rules
    List {
        /// The format of the list
        #[arg(short, long, default_value = "text")]
        format: RulesFormat,
        /// Rule files to add to the built-in rules
        #[arg(long, value_name = "FILE")]
        rules: Vec<PathBuf>,
    },
    /// Show all that is known of a rule or a provider
    Show {
        /// The id of a rule or of a provider
        id: String,
        /// Rule files to add to the built-in rules
        #[arg(long, value_name = "FILE")]
        rules: Vec<PathBuf>,
    },
    /// Check rule files: their form, their examples and counter-examples
    Check {
        /// The rule files
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// For people
    Text,
    /// For programs (stopleak-report/1)
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations in the log of GitHub Actions
    Github,
    /// GitLab's secret detection report
    Gitlab,
    /// GitLab's code quality report
    Codequality,
    /// JUnit XML
    Junit,
    /// For spreadsheets
    Csv,
    /// A summary, for the page of a CI job
    Markdown,
}

/// Reads `FORMAT=FILE`.
fn further(typed: &str) -> Result<(FormatArg, PathBuf), String> {
    let (format, file) = typed.split_once('=').unwrap_or((typed, ""));
    let format = FormatArg::from_str(format, false).map_err(|_| {
        let known: Vec<String> = FormatArg::value_variants()
            .iter()
            .filter_map(|format| format.to_possible_value().map(|value| value.get_name().to_owned()))
            .collect();
        format!("there is no format {format}; write one of {} and a file: gitlab=out.json", known.join(", "))
    })?;
    if file.is_empty() {
        return Err("it needs a file: --report gitlab=out.json".to_owned());
    }
    Ok((format, PathBuf::from(file)))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RulesFormat {
    /// For people
    Text,
    /// For programs (stopleak-rules/1)
    Json,
    /// Tables of the providers, as in docs/rules.md
    Markdown,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Level {
    /// All that was found
    Low,
    /// Where name and shape agree
    Medium,
    /// Where there is a proof, or everything agrees
    High,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Grade {
    /// Costs data or quota
    Low,
    /// Costs access to a service
    Medium,
    /// Lets a stranger act in the owner's name
    High,
    /// Lets a stranger take the money
    Critical,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
