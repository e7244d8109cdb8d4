//! What things are called in sentences, the same in every format.

use crate::finding::{Finding, FoundPart, Report};
use crate::rules::{Role, RuleSet, Severity};
use crate::source::{GitOrigin, Origin};

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

/// The first names of many, and how many more there are.
pub(super) fn list(names: &[&str], most: usize) -> String {
    let shown = names.iter().take(most).copied().collect::<Vec<_>>().join(", ");
    if names.len() > most { format!("{shown} and {} more", names.len() - most) } else { shown }
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

/// `path!member:line:column`, escaped.
pub(super) fn place(part: &FoundPart) -> String {
    let at = part.place.region.start;
    format!("{}:{}:{}", origin(&part.place.origin), at.line, at.column)
}

/// A name as written, escaped and cut: a name may be a line of minified code.
pub(super) fn short(name: &str) -> String {
    const MOST: usize = 60;
    let name = super::escape(name.as_bytes());
    if name.chars().count() <= MOST { name } else { name.chars().take(MOST - 1).chain(['…']).collect() }
}

/// Since which commit it is there, whose, and whether HEAD still has it.
pub(super) fn git_line(git: &GitOrigin) -> String {
    let mut parts = Vec::new();
    if let Some(place) = &git.place {
        let article = if place.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        parts.push(format!("in {article} {place}"));
    }
    if let Some(commit) = &git.commit {
        parts.push(format!("since commit {}", commit.get(..12).unwrap_or(commit)));
    }
    parts.extend(git.author.as_ref().map(|author| format!("by {author}")));
    parts.extend(git.date.as_ref().map(|date| format!("on {date}")));
    let mut line = parts.join(" ");
    match (git.in_head, &git.place) {
        (Some(true), _) => line += ", still in HEAD",
        (Some(false), None) => line += ", not in HEAD but in the history",
        // A message or a note is in no tree.
        (Some(false), Some(_)) | (None, _) => {}
    }
    line
}

/// What is said of a finding where there is room for a few sentences and no markup. Not escaped for any format beyond
/// [`super::escape`].
pub(super) fn sentences(rules: &RuleSet, finding: &Finding) -> String {
    let chief = finding.chief();
    let mut text = format!("{} in plain text", title(rules, finding));
    if let Some(name) = &chief.name {
        text += &format!(", named {}", short(name));
    }
    text += &format!(", at {}.", place(chief));
    let with: Vec<String> =
        finding.parts[1..].iter().map(|part| format!("{} at {}", part.role.title(), place(part))).collect();
    if !with.is_empty() {
        text += &format!(" With it: {}.", with.join(", "));
    }
    if let Some(git) = &chief.place.origin.git {
        let line = super::escape(git_line(git).as_bytes());
        if !line.is_empty() {
            text += &format!(" Git: {line}.");
        }
    }
    if !finding.reasons.is_empty() {
        let reasons = super::escape(finding.reasons.join("; ").as_bytes());
        text += &format!(" Why: {reasons} ({} confidence).", finding.confidence.as_str());
    }
    if !finding.exposure.is_empty() {
        text += &format!(" File: {}.", super::escape(finding.exposure.join("; ").as_bytes()));
    }
    if let Some(verification) = &finding.verification {
        text += &format!(" Asked at {}: {}.", verification.host, super::escape(verification.headline().as_bytes()));
    }
    let steps = super::explain::steps(rules.provider(finding.provider), rules.rule(finding.rule).role);
    if let Some(first) = steps.first() {
        text += &format!(" Now: {}.", super::escape(first.trim_end_matches('.').as_bytes()));
    }
    text
}

/// How many there are of each severity, the worst first: `2 critical, 1 high`.
pub(super) fn severities(findings: &[Finding]) -> String {
    let counts: Vec<String> = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low]
        .into_iter()
        .filter_map(|severity| {
            let number = findings.iter().filter(|finding| finding.severity == severity).count();
            (number > 0).then(|| format!("{number} {}", severity.as_str()))
        })
        .collect();
    counts.join(", ")
}

/// The outcome in one line.
pub(super) fn verdict(report: &Report<'_>) -> String {
    match (report.findings.len(), report.complete()) {
        (0, true) => "no leaked credentials found".to_owned(),
        (0, false) => "no leaked credentials found in what could be read".to_owned(),
        (number, _) => format!("{}: {}", count(number, "leaked credential"), severities(&report.findings)),
    }
}
