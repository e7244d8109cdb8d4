//! The signals that end a program: what was begun is taken back, that is said, and the exit code is the usual one of 128 and
//! the signal's number. An interrupted scan is never a clean one.

/// Watches for signals from now on. If that can't be done, they end the program as they end any other.
#[cfg(unix)]
pub(super) fn watch() {
    use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::iterator::Signals;

    // A limit of the size of files becomes an error of the writer, which is told like a full disk.
    let _ = signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default());
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    let wait = move || {
        if let Some(signal) = signals.forever().next() {
            end(signal);
        }
    };
    // A few pages are enough to wait.
    let _ = std::thread::Builder::new().name("signals".to_owned()).stack_size(64 << 10).spawn(wait);
}

#[cfg(unix)]
fn end(signal: i32) {
    use std::io::Write as _;

    super::output::abandon();
    #[cfg(feature = "verify")]
    super::terminal::restore();
    let _ = writeln!(std::io::stderr(), "stopleak: interrupted; nothing is known about what was not looked at yet");
    std::process::exit(128 + signal);
}

/// Elsewhere the system ends the program.
#[cfg(not(unix))]
pub(super) fn watch() {}
