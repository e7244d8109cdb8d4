//! What is between the program and the system: no core dumps, panics without values, completions and the manual.

use std::io::Write as _;

use clap::CommandFactory as _;

use super::args::Args;
use super::output;

/// Keeps values in the process: no core dump holds its memory, and a panic prints its place only, because its message
/// might quote what was scanned.
pub(super) fn harden() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Where the limit can't be set, the scan is still worth having.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
        let _ = writeln!(
            std::io::stderr(),
            "stopleak: a defect of stopleak at {place}. Please report it with this line and the kind of file that was \
             scanned, but not with the file."
        );
    }));
}

/// Whether standard input was closed when the program began. Before `main`, Rust opens `/dev/null` in the place of closed
/// standard streams, for reading and writing; who means `/dev/null` as an empty input opens it for reading only.
#[cfg(unix)]
pub(super) fn stdin_was_closed() -> bool {
    use rustix::fs::{FileType, OFlags, fcntl_getfl, fstat, stat};
    let stdin = std::io::stdin();
    let (Ok(found), Ok(null)) = (fstat(&stdin), stat("/dev/null")) else { return false };
    let same = FileType::from_raw_mode(found.st_mode) == FileType::CharacterDevice && found.st_rdev == null.st_rdev;
    same && fcntl_getfl(&stdin).is_ok_and(|flags| flags & OFlags::ACCMODE == OFlags::RDWR)
}

/// Other systems keep a closed stream closed: the first read fails.
#[cfg(not(unix))]
pub(super) fn stdin_was_closed() -> bool {
    false
}

/// Prints completions for a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "stopleak", &mut text);
    output::stdout(|out| out.write_all(&text))
}

/// Prints the manual page: the commands one after another, so that one page has all.
pub(super) fn man() -> anyhow::Result<()> {
    output::stdout(|out| {
        let mut command = Args::command();
        command.build();
        clap_mangen::Man::new(command.clone()).render(out)?;
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let man = clap_mangen::Man::new(sub.clone());
            man.render_name_section(out)?;
            man.render_synopsis_section(out)?;
            man.render_options_section(out)?;
        }
        Ok(())
    })
}
