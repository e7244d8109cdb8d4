//! The few colours of the text report, as plain ANSI sequences; the caller decides whether the terminal wants them.

use crate::rules::Severity;

/// Wraps texts in colour, or doesn't.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    /// For what is there to be found, not read: arrows, marks.
    pub(super) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    /// For places.
    pub(super) fn place(self, text: &str) -> String {
        self.with("36", text)
    }

    pub(super) fn good(self, text: &str) -> String {
        self.with("1;32", text)
    }

    pub(super) fn warning(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub(super) fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Critical => "1;97;41",
            Severity::High => "1;31",
            Severity::Medium => "1;33",
            Severity::Low => "1;34",
        };
        self.with(code, text)
    }
}
