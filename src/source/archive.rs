//! Reads inside archives: zip (and so jar, docx, wheels), tar, gzip, bzip2, xz and zstd, nested.
//!
//! Members are handed out as streams under their names. Nothing is written to disk, no name is joined to a path, and no
//! size is believed: only bytes that came out are counted. What hits a limit is named.

mod inflate;
mod limits;
mod packed;
mod tar;
mod zip;

use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use super::SkipReason;
use super::read::ReadSeek;
use crate::secret::{wipe, wipe_all};
pub use limits::Limits;
use limits::{Budget, Fed, Meter};
pub use zip::is_behind as zip_is_behind;

/// Bytes that decide what a text is; tar has its mark at the end of its first block.
const HEAD: usize = 512;

/// Names are cut to their last bytes: an archive can hold thousands, each as long as a book.
const NAME_LIMIT: usize = 1024;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Zip, and the formats that are zips.
    Zip,
    /// Tar, as POSIX and GNU have it.
    Tar,
    /// One compressed stream.
    Packed(Packing),
}

/// A way to compress a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// gzip.
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// zstd.
    Zstd,
}

/// What a text is, by its first bytes.
#[must_use]
pub fn kind(head: &[u8]) -> Option<Kind> {
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Kind::Zip),
        [0x1f, 0x8b, 8, ..] => Some(Kind::Packed(Packing::Gzip)),
        [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..]
            if rest.starts_with(b"1AY&SY") || rest.starts_with(b"\x17rE8P\x90") =>
        {
            Some(Kind::Packed(Packing::Bzip2))
        }
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Kind::Packed(Packing::Xz)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Kind::Packed(Packing::Zstd)),
        _ if tar::begins(head) => Some(Kind::Tar),
        _ => None,
    }
}

/// Takes what is in an archive.
pub trait Sink {
    /// A member that is no archive. It need not be read to its end.
    fn member(&mut self, name: &str, text: &mut dyn Read);
    /// A member that was not read, or not to its end; the whole archive if the name is empty.
    fn skip(&mut self, name: &str, reason: SkipReason);
}

/// An archive as it lies before us.
pub enum Source<'a> {
    /// As a whole.
    Whole(&'a mut dyn ReadSeek),
    /// As a stream.
    Stream(&'a mut dyn Read),
}

impl std::fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if matches!(self, Self::Whole(_)) { "Whole" } else { "Stream" })
    }
}

/// Hands the members of an archive to `sink`. `name` is the last name of the archive itself.
pub fn read(kind: Kind, source: Source<'_>, name: &str, limits: &Limits, sink: &mut dyn Sink) {
    let budget = Rc::new(Budget::new(*limits));
    let mut reading = Reading { budget: Rc::clone(&budget), sink, name };
    let archive = Archive { prefix: "", depth: 1 };
    match (kind, source) {
        (Kind::Zip, Source::Whole(whole)) => {
            budget.feed(whole.seek(io::SeekFrom::End(0)).unwrap_or_default());
            reading.zip(archive, whole);
        }
        (kind, Source::Whole(mut whole)) => {
            if let Err(error) = whole.rewind() {
                return reading.fail("", &error);
            }
            reading.archive(kind, archive, &mut Fed::new(&mut whole, &budget));
        }
        (kind, Source::Stream(stream)) => reading.archive(kind, archive, &mut Fed::new(stream, &budget)),
    }
}

/// An archive that is being read.
#[derive(Clone, Copy)]
struct Archive<'a> {
    /// Its name in the archives around it; empty for the outermost.
    prefix: &'a str,
    /// 1 for the outermost.
    depth: u32,
}

impl Archive<'_> {
    /// The name of a member.
    fn member(&self, name: &[u8]) -> String {
        let name = String::from_utf8_lossy(tail(name));
        if self.prefix.is_empty() { name.into_owned() } else { format!("{}!{name}", self.prefix) }
    }
}

/// The end of a name.
fn tail(name: &[u8]) -> &[u8] {
    let mut start = name.len().saturating_sub(NAME_LIMIT);
    while start > 0 && name.get(start).is_some_and(|byte| byte & 0xc0 == 0x80) {
        start += 1;
    }
    &name[start..]
}

/// The reading of one outermost archive.
struct Reading<'a> {
    budget: Rc<Budget>,
    sink: &'a mut dyn Sink,
    name: &'a str,
}

