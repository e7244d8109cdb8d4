//! The middle of the river: from bytes to values that are credentials. No file, clock, thread or terminal, so nothing here
//! can fail, and everything is tested with string literals.
//!
//! The order of the work: tokens that could be random values ([`candidate`]) and literals that other shapes hang on; the
//! words of providers around them ([`vocabulary`]); for each value its names ([`binding`]), what encloses it ([`scope`]) and
//! which provider that speaks for ([`context`]); the decision ([`judge`]); then the values without telling names by their
//! neighbours ([`pair`]) and the short ones by their names ([`named`]). `credential` puts the parts together.

pub mod address;
pub(crate) mod anchor;
pub(crate) mod binding;
pub(crate) mod block;
pub(crate) mod candidate;
#[cfg(test)]
mod chance;
pub(crate) mod context;
pub(crate) mod dev_key;
pub(crate) mod dictionary;
pub(crate) mod document;
pub mod dummies;
pub(crate) mod foreign;
pub(crate) mod handed;
mod hint;
pub(crate) mod judge;
pub(crate) mod lines;
pub(crate) mod literal;
pub(crate) mod lookup;
pub(crate) mod memo;
pub(crate) mod named;
pub(crate) mod names;
pub(crate) mod pair;
pub(crate) mod placeholder;
pub mod profile;
pub mod proof;
pub mod prospect;
pub mod randomness;
pub(crate) mod scope;
pub(crate) mod shape;
pub(crate) mod sieve;
pub(crate) mod third;
pub(crate) mod token;
pub(crate) mod unproven;
pub(crate) mod value;
pub(crate) mod viable;
pub(crate) mod vocabulary;
pub(crate) mod whole;

use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use crate::credential::{self, Credential};
use crate::rules::{Evidence, Match, ProviderId, Role, RuleId, RuleSet};
use crate::span::Span;
use crate::view::{self, notebook::Notebook};
use anchor::Anchors;
use context::Support;
use document::Document;
pub use document::PathClass;
pub use hint::Hint;
use literal::Presence;
use profile::{Count, Profile, Stage, Stopwatch};
use shape::Shape;
pub use unproven::{Open, derived};
use vocabulary::Vocabulary;

/// Finds credentials in texts. Made once, used by all threads; its tables are built at the first text that needs them.
#[derive(Debug)]
pub struct Engine<'r> {
    rules: &'r RuleSet,
    tables: Arc<OnceLock<Tables<'r>>>,
    foreign: Arc<OnceLock<Option<foreign::Keywords>>>,
    /// It takes every provider for one that the surroundings speak of, and stops at so many hits; see [`prospect`].
    lenient: Option<usize>,
    profile: Option<Arc<Profile>>,
}

/// What is derived from the rules.
#[derive(Debug)]
struct Tables<'r> {
    shapes: Vec<Shape>,
    /// The `value` rules of decisive shape or proof that admit a length.
    by_length: Vec<Vec<RuleId>>,
    by_provider: Vec<Vec<RuleId>>,
    vocabulary: Vocabulary<'r>,
    documented: HashSet<[u8; 32]>,
    generic: Vec<RuleId>,
    weak: Option<Presence>,
    /// For a lenient engine: [`prospect::reaching`].
    reaching: Option<Presence>,
    /// All providers, for a lenient engine.
    everybody: Vec<Support>,
}

impl<'r> Engine<'r> {
    /// An engine for a set of rules.
    #[must_use]
    pub fn new(rules: &'r RuleSet) -> Self {
        Self { rules, tables: Arc::default(), foreign: Arc::default(), lenient: None, profile: None }
    }

    /// An engine that measures what it does by `clock`.
    #[must_use]
    pub fn profiled(rules: &'r RuleSet, clock: profile::Clock) -> Self {
        Self { profile: Some(Arc::new(Profile::new(clock, rules.rules().len()))), ..Self::new(rules) }
    }

    /// What was measured until now, if anything is.
    #[must_use]
    pub fn profile(&self) -> Option<&Profile> {
        self.profile.as_deref()
    }

    /// The rules whose regular expressions were compiled, by number: each is at the first value that needs it.
    #[must_use]
    pub fn compiled(&self) -> usize {
        self.tables.get().map_or(0, |tables| tables.shapes.iter().filter(|shape| shape.is_compiled()).count())
    }

