//! Looks at a repository's own files before anyone opens them. A repository may come from a stranger: a pipe in the place
//! of its configuration would hold the scan up for ever, a link among its references could lead anywhere, or in a circle.

use std::fs;
use std::path::{Path, PathBuf};

use super::alternates::{Base, Borrowed};
use crate::source::SkipReason;

/// Files that are opened by name if they are there.
const FILES: &[&str] = &[
    "HEAD",
    "config",
    "config.worktree",
    "commondir",
    "gitdir",
    "index",
    "packed-refs",
    "shallow",
    "MERGE_HEAD",
    "objects/info/alternates",
    "objects/info/commit-graph",
    "objects/pack/multi-pack-index",
    "logs/HEAD",
    "info/grafts",
];

/// The same in a folder of objects that is borrowed.
const BORROWED: &[&str] = &["info/alternates", "info/commit-graph", "pack/multi-pack-index"];

/// Folders all files of which are opened.
const FOLDERS: &[&str] = &["refs", "reftable", "objects/pack", "worktrees"];

/// Entries beyond which a folder of references is not believed.
const ENTRIES: usize = 2_000_000;

/// The first thing in the way, if there is any: its path and what is wrong with it.
pub(super) fn obstacle(folder: &Path) -> Option<(PathBuf, &'static str)> {
    obstacle_in(&repository_of(folder)?)
}

/// The same for a repository's own folder.
pub(super) fn obstacle_in(main: &Path) -> Option<(PathBuf, &'static str)> {
    let common = common_folder(main);
    for root in [Some(main), common.as_deref()].into_iter().flatten() {
        let files = FILES.iter().map(|name| root.join(name));
        if let Some(path) = files.into_iter().find(|path| fs::metadata(path).is_ok_and(|found| !found.is_file())) {
            return Some((path, "not a regular file"));
        }
        let mut left = ENTRIES;
        let found = FOLDERS.iter().find_map(|name| in_folder(&root.join(name), &mut left));
        if found.is_some() {
            return found;
        }
    }
    let objects = common.as_deref().unwrap_or(main).join("objects");
    [Base::Itself, Base::Main].into_iter().find_map(|base| in_borrowed(&Borrowed::of(&objects, base)))
}

/// What is in the way in folders of objects that are borrowed. Lists that can't be followed are no matter, but who opens the
/// repository reads them whole.
fn in_borrowed(borrowed: &Borrowed) -> Option<(PathBuf, &'static str)> {
    let too_large = |(list, why): &(PathBuf, SkipReason)| {
        matches!(why, SkipReason::TooLarge { .. }).then(|| (list.clone(), "too large"))
    };
    let in_one = |folder: &PathBuf| {
        let mut files = BORROWED.iter().map(|name| folder.join(name));
        let special = files.find(|path| fs::metadata(path).is_ok_and(|found| !found.is_file()));
        special.map(|path| (path, "not a regular file")).or_else(|| in_folder(&folder.join("pack"), &mut { ENTRIES }))
    };
    borrowed.failed.iter().find_map(too_large).or_else(|| borrowed.folders.iter().find_map(in_one))
}

/// The repository that holds a folder, as git seeks it: the folder itself or its `.git`, then those above.
fn repository_of(folder: &Path) -> Option<PathBuf> {
    let start = folder.canonicalize().ok()?;
    for place in start.ancestors() {
        if let Some(inside) = repository_at(place) {
            return Some(inside);
        }
        if place.join("objects").is_dir() && place.join("refs").is_dir() {
            return Some(place.to_path_buf());
        }
    }
    None
}

/// The repository of a work tree's top folder: its `.git`, or what that names.
pub(super) fn repository_at(place: &Path) -> Option<PathBuf> {
    let inside = place.join(".git");
    if fs::metadata(&inside).ok()?.is_file() {
        let text = crate::source::read::small(&inside, 1 << 16).ok();
        let text = String::from_utf8_lossy(text.as_deref().unwrap_or_default()).into_owned();
        return Some(text.trim().strip_prefix("gitdir:").map_or(inside, |named| place.join(named.trim())));
    }
    // A pipe called `.git` is found by who opens it; here it is named.
    Some(inside)
}

fn common_folder(main: &Path) -> Option<PathBuf> {
    let text = crate::source::read::small(&main.join("commondir"), 1 << 16).ok()?;
    Some(main.join(String::from_utf8_lossy(&text).trim()))
}

/// Something among the files of a folder that is neither a file nor a folder.
fn in_folder(folder: &Path, left: &mut usize) -> Option<(PathBuf, &'static str)> {
    let mut stack = vec![folder.to_path_buf()];
    while let Some(folder) = stack.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            *left = left.checked_sub(1)?;
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                stack.push(entry.path());
            } else if kind.is_symlink() {
                match fs::metadata(entry.path()) {
                    Ok(found) if found.is_file() => {}
                    Ok(found) if found.is_dir() => return Some((entry.path(), "a link to a folder")),
                    Ok(_) => return Some((entry.path(), "not a regular file")),
                    Err(_) => {}
                }
            } else if !kind.is_file() {
                return Some((entry.path(), "not a regular file"));
            }
        }
    }
    None
}
