//! What is known of a text beside its bytes.

use super::{names, token};
use crate::rules::Role;
use crate::view::notebook;

/// What is known of a text beside its bytes: its file name speaks of exchanges and formats.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// The last names of the path, lower case, joined by `/` (`config/binance.env`): vocabulary, not a place.
    pub path: String,
    /// The whole path, for rules of other scanners that speak of paths; empty if there is none.
    pub file: Vec<u8>,
    /// The text is the beginning of its file (false for later windows of a long one).
    pub from_start: bool,
    /// The text is a piece cut out of a longer one (a window, inserted lines of a delta), so that a block can be cut off.
    pub partial: bool,
    /// Where in a notebook the text begins.
    pub notebook: notebook::State,
}

impl Hint {
    /// Whether a place is in a minified program: what looks like a name with a value there is code.
    pub(crate) fn is_minified(&self, text: &[u8], at: usize) -> bool {
        const LONG: usize = 1000;
        self.is_web_program() && token::line_end(text, at) - token::line_start(text, at) > LONG
    }

    /// A program of a kind that is minified.
    pub(crate) fn is_web_program(&self) -> bool {
        [".js", ".mjs", ".cjs", ".css", ".map"].iter().any(|kind| self.path.ends_with(kind))
    }

    /// A file that is called after private keys: `private_keys.txt`.
    #[must_use]
    pub fn is_key_file(&self) -> bool {
        let file = self.path.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = file.split('.').next().unwrap_or_default().as_bytes();
        let says = |word: &[u8]| stem.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
        (says(b"priv") || says(b"wallet"))
            && matches!(names::verdict(stem), names::Verdict::Part(Role::PrivateKey, names::Strength::Strong))
    }

    /// Tests, examples and documentation: their credentials are seldom live.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        self.path.split(['/', '.', '_', '-']).any(|word| {
            matches!(
                word,
                "test"
                    | "tests"
                    | "spec"
                    | "example"
                    | "examples"
                    | "sample"
                    | "samples"
                    | "docs"
                    | "doc"
                    | "fixtures"
                    | "testdata"
                    | "mock"
                    | "mocks"
            )
        })
    }
}
