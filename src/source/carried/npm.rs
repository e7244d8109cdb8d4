//! npm: `files` of package.json, `.npmignore`, else `.gitignore`.
//!
//! <https://docs.npmjs.com/cli/v11/configuring-npm/package-json#files>, <https://docs.npmjs.com/cli/v11/using-npm/developers>

use super::{Around, Patterns, text_of};

/// What npm leaves out whatever the lists say, in gitignore's language.
const NEVER: &[&str] = &[
    ".git",
    "CVS",
    ".svn",
    ".hg",
    "node_modules",
    ".npmrc",
    ".lock-wscript",
    ".wafpickle-*",
    ".*.swp",
    "._*",
    ".DS_Store",
    "npm-debug.log",
    "config.gypi",
    "*.orig",
    "/package-lock.json",
    "/pnpm-lock.yaml",
    "/yarn.lock",
    "/bun.lockb",
];

/// What `npm publish` does with a file; Some(None) if the folder's package leaves it out.
pub(super) fn statement(around: &Around<'_>) -> Option<Option<String>> {
    let manifest = around.folder.join("package.json");
    let package: serde_json::Value = serde_json::from_str(&text_of(&manifest)?).ok()?;
    // What has no name or is private is not published.
    if package.get("name").is_none() || package.get("private").and_then(serde_json::Value::as_bool) == Some(true) {
        return Some(None);
    }
    let path = around.path()?;
    if Patterns::new(NEVER.iter().copied()).names(&path) == Some(true) {
        return Some(None);
    }
    let files = package.get("files").and_then(serde_json::Value::as_array);
    let listed: Option<Vec<&str>> = files.map(|files| files.iter().filter_map(serde_json::Value::as_str).collect());
    let shown = around.shown(&manifest);
    let why = match &listed {
        Some(listed) => {
            if !is_listed(listed, &path) || is_ignored(around, true) {
                return Some(None);
            }
            format!("`files` of {shown} lists it")
        }
        None if is_ignored(around, false) => return Some(None),
        None => format!("{shown} has no `files`, and no .npmignore keeps it out"),
    };
    Some(Some(format!("npm publishes the file: {why}")))
}

/// Whether `files` lists a path. As npm 11 does it, not as its documentation: patterns begin at the package's folder, and
/// a dot lists nothing.
fn is_listed(listed: &[&str], path: &str) -> bool {
    let rooted = |pattern: &&str| {
        let (not, pattern) = pattern.strip_prefix('!').map_or(("", *pattern), |pattern| ("!", pattern));
        let pattern = pattern.trim_start_matches("./").trim_start_matches('/');
        (!pattern.is_empty() && pattern != ".").then(|| format!("{not}/{pattern}"))
    };
    let lines: Vec<String> = listed.iter().filter_map(rooted).collect();
    Patterns::new(lines.iter().map(String::as_str)).names(path) == Some(true)
}

/// Whether ignore files keep the file out: in each folder `.npmignore`, else `.gitignore`; the nearest that says something
/// decides. Where `files` is given, those of the package's own folder don't count.
fn is_ignored(around: &Around<'_>, below_only: bool) -> bool {
    for folder in around.file.ancestors().skip(1) {
        let is_root = folder == around.folder;
        if !(is_root && below_only) {
            let text = text_of(&folder.join(".npmignore")).or_else(|| text_of(&folder.join(".gitignore")));
            let said = text.and_then(|text| Patterns::new(text.lines()).names(&super::inside(folder, around.file)?));
            if let Some(said) = said {
                return said;
            }
        }
        if is_root {
            break;
        }
    }
    false
}
