//! The lines of a commit that the graph needs, read in one pass. What isn't written as git writes it is left to `gix`.

use gix::hash::Kind;

use crate::source::git::{Commit, ObjectId};

/// What the graph needs of a commit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    /// Seconds since 1970, of the committer.
    pub(super) time: i64,
    pub(super) message: &'a [u8],
}

impl<'a> Header<'a> {
    /// Of the bytes of a commit.
    pub(super) fn parse(bytes: &'a [u8], hash: Kind) -> Option<Self> {
        plain(bytes, hash).or_else(|| unusual(bytes, hash))
    }
}

/// A commit whose lines are all as git writes them.
fn plain(bytes: &[u8], hash: Kind) -> Option<Header<'_>> {
    let (tree, mut rest) = id_line(bytes, b"tree ", hash)?;
    let mut parents = Vec::new();
    while let Some((parent, after)) = id_line(rest, b"parent ", hash) {
        parents.push(parent);
        rest = after;
    }
    let (author, rest) = line(rest, b"author ")?;
    let (committer, rest) = line(rest, b"committer ")?;
    time(author)?;
    let message = rest.strip_prefix(b"\n").or_else(|| behind_headers(rest))?;
    Some(Header { tree, parents, time: time(committer)?, message })
}

/// Any other. The message is read even if the lines above it are damaged.
fn unusual(bytes: &[u8], hash: Kind) -> Option<Header<'_>> {
    let commit = Commit::parse(ObjectId::null(hash), bytes, hash)?;
    let message = gix::objs::CommitRefIter::from_bytes(bytes, hash).message().ok().map(AsRef::as_ref);
    let message = message.or_else(|| behind_headers(bytes)).unwrap_or_default();
    Some(Header { tree: commit.tree, parents: commit.parents, time: commit.time, message })
}

fn behind_headers(bytes: &[u8]) -> Option<&[u8]> {
    memchr::memmem::find(bytes, b"\n\n").map(|at| &bytes[at + 2..])
}

/// The rest of a line that begins with a word, and what follows the line.
fn line<'a>(bytes: &'a [u8], word: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let rest = bytes.strip_prefix(word)?;
    let end = memchr::memchr(b'\n', rest)?;
    Some((&rest[..end], &rest[end + 1..]))
}

fn id_line<'a>(bytes: &'a [u8], word: &[u8], hash: Kind) -> Option<(ObjectId, &'a [u8])> {
    let (hex, rest) = bytes.strip_prefix(word)?.split_at_checked(hash.len_in_hex())?;
    let rest = rest.strip_prefix(b"\n")?;
    let mut id = [0; 32];
    let id = &mut id[..hash.len_in_bytes()];
    data_encoding::HEXLOWER.decode_mut(hex, id).ok()?;
    Some((ObjectId::try_from(&*id).ok()?, rest))
}

/// The seconds of `NAME <ADDRESS> SECONDS ZONE`.
fn time(signature: &[u8]) -> Option<i64> {
    let (open, close) = (memchr::memchr(b'<', signature)?, memchr::memchr(b'>', signature)?);
    let single = memchr::memrchr(b'<', signature) == Some(open) && memchr::memrchr(b'>', signature) == Some(close);
    if !single || open > close || open.checked_sub(1).is_some_and(|before| signature[before] != b' ') {
        return None;
    }
    let rest = signature[close + 1..].strip_prefix(b" ")?;
    let (seconds, zone) = rest.split_at(memchr::memchr(b' ', rest)?);
    let zone_is_plain =
        matches!(zone, [b' ', b'+' | b'-', digits @ ..] if digits.len() == 4 && digits.iter().all(u8::is_ascii_digit));
    if !zone_is_plain || seconds.len() > 12 || seconds.is_empty() || !seconds.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(seconds.iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n";
    const PARENT: &str = "parent 1111111111111111111111111111111111111111\n";
    const AUTHOR: &str = "author A B <a@example.org> 1700000000 +0100\n";
    const COMMITTER: &str = "committer C <c@example.org> 1700000001 -0330\n";

    fn by_gix(bytes: &[u8]) -> Option<(ObjectId, Vec<ObjectId>, i64, Vec<u8>)> {
        let commit = Commit::parse(ObjectId::null(Kind::Sha1), bytes, Kind::Sha1)?;
        Some((commit.tree, commit.parents, commit.time, commit.message.to_vec()))
    }

    fn by_us(header: Option<Header<'_>>) -> Option<(ObjectId, Vec<ObjectId>, i64, Vec<u8>)> {
        header.map(|header| (header.tree, header.parents, header.time, header.message.to_vec()))
    }

    #[test]
    fn says_what_gix_says() {
        let signed = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----\n";
        let cases = [
            (true, format!("{TREE}{AUTHOR}{COMMITTER}\nfirst\n")),
            (true, format!("{TREE}{PARENT}{AUTHOR}{COMMITTER}\nsecond\n\nmore")),
            (true, format!("{TREE}{PARENT}{PARENT}{AUTHOR}{COMMITTER}encoding ISO-8859-1\n\nmerge\n")),
            (true, format!("{TREE}{PARENT}{AUTHOR}{COMMITTER}{signed}\nsigned\n")),
            (true, format!("{TREE}{AUTHOR}{COMMITTER}\n")),
            (true, format!("{TREE}author <> 0 +0000\ncommitter <> 0 +0000\n\nx")),
            (false, format!("{TREE}{AUTHOR}{COMMITTER}")),
            (false, format!("{TREE}author A <a>b> 1 +0000\n{COMMITTER}\nx")),
            (false, format!("{TREE}author A <a> -1 +0000\ncommitter A <a> -5 +0000\n\nx")),
            (false, format!("{TREE}{AUTHOR}committer C <c> 99999999999999999999 +0000\n\nx")),
            (false, format!("{TREE}{AUTHOR}committer C <c> 17 +01000\n\nx")),
            (false, format!("{AUTHOR}{COMMITTER}\nno tree\n")),
            (false, format!("{}{AUTHOR}{COMMITTER}\nx", TREE.to_uppercase().replace("TREE", "tree"))),
            (false, String::new()),
        ];
        for (is_plain, text) in cases {
            let bytes = text.as_bytes();
            assert_eq!(plain(bytes, Kind::Sha1).is_some(), is_plain, "{text}");
            assert_eq!(by_us(Header::parse(bytes, Kind::Sha1)), by_gix(bytes), "{text}");
        }
    }

    #[test]
    fn a_damaged_line_hides_no_message() {
        let text = format!("{TREE}author nobody\n{COMMITTER}\nwhat it says\n");
        assert_eq!(by_gix(text.as_bytes()).map(|gix| gix.3), Some(Vec::new()), "gix says nothing of it");
        let header = Header::parse(text.as_bytes(), Kind::Sha1).expect("it has a tree");
        assert_eq!(header.message, b"what it says\n");
    }

    #[test]
    fn ids_of_sha_256() {
        let text = format!("tree {}\n{AUTHOR}{COMMITTER}\nx", "ab".repeat(32));
        let header = plain(text.as_bytes(), Kind::Sha256).expect("plain");
        assert_eq!(header.tree.to_string(), "ab".repeat(32));
        assert_eq!(plain(text.as_bytes(), Kind::Sha1), None);
    }
}
