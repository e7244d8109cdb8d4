//! Reading one file safely and in constant memory: whole if it is short, in overlapping windows if it is long.
//!
//! Only regular files are opened, never through a link, and nothing is mapped: a file that shrinks must not kill us.
//! An archive is handed out as its members.

mod database;
#[cfg(feature = "archives")]
mod members;
mod mixed;
#[cfg(test)]
mod tests;
mod window;

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use super::SkipReason;
#[cfg(feature = "archives")]
use super::archive;
use super::strings::{Strings, is_media, mask, packed};
use crate::secret::wipe;
use crate::span::{Position, position_after};
use crate::view::wide::{self, Decoder, Encoding, Seen};
use mixed::{Watched, ends_wide, looks_like_text, mixed_in_bytes};
pub use window::{Kept, Window};

/// Texts up to this size are one window. The buffer of a thread is this large; the system gives memory only for the
/// part that is used.
pub const WINDOW: usize = (1 << 20) + (64 << 10);

/// What a window shares with the next one at least, so that a value and its surroundings are whole in one of them.
const OVERLAP: usize = 4 << 10;

/// What it shares at most, if the lines are long.
const OVERLAP_MAX: usize = 64 << 10;

/// The part that decides whether a file is text.
const HEAD: usize = 8 << 10;

/// The byte order mark of UTF-8.
const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";

/// What became of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Bytes read.
    pub bytes: u64,
    /// Why it was not read, or not to its end.
    pub skipped: Option<SkipReason>,
    /// The members of an archive that were not read, or not to their ends.
    pub members: Vec<(String, SkipReason)>,
}

impl From<SkipReason> for Outcome {
    fn from(reason: SkipReason) -> Self {
        Self { skipped: Some(reason), ..Self::default() }
    }
}

/// Opens a regular file for reading; a link, pipe or device is refused.
pub fn open(path: &Path) -> Result<(File, Metadata), SkipReason> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        // NONBLOCK: opening a pipe must not wait for its writer.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    #[cfg(not(unix))]
    if std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
        return Err(SkipReason::Link);
    }
    let file = options.open(path).map_err(|error| refused(path, &error))?;
    let found = file.metadata().map_err(|error| unreadable(&error))?;
    if found.is_file() { Ok((file, found)) } else { Err(SkipReason::Special) }
}

/// Why opening failed: links and sockets show themselves by their errors.
fn refused(path: &Path, error: &io::Error) -> SkipReason {
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.is_symlink() => SkipReason::Link,
        Ok(found) if !found.is_file() && !found.is_dir() => SkipReason::Special,
        _ => unreadable(error),
    }
}

/// The system's reason, without its number.
pub(super) fn unreadable(error: &io::Error) -> SkipReason {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    SkipReason::Unreadable(text[..end].to_lowercase())
}

