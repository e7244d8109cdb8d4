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
pub mod dummies;
pub(crate) mod foreign;
pub(crate) mod handed;
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

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use crate::credential::{self, Credential};
use crate::rules::{Confidence, Evidence, Kind, Match, ProviderId, Role, RuleId, RuleSet};
use crate::span::Span;
use crate::view::{self, notebook::Notebook};
use anchor::Anchors;
use context::Support;
use judge::{Case, Hit, Judgement, Unnamed};
use literal::Presence;
use profile::{Count, Profile, Stage, Stopwatch};
use proof::Proof;
use shape::Shape;
pub use unproven::{Open, derived};
use vocabulary::{Mark, Mention, Vocabulary};

/// What is known of a text beside its bytes: its file name speaks of exchanges and formats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// The last names of the path, lower case, joined by `/` (`config/binance.env`): vocabulary, not a place.
    pub path: String,
    /// The whole path, for rules of other scanners that speak of paths; empty if there is none.
    pub file: Vec<u8>,
    /// The text is the beginning of its file (false for later windows of a long one).
    pub from_start: bool,
    /// The text is a piece cut out of a longer one (a window, inserted lines of a delta), so that a block can be cut off.
    pub partial: bool,
    /// Where in a notebook the text begins.
    pub notebook: view::notebook::State,
}

impl Hint {
    /// Whether a place is in a minified program: what looks like a name with a value there is code.
    pub(crate) fn is_minified(&self, text: &[u8], at: usize) -> bool {
        const LONG: usize = 1000;
        self.is_web_program() && token::line_end(text, at) - token::line_start(text, at) > LONG
    }

    /// A program of a kind that is minified.
    pub(crate) fn is_web_program(&self) -> bool {
        [".js", ".mjs", ".cjs", ".css", ".map"].iter().any(|kind| self.path.ends_with(kind))
    }

    /// A file that is called after private keys: `private_keys.txt`.
    #[must_use]
    pub fn is_key_file(&self) -> bool {
        let file = self.path.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default().as_bytes();
        let says = |word: &[u8]| stem.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        (says(b"priv") || says(b"wallet"))
            && matches!(
                names::verdict(stem),
                names::Verdict::Part(crate::rules::Role::PrivateKey, names::Strength::Strong)
            )
    }

    /// Tests, examples and documentation: their credentials are seldom live.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.path.split(['/', '.', '_', '-']).any(|word| {
            matches!(
                word,
                "test"
                    | "tests"
                    | "spec"
                    | "example"
                    | "examples"
                    | "sample"
                    | "samples"
                    | "docs"
                    | "doc"
                    | "fixtures"
                    | "testdata"
                    | "mock"
                    | "mocks"
            )
        })
    }
}

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

/// A text under examination.
pub(crate) struct Document<'e, 'r, 't> {
    pub(crate) engine: &'e Engine<'r>,
    pub(crate) text: &'t [u8],
    pub(crate) hint: &'t Hint,
    pub(crate) mentions: Vec<Mention>,
    pub(crate) path: Vec<ProviderId>,
    /// The file is called after private keys.
    key_file: bool,
    pub(crate) hits: Vec<Hit>,
    pub(crate) unnamed: Vec<Unnamed>,
    /// Where what is found stands, if that is known: other words lead to nothing.
    near: Option<Vec<Span>>,
    /// What is found depends on candidates that are not judged.
    pub(crate) unsure: bool,
    /// The heads of columns by which values that were judged are named.
    heads: RefCell<Vec<Span>>,
    columns: binding::Columns,
    lines: lines::Lines,
}

/// How much text before and behind a candidate is read for words.
const BEFORE: usize = 2048;
const BEHIND: usize = 512;
/// How near a word of credentials must stand to a candidate to speak for it.
const ROLE_BEFORE: usize = 400;
const ROLE_BEHIND: usize = 100;
/// A text with more candidates than this is data: lock files, hashes, recorded answers. What speaks for a value stands
/// right by it there.
const DENSE: usize = 200;
/// The head of a text is always read: imports and titles stand there.
const HEAD: usize = 2048;

impl<'e, 'r, 't> Document<'e, 'r, 't> {
    /// Reads the words around the candidates and anchors and decides on each.
    /// `spoken`: phrases are spoken of.
    fn read(
        engine: &'e Engine<'r>,
        text: &'t [u8],
        hint: &'t Hint,
        runs: &[Span],
        anchors: &[Span],
        spoken: bool,
    ) -> Self {
        let mut document = Self::examine(engine, text, hint, runs, &regions(text, runs, anchors, false));
        let mut watch = Stopwatch::start(engine.profile());
        whole::read(&mut document, spoken);
        dev_key::read(&mut document, runs);
        watch.lap(Stage::Phrases);
        document
    }

