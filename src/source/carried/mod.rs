//! What would carry a file of a work tree away: the image that a Dockerfile makes, the package that npm, Cargo or Python
//! makes. Their lists are read as their documentation says; no tool is run.

mod cargo;
mod compose;
mod docker;
mod dockerfile;
mod glob;
mod manifest;
mod minimatch;
mod npm;
mod python;

use std::path::{Component, Path, PathBuf};

use ignore::gitignore::Gitignore;

use super::ignored;
use super::read;

/// Bytes beyond which a list is not read: nothing real is longer.
const LIMIT: u64 = 1 << 20;

/// Folders above a file that are looked at, if no repository ends the way.
const ABOVE: usize = 4;

/// Characters of an instruction that are shown.
const SHOWN: usize = 60;

/// What is known of a file of a work tree.
pub struct Known<'a> {
    /// Git ignores it and does not track it.
    pub git_ignores: bool,
    /// It lies in a repository.
    pub in_repository: bool,
    /// Whether git tracks a further file.
    pub tracks: &'a dyn Fn(&Path) -> bool,
}

/// What would carry a file away, in sentences without final full stops. `shown` is its path as the report has it.
#[must_use]
pub fn statements(file: &Path, shown: &str, known: &Known<'_>) -> Vec<String> {
    let Ok(file) = file.canonicalize() else { return Vec::new() };
    let mut all = Vec::new();
    let mut settled = [false; 2];
    for (depth, folder) in file.ancestors().skip(1).enumerate() {
        let around = Around { file: &file, folder, depth, shown, git_ignores: known.git_ignores, tracks: known.tracks };
        all.extend(docker::statements(&around));
        // npm packs what lies below, be it a package of its own or not.
        all.extend(npm::statement(&around));
        // For the others a file belongs to the nearest package only.
        for (done, of) in settled.iter_mut().zip([cargo::statement, python::statement]) {
            if let Some(said) = (!*done).then(|| of(&around)).flatten() {
                *done = true;
                all.extend(said);
            }
        }
        if folder.join(".git").symlink_metadata().is_ok() || (!known.in_repository && depth + 1 >= ABOVE) {
            break;
        }
    }
    all
}

/// A file, and a folder above it.
struct Around<'a> {
    file: &'a Path,
    folder: &'a Path,
    /// How many folders lie between.
    depth: usize,
    shown: &'a str,
    git_ignores: bool,
    tracks: &'a dyn Fn(&Path) -> bool,
}

impl std::fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Known({}, {})", self.git_ignores, self.in_repository)
    }
}

impl Around<'_> {
    /// The file as seen from the folder, `/` between names.
    fn path(&self) -> Option<String> {
        inside(self.folder, self.file)
    }

    /// A file in or below the folder, as the report shows paths.
    fn shown(&self, path: &Path) -> String {
        let names: Vec<&str> = self.shown.split('/').collect();
        let Some(inside) = inside(self.folder, path) else { return path.to_string_lossy().into_owned() };
        match names.len().checked_sub(self.depth + 1) {
            Some(0) => inside,
            Some(above) => format!("{}/{inside}", names[..above].join("/")),
            None => path.to_string_lossy().into_owned(),
        }
    }
}

/// A path as seen from a folder.
fn inside(folder: &Path, path: &Path) -> Option<String> {
    let names = path.strip_prefix(folder).ok()?.components().map(|part| part.as_os_str().to_string_lossy());
    Some(names.collect::<Vec<_>>().join("/"))
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(out.pop()),
            part => out.push(part),
        }
    }
    out
}

/// A path as it is written, without `.`, `..` and needless slashes; what leads out of the folder stays.
fn straight(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

/// A list's text, if it is there and a regular file.
fn text_of(path: &Path) -> Option<String> {
    read::small(path, LIMIT).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// The names in a folder, sorted.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN { text.to_owned() } else { text.chars().take(SHOWN - 1).chain(['…']).collect() }
}

/// Patterns in gitignore's language; the last that matches the path or a folder above it decides.
struct Patterns(Option<Gitignore>);

impl Patterns {
    fn new<'t>(lines: impl Iterator<Item = &'t str>) -> Self {
        Self(ignored::patterns(&PathBuf::new(), lines))
    }

    /// Whether they name a path; None if they say nothing of it.
    fn names(&self, path: &str) -> Option<bool> {
        match self.0.as_ref()?.matched_path_or_any_parents(Path::new(path), false) {
            ignore::Match::Ignore(_) => Some(true),
            ignore::Match::Whitelist(_) => Some(false),
            ignore::Match::None => None,
        }
    }
}

/// The texts of an array in a TOML table.
fn texts(value: Option<&toml::Value>) -> Option<Vec<String>> {
    let list = value?.as_array()?;
    Some(list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect())
}

/// A value by its path of keys.
fn at<'t>(table: &'t toml::Table, keys: &str) -> Option<&'t toml::Value> {
    let mut keys = keys.split('.');
    let first = table.get(keys.next()?)?;
    keys.try_fold(first, |value, key| value.get(key))
}
