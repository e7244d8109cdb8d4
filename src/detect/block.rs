//! Questions to 64 bytes at once, a bit for each answer. Written so that the compiler makes SIMD instructions of it on every
//! machine, without `unsafe`: comparisons of bytes, then multiplications that gather the top bits of eight.

/// Bytes that are looked at together: a bit each of one word.
pub(crate) const BLOCK: usize = 64;

/// For which bytes of a block the answer is yes, the first byte in the lowest bit. `is` should be made of comparisons joined by
/// `|`, not `||`.
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

/// The rest of a text behind its last whole block, filled up with zeros.
pub(crate) fn padded(rest: &[u8]) -> [u8; BLOCK] {
    let mut last = [0; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    last
}
