//! Archives made here, read through [`Reader`] as a scan reads them.

use std::io::{Cursor, Write as _};

use super::*;
use crate::source::read::{Outcome, Reader};

/// What was read, as `member: text`, and what was not, as `member: reason`.
fn read_with(archive: &[u8], name: &str, change: &dyn Fn(&mut Limits)) -> (Vec<String>, Vec<String>) {
    let mut reader = Reader::default();
    reader.name = name.as_bytes().to_vec();
    change(&mut reader.limits);
    let mut from_bytes = Vec::new();
    let outcome = reader.bytes(archive, &mut |window| {
        if window.offset < 1 << 20 {
            let text = String::from_utf8_lossy(&window.bytes[..window.bytes.len().min(40)]).into_owned();
            from_bytes.push(format!("{}: {text}", window.member.unwrap_or("-")));
        }
    });
    let gaps = gaps(outcome);
    // The same as a stream, where nobody can jump.
    let mut count = 0;
    let outcome =
        reader.stream(&mut &*archive, 0, u64::MAX, &mut |window| count += usize::from(window.offset < 1 << 20));
    assert_eq!((count, self::gaps(outcome)), (from_bytes.len(), gaps.clone()), "as a stream");
    (from_bytes, gaps)
}

fn gaps(outcome: Outcome) -> Vec<String> {
    let whole = outcome.skipped.map(|reason| format!("-: {}: {reason}", reason.code()));
    let members = outcome.members.into_iter();
    whole.into_iter().chain(members.map(|(name, why)| format!("{name}: {}: {why}", why.code()))).collect()
}

fn read(archive: &[u8]) -> (Vec<String>, Vec<String>) {
    read_with(archive, "a.env.gz", &|_| {})
}

fn zip<N: AsRef<str>, T: AsRef<[u8]>>(members: &[(N, T)]) -> Vec<u8> {
    let mut zip = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (number, (name, text)) in members.iter().enumerate() {
        let method =
            if number % 2 == 0 { ::zip::CompressionMethod::Deflated } else { ::zip::CompressionMethod::Stored };
        let options = ::zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(name.as_ref(), options).expect("a member");
        zip.write_all(text.as_ref()).expect("its text");
    }
    zip.finish().expect("a zip").into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = ::tar::Builder::new(Vec::new());
    for (name, text) in members {
        let mut header = ::tar::Header::new_gnu();
        // Not by `set_path`: it refuses `..`.
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_entry_type(::tar::EntryType::Regular);
        header.set_cksum();
        tar.append(&header, *text).expect("a member");
    }
    tar.into_inner().expect("a tar")
}

fn gz(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text).expect("write");
    encoder.finish().expect("a gz")
}

fn bz2(text: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(text).expect("write");
    encoder.finish().expect("a bz2")
}

fn xz(text: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(1)).expect("an encoder");
    encoder.write_all(text).expect("write");
    encoder.finish().expect("an xz")
}

fn zst(text: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest)
}

/// Where the directory of a small zip is.
fn directory(zip: &[u8]) -> std::ops::Range<usize> {
    let find = |what| memchr::memmem::find(zip, what).expect("it is there");
    find(b"PK\x01\x02")..find(b"PK\x05\x06")
}

/// Changes bytes of the first entry in the directory.
fn patched(mut zip: Vec<u8>, at: usize, bytes: &[u8]) -> Vec<u8> {
    let start = directory(&zip).start + at;
    zip[start..start + bytes.len()].copy_from_slice(bytes);
    zip
}

const TEXT: &[u8] = b"one\ntwo\n";

