//! A pack read in its own order: each object is inflated once, and what is a delta is made from its base while that is
//! at hand.
//!
//! The headers alone tell the kind of every object, because a delta is what its base is: trees can be read without
//! touching blobs. Indexes, headers and inflating are `gix`'s.

mod delta;
mod ids;
mod scratch;

use std::path::Path;

use gix::objs::Kind;
use gix::odb::pack::data::entry::Header;
use gix::odb::pack::{data, index};
use gix::zlib::Inflate;

use super::{ObjectId, cause};
use crate::span::Span;
pub use delta::Copied;
use delta::{Changes, apply, size_of};
use ids::Ids;
use scratch::Frame;
pub(super) use scratch::Scratch;

/// No node.
const NONE: u32 = u32::MAX;

/// Bytes beyond which an object is not put together: nobody's source is that large, and a crafted one must not take
/// all memory.
const OBJECT_LIMIT: u64 = 1 << 30;

/// Deltas behind one another beyond which an object isn't made a second time; git makes 4095 at most.
const LONGEST_CHAIN: usize = 4096;

/// Buffers beyond this size are given back, not kept for the next object.
const KEEP: usize = 1 << 20;

/// A pack and the trees of its deltas. A node is the place of an object in the order of the file.
pub(super) struct Pack {
    index: index::File,
    data: data::File,
    ids: Ids,
    offsets: Vec<u64>,
    positions: Vec<u32>,
    first_child: Vec<u32>,
    next_sibling: Vec<u32>,
    /// The size of the smallest delta by which a child is made.
    closest: Vec<u32>,
    /// What is stored whole.
    roots: Vec<(u32, Kind)>,
    /// Nodes whose chain of deltas leads to nothing.
    lost: Vec<u32>,
}

/// How an object differs from the one it was made from: the places of new bytes and, as empty spans, of what is gone or
/// was moved.
pub(super) struct Delta<'a> {
    /// The position of the base.
    pub(super) base: u32,
    pub(super) fresh: &'a [Span],
    /// What comes from the base, in the order of the object.
    pub(super) copied: &'a [Copied],
}

/// Takes objects, by their position in the pack's index.
pub(super) trait Taker {
    /// `closest`: the size of the smallest delta by which another is made from it.
    fn object(&mut self, position: u32, bytes: &[u8], delta: Option<Delta<'_>>, closest: Option<u32>);
    fn failed(&mut self, position: u32, why: &str);
    /// Bytes beyond which an object is not put together for its own sake.
    fn limit(&self) -> u64;
    fn too_large(&mut self, position: u32, size: u64);
}

impl Pack {
    /// Opens the pack of an index.
    pub(super) fn open(path: &Path, hash: gix::hash::Kind) -> Result<Self, String> {
        let index = index::File::at(path, hash).map_err(|error| cause(&error))?;
        let data = data::File::at(path.with_extension("pack"), hash).map_err(|error| cause(&error))?;
        let ids = Ids::of(&index);
        let mut order: Vec<(u64, u32)> =
            (0..index.num_objects()).map(|at| (index.pack_offset_at_index(at), at)).collect();
        order.sort_unstable();
        let (offsets, positions): (Vec<u64>, Vec<u32>) = order.into_iter().unzip();
        let count = offsets.len();
        let [first_child, next_sibling, closest] = std::array::from_fn(|_| vec![NONE; count]);
        let mut pack = Self {
            index,
            data,
            ids,
            offsets,
            positions,
            first_child,
            next_sibling,
            closest,
            roots: Vec::new(),
            lost: Vec::new(),
        };
        pack.link();
        Ok(pack)
    }

