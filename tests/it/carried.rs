//! What would carry a file with credentials away: images and packages. Each case is a folder of files; the oracles were
//! `npm pack --dry-run`, `cargo package --list` and `python -m build --sdist`.

mod lines;

use std::process::Command;

use crate::harness::{ALNUM, Dir, random};

/// A title, the files of a folder, the file with the credential, and what must be said of it (nothing of it by any
/// package or image, if that is empty).
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static [&'static str]);

const PACKAGE: &str = r#"{"name": "bot", "version": "1.0.0"}"#;
const CRATE: &str = "[package]\nname = \"bot\"\nversion = \"0.1.0\"\n";
const HATCH: &str = "[build-system]\nbuild-backend = \"hatchling.build\"\n";

const CASES: &[Case] = &[
    (
        "COPY . without .dockerignore",
        &[("Dockerfile", "FROM x\nWORKDIR /app\nCOPY . .\n")],
        ".env",
        &["Dockerfile:3 (`COPY . .`) copies the file into the image: there is no .dockerignore"],
    ),
    (
        ".dockerignore that forgets the file",
        &[("Dockerfile", "FROM x\nADD ./ /app/\n"), (".dockerignore", "# c\nnode_modules\n.env.example\n")],
        ".env",
        &["Dockerfile:2 (`ADD ./ /app/`)", ".dockerignore does not keep it out"],
    ),
    ("kept out", &[("Dockerfile", "FROM x\nCOPY . .\n"), (".dockerignore", "/.env\n")], ".env", &[]),
    (
        "a pattern of .dockerignore means the context's own folder only",
        &[("Dockerfile", "FROM x\nCOPY . .\n"), (".dockerignore", ".env\n")],
        "conf/.env",
        &["Dockerfile:2"],
    ),
    ("in any folder", &[("Dockerfile", "FROM x\nCOPY . .\n"), (".dockerignore", "**/.env\n")], "conf/.env", &[]),
    ("a folder kept out", &[("Dockerfile", "FROM x\nCOPY . .\n"), (".dockerignore", "conf\n")], "conf/.env", &[]),
    (
        "all kept out but",
        &[("Dockerfile", "FROM x\nCOPY . .\n"), (".dockerignore", "*\n!conf\n")],
        "conf/.env",
        &["Dockerfile:2"],
    ),
    (
        "a list of the Dockerfile's own goes before",
        &[
            ("bot.Dockerfile", "FROM x\nCOPY . .\n"),
            ("bot.Dockerfile.dockerignore", "*.env\n"),
            (".dockerignore", "x\n"),
        ],
        "prod.env",
        &[],
    ),
    ("another folder", &[("Dockerfile", "FROM x\nCOPY src /app\nCOPY *.py /app\n")], "conf/.env", &[]),
    (
        "a folder, in JSON, over two lines",
        &[("Dockerfile", "FROM x\nCOPY --chown=1:1 \\\n  [\"conf\", \"/app\"]\n")],
        "conf/.env",
        &["Dockerfile:2"],
    ),
    ("of another stage", &[("Dockerfile", "FROM x AS a\nFROM y\nCOPY --from=a . .\n")], ".env", &[]),
    (
        "into a stage that is not the image",
        &[("Dockerfile", "FROM x AS made\nCOPY . .\nFROM y\nCOPY --from=made /app /app\n")],
        ".env",
        &["Dockerfile:2 (`COPY . .`) copies the file into the build stage made"],
    ),
    (
        "the context that a compose file names",
        &[
            (
                "deploy/compose.yml",
                "services:\n  bot:\n    build:\n      context: ..\n      dockerfile: deploy/bot.df\n",
            ),
            ("deploy/bot.df", "FROM x\nCOPY . .\n"),
        ],
        "conf/.env",
        &["deploy/bot.df:2 (`COPY . .`)"],
    ),
    ("a Dockerfile beside the way", &[("web/Dockerfile", "FROM x\nCOPY . .\n")], "bot/.env", &[]),
    ("npm takes all", &[("package.json", PACKAGE)], ".env", &["npm publishes the file: package.json has no `files`"]),
    ("npm and a private package", &[("package.json", r#"{"name": "b", "private": true}"#)], ".env", &[]),
    ("npm obeys .npmignore", &[("package.json", PACKAGE), (".npmignore", "*.env*\n")], "conf/.env", &[]),
    ("npm obeys .gitignore", &[("package.json", PACKAGE), (".gitignore", ".env\n")], ".env", &[]),
    (
        "npm reads .npmignore in the place of .gitignore",
        &[("package.json", PACKAGE), (".gitignore", ".env\n"), (".npmignore", "test\n")],
        ".env",
        &["npm publishes"],
    ),
    (
        "npm and files",
        &[("package.json", r#"{"name": "b", "version": "1.0.0", "files": ["dist", "conf/"]}"#)],
        "conf/.env",
        &["`files` of package.json lists it"],
    ),
    (
        "npm and other files",
        &[("package.json", r#"{"name": "b", "version": "1.0.0", "files": ["dist"]}"#)],
        "conf/.env",
        &[],
    ),
    (
        "patterns of files begin at the package",
        &[("package.json", r#"{"name": "b", "version": "1.0.0", "files": ["*.env", "."]}"#)],
        "conf/.env",
        &[],
    ),
    (
        "npm and what files take back",
        &[("package.json", r#"{"name": "b", "version": "1.0.0", "files": ["*", "!conf/.env"]}"#)],
        "conf/.env",
        &[],
    ),
    ("npm never takes its own logins", &[("package.json", PACKAGE)], ".npmrc", &[]),
    (
        "npm packs a package within a package",
        &[("package.json", PACKAGE), ("web/package.json", r#"{"name": "w", "private": true}"#)],
        "web/.env",
        &["npm publishes the file: package.json has no `files`"],
    ),
    (
        "a private package with a public one in it",
        &[("package.json", r#"{"name": "b", "private": true}"#), ("web/package.json", PACKAGE)],
        "web/.env",
        &["npm publishes the file: web/package.json has no `files`"],
    ),
    (
        "Cargo takes all",
        &[("Cargo.toml", CRATE)],
        "keys.json",
        &["`cargo publish` packs the file: Cargo.toml has neither"],
    ),
    (
        "Cargo and include",
        &[("Cargo.toml", "[package]\nname = \"b\"\ninclude = [\"src/**\", \"*.env\"]\n")],
        "conf/prod.env",
        &["`include` of Cargo.toml lists it"],
    ),
    (
        "Cargo and other things",
        &[("Cargo.toml", "[package]\nname = \"b\"\ninclude = [\"src/**\"]\n")],
        "keys.json",
        &[],
    ),
    ("Cargo and exclude", &[("Cargo.toml", "[package]\nname = \"b\"\nexclude = [\"/keys.json\"]\n")], "keys.json", &[]),
    (
        "Cargo and what is not published",
        &[("Cargo.toml", "[package]\nname = \"b\"\npublish = false\n")],
        "keys.json",
        &[],
    ),
    (
        "MANIFEST.in",
        &[("setup.py", "setup()\n"), ("MANIFEST.in", "include README.md\nrecursive-include conf *.env *.yml\n")],
        "conf/a/prod.env",
        &["a build of the Python package takes the file: MANIFEST.in (line 2: `recursive-include conf *.env *.yml`)"],
    ),
    (
        "MANIFEST.in, the last word",
        &[("setup.py", "setup()\n"), ("MANIFEST.in", "graft conf\nglobal-exclude *.env\n")],
        "conf/prod.env",
        &[],
    ),
    (
        "package data of setup.py",
        &[(
            "setup.py",
            "setup(include_package_data=True,\n  package_data={'bot': ['*.py', 'keys.json'], '': ['x']})\n",
        )],
        "bot/keys.json",
        &["setup.py (package_data)"],
    ),
    (
        "package data of pyproject.toml",
        &[("pyproject.toml", "[tool.setuptools.package-data]\nbot = [\"*.json\"]\n")],
        "src/bot/keys.json",
        &["pyproject.toml (package-data)"],
    ),
    (
        "package data of setup.cfg",
        &[("setup.cfg", "[options.package_data]\nbot =\n    *.txt\n    *.json\n")],
        "bot/keys.json",
        &["setup.cfg (package_data)"],
    ),
    (
        "poetry",
        &[("pyproject.toml", "[tool.poetry]\ninclude = [{ path = \"conf/**/*\", format = \"sdist\" }]\n")],
        "conf/keys.json",
        &["pyproject.toml (tool.poetry.include)"],
    ),
    ("hatchling takes all", &[("pyproject.toml", HATCH)], ".env", &["pyproject.toml (hatchling takes"]),
    (
        "hatchling and exclude",
        &[(
            "pyproject.toml",
            "[build-system]\nbuild-backend = \"hatchling.build\"\n[tool.hatch.build]\nexclude = [\".env\"]\n",
        )],
        ".env",
        &[],
    ),
    (
        "a file in a package's folder",
        &[("pyproject.toml", "[build-system]\nbuild-backend = \"flit_core.buildapi\"\n"), ("src/bot/__init__.py", "")],
        "src/bot/conf/keys.json",
        &["pyproject.toml (flit takes all that lies in the package's folder)"],
    ),
    ("a star of package data is no hidden file", &[("setup.cfg", "[options.package_data]\n* = *\n")], "bot/.env", &[]),
    (
        "a Cargo package ends where a workspace begins",
        &[("Cargo.toml", CRATE), ("sub/Cargo.toml", "[workspace]\n")],
        "sub/keys.json",
        &[],
    ),
    ("Cargo leaves hidden files out where git does not track its manifest", &[("Cargo.toml", CRATE)], ".env", &[]),
    ("a Python package without lists", &[("setup.py", "setup()\n")], "conf/.env", &[]),
    (
        "broken lists",
        &[("package.json", "{"), ("Cargo.toml", "["), ("pyproject.toml", "="), ("Dockerfile", "\\\n")],
        ".env",
        &[],
    ),
];

/// A line with a credential whose value is made here.
fn leak() -> String {
    format!("BINANCE_API_SECRET = \"{}\"\n", random(7, ALNUM, 64))
}

#[test]
fn images_and_packages() {
    for (title, files, leaked, expected) in CASES {
        let dir = Dir::new();
        dir.file(leaked, leak());
        for (name, text) in *files {
            dir.file(name, text);
        }
        // A repository ends the way up.
        std::fs::create_dir(dir.at(".git")).expect("a folder");
        for shown in ["", "./"] {
            let run =
                dir.run(&["scan", "--format", "json", "--no-ignore", if shown.is_empty() { "." } else { leaked }]);
            let report = run.json();
            let finding = &report["findings"][0];
            assert_eq!(report["findings"].as_array().map(Vec::len), Some(1), "{title}: {report}");
            let said: Vec<&str> =
                finding["exposure"].as_array().into_iter().flatten().filter_map(|one| one.as_str()).collect();
            let said = said.into_iter().filter(|said| !said.starts_with("git ")).collect::<Vec<_>>().join("; ");
            assert!(expected.is_empty() == said.is_empty(), "{title}: {said}");
            expected.iter().for_each(|text| assert!(said.contains(text), "{title}: {text:?} is not in {said:?}"));
        }
    }
}

#[test]
fn all_formats_tell_it_and_git_counts() {
    let dir = Dir::new();
    dir.file("bot/.env", leak()).file("bot/Dockerfile", "FROM x\nCOPY . .\n").file("bot/Cargo.toml", CRATE);
    let git = |args: &[&str]| {
        let status =
            Command::new("git").args(args).current_dir(dir.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").status();
        assert!(status.expect("git is installed").success());
    };
    git(&["init", "-q"]);
    git(&["add", "bot/Cargo.toml"]);
    let says = "bot/Dockerfile:2 (`COPY . .`) copies the file into the image";
    let text = dir.run(&["scan"]);
    text.prints(
        1,
        &["the next `git add .` would commit it", "= file:    bot/Dockerfile:2 (`COPY . .`)", "`cargo publish`"],
    );
    for format in ["sarif", "json", "csv", "github"] {
        let run = dir.run(&["scan", "--format", format]);
        assert!(run.stdout.contains(says), "{format}: {run:#?}");
    }
    dir.file(".gitignore", ".env\n");
    let ignored = dir.run(&["scan"]);
    ignored.prints(1, &["git ignores the file", "bot/Dockerfile:2"]);
    assert!(!ignored.stdout.contains("cargo publish"), "Cargo leaves out what git ignores: {ignored:#?}");
    git(&["add", "-f", "bot/.env"]);
    dir.run(&["scan"]).prints(1, &["git tracks the file", "bot/Dockerfile:2"]);
    // Without Cargo.toml in git, Cargo asks git nothing.
    let fresh = Dir::new();
    fresh.file("prod.env", leak()).file("Cargo.toml", CRATE).file(".gitignore", "prod.env\n");
    let init = Command::new("git").args(["init", "-q"]).current_dir(fresh.path()).status();
    assert!(init.expect("git is installed").success());
    let packs =
        "`cargo publish` packs the file: Cargo.toml has neither `include` nor `exclude`; that git ignores the file";
    let said = || fresh.run(&["scan", "--format", "json", "prod.env"]).stdout;
    assert!(said().contains("git ignores the file") && said().contains(packs), "{}", said());
    fresh.file("Cargo.toml", format!("{CRATE}exclude = [\"*.env\"]\n"));
    assert!(!said().contains("cargo publish"));
}
