//! Multipart forms, as browsers and `curl -F` send them: a header with `name="apiKey"`, a blank line, the value. They read as
//! `apiKey: value`.

use super::Replacement;
use crate::detect::token::{line_end, line_start};
use crate::span::Span;

/// The longest name of a field.
const MAX_NAME: usize = 64;
/// How many headers a field has at most, and how long one is.
const MAX_HEADERS: usize = 4;
const MAX_LINE: usize = 200;

/// Finds the headers of fields that are no files.
pub(super) fn find(text: &[u8], all: &mut Vec<Replacement>) {
    for at in memchr::memmem::find_iter(text, b"form-data;") {
        if let Some(replacement) = header(text, at) {
            all.push(replacement);
        }
    }
}

/// The headers of the field at `at`, from the line that it is on to the value.
fn header(text: &[u8], at: usize) -> Option<Replacement> {
    let start = line_start(text, at);
    let end = line_end(text, at);
    let line = text
        .get(at..end)
        .filter(|line| end - start <= MAX_LINE && memchr::memmem::find(line, b"filename").is_none())?;
    let open = memchr::memmem::find(line, b" name=\"")? + 7;
    let name = line[open..].split(|&byte| byte == b'"').next()?;
    if name.is_empty() || name.len() > MAX_NAME || open + name.len() >= line.len() {
        return None;
    }
    let mut next = behind(text, end);
    for _ in 0..MAX_HEADERS {
        let end = line_end(text, next.min(text.len()));
        let line = text.get(next..end)?.trim_ascii_end();
        next = behind(text, end);
        if line.is_empty() {
            let value = text.get(next..).filter(|rest| !rest.starts_with(b"--") && !rest.is_empty());
            return value.map(|_| Replacement {
                span: Span::new(start, next),
                text: [name, b": "].concat(),
                encoding: "form",
            });
        }
        if line.len() > MAX_LINE || !line.contains(&b':') {
            return None;
        }
    }
    None
}

/// Where the line begins behind one that ends at `end`.
fn behind(text: &[u8], end: usize) -> usize {
    let wide = text.get(end..).is_some_and(|rest| rest.starts_with(b"\r\n"));
    end + if wide { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::super::View;
    use super::*;

    #[test]
    fn fields_read_as_names_and_values() {
        for (text, expected) in [
            ("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nv\r\n--x--", "--x\r\na: v\r\n--x--"),
            ("Content-Disposition: form-data; name=\"a[b]\"\nContent-Type: text/plain\n\nv\n", "a[b]: v\n"),
            ("content-disposition: form-data; name=\"a\"\n\n--x", "content-disposition: form-data; name=\"a\"\n\n--x"),
            ("form-data; name=\"a\"; filename=\"b\"\n\nv", "form-data; name=\"a\"; filename=\"b\"\n\nv"),
            ("form-data; name=\"a\"\nno header\n\nv", "form-data; name=\"a\"\nno header\n\nv"),
            ("form-data; name=\"a", "form-data; name=\"a"),
        ] {
            let mut all = Vec::new();
            find(text.as_bytes(), &mut all);
            assert_eq!(String::from_utf8_lossy(&View::new(text.as_bytes(), all).text), expected);
        }
    }
}
