//! The hook that was there before ours, and where it is kept.
//!
//! Hooks ask for their name and find their neighbours, or the repository, from their own place (`$0`). So it goes under
//! its own name into a folder beside the folder of hooks, as deep as that, in which links lead to the neighbours.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::script::{Found, found, is_of_pre_commit};
use super::{Error, Hook, refusal, write_error};

/// The place of a hook from before.
pub(super) struct Before {
    hook: Hook,
    /// The folder of hooks, without links on the way to it: `..` is the same from both folders then.
    hooks: PathBuf,
    /// Where it is kept.
    pub(super) kept: PathBuf,
    /// Where the first version kept it.
    earlier: PathBuf,
}

impl Before {
    /// Of a folder that exists.
    pub(super) fn new(folder: &Path, hook: Hook) -> Result<Self, Error> {
        let hooks = folder.canonicalize().map_err(|error| write_error(folder, &error))?;
        let beside = [hooks.as_os_str(), "-before-stopleak".as_ref()].into_iter().collect::<OsString>();
        let earlier = hooks.join(format!("{}.before-stopleak", hook.name()));
        Ok(Self { hook, kept: PathBuf::from(beside).join(hook.name()), hooks, earlier })
    }

    /// Where it is, if there is one.
    pub(super) fn place(&self) -> Option<&Path> {
        [&self.kept, &self.earlier].into_iter().map(PathBuf::as_path).find(|path| exists(path))
    }

    /// Keeps a hook.
    pub(super) fn keep(&self, path: &Path) -> Result<(), Error> {
        if let Some(link) = self.link_to(path) {
            let reason =
                format!("{} is a link to it and would run stopleak; make it a file of its own", link.display());
            return Err(refusal(path, &reason));
        }
        self.folder()?;
        fs::rename(path, &self.kept).map_err(|error| write_error(path, &error))?;
        self.keep_legacy()
    }

    /// Moves what the first version kept, and links to neighbours that are new.
    pub(super) fn renew(&self) -> Result<(), Error> {
        if self.place().is_none() {
            return Ok(());
        }
        if exists(&self.earlier) && exists(&self.kept) {
            return Err(self.in_the_way(&self.earlier));
        }
        self.folder()?;
        if exists(&self.earlier) {
            fs::rename(&self.earlier, &self.kept).map_err(|error| write_error(&self.earlier, &error))?;
        }
        self.keep_legacy()
    }

    /// The hook that pre-commit runs is kept with pre-commit's. Where it was, pre-commit overwrites it when it is installed
    /// again.
    fn keep_legacy(&self) -> Result<(), Error> {
        let [from, to] = self.legacies();
        if !is_of_pre_commit(&self.kept) || found(&from, self.hook)? != Found::Other {
            return Ok(());
        }
        fs::rename(&from, &to).map_err(|error| write_error(&from, &error))
    }

    fn restore_legacy(&self) -> Result<(), Error> {
        let [to, from] = self.legacies();
        let is_link = fs::read_link(&from).ok().is_some_and(|link| Some(link) == self.link(&to));
        if !exists(&from) || is_link {
            return Ok(());
        }
        if exists(&to) {
            return Err(refusal(&to, &format!("it is in the way of {}; move it away first", from.display())));
        }
        fs::rename(&from, &to).map_err(|error| write_error(&to, &error))
    }

    /// Where pre-commit has the hook that it runs, and where that is kept.
    fn legacies(&self) -> [PathBuf; 2] {
        let name = format!("{}.legacy", self.hook.name());
        [self.hooks.join(&name), self.beside().join(&name)]
    }

    /// That something lies where a hook is to be kept.
    pub(super) fn in_the_way(&self, what: &Path) -> Error {
        refusal(&self.hooks.join(self.hook.name()), &format!("{} is in the way; move it away first", what.display()))
    }

    /// Puts it back, if there is one.
    pub(super) fn restore(&self, to: &Path) -> Result<bool, Error> {
        let Some(place) = self.place() else { return Ok(false) };
        let error = |error| write_error(to, &error);
        if place.is_dir() && exists(to) {
            fs::remove_file(to).map_err(error)?;
        }
        fs::rename(place, to).map_err(error)?;
        self.restore_legacy()?;
        self.tidy();
        Ok(true)
    }

    /// Deletes it.
    pub(super) fn remove(&self) -> Result<(), Error> {
        if let Some(place) = self.place() {
            fs::remove_file(place).map_err(|error| write_error(place, &error))?;
        }
        self.restore_legacy()?;
        self.tidy();
        Ok(())
    }

    fn beside(&self) -> &Path {
        self.kept.parent().unwrap_or(&self.hooks)
    }

    /// Another hook that is a link to this one.
    fn link_to(&self, path: &Path) -> Option<PathBuf> {
        let own = path.symlink_metadata().ok().filter(fs::Metadata::is_file).and_then(|_| path.canonicalize().ok())?;
        let links = |other: &PathBuf| other.is_symlink() && other.canonicalize().is_ok_and(|to| to == own);
        entries(&self.hooks).into_iter().find(links)
    }

    /// Makes the folder with links to all that lies in the folder of hooks, but to the hooks that are kept or ours.
    fn folder(&self) -> Result<(), Error> {
        let beside = self.beside();
        fs::create_dir_all(beside).map_err(|error| write_error(beside, &error))?;
        for neighbour in entries(&self.hooks) {
            let (Some(name), Some(link)) = (neighbour.file_name(), self.link(&neighbour)) else { continue };
            let text = name.to_string_lossy();
            let ours = || !matches!(found(&neighbour, self.hook), Ok(Found::Other | Found::Folder));
            let kept = [Hook::PreCommit, Hook::PrePush].iter().any(|hook| text == hook.name());
            let path = beside.join(name);
            if kept || text.ends_with(".sample") || text.ends_with(".before-stopleak") || exists(&path) || ours() {
                continue;
            }
            // Elsewhere not everybody may make links; a hook without neighbours needs none.
            #[cfg(unix)]
            std::os::unix::fs::symlink(link, &path).map_err(|error| write_error(&path, &error))?;
            #[cfg(not(unix))]
            let _ = link;
        }
        Ok(())
    }

    /// The way to a neighbour from the folder beside.
    fn link(&self, neighbour: &Path) -> Option<PathBuf> {
        Some(Path::new("..").join(self.hooks.file_name()?).join(neighbour.file_name()?))
    }

    /// Takes the folder away if there are only our links in it.
    fn tidy(&self) {
        let links = entries(self.beside());
        let ours = |path: &PathBuf| fs::read_link(path).ok().is_some_and(|to| Some(to) == self.link(path));
        if links.iter().all(ours) {
            // What stays behind harms nobody.
            links.iter().for_each(|link| drop(fs::remove_file(link)));
            let _ = fs::remove_dir(self.beside());
        }
    }
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