    pub(crate) fn is_lenient(&self) -> bool {
        self.lenient.is_some()
    }

    /// The rules it works with.
    #[must_use]
    pub fn rules(&self) -> &'r RuleSet {
        self.rules
    }

    /// All credentials in a text, sorted by place.
    #[must_use]
    pub fn scan(&self, text: &[u8], hint: &Hint) -> Vec<Credential> {
        self.scan_with(text, hint, None)
    }

    /// All credentials in a text, and what only other texts can decide on.
    #[must_use]
    pub fn scan_open(&self, text: &[u8], hint: &Hint, open: &mut Open) -> Vec<Credential> {
        self.scan_with(text, hint, Some(open))
    }

    fn scan_with(&self, text: &[u8], hint: &Hint, open: Option<&mut Open>) -> Vec<Credential> {
        let (mut found, mut foreign) = self.scan_view(text, hint, 0, open, None).unwrap_or_default();
        if view::notebook::is_notebook(&hint.path) {
            let notebook = Notebook::read(text, &hint.notebook);
            if let Some(view) = notebook.view(text) {
                let (of_cells, more) = self.scan_view(&view.text, hint, 0, None, None).unwrap_or_default();
                found = credential::merge(found, of_cells, &view);
                foreign = credential::merge(foreign, more, &view);
            }
            for part in found.iter_mut().chain(&mut foreign).flat_map(|credential| &mut credential.parts) {
                part.decoded.splice(0..0, notebook.cell(part.span));
            }
        }
        foreign::join(self.rules, found, foreign)
    }

    /// What a path says of a text that lies there. `barren`: nothing in the text can be a credential, see
    /// [`Engine::prospect`].
    #[must_use]
    pub fn path_class(&self, hint: &Hint, barren: bool) -> PathClass {
        PathClass::of(self, hint, barren)
    }

    /// What the path of a file says alone, by rules of other scanners.
    #[must_use]
    pub fn judge_path(&self, path: &[u8]) -> Vec<Credential> {
        foreign::of_path(self.rules, path)
    }

    /// Scans a text and then what it reads as when its encoded pieces are decoded. What rules of other scanners find is kept
    /// apart: they speak of the same bytes without regard to each other. `near`: where credentials can stand, if that is
    /// known; None if that doesn't suffice.
    fn scan_view(
        &self,
        text: &[u8],
        hint: &Hint,
        depth: usize,
        mut open: Option<&mut Open>,
        near: Option<&[Span]>,
    ) -> Option<(Vec<Credential>, Vec<Credential>)> {
        let mut watch = Stopwatch::start(self.profile());
        let count = |what, more| Profile::count(self.profile(), what, more);
        let mut runs = Vec::new();
        candidate::runs(text, |run| runs.push(run));
        watch.lap(Stage::Candidates);
        let Anchors { places: anchors, phrases } = anchor::look(text);
        if let Some(open) = &mut open {
            open.read(text, &runs);
        }
        watch.lap(Stage::Anchors);
        count(Count::Texts, 1);
        count(Count::Bytes, text.len());
        count(Count::Candidates, runs.len());
        count(Count::Anchors, anchors.len());
        let mut foreign = match self.foreign.get_or_init(|| foreign::Keywords::new(self.rules)) {
            Some(keywords) => keywords.scan(self.rules, text, hint, self.profile()),
            None => Vec::new(),
        };
        watch.lap(Stage::Foreign);
        let nothing = runs.is_empty() && anchors.is_empty();
        let worth = viable::any(self, text, &runs, &anchors) || whole::present(text, hint, phrases);
        watch.lap(Stage::Viability);
        if nothing && !worth && !view::hides_candidate(text) {
            return Some((Vec::new(), foreign));
        }
        let mut found = if let Some(places) = near.filter(|_| worth) {
            self.read_near(text, hint, (&runs, &anchors), places)?
        } else if worth {
            let document = Document::read(self, text, hint, &runs, &anchors, phrases);
            if let Some(open) = open {
                open.keys = unproven::keys(&document, &runs);
            }
            document.credentials()
        } else {
            Vec::new()
        };
        if depth < view::MAX_DEPTH {
            // What is of no known provider may be the half of a value of one.
            let known = |credential: &&Credential| self.rules.provider(credential.provider).id != "generic";
            let taken: Vec<Span> = found
                .iter()
                .filter(known)
                .flat_map(|credential| credential.parts.iter().map(|part| part.span))
                .collect();
            watch.restart();
            let view = view::decode(text, &runs, &taken);
            watch.lap(Stage::Decoding);
            if let Some(view) = view {
                count(Count::Views, 1);
                let near: Option<Vec<Span>> = near.map(|places| places.iter().map(|&place| view.seen(place)).collect());
                let (decoded, more) = self.scan_view(&view.text, hint, depth + 1, None, near.as_deref())?;
                found = credential::merge(found, decoded, &view);
                foreign = credential::merge(foreign, more, &view);
            }
        }
        Some((found, foreign))
    }

    /// The literals of rules that are sought and whose values needn't stand out.
    pub(crate) fn weak_anchors(&self) -> Option<&Presence> {
        self.tables().weak.as_ref()
    }

    fn tables(&self) -> &Tables<'r> {
        self.tables.get_or_init(|| Tables::new(self.rules, self.profile()))
    }

    pub(crate) fn shape(&self, id: RuleId) -> &Shape {
        &self.tables().shapes[usize::from(id.0)]
    }

    pub(crate) fn rules_of_length(&self, length: usize) -> &[RuleId] {
        self.tables().by_length.get(length).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn rules_of(&self, provider: ProviderId) -> &[RuleId] {
        &self.tables().by_provider[usize::from(provider.0)]
    }

    /// The rule for values of no known provider, by role.
    pub(crate) fn generic_rule(&self, role: Role) -> Option<RuleId> {
        let generic = &self.tables().generic;
        let of = |role: Role| generic.iter().copied().find(|&id| self.rules.rule(id).role == role);
        of(role).or_else(|| {
            of(match role {
                Role::PrivateKey | Role::Seed => Role::Secret,
                Role::Id => Role::Key,
                Role::Passphrase => Role::Password,
                _ => Role::Token,
            })
        })
    }

    /// Whether a rule whose shape or proof is decisive admits this value.
    pub(crate) fn is_shaped(&self, value: &[u8]) -> bool {
        self.rules_of_length(value.len()).iter().any(|&id| self.shape(id).admits(value))
    }

    /// Whether a value is nobody's: printed in documentation, or in a public test suite.
    pub(crate) fn is_published(&self, value: &[u8]) -> bool {
        self.is_documented(value) || dummies::is_public(value).is_some()
    }

    /// Whether a provider's own documentation prints this value.
    pub(crate) fn is_documented(&self, value: &[u8]) -> bool {
        self.tables().documented.contains(<[u8; 32]>::from(Sha256::digest(value)).as_slice())
    }
}

