//! Questions to 64 bytes at once, a bit for each answer: [`Wide`] in the widest registers that the machine has, for what
//! reads every byte, and [`bits`] with what every machine has, for short pieces.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, mask8x64, u8x16, u8x64};

/// Bytes that are looked at together: a bit each of one word.
pub(crate) const BLOCK: usize = 64;

/// The bytes of a block in registers. What uses it has to be inlined into what [`fearless_simd::dispatch`] calls: only there
/// is each question an instruction or two.
#[derive(Clone, Copy)]
pub(crate) struct Wide<S: Simd>(u8x64<S>);

impl<S: Simd> Wide<S> {
    #[inline(always)]
    pub(crate) fn new(simd: S, block: &[u8; BLOCK]) -> Self {
        Self(u8x64::from_slice(simd, block))
    }

    /// The bytes from `at` on; behind the end of the text stand zeros.
    #[inline(always)]
    pub(crate) fn at(simd: S, text: &[u8], at: usize) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        match rest.first_chunk() {
            Some(block) => Self::new(simd, block),
            None => Self::new(simd, &padded(rest)),
        }
    }

    #[inline(always)]
    pub(crate) fn is(self, byte: u8) -> mask8x64<S> {
        self.0.simd_eq(byte)
    }

    #[inline(always)]
    pub(crate) fn within(self, first: u8, last: u8) -> mask8x64<S> {
        (self.0 - first).simd_le(last - first)
    }

    /// For each byte the bits that both tables have for it, `low` by its low and `high` by its high four bits.
    #[inline(always)]
    pub(crate) fn sets(self, low: u8x64<S>, high: u8x64<S>) -> u8x64<S> {
        low.swizzle_dyn_within_blocks(self.0 & 0x0f) & high.swizzle_dyn_within_blocks(self.0 >> 4)
    }

    /// ASCII letters.
    #[inline(always)]
    pub(crate) fn letters(self) -> mask8x64<S> {
        Self(self.0 | 0x20).within(b'a', b'z')
    }
}

/// For which bytes of a block the answer is yes, the first byte in the lowest bit. `is` should be made of comparisons joined by
/// `|`, not `||`. Written so that the compiler makes SIMD instructions of it: comparisons of bytes, then multiplications that
/// gather the top bits of eight.
#[inline(always)]
pub(crate) fn bits(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    let mut inside = [0_u8; BLOCK];
    for (inside, &byte) in inside.iter_mut().zip(block) {
        *inside = if is(byte) { 0x80 } else { 0 };
    }
    let (eights, _) = inside.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        let gathered = u64::from_le_bytes(*eight).wrapping_mul(0x0002_0408_1020_4081) >> 56;
        bits << 8 | gathered
    })
}

/// Two sets of ASCII characters, to find where one of the first stands right before one of the second.
pub(crate) struct Pair([[[u8; 16]; 2]; 2]);

impl Pair {
    pub(crate) const fn new(first: &[u8], second: &[u8]) -> Self {
        Self([halves(first), halves(second)])
    }

    /// The places of the first, in order.
    pub(crate) fn places<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
        Places { pair: self, text, masks: [0; PIECE], base: 0, next: PIECE, bits: 0 }
    }

    /// What of the blocks from `base` on are such places.
    #[inline(always)]
    fn look<S: Simd>(&self, simd: S, text: &[u8], base: usize, masks: &mut [u64; PIECE]) {
        let [first, second] = &self.0;
        let (first_low, first_high) = (table(simd, &first[0]), table(simd, &first[1]));
        let (second_low, second_high) = (table(simd, &second[0]), table(simd, &second[1]));
        for (number, mask) in masks.iter_mut().enumerate() {
            let at = base + number * BLOCK;
            if at >= text.len() {
                break;
            }
            let one = Wide::at(simd, text, at).sets(first_low, first_high);
            let other = Wide::at(simd, text, at + 1).sets(second_low, second_high);
            *mask = !(one.simd_eq(0) | other.simd_eq(0)).to_bitmask();
        }
    }
}

/// The blocks that are looked at before their places are handed out.
const PIECE: usize = 64;

struct Places<'a> {
    pair: &'a Pair,
    text: &'a [u8],
    masks: [u64; PIECE],
    /// Where the block behind the current one begins, and which of the masks is its.
    base: usize,
    next: usize,
    /// The places in the current block that weren't handed out.
    bits: u64,
}

impl Iterator for Places<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.bits == 0 {
            if self.base >= self.text.len() {
                return None;
            }
            if self.next == PIECE {
                dispatch!(Level::new(), simd => self.pair.look(simd, self.text, self.base, &mut self.masks));
                self.next = 0;
            }
            self.bits = self.masks[self.next];
            self.next += 1;
            self.base += BLOCK;
        }
        let at = self.base - BLOCK + self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(at)
    }
}

/// A set of ASCII characters as [`Wide::sets`] asks for it.
const fn halves(set: &[u8]) -> [[u8; 16]; 2] {
    let mut low = [0; 16];
    let mut at = 0;
    while at < set.len() {
        low[(set[at] & 15) as usize] |= 1 << (set[at] >> 4);
        at += 1;
    }
    [low, [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0]]
}

/// A table of 16 bytes as [`Wide::sets`] takes it.
#[inline(always)]
pub(crate) fn table<S: Simd>(simd: S, table: &[u8; 16]) -> u8x64<S> {
    u8x64::block_splat(u8x16::from_slice(simd, table))
}

/// The rest of a text behind its last whole block, filled up with zeros.
pub(crate) fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_wherever_they_stand() {
        let (first, second) = (b"\"'%[", b" \t\\aZ09~");
        let pair = Pair::new(first, second);
        let mut state = 3_u64;
        for length in (0..300).chain([4095, 4096, 4097, 8200]) {
            let text: Vec<u8> = (0..length)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    [first[(state >> 40) as usize % 4], second[(state >> 40) as usize % 8], (state >> 50) as u8]
                        [(state >> 33) as usize % 3]
                })
                .collect();
            let expected: Vec<usize> = text
                .windows(2)
                .enumerate()
                .filter(|(_, two)| first.contains(&two[0]) && second.contains(&two[1]))
                .map(|(at, _)| at)
                .collect();
            assert_eq!(pair.places(&text).collect::<Vec<_>>(), expected, "in {text:?}");
        }
    }
}
