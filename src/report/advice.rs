//! What to do about all findings of a report: once a provider and kind of credential, not once a finding.

use crate::finding::Finding;
use crate::rules::{ProviderId, RuleSet};

use super::explain;

/// The findings that want the same steps.
pub(super) struct Group {
    pub(super) provider: ProviderId,
    pub(super) credentials: usize,
    pub(super) steps: Vec<String>,
}

impl Group {
    pub(super) fn of(rules: &RuleSet, findings: &[Finding]) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for finding in findings {
            let steps = explain::steps(rules.provider(finding.provider), rules.rule(finding.rule).role);
            match groups.iter_mut().find(|group| group.provider == finding.provider && group.steps == steps) {
                Some(group) => group.credentials += 1,
                None => groups.push(Self { provider: finding.provider, credentials: 1, steps }),
            }
        }
        groups
    }

    /// Takes the steps that several groups have in common out of them; they are said once, after all.
    pub(super) fn shared(groups: &mut [Self]) -> Vec<String> {
        let mut shared: Vec<String> = Vec::new();
        for step in groups.iter().flat_map(|group| &group.steps) {
            let wanted_by = groups.iter().filter(|group| group.steps.contains(step)).count();
            if wanted_by > 1 && !shared.contains(step) {
                shared.push(step.clone());
            }
        }
        for group in groups {
            group.steps.retain(|step| !shared.contains(step));
        }
        shared
    }
}
