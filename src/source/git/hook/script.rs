//! What our hooks say, and how they are told from what people wrote.

use std::fs;
use std::path::Path;

use gix::bstr::ByteSlice as _;

use super::{Error, Hook, write_error};

/// The line by which our hooks are known.
const MARK: &str = "# Written by `stopleak hook install`; `stopleak hook uninstall` takes it out again.";

/// What stands in a form for the path of the program.
const PROGRAM: &str = "{program}";

/// A form of our hooks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing else runs.
    Alone,
    /// The hook from before runs first.
    Chained,
    /// As the first version wrote it: the hook from before lay beside it.
    Earlier,
}

/// What is where a hook of ours would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A hook that we wrote.
    Ours,
    /// A hook that we wrote and somebody changed.
    Changed,
    /// What somebody else put there.
    Other,
    /// A folder.
    Folder,
}

/// What is at a place. A hook of ours that somebody changed is not ours to overwrite or to delete.
pub(super) fn found(path: &Path, hook: Hook) -> Result<Found, Error> {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    let found = match path.symlink_metadata() {
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => return Ok(Found::Nothing),
        found => found.map_err(|error| write_error(path, &error))?,
    };
    if path.is_dir() {
        return Ok(Found::Folder);
    }
    if !found.is_file() {
        return Ok(Found::Other);
    }
    let text = fs::read(path).map_err(|error| write_error(path, &error))?;
    if memchr::memmem::find(&text, MARK.as_bytes()).is_none() {
        return Ok(Found::Other);
    }
    let is = |form| is(&text, hook, form);
    let ours = [Form::Alone, Form::Chained, Form::Earlier].into_iter().any(is);
    Ok(if ours { Found::Ours } else { Found::Changed })
}

/// Whether a text is what we write in a form, whatever the program.
fn is(text: &[u8], hook: Hook, form: Form) -> bool {
    let template = template(hook, form);
    let Some((head, tail)) = template.split_once(PROGRAM) else { return false };
    let program = text.strip_prefix(head.as_bytes()).and_then(|rest| rest.strip_suffix(tail.as_bytes()));
    let Some(inner) = program.and_then(|program| program.strip_prefix(b"'")?.strip_suffix(b"'")) else { return false };
    // Quoted by us, a quote never stands alone.
    unquoted(inner).is_some_and(|program| quoted(&program) == [b"'", inner, b"'"].concat())
}

/// A hook that runs `program`.
pub(super) fn script(hook: Hook, form: Form, program: &Path) -> Vec<u8> {
    let template = template(hook, form);
    let (head, tail) = template.split_once(PROGRAM).unwrap_or((&template, ""));
    let program = program.as_os_str().as_encoded_bytes();
    // The shell of git for Windows reads both and prints this one.
    let program = if cfg!(windows) { program.replace(b"\\", b"/") } else { program.to_vec() };
    [head.as_bytes(), &quoted(&program), tail.as_bytes()].concat()
}

/// One word of a shell.
fn quoted(word: &[u8]) -> Vec<u8> {
    [b"'", &word.replace(b"'", b"'\\''")[..], b"'"].concat()
}

/// What [`quoted`] put between quotes.
fn unquoted(inner: &[u8]) -> Option<Vec<u8>> {
    let word = inner.replace(b"'\\''", b"\0");
    (!word.contains(&b'\'')).then(|| word.replace(b"\0", b"'"))
}

fn template(hook: Hook, form: Form) -> String {
    let name = hook.name();
    let command = hook.command().trim_start_matches("stopleak ");
    // What git says to a pre-push hook is needed by both hooks; `$(...)` would take line ends away.
    let (keep, feed) = match (hook, form) {
        (Hook::PreCommit, _) | (_, Form::Alone) => ("", ""),
        (Hook::PrePush, Form::Chained) => ("lines=$(cat; echo .)\nlines=${lines%.}\n", "printf %s \"$lines\" | "),
        (Hook::PrePush, Form::Earlier) => ("lines=$(cat)\n", "printf '%s\\n' \"$lines\" | "),
    };
    let before = match form {
        Form::Alone => String::new(),
        Form::Chained => chained(name, feed),
        Form::Earlier => format!(
            "before=\"$(dirname \"$0\")/{name}.before-stopleak\"\n\
             if [ -x \"$before\" ]; then\n    {feed}\"$before\" \"$@\" || exit $?\nfi\n"
        ),
    };
    format!(
        "#!/bin/sh\n{MARK}\n{keep}{before}program=$(command -v stopleak) || program={PROGRAM}\n{feed}\"$program\" {command}\n"
    )
}

/// Runs the hook from before. Frameworks for hooks move what they find away and run it, so that the hook from before can
/// be the one that runs this: then it is not run again. pre-commit says that it does; what it ran until then runs here.
fn chained(name: &str, feed: &str) -> String {
    format!(
        r#"hooks=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)
before=$hooks-before-stopleak/{name}
run="{name} $* in $(pwd)"
moved=
if [ -n "$PRE_COMMIT_RUNNING_LEGACY" ] && grep -q '{PRE_COMMIT}' "$before"; then
    moved=1
    before=$before.legacy
fi
if [ "$STOPLEAK_HOOK_RUNS" = "$run" ]; then
    : # It runs this.
elif [ -x "$before" ]; then
    {feed}STOPLEAK_HOOK_RUNS=$run "$before" "$@" || exit $?
elif [ -z "$moved" ] && [ ! -e "$before" ] && [ ! -L "$before" ]; then
    echo "$before: the hook from before stopleak is gone; 'stopleak hook install' writes a hook without it" >&2
    exit 1
fi
"#
    )
}

/// What stands in each hook of pre-commit, the framework.
const PRE_COMMIT: &str = "File generated by pre-commit";

/// Whether a hook is pre-commit's own: it can be generated again.
pub(super) fn is_of_pre_commit(path: &Path) -> bool {
    fs::read(path).is_ok_and(|text| memchr::memmem::find(&text, PRE_COMMIT.as_bytes()).is_some())
}
