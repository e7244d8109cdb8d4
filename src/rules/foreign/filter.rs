//! The expressions by which betterleaks says what is no finding: `entropy(finding["secret"]) <= 3.5 || matchesAny(...)`.
//! Read are the forms its own configuration is made of: comparisons of entropy, `matchesAny`, `containsAny`, `!`, `&&`,
//! `||` and parentheses. <https://github.com/betterleaks/betterleaks>

use super::Target;
use super::pattern::Pattern;

/// An expression. True means: this is no finding.
#[derive(Debug)]
pub enum Filter {
    /// The entropy of the secret is at most this; `true` if it may be equal.
    Entropy(f64, bool),
    /// One of some expressions matches.
    Matches(Target, Pattern),
    /// One of some words, in lower case, is in it.
    Contains(Target, Vec<String>),
    /// Not so.
    Not(Box<Filter>),
    /// All are so.
    All(Vec<Filter>),
    /// One is so.
    Any(Vec<Filter>),
}

/// What a filter judges.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'t> {
    /// The secret.
    pub secret: &'t [u8],
    /// The whole match.
    pub whole: &'t [u8],
    /// The lines of the match.
    pub line: &'t [u8],
    /// The path of the file.
    pub path: &'t [u8],
    /// The entropy of the secret in bits per byte.
    pub entropy: f64,
}

impl<'t> Subject<'t> {
    /// The text that a target means.
    #[must_use]
    pub fn of(&self, target: Target) -> &'t [u8] {
        match target {
            Target::Secret => self.secret,
            Target::Match => self.whole,
            Target::Line => self.line,
            Target::Path => self.path,
        }
    }
}

impl Filter {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        let filter = parser.any()?;
        match parser.tokens.get(parser.at) {
            None => Ok(filter),
            Some(token) => Err(format!("`{}` is not understood here", token.shown())),
        }
    }

    /// Whether it says that this is no finding.
    #[must_use]
    pub fn drops(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Entropy(most, true) => subject.entropy <= *most,
            Self::Entropy(most, false) => subject.entropy < *most,
            Self::Matches(target, pattern) => pattern.is_in(subject.of(*target)),
            Self::Contains(target, words) => contains(subject.of(*target), words),
            Self::Not(inner) => !inner.drops(subject),
            Self::All(parts) => parts.iter().all(|part| part.drops(subject)),
            Self::Any(parts) => parts.iter().any(|part| part.drops(subject)),
        }
    }
}

/// Whether one of some words in lower case is in a text of any case.
pub(crate) fn contains(text: &[u8], words: &[String]) -> bool {
    let lower = String::from_utf8_lossy(text).to_lowercase();
    words.iter().any(|word| lower.contains(word.as_str()))
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

impl Token {
    fn shown(&self) -> String {
        match self {
            Self::Word(word) | Self::Text(word) => word.clone(),
            Self::Number(number) => number.to_string(),
            Self::Sign(sign) => (*sign).to_owned(),
        }
    }
}

const SIGNS: [&str; 15] = ["||", "&&", "<=", ">=", "==", "??", "//", "<", ">", "!", "(", ")", "[", "]", ","];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut all = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let used = if matches!(first, '"' | '`' | '\'') {
            let (value, used) = quoted(rest, first)?;
            all.push(Token::Text(value));
            used
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            if sign == "//" {
                rest.find('\n').unwrap_or(rest.len())
            } else {
                all.push(Token::Sign(sign));
                sign.len()
            }
        } else {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
            let word = &rest[..end];
            if word.is_empty() {
                return Err(format!("`{first}` is not understood"));
            }
            all.push(word.parse().map_or_else(|_| Token::Word(word.to_owned()), Token::Number));
            end
        };
        rest = rest[used..].trim_start();
    }
    Ok(all)
}