impl<'r> Tables<'r> {
    fn new(rules: &'r RuleSet, profile: Option<&Profile>) -> Self {
        let meter = |id: RuleId| profile.map(|profile| profile.meter(usize::from(id.0)));
        let shape = |id| Shape::new(rules.rule(id), rules.outline(id), meter(id));
        let shapes: Vec<Shape> = rules.rule_ids().map(shape).collect();
        let mut by_length = vec![Vec::new(); shape::MAX_VALUE + 1];
        let mut by_provider = vec![Vec::new(); rules.providers().len()];
        let mut generic = Vec::new();
        for id in rules.rule_ids() {
            let rule = rules.rule(id);
            let owner = rules.provider_of(id);
            by_provider[usize::from(owner.0)].push(id);
            if rules.provider(owner).id == "generic" {
                generic.push(id);
            } else if rule.matching == Match::Value && matches!(rule.evidence, Evidence::Shape | Evidence::Proof) {
                let (least, most) = shapes[usize::from(id.0)].lengths;
                for bucket in by_length.iter_mut().take(most.min(shape::MAX_VALUE) + 1).skip(least) {
                    bucket.push(id);
                }
            }
        }
        let documented = rules
            .providers()
            .iter()
            .flat_map(|provider| &provider.dummies)
            .filter_map(|hex| data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?.try_into().ok())
            .collect();
        Self {
            shapes,
            by_length,
            by_provider,
            vocabulary: Vocabulary::new(rules),
            documented,
            generic,
            weak: viable::weak_anchors(rules),
            reaching: prospect::reaching(rules),
            everybody: prospect::every_provider(rules),
        }
    }
}
