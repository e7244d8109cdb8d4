//! What was computed before and is asked again: versions of a file say the same again and again. A table of fixed size
//! whose newest entry at a place wins. Entries are told apart by a hash of 128 bits with keys that are drawn anew in each
//! process, so nothing in a scanned text can aim at a collision, and the table holds no value that was asked about.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;

/// A keyed hash of something asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tag(u64, u64);

impl Tag {
    /// The tag of some bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        static KEYS: OnceLock<[RandomState; 2]> = OnceLock::new();
        let [one, other] = KEYS.get_or_init(|| [RandomState::new(), RandomState::new()]);
        Self(one.hash_one(bytes), other.hash_one(bytes))
    }
}

/// A bounded table of answers.
#[derive(Debug)]
pub(crate) struct Memo<V> {
    slots: Vec<Option<(Tag, V)>>,
    size: usize,
}

impl<V: Clone> Memo<V> {
    /// With room for so many answers: a power of two. The room is taken at the first answer.
    pub(crate) const fn new(size: usize) -> Self {
        assert!(size.is_power_of_two());
        Self { slots: Vec::new(), size }
    }

    /// The answer, computed only if it isn't there.
    pub(crate) fn get(&mut self, tag: Tag, compute: impl FnOnce() -> V) -> V {
        if self.slots.is_empty() {
            self.slots.resize_with(self.size, || None);
        }
        let slot = &mut self.slots[(tag.0 % self.size as u64) as usize];
        match slot {
            Some((known, answer)) if *known == tag => answer.clone(),
            _ => {
                let answer = compute();
                *slot = Some((tag, answer.clone()));
                answer
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More questions than there is room for: each answer is right, and few are computed twice.
    #[test]
    fn answers_are_right_whatever_was_forgotten() {
        let mut memo = Memo::new(8);
        let mut computed = 0;
        for round in 0..3 {
            for number in 0..20_u32 {
                let mut ask = || {
                    memo.get(Tag::of(&number.to_le_bytes()), || {
                        computed += 1;
                        number * 7
                    })
                };
                assert_eq!((ask(), ask()), (number * 7, number * 7), "{number} in round {round}");
            }
        }
        assert!((20..=60).contains(&computed), "{computed}: the second question is never computed");
    }
}
