//! Text of strangers (paths, names, error messages) made harmless for terminals, logs, SARIF messages and URIs.

use std::fmt::Write as _;

/// A stranger's text on one line: control characters, line ends, marks that change the direction or are invisible, and
/// bytes that are not UTF-8 are written as `\xNN` or `\u{...}`. The second of two `#` is too: CI systems take commands
/// (`##vso[...]`, `##[...]`) from anywhere within a line. Commands that must begin a line (`::add-mask::`) are harmless
/// because no report begins a line with a stranger's text.
#[must_use]
pub fn escape(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_hostile(c) {
                escape_char(&mut out, c);
            } else if c == '#' && out.ends_with('#') {
                out.push_str("\\x23");
            } else {
                out.push(c);
            }
        }
        for byte in chunk.invalid() {
            // Writing to a string can't fail.
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

fn escape_char(out: &mut String, c: char) {
    let _ =
        if c.is_ascii() { write!(out, "\\x{:02x}", u32::from(c)) } else { write!(out, "\\u{{{:x}}}", u32::from(c)) };
}

/// Whether a character does something to a terminal or a reader instead of being seen.
pub(crate) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Escaped text for a SARIF message, in which brackets make links and braces are placeholders (SARIF 3.11.5, 3.11.6).
pub(crate) fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '[' | ']' => out.extend(['\\', c]),
            '{' | '}' => out.extend([c, c]),
            _ => out.push(c),
        }
    }
    out
}

/// A relative URI reference for a path's raw bytes. `!` stays, it divides an archive from its member.
pub(crate) fn uri(path: &[u8]) -> String {
    let mut out = String::with_capacity(path.len());
    for &byte in path {
        if byte.is_ascii_alphanumeric() || b"-._~/!".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Text for Markdown's body: what could begin markup is escaped, `<` can't begin HTML, addresses are links.
pub(crate) fn markdown(text: &str) -> String {
    let words: Vec<String> = text.split(' ').map(markdown_word).collect();
    words.join(" ")
}

fn markdown_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>`\\".contains(c);
    if word.starts_with("https://") && word.chars().all(is_plain) {
        let link = word.trim_end_matches(['.', ',', ';', ')']);
        return format!("<{link}>{}", &word[link.len()..]);
    }
    let mut out = String::with_capacity(word.len());
    for c in word.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_is_shown_not_obeyed() {
        let cases: &[(&[u8], &str)] = &[
            (b"plain/path.py", "plain/path.py"),
            ("ümläut/π.py".as_bytes(), "ümläut/π.py"),
            (b"a\x1b[31mred", "a\\x1b[31mred"),
            (b"a\n::add-mask::x", "a\\x0a::add-mask::x"),
            (b"a\rb\x7f", "a\\x0db\\x7f"),
            ("c1\u{9b}31m".as_bytes(), "c1\\u{9b}31m"),
            ("bidi\u{202e}gpj.exe".as_bytes(), "bidi\\u{202e}gpj.exe"),
            (b"latin1-\xfc.txt", "latin1-\\xfc.txt"),
            (b"##vso[task.setvariable]x", "#\\x23vso[task.setvariable]x"),
            (b"###", "#\\x23#"),
        ];
        for &(text, expected) in cases {
            assert_eq!(escape(text), expected);
        }
    }

    #[test]
    fn uris_are_percent_encoded() {
        assert_eq!(uri("my bot/#ü?.py".as_bytes()), "my%20bot/%23%C3%BC%3F.py");
        assert_eq!(uri(b"a.zip!conf/.env"), "a.zip!conf/.env");
        assert_eq!(uri(b"c:\xff"), "c%3A%FF");
    }

    #[test]
    fn messages_hold_no_links() {
        assert_eq!(message("[x](http://y) \\ {0}"), "\\[x\\](http://y) \\\\ {{0}}");
    }

    #[test]
    fn markdown_has_links_and_no_markup() {
        assert_eq!(markdown("see https://x.example/a_b. <b>*x*"), "see <https://x.example/a_b>. &lt;b&gt;\\*x\\*");
    }
}
