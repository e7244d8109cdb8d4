//! All objects of a repository, its alternates' included: numbered, and handed out in the order in which they are
//! cheapest to read.

use std::path::{Path, PathBuf};

use gix::objs::Kind;
use gix::odb::loose;

use super::alternates::{Base, Borrowed};
pub use super::pack::Copied;
use super::pack::{self, Pack, Scratch, Taker};
use super::{ObjectId, Repository, SkipReason, Skipped, cause};
use crate::source::Origin;
use crate::span::Span;

/// All objects. An object has one number, however often it is stored.
pub struct Store {
    packs: Vec<Pack>,
    /// The number of each pack's first object.
    starts: Vec<u32>,
    loose: Vec<Loose>,
    stores: Vec<loose::Store>,
    hash: gix::hash::Kind,
    /// What could not be opened.
    pub skipped: Vec<Skipped>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({} packs, {} loose objects)", self.packs.len(), self.loose.len())
    }
}

struct Loose {
    id: ObjectId,
    kind: Kind,
    store: usize,
}

/// Which objects are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Commits, trees and tags.
    Graph,
    /// Blobs.
    Blobs,
}

impl Wanted {
    fn takes(self, kind: Kind) -> bool {
        (kind == Kind::Blob) == (self == Self::Blobs)
    }
}

/// A piece of work: objects that are read one after another by one thread.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    place: UnitPlace,
    kind: Kind,
}

#[derive(Clone, Copy, Debug)]
enum UnitPlace {
    /// A whole object of a pack and all that are made from it.
    Root { pack: u32, node: u32 },
    /// A loose object.
    Loose(u32),
}

/// How an object differs from another that was handed out before.
#[derive(Clone, Copy, Debug)]
pub struct Delta<'a> {
    /// The number of the other.
    pub base: u32,
    /// The places of new bytes and, as empty spans, of what is gone or was moved; sorted.
    pub fresh: &'a [Span],
    /// What it has of the other, in its own order.
    pub copied: &'a [Copied],
}

/// Takes objects by their numbers.
pub trait Sink {
    /// An object that was read, and what it was made from, if that is known. `closest`: the bytes of the smallest delta by
    /// which another is made from it.
    fn object(&mut self, number: u32, kind: Kind, bytes: &[u8], delta: Option<Delta<'_>>, closest: Option<u32>);
    /// One that could not be.
    fn failed(&mut self, number: u32, why: &str);
    /// Bytes beyond which an object is not wanted.
    fn limit(&self) -> u64 {
        u64::MAX
    }
    /// One that is beyond the limit.
    fn too_large(&mut self, number: u32, size: u64) {
        self.failed(number, &format!("{size} bytes"));
    }
}

/// Buffers of one thread.
#[derive(Default)]
pub struct Buffers {
    scratch: Scratch,
    loose: Vec<u8>,
}

impl std::fmt::Debug for Buffers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Buffers")
    }
}

impl Store {
    /// Opens all packs and lists all loose objects.
    #[must_use]
    pub fn open(repository: &Repository) -> Self {
        let repo = repository.shared.to_thread_local();
        let hash = repo.object_hash();
        let mut store = Self {
            packs: Vec::new(),
            starts: Vec::new(),
            loose: Vec::new(),
            stores: Vec::new(),
            hash,
            skipped: Vec::new(),
        };
        let main = repository.shared.objects_dir().to_path_buf();
        let borrowed = Borrowed::of(&main, Base::Itself);
        for (list, why) in borrowed.failed {
            store.skip(&list, why);
        }
        let folders = std::iter::once(main).chain(borrowed.folders);
        for folder in folders {
            store.open_packs(&folder.join("pack"));
            store.list_loose(folder);
        }
        store.number_all();
        store
    }

    /// Without any object.
    #[cfg(test)]
    pub(super) fn empty(hash: gix::hash::Kind) -> Self {
        Self { packs: Vec::new(), starts: vec![0], loose: Vec::new(), stores: Vec::new(), hash, skipped: Vec::new() }
    }

