//! Lines of `.gitignore` as git takes them, byte by byte. Matchers of other tools differ in what nobody sees: to them
//! braces are alternatives, a tab at the end is nothing, and `[[:lower:]]` is no class. Then a file is left out that git
//! commits, or said to be committed that git ignores.
//!
//! A match takes time by the product of the lengths at most, whatever the pattern: the patterns are a stranger's.

#[cfg(test)]
mod tests;

/// The patterns of an ignore file.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    all: Vec<Pattern>,
    fold: bool,
}

#[derive(Debug)]
struct Pattern {
    /// `!`: what matches is not ignored.
    again: bool,
    /// Folders only.
    folders: bool,
    /// Without a slash: it speaks of the last name of a path, in whatever folder.
    name: bool,
    /// The first and the last byte of all that it matches, where they are plain: nearly every path ends here.
    edges: [Option<u8>; 2],
    start: Box<[u8]>,
    rest: Rest,
}

/// What follows the plain start of a pattern.
#[derive(Debug)]
enum Rest {
    /// Nothing.
    End,
    /// `*` and a plain end, which most patterns are.
    Ends(Box<[u8]>),
    Wild(Box<[Token]>),
}

#[derive(Debug)]
enum Token {
    Byte(u8),
    /// Any byte of these; there is never a slash among them.
    Class(Box<Class>),
    /// `?`
    Any,
    /// `*`
    Star,
    /// `**` as a whole name.
    Deep,
    /// The same with the slash behind it: nothing, or all up to some slash.
    Folders,
}

type Class = [u64; 4];

impl Patterns {
    /// Of a file's bytes. With `fold`, `A` and `a` are the same.
    pub(super) fn new(text: &[u8], fold: bool) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let all = text.split(|&byte| byte == b'\n').filter_map(|line| Pattern::new(line, fold)).collect();
        Self { all, fold }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a path, with `/` between names and seen from the file's folder, is ignored. None if they say nothing of it.
    pub(super) fn ignores(&self, path: &[u8], folder: bool) -> Option<bool> {
        let folded = self.fold.then(|| path.to_ascii_lowercase());
        let path = folded.as_deref().unwrap_or(path);
        let name = path.rsplit(|&byte| byte == b'/').next().unwrap_or(path);
        let matches = |one: &&Pattern| (folder || !one.folders) && one.matches(if one.name { name } else { path });
        self.all.iter().rev().find(matches).map(|one| !one.again)
    }
}

impl Pattern {
    /// Of a line; None if there is nothing that it could match.
    fn new(line: &[u8], fold: bool) -> Option<Self> {
        if line.starts_with(b"#") {
            return None;
        }
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // To git a line is a text of C.
        let line = without_blanks(line.split(|&byte| byte == 0).next().unwrap_or(line));
        let (again, line) = line.strip_prefix(b"!").map_or((false, line), |rest| (true, rest));
        let (folders, line) = line.strip_suffix(b"/").map_or((false, line), |rest| (true, rest));
        let name = !line.contains(&b'/');
        let line = line.strip_prefix(b"/").unwrap_or(line);
        if line.is_empty() {
            return None;
        }
        let plain = line.iter().position(|byte| b"*?[\\".contains(byte)).unwrap_or(line.len());
        let (start, wild) = line.split_at(plain);
        let start = if fold { start.to_ascii_lowercase() } else { start.to_vec() };
        let tokens = tokens(wild, fold)?;
        let last = match tokens.last() {
            None => start.last().copied(),
            Some(Token::Byte(byte)) => Some(*byte),
            Some(_) => None,
        };
        let edges = [start.first().copied(), last];
        let rest = match tokens {
            tokens if tokens.is_empty() => Rest::End,
            tokens => match ending(&tokens).filter(|_| name) {
                Some(end) => Rest::Ends(end),
                None => Rest::Wild(tokens.into()),
            },
        };
        Some(Self { again, folders, name, edges, start: start.into(), rest })
    }

    fn matches(&self, text: &[u8]) -> bool {
        let [first, last] = self.edges;
        if (first.is_some() && first != text.first().copied()) || (last.is_some() && last != text.last().copied()) {
            return false;
        }
        let Some(text) = text.strip_prefix(&*self.start) else { return false };
        match &self.rest {
            Rest::End => text.is_empty(),
            Rest::Ends(end) => text.ends_with(end),
            Rest::Wild(tokens) => matches(tokens, text),
        }
    }
}

/// A line without the blanks at its end; an escaped one stays.
fn without_blanks(line: &[u8]) -> &[u8] {
    let (mut end, mut at) = (0, 0);
    while let Some(byte) = line.get(at) {
        at += if *byte == b'\\' { 2 } else { 1 };
        if *byte != b' ' {
            end = at.min(line.len());
        }
    }
    &line[..end]
}

/// The end of a pattern that has one star and then plain bytes.
fn ending(tokens: &[Token]) -> Option<Box<[u8]>> {
    let (Token::Star, rest) = tokens.split_first()? else { return None };
    rest.iter().map(|token| if let Token::Byte(byte) = token { Some(*byte) } else { None }).collect()
}

