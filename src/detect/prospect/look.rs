//! What is looked at of a text: all of it, what changed in it, or what was decoded in it.

use std::cell::RefCell;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::felt::{Titles, is_before_item, is_felt, is_named_above, is_new};
use super::spans::{joined, line_of, shared, whole_tokens, wide};
use crate::detect::literal::Presence;
use crate::detect::{
    BEFORE, BEHIND, Engine, HEAD, Hint, anchor, candidate, judge, named, randomness, regions, scope, token, value,
};
use crate::span::Span;
use crate::view;

/// How far before a change a value may begin whose end or neighbours it changes, or a literal that it is sought from.
pub(super) const BACK: usize = 2 * 1024;
/// How near the neighbours stand that make a pair or a joined string of a value.
pub(super) const NEAR: usize = 512;
/// How far before a value its names begin.
pub(super) const MAX_NAMES: usize = 1024;
/// How far behind a change a value may stand whose names it changes.
pub(super) const NAMES: usize = 1024 + 256;
/// How far behind a change a value may stand whose scopes it changes: as far as they are sought, and a line.
pub(super) const SCOPES: usize = 6 * 1024 + 512;
/// How far behind a change a value may stand that is sent in a header by the scopes of its use.
const HANDED: usize = SCOPES + 1024;
/// How far behind a change its words are read.
pub(super) const WORDS: usize = 512;
/// More lines than an item of a list stands below the name of the list.
const ITEMS: usize = 66;
/// How far behind a literal it is told whether it leads to a value.
const GIVEN: usize = 320;
/// How many bytes an escape has at most for one that is read.
const ESCAPE: usize = 6;
/// No word of a provider is longer.
pub(super) const LONGEST_WORD: usize = 256;
/// How far before a change a block of PEM may begin.
pub(super) const PEM: usize = 8 * 1024;

/// What is looked at of a text.
pub(super) struct Look<'t> {
    pub(super) text: &'t [u8],
    pub(super) hint: &'t Hint,
    /// Where a value may stand, or have stood, that isn't in a version known.
    pub(super) zones: Vec<Span>,
    /// The same for what is encoded. It is whole tokens, and the joints between pieces stand close.
    pub(super) encoded: Vec<Span>,
    /// The candidates that are judged.
    pub(super) runs: Vec<Span>,
    /// Those that may be sent in a header.
    pub(super) handed: Vec<Span>,
    pub(super) anchors: Vec<Span>,
    /// Where words are read.
    pub(super) regions: Vec<Span>,
    pub(super) depth: usize,
    /// The heads of columns by which values are named.
    pub(super) heads: RefCell<Vec<Span>>,
}

impl<'t> Look<'t> {
    /// Whether there is a candidate or an anchor, as it stands or behind escapes.
    pub(super) fn any(&self) -> bool {
        let hidden = |&zone: &Span| view::hides_candidate(wide(self.text, zone, BACK, BACK).of(self.text));
        !self.handed.is_empty() || !self.runs.is_empty() || !self.anchors.is_empty() || self.zones.iter().any(hidden)
    }

    /// What is looked at if nothing is known of a text.
    pub(super) fn whole(text: &'t [u8], hint: &'t Hint) -> Self {
        let all = Span::new(0, text.len());
        let (runs, anchors) = places(text, &[all]);
        let none = runs.is_empty() && anchors.is_empty();
        let regions = if none { Vec::new() } else { regions(text, &runs, &anchors, true) };
        Self::zone(text, hint, all, (runs, anchors), regions, 0)
    }

    /// What is looked at in one zone.
    fn zone(
        text: &'t [u8],
        hint: &'t Hint,
        zone: Span,
        (runs, anchors): (Vec<Span>, Vec<Span>),
        regions: Vec<Span>,
        depth: usize,
    ) -> Self {
        let (zones, encoded, handed) = (vec![zone], vec![zone], runs.clone());
        Self { text, hint, zones, encoded, runs, handed, anchors, regions, depth, heads: RefCell::default() }
    }

