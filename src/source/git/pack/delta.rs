//! Deltas: how an object of a pack is made from another.

use super::OBJECT_LIMIT;
use crate::span::Span;

/// Memory that is set aside on the word of a delta; what is larger grows as it is made.
const RESERVED: usize = 16 << 20;

/// Bytes that an object has from the one it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Where they are in the object.
    pub to: usize,
    /// Where they were in its base.
    pub from: usize,
    /// How many.
    pub length: usize,
}

/// How an object differs from its base.
#[derive(Debug, Default)]
pub(super) struct Changes {
    /// The places of new bytes and, as empty spans, of what is gone or was moved.
    pub(super) fresh: Vec<Span>,
    /// What it has from the base, in its own order.
    pub(super) copied: Vec<Copied>,
}

/// The size of what a delta makes.
pub(super) fn size_of(mut delta: &[u8]) -> Option<u64> {
    varint(&mut delta)?;
    varint(&mut delta)
}

/// Makes an object from its base and a delta, and says what is new in it.
pub(super) fn apply(base: &[u8], mut delta: &[u8], out: &mut Vec<u8>, changes: &mut Changes) -> Result<(), String> {
    out.clear();
    changes.fresh.clear();
    changes.copied.clear();
    instructions(base, &mut delta, out, changes).ok_or_else(|| "the delta is damaged".to_owned())
}

fn instructions(base: &[u8], delta: &mut &[u8], out: &mut Vec<u8>, changes: &mut Changes) -> Option<()> {
    let base_size = varint(delta)?;
    let size = varint(delta)?;
    if base_size != base.len() as u64 || size > OBJECT_LIMIT {
        return None;
    }
    let size = usize::try_from(size).ok()?;
    out.reserve_exact(size.min(RESERVED));
    let Changes { fresh, copied: copies } = changes;
    // Where in the base the last copy ended.
    let mut copied = 0;
    while let Some(code) = byte(delta) {
        let at = out.len();
        let piece = if code & 0x80 != 0 {
            let start = number(delta, code, 4)?;
            let length = number(delta, code >> 4, 3)?;
            let end = start + if length == 0 { 0x10000 } else { length };
            if start != copied {
                mark(fresh, Span::new(at, at));
            }
            copied = end;
            let piece = base.get(start..end)?;
            copies.push(Copied { to: at, from: start, length: piece.len() });
            piece
        } else {
            // Zero is reserved.
            let (piece, rest) = delta.split_at_checked(usize::from(code)).filter(|_| code != 0)?;
            *delta = rest;
            mark(fresh, Span::new(at, at + piece.len()));
            piece
        };
        out.extend_from_slice(piece);
        if out.len() > size {
            return None;
        }
    }
    if copied != base.len() {
        mark(fresh, Span::new(size, size));
    }
    (out.len() == size).then_some(())
}

/// Adds a place; neighbours are one.
fn mark(fresh: &mut Vec<Span>, span: Span) {
    const NEAR: usize = 256;
    match fresh.last_mut() {
        Some(last) if span.start <= last.end + NEAR => last.end = span.end,
        _ => fresh.push(span),
    }
}

/// A number of which only the bytes are stored that `code` has a bit for.
fn number(delta: &mut &[u8], code: u8, bytes: u8) -> Option<usize> {
    (0..bytes).try_fold(0, |value, bit| {
        let stored = code & (1 << bit) != 0;
        Some(if stored { value | usize::from(byte(delta)?) << (8 * bit) } else { value })
    })
}

fn byte(bytes: &mut &[u8]) -> Option<u8> {
    let (&first, rest) = bytes.split_first()?;
    *bytes = rest;
    Some(first)
}

/// A number in groups of seven bits, the lowest first.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let group = byte(bytes)?;
        value |= u64::from(group & 0x7f) << shift;
        if group & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
