//! Single lines of package lists, and whether the tools take a file by them. Each was tried with the tool itself: npm 11,
//! setuptools 84.

use super::{PACKAGE, leak};
use crate::harness::Dir;

/// A list with one line of interest, the file with the credential, and whether it is taken along; as the tools do it.
type Line = (&'static str, &'static str, bool);

/// `files` of package.json.
const NPM_FILES: &[Line] = &[
    (r#""./""#, ".env", true),
    (r#""./""#, "conf/a/.env", true),
    (r#""""#, "conf/.env", true),
    (r#""/""#, "conf/.env", true),
    (r#""conf/..""#, ".env", true),
    (r#"".""#, ".env", false),
    (r#""**/conf""#, "conf/.env", false),
    (r#""conf//""#, "conf/a/.env", true),
    (r#""./conf/*""#, "conf/a/.env", true),
    (r#""CONF""#, "conf/.env", false),
    (r#""*.{env,key}""#, "prod.env", true),
    (r#""*.env""#, "conf/prod.env", false),
    (r#""*.env", "conf/main.js""#, "conf/prod.env", true),
    (r#""**/*.ENV""#, "conf/prod.env", true),
    (r#""conf", "!**/*.env""#, "conf/prod.env", false),
];

/// `.npmignore`, with `|` between lines.
const NPMIGNORE: &[Line] = &[
    ("*/", ".env", true),
    ("/*/", ".env", true),
    ("**/", ".env", true),
    ("*/", "conf/.env", false),
    ("/*/", "conf/.env", false),
    ("**/", "conf/.env", false),
    ("conf/", "conf/.env", false),
    ("conf/", ".env", true),
    (".env/", "conf/.env", true),
    ("*|!conf/.env", "conf/.env", true),
    ("!conf|*.env", "conf/.env", false),
    ("{a,conf}/**", "conf/.env", false),
];

/// MANIFEST.in, with `|` between lines.
const MANIFEST: &[Line] = &[
    ("recursive-include * *.env", "conf/a/prod.env", true),
    ("recursive-include * *.env", "prod.env", false),
    ("recursive-include . *.env", "prod.env", true),
    ("recursive-include ./data *", "data/a/.env", true),
    ("recursive-include conf/* *.env", "conf/prod.env", false),
    ("recursive-include conf a/*.env", "conf/a/prod.env", true),
    ("recursive-include con?/a **", "conf/a/.env", true),
    ("recursive-include conf [!a]*.env", "conf/prod.env", true),
    ("recursive-include conf [^a]*.env", "conf/prod.env", false),
    ("graft da*", "data/.env", true),
    ("graft ./data", "data/.env", true),
    ("graft .", "data/.env", true),
    ("graft data/.env", "data/.env", false),
    ("graft conf data", "data/.env", false),
    ("include ./data/.env", "data/.env", true),
    ("include conf/../.env", ".env", true),
    ("include **/.env", ".env", false),
    ("include **/.env", "conf/.env", true),
    ("include **/.env", "conf/a/.env", false),
    ("include conf/**/*.env", "conf/prod.env", false),
    ("include *.txt \\|  conf/.env", "conf/.env", true),
    ("include /.env", ".env", false),
    ("global-include conf/.env", "a/conf/.env", true),
    ("global-include conf/.env", ".env", false),
    ("graft .|prune ./conf", "conf/.env", false),
    ("graft .|prune co*", "conf/.env", false),
    ("graft .|prune .", ".env", true),
    ("graft .|exclude **/.env", "conf/a/.env", false),
    ("graft .|exclude conf/**", "conf/a/.env", false),
    ("graft .|exclude conf/../.env", ".env", true),
    ("graft .|recursive-exclude * *.env", "prod.env", true),
    ("graft .|recursive-exclude . *.env", "conf/prod.env", true),
    ("recursive-include build *", "build/prod.env", false),
];

#[test]
fn single_lines() {
    let npm_files =
        |line: &str| vec![("package.json", format!(r#"{{"name": "b", "version": "1.0.0", "files": [{line}]}}"#))];
    let npmignore = |line: &str| vec![("package.json", PACKAGE.to_owned()), (".npmignore", line.replace('|', "\n"))];
    type Make<'m> = &'m dyn Fn(&str) -> Vec<(&'static str, String)>;
    let manifest = |line: &str| vec![("setup.py", "setup()\n".to_owned()), ("MANIFEST.in", line.replace('|', "\n"))];
    let lists: [(&str, &[Line], Make<'_>); 3] = [
        ("npm publishes the file", NPM_FILES, &npm_files),
        ("npm publishes the file", NPMIGNORE, &npmignore),
        ("MANIFEST.in (line ", MANIFEST, &manifest),
    ];
    for (says, lines, make) in lists {
        for (line, leaked, expected) in lines {
            let dir = Dir::new();
            dir.file(leaked, leak());
            for (name, text) in make(line) {
                dir.file(name, text);
            }
            std::fs::create_dir(dir.at(".git")).expect("a folder");
            let run = dir.run(&["scan", "--format", "json", "--no-ignore"]);
            assert_eq!(run.stdout.contains(says), *expected, "{line} and {leaked}: {run:#?}");
        }
    }
}
