//! Dockerfiles: which of their `COPY` and `ADD` take a file of the build's context, and what `.dockerignore` keeps out of it.
//!
//! <https://docs.docker.com/reference/dockerfile/>, <https://docs.docker.com/build/concepts/context/>

use std::path::{Path, PathBuf};

use super::{Around, glob, plain, text_of};

/// Folders below a project's in which people keep their Dockerfiles; what their context is, a compose file says.
const FOLDERS: &[&str] = &["", "docker", ".docker", "deploy", "deployment", ".devcontainer"];

/// Files that say which Dockerfile is built with which context.
const COMPOSE: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];

/// What the Dockerfiles of a folder and the compose files of it do with a file below it.
pub(super) fn statements(around: &Around<'_>) -> Vec<String> {
    let mut builds = own(around.folder);
    for folder in FOLDERS {
        builds.extend(composed(&around.folder.join(folder)));
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
        !lower.ends_with(".dockerignore")
            && (starts.iter().any(|start| lower == *start || lower.starts_with(&format!("{start}.")))
                || ends.iter().any(|end| lower.ends_with(end)))
    };
    let names = super::names_in(folder).into_iter().filter(|name| is_one(name));
    names.map(|name| Build { file: folder.join(name), context: folder.to_path_buf() }).collect()
}

/// What the compose files of a folder build.
fn composed(folder: &Path) -> Vec<Build> {
    let mut builds = Vec::new();
    for name in COMPOSE {
        let Some(text) = text_of(&folder.join(name)) else { continue };
        for (context, file) in read_compose(&text) {
            let context = plain(&folder.join(context));
            let file = plain(&context.join(file));
            builds.push(Build { file, context });
        }
    }
    builds
}

/// Context and Dockerfile of each `build:` of a compose file. Read by lines: anchors and flow style are not followed.
fn read_compose(text: &str) -> Vec<(String, String)> {
    let mut builds = Vec::new();
    let mut within: Option<usize> = None;
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if within.is_some_and(|outer| indent <= outer) {
            within = None;
        }
        let Some((key, value)) = content.split_once(':') else { continue };
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned();
        match (key, within) {
            ("build", _) if value.is_empty() => {
                within = Some(indent);
                builds.push((".".to_owned(), "Dockerfile".to_owned()));
            }
            ("build", _) => builds.push((value, "Dockerfile".to_owned())),
            ("context", Some(_)) => builds.iter_mut().last().into_iter().for_each(|build| build.0.clone_from(&value)),
            ("dockerfile", Some(_)) => {
                builds.iter_mut().last().into_iter().for_each(|build| build.1.clone_from(&value))
            }
            _ => {}
        }
    }
    builds.retain(|(context, file)| !context.contains(['$', ':']) && !file.contains('$'));
    builds
}

/// What one build does with the file.
fn carried(around: &Around<'_>, build: &Build) -> Option<String> {
    let path = super::inside(&build.context, around.file)?;
    let text = text_of(&build.file)?;
    let (line, instruction, stage) = copies(&text)
        .into_iter()
        .find(|(_, copy, _)| copy.takes(&path))
        .map(|(line, copy, stage)| (line, copy.shown, stage))?;
    let own = build.file.with_file_name(format!("{}.dockerignore", build.file.file_name()?.to_string_lossy()));
    let list = [own, build.context.join(".dockerignore")].into_iter().find_map(|list| Some((text_of(&list)?, list)));
    if list.as_ref().is_some_and(|(text, _)| is_ignored(text, &path)) {
        return None;
    }
    let shown = around.shown(&build.file);
    let why = match list {
        Some((_, list)) => format!("{} does not keep it out", around.shown(&list)),
        None => "there is no .dockerignore".to_owned(),
    };
    let whither = stage.map_or_else(|| "the image".to_owned(), |stage| format!("the build stage {stage}"));
    Some(format!("{shown}:{line} (`{instruction}`) copies the file into {whither}: {why}"))
}

/// One instruction that copies from the context.
struct Copy {
    sources: Vec<String>,
    excluded: Vec<String>,
    shown: String,
}

