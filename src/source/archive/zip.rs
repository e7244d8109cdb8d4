//! Zips, by our own reading of their directory. A library keeps one member of each name; who hides something gives it
//! the name of something harmless. Here every entry is read, also two that claim the same bytes.

use std::io::{self, BufReader, Read, SeekFrom};
use std::ops::Range;
use std::rc::Rc;

use super::inflate::Inflate;
use super::limits::Meter;
use super::packed;
use super::{Archive, Packing, Reading};
use crate::source::SkipReason;
use crate::source::read::ReadSeek;

const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const END64: &[u8] = b"PK\x06\x06";
const LOCATOR64: &[u8] = b"PK\x06\x07";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// What follows a member whose size was not known before, at most.
const DESCRIPTOR: u64 = 24;
/// How what is in no member is called.
const BETWEEN: &[u8] = b"[between the members]";

/// Where the directory lies.
struct Directory {
    start: u64,
    length: u64,
    /// What stands before the first byte that offsets count from.
    base: u64,
    /// Where its end records lie.
    ends: [Range<u64>; 2],
}

/// What is told of a member.
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    /// Where its local header is.
    header: u64,
}

impl Reading<'_> {
    pub(super) fn zip(&mut self, archive: Archive<'_>, mut file: &mut dyn ReadSeek) {
        let mut read = None;
        let listed = match directory(file) {
            Ok(Some(directory)) => {
                let listed = entries(file, &directory, self.budget.limits.members);
                let Directory { start, length, ends: [one, other], .. } = directory;
                read = Some(vec![start..start.saturating_add(length), one, other]);
                listed
            }
            Ok(None) => {
                let why = "the zip has no directory: it is cut off or damaged; what its beginning holds was read";
                self.sink.skip(archive.prefix, SkipReason::Unreadable(why.to_owned()));
                locals(file, self.budget.limits.members)
            }
            Err(error) => return self.fail(archive.prefix, &error),
        };
        if let Some(error) = listed.failed {
            self.fail(archive.prefix, &error);
        }
        let cut = listed.more.then_some(listed.entries.len());
        for (number, entry) in listed.entries.into_iter().enumerate() {
            if !self.goes_on(archive, number) {
                return;
            }
            if let Some(read) = &mut read {
                let behind = content(file, entry.header).unwrap_or(entry.header);
                read.push(entry.header..behind.saturating_add(entry.packed));
            }
            if !entry.name.ends_with(b"/") || entry.packed > 0 {
                let name = archive.member(&entry.name);
                self.entry(&name, archive.depth, &entry, &mut file);
            }
        }
        if let Some(number) = cut {
            self.goes_on(archive, number);
        } else if let Some(read) = read {
            self.between(archive, read, file);
        }
    }

    /// Hands out what no member was read from: what stands in front of them, between them and behind the end. A zip is read
    /// from its end, so an attacker's second one in front of it is in no directory.
    fn between(&mut self, archive: Archive<'_>, mut read: Vec<Range<u64>>, file: &mut dyn ReadSeek) {
        let size = match file.seek(SeekFrom::End(0)) {
            Ok(size) => size,
            Err(error) => return self.fail(archive.prefix, &error),
        };
        read.push(size..size);
        read.sort_unstable_by_key(|span| span.start);
        let (mut at, mut number) = (0, 0);
        for Range { start, end } in read {
            if start.min(size).saturating_sub(at) > DESCRIPTOR {
                if !self.goes_on(archive, number) {
                    return;
                }
                number += 1;
                if let Err(error) = file.seek(SeekFrom::Start(at)) {
                    return self.fail(archive.prefix, &error);
                }
                let piece = (&mut *file).take(start - at);
                self.item(&archive.member(BETWEEN), archive.depth, &mut Meter::new(piece, &Rc::clone(&self.budget)));
            }
            at = at.max(end);
        }
    }

    fn entry(&mut self, name: &str, depth: u32, entry: &Entry, file: &mut dyn ReadSeek) {
        let mut skip = |why: &str| self.sink.skip(name, SkipReason::Unreadable(why.to_owned()));
        // 1: encrypted; 64: strongly, which some writers set alone.
        if entry.flags & 0x41 != 0 {
            return skip("encrypted");
        }
        let start = match content(file, entry.header) {
            Ok(start) => start,
            Err(error) => return self.fail(name, &error),
        };
        if let Err(error) = file.seek(SeekFrom::Start(start)) {
            return self.fail(name, &error);
        }
        let raw = BufReader::new(file.take(entry.packed));
        let text: io::Result<Box<dyn Read + '_>> = match entry.method {
            0 => Ok(Box::new(raw)),
            8 => Ok(Box::new(Inflate::raw(raw))),
            12 => packed::decoder(Packing::Bzip2, raw),
            93 | 20 => packed::decoder(Packing::Zstd, raw),
            95 => packed::decoder(Packing::Xz, raw),
            method => return skip(&format!("compressed by method {method}, which is not known")),
        };
        let budget = Rc::clone(&self.budget);
        match text {
            Ok(text) => self.item(name, depth, &mut Checked::new(Meter::new(text, &budget), entry.crc)),
            Err(error) => self.fail(name, &error),
        }
    }
}

