//! The instructions of a Dockerfile: lines that go on, bodies of here-documents, variables.
//!
//! <https://docs.docker.com/reference/dockerfile/>

use std::collections::HashMap;

/// Bytes beyond which a value is not known: values of values could grow for ever.
const LENGTH: usize = 4096;

/// Here-documents without an end that are looked for one: each is looked for in all that follows.
const UNENDED: usize = 16;

/// One instruction that copies from the context.
pub(super) struct Copy {
    pub(super) sources: Vec<String>,
    pub(super) excluded: Vec<String>,
    pub(super) shown: String,
}

/// The instructions of a Dockerfile that copy from the context: line, instruction, and the stage if it is not the last one.
pub(super) fn copies(text: &str) -> Vec<(usize, Copy, Option<String>)> {
    let escape = text
        .lines()
        .map_while(|line| line.trim().strip_prefix('#'))
        .find_map(|line| {
            line.trim().to_ascii_lowercase().strip_prefix("escape=").and_then(|value| value.chars().next())
        })
        .unwrap_or('\\');
    let (mut stage, mut stages, mut found) = (String::new(), 0, Vec::new());
    // What holds before the first stage, and what holds in this one.
    let (mut before, mut here) = (HashMap::new(), HashMap::new());
    for (line, instruction) in instructions(text, escape) {
        let words: Vec<&str> = instruction.split_whitespace().collect();
        match words.first().map(|word| word.to_ascii_uppercase()).as_deref() {
            Some("FROM") => {
                stages += 1;
                here = HashMap::new();
                let named =
                    words.iter().position(|word| word.eq_ignore_ascii_case("as")).and_then(|at| words.get(at + 1));
                stage = named.map_or_else(|| format!("number {stages}"), |name| (*name).to_owned());
            }
            Some("ARG") if stages == 0 => before.extend(assigned(&words[1..], &before)),
            Some("ARG") => {
                let inherited =
                    words[1..].iter().filter_map(|name| Some(((*name).to_owned(), before.get(*name)?.clone())));
                here.extend(inherited.chain(assigned(&words[1..], &here)).collect::<Vec<_>>());
            }
            Some("ENV") => match words[1..] {
                [name, value] if !name.contains('=') => {
                    here.extend(filled(value, &here).map(|value| (name.to_owned(), value)));
                }
                _ => here.extend(assigned(&words[1..], &here)),
            },
            Some("COPY" | "ADD") => {
                found.extend(copy(&instruction, &here).map(|copy| (line, copy, stages, stage.clone())))
            }
            _ => {}
        }
    }
    let last = stages;
    found.sort_by_key(|(line, _, stages, _)| (std::cmp::Reverse(*stages), *line));
    found.into_iter().map(|(line, copy, stages, stage)| (line, copy, (stages < last).then_some(stage))).collect()
}

/// Variables and their values.
type Values = HashMap<String, String>;

/// What `NAME=value` says; a value with an unknown variable is unknown itself.
fn assigned(words: &[&str], known: &Values) -> Vec<(String, String)> {
    let pairs = words.iter().filter_map(|word| word.split_once('='));
    pairs.filter_map(|(name, value)| Some((name.to_owned(), filled(value.trim_matches(['"', '\'']), known)?))).collect()
}

/// A text with the values of its variables; None if one is not known, or what comes of them is longer than a path.
fn filled(text: &str, known: &Values) -> Option<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('$') {
        let end = || after.find(|one: char| one != '_' && !one.is_ascii_alphanumeric()).unwrap_or(after.len());
        let (name, behind) = match after.strip_prefix('{') {
            Some(after) => after.split_once('}')?,
            None => after.split_at(end()),
        };
        let (name, default) = name.split_once(":-").map_or((name, None), |(name, default)| (name, Some(default)));
        let value = known.get(name).map(String::as_str).or(default.filter(|default| !default.contains('$')))?;
        out.push_str(before);
        out.push_str(value);
        rest = behind;
        if out.len() > LENGTH {
            return None;
        }
    }
    Some(out + rest)
}

/// The instructions with their first lines' numbers; continued lines are joined.
fn instructions(text: &str, escape: char) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    let lines: Vec<&str> = text.lines().collect();
    let (mut at, mut unended) = (0, 0);
    while let Some(line) = lines.get(at) {
        let line = line.trim();
        at += 1;
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (content, more) = line.strip_suffix(escape).map_or((line, false), |line| (line, true));
        match all.last_mut().filter(|_| goes_on) {
            Some((_, before)) => before.push_str(&format!(" {content}")),
            None => all.push((at, content.to_owned())),
        }
        goes_on = more;
        if let Some((_, instruction)) = all.last().filter(|_| !more) {
            at = behind_bodies(instruction, &lines, at, &mut unended);
        }
    }
    all
}

/// The line behind the here-documents of an instruction; one without an end is none.
fn behind_bodies(instruction: &str, lines: &[&str], mut at: usize, unended: &mut usize) -> usize {
    let mut words = instruction.split_whitespace();
    if !words.next().is_some_and(|word| ["RUN", "COPY", "ADD"].iter().any(|one| word.eq_ignore_ascii_case(one))) {
        return at;
    }
    for word in words {
        let Some(name) = word.trim_start_matches(|one: char| one.is_ascii_digit()).strip_prefix("<<") else { continue };
        let (name, tabs) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
        let name = name.trim_matches(['"', '\'']);
        let is_end = |line: &&str| if tabs { line.trim_start_matches('\t') == name } else { *line == name };
        if name.is_empty() || name.starts_with('<') {
            continue;
        }
        if *unended >= UNENDED {
            break;
        }
        match lines[at..].iter().position(is_end) {
            Some(end) => at += end + 1,
            None => *unended += 1,
        }
    }
    at
}

/// What an instruction copies, if it does from the context.
fn copy(instruction: &str, known: &Values) -> Option<Copy> {
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
    // What an unknown variable says is not known, an address or a text in the Dockerfile is not in the context.
    sources.retain(|source| !source.contains("://") && !source.starts_with("<<"));
    let sources: Vec<String> = sources.iter().filter_map(|source| filled(source, known)).collect();
    let shown: Vec<&str> = instruction.split_whitespace().collect();
    (!sources.is_empty()).then(|| Copy { sources, excluded, shown: super::cut(&shown.join(" ")) })
}

#[cfg(test)]
mod tests {
    use super::copies;

    #[test]
    fn it_ends() {
        let doubled: String = (1..60).map(|at| format!("ENV V{at}=$V{}$V{}\n", at - 1, at - 1)).collect();
        let text = format!("FROM x\nENV V0=a\n{doubled}COPY $V59 /\nCOPY {} /\n", "$V0".repeat(100_000));
        assert!(copies(&text).is_empty(), "values don't grow");
        assert_eq!(copies(&format!("FROM x\n{}COPY . .\n", "RUN <<A\n".repeat(100_000))).len(), 1);
    }
}
