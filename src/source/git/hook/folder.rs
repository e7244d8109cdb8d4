//! Where git looks for hooks.

use std::path::{Path, PathBuf};

use gix::bstr::ByteSlice as _;
use gix::config::path::interpolate;

use super::{Error, Hook, Repository, cause, refusal};

/// The folder of hooks: `core.hooksPath` of any of the user's configurations, or `hooks` in the repository.
pub(super) fn folder(repository: &Repository) -> Result<PathBuf, Error> {
    let own = repository.shared.to_thread_local();
    let unreadable = |error: gix::Error| Error::Unreadable { part: "configuration", reason: cause(&error) };
    let wrong = |reason: &str| refusal(Path::new("core.hooksPath"), reason);
    if is_set_for_one_command() {
        return Err(wrong(
            "it is set for this command only (`git -c`), where no later commit would look; run it without",
        ));
    }
    let options = gix::open::Options::default().permissions(gix::open::Permissions::all()).open_path_as_is(true);
    let repo = gix::open_opts(own.git_dir(), options).map_err(unreadable)?;
    let config = repo.config_snapshot();
    let Some(set) = config.string("core.hooksPath") else { return Ok(repo.common_dir().join("hooks")) };
    if set.is_empty() {
        return Err(wrong("it is empty, so git runs no hooks; `git config --unset core.hooksPath` takes it out"));
    }
    // What git puts for `%(prefix)`, and whether it knows `:(optional)`, depends on how it was built.
    let unknown = || wrong(&format!("only git can resolve {set}; write the whole path there"));
    if set.starts_with(b":(") {
        return Err(unknown());
    }
    let home = std::env::home_dir();
    let context = interpolate::Context { home_dir: home.as_deref(), ..interpolate::Context::default() };
    let path = gix::config::Path::from(set.as_bstr()).interpolate(context).map_err(|_| unknown())?;
    let folder = own.workdir().unwrap_or(own.git_dir()).join(path);
    if folder.exists() && !folder.is_dir() {
        return Err(refusal(&folder, "core.hooksPath says so, but it is no folder, so git runs no hooks"));
    }
    Ok(folder)
}

/// gix doesn't read what `git -c` hands to the programs that it runs.
fn is_set_for_one_command() -> bool {
    let set = std::env::var_os("GIT_CONFIG_PARAMETERS").unwrap_or_default();
    set.to_string_lossy().to_lowercase().contains("core.hookspath")
}

/// Why no hook is installed in a folder.
pub(super) fn obstacle(repository: &Repository, folder: &Path, hook: Hook) -> Option<Error> {
    if repository.shared.to_thread_local().workdir().is_none() {
        let reason = "a bare repository: nothing is committed in it, so pre-commit never runs; install in a clone or in a \
                      linked work tree";
        return Some(refusal(&repository.root(), reason));
    }
    // husky's own hook and what is ignored in its folder: each `npm install` writes them anew.
    let generated = std::fs::read(folder.join(".gitignore")).is_ok_and(|text| text.trim_ascii() == b"*");
    if generated && folder.join("h").is_file() {
        let own = folder.parent().unwrap_or(folder).join(hook.name());
        let reason = format!(
            "husky writes this folder anew each time it is installed; add the line `{}` to {} instead",
            hook.command(),
            own.display()
        );
        return Some(refusal(folder, &reason));
    }
    None
}
