//! The file of a baseline on disk: read whole, written whole, one writer at a time.
//!
//! Writers lock the folder, read the file anew, and put a complete one in its place, so that two at a time lose nothing and
//! a killed one leaves the old file or the new one. A lock goes with its process; nothing stays behind.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use stopleak::policy::baseline::Baseline;

/// A baseline is a line a value; one beyond this is something else.
pub(super) const MOST_BYTES: u64 = 64 << 20;

/// Where a baseline is written.
#[derive(Debug)]
pub(super) struct Store {
    /// As it is shown.
    pub(super) shown: String,
    path: PathBuf,
}

impl Store {
    pub(super) fn new(shown: String, path: PathBuf) -> Self {
        Self { shown, path }
    }

    pub(super) fn exists(&self) -> bool {
        std::fs::symlink_metadata(&self.path).is_ok()
    }

    /// Changes the baseline under the lock: `change` gets what is in the file now, or a new one with a random salt.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Baseline, bool) -> anyhow::Result<T>) -> anyhow::Result<T> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let _lock = lock(folder).with_context(|| format!("{} can't be locked", folder.display()))?;
        let (mut baseline, is_new) = match self.current()? {
            Some(baseline) => (baseline, false),
            None => (Baseline::new(&self.shown, salt()?), true),
        };
        let result = change(&mut baseline, is_new)?;
        self.write(&baseline.to_string()).with_context(|| format!("{} can't be written", self.shown))?;
        sync(folder);
        Ok(result)
    }

    /// Only what is whole takes the name. The neighbour it is written to has a name of its own: what a killed writer left
    /// is swept away by the next, who has the lock.
    fn write(&self, text: &str) -> io::Result<()> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let new = self.path.with_file_name(format!("{name}.new"));
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::options().write(true).create_new(true).open(&new)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        let written = written.and_then(|()| std::fs::rename(&new, &self.path));
        if written.is_err() {
            let _ = std::fs::remove_file(&new);
        }
        written
    }

    /// What is in the file; marks of a merge are understood, because the file is about to be written anew.
    pub(super) fn current(&self) -> anyhow::Result<Option<Baseline>> {
        match std::fs::symlink_metadata(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{} can't be read", self.shown)),
            Ok(found) if !found.is_file() => {
                bail!("{} is no regular file; name another with --baseline", self.shown)
            }
            Ok(_) => {}
        }
        let text = text(&self.shown, &self.path)?;
        Ok(Some(Baseline::read_merged(&self.shown, &text)?))
    }
}

/// The text of a baseline. A link or pipe is refused.
pub(super) fn text(shown: &str, path: &Path) -> anyhow::Result<String> {
    let bytes = stopleak::source::read::small(path, MOST_BYTES)
        .map_err(|reason| anyhow::anyhow!("{shown} can't be used: {reason}; name a regular file"))?;
    utf8(shown, bytes)
}

/// Bytes as text, or the line that is none.
pub(super) fn utf8(shown: &str, bytes: Vec<u8>) -> anyhow::Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        anyhow::anyhow!("{shown}:{line}: this is no UTF-8; save the file as UTF-8")
    })
}

/// 128 random bits of the system's.
fn salt() -> anyhow::Result<[u8; 16]> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| anyhow::anyhow!("the system gives no random numbers: {error}"))?;
    Ok(salt)
}

/// Holds others off until it is dropped. The folder itself is locked, so that no file for it stays behind.
#[cfg(unix)]
fn lock(folder: &Path) -> io::Result<File> {
    let handle = File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?;
    rustix::fs::flock(&handle, rustix::fs::FlockOperation::LockExclusive)?;
    Ok(handle)
}

/// Where folders can't be locked: a file that only one can make. It is waited for, not forced.
#[cfg(not(unix))]
fn lock(folder: &Path) -> io::Result<LockFile> {
    let path = folder.join(".stopleak-baseline.lock");
    let until = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        match File::options().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok(LockFile { path, _file: file }),
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Err(_) if std::time::Instant::now() > until => {
                let remedy = format!("{} is there; delete it if no other stopleak is running", path.display());
                return Err(io::Error::other(remedy));
            }
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    }
}

/// The lock of [`lock`].
#[cfg(not(unix))]
struct LockFile {
    path: PathBuf,
    _file: File,
}

#[cfg(not(unix))]
impl Drop for LockFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Makes the new name outlive a loss of power, as far as the system can.
fn sync(folder: &Path) {
    if let Ok(folder) = File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder }) {
        let _ = folder.sync_all();
    }
}
