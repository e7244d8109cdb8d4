//! What things are called in sentences, the same in every format.

use crate::finding::Finding;
use crate::rules::{Role, RuleSet};
use crate::source::Origin;

/// `Binance API key + secret`, or the rule's own title for a part that was found alone.
pub(super) fn title(rules: &RuleSet, finding: &Finding) -> String {
    let mut roles: Vec<Role> = finding.parts.iter().map(|part| part.role).collect();
    roles.sort_unstable();
    roles.dedup();
    if roles.len() < 2 {
        return super::escape(rules.rule(finding.chief().rule).title.as_bytes());
    }
    let with_key = roles.contains(&Role::Key);
    let names: Vec<&str> = roles
        .iter()
        .map(|role| match role {
            Role::Secret if with_key => "secret",
            role => role.title(),
        })
        .collect();
    format!("{} {}", super::escape(rules.provider(finding.provider).name.as_bytes()), names.join(" + "))
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `path!member`, escaped. What has neither (a commit message) is named by its kind.
pub(super) fn origin(origin: &Origin) -> String {
    let path = match origin.git.as_deref().and_then(|git| git.place.as_deref()) {
        Some(place) if origin.path.is_empty() => super::escape(place.as_bytes()),
        _ => super::escape(&origin.path),
    };
    match &origin.member {
        Some(member) => format!("{path}!{}", super::escape(member.as_bytes())),
        None => path,
    }
}

/// Breaks prose at blanks. A word longer than the width (a URL) has a line of its own.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let len = word.chars().count();
        if used > 0 && used + 1 + len > width.max(20) {
            lines.push(String::new());
            used = 0;
        }
        let line = lines.last_mut().expect("there is always a line");
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.push_str(word);
        used += len;
    }
    lines
}
