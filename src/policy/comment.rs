//! Comments that accept a finding: `stopleak:allow`, and what other scanners' users have written.
//!
//! A comment counts on the value's own line (or, where it says so, on the line before), near the value: one word in a
//! minified program of one line must not silence all of it. Which language the comment is in does not matter.

use crate::finding::Comment;
use crate::span::Span;

/// A marker, where it stands, and whose it is.
struct Marker {
    /// How it is written; `pragma: allowlist secret` has spellings of its own.
    texts: &'static [&'static str],
    /// It speaks of the line after its own.
    next_line: bool,
    /// It is another tool's.
    foreign: bool,
}

/// Sources: the documentation of gitleaks and betterleaks, detect-secrets' `filters/allowlist.py`, kingfisher's and
/// trufflehog's README. The first text is the name in reports.
const MARKERS: &[Marker] = &[
    Marker { texts: &["stopleak:allow"], next_line: false, foreign: false },
    Marker { texts: &["stopleak:allow-next-line"], next_line: true, foreign: false },
    Marker { texts: &["gitleaks:allow"], next_line: false, foreign: true },
    Marker { texts: &["betterleaks:allow"], next_line: false, foreign: true },
    Marker { texts: &["kingfisher:ignore"], next_line: false, foreign: true },
    Marker { texts: &["trufflehog:ignore"], next_line: false, foreign: true },
    Marker {
        texts: &[
            "pragma: allowlist secret",
            "pragma: allowlist-secret",
            "pragma:allowlist secret",
            "pragma:allowlist-secret",
            "pragma: whitelist secret",
            "pragma: whitelist-secret",
            "pragma:whitelist secret",
            "pragma:whitelist-secret",
        ],
        next_line: false,
        foreign: true,
    },
    Marker {
        texts: &[
            "pragma: allowlist nextline secret",
            "pragma: allowlist-nextline-secret",
            "pragma:allowlist nextline secret",
            "pragma: whitelist nextline secret",
            "pragma: whitelist-nextline-secret",
            "pragma:whitelist nextline secret",
        ],
        next_line: true,
        foreign: true,
    },
];

/// Words of linters that speak of all kinds of faults, not of secrets alone, so they count only if the configuration says so:
/// bandit's and gosec's `nosec`, Sonar's `NOSONAR`, and flake8's codes for passwords in a text.
const LINTERS: &[&str] = &["nosec", "NOSONAR", "noqa: S105", "noqa: S106", "noqa: S107"];

/// Whether a marker, as it is called in reports, is a linter's.
#[must_use]
pub fn is_linters(marker: &str) -> bool {
    LINTERS.contains(&marker)
}

/// The comment that speaks for two versions of one value: none, unless both have one, and the one that accepts less.
#[must_use]
pub fn of_both(one: Option<Comment>, other: Option<&Comment>) -> Option<Comment> {
    let other = other?;
    let one = one?;
    Some(if is_linters(other.marker) && !is_linters(one.marker) { other.clone() } else { one })
}

/// How far from the value a comment may stand, in bytes. Lines that people write are shorter.
const REACH: usize = 1000;
/// How much of a reason is kept, in characters.
const REASON: usize = 200;

/// The comment that asks to accept the value at `value`, and the bytes of its marker. Its line and place in the original
/// text are left to the caller.
#[must_use]
pub fn beside(text: &[u8], value: Span) -> Option<(Comment, Span)> {
    let line_start = memchr::memrchr(b'\n', text.get(..value.start)?).map_or(0, |at| at + 1);
    let line_end = memchr::memchr(b'\n', text.get(value.end..)?).map_or(text.len(), |at| value.end + at);
    let before = Span::new(line_start.max(value.start.saturating_sub(REACH)), value.start);
    let after = Span::new(value.end, line_end.min(value.end + REACH));
    if let Some(found) = [after, before].into_iter().find_map(|side| find(text, side, false)) {
        return Some(found);
    }
    let above = line_start.checked_sub(1).and_then(|end| {
        let start = memchr::memrchr(b'\n', &text[..end]).map_or(0, |at| at + 1);
        find(text, Span::new(start.max(end.saturating_sub(REACH)), end), true)
    });
    above.or_else(|| [after, before].into_iter().find_map(|side| linters(text, side)))
}

