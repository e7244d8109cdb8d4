//! Allow-lists of rule files in gitleaks' format, where they reach beyond the rules of their file: commits are known only
//! when a scan is over, and a file that extends the default rules speaks of the built-in ones.

use crate::finding::{Finding, SuppressedBy, Suppression};
use crate::rules::RuleSet;
use crate::rules::foreign::filter::contains;
use crate::rules::foreign::{Allow, Target};

/// The allow-list that speaks of a finding, if one does.
pub(super) fn suppression(rules: &RuleSet, finding: &Finding) -> Option<Suppression> {
    let own = rules.foreign().iter().find(|(rule, _)| *rule == finding.rule).map(|(_, rule)| rule);
    let allow = match own {
        Some(rule) => rule.allows.iter().map(AsRef::as_ref).chain(&rule.common.allows).find(|a| of_commit(a, finding)),
        None => rules
            .common()
            .iter()
            .flat_map(|common| &common.allows)
            .find(|allow| of_commit(allow, finding) || of_builtin(allow, finding)),
    }?;
    let said = allow.description.trim();
    Some(Suppression {
        by: SuppressedBy::Config(allow.file.clone()),
        place: format!("{}:{}", allow.file, allow.line),
        reason: (!said.is_empty()).then(|| said.to_owned()),
        is_new: false,
    })
}

fn of_commit(allow: &Allow, finding: &Finding) -> bool {
    let git = finding.chief().place.origin.git.as_deref();
    let commit = git.and_then(|git| git.commit.as_deref()).unwrap_or_default().to_lowercase();
    let named = !commit.is_empty() && allow.commits.contains(&commit);
    named && (!allow.all || has_rest(allow, finding).into_iter().flatten().all(|check| check))
}

/// The lists of a file that stands for the default rules. Those that speak of commits as well are [`of_commit`]'s.
fn of_builtin(allow: &Allow, finding: &Finding) -> bool {
    let checks = has_rest(allow, finding);
    if allow.all {
        let any = allow.commits.is_empty() && checks.iter().any(Option::is_some);
        any && checks.into_iter().flatten().all(|check| check)
    } else {
        checks.contains(&Some(true))
    }
}

/// What an allow-list says of the path and the value, each if it speaks of it. The line and the match are not kept in
/// findings, so what reads those holds for none.
fn has_rest(allow: &Allow, finding: &Finding) -> [Option<bool>; 3] {
    let chief = finding.chief();
    let path = chief.place.origin.display();
    let paths = allow.paths.as_ref().map(|paths| !path.is_empty() && paths.is_in(path.as_bytes()));
    let regexes = allow.regexes.as_ref().map(|regexes| match allow.target {
        Target::Secret => regexes.is_in(chief.secret.expose()),
        Target::Path => regexes.is_in(path.as_bytes()),
        Target::Match | Target::Line => false,
    });
    let stopwords = (!allow.stopwords.is_empty()).then(|| contains(chief.secret.expose(), &allow.stopwords));
    [paths, regexes, stopwords]
}
