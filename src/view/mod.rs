//! Readings of a text: what it says once an encoding is taken off, with the way back to the original bytes.

pub mod utf16;
