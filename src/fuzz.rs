//! What fuzzing throws at the rooms that read strangers' bytes, and what must hold whatever comes. Each function takes the
//! bytes of one try and panics if a promise is broken. The package in `fuzz/` calls them for hours, the tests below with
//! the committed seeds. Not part of a normal build.

#[cfg(all(feature = "git", feature = "archives"))]
mod git;

use std::io::Read;
use std::sync::OnceLock;

use data_encoding::{BASE64, HEXLOWER};

use crate::detect::{Engine, Hint, candidate, proof};
use crate::finding::Report;
use crate::report::{self, Format, Style};
use crate::rules::{Loader, RuleSet};
use crate::scan;
use crate::secret::guessable;
use crate::span::Span;
use crate::view::{self, Replacement, View, utf16};

/// A fuzz target: its name, which is that of its folder of seeds, and what it does with the bytes of a try.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("engine", engine),
    ("report", reports),
    ("views", views),
    ("utf16", utf16),
    ("rules", rules),
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
    drop(builtin().scan(&text, &Hint { from_start: false, partial: true, ..hint }));
}

/// Reports are valid, and free of the values they speak of.
fn reports(data: &[u8]) {
    let (path, text) = with_path(data);
    let path = String::from_utf8_lossy(&path).replace('\0', "");
    let report = scan::stdin(builtin(), &mut text.as_slice(), &path, &scan::Options::default(), &());
    check_reports(&report);
}

fn check_reports(report: &Report<'_>) {
    let values = report.findings.iter().chain(&report.suppressed).flat_map(|finding| &finding.parts);
    let values: Vec<&[u8]> = values.map(|part| part.secret.expose()).filter(|value| !guessable(value)).collect();
    for (format, verbose) in
        [(Format::Text, false), (Format::Text, true), (Format::Json, false), (Format::Sarif, false)]
    {
        let mut out = Vec::new();
        let style = Style { verbose, ..Style::default() };
        report::write(format, report, &style, &mut out).expect("a vector takes everything");
        let shown = std::str::from_utf8(&out).expect("reports are UTF-8");
        if format != Format::Text {
            serde_json::from_str::<serde_json::Value>(shown).expect("it is JSON");
        }
        let is_command = |c: char| c.is_control() && c != '\n';
        assert!(!shown.contains(is_command), "{format:?} holds a control character");
        for value in &values {
            for form in [value.to_vec(), BASE64.encode(value).into_bytes(), HEXLOWER.encode(value).into_bytes()] {
                assert!(memchr::memmem::find(&out, &form).is_none(), "{format:?} holds a value");
            }
        }
    }
}

/// The way back from a view is within the text, in order, and exact for what was copied.
fn views(data: &[u8]) {
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
fn utf16(data: &[u8]) {
    let Some((&cut, data)) = data.split_first() else { return };
    let order = if cut & 1 == 0 { utf16::Order::Little } else { utf16::Order::Big };
    let unit = |pair: &[u8]| match order {
        utf16::Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
        utf16::Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
    };
    let units: Vec<u16> = data.chunks_exact(2).map(unit).collect();
    let expected = String::from_utf16_lossy(&units);
    let head = usize::from(cut >> 1).min(data.len());
    let pieces = Trickle(&data[head..], usize::from(cut % 7) + 1);
    let mut text = Vec::new();
    utf16::Decoder::new(pieces, order, &data[..head]).read_to_end(&mut text).expect("nothing fails");
    assert_eq!(String::from_utf8_lossy(&text), expected);
    assert_eq!(utf16::original(&text, text.len()), 2 * units.len());
    let _ = utf16::sniff(data);
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

/// A rule file is refused with place and remedy, or works.
fn rules(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut loader = Loader::new(proof::NAMES);
    loader.add("x.toml", &text);
    match loader.finish() {
        Ok(rules) => {
            let probe = filled(b"key = \"\x01\x20\x05\"\nsecret: \x02\x40\x09\nlogin hunter2 \x04\x2c\x01\n");
            drop(Engine::new(&rules).scan(&probe, &Hint::default()));
        }
        Err(errors) => {
            let lines = text.bytes().filter(|&byte| byte == b'\n' || byte == b'\r').count() + 1;
            for error in errors {
                assert!(error.line >= 1 && error.line <= lines && error.column >= 1, "{error}");
                assert!(!error.reason.is_empty() && !error.remedy.is_empty(), "{error}");
            }
        }
    }
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
            assert!(came_out <= most + 2 * data.len() as u64, "{came_out} bytes came out of {}", data.len());
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