#[test]
fn formats() {
    let utf16: Vec<u8> = "\u{feff}key".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let inner = zip(&[("conf/.env", TEXT)]);
    // Offsets count from the second zip, which is all that other readers see.
    let behind = [b"PK\x05\x06 in front".as_slice(), &inner].concat();
    let long = "folder/".repeat(30) + "x.env";
    let mut long_tar = ::tar::Builder::new(Vec::new());
    let mut header = ::tar::Header::new_gnu();
    header.set_size(TEXT.len() as u64);
    long_tar.append_data(&mut header, &long, TEXT).expect("a member");
    let cases: &[(&str, Vec<u8>, &[&str])] = &[
        ("zip", zip(&[("conf/.env", TEXT), ("b", b"x")]), &["conf/.env: one\ntwo\n", "b: x"]),
        ("something before the offsets", behind, &["conf/.env: one\ntwo\n"]),
        ("tar", tar(&[("conf/.env", TEXT), ("b", b"x")]), &["conf/.env: one\ntwo\n", "b: x"]),
        ("long names of GNU", long_tar.into_inner().expect("a tar"), &[&format!("{long}: one\ntwo\n")]),
        ("two tars", [tar(&[("a", TEXT)]), tar(&[("b", b"x")])].concat(), &["a: one\ntwo\n", "b: x"]),
        (
            "a text behind a tar",
            [tar(&[("a", TEXT)]), vec![0; 4096], b"x".into()].concat(),
            &["a: one\ntwo\n", "[behind its end]: x"],
        ),
        (
            "a text behind a zip",
            [zip(&[("a", TEXT)]), vec![b'x'; 30]].concat(),
            &["a: one\ntwo\n", "[between the members]: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"],
        ),
        (
            "two zips",
            [zip(&[("a", TEXT)]), zip(&[("b", b"x")])].concat(),
            &["b: x", "[between the members]!a: one\ntwo\n"],
        ),
        ("tar.gz", gz(&tar(&[("conf/.env", TEXT)])), &["conf/.env: one\ntwo\n"]),
        ("tar.bz2", bz2(&tar(&[("conf/.env", TEXT)])), &["conf/.env: one\ntwo\n"]),
        ("tar.xz", xz(&tar(&[("conf/.env", TEXT)])), &["conf/.env: one\ntwo\n"]),
        ("tar.zst", zst(&tar(&[("conf/.env", TEXT)])), &["conf/.env: one\ntwo\n"]),
        ("one file, gz", gz(TEXT), &["a.env: one\ntwo\n"]),
        ("two streams in one file", [gz(TEXT), gz(b"three")].concat(), &["a.env: one\ntwo\nthree"]),
        ("two frames in one file", [zst(TEXT), zst(b"three")].concat(), &["a.env: one\ntwo\nthree"]),
        ("one file, bz2", bz2(TEXT), &["a.env: one\ntwo\n"]),
        ("one file, xz", xz(TEXT), &["a.env: one\ntwo\n"]),
        ("zip in tar", tar(&[("in/ner.zip", &inner)]), &["in/ner.zip!conf/.env: one\ntwo\n"]),
        ("tar.gz in zip", zip(&[("x.tgz", gz(&tar(&[("y", TEXT)])))]), &["x.tgz!y: one\ntwo\n"]),
        ("gz in zip", zip(&[("logs/a.txt.gz", gz(TEXT))]), &["logs/a.txt.gz!a.txt: one\ntwo\n"]),
        ("UTF-16", zip(&[("a", &utf16)]), &["a: key"]),
        ("names out of the tree", tar(&[("../../etc/x", TEXT)]), &["../../etc/x: one\ntwo\n"]),
        ("names out of the tree", zip(&[("/etc/\u{1b}[31mx\n", TEXT)]), &["/etc/\u{1b}[31mx\n: one\ntwo\n"]),
    ];
    for (name, archive, expected) in cases {
        let (texts, gaps) = read(archive);
        assert_eq!(texts, *expected, "{name}");
        assert!(gaps.is_empty(), "{name}: {gaps:?}");
    }
}

#[test]
fn damage_costs_only_what_is_damaged() {
    let two = || zip(&[("a", TEXT), ("b", b"x")]);
    let members = |texts: &[u8]| zip(&[("a", texts), ("b", b"x")]);
    let tarred = tar(&[("a", TEXT), ("b", b"x")]);
    let packed = gz(&(0..9000).flat_map(|n: u32| n.to_string().into_bytes()).collect::<Vec<u8>>());
    let mut bad_sum = tarred.clone();
    bad_sum[1024 + 148] ^= 1;
    type Case<'a> = (&'a str, Vec<u8>, &'a [&'a str], &'a [&'a str]);
    let cases: &[Case<'_>] = &[
        ("encrypted", patched(two(), 8, &[1]), &["b: x"], &["a: unreadable: encrypted"]),
        ("method", patched(two(), 10, &[99]), &["b: x"], &["a: unreadable: compressed by method 99"]),
        (
            "checksum",
            patched(two(), 16, &[0, 0, 0]),
            &["a: one\ntwo\n", "b: x"],
            &["a: unreadable: damaged: the checksum"],
        ),
        ("place", patched(two(), 42, &[9]), &["b: x"], &["a: unreadable: its data is not where"]),
        ("binary", members(b"\x89PNG\0\0"), &["b: x"], &["a: binary: no text in it"]),
        (
            "zip cut",
            two()[..directory(&two()).start].to_vec(),
            &["a: one\ntwo\n", "b: x"],
            &["-: unreadable: the zip has no directory"],
        ),
        ("zip cut short", two()[..20].to_vec(), &[], &["-: unreadable: the zip has no directory"]),
        ("tar cut", tarred[..1536].to_vec(), &["a: one\ntwo\n", "b: "], &["-: unreadable: "]),
        ("tar header", bad_sum, &["a: one\ntwo\n"], &["-: unreadable: archive header checksum"]),
        ("gz cut", packed[..packed.len() - 30].to_vec(), &["a.env: 0123"], &["a.env: unreadable: "]),
        ("gz head", gz(TEXT)[..5].to_vec(), &[], &["a.env: unreadable: "]),
        ("bz2", bz2(TEXT)[..20].to_vec(), &[], &["a.env: unreadable: "]),
        ("xz", xz(TEXT)[..20].to_vec(), &[], &["a.env: unreadable: "]),
        ("zst", zst(TEXT)[..8].to_vec(), &[], &["a.env: unreadable: "]),
    ];
    for (name, archive, texts, gaps) in cases {
        let read = read(archive);
        let begin = |found: &[String], told: &[&str]| {
            found.len() == told.len() && found.iter().zip(told).all(|(found, told)| found.starts_with(told))
        };
        assert!(begin(&read.0, texts) && begin(&read.1, gaps), "{name}: {read:?}");
    }
}

