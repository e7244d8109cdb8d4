//! The name a value is bound to, in any language, without a parser for any: assignment, keys of JSON, YAML, TOML, INI and
//! XML, keyword and positional arguments, headers, query strings, flags, table and CSV columns, a word in front of it.
//!
//! The text is read backwards from the value ([`super::token`]) until something names it. Several names are kept, nearest
//! first, because the nearest is often empty of meaning (`value=`, `default=`, `Some(`).

mod columns;
mod sides;
#[cfg(test)]
mod tests;

use super::names::{self, Verdict};
use super::token::{self, Token};
use crate::span::Span;
use columns::sql_column;
pub(crate) use columns::{Columns, HEADER_REACH, MARKS, copy_above, head_of, split};
use sides::{label, last_part, open_of, operand, role_word, skip_back, trim};

/// How a name is tied to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// `name = value`, `name: value`, `--name value`, `<name>value`.
    Assigned,
    /// An earlier element says it: `("name", value)`, `key="name" value=value`, `env.NAME ?? value`.
    Sibling,
    /// The header of its column.
    Column,
    /// A word before it, with nothing between: `token is value`, `password value`.
    Spoken,
}

/// A name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) span: Span,
    pub(crate) how: How,
}

/// Everything that is bound to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Binding {
    /// The names, nearest first.
    pub(crate) names: Vec<Name>,
    /// The function or constructor it is an argument of.
    pub(crate) callee: Option<Span>,
}

/// Names without meaning of their own: what is meant stands further left.
const EMPTY: &[&str] = &[
    "value",
    "default",
    "val",
    "v",
    "content",
    "text",
    "string",
    "const",
    "literal",
    "raw",
    "x",
    "defaultvalue",
    "initialvalue",
    "static",
    "let",
    "str",
    "t",
    "string_data",
    "plaintext",
    "to",
];

/// Flags that say that a value comes and not which.
const EMPTY_FLAGS: &[&[u8]] =
    &[b"--body", b"-b", b"--value", b"-v", b"--secret-string", b"--plaintext", b"--string", b"--data", b"--set"];

const MAX_TOKENS: usize = 64;
const MAX_BYTES: usize = 800;
const MAX_NEWLINES: usize = 3;

/// Finds the names of the value at `value`.
pub(crate) fn bind(text: &[u8], value: Span) -> Binding {
    bind_in(text, value, &Columns::default())
}

/// The same, for many values of one text: tables that were walked through before are remembered.
pub(crate) fn bind_in(text: &[u8], value: Span, columns: &Columns) -> Binding {
    let mut reader = Reader::new(text, value);
    reader.read();
    let mut binding = reader.binding;
    binding.names.retain(|name| !is_opaque(text, name));
    let told = binding.names.iter().any(|name| !matches!(names::verdict(name.span.of(text)), Verdict::Nothing));
    if !told
        && let Some(span) =
            columns.copied(text, value).or_else(|| columns.column(text, value)).or_else(|| sql_column(text, value))
    {
        binding.names.insert(0, Name { span, how: How::Column });
    }
    binding
}

/// Finds the names of the value at `value` but for those at heads of long tables.
pub(crate) fn bind_near(text: &[u8], value: Span) -> Binding {
    let mut reader = Reader::new(text, value);
    reader.read();
    let mut binding = reader.binding;
    binding.names.extend(sql_column(text, value).map(|span| Name { span, how: How::Column }));
    binding
}

/// From where on the names of a value are read, if they say anything and no table does.
pub(crate) fn told_from(text: &[u8], value: Span) -> Option<usize> {
    let mut reader = Reader::new(text, value);
    let low = reader.read();
    let Binding { names, callee } = reader.binding;
    let tells = |name: &Name| !is_opaque(text, name) && !matches!(names::verdict(name.span.of(text)), Verdict::Nothing);
    let first = names.iter().map(|name| name.span).chain(callee).map(|span| span.start).min();
    names.iter().any(tells).then(|| first.map_or(low, |first| first.min(low)))
}

/// A value is no name, even if it stands where one does.
fn is_opaque(text: &[u8], name: &Name) -> bool {
    let text = name.span.of(text);
    let token = text.iter().all(|&byte| super::candidate::is_token(byte)) && text.iter().any(u8::is_ascii_digit);
    token && text.len() >= super::candidate::MIN_RUN && super::randomness::is_random(text)
}

