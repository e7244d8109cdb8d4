//! Texts that cost more than they weigh: what is quadratic anywhere takes hours here.

use super::*;

const SCAN: &[&str] = &["scan", "."];
const MEGABYTE: usize = 1 << 20;

/// A file of a piece again and again, and a leak in another one.
fn repeated(dir: &Dir, name: &str, piece: &str, size: usize) {
    with_leak(dir).file(name, piece.repeat(size / piece.len() + 1));
}

#[test]
fn one_thing_again_and_again() {
    hold(&[
        case("one line of 8 MB", |dir| repeated(dir, "a.txt", "x", 8 * MEGABYTE), SCAN, 1, &[]),
        case("one line of words", |dir| repeated(dir, "a.txt", "word ", 2 * MEGABYTE), SCAN, 1, &[]),
        case("quotes", |dir| repeated(dir, "a.py", "\"", MEGABYTE), SCAN, 1, &[]),
        case("opening brackets", |dir| repeated(dir, "a.json", "{\"a\":[", MEGABYTE), SCAN, 1, &[]),
        case("closing brackets", |dir| repeated(dir, "a.json", "}]", MEGABYTE), SCAN, 1, &[]),
        case("equals signs", |dir| repeated(dir, "a.env", "a=", MEGABYTE), SCAN, 1, &[]),
        case("backslashes", |dir| repeated(dir, "a.py", "\\", MEGABYTE), SCAN, 1, &[]),
        case("line feeds", |dir| repeated(dir, "a.py", "\r\n", MEGABYTE), SCAN, 1, &[]),
        case("names without values", |dir| repeated(dir, "a.env", "BINANCE_API_SECRET=\n", MEGABYTE), SCAN, 1, &[]),
        case("names on one line", |dir| repeated(dir, "a.env", "binance api secret ", MEGABYTE), SCAN, 1, &[]),
        case("percent signs of percent signs", |dir| repeated(dir, "a.txt", "%25", MEGABYTE), SCAN, 1, &[]),
        case("entities", |dir| repeated(dir, "a.html", "&amp;#38;", MEGABYTE), SCAN, 1, &[]),
        case("strings to be joined", |dir| repeated(dir, "a.js", "'a1'+", MEGABYTE), SCAN, 1, &[]),
        case("headers of keys", |dir| repeated(dir, "a.pem", &header(), MEGABYTE), SCAN, 1, &[]),
        case("words of phrases", |dir| repeated(dir, "a.txt", "abandon ability zoo ", MEGABYTE), SCAN, 1, &[]),
        case(
            "hosts of exchanges",
            |dir| repeated(dir, "a.txt", "https://u:p@api.binance.com/?a=b&", MEGABYTE),
            SCAN,
            1,
            &[],
        ),
    ]);
}

fn header() -> String {
    format!("-----BEGIN {}-----\n", "EC PRIVATE KEY")
}

