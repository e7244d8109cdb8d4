//! References as files. They are read here and not by gix, which leaves out what has an odd name, what is a link, and
//! what belongs to other work trees: whoever looks for leaks wants all that names an object.

use std::collections::HashSet;
use std::fs::DirEntry;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use gix::bstr::ByteSlice;

use super::{ObjectId, Seat, SkipReason, Tips};
use crate::source::read;

/// Bytes beyond which a file of references is not read: ten million packed ones.
const LIMIT: u64 = 1 << 30;

/// References that lead to references beyond this depth lead nowhere, as for git.
const DEPTH: usize = 5;

/// Files of a rebase that hold an object's id.
const REBASE: &[&str] =
    &["rebase-merge/autostash", "rebase-merge/orig-head", "rebase-apply/autostash", "rebase-apply/orig-head"];

/// Lists all tips of a repository that keeps its references as files.
pub(super) fn list(tips: &mut Tips, common: &Path, seats: &[Seat]) {
    let mut files = Files { tips, common, seats, loose: HashSet::new() };
    for seat in seats {
        // HEAD has one line; what operations leave may have more.
        match says(&seat.folder.join("HEAD")) {
            Ok(None) => files.tips.skip(&format!("{}HEAD", seat.inside), "there is none"),
            Ok(Some(says)) => files.add(&format!("{}HEAD", seat.prefix), &format!("{}HEAD", seat.inside), says),
            Err(why) => files.tips.skip(&format!("{}HEAD", seat.inside), &why),
        }
        files.folder(seat);
        files.passing(seat);
    }
    // After the others: what is packed in between is read twice, not never.
    files.packed();
    files.stashes();
}

/// Lists what operations of git left in files.
pub(super) fn passing(tips: &mut Tips, common: &Path, seats: &[Seat]) {
    let mut files = Files { tips, common, seats, loose: HashSet::new() };
    seats.iter().for_each(|seat| files.passing(seat));
}

/// Whether a reference belongs to one work tree.
pub(super) fn is_of_a_work_tree(name: &str) -> bool {
    ["refs/bisect/", "refs/worktree/", "refs/rewritten/"].iter().any(|of| name.starts_with(of))
}

/// What a folder holds; none if it isn't there.
pub(super) fn entries(folder: &Path, part: &str, tips: &mut Tips) -> Vec<DirEntry> {
    let mut all = Vec::new();
    match std::fs::read_dir(folder) {
        Ok(entries) => {
            for entry in entries {
                match entry {
                    Ok(entry) => all.push(entry),
                    Err(error) => tips.skip(part, &error.to_string()),
                }
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => tips.skip(part, &error.to_string()),
    }
    all
}

struct Files<'a> {
    tips: &'a mut Tips,
    common: &'a Path,
    seats: &'a [Seat],
    /// What has a file of its own; a line of the packed ones with the same name is out of date.
    loose: HashSet<String>,
}

impl Files<'_> {
    /// The references below `refs` of a work tree's folder.
    fn folder(&mut self, seat: &Seat) {
        let mut stack = vec!["refs".to_owned()];
        while let Some(folder) = stack.pop() {
            let part = format!("{}{folder}", seat.inside);
            for entry in entries(&seat.folder.join(&folder), &part, self.tips) {
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    stack.push(name);
                } else {
                    self.file(seat, &entry.path(), &name);
                }
            }
        }
    }

    fn file(&mut self, seat: &Seat, path: &Path, name: &str) {
        let part = format!("{}{name}", seat.inside);
        match says(path) {
            Ok(None) => {}
            Ok(Some(says)) => {
                let called = match (is_of_a_work_tree(name), seat.inside.is_empty()) {
                    _ if !is_name(name) => format!(".git/{part}"),
                    (true, _) => format!("{}{name}", seat.prefix),
                    (false, true) => name.to_owned(),
                    // git looks for these in the common folder only.
                    (false, false) => format!(".git/{part}"),
                };
                self.add(&called, &part, says);
                self.loose.insert(called);
            }
            // As git makes it before it writes to it.
            Err(_) if name.ends_with(".lock") && path.metadata().is_ok_and(|found| found.len() == 0) => {}
            Err(why) => self.tips.skip(&part, &why),
        }
    }

    fn add(&mut self, name: &str, part: &str, says: Says) {
        let other = match says {
            Says::Id(id) => return self.tips.add(name, id),
            Says::Of(other) => other,
        };
        // What has a place of its own is listed there; where it leads out of the repository it has none.
        if Path::new(&other).components().any(|part| !matches!(part, Component::Normal(_))) {
            return self.tips.skip(part, "it leads out of the repository");
        }
        if ["refs/", "worktrees/", "main-worktree/"].iter().any(|place| other.starts_with(place)) {
            return;
        }
        for folder in self.seats.iter().map(|seat| &seat.folder) {
            match follow(folder, &other) {
                Ok(Some(id)) => self.tips.add(name, id),
                Ok(None) => {}
                Err(why) => self.tips.skip(part, &why),
            }
        }
    }

    /// `ORIG_HEAD`, `FETCH_HEAD` and the like.
    fn passing(&mut self, seat: &Seat) {
        let names = entries(&seat.folder, &seat.inside, self.tips).into_iter();
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        for name in names.filter(|name| is_root(name)).chain(REBASE.iter().map(|name| (*name).to_owned())) {
            let part = format!("{}{name}", seat.inside);
            let bytes = match bytes(&seat.folder.join(&name)) {
                Ok(Some(bytes)) => bytes,
                Ok(None) => continue,
                Err(why) => {
                    self.tips.skip(&part, &why);
                    continue;
                }
            };
            for line in bytes.lines().filter(|line| !line.trim().is_empty()) {
                match Says::of(line) {
                    Some(says) => self.add(&format!("{}{name}", seat.prefix), &part, says),
                    None => self.tips.skip(&part, NO_ID),
                }
            }
        }
    }

    fn packed(&mut self) {
        let bytes = match bytes(&self.common.join("packed-refs")) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(why) => return self.tips.skip("packed-refs", &why),
        };
        // `^` says what the tag of the line before speaks of.
        for line in bytes.lines().filter(|line| !line.starts_with(b"#") && !line.starts_with(b"^")) {
            let parts = line.split_once_str(" ").map(|(id, name)| (ObjectId::from_hex(id), name.to_str_lossy()));
            match parts {
                Some((Ok(id), name)) if is_name(&name) => {
                    if !self.loose.contains(&*name) {
                        self.tips.add(&name, id);
                    }
                }
                Some((Ok(id), name)) => self.tips.add(&format!(".git/packed-refs: {name}"), id),
                _ => self.tips.skip("packed-refs", "a line is damaged"),
            }
        }
    }

    /// Only the latest stash has a reference; the others are in its log.
    fn stashes(&mut self) {
        const LOG: &str = "logs/refs/stash";
        let bytes = match bytes(&self.common.join(LOG)) {
            Ok(bytes) => bytes.unwrap_or_default(),
            Err(why) => return self.tips.skip(LOG, &why),
        };
        let lines: Vec<&[u8]> = bytes.lines().collect();
        for (age, line) in lines.into_iter().rev().enumerate() {
            match line.split_str(" ").nth(1).map(ObjectId::from_hex) {
                Some(Ok(id)) if age > 0 => self.tips.add(&format!("stash@{{{age}}}"), id),
                Some(Ok(_)) => {}
                _ => self.tips.skip(LOG, &format!("the line of stash@{{{age}}} is damaged")),
            }
        }
    }
}

