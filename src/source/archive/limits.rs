//! What an archive may cost.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

use crate::source::read::Beyond;

/// How much of an archive is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Archives within each other.
    pub depth: u32,
    /// Members of one archive.
    pub members: usize,
    /// Members of the outermost archive and all archives in it.
    pub all_members: usize,
    /// Bytes that come out of the outermost archive and all archives in it.
    pub total: u64,
    /// Bytes of one member.
    pub member: u64,
    /// How many bytes may come out for each byte of the outermost archive ...
    pub ratio: u64,
    /// ... once so many came out.
    pub ratio_from: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 4,
            members: 10_000,
            all_members: 100_000,
            total: 256 << 20,
            member: 50_000_000,
            ratio: 200,
            ratio_from: 16 << 20,
        }
    }
}

/// What is left for one outermost archive.
pub(super) struct Budget {
    pub(super) limits: Limits,
    fed: Cell<u64>,
    came_out: Cell<u64>,
    members: Cell<usize>,
    spent: RefCell<Option<String>>,
}

impl Budget {
    pub(super) fn new(limits: Limits) -> Self {
        let (fed, came_out) = (Cell::default(), Cell::default());
        Self { limits, fed, came_out, members: Cell::default(), spent: RefCell::default() }
    }

    /// So many bytes of the outermost archive are there.
    pub(super) fn feed(&self, count: u64) {
        self.fed.set(self.fed.get().saturating_add(count));
    }

    /// So many bytes came out.
    fn take(&self, count: u64) -> io::Result<()> {
        let Limits { total, ratio, ratio_from, .. } = self.limits;
        let out = self.came_out.get().saturating_add(count);
        self.came_out.set(out);
        if out > total {
            self.spend(format!("more than {total} bytes came out of the archive; the rest of it was not read"));
        } else if out > ratio_from && out > self.fed.get().saturating_mul(ratio) {
            self.spend(format!("more than {ratio} bytes came out for each byte; the rest of the archive was not read"));
        }
        self.check()
    }

    fn spend(&self, why: String) {
        self.spent.borrow_mut().get_or_insert(why);
    }

    fn check(&self) -> io::Result<()> {
        self.spent().map_or(Ok(()), |why| Err(io::Error::other(Beyond(why))))
    }

    pub(super) fn is_spent(&self) -> bool {
        self.spent.borrow().is_some()
    }

    /// The limit that ended the reading.
    pub(super) fn spent(&self) -> Option<String> {
        self.spent.borrow().clone()
    }

    /// Counts a member. If it is one too many, that is the answer.
    pub(super) fn count_member(&self, number: usize) -> Option<String> {
        let Limits { members, all_members, .. } = self.limits;
        if number >= members {
            return Some(format!("more than {members} members; the rest was not read"));
        }
        self.members.set(self.members.get() + 1);
        if self.members.get() > all_members {
            self.spend(format!("more than {all_members} members in all; the rest of the archive was not read"));
        }
        self.spent()
    }
}

/// Counts what comes out, and ends it at the limits.
pub(super) struct Meter<R> {
    inner: R,
    budget: Rc<Budget>,
}

impl<R: Read> Meter<R> {
    pub(super) fn new(inner: R, budget: &Rc<Budget>) -> Self {
        Self { inner, budget: Rc::clone(budget) }
    }
}

impl<R: Read> Read for Meter<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.budget.check()?;
        let count = self.inner.read(buffer)?;
        self.budget.take(count as u64)?;
        Ok(count)
    }
}

/// Counts what is read of the outermost archive.
pub(super) struct Fed<'a, R: ?Sized> {
    inner: &'a mut R,
    budget: Rc<Budget>,
}

impl<'a, R: Read + ?Sized> Fed<'a, R> {
    pub(super) fn new(inner: &'a mut R, budget: &Rc<Budget>) -> Self {
        Self { inner, budget: Rc::clone(budget) }
    }
}

impl<R: Read + ?Sized> Read for Fed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.budget.feed(count as u64);
        Ok(count)
    }
}
