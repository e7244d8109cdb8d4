//! Python: MANIFEST.in, the package data of setuptools, and the lists of hatchling, poetry, flit and pdm in pyproject.toml.
//!
//! <https://setuptools.pypa.io/en/latest/userguide/miscellaneous.html>, <https://hatch.pypa.io/latest/config/build/>,
//! <https://python-poetry.org/docs/pyproject/>, <https://flit.pypa.io/en/stable/pyproject_toml.html>,
//! <https://backend.pdm-project.org/build_config/>

use super::{Around, Patterns, at, glob, manifest, text_of, texts};

/// Lists of pyproject.toml that take files into a package, in the language of globs of the backend named.
const INCLUDES: &[&str] = &[
    "tool.hatch.build.include",
    "tool.hatch.build.targets.sdist.include",
    "tool.hatch.build.targets.sdist.only-include",
    "tool.hatch.build.targets.wheel.include",
    "tool.hatch.build.targets.wheel.only-include",
    "tool.poetry.include",
    "tool.flit.sdist.include",
    "tool.pdm.build.includes",
    "tool.pdm.build.source-includes",
    "tool.maturin.include",
];

/// Lists that keep files out of what the same backend takes.
const EXCLUDES: &[&str] = &[
    "tool.hatch.build.exclude",
    "tool.hatch.build.targets.sdist.exclude",
    "tool.poetry.exclude",
    "tool.flit.sdist.exclude",
    "tool.pdm.build.excludes",
    "tool.maturin.exclude",
];

/// Backends that take all files of a package's folder: how their module's name begins, their name, and whether they leave
/// out what git ignores. Observed with hatchling 1.33, poetry-core 2.5, flit-core 4.2 and pdm-backend 2.5.
const BACKENDS: &[(&str, &str, bool)] =
    &[("hatchling", "hatchling", true), ("poetry", "poetry", true), ("flit", "flit", false), ("pdm", "pdm", false)];

/// What a build of the folder's package does with a file; Some(None) if it leaves it out.
pub(super) fn statement(around: &Around<'_>) -> Option<Option<String>> {
    let texts = ["pyproject.toml", "setup.py", "setup.cfg"].map(|name| text_of(&around.folder.join(name)));
    if texts.iter().all(Option::is_none) {
        return None;
    }
    let path = around.path()?;
    let [pyproject, setup, cfg] = texts;
    let project: Option<toml::Table> = pyproject.and_then(|text| text.parse().ok());
    let by = project
        .as_ref()
        .and_then(|table| of_project(table, &path, around.git_ignores, in_package(around, &path)))
        .or_else(|| text_of(&around.folder.join("MANIFEST.in")).and_then(|text| manifest::takes(&text, &path)))
        .or_else(|| setup.and_then(|text| package_data(&of_setup(&text), &path, "setup.py (package_data)")))
        .or_else(|| cfg.and_then(|text| package_data(&of_cfg(&text), &path, "setup.cfg (package_data)")));
    Some(by.map(|by| {
        let (file, rest) = by.split_once(' ').unwrap_or((&by, ""));
        format!("a build of the Python package takes the file: {} {rest}", around.shown(&around.folder.join(file)))
    }))
}

/// Whether the first folder on the way (behind `src`) is a Python package.
fn in_package(around: &Around<'_>, path: &str) -> bool {
    let (source, path) = path.strip_prefix("src/").map_or(("", path), |path| ("src/", path));
    path.split_once('/')
        .is_some_and(|(name, _)| around.folder.join(format!("{source}{name}/__init__.py")).symlink_metadata().is_ok())
}

