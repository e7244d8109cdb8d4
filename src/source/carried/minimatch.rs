//! Patterns as npm's `minimatch` reads them in ignore lists: `!` turns them round, a name alone means any folder, letter case
//! is the same, braces list, and a path with `/` at its end is a folder.

use super::glob;

/// Patterns that braces may make of one: nothing real makes more.
const EXPANDED: usize = 256;

/// Bytes beyond which braces are let be, for the same reason.
const LENGTH: usize = 1024;

/// One line of a list.
pub(super) struct Rule {
    /// What it names is taken, not left out.
    pub(super) takes: bool,
    /// What braces make of it, each split at `/`.
    alternatives: Vec<Vec<String>>,
}

impl Rule {
    pub(super) fn new(line: &str) -> Self {
        let pattern = line.trim_start_matches('!');
        let takes = (line.len() - pattern.len()) % 2 == 1;
        let mut expanded = Vec::new();
        expand(&pattern.to_lowercase(), &mut expanded);
        Self { takes, alternatives: expanded.iter().map(|pattern| split(pattern)).collect() }
    }

    /// Whether it names a path; with `is_begun`, also whether something below that path could be named.
    pub(super) fn matches(&self, path: &str, is_begun: bool) -> bool {
        let path = path.to_lowercase();
        let names: Vec<&str> = path.split('/').collect();
        let base: Vec<&str> = names.iter().rev().find(|name| !name.is_empty()).copied().into_iter().collect();
        self.alternatives.iter().any(|parts| fits(parts, if parts.len() == 1 { &base } else { &names }, is_begun))
    }

    /// Whether it says a name alone, with or without `/`.
    pub(super) fn is_name(&self) -> bool {
        let is_name =
            |parts: &Vec<String>| parts.len() <= if parts.last().is_some_and(String::is_empty) { 2 } else { 1 };
        self.alternatives.iter().any(is_name)
    }
}

/// The parts of a pattern; a name and the `..` behind it take each other away.
fn split(pattern: &str) -> Vec<String> {
    let mut pattern = pattern.to_owned();
    while pattern.contains("//") {
        pattern = pattern.replace("//", "/");
    }
    let mut parts: Vec<String> = Vec::new();
    for part in pattern.split('/') {
        let last = parts.last().map_or("", String::as_str);
        match part {
            "**" if last == "**" => {}
            ".." if !matches!(last, "" | "." | ".." | "**") => drop(parts.pop()),
            _ => parts.push(part.to_owned()),
        }
    }
    if parts.is_empty() { vec![String::new()] } else { parts }
}

fn expand(pattern: &str, all: &mut Vec<String>) {
    let found = (pattern.len() <= LENGTH).then(|| braces(pattern)).flatten();
    let Some((before, choices, after)) = found else { return all.push(pattern.to_owned()) };
    for choice in choices {
        if all.len() < EXPANDED {
            expand(&format!("{before}{choice}{after}"), all);
        }
    }
}

/// What stands before the first braces with a comma, between their commas, and behind them.
fn braces(pattern: &str) -> Option<(&str, Vec<&str>, &str)> {
    for (open, _) in pattern.match_indices('{') {
        let (mut depth, mut from, mut choices) = (0, open + 1, Vec::new());
        for (at, one) in pattern[open..].char_indices().map(|(at, one)| (open + at, one)) {
            match one {
                '{' => depth += 1,
                '}' if depth == 1 && choices.is_empty() => break,
                '}' if depth == 1 => {
                    choices.push(&pattern[from..at]);
                    return Some((&pattern[..open], choices, &pattern[at + 1..]));
                }
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    choices.push(&pattern[from..at]);
                    from = at + 1;
                }
                _ => {}
            }
        }
    }
    None
}

fn fits(parts: &[String], names: &[&str], is_begun: bool) -> bool {
    let end = names.len();
    // Where the parts so far may have come to.
    let mut reached = vec![false; end + 1];
    reached[0] = true;
    for (nth, part) in (1..).zip(parts) {
        if is_begun && reached[end] {
            return true;
        }
        let mut next = vec![false; end + 1];
        if part == "**" {
            let Some(first) = reached.iter().position(|&one| one) else { return false };
            // At the end of a pattern it is one name at least.
            let least = usize::from(nth == parts.len() && !is_begun);
            next.iter_mut().skip(first + least).for_each(|one| *one = true);
        } else {
            for (at, name) in names.iter().enumerate() {
                next[at + 1] = reached[at] && names_one(part, name);
            }
        }
        reached = next;
    }
    reached[end] || (names.last().is_some_and(|name| name.is_empty()) && reached[end - 1])
}

/// No star is an empty name.
fn names_one(part: &str, name: &str) -> bool {
    part == name || (!part.is_empty() && !name.is_empty() && glob::matches(part, name, "!^"))
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn as_minimatch_11() {
        for (line, path, is_begun, expected) in [
            (".env", "conf/.env", false, true),
            ("/.env", "conf/.env", false, false),
            ("*.ENV", "prod.env", false, true),
            ("*/", "prod.env", false, false),
            ("*/", "conf/", false, true),
            ("**/", "a/b/", false, true),
            ("conf/**", "conf", false, false),
            ("conf/**", "conf", true, true),
            ("conf/**", "conf/a/b", false, true),
            ("//**", "/a", false, true),
            ("conf//**", "conf/a", false, true),
            ("d/../**", "a/b", false, true),
            ("./**", "a/b", false, false),
            ("a/*.env", "a", true, true),
            ("a/*.env", "b", true, false),
            ("a/*", "a/", false, false),
            ("*.{env,k{1,2}}", "a.k2", false, true),
            ("{a}", "{a}", false, true),
            ("license{,.*[^~$]}", "license", false, true),
        ] {
            assert_eq!(Rule::new(line).matches(path, is_begun), expected, "{line} {path}");
        }
        assert!(Rule::new("!a").takes && !Rule::new("!!a").takes);
        assert!(!Rule::new(&"{a,b}".repeat(60)).matches("c", false), "it ends");
    }
}