    /// Reads words in some regions only, and no values that are found as a whole.
    fn examine(engine: &'e Engine<'r>, text: &'t [u8], hint: &'t Hint, runs: &[Span], regions: &[Span]) -> Self {
        Self::examine_as(engine, text, hint, (runs, runs), regions)
    }

    /// The same, with other candidates that may be sent in a header than those that are judged.
    fn examine_as(
        engine: &'e Engine<'r>,
        text: &'t [u8],
        hint: &'t Hint,
        (runs, handed): (&[Span], &[Span]),
        regions: &[Span],
    ) -> Self {
        Self::new(engine, text, hint, regions).examined(runs, handed)
    }

    /// The same for some of the candidates, and of the words what can matter to them. `near`: where all that is found stands,
    /// with the names and the anchors that lead to it.
    fn examine_some(
        engine: &'e Engine<'r>,
        text: &'t [u8],
        hint: &'t Hint,
        (runs, near): (&[Span], Vec<Span>),
        regions: &[Span],
    ) -> Self {
        Self { near: Some(near), ..Self::new(engine, text, hint, regions) }.examined(runs, runs)
    }

    /// Reads words in some regions.
    fn new(engine: &'e Engine<'r>, text: &'t [u8], hint: &'t Hint, regions: &[Span]) -> Self {
        let mut watch = Stopwatch::start(engine.profile());
        Profile::count(engine.profile(), Count::Read, 1);
        let mut mentions = Vec::new();
        for &region in regions {
            engine.tables().vocabulary.mentions(text, region, engine.is_lenient(), &mut mentions);
        }
        // What a path says weighs less than what is taken for granted.
        let path = if engine.is_lenient() { Vec::new() } else { path_providers(engine, &hint.path) };
        watch.lap(Stage::Words);
        Self {
            engine,
            text,
            hint,
            mentions,
            path,
            key_file: hint.is_key_file(),
            hits: Vec::new(),
            unnamed: Vec::new(),
            near: None,
            unsure: false,
            heads: RefCell::default(),
            columns: binding::Columns::default(),
            lines: lines::Lines::default(),
        }
    }

    /// Judges candidates and what hangs on words; no values that are found as a whole.
    fn examined(mut self, runs: &[Span], handed: &[Span]) -> Self {
        let mut watch = Stopwatch::start(self.engine.profile());
        self.search();
        watch.lap(Stage::Search);
        self.judge(runs);
        watch.lap(Stage::Judgement);
        pair::pair(&mut self);
        watch.lap(Stage::Pairs);
        named::read(&mut self);
        handed::read(&mut self, handed);
        third::read(&mut self);
        watch.lap(Stage::Names);
        self
    }

    fn credentials(self) -> Vec<Credential> {
        let mut watch = Stopwatch::start(self.engine.profile());
        let hits = settle(self.engine, self.hits);
        let all = credential::assemble(self.engine.rules, self.text, self.hint, hits);
        watch.lap(Stage::Credentials);
        all
    }

    /// Whether a word can lead to a value.
    pub(crate) fn leads(&self, word: Span) -> bool {
        self.near.as_ref().is_none_or(|near| {
            let first = near.partition_point(|span| span.end <= word.start);
            near.get(first).is_some_and(|span| span.start < word.end)
        })
    }

    /// Rules whose shape is sought around a literal.
    fn search(&mut self) {
        let mut seen = HashSet::new();
        for at in 0..self.mentions.len() {
            let Mention { mark: Mark::Anchor(id), span, .. } = self.mentions[at] else { continue };
            if !self.leads(span) {
                continue;
            }
            let engine = self.engine;
            engine.shape(id).search(self.text, span, |value| {
                if seen.insert((id, value))
                    && let Some(hit) = self.sought(id, value)
                {
                    self.hits.push(hit);
                }
            });
        }
    }