    fn skip(&mut self, path: &Path, reason: SkipReason) {
        self.skipped.push(Skipped { origin: Origin::file(path.as_os_str().as_encoded_bytes()), reason });
    }

    /// Every pack is opened by its own name: one whose index is damaged must not go unnoticed.
    fn open_packs(&mut self, folder: &Path) {
        let names = std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let mut paths: Vec<PathBuf> = names.filter(|path| path.extension().is_some_and(|end| end == "pack")).collect();
        paths.sort();
        for path in paths {
            if !path.is_file() || std::fs::metadata(path.with_extension("idx")).is_ok_and(|found| !found.is_file()) {
                self.skip(&path, SkipReason::Unreadable("a pack that is no regular file".to_owned()));
                continue;
            }
            match Pack::open(&path.with_extension("idx"), self.hash) {
                Ok(pack) => self.packs.push(pack),
                Err(why) => self.skip(&path, SkipReason::Unreadable(format!("a pack that can't be read: {why}"))),
            }
        }
    }

    fn list_loose(&mut self, folder: PathBuf) {
        let store = loose::Store::at(folder, self.hash);
        let ids: Vec<Result<ObjectId, _>> = store.iter().collect();
        for id in ids {
            let id = match id {
                Ok(id) => id,
                Err(error) => {
                    self.skip(store.path(), SkipReason::Unreadable(cause(&error)));
                    continue;
                }
            };
            if std::fs::metadata(store.object_path(&id)).is_ok_and(|found| !found.is_file()) {
                self.skip(
                    &store.object_path(&id),
                    SkipReason::Unreadable("an object that is no regular file".to_owned()),
                );
                continue;
            }
            match store.try_header(&id) {
                Ok(Some((_, kind))) => self.loose.push(Loose { id, kind, store: self.stores.len() }),
                Ok(None) => {}
                Err(error) => self.skip(
                    &store.object_path(&id),
                    SkipReason::Unreadable(format!("an object that can't be read: {}", cause(&error))),
                ),
            }
        }
        self.stores.push(store);
    }

    fn number_all(&mut self) {
        let mut next = 0;
        for pack in &self.packs {
            self.starts.push(next);
            next += pack.count();
        }
        self.starts.push(next);
        self.loose.sort_by_key(|object| object.id);
        self.loose.dedup_by_key(|object| object.id);
        let packs = &self.packs;
        self.loose.retain(|object| !packs.iter().any(|pack| pack.position(&object.id).is_some()));
    }

