//! Work that a thread gives away when others have none left. Versions of one file hang on one another in a pack, so one
//! thread reads them all; the scanning of each is anybody's.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Jobs that wait at most; a giver that finds more does its job itself.
const WAITING: usize = 16;

/// Bytes that waiting jobs hold at most, unless a single one holds more.
const HELD: usize = 4 << 20;

/// What threads share: jobs, and who may still bring some.
pub(super) struct Sharing<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    idle: AtomicUsize,
}

struct State<T> {
    /// Each with the bytes it holds.
    jobs: VecDeque<(usize, T)>,
    held: usize,
    givers: usize,
}

/// A thread that may still give jobs; it ceases to when this is dropped, also by a panic.
pub(super) struct Giver<'s, T>(&'s Sharing<T>);

impl<T> Sharing<T> {
    /// For a number of threads, each of which begins as a giver.
    pub(super) fn new(threads: usize) -> Self {
        let state = Mutex::new(State { jobs: VecDeque::new(), held: 0, givers: threads });
        Self { state, changed: Condvar::new(), idle: AtomicUsize::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The part of one thread.
    pub(super) fn giver(&self) -> Giver<'_, T> {
        Giver(self)
    }

    /// Gives a job that holds so many bytes away if somebody waits for one.
    pub(super) fn give(&self, bytes: usize, job: impl FnOnce() -> T) -> bool {
        if self.idle.load(Ordering::Relaxed) == 0 {
            return false;
        }
        let mut state = self.lock();
        if state.jobs.len() >= WAITING || state.held > 0 && state.held + bytes > HELD {
            return false;
        }
        state.held += bytes;
        state.jobs.push_back((bytes, job()));
        drop(state);
        self.changed.notify_one();
        true
    }

    /// Waits for a job; None when there will be none.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some((bytes, job)) = state.jobs.pop_front() {
                state.held -= bytes;
                return Some(job);
            }
            if state.givers == 0 {
                return None;
            }
            self.idle.fetch_add(1, Ordering::Relaxed);
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            self.idle.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl<T> Drop for Giver<'_, T> {
    fn drop(&mut self) {
        self.0.lock().givers -= 1;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_is_done_once_and_all_come_to_an_end() {
        let sharing = Sharing::new(4);
        let done = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (sharing, done) = (&sharing, &done);
                scope.spawn(move || {
                    let giver = sharing.giver();
                    for job in 0..if thread == 0 { 2000 } else { 0 } {
                        if !sharing.give(job * 1000, || job) {
                            done.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    drop(giver);
                    while sharing.take().is_some() {
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(done.into_inner(), 2000);
    }
}
