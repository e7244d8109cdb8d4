//! Patterns of package lists: `*` and `?` stay within a name, `**` spans folders, `[a-z]` is one of some.

/// Steps beyond which a pattern does not match: stars within stars could take for ever.
const STEPS: usize = 100_000;

/// Characters beyond which a pattern does not match: each may be a call within a call, and paths are hardly longer.
const LENGTH: usize = 1024;

/// What turns brackets round in Python and in Go.
pub(super) const PYTHON: &str = "!";
pub(super) const GO: &str = "^";

/// Whether a pattern matches a whole path. Tools don't agree on what turns brackets round: `!`, `^` or either.
pub(super) fn matches(pattern: &str, path: &str, not: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let path: Vec<char> = path.chars().collect();
    let mut steps = 0;
    pattern.len() <= LENGTH && from(&pattern, &path, not, &mut steps)
}

/// A pattern whose tool knows no `**`: it is a star.
pub(super) fn without_folders(pattern: &str) -> String {
    let mut out = pattern.to_owned();
    while out.contains("**") {
        out = out.replace("**", "*");
    }
    out
}

/// The same as Python's `glob`: a leading dot is matched by a dot only.
pub(super) fn matches_as_python(pattern: &str, path: &str) -> bool {
    let mut names = path.rsplit('/').zip(pattern.rsplit('/')).take_while(|(_, pattern)| *pattern != "**");
    let hidden = names.any(|(name, pattern)| name.starts_with('.') && pattern.starts_with(['*', '?', '[']));
    !hidden && matches(pattern, path, PYTHON)
}

fn from(pattern: &[char], path: &[char], not: &str, steps: &mut usize) -> bool {
    *steps += 1;
    if *steps > STEPS {
        return false;
    }
    match pattern {
        [] => path.is_empty(),
        ['*', '*', '/', rest @ ..] => {
            from(rest, path, not, steps)
                || path.iter().enumerate().any(|(at, &one)| one == '/' && from(rest, &path[at + 1..], not, steps))
        }
        ['*', '*', rest @ ..] => (0..=path.len()).any(|at| from(rest, &path[at..], not, steps)),
        ['*', rest @ ..] => {
            let name = path.iter().take_while(|&&one| one != '/').count();
            (0..=name).any(|at| from(rest, &path[at..], not, steps))
        }
        ['?', rest @ ..] => path.first().is_some_and(|&one| one != '/') && from(rest, &path[1..], not, steps),
        ['[', rest @ ..] => match (class(rest, not), path.first()) {
            (Some((inside, rest)), Some(&one)) => one != '/' && inside.has(one) && from(rest, &path[1..], not, steps),
            (None, Some('[')) => from(rest, &path[1..], not, steps),
            _ => false,
        },
        ['\\', one, rest @ ..] => path.first() == Some(one) && from(rest, &path[1..], not, steps),
        [one, rest @ ..] => path.first() == Some(one) && from(rest, &path[1..], not, steps),
    }
}

/// What stands between brackets.
struct Class<'p> {
    negated: bool,
    members: &'p [char],
}

fn class<'p>(pattern: &'p [char], not: &str) -> Option<(Class<'p>, &'p [char])> {
    let negated = pattern.first().is_some_and(|&one| not.contains(one));
    let members = &pattern[usize::from(negated)..];
    let end = members.iter().skip(1).position(|&one| one == ']')? + 1;
    Some((Class { negated, members: &members[..end] }, &members[end + 1..]))
}

impl Class<'_> {
    fn has(&self, one: char) -> bool {
        let mut at = self.members;
        let mut found = false;
        while let [first, rest @ ..] = at {
            (found, at) = match rest {
                ['-', last, rest @ ..] => (found || (*first..=*last).contains(&one), rest),
                _ => (found || *first == one, rest),
            };
        }
        found != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, path, expected) in [
            (".env", ".env", true),
            (".env", "a/.env", false),
            ("*.env", "prod.env", true),
            ("*.env", "a/prod.env", false),
            ("**/.env", ".env", true),
            ("**/.env", "a/b/.env", true),
            ("a/**", "a/b/c", true),
            ("a/**/c", "a/c", true),
            ("a/**/c", "a/b/c", true),
            ("**/c", "abc", false),
            ("?.env", "a.env", true),
            ("[!a].env", "a.env", false),
            ("[a-c]x", "bx", true),
            ("\\*x", "*x", true),
            ("\\*x", "ax", false),
            ("a[", "a[", true),
        ] {
            assert_eq!(matches(pattern, path, "!"), expected, "{pattern} {path}");
        }
        assert!(matches("[!a].env", "!.env", super::GO) && !matches("[^a].env", "a.env", super::GO));
        assert_eq!(super::without_folders("a/***/b**"), "a/*/b*");
        assert!(!matches(&"*".repeat(200_000), "a", "!"), "the stack bears it");
        assert!(!matches(&"*a".repeat(40), &format!("{}b", "a".repeat(400)), "!"), "it ends");
    }
}
