//! Installing into a repository's hooks and taking out again. A hook that was there before keeps running.

mod before;
mod folder;
mod script;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use before::Before;
use script::{Form, Found, found};

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

    /// What it runs.
    fn command(self) -> &'static str {
        match self {
            Self::PreCommit => "stopleak staged",
            Self::PrePush => "stopleak push \"$@\"",
        }
    }
}

/// What was done to a hook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It was written.
    Installed(PathBuf),
    /// It was written; the one that was there before was moved and runs first.
    Chained(PathBuf, PathBuf),
    /// It was there already and is written anew.
    Renewed(PathBuf),
    /// The same; a framework for hooks has moved it and runs it.
    Moved(PathBuf),
    /// It was removed.
    Removed(PathBuf),
    /// It was removed, with the copy of pre-commit's hook that was kept for it: pre-commit has installed a new one.
    Dropped(PathBuf, PathBuf),
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
            Self::Moved(path) => {
                write!(f, "{}: was installed before, and pre-commit runs it from here; renewed", path.display())
            }
            Self::Dropped(path, old) => {
                write!(f, "{}: removed, and so is {}, pre-commit's hook from before", path.display(), old.display())
            }
            Self::Removed(path) => write!(f, "{}: removed", path.display()),
            Self::Restored(path) => write!(f, "{}: removed; the hook from before is back", path.display()),
            Self::Absent(path) => write!(f, "{}: no hook of stopleak, nothing done", path.display()),
        }
    }
}

/// Installs a hook that runs `program`.
pub fn install(repository: &Repository, hook: Hook, program: &Path) -> Result<Done, Error> {
    let folder = folder::folder(repository)?;
    if let Some(error) = folder::obstacle(repository, &folder, hook) {
        return Err(error);
    }
    fs::create_dir_all(&folder).map_err(|error| write_error(&folder, &error))?;
    let before = Before::new(&folder, hook)?;
    let (path, legacy) = places(&folder, hook);
    let write = |path: &Path| {
        let form = if before.place().is_some() { Form::Chained } else { Form::Alone };
        write(path, &script::script(hook, form, program))
    };
    match found(&path, hook)? {
        Found::Folder => Err(refusal(&path, "it is a folder, and git runs only files; move it away first")),
        Found::Changed => Err(changed(&path)),
        Found::Ours => {
            before.renew()?;
            write(&path)?;
            Ok(Done::Renewed(path))
        }
        Found::Nothing => {
            before.renew()?;
            write(&path)?;
            Ok(match before.place() {
                Some(old) => Done::Chained(path, old.to_path_buf()),
                None => Done::Installed(path),
            })
        }
        Found::Other => match found(&legacy, hook)? {
            Found::Changed => Err(changed(&legacy)),
            Found::Ours => {
                before.renew()?;
                write(&legacy)?;
                Ok(Done::Moved(legacy))
            }
            _ => {
                if let Some(old) = before.place() {
                    return Err(before.in_the_way(old));
                }
                // A hook that can't be installed leaves the one before where it was.
                before.keep(&path).and_then(|()| write(&path)).inspect_err(|_| drop(before.restore(&path)))?;
                Ok(Done::Chained(path, before.kept))
            }
        },
    }
}

/// Takes a hook out.
pub fn uninstall(repository: &Repository, hook: Hook) -> Result<Done, Error> {
    let folder = folder::folder(repository)?;
    let (path, legacy) = places(&folder, hook);
    let here = match (found(&path, hook)?, found(&legacy, hook)?) {
        (Found::Changed, _) => return Err(changed(&path)),
        (Found::Ours, _) => path,
        (_, Found::Changed) => return Err(changed(&legacy)),
        (_, Found::Ours) => legacy.clone(),
        _ => return Ok(Done::Absent(path)),
    };
    let before = Before::new(&folder, hook)?;
    let remove = || fs::remove_file(&here).map_err(|error| write_error(&here, &error));
    if let Some(old) = before.place().filter(|old| here == legacy && script::is_of_pre_commit(old)) {
        remove()?;
        before.remove()?;
        return Ok(Done::Dropped(here, old.to_path_buf()));
    }
    if before.restore(&here)? {
        return Ok(Done::Restored(here));
    }
    remove()?;
    Ok(Done::Removed(here))
}

/// Where the hook is, and where pre-commit moves a hook that it finds when it is installed.
fn places(folder: &Path, hook: Hook) -> (PathBuf, PathBuf) {
    (folder.join(hook.name()), folder.join(format!("{}.legacy", hook.name())))
}

/// That a hook of ours holds what is not ours.
fn changed(path: &Path) -> Error {
    let reason = "it has lines that stopleak did not write; take them out, or move the file away, and run this again";
    refusal(path, reason)
}

/// Writes a program in one step: nobody sees half a hook.
fn write(path: &Path, text: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(".stopleak-").tempfile_in(folder)?;
        file.write_all(text)?;
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

fn refusal(path: &Path, reason: &str) -> Error {
    Error::Write { path: path.to_path_buf(), reason: reason.to_owned() }
}
