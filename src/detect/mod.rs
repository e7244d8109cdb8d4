//! The middle of the river: from bytes to values that are credentials. No file, clock, thread or terminal.

pub(crate) mod binding;
pub(crate) mod candidate;
pub(crate) mod names;
pub(crate) mod placeholder;
pub mod randomness;
pub(crate) mod token;

use crate::credential::Credential;
use crate::rules::RuleSet;

/// What is known of a text beside its bytes: its file name speaks of exchanges and formats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// The last names of the path, lower case, joined by `/` (`config/binance.env`): vocabulary, not a place.
    pub path: String,
    /// The text is the beginning of its file (false for later windows of a long one).
    pub from_start: bool,
    /// The text is a piece cut out of a longer one (a window, inserted lines of a delta), so that a block can be cut off.
    pub partial: bool,
}

/// Finds credentials in texts. Made once, used by all threads.
#[derive(Debug)]
pub struct Engine<'r> {
    rules: &'r RuleSet,
}

impl<'r> Engine<'r> {
    /// An engine for a set of rules.
    #[must_use]
    pub fn new(rules: &'r RuleSet) -> Self {
        Self { rules }
    }

    /// The rules it works with.
    #[must_use]
    pub fn rules(&self) -> &'r RuleSet {
        self.rules
    }

    /// All credentials in a text, sorted by place.
    #[must_use]
    pub fn scan(&self, text: &[u8], hint: &Hint) -> Vec<Credential> {
        let _ = (text, hint);
        Vec::new()
    }
}