    /// Reads all headers: which objects are whole, and which hang on which.
    fn link(&mut self) {
        // Backwards, so that the list of children is in the order of the file.
        for node in (0..self.count()).rev() {
            let Ok(entry) = self.entry(node) else { continue };
            match self.base(node, &entry) {
                Ok(Some(base)) => {
                    self.next_sibling[node as usize] = std::mem::replace(&mut self.first_child[base as usize], node);
                    let closest = &mut self.closest[base as usize];
                    *closest = u32::try_from(entry.decompressed_size).unwrap_or(NONE).min(*closest);
                }
                Ok(None) => {}
                Err(kind) => self.roots.push((node, kind)),
            }
        }
        self.roots.reverse();
        let mut reached = vec![false; self.offsets.len()];
        for &(root, _) in &self.roots {
            self.below(root, &mut |node| reached[node as usize] = true);
        }
        self.lost = (0..self.count()).filter(|&node| !reached[node as usize]).collect();
    }

    /// What an object is made from, none if that isn't here; or its kind if it is stored whole.
    fn base(&self, node: u32, entry: &data::Entry) -> Result<Option<u32>, Kind> {
        Ok(match entry.header {
            Header::OfsDelta { base_distance } => {
                let offset = Header::verified_base_pack_offset(self.offsets[node as usize], base_distance);
                offset.and_then(|offset| self.node_at(offset))
            }
            Header::RefDelta { base_id } => {
                let position = self.position(&base_id);
                position.and_then(|position| self.node_at(self.index.pack_offset_at_index(position)))
            }
            whole => return whole.as_kind().map_or(Ok(None), Err),
        })
    }

    fn entry(&self, node: u32) -> Result<data::Entry, String> {
        self.data.entry(self.offsets[node as usize]).map_err(|error| cause(&error))
    }

    fn node_at(&self, offset: u64) -> Option<u32> {
        self.offsets.binary_search(&offset).ok().and_then(|node| u32::try_from(node).ok())
    }

    /// A node and all that hang on it.
    fn below(&self, node: u32, each: &mut dyn FnMut(u32)) {
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            each(node);
            let mut child = self.first_child[node as usize];
            while child != NONE {
                stack.push(child);
                child = self.next_sibling[child as usize];
            }
        }
    }

    /// How many objects it has.
    pub(super) fn count(&self) -> u32 {
        self.index.num_objects()
    }

    /// The id of an object by its position.
    pub(super) fn id(&self, position: u32) -> ObjectId {
        self.index.oid_at_index(position).to_owned()
    }

    /// The position of the object at a node.
    pub(super) fn position_of(&self, node: u32) -> u32 {
        self.positions[node as usize]
    }

    /// The position of an object.
    pub(super) fn position(&self, id: &gix::oid) -> Option<u32> {
        self.ids.position(&self.index, id)
    }

    /// The objects that are stored whole, with their kinds.
    pub(super) fn roots(&self) -> &[(u32, Kind)] {
        &self.roots
    }

