//! What a lenient engine takes for granted.

use std::cmp::Reverse;

use super::look::LONGEST_WORD;
use super::spans::{joined, wide};
use crate::detect::binding::Binding;
use crate::detect::context::{ENCLOSED, Support};
use crate::detect::literal::Presence;
use crate::detect::vocabulary::Mention;
use crate::detect::{Engine, token};
use crate::rules::{Match, RuleId, RuleSet};
use crate::span::Span;

/// The support of all providers, by their numbers, as strong as that of any mention that stands neither in a value's own
/// name nor in what it is handed to.
pub(in crate::detect) fn every_provider(rules: &RuleSet) -> Vec<Support> {
    rules.provider_ids().map(|provider| Support { provider, weight: ENCLOSED + 1, mention: None }).collect()
}

/// The support of all providers, raised to what was found; the heaviest first.
pub(in crate::detect) fn all_support(engine: &Engine<'_>, found: Vec<Support>) -> Vec<Support> {
    let mut all = engine.tables().everybody.clone();
    for Support { provider, weight, mention } in found {
        let support = &mut all[usize::from(provider.0)];
        *support = Support { provider, weight: weight.max(support.weight), mention };
    }
    // All but a few weigh the same and stand in their order.
    all.sort_by_key(|support| Reverse(support.weight));
    all
}

/// The mentions that can weigh more for a value than [`every_provider`] does: in its names and in what it is handed to.
pub(in crate::detect) fn own_mentions(engine: &Engine<'_>, text: &[u8], binding: &Binding) -> Vec<Mention> {
    let own = binding.names.iter().map(|name| name.span).chain(binding.callee);
    let mut places: Vec<Span> = own
        .map(|name| {
            let near = wide(text, name, LONGEST_WORD, LONGEST_WORD);
            Span::new(
                near.start.max(token::line_start(text, name.start)),
                near.end.min(token::line_end(text, name.end)),
            )
        })
        .collect();
    places.sort_unstable();
    let mut all = Vec::new();
    for place in joined(places.into_iter()) {
        engine.tables().vocabulary.mentions(text, place, true, &mut all);
    }
    all
}

/// The literals, in small letters, of the rules whose matches may go over more lines than words are read for a change.
pub(in crate::detect) fn reaching(rules: &RuleSet) -> Option<Presence> {
    let long = |id: RuleId| rules.rule(id).matching == Match::Search && rules.outline(id).many_lines;
    let sought = rules.rule_ids().filter(|&id| long(id));
    let mut all: Vec<String> =
        sought.flat_map(|id| &rules.rule(id).anchors).map(|literal| literal.to_ascii_lowercase()).collect();
    all.sort();
    all.dedup();
    (!all.is_empty()).then(|| Presence::of(&all))
}