/// By which entry of pyproject.toml a file is taken.
fn of_project(table: &toml::Table, path: &str, git_ignores: bool, in_package: bool) -> Option<String> {
    let named = |key: &&&str| Patterns::new(entries(table, key).iter().map(String::as_str)).names(path) == Some(true);
    if EXCLUDES.iter().any(|key| named(&key)) {
        return None;
    }
    // Hatchling takes nothing that git ignores, whatever is included.
    let obeys = |key: &&&str| !(git_ignores && key.contains("hatch"));
    if let Some(key) = INCLUDES.iter().filter(obeys).find(named) {
        return Some(format!("pyproject.toml ({key})"));
    }
    let data = at(table, "tool.setuptools.package-data").and_then(toml::Value::as_table);
    let data = data.into_iter().flatten().map(|(name, list)| (name.clone(), texts(Some(list)).unwrap_or_default()));
    if let Some(by) = package_data(&data.collect::<Vec<_>>(), path, "pyproject.toml (package-data)") {
        return Some(by);
    }
    let backend = at(table, "build-system.build-backend").and_then(toml::Value::as_str).unwrap_or_default();
    let (name, obeys_git) = BACKENDS.iter().find(|(start, ..)| backend.starts_with(start)).map(|of| (of.1, of.2))?;
    if git_ignores && obeys_git {
        return None;
    }
    let lists = INCLUDES.iter().any(|key| key.contains("hatch") && !key.contains("wheel") && at(table, key).is_some());
    if name == "hatchling" && !lists {
        return Some("pyproject.toml (hatchling takes what no list keeps out)".to_owned());
    }
    in_package.then(|| format!("pyproject.toml ({name} takes all that lies in the package's folder)"))
}

/// The patterns of a list; poetry's may be tables with a `path`.
fn entries(table: &toml::Table, key: &str) -> Vec<String> {
    let text = |one: &toml::Value| {
        one.as_str().or_else(|| one.get("path")?.as_str()).map(|text| format!("/{}", text.trim_start_matches('/')))
    };
    at(table, key).and_then(toml::Value::as_array).into_iter().flatten().filter_map(text).collect()
}

/// Packages (all, if the name is empty or `*`) and the patterns of their data.
type Data = Vec<(String, Vec<String>)>;

fn package_data(data: &[(String, Vec<String>)], path: &str, by: &str) -> Option<String> {
    let takes = |(package, patterns): &(String, Vec<String>)| {
        let every = package.is_empty() || package == "*";
        let folder = package.replace('.', "/");
        patterns.iter().any(|pattern| {
            // A package may lie below `src`.
            let pattern = if every { format!("**/{pattern}") } else { format!("{folder}/{pattern}") };
            let takes = |path: &str| glob::matches_as_python(&pattern, path);
            takes(path) || path.strip_prefix("src/").is_some_and(takes)
        })
    };
    data.iter().any(takes).then(|| by.to_owned())
}

/// `package_data={"name": ["pattern", ...]}` of setup.py, read as text: names before colons, patterns in brackets.
fn of_setup(text: &str) -> Data {
    let mut data = Data::new();
    // Not the word of `include_package_data`, which MANIFEST.in answers.
    let mut words = text.match_indices("package_data").map(|(at, _)| at);
    let Some(start) = words.find(|&at| !text[..at].ends_with('_')) else { return data };
    let Some(open) = text[start..].find('{') else { return data };
    let (mut rest, mut depth) = (&text[start + open + 1..], 0);
    while let Some(one) = rest.chars().next() {
        match one {
            '}' => break,
            '[' | '(' => depth += 1,
            ']' | ')' => depth -= 1,
            '"' | '\'' => {
                let Some(end) = rest[1..].find(one) else { break };
                let word = rest[1..=end].to_owned();
                match data.last_mut().filter(|_| depth > 0) {
                    Some((_, patterns)) => patterns.push(word),
                    None => data.push((word, Vec::new())),
                }
                rest = &rest[end + 1..];
            }
            _ => {}
        }
        rest = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
    }
    data
}

/// The section `[options.package_data]` of setup.cfg.
fn of_cfg(text: &str) -> Data {
    let mut data = Data::new();
    let mut within = false;
    for line in text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['#', ';'])) {
        if line.starts_with('[') {
            within = line.trim() == "[options.package_data]";
        } else if within {
            let patterns = |text: &str| {
                text.split([',', ' '])
                    .map(str::trim)
                    .filter(|one| !one.is_empty())
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            match line.split_once('=').filter(|_| !line.starts_with([' ', '\t'])) {
                Some((name, value)) => data.push((name.trim().to_owned(), patterns(value))),
                None => data.iter_mut().last().into_iter().for_each(|(_, list)| list.extend(patterns(line))),
            }
        }
    }
    data
}