/// The first word of a linter within a piece of the text.
fn linters(text: &[u8], piece: Span) -> Option<(Comment, Span)> {
    let bytes = piece.of(text);
    LINTERS.iter().find_map(|name| {
        let at = place(bytes, name)?;
        let (line, span) = (0, Span::default());
        let comment =
            Comment { marker: name, foreign: true, rules: Vec::new(), reason: None, line, span, is_new: false };
        Some((comment, Span::new(piece.start + at, piece.start + at + name.len())))
    })
}

/// Where a marker stands as a whole word.
fn place(bytes: &[u8], name: &str) -> Option<usize> {
    let part_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let free = |byte: Option<&u8>| byte.is_none_or(|&byte| !part_of_word(byte));
    // Before a comment's sign there is often nothing at all: `x = 1;//stopleak:allow`.
    let whole = |&at: &usize| free(at.checked_sub(1).and_then(|at| bytes.get(at))) && free(bytes.get(at + name.len()));
    memchr::memmem::find_iter(bytes, name.as_bytes()).find(whole)
}

/// The first marker within a piece of the text.
fn find(text: &[u8], piece: Span, next_line: bool) -> Option<(Comment, Span)> {
    let bytes = piece.of(text);
    let mut found: Option<(usize, usize, &Marker)> = None;
    for marker in MARKERS.iter().filter(|marker| marker.next_line == next_line) {
        for name in marker.texts {
            if let Some(at) = place(bytes, name)
                && found.is_none_or(|(earlier, ..)| at < earlier)
            {
                found = Some((at, name.len(), marker));
            }
        }
    }
    let (at, length, marker) = found?;
    let (rules, reason) = if marker.foreign { (Vec::new(), None) } else { details(&bytes[at + length..]) };
    let name = marker.texts[0];
    let (line, span) = (0, Span::default());
    let comment = Comment { marker: name, foreign: marker.foreign, rules, reason, line, span, is_new: false };
    Some((comment, Span::new(piece.start + at, piece.start + at + length)))
}

