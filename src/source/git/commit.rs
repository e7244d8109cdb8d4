//! What a commit or a tag says, read as git reads it. What isn't written as git writes it is read as far as it goes: one
//! damaged line hides neither the message nor what lies before.

use std::borrow::Cow;

use gix::actor::SignatureRef;
use gix::bstr::{BString, ByteSlice};
use gix::hash::Kind;

use super::ObjectId;
use crate::source::GitOrigin;

/// What a commit says.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// Null if the commit doesn't say.
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    author: String,
    date: Option<String>,
    pub(super) text: BString,
}

impl Commit {
    pub(super) fn of(id: ObjectId, header: &Header<'_>) -> Self {
        let author = header.author.and_then(|line| SignatureRef::from_bytes(line).ok());
        let date = author.and_then(|author| author.time().ok());
        Self {
            id,
            tree: header.tree,
            parents: header.parents.clone(),
            author: author
                .map(|author| format!("{} <{}>", author.name.to_str_lossy(), author.email.to_str_lossy()))
                .unwrap_or_default(),
            // In the form of RFC 3339.
            date: date.and_then(|time| time.format(gix::date::time::format::ISO8601_STRICT).ok()),
            text: header.text.clone().into_owned().into(),
        }
    }

    /// What a finding says of the commit that introduced it.
    pub(crate) fn origin(&self) -> GitOrigin {
        GitOrigin {
            commit: Some(self.id.to_string()),
            author: Some(self.author.clone()),
            date: self.date.clone(),
            ..GitOrigin::default()
        }
    }
}

/// The lines of a commit.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header<'a> {
    /// Null if there is none or it isn't an id: no such object is there, and that is told. So are parents.
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    author: Option<&'a [u8]>,
    /// Seconds since 1970, of the committer.
    pub(super) time: Option<i64>,
    /// The message, and behind it lines above it that are somebody's text too: a merged tag, what other programs wrote.
    pub(super) text: Cow<'a, [u8]>,
}

impl<'a> Header<'a> {
    /// Of the bytes of a commit.
    pub(super) fn parse(bytes: &'a [u8], hash: Kind) -> Self {
        plain(bytes, hash).unwrap_or_else(|| unusual(bytes, hash))
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
    let message =
        rest.strip_prefix(b"\n").map(Cow::Borrowed).or_else(|| rest.contains_str("\n\n").then(|| text(rest, &[])))?;
    Some(Header { tree, parents, author: Some(author), time: Some(time(committer)?), text: message })
}

/// Any other. Only what stands right behind the tree are parents: so git sees it, and so it sends them.
fn unusual(bytes: &[u8], hash: Kind) -> Header<'_> {
    let id = |line: &[u8]| id(line, hash);
    let mut lines = headers(bytes).lines().peekable();
    let tree = lines.next_if(|line| line.starts_with(b"tree "));
    let parents = std::iter::from_fn(|| lines.next_if(|line| line.starts_with(b"parent ")));
    let parents = parents.map(|line| id(&line[b"parent ".len()..])).collect();
    let signed = |word: &'static [u8]| headers(bytes).lines().filter_map(move |line| line.strip_prefix(word));
    let time = |line: &[u8]| Some(SignatureRef::from_bytes(line).ok()?.time().ok()?.seconds);
    Header {
        tree: tree.map_or(ObjectId::null(hash), |line| id(&line[b"tree ".len()..])),
        parents,
        author: signed(b"author ").next(),
        time: signed(b"committer ").find_map(time),
        text: text(bytes, &[b"tree ", b"parent "]),
    }
}

fn id(hex: &[u8], hash: Kind) -> ObjectId {
    ObjectId::from_hex(hex).ok().filter(|id| id.kind() == hash).unwrap_or(ObjectId::null(hash))
}

/// What a tag speaks of; null if it doesn't say.
pub(super) fn tag_target(bytes: &[u8], hash: Kind) -> ObjectId {
    let line = line(bytes, b"object ").map(|(line, _)| line).unwrap_or_default();
    id(line, hash)
}

/// The text of a tag, as [`Header::text`].
pub(super) fn tag_text(bytes: &[u8]) -> Cow<'_, [u8]> {
    text(bytes, &[b"object ", b"type ", b"tag "])
}

/// All lines above the message.
fn headers(bytes: &[u8]) -> &[u8] {
    &bytes[..memchr::memmem::find(bytes, b"\n\n").map_or(bytes.len(), |at| at + 1)]
}

/// The message, and behind it the lines above it but for signatures, names with a time, and those that begin with one of
/// these words.
fn text<'a>(bytes: &'a [u8], but: &[&[u8]]) -> Cow<'a, [u8]> {
    let above = headers(bytes);
    let message = bytes.get(above.len() + 1..).unwrap_or_default();
    let (mut more, mut counts) = (Vec::new(), false);
    for line in above.lines_with_terminator() {
        // A line that begins with a blank goes on with the one before.
        let rest = line.strip_prefix(b" ");
        if rest.is_none() {
            let begins = |word: &&[u8]| line.starts_with(word);
            let named = [&b"author "[..], b"committer ", b"tagger "];
            counts = !but.iter().any(begins)
                && ![&b"gpgsig "[..], b"gpgsig-sha256 "].iter().any(begins)
                && !named.iter().any(|word| line.strip_prefix(*word).is_some_and(is_signature));
        }
        if counts {
            more.extend_from_slice(rest.unwrap_or(line));
        }
    }
    if more.is_empty() { Cow::Borrowed(message) } else { Cow::Owned([message, b"\n", &more].concat()) }
}

