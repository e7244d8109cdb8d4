//! Where texts come from: a tree, files, standard input, archives, git. A source hands out [`Blob`]s one after another
//! and names what it could not read as [`Skipped`]; one bad item never ends the rest.
//!
//! Not here: what a text means. A source never looks for anything in it.

#[cfg(feature = "archives")]
pub mod archive;
pub mod carried;
#[cfg(feature = "git")]
pub mod git;
mod gitignore;
mod ignored;
pub mod kinds;
pub mod read;
mod sqlite;
pub mod status;
mod strings;
pub mod walk;

use std::sync::Arc;

pub use ignored::PathFilter;

/// Where a text is from, for people and reports.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The path as it is shown: relative to where the scan was pointed, `/` between names. Bytes that are not UTF-8 are
    /// kept; the reports escape them.
    pub path: Vec<u8>,
    /// The member of an archive, with `!` between nested ones: `conf/.env`.
    pub member: Option<String>,
    /// What git knows of it.
    pub git: Option<Arc<GitOrigin>>,
}

impl Origin {
    /// A file at a path.
    #[must_use]
    pub fn file(path: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), member: None, git: None }
    }

    /// The path as text; invalid bytes become replacement characters.
    #[must_use]
    pub fn display(&self) -> String {
        let path = String::from_utf8_lossy(&self.path);
        match &self.member {
            Some(member) => format!("{path}!{member}"),
            None => path.into_owned(),
        }
    }
}

/// What git knows of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GitOrigin {
    /// The commit that introduced it, in hexadecimal.
    pub commit: Option<String>,
    /// The author of that commit, `Name <address>`.
    pub author: Option<String>,
    /// When that commit was authored, RFC 3339.
    pub date: Option<String>,
    /// The object that holds the text, in hexadecimal.
    pub object: Option<String>,
    /// What the text is, when it isn't a file: `commit message`, `tag message`, `note`, `file name`, ...
    pub place: Option<String>,
    /// Whether HEAD still holds it.
    pub in_head: Option<bool>,
    /// All refs that hold it, sorted.
    pub refs: Vec<String>,
    /// Further paths it had.
    pub also: Vec<String>,
}

/// A text to scan, whole or a window of a longer one.
#[derive(Debug)]
pub struct Blob<'a> {
    /// Where it is from.
    pub origin: &'a Origin,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// Something that was asked for and not scanned, or left out by design.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// What was not read.
    pub origin: Origin,
    /// Why.
    pub reason: SkipReason,
}

/// Why something was not scanned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkipReason {
    /// Larger than the limit (bytes).
    TooLarge {
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// A picture, a sound, a film, a font or packed data: nothing in it is text.
    Binary,
    /// Not a regular file: a pipe, a device, a socket.
    Special,
    /// A symbolic link; what it points to is scanned where it lies, if it lies in the tree.
    Link,
    /// Excluded by design or by the repository: ignored by git, git's own data.
    Excluded,
    /// Left out by a pattern of the configuration or the command line.
    Unwanted,
    /// Could not be read: the system's or the format's reason.
    Unreadable(String),
    /// A limit of archives or decoding was hit.
    Limit(String),
    /// An object of a repository that is not here: shallow, partial or damaged.
    Missing(String),
    /// The scanner failed on it (a defect of ours; the rest was scanned).
    Failed(String),
}

impl SkipReason {
    /// Whether it leaves a gap in what was asked for. A binary file or a link is left out by design and is not a gap.
    #[must_use]
    pub fn is_gap(&self) -> bool {
        match self {
            Self::Binary | Self::Special | Self::Link | Self::Excluded | Self::Unwanted => false,
            Self::TooLarge { .. } | Self::Unreadable(_) | Self::Limit(_) | Self::Missing(_) | Self::Failed(_) => true,
        }
    }

    /// A word for tables and machines.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "too-large",
            Self::Binary => "binary",
            Self::Special => "special",
            Self::Link => "link",
            Self::Excluded => "excluded",
            Self::Unwanted => "unwanted",
            Self::Unreadable(_) => "unreadable",
            Self::Limit(_) => "limit",
            Self::Missing(_) => "missing",
            Self::Failed(_) => "failed",
        }
    }
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLarge { size, limit } => write!(f, "{size} bytes, more than the limit of {limit}"),
            Self::Binary => f.write_str("no text in it"),
            Self::Special => f.write_str("not a regular file"),
            Self::Link => f.write_str("symbolic link"),
            Self::Excluded => f.write_str("excluded"),
            Self::Unwanted => f.write_str("left out by a pattern of the configuration or the command line"),
            Self::Unreadable(why) | Self::Limit(why) | Self::Missing(why) | Self::Failed(why) => f.write_str(why),
        }
    }
}
