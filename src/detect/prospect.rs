//! Where in a text credentials can stand at all, whatever the rest of it said: the question that lets the versions of a file
//! be read by what changed in them.
//!
//! A finding depends on text around it: a provider named at the head of a file makes a credential of a value far below. So
//! the pieces that changed can't be scanned alone. But a *lenient* engine, for which every provider is spoken of
//! everywhere, needs nothing but a value's near surroundings (its names, what encloses it, its line), and finds no less
//! than the real one. So where it finds nothing, no value is a credential, whatever became of the context, and what it said
//! of a place holds in every version in which the near surroundings are the same. A version is looked at where it is new;
//! if a credential can stand somewhere, the real engine judges the values at these places only ([`Engine::scan_near`]).

mod felt;
mod lenient;
mod look;
mod spans;

use std::ops::ControlFlow;

use super::document::{Document, regions};
use super::{Engine, Hint, context, dev_key, judge, proof, viable, whole};
use crate::credential::Credential;
use crate::rules::MAX_REACH;
use crate::span::Span;
use crate::view;
use felt::{is_long, is_new};
pub(super) use lenient::{all_support, every_provider, own_mentions, reaching};
use look::{LONGEST_WORD, Look, MAX_NAMES, readings};
use spans::{joined, line_of, shared, wide};

/// What is remembered of a text: where credentials can stand in it, and what was looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prospect {
    /// The values that can be credentials, in the order of the text; none overlap.
    pub places: Vec<Span>,
    /// Recovery phrases were looked for in it.
    phrases: bool,
    /// It has candidates, be it in escapes, or anchors, so its encoded pieces were decoded.
    candidates: bool,
    /// One of these can be a value, as far as that can be told without the words around.
    worth: bool,
    /// What its name said.
    kind: u8,
}

impl Prospect {
    /// Nothing in the text can be a credential.
    #[must_use]
    pub fn is_barren(&self) -> bool {
        self.places.is_empty()
    }

    /// Something in the text can be a value, as far as that can be told without the words around: a look at it takes longer.
    #[must_use]
    pub fn is_worth(&self) -> bool {
        self.worth
    }

    /// What it is beside its places, as six bits.
    #[must_use]
    pub fn bits(&self) -> u8 {
        u8::from(self.phrases) | u8::from(self.candidates) << 1 | u8::from(self.worth) << 2 | self.kind << 3
    }

    /// From the lowest six bits, and places.
    #[must_use]
    pub fn new(bits: u8, places: Vec<Span>) -> Self {
        let is = |bit: u8| bits >> bit & 1 != 0;
        Self { places, phrases: is(0), candidates: is(1), worth: is(2), kind: bits >> 3 & 7 }
    }
}

/// A text in which more values can be credentials is not looked at by places.
const MOST: usize = 64;
/// How far from such a value the values stand that are judged with it: neighbours complete each other.
const NEIGHBOURS: usize = 2 * 1024;
/// How far beyond these the words stand that lead to one: as far as anything is sought from its anchor.
const LEADING: usize = MAX_REACH + 512;
/// What an array of numbers spans at most.
const ARRAY: usize = 64 * 40 + 2;

/// What a file's name says that a value's judgement hangs on, as three bits.
pub(super) fn kind(hint: &Hint) -> u8 {
    u8::from(judge::is_settings(&hint.path)) | u8::from(hint.is_key_file()) << 1 | u8::from(hint.is_web_program()) << 2
}

impl<'r> Engine<'r> {
    /// Where in a text credentials can stand; none if that can't be told by places. `known` is what was said of another
    /// version of the text, with its places as they are in this one, and where this one differs from it: the places of new
    /// bytes and, as empty spans, of what is gone. Of a file's name only its kind counts.
    #[must_use]
    pub fn prospect(&self, text: &[u8], hint: &Hint, known: Option<(Prospect, &[Span])>) -> Option<Prospect> {
        if !self.rules.foreign().is_empty() || view::notebook::is_notebook(&hint.path) {
            return None;
        }
        let lenient = self.lenient(MOST + 1);
        if let Some((before, fresh)) = known.filter(|(before, _)| before.kind == kind(hint))
            && let ControlFlow::Break(told) = lenient.of_version(text, hint, before, fresh)
        {
            return told;
        }
        lenient.of_whole(text, hint)
    }

