//! SQLite databases that lie: pages in circles, sizes and counts of nothing, schemas without sense. No row is read twice, no
//! number is believed, and what no row could be read from is read as the texts of a binary file.

use super::*;
use crate::databases::database;

const SCAN: &[&str] = &["scan", "."];
/// The pages of the databases in `testdata/sqlite`.
const PAGE: usize = 512;

/// A database with the values 1 and 2, changed.
fn changed(dir: &Dir, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let (mut file, _) = database(name, 1);
    change(&mut file);
    dir.file("a.db", file);
}

/// The first page from the second on of some kind: 5 is an inner one of a table, 13 a leaf.
fn page(file: &[u8], kind: u8) -> usize {
    (PAGE..file.len()).step_by(PAGE).find(|&at| file[at] == kind).expect("a page")
}

/// The page in which a value stands.
fn page_of(file: &[u8], seed: u64) -> usize {
    let value = value(seed);
    memchr::memmem::find(file, &value.as_bytes()[..8]).expect("it is there") / PAGE * PAGE
}

fn put(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Writes over the first place where some text stands.
fn replace(file: &mut [u8], text: &[u8], by: &[u8]) {
    let at = memchr::memmem::find(file, text).expect("it is there");
    put(file, at, by);
}

fn number(page: usize) -> [u8; 4] {
    u32::try_from(page / PAGE + 1).expect("small").to_be_bytes()
}

/// The overflow page that leads to a page.
fn in_front(file: &[u8], page: usize) -> usize {
    let next = number(page);
    (PAGE..file.len()).step_by(PAGE).find(|&at| file[at..at + 4] == next).expect("a chain")
}

#[test]
fn pages() {
    hold(&[
        case(
            "a page that is its own child",
            |dir| {
                changed(dir, "accounts", |file| {
                    let at = page(file, 5);
                    let own = number(at);
                    put(file, at + 8, &own);
                });
            },
            SCAN,
            1,
            &["a.db: unreadable: page", "is referred to twice"],
        ),
        case(
            "all children are one page",
            |dir| {
                changed(dir, "accounts", |file| {
                    let (inner, leaf) = (page(file, 5), number(page_of(file, 1)));
                    let cells = usize::from(u16::from_be_bytes([file[inner + 3], file[inner + 4]]));
                    for cell in 0..cells {
                        let at = inner + 12 + 2 * cell;
                        let place = usize::from(u16::from_be_bytes([file[at], file[at + 1]]));
                        put(file, inner + place, &leaf);
                    }
                });
            },
            SCAN,
            1,
            &["is referred to twice"],
        ),
        case(
            "a page that claims 65,535 cells",
            |dir| {
                changed(dir, "accounts", |file| {
                    let at = page_of(file, 1);
                    put(file, at + 3, &[0xff; 2]);
                });
            },
            SCAN,
            1,
            &["a.db: unreadable: cells of page", "overlap"],
        ),
        case(
            "cells that are one cell",
            |dir| {
                changed(dir, "accounts", |file| {
                    let at = page_of(file, 1);
                    let first = [file[at + 8], file[at + 9]];
                    put(file, at + 3, &200_u16.to_be_bytes());
                    (0..200).for_each(|cell| put(file, at + 8 + 2 * cell, &first));
                });
            },
            SCAN,
            3,
            &["overlap"],
        ),
        case(
            "a record of 2^63 bytes",
            |dir| {
                changed(dir, "accounts", |file| {
                    let at = page_of(file, 1);
                    let cell = at + usize::from(u16::from_be_bytes([file[at + 8], file[at + 9]]));
                    put(file, cell, &[0xff; 9]);
                });
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "an overflow page that goes on in itself",
            |dir| {
                changed(dir, "overflow", |file| {
                    let at = in_front(file, page_of(file, 1));
                    let own = number(at);
                    put(file, at, &own);
                });
            },
            SCAN,
            1,
            &["is referred to twice"],
        ),
        case(
            "an overflow page far outside",
            |dir| {
                changed(dir, "overflow", |file| {
                    let at = in_front(file, page_of(file, 1));
                    put(file, at, &[0xff; 4]);
                });
            },
            SCAN,
            1,
            &["is not there"],
        ),
    ]);
}

#[test]
fn headers() {
    hold(&[
        case(
            "4 billion pages in the header",
            |dir| changed(dir, "accounts", |file| put(file, 28, &[0xff; 4])),
            SCAN,
            1,
            &[],
        ),
        case(
            "pages of 65,536 bytes",
            |dir| changed(dir, "accounts", |file| put(file, 16, &[0, 1])),
            SCAN,
            3,
            &["a.db: unreadable: "],
        ),
        case(
            "pages of nothing",
            |dir| changed(dir, "accounts", |file| put(file, 16, &[0, 0])),
            SCAN,
            3,
            &["a.db: unreadable: the database says that its pages have 0 bytes"],
        ),
        case(
            "pages of which nothing is used",
            |dir| changed(dir, "accounts", |file| file[20] = 0xff),
            SCAN,
            3,
            &["a.db: unreadable: the database says that its pages have 512 bytes"],
        ),
        case(
            "an encoding that is none",
            |dir| changed(dir, "accounts", |file| put(file, 56, &[0xff; 4])),
            SCAN,
            1,
            &[],
        ),
        case(
            "UTF-16 that is said to be UTF-8",
            |dir| changed(dir, "utf16le", |file| put(file, 56, &[0, 0, 0, 1])),
            SCAN,
            1,
            &["a.db: unreadable: the texts of the database are not encoded as it says"],
        ),
        case(
            "UTF-8 that is said to be UTF-16",
            |dir| changed(dir, "accounts", |file| put(file, 56, &[0, 0, 0, 2])),
            SCAN,
            1,
            &["a.db: unreadable: the texts of the database are not encoded as it says"],
        ),
        case(
            "a header and nothing else",
            |dir| changed(with_leak(dir), "accounts", |file| file.truncate(100)),
            SCAN,
            1,
            &["a.db: unreadable: page 1 of the database is not there"],
        ),
        case(
            "half a header",
            |dir| changed(with_leak(dir), "accounts", |file| file.truncate(40)),
            SCAN,
            1,
            &["a.db: unreadable: the database ends in its header"],
        ),
        case(
            "half a database",
            |dir| changed(with_leak(dir), "accounts", |file| file.truncate(file.len() / 2)),
            SCAN,
            1,
            &["a.db: unreadable: page", "is not there"],
        ),
        case("the mark of a tar", |dir| changed(dir, "overflow", |file| put(file, 257, b"ustar")), SCAN, 1, &[]),
        case(
            "an end of 1 GiB of nothing",
            |dir| {
                changed(dir, "accounts", |_| ());
                let file = std::fs::File::options().write(true).open(dir.at("a.db")).expect("it is there");
                file.set_len(1 << 30).expect("a sparse file");
            },
            SCAN,
            3,
            &["a.db: too-large"],
        ),
        case(
            "48 MB of nothing behind it",
            |dir| {
                changed(dir, "accounts", |_| ());
                let file = std::fs::File::options().write(true).open(dir.at("a.db")).expect("it is there");
                file.set_len(48_000_000).expect("a sparse file");
            },
            SCAN,
            1,
            &[],
        ),
    ]);
}

#[test]
fn schemas() {
    hold(&[
        case(
            "a name of a table that gives commands",
            |dir| {
                changed(dir, "accounts", |file| {
                    replace(file, b"tableaccounts", b"table\n::er\x1b[J");
                });
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "names of columns that give commands",
            |dir| {
                changed(dir, "accounts", |file| {
                    replace(file, b"exchange TEXT", b"\"\n::er\x1b[J\"  ,");
                });
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "a definition without sense",
            |dir| {
                changed(dir, "accounts", |file| {
                    let at = memchr::memmem::find(file, b"CREATE TABLE").expect("a definition");
                    file[at..at + 60].fill(b'(');
                });
            },
            SCAN,
            3,
            &["a.db: unreadable: the definition of table accounts of the database has no sense"],
        ),
        case(
            "a table that is its own schema",
            |dir| {
                changed(dir, "settings", |file| {
                    // The number of the first page stands in front of the definition.
                    let at = memchr::memmem::find(file, b"CREATE TABLE").expect("a definition");
                    file[at - 1] = 1;
                });
            },
            SCAN,
            3,
            &["page 1 of the database is referred to twice"],
        ),
        case(
            "a log beside it, and files that pretend to be such",
            |dir| {
                changed(dir, "accounts", |_| ());
                dir.file("a.db-shm", [0; 32768]).file("a.db-journal", [0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
                done(dir.file("a.db-wal", [b"\x37\x7f\x06\x82".as_slice(), &[0xff; 5000]].concat()));
            },
            SCAN,
            1,
            &[],
        ),
    ]);
}
