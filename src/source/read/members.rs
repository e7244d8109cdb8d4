//! The members of an archive, read like files.

use std::io::Read;

use super::super::{SkipReason, archive};
use super::{Counted, HEAD, Outcome, ReadSeek, Reader, Window, database, fill};
use crate::secret::wipe_all;

impl Reader {
    /// Whether the text whose head the buffer holds is an archive. A zip is known by its end as well, if that can be seen: a
    /// program in front of it makes it unpack itself. Only what is no text is looked at so.
    pub(super) fn archive_kind(&self, head: usize, whole: &mut Option<&mut dyn ReadSeek>) -> Option<archive::Kind> {
        let head = &self.buffer[..head];
        let known = archive::kind(head);
        match whole {
            Some(whole) if known.is_none() && memchr::memchr(0, head).is_some() && !database::is_database(head) => {
                archive::zip_is_behind(*whole).then_some(archive::Kind::Zip)
            }
            _ => known,
        }
    }

    /// Hands out the members of an archive, of which the buffer holds the first `head` bytes.
    pub(super) fn archive(
        &mut self,
        kind: archive::Kind,
        head: usize,
        input: &mut Counted<'_>,
        whole: Option<&mut dyn ReadSeek>,
        each: &mut dyn FnMut(&Window<'_>),
    ) -> Outcome {
        let (limits, mut head) = (self.limits, self.buffer[..head].to_vec());
        let name = String::from_utf8_lossy(&self.name).into_owned();
        let size = input.size;
        let mut rest = head.as_slice().chain(&mut *input);
        let mut members = Members { reader: self, each, outcome: Outcome::default() };
        let source = match whole {
            Some(whole) => archive::Source::Whole(whole),
            None => archive::Source::Stream(&mut rest),
        };
        archive::read(kind, source, &name, &limits, &mut members);
        let mut outcome = members.outcome;
        wipe_all(&mut head);
        outcome.bytes = size.max(input.bytes);
        outcome
    }
}

/// Scans the members of an archive like files.
struct Members<'r, 'e> {
    reader: &'r mut Reader,
    each: &'e mut dyn FnMut(&Window<'_>),
    outcome: Outcome,
}

impl archive::Sink for Members<'_, '_> {
    fn member(&mut self, name: &str, text: &mut dyn Read) {
        let mut counted = Counted { inner: text, bytes: 0, size: 0, limit: self.reader.limits.member };
        self.reader.member = Some(name.to_owned());
        let head = fill(&mut self.reader.buffer, 0, HEAD, &mut counted);
        let read = if database::is_database(&self.reader.buffer[..head.count]) {
            self.reader.database(head, &mut counted, None, self.each)
        } else {
            self.reader.windows(&mut counted, head, None, self.each)
        };
        self.reader.member = None;
        if let Err(reason) = read {
            self.skip(name, reason);
        }
    }

    fn skip(&mut self, name: &str, reason: SkipReason) {
        if name.is_empty() && self.outcome.skipped.is_none() {
            self.outcome.skipped = Some(reason);
        } else {
            self.outcome.members.push((name.to_owned(), reason));
        }
    }
}
