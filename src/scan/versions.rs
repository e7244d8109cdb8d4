//! One value in many versions of files: one finding that says no less than any of them does.

use std::collections::BTreeMap;

use crate::finding::{Environment, Finding, FoundPart, Place};
use crate::rules::{Confidence, ProviderId, Role, Severity};
use crate::secret::Secret;

/// The finding of the earliest version, and what others say more: how bad and how sure it is, and parts that were not there
/// at first or are others since. In whatever order they come, the result is the same.
pub(super) struct Versions {
    earliest: Finding,
    /// When it came, by the caller's count.
    pub(super) first: u32,
    strongest: Strongest,
    parts: BTreeMap<(Role, Secret), Part>,
}

/// A part of the earliest version that has it.
struct Part {
    first: u32,
    part: FoundPart,
}

/// What the version says that says most.
struct Strongest {
    confidence: Confidence,
    severity: Severity,
    parts: usize,
    first: u32,
    place: Place,
    environment: Environment,
    alternatives: Vec<ProviderId>,
    reasons: Vec<String>,
    capabilities: Vec<String>,
}

impl Strongest {
    fn of(first: u32, finding: &Finding) -> Self {
        Self {
            confidence: finding.confidence,
            severity: finding.severity,
            parts: finding.parts.len(),
            first,
            place: finding.chief().place.clone(),
            environment: finding.environment,
            alternatives: finding.alternatives.clone(),
            reasons: finding.reasons.clone(),
            capabilities: finding.capabilities.clone(),
        }
    }

    /// Whether a finding says more; of those that say as much the earliest counts.
    fn is_beaten(&self, first: u32, finding: &Finding) -> bool {
        let own = (self.severity, self.confidence, self.parts);
        let other = (finding.severity, finding.confidence, finding.parts.len());
        other > own || other == own && (first, &finding.chief().place) < (self.first, &self.place)
    }
}

impl Versions {
    pub(super) fn of(first: u32, finding: Finding) -> Self {
        let strongest = Strongest::of(first, &finding);
        let mut all = Self { earliest: finding, first, strongest, parts: BTreeMap::new() };
        all.add_parts(first, &all.earliest.parts.clone());
        all
    }

    pub(super) fn add(&mut self, first: u32, finding: Finding) {
        self.add_parts(first, &finding.parts);
        if self.strongest.is_beaten(first, &finding) {
            self.strongest = Strongest::of(first, &finding);
        }
        if (first, &finding.chief().place) < (self.first, &self.earliest.chief().place) {
            (self.first, self.earliest) = (first, finding);
        }
    }

    fn add_parts(&mut self, first: u32, parts: &[FoundPart]) {
        for part in parts {
            let key = (part.role, part.secret.clone());
            let known = self.parts.get(&key);
            if known.is_none_or(|known| (first, &part.place) < (known.first, &known.part.place)) {
                self.parts.insert(key, Part { first, part: part.clone() });
            }
        }
    }

    /// The earliest finding itself.
    pub(super) fn earliest(&self) -> &Finding {
        &self.earliest
    }

    pub(super) fn earliest_mut(&mut self) -> &mut Finding {
        &mut self.earliest
    }

    /// The finding, and for each of its last parts that the earliest version doesn't have, when it came.
    pub(super) fn finish(self) -> (Finding, Vec<u32>) {
        let Self { earliest: mut finding, strongest, parts, .. } = self;
        let own =
            |part: &FoundPart| finding.parts.iter().any(|own| (own.role, &own.secret) == (part.role, &part.secret));
        let mut more: Vec<Part> = parts.into_values().filter(|more| !own(&more.part)).collect();
        more.sort_by(|a, b| (a.first, &a.part.place, a.part.role).cmp(&(b.first, &b.part.place, b.part.role)));
        if strongest.place != finding.chief().place {
            let place = strongest.place.origin.display();
            let new = strongest.reasons.into_iter().filter(|reason| !finding.reasons.contains(reason));
            let new: Vec<String> = new.map(|reason| format!("in a later version, {place}: {reason}")).collect();
            finding.reasons.extend(new);
            finding.environment = strongest.environment;
            finding.alternatives = strongest.alternatives;
            finding.capabilities = strongest.capabilities;
        }
        finding.confidence = finding.confidence.max(strongest.confidence);
        finding.severity = finding.severity.max(strongest.severity);
        let firsts = more.iter().map(|more| more.first).collect();
        finding.parts.extend(more.into_iter().map(|more| more.part));
        (finding, firsts)
    }
}
