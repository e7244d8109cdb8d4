//! What fuzzing throws at the rooms that read strangers' bytes, and what must hold whatever comes. Each function takes the
//! bytes of one try and panics if a promise is broken. The package in `fuzz/` calls them for hours, the tests below with
//! the committed seeds. Not part of a normal build.

#[cfg(all(feature = "git", feature = "archives"))]
mod git;
#[cfg(test)]
mod properties;
#[cfg(feature = "verify")]
mod settings;

use std::io::Read;
use std::sync::OnceLock;

use data_encoding::{BASE64, HEXLOWER};

use crate::detect::{Engine, Hint, candidate};
use crate::finding::Report;
use crate::report::{self, Format, Style};
use crate::rules::RuleSet;
use crate::scan;
use crate::secret::guessable;
use crate::span::Span;
use crate::view::wide::{Decoder, Encoding, Order, Seen, sniff};
use crate::view::{self, Replacement, View};

/// A fuzz target: its name, which is that of its folder of seeds, and what it does with the bytes of a try.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("engine", engine),
    ("views", views),
    #[cfg(feature = "verify")]
    ("settings", settings::any),
    ("databases", databases),
    #[cfg(feature = "archives")]
    ("archives", archives),
    #[cfg(all(feature = "git", feature = "archives"))]
    ("git", git::repository),
];

/// Runs a target by its name.
///
/// # Panics
/// If there is none of that name, or a promise is broken.
pub fn run(name: &str, data: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("it is in the table");
    target(data);
}

fn builtin() -> &'static Engine<'static> {
    static ENGINE: OnceLock<Engine<'static>> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(RuleSet::builtin()))
}

/// Random letters by code: a byte from 1 to 6, then the length, then the seed. So seeds hold nothing like a secret, and
/// the engine sees values all the same.
fn filled(data: &[u8]) -> Vec<u8> {
    const ALPHABETS: [&[u8]; 6] = [
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        b"0123456789abcdef",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
        b"0123456789abcdefghijklmnopqrstuvwxyz",
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    ];
    let mut text = Vec::new();
    let mut rest = data;
    while let Some((&byte, behind)) = rest.split_first() {
        match (byte, behind) {
            (1..=6, [length, seed, behind @ ..]) => {
                let alphabet = ALPHABETS[usize::from(byte - 1)];
                let mut state = (u64::from(*seed) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                text.extend((0..*length).map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    alphabet[(state >> 33) as usize % alphabet.len()]
                }));
                rest = behind;
            }
            _ => {
                text.push(byte);
                rest = behind;
            }
        }
    }
    text
}

