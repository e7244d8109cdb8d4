//! Examples of rules are templates, so that nothing shaped like a secret is stored: `${alnum:64}` is filled when the rules
//! are tested, from a seed, always the same way. `«` and `»` mark what must be reported.
//!
//! | filling | what it becomes |
//! | --- | --- |
//! | `${alnum:N}` | letters of both cases and digits |
//! | `${lower:N}`, `${upper:N}` | letters of one case and digits |
//! | `${hex:N}`, `${HEX:N}`, `${digit:N}`, `${base32:N}`, `${base58:N}` | characters of that alphabet |
//! | `${b64:N}`, `${b64url:N}` | N random bytes in base64, without padding if `url` |
//! | `${uuid4}` | a random UUID |
//! | `${pem:KIND}`, `${der:KIND}` | a key of the kind `rsa`, `ec` or `ed25519`, as PEM or as the bare base64 |
//! | `${pem:KIND:escaped}`, `${pem:KIND:indented}` | its lines joined by `\n` as in strings, or each behind four blanks |
//! | `${human}` | a password as people choose them |
//! | `${shape}` | a value of the rule's own shape (and proof) |
//! | `${rule:ID}` | a value of another rule's shape |
//! | `${proof:NAME}` | a value that passes the proof; the same one wherever it stands in one text |
//!
//! `$${` stands for `${`, and `${NAME}` with a capital letter or an underscore first, as in shells, for itself.

use super::{Rule, fill};
use crate::span::Span;

/// Which marks a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At least one marked part.
    Example,
    /// None.
    CounterExample,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Open,
    Close,
    Random(fill::Alphabet, usize),
    Base64(usize),
    Base64Url(usize),
    Uuid,
    /// A key, and what stands between its lines.
    Pem(fill::Key, &'static str),
    Der(fill::Key),
    Human,
    Shape,
    Rule(String),
    Proof(String),
}

/// A text with parts to fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

/// A filled template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: Vec<u8>,
    /// The marked parts, in order.
    pub spans: Vec<Span>,
}

/// Makes values for which a proof of the given name holds from random numbers; `NAME:other` is the other half of a pair.
pub type Sample<'a> = &'a dyn Fn(&str, &mut dyn FnMut() -> u64) -> Option<String>;

/// Where a template's values come from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The rule of the example.
    pub rule: &'a Rule,
    /// Other rules by id.
    pub rules: &'a dyn Fn(&str) -> Option<&'a Rule>,
    /// Values for proofs.
    pub sample: Sample<'a>,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str, mode: Mode) -> Result<Self, String> {
        let template = Self::pieces(text)?;
        let mut open = false;
        let mut marks = 0;
        for piece in &template.0 {
            match (piece, open) {
                (Piece::Open, false) => (open, marks) = (true, marks + 1),
                (Piece::Close, true) => open = false,
                (Piece::Open, true) => return Err("`«` stands within `«»`".to_owned()),
                (Piece::Close, false) => return Err("`»` has no `«` before it".to_owned()),
                _ => {}
            }
        }
        match (open, mode, marks) {
            (true, _, _) => Err("`«` has no `»` behind it".to_owned()),
            (_, Mode::Example, 0) => Err("no part is marked by `«»`".to_owned()),
            (_, Mode::CounterExample, 1..) => Err("a counter-example can't mark a part".to_owned()),
            _ => Ok(template),
        }
    }

    /// The rules a template speaks of.
    pub(super) fn references(text: &str) -> Vec<String> {
        let pieces = Self::pieces(text).map(|template| template.0).unwrap_or_default();
        let rule = |piece| if let Piece::Rule(id) = piece { Some(id) } else { None };
        pieces.into_iter().filter_map(rule).collect()
    }

    fn pieces(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let (piece, used) = match letter {
                '«' => (Some(Piece::Open), letter.len_utf8()),
                '»' => (Some(Piece::Close), letter.len_utf8()),
                '$' if rest.starts_with("$${") => {
                    plain.push_str("${");
                    (None, 3)
                }
                '$' if rest.starts_with("${") => {
                    let end = rest.find('}').ok_or("`${` has no `}` behind it")?;
                    let piece = filling(&rest[2..end])?;
                    if piece.is_none() {
                        plain.push_str(&rest[..=end]);
                    }
                    (piece, end + 1)
                }
                _ => {
                    plain.push(letter);
                    (None, letter.len_utf8())
                }
            };
            if let Some(piece) = piece {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
            }
            rest = &rest[used..];
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self(pieces))
    }

    /// Fills a template; the same seed gives the same text.
    ///
    /// # Errors
    /// Which part can't be filled.
    pub fn fill(&self, sources: &Sources<'_>, seed: u64) -> Result<Filled, String> {
        let mut random = fill::Random::new(seed);
        let (mut text, mut spans, mut start) = (String::new(), Vec::new(), 0);
        for piece in &self.0 {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Open => start = text.len(),
                Piece::Close => spans.push(Span::new(start, text.len())),
                Piece::Random(alphabet, length) => text.push_str(&random.of(*alphabet, *length)),
                Piece::Base64(bytes) => text.push_str(&random.base64(*bytes)),
                Piece::Base64Url(bytes) => text.push_str(&random.base64url(*bytes)),
                Piece::Uuid => text.push_str(&random.uuid4()),
                Piece::Pem(key, between) => text.push_str(&random.pem(*key).replace('\n', between)),
                Piece::Der(key) => text.push_str(&random.der(*key)),
                Piece::Human => text.push_str(&random.human()),
                Piece::Shape => text.push_str(&value(sources.rule, sources, &mut random)?),
                Piece::Rule(id) => {
                    let rule = (sources.rules)(id).ok_or_else(|| format!("there is no rule `{id}`"))?;
                    text.push_str(&value(rule, sources, &mut random)?);
                }
                Piece::Proof(name) => {
                    let mut random = fill::Random::new(!seed);
                    let made = (sources.sample)(name, &mut || random.next());
                    text.push_str(&made.ok_or_else(|| format!("there is no proof `{name}`"))?);
                }
            }
        }
        Ok(Filled { text: text.into_bytes(), spans })
    }
}