    /// The positions of objects that can't be put together.
    pub(super) fn lost(&self) -> impl Iterator<Item = u32> + '_ {
        self.lost.iter().map(|&node| self.positions[node as usize])
    }

    /// Gives a root and everything made from it, depth first. An object that others are made from is kept only until
    /// the last of them is there.
    pub(super) fn subtree(&self, root: u32, scratch: &mut Scratch, taker: &mut dyn Taker) {
        if let Some(size) = self.needless(root, taker.limit()) {
            return taker.too_large(self.positions[root as usize], size);
        }
        let mut bytes = scratch.buffer();
        if let Err(why) = self.inflate(root, &mut scratch.inflate, &mut bytes) {
            return self.fail(root, &why, taker);
        }
        taker.object(self.positions[root as usize], &bytes, None, self.closest(root));
        scratch.push(root, self.first_child[root as usize], bytes);
        while let Some(Frame { node: base, next: node, bytes }) = scratch.pop() {
            let base_bytes = match bytes.map_or_else(|| self.again(base, scratch), Ok) {
                Ok(bytes) => bytes,
                Err(why) => {
                    self.siblings(node).for_each(|node| self.fail(node, &why, taker));
                    continue;
                }
            };
            let mut bytes = scratch.buffer();
            let made = self.make(node, &base_bytes, &mut bytes, scratch, taker.limit());
            scratch.push(base, self.next_sibling[node as usize], base_bytes);
            match made {
                Ok(Some(size)) => {
                    scratch.recycle(bytes);
                    taker.too_large(self.positions[node as usize], size);
                }
                Ok(None) => {
                    let Changes { fresh, copied } = &scratch.changes;
                    let delta = Delta { base: self.positions[base as usize], fresh, copied };
                    taker.object(self.positions[node as usize], &bytes, Some(delta), self.closest(node));
                    scratch.push(node, self.first_child[node as usize], bytes);
                }
                Err(why) => {
                    scratch.recycle(bytes);
                    self.fail(node, &why, taker);
                }
            }
        }
    }

    /// Makes an object from its base; gives its size if it is beyond the limit and nobody needs it.
    fn make(
        &self,
        node: u32,
        base: &[u8],
        out: &mut Vec<u8>,
        scratch: &mut Scratch,
        limit: u64,
    ) -> Result<Option<u64>, String> {
        self.inflate(node, &mut scratch.inflate, &mut scratch.delta)?;
        let size = size_of(&scratch.delta).unwrap_or_default();
        if self.first_child[node as usize] == NONE && size > limit {
            return Ok(Some(size));
        }
        apply(base, &scratch.delta, out, &mut scratch.changes).map(|()| None)
    }

    /// Makes an object that was given back once more, from the root on, and with it those on the way that are needed
    /// next.
    fn again(&self, node: u32, scratch: &mut Scratch) -> Result<Vec<u8>, String> {
        let mut chain = vec![node];
        let base = |node: u32| self.base(node, &self.entry(node).ok()?).ok().flatten();
        while let Some(base) = chain.last().and_then(|&node| base(node)) {
            if chain.len() > LONGEST_CHAIN {
                return Err(format!("it hangs on more than {LONGEST_CHAIN} deltas and takes too much memory"));
            }
            chain.push(base);
        }
        let (mut bytes, mut last, mut at) = (scratch.buffer(), NONE, 0);
        while let Some(node) = chain.pop() {
            let mut made = scratch.buffer();
            if last == NONE {
                self.inflate(node, &mut scratch.inflate, &mut made)?;
                scratch.recycle(bytes);
            } else {
                self.make(node, &bytes, &mut made, scratch, u64::MAX)?;
                at = scratch.restore(last, bytes, at);
            }
            (bytes, last) = (made, node);
        }
        Ok(bytes)
    }

    fn siblings(&self, node: u32) -> impl Iterator<Item = u32> {
        let is_one = |node: u32| Some(node).filter(|&node| node != NONE);
        std::iter::successors(is_one(node), move |&node| is_one(self.next_sibling[node as usize]))
    }

    /// The size of the smallest delta by which something is made from a node.
    fn closest(&self, node: u32) -> Option<u32> {
        (self.first_child[node as usize] != NONE).then_some(self.closest[node as usize])
    }

    /// The size of a whole object that is beyond the limit and that nothing is made from.
    fn needless(&self, node: u32, limit: u64) -> Option<u64> {
        let size = self.entry(node).ok()?.decompressed_size;
        (size > limit && self.first_child[node as usize] == NONE).then_some(size)
    }

    fn fail(&self, node: u32, why: &str, taker: &mut dyn Taker) {
        self.below(node, &mut |node| taker.failed(self.positions[node as usize], why));
    }

    fn inflate(&self, node: u32, inflate: &mut Inflate, out: &mut Vec<u8>) -> Result<(), String> {
        let entry = self.entry(node)?;
        let size = entry.decompressed_size;
        // zlib makes at most 1032 bytes of one: a larger promise is a lie, and no memory is set aside for it.
        let rest = (self.data.pack_end() as u64).saturating_sub(entry.data_offset);
        if size > OBJECT_LIMIT || size > rest.saturating_mul(1032) {
            return Err(format!("it claims {size} bytes"));
        }
        // What was in the buffer is overwritten: a stream that makes less than its header says is an error.
        out.resize(usize::try_from(size).unwrap_or(usize::MAX), 0);
        self.data.decompress_entry(&entry, inflate, out).map(drop).map_err(|error| cause(&error))
    }
}

