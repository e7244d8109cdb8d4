//! What is looked at of a text: all of it, what changed in it, or what was decoded in it.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;
use std::sync::LazyLock;

use memchr::memmem::Finder;

use super::felt::{Titles, is_before_item, is_felt, is_named_above, is_new};
use super::spans::{joined, line_of, shared, whole_blocks, whole_tokens, wide};
use super::whole_values;
use crate::detect::binding::MARKS;
use crate::detect::document::{BEFORE, BEHIND, HEAD, regions};
use crate::detect::literal::Presence;
use crate::detect::{Engine, Hint, anchor, candidate, judge, named, randomness, scope, value};
use crate::span::Span;
use crate::view;

/// How far before a change a value may begin whose end or neighbours it changes, or a literal that it is sought from.
const BACK: usize = 2 * 1024;
/// How near the neighbours stand that make a pair or a joined string of a value.
pub(super) const NEAR: usize = 512;
/// How far before a value its names begin.
pub(super) const MAX_NAMES: usize = 1024;
/// How far behind a change a value may stand whose names it changes.
pub(super) const NAMES: usize = 1024 + 256;
/// How far behind a change a value may stand whose scopes it changes: as far as they are sought, and a line.
const SCOPES: usize = 6 * 1024 + 512;
/// How far behind a change a value may stand that is sent in a header by the scopes of its use.
const HANDED: usize = SCOPES + 1024;
/// How far behind a change its words are read.
const WORDS: usize = 512;
/// More lines than an item of a list stands below the name of the list.
const ITEMS: usize = 66;
/// How far behind a literal it is told whether it leads to a value.
const GIVEN: usize = 320;
/// How many bytes an escape has at most for one that is read.
const ESCAPE: usize = 6;
/// No word of a provider is longer.
pub(super) const LONGEST_WORD: usize = 256;
/// How far before a change a block of PEM may begin.
const PEM: usize = 8 * 1024;

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
    /// Of a reading: what was decoded.
    pieces: Vec<Span>,
    pub(super) depth: usize,
    /// The heads of columns by which values are named.
    pub(super) heads: RefCell<Vec<Span>>,
    /// What all of the text reads as, once that was asked.
    read: OnceCell<Rc<Vec<Reading>>>,
}

/// What a piece of a text reads as.
#[derive(Debug)]
pub(super) struct Reading {
    view: view::View,
    /// Where in the piece it differs from the reading before it, if nothing further off than names and scopes reach is
    /// another thing by that.
    differs: Option<Vec<Span>>,
}