#[test]
fn no_byte_of_an_archive_can_stop_the_scan() {
    let inner = zip(&[("a", TEXT), ("b", b"x")]);
    for archive in [inner.clone(), tar(&[("a", TEXT)]), gz(&inner), bz2(TEXT), xz(TEXT), zst(&tar(&[("a", TEXT)]))] {
        for at in 0..archive.len().min(700) {
            let mut changed = archive.clone();
            changed[at] ^= 0x55;
            let mut reader = Reader::default();
            reader.bytes(&changed, &mut |_| {});
            reader.bytes(&archive[..at], &mut |_| {});
        }
    }
}

#[test]
fn hidden_twins_are_read() {
    // Two entries of one name, then two of the same bytes.
    let mut twins = zip(&[("x", b"harmless"), ("y", b"hidden!!")]);
    for at in memchr::memmem::find_iter(&twins.clone(), b"y") {
        twins[at] = b'x';
    }
    assert_eq!(read(&twins).0, ["x: harmless", "x: hidden!!"]);
    let one = zip(&[("x", TEXT)]);
    let range = directory(&one);
    let mut twice = [&one[..range.end], &one[range.clone()], &one[range.end..]].concat();
    let end = range.end + range.len();
    twice[end + 12..end + 16].copy_from_slice(&u32::try_from(2 * range.len()).expect("small").to_le_bytes());
    assert_eq!(read(&twice), (vec!["x: one\ntwo\n".to_owned(); 2], vec![]));
}

#[test]
fn limits_are_named() {
    let many: Vec<(String, &[u8])> = (0..20_000).map(|n| (n.to_string(), &b"x"[..])).collect();
    let (texts, gaps) = read(&zip(&many));
    assert_eq!((texts.len(), gaps), (10_000, vec!["-: limit: more than 10000 members; the rest was not read".into()]));

    let deep = (0..6).fold(TEXT.to_vec(), |inner, n| zip(&[(format!("{n}.zip"), inner)]));
    let (texts, gaps) = read(&deep);
    assert_eq!(
        (texts.len(), gaps),
        (0, vec!["5.zip!4.zip!3.zip!2.zip: limit: an archive within 4 others, the limit".into()])
    );
    let fits = (0..4).fold(TEXT.to_vec(), |inner, n| zip(&[(format!("{n}.zip"), inner)]));
    assert_eq!(read(&fits), (vec!["3.zip!2.zip!1.zip!0.zip: one\ntwo\n".to_owned()], vec![]));

    for fill in [b'a', 0] {
        let bomb = zip(&[("a", vec![fill; 40 << 20]), ("b", TEXT.to_vec())]);
        let (texts, gaps) = read(&bomb[..]);
        assert!(texts.iter().all(|text| text.starts_with("a: ")) && gaps.len() == 1, "{gaps:?}");
        assert!(gaps[0].starts_with("a: limit: more than 200 bytes came out for each byte"), "{gaps:?}");
    }

    let three = zip(&[("a", vec![b'a'; 2000]), ("b", vec![b'b'; 2000]), ("c", vec![b'c'; 2000])]);
    let (texts, gaps) = read_with(&three, "", &|limits| limits.total = 3000);
    assert_eq!((texts.len(), gaps.len()), (2, 1), "{gaps:?}");
    assert!(gaps[0].starts_with("b: limit: more than 3000 bytes came out"), "{gaps:?}");
    let two = tar(&[("a", &[b'a'; 2000]), ("b", TEXT)]);
    let (texts, gaps) = read_with(&two, "", &|limits| limits.member = 1999);
    assert_eq!((texts.len(), gaps), (2, vec!["a: limit: more than the limit of 1999 bytes".to_owned()]));
    let (texts, gaps) = read_with(&three, "", &|limits| limits.all_members = 2);
    assert_eq!((texts.len(), gaps.len()), (2, 1), "{gaps:?}");
}

#[test]
fn text_is_no_archive() {
    for text in ["", "PK", "BZh9 is how bzip2 begins", "(\u{b5}/", "ustar"] {
        assert_eq!(kind(text.as_bytes()), None, "{text}");
    }
}