/// Whether git takes a name for a reference's.
fn is_name(name: &str) -> bool {
    gix::refs::FullName::try_from(name).is_ok()
}

/// Whether a file is what git calls a root reference; HEAD is read by itself.
fn is_root(name: &str) -> bool {
    const OTHERS: &[&str] =
        &["AUTO_MERGE", "BISECT_EXPECTED_REV", "NOTES_MERGE_PARTIAL", "NOTES_MERGE_REF", "MERGE_AUTOSTASH"];
    let of_letters = || name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b'-');
    OTHERS.contains(&name) || name.ends_with("_HEAD") && of_letters()
}

const NO_ID: &str = "it holds no object's id";

/// What a file says of a reference.
enum Says {
    Id(ObjectId),
    /// The name of another.
    Of(String),
}

impl Says {
    fn of(text: &[u8]) -> Option<Self> {
        if let Some(name) = text.strip_prefix(b"ref:") {
            return Some(Self::Of(name.trim().to_str_lossy().into_owned())).filter(|_| !name.trim().is_empty());
        }
        ObjectId::from_hex(text.fields().next()?).ok().map(Self::Id)
    }
}

/// What the file of a reference says; none if it isn't there.
fn says(path: &Path) -> Result<Option<Says>, String> {
    if let (Err(error), Ok(name)) = (path.metadata(), path.read_link()) {
        // git takes such a link for a name, as it once wrote HEAD.
        let name = name.to_string_lossy().into_owned();
        let is_name = error.kind() == ErrorKind::NotFound && name.starts_with("refs/");
        return if is_name { Ok(Some(Says::Of(name))) } else { Err(format!("a link that leads nowhere: {error}")) };
    }
    match bytes(path)? {
        Some(bytes) => Says::of(&bytes).map(Some).ok_or_else(|| NO_ID.to_owned()),
        None => Ok(None),
    }
}

/// A file's bytes, through links too; none if it isn't there.
fn bytes(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let real: PathBuf = match path.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    match read::small(&real, LIMIT) {
        Ok(bytes) => Ok(Some(bytes)),
        // It went while we looked.
        Err(SkipReason::Unreadable(_)) if !real.exists() => Ok(None),
        Err(reason) => Err(reason.to_string()),
    }
}

/// What a name outside `refs` leads to; none if nothing has it.
fn follow(folder: &Path, name: &str) -> Result<Option<ObjectId>, String> {
    let mut name = name.to_owned();
    for _ in 0..DEPTH {
        match says(&folder.join(&name))? {
            None => return Ok(None),
            Some(Says::Id(id)) => return Ok(Some(id)),
            Some(Says::Of(other)) if other.starts_with("refs/") => return Ok(None),
            Some(Says::Of(other)) => name = other,
        }
        if Path::new(&name).components().any(|part| !matches!(part, Component::Normal(_))) {
            return Err("it leads out of the repository".to_owned());
        }
    }
    Err("it leads to one that leads to another, and so on".to_owned())
}