/// A value of a rule: of its shape, and such that its proof, if it has one, doesn't refuse it.
fn value(rule: &Rule, sources: &Sources<'_>, random: &mut fill::Random) -> Result<String, String> {
    if let Some(proof) = &rule.proof {
        let whole = super::shape::compile(&format!("^(?:{})$", rule.shape))?;
        for _ in 0..8 {
            let made = (sources.sample)(proof, &mut || random.next());
            if let Some(made) = made.filter(|made| whole.is_match(made.as_bytes())) {
                return Ok(made);
            }
        }
    }
    random.shape(&rule.shape)
}

/// The meaning of what stands between `${` and `}`; nothing if it is a shell's variable.
fn filling(inside: &str) -> Result<Option<Piece>, String> {
    use fill::Alphabet as A;
    if inside.starts_with(|first: char| first.is_ascii_uppercase() || first == '_') && !inside.starts_with("HEX:") {
        return Ok(None);
    }
    let (name, argument) = inside.split_once(':').unwrap_or((inside, ""));
    let number = || {
        let number = argument.parse::<usize>().ok().filter(|number| (1..=4096).contains(number));
        number.ok_or_else(|| format!("`${{{inside}}}` needs a number from 1 to 4096"))
    };
    let key = |name| fill::Key::named(name).ok_or_else(|| format!("`${{{inside}}}` needs one of rsa, ec, ed25519"));
    let pem = || match argument.split_once(':') {
        None => Ok(Piece::Pem(key(argument)?, "\n")),
        Some((name, "escaped")) => Ok(Piece::Pem(key(name)?, "\\n")),
        Some((name, "indented")) => Ok(Piece::Pem(key(name)?, "\n    ")),
        Some(_) => Err(format!("`${{{inside}}}` may end in `:escaped` or `:indented`")),
    };
    let alphabet = |alphabet| Ok::<_, String>(Piece::Random(alphabet, number()?));
    let piece = match name {
        "alnum" => alphabet(A::ALNUM)?,
        "lower" => alphabet(A::LOWER)?,
        "upper" => alphabet(A::UPPER)?,
        "hex" => alphabet(A::HEX)?,
        "HEX" => alphabet(A::UPPER_HEX)?,
        "digit" => alphabet(A::DIGIT)?,
        "base32" => alphabet(A::BASE32)?,
        "base58" => alphabet(A::BASE58)?,
        "b64" => Piece::Base64(number()?),
        "b64url" => Piece::Base64Url(number()?),
        "pem" => pem()?,
        "der" => Piece::Der(key(argument)?),
        "rule" if !argument.is_empty() => Piece::Rule(argument.to_owned()),
        "proof" if !argument.is_empty() => Piece::Proof(argument.to_owned()),
        "uuid4" if argument.is_empty() => Piece::Uuid,
        "human" if argument.is_empty() => Piece::Human,
        "shape" if argument.is_empty() => Piece::Shape,
        _ => return Err(format!("`${{{inside}}}` is not a known filling; write `$${{` for a plain `${{`")),
    };
    Ok(Some(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(template: &str) -> String {
        let rule: Rule = toml::from_str(
            "id='x-y'\nrole='key'\ntitle='t'\nshape='[a-f]{4}-[0-9]{2}'\nevidence='context'\ngrade='A'\nseverity='low'\nsource='s'",
        )
        .expect("a rule");
        let none = |_: &str| None;
        let sample = |name: &str, next: &mut dyn FnMut() -> u64| (name == "even").then(|| (next() & !1).to_string());
        let sources = Sources { rule: &rule, rules: &none, sample: &sample };
        let template = Template::parse(template, Mode::CounterExample).expect("a template");
        String::from_utf8(template.fill(&sources, 7).expect("filled").text).expect("text")
    }

    #[test]
    fn fillings_have_their_shape() {
        let cases = [
            ("${alnum:64}", "[A-Za-z0-9]{64}"),
            ("${lower:13}", "[a-z0-9]{13}"),
            ("${upper:20}", "[A-Z0-9]{20}"),
            ("${hex:32}", "[0-9a-f]{32}"),
            ("${HEX:32}", "[0-9A-F]{32}"),
            ("${digit:9}", "[0-9]{9}"),
            ("${base58:22}", "[1-9A-HJ-NP-Za-km-z]{22}"),
            ("${base32:16}", "[A-Z2-7]{16}"),
            ("${b64:42}", "[A-Za-z0-9+/]{56}"),
            ("${b64:64}", "[A-Za-z0-9+/]{86}=="),
            ("${b64url:32}", "[A-Za-z0-9_-]{43}"),
            ("${uuid4}", "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
            ("${der:ed25519}", "MC4CAQAwBQYDK2VwBCIEI[A-Za-z0-9+/]{43}"),
            ("${der:ec}", "MHcCAQEEI[A-Za-z0-9+/]+={0,2}"),
            ("${der:rsa}", "MIIE[A-Za-z0-9+/]{1500,1700}={0,2}"),
            ("${pem:rsa}", "(?s)-----BEGIN PRIVATE KEY-----\nMIIE.*\n-----END PRIVATE KEY-----"),
            ("${pem:ec:escaped}", r"-----BEGIN EC PRIVATE KEY-----\\n[A-Za-z0-9+/=\\]+-----END EC PRIVATE KEY-----"),
            ("${pem:ec:indented}", "(?s)-----BEGIN EC PRIVATE KEY-----\n    MHc.*\n    -----END EC PRIVATE KEY-----"),
            ("${shape}", "[a-f]{4}-[0-9]{2}"),
            ("${human}", "[!-~]{10,24}"),
            ("${proof:even} ${proof:even}", "[0-9]+ [0-9]+"),
            ("${HOME} $${lower} $x", r"\$\{HOME\} \$\{lower\} \$x"),
        ];
        for (template, shape) in cases {
            let (made, again) = (text(template), text(template));
            let shape = regex::Regex::new(&format!("^(?:{shape})$")).expect("a shape");
            assert!(shape.is_match(&made), "{template} became {made}");
            assert_eq!(made, again, "{template} must be filled the same way each time");
        }
        let pair = text("${proof:even} ${proof:even}");
        let (left, right) = pair.split_once(' ').expect("two values");
        assert_eq!(left, right, "a proof's value is one throughout a text");
    }

    #[test]
    fn faults_are_told() {
        let cases = [
            ("no mark", Mode::Example, "no part is marked"),
            ("«${shape}", Mode::Example, "has no `»`"),
            ("${shape}»", Mode::Example, "has no `«`"),
            ("««${shape}»»", Mode::Example, "within"),
            ("«x»", Mode::CounterExample, "can't mark"),
            ("${alnum}", Mode::CounterExample, "needs a number"),
            ("${alnum:0}", Mode::CounterExample, "needs a number"),
            ("${pem:dsa}", Mode::CounterExample, "needs one of"),
            ("${pem:ec:folded}", Mode::CounterExample, "may end in"),
            ("${word}", Mode::CounterExample, "not a known filling"),
            ("${shape", Mode::CounterExample, "has no `}`"),
        ];
        for (template, mode, reason) in cases {
            let error = Template::parse(template, mode).expect_err(template);
            assert!(error.contains(reason), "{template}: {error}");
        }
    }
}
