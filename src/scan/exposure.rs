//! What happens to the files of findings in a work tree: what git does with them, and what carries them away.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;

use crate::finding::Finding;
use crate::source::carried::{self, Known};
use crate::source::kinds;
use crate::source::status::{Status, Statuses};

/// Says it of each finding.
pub(super) fn tell(findings: &mut [Finding]) {
    let mut known: HashMap<Vec<u8>, Vec<String>> = HashMap::new();
    let statuses = RefCell::default();
    for finding in findings {
        let path = &finding.chief().place.origin.path;
        let said = known.entry(path.clone()).or_insert_with(|| of(path, &statuses));
        finding.exposure.clone_from(said);
    }
}

fn of(path: &[u8], statuses: &RefCell<Statuses>) -> Vec<String> {
    let shown = String::from_utf8_lossy(path);
    // A name that is no UTF-8 is a name all the same.
    #[cfg(unix)]
    let file = Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(path));
    #[cfg(not(unix))]
    let file = Path::new(&*shown);
    let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
    let is_private = kinds::bears_credentials(name);
    let status = statuses.borrow_mut().of(file);
    let git = match status {
        Some(Status::Untracked) => Some(UNTRACKED),
        Some(Status::Ignored) => Some(IGNORED),
        // What is tracked needs no word, but where people take it for private.
        Some(Status::Tracked) => is_private.then_some(TRACKED),
        None => None,
    };
    let mut said: Vec<String> = git.into_iter().map(str::to_owned).collect();
    if is_private || status == Some(Status::Ignored) {
        let tracks = |path: &Path| statuses.borrow_mut().of(path) == Some(Status::Tracked);
        let (git_ignores, in_repository) = (status == Some(Status::Ignored), status.is_some());
        said.extend(carried::statements(file, &shown, &Known { git_ignores, in_repository, tracks: &tracks }));
    }
    said
}

const UNTRACKED: &str = "git neither tracks nor ignores the file: the next `git add .` would commit it";
const IGNORED: &str = "git ignores the file: it is not committed unless somebody forces it";
const TRACKED: &str = "git tracks the file: whoever has the repository has the value";
