//! A fixed set of words asked about often: open addressing over their first bytes and length.

/// Words and what they mean.
#[derive(Debug)]
pub(crate) struct Lookup<V> {
    slots: Vec<Option<(&'static str, V)>>,
}

impl<V> Lookup<V> {
    /// Of words that are listed twice, the first counts.
    pub(crate) fn new(entries: impl ExactSizeIterator<Item = (&'static str, V)>) -> Self {
        let mut slots = Vec::new();
        slots.resize_with((4 * entries.len()).next_power_of_two(), || None);
        let mut lookup = Self { slots };
        for (word, value) in entries {
            let slot = lookup.slot(word);
            if lookup.slots[slot].is_none() {
                lookup.slots[slot] = Some((word, value));
            }
        }
        lookup
    }

    /// What a word means, if it is one of the set.
    pub(crate) fn get(&self, word: &str) -> Option<&V> {
        self.slots[self.slot(word)].as_ref().map(|(_, value)| value)
    }

    /// Where a word is or would be.
    fn slot(&self, word: &str) -> usize {
        let mut at = hash(word) & (self.slots.len() - 1);
        while self.slots[at].as_ref().is_some_and(|(other, _)| *other != word) {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }
}

fn hash(word: &str) -> usize {
    let head =
        word.as_bytes().iter().take(12).fold(word.len() as u64, |sum, &byte| sum.wrapping_mul(31) + u64::from(byte));
    (head.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_two_counts_and_strangers_are_not_there() {
        let lookup = Lookup::new([("a", 1), ("ab", 2), ("a", 3), ("ключ", 4)].into_iter());
        let found: Vec<Option<i32>> =
            ["a", "ab", "b", "", "ключ"].iter().map(|word| lookup.get(word).copied()).collect();
        assert_eq!(found, [Some(1), Some(2), None, None, Some(4)]);
    }
}