    /// The same of a version of a text that is known, unless all of it has to be looked at.
    fn of_version(&self, text: &[u8], hint: &Hint, before: Prospect, fresh: &[Span]) -> ControlFlow<Option<Prospect>> {
        let speaks = |span: &Span| whole::speaks_of_phrases(wide(text, *span, 8, 8).of(text));
        let mut look = Look::near(text, hint, fresh);
        let anew = !before.candidates && look.any()
            || !before.phrases && (whole::is_prose(text, hint) || fresh.iter().any(speaks));
        if anew {
            return ControlFlow::Continue(());
        }
        if whole_values(text, fresh, before.phrases) {
            return ControlFlow::Break(None);
        }
        if !before.candidates {
            return ControlFlow::Break(Some(before));
        }
        look.encoded_near(fresh);
        if !before.worth {
            return match self.is_worth(&look) {
                None => ControlFlow::Break(None),
                Some(false) => ControlFlow::Break(Some(before)),
                Some(true) => ControlFlow::Continue(()),
            };
        }
        let headed: Option<Vec<_>> = fresh.iter().map(|&change| felt::headed_anew(text, change, &look.zones)).collect();
        let Some(headed) = headed else { return ControlFlow::Continue(()) };
        self.widen(&mut look, fresh, headed.into_iter().flatten());
        let judged = |place: &Span| {
            look.encoded.iter().any(|zone| zone.contains(*place)) && look.runs.iter().any(|run| run.overlaps(*place))
        };
        let (anew, mut places): (Vec<Span>, Vec<Span>) = before.places.iter().partition(|place| judged(place));
        if !anew.is_empty() {
            look.regions.extend(anew.iter().map(|&place| wide(text, place, MAX_NAMES, LONGEST_WORD)));
            look.regions.sort_unstable();
            look.regions = joined(look.regions.into_iter());
        }
        let Some(mut more) = self.places(&look) else { return ControlFlow::Break(None) };
        places.append(&mut more);
        // The head of a table names values in rows that may be far off.
        let told = |head: &Span| is_new(line_of(text, *head), fresh) && is_long(text, *head, &look.zones);
        if look.heads.borrow().iter().any(told) {
            return ControlFlow::Continue(());
        }
        ControlFlow::Break(Prospect { places, ..before }.in_order())
    }

    /// The same of a text of which nothing is known.
    fn of_whole(&self, text: &[u8], hint: &Hint) -> Option<Prospect> {
        let phrases = whole::is_sought(text, hint);
        if whole_values(text, &[Span::new(0, text.len())], phrases) {
            return None;
        }
        let mut look = Look::whole(text, hint);
        let candidates = look.any();
        let worth = candidates && self.is_worth(&look)?;
        let places = if worth {
            look.words();
            self.places(&look)?
        } else {
            Vec::new()
        };
        Prospect { places, phrases, candidates, worth, kind: kind(hint) }.in_order()
    }

    /// All credentials in a text, of which [`Engine::prospect`] told where they can stand: what [`Engine::scan`] finds.
    #[must_use]
    pub fn scan_near(&self, text: &[u8], hint: &Hint, places: &[Span]) -> Vec<Credential> {
        let near = self.scan_view(text, hint, 0, None, Some(places));
        near.map_or_else(|| self.scan(text, hint), |(found, _)| found)
    }

    /// What stands at some places and by them; none if more of the text has to be known for that.
    pub(super) fn read_near(
        &self,
        text: &[u8],
        hint: &Hint,
        (runs, anchors): (&[Span], &[Span]),
        places: &[Span],
    ) -> Option<Vec<Credential>> {
        let near = joined(places.iter().map(|&place| wide(text, place, NEIGHBOURS, NEIGHBOURS)));
        let (before, behind) = context::REACH;
        let reached = near.iter().map(|&span| wide(text, span, before + LONGEST_WORD, behind + LONGEST_WORD));
        let head = Span::new(0, (context::HEAD + LONGEST_WORD).min(text.len()));
        // No word goes over the end of a line.
        let reached = joined([head].into_iter().chain(reached).map(|span| line_of(text, span)));
        let words = shared(&regions(text, runs, anchors, false), &reached);
        let runs: Vec<Span> = runs.iter().copied().filter(|run| near.iter().any(|near| near.overlaps(*run))).collect();
        let leading = joined(near.iter().map(|&span| wide(text, span, LEADING, LEADING)));
        let document = Document::examine_some(self, text, hint, (&runs, leading), &words);
        (!document.unsure).then(|| document.credentials())
    }

