//! Questions to 64 bytes at once, a bit for each answer: [`Wide`] in the widest registers that the machine has, for what
//! reads every byte, and [`bits`] with what every machine has, for short pieces.

use fearless_simd::prelude::*;
use fearless_simd::{Simd, mask8x64, u8x16, u8x64};

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
