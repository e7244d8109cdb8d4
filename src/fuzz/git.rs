//! Repositories made of the bytes of a try: a pack with its index, a loose object, references, configuration.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::builtin;
use crate::report::Format;
use crate::scan;
use crate::source::git::Repository;

/// The kinds of entries of a pack, by number.
const OFFSET_DELTA: u8 = 6;
const REFERENCE_DELTA: u8 = 7;

/// Reads a history however it is made. The first byte says how: entries of a pack with a right index; a pack and an
/// index as they come; a loose object; or a file of the repository.
pub(super) fn repository(data: &[u8]) {
    let Some((&form, data)) = data.split_first() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    for name in ["refs/heads", "objects/pack", "objects/01"] {
        fs::create_dir_all(root.join(name)).expect("a folder");
    }
    fs::write(root.join("HEAD"), "ref: refs/heads/main\n").expect("a file");
    fs::write(root.join("config"), "[core]\n\tbare = true\n\trepositoryformatversion = 0\n").expect("a file");
    fs::write(root.join("refs/heads/main"), format!("{}\n", "01".repeat(20))).expect("a file");
    match form % 4 {
        0 => entries(root, data),
        1 => {
            let [low, high, data @ ..] = data else { return };
            let (index, pack) = data.split_at(usize::from(u16::from_le_bytes([*low, *high])).min(data.len()));
            write_pack(root, index, pack);
        }
        2 => {
            let mut zip = ZlibEncoder::new(Vec::new(), Compression::fast());
            zip.write_all(data).expect("memory");
            fs::write(root.join("objects/01").join("01".repeat(19)), zip.finish().expect("memory")).expect("a file");
        }
        _ => {
            const FILES: [&str; 7] =
                ["HEAD", "config", "refs/heads/main", "packed-refs", "shallow", "objects/info/alternates", "index"];
            let Some((&which, data)) = data.split_first() else { return };
            let path = root.join(FILES[usize::from(which) % FILES.len()]);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, data).expect("a file");
        }
    }
    let Ok(repository) = Repository::open(Some(root)) else { return };
    let report = scan::history(builtin(), &repository, true, &scan::Options { threads: 1, ..Default::default() }, &());
    super::check_report(&report, (Format::Text, true));
    let _ = scan::staged(builtin(), &repository, scan::Scope::Added, &scan::Options::default(), &());
}

fn write_pack(root: &Path, index: &[u8], pack: &[u8]) {
    let name = root.join("objects/pack").join(format!("pack-{}", "11".repeat(20)));
    fs::write(name.with_extension("idx"), index).expect("a file");
    fs::write(name.with_extension("pack"), pack).expect("a file");
}

/// A pack of entries called 1, 2, 3 ...: each is a byte for its kind, one for its base, one that is added to the size it
/// claims, one for its length, and its bytes.
fn entries(root: &Path, mut data: &[u8]) {
    let mut pack = Vec::new();
    let mut offsets: Vec<u32> = Vec::new();
    while let [kind, base, lie, length, rest @ ..] = data {
        let (bytes, behind) = rest.split_at(usize::from(*length).min(rest.len()));
        data = behind;
        let start = 12 + u32::try_from(pack.len()).unwrap_or(u32::MAX);
        let kind = kind % 8;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX) + u64::from(*lie).pow(5);
        header(&mut pack, kind, size);
        if kind == REFERENCE_DELTA {
            pack.extend([*base; 20]);
        } else if kind == OFFSET_DELTA {
            let target = offsets.get(usize::from(*base)).copied().unwrap_or(start.wrapping_add(u32::from(*base)));
            distance(&mut pack, start.wrapping_sub(target));
        }
        let mut zip = ZlibEncoder::new(&mut pack, Compression::fast());
        zip.write_all(bytes).expect("memory");
        zip.finish().expect("memory");
        offsets.push(start);
        if offsets.len() == 255 {
            break;
        }
    }
    let count = u32::try_from(offsets.len()).unwrap_or_default();
    let mut whole = [b"PACK".as_slice(), &2u32.to_be_bytes(), &count.to_be_bytes()].concat();
    whole.append(&mut pack);
    whole.extend([0; 20]);
    let mut index = [b"\xfftOc".as_slice(), &2u32.to_be_bytes()].concat();
    (0..=255).for_each(|first| index.extend(count.min(first).to_be_bytes()));
    (1..=count).for_each(|number| index.extend([u8::try_from(number).unwrap_or_default(); 20]));
    index.extend(vec![0; 4 * offsets.len()]);
    offsets.iter().for_each(|offset| index.extend(offset.to_be_bytes()));
    index.extend([0; 40]);
    write_pack(root, &index, &whole);
}

/// Kind and size in front of an entry: four bits, then groups of seven.
fn header(pack: &mut Vec<u8>, kind: u8, size: u64) {
    let mut rest = size >> 4;
    let more = |rest: u64| if rest > 0 { 0x80 } else { 0 };
    pack.push(more(rest) | kind << 4 | u8::try_from(size & 15).unwrap_or_default());
    while rest > 0 {
        let group = u8::try_from(rest & 0x7f).unwrap_or_default();
        rest >>= 7;
        pack.push(more(rest) | group);
    }
}

/// How far back the base of a delta is: groups of seven bits, the highest first, each but the last one less.
fn distance(pack: &mut Vec<u8>, distance: u32) {
    let mut groups = vec![u8::try_from(distance & 0x7f).unwrap_or_default()];
    let mut rest = distance >> 7;
    while rest > 0 {
        rest -= 1;
        groups.push(0x80 | u8::try_from(rest & 0x7f).unwrap_or_default());
        rest >>= 7;
    }
    pack.extend(groups.iter().rev());
}
