//! How many lines lie between two places of a text, asked for every word near every value: the line ends are counted once.

use std::cell::OnceCell;

use super::block::{self, BLOCK};

/// The line ends of a text, counted at the first question.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    blocks: OnceCell<Vec<Ends>>,
}

/// The line ends of one block.
#[derive(Clone, Copy, Debug)]
struct Ends {
    /// Of all blocks before.
    before: u32,
    bits: u64,
}

impl Lines {
    /// How many line feeds stand from `start` up to `end`. It has to be the same text each time.
    pub(crate) fn between(&self, text: &[u8], start: usize, end: usize) -> usize {
        let blocks = self.blocks.get_or_init(|| count(text));
        let before = |at: usize| {
            let Ends { before, bits } = blocks[at / BLOCK];
            before as usize + (bits & ((1 << (at % BLOCK)) - 1)).count_ones() as usize
        };
        before(end) - before(start)
    }
}

fn count(text: &[u8]) -> Vec<Ends> {
    let (whole, rest) = text.as_chunks::<BLOCK>();
    let rest = block::padded(rest);
    let mut before = 0;
    whole
        .iter()
        .chain([&rest])
        .map(|block| {
            let ends = Ends { before, bits: block::bits(block, |byte| byte == b'\n') };
            before += ends.bits.count_ones();
            ends
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_counted_one_by_one() {
        let text: Vec<u8> = (0..200_u8).map(|at| if at % 7 == 3 || at > 190 { b'\n' } else { b'x' }).collect();
        for length in [0, 1, 63, 64, 65, 128, 200] {
            let text = &text[..length];
            let lines = Lines::default();
            for start in 0..=length {
                for end in start..=length {
                    let expected = text[start..end].iter().filter(|&&byte| byte == b'\n').count();
                    assert_eq!(lines.between(text, start, end), expected, "{start}..{end} of {length}");
                }
            }
        }
    }
}
