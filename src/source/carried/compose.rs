//! Compose files: which Dockerfile is built with which context.
//!
//! <https://docs.docker.com/reference/compose-file/build/>

use std::path::{Path, PathBuf};

use super::{names_in, plain, text_of};

/// Context and Dockerfile of what the compose files of a folder build.
pub(super) fn builds(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut builds = Vec::new();
    for name in names_in(folder).iter().filter(|name| is_compose(name)) {
        let Some(text) = text_of(&folder.join(name)) else { continue };
        for (context, file) in read_compose(&text) {
            let context = plain(&folder.join(context));
            let file = plain(&context.join(file));
            builds.push((context, file));
        }
    }
    builds
}

/// `compose.yaml`, `docker-compose.override.yml` and the like.
fn is_compose(name: &str) -> bool {
    let name = name.strip_prefix("docker-").unwrap_or(name);
    let ends = name.ends_with(".yml") || name.ends_with(".yaml");
    ends && name.strip_prefix("compose").is_some_and(|rest| rest.starts_with(['.', '-', '_']))
}

/// Context and Dockerfile of each `build:` of a compose file. Read by lines: anchors and flow style are not followed.
fn read_compose(text: &str) -> Vec<(String, String)> {
    let mut builds = Vec::new();
    // How far `build:` is indented, and what stands directly below it.
    let mut within: Option<(usize, Option<usize>)> = None;
    for line in text.lines() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        if within.is_some_and(|(outer, _)| indent <= outer) {
            within = None;
        }
        if let Some((_, inner)) = &mut within
            && *inner.get_or_insert(indent) != indent
        {
            continue;
        }
        let Some((key, value)) = content.split_once(':') else { continue };
        let value = value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']).to_owned();
        match (key, within) {
            ("build", _) if value.is_empty() => {
                within = Some((indent, None));
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
