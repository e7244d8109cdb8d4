//! In which host format an example stands: the same credential is written into an env file, JSON, YAML, a program or a
//! header, and each tests other parts of the engine. The built-in rules show each value in several (`tests/it/rules.rs`).

use std::fmt;

/// A format that a credential is written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// `NAME=value`: env files, shells, property files.
    Env,
    /// An object or an array.
    Json,
    /// `name: value`, by indentation.
    Yaml,
    /// A section in brackets with settings below it: INI, TOML.
    Sections,
    /// Elements and attributes.
    Xml,
    /// Instructions of a Dockerfile.
    Docker,
    /// A request on a command line, or its header.
    Http,
    /// JavaScript, TypeScript.
    JavaScript,
    /// Go.
    Go,
    /// Java, C#, Kotlin.
    Java,
    /// PHP.
    Php,
    /// Python, and other languages that assign with `=`.
    Python,
    /// A file that is the credential: a PEM block, a PuTTY key.
    File,
    /// Anything else: a URL of its own, a line of a log, prose.
    Text,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Env => "env",
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Sections => "INI or TOML",
            Self::Xml => "XML",
            Self::Docker => "Dockerfile",
            Self::Http => "HTTP",
            Self::JavaScript => "JavaScript",
            Self::Go => "Go",
            Self::Java => "Java",
            Self::Php => "PHP",
            Self::Python => "Python",
            Self::File => "key file",
            Self::Text => "text",
        })
    }
}

impl Host {
    /// The format of an example, told by its first lines. It is a convention of this catalogue, no parser: what could be two
    /// formats is the first of those tried.
    #[must_use]
    pub fn of(example: &str) -> Self {
        let plain = example.replace(['«', '»'], "");
        let text = plain.trim();
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let Some(first) = lines.first().map(|line| line.trim()) else { return Self::Text };
        let any = |test: &dyn Fn(&str) -> bool| lines.iter().any(|line| test(line));
        let holds = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let tests: [(Self, bool); 13] = [
            (
                Self::File,
                ["-----BEGIN", "---- BEGIN", "PuTTY-", "${pem:", "${proof:openssh}"]
                    .iter()
                    .any(|head| first.starts_with(head)),
            ),
            (Self::Xml, first.starts_with('<') && !first.starts_with("<?php")),
            (Self::Json, first.starts_with(['{', '[']) && text.contains('"') && !is_section(first)),
            (Self::Http, is_request(first) || lines.len() == 1 && is_header(first)),
            (Self::Sections, any(&|line| is_section(line.trim()))),
            (Self::Docker, ["ENV ", "ARG ", "RUN "].iter().any(|word| first.starts_with(word))),
            (Self::JavaScript, holds(&["const ", "let ", "var ", "process.env", "=> {"])),
            (Self::Go, holds(&[" := ", "os.Getenv("])),
            (Self::Php, holds(&["' => '", "\" => \""]) || any(&|line| line.starts_with('$') && line.contains(" = "))),
            (Self::Java, any(&|line| line.contains('=') && is_declaration(line))),
            (
                Self::Python,
                holds(&["os.environ"]) || any(&|line| line.starts_with("import ") || line.starts_with("from ")),
            ),
            (Self::Yaml, !text.contains('(') && !text.ends_with(';') && any(&is_entry)),
            (Self::Env, assigned(first).is_some_and(|rest| !rest.starts_with(' '))),
        ];
        let found = tests.into_iter().find_map(|(host, holds)| holds.then_some(host));
        found.unwrap_or_else(|| {
            let name = first.len() - first.trim_start_matches(is_of_name).len();
            let rest = first[name..].trim_start();
            if name > 0 && (rest.starts_with('=') || first[name..].starts_with('(')) {
                Self::Python
            } else {
                Self::Text
            }
        })
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '[' | ']' | '"' | '\'')
}

/// `[name]` on a line of its own.
fn is_section(line: &str) -> bool {
    let inside = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
    inside.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-\"".contains(&byte)))
}

fn is_request(line: &str) -> bool {
    ["curl ", "wget ", "http ", "GET ", "POST ", "PUT "].iter().any(|word| line.starts_with(word))
}

/// `Word-Word: value`.
fn is_header(line: &str) -> bool {
    let Some((name, value)) = line.split_once(": ") else { return false };
    let word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_uppercase())
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    name.split('-').all(word) && !value.ends_with(',')
}

/// `String name = ...` with what may stand before it.
fn is_declaration(line: &str) -> bool {
    line.split_whitespace().any(|word| matches!(word, "String" | "string" | "static" | "final"))
}

/// What stands behind `=`, if a line begins with `NAME=` or `export NAME=`.
fn assigned(line: &str) -> Option<&str> {
    let line = line.strip_prefix("export ").or_else(|| line.strip_prefix("set ")).unwrap_or(line);
    let (name, rest) = line.split_once('=')?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(&byte));
    (plain && !name.is_empty()).then_some(rest)
}

/// `name: value`, `- name: value` or `name:` at a line's end.
fn is_entry(line: &str) -> bool {
    let line = line.trim_start();
    let line = line.strip_prefix("- ").unwrap_or(line);
    let Some((name, rest)) = line.split_once(':') else { return false };
    let name = name.trim_matches(['"', '\'']);
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        && (rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn formats_are_told_apart() {
        let cases = [
            ("ACME_KEY=«x»", Host::Env),
            ("\nexport ACME_KEY='x'\n", Host::Env),
            ("acme.key=x", Host::Env),
            ("{\"acme\": {\"key\": \"«x»\"}}", Host::Json),
            ("acme:\n  key: «x»\n", Host::Yaml),
            ("- name: ACME_KEY\n  value: \"x\"", Host::Yaml),
            ("[acme]\nkey = \"x\"", Host::Sections),
            ("<add key=\"ACME\" value=\"x\" />", Host::Xml),
            ("ENV ACME_KEY=x", Host::Docker),
            ("curl -H \"X-ACME: x\" https://api.acme.example", Host::Http),
            ("Authorization: Bearer «x»", Host::Http),
            ("const acme = { key: 'x' };", Host::JavaScript),
            ("acmeKey := os.Getenv(\"ACME_KEY\")", Host::Go),
            ("static final String ACME = \"x\";", Host::Java),
            ("$config = ['key' => 'x'];", Host::Php),
            ("acme_key = \"x\"", Host::Python),
            ("acme = Acme(key=\"x\")", Host::Python),
            ("-----BEGIN PRIVATE KEY-----\nx", Host::File),
            ("the key is x", Host::Text),
            ("https://acme.example/x", Host::Text),
            ("", Host::Text),
        ];
        for (example, host) in cases {
            assert_eq!(Host::of(example), host, "{example}");
        }
    }
}
