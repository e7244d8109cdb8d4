//! The name a value is bound to, in any language, without a parser for any: assignment, keys of JSON, YAML, TOML, INI and
//! XML, keyword and positional arguments, headers, query strings, flags, table and CSV columns, a word in front of it.
//!
//! The text is read backwards from the value ([`super::token`]) until something names it. Several names are kept, nearest
//! first, because the nearest is often empty of meaning (`value=`, `default=`, `Some(`).

use std::cell::{Cell, OnceCell};

use super::names::{self, Verdict};
use super::token::{self, Token};
use crate::span::Span;

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
    let mut reader = Reader { text, value, binding: Binding::default(), pos: value.start, newlines: 0, listed: false };
    reader.read();
    let mut binding = reader.binding;
    // A value is no name, even if it stands where one does.
    let opaque = |name: &Name| {
        let text = name.span.of(text);
        let token = text.iter().all(|&byte| super::candidate::is_token(byte)) && text.iter().any(u8::is_ascii_digit);
        token && text.len() >= super::candidate::MIN_RUN && super::randomness::is_random(text)
    };
    binding.names.retain(|name| !opaque(name));
    let told = binding.names.iter().any(|name| !matches!(names::verdict(name.span.of(text)), Verdict::Nothing));
    if !told
        && let Some(span) =
            columns.copied(text, value).or_else(|| columns.column(text, value)).or_else(|| sql_column(text, value))
    {
        binding.names.insert(0, Name { span, how: How::Column });
    }
    binding
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

