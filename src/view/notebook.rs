//! Jupyter notebooks: JSON in which each line of a cell is a string. The texts of the cells are read as their author wrote
//! them, one after another, and what stands in a cell is told its number.
//!
//! A reader of bytes, not of JSON: it goes on at what is broken, and its state can be carried from one window of a long
//! notebook to the next. What it doesn't understand is still read as the raw text it is.

use super::{Replacement, View};
use crate::span::Span;

/// Where in a notebook a text begins; the start of one by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Brackets that are open.
    depth: u32,
    /// Which of the first 64 of them are of objects, the outermost in the lowest bit.
    objects: u64,
    in_string: bool,
    escaped: bool,
    /// The beginning of the string that was read last.
    last: Short,
    /// The key whose value is being read.
    key: Short,
    /// How many brackets are open in the list of cells; 0 outside of it.
    cells: u32,
    /// The cell's number, from 1.
    number: usize,
    /// In the outputs of a cell.
    output: bool,
    kind: Option<Kind>,
}

/// The first bytes of a string; no key that matters is longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Short {
    bytes: [u8; 16],
    length: usize,
}

impl Short {
    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// What a part of a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Code,
    Markdown,
    Raw,
    Output,
}

/// A stretch of one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    span: Span,
    number: usize,
    kind: Option<Kind>,
}

/// The content of a string that is text of a cell.
#[derive(Clone, Copy, Debug)]
struct Piece {
    span: Span,
    /// It goes on where the piece before ends.
    joined: bool,
}

/// A notebook, or a window of one.
#[derive(Debug, Default)]
pub(crate) struct Notebook {
    stretches: Vec<Stretch>,
    pieces: Vec<Piece>,
}

/// Whether a path is that of a notebook.
#[must_use]
pub(crate) fn is_notebook(path: &str) -> bool {
    path.ends_with(".ipynb")
}

impl State {
    /// Goes on to the end of `text`.
    pub(crate) fn advance(&mut self, text: &[u8]) {
        Reading { state: self, book: Notebook::default(), from: 0, open: 0, joined: false }.read(text);
    }

    /// Whether the innermost bracket is of an object.
    fn in_object(&self) -> bool {
        (1..=64).contains(&self.depth) && self.objects >> (self.depth - 1) & 1 == 1
    }

    fn at_cell(&self) -> bool {
        self.cells > 0 && self.depth == self.cells + 1
    }

    /// Whether a string that is the value of the key is text of a cell.
    fn is_text(&self) -> bool {
        let key = self.key.as_bytes();
        match self.cells {
            0 => false,
            _ if self.output => key == b"text" || key.starts_with(b"text/") || key == b"evalue" || key == b"traceback",
            cells => self.depth <= cells + 2 && (key == b"source" || key == b"input"),
        }
    }
}

struct Reading<'s> {
    state: &'s mut State,
    book: Notebook,
    /// Where the stretch begins.
    from: usize,
    /// Where the string begins.
    open: usize,
    /// The next string is of the same list as the one before.
    joined: bool,
}

