//! What configurations of git say of ignored files. They are read by name here, since gix would open what they include.

use std::env;
use std::path::{Path, PathBuf};

use gix::bstr::{BString, ByteSlice};
use gix::config::File;

use crate::source::read;

/// Bytes beyond which a configuration is not read.
const LIMIT: u64 = 1 << 20;

/// Files that include each other are followed so far, as git does.
const DEPTH: usize = 10;

/// Whether `A` and `a` are the same in the ignore files of the repository with this common folder.
pub(in crate::source) fn ignores_case(common: &Path) -> bool {
    let Ok(text) = read::small(&common.join("config"), LIMIT) else { return false };
    // Most have no such word: they need not be understood.
    if !text.to_ascii_lowercase().contains_str("ignorecase") {
        return false;
    }
    File::try_from(text.as_bstr())
        .is_ok_and(|config| config.boolean("core.ignoreCase").is_ok_and(|said| said == Some(true)))
}

/// The user's own ignore file, which holds in all repositories, for the one with this work tree and common folder.
pub(in crate::source) fn own_excludes(root: &Path, common: &Path) -> Option<PathBuf> {
    let variable = |name| env::var_os(name).map(PathBuf::from);
    let home = env::home_dir().filter(|home| home.is_absolute());
    let xdg = variable("XDG_CONFIG_HOME").filter(|folder| folder.is_absolute());
    let xdg = xdg.or_else(|| Some(home.as_ref()?.join(".config")));
    let own = [xdg.as_ref().map(|xdg| xdg.join("git/config")), home.as_ref().map(|home| home.join(".gitconfig"))];
    let own = variable("GIT_CONFIG_GLOBAL").map_or(own, |file| [None, Some(file)]);
    let no_system =
        env::var_os("GIT_CONFIG_NOSYSTEM").is_some_and(|value| !["", "0", "false"].iter().any(|no| value == *no));
    let system = (!no_system).then(|| variable("GIT_CONFIG_SYSTEM").unwrap_or_else(|| "/etc/gitconfig".into()));
    let [second, first] = own;
    let files = [Some(common.join("config")), first, second, system];
    match files.into_iter().flatten().find_map(|file| excludes_in(&file, home.as_deref(), DEPTH)) {
        Some(named) => Some(place(&named, root, home.as_deref())),
        None => Some(xdg?.join("git/ignore")),
    }
}

/// `core.excludesFile` of a configuration, or of what it includes. Conditions (`includeIf`) are not known here.
fn excludes_in(file: &Path, home: Option<&Path>, depth: usize) -> Option<BString> {
    // People link these files to where they keep them.
    let text = read::small(&file.canonicalize().ok()?, LIMIT).ok()?;
    let config = File::try_from(text.as_bstr()).ok()?;
    let included = || {
        let folder = file.parent()?;
        let names = config.strings("include.path").filter(|_| depth > 0)?;
        names.iter().rev().find_map(|name| excludes_in(&place(name, folder, home), home, depth - 1))
    };
    config.string("core.excludesFile").or_else(included)
}

/// The file that a configuration names, from where it is sought.
fn place(named: &BString, from: &Path, home: Option<&Path>) -> PathBuf {
    let path = named.to_path_lossy();
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => from.join(path),
    }
}