impl Reading<'_> {
    fn archive(&mut self, kind: Kind, archive: Archive<'_>, input: &mut dyn Read) {
        match kind {
            Kind::Zip => self.buffered_zip(archive, input),
            Kind::Tar => self.tar(archive, input),
            Kind::Packed(packing) => self.packed(packing, archive, input),
        }
    }

    /// A zip must be read from its end, so one that comes as a stream is held in memory.
    fn buffered_zip(&mut self, archive: Archive<'_>, input: &mut dyn Read) {
        let limit = self.budget.limits.member;
        let mut bytes = Vec::new();
        if let Err(error) = input.take(limit.saturating_add(1)).read_to_end(&mut bytes) {
            // What is there may begin with whole members.
            self.fail(archive.prefix, &error);
        }
        if self.budget.is_spent() {
            return;
        }
        if bytes.len() as u64 > limit {
            let why = format!("a zip of more than the limit of {limit} bytes, where it can't be read from its end");
            return self.sink.skip(archive.prefix, SkipReason::Limit(why));
        }
        let mut whole = Cursor::new(bytes);
        self.zip(archive, &mut whole);
        wipe_all(&mut whole.into_inner());
    }

    fn packed(&mut self, packing: Packing, archive: Archive<'_>, input: &mut dyn Read) {
        let stream = match packed::decoder(packing, BufReader::new(input)) {
            Ok(stream) => stream,
            Err(error) => return self.fail(archive.prefix, &error),
        };
        let mut stream = Meter::new(stream, &Rc::clone(&self.budget));
        let mut text = Started::new(&mut stream);
        if kind(text.head()) == Some(Kind::Tar) {
            return self.tar(archive, &mut text);
        }
        let own = if archive.prefix.is_empty() { self.name } else { archive.prefix };
        let name = archive.member(packed::unpacked_name(own).as_bytes());
        self.started(&name, archive.depth, text);
    }

    /// A member: an archive itself, or a text.
    fn item(&mut self, name: &str, depth: u32, input: &mut dyn Read) {
        self.started(name, depth, Started::new(input));
    }

    fn started(&mut self, name: &str, depth: u32, mut text: Started<'_>) {
        let limit = self.budget.limits.depth;
        match kind(text.head()) {
            Some(_) if depth >= limit => {
                let why = format!("an archive within {depth} others, the limit");
                self.sink.skip(name, SkipReason::Limit(why));
            }
            Some(kind) => self.archive(kind, Archive { prefix: name, depth: depth + 1 }, &mut text),
            None => self.sink.member(name, &mut text),
        }
    }

    /// Whether the limits allow a member of this number; if not, that is said.
    fn goes_on(&mut self, archive: Archive<'_>, number: usize) -> bool {
        if self.budget.is_spent() {
            return false;
        }
        let why = self.budget.count_member(number);
        if let Some(why) = &why {
            self.sink.skip(archive.prefix, SkipReason::Limit(why.clone()));
        }
        why.is_none()
    }

    fn fail(&mut self, name: &str, error: &io::Error) {
        let reason = match self.budget.spent() {
            Some(why) => SkipReason::Limit(why),
            None => super::read::reason(error),
        };
        self.sink.skip(name, reason);
    }
}

/// A text of which the first bytes were read already.
struct Started<'a> {
    head: [u8; HEAD],
    at: usize,
    end: usize,
    failed: Option<io::Error>,
    rest: &'a mut dyn Read,
}

impl<'a> Started<'a> {
    fn new(rest: &'a mut dyn Read) -> Self {
        let (mut head, mut end, mut failed) = ([0; HEAD], 0, None);
        while end < HEAD {
            match rest.read(&mut head[end..]) {
                Ok(0) => break,
                Ok(count) => end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        Self { head, at: 0, end, failed, rest }
    }

    fn head(&self) -> &[u8] {
        &self.head[..self.end]
    }
}

impl Drop for Started<'_> {
    fn drop(&mut self) {
        wipe(&mut self.head[..self.end]);
    }
}

impl Read for Started<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at < self.end {
            let count = buffer.len().min(self.end - self.at);
            buffer[..count].copy_from_slice(&self.head[self.at..self.at + count]);
            self.at += count;
            return Ok(count);
        }
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.rest.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests;
