//! Installing into a repository's hooks and taking out again. A hook that was there before keeps running.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::{Error, Repository, cause};

/// A hook of git.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Before a commit is made: `stopleak staged`.
    PreCommit,
    /// Before commits are sent: `stopleak push`.
    PrePush,
}

impl Hook {
    /// The name of its file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }

    fn command(self) -> &'static str {
        match self {
            Self::PreCommit => "staged",
            Self::PrePush => "push \"$@\"",
        }
    }
}

/// The line by which our hooks are known.
const MARK: &str = "# Written by `stopleak hook install`; `stopleak hook uninstall` takes it out again.";

/// What was done to a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was written.
    Installed(PathBuf),
    /// It was written; the one that was there before was moved and runs first.
    Chained(PathBuf, PathBuf),
    /// It was there already and is written anew.
    Renewed(PathBuf),
    /// It was removed.
    Removed(PathBuf),
    /// It was removed, and the one before is back.
    Restored(PathBuf),
    /// There was none of ours.
    Absent(PathBuf),
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Installed(path) => write!(f, "{}: installed", path.display()),
            Self::Chained(path, old) => {
                write!(f, "{}: installed; the hook that was there runs first, as {}", path.display(), old.display())
            }
            Self::Renewed(path) => write!(f, "{}: was installed before; renewed", path.display()),
            Self::Removed(path) => write!(f, "{}: removed", path.display()),
            Self::Restored(path) => write!(f, "{}: removed; the hook from before is back", path.display()),
            Self::Absent(path) => write!(f, "{}: no hook of stopleak, nothing done", path.display()),
        }
    }
}

/// Installs a hook that runs `program`.
pub fn install(repository: &Repository, hook: Hook, program: &Path) -> Result<Done, Error> {
    let (path, before) = places(repository, hook)?;
    let ours = is_ours(&path)?;
    let exists = path.symlink_metadata().is_ok();
    if exists && !ours {
        if before.symlink_metadata().is_ok() {
            let reason = format!("{} is in the way; move it away first", before.display());
            return Err(Error::Write { path, reason });
        }
        fs::rename(&path, &before).map_err(|error| write_error(&path, &error))?;
    }
    write(&path, &script(hook, program))?;
    Ok(match (exists, ours) {
        (false, _) => Done::Installed(path),
        (true, true) => Done::Renewed(path),
        (true, false) => Done::Chained(path, before),
    })
}

/// Takes a hook out.
pub fn uninstall(repository: &Repository, hook: Hook) -> Result<Done, Error> {
    let (path, before) = places(repository, hook)?;
    if !is_ours(&path)? {
        return Ok(Done::Absent(path));
    }
    if before.symlink_metadata().is_ok() {
        fs::rename(&before, &path).map_err(|error| write_error(&path, &error))?;
        return Ok(Done::Restored(path));
    }
    fs::remove_file(&path).map_err(|error| write_error(&path, &error))?;
    Ok(Done::Removed(path))
}

/// Where the hook is, and where one from before is kept.
fn places(repository: &Repository, hook: Hook) -> Result<(PathBuf, PathBuf), Error> {
    let folder = folder(repository)?;
    Ok((folder.join(hook.name()), folder.join(format!("{}.before-stopleak", hook.name()))))
}

/// The folder of hooks: `core.hooksPath` of any of the user's configurations, or `hooks` in the repository.
fn folder(repository: &Repository) -> Result<PathBuf, Error> {
    let own = repository.shared.to_thread_local();
    let unreadable = |error: gix::Error| Error::Unreadable { part: "configuration", reason: cause(&error) };
    let options = gix::open::Options::default().permissions(gix::open::Permissions::all()).open_path_as_is(true);
    let repo = gix::open_opts(own.git_dir(), options).map_err(unreadable)?;
    let default = repo.common_dir().join("hooks");
    let config = repo.config_snapshot();
    let Some(configured) = config.string("core.hooksPath") else { return Ok(default) };
    let configured = configured.to_string();
    let path = match configured.strip_prefix("~/") {
        Some(rest) => std::env::home_dir().unwrap_or_default().join(rest),
        None => PathBuf::from(configured),
    };
    Ok(own.workdir().unwrap_or(own.git_dir()).join(path))
}

/// Whether a hook is one of ours.
fn is_ours(path: &Path) -> Result<bool, Error> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(write_error(path, &error)),
        Ok(found) if !found.is_file() => Ok(false),
        Ok(_) => {
            let text = fs::read(path).map_err(|error| write_error(path, &error))?;
            Ok(memchr::memmem::find(&text, MARK.as_bytes()).is_some())
        }
    }
}

fn script(hook: Hook, program: &Path) -> String {
    let quoted = format!("'{}'", program.to_string_lossy().replace('\\', "/").replace('\'', "'\\''"));
    let (name, command) = (hook.name(), hook.command());
    // What a pre-push hook reads is needed by both hooks.
    let (keep, feed, to_old) = match hook {
        Hook::PreCommit => ("", "", ""),
        Hook::PrePush => ("lines=$(cat)\n", "printf '%s\\n' \"$lines\" | ", "printf '%s\\n' \"$lines\" | "),
    };
    format!(
        "#!/bin/sh\n{MARK}\n{keep}before=\"$(dirname \"$0\")/{name}.before-stopleak\"\n\
         if [ -x \"$before\" ]; then\n    {to_old}\"$before\" \"$@\" || exit $?\nfi\n\
         program=$(command -v stopleak) || program={quoted}\n{feed}\"$program\" {command}\n"
    )
}

/// Writes a program in one step: nobody sees half a hook.
fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".stopleak-").tempfile_in(folder)?;
        file.write_all(text.as_bytes())?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
        }
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    written().map_err(|error| write_error(path, &error))
}

fn write_error(path: &Path, error: &std::io::Error) -> Error {
    Error::Write { path: path.to_path_buf(), reason: error.to_string() }
}
