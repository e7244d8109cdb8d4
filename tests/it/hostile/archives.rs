//! Archives: bombs, lies about sizes, names that climb, and what ends in the middle.

use std::io::Write as _;

use super::*;
use crate::harness::zip;

const SCAN: &[&str] = &["scan", "."];
const MEGABYTE: usize = 1 << 20;

/// A header of tar for a member of some kind that claims a size, without its text.
fn header(name: &str, kind: tar::EntryType, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    // `set_path` refuses what climbs out.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    header.as_bytes().to_vec()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, text) in members {
        bytes.extend(header(name, tar::EntryType::Regular, text.len() as u64));
        bytes.extend(*text);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

/// A piece again and again, packed: members of gzip in a row are one text.
fn gz(piece: &[u8], times: usize) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(piece).expect("memory");
    gz.finish().expect("memory").repeat(times)
}

/// A tar in gzip with a member of a kind that holds 200 MB of one letter, and a small file.
fn with_long(kind: tar::EntryType) -> Vec<u8> {
    let head = gz(&header("././@LongLink", kind, 200 << 20), 1);
    [head, gz(&[b'n'; MEGABYTE], 200), gz(&tar(&[("a", b"x")]), 1)].concat()
}

/// Changes the bytes at each place where `mark` stands.
fn patched(mut bytes: Vec<u8>, mark: &[u8], change: &dyn Fn(&mut [u8])) -> Vec<u8> {
    let places: Vec<usize> = memchr::memmem::find_iter(&bytes, mark).collect();
    places.into_iter().for_each(|at| change(&mut bytes[at..]));
    bytes
}

const ENTRY: &[u8] = b"PK\x01\x02";

#[test]
fn bombs() {
    hold(&[
        case(
            "1 GiB of one letter in a gz",
            |dir| done(with_leak(dir).file("a.gz", gz(&[b'a'; MEGABYTE], 1024))),
            SCAN,
            1,
            &["limit"],
        ),
        case("1 GiB of zeros in a gz", |dir| done(dir.file("a.gz", gz(&[0; MEGABYTE], 1024))), SCAN, 3, &["limit"]),
        case(
            "a zip of large members",
            |dir| {
                let text = vec![b'a'; 10 * MEGABYTE];
                dir.file("a.zip", zip(&[("a", &text), ("b", &text), ("c", &text), ("d", &text)]));
                with_leak(dir);
            },
            SCAN,
            1,
            &["limit: more than 200 bytes came out for each byte"],
        ),
        case(
            "60 zips within each other",
            |dir| {
                let nested = (0..60).fold(leak(2).into_bytes(), |inner, _| zip(&[("in.zip", &inner)]));
                with_leak(dir).file("a.zip", nested);
            },
            SCAN,
            1,
            &["limit: an archive within 4 others"],
        ),
        case(
            "5 levels of 10 zips each",
            |dir| {
                let levels = (0..5).fold(gz(&[b'a'; MEGABYTE], 4), |inner, level| {
                    let names: Vec<String> = (0..10).map(|n| format!("{level}-{n}.zip")).collect();
                    zip(&names.iter().map(|name| (name.as_str(), inner.as_slice())).collect::<Vec<_>>())
                });
                with_leak(dir).file("a.zip", levels);
            },
            SCAN,
            1,
            &["limit"],
        ),
        case(
            "12,000 members",
            |dir| {
                let names: Vec<String> = (0..12_000).map(|n| format!("{n}")).collect();
                let members: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
                with_leak(dir).file("a.tar", tar(&members));
            },
            SCAN,
            1,
            &["limit: more than 10000 members"],
        ),
        case(
            "3,000 entries for one member",
            |dir| done(with_leak(dir).file("a.zip", overlapping(3000))),
            SCAN,
            1,
            &["limit"],
        ),
        case(
            "100,000 empty gzip members",
            |dir| done(with_leak(dir).file("a.gz", gz(b"", 1).repeat(100_000))),
            SCAN,
            1,
            &[],
        ),
        case(
            "an xz that asks for 4 GiB",
            |dir| done(with_leak(dir).file("a.xz", xz_with_window())),
            SCAN,
            1,
            &["a.xz"],
        ),
        case(
            "a zstd that asks for 2 TiB",
            |dir| {
                with_leak(dir).file("a.zst", [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0, 0]);
            },
            SCAN,
            1,
            &["a.zst"],
        ),
        case(
            "a name of 200 MB in a tar",
            |dir| {
                with_leak(dir).file("a.tgz", with_long(tar::EntryType::GNULongName));
            },
            SCAN,
            1,
            &["limit"],
        ),
        case(
            "attributes of 200 MB in a tar",
            |dir| {
                with_leak(dir).file("a.tgz", with_long(tar::EntryType::XHeader));
            },
            SCAN,
            1,
            &["limit"],
        ),
    ]);
}