/// Whether a file that doesn't begin as a zip ends as one: a program that unpacks itself, or something in front of a zip.
/// Its place in the file stays, because others may read on from there.
pub fn is_behind(file: &mut dyn ReadSeek) -> bool {
    let Ok(place) = file.stream_position() else { return false };
    let found = matches!(directory(file), Ok(Some(directory)) if directory.length > 0);
    file.seek(SeekFrom::Start(place)).is_ok() && found
}

/// Finds the directory from the end of the file.
fn directory(file: &mut dyn ReadSeek) -> io::Result<Option<Directory>> {
    let size = file.seek(SeekFrom::End(0))?;
    let before = size.saturating_sub(END_LENGTH as u64 + 0xffff);
    file.seek(SeekFrom::Start(before))?;
    let mut end = Vec::new();
    (&mut *file).take(size - before).read_to_end(&mut end)?;
    for at in memchr::memmem::rfind_iter(&end, END) {
        let Some(record) = end.get(at..at + END_LENGTH) else { continue };
        let (mut length, mut start) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
        let mut stop = before + at as u64;
        let end_record = stop..stop + END_LENGTH as u64;
        // With its locator, if it has one.
        let mut ends = [end_record.clone(), end_record];
        if let Some(locator) = at.checked_sub(20).and_then(|from| end.get(from..at))
            && locator.starts_with(LOCATOR64)
            && let Some(large) = large_directory(file, u64_at(locator, 8), stop)?
        {
            (length, start) = (large.0, large.1);
            ends[0].start -= 20;
            ends[1] = large.2..large.2.saturating_add(56);
            stop = large.2;
        }
        // Something may stand before the zip; offsets then count from behind it.
        let base = stop.checked_sub(length).and_then(|real| real.checked_sub(start));
        for base in [base, Some(0)].into_iter().flatten() {
            let begins = length == 0 || signature(file, base.saturating_add(start))? == CENTRAL;
            if begins {
                return Ok(Some(Directory { start: base.saturating_add(start), length, base, ends }));
            }
        }
    }
    Ok(None)
}

/// Length, start and place of the larger record of the directory.
fn large_directory(file: &mut dyn ReadSeek, told: u64, locator: u64) -> io::Result<Option<(u64, u64, u64)>> {
    // The told place, or right before the locator if something stands before the zip.
    for at in [told, locator.saturating_sub(20 + 56)] {
        let mut record = [0; 56];
        file.seek(SeekFrom::Start(at))?;
        if file.read_exact(&mut record).is_ok() && record.starts_with(END64) {
            return Ok(Some((u64_at(&record, 40), u64_at(&record, 48), at)));
        }
    }
    Ok(None)
}

fn signature(file: &mut dyn ReadSeek, at: u64) -> io::Result<[u8; 4]> {
    let mut bytes = [0; 4];
    file.seek(SeekFrom::Start(at))?;
    match file.read_exact(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok([0; 4]),
        read => read.map(|()| bytes),
    }
}

/// What a directory lists.
#[derive(Default)]
struct Listed {
    entries: Vec<Entry>,
    failed: Option<io::Error>,
    /// There are more than the limit.
    more: bool,
}

/// The entries of a directory, at most `limit`.
fn entries(file: &mut dyn ReadSeek, directory: &Directory, limit: usize) -> Listed {
    let failed = file.seek(SeekFrom::Start(directory.start)).err();
    let mut listed = Listed { failed, ..Listed::default() };
    let mut input = BufReader::new(file.take(directory.length));
    while listed.failed.is_none() && !listed.more {
        match central(&mut input, directory.base) {
            Ok(Some(_)) if listed.entries.len() == limit => listed.more = true,
            Ok(Some(entry)) => listed.entries.push(entry),
            Ok(None) => break,
            Err(error) => listed.failed = Some(error),
        }
    }
    listed
}