    /// An engine for which all providers are spoken of everywhere, and that stops at so many hits.
    fn lenient(&self, hits: usize) -> Engine<'r> {
        Engine {
            rules: self.rules,
            tables: self.tables.clone(),
            foreign: self.foreign.clone(),
            lenient: Some(hits),
            profile: self.profile.clone(),
        }
    }

    /// The values that can be credentials, as they stand or decoded; none if that can't be told by places.
    fn places(&self, look: &Look<'_>) -> Option<Vec<Span>> {
        let Look { text, hint, runs, handed, anchors, regions, .. } = look;
        let key = |run: &Span| dev_key::may_be(text, *run);
        if runs.iter().any(key) || look.zones.iter().any(|&zone| dev_key::phrase_may_be(text, zone)) {
            return None;
        }
        let mut all = Vec::new();
        if !runs.is_empty() || !handed.is_empty() || !anchors.is_empty() || !regions.is_empty() {
            let document = Document::examine_as(self, text, hint, (runs, handed), regions);
            if document.hits.len() > MOST {
                return None;
            }
            all.extend(document.hits.iter().map(|hit| hit.span));
            look.heads.borrow_mut().append(&mut document.heads.take());
        }
        if look.depth < view::MAX_DEPTH {
            for &zone in &look.encoded {
                all.append(&mut self.decoded_places(look, zone)?);
            }
        }
        Some(all)
    }

    /// Whether something that is looked at can be a value, as it stands or decoded, as far as that can be told without the
    /// words around: if not, a scan finds nothing, see [`viable`]. None if that can't be told by places.
    fn is_worth(&self, look: &Look<'_>) -> Option<bool> {
        let Look { text, runs, anchors, .. } = look;
        let literals = |zone: &Span| self.weak_anchors().is_some_and(|literals| literals.is_in(zone.of(text)));
        if viable::leads_any(self, text, runs, anchors) || look.zones.iter().any(literals) {
            return Some(true);
        }
        if look.depth < view::MAX_DEPTH {
            for &zone in &look.encoded {
                let (piece, readings) = readings(look, zone, false);
                for reading in readings.iter() {
                    if self.is_worth(&look.inside(reading, zone, piece)?)? {
                        return Some(true);
                    }
                }
            }
        }
        Some(false)
    }

    fn decoded_places(&self, look: &Look<'_>, zone: Span) -> Option<Vec<Span>> {
        // What a value stands in may be called by an escape.
        let (piece, readings) = readings(look, zone, look.runs.iter().any(|run| run.overlaps(zone)));
        let mut all = Vec::new();
        for reading in readings.iter() {
            let mut inner = look.inside(reading, zone, piece)?;
            inner.words();
            let original = |span| reading.original(span).shifted(piece.start);
            all.extend(self.places(&inner)?.into_iter().map(original));
            look.heads.borrow_mut().extend(inner.heads.take().into_iter().map(original));
        }
        Some(all)
    }
}

impl Prospect {
    /// With its places in order, if they are not too many.
    fn in_order(mut self) -> Option<Self> {
        self.places.sort_unstable();
        self.places = joined(self.places.into_iter());
        (self.places.len() <= MOST).then_some(self)
    }
}

/// Whether a phrase or an array of numbers stands at one of the places.
fn whole_values(text: &[u8], spans: &[Span], phrases: bool) -> bool {
    let arrays = joined(spans.iter().map(|&span| wide(text, span, ARRAY, ARRAY)));
    arrays.iter().any(|span| !proof::byte_arrays(span.of(text)).is_empty())
        || phrases && spans.iter().any(|&span| proof::mnemonic::is_in(text, span))
}
