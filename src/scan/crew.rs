//! One long text by several threads. One cuts the windows, the others scan them, and what they found is taken in the order of
//! the windows, so that nothing differs from a scan by one thread.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread::{self, Scope};

use super::Scan;
use crate::credential::Credential;
use crate::detect::Hint;
use crate::secret::wipe_all;
use crate::source::read::{Kept, Outcome, Window};

/// A window on its way to a thread: its number, itself, and what is known of its text.
type Job = (usize, Kept, Hint);
/// What a thread made of it.
type Done = (usize, Kept, thread::Result<Vec<Credential>>);

/// Takes the windows as they are cut.
type Each<'a> = &'a mut dyn FnMut(&Window<'_>);

/// How many windows are in memory, for each thread.
const AHEAD: usize = 2;

/// What is done with the windows of a text, in their order.
pub(super) struct Steps<'a> {
    /// What becomes known of the text with this window.
    pub(super) prepare: &'a mut dyn FnMut(&Window<'_>) -> Hint,
    /// Finds credentials, by any thread.
    pub(super) scan: Scan<'a>,
    /// Takes what was found.
    pub(super) take: &'a mut dyn FnMut(&Window<'_>, Vec<Credential>),
}

/// Scans the windows that `read` hands out by `threads` threads. A text of one window is scanned here.
pub(super) fn scan(threads: usize, steps: Steps<'_>, read: &mut dyn FnMut(Each<'_>) -> Outcome) -> Outcome {
    let Steps { prepare, scan, take } = steps;
    let (jobs, inbox) = mpsc::sync_channel::<Job>(threads);
    let inbox = Mutex::new(inbox);
    thread::scope(|scope| {
        let mut line: Option<Line<'_>> = None;
        let mut jobs = Some(jobs);
        let outcome = read(&mut |window| {
            let hint = prepare(window);
            if line.is_none() && window.last {
                let found = scan(window.bytes, &hint);
                take(window, found);
                return;
            }
            let line = line.get_or_insert_with(|| Line::start(scope, threads, scan, &inbox, jobs.take()));
            line.make_room(AHEAD * threads, take);
            line.send(window, hint);
        });
        if let Some(mut line) = line {
            line.jobs = None;
            line.make_room(1, take);
            if let Some(panic) = line.panic.take() {
                std::panic::resume_unwind(panic);
            }
        }
        outcome
    })
}

/// The windows under way.
struct Line<'s> {
    jobs: Option<SyncSender<Job>>,
    done: Receiver<Done>,
    /// What came back before its turn.
    early: BTreeMap<usize, (Kept, Vec<Credential>)>,
    /// The number of the next window, and of the next one whose findings are to be taken.
    sent: usize,
    taken: usize,
    /// Buffers to use again.
    spare: Vec<Vec<u8>>,
    panic: Option<Box<dyn std::any::Any + Send>>,
    scope: std::marker::PhantomData<&'s ()>,
}

impl<'s> Line<'s> {
    fn start<'e: 's>(
        scope: &'s Scope<'s, 'e>,
        threads: usize,
        scan: Scan<'e>,
        inbox: &'e Mutex<Receiver<Job>>,
        jobs: Option<SyncSender<Job>>,
    ) -> Self {
        let (out, done) = mpsc::channel();
        for _ in 0..threads {
            let out = out.clone();
            scope.spawn(move || work(scan, inbox, &out));
        }
        let (early, spare) = (BTreeMap::new(), Vec::new());
        Self { jobs, done, early, sent: 0, taken: 0, spare, panic: None, scope: std::marker::PhantomData }
    }

    fn send(&mut self, window: &Window<'_>, hint: Hint) {
        let kept = Kept::of(window, self.spare.pop().unwrap_or_default());
        if self.jobs.as_ref().is_some_and(|jobs| jobs.send((self.sent, kept, hint)).is_ok()) {
            self.sent += 1;
        }
    }

    /// Takes what was found until fewer than `most` windows are under way.
    fn make_room(&mut self, most: usize, take: &mut dyn FnMut(&Window<'_>, Vec<Credential>)) {
        while self.sent - self.taken >= most {
            let Ok((number, kept, found)) = self.done.recv() else { return };
            let found = found.unwrap_or_else(|panic| {
                self.panic = Some(panic);
                Vec::new()
            });
            self.early.insert(number, (kept, found));
            while let Some((kept, found)) = self.early.remove(&self.taken) {
                take(&kept.window(), found);
                self.spare.push(kept.into_buffer());
                self.taken += 1;
            }
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.spare.iter_mut().for_each(wipe_all);
    }
}

/// What each thread does until no more windows come.
fn work(scan: Scan<'_>, inbox: &Mutex<Receiver<Job>>, out: &Sender<Done>) {
    loop {
        let job = inbox.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
        let Ok((number, kept, hint)) = job else { return };
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scan(kept.window().bytes, &hint)));
        if out.send((number, kept, found)).is_err() {
            return;
        }
    }
}
