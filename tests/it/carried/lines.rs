//! Single lines of lists, and whether the tools take a file by them. Those of packages were each tried with the tool itself
//! (npm 11, setuptools 84; `conf/..` with a folder `conf`), those of images were read from docker's rules.

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

/// Instructions of a Dockerfile, with `|` between lines. By docker's rules: docker was not at hand.
const DOCKERFILE: &[Line] = &[
    ("FROM x|COPY ../ /c", "conf/.env", true),
    ("FROM x|COPY src/.. /c", "conf/.env", true),
    ("FROM x|COPY ./a/../.env /", ".env", true),
    ("FROM x|COPY ../conf/.. /c", ".env", true),
    ("FROM x|COPY **/.env /", "a/b/.env", false),
    ("FROM x|ARG S=.|COPY $S /", ".env", true),
    ("ARG S=conf|FROM x|ARG S|COPY ${S}/ /", "conf/.env", true),
    ("ARG S=.|FROM x|COPY $S /", ".env", false),
    ("FROM x|ARG S=.|FROM y|COPY $S /", ".env", false),
    ("FROM x|ENV A=conf B=$A/a|ENV C conf|COPY $C /", "conf/.env", true),
    ("FROM x|COPY ${S:-.} /", ".env", true),
    ("FROM x|ARG S|COPY $S/conf /", "conf/.env", false),
    ("FROM x|RUN <<EOF|COPY . .|EOF", ".env", false),
    ("FROM x|RUN a \\|  <<-'A' <<B|COPY . .|\tA|COPY . .|B|COPY conf /", "conf/.env", true),
    ("FROM x|RUN a \\|  <<-'A' <<B|COPY . .|\tA|COPY . .|B|COPY conf /", ".env", false),
    ("FROM x|RUN a <<EOF|COPY . .", ".env", true),
    ("FROM x|RUN a <<< b|COPY . .", ".env", true),
];

const COPY: &str = "FROM x\nCOPY . .\n";
const COMPOSE: &str = "services:\n  bot:\n    build:\n      context: ..\n      args:\n        context: zz\n        dockerfile: y\n      dockerfile: deploy/df\n";

/// `.dockerignore` beside `COPY . .`.
const DOCKERIGNORE: &[Line] = &[
    ("[!a].env", "b.env", true),
    ("[^a].env", "b.env", false),
    ("conf/../.env", ".env", false),
    ("../.env", ".env", true),
];

/// Names of Dockerfiles with `COPY . .`, an ignore list after a blank that leaves everything out.
const DOCKERFILES: &[Line] = &[
    ("Dockerfile-prod", ".env", true),
    ("Dockerfile_prod", ".env", true),
    ("Dockerfiles", ".env", false),
    ("Containerfile .containerignore", ".env", false),
    ("Containerfile Containerfile.containerignore", ".env", false),
    ("Containerfile .dockerignore", ".env", false),
    ("Dockerfile .containerignore", ".env", true),
    ("deploy/df deploy/compose.prod.yml", ".env", true),
    ("deploy/df deploy/docker-compose.override.yml", ".env", true),
    ("deploy/df deploy/composed.yml", ".env", false),
];

#[test]
fn single_lines() {
    let npm_files = |line: &str| {
        vec![("package.json".to_owned(), format!(r#"{{"name": "b", "version": "1.0.0", "files": [{line}]}}"#))]
    };
    let npmignore = |line: &str| {
        vec![("package.json".to_owned(), PACKAGE.to_owned()), (".npmignore".to_owned(), line.replace('|', "\n"))]
    };
    type Make<'m> = &'m dyn Fn(&str) -> Vec<(String, String)>;
    let manifest = |line: &str| {
        vec![("setup.py".to_owned(), "setup()\n".to_owned()), ("MANIFEST.in".to_owned(), line.replace('|', "\n"))]
    };
    let dockerfile = |line: &str| vec![("Dockerfile".to_owned(), line.replace('|', "\n"))];
    let dockerignore = |line: &str| {
        vec![("Dockerfile".to_owned(), COPY.to_owned()), (".dockerignore".to_owned(), line.replace('|', "\n"))]
    };
    let dockerfiles = |line: &str| {
        let mut names = line.split(' ').map(str::to_owned);
        let file = names.next().map(|name| (name, COPY.to_owned()));
        let list = |name: String| (name.clone(), if name.ends_with("ignore") { "*\n" } else { COMPOSE }.to_owned());
        file.into_iter().chain(names.map(list)).collect()
    };
    let lists: [(&str, &[Line], Make<'_>); 6] = [
        ("copies the file into the image", DOCKERFILE, &dockerfile),
        ("copies the file into the image", DOCKERIGNORE, &dockerignore),
        ("copies the file into the image", DOCKERFILES, &dockerfiles),
        ("npm publishes the file", NPM_FILES, &npm_files),
        ("npm publishes the file", NPMIGNORE, &npmignore),
        ("MANIFEST.in (line ", MANIFEST, &manifest),
    ];
    for (says, lines, make) in lists {
        for (line, leaked, expected) in lines {
            let dir = Dir::new();
            dir.file(leaked, leak());
            for (name, text) in make(line) {
                dir.file(&name, text);
            }
            std::fs::create_dir(dir.at(".git")).expect("a folder");
            let run = dir.run(&["scan", "--format", "json", "--no-ignore"]);
            assert_eq!(run.stdout.contains(says), *expected, "{line} and {leaked}: {run:#?}");
        }
    }
}