struct Reader<'t> {
    text: &'t [u8],
    value: Span,
    binding: Binding,
    pos: usize,
    newlines: usize,
    /// A comma was passed: what is met now are siblings.
    listed: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t [u8], value: Span) -> Self {
        Self { text, value, binding: Binding::default(), pos: value.start, newlines: 0, listed: false }
    }

    /// Reads the names; gives where it ended.
    fn read(&mut self) -> usize {
        let floor = self.value.start.saturating_sub(MAX_BYTES);
        let mut low = self.pos;
        for _ in 0..MAX_TOKENS {
            if self.pos <= floor {
                return low;
            }
            let Some((token, start)) = token::previous(self.text, self.pos) else { return 0 };
            low = low.min(start);
            let go_on = match token {
                Token::Quote(_) => self.skip(self.url(start).unwrap_or(start)),
                Token::Newline(_) => self.newline(start),
                Token::Word(span) => self.word(span, start),
                Token::Punct(byte, at) => self.punct(byte, at),
            };
            low = low.min(self.pos);
            if !go_on {
                return low;
            }
        }
        low
    }

    fn skip(&mut self, to: usize) -> bool {
        self.pos = to;
        true
    }

    /// Where the URL begins that is the argument before the value and ends at the quote at `close`: its colon names nothing.
    fn url(&self, close: usize) -> Option<usize> {
        if !self.listed {
            return None;
        }
        let line = token::line_start(self.text, close);
        let open = line + memchr::memrchr(self.text[close], &self.text[line..close])?;
        memchr::memmem::find(&self.text[open..close], b"://").map(|_| open)
    }

    fn push(&mut self, span: Span, how: How) {
        if !span.is_empty() {
            self.binding.names.push(Name { span, how });
        }
    }

    /// A line end is crossed only if the line above goes on: it ends in an operator, an opener or a comma.
    fn newline(&mut self, start: usize) -> bool {
        self.newlines += 1;
        if self.newlines > MAX_NEWLINES {
            return false;
        }
        match token::previous(self.text, start) {
            Some((Token::Punct(b'=' | b':' | b'(' | b'[' | b'{' | b',' | b'\\' | b'+' | b'|' | b'>' | b'?', _), _)) => {
                self.skip(start)
            }
            Some((Token::Newline(_), _)) => self.skip(start),
            Some((Token::Quote(_), _)) if self.listed => self.skip(start),
            // A heading: a short line of words alone above the value's own line.
            Some((Token::Word(_), _)) if !self.listed && self.alone() => {
                let line = Span::new(token::line_start(self.text, start), start);
                if line.len() <= 40 {
                    self.push(trim(self.text, line), How::Spoken);
                }
                false
            }
            _ => {
                if let Some(name) = self.list_name() {
                    self.push(name, How::Assigned);
                }
                false
            }
        }
    }

    /// The name of the YAML list that the value is an item of: the key above the lines that begin with a dash like its own.
    fn list_name(&self) -> Option<Span> {
        const ITEMS: usize = 64;
        let mut start = token::line_start(self.text, self.value.start);
        let before = &self.text[start..self.value.start];
        let dash = before.iter().position(|&byte| byte != b' ').filter(|&at| before[at] == b'-')?;
        if !before[dash + 1..].iter().all(|&byte| byte == b' ' || token::is_quote(byte)) {
            return None;
        }
        for _ in 0..ITEMS {
            let end = start.checked_sub(1)?;
            start = token::line_start(self.text, end);
            let line = &self.text[start..end];
            if line.trim_ascii().is_empty() || line.trim_ascii().starts_with(b"#") {
                continue;
            }
            let blanks = line.iter().take_while(|&&byte| byte == b' ').count();
            if line[blanks] == b'-' && blanks == dash {
                continue;
            }
            let key = line.trim_ascii_end().strip_suffix(b":").filter(|_| blanks <= dash)?;
            return operand(self.text, start + key.len());
        }
        None
    }

    /// Nothing but blanks and quotes stands before the value on its line.
    fn alone(&self) -> bool {
        let start = token::line_start(self.text, self.value.start);
        self.text[start..self.value.start].iter().all(|&byte| byte.is_ascii_whitespace() || token::is_quote(byte))
    }

    fn word(&mut self, span: Span, start: usize) -> bool {
        let word = span.of(self.text);
        let touches = self.text.get(span.end).is_some_and(|&byte| token::is_quote(byte));
        if touches
            && span.len() <= 2
            && matches!(word, b"b" | b"r" | b"f" | b"u" | b"L" | b"br" | b"rb" | b"s" | b"@" | b"$" | b"$@" | b"c")
        {
            return self.skip(start);
        }
        if word.iter().all(|&byte| byte == b'-') {
            // `name <- value` in R, a list item's dash in YAML.
            return if start > 0 && self.text[start - 1] == b'<' { self.assigned(start - 1) } else { self.skip(start) };
        }
        if word.starts_with(b"-") && !self.listed {
            // `-fsS`: several flags of a letter each.
            if word.len() <= 5 && !word.starts_with(b"--") && word.iter().any(u8::is_ascii_uppercase) {
                return false;
            }
            self.push(span, How::Assigned);
            // `gh secret set NAME --body value`
            if EMPTY_FLAGS.contains(&word)
                && let Some(label) = label(self.text, span.start, false)
            {
                self.push(label, How::Sibling);
            }
            return false;
        }
        if self.listed {
            return self.sibling(span, start);
        }
        match word {
            b"or" | b"else" | b"OR" => self.alternative(start),
            b"is" | b"are" | b"was" | b"to" | b"ist" | b"es" => self.assigned(start),
            _ => {
                self.push(self.phrase(span), How::Spoken);
                false
            }
        }
    }

    /// Words that belong together: `API Key`, `private part`.
    fn phrase(&self, last: Span) -> Span {
        let mut span = last;
        for _ in 0..3 {
            match token::previous(self.text, span.start) {
                Some((Token::Word(word), start))
                    if word.end < span.start
                        && self.text[word.end..span.start].iter().all(|&b| b == b' ' || b == b'\t')
                        && word.len() <= 20
                        && !word.of(self.text).starts_with(b"-") =>
                {
                    span = Span::new(start, span.end);
                }
                _ => break,
            }
        }
        span
    }

    fn punct(&mut self, byte: u8, at: usize) -> bool {
        let before = at.checked_sub(1).map_or(0, |i| self.text[i]);
        match byte {
            b'=' => self.assigned(skip_back(self.text, at, b":=!<>+|?~.")),
            b':' if before == b':' => false,
            b':' => self.assigned(at),
            b'>' if before == b'=' || before == b'-' => self.assigned(at - 1),
            b'>' if self.text[..at].ends_with(b"&lt;") => false,
            b'>' => self.tag(at),
            b'|' if before == b'|' => self.alternative(at - 1),
            b'?' if before == b'?' => self.alternative(at - 1),
            b'|' | b'-' if matches!(token::previous(self.text, at), Some((Token::Punct(b':', _), _))) => self.skip(at),
            b'|' => false,
            b',' => self.comma(at),
            b';' if self.text[..at].ends_with(b"&quot") => self.skip(at - 5),
            b'(' => self.call(at),
            b'[' => {
                // A list: what it is assigned to names its elements; the row around it doesn't.
                self.skip(at) && !matches!(token::previous(self.text, at), Some((Token::Punct(b',', _), _)))
            }
            b'{' if self.newlines == 0 || self.listed => false,
            b'{' | b'}' | b')' | b']' | b';' => {
                if self.listed && (byte == b')' || byte == b']' || byte == b'}') {
                    match open_of(self.text, at) {
                        Some(open) => self.skip(open),
                        None => false,
                    }
                } else {
                    false
                }
            }
            _ => self.skip(at),
        }
    }

    /// An assignment or key: reads the name to the left of the operator at `at`.
    fn assigned(&mut self, at: usize) -> bool {
        if let Some(name) = self.of_several(at) {
            self.push(name, How::Assigned);
            return false;
        }
        let Some(span) = operand(self.text, at) else { return false };
        self.push(span, if self.listed { How::Sibling } else { How::Assigned });
        let own = span.of(self.text).to_ascii_lowercase();
        let empty = EMPTY.iter().any(|word| word.as_bytes() == own.as_slice());
        if (empty || matches!(names::verdict(&own), Verdict::Nothing))
            && let Some(label) = label(self.text, span.start, empty)
        {
            self.push(label, How::Sibling);
        }
        self.pos = span.start;
        false
    }

    /// The name that is the value's in `key, secret = "...", "..."` and `const [key, secret] = ["...", "..."]`, whose
    /// operator is at `at`.
    fn of_several(&self, at: usize) -> Option<Span> {
        const MOST: usize = 8;
        let left = Span::new(token::line_start(self.text, at), at);
        let compared = matches!(self.text.get(at + 1), Some(b'=' | b'>' | b'~'));
        let literal = |&byte: &u8| token::is_quote(byte);
        if self.newlines > 0
            || self.text.get(at) != Some(&b'=')
            || compared
            || !left.of(self.text).contains(&b',')
            || left.of(self.text).iter().any(literal)
        {
            return None;
        }
        let names = split(self.text, left, b',');
        // `const`, `let`, and the bracket in front of the first name.
        let name = |cell: &Span| {
            let inside = cell.of(self.text);
            let from = inside.iter().rposition(|byte| matches!(byte, b'[' | b'(' | b'{')).map_or(0, |at| at + 1);
            let words = trim(self.text, Span::new(cell.start + from, cell.end));
            let from = words.of(self.text).iter().rposition(|&byte| byte == b' ').map_or(0, |at| at + 1);
            let end = words.of(self.text).iter().rposition(|byte| !matches!(byte, b']' | b')' | b'}' | b' '));
            Span::new(words.start + from, end.map_or(words.start + from, |end| words.start + end + 1))
        };
        let plain = |name: &Span| !name.is_empty() && name.of(self.text).iter().all(|&byte| token::is_word(byte));
        let names: Vec<Span> = names.iter().map(name).collect();
        if names.len() > MOST || !names.iter().all(plain) {
            return None;
        }
        let (mut number, mut quote) = (0, None);
        for &byte in &self.text[at..self.value.start] {
            match quote {
                Some(mark) => quote = (byte != mark).then_some(mark),
                None if token::is_quote(byte) => quote = Some(byte),
                None => number += usize::from(byte == b','),
            }
        }
        names.get(number).copied()
    }

    /// `process.env.NAME || value`: the left side names it, and what the whole is assigned to does too.
    fn alternative(&mut self, at: usize) -> bool {
        let line = token::line_start(self.text, at);
        let side = Span::new(line, at);
        if let Some(name) = last_part(self.text, side) {
            self.push(name, How::Sibling);
        }
        let left = &self.text[line..at];
        if let Some(equals) = left.iter().position(|&b| b == b'=').or_else(|| left.iter().position(|&b| b == b':')) {
            return self.assigned(skip_back(self.text, line + equals, b":=!<>+|?~."));
        }
        false
    }

    fn comma(&mut self, at: usize) -> bool {
        self.listed = true;
        self.skip(at)
    }

    /// An element before the value in a list of arguments or items.
    fn sibling(&mut self, span: Span, start: usize) -> bool {
        let word = span.of(self.text);
        let named = self.binding.names.iter().any(|name| name.how == How::Sibling);
        let nearest = self.text[span.end..self.value.start].iter().filter(|&&b| b == b',').count() == 1;
        if nearest && !named && word.len() <= 60 && !matches!(names::verdict(word), Verdict::Nothing) {
            self.push(span, How::Sibling);
        }
        self.skip(start)
    }

    /// An opening parenthesis: the word before it is what is called; what that is assigned to may name the value too.
    fn call(&mut self, at: usize) -> bool {
        match token::previous(self.text, at) {
            Some((Token::Word(span), start))
                if span.end == at || self.text[span.end..at].iter().all(|&b| b == b' ') =>
            {
                if self.binding.callee.is_none() {
                    self.binding.callee = Some(span);
                }
                // Of several arguments none is what the result is called after; a lone one may be (`key: d("...")`).
                let behind = self.text[self.value.end..]
                    .iter()
                    .find(|&&byte| !token::is_quote(byte) && byte != b'\\' && byte != b' ');
                if self.listed || behind == Some(&b',') {
                    return false;
                }
                self.listed = false;
                self.pos = start;
                // `String::from`: the type belongs to the call.
                while let Some(path) = self.text[..self.pos].strip_suffix(b"::")
                    && let Some((Token::Word(_), start)) = token::previous(self.text, path.len())
                {
                    self.pos = start;
                }
                // Wrappers in front of the call: `new`, `await`, `\`.
                while let Some((Token::Word(word), start)) = token::previous(self.text, self.pos) {
                    if matches!(word.of(self.text), b"new" | b"await" | b"return" | b"throw" | b"yield") {
                        self.pos = start;
                    } else {
                        return false;
                    }
                }
                true
            }
            Some((Token::Punct(b'>' | b'!' | b']', _), _)) => false,
            _ => {
                self.listed = false;
                self.skip(at)
            }
        }
    }

    /// `<name>value`, `<key>name</key><string>value`, `<entry key="name">value`.
    fn tag(&mut self, at: usize) -> bool {
        let from = at.saturating_sub(160);
        let Some(open) = memchr::memrchr(b'<', &self.text[from..at]).map(|found| from + found) else { return false };
        let inside = Span::new(open + 1, at);
        if let Some(named) = role_word(self.text, inside) {
            self.push(named, How::Assigned);
            return false;
        }
        // The text element before this one.
        let floor = open.saturating_sub(200);
        let Some(close) = memchr::memrchr(b'<', &self.text[floor..open]).map(|found| floor + found) else {
            return false;
        };
        if let Some(begin) = memchr::memrchr(b'>', &self.text[floor..close]).map(|found| floor + found + 1) {
            self.push(trim(self.text, Span::new(begin, close)), How::Sibling);
        }
        false
    }
}
