//! What is known of the blobs that were read: where in each of them credentials can stand.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::detect::prospect::Prospect;
use crate::source::git::objects::Copied;
use crate::span::Span;

/// Versions of a text of which nothing could be told that are scanned whole before it is looked at again.
pub(super) const PATIENCE: u8 = 15;

/// What is known of one blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// It was not looked at, or not yet.
    Unknown,
    /// Credentials can stand anywhere. So many versions before it were not looked at for that.
    Anything(u8),
    Told(Prospect),
}

/// What is known of all: a byte for each, and the places for the few that have any.
#[derive(Debug)]
pub(super) struct Known {
    bytes: Vec<AtomicU8>,
    places: Mutex<HashMap<u32, Places>>,
}

/// The places of one blob, in little memory.
type Places = Box<[(u32, u32)]>;

/// Set in the byte of a blob of which it is told where credentials can stand; the lowest bits are those of the [`Prospect`].
const TOLD: u8 = 0x80;
/// Set beside [`TOLD`] if there are places.
const PLACES: u8 = 0x40;
/// Set without [`TOLD`] if they can stand anywhere; the lowest bits count.
const ANYTHING: u8 = 0x40;

impl Known {
    pub(super) fn new(count: u32) -> Self {
        Self { bytes: (0..count).map(|_| AtomicU8::new(0)).collect(), places: Mutex::default() }
    }

    pub(super) fn get(&self, number: u32) -> Of {
        let byte = self.bytes[number as usize].load(Ordering::Acquire);
        if byte & TOLD != 0 {
            let places = if byte & PLACES != 0 { self.places(number) } else { Vec::new() };
            Of::Told(Prospect::new(byte & !(TOLD | PLACES), places))
        } else if byte & ANYTHING != 0 {
            Of::Anything(byte & !ANYTHING)
        } else {
            Of::Unknown
        }
    }

    fn places(&self, number: u32) -> Vec<Span> {
        let all = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let spans = all.get(&number).map(|spans| spans.iter());
        spans.into_iter().flatten().map(|&(start, end)| Span::new(start as usize, end as usize)).collect()
    }

    pub(super) fn set(&self, number: u32, what: &Of) {
        let byte = match what {
            Of::Unknown => 0,
            Of::Anything(versions) => ANYTHING | versions,
            Of::Told(prospect) if prospect.is_barren() => TOLD | prospect.bits(),
            Of::Told(prospect) => {
                let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
                let spans = prospect.places.iter().map(|span| (short(span.start), short(span.end))).collect();
                self.places.lock().unwrap_or_else(PoisonError::into_inner).insert(number, spans);
                TOLD | PLACES | prospect.bits()
            }
        };
        self.bytes[number as usize].store(byte, Ordering::Release);
    }
}

/// Where places of a text are in one that is made from it; those of which a part is gone are not among them.
pub(super) fn moved(places: &[Span], copied: &[Copied]) -> Vec<Span> {
    if places.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    // What git copies in two pieces because one is too long for it is one.
    let follows = |a: &Copied, b: &Copied| a.to + a.length == b.to && a.from + a.length == b.from;
    for pieces in copied.chunk_by(follows) {
        let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
        let from = Span::new(first.from, last.from + last.length);
        let held = places.iter().filter(|place| from.contains(**place));
        all.extend(held.map(|place| Span::new(place.start - first.from + first.to, place.end - first.from + first.to)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_known() {
        let known = Known::new(3);
        let places = vec![Span::new(3, 9), Span::new(70_000, 70_040)];
        for of in [
            Of::Unknown,
            Of::Anything(0),
            Of::Anything(PATIENCE),
            Of::Told(Prospect::new(0, Vec::new())),
            Of::Told(Prospect::new(0x3f, Vec::new())),
            Of::Told(Prospect::new(0x15, places.clone())),
            Of::Told(Prospect::new(0x3f, places)),
        ] {
            known.set(1, &of);
            assert_eq!(known.get(1), of);
            assert_eq!(known.get(0), Of::Unknown);
        }
    }

    #[test]
    fn places_move_with_what_they_stand_in() {
        let copied = [
            Copied { to: 10, from: 0, length: 100 },
            Copied { to: 110, from: 100, length: 50 },
            Copied { to: 200, from: 160, length: 40 },
            Copied { to: 240, from: 20, length: 40 },
        ];
        for (place, expected) in [
            ((0, 10), vec![(10, 20)]),
            // Over the border of two copies that follow each other.
            ((90, 120), vec![(100, 130)]),
            // Something was put between.
            ((140, 170), vec![]),
            ((150, 160), vec![]),
            // Twice.
            ((25, 30), vec![(35, 40), (245, 250)]),
        ] {
            let span = |(start, end)| Span::new(start, end);
            let expected: Vec<Span> = expected.into_iter().map(span).collect();
            assert_eq!(moved(&[span(place)], &copied), expected, "{place:?}");
        }
    }
}
