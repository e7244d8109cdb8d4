//! Whether a text could hold a credential at all, whatever the rest of it said: the question that lets the versions of a
//! file be read by what changed in them.
//!
//! A finding depends on text around it: a provider named at the head of a file makes a credential of a value far below. So
//! the pieces that changed can't be scanned alone. But a *lenient* engine, for which every provider is spoken of
//! everywhere, needs nothing but a value's near surroundings (its names, what encloses it, its line), and finds no less
//! than the real one. If it finds nothing in one version, and nothing around what is new in the next, then no place of the
//! next version is a credential either, whatever became of the context. Where it finds something, the text is scanned as
//! a whole.

use std::cmp::Reverse;

use super::binding::Binding;
use super::context::{ENCLOSED, Support};
use super::vocabulary::Mention;
use super::{
    BEFORE, BEHIND, Document, Engine, HEAD, Hint, anchor, candidate, dev_key, judge, proof, randomness, regions, token,
    value, whole,
};
use crate::rules::RuleSet;
use crate::span::Span;
use crate::view;

/// What is remembered of a text in which nothing can be a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Barren {
    /// Recovery phrases were looked for in it.
    phrases: bool,
    /// It has candidates, be it in escapes, or anchors, so its encoded pieces were decoded.
    places: bool,
    /// It was read as a file of settings.
    settings: bool,
}

impl Barren {
    /// As three bits.
    #[must_use]
    pub fn bits(self) -> u8 {
        u8::from(self.phrases) | u8::from(self.places) << 1 | u8::from(self.settings) << 2
    }

    /// From the lowest three bits.
    #[must_use]
    pub fn from_bits(bits: u8) -> Self {
        Self { phrases: bits & 1 != 0, places: bits & 2 != 0, settings: bits & 4 != 0 }
    }
}

/// How far before a change a value may begin whose end or neighbours it changes, or a literal that it is sought from.
const BACK: usize = 2 * 1024;
/// How far behind a change a value may stand whose names it changes.
const NAMES: usize = 1024 + 256;
/// How far behind a change a value may stand whose scopes it changes: as far as they are sought, and a line.
const SCOPES: usize = 6 * 1024 + 512;
/// How far behind a change its words are read.
const WORDS: usize = 512;
/// No word of a provider is longer.
const LONGEST_WORD: usize = 256;
/// How far before a change a block of PEM may begin.
const PEM: usize = 8 * 1024;
/// What an array of numbers spans at most.
const ARRAY: usize = 64 * 40 + 2;

/// What is looked at of a text.
struct Look<'t> {
    text: &'t [u8],
    hint: &'t Hint,
    /// Where a value may stand, or have stood, that isn't in a version known.
    zones: Vec<Span>,
    runs: Vec<Span>,
    anchors: Vec<Span>,
    /// Where words are read.
    regions: Vec<Span>,
    depth: usize,
}

