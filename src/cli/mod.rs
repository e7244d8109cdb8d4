//! The program: what was typed ([`args`]) becomes what is meant ([`plan`]) and is done by one of the commands. Here the
//! outcome becomes an exit code:
//!
//! 0 clean and everything asked for was read; 1 findings; 2 bad usage, configuration or rules, or a report that could not
//! be written; 3 no findings, but something asked for could not be read.

mod args;
mod audit;
mod baseline;
mod config;
#[cfg(feature = "git")]
mod git;
#[cfg(feature = "git")]
mod hook;
mod import;
mod interrupt;
mod judge;
mod output;
mod plan;
mod progress;
mod rules;
mod scan;
mod shell;
mod show;
mod stats;
mod store;
#[cfg(feature = "verify")]
mod terminal;
mod verify;

use std::ffi::OsString;
use std::io::Write as _;

use clap::Parser as _;

use args::{Args, Command};

/// Bad usage, configuration or rules, a report that can't be written, or a defect of ours.
const FAILED: u8 = 2;

/// Runs the program; the result is the exit code.
pub(crate) fn main() -> u8 {
    shell::harden();
    interrupt::watch();
    let outcome = std::panic::catch_unwind(|| run(std::env::args_os().collect()));
    // The panic hook has said what there is to say.
    let Ok(outcome) = outcome else { return FAILED };
    outcome.unwrap_or_else(|error| {
        // The text of an error may quote a file's name or content. A line that began with such a piece could be a command
        // to a CI system, so each begins with our name.
        let text = shell::without_values(&format!("{error:#}"));
        let text = stopleak::report::escape(text.as_bytes()).replace("\\x0a", "\nstopleak: ");
        // If standard error is gone as well, the exit code has to do.
        let _ = writeln!(std::io::stderr(), "stopleak: {text}");
        FAILED
    })
}

fn run(typed: Vec<OsString>) -> anyhow::Result<u8> {
    let args = match Args::try_parse_from(typed) {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    match args.command {
        None => output::print(SHORT_HELP).map(|()| 0),
        Some(Command::Scan(typed)) => scan::run(typed),
        #[cfg(feature = "git")]
        Some(Command::Git(typed)) => git::history(typed),
        #[cfg(feature = "git")]
        Some(Command::Staged(typed)) => git::staged(typed),
        #[cfg(feature = "git")]
        Some(Command::Push(typed)) => git::push(typed),
        #[cfg(feature = "git")]
        Some(Command::Diff(typed)) => git::diff(typed),
        #[cfg(feature = "git")]
        Some(Command::Hook { command }) => hook::run(command),
        Some(Command::Baseline { command }) => baseline::run(command),
        Some(Command::Config { command }) => config::run(&command),
        Some(Command::Verify(typed)) => verify::run(&typed),
        Some(Command::Rules { command }) => rules::run(&command),
        Some(Command::Explain { rule, rules, markdown }) => rules::explain(&rule, &rules, markdown),
        Some(Command::Completions { shell }) => shell::completions(shell).map(|()| 0),
        Some(Command::Man) => shell::man().map(|()| 0),
    }
}

/// Prints what clap has to say: help and version are asked for, the rest is an error.
fn usage(error: &clap::Error) -> anyhow::Result<u8> {
    if error.use_stderr() {
        let _ = write!(anstream::stderr(), "{}", error.render().ansi());
        return Ok(FAILED);
    }
    output::print_styled(&error.render().ansi().to_string()).map(|()| 0)
}

/// What the bare name prints.
const SHORT_HELP: &str = "\
stopleak finds leaked exchange API keys, wallet keys and other credentials. It reads files only: no network, no writes.

  stopleak scan              the current folder
  stopleak scan PATH...      folders and files; - is standard input
  stopleak git               the history of the repository here
  stopleak staged            what the next commit adds
  stopleak hook install      scan before every commit
  stopleak explain RULE      what a rule finds, why it matters, what to do
  stopleak rules list        all rules
  stopleak --help            everything else

Exit codes: 0 clean, 1 findings, 2 bad usage, 3 clean but not everything could be read.
";