/// `[rule, rule] reason` behind a marker.
fn details(rest: &[u8]) -> (Vec<String>, Option<String>) {
    let rest = String::from_utf8_lossy(rest);
    let (rules, rest) = match rest.strip_prefix('[') {
        Some(list) => {
            // A list without its end is taken to the end of the line: it names no rule, so it accepts nothing.
            let (list, rest) = list.split_once(']').unwrap_or((list, ""));
            (list.split(',').map(|rule| rule.trim().to_owned()).collect(), rest)
        }
        None => (Vec::new(), &*rest),
    };
    let ends = ["*/", "-->", "#}", "--%>", "%>", "*)", "\"\"\"", "'''", "\r"];
    let mut reason = rest.trim();
    while let Some(shorter) = ends.iter().find_map(|end| reason.strip_suffix(end)) {
        reason = shorter.trim_end();
    }
    let reason = reason.trim_start_matches([':', '-', ' ', '\t']).trim_start();
    // What follows on the same line may be code; a reason has a letter.
    let reason: String = reason.chars().take(REASON).collect();
    (rules, reason.contains(char::is_alphabetic).then_some(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the comment beside `VALUE` is: marker, rules, reason.
    fn read(text: &str) -> Option<(&'static str, Vec<String>, Option<String>)> {
        let at = text.find("VALUE").expect("the case has a value");
        let end = at + text[at..].find("END").map_or("VALUE".len(), |end| end + "END".len());
        beside(text.as_bytes(), Span::new(at, end)).map(|(comment, _)| (comment.marker, comment.rules, comment.reason))
    }

    #[test]
    fn markers_count_in_any_comment_syntax() {
        let cases = [
            ("key = 'VALUE' # stopleak:allow", "stopleak:allow"),
            ("key = \"VALUE\"; // stopleak:allow", "stopleak:allow"),
            ("key = 'VALUE';//stopleak:allow", "stopleak:allow"),
            ("/* stopleak:allow */ key = 'VALUE'", "stopleak:allow"),
            ("<key>VALUE</key> <!-- stopleak:allow -->", "stopleak:allow"),
            ("key: VALUE\t# gitleaks:allow\r\nnext", "gitleaks:allow"),
            ("key: VALUE # betterleaks:allow", "betterleaks:allow"),
            ("key: VALUE -- kingfisher:ignore", "kingfisher:ignore"),
            ("key: VALUE # trufflehog:ignore", "trufflehog:ignore"),
            ("key: VALUE # pragma: allowlist secret", "pragma: allowlist secret"),
            ("key: VALUE  # pragma: whitelist-secret", "pragma: allowlist secret"),
            ("# pragma: allowlist nextline secret\nkey: VALUE", "pragma: allowlist nextline secret"),
            ("; stopleak:allow-next-line why\r\nkey: VALUE", "stopleak:allow-next-line"),
            ("key: VALUE\nmore\nEND # stopleak:allow", "stopleak:allow"),
            ("key = 'VALUE'  # nosec B105", "nosec"),
            ("key = 'VALUE'  #nosec G101", "nosec"),
            ("key = 'VALUE'  # noqa: S105", "noqa: S105"),
            ("key = 'VALUE'; // NOSONAR", "NOSONAR"),
            ("key = 'VALUE'  # nosec stopleak:allow", "stopleak:allow"),
            ("# stopleak:allow-next-line\nkey = 'VALUE'  # nosec", "stopleak:allow-next-line"),
        ];
        for (text, marker) in cases {
            assert_eq!(read(text).map(|found| found.0), Some(marker), "{text}");
        }
    }

    #[test]
    fn other_words_lines_and_distances_do_not_count() {
        let far = " ".repeat(REACH);
        let cases = [
            "key = 'VALUE' # allow",
            "key = 'VALUE' # stopleak:allowed",
            "key = 'VALUE' # stopleak:allow-list",
            "key = 'VALUE' # nostopleak:allow",
            "# stopleak:allow\nkey = 'VALUE'",
            "key = 'VALUE'\n# stopleak:allow",
            "key = 'VALUE' # stopleak:allow-next-line",
            "# stopleak:allow-next-line\n\nkey = 'VALUE'",
            "key = 'VALUE' # nosecret",
            "# nosec\nkey = 'VALUE'",
            "key = 'VALUE' # noqa: S101",
            "key = 'VALUEgitleaks:allowEND'",
            &format!("stopleak:allow{far}'VALUE'{far}stopleak:allow"),
        ];
        for text in cases {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn rules_and_reasons_are_read() {
        let texts = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let cases: [(&str, &[&str], Option<&str>); 8] = [
            ("VALUE # stopleak:allow", &[], None),
            ("VALUE # stopleak:allow the testnet's", &[], Some("the testnet's")),
            ("VALUE # stopleak:allow: revoked in May", &[], Some("revoked in May")),
            ("VALUE /* stopleak:allow[a-b] a test */", &["a-b"], Some("a test")),
            ("VALUE <!-- stopleak:allow[a, b-c] -->", &["a", "b-c"], None),
            ("VALUE # stopleak:allow[] x", &[""], Some("x")),
            ("VALUE # stopleak:allow[a x", &["a x"], None),
            ("VALUE # gitleaks:allow x", &[], None),
        ];
        for (text, rules, reason) in cases {
            let (_, read_rules, read_reason) = read(text).expect("there is a comment");
            assert_eq!((read_rules, read_reason.as_deref()), (texts(rules), reason), "{text}");
        }
    }
}
