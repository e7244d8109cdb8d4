//! One text under examination: the words around its candidates, and what is decided on each.

use std::cell::RefCell;
use std::collections::HashSet;

use super::context::{self, Support};
use super::judge::{self, Case, Hit, Judgement, Unnamed};
use super::profile::{Count, Profile, Stage, Stopwatch};
use super::proof::{self, Proof};
use super::vocabulary::{Mark, Mention};
use super::{
    Engine, Hint, binding, candidate, dev_key, handed, lines, named, names, pair, placeholder, prospect, randomness,
    scope, shape, third, value, whole,
};
use crate::credential::{self, Credential};
use crate::rules::{Confidence, Evidence, Kind, Match, ProviderId, Role, RuleId};
use crate::span::Span;
use crate::view;

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
    pub(super) near: Option<Vec<Span>>,
    /// What is found depends on candidates that are not judged.
    pub(crate) unsure: bool,
    /// The heads of columns by which values that were judged are named.
    pub(super) heads: RefCell<Vec<Span>>,
    pub(super) columns: binding::Columns,
    lines: lines::Lines,
}

/// How much text before and behind a candidate is read for words.
pub(super) const BEFORE: usize = 2048;
pub(super) const BEHIND: usize = 512;
/// How near a word of credentials must stand to a candidate to speak for it.
const ROLE_BEFORE: usize = 400;
const ROLE_BEHIND: usize = 100;
/// A text with more candidates than this is data: lock files, hashes, recorded answers. What speaks for a value stands
/// right by it there.
pub(super) const DENSE: usize = 200;
/// The head of a text is always read: imports and titles stand there.
pub(super) const HEAD: usize = 2048;

impl<'e, 'r, 't> Document<'e, 'r, 't> {
    /// Reads the words around the candidates and anchors and decides on each.
    /// `spoken`: phrases are spoken of.
    pub(super) fn read(
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
    pub(super) fn examine(
        engine: &'e Engine<'r>,
        text: &'t [u8],
        hint: &'t Hint,
        runs: &[Span],
        regions: &[Span],
    ) -> Self {
        Self::examine_as(engine, text, hint, (runs, runs), regions)
    }

    /// The same, with other candidates that may be sent in a header than those that are judged.
    pub(super) fn examine_as(
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
    pub(super) fn examine_some(
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

    pub(super) fn credentials(self) -> Vec<Credential> {
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
    pub(super) fn is_worth(&self, run: Span) -> bool {
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
pub(super) fn regions(text: &[u8], runs: &[Span], anchors: &[Span], wide: bool) -> Vec<Span> {
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

/// What a path says of a text that lies there: at paths of one class the same is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathClass {
    /// What it says of any text, a bit for each answer.
    kind: u8,
    /// What it says of texts that can hold credentials.
    names: Option<(bool, bool, Vec<ProviderId>)>,
    /// The path itself, if rules of other scanners ask for it.
    file: Vec<u8>,
}

impl PathClass {
    /// `hint` holds the path. `barren`: nothing in the text can be a credential, whoever it were of.
    pub(super) fn of(engine: &Engine<'_>, hint: &Hint, barren: bool) -> Self {
        let name = hint.path.rsplit('/').next().unwrap_or_default();
        let kind = prospect::kind(hint)
            | u8::from(view::notebook::is_notebook(&hint.path)) << 3
            | u8::from(whole::is_name_of_prose(name)) << 4;
        let names = || (hint.is_rehearsal(), judge::is_of_chain(&hint.path), path_providers(engine, &hint.path));
        let file = if engine.rules.foreign().is_empty() { Vec::new() } else { hint.file.clone() };
        Self { kind, names: (!barren).then(names), file }
    }
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
