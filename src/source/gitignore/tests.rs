//! `git check-ignore` said what is expected here.

use super::Patterns;

/// An ignore file, and the paths that it names and does not name; a slash at the end means a folder.
type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

const CASES: &[Case<'_>] = &[
    ("*.{py,js}", &["c.{py,js}"], &["c.py", "c.js"]),
    ("{a}", &["{a}"], &["a"]),
    ("c.py\t", &["c.py\t"], &["c.py"]),
    ("c.py  ", &["c.py"], &["c.py  "]),
    ("c.py\\ ", &["c.py "], &["c.py"]),
    ("c.py\\  ", &["c.py "], &["c.py"]),
    ("c.py\r\n", &["c.py"], &["c.py\r"]),
    ("c.py\r\r\n", &["c.py\r"], &["c.py"]),
    ("c.py \r\n", &["c.py"], &["c.py "]),
    ("c.py\0.js", &["c.py"], &["c.py.js"]),
    ("\u{feff}a\nb", &["a", "b"], &["\u{feff}a"]),
    ("#a\n\\#b\n\\!c", &["#b", "!c"], &["#a", "a", "\\#b"]),
    ("*\n!a\n!b/", &["c", "b"], &["a", "b/"]),
    ("a/", &["a/", "x/a/"], &["a"]),
    ("/a", &["a", "a/"], &["x/a"]),
    ("x/a", &["x/a"], &["a", "y/x/a"]),
    ("/\n//\n!\n\n ", &[], &["a", "a/", " "]),
    ("a\\/", &[], &["a/", "a"]),
    ("a\\", &[], &["a", "a\\"]),
    // Classes.
    ("[[:lower:]]*.env", &["a.env", "prod.env"], &["P.env", "[.env", "l.env/a"]),
    ("[[:upper:][:digit:]]", &["A", "1"], &["a", ":"]),
    ("[[:nothing:]]x", &[], &["nx", ":x"]),
    ("[[:lower]x", &["[x", ":x", "lx"], &["ax"]),
    ("[!a]b", &["xb"], &["ab", "x/b/c"]),
    ("[^a]b", &["xb"], &["ab"]),
    ("x[!a]b", &["x-b"], &["x/b"]),
    ("x[/]b", &[], &["x/b"]),
    ("x/[.-0]b", &["x/.b", "x/0b"], &["x//b"]),
    ("[]a]", &["]", "a"], &["[", "[]a]"]),
    ("[!]a]", &["b"], &["]", "a"]),
    ("[a\\]b]", &["a", "]", "b"], &["\\"]),
    ("[\\a-\\c]", &["b"], &["\\", "-"]),
    ("[a-]", &["a", "-"], &["b"]),
    ("[c-a]", &["c"], &["a", "b"]),
    ("[a-c-e]", &["b", "-", "e"], &["d"]),
    ("[a", &[], &["[a", "a"]),
    ("[]", &[], &["[]", "]"]),
    // Stars.
    ("*", &["a", ".a", "x/a"], &[]),
    ("a*c*e", &["ace", "abcde", "acece"], &["ac", "a/ce"]),
    ("x/*", &["x/a"], &["x/a/b", "y/x/a"]),
    ("x/**", &["x/a", "x/a/b"], &["x", "x/"]),
    ("x/**/a", &["x/a", "x/y/a", "x/y/z/a"], &["xa", "x/ya"]),
    ("**/x/a", &["x/a", "y/x/a"], &["yx/a"]),
    ("x/**y", &["x/y", "x/ay"], &["x/a/y"]),
    ("x/***/a", &["x/a", "x/y/a"], &[]),
    ("x/**/*a/**/b*d", &["x/a/bd", "x/1/2a/3/4/bcd"], &["x/a/b/d", "x/1/2/3/bcd"]),
    ("x**/a", &["xa", "x/a", "xy/z/a"], &["x/ya"]),
    ("**", &["a", "x/a"], &[]),
    ("?", &["a"], &["ab"]),
    ("x?a", &["x-a"], &["x/a"]),
];

#[test]
fn lines_say_what_they_say_to_git() {
    check(CASES, false);
}

#[test]
fn case_is_folded_as_git_folds_it() {
    check(
        &[
            ("Secrets/*.ENV", &["secrets/a.env", "SECRETS/A.ENV"], &[]),
            ("[A-C]x[[:upper:]]", &["bXy", "BxY"], &["dxy"]),
            ("[A]", &[], &["a", "A"]),
            ("\\A", &[], &["a", "A"]),
        ],
        true,
    );
    check(&[("A*", &["Ab"], &["ab"])], false);
}

fn check(cases: &[Case<'_>], fold: bool) {
    for (text, named, others) in cases {
        let patterns = Patterns::new(text.as_bytes(), fold);
        for (path, expected) in named.iter().map(|path| (path, true)).chain(others.iter().map(|path| (path, false))) {
            let plain = path.trim_end_matches('/');
            let said = patterns.ignores(plain.as_bytes(), plain != *path).unwrap_or(false);
            assert_eq!(said, expected, "{text:?} of {path:?}");
        }
    }
}

#[test]
fn no_pattern_takes_long() {
    let path = format!("{}b", "a/".repeat(1000));
    for text in ["**/".repeat(1000), "*a".repeat(1000), "**/a/".repeat(400), "/*a*/**/*a".repeat(100)] {
        let patterns = Patterns::new(format!("/{text}c\n{text}c").as_bytes(), true);
        assert_eq!(patterns.ignores(path.as_bytes(), false), None);
    }
}