impl Engine<'_> {
    /// Whether nothing in a text can be a credential, so that a scan of it finds nothing. `known` is what was said of
    /// another version of the text and where this one differs from it: the places of new bytes and, as empty spans, of
    /// what is gone. Of a file's name only its kind counts.
    #[must_use]
    pub fn barren(&self, text: &[u8], hint: &Hint, known: Option<(Barren, &[Span])>) -> Option<Barren> {
        if !self.rules.foreign().is_empty() {
            return None;
        }
        let lenient = Engine {
            rules: self.rules,
            tables: self.tables.clone(),
            foreign: self.foreign.clone(),
            lenient: true,
            profile: self.profile.clone(),
        };
        let settings = judge::is_settings(&hint.path);
        if let Some((before, fresh)) = known.filter(|(before, _)| before.settings == settings) {
            let phrases = before.phrases
                || whole::is_prose(text, hint)
                || fresh.iter().any(|&span| whole::speaks_of_phrases(wide(text, span, 8, 8).of(text)));
            let look = lenient.changed(text, hint, fresh, before.places);
            let any = look.any();
            if phrases == before.phrases && (before.places || !any) {
                if whole_values(text, fresh, phrases) {
                    return None;
                }
                let places = before.places || any;
                let viable = places && lenient.viable(&look);
                return (!viable).then_some(Barren { phrases, places, settings });
            }
        }
        let all = Span::new(0, text.len());
        let look = Look::whole(text, hint, all, 0);
        let phrases = whole::is_sought(text, hint);
        if whole_values(text, &[all], phrases) {
            return None;
        }
        let places = look.any();
        let viable = places && lenient.viable(&look);
        (!viable).then_some(Barren { phrases, places, settings })
    }

    /// What is to be looked at if only some places are new. `places`: there are candidates or anchors elsewhere.
    fn changed<'t>(&self, text: &'t [u8], hint: &'t Hint, fresh: &[Span], places: bool) -> Look<'t> {
        let zones = joined(fresh.iter().map(|&span| wide(text, span, BACK, NAMES)));
        let (mut runs, anchors) = self::places(text, &zones);
        let mut regions = read_for_words(text, fresh, &runs, &anchors, places);
        // The rest was judged in the version known.
        runs.retain(|&run| is_new(run, fresh) || self.is_alive(text, run));
        for span in joined(fresh.iter().map(|&span| wide(text, Span::new(span.end, span.end), 0, SCOPES))) {
            let tokens = whole_tokens(text, span);
            candidate::runs(tokens.of(text), |run| {
                let run = run.shifted(tokens.start);
                if self.is_alive(text, run) {
                    runs.push(run);
                }
            });
        }
        runs.sort_unstable();
        runs.dedup();
        // The words of a value's names are read when it is judged, and those of a block of PEM lead to it from afar.
        regions.extend(anchors.iter().map(|&anchor| wide(text, anchor, LONGEST_WORD, LONGEST_WORD)));
        regions.sort_unstable();
        Look { text, hint, zones, runs, anchors, regions: joined(regions.into_iter()), depth: 0 }
    }

    /// Whether a candidate can be judged to be anything.
    fn is_alive(&self, text: &[u8], run: Span) -> bool {
        run.len() <= candidate::MAX_RUN
            && value::readings(text, run).into_iter().any(|reading| {
                let value = reading.of(text);
                randomness::is_random(value) || self.is_shaped(value)
            })
    }

    /// Whether one of the places could be a credential, as it stands or decoded.
    fn viable(&self, look: &Look<'_>) -> bool {
        let Look { text, hint, runs, anchors, regions, .. } = look;
        if look.zones.iter().any(|&zone| dev_key::may_be(text, zone, runs)) {
            return true;
        }
        if (!runs.is_empty() || !anchors.is_empty() || !regions.is_empty())
            && !Document::examine(self, text, hint, runs, regions).hits.is_empty()
        {
            return true;
        }
        look.depth < view::MAX_DEPTH && look.zones.iter().any(|&zone| self.viable_decoded(look, zone))
    }

    fn viable_decoded(&self, look: &Look<'_>, zone: Span) -> bool {
        // Names before a zone may be encoded; what lies further off changes nothing that is in it.
        let close = whole_tokens(look.text, wide(look.text, zone, 1024, 256));
        if decoded(close.of(look.text)).is_none() {
            return false;
        }
        let piece = whole_tokens(look.text, wide(look.text, zone, SCOPES, 1024));
        let Some(view) = decoded(piece.of(look.text)) else { return false };
        let (start, end) = (zone.start - piece.start, zone.end - piece.start);
        let zone = Span::new(view.position(start, false), view.position(end, true));
        whole_values(&view.text, &[zone], true)
            || self.viable(&Look::whole(&view.text, look.hint, zone, look.depth + 1))
    }
}

impl<'t> Look<'t> {
    /// Whether there is a candidate or an anchor, as it stands or behind escapes.
    fn any(&self) -> bool {
        let hidden = |&zone: &Span| view::hides_candidate(wide(self.text, zone, BACK, BACK).of(self.text));
        !self.runs.is_empty() || !self.anchors.is_empty() || self.zones.iter().any(hidden)
    }

    /// What is looked at if nothing is known of what stands in a zone.
    fn whole(text: &'t [u8], hint: &'t Hint, zone: Span, depth: usize) -> Self {
        let (runs, anchors) = places(text, &[zone]);
        let regions = if runs.is_empty() && anchors.is_empty() {
            Vec::new()
        } else if zone.len() < text.len() {
            vec![zone]
        } else {
            regions(text, &runs, &anchors, true)
        };
        Self { text, hint, zones: vec![zone], runs, anchors, regions, depth }
    }
}

fn decoded(piece: &[u8]) -> Option<view::View> {
    let mut runs = Vec::new();
    candidate::runs(piece, |run| runs.push(run));
    view::decode_all(piece, &runs)
}

