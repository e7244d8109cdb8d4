//! Tars, read to the end of the file. A tar ends at a block of zeros, and whoever unpacks it reads no further; but what stands
//! behind is in the file: another tar, as `cat a.tar b.tar` makes it, or anything.

use std::io::{self, Read};

use super::{Archive, Kind, Meter, Reading, kind};
use crate::secret::wipe_all;
use crate::source::sqlite;

/// The unit of headers and contents.
const BLOCK: usize = 512;
/// How what stands behind a tar is called among its members.
const BEHIND: &[u8] = b"[behind its end]";

/// Whether a text begins as a tar. The mark alone stands in any text that speaks of tars; so the sum of the header must be
/// right, or the header must at least be no text: then it is a damaged tar.
pub(super) fn begins(head: &[u8]) -> bool {
    if head.get(257..262) != Some(b"ustar") {
        return false;
    }
    let padded = head[..257].contains(&0) && !head.starts_with(sqlite::MAGIC);
    padded || head.get(..BLOCK).is_some_and(sum_is_right)
}

/// Whether the sum in a header is that of its bytes, where its own eight count as blanks.
fn sum_is_right(header: &[u8]) -> bool {
    let octal = |sum: u32, &digit: &u8| sum * 8 + u32::from(digit - b'0');
    let told = header[148..156].iter().skip_while(|&&byte| byte == b' ').take_while(|byte| matches!(byte, b'0'..=b'7'));
    let told = told.fold(0, octal);
    let bytes = header.iter().enumerate().map(|(at, &byte)| if (148..156).contains(&at) { b' ' } else { byte });
    told == bytes.map(u32::from).sum::<u32>()
}

impl Reading<'_> {
    pub(super) fn tar(&mut self, archive: Archive<'_>, input: &mut dyn Read) {
        let mut input = Ahead { block: Vec::new(), at: 0, inner: input };
        let mut number = 0;
        while self.one_tar(archive, &mut input, &mut number) {
            match input.skip_zeros() {
                Ok(true) if kind(&input.block) == Some(Kind::Tar) => {}
                Ok(true) => return self.item(&archive.member(BEHIND), archive.depth, &mut input),
                Ok(false) => return,
                Err(error) => return self.fail(archive.prefix, &error),
            }
        }
    }

    /// Reads up to the end of a tar; false if it can't be gone on from there.
    fn one_tar(&mut self, archive: Archive<'_>, input: &mut dyn Read, number: &mut usize) -> bool {
        let mut tar = ::tar::Archive::new(input);
        let mut entries = match tar.entries() {
            Ok(entries) => entries,
            Err(error) => {
                self.fail(archive.prefix, &error);
                return false;
            }
        };
        // What spends the budget between two members (a name of a gigabyte) is told here, what does in one by its reader.
        while !self.budget.is_spent() {
            let mut entry = match entries.next() {
                Some(Ok(entry)) => entry,
                Some(Err(error)) => {
                    // Where the next header would be is not known any more.
                    self.fail(archive.prefix, &error);
                    return false;
                }
                None => return true,
            };
            if !self.goes_on(archive, *number) {
                return false;
            }
            *number += 1;
            let (name, kind) = (archive.member(&entry.path_bytes()), entry.header().entry_type());
            if kind.is_gnu_sparse() {
                // Its holes come out of nothing.
                self.item(&name, archive.depth, &mut Meter::new(entry, &self.budget));
            } else if kind.is_file() || entry.size() > 0 {
                // Folders, links and kinds nobody knows can bring bytes, too.
                self.item(&name, archive.depth, &mut entry);
            }
        }
        false
    }
}

/// What is left of a stream, with a block that was read to look at it.
struct Ahead<'a> {
    block: Vec<u8>,
    at: usize,
    inner: &'a mut dyn Read,
}

impl Ahead<'_> {
    /// Goes to the first block that holds anything; false if there is none.
    fn skip_zeros(&mut self) -> io::Result<bool> {
        loop {
            let mut block = Vec::with_capacity(BLOCK);
            self.by_ref().take(BLOCK as u64).read_to_end(&mut block)?;
            if block.iter().any(|&byte| byte != 0) {
                (self.block, self.at) = (block, 0);
                return Ok(true);
            }
            if block.len() < BLOCK {
                return Ok(false);
            }
        }
    }
}

impl Read for Ahead<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let kept = &self.block[self.at..];
        if kept.is_empty() {
            return self.inner.read(buffer);
        }
        let count = kept.len().min(buffer.len());
        buffer[..count].copy_from_slice(&kept[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Drop for Ahead<'_> {
    fn drop(&mut self) {
        wipe_all(&mut self.block);
    }
}
