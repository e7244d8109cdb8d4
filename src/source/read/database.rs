//! Databases, read by rows, and then what no row was read from as the texts in a binary file.

use std::io::{self, Cursor, Read};

use super::super::sqlite::{self, rows::Text};
use super::super::{SkipReason, strings::Strings};
use super::{Counted, Filled, Form, ReadSeek, Reader, Window};
use crate::secret::wipe_all;
use crate::span::{Position, Span, position_after};

/// The longest database that is held in memory where it comes as a stream.
const MAX_STREAM: u64 = 64 << 20;
/// How much text may come out of a database for each of its bytes, beyond [`FREE`].
const RATIO: usize = 8;
/// So much may come out anyway.
const FREE: usize = 1 << 20;

/// Whether a text is a database.
pub(super) fn is_database(head: &[u8]) -> bool {
    head.starts_with(sqlite::MAGIC)
}

impl Reader {
    /// Hands out a database, of which the buffer holds the head. `whole` is the same to jump in.
    pub(super) fn database(
        &mut self,
        head: Filled,
        input: &mut Counted<'_>,
        whole: Option<&mut dyn ReadSeek>,
        each: &mut dyn FnMut(&Window<'_>),
    ) -> Result<(), SkipReason> {
        if let Some(whole) = whole {
            let size = input.size;
            self.rows(whole, each, size)?;
            input.bytes = size;
            return head.problem.map_or(Ok(()), Err);
        }
        let mut bytes = self.buffer[..head.count].to_vec();
        let failed = input.take(MAX_STREAM).read_to_end(&mut bytes).err();
        if bytes.len() as u64 >= MAX_STREAM {
            let why = format!(
                "a database of more than {MAX_STREAM} bytes, where it can't be jumped in, is read without its rows"
            );
            let mut texts = Strings::new(bytes.as_slice().chain(input));
            let read = self.cut(&mut texts, Filled::default(), Form::Strings, each);
            wipe_all(&mut bytes);
            read?;
            return Err(SkipReason::Limit(why));
        }
        let size = bytes.len() as u64;
        let read = self.rows(&mut Cursor::new(bytes.as_slice()), each, size);
        wipe_all(&mut bytes);
        let problem = failed.map(|error| super::reason(&error)).or(head.problem);
        problem.map_or(read, Err)
    }

    fn rows(
        &mut self,
        whole: &mut dyn ReadSeek,
        each: &mut dyn FnMut(&Window<'_>),
        size: u64,
    ) -> Result<(), SkipReason> {
        let most = usize::try_from(size).unwrap_or(usize::MAX).saturating_mul(RATIO).saturating_add(FREE);
        let (mut text, mut position) = (Text::default(), Position::default());
        let (member, mut handed_out) = (self.member.clone(), false);
        let mut hand_out = |text: &mut Text, position: &mut Position| {
            let (bytes, offset, position_now) = (text.bytes.as_slice(), text.offset, *position);
            let (shared_from, member, places) = (bytes.len(), member.as_deref(), Some(&text.places));
            let (wide, strings, last, rest) = (None, true, false, false);
            each(&Window {
                bytes,
                offset,
                position: position_now,
                shared_from,
                last,
                member,
                wide,
                strings,
                places,
                rest,
            });
            *position = position_after(&text.bytes[..text.kept_from()], position_now);
            text.advance();
            handed_out = true;
        };
        let mut limit = None;
        let outcome = sqlite::read(whole, &mut |row| {
            text.row(row);
            if text.is_full() {
                hand_out(&mut text, &mut position);
            }
            if text.offset > most {
                let why = format!("more than {most} bytes of text came out of the database; not all rows were read");
                limit = Some(why);
            }
            limit.is_none()
        });
        if !text.bytes.is_empty() {
            hand_out(&mut text, &mut position);
        }
        whole.rewind().map_err(|error| super::unreadable(&error))?;
        let rest = Unread { inner: whole, at: 0, used: &outcome.used };
        // If no rows were read, it is a file like others.
        let form = if handed_out { Form::Rest } else { Form::Strings };
        self.cut(&mut Strings::new(rest), Filled::default(), form, each)?;
        match (limit, outcome.damage) {
            (Some(limit), _) => Err(SkipReason::Limit(limit)),
            (None, Some(why)) => Err(SkipReason::Unreadable(format!("{why}; rows may be missing"))),
            (None, None) => Ok(()),
        }
    }
}

/// A file with what was read of it before made blank.
struct Unread<'a> {
    inner: &'a mut dyn ReadSeek,
    at: usize,
    used: &'a [Span],
}

impl Read for Unread<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let (from, end) = (self.at, self.at + count);
        while let Some(span) = self.used.first() {
            if span.start >= end {
                break;
            }
            let piece = span.start.max(from).min(end)..span.end.clamp(from, end);
            buffer[piece.start - from..piece.end.max(piece.start) - from].fill(0);
            if span.end > end {
                break;
            }
            self.used = &self.used[1..];
        }
        self.at = end;
        Ok(count)
    }
}