    fn sought(&self, id: RuleId, span: Span) -> Option<Hit> {
        let rule = self.engine.rules.rule(id);
        let value = span.of(self.text);
        if placeholder::is_placeholder(value)
            || self.engine.is_published(value)
            || rule.role == Role::Password && judge::is_default_login(self.text, span)
        {
            return None;
        }
        let mut reasons = Vec::new();
        match rule.proof.as_deref().map(|name| proof::prove(name, value, self.text)) {
            Some(Proof::Holds(shown)) => reasons.push(shown),
            Some(Proof::Fails) => return None,
            Some(Proof::Unknown) if rule.evidence == Evidence::Proof && !self.engine.is_lenient() => return None,
            _ => {}
        }
        if let Some(least) = rule.min_entropy
            && randomness::shannon(value) <= least
        {
            return None;
        }
        let mut hit = Hit::of_rule(self.engine, id, span, reasons);
        let provider = hit.provider;
        if self.engine.is_lenient() {
            return Some(hit);
        }
        let binding = binding::bind(self.text, span);
        let scopes = scope::scopes(self.text, span.start);
        let supports = self.supports(span, &binding, &scopes);
        hit.weight = supports.iter().find(|support| support.provider == provider).map_or(0, |support| support.weight);
        hit.name = binding.names.first().map(|name| name.span);
        hit.scope = scopes.first().map_or(0, |scope| scope.open);
        if matches!(rule.evidence, Evidence::Context | Evidence::Name) {
            if hit.weight < context::NEAR {
                return None;
            }
            if let Some(support) = supports.iter().find(|support| support.provider == provider) {
                let case = Case {
                    text: self.text,
                    span,
                    binding: &binding,
                    supports: &supports,
                    scope: 0,
                    label: None,
                    path: &self.hint.path,
                    key_file: false,
                };
                hit.reasons.insert(0, judge::support_reason(self.engine, &case, support));
            }
            if hit.weight < 76 {
                hit.confidence = Confidence::Medium;
            }
        } else if hit.reasons.is_empty() {
            hit.reasons.push("the shape is unmistakable".to_owned());
        }
        Some(hit)
    }

    /// Whether a candidate can come to anything: a word of credentials right by it, a provider named in its reach, or a
    /// shape that needs neither. Nine candidates in ten of real code are hashes and identifiers and end here.
    fn is_worth(&self, run: Span) -> bool {
        if self.engine.is_lenient() || !self.path.is_empty() || self.key_file {
            return true;
        }
        let near = Span::new(run.start.saturating_sub(ROLE_BEFORE), run.end + ROLE_BEHIND);
        let wide = Span::new(run.start.saturating_sub(BEFORE), run.end + BEHIND);
        let first = self.mentions.partition_point(|mention| mention.span.start < wide.start);
        let named = self.mentions[first..].iter().take_while(|mention| mention.span.start < wide.end).any(|mention| {
            match mention.mark {
                Mark::Role => near.contains(mention.span) && !run.contains(mention.span),
                Mark::Anchor(_) => false,
                Mark::Alias(_)
                | Mark::Ambiguous(_)
                | Mark::Host(_)
                | Mark::Header(_)
                | Mark::Client(_)
                | Mark::Name(_) => true,
            }
        });
        named || value::readings(self.text, run).into_iter().any(|reading| self.engine.is_shaped(reading.of(self.text)))
    }

    /// What speaks for the value at `span`; for a lenient engine all providers do.
    pub(crate) fn supports(&self, span: Span, binding: &binding::Binding, scopes: &[scope::Scope]) -> Vec<Support> {
        let weigh = |mentions: &[Mention]| {
            context::supports(self.text, span, binding, scopes, mentions, &self.path, &self.lines)
        };
        if self.engine.is_lenient() {
            let own = prospect::own_mentions(self.engine, self.text, binding);
            prospect::all_support(self.engine, weigh(&own))
        } else {
            weigh(&self.mentions)
        }
    }

    /// Judges every candidate in all its readings; the first that is recognised counts.
    fn judge(&mut self, runs: &[Span]) {
        for &run in runs {
            if run.len() > candidate::MAX_RUN || judge::is_checksum(self.text, run) {
                continue;
            }
            if self.engine.lenient.is_some_and(|most| self.hits.len() >= most) {
                return;
            }
            let decided = |hit: &Hit| {
                let general = self.engine.rules.provider(hit.provider).kind == Kind::General;
                hit.confidence == Confidence::High && hit.span.contains(run) && !general
            };
            if self.hits.iter().any(decided) {
                continue;
            }
            if !self.is_worth(run) {
                continue;
            }
            let referred = placeholder::is_reference(value::whole_word(self.text, run).of(self.text));
            if referred && value::fallback(self.text, run).is_none() {
                continue;
            }
            let mut fallback = None;
            for reading in value::readings(self.text, run) {
                if !value::stands_alone(self.text, reading) || reading.len() > shape::MAX_VALUE {
                    continue;
                }
                match self.judge_value(reading) {
                    Judgement::Hit(hit) => {
                        self.hits.push(hit);
                        fallback = None;
                        break;
                    }
                    Judgement::Unnamed(unnamed) => {
                        let better =
                            fallback.is_none() || !self.admitted(fallback.as_ref()) && self.admitted(Some(&unnamed));
                        if better {
                            fallback = Some(unnamed);
                        }
                    }
                    Judgement::Harmless => {
                        fallback = None;
                        break;
                    }
                    Judgement::Nothing => {}
                }
            }
            self.unnamed.extend(fallback);
        }
    }

    /// Whether a provider that is named near by has a part of this shape.
    fn admitted(&self, value: Option<&Unnamed>) -> bool {
        value.is_some_and(|value| {
            value.supports.iter().filter(|support| support.weight >= context::NEAR).any(|support| {
                self.engine.rules_of(support.provider).iter().any(|&id| {
                    self.engine.rules.rule(id).matching == Match::Value
                        && self.engine.shape(id).admits(value.span.of(self.text))
                })
            })
        })
    }

