//! The terminal without echo, for what nobody should read over a shoulder, and its state put back however the program ends.

/// As long as this lives, what is typed is not shown.
pub(super) struct Hidden(());

#[cfg(unix)]
mod echo {
    use std::sync::{Mutex, PoisonError};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// How the terminal was. Not part of [`super::Hidden`], because a signal ends the program without dropping anything.
    static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

    pub(super) fn off() {
        let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        *before = tcgetattr(std::io::stdin()).ok();
        if let Some(mut without) = before.clone() {
            without.local_modes.remove(LocalModes::ECHO);
            // Where echo can't be switched off, the key is asked for all the same: it is the user's own terminal.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &without);
        }
    }

    pub(super) fn on() {
        if let Some(before) = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
        }
    }
}

impl Hidden {
    /// Switches echo off.
    pub(super) fn new() -> Self {
        #[cfg(unix)]
        echo::off();
        #[cfg(not(unix))]
        {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "what you type will be shown");
        }
        Self(())
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        restore();
    }
}

/// Switches echo on again if it was switched off. For whoever ends the program on the spot.
pub(super) fn restore() {
    #[cfg(unix)]
    echo::on();
}