/// The support of all providers, by their numbers, as strong as that of any mention that stands neither in a value's own
/// name nor in what it is handed to.
pub(super) fn every_provider(rules: &RuleSet) -> Vec<Support> {
    rules.provider_ids().map(|provider| Support { provider, weight: ENCLOSED + 1, mention: None }).collect()
}

/// The support of all providers, raised to what was found; the heaviest first.
pub(super) fn all_support(engine: &Engine<'_>, found: Vec<Support>) -> Vec<Support> {
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
pub(super) fn own_mentions(engine: &Engine<'_>, text: &[u8], binding: &Binding) -> Vec<Mention> {
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
        engine.tables().vocabulary.mentions(text, place, &mut all);
    }
    all
}

/// Whether a phrase or an array of numbers stands at one of the places.
fn whole_values(text: &[u8], spans: &[Span], phrases: bool) -> bool {
    let arrays = joined(spans.iter().map(|&span| wide(text, span, ARRAY, ARRAY)));
    arrays.iter().any(|span| !proof::byte_arrays(span.of(text)).is_empty())
        || phrases && spans.iter().any(|&span| proof::mnemonic::is_in(text, span))
}

/// The candidates and anchors that begin in some regions.
fn places(text: &[u8], regions: &[Span]) -> (Vec<Span>, Vec<Span>) {
    let (mut runs, mut anchors) = (Vec::new(), Vec::new());
    for &region in regions {
        let tokens = whole_tokens(text, region);
        candidate::runs(tokens.of(text), |run| runs.push(run.shifted(tokens.start)));
        // Whether a literal leads to a value is told by what follows it.
        let read = wide(text, region, 16, 512);
        let found = anchor::find(read.of(text)).into_iter().map(|span| span.shifted(read.start));
        anchors.extend(found.filter(|span| span.start < region.end));
        let before = wide(text, Span::new(region.start, region.start), PEM, 16);
        let pem = memchr::memmem::rfind(before.of(text), b"-----BEGIN").map(|at| before.start + at);
        anchors.extend(pem.map(|at| Span::new(at, at + 10)));
    }
    anchors.sort_unstable();
    anchors.dedup();
    (runs, anchors)
}

/// Where around what is new a scan of the whole text may read words: in its head, and within reach of a candidate or an
/// anchor. `runs` and `anchors` are those near.
fn read_for_words(text: &[u8], fresh: &[Span], runs: &[Span], anchors: &[Span], places: bool) -> Vec<Span> {
    let read = |&span: &Span| {
        let reached = wide(text, span, BACK + BEHIND, WORDS + BEFORE);
        let near = |place: &Span| place.overlaps(reached);
        let holds = |piece: Span| {
            let mut any = false;
            candidate::runs(whole_tokens(text, piece).of(text), |_| any = true);
            any || !anchor::find(wide(text, piece, LONGEST_WORD, LONGEST_WORD).of(text)).is_empty()
        };
        // What stands nearer was looked at.
        let before = Span::new(reached.start, span.start.saturating_sub(BACK));
        let behind = Span::new((span.end + NAMES).min(reached.end), reached.end);
        span.start < HEAD + BACK && places || runs.iter().chain(anchors).any(near) || holds(behind) || holds(before)
    };
    fresh.iter().filter(|span| read(span)).map(|&span| wide(text, span, BACK, WORDS)).collect()
}

/// Whether a place touches a change, or nearly.
fn is_new(place: Span, fresh: &[Span]) -> bool {
    const NEAR: usize = 16;
    let first = fresh.partition_point(|span| span.end + NEAR < place.start);
    fresh.get(first).is_some_and(|span| span.start <= place.end + NEAR)
}

/// A span with so much before and behind it.
fn wide(text: &[u8], span: Span, before: usize, behind: usize) -> Span {
    Span::new(span.start.saturating_sub(before), (span.end + behind).min(text.len()))
}

/// A span without half tokens at its ends.
fn whole_tokens(text: &[u8], Span { mut start, mut end }: Span) -> Span {
    while start > 0 && candidate::is_token(text[start - 1]) {
        start -= 1;
    }
    while end < text.len() && candidate::is_token(text[end]) {
        end += 1;
    }
    Span::new(start, end)
}

/// Sorted spans, those that touch made one.
fn joined(spans: impl Iterator<Item = Span>) -> Vec<Span> {
    let mut all: Vec<Span> = Vec::new();
    for span in spans {
        match all.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => all.push(span),
        }
    }
    all
}
