//! npm: `files` of package.json, `.npmignore`, else `.gitignore`. Decided as npm 11 does it (`npm-packlist`, `ignore-walk`),
//! which is not quite as its documentation has it: it walks from the package's folder, and each list says whether a folder is
//! entered before it says what is taken of it.
//!
//! <https://docs.npmjs.com/cli/v11/configuring-npm/package-json#files>, <https://docs.npmjs.com/cli/v11/using-npm/developers>

use std::path::Path;

use serde_json::Value;

use super::minimatch::Rule;
use super::{Around, plain, text_of};

/// Left out, if no list takes it back.
const DEFAULTS: &[&str] = &[
    ".npmignore",
    ".gitignore",
    "**/.git",
    "**/.svn",
    "**/.hg",
    "**/CVS",
    "**/.git/**",
    "**/.svn/**",
    "**/.hg/**",
    "**/CVS/**",
    "/.lock-wscript",
    "/.wafpickle-*",
    "/build/config.gypi",
    "npm-debug.log",
    "**/.npmrc",
    ".*.swp",
    ".DS_Store",
    "**/.DS_Store/**",
    "._*",
    "**/._*/**",
    "*.orig",
    "/archived-packages/**",
];

/// The last word in the package's own folder.
const STRICT: &[&str] = &[
    "/.git",
    "!/package.json",
    "!/readme{,.*[^~$]}",
    "!/copying{,.*[^~$]}",
    "!/license{,.*[^~$]}",
    "!/licence{,.*[^~$]}",
    "/.git",
    "/node_modules",
    ".npmrc",
    "/package-lock.json",
    "/yarn.lock",
    "/pnpm-lock.yaml",
    "/bun.lockb",
];

/// Lines of a list that are read: nothing real has more.
const LINES: usize = 10_000;

/// What `npm publish` does with a file, if it packs the folder.
pub(super) fn statement(around: &Around<'_>) -> Option<String> {
    let manifest = around.folder.join("package.json");
    let package: Value = serde_json::from_str(&text_of(&manifest)?).ok()?;
    // What has no name or is private is not published.
    let is_private = package.get("private").and_then(Value::as_bool) == Some(true);
    if package.get("name").is_none() || is_private || !is_packed(around.folder, &package, &around.path()?) {
        return None;
    }
    let shown = around.shown(&manifest);
    let why = match package.get("files").and_then(Value::as_array) {
        Some(_) => format!("`files` of {shown} lists it"),
        None => format!("{shown} has no `files`, and no .npmignore keeps it out"),
    };
    Some(format!("npm publishes the file: {why}"))
}

/// A folder that npm enters, with the rules of its lists.
struct Entered<'p> {
    name: &'p str,
    rules: Vec<Rule>,
    /// It is taken as such, not only because of what may lie below it.
    exact: bool,
}

fn is_packed(root: &Path, package: &Value, path: &str) -> bool {
    let (rules, required) = rules_of_package(root, package);
    let mut way = vec![Entered { name: "", rules, exact: false }];
    let mut folder = root.to_path_buf();
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        if names.peek().is_none() {
            return takes(&way, name, false, None);
        }
        if !takes(&way, name, true, None) {
            return false;
        }
        let exact = takes(&way, name, false, None) || takes(&way, &format!("{name}/"), false, None);
        folder.push(name);
        let mut rules = lines(DEFAULTS);
        rules.extend(list_of(&folder));
        rules.extend(lines(&["/.git"]));
        // What `files` names as such is required in its own folder too, but no deeper than one below the package's.
        if way.len() == 1 {
            let here = required.iter().filter_map(|file| file.strip_prefix(name)?.strip_prefix('/'));
            rules.extend(here.filter(|file| !file.contains('/')).map(|file| Rule::new(&format!("!{file}"))));
        }
        way.push(Entered { name, rules, exact });
    }
    false
}

/// `filterEntry` of `ignore-walk`: the folders above have the first word, the last rule that matches decides.
fn takes(way: &[Entered<'_>], entry: &str, as_folder: bool, base: Option<&str>) -> bool {
    let Some((here, above)) = way.split_last() else { return true };
    let mut taken = true;
    if !above.is_empty() {
        taken = takes(above, &format!("{}/{entry}", here.name), as_folder, Some(base.unwrap_or(entry)));
        if !taken && !here.exact {
            return false;
        }
    }
    for rule in &here.rules {
        if rule.takes != taken && speaks_of(rule, entry, as_folder, base) {
            taken = rule.takes;
        }
    }
    taken
}

fn speaks_of(rule: &Rule, entry: &str, as_folder: bool, base: Option<&str>) -> bool {
    let rooted = format!("/{entry}");
    let could = |path: &str| {
        rule.matches(&format!("/{path}/"), false)
            || rule.matches(&format!("{path}/"), false)
            || (rule.takes && (rule.matches(&format!("/{path}"), true) || rule.matches(path, true)))
    };
    rule.matches(&rooted, false)
        || rule.matches(entry, false)
        || (as_folder && (could(entry) || base.is_some_and(|base| rule.is_name() && could(base))))
}

/// The rules that hold in the package's folder, and the files that its `files` names as such.
fn rules_of_package(root: &Path, package: &Value) -> (Vec<Rule>, Vec<String>) {
    let mut rules = lines(DEFAULTS);
    let mut strict = lines(STRICT);
    let mut required = Vec::new();
    if let Some(files) = package.get("files").and_then(Value::as_array) {
        rules.push(Rule::new("*"));
        for file in files.iter().filter_map(Value::as_str) {
            let file = file.strip_prefix('.').filter(|rest| rest.starts_with('/')).unwrap_or(file);
            let file = if file.ends_with("/*") { format!("{file}*") } else { file.to_owned() };
            let path = plain(&root.join(file.trim_start_matches('!').trim_start_matches('/')));
            match path.symlink_metadata() {
                Ok(found) if found.is_file() => {
                    strict.insert(0, Rule::new(&format!("!{file}")));
                    required.extend(super::inside(root, &path).filter(|_| !file.starts_with('!')));
                }
                Ok(found) if found.is_dir() => {
                    rules.extend([format!("!{file}"), format!("!{file}/**")].iter().map(|line| Rule::new(line)));
                }
                Ok(_) => {}
                Err(_) => rules.push(Rule::new(&format!("!{file}"))),
            }
        }
    } else {
        rules.extend(list_of(root));
    }
    strict.extend(needed(package).iter().map(|file| Rule::new(&format!("!/{file}"))));
    rules.extend(strict);
    (rules, required)
}

/// The files that a package needs to run.
fn needed(package: &Value) -> Vec<&str> {
    let text = |key: &str| package.get(key).and_then(Value::as_str);
    let mut all: Vec<&str> = ["browser", "main"].into_iter().filter_map(text).collect();
    let programs = package.get("bin").and_then(Value::as_object).into_iter().flat_map(|bin| bin.values());
    all.extend(programs.filter_map(Value::as_str).chain(text("bin")).map(|file| file.trim_start_matches("./")));
    all
}

/// The rules of a folder's own list.
fn list_of(folder: &Path) -> Vec<Rule> {
    let text = text_of(&folder.join(".npmignore")).or_else(|| text_of(&folder.join(".gitignore")));
    let text = text.unwrap_or_default();
    let rules = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    rules.take(LINES).map(Rule::new).collect()
}

fn lines(all: &[&str]) -> Vec<Rule> {
    all.iter().map(|line| Rule::new(line)).collect()
}