/// None if nothing can match: a class without an end, a backslash before nothing.
fn tokens(wild: &[u8], fold: bool) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&byte) = wild.get(at) {
        at += 1;
        tokens.push(match byte {
            b'*' => {
                let begins = at == 1 || wild[at - 2] == b'/';
                let stars = wild[at..].iter().take_while(|&&byte| byte == b'*').count();
                at += stars;
                match &wild[at..] {
                    [] if stars > 0 && begins => Token::Deep,
                    [b'\\', b'/', ..] if stars > 0 && begins => Token::Deep,
                    [b'/', ..] if stars > 0 && begins => {
                        at += 1;
                        Token::Folders
                    }
                    _ => Token::Star,
                }
            }
            b'?' => Token::Any,
            b'[' => {
                let (class, length) = class(&wild[at..], fold)?;
                at += length;
                Token::Class(Box::new(class))
            }
            b'\\' => {
                at += 1;
                // Git does not fold what is escaped: `\A` matches nothing then.
                Token::Byte(*wild.get(at - 1)?)
            }
            byte => Token::Byte(if fold { byte.to_ascii_lowercase() } else { byte }),
        });
    }
    Some(tokens)
}

/// The bytes of a class, and its length behind `[`.
fn class(text: &[u8], fold: bool) -> Option<(Class, usize)> {
    let mut class = Class::default();
    let mut add = |holds: &dyn Fn(u8) -> bool| {
        for byte in (0..=u8::MAX).filter(|&byte| holds(byte)) {
            class[usize::from(byte >> 6)] |= 1 << (byte & 63);
        }
    };
    let inverted = matches!(text.first(), Some(b'!' | b'^'));
    let first = usize::from(inverted);
    let mut at = first;
    // The byte before, from which a range may start.
    let mut before = None;
    loop {
        let mut byte = *text.get(at)?;
        let next = text.get(at + 1).copied();
        match (byte, before, next) {
            (b']', ..) if at > first => break,
            (b'-', Some(low), Some(next)) if next != b']' => {
                at += if next == b'\\' { 2 } else { 1 };
                let high = *text.get(at)?;
                let within = |byte: u8| (low..=high).contains(&byte);
                add(&|byte| within(byte) || (fold && byte.is_ascii_lowercase() && within(byte.to_ascii_uppercase())));
                before = None;
            }
            (b'[', _, Some(b':')) => {
                let end = at + 2 + text[at + 2..].iter().position(|&byte| byte == b']')?;
                if let Some(name) = text[at + 2..end].strip_suffix(b":") {
                    let holds = named(name)?;
                    add(&|byte| holds(byte) || (fold && name == b"upper" && byte.is_ascii_lowercase()));
                    (at, before) = (end, None);
                } else {
                    add(&|one| one == b'[');
                    before = Some(b'[');
                }
            }
            _ => {
                if byte == b'\\' {
                    at += 1;
                    byte = next?;
                }
                add(&|one| one == byte);
                before = Some(byte);
            }
        }
        at += 1;
    }
    if inverted {
        class = class.map(|bits| !bits);
    }
    class[usize::from(b'/' >> 6)] &= !(1 << (b'/' & 63));
    Some((class, at + 1))
}

/// A class by its name, as git's tables have it; an unknown one makes the pattern void.
fn named(name: &[u8]) -> Option<fn(u8) -> bool> {
    Some(match name {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| byte == b' ' || byte.is_ascii_graphic(),
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" => |byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'),
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return None,
    })
}

impl Token {
    fn takes(&self, byte: u8) -> bool {
        match self {
            Self::Byte(own) => *own == byte,
            Self::Class(class) => class[usize::from(byte >> 6)] & (1 << (byte & 63)) != 0,
            Self::Any => byte != b'/',
            Self::Star | Self::Deep | Self::Folders => false,
        }
    }
}

/// Only the last star and the last `**` have to be tried again: between two of them a pattern has fixed slashes, so the
/// first match of what lies between leaves the most for the rest.
fn matches(tokens: &[Token], text: &[u8]) -> bool {
    let (mut at, mut here) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    let mut deep: Option<(usize, usize)> = None;
    loop {
        match tokens.get(at) {
            Some(Token::Star) => {
                star = Some((at, here));
                at += 1;
                continue;
            }
            Some(Token::Deep | Token::Folders) => {
                (deep, star) = (Some((at, here)), None);
                at += 1;
                continue;
            }
            Some(token) if text.get(here).is_some_and(|&byte| token.takes(byte)) => {
                at += 1;
                here += 1;
                continue;
            }
            None if here == text.len() => return true,
            _ => {}
        }
        if let Some((token, end)) = star.filter(|&(_, end)| text.get(end).is_some_and(|&byte| byte != b'/')) {
            star = Some((token, end + 1));
            (at, here) = (token + 1, end + 1);
            continue;
        }
        let Some((token, end)) = deep else { return false };
        let more = match tokens[token] {
            Token::Folders => text[end..].iter().position(|&byte| byte == b'/').map(|slash| slash + 1),
            _ => (end < text.len()).then_some(1),
        };
        let Some(more) = more else { return false };
        (deep, star) = (Some((token, end + more)), None);
        (at, here) = (token + 1, end + more);
    }
}