impl Reading<'_> {
    fn read(mut self, text: &[u8]) -> Notebook {
        for (at, &byte) in text.iter().enumerate() {
            if self.state.in_string {
                self.inside(at, byte);
            } else {
                self.between(at, byte);
            }
        }
        if self.state.in_string {
            self.piece(text.len());
        }
        self.stretch(text.len());
        self.book
    }

    fn inside(&mut self, at: usize, byte: u8) {
        if self.state.escaped {
            self.state.escaped = false;
        } else if byte == b'\\' {
            self.state.escaped = true;
        } else if byte == b'"' {
            self.state.in_string = false;
            self.piece(at);
            if self.state.at_cell() && self.state.key.as_bytes() == b"cell_type" {
                self.kind();
            }
            return;
        }
        self.state.last.push(byte);
    }

    fn between(&mut self, at: usize, byte: u8) {
        match byte {
            b'"' => {
                self.state.in_string = true;
                self.state.last = Short::default();
                self.open = at + 1;
            }
            b'{' | b'[' => self.down(at, byte == b'{'),
            b'}' | b']' => self.up(at + 1),
            b':' => {
                self.state.key = self.state.last;
                self.joined = false;
                if self.state.at_cell() && self.state.key.as_bytes() == b"outputs" {
                    self.stretch(at);
                    self.state.output = true;
                }
            }
            b',' if self.state.in_object() => {
                self.state.key = Short::default();
                self.joined = false;
                if self.state.output && self.state.at_cell() {
                    self.stretch(at);
                    self.state.output = false;
                }
            }
            _ => {}
        }
    }

    fn down(&mut self, at: usize, object: bool) {
        let state = &mut *self.state;
        let listed = state.cells > 0 && state.depth == state.cells;
        if state.depth < 64 {
            let bit = 1 << state.depth;
            state.objects = if object { state.objects | bit } else { state.objects & !bit };
        }
        state.depth = state.depth.saturating_add(1);
        self.joined = false;
        if object && listed {
            state.number += 1;
            state.kind = None;
            self.from = at;
        } else if !object && state.cells == 0 && state.key.as_bytes() == b"cells" {
            state.cells = state.depth;
        }
        if object {
            self.state.key = Short::default();
        }
    }

    fn up(&mut self, end: usize) {
        self.joined = false;
        if self.state.at_cell() {
            self.stretch(end);
            self.state.output = false;
        }
        if self.state.depth == self.state.cells {
            self.state.cells = 0;
        }
        if self.state.in_object() {
            self.state.key = Short::default();
        }
        self.state.depth = self.state.depth.saturating_sub(1);
    }

    /// Notes the string that ends at `end`, if it is text.
    fn piece(&mut self, end: usize) {
        if self.state.is_text() {
            // The frames of a traceback have no line ends of their own.
            let joined = self.joined && self.state.key.as_bytes() != b"traceback";
            self.book.pieces.push(Piece { span: Span::new(self.open, end), joined });
            self.joined = true;
        }
    }

    /// Notes that what was read since the last stretch belongs to this cell.
    fn stretch(&mut self, end: usize) {
        let state = &self.state;
        if state.cells > 0 && state.depth > state.cells && end > self.from {
            let kind = if state.output { Some(Kind::Output) } else { state.kind };
            self.book.stretches.push(Stretch { span: Span::new(self.from, end), number: state.number, kind });
        }
        self.from = end;
    }

    fn kind(&mut self) {
        let kind = match self.state.last.as_bytes() {
            b"code" => Kind::Code,
            b"markdown" => Kind::Markdown,
            b"raw" => Kind::Raw,
            _ => return,
        };
        self.state.kind = Some(kind);
        // What stands before it in the cell is of the same kind.
        let number = self.state.number;
        for stretch in self.book.stretches.iter_mut().rev().take_while(|stretch| stretch.number == number) {
            stretch.kind.get_or_insert(kind);
        }
    }
}

impl Notebook {
    /// Reads a notebook, or a window that begins at `state`.
    pub(crate) fn read(text: &[u8], state: &State) -> Self {
        Reading { state: &mut state.clone(), book: Self::default(), from: 0, open: 0, joined: false }.read(text)
    }

    /// The texts of the cells alone, if there are any; they begin on lines of their own.
    pub(crate) fn view(&self, text: &[u8]) -> Option<View> {
        let mut all = Vec::new();
        let mut from = 0;
        for piece in &self.pieces {
            let between = if piece.joined { Vec::new() } else { vec![b'\n'] };
            all.push(Replacement { span: Span::new(from, piece.span.start), text: between, encoding: "notebook" });
            unescape(text, piece.span, &mut all);
            from = piece.span.end;
        }
        all.push(Replacement { span: Span::new(from, text.len()), text: vec![b'\n'], encoding: "notebook" });
        (!self.pieces.is_empty()).then(|| View::new(text, all))
    }

    /// The cell that a place is in: `notebook cell 3 (code)`.
    pub(crate) fn cell(&self, place: Span) -> Option<String> {
        let stretch = self.stretches.iter().find(|stretch| stretch.span.contains(place))?;
        let kind = match stretch.kind {
            Some(Kind::Code) => " (code)",
            Some(Kind::Markdown) => " (markdown)",
            Some(Kind::Raw) => " (raw)",
            Some(Kind::Output) => " (output)",
            None => "",
        };
        Some(format!("notebook cell {}{kind}", stretch.number))
    }
}

/// Finds the escapes of a string.
fn unescape(text: &[u8], piece: Span, all: &mut Vec<Replacement>) {
    let mut at = piece.start;
    while let Some(found) = memchr::memchr(b'\\', &text[at..piece.end]) {
        let start = at + found;
        let rest = &text[start + 1..piece.end];
        let (length, reads): (usize, Vec<u8>) = match rest.first() {
            Some(b'n') => (2, b"\n".to_vec()),
            Some(b't') => (2, b"\t".to_vec()),
            Some(b'r') => (2, b"\r".to_vec()),
            Some(&byte @ (b'"' | b'\\' | b'/')) => (2, vec![byte]),
            Some(b'u') => match unicode(rest) {
                Some(character) => (6, character.to_string().into_bytes()),
                None => (2, Vec::new()),
            },
            Some(_) => (2, b" ".to_vec()),
            None => return,
        };
        if !reads.is_empty() {
            all.push(Replacement { span: Span::new(start, start + length), text: reads, encoding: "escape" });
        }
        at = start + length;
    }
}

/// The character of `uXXXX`; none for half of a pair.
fn unicode(rest: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(rest.get(1..5)?).ok()?;
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

#[cfg(test)]
mod tests;
