//! Windows, encodings, limits, and what is opened.

use super::*;
use crate::span::Span;

/// A window as (offset, bytes, position, shared_from).
type Seen = (usize, Vec<u8>, Position, usize);

fn windows(text: &[u8]) -> (Vec<Seen>, Outcome) {
    let mut seen = Vec::new();
    let outcome = Reader::default().stream(&mut &text[..], 0, u64::MAX, &mut |window| {
        seen.push((window.offset, window.bytes.to_vec(), window.position, window.shared_from));
    });
    (seen, outcome)
}

#[test]
fn short_texts_are_one_window() {
    for text in ["", "a", "no final newline", "x\r\ny\r\n"] {
        let (seen, outcome) = windows(text.as_bytes());
        assert_eq!(seen, [(0, text.as_bytes().to_vec(), Position::default(), text.len())]);
        assert_eq!(outcome, Outcome { bytes: text.len() as u64, ..Outcome::default() });
    }
}

#[test]
fn windows_cover_everything_and_overlap() {
    let lines: Vec<u8> = (0..400_000).flat_map(|n| format!("line {n} ä\r\n").into_bytes()).collect();
    let one_line = "x".repeat(3 * WINDOW).into_bytes();
    let wide = "𝄞é".repeat(WINDOW / 2).into_bytes();
    for text in [&lines, &one_line, &wide] {
        let (seen, _) = windows(text);
        assert!(seen.len() > 2);
        let whole = crate::span::LineIndex::new(text);
        let mut reached = 0;
        for (offset, bytes, position, shared_from) in seen {
            assert_eq!(&text[offset..offset + bytes.len()], &bytes[..]);
            assert!(offset == 0 || reached >= offset + 2048, "windows overlap");
            assert_eq!(position, whole.position(offset));
            assert!(shared_from <= bytes.len());
            reached = offset + bytes.len();
        }
        assert_eq!(reached, text.len());
    }
}

#[test]
fn binary_and_utf16() {
    assert_eq!(windows(b"\x89PNG\r\n\x1a\n\0").1.skipped, Some(SkipReason::Binary));
    let text: Vec<u8> = "\u{feff}key=𝄞1".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut spans = Vec::new();
    let outcome = Reader::default().stream(&mut &text[..], 0, u64::MAX, &mut |window| {
        assert_eq!(window.bytes, "key=𝄞1".as_bytes());
        spans.push(window.original(Span::new(8, 9)));
    });
    assert_eq!(outcome.skipped, None);
    assert_eq!(spans, [Span::new(14, 16)]);
}

#[test]
fn the_mark_of_utf8_is_no_part_of_the_text() {
    let text = "\u{feff}key=1";
    let mut check = |window: &Window<'_>| {
        assert_eq!((window.bytes, window.position, window.first()), (&b"key=1"[..], Position::default(), true));
        assert_eq!(window.original(Span::new(4, 5)), Span::new(7, 8));
    };
    let mut reader = Reader::default();
    assert_eq!(reader.stream(&mut text.as_bytes(), 0, u64::MAX, &mut check).bytes, 8);
    assert_eq!(reader.bytes(text.as_bytes(), &mut check).bytes, 8);
}

#[test]
fn a_stream_ends_at_its_limit() {
    let text = vec![b'a'; 5000];
    let outcome = Reader::default().stream(&mut &text[..], 0, 4000, &mut |_| {});
    assert!(matches!(outcome.skipped, Some(SkipReason::Limit(_))), "{outcome:?}");
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_opened() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("file"), "x").expect("write");
    std::os::unix::fs::symlink(at("file"), at("link")).expect("link");
    rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RWXU).expect("pipe");
    let reason = |name: &str| open(&at(name)).err();
    assert_eq!(reason("file"), None);
    assert_eq!(reason("link"), Some(SkipReason::Link));
    assert_eq!(reason("pipe"), Some(SkipReason::Special));
    assert_eq!(open(Path::new("/dev/zero")).err(), Some(SkipReason::Special));
    assert_eq!(reason("none"), Some(SkipReason::Unreadable("no such file or directory".into())));
}

#[test]
fn texts_in_programs_are_read() {
    let mut program = b"\x7fELF\0\x01\x02".to_vec();
    program.resize(20_000, 0xe9);
    program.extend_from_slice(b"\0API_KEY=x\0\n\x03next\0");
    let mut seen = Vec::new();
    let outcome = Reader::default().stream(&mut &program[..], 0, u64::MAX, &mut |window| {
        let at = window.bytes.windows(3).position(|three| three == b"API").expect("the text");
        assert_eq!(&window.bytes[at - 1..at + 10], b"\nAPI_KEY=x\n");
        let span = Span::new(at, at + 9);
        let lines = crate::span::LineIndex::at(window.bytes, window.position);
        seen.push((window.region(&lines, span).start, window.original(span).start));
    });
    assert_eq!(outcome, Outcome { bytes: program.len() as u64, ..Outcome::default() });
    assert_eq!(seen, [(Position { line: 1, column: 20_002 }, 20_001)]);
}