/// All of a small regular file, such as an ignore file or a configuration.
pub fn small(path: &Path, limit: u64) -> Result<Vec<u8>, SkipReason> {
    let (file, found) = open(path)?;
    let too_large = |size| SkipReason::TooLarge { size, limit };
    if found.len() > limit {
        return Err(too_large(found.len()));
    }
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > limit { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
}

/// Reads texts one after another into one buffer. A thread has one.
#[derive(Debug)]
pub struct Reader {
    buffer: Vec<u8>,
    /// So much of it was ever filled by more than a head.
    used: usize,
    /// The member that is being read.
    member: Option<String>,
    /// What is read of archives.
    #[cfg(feature = "archives")]
    pub limits: archive::Limits,
    /// The last name of the text that comes next, if it is known: the member of a `.gz` is named after it.
    #[cfg(feature = "archives")]
    pub name: Vec<u8>,
}

impl Default for Reader {
    fn default() -> Self {
        Self {
            buffer: vec![0; WINDOW],
            used: 0,
            member: None,
            #[cfg(feature = "archives")]
            limits: archive::Limits::default(),
            #[cfg(feature = "archives")]
            name: Vec::new(),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // What was never filled must not be touched: the system would give memory for it.
        wipe(&mut self.buffer[..self.used.max(HEAD)]);
    }
}

impl Reader {
    /// Hands the windows of a file to `each`. A file beyond `limit` bytes is left out.
    pub fn file(&mut self, path: &Path, limit: u64, each: &mut dyn FnMut(&Window<'_>)) -> Outcome {
        let (file, before) = match open(path) {
            Ok(opened) => opened,
            Err(reason) => return reason.into(),
        };
        if before.len() > limit {
            return SkipReason::TooLarge { size: before.len(), limit }.into();
        }
        let mut outcome = self.text(&mut &file, Some(&mut &file), (before.len(), limit), each);
        if outcome.skipped.is_none() && outcome.bytes < before.len() {
            // Fewer bytes than it had. Some file systems always say so (`/sys`); a file that shrank was cut under us.
            let shrank = file.metadata().is_ok_and(|after| after.len() != before.len());
            let note = || format!("changed while it was read: {} of {} bytes were there", outcome.bytes, before.len());
            outcome.skipped = shrank.then(|| SkipReason::Unreadable(note()));
        }
        outcome
    }

    /// Hands the windows of a stream to `each`. `size` is what the stream is expected to hold, 0 if that is not known.
    pub fn stream(
        &mut self,
        input: &mut dyn Read,
        size: u64,
        limit: u64,
        each: &mut dyn FnMut(&Window<'_>),
    ) -> Outcome {
        self.text(input, None, (size, limit), each)
    }

    /// Reads a text to its end. `whole` is the same text to jump in, if that can be done.
    fn text(
        &mut self,
        input: &mut dyn Read,
        whole: Option<&mut dyn ReadSeek>,
        (size, limit): (u64, u64),
        each: &mut dyn FnMut(&Window<'_>),
    ) -> Outcome {
        let mut counted = Counted { inner: input, bytes: 0, size, limit };
        // A panic may have left one.
        self.member = None;
        let head = fill(&mut self.buffer, 0, HEAD, &mut counted);
        #[cfg(feature = "archives")]
        let mut whole = whole;
        #[cfg(feature = "archives")]
        if let Some(kind) = self.archive_kind(head.count, &mut whole) {
            return self.archive(kind, head.count, &mut counted, whole, each);
        }
        let skipped = if database::is_database(&self.buffer[..head.count]) {
            self.database(head, &mut counted, whole, each).err()
        } else {
            self.windows(&mut counted, head, whole, each).err()
        };
        Outcome { bytes: counted.bytes, skipped, ..Outcome::default() }
    }

    /// Hands a text that is in memory to `each`, as one window if it is short and needs no decoding.
    pub fn bytes(&mut self, text: &[u8], each: &mut dyn FnMut(&Window<'_>)) -> Outcome {
        if !is_one_window(text) {
            let size = (text.len() as u64, u64::MAX);
            return self.text(&mut &*text, Some(&mut io::Cursor::new(text)), size, each);
        }
        each(&Window::whole(text));
        Outcome { bytes: text.len() as u64, skipped: ends_wide(text).then(mixed_in_bytes), ..Outcome::default() }
    }

    /// Hands out the windows of a text, of which the buffer holds the head. `whole` is the same text from its beginning.
    fn windows(
        &mut self,
        input: &mut Counted<'_>,
        head: Filled,
        whole: Option<&mut dyn ReadSeek>,
        each: &mut dyn FnMut(&Window<'_>),
    ) -> Result<(), SkipReason> {
        let sniffed = &self.buffer[..head.count.min(HEAD)];
        // The mark of UTF-16 alone says nothing: two bytes in front of an ordinary text must not hide it. Letters, blanks and
        // line ends of UTF-16 have zero bytes.
        if memchr::memchr(0, sniffed).is_none() {
            return match head.problem {
                Some(reason) if head.count == 0 => Err(reason),
                _ => self.cut(input, head, Form::Plain, each),
            };
        }
        let Some((encoding, mark)) = wide::sniff(sniffed) else {
            if let Some(format) = packed(sniffed) {
                let why = format!("it is packed as {format}, which is not unpacked here; scan what comes out of it");
                return Err(SkipReason::Unreadable(why));
            }
            if is_media(sniffed) {
                return Err(SkipReason::Binary);
            }
            if !looks_like_text(sniffed) {
                mask(&mut self.buffer[..head.count]);
                return self.cut(&mut Strings::new(input), head, Form::Strings, each);
            }
            let mut watched = Watched::new(input, sniffed);
            mask(&mut self.buffer[..head.count]);
            self.cut(&mut Strings::new(&mut watched), head, Form::Strings, each)?;
            return if watched.found { Err(mixed_in_bytes()) } else { Ok(()) };
        };
        let (mut nothing, seen) = (io::empty(), Seen::default());
        let (size, limit) = (input.size, input.limit);
        let rest: &mut dyn Read = if head.ended { &mut nothing } else { input };
        let mut text = Decoder::new(rest, encoding, &self.buffer[mark..head.count], &seen);
        self.cut(&mut text, Filled::default(), Form::Wide(encoding, mark), each)?;
        drop(text);
        if let Some(problem) = head.problem {
            return Err(problem);
        }
        // Something else stands in it, too. It is read once more for the texts in bytes; other mixtures are not understood.
        let mixed = || SkipReason::Unreadable(format!("{} and something else are mixed in it", encoding.name()));
        if seen.narrow.get() {
            let whole = whole.ok_or_else(mixed)?;
            whole.rewind().map_err(|error| unreadable(&error))?;
            let mut again = Strings::new(Counted { inner: whole, bytes: 0, size, limit });
            self.cut(&mut again, Filled::default(), Form::Strings, each)?;
        }
        if encoding.is_utf32() && seen.broken.get() || seen.astray.get() { Err(mixed()) } else { Ok(()) }
    }

    /// Cuts windows from `input`, of which the buffer holds the first `filled` bytes.
    fn cut(
        &mut self,
        input: &mut dyn Read,
        Filled { count: mut filled, mut ended, mut problem }: Filled,
        form: Form,
        each: &mut dyn FnMut(&Window<'_>),
    ) -> Result<(), SkipReason> {
        let rest = form == Form::Rest;
        let strings = rest || form == Form::Strings;
        let mut wide = if let Form::Wide(encoding, mark) = form { Some((encoding, mark)) } else { None };
        // The rest of a text is not its beginning.
        let (mut offset, mut position) = (0, Position { line: 1 + usize::from(rest), column: 1 });
        if self.buffer[..filled].starts_with(UTF8_MARK) {
            // It is no column, and no part of the first name.
            offset = UTF8_MARK.len();
            self.buffer.copy_within(offset..filled, 0);
            filled -= offset;
        }
        loop {
            while !ended && filled < self.buffer.len() {
                let full = self.buffer.len();
                // If it fails, what was read until then is scanned all the same.
                Filled { count: filled, ended, problem } = fill(&mut self.buffer, filled, full, input);
            }
            self.used = self.used.max(filled);
            let (next, end) = if ended { (filled, filled) } else { borders(&self.buffer[..filled]) };
            let bytes = &self.buffer[..end];
            let member = self.member.as_deref();
            let (places, shared_from, last) = (None, next, ended);
            each(&Window { bytes, offset, position, shared_from, last, member, wide, strings, places, rest });
            if ended {
                let problem = problem.or_else(|| (form == Form::Plain && ends_wide(bytes)).then(mixed_in_bytes));
                return problem.map_or(Ok(()), Err);
            }
            let done = &self.buffer[..next];
            position = position_after(done, position);
            wide = wide.map(|(encoding, before)| (encoding, before + encoding.original_len(done)));
            offset += next;
            self.buffer.copy_within(next..filled, 0);
            filled -= next;
        }
    }
}

/// Whether a text is scanned as it is, as one window.
#[must_use]
pub fn is_one_window(text: &[u8]) -> bool {
    let head = &text[..text.len().min(HEAD)];
    let plain = memchr::memchr(0, head).is_none() && !head.starts_with(UTF8_MARK);
    text.len() <= WINDOW && plain && !is_archive(head)
}

/// Something to read and to jump in.
pub trait ReadSeek: Read + io::Seek {}

impl<T: Read + io::Seek> ReadSeek for T {}

#[cfg(feature = "archives")]
fn is_archive(head: &[u8]) -> bool {
    archive::kind(head).is_some()
}

#[cfg(not(feature = "archives"))]
fn is_archive(_: &[u8]) -> bool {
    false
}

/// How the bytes that windows are cut from came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As they are in the file.
    Plain,
    /// Decoded, from behind a mark of so many bytes.
    Wide(Encoding, usize),
    /// The texts of a file that is none.
    Strings,
    /// The same of what is left of a database.
    Rest,
}

/// How far a buffer was filled.
#[derive(Debug, Default)]
struct Filled {
    count: usize,
    /// Nothing more comes.
    ended: bool,
    /// Why, if the text goes on.
    problem: Option<SkipReason>,
}

/// Reads until the buffer holds at least `want` bytes or the input ends.
fn fill(buffer: &mut [u8], mut count: usize, want: usize, input: &mut dyn Read) -> Filled {
    while count < want {
        match input.read(&mut buffer[count..]) {
            Ok(0) => return Filled { count, ended: true, problem: None },
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Filled { count, ended: true, problem: Some(reason(&error)) },
        }
    }
    Filled { count, ended: false, problem: None }
}

/// Where the next window begins, and where this one ends: at line starts if there are any near.
fn borders(text: &[u8]) -> (usize, usize) {
    let latest = text.len() - OVERLAP;
    let earliest = text.len() - OVERLAP_MAX;
    let line_start = |piece: &[u8]| memchr::memrchr(b'\n', piece).map(|at| at + 1);
    let next = line_start(&text[earliest..latest]).map_or_else(|| character_start(text, latest), |at| earliest + at);
    let end = line_start(&text[latest..]).map_or(text.len(), |at| latest + at);
    (next, end)
}

/// The last place up to `at` that cuts neither a character nor CR from LF.
fn character_start(text: &[u8], at: usize) -> usize {
    let is_inside = |at: usize| text[at] & 0xc0 == 0x80 || (text[at] == b'\n' && text[at - 1] == b'\r');
    (at - 3..=at).rev().find(|&at| !is_inside(at)).unwrap_or(at)
}

/// Counts, and ends a stream at its limit. With an expected size it saves the read that would only say "no more".
struct Counted<'r> {
    inner: &'r mut dyn Read,
    bytes: u64,
    size: u64,
    limit: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.size > 0 && self.bytes == self.size {
            return Ok(0);
        }
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        if self.bytes > self.limit {
            return Err(io::Error::other(Beyond(format!("more than the limit of {} bytes", self.limit))));
        }
        Ok(count)
    }
}

/// A stream went on beyond a limit: which.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Beyond(pub(super) String);

/// Why reading failed.
pub(super) fn reason(error: &io::Error) -> SkipReason {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Beyond>()) {
        Some(Beyond(limit)) => SkipReason::Limit(limit.clone()),
        None => unreadable(error),
    }
}