impl Reader<'_> {
    fn read(&mut self) {
        let floor = self.value.start.saturating_sub(MAX_BYTES);
        for _ in 0..MAX_TOKENS {
            if self.pos <= floor {
                return;
            }
            let Some((token, start)) = token::previous(self.text, self.pos) else { return };
            let go_on = match token {
                Token::Quote(_) => self.skip(self.url(start).unwrap_or(start)),
                Token::Newline(_) => self.newline(start),
                Token::Word(span) => self.word(span, start),
                Token::Punct(byte, at) => self.punct(byte, at),
            };
            if !go_on {
                return;
            }
        }
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

/// Where a run of the bytes in `set` that ends before `at` starts.
fn skip_back(text: &[u8], mut at: usize, set: &[u8]) -> usize {
    while at > 0 && set.contains(&text[at - 1]) {
        at -= 1;
    }
    at
}

/// The bracket that opens what the one at `close` closes, within reason.
fn open_of(text: &[u8], close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (close.saturating_sub(MAX_BYTES)..=close).rev() {
        match text[at] {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// The name to the left of an operator at `at`: `name`, `"a name"`, `NAME[...]`, `name: type`, `Some Words`.
fn operand(text: &[u8], at: usize) -> Option<Span> {
    let line = token::line_start(text, at);
    let (token, start) = token::previous(text, at)?;
    match token {
        Token::Quote(quote) => {
            let mark = text[quote.end - 1];
            let open = text[line..start]
                .iter()
                .rposition(|&byte| byte == mark || (mark == b';' && byte == b';'))
                .map(|found| line + found)?;
            let mut name = Span::new(open + 1, start);
            while name.end > name.start && text[name.end - 1] == b'\\' {
                name.end -= 1;
            }
            Some(name)
        }
        Token::Word(span) => {
            // A type between the name and the `=`: `name: Type = `, `const K: &str = `.
            if text.get(at) == Some(&b'=') {
                // `$env:NAME = ` of PowerShell.
                let before = &text[line..span.start];
                if before.len() >= 4 && before[before.len() - 4..].eq_ignore_ascii_case(b"env:") {
                    return Some(span);
                }
                // `Const NAME As String = ` of Visual Basic.
                if let Some((Token::Word(word), from)) = token::previous(text, start)
                    && word.of(text).eq_ignore_ascii_case(b"as")
                    && let Some((Token::Word(name), _)) = token::previous(text, from)
                {
                    return Some(name);
                }
                if let Some((Token::Punct(b':' | b'&' | b'*' | b'[' | b'<' | b'|', _), _)) =
                    token::previous(text, start)
                    && let Some(name) = typed(text, line, start)
                {
                    return Some(name);
                }
                return Some(span);
            }
            // `API Key: value`
            let mut name = span;
            for _ in 0..3 {
                match token::previous(text, name.start) {
                    Some((Token::Word(word), start))
                        if start >= line
                            && word.end < name.start
                            && text[word.end..name.start].iter().all(|&b| b == b' ')
                            && word.len() <= 24
                            && text[start] != b'-' =>
                    {
                        name = Span::new(start, name.end)
                    }
                    _ => break,
                }
            }
            Some(name)
        }
        Token::Punct(b']', close) => {
            let open = open_of(text, close)?;
            let inside = Span::new(open + 1, close);
            let quoted = inside.of(text).iter().any(|&byte| token::is_quote(byte));
            if quoted { Some(trim(text, inside)) } else { typed(text, line, close).or_else(|| operand(text, open)) }
        }
        // `ApiKey { get; set; } = value`
        Token::Punct(b'}', close) => {
            let open = open_of(text, close)?;
            let accessors = memchr::memmem::find(&text[open..close], b"get").is_some();
            if accessors { operand(text, open) } else { None }
        }
        Token::Punct(b'>', at) => typed(text, line, at),
        Token::Punct(b')', close) => {
            // `set(NAME) = `, Markdown `**API Key (main)**:`
            operand(text, open_of(text, close)?)
        }
        Token::Punct(b'*' | b'?' | b'!' | b':', at) if at > line => operand(text, skip_back(text, at, b"*?!:")),
        _ => None,
    }
}

/// The name in front of a type annotation on this line: a colon with nothing but a type behind it.
fn typed(text: &[u8], line: usize, before: usize) -> Option<Span> {
    let colon = text[line..before].iter().rposition(|&byte| byte == b':').map(|found| line + found)?;
    let of_type = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b' ' | b'_' | b'&' | b'*' | b'[' | b']' | b'<' | b'>' | b';' | b',' | b'\'' | b'|' | b'.' | b':'
            )
    };
    if !text[colon + 1..before].iter().all(|&byte| of_type(byte))
        || text[colon + 1..before].first().is_some_and(u8::is_ascii_digit)
    {
        return None;
    }
    match token::previous(text, colon)? {
        (Token::Word(span), _) => Some(span),
        _ => None,
    }
}

/// The last name of an expression: `process.env.OKX_KEY`, `os.getenv("OKX_KEY")`.
fn last_part(text: &[u8], side: Span) -> Option<Span> {
    let mut end = side.end;
    while end > side.start {
        let (token, start) = token::previous(text, end)?;
        if start < side.start {
            return None;
        }
        if let Token::Word(span) = token {
            return Some(span);
        }
        end = start;
    }
    None
}

/// The nearest word to the left, within a few lines and at most one opening brace, that names a part of a credential.
/// Unless `far`, only on this line and the one before.
fn label(text: &[u8], before: usize, far: bool) -> Option<Span> {
    let (mut pos, mut newlines, mut braces) = (before, 0, 0);
    for _ in 0..24 {
        let (token, start) = token::previous(text, pos)?;
        match token {
            Token::Newline(_) => {
                newlines += 1;
                if newlines > if far { 4 } else { 0 } || braces > 0 {
                    return None;
                }
            }
            Token::Punct(b'{', _) => {
                braces += 1;
                if braces > 1 || !far {
                    return None;
                }
            }
            Token::Punct(b'}' | b';', _) => return None,
            Token::Word(span) if span.len() <= 60 && !matches!(span.of(text), b"key" | b"k") => {
                let verdict = names::verdict(span.of(text));
                let compound = names::words(span.of(text)).len() > 1;
                if matches!(verdict, Verdict::Part(..)) || verdict == Verdict::Other && compound {
                    return Some(span);
                }
            }
            _ => {}
        }
        pos = start;
    }
    None
}

/// The first word inside `span` that names a part of a credential.
fn role_word(text: &[u8], span: Span) -> Option<Span> {
    let mut end = span.end;
    while end > span.start {
        let (token, start) = token::previous(text, end)?;
        if start < span.start {
            return None;
        }
        if let Token::Word(word) = token
            && matches!(names::verdict(word.of(text)), Verdict::Part(..))
        {
            return Some(word);
        }
        end = start;
    }
    None
}

/// A span without blanks, quotes and marks at its ends.
fn trim(text: &[u8], mut span: Span) -> Span {
    let edge = |byte: u8| {
        byte.is_ascii_whitespace() || token::is_quote(byte) || matches!(byte, b'*' | b'#' | b':' | b'\\' | b'|' | b'>')
    };
    while !span.is_empty() && edge(text[span.start]) {
        span.start += 1;
    }
    while !span.is_empty() && edge(text[span.end - 1]) {
        span.end -= 1;
    }
    span
}

/// How far above a header may stand.
const HEADER_REACH: usize = 64 * 1024;

/// The table that was looked at last, so that a value in every line of a long one does not cost a walk to its top.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    last: Cell<Option<Table>>,
    /// Where the text says `COPY`.
    copies: OnceCell<Vec<usize>>,
}

/// Neighbouring lines with as many of one mark.
#[derive(Clone, Copy, Debug)]
struct Table {
    mark: u8,
    marks: usize,
    /// The line that was asked about.
    line: usize,
    /// The first line; none if it is this one or too far above.
    header: Option<Span>,
    /// Where the search for it ended: it is the table's top, or as far as is looked.
    too_far: bool,
}

impl Columns {
    /// The column of a value in the rows behind `COPY t (columns) FROM stdin;`.
    fn copied(&self, text: &[u8], value: Span) -> Option<Span> {
        let start = token::line_start(text, value.start);
        let index = memchr::memchr_iter(b'\t', &text[start..value.start]).count();
        if index == 0 && text.get(value.end) != Some(&b'\t') {
            return None;
        }
        let floor = start.saturating_sub(HEADER_REACH);
        const COPY: &[u8] = b"COPY ";
        let copies = self.copies.get_or_init(|| memchr::memmem::find_iter(text, COPY).collect());
        let last = copies.partition_point(|&at| at + COPY.len() <= start);
        let head = copies[..last].last().copied().filter(|&at| at >= floor)?;
        let line = Span::new(head, token::line_end(text, head));
        let open = head + memchr::memchr(b'(', line.of(text))?;
        let close = head + memchr::memchr(b')', line.of(text))?;
        if !line.of(text)[close - head..].windows(4).any(|four| four.eq_ignore_ascii_case(b"from")) || close < open {
            return None;
        }
        let cell = trim(text, *split(text, Span::new(open + 1, close), b',').get(index)?);
        (!cell.is_empty() && cell.len() <= 40).then_some(cell)
    }

    /// The header of the value's column in a CSV, TSV or Markdown table.
    fn column(&self, text: &[u8], value: Span) -> Option<Span> {
        let start = token::line_start(text, value.start);
        let end = token::line_end(text, value.end);
        let line = &text[start..end];
        if line.len() >= 4096 {
            return None;
        }
        let count = |mark: u8| line.iter().filter(|&&byte| byte == mark).count();
        let mark = [b'|', b'\t', b';', b',']
            .into_iter()
            .find(|&mark| count(mark) >= 2 || (count(mark) == 1 && mark != b'|'))?;
        let marks_here = count(mark);
        let index = text[start..value.start].iter().filter(|&&byte| byte == mark).count();
        let table = self.table(text, start, mark, marks_here);
        let cells: Vec<Span> = split(text, table.header?, mark);
        let cell = trim(text, *cells.get(index)?);
        (!cell.is_empty() && cell.len() <= 40).then_some(cell)
    }

    /// The table that the line at `start` is in.
    fn table(&self, text: &[u8], start: usize, mark: u8, marks_here: usize) -> Table {
        let known = self.last.get().filter(|table| table.mark == mark && table.marks == marks_here);
        let mut found = Table { mark, marks: marks_here, line: start, header: None, too_far: false };
        let mut at = start;
        while at > 0 {
            if let Some(known) = known.filter(|known| known.line == at) {
                found.too_far = known.too_far;
                found.header = known.header.or(found.header).filter(|_| !found.too_far);
                break;
            }
            let above_end = if at >= 2 && text[at - 1] == b'\n' && text[at - 2] == b'\r' { at - 2 } else { at - 1 };
            let above = token::line_start(text, above_end);
            let marks = memchr::memchr_iter(mark, &text[above..above_end]).count();
            if marks != marks_here {
                break;
            }
            found.header = Some(Span::new(above, above_end));
            at = above;
            if start - at >= HEADER_REACH {
                found.too_far = true;
                break;
            }
        }
        found.too_far |= found.header.is_some_and(|header| start - header.start >= HEADER_REACH);
        if found.too_far {
            found.header = None;
        }
        self.last.set(Some(found));
        found
    }
}

/// The cells of a line.
pub(crate) fn split(text: &[u8], line: Span, mark: u8) -> Vec<Span> {
    let mut cells = Vec::new();
    let mut from = line.start;
    for at in memchr::memchr_iter(mark, line.of(text)).map(|found| line.start + found) {
        cells.push(Span::new(from, at));
        from = at + 1;
    }
    cells.push(Span::new(from, line.end));
    cells
}

/// The column of a value in `INSERT INTO t (columns) VALUES (values)`.
fn sql_column(text: &[u8], value: Span) -> Option<Span> {
    let floor = value.start.saturating_sub(2048);
    let before = &text[floor..value.start];
    let values = memchr::memrchr2_iter(b'v', b'V', before)
        .find(|&at| before.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"values")))?;
    let values = floor + values;
    let close = floor + memchr::memrchr(b')', &text[floor..values])?;
    let open = open_of(text, close)?;
    let tuple = values + memchr::memrchr(b'(', &text[values..value.start])?;
    let index = memchr::memchr_iter(b',', &text[tuple..value.start]).count();
    let cell = trim(text, *split(text, Span::new(open + 1, close), b',').get(index)?);
    (!cell.is_empty() && cell.len() <= 40).then_some(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value is written `@@@@`; the expected names are separated by commas.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let at = text.find("@@@@").expect("a value");
        let text = text.replace("@@@@", "V4lu");
        let binding = bind(text.as_bytes(), Span::new(at, at + 4));
        let names: Vec<&str> = binding
            .names
            .iter()
            .map(|name| std::str::from_utf8(name.span.of(text.as_bytes())).expect("text"))
            .collect();
        assert_eq!(names.join(","), expected, "{text}");
    }

    #[test]
    fn names_in_many_languages() {
        for (text, expected) in [
            ("API_KEY=@@@@", "API_KEY"),
            ("export API_KEY='@@@@'", "API_KEY"),
            ("api_key = \"@@@@\"", "api_key"),
            ("\"apiKey\": \"@@@@\"", "apiKey"),
            ("{\\\"apiKey\\\":\\\"@@@@\\\"}", "apiKey"),
            ("  apiKey: @@@@", "apiKey"),
            ("Secret Key: @@@@", "Secret Key"),
            ("const K: &str = \"@@@@\";", "K"),
            ("static K: &[u8] = b\"@@@@\";", "K"),
            ("static S: &[u8; 36] = b\"@@@@\";", "S"),
            ("private static final String PASSWORD = \"@@@@\";", "PASSWORD"),
            ("key <- '@@@@'", "key"),
            ("'X-API-KEY': `@@@@`,", "X-API-KEY"),
            ("-H \"X-MBX-APIKEY: @@@@\"", "X-MBX-APIKEY"),
            ("Client(api_key=\"@@@@\")", "api_key"),
            ("c.key = process.env.OKX_KEY || '@@@@'", "process.env.OKX_KEY,c.key"),
            ("os.environ['API_SECRET'] = '@@@@'", "API_SECRET"),
            ("{ \"apiKey\", \"@@@@\" }", "apiKey"),
            ("run --key @@@@ --x", "--key"),
            ("[\"run\", \"--secret\", \"@@@@\"]", "--secret"),
            ("<key>OkxKey</key>\n<string>@@@@</string>", "OkxKey"),
            ("<apiSecret>@@@@</apiSecret>", "apiSecret"),
            ("<add key=\"OkxApiKey\" value=\"@@@@\" />", "value,OkxApiKey"),
            ("- name: OKX_SECRET\n  value: \"@@@@\"", "value,OKX_SECRET"),
            ("{\"key\": \"secret-key\", \"value\": \"@@@@\"}", "value,secret-key"),
            ("variable \"okx_api_key\" {\n  type = string\n  default = \"@@@@\"\n}", "default,okx_api_key"),
            ("API_SECRET = (\n    \"@@@@\"\n)", "API_SECRET"),
            ("API_KEY = \\\n    \"@@@@\"", "API_KEY"),
            ("ENV API_KEY \"@@@@\"", "ENV API_KEY"),
            ("key: d(\"@@@@\")", "key"),
            ("let api_key = Some(\"@@@@\".into());", "api_key"),
            ("?apikey=a&apisecret=@@@@&n=1", "apisecret"),
            ("12:25:05 \"GET /x?apikey=a&apisecret=@@@@&n=1", "apisecret"),
            ("api_secret: String::from(\"@@@@\"),", "api_secret"),
            ("public string ApiKey { get; set; } = \"@@@@\";", "public string ApiKey"),
            ("密钥：@@@@", "密钥"),
            ("ключ = \"@@@@\"", "ключ"),
            ("secret: |\n  @@@@", "secret"),
            ("id;venue;pub;priv\n1;okx;a;@@@@", "priv"),
            ("| name | api key | secret |\n|---|---|---|\n| a | @@@@ | b |", "api key"),
            ("INSERT INTO k (venue, api_key, secret) VALUES ('okx', 'a', '@@@@');", "secret"),
            ("AK := \"@@@@\"", "AK"),
            ("const t = '@@@@';", "t"),
            ("the private part is @@@@.", "the private part"),
            ("hdr = \"X-KEY: @@@@\\r\\nX-SECRET: b\"", "X-KEY"),
            ("hdr = \"X-KEY: a\\r\\nX-SECRET: @@@@\"", "X-SECRET"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn callees() {
        for (text, expected) in [
            ("new Client('a', '@@@@')", "Client"),
            ("api = Foo.API(\"@@@@\")", "Foo.API"),
            ("foo(1,\n  \"a\",\n  \"@@@@\")", "foo"),
            ("Feed::connect(\"wss://api.x.dev/ws\", \"@@@@\")", "connect"),
        ] {
            let at = text.find("@@@@").expect("a value");
            let callee = bind(text.as_bytes(), Span::new(at, at + 4)).callee.map(|span| &text[span.range()]);
            assert_eq!(callee, Some(expected), "{text}");
        }
    }
}