impl Reading {
    /// The place in the piece of one in the reading.
    pub(super) fn original(&self, span: Span) -> Span {
        self.view.original(span)
    }
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
        Self::of(text, hint, vec![all], (runs, anchors), 0)
    }

    /// What is looked at in some zones, but for the words.
    fn of(
        text: &'t [u8],
        hint: &'t Hint,
        zones: Vec<Span>,
        (runs, anchors): (Vec<Span>, Vec<Span>),
        depth: usize,
    ) -> Self {
        let (encoded, handed) = (zones.clone(), runs.clone());
        let (regions, pieces, heads, read) = (Vec::new(), Vec::new(), RefCell::default(), OnceCell::new());
        Self { text, hint, zones, encoded, runs, handed, anchors, regions, pieces, depth, heads, read }
    }

    /// What is near to places that are new, but for the words.
    pub(super) fn near(text: &'t [u8], hint: &'t Hint, fresh: &[Span]) -> Self {
        // What stands before a value on its line says whether it is given to a name, and what stands behind it whether the
        // line is a row of a table.
        let zones = joined(fresh.iter().map(|&span| {
            let (near, line) = (wide(text, span, BACK, NAMES), line_of(text, span));
            Span::new(near.start.min(line.start), near.end.max(line.end))
        }));
        let (runs, anchors) = places(text, &zones);
        Self { encoded: Vec::new(), handed: Vec::new(), ..Self::of(text, hint, zones, (runs, anchors), 0) }
    }

    /// Adds where encoded values may stand near to what is new.
    pub(super) fn encoded_near(&mut self, fresh: &[Span]) {
        let text = self.text;
        let regions = joined(fresh.iter().map(|&span| wide(text, span, BACK, SCOPES)));
        let mut structured = regions.into_iter().filter(|region| view::holds_structure(region.of(text))).peekable();
        let encoded = fresh.iter().map(|&span| {
            while structured.next_if(|region| region.end < span.start).is_some() {}
            // Where nearly all is escapes, what is near in the reading stands far off.
            let (before, behind) = (wide(text, span, NEAR, 0), wide(text, span, 0, NAMES));
            if is_escaped(before.of(text)) || is_escaped(behind.of(text)) {
                wide(text, span, ESCAPE * NEAR, ESCAPE * SCOPES)
            } else if structured.peek().is_some_and(|region| region.start <= span.start) {
                // What values are called and what they stand in may be told by the reading alone.
                wide(text, span, BACK, SCOPES)
            } else {
                wide(text, span, NEAR, NAMES)
            }
        });
        let mut encoded: Vec<Span> = encoded.collect();
        encoded.sort_unstable();
        self.encoded = joined(encoded.into_iter());
    }

    /// What is looked at of a reading of a piece: what was decoded, and what stands near enough to it to be another thing by
    /// that. None if it holds what can't be told by places.
    pub(super) fn inside<'v>(&self, reading: &'v Reading, zone: Span, piece: Span) -> Option<Look<'v>>
    where
        't: 'v,
    {
        let Reading { view, differs } = reading;
        let text = view.text.as_slice();
        let zone = view.seen(Span::new(zone.start - piece.start, zone.end - piece.start));
        let (pieces, zones) = match differs {
            None => (view.pieces().collect(), vec![zone]),
            Some(places) => {
                let pieces: Vec<Span> = places.iter().map(|&place| view.seen(place)).collect();
                let near = joined(pieces.iter().map(|&piece| wide(text, piece, BACK, SCOPES)));
                (pieces, shared(&near, &[zone]))
            }
        };
        if whole_values(text, &zones, true) {
            return None;
        }
        let near = joined(pieces.iter().map(|&piece| wide(text, piece, NEAR, NAMES)));
        let (mut runs, anchors) = places(text, &zones);
        // What a value stands in may be called or opened by a piece, and what was around it in the text be closed by one.
        let titled = |run: Span| {
            let label = scope::innermost(text, run.start).map(|scope| scope.label);
            let plain = scope::innermost(piece.of(self.text), view.original(run).start).map(|scope| scope.label);
            label.map(|label| view.original(label)) != plain
                || label.is_some_and(|label| {
                    pieces.iter().any(|piece| label.start <= piece.end && piece.start <= label.end)
                })
        };
        runs.retain(|&run| near.iter().any(|near| near.overlaps(run)) || titled(run));
        Some(Look { pieces, ..Look::of(text, self.hint, zones, (runs, anchors), self.depth + 1) })
    }

    /// Adds where words are read, if not only some places are new.
    pub(super) fn words(&mut self) {
        let Self { text, runs, anchors, zones, pieces, .. } = self;
        self.regions = if self.depth > 0 {
            shared(&joined(pieces.iter().map(|&piece| wide(text, piece, MAX_NAMES, WORDS))), zones)
        } else {
            regions(text, runs, anchors, true)
        };
    }
}

/// A piece around a zone, and what it reads as if something in it is encoded. `judged`: there are values in the zone that may
/// be called by what is.
pub(super) fn readings(look: &Look<'_>, zone: Span, judged: bool) -> (Span, Rc<Vec<Reading>>) {
    const LIST: usize = view::MAX_LIST + 16;
    let text = look.text;
    if zone.len() == text.len() {
        return (zone, look.read.get_or_init(|| Rc::new(readings_of(text))).clone());
    }
    let is_joined = JOIN.find(wide(text, zone, LIST, LIST).of(text)).is_some();
    // Names before a zone may be encoded; what else lies further off changes nothing that is in it.
    let close = || whole_blocks(text, wide(text, zone, MAX_NAMES, 256));
    if !judged && !is_joined && !is_encoded(close().of(text)) {
        return (zone, Rc::default());
    }
    let piece = whole_blocks(text, wide(text, zone, SCOPES, if is_joined { LIST + NEAR } else { MAX_NAMES }));
    (piece, Rc::new(readings_of(piece.of(text))))
}