    /// All numbers are below this one.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.loose_start() + u32::try_from(self.loose.len()).unwrap_or(u32::MAX)
    }

    fn loose_start(&self) -> u32 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// The number of an object, if it is here.
    #[must_use]
    pub fn number(&self, id: &gix::oid) -> Option<u32> {
        let in_pack = |(pack, start): (&Pack, &u32)| pack.position(id).map(|position| start + position);
        let loose = || self.loose.binary_search_by(|object| object.id.as_ref().cmp(id)).ok();
        let packed = self.packs.iter().zip(&self.starts).find_map(in_pack);
        packed.or_else(|| loose().and_then(|at| u32::try_from(at).ok()).map(|at| self.loose_start() + at))
    }

    /// The id of an object.
    #[must_use]
    pub fn id(&self, number: u32) -> ObjectId {
        if number >= self.loose_start() {
            return self.loose[(number - self.loose_start()) as usize].id;
        }
        let pack = self.starts.partition_point(|&start| start <= number) - 1;
        self.packs[pack].id(number - self.starts[pack])
    }

    /// The work to be done for the wanted objects.
    #[must_use]
    pub fn units(&self, wanted: Wanted) -> Vec<Unit> {
        let in_pack = |(pack, data): (u32, &Pack)| -> Vec<Unit> {
            let roots = data.roots().iter().filter(|(_, kind)| wanted.takes(*kind));
            roots.map(|&(node, kind)| Unit { place: UnitPlace::Root { pack, node }, kind }).collect()
        };
        let mut units: Vec<Unit> = (0..).zip(&self.packs).flat_map(in_pack).collect();
        let loose = (0..).zip(&self.loose).filter(|(_, object)| wanted.takes(object.kind));
        units.extend(loose.map(|(at, object)| Unit { place: UnitPlace::Loose(at), kind: object.kind }));
        units
    }

    /// How many objects can't be put together from their deltas.
    #[must_use]
    pub fn lost(&self) -> Vec<ObjectId> {
        self.packs.iter().flat_map(|pack| pack.lost().map(|position| pack.id(position))).collect()
    }

    /// Reads the objects of a unit. Should a library fail on damaged data, that costs this unit only.
    pub fn read(&self, unit: Unit, buffers: &mut Buffers, sink: &mut dyn Sink) {
        let guarded = std::panic::AssertUnwindSafe(|| self.read_all(unit, buffers, sink));
        if std::panic::catch_unwind(guarded).is_err() {
            *buffers = Buffers::default();
            let number = match unit.place {
                UnitPlace::Root { pack, node } => {
                    self.starts[pack as usize] + self.packs[pack as usize].position_of(node)
                }
                UnitPlace::Loose(at) => self.loose_start() + at,
            };
            sink.failed(number, "reading it failed; objects made from it were not read either");
        }
    }

    fn read_all(&self, unit: Unit, buffers: &mut Buffers, sink: &mut dyn Sink) {
        match unit.place {
            UnitPlace::Root { pack, node } => {
                let pack = pack as usize;
                let mut taker = InPack { store: self, pack, kind: unit.kind, sink };
                self.packs[pack].subtree(node, &mut buffers.scratch, &mut taker);
            }
            UnitPlace::Loose(at) => {
                let object = &self.loose[at as usize];
                let number = self.loose_start() + at;
                let header = self.stores[object.store].try_header(&object.id).ok().flatten();
                if let Some((size, _)) = header.filter(|&(size, _)| size > sink.limit()) {
                    return sink.too_large(number, size);
                }
                match self.stores[object.store].try_find(&object.id, &mut buffers.loose) {
                    Ok(Some(data)) => sink.object(number, data.kind, data.data, None, None),
                    Ok(None) => sink.failed(number, "it is gone"),
                    Err(error) => sink.failed(number, &cause(&error)),
                }
            }
        }
    }
}

/// Gives the objects of a pack their numbers; what an earlier pack has too is left to that one.
struct InPack<'a> {
    store: &'a Store,
    pack: usize,
    kind: Kind,
    sink: &'a mut dyn Sink,
}

impl InPack<'_> {
    fn number(&self, position: u32) -> Option<u32> {
        let earlier = &self.store.packs[..self.pack];
        if !earlier.is_empty() {
            let id = self.store.packs[self.pack].id(position);
            if earlier.iter().any(|pack| pack.position(&id).is_some()) {
                return None;
            }
        }
        Some(self.store.starts[self.pack] + position)
    }
}

impl Taker for InPack<'_> {
    fn object(&mut self, position: u32, bytes: &[u8], delta: Option<pack::Delta<'_>>, closest: Option<u32>) {
        if let Some(number) = self.number(position) {
            let delta = delta.and_then(|delta| {
                Some(Delta { base: self.number(delta.base)?, fresh: delta.fresh, copied: delta.copied })
            });
            self.sink.object(number, self.kind, bytes, delta, closest);
        }
    }

    fn failed(&mut self, position: u32, why: &str) {
        if let Some(number) = self.number(position) {
            self.sink.failed(number, why);
        }
    }

    fn limit(&self) -> u64 {
        self.sink.limit()
    }

    fn too_large(&mut self, position: u32, size: u64) {
        if let Some(number) = self.number(position) {
            self.sink.too_large(number, size);
        }
    }
}