/// The first line is the path, the rest the text.
fn with_path(data: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut parts = data.splitn(2, |&byte| byte == b'\n').map(filled);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Values lie in the text, are there as they were given, and a second look sees the same.
fn engine(data: &[u8]) {
    let (path, text) = with_path(data);
    let path = String::from_utf8_lossy(&path).to_lowercase();
    let hint = Hint { path, from_start: true, ..Hint::default() };
    let found = builtin().scan(&text, &hint);
    for part in found.iter().flat_map(|credential| &credential.parts) {
        assert!(part.span.end <= text.len() && !part.span.is_empty(), "{:?} of {} bytes", part.span, text.len());
        assert!(!part.value.is_empty());
        if part.decoded.is_empty() {
            assert_eq!(part.value.expose(), part.span.of(&text), "what is not decoded stands there as it is");
        }
    }
    let again = builtin().scan(&text, &hint);
    assert_eq!(format!("{found:?}"), format!("{again:?}"));
    if found.is_empty() {
        drop(builtin().scan(&text, &Hint { from_start: false, partial: true, ..hint }));
    } else {
        // A report with its table of rules costs more than all the rest: one format for each try.
        let report = scan::stdin(builtin(), &mut text.as_slice(), &hint.path, &scan::Options::default(), &());
        check_report(&report, FORMATS[data.len() % FORMATS.len()]);
    }
}

const FORMATS: [(Format, bool); 10] = [
    (Format::Text, false),
    (Format::Text, true),
    (Format::Json, false),
    (Format::Sarif, false),
    (Format::Github, false),
    (Format::Gitlab, false),
    (Format::CodeQuality, false),
    (Format::Junit, false),
    (Format::Csv, false),
    (Format::Markdown, false),
];

/// A report is valid, and free of the values it speaks of and of what a terminal or a table would obey.
fn check_report(report: &Report<'_>, (format, verbose): (Format, bool)) {
    let values = report.findings.iter().chain(&report.suppressed).flat_map(|finding| &finding.parts);
    let values: Vec<&[u8]> = values.map(|part| part.secret.expose()).filter(|value| !guessable(value)).collect();
    let mut out = Vec::new();
    let style = Style { verbose, ..Style::default() };
    report::write(format, report, &style, &mut out).expect("a vector takes everything");
    let shown = std::str::from_utf8(&out).expect("reports are UTF-8");
    if matches!(format, Format::Json | Format::Sarif | Format::Gitlab | Format::CodeQuality) {
        serde_json::from_str::<serde_json::Value>(shown).expect("it is JSON");
    }
    // CSV ends its lines as its standard says.
    let is_command = |c: char| c.is_control() && c != '\n' && !(format == Format::Csv && c == '\r');
    assert!(!shown.contains(is_command), "{format:?} holds a control character");
    for value in &values {
        for form in [value.to_vec(), BASE64.encode(value).into_bytes(), HEXLOWER.encode(value).into_bytes()] {
            assert!(memchr::memmem::find(&out, &form).is_none(), "{format:?} holds a value");
        }
    }
}

/// Readings of a text with the way back: the first byte says whether of encoded pieces or of wide units.
fn views(data: &[u8]) {
    match data.split_first() {
        Some((form, data)) if form % 2 == 0 => pieces(data),
        Some((_, data)) => wide(data),
        None => {}
    }
}

/// The way back from a view is within the text, in order, and exact for what was copied.
fn pieces(data: &[u8]) {
    let text = filled(data);
    let mut runs = Vec::new();
    candidate::runs(&text, |run| runs.push(run));
    if let Some(view) = view::decode(&text, &runs, &[]) {
        check_view(&view, &text);
    }
    // Pieces anywhere, as no encoding makes them: lengths of gap, piece and replacement by turns.
    let mut at = 0;
    let mut replacements = Vec::new();
    for lengths in data.chunks_exact(3) {
        let start = at + usize::from(lengths[0] % 32);
        let end = start + usize::from(lengths[1] % 32);
        if end > text.len() {
            break;
        }
        let decoded = vec![b'x'; usize::from(lengths[2] % 32)];
        replacements.push(Replacement { span: Span::new(start, end), text: decoded, encoding: "e" });
        at = end;
    }
    check_view(&View::new(&text, replacements), &text);
}

fn check_view(view: &View, text: &[u8]) {
    let length = view.text.len();
    let mut last = Span::new(0, 0);
    // Steps that grow keep long texts affordable; every place of a short one is tried.
    let step = length / 512 + 1;
    for start in (0..=length).step_by(step) {
        for size in [0, 1, 2, 5, 40, length] {
            let span = Span::new(start, (start + size).min(length));
            let back = view.original(span);
            assert!(back.end <= text.len(), "{span:?} of {length} leads to {back:?} of {}", text.len());
            if view.encoding(span).is_none() && !span.is_empty() {
                assert_eq!(span.of(&view.text), back.of(text), "{span:?} was copied from {back:?}");
            }
            if size == 1 {
                assert!(last.start <= back.start && last.end <= back.end, "{span:?}: {back:?} after {last:?}");
                last = back;
            }
        }
    }
}

/// Any cutting of the stream gives the same text, and each of its ends leads back to the end of the original.
fn wide(data: &[u8]) {
    let Some((&cut, data)) = data.split_first() else { return };
    let order = if cut & 1 == 0 { Order::Little } else { Order::Big };
    let (encoding, width) = if cut & 2 == 0 { (Encoding::Utf16(order), 2) } else { (Encoding::Utf32(order), 4) };
    let unit = |bytes: &[u8]| {
        let join = |sum: u32, &byte: &u8| sum << 8 | u32::from(byte);
        if order == Order::Little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) }
    };
    let units: Vec<u32> = data.chunks_exact(width).map(unit).collect();
    let expected: String = if width == 2 {
        String::from_utf16_lossy(&units.iter().map(|&unit| u16::try_from(unit).expect("two bytes")).collect::<Vec<_>>())
    } else {
        units.iter().map(|&unit| char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    let head = usize::from(cut >> 2).min(data.len());
    let pieces = Trickle(&data[head..], usize::from(cut % 7) + 1);
    let (mut text, seen) = (Vec::new(), Seen::default());
    Decoder::new(pieces, encoding, &data[..head], &seen).read_to_end(&mut text).expect("nothing fails");
    assert_eq!(String::from_utf8_lossy(&text), expected);
    assert_eq!(encoding.original(&text, text.len()), width * units.len());
    let _ = sniff(data);
}

/// Gives a few bytes at a time.
struct Trickle<'a>(&'a [u8], usize);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = buffer.len().min(self.1).min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