fn readings_of(piece: &[u8]) -> Vec<Reading> {
    let Some(view) = decoded(piece) else { return Vec::new() };
    // There may be no more escapes than these few, which then are none.
    let few = view.few_escapes();
    let plain = if few.is_empty() { None } else { plainly_decoded(piece) };
    // What parts cells and rows is felt in rows far below.
    let is_mark = |byte: &u8| matches!(byte, b'\n' | b'(' | b')') || MARKS.contains(byte);
    let parts = |&at: &Span| view.seen(at).of(&view.text).iter().any(is_mark);
    let near = !few.iter().any(parts);
    let plain = plain.map(|view| Reading { view, differs: near.then_some(few) });
    [Reading { view, differs: None }].into_iter().chain(plain).collect()
}

impl Engine<'_> {
    /// Adds what a change tells of values that it doesn't touch, and where words are read for it. `headed`: rows that it may
    /// have given another head.
    pub(super) fn widen(&self, look: &mut Look<'_>, fresh: &[Span], headed: impl Iterator<Item = Span>) {
        let Look { text, zones, runs, anchors, .. } = look;
        let text = *text;
        let mut regions = self.read_for_words(text, fresh, runs, anchors);
        let mut handed = runs.clone();
        // A variable far behind may be sent by what its use stands in.
        for around in joined(fresh.iter().map(|&span| wide(text, span, SCOPES, HANDED))) {
            if HEADER.find(around.of(text)).is_some() {
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
        for rows in headed {
            let tokens = whole_tokens(text, wide(text, rows, NEAR, NEAR));
            let alive = |run: Span| self.is_alive(text, run).then_some(run);
            candidate::runs(tokens.of(text), |run| runs.extend(alive(run.shifted(tokens.start))));
        }
        runs.sort_unstable();
        runs.dedup();
        // The words of a value's names are read when it is judged, and those of a block of PEM lead to it from afar.
        regions.extend(anchors.iter().map(|&anchor| wide(text, anchor, LONGEST_WORD, LONGEST_WORD)));
        regions.sort_unstable();
        look.regions = joined(regions.into_iter());
        look.handed = handed;
    }

    /// Where around what is new a scan of the whole text may read words: in its head, and within reach of a candidate or an
    /// anchor. `runs` and `anchors` are those near.
    fn read_for_words(&self, text: &[u8], fresh: &[Span], runs: &[Span], anchors: &[Span]) -> Vec<Span> {
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
            span.start < HEAD + BACK || runs.iter().chain(anchors).any(near) || holds(behind) || holds(before)
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
            if span.start < HEAD {
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
            && !judge::is_checksum(text, run)
            && value::readings(text, run).into_iter().any(|reading| {
                let value = reading.of(text);
                !judge::is_checksum(text, reading) && (randomness::is_random(value) || self.is_shaped(value))
            })
    }
}

/// Whether most of a text is escapes.
fn is_escaped(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'%', b'\\', text).count() * 8 > text.len()
}

/// Whether something in a piece of a text is encoded.
pub(super) fn is_encoded(piece: &[u8]) -> bool {
    decoded(piece).is_some()
}

/// What a piece of a text reads as.
fn decoded(piece: &[u8]) -> Option<view::View> {
    view::decode_all(piece, &candidates(piece))
}

/// What a piece reads as if there is no more of the text.
fn plainly_decoded(piece: &[u8]) -> Option<view::View> {
    view::decode(piece, &candidates(piece), &[])
}

fn candidates(piece: &[u8]) -> Vec<Span> {
    let mut runs = Vec::new();
    candidate::runs(piece, |run| runs.push(run));
    runs
}

/// What headers are called by.
static HEADER: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("eader"));
/// What joins the strings of a list.
static JOIN: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("join("));
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
