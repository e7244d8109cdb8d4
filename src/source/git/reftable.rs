//! References in tables, as `git init --ref-format=reftable` (git 2.45) keeps them; gix knows files only.
//!
//! A stack of tables, the newest last: a record of a later one replaces that of an earlier one. The format:
//! <https://git-scm.com/docs/reftable>.

use std::collections::BTreeMap;
use std::path::Path;

use gix::zlib::Inflate;

use super::ObjectId;
use crate::source::read;

/// Bytes beyond which a table is not read: a million references take 50 MB.
const LIMIT: u64 = 128 << 20;

/// Bytes of a name beyond which nobody looks, as for paths.
const NAME: usize = 4096;

/// Bytes of all names: each is written as what differs from the one before, so a small table can hold very much.
const NAMES: usize = 64 << 20;

/// Bytes beyond which a block of the log is not unpacked; git writes 4 KiB to 64 KiB.
const BLOCK: usize = 16 << 20;

/// What a reference is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Id(ObjectId),
    /// The name of another reference.
    Of(String),
}

/// All references of a stack, and the log of its stashes.
#[derive(Debug, Default)]
pub(super) struct Table {
    refs: BTreeMap<Vec<u8>, Option<Value>>,
    /// What `refs/stash` was, by the number of the change.
    stashes: BTreeMap<u64, Option<ObjectId>>,
    /// Bytes of the names so far.
    names: usize,
}

impl Table {
    /// Reads the stack in a folder.
    ///
    /// # Errors
    /// Why it can't be read; references of which nobody knows must not be taken for none.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let text = |name: &str| read::small(&folder.join(name), LIMIT).map_err(|reason| format!("{name}: {reason}"));
        let list = text("tables.list")?;
        let mut table = Self::default();
        for name in String::from_utf8_lossy(&list).lines().map(str::trim).filter(|name| !name.is_empty()) {
            if name.contains(['/', '\\']) {
                return Err(format!("{name:?} is no name of a table"));
            }
            table.add(&text(name)?).ok_or_else(|| format!("{name} is damaged, too large or of another version"))?;
        }
        Ok(table)
    }

    /// All names with what they are.
    pub(super) fn names(&self) -> impl Iterator<Item = (String, &Value)> {
        let known = self.refs.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        known.map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value))
    }

    /// What a reference is.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.refs.get(name.as_bytes())?.as_ref()
    }

    /// What was stashed, the newest first.
    pub(super) fn stashes(&self) -> impl Iterator<Item = ObjectId> {
        self.stashes.values().rev().filter_map(|id| *id)
    }

    fn add(&mut self, file: &[u8]) -> Option<()> {
        let head = Head::of(file)?;
        let mut at = 0;
        while at < head.refs_end {
            let skip = if at == 0 { head.length } else { 0 };
            if *file.get(at + skip)? != b'r' {
                break;
            }
            let length = number(file.get(at + skip + 1..at + skip + 4)?);
            let block = file.get(at..at + length).filter(|block| block.len() > skip + 4)?;
            self.references(&block[skip + 4..records_end(block)?], &head)?;
            // A short block is followed by padding, or at once by the next one.
            let padded = head.block.max(length);
            at += if padded > length && file.get(at + length).is_some_and(|&byte| byte != 0) { length } else { padded };
        }
        self.log(file, &head)
    }

    /// The records of a block of references.
    fn references(&mut self, block: &[u8], head: &Head) -> Option<()> {
        let mut bytes = Bytes(block);
        let mut name = Vec::new();
        while !bytes.0.is_empty() {
            let kind = bytes.name(&mut name)?;
            bytes.number()?;
            let value = match kind {
                0 => None,
                1 => Some(Value::Id(bytes.id(head.hash)?)),
                2 => {
                    let id = bytes.id(head.hash)?;
                    bytes.id(head.hash)?;
                    Some(Value::Id(id))
                }
                3 => {
                    let length = bytes.number()?;
                    Some(Value::Of(String::from_utf8_lossy(bytes.take(length)?).into_owned()))
                }
                _ => return None,
            };
            self.names += name.len();
            if self.names > NAMES {
                return None;
            }
            self.refs.insert(name.clone(), value);
        }
        Some(())
    }

    /// The blocks of the log, which are packed.
    fn log(&mut self, file: &[u8], head: &Head) -> Option<()> {
        let mut at = head.log;
        while at < head.log_end {
            let skip = if at == 0 { head.length } else { 0 };
            if *file.get(at + skip)? != b'g' {
                break;
            }
            let length = number(file.get(at + skip + 1..at + skip + 4)?);
            let mut block = vec![0; length.checked_sub(skip + 4).filter(|&length| length <= BLOCK)?];
            let packed = file.get(at + skip + 4..head.log_end)?;
            let (_, read, made) = Inflate::default().once(packed, &mut block).ok()?;
            if made != block.len() {
                return None;
            }
            self.changes(&block[..records_end(&block)?], head)?;
            at += skip + 4 + read;
        }
        Some(())
    }

    /// The records of a block of the log; those of stashes are kept.
    fn changes(&mut self, block: &[u8], head: &Head) -> Option<()> {
        let mut bytes = Bytes(block);
        let mut key = Vec::new();
        while !bytes.0.is_empty() {
            let kind = bytes.name(&mut key)?;
            let (name, number) = key.split_last_chunk::<8>()?;
            let change = u64::MAX - u64::from_be_bytes(*number);
            let id = match kind {
                0 => None,
                1 => {
                    bytes.id(head.hash)?;
                    let new = bytes.id(head.hash)?;
                    for _ in 0..2 {
                        let length = bytes.number()?;
                        bytes.take(length)?;
                    }
                    bytes.number()?;
                    bytes.take(2)?;
                    let length = bytes.number()?;
                    bytes.take(length)?;
                    Some(new)
                }
                _ => return None,
            };
            if name == b"refs/stash\0" {
                self.stashes.insert(change, id);
            }
        }
        Some(())
    }
}