/// What comes out of a database stays within its limits, and every place leads into the file.
fn databases(data: &[u8]) {
    use crate::source::read::{Reader, Window};
    use crate::span::LineIndex;
    thread_local! {
        static READER: std::cell::RefCell<Reader> = std::cell::RefCell::default();
    }
    // What doesn't begin like one is not read as one.
    let mut data = data.to_vec();
    let head = b"SQLite format 3\0";
    if data.len() >= head.len() {
        data[..head.len()].copy_from_slice(head);
    }
    READER.with_borrow_mut(|reader| {
        let mut came_out = 0;
        let mut each = |window: &Window<'_>| {
            came_out += window.shared_from;
            let lines = LineIndex::at(window.bytes, window.position);
            for start in (0..window.bytes.len()).step_by(window.bytes.len() / 256 + 1) {
                let span = Span::new(start, (start + 40).min(window.bytes.len()));
                let place = window.original(span);
                assert!(place.end <= data.len(), "{span:?} leads to {place:?} of {}", data.len());
                drop((window.region(&lines, span), window.row(span)));
            }
        };
        for stream in [false, true] {
            let outcome = if stream {
                reader.stream(&mut Trickle(&data, 512), 0, u64::MAX, &mut each)
            } else {
                reader.bytes(&data, &mut each)
            };
            assert_eq!(outcome.bytes, data.len() as u64, "{:?}", outcome.skipped);
        }
        assert!(came_out <= 2 * ((2 << 20) + 9 * data.len()), "{came_out} bytes came out of {}", data.len());
    });
}

/// What comes out of an archive, whole or as a stream, stays within the limits.
#[cfg(feature = "archives")]
fn archives(data: &[u8]) {
    use crate::source::read::{Reader, Window};
    thread_local! {
        static READER: std::cell::RefCell<Reader> = std::cell::RefCell::default();
    }
    READER.with_borrow_mut(|reader| {
        let limits = &mut reader.limits;
        (limits.total, limits.member, limits.ratio_from) = (1 << 20, 1 << 18, 1 << 16);
        (limits.members, limits.all_members) = (64, 200);
        let most = limits.total;
        reader.name = b"x.gz".to_vec();
        for stream in [false, true] {
            let mut came_out = 0;
            let mut each = |window: &Window<'_>| came_out += window.shared_from as u64;
            let outcome = if stream {
                reader.stream(&mut Trickle(data, 4096), 0, u64::MAX, &mut each)
            } else {
                reader.bytes(data, &mut each)
            };
            assert!(came_out <= most + 10 * data.len() as u64, "{came_out} bytes came out of {}", data.len());
            assert!(outcome.members.len() <= 400, "{}", outcome.members.len());
        }
    });
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The seeds, and what fuzzing found once: each file is one try.
    #[test]
    fn seeds_and_regressions_hold() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
        for (name, target) in TARGETS {
            let folder = root.join(name);
            let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
            let mut count = 0;
            for file in files {
                let path = file.expect("it can be listed").path();
                let data = std::fs::read(&path).expect("it can be read");

                let tried = std::panic::catch_unwind(|| target(&data));
                assert!(tried.is_ok(), "{}", path.display());
                count += 1;
            }
            assert!(count >= 3, "{name} has {count} seeds; run fuzz/make-seeds");
        }
    }

    #[test]
    fn codes_become_letters() {
        let text = filled(b"a=\x02\x04\x07;\x01");
        assert_eq!(text.len(), 2 + 4 + 2);
        assert!(text[2..6].iter().all(u8::is_ascii_hexdigit), "{text:?}");
        assert_eq!(text, filled(b"a=\x02\x04\x07;\x01"));
    }
}
