//! Deflated streams. `sirocco` has a reader of its own, but it forgets what came out right before a damage, ends behind the
//! first of several gzip members, and its buffer is not wiped.

use std::io::{self, BufRead, Read};
use std::ops::Range;

use sirocco::Format;
use sirocco::inflate::{Decoder, Error};

use crate::secret::{wipe, wipe_all};

/// Room for what comes out. Most members are short; long streams are fastest with this much, and need 32 KiB at least.
const ROOM: usize = 64 << 10;
const MUCH_ROOM: usize = 256 << 10;

/// Reads what a stream holds, up to the very byte that is damaged; then fails.
pub(super) struct Inflate<R> {
    input: R,
    decoder: Box<Decoder>,
    /// As it was before it was last fed.
    before: Box<Decoder>,
    /// How much it is fed at once: less and less where it fails.
    most: usize,
    /// What came out; the end of it is what the stream goes on to copy from.
    buffer: Vec<u8>,
    filled: usize,
    /// What of it wasn't handed out.
    pending: Range<usize>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No stream has begun, or one has ended.
    Between,
    Within,
    /// The same, and the buffer is full.
    Full,
    Ended,
}

impl<R: BufRead> Inflate<R> {
    /// One stream without header and checksum.
    pub(super) fn raw(input: R) -> Self {
        Self::new(Format::Deflate, input)
    }

    /// All members of a gzip file.
    pub(super) fn gzip(input: R) -> Self {
        Self::new(Format::Gzip, input)
    }

    fn new(format: Format, input: R) -> Self {
        let decoder = Box::new(Decoder::new(format));
        Self {
            input,
            before: decoder.clone(),
            decoder,
            most: usize::MAX,
            buffer: Vec::new(),
            filled: 0,
            pending: 0..0,
            state: State::Between,
        }
    }

    /// Feeds the decoder once.
    fn step(&mut self) -> io::Result<()> {
        match self.state {
            State::Between => self.filled = 0,
            State::Full => self.make_room(),
            State::Within | State::Ended => {}
        }
        if self.buffer.is_empty() {
            self.buffer = vec![0; ROOM];
        }
        let input = self.input.fill_buf()?;
        let is_end = input.is_empty();
        if is_end && self.state == State::Between {
            self.state = State::Ended;
            return Ok(());
        }
        let piece = &input[..input.len().min(self.most)];
        self.before.clone_from(&self.decoder);
        match self.decoder.decompress(piece, &mut self.buffer, is_end) {
            Ok(progress) => {
                self.pending = self.filled..self.filled + progress.output.len();
                self.filled = self.pending.end;
                self.state = match (progress.done, progress.full) {
                    (true, _) if self.decoder.format() == Format::Gzip => State::Between,
                    (true, _) => State::Ended,
                    (_, true) => State::Full,
                    _ => State::Within,
                };
                let consumed = progress.consumed;
                self.input.consume(consumed);
                self.most = self.most.saturating_mul(2);
                Ok(())
            }
            // What it made of the piece before it failed is not told, so it gets smaller ones.
            Err(Error::BadData | Error::ChecksumMismatch) if piece.len() > 1 => {
                self.most = piece.len() / 2;
                self.decoder.clone_from(&self.before);
                Ok(())
            }
            Err(error) => {
                self.state = State::Ended;
                Err(error.into())
            }
        }
    }

    fn make_room(&mut self) {
        if self.buffer.len() < MUCH_ROOM {
            let mut more = vec![0; MUCH_ROOM];
            more[..self.filled].copy_from_slice(&self.buffer[..self.filled]);
            wipe_all(&mut std::mem::replace(&mut self.buffer, more));
        } else {
            self.filled -= self.decoder.make_room(&mut self.buffer);
        }
    }
}

impl<R: BufRead> Read for Inflate<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.pending.is_empty() && self.state != State::Ended && !buffer.is_empty() {
            self.step()?;
        }
        let count = self.pending.len().min(buffer.len());
        let (start, end) = (self.pending.start, self.pending.start + count);
        buffer[..count].copy_from_slice(&self.buffer[start..end]);
        self.pending.start = end;
        Ok(count)
    }
}

impl<R> Drop for Inflate<R> {
    fn drop(&mut self) {
        wipe(&mut self.buffer);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// Numbers that hardly repeat.
    fn text(length: usize) -> Vec<u8> {
        let numbers = (0_u32..).map(|number| number.wrapping_mul(2_654_435_761));
        let mut text: Vec<u8> =
            numbers.take(length / 8 + 1).flat_map(|number| format!("{number:08x}").into_bytes()).collect();
        text.truncate(length);
        text
    }

    fn deflate(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    /// What comes out, read in pieces of a length, and the error at its end.
    fn read(packed: &[u8], input: usize, output: usize) -> (Vec<u8>, Option<io::Error>) {
        let mut reader = Inflate::raw(io::BufReader::with_capacity(input, packed));
        let (mut all, mut piece) = (Vec::new(), vec![0; output]);
        loop {
            match reader.read(&mut piece) {
                Ok(0) => return (all, None),
                Ok(count) => all.extend_from_slice(&piece[..count]),
                Err(error) => return (all, Some(error)),
            }
        }
    }

    #[test]
    fn any_length_in_any_pieces() {
        for length in [0, 1, 5000, ROOM - 1, ROOM, ROOM + 1, MUCH_ROOM, 3 * MUCH_ROOM + 7] {
            let text = text(length);
            let packed = deflate(&text);
            for (input, output) in [(8192, 1 << 20), (1, 7000), (100_000, 13)] {
                let (all, error) = read(&packed, input, output);
                assert!(all == text && error.is_none(), "{length} bytes by {input} and {output}: {error:?}");
            }
        }
    }

    /// What stands before a damage comes out to the last byte, however the stream comes in.
    #[test]
    fn all_before_the_damage() {
        for length in [1, 400, 300_000] {
            let text = text(length);
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(&text).and_then(|()| encoder.flush()).expect("memory");
            let mut packed = encoder.get_ref().clone();
            // There is no block of this kind.
            packed.extend_from_slice(&[0xff; 50]);
            for input in [1, 100, 8192, 1 << 20] {
                let (all, error) = read(&packed, input, 1 << 20);
                assert_eq!(error.map(|error| error.kind()), Some(io::ErrorKind::InvalidData));
                assert!(all == text, "{} of {length} bytes by {input}", all.len());
            }
        }
    }
}
