//! Where output goes: standard output through a checked writer, files by a temporary neighbour that takes their name when
//! it is complete. `println!` would panic on a full disk and on a closed pipe.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, bail};

/// Writes to standard output. A reader that went away is no error: it has what it wanted.
pub(super) fn stdout(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    finished(write(&mut out).and_then(|()| out.flush()))
}

fn finished(result: io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("standard output can't be written"),
    }
}

/// Writes a text to standard output.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    stdout(|out| out.write_all(text.as_bytes()))
}

/// Writes a text with ANSI styles, without them where they are not wanted.
pub(super) fn print_styled(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    finished(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// A file that will be written once there is something to write.
#[derive(Debug)]
pub(super) struct Target {
    /// As typed, for messages.
    typed: PathBuf,
    /// The file behind all symbolic links.
    path: PathBuf,
    /// It exists and is no regular file: a pipe or a device, written in place.
    in_place: bool,
}

impl Target {
    /// Makes sure that the file can be written before the work begins. Nothing at its place is changed.
    pub(super) fn prepare(typed: &Path) -> anyhow::Result<Self> {
        let shown = typed.display();
        let (path, in_place) = match fs::metadata(typed) {
            Ok(data) if data.is_dir() => bail!("{shown} is a folder; name a file for the report"),
            // A pipe behind `/dev/stdout` has no path of its own.
            Ok(data) if !data.is_file() => (typed.to_owned(), true),
            Ok(_) => (fs::canonicalize(typed).with_context(|| format!("{shown} can't be written"))?, false),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (typed.to_owned(), false),
            Err(error) => return Err(error).with_context(|| format!("{shown} can't be written")),
        };
        let target = Self { typed: typed.to_owned(), path, in_place };
        if !in_place {
            // The temporary file is removed at once: one that lived during the scan would stay behind an interrupt.
            target.temporary(false)?;
        }
        Ok(target)
    }

    /// Whether both are the same file.
    pub(super) fn same_as(&self, other: &Self) -> bool {
        self.path == other.path && !self.in_place
    }

    /// Writes all of it or nothing. With `private`, nobody but the owner may read a new file.
    pub(super) fn write(
        &self,
        private: bool,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> anyhow::Result<()> {
        let failed = || format!("{} can't be written", self.typed.display());
        if self.in_place {
            let file = File::options().write(true).open(&self.path).with_context(failed)?;
            let mut out = BufWriter::new(file);
            return match write(&mut out).and_then(|()| out.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
                other => other.with_context(failed),
            };
        }
        let temporary = self.temporary(private)?;
        let mut out = BufWriter::new(temporary.file());
        write(&mut out).with_context(failed)?;
        out.into_inner().map_err(io::IntoInnerError::into_error).with_context(failed)?;
        temporary.file().sync_all().with_context(failed)?;
        temporary.publish(&self.path).with_context(failed)
    }

    /// A temporary file in the same folder, so that it can be renamed.
    fn temporary(&self, private: bool) -> anyhow::Result<Temporary> {
        let folder = match self.path.parent() {
            Some(parent) if parent != OsStr::new("") => parent,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".stopleak-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // What umask leaves of it, as for any other file a program writes.
            builder.permissions(fs::Permissions::from_mode(if private { 0o600 } else { 0o666 }));
        }
        #[cfg(not(unix))]
        let _ = private;
        Temporary::new(&builder, folder).map_err(|error| {
            let (file, folder) = (self.typed.display(), folder.display());
            anyhow::anyhow!("{file} can't be written: {}: {folder}; make the folder or name another", reason(&error))
        })
    }
}

/// What the system said, without the name of the temporary file that `tempfile` adds: it means nothing to the user.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split_once(" at path ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
}

/// The temporary files that are there now. Whoever makes, publishes or removes one holds the lock meanwhile.
static TEMPORARY: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn temporary_files() -> MutexGuard<'static, Vec<PathBuf>> {
    TEMPORARY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes all temporary files and lets no other be made or published: the program is about to end.
#[cfg(unix)]
pub(super) fn abandon() {
    let files = temporary_files();
    for path in files.iter() {
        let _ = fs::remove_file(path);
    }
    std::mem::forget(files);
}

/// A temporary file that an interrupt doesn't leave behind.
struct Temporary(Option<tempfile::NamedTempFile>);

impl Temporary {
    fn new(builder: &tempfile::Builder<'_, '_>, folder: &Path) -> io::Result<Self> {
        let mut files = temporary_files();
        let file = builder.tempfile_in(folder)?;
        files.push(file.path().to_owned());
        Ok(Self(Some(file)))
    }

    fn file(&self) -> &File {
        self.0.as_ref().expect("it is there until it is published").as_file()
    }

    /// Gives it its name.
    fn publish(mut self, path: &Path) -> io::Result<()> {
        let mut files = temporary_files();
        let Some(file) = self.0.take() else { return Ok(()) };
        files.retain(|other| other != file.path());
        // If that fails, dropping what comes back removes the file.
        file.persist(path).map(drop).map_err(|error| error.error)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(file) = self.0.take() {
            let mut files = temporary_files();
            files.retain(|other| other != file.path());
            drop(file);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_report_leaves_the_old_one() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("report.json");
        fs::write(&path, "old").expect("it can be written");
        let target = Target::prepare(&path).expect("it can be written");
        let result = target.write(false, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(result.is_err());
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "old");
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1, "no temporary file stays");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_not_replaced() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").expect("it can be written");
        std::os::unix::fs::symlink(&real, &link).expect("links can be made");
        let target = Target::prepare(&link).expect("it can be written");
        target.write(false, |out| out.write_all(b"new")).expect("it can be written");
        assert_eq!(fs::read_to_string(&real).expect("it is there"), "new");
        assert!(link.is_symlink());
    }
}
