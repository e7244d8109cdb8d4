//! Chance for tests: the same numbers each time.

/// Gives numbers below what is asked, from a seed.
pub(super) fn below(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize % below
    }
}
