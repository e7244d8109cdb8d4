//! What is between the program and the system: no core dumps, panics without values, completions and the manual.

use std::io::Write as _;

use clap::CommandFactory as _;

use stopleak::detect::randomness::is_random;

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
    // A handler of dumps that the system pipes them to need not obey the limit. Without this flag the kernel makes none, and
    // no other process of the same user may read our memory.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
    std::panic::set_hook(Box::new(|info| {
        let _ = writeln!(std::io::stderr(), "{}", defect(info));
    }));
}

/// What is said of a panic: where, and never its message.
fn defect(info: &std::panic::PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    format!(
        "stopleak: a defect of stopleak at {place}. Please report it with this line and the kind of file that was scanned, \
         but not with the file."
    )
}

/// The shortest text that could be a value and no word, number or name.
const SHORTEST: usize = 16;
/// The id of a commit is as random as a key, and its reader needs it.
const COMMIT: usize = 40;

/// An error's text without what looks like a value: parsers quote what they did not expect, and the file may be another than
/// its user thinks.
pub(super) fn without_values(text: &str) -> String {
    let is_piece = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '=' | '_' | '-');
    let mut clean = String::with_capacity(text.len());
    for part in text.split_inclusive(|c| !is_piece(c)) {
        let piece = part.trim_end_matches(|c| !is_piece(c));
        let is_commit = piece.len() == COMMIT && piece.bytes().all(|byte| byte.is_ascii_hexdigit());
        if piece.len() >= SHORTEST && !is_commit && is_random(piece.as_bytes()) {
            clean += "[REDACTED]";
            clean += &part[piece.len()..];
        } else {
            clean += part;
        }
    }
    clean
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

#[cfg(test)]
mod tests {
    use std::panic;
    use std::sync::mpsc;
    use std::thread;

    use super::*;

    #[test]
    fn errors_quote_no_values() {
        let letter = |state: &mut u32| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let number = u8::try_from(*state >> 24).unwrap_or_default();
            Some(char::from(if number.is_ascii_alphanumeric() { number } else { b'a' + number % 26 }))
        };
        let value: String = std::iter::repeat_n((), 40).scan(7, |state, ()| letter(state)).collect();
        assert_eq!(without_values(&format!("x:1: unknown field `{value}`; no")), "x:1: unknown field `[REDACTED]`; no");
        let commit = "0123456789abcdef0f1e2d3c4b5a697887";
        for kept in [
            &format!("{commit}abcdef is no commit"),
            "binance-api-secret-production is no rule; did you mean binance-api-secret",
            "/home/someone/a-long-name_of.a/folder.toml:3:4: unknown field `exclude_everything`",
            "é1234567890123456789 — 1234567890123456",
        ] {
            assert_eq!(without_values(kept), *kept);
        }
    }

    /// As panics of slices, `expect` and assertions do, this one quotes what was scanned.
    #[test]
    fn a_panic_quotes_nothing() {
        let value = ["Tr4ding", "Pa55", "w0rd", "Of2026"].concat();
        let (out, told) = mpsc::channel();
        let own = thread::current().id();
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            // Other tests may fail meanwhile.
            if thread::current().id() == own {
                let _ = out.send(defect(info));
            }
        }));
        for quoting in [
            (|value: &str| assert!(value.parse::<u8>().expect(value) > 0)) as fn(&str),
            |value| assert_eq!(value, "something else"),
            |value| panic!("{value}"),
            |value| drop(value[..value.len() + usize::from(value.is_ascii())].to_owned()),
        ] {
            assert!(panic::catch_unwind(|| quoting(&value)).is_err());
        }
        panic::set_hook(before);
        let told: Vec<String> = told.try_iter().collect();
        assert_eq!(told.len(), 4);
        for line in told {
            assert!(line.contains("src/cli/shell.rs:") || line.contains("core"), "{line}");
            for at in 0..value.len() - 5 {
                assert!(!line.contains(&value[at..at + 5]), "{line}");
            }
        }
    }
}
