//! How a long scan goes on, for a person at a terminal: on standard error, after a second, and gone at the end.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{DecimalBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Before this, nobody has begun to wonder.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts files and shows the numbers.
pub(super) struct Progress {
    wanted: bool,
    begin: Instant,
    files: AtomicU64,
    bytes: AtomicU64,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    pub(super) fn new(wanted: bool) -> Self {
        let (files, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { wanted, begin: Instant::now(), files, bytes, bar: OnceLock::new() }
    }

    /// Takes it off the terminal.
    pub(super) fn end(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

impl stopleak::scan::Progress for Progress {
    fn scanned(&self, bytes: u64) {
        let files = self.files.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if !self.wanted || self.begin.elapsed() < PATIENCE {
            return;
        }
        let mut fresh = false;
        let bar = self.bar.get_or_init(|| {
            fresh = true;
            let style =
                ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10)).with_style(style);
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        if fresh || files.is_multiple_of(64) {
            bar.set_message(format!("scanned {files} files, {}", DecimalBytes(bytes)));
        }
    }
}
