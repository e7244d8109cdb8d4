//! Shapes as regular expressions: one place for the flags, so that the check of a file and the engine agree.

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;

/// The most memory a compiled shape may take. A PEM block of 4096 bits needs about 1 MB.
const SIZE_LIMIT: usize = 8 << 20;

/// Compiles a shape. Classes are ASCII: Unicode tables make compiling a hundred times slower and keys are ASCII.
///
/// # Errors
/// What is wrong with it, on one line.
pub fn compile(shape: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(shape).unicode(false).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build();
    built.map_err(|error| one_line(&error.to_string()))
}

/// The structure of a shape, for filling and for judging it.
///
/// # Errors
/// What is wrong with it, on one line.
pub fn parse(shape: &str) -> Result<Hir, String> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    parser.parse(shape).map_err(|error| one_line(&error.to_string()))
}

/// Whether the shape can match nothing at all.
#[must_use]
pub fn matches_empty(shape: &Hir) -> bool {
    shape.properties().minimum_len() == Some(0)
}

/// The last line of the errors of `regex` is the reason; the lines before draw the place.
fn one_line(error: &str) -> String {
    let reason = error.lines().last().unwrap_or(error).trim();
    reason.strip_prefix("error: ").unwrap_or(reason).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_shape_is_told_on_one_line() {
        assert_eq!(compile("[a-z").expect_err("unclosed"), "unclosed character class");
        assert_eq!(parse("a{2").expect_err("unclosed"), "unclosed counted repetition");
    }

    #[test]
    fn empty_matches_are_seen() {
        for (shape, empty) in [("a*", true), ("a|b*", true), ("a{0,3}", true), ("ab*", false), ("(?:x|y)+", false)] {
            assert_eq!(matches_empty(&parse(shape).expect("a shape")), empty, "{shape}");
        }
    }
}