/// What a table says of itself at its ends.
struct Head {
    length: usize,
    /// The size that blocks are padded to; 0 if they aren't.
    block: usize,
    /// The length of ids.
    hash: usize,
    refs_end: usize,
    log: usize,
    log_end: usize,
}

impl Head {
    fn of(file: &[u8]) -> Option<Self> {
        if file.get(..4)? != b"REFT" {
            return None;
        }
        let (length, hash) = match (*file.get(4)?, file.get(24..28)) {
            (1, _) => (24, 20),
            (2, Some(b"sha1")) => (28, 20),
            (2, Some(b"s256")) => (28, 32),
            _ => return None,
        };
        let footer_length = length + 44;
        let footer_at = file.len().checked_sub(footer_length)?;
        let (footer, begin) = (&file[footer_at..], file.get(..length)?);
        let sum = u32::from_be_bytes(*footer.last_chunk::<4>()?);
        if footer.get(..length)? != begin || crc32fast::hash(&footer[..footer_length - 4]) != sum {
            return None;
        }
        let position = |index: usize| -> Option<usize> {
            let at = length + 8 * index;
            usize::try_from(u64::from_be_bytes(*footer.get(at..at + 8)?.first_chunk::<8>()?)).ok()
        };
        let objects = position(1)? >> 5;
        // The log of a table with nothing else begins at its start, which is said by 0 too.
        let log = position(3)?;
        let only_log = file.get(length) == Some(&b'g');
        let ends = [position(0)?, objects, log].into_iter().filter(|&at| at > 0).chain([footer_at]);
        Some(Self {
            length,
            block: number(file.get(5..8)?),
            hash,
            refs_end: if only_log { 0 } else { ends.min()?.min(footer_at) },
            log: if log == 0 && !only_log { footer_at } else { log },
            log_end: Some(position(4)?).filter(|&at| at > log).unwrap_or(footer_at).min(footer_at),
        })
    }
}

/// Where the records of a block end: before the list of restarts, three bytes each, and its count of two.
fn records_end(block: &[u8]) -> Option<usize> {
    let restarts = number(block.get(block.len().checked_sub(2)?..)?);
    block.len().checked_sub(2 + 3 * restarts)
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, &byte| sum << 8 | usize::from(byte))
}

/// Bytes that are read from the front.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of any length, as offsets in packs are written.
    fn number(&mut self) -> Option<usize> {
        let mut byte = *self.take(1)?.first()?;
        let mut sum = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = *self.take(1)?.first()?;
            sum = sum.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
        }
        Some(sum)
    }

    /// A name that begins like the one before it; gives the kind of its record.
    fn name(&mut self, name: &mut Vec<u8>) -> Option<usize> {
        let shared = self.number()?;
        let of = self.number()?;
        if shared > name.len() {
            return None;
        }
        name.truncate(shared);
        name.extend_from_slice(self.take(of >> 3)?);
        (name.len() <= NAME).then_some(of & 7)
    }

    fn id(&mut self, length: usize) -> Option<ObjectId> {
        ObjectId::try_from(self.take(length)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A table of version 1 with one block of these records.
    fn table(records: &[u8]) -> Vec<u8> {
        let mut file = b"REFT\x01\0\0\0".to_vec();
        file.resize(24, 0);
        let header = file.clone();
        let length = u32::try_from(24 + 4 + records.len() + 2).expect("it is short").to_be_bytes();
        file.push(b'r');
        file.extend(&length[1..]);
        file.extend(records);
        file.extend([0, 0]);
        let mut footer = header;
        footer.resize(24 + 40, 0);
        let sum = crc32fast::hash(&footer).to_be_bytes();
        file.extend(footer);
        file.extend(sum);
        file
    }

    fn number(mut value: usize) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(value & 0x7f).expect("7 bits")];
        while value > 0x7f {
            value = (value >> 7) - 1;
            bytes.insert(0, u8::try_from(value & 0x7f).expect("7 bits") | 0x80);
        }
        bytes
    }

    fn record(shared: usize, suffix: &str) -> Vec<u8> {
        [number(shared), number(suffix.len() << 3 | 1), suffix.into(), number(0), vec![7; 20]].concat()
    }

    #[test]
    fn a_table_as_documented() {
        let file = table(&[record(0, "refs/heads/main"), record(11, "x")].concat());
        let mut table = Table::default();
        table.add(&file).expect("it is right");
        let names: Vec<String> = table.names().map(|(name, _)| name).collect();
        assert_eq!(names, ["refs/heads/main", "refs/heads/x"]);
        for end in 0..file.len() {
            assert!(Table::default().add(&file[..end]).is_none(), "cut at {end}");
        }
    }

    #[test]
    fn names_have_a_limit_each_and_together() {
        let long = "x".repeat(NAME);
        assert!(Table::default().add(&table(&record(0, &long))).is_some());
        assert!(Table::default().add(&table(&record(0, &format!("{long}x")))).is_none());
        let mut all = record(0, &long[..NAME - 4]);
        for at in 0..NAMES / NAME {
            all.extend(record(NAME - 4, &format!("{at:04x}")));
        }
        assert!(Table::default().add(&table(&all)).is_none(), "a little that would take 64 MB");
    }
}