    /// What is looked at of a reading: what was decoded, and what stands near enough to it to be another thing by that.
    pub(super) fn decoded(view: &'t view::View, hint: &'t Hint, zone: Span, depth: usize) -> Self {
        let text = view.text.as_slice();
        let pieces: Vec<Span> = view.pieces().collect();
        let near = joined(pieces.iter().map(|&piece| wide(text, piece, NEAR, NAMES)));
        let (mut runs, anchors) = places(text, &[zone]);
        let titled = |run: Span| {
            let label = scope::innermost(text, run.start).map(|scope| scope.label);
            label.is_some_and(|label| pieces.iter().any(|piece| label.start <= piece.end && piece.start <= label.end))
        };
        runs.retain(|&run| near.iter().any(|near| near.overlaps(run)) || titled(run));
        let regions = shared(&joined(pieces.iter().map(|&piece| wide(text, piece, MAX_NAMES, WORDS))), &[zone]);
        Self::zone(text, hint, zone, (runs, anchors), regions, depth)
    }
}

impl Engine<'_> {
    /// What is to be looked at if only some places are new. `places`: there are candidates or anchors elsewhere.
    pub(super) fn changed<'t>(&self, text: &'t [u8], hint: &'t Hint, fresh: &[Span], places: bool) -> Look<'t> {
        // What stands behind a value on its line may make the line a row of a table.
        let zones = joined(fresh.iter().map(|&span| {
            let near = wide(text, span, BACK, NAMES);
            Span::new(near.start.min(token::line_start(text, span.start)), near.end)
        }));
        let (mut runs, anchors) = self::places(text, &zones);
        let mut regions = self.read_for_words(text, fresh, &runs, &anchors, places);
        let mut handed = runs.clone();
        // A variable far behind may be sent by what its use stands in.
        for around in joined(fresh.iter().map(|&span| wide(text, span, SCOPES, HANDED))) {
            if memchr::memmem::find(around.of(text), b"eader").is_some() {
                let tokens = whole_tokens(text, around);
                candidate::runs(tokens.of(text), |run| handed.push(run.shifted(tokens.start)));
            }
        }
        handed.sort_unstable();
        handed.dedup();
        // The rest was judged in the version known.
        runs.retain(|&run| is_new(run, fresh) || is_felt(text, run, fresh) && self.is_alive(text, run));
        let behind = joined(fresh.iter().map(|&span| {
            let near = wide(text, Span::new(span.end, span.end), 0, SCOPES);
            let last = || memchr::memchr2_iter(b'\n', b'\r', &text[span.end..]).nth(2 * ITEMS);
            let items = is_before_item(text, span.end).then(|| last().map_or(text.len(), |at| span.end + at));
            Span::new(near.start, near.end.max(items.unwrap_or_default()))
        }));
        for tokens in behind.into_iter().map(|span| whole_tokens(text, span)) {
            let mut titles = Titles::default();
            candidate::runs(tokens.of(text), |run| {
                let run = run.shifted(tokens.start);
                let last = fresh.partition_point(|span| span.end <= run.start).checked_sub(1);
                let inside = zones.iter().any(|zone| zone.contains(run));
                let Some(last) = last.filter(|_| !inside) else { return };
                let changed = fresh[last].end;
                let mut felt = || {
                    titles.may_change(text, changed, run)
                        || !judge::noise_before(text, run) && is_named_above(text, run, changed)
                };
                if self.is_alive(text, run) && felt() {
                    runs.push(run);
                }
            });
        }
        runs.sort_unstable();
        runs.dedup();
        // The words of a value's names are read when it is judged, and those of a block of PEM lead to it from afar.
        regions.extend(anchors.iter().map(|&anchor| wide(text, anchor, LONGEST_WORD, LONGEST_WORD)));
        regions.sort_unstable();
        let encoded = fresh.iter().map(|&span| {
            // Where nearly all is escapes, what is near in the reading stands far off.
            let (before, behind) = (wide(text, span, NEAR, 0), wide(text, span, 0, NAMES));
            if is_escaped(before.of(text)) || is_escaped(behind.of(text)) {
                wide(text, span, ESCAPE * NEAR, ESCAPE * SCOPES)
            } else {
                wide(text, span, NEAR, NAMES)
            }
        });
        let mut encoded: Vec<Span> = encoded.collect();
        encoded.sort_unstable();
        let encoded = joined(encoded.into_iter());
        Look {
            text,
            hint,
            zones,
            encoded,
            runs,
            handed,
            anchors,
            regions: joined(regions.into_iter()),
            depth: 0,
            heads: RefCell::default(),
        }
    }

    /// Where around what is new a scan of the whole text may read words: in its head, and within reach of a candidate or an
    /// anchor. `runs` and `anchors` are those near.
    fn read_for_words(&self, text: &[u8], fresh: &[Span], runs: &[Span], anchors: &[Span], places: bool) -> Vec<Span> {
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
        let sought = |span: &Span| {
            let mut around = self.words_around(text, *span);
            // What is read around candidates on the same side of all changes was read before.
            let next = fresh.partition_point(|other| other.start <= span.start);
            let low = next.checked_sub(2).map_or(0, |before| fresh[before].end) + GIVEN;
            let high = fresh.get(next).map_or(text.len(), |next| next.start);
            let all = || runs.iter().chain(anchors);
            let last = all().filter(|old| low <= old.start && old.end + GIVEN < span.start).map(|old| old.end).max();
            let far = span.start.saturating_sub(BEFORE + LONGEST_WORD);
            let unread = last.map_or(far, |end| (end + BEHIND).saturating_sub(LONGEST_WORD));
            around.start = around.start.min(unread.max(far));
            if !all().any(|old| span.end + 16 < old.start && old.end + GIVEN < high) {
                around.end = around.end.max((span.end + BEHIND + LONGEST_WORD).min(text.len()));
            }
            // A word of a connection's settings makes the others on its line settings.
            let line = line_of(text, *span);
            if named::in_connection(line.of(text)) {
                around.end = around.end.max(line.end);
            }
            // What was gone from the head of a text brings the rest nearer to it.
            if span.start < HEAD && places {
                around.end = around.end.max(HEAD.min(text.len()));
            }
            around
        };
        let mut all: Vec<Span> = fresh.iter().filter(|span| read(span)).map(sought).collect();
        all.sort_unstable();
        all
    }

    /// Where around a change words are read: those of the names whose values it can change, and what is sought from a word
    /// and may reach it.
    fn words_around(&self, text: &[u8], change: Span) -> Span {
        const ABOVE: usize = 10;
        const BELOW: usize = 2;
        let (far, farther) = (change.start.saturating_sub(BACK), (change.end + WORDS).min(text.len()));
        let is_line = |line: &[u8]| !line.trim_ascii().is_empty();
        let mut low = change.start;
        let above = memchr::memrchr_iter(b'\n', &text[far..change.start]).map(|end| far + end);
        let above =
            above.filter(|&end| is_line(&text[end..std::mem::replace(&mut low, end)])).nth(ABOVE).unwrap_or(far);
        let mut high = change.end;
        let below = memchr::memchr_iter(b'\n', &text[change.end..farther]).map(|end| change.end + end);
        let below = below.filter(|&end| is_line(&text[std::mem::replace(&mut high, end)..end])).nth(BELOW);
        let below = below.unwrap_or(farther);
        let reaches = |piece: Span| {
            let within = |literals: &Presence| literals.is_in(&piece.of(text).to_ascii_lowercase());
            self.tables().reaching.as_ref().is_some_and(within)
        };
        let margin = |at: usize| wide(text, Span::new(at, at), LONGEST_WORD, LONGEST_WORD);
        let start = if above > far && reaches(Span::new(far, margin(above).end)) { far } else { above };
        let end = if below < farther && reaches(Span::new(margin(below).start, farther)) { farther } else { below };
        Span::new(start, end)
    }

    /// Whether a candidate can be judged to be anything.
    fn is_alive(&self, text: &[u8], run: Span) -> bool {
        run.len() <= candidate::MAX_RUN
            && value::readings(text, run).into_iter().any(|reading| {
                let value = reading.of(text);
                randomness::is_random(value) || self.is_shaped(value)
            })
    }
}

/// Whether most of a text is escapes.
fn is_escaped(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'%', b'\\', text).count() * 8 > text.len()
}

/// What a piece of a text reads as.
pub(super) fn decoded(piece: &[u8]) -> Option<view::View> {
    view::decode_all(piece, &candidates(piece))
}

/// What a piece reads as if there is no more of the text.
pub(super) fn plainly_decoded(piece: &[u8]) -> Option<view::View> {
    view::decode(piece, &candidates(piece), &[])
}

fn candidates(piece: &[u8]) -> Vec<Span> {
    let mut runs = Vec::new();
    candidate::runs(piece, |run| runs.push(run));
    runs
}

/// The beginning of a block of PEM.
static BLOCK: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("-----BEGIN"));

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
        let pem = BLOCK.find_iter(before.of(text)).last().map(|at| before.start + at);
        anchors.extend(pem.map(|at| Span::new(at, at + 10)));
    }
    anchors.sort_unstable();
    anchors.dedup();
    (runs, anchors)
}