#[cfg(all(test, feature = "archives"))]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[derive(Default)]
    struct Seen(Vec<(u32, Vec<u8>)>, Vec<u32>);

    impl Taker for Seen {
        fn object(&mut self, position: u32, bytes: &[u8], _: Option<Delta<'_>>, _: Option<u32>) {
            self.0.push((position, bytes.to_vec()));
        }
        fn failed(&mut self, position: u32, _: &str) {
            self.1.push(position);
        }
        fn limit(&self) -> u64 {
            10
        }
        fn too_large(&mut self, position: u32, size: u64) {
            self.0.push((position, format!("{size}").into_bytes()));
        }
    }

    fn id(number: u8) -> [u8; 20] {
        [number; 20]
    }

    /// An entry: a whole blob, or a delta on an object.
    enum Stored<'a> {
        Blob(&'a [u8]),
        Delta(u8, &'a [u8]),
    }

    /// Writes a pack whose objects are called 1, 2, 3... and its index, and opens it.
    fn pack(entries: &[Stored<'_>]) -> (tempfile::TempDir, Pack) {
        let count = u32::try_from(entries.len()).expect("a few").to_be_bytes();
        let mut data = [b"PACK".as_slice(), &2u32.to_be_bytes(), &count].concat();
        let mut offsets = Vec::new();
        for entry in entries {
            offsets.push(u32::try_from(data.len()).expect("short").to_be_bytes());
            let (kind, base, bytes) = match entry {
                Stored::Blob(bytes) => (3, Vec::new(), *bytes),
                Stored::Delta(base, bytes) => (7, id(*base).to_vec(), *bytes),
            };
            assert!(bytes.len() < 16, "one byte of header");
            data.push(kind << 4 | u8::try_from(bytes.len()).expect("short"));
            data.extend(base);
            let mut zip = flate2::write::ZlibEncoder::new(&mut data, flate2::Compression::default());
            zip.write_all(bytes).expect("memory");
            zip.finish().expect("memory");
        }
        data.extend([0; 20]);
        let mut index = [b"\xfftOc".as_slice(), &2u32.to_be_bytes()].concat();
        for first in 0..=255 {
            index.extend(u32::try_from(entries.len().min(first)).expect("a few").to_be_bytes());
        }
        (1..=entries.len()).for_each(|number| index.extend(id(u8::try_from(number).expect("a few"))));
        index.extend(vec![0; 4 * entries.len()]);
        offsets.iter().for_each(|offset| index.extend(offset));
        index.extend([0; 40]);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("pack-x.idx");
        std::fs::write(&path, index).expect("a file");
        std::fs::write(path.with_extension("pack"), data).expect("a file");
        let pack = Pack::open(&path, gix::hash::Kind::Sha1).expect("a pack");
        (folder, pack)
    }

    fn read(pack: &Pack) -> Seen {
        read_with(pack, Scratch::default())
    }

    fn read_with(pack: &Pack, mut scratch: Scratch) -> Seen {
        let mut seen = Seen::default();
        for &(root, _) in pack.roots() {
            pack.subtree(root, &mut scratch, &mut seen);
        }
        seen.0.sort();
        seen
    }

    #[test]
    fn deltas_of_deltas() {
        // Base size, size, copy 4 bytes from 1, insert two.
        let delta: &[u8] = &[6, 6, 0x91, 1, 4, 2, b'x', b'y'];
        let (_folder, pack) = pack(&[Stored::Delta(2, delta), Stored::Delta(3, delta), Stored::Blob(b"abcdef")]);
        let seen = read(&pack);
        assert_eq!(seen.0, [(0, b"cdexxy".to_vec()), (1, b"bcdexy".to_vec()), (2, b"abcdef".to_vec())]);
        assert!(seen.1.is_empty() && pack.lost().next().is_none());
    }

    #[test]
    fn the_smallest_delta_on_each_object() {
        let (long, short): (&[u8], &[u8]) = (&[6, 6, 0x91, 1, 4, 2, b'x', b'y'], &[6, 2, 0x90, 2]);
        let stored = [Stored::Delta(3, long), Stored::Delta(3, short), Stored::Blob(b"abcdef"), Stored::Delta(1, long)];
        let (_folder, pack) = pack(&stored);
        assert_eq!([0, 1, 2, 3].map(|node| pack.closest(node)), [Some(8), None, Some(4), None]);
    }

    #[test]
    fn what_is_too_large_is_not_made_unless_others_need_it() {
        // 3 copies of all 5 bytes.
        let delta: &[u8] = &[5, 15, 0x90, 5, 0x90, 5, 0x90, 5];
        let short: &[u8] = &[15, 2, 0x90, 2];
        let (_folder, whole) = pack(&[Stored::Delta(2, delta), Stored::Blob(b"abcde"), Stored::Blob(b"0123456789a")]);
        assert_eq!(read(&whole).0, [(0, b"15".to_vec()), (1, b"abcde".to_vec()), (2, b"11".to_vec())]);
        let (_folder, needed) = pack(&[Stored::Delta(2, delta), Stored::Blob(b"abcde"), Stored::Delta(1, short)]);
        assert_eq!(read(&needed).0, [(0, b"abcdeabcdeabcde".to_vec()), (1, b"abcde".to_vec()), (2, b"ab".to_vec())]);
    }

    #[test]
    fn what_was_given_back_is_made_once_more() {
        // A chain of versions, each with a version beside it that nothing is made from, and one that is damaged.
        let changed: Vec<[u8; 6]> = (0..30).map(|number| [6, 6, 0x90, 5, 1, b'A' + number]).collect();
        let mut entries = vec![Stored::Blob(b"abcdef")];
        let mut last = 1;
        for pair in changed.chunks(2) {
            entries.extend([Stored::Delta(last, &pair[0]), Stored::Delta(last, &pair[1]), Stored::Delta(last, &[9])]);
            last = u8::try_from(entries.len() - 2).expect("a few");
        }
        let (_folder, pack) = pack(&entries);
        let expected = read(&pack);
        assert_eq!((expected.0.len(), expected.1.len()), (31, 15));
        for most in [0, 6, 20, 40, 1000] {
            let mut scratch = Scratch::default();
            scratch.most = most;
            let seen = read_with(&pack, scratch);
            assert_eq!((seen.0, seen.1), (expected.0.clone(), expected.1.clone()), "{most} bytes");
        }
    }

    #[test]
    fn circles_lead_to_nothing_and_nothing_hangs() {
        let delta: &[u8] = &[1, 1, 1, b'x'];
        let (_folder, pack) =
            pack(&[Stored::Delta(1, delta), Stored::Delta(3, delta), Stored::Delta(2, delta), Stored::Blob(b"abc")]);
        assert_eq!(read(&pack).0, [(3, b"abc".to_vec())]);
        assert_eq!(pack.lost().collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn damaged_deltas_fail_alone() {
        let cases: [&[u8]; 6] =
            [b"", &[2, 1, 1, b'x'], &[3, 9, 1, b'x'], &[3, 1, 0x91, 3, 1], &[3, 1, 0], &[3, 1, 5, b'x']];
        for delta in cases {
            let (_folder, pack) = pack(&[Stored::Delta(2, delta), Stored::Blob(b"abc")]);
            let seen = read(&pack);
            assert_eq!((seen.0.len(), seen.1), (1, vec![0]), "{delta:?}");
        }
    }
}
