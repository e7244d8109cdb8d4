//! Regular expressions of Go (RE2 syntax), as gitleaks' rules hold them, translated to Rust's `regex` and compiled at the
//! first use.
//!
//! The two agree in most, and differ in what would be misread without a word: in Rust `\w`, `\d`, `\s` and `\b` mean
//! Unicode unless told otherwise, `{` that begins no repetition is an error, `[` `&&` `--` `~~` in a class are set
//! operations, `\<` and `\>` are edges of words, and there is no `\Q...\E`, no octal escape and no limit of 1000 for
//! repetitions. <https://github.com/google/re2/wiki/Syntax>, <https://pkg.go.dev/regexp/syntax>.

use std::fmt::Write as _;
use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// What Go's `regexp` allows as the count of a repetition.
const MOST_REPEATS: u32 = 1000;
/// An expression of more states than this is compiled when it is loaded, so that one that is too large is told at once.
const MANY_STATES: u64 = 50_000;
/// The memory an expression may take.
const SIZE_LIMIT: usize = 64 << 20;

/// One regular expression, or several of which one must match.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    unicode: bool,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Translates an expression of Go's.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(go: &str) -> Result<Self, String> {
        // Bytes first: `.` and `[^"]` then match any byte, also in texts that are no UTF-8, and tables stay small.
        match Self::in_mode(go, false) {
            Ok(pattern) => Ok(pattern),
            Err(_) => Self::in_mode(go, true),
        }
    }

    /// One expression that matches where any of some does.
    ///
    /// # Errors
    /// The number of the one that is wrong, and what is wrong with it.
    pub fn any(all: &[&str]) -> Result<Self, (usize, String)> {
        let mut unicode = false;
        for (number, go) in all.iter().enumerate() {
            unicode |= Self::new(go).map_err(|reason| (number, reason))?.unicode;
        }
        let parts: Vec<String> = all.iter().map(|go| format!("(?:{go})")).collect();
        Self::in_mode(&parts.join("|"), unicode).map_err(|reason| (0, reason))
    }

    fn in_mode(go: &str, unicode: bool) -> Result<Self, String> {
        let text = Translation { rest: go.chars().collect(), at: 0, out: String::new(), unicode }.run()?;
        let parsed = regex_syntax::ParserBuilder::new().utf8(false).unicode(unicode).build().parse(&text);
        let hir = parsed.map_err(|error| match error {
            regex_syntax::Error::Parse(error) => error.kind().to_string(),
            regex_syntax::Error::Translate(error) => error.kind().to_string(),
            other => other.to_string().replace('\n', " "),
        })?;
        let pattern = Self { text, unicode, regex: OnceLock::new() };
        if states(&hir) > MANY_STATES && pattern.regex().is_none() {
            return Err("it is too large to be compiled".to_owned());
        }
        Ok(pattern)
    }

    /// The expression in Rust's syntax.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The number of its groups, without the whole match.
    #[must_use]
    pub fn groups(&self) -> usize {
        let parsed = regex_syntax::ParserBuilder::new().utf8(false).unicode(self.unicode).build().parse(&self.text);
        parsed.map_or(0, |hir| hir.properties().explicit_captures_len())
    }

    /// The compiled expression. None only for one that is too large, which [`Pattern::new`] refuses.
    pub fn regex(&self) -> Option<&Regex> {
        let compile = || RegexBuilder::new(&self.text).unicode(self.unicode).size_limit(SIZE_LIMIT).build().ok();
        self.regex.get_or_init(compile).as_ref()
    }

    /// Whether it matches somewhere.
    #[must_use]
    pub fn is_in(&self, text: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

/// Roughly how many states an expression has when it is compiled.
fn states(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Repetition(repeated) => {
            let times = u64::from(repeated.max.unwrap_or(repeated.min).max(1));
            times.saturating_mul(states(&repeated.sub))
        }
        HirKind::Capture(capture) => states(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().fold(0, |sum: u64, part| sum.saturating_add(states(part)))
        }
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => 1 + class.ranges().len() as u64 * 3,
        HirKind::Literal(literal) => literal.0.len() as u64,
        _ => 1,
    }
}