impl Copy {
    fn takes(&self, path: &str) -> bool {
        self.sources.iter().any(|source| is_below(source, path))
            && !self.excluded.iter().any(|pattern| is_below(pattern, path))
    }
}

/// Whether a path is what a pattern means, or lies in it.
fn is_below(pattern: &str, path: &str) -> bool {
    let pattern = cleaned(pattern);
    pattern.is_empty() || prefixes(path).any(|folder| glob::matches(&pattern, folder, glob::GO))
}

/// `./a/` as `a`; the context itself as nothing.
fn cleaned(path: &str) -> String {
    let names: Vec<&str> = path.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    names.join("/")
}

/// A path and the folders above it.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at]).chain([path])
}

/// The instructions of a Dockerfile that copy from the context: line, instruction, and the stage if it is not the last one.
fn copies(text: &str) -> Vec<(usize, Copy, Option<String>)> {
    let escape = text
        .lines()
        .map_while(|line| line.trim().strip_prefix('#'))
        .find_map(|line| {
            line.trim().to_ascii_lowercase().strip_prefix("escape=").and_then(|value| value.chars().next())
        })
        .unwrap_or('\\');
    let (mut stage, mut stages, mut found) = (String::new(), 0, Vec::new());
    for (line, instruction) in instructions(text, escape) {
        let words: Vec<&str> = instruction.split_whitespace().collect();
        match words.first().map(|word| word.to_ascii_uppercase()).as_deref() {
            Some("FROM") => {
                stages += 1;
                let named =
                    words.iter().position(|word| word.eq_ignore_ascii_case("as")).and_then(|at| words.get(at + 1));
                stage = named.map_or_else(|| format!("number {stages}"), |name| (*name).to_owned());
            }
            Some("COPY" | "ADD") => found.extend(copy(&instruction).map(|copy| (line, copy, stages, stage.clone()))),
            _ => {}
        }
    }
    let last = stages;
    found.sort_by_key(|(line, _, stages, _)| (std::cmp::Reverse(*stages), *line));
    found.into_iter().map(|(line, copy, stages, stage)| (line, copy, (stages < last).then_some(stage))).collect()
}

/// The instructions with their first lines' numbers; continued lines are joined.
fn instructions(text: &str, escape: char) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (content, more) = line.strip_suffix(escape).map_or((line, false), |line| (line, true));
        match all.last_mut().filter(|_| goes_on) {
            Some((_, before)) => before.push_str(&format!(" {content}")),
            None => all.push((number, content.to_owned())),
        }
        goes_on = more;
    }
    all
}

/// What an instruction copies, if it does from the context.
fn copy(instruction: &str) -> Option<Copy> {
    let mut rest = instruction.split_once(char::is_whitespace)?.1.trim();
    let mut excluded = Vec::new();
    while rest.starts_with("--") {
        let (flag, after) = rest.split_once(char::is_whitespace)?;
        if flag.starts_with("--from=") {
            return None;
        }
        excluded.extend(flag.strip_prefix("--exclude=").map(str::to_owned));
        rest = after.trim();
    }
    let mut sources: Vec<String> = if rest.starts_with('[') {
        serde_json::from_str(rest).ok()?
    } else {
        rest.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()).collect()
    };
    sources.pop()?;
    // What a variable says is not known, an address or a text in the Dockerfile is not in the context.
    sources.retain(|source| !source.contains(['$']) && !source.contains("://") && !source.starts_with("<<"));
    let shown: Vec<&str> = instruction.split_whitespace().collect();
    (!sources.is_empty()).then(|| Copy { sources, excluded, shown: super::cut(&shown.join(" ")) })
}

/// Whether a `.dockerignore` keeps a path out: the last pattern that matches it or a folder above it decides.
fn is_ignored(text: &str, path: &str) -> bool {
    let mut ignored = false;
    for line in text.lines().map(|line| line.trim_start_matches('\u{feff}').trim()) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (pattern, keeps_out) = line.strip_prefix('!').map_or((line, true), |pattern| (pattern.trim(), false));
        let pattern = cleaned(pattern);
        if !pattern.is_empty()
            && ignored != keeps_out
            && prefixes(path).any(|part| glob::matches(&pattern, part, glob::GO))
        {
            ignored = keeps_out;
        }
    }
    ignored
}
