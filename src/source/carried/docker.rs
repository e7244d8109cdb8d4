//! Dockerfiles: which of their `COPY` and `ADD` take a file of the build's context, and what `.dockerignore` keeps out of it.
//!
//! <https://docs.docker.com/reference/dockerfile/>, <https://docs.docker.com/build/concepts/context/>

use std::path::{Path, PathBuf};

use super::dockerfile::{Copy, copies};
use super::{Around, compose, glob, straight, text_of};

/// Folders below a project's in which people keep their Dockerfiles; what their context is, a compose file says.
const FOLDERS: &[&str] = &["", "docker", ".docker", "deploy", "deployment", ".devcontainer"];

/// What the Dockerfiles of a folder and the compose files of it do with a file below it.
pub(super) fn statements(around: &Around<'_>) -> Vec<String> {
    let mut builds = own(around.folder);
    for folder in FOLDERS {
        let folder = around.folder.join(folder);
        builds.extend(compose::builds(&folder).into_iter().map(|(context, file)| Build { file, context }));
    }
    builds.sort();
    builds.dedup();
    builds.iter().filter_map(|build| carried(around, build)).collect()
}

/// A Dockerfile and the folder it is built in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Build {
    file: PathBuf,
    context: PathBuf,
}

/// The Dockerfiles in a folder, built there.
fn own(folder: &Path) -> Vec<Build> {
    let is_one = |name: &str| {
        let lower = name.to_ascii_lowercase();
        let (starts, ends) = (["dockerfile", "containerfile"], [".dockerfile", ".containerfile"]);
        let begins = |start: &&str| {
            lower.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        };
        !lower.ends_with("ignore") && (starts.iter().any(begins) || ends.iter().any(|end| lower.ends_with(end)))
    };
    let names = super::names_in(folder).into_iter().filter(|name| is_one(name));
    names.map(|name| Build { file: folder.join(name), context: folder.to_path_buf() }).collect()
}

/// What one build does with the file.
fn carried(around: &Around<'_>, build: &Build) -> Option<String> {
    let path = super::inside(&build.context, around.file)?;
    let text = text_of(&build.file)?;
    let (line, instruction, stage) = copies(&text)
        .into_iter()
        .find(|(_, copy, _)| takes(copy, &path))
        .map(|(line, copy, stage)| (line, copy.shown, stage))?;
    let lists = lists(build);
    let list = lists.iter().find_map(|list| Some((text_of(list)?, list)));
    if list.as_ref().is_some_and(|(text, _)| is_ignored(text, &path)) {
        return None;
    }
    let shown = around.shown(&build.file);
    let of_podman = build.context.join(".containerignore");
    let why = match list {
        Some((_, list)) => format!("{} does not keep it out", around.shown(list)),
        None if !lists.contains(&of_podman) && text_of(&of_podman).is_some_and(|text| is_ignored(&text, &path)) => {
            "there is no .dockerignore, and .containerignore, which keeps it out, is obeyed by podman only".to_owned()
        }
        None => "there is no .dockerignore".to_owned(),
    };
    let whither = stage.map_or_else(|| "the image".to_owned(), |stage| format!("the build stage {stage}"));
    Some(format!("{shown}:{line} (`{instruction}`) copies the file into {whither}: {why}"))
}

/// The lists that say what is kept out of a build; the first that is there counts. Those with podman's name are looked at
/// for Dockerfiles with podman's name: docker would build the others, and does not know them.
fn lists(build: &Build) -> Vec<PathBuf> {
    let name = build.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let suffixes: &[&str] = if name.to_ascii_lowercase().contains("containerfile") {
        &[".containerignore", ".dockerignore"]
    } else {
        &[".dockerignore"]
    };
    let own = suffixes.iter().map(|suffix| build.file.with_file_name(format!("{name}{suffix}")));
    own.chain(suffixes.iter().map(|suffix| build.context.join(suffix))).collect()
}

fn takes(copy: &Copy, path: &str) -> bool {
    // The sources' language knows no `**`, that of `--exclude` does.
    copy.sources.iter().any(|source| is_below(&glob::without_folders(source), path))
        && !copy.excluded.iter().any(|pattern| is_below(pattern, path))
}

/// Whether a path is what a pattern means, or lies in it.
fn is_below(pattern: &str, path: &str) -> bool {
    let pattern = cleaned(pattern);
    pattern.is_empty() || prefixes(path).any(|folder| glob::matches(&pattern, folder, glob::GO))
}

/// A path in the context, without `.` and `..`; the context itself as nothing, and nothing lies above it.
fn cleaned(path: &str) -> String {
    let mut path = straight(path);
    while let Some(rest) = path.strip_prefix("..").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
        path = rest.trim_start_matches('/').to_owned();
    }
    path
}

/// A path and the folders above it.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at]).chain([path])
}

/// Whether a `.dockerignore` keeps a path out: the last pattern that matches it or a folder above it decides.
fn is_ignored(text: &str, path: &str) -> bool {
    let mut ignored = false;
    for line in text.lines().map(|line| line.trim_start_matches('\u{feff}').trim()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (pattern, keeps_out) = line.strip_prefix('!').map_or((line, true), |pattern| (pattern.trim(), false));
        let pattern = straight(pattern);
        if !pattern.is_empty()
            && ignored != keeps_out
            && prefixes(path).any(|part| glob::matches(&pattern, part, glob::GO))
        {
            ignored = keeps_out;
        }
    }
    ignored
}