/// A translation on its way.
struct Translation {
    rest: Vec<char>,
    at: usize,
    out: String,
    unicode: bool,
}

/// The classes of Go by their letters: what stands in brackets, without them.
fn class(letter: char) -> Option<(&'static str, bool)> {
    Some(match letter {
        'd' => ("0-9", false),
        'D' => ("0-9", true),
        'w' => ("0-9A-Za-z_", false),
        'W' => ("0-9A-Za-z_", true),
        // Without the vertical tab, which Rust's counts.
        's' => ("\\t\\n\\x0c\\r ", false),
        'S' => ("\\t\\n\\x0c\\r ", true),
        _ => return None,
    })
}

impl Translation {
    fn run(mut self) -> Result<String, String> {
        while let Some(letter) = self.next() {
            match letter {
                '\\' => self.escape(false)?,
                '[' => self.brackets()?,
                '{' => self.brace()?,
                '(' => self.open()?,
                other => self.out.push(other),
            }
        }
        Ok(self.out)
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.rest.get(self.at).copied();
        self.at += usize::from(letter.is_some());
        letter
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }

    /// A group's beginning; what Go doesn't know is refused, not taken in Rust's meaning.
    fn open(&mut self) -> Result<(), String> {
        self.out.push('(');
        if self.peek(0) != Some('?') {
            return Ok(());
        }
        match (self.peek(1), self.peek(2)) {
            (Some('P'), Some('<')) => {}
            (Some('<'), Some(next)) if next != '=' && next != '!' => {}
            (Some('<' | '=' | '!'), _) => return Err("look-around is not part of Go's syntax".to_owned()),
            (Some(_), _) => {
                let flags = self.rest[self.at + 1..].iter().take_while(|letter| !matches!(letter, ':' | ')'));
                if let Some(flag) = flags.clone().find(|letter| !matches!(letter, 'i' | 'm' | 's' | 'U' | '-')) {
                    return Err(format!("`{flag}` is no flag of Go's syntax"));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// `{`: a repetition, or a letter like others.
    fn brace(&mut self) -> Result<(), String> {
        let inside: String = self.rest[self.at..].iter().take_while(|letter| **letter != '}').collect();
        let closed = self.rest.get(self.at + inside.chars().count()) == Some(&'}');
        let (least, most) = inside.split_once(',').unwrap_or((&inside, &inside));
        let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !closed || !number(least) || !(number(most) || most.is_empty() && inside.contains(',')) {
            self.out.push_str("\\{");
            return Ok(());
        }
        let large = |text: &str| !text.is_empty() && text.parse::<u32>().map_or(true, |count| count > MOST_REPEATS);
        if large(least) || large(most) {
            return Err(format!("a repetition counts to {MOST_REPEATS} at most"));
        }
        let _ = write!(self.out, "{{{inside}}}");
        self.at += inside.len() + 1;
        Ok(())
    }

    /// What follows a backslash.
    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let letter = self.next().ok_or("it ends with a backslash")?;
        if let Some((members, negated)) = class(letter) {
            match (in_class, negated) {
                (true, false) => self.out.push_str(members),
                (_, true) => _ = write!(self.out, "[^{members}]"),
                (false, false) => _ = write!(self.out, "[{members}]"),
            }
            return Ok(());
        }
        match letter {
            'b' | 'B' if !in_class && self.unicode => _ = write!(self.out, "(?-u:\\{letter})"),
            'b' | 'B' | 'A' | 'z' if !in_class => _ = write!(self.out, "\\{letter}"),
            'a' | 'f' | 't' | 'n' | 'r' | 'v' => _ = write!(self.out, "\\{letter}"),
            'p' | 'P' if self.unicode => self.property(letter)?,
            'p' | 'P' => return Err("it needs Unicode".to_owned()),
            'Q' if !in_class => self.quoted(),
            'x' => self.hexadecimal()?,
            '0'..='7' => self.octal(letter)?,
            other if !other.is_alphanumeric() => self.literal(other),
            other => return Err(format!("`\\{other}` is not part of Go's syntax")),
        }
        Ok(())
    }

    fn property(&mut self, letter: char) -> Result<(), String> {
        let _ = write!(self.out, "\\{letter}");
        let first = self.next().ok_or("it ends within \\p")?;
        self.out.push(first);
        if first == '{' {
            loop {
                let letter = self.next().ok_or("`\\p{` is not closed")?;
                self.out.push(letter);
                if letter == '}' {
                    break;
                }
            }
        }
        Ok(())
    }

    fn quoted(&mut self) {
        while let Some(letter) = self.next() {
            if letter == '\\' && self.peek(0) == Some('E') {
                self.at += 1;
                return;
            }
            self.literal(letter);
        }
    }

    fn hexadecimal(&mut self) -> Result<(), String> {
        let digits: String = if self.peek(0) == Some('{') {
            let inside: String = self.rest[self.at + 1..].iter().take_while(|letter| **letter != '}').collect();
            self.at += inside.chars().count() + 2;
            inside
        } else {
            let two = self.rest[self.at..].iter().take(2).collect();
            self.at += 2;
            two
        };
        self.number(u32::from_str_radix(&digits, 16).ok(), "\\x")
    }

    fn octal(&mut self, first: char) -> Result<(), String> {
        let more = self.rest[self.at..].iter().take(2).take_while(|letter| matches!(letter, '0'..='7')).count();
        if first != '0' && more == 0 {
            return Err("references back to a group are not part of Go's syntax".to_owned());
        }
        let digits: String = std::iter::once(&first).chain(&self.rest[self.at..self.at + more]).collect();
        self.at += more;
        self.number(u32::from_str_radix(&digits, 8).ok(), "an octal escape")
    }

    fn number(&mut self, number: Option<u32>, what: &str) -> Result<(), String> {
        let letter = number.and_then(char::from_u32).ok_or_else(|| format!("{what} names no character"))?;
        self.literal(letter);
        Ok(())
    }

    /// A character that means itself, in a class and outside.
    fn literal(&mut self, letter: char) {
        if letter.is_alphanumeric() || letter == '_' || !letter.is_ascii() {
            self.out.push(letter);
        } else {
            let _ = write!(self.out, "\\x{:02x}", u32::from(letter));
        }
    }

    /// `[...]`: only the closing bracket, ranges, escapes and `[:name:]` mean something in it.
    fn brackets(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.peek(0) == Some('^') {
            self.at += 1;
            self.out.push('^');
        }
        let begin = self.at;
        loop {
            let letter = self.next().ok_or("`[` is not closed")?;
            match letter {
                ']' if self.at > begin + 1 => break,
                '[' if self.peek(0) == Some(':') => self.named()?,
                '\\' => self.escape(true)?,
                '-' if self.at == begin + 1 || self.peek(0) == Some(']') => self.literal('-'),
                // The middle of a range; what doubles it is a literal of the range's end.
                '-' => {
                    self.out.push('-');
                    if self.peek(0) == Some('-') {
                        self.at += 1;
                        self.literal('-');
                    }
                }
                '[' | ']' | '&' | '~' | '^' => self.literal(letter),
                other => self.out.push(other),
            }
        }
        self.out.push(']');
        Ok(())
    }

    fn named(&mut self) -> Result<(), String> {
        let inside: String = self.rest[self.at..].iter().take_while(|letter| **letter != ']').collect();
        let name = inside.strip_prefix(':').and_then(|name| name.strip_suffix(':'));
        let Some(name) = name else {
            self.literal('[');
            return Ok(());
        };
        if !name.trim_start_matches('^').bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Err(format!("there is no class [:{name}:]"));
        }
        let _ = write!(self.out, "[:{name}:]");
        self.at += inside.len() + 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_and_rust_agree_after_translation() {
        // (expression of Go, text, what it finds first)
        let cases: &[(&str, &str, Option<&str>)] = &[
            (r"^\${[A-Z_]+}$", "${HOME}", Some("${HOME}")),
            (r"^\{\d{0,2}}$", "{12}", Some("{12}")),
            (r"a{,3}", "a{,3}", Some("a{,3}")),
            (r"x{2,}", "axxxb", Some("xxx")),
            (r"[\w.-]{3}", "é-.a", Some("-.a")),
            (r"[]a]+", "x]a]", Some("]a]")),
            (r"[^]a]", "]b", Some("b")),
            (r"[a&&b]+", "x&ab", Some("&ab")),
            (r"[+--]+", "a+,-b", Some("+,-")),
            (r"[[a]+", "x[a[", Some("[a[")),
            (r"[~~x]+", "a~x", Some("~x")),
            (r"\Qa.b\E.", "a.bc", Some("a.bc")),
            (r"\<b\>", "a <b>", Some("<b>")),
            (r"\x60\'\_\-", "`'_-", Some("`'_-")),
            (r"\x{41}\102\0", "AB\0", Some("AB\0")),
            (r"[[:alnum:]]{2}[[:^digit:]]", "a1!", Some("a1!")),
            (r"(?i)key\b", "KEYé", Some("KEY")),
            (r"\d+", "٣7", Some("7")),
            (r"\s+", "a\u{b}b c", Some(" ")),
            (r"[^\s]+", " \u{b}a", Some("\u{b}a")),
            (r"[^\W]+", "-a_9", Some("a_9")),
            (r"[\S]+", " x", Some("x")),
            (r"p8e-(?i)[a-z0-9]{4}", "p8e-A1b2", Some("p8e-A1b2")),
            (r"(?U)a+", "aaa", Some("a")),
            (r"(?s:.)b", "\nb", Some("\nb")),
            (r"é{2}", "aéé", Some("éé")),
            (r"[éa]\w\b", "éb c", Some("éb")),
            (r"\pL+", "1ñ2", Some("ñ")),
            (r"(?P<secret>a)(?<other>b)", "ab", Some("ab")),
            (r"a$", "a\n", None),
            (r".{2}", "\u{7f}x", Some("\u{7f}x")),
            (r"[a-]+", "x-a", Some("-a")),
        ];
        for (go, text, expected) in cases {
            let pattern = Pattern::new(go).unwrap_or_else(|error| panic!("{go}: {error}"));
            let found = pattern.regex().and_then(|regex| regex.find(text.as_bytes())).map(|found| found.as_bytes());
            assert_eq!(found, expected.map(str::as_bytes), "{go} became {}", pattern.as_str());
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_matched_as_go_does() {
        let pattern = Pattern::new(r#"key="([^"]+)""#).expect("it is right");
        assert!(pattern.is_in(b"key=\"a\xff\xfeb\""));
    }

    #[test]
    fn what_go_refuses_is_refused() {
        let cases = [
            (r"(?=a)", "look-around"),
            (r"(?<!a)b", "look-around"),
            (r"(a)\1", "references back"),
            (r"a{1001}", "counts to 1000"),
            (r"(?x)a", "no flag"),
            (r"\Z", "not part of Go's syntax"),
            (r"a)", "unopened group"),
            (r"[a", "not closed"),
            (r"[[:Alnum:]]", "no class"),
            (r"\x{110000}", "names no character"),
            (r"((a{1000}){1000}){100}", "too large"),
        ];
        for (go, reason) in cases {
            let error = Pattern::new(go).expect_err(go);
            assert!(error.contains(reason), "{go}: {error}");
        }
    }

    #[test]
    fn of_several_the_wrong_one_is_named() {
        assert!(Pattern::any(&["a", "^b$"]).expect("both are right").is_in(b"b"));
        assert_eq!(Pattern::any(&["a", "(", "["]).expect_err("two are wrong").0, 1);
    }
}
