//! The buffers of a thread that reads a pack. Objects that others are made from wait for them on a stack; what it holds is
//! bounded, so the lowest are given back if it grows too large, and made once more when their turn comes.

use gix::zlib::Inflate;

use super::delta::Changes;
use super::{KEEP, NONE};

/// Bytes that objects on the stack hold at most; the uppermost is always kept.
const HELD: usize = 8 << 20;
/// Bytes of buffers that wait for their next use.
const POOLED: usize = 2 << 20;

/// Buffers of one thread.
pub(in crate::source::git) struct Scratch {
    pub(super) inflate: Inflate,
    pub(super) delta: Vec<u8>,
    /// What the delta that was applied last changed.
    pub(super) changes: Changes,
    pool: Vec<Vec<u8>>,
    pooled: usize,
    stack: Vec<Frame>,
    held: usize,
    /// What the stack holds at most.
    pub(super) most: usize,
    /// Frames below this one hold nothing.
    low: usize,
}

impl Default for Scratch {
    fn default() -> Self {
        Self {
            inflate: Inflate::default(),
            delta: Vec::new(),
            changes: Changes::default(),
            pool: Vec::new(),
            pooled: 0,
            stack: Vec::new(),
            held: 0,
            most: HELD,
            low: 0,
        }
    }
}

/// An object that others are made from.
pub(super) struct Frame {
    pub(super) node: u32,
    /// The next of these.
    pub(super) next: u32,
    /// Nothing if it was given back.
    pub(super) bytes: Option<Vec<u8>>,
}

impl Scratch {
    /// A buffer, with whatever is in it.
    pub(super) fn buffer(&mut self) -> Vec<u8> {
        let buffer = self.pool.pop().unwrap_or_default();
        self.pooled -= buffer.capacity();
        buffer
    }

    pub(super) fn recycle(&mut self, bytes: Vec<u8>) {
        if bytes.capacity() <= KEEP && self.pooled + bytes.capacity() <= POOLED {
            self.pooled += bytes.capacity();
            self.pool.push(bytes);
        }
    }

    /// Keeps the bytes of a node for its children from `next` on, or gives the buffer back.
    pub(super) fn push(&mut self, node: u32, next: u32, bytes: Vec<u8>) {
        if next == NONE {
            self.recycle(bytes);
        } else {
            self.held += bytes.capacity();
            self.stack.push(Frame { node, next, bytes: Some(bytes) });
            self.lighten();
        }
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        let frame = self.stack.pop()?;
        self.held -= frame.bytes.as_ref().map_or(0, Vec::capacity);
        self.low = self.low.min(self.stack.len());
        Some(frame)
    }

    /// Gives the bytes of a node back to its frame, if it has one at `at` or above; says where to look for the next.
    pub(super) fn restore(&mut self, node: u32, bytes: Vec<u8>, at: usize) -> usize {
        let Some(place) = self.stack[at..].iter().position(|frame| frame.node == node) else {
            self.recycle(bytes);
            return at;
        };
        self.held += bytes.capacity();
        self.low = self.low.min(at + place);
        self.stack[at + place].bytes = Some(bytes);
        self.lighten();
        at + place + 1
    }

    /// Gives back what lies lowest until the rest is light enough.
    fn lighten(&mut self) {
        while self.held > self.most && self.low + 1 < self.stack.len() {
            let bytes = self.stack[self.low].bytes.take();
            self.held -= bytes.as_ref().map_or(0, Vec::capacity);
            self.low += 1;
            bytes.into_iter().for_each(|bytes| self.recycle(bytes));
        }
    }
}