    pub(crate) fn judge_value(&self, span: Span) -> Judgement {
        // What can't be random and has no shape of its own is dropped before its surroundings are read.
        let value = span.of(self.text);
        if judge::is_checksum(self.text, span)
            || (!randomness::is_random(value) || judge::noise_before(self.text, span))
                && !placeholder::is_reference(value)
                && !self.engine.is_shaped(value)
        {
            return Judgement::Nothing;
        }
        Profile::count(self.engine.profile(), Count::Judged, 1);
        if let Some(judgement) = judge::alone(self.engine, value) {
            return judgement;
        }
        let binding = binding::bind_in(self.text, span, &self.columns);
        if self.engine.is_lenient() {
            let columns = binding.names.iter().filter(|name| name.how == binding::How::Column);
            self.heads.borrow_mut().extend(columns.map(|name| name.span));
        }
        // What is further out weighs less than what a lenient engine takes for granted.
        let scopes = if self.engine.is_lenient() {
            scope::innermost(self.text, span.start).into_iter().collect()
        } else {
            scope::scopes(self.text, span.start)
        };
        let supports = self.supports(span, &binding, &scopes);
        let scope = scope::object(&scopes);
        let label = scopes
            .first()
            .filter(|scope| matches!(scope.kind, scope::Kind::Bracket(b'{' | b'[') | scope::Kind::Indent))
            .map(|scope| scope.label);
        let case = Case {
            text: self.text,
            span,
            binding: &binding,
            supports: &supports,
            scope,
            label,
            path: &self.hint.path,
            key_file: self.key_file,
        };
        let minified = || self.hint.is_minified(self.text, span.start);
        match judge::judge(self.engine, &case) {
            Judgement::Hit(hit) if self.engine.rules.provider(hit.provider).id == "generic" && minified() => {
                Judgement::Hit(Hit { confidence: Confidence::Low, ..hit })
            }
            other => other,
        }
    }
}

/// The parts of a text to read for words: around the candidates, and the head.
fn regions(text: &[u8], runs: &[Span], anchors: &[Span], wide: bool) -> Vec<Span> {
    if text.len() <= HEAD {
        return vec![Span::new(0, text.len())];
    }
    let (before, behind) = if runs.len() > DENSE && !wide { (ROLE_BEFORE, ROLE_BEHIND) } else { (BEFORE, BEHIND) };
    let mut places: Vec<Span> = runs.iter().chain(anchors).copied().collect();
    places.sort_unstable();
    let mut all: Vec<Span> = vec![Span::new(0, HEAD)];
    for place in places {
        let (start, end) = (place.start.saturating_sub(before), (place.end + behind).min(text.len()));
        match all.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => all.push(Span::new(start, end)),
        }
    }
    all
}

/// The providers that a path names, those of the file's own name first.
fn path_providers(engine: &Engine<'_>, path: &str) -> Vec<ProviderId> {
    let known = &engine.tables().vocabulary.path;
    let owners = &engine.rules.words().path_owners;
    let mut all = Vec::new();
    let mut numbers = Vec::new();
    for name in path.rsplit('/') {
        let words = names::words(name.as_bytes());
        for word in &words {
            known.all_at(word.as_bytes(), |number, length| numbers.extend((length == word.len()).then_some(number)));
        }
        let joined = words.concat();
        for at in 0..joined.len() {
            known.all_at(&joined.as_bytes()[at..], |number, length| numbers.extend((length >= 6).then_some(number)));
        }
        // The words are numbered by their rank.
        numbers.sort_unstable();
        for provider in numbers.drain(..).map(|number| owners[number]) {
            if !all.contains(&provider) {
                all.push(provider);
            }
        }
    }
    all
}

/// Of hits that overlap, keeps the best: the surer, the one of a known provider, the longer.
fn settle(engine: &Engine<'_>, mut hits: Vec<Hit>) -> Vec<Hit> {
    let rank = |hit: &Hit| {
        let provider = engine.rules.provider(hit.provider);
        let specific = !crate::rules::generic(&provider.id.replace('-', ""));
        let exchange = hit.weight >= context::NEAR;
        (specific && exchange, hit.confidence, specific, hit.span.len(), hit.weight)
    };
    hits.sort_by(|a, b| rank(b).cmp(&rank(a)).then(a.span.cmp(&b.span)).then(a.rule.cmp(&b.rule)));
    let mut kept: Vec<Hit> = Vec::new();
    for hit in hits {
        if !kept.iter().any(|other| other.span.overlaps(hit.span)) {
            kept.push(hit);
        }
    }
    kept.sort_by_key(|a| a.span);
    kept
}