/// Whoever unpacks an archive doesn't see what stands beside its members; who opens the file does.
#[test]
fn what_stands_beside_the_members() {
    fn behind(dir: &Dir, name: &str, archive: Vec<u8>) {
        dir.file(name, [archive, leak(1).into_bytes()].concat());
    }
    hold(&[
        case("a text behind a tar", |dir| behind(dir, "a.tar", tar(&[("a", b"x")])), SCAN, 1, &[]),
        case(
            "a text behind a tar and a megabyte of zeros",
            |dir| behind(dir, "a.tar", [tar(&[("a", b"x")]), vec![0; MEGABYTE]].concat()),
            SCAN,
            1,
            &[],
        ),
        case(
            "1,000 tars in a row",
            |dir| {
                let last = tar(&[("b", leak(1).as_bytes())]);
                dir.file("a.tar", [tar(&[("a", b"x")]).repeat(1000), last].concat());
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "a text behind a tar in a gz",
            |dir| {
                let text = [tar(&[("a", b"x")]), leak(1).into_bytes()].concat();
                dir.file("a.tgz", gz(&text, 1));
            },
            SCAN,
            1,
            &[],
        ),
        case("a folder of a tar with bytes", |dir| of_kind(dir, tar::EntryType::Directory), SCAN, 1, &[]),
        case("a link of a tar with bytes", |dir| of_kind(dir, tar::EntryType::Symlink), SCAN, 1, &[]),
        case("a kind that nobody knows", |dir| of_kind(dir, tar::EntryType::new(b'Z')), SCAN, 1, &[]),
        case("a text behind a zip", |dir| behind(dir, "a.zip", zip(&[("a", b"x")])), SCAN, 1, &[]),
        case(
            "a member that is in no directory",
            |dir| {
                let (seen, hidden) = (zip(&[("a", b"x")]), zip(&[("b", leak(1).as_bytes())]));
                let member = &hidden[..memchr::memmem::find(&hidden, ENTRY).expect("a directory")];
                let at = memchr::memmem::find(&seen, ENTRY).expect("a directory");
                // Offsets of the directory count from behind what was put in front of it.
                let mut bytes = [&seen[..at], member, &seen[at..]].concat();
                let end = memchr::memmem::rfind(&bytes, b"PK\x05\x06").expect("an end");
                let start = u32::try_from(at + member.len()).expect("small");
                bytes[end + 16..end + 20].copy_from_slice(&start.to_le_bytes());
                dir.file("a.zip", bytes);
            },
            SCAN,
            1,
            &["a.zip![between the members]: unreadable: the zip has no directory"],
        ),
        case(
            "a zip in front of a zip",
            |dir| done(dir.file("a.zip", [zip(&[("b", leak(1).as_bytes())]), zip(&[("a", b"x")])].concat())),
            SCAN,
            1,
            &[],
        ),
        case(
            "a program that unpacks itself",
            |dir| {
                let program = [b"MZ\x90\0".as_slice(), &vec![0xcc; 100_000]].concat();
                dir.file("a.exe", [program, zip(&[("a", leak(1).as_bytes())])].concat());
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "a script that holds a zip",
            |dir| {
                let script = b"#!/usr/bin/env python3\n".to_vec();
                dir.file("a.pyz", [script, zip(&[("a", leak(1).as_bytes())])].concat());
            },
            SCAN,
            1,
            &[],
        ),
    ]);
}

/// A tar with a member of a kind that should bring no bytes, and does.
fn of_kind(dir: &Dir, kind: tar::EntryType) {
    let text = leak(1).into_bytes();
    let mut bytes = [header("a", kind, text.len() as u64), text].concat();
    bytes.resize(bytes.len().next_multiple_of(512) + 1024, 0);
    dir.file("a.tar", bytes);
}

/// What begins like something that isn't read, and is a text all the same; and what can't be unpacked.
#[test]
fn false_beginnings() {
    fn beginning(dir: &Dir, name: &str, mark: &[u8]) {
        dir.file(name, [mark, b"\n", leak(1).as_bytes(), b"\0"].concat());
    }
    hold(&[
        case(
            "the mark of a tar in a text",
            |dir| done(dir.file("a.env", format!("# {}\nustar\n{}{}", "-".repeat(254), leak(1), "x\n".repeat(200)))),
            SCAN,
            1,
            &[],
        ),
        case("the mark of a bitmap", |dir| beginning(dir, "a.env", b"BM"), SCAN, 1, &[]),
        case("the mark of a font", |dir| beginning(dir, "a.env", b"true"), SCAN, 1, &[]),
        case("the mark of a PDF", |dir| beginning(dir, "a.env", b"%PDF-1.4"), SCAN, 1, &[]),
        case(
            "formats that are not unpacked",
            |dir| {
                dir.file("a.7z", b"7z\xbc\xaf\x27\x1c\0\x04").file("a.rar", b"Rar!\x1a\x07\x01\0");
                done(dir.file("a.deb", b"!<arch>\ndebian-binary   \0"));
            },
            SCAN,
            3,
            &["a.7z: unreadable: it is packed as 7-Zip", "a.rar: unreadable", "a.deb: unreadable"],
        ),
    ]);
}

/// A zip with a directory of many entries that all lead to the same large member.
fn overlapping(count: u16) -> Vec<u8> {
    let one = zip(&[("a", &vec![b'a'; 4 * MEGABYTE])]);
    let start = memchr::memmem::rfind(&one, ENTRY).expect("a directory");
    let end = memchr::memmem::rfind(&one, b"PK\x05\x06").expect("an end");
    let mut zip = one[..start].to_vec();
    (0..count).for_each(|_| zip.extend(&one[start..end]));
    let size = u32::try_from((end - start) * usize::from(count)).expect("small");
    let mut tail = one[end..].to_vec();
    tail[8..10].copy_from_slice(&count.to_le_bytes());
    tail[10..12].copy_from_slice(&count.to_le_bytes());
    tail[12..16].copy_from_slice(&size.to_le_bytes());
    zip.extend(tail);
    zip
}

/// A stream header, and a block header that asks for the largest dictionary.
fn xz_with_window() -> Vec<u8> {
    let mut xz = b"\xfd7zXZ\0\0\x01".to_vec();
    xz.extend(crc32fast::hash(&[0, 1]).to_le_bytes());
    let block = [2, 0, 0x21, 1, 40, 0, 0, 0];
    xz.extend(block);
    xz.extend(crc32fast::hash(&block).to_le_bytes());
    xz.extend([1, 0, 0, b'x', 0]);
    xz.extend([0; 64]);
    xz
}

#[test]
fn lies_and_damage() {
    hold(&[
        case(
            "names that climb out",
            |dir| {
                dir.file(
                    "a.zip",
                    zip(&[("../../../tmp/stopleak-was-here", b"x"), ("/etc/x", b"x"), ("C:\\x", leak(1).as_bytes())]),
                );
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "names that give commands",
            |dir| done(dir.file("a.zip", zip(&[("\x1b[31m\n::error::x\u{202e}", leak(1).as_bytes())]))),
            SCAN,
            1,
            &[],
        ),
        case(
            "a name that is a value",
            |dir| done(dir.file("a.zip", zip(&[(&value(1), leak(1).as_bytes())]))),
            SCAN,
            1,
            &[],
        ),
        case(
            "an encrypted member",
            |dir| {
                let bytes = patched(zip(&[("a", b"x")]), ENTRY, &|entry| entry[8] |= 1);
                with_leak(dir).file("a.zip", bytes);
            },
            SCAN,
            1,
            &["a.zip!a: unreadable"],
        ),
        case(
            "an unknown compression",
            |dir| {
                let bytes = patched(zip(&[("a", b"x")]), ENTRY, &|entry| entry[10] = 99);
                dir.file("a.zip", bytes);
            },
            SCAN,
            3,
            &["a.zip!a: unreadable"],
        ),
        case(
            "a member that claims 4 GiB",
            |dir| {
                let bytes = patched(zip(&[("a", b"text")]), ENTRY, &|entry| entry[20..28].fill(0xfe));
                with_leak(dir).file("a.zip", bytes);
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "a member far outside",
            |dir| {
                let bytes = patched(zip(&[("a", b"text")]), ENTRY, &|entry| entry[42..46].fill(0xfe));
                dir.file("a.zip", bytes);
            },
            SCAN,
            3,
            &["a.zip!a: unreadable"],
        ),
        case(
            "a directory far outside",
            |dir| {
                let bytes = patched(zip(&[("a", b"text")]), b"PK\x05\x06", &|end| end[16..20].fill(0xfe));
                dir.file("a.zip", bytes);
            },
            SCAN,
            3,
            &["a.zip: unreadable"],
        ),
        case(
            "half a zip",
            |dir| {
                let whole = zip(&[("a", random(3, ALNUM, 9000).as_bytes())]);
                dir.file("a.zip", &whole[..whole.len() / 2]);
            },
            SCAN,
            3,
            &["a.zip: unreadable"],
        ),
        case(
            "half a gz",
            |dir| {
                let whole = gz(format!("{}{}", leak(1), random(3, ALNUM, 9000)).as_bytes(), 1);
                dir.file("a.gz", &whole[..whole.len() - 2000]);
            },
            SCAN,
            1,
            &["a.gz"],
        ),
        case(
            "half a tar",
            |dir| {
                let whole = tar(&[("a", leak(1).as_bytes()), ("b", &[b'x'; 9000])]);
                dir.file("a.tar", &whole[..3000]);
            },
            SCAN,
            1,
            &["a.tar"],
        ),
        case(
            "a tar member that claims 8 GiB",
            |dir| {
                dir.file("a.tar", [header("a", tar::EntryType::Regular, (8 << 30) - 1), vec![b'x'; 2048]].concat());
            },
            SCAN,
            3,
            &["a.tar"],
        ),
        case(
            "links and devices in a tar",
            |dir| {
                let mut bytes = header("link", tar::EntryType::Symlink, 0);
                bytes.extend(header("null", tar::EntryType::Char, 0));
                bytes.extend(tar(&[("link/../../x", leak(1).as_bytes())]));
                dir.file("a.tar", bytes);
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "a zip that is only an end",
            |dir| done(dir.file("a.zip", [b"PK\x05\x06".as_slice(), &[0; 18]].concat())),
            SCAN,
            0,
            &[],
        ),
        case(
            "heads of archives and nothing behind",
            |dir| {
                let heads: [(&str, &[u8]); 5] = [
                    ("a.zip", b"PK\x03\x04"),
                    ("a.gz", b"\x1f\x8b\x08"),
                    ("a.bz2", b"BZh91AY&SY"),
                    ("a.xz", b"\xfd7zXZ\0"),
                    ("a.zst", b"\x28\xb5\x2f\xfd"),
                ];
                heads.iter().for_each(|(name, head)| done(dir.file(name, head)));
            },
            SCAN,
            3,
            &["a.zip: unreadable", "a.gz", "a.bz2", "a.xz", "a.zst"],
        ),
    ]);
}
