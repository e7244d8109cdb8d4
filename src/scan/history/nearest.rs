//! Which of the texts that were read is nearest to another one.
//!
//! Git makes an object from the one that gives the smallest pack, which may be a version years away: most of the bytes
//! that deltas call new stand in other versions that were read already. So of texts that were looked at the hashes of
//! their lines are kept, a few lines at a time, and a version that git stored as largely new is compared with the one that
//! shares most of these with it.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use foldhash::SharedSeed;
use foldhash::fast::FixedState;
use foldhash::quality::SeedableRandomState;

use crate::source::git::objects::Copied;
use crate::span::Span;

/// One line in so many begins a stretch, as a power of two.
const LINES: u32 = 1;
/// The longest stretch: a text without lines has no shorter ones.
const LONGEST: usize = 4096;
/// Stretches that are kept in all, of 12 bytes each.
const KEPT: usize = 1 << 22;
/// For so many stretches it is known which text they were in last.
const SLOTS: usize = 1 << 21;
/// What two texts share in another order is at least so long: shorter are lines that stand in every text.
const SHARED: usize = 512;
/// Changes that are nearer to each other are one.
const NEAR: usize = 256;

/// A text, cut where its lines tell, so that versions are cut alike: the hash of each stretch and where it begins. It ends
/// where the next one begins.
#[derive(Debug, Default)]
pub(super) struct Outline {
    hashes: Vec<u64>,
    /// And where the last one ends.
    starts: Vec<u32>,
}

/// How a text differs from another.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    /// The places of new bytes and, as empty spans, of what is gone or was moved.
    pub(super) fresh: Vec<Span>,
    pub(super) copied: Vec<Copied>,
}

/// The texts that were looked at last.
#[derive(Debug)]
pub(super) struct Outlines {
    /// Drawn anew in each process, so that nothing in a repository can aim at a collision.
    hasher: SeedableRandomState,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The blobs with their outlines, in the order in which they came.
    texts: VecDeque<(u32, Arc<Outline>)>,
    /// How many came before these.
    gone: u32,
    /// For the hashes of stretches: the number of the text that one was in last, counted from one.
    slots: Vec<u32>,
    stretches: usize,
}

impl Outlines {
    pub(super) fn new() -> Self {
        let seed = RandomState::new().hash_one(0);
        let hasher = SeedableRandomState::with_seed(seed, SharedSeed::global_random());
        Self { hasher, kept: Mutex::default() }
    }

    pub(super) fn outline(&self, text: &[u8]) -> Outline {
        const HEAD: usize = 8;
        let mut outline = Outline::default();
        let mut start = 0;
        let mut cut = |end: usize| {
            while start < end {
                let next = end.min(start + LONGEST);
                outline.hashes.push(self.hasher.hash_one(&text[start..next]));
                outline.starts.push(start as u32);
                start = next;
            }
        };
        for at in memchr::memchr_iter(b'\n', text) {
            let Some(head) = text.get(at + 1..at + 1 + HEAD).and_then(|head| head.first_chunk()) else { break };
            if u64::from_le_bytes(*head).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - LINES) == 0 {
                cut(at + 1);
            }
        }
        cut(text.len());
        outline.starts.push(text.len() as u32);
        outline
    }

    /// The blob that shares most with a text, and how they differ.
    pub(super) fn nearest(&self, text: &Outline) -> Option<(u32, Difference)> {
        let (number, outline) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).nearest(text)?;
        Some((number, outline.difference(text)))
    }

    /// Keeps a text of which it is told where credentials can stand.
    pub(super) fn keep(&self, number: u32, outline: Outline) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).keep(number, outline);
    }
}

impl Kept {
    fn nearest(&self, text: &Outline) -> Option<(u32, Arc<Outline>)> {
        if self.slots.is_empty() {
            return None;
        }
        let mut shared: HashMap<u32, usize, FixedState> = HashMap::default();
        for (at, hash) in text.hashes.iter().enumerate() {
            let number = self.slots[slot(*hash)];
            if number > self.gone {
                *shared.entry(number).or_default() += text.span(at).len();
            }
        }
        // The newest of those that share alike.
        let (number, _) = shared.into_iter().max_by_key(|&(number, bytes)| (bytes, number))?;
        self.texts.get((number - self.gone - 1) as usize).cloned()
    }

    fn keep(&mut self, number: u32, outline: Outline) {
        self.slots.resize(SLOTS, 0);
        let ordinal = self.gone + self.texts.len() as u32 + 1;
        outline.hashes.iter().for_each(|hash| self.slots[slot(*hash)] = ordinal);
        self.stretches += outline.hashes.len();
        self.texts.push_back((number, Arc::new(outline)));
        while self.stretches > KEPT {
            let Some((_, oldest)) = self.texts.pop_front() else { break };
            self.stretches -= oldest.hashes.len();
            self.gone += 1;
        }
    }
}

fn slot(hash: u64) -> usize {
    (hash % SLOTS as u64) as usize
}

impl Outline {
    fn span(&self, at: usize) -> Span {
        Span::new(self.starts[at] as usize, self.starts[at + 1] as usize)
    }

    fn length(&self) -> usize {
        self.starts.last().map_or(0, |&end| end as usize)
    }

    /// How a text differs from this one.
    fn difference(&self, text: &Self) -> Difference {
        let places: HashMap<u64, usize, FixedState> = self.hashes.iter().copied().zip(0..).collect();
        let mut all = Difference::default();
        // The stretches that come next, there and here.
        let (mut next, mut at) = (0, 0);
        while at < text.hashes.len() {
            let mut count = self.shared(next, text, at);
            if count == 0 && let Some(&from) = places.get(&text.hashes[at]) {
                count = self.shared(from, text, at);
                let bytes = text.starts[at + count] - text.starts[at];
                if bytes as usize >= SHARED {
                    next = from;
                    // What is before them may be alike too, and have stood elsewhere as well.
                } else {
                    count = 0;
                }
            }
            if count == 0 {
                all.mark(text.span(at));
                at += 1;
                continue;
            }
            let to = Span::new(text.starts[at] as usize, text.starts[at + count] as usize);
            let from = self.starts[next] as usize;
            all.copy(Copied { to: to.start, from, length: to.len() });
            (next, at) = (next + count, at + count);
        }
        let end = all.copied.last().map_or(0, |last| last.from + last.length);
        if end != self.length() {
            all.mark(Span::new(text.length(), text.length()));
        }
        all
    }

    /// How many stretches from one on are those of another text from one on.
    fn shared(&self, from: usize, other: &Self, at: usize) -> usize {
        self.hashes[from..].iter().zip(&other.hashes[at..]).take_while(|(one, other)| one == other).count()
    }
}

impl Difference {
    /// How many bytes are new.
    pub(super) fn size(&self) -> usize {
        self.fresh.iter().map(|span| span.len()).sum()
    }

    fn copy(&mut self, copied: Copied) {
        let end = self.copied.last().map_or(0, |last| last.from + last.length);
        if copied.from != end {
            self.mark(Span::new(copied.to, copied.to));
        }
        self.copied.push(copied);
    }

    fn mark(&mut self, span: Span) {
        match self.fresh.last_mut() {
            Some(last) if span.start <= last.end + NEAR => last.end = span.end,
            _ => self.fresh.push(span),
        }
    }
}
