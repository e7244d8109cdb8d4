//! The ids of a pack's objects, found by their first bits: an id is a hash, so its place among sorted ones is nearly
//! known beforehand.

use gix::odb::pack::index;

/// Where ids with the same first bits begin in the index of a pack.
#[derive(Debug)]
pub(super) struct Ids {
    /// How far the first four bytes of an id are shifted to make a place in `starts`.
    shift: u32,
    /// Empty if the index is not sorted: it is damaged then, or crafted.
    starts: Vec<u32>,
}

/// Ids with the same first bits beyond which they are searched by halves. Of true hashes there are one or two, of crafted
/// ones as many as somebody likes.
const FEW: u32 = 16;

impl Ids {
    /// Of an index.
    pub(super) fn of(index: &index::File) -> Self {
        let count = index.num_objects();
        let bits = count.max(1).ilog2().clamp(4, 24);
        let shift = 32 - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for position in 0..count {
            let place = first(index.oid_at_index(position).as_bytes()) >> shift;
            if (place as usize) + 1 < starts.len() {
                return Self { shift, starts: Vec::new() };
            }
            starts.resize(place as usize + 1, position);
        }
        starts.resize((1 << bits) + 1, count);
        Self { shift, starts }
    }

    /// The position of an id.
    pub(super) fn position(&self, index: &index::File, id: &gix::oid) -> Option<u32> {
        let place = (first(id.as_bytes()) >> self.shift) as usize;
        let Some(&[start, end]) = self.starts.get(place..place + 2) else { return index.lookup(id) };
        if end - start > FEW {
            return index.lookup(id);
        }
        (start..end).find(|&position| index.oid_at_index(position) == id)
    }
}

fn first(id: &[u8]) -> u32 {
    id.first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes))
}