#[test]
fn many_values() {
    hold(&[
        case("10,000 random values", |dir| many(dir, "a.csv", "", ",", 10_000), SCAN, 1, &[]),
        case(
            "10,000 random values with a telling name",
            |dir| many(dir, "a.txt", "order id ", "\n", 10_000),
            SCAN,
            1,
            &[],
        ),
        case("2,000 leaks in a file", |dir| many(dir, "a.env", "BINANCE_API_SECRET=", "\n", 2000), SCAN, 1, &[]),
        case(
            "one value of 1 MB",
            |dir| {
                dir.file("a.env", format!("BINANCE_API_SECRET={}\n", random(5, ALNUM, MEGABYTE)));
                with_leak(dir);
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "one Base64 text of 4 MB",
            |dir| {
                let bytes: Vec<u8> = random(5, ALNUM, 3 * MEGABYTE).into_bytes();
                dir.file("a.txt", data_encoding::BASE64.encode(&bytes));
                with_leak(dir);
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "Base64 of Base64, 40 deep",
            |dir| {
                let text = (0..40).fold(leak(2), |text, _| {
                    if text.len() > MEGABYTE { text } else { data_encoding::BASE64.encode(text.as_bytes()) }
                });
                dir.file("a.txt", text);
                with_leak(dir);
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "Base64 of one megabyte of names",
            |dir| {
                dir.file("a.txt", data_encoding::BASE64.encode("BINANCE_API_SECRET=\n".repeat(50_000).as_bytes()));
                with_leak(dir);
            },
            SCAN,
            1,
            &[],
        ),
    ]);
}

fn many(dir: &Dir, name: &str, before: &str, after: &str, count: u64) {
    let text: String = (0..count).map(|n| format!("{before}{}{after}", random(1000 + n, ALNUM, 64))).collect();
    with_leak(dir).file(name, text);
}

#[test]
fn encodings() {
    hold(&[
        case(
            "bytes that are no UTF-8 before a leak",
            |dir| {
                dir.file("a.env", [b"\xff\xfe\xfd\xc3\x28 x\n".as_slice(), leak(1).as_bytes()].concat());
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "the byte order mark of UTF-8",
            |dir| done(dir.file("a.env", format!("\u{feff}{}", leak(1)))),
            SCAN,
            1,
            &[],
        ),
        case("UTF-16, little end first", |dir| done(dir.file("a.env", utf16(&leak(1), true))), SCAN, 1, &[]),
        case("UTF-16, big end first", |dir| done(dir.file("a.env", utf16(&leak(1), false))), SCAN, 1, &[]),
        case("UTF-16 without a mark", |dir| done(dir.file("a.env", &utf16(&leak(1), true)[2..])), SCAN, 1, &[]),
        case(
            "UTF-16 with half a character at its end",
            |dir| {
                dir.file("a.env", [utf16(&leak(1), true), vec![0x3d, 0xd8, 0x41]].concat());
            },
            SCAN,
            1,
            &[],
        ),
        case("UTF-32, little end first", |dir| done(dir.file("a.env", utf32(&leak(1), true))), SCAN, 1, &[]),
        case("UTF-32, big end first", |dir| done(dir.file("a.env", utf32(&leak(1), false))), SCAN, 1, &[]),
        case("UTF-32 without a mark", |dir| done(dir.file("a.env", &utf32(&leak(1), true)[4..])), SCAN, 1, &[]),
        case(
            "the mark of UTF-16 and a zero byte in front of text in bytes",
            |dir| done(dir.file("a.env", [b"\xff\xfex\0\n", leak(1).as_bytes()].concat())),
            SCAN,
            1,
            &[],
        ),
        case(
            "the mark of UTF-32 in front of text in bytes",
            |dir| done(dir.file("a.env", [b"\xff\xfe\0\0", leak(1).as_bytes()].concat())),
            SCAN,
            1,
            &[],
        ),
        case(
            "the mark of UTF-32 in front of UTF-16",
            |dir| done(dir.file("a.env", [b"\xff\xfe\0\0", &utf16(&leak(1), true)[2..]].concat())),
            SCAN,
            1,
            &[],
        ),
        case(
            "text in bytes appended to UTF-16",
            |dir| {
                let text = utf16(&"a line before\r\n".repeat(5000), true);
                dir.file("a.env", [text, leak(1).into_bytes()].concat());
            },
            SCAN,
            1,
            &[],
        ),
        case(
            "UTF-16 appended to UTF-32",
            |dir| {
                dir.file("a.env", [utf32(&"a line before\n".repeat(1000), true), utf16(&leak(1), true)].concat());
            },
            SCAN,
            3,
            &["a.env: unreadable: UTF-32 and something else are mixed in it"],
        ),
        case("a zero byte in front", |dir| done(dir.file("a.env", format!("\0{}", leak(1)))), SCAN, 1, &[]),
        case(
            "a zero byte far behind",
            |dir| done(dir.file("a.env", format!("{}{}\0", leak(1), "x\n".repeat(9000)))),
            SCAN,
            1,
            &[],
        ),
    ]);
}

type Encode = fn(&str) -> Vec<u8>;
const ENCODINGS: [(&str, Encode); 5] = [
    ("utf8", |text| text.into()),
    ("utf16-little", |text| utf16(text, true)),
    ("utf16-big", |text| utf16(text, false)),
    ("utf32-little", |text| utf32(text, true)),
    ("utf32-big", |text| utf32(text, false)),
];

/// A text that begins in one encoding and goes on in another, with or without a mark in its middle, or in the same one from an
/// odd byte on: the leak is found, or it is said that the file was not read.
#[test]
fn mixtures_of_encodings() {
    let dir = Dir::new();
    let mut names = Vec::new();
    let mut put = |name: String, bytes: Vec<u8>| {
        dir.file(format!("{name}.env"), bytes);
        names.push(format!("{name}.env"));
    };
    for (lines, (first, begin)) in [2, 3000].into_iter().flat_map(|lines| ENCODINGS.map(|encoding| (lines, encoding))) {
        let begin = begin(&"a line before\n".repeat(lines));
        for (second, rest) in ENCODINGS {
            // UTF-8 has three bytes of mark and is read with and without.
            let rest = rest(&leak(1));
            let mark = if second == "utf8" { 0 } else { rest.len() / (leak(1).len() + 1) };
            put(format!("{lines}-{first}-{second}-marked"), [begin.clone(), rest.clone()].concat());
            put(format!("{lines}-{first}-{second}"), [begin.clone(), rest[mark..].to_vec()].concat());
            put(
                format!("{lines}-{first}-{second}-odd"),
                [begin.clone(), b"x".to_vec(), rest[mark..].to_vec()].concat(),
            );
        }
    }
    // Halves of characters beyond 16 bits, in pairs that are none.
    let halves: Vec<u8> = [0x00, 0xdc, 0x00, 0xd8, b'\n', 0].repeat(3000);
    put("halves".to_owned(), [utf16("x\n", true), halves, utf16(&leak(1), true)].concat());
    let child = limited(&dir, &["scan", ".", "--format", "json"], LIMITS).spawn().expect("a shell");
    let ended = finish(child, LIMITS.clock, "mixtures");
    let report: Value = serde_json::from_slice(&ended.stdout).expect("the report is JSON");
    let told = |list: &Value| list.as_array().expect("a list").iter().map(|item| item.to_string()).collect::<String>();
    let told = told(&report["findings"]) + &told(&report["coverage"]["skipped"]);
    let lost: Vec<&String> = names.iter().filter(|name| !told.contains(&format!("\"{name}\""))).collect();
    assert!(names.len() > 100 && lost.is_empty(), "found nowhere and read, as the report has it: {lost:?}");
    harmless(&ended, "mixtures");
}

fn utf16(text: &str, little: bool) -> Vec<u8> {
    let units = format!("\u{feff}{text}");
    units.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

fn utf32(text: &str, little: bool) -> Vec<u8> {
    let units = format!("\u{feff}{text}");
    let bytes = |unit: char| if little { u32::from(unit).to_le_bytes() } else { u32::from(unit).to_be_bytes() };
    units.chars().flat_map(bytes).collect()
}

/// Two minutes of a debug build. The search for values in what is said of them took 14 KB of memory for each.
#[test]
#[ignore = "heavy: 40,000 values"]
fn a_file_full_of_leaks() {
    let make = |dir: &Dir| done(dir.file("a.env", (1000..21_000).map(leak).collect::<String>()));
    let limits = Limits { cpu: 600, clock: 2000, memory: 400 << 10, ..LIMITS };
    hold(&[Case { limits, ..case("20,000 leaks within 400 MiB", make, SCAN, 1, &[]) }]);
}

/// Half an hour and 10 GB of disk in a debug build; two minutes in a release build.
#[test]
#[ignore = "heavy: a line of 10 GB"]
fn a_line_of_10_gigabytes() {
    let make = |dir: &Dir| {
        let file = std::fs::File::create(dir.at("a.txt")).expect("a file");
        let mut out = std::io::BufWriter::new(file);
        let piece = [b'x'; MEGABYTE];
        for _ in 0..10_000 {
            std::io::Write::write_all(&mut out, &piece).expect("room");
        }
        std::io::Write::write_all(&mut out, format!(" {}", leak(1)).as_bytes()).expect("room");
    };
    let limits = Limits { cpu: 3000, clock: 6000, ..LIMITS };
    hold(&[
        Case { limits, ..case("a line of 10 GB as target", make, &["scan", "a.txt"], 1, &[]) },
        Case { limits, ..case("a line of 10 GB in a tree", make, SCAN, 3, &["a.txt: too-large"]) },
    ]);
}