/// Whether a line is `NAME <ADDRESS> SECONDS ZONE` and nothing else.
fn is_signature(mut line: &[u8]) -> bool {
    let found = SignatureRef::from_bytes_consuming(&mut line);
    found.is_ok_and(|found| found.time().is_ok()) && line.trim_ascii().is_empty()
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

    type Said = (ObjectId, Vec<ObjectId>, Option<i64>, Vec<u8>);

    fn by_gix(bytes: &[u8]) -> Said {
        let read = || gix::objs::CommitRefIter::from_bytes(bytes, Kind::Sha1);
        let tree = read().tree_id().unwrap_or(ObjectId::null(Kind::Sha1));
        let time = read().committer().ok().and_then(|committer| committer.time().ok()).map(|time| time.seconds);
        (tree, read().parent_ids().collect(), time, read().message().map(|text| text.to_vec()).unwrap_or_default())
    }

    fn by_us(header: Header<'_>) -> Said {
        (header.tree, header.parents, header.time, header.text.into_owned())
    }

    #[test]
    fn says_what_gix_says() {
        let signed = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ\n -----END PGP SIGNATURE-----\n";
        let cases = [
            (true, format!("{TREE}{AUTHOR}{COMMITTER}\nfirst\n")),
            (true, format!("{TREE}{PARENT}{AUTHOR}{COMMITTER}\nsecond\n\nmore")),
            (true, format!("{TREE}{PARENT}{PARENT}{AUTHOR}{COMMITTER}\nmerge\n")),
            (true, format!("{TREE}{PARENT}{AUTHOR}{COMMITTER}{signed}\nsigned\n")),
            (true, format!("{TREE}{AUTHOR}{COMMITTER}\n")),
            (true, format!("{TREE}author <> 0 +0000\ncommitter <> 0 +0000\n\nx")),
            (false, format!("{TREE}{AUTHOR}{COMMITTER}")),
            (false, format!("{TREE}author A <a>b> 1 +0000\n{COMMITTER}\nx")),
            (false, format!("{TREE}author A <a> -1 +0000\ncommitter A <a> -5 +0000\n\nx")),
            (false, format!("{}{AUTHOR}{COMMITTER}\nx", TREE.to_uppercase().replace("TREE", "tree"))),
            (false, String::new()),
        ];
        for (is_plain, text) in cases {
            let bytes = text.as_bytes();
            assert_eq!(plain(bytes, Kind::Sha1).is_some(), is_plain, "{text}");
            assert_eq!(by_us(Header::parse(bytes, Kind::Sha1)), by_gix(bytes), "{text}");
        }
    }

    /// What is damaged is somebody's text too; it hides nothing else.
    #[test]
    fn a_damaged_line_hides_nothing() {
        let (parent, null) = (ObjectId::from([0x11; 20]), ObjectId::null(Kind::Sha1));
        let time = Some(1_700_000_001);
        let cases: &[(String, &[ObjectId], Option<i64>, &str)] = &[
            (format!("{TREE}{PARENT}author nobody\n{COMMITTER}\nm\n"), &[parent], time, "m\n\nauthor nobody\n"),
            (format!("{TREE}{PARENT}{COMMITTER}\nm"), &[parent], time, "m"),
            (format!("{TREE}{PARENT}{AUTHOR}{AUTHOR}{COMMITTER}\nm"), &[parent], time, "m"),
            (format!("{TREE}{PARENT}{AUTHOR}committer C <c> soon\n\nm"), &[parent], None, "m\ncommitter C <c> soon\n"),
            (format!("{TREE}parent 11\n{PARENT}{AUTHOR}{COMMITTER}\nm"), &[null, parent], time, "m"),
            (format!("{TREE}{AUTHOR}{PARENT}{COMMITTER}\nm"), &[], time, "m"),
            (format!("{PARENT}{AUTHOR}{COMMITTER}\nm"), &[parent], time, "m"),
            (format!("{TREE}{AUTHOR}{COMMITTER}x y\n z\n\nm"), &[], time, "m\nx y\nz\n"),
            (
                format!("{TREE}{AUTHOR}{COMMITTER}mergetag object 1\n type\n \n m\ngpgsig x\n y\nHG:extra z\n\n"),
                &[],
                time,
                "\nmergetag object 1\ntype\n\nm\nHG:extra z\n",
            ),
            (format!("{TREE}{AUTHOR}{COMMITTER}x y"), &[], time, "\nx y"),
            (
                format!("{TREE}{AUTHOR}committer C <c> 1700000001 +0000 y\n\n"),
                &[],
                time,
                "\ncommitter C <c> 1700000001 +0000 y\n",
            ),
        ];
        for (text, parents, time, said) in cases {
            let header = Header::parse(text.as_bytes(), Kind::Sha1);
            assert_eq!(header.tree.is_null(), !text.starts_with("tree"), "{text}");
            let told = (&*header.parents, header.time, header.text.to_str_lossy());
            assert_eq!(told, (*parents, *time, (*said).into()), "{text}");
        }
    }

    #[test]
    fn a_tag_says_what_it_speaks_of() {
        let text = "object 1111111111111111111111111111111111111111\ntype commit\ntag t\nx y\n\nm\n";
        assert_eq!(tag_target(text.as_bytes(), Kind::Sha1), ObjectId::from([0x11; 20]));
        assert_eq!(tag_text(text.as_bytes()).to_str_lossy(), "m\n\nx y\n");
        assert!(tag_target(b"type commit\n", Kind::Sha1).is_null());
    }

    #[test]
    fn ids_of_sha_256() {
        let text = format!("tree {}\n{AUTHOR}{COMMITTER}\nx", "ab".repeat(32));
        let header = plain(text.as_bytes(), Kind::Sha256).expect("plain");
        assert_eq!(header.tree.to_string(), "ab".repeat(32));
        assert_eq!(plain(text.as_bytes(), Kind::Sha1), None);
    }
}
