//! Repositories made with the real `git`, which is the oracle.

use std::fs;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository in a temporary folder. Every commit has a time of its own, so that histories are the same on every run.
pub(crate) struct Repo {
    folder: tempfile::TempDir,
    clock: std::cell::Cell<u32>,
}

impl Repo {
    /// An empty repository.
    pub(crate) fn new() -> Self {
        Self::init(&[])
    }

    /// An empty repository, made with options.
    pub(crate) fn init(options: &[&str]) -> Self {
        let repo = Self { folder: tempfile::tempdir().expect("a temporary folder"), clock: 0.into() };
        repo.git(&[&["init", "-q", "-b", "main"], options].concat());
        repo
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs git in it and gives its output.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_with(arguments, "")
    }

    /// The same with a text on its standard input.
    pub(crate) fn git_with(&self, arguments: &[&str], input: &str) -> String {
        self.clock.set(self.clock.get() + 1);
        let date = format!("{} +0000", 1_700_000_000 + self.clock.get());
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(input.as_bytes()).and_then(|()| file.rewind()).expect("a temporary file");
        let output = Command::new("git")
            .args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always", "-c", "gc.auto=0"])
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_EDITOR", "true")])
            .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_AUTHOR_EMAIL", "ada@example.org"), ("GIT_AUTHOR_DATE", &date)])
            .envs([
                ("GIT_COMMITTER_NAME", "Ada"),
                ("GIT_COMMITTER_EMAIL", "ada@example.org"),
                ("GIT_COMMITTER_DATE", &date),
            ])
            .stdin(file)
            .output()
            .expect("git is installed");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "git {arguments:?}: {said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    /// Writes a file, commits everything and gives the commit's id.
    pub(crate) fn commit(&self, name: &str, text: &str) -> String {
        self.write(name, text);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", &format!("change {name}")]);
        self.git(&["rev-parse", "HEAD"])
    }
}
