//! The index of a repository, or the one that git's environment names.

use std::env;
use std::path::{Path, PathBuf};

use gix::index::File;
use gix::index::decode::Options;

use super::{Error, cause};

/// The index that the next commit is made from; none if nothing was ever staged. Inside `git commit -a` and `git commit --
/// path` git names another one than the repository's own.
pub(super) fn next_commit(repo: &gix::Repository) -> Result<Option<File>, Error> {
    let own = repo.git_dir().join("index");
    let Some(named) = env::var_os("GIT_INDEX_FILE").filter(|name| !name.is_empty()).map(PathBuf::from) else {
        return read(repo, &own);
    };
    // git has gone to the top of the work tree when it reads it; a hook may have gone elsewhere since.
    let top = repo.workdir().map(|top| top.join(&named));
    let places: Vec<PathBuf> = top.into_iter().chain([named.clone()]).collect();
    match places.iter().find(|place| place.symlink_metadata().is_ok()) {
        Some(place) => read(repo, place),
        // As before the first `git add`.
        None if places.iter().any(|place| is_same(place, &own)) => Ok(None),
        None => Err(Error::Index { path: named, reason: "GIT_INDEX_FILE names it, and there is none".to_owned() }),
    }
}

/// The index of the repository itself, whatever the environment says.
pub(super) fn own(repo: &gix::Repository) -> Result<Option<File>, Error> {
    read(repo, &repo.git_dir().join("index"))
}

fn read(repo: &gix::Repository, path: &Path) -> Result<Option<File>, Error> {
    let failed = |reason: String| Error::Index { path: path.to_path_buf(), reason };
    match path.metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error.to_string())),
        Ok(found) if !found.is_file() => return Err(failed("it is no file".to_owned())),
        Ok(found) if found.len() == 0 => return Err(failed("it is empty".to_owned())),
        Ok(_) => {}
    }
    let config = repo.config_snapshot();
    let options = Options {
        thread_limit: None,
        min_extension_block_in_bytes_for_threading: 0,
        expected_checksum: None,
        alloc_limit_bytes: Some(1 << 30),
    };
    let skip_hash = config.boolean("index.skipHash").unwrap_or_default();
    File::at(path, repo.object_hash(), skip_hash, options).map(Some).map_err(|error| failed(cause(&error)))
}

fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
    real(one).is_some_and(|one| Some(one) == real(other))
}