fn central(input: &mut dyn Read, base: u64) -> io::Result<Option<Entry>> {
    let mut fixed = [0; 46];
    if input.read(&mut fixed[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut fixed[1..])?;
    if !fixed.starts_with(CENTRAL) {
        // A signature or the end may follow; anything else is damage.
        let ends = fixed.starts_with(b"PK\x05\x05") || fixed.starts_with(END) || fixed.starts_with(END64);
        return if ends { Ok(None) } else { Err(bad("the directory of the zip is damaged")) };
    }
    let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(&fixed, at)));
    let mut rest = vec![0; name + extra + comment];
    input.read_exact(&mut rest)?;
    let mut header = u64::from(u32_at(&fixed, 42));
    let mut packed = u64::from(u32_at(&fixed, 20));
    let unpacked = u32_at(&fixed, 24);
    // Of the large sizes only those are there that don't fit, in this order.
    let mut large = large_sizes(&rest[name..name + extra]);
    if unpacked == u32::MAX {
        large.next();
    }
    for (value, told) in [(&mut packed, u32_at(&fixed, 20)), (&mut header, u32_at(&fixed, 42))] {
        if told == u32::MAX {
            *value = large.next().unwrap_or(*value);
        }
    }
    Ok(Some(Entry {
        name: super::tail(&rest[..name]).to_vec(),
        flags: u16_at(&fixed, 8),
        method: u16_at(&fixed, 10),
        crc: u32_at(&fixed, 16),
        packed,
        header: header.saturating_add(base),
    }))
}

/// The numbers of the zip64 field.
fn large_sizes(mut extra: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let mut field: &[u8] = &[];
    while extra.len() >= 4 {
        let end = (4 + usize::from(u16_at(extra, 2))).min(extra.len());
        if u16_at(extra, 0) == 1 {
            field = &extra[4..end];
        }
        extra = &extra[end..];
    }
    field.chunks_exact(8).map(|bytes| u64_at(bytes, 0))
}

/// What the local headers tell one after another, from the beginning: all there is of a zip that was cut off.
fn locals(file: &mut dyn ReadSeek, limit: usize) -> Listed {
    let (mut listed, mut at) = (Listed::default(), 0_u64);
    let size = file.seek(SeekFrom::End(0)).unwrap_or_default();
    while listed.entries.len() < limit {
        let mut fixed = [0; 30];
        if file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut fixed)).is_err()
            || !fixed.starts_with(LOCAL)
        {
            break;
        }
        let mut name = vec![0; usize::from(u16_at(&fixed, 26))];
        if file.read_exact(&mut name).is_err() {
            break;
        }
        let start = at + 30 + name.len() as u64 + u64::from(u16_at(&fixed, 28));
        let (flags, packed) = (u16_at(&fixed, 6), u64::from(u32_at(&fixed, 18)));
        // Lengths that follow the data: the decoder knows where the data ends, but not we where the next header is.
        let open = flags & 8 != 0 && packed == 0;
        listed.entries.push(Entry {
            name: super::tail(&name).to_vec(),
            flags,
            method: u16_at(&fixed, 8),
            crc: u32_at(&fixed, 14),
            packed: if open { size.saturating_sub(start) } else { packed },
            header: at,
        });
        if open {
            break;
        }
        at = start.saturating_add(packed);
    }
    listed
}

/// Where the data of a member begins.
fn content(file: &mut dyn ReadSeek, header: u64) -> io::Result<u64> {
    let mut fixed = [0; 30];
    file.seek(SeekFrom::Start(header))?;
    match file.read_exact(&mut fixed) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(bad("its data is not in the zip")),
        read => read?,
    }
    if !fixed.starts_with(LOCAL) {
        return Err(bad("its data is not where the directory of the zip says"));
    }
    Ok(header.saturating_add(30 + u64::from(u16_at(&fixed, 26)) + u64::from(u16_at(&fixed, 28))))
}

fn bad(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Says at the end of a member whether it is what was packed.
struct Checked<R> {
    inner: R,
    sum: crc32fast::Hasher,
    expected: u32,
}

impl<R: Read> Checked<R> {
    fn new(inner: R, expected: u32) -> Self {
        Self { inner, sum: crc32fast::Hasher::new(), expected }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.sum.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() && self.sum.clone().finalize() != self.expected {
            return Err(bad("damaged: the checksum is wrong"));
        }
        Ok(count)
    }
}
