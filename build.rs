//! Reads the rule files below `rules/` and writes them as one table into the program: a commit hook has no time to parse
//! two hundred files of TOML.

#![allow(clippy::expect_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

/// The structures of `src/rules` that the table is made of; what they hold beside is not used here.
#[allow(dead_code, missing_docs, unreachable_pub)]
mod rules {
    #[path = "../src/rules/model.rs"]
    mod model;
    #[path = "../src/rules/outline.rs"]
    mod outline;
    #[path = "../src/rules/table.rs"]
    mod table;
    #[path = "../src/rules/words.rs"]
    mod words;

    pub(crate) use model::*;
    pub(crate) use outline::Outline;
    pub(crate) use table::Table;
    pub(crate) use words::Words;
}

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the folder"));
    println!("cargo::rerun-if-changed=rules");
    for source in ["model", "outline", "table", "words"] {
        println!("cargo::rerun-if-changed=src/rules/{source}.rs");
    }
    let mut paths = Vec::new();
    collect(&root, "rules", &mut paths);
    let mut files = Vec::new();
    for path in &paths {
        let text = fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let file: rules::ProviderFile = toml::from_str(&text)
            .unwrap_or_else(|error| panic!("{path} is no rule file; see docs/writing-a-rule.md\n{error}"));
        files.push((file, path));
    }
    files.sort_by(|a, b| a.0.provider.id.cmp(&b.0.provider.id));
    let (files, names): (Vec<_>, Vec<_>) = files.into_iter().map(|(file, path)| (file, path.clone())).unzip();
    let mut table = rules::Table { files: names, ..rules::Table::new(files) };
    // No scan needs the examples.
    let take = |rule: &mut rules::Rule| [&mut rule.examples, &mut rule.counter_examples].map(std::mem::take);
    let examples: Vec<[Vec<String>; 2]> = table.rules.iter_mut().map(take).collect();
    write("rules.bin", &postcard::to_allocvec(&table).expect("plain data can be written"));
    write("examples.bin", &postcard::to_allocvec(&examples).expect("plain data can be written"));
}

fn write(name: &str, bytes: &[u8]) {
    let target = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo names a folder")).join(name);
    fs::write(&target, bytes).unwrap_or_else(|error| panic!("{}: {error}", target.display()));
}

/// Every TOML file under `folder`, sorted, relative to the repository.
fn collect(root: &Path, folder: &str, paths: &mut Vec<String>) {
    let entries = fs::read_dir(root.join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    for entry in entries {
        let entry = entry.unwrap_or_else(|error| panic!("{folder}: {error}"));
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(root, &path, paths);
        } else if path.ends_with(".toml") {
            paths.push(path);
        }
    }
    paths.sort();
}