/// A quoted text from its first quote; the number of bytes it takes. Between backticks nothing is escaped.
fn quoted(text: &str, quote: char) -> Result<(String, usize), String> {
    let mut value = String::new();
    let mut letters = text.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            _ if letter == quote => return Ok((value, at + 1)),
            '\\' if quote != '`' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, next @ ('\\' | '"' | '\'' | '`'))) => value.push(next),
                Some((_, next)) => return Err(format!("`\\{next}` is not understood")),
                None => break,
            },
            _ => value.push(letter),
        }
    }
    Err("a quote is not closed".to_owned())
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += usize::from(token.is_some());
        token
    }

    fn takes(&mut self, sign: &'static str) -> bool {
        let there = self.tokens.get(self.at) == Some(&Token::Sign(sign));
        self.at += usize::from(there);
        there
    }

    fn wants(&mut self, sign: &'static str) -> Result<(), String> {
        if self.takes(sign) { Ok(()) } else { Err(format!("`{sign}` is missing")) }
    }

    fn any(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.all()?];
        while self.takes("||") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::Any(parts) })
    }

    fn all(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.one()?];
        while self.takes("&&") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Filter::All(parts) })
    }

    fn one(&mut self) -> Result<Filter, String> {
        if self.takes("!") {
            return Ok(Filter::Not(Box::new(self.one()?)));
        }
        if self.takes("(") {
            let inner = self.any()?;
            self.wants(")")?;
            return Ok(inner);
        }
        let Some(Token::Word(name)) = self.next() else { return Err("a function is missing".to_owned()) };
        self.wants("(")?;
        let target = self.target()?;
        match name.strip_prefix("filter.").unwrap_or(&name) {
            "entropy" => self.entropy(target),
            "matchesAny" => {
                let list = self.list()?;
                let list: Vec<&str> = list.iter().map(String::as_str).collect();
                let pattern =
                    Pattern::any(&list).map_err(|(number, reason)| format!("`{}`: {reason}", list[number]))?;
                Ok(Filter::Matches(target, pattern))
            }
            "containsAny" => {
                Ok(Filter::Contains(target, self.list()?.into_iter().map(|word| word.to_lowercase()).collect()))
            }
            other => Err(format!("the function `{other}` is not known")),
        }
    }

    fn entropy(&mut self, target: Target) -> Result<Filter, String> {
        if target != Target::Secret {
            return Err("the entropy of anything but the secret is not known".to_owned());
        }
        self.wants(")")?;
        let equal = self.takes("<=");
        if !equal {
            self.wants("<")?;
        }
        match self.next() {
            Some(Token::Number(number)) => Ok(Filter::Entropy(number, equal)),
            _ => Err("a number is missing".to_owned()),
        }
    }

    /// `finding["secret"]`, `get(attributes, "path", "")`, `(attributes["path"] ?? "")`.
    fn target(&mut self) -> Result<Target, String> {
        if self.takes("(") {
            let target = self.target()?;
            if self.takes("??") {
                self.next();
            }
            self.wants(")")?;
            return Ok(target);
        }
        let of = match self.next() {
            Some(Token::Word(word)) => word,
            _ => return Err("what is judged is missing".to_owned()),
        };
        let (of, key) = if of == "get" {
            self.wants("(")?;
            let Some(Token::Word(of)) = self.next() else { return Err("`get` of what?".to_owned()) };
            self.wants(",")?;
            let key = self.next();
            self.wants(",")?;
            self.next();
            self.wants(")")?;
            (of, key)
        } else {
            self.wants("[")?;
            let key = self.next();
            self.wants("]")?;
            (of, key)
        };
        match (of.as_str(), key) {
            ("finding", Some(Token::Text(key))) => match key.as_str() {
                "secret" => Ok(Target::Secret),
                "match" => Ok(Target::Match),
                "line" => Ok(Target::Line),
                _ => Err(format!("`finding[\"{key}\"]` is not known")),
            },
            ("attributes", Some(Token::Text(key))) if key == "path" => Ok(Target::Path),
            _ => Err(format!("`{of}[...]` is not known")),
        }
    }

    /// `, ["a", "b"])`.
    fn list(&mut self) -> Result<Vec<String>, String> {
        self.wants(",")?;
        self.wants("[")?;
        let mut all = Vec::new();
        while !self.takes("]") {
            match self.next() {
                Some(Token::Text(text)) => all.push(text),
                _ => return Err("a list holds something else than texts".to_owned()),
            }
            self.takes(",");
        }
        self.wants(")")?;
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drops(filter: &str, secret: &str) -> bool {
        let filter = Filter::parse(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        let subject = Subject {
            secret: secret.as_bytes(),
            whole: b"key = value",
            line: b"let key = value;",
            path: b"src/auth-token/README.md",
            entropy: secret.len() as f64 / 2.0,
        };
        filter.drops(&subject)
    }

    #[test]
    fn expressions_are_judged_as_written() {
        let cases = [
            (r#"entropy(finding["secret"]) <= 2.0"#, "abcd", true),
            (r#"filter.entropy(finding["secret"]) < 2.0"#, "abcd", false),
            (r#"entropy(finding["secret"]) <= 1 || matchesAny(finding["secret"], [`^ab+$`, "x\\d"])"#, "abbb", true),
            (r#"entropy(finding["secret"]) <= 1 && matchesAny(finding["secret"], ["a"])"#, "abbb", false),
            (r#"!matchesAny(finding["secret"], ["[0-9]"])"#, "abcd", true),
            (r#"(containsAny(finding["match"], ["VALUE"]))"#, "abcd", true),
            ("// a remark\ncontainsAny(finding[\"line\"], [\n  'let',\n])", "abcd", true),
            (r#"matchesAny((attributes["path"] ?? ""), [`README\.md$`])"#, "abcd", true),
            (r#"matchesAny(get(attributes, "path", ""), [`\.png$`])"#, "abcd", false),
        ];
        for (filter, secret, expected) in cases {
            assert_eq!(drops(filter, secret), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (filter, reason) in [
            ("let a = 1; a", "`=` is not understood"),
            (r#"entropy(finding["match"]) < 1"#, "anything but the secret"),
            (r#"entropy(finding["secret"]) > 1"#, "`<` is missing"),
            (r#"http.get(finding["secret"])"#, "`http.get` is not known"),
            (r#"matchesAny(finding["secret"], ["("])"#, "`(`: unclosed group"),
            (r#"matchesAny(finding["commit"], ["a"])"#, "is not known"),
            (r#"containsAny(finding["secret"], ["a])"#, "not closed"),
            (r#"containsAny(finding["secret"], ["a"]) true"#, "`true` is not understood here"),
        ] {
            let error = Filter::parse(filter).expect_err(filter);
            assert!(error.contains(reason), "{filter}: {error}");
        }
    }
}
