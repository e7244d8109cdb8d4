//! JSON as all formats write it: indented by one blank, and with characters that a terminal or a CI log would obey
//! written as `\uXXXX`. The data is unchanged; only its spelling is.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, PrettyFormatter};

use super::escape::is_hostile;

/// Writes a value as JSON that is safe to show, with a final line end.
///
/// # Errors
/// Those of the writer.
pub fn write_json(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let formatter = Safe { pretty: PrettyFormatter::with_indent(b" ") };
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
    out.write_all(b"\n")
}

struct Safe<'a> {
    pretty: PrettyFormatter<'a>,
}

/// Hands the layout on to the pretty formatter.
macro_rules! delegate {
    ($($method:ident ( $($arg:ident : $type:ty),* )),* $(,)?) => {
        $(fn $method<W: ?Sized + io::Write>(&mut self, writer: &mut W $(, $arg: $type)*) -> io::Result<()> {
            self.pretty.$method(writer $(, $arg)*)
        })*
    };
}

impl Formatter for Safe<'_> {
    delegate! {
        begin_array(),
        end_array(),
        begin_array_value(first: bool),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first: bool),
        begin_object_value(),
        end_object_value(),
        write_char_escape(escape: CharEscape),
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut last = '\0';
        for c in fragment.chars() {
            if is_hostile(c) || (c == '#' && last == '#') {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            } else {
                writer.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?;
            }
            last = c;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_back_is_what_was_written() {
        let text = "a\u{202e}b\u{7f}\n\"##[x]\u{e0041}ü\\";
        let mut out = Vec::new();
        write_json(&[text], &mut out).expect("a vector takes everything");
        let shown = String::from_utf8(out).expect("JSON is UTF-8");
        assert!(!shown.contains('\u{202e}') && !shown.contains("##") && !shown.contains('\u{7f}'), "{shown}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&shown).expect("it parses"), [text]);
    }
}
