//! MANIFEST.in, as setuptools 84 obeys it: what a command takes is searched for with `glob`, where `**` spans folders
//! behind `recursive-include` only; what it leaves out is compared with a pattern in which `**` spans folders.
//!
//! <https://setuptools.pypa.io/en/latest/userguide/miscellaneous.html>

use super::{glob, straight};

/// By which line of MANIFEST.in a file is taken: the last that speaks of it decides.
pub(super) fn takes(text: &str, path: &str) -> Option<String> {
    // A build leaves out what builds make.
    if path.starts_with("build/") {
        return None;
    }
    let mut by = None;
    for (number, line) in lines(text) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match speaks(&words, path) {
            Some(true) => by = Some(format!("MANIFEST.in (line {number}: `{}`)", super::cut(&words.join(" ")))),
            Some(false) => by = None,
            None => {}
        }
    }
    by
}

/// The lines without comments, continued ones joined, with their first lines' numbers.
fn lines(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default().trim();
        let (content, more) = line.strip_suffix('\\').map_or((line, false), |line| (line, true));
        match all.last_mut().filter(|_| goes_on) {
            Some((_, before)) => before.push_str(content),
            None => all.push((number, content.to_owned())),
        }
        goes_on = more;
    }
    all
}

/// Whether a command takes a file (true) or leaves it out (false); None if it does not speak of it.
fn speaks(words: &[&str], path: &str) -> Option<bool> {
    let (command, words) = words.split_first()?;
    let (folder, patterns) = match (*command, words) {
        ("include" | "exclude" | "global-include" | "global-exclude", [_, ..]) => (None, words),
        ("recursive-include" | "recursive-exclude", [folder, patterns @ ..]) if !folder.starts_with('/') => {
            (Some(straight(folder)), patterns)
        }
        ("graft" | "prune", [_]) => (None, words),
        _ => return None,
    };
    let takes = matches!(*command, "include" | "recursive-include" | "global-include" | "graft");
    let folder = folder.unwrap_or_default();
    let names = |written: &&str| {
        // What begins at the file system's root is no path here, and what is left out is compared as it is written.
        if written.starts_with('/') || (!takes && written.contains("..")) {
            return false;
        }
        let pattern = straight(written);
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        match *command {
            "include" => is(&glob::without_folders(&pattern), path),
            "exclude" => is(&pattern, path),
            "recursive-include" => is(&below(&spanning(&folder), &spanning(&pattern)), path),
            // The package's folder is no name that a pattern of paths could begin with.
            "recursive-exclude" | "prune" if folder.is_empty() && (pattern.is_empty() || *command != "prune") => false,
            "recursive-exclude" => is(&below(&folder, &pattern), path),
            "global-include" | "global-exclude" => is(&below("", &pattern), path),
            "graft" => pattern.is_empty() || above.clone().any(|folder| is(&glob::without_folders(&pattern), folder)),
            _ => is(&format!("{pattern}/**"), path),
        }
    };
    patterns.iter().any(names).then_some(takes)
}

/// A pattern in any folder below a folder.
fn below(folder: &str, pattern: &str) -> String {
    if folder.is_empty() { format!("**/{pattern}") } else { format!("{folder}/**/{pattern}") }
}

/// A pattern in which `**` spans folders only where it stands alone.
fn spanning(pattern: &str) -> String {
    let name = |name: &str| if name == "**" { name.to_owned() } else { glob::without_folders(name) };
    pattern.split('/').map(name).collect::<Vec<_>>().join("/")
}

fn is(pattern: &str, path: &str) -> bool {
    glob::matches(&spanning(pattern), path, glob::PYTHON)
}
