//! The rules that come with the program: every file under `rules/`, read by the build script and compiled in as a table.

use super::{ProviderFile, RuleSet, Table};

/// What the build script wrote.
const TABLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));

/// The examples and counter-examples of each rule, in the order of the table.
const EXAMPLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/examples.bin"));

/// The built-in rules without their examples. They were checked by the tests; here they are only read, because start-up decides how long a
/// commit hook takes.
///
/// # Panics
/// If the table is broken, which the build excludes.
pub(super) fn load() -> RuleSet {
    RuleSet::from_table(
        postcard::from_bytes(TABLE).expect("the build script and the program share the table's structure"),
    )
}

/// The built-in rules with their examples.
///
/// # Panics
/// As [`load`].
pub(super) fn load_complete() -> RuleSet {
    let mut table: Table =
        postcard::from_bytes(TABLE).expect("the build script and the program share the table's structure");
    let examples: Vec<[Vec<String>; 2]> = postcard::from_bytes(EXAMPLES).expect("two lists for each rule");
    for (rule, lists) in table.rules.iter_mut().zip(examples) {
        [rule.examples, rule.counter_examples] = lists;
    }
    RuleSet::from_table(table)
}

/// Path and content of every built-in file, as far as `rules` holds it.
pub(super) fn files(rules: &RuleSet) -> impl Iterator<Item = (&str, ProviderFile)> {
    let Table { providers, files, rules, owners, .. } = &rules.table;
    (0..).zip(providers).zip(files).map(move |((number, provider), path)| {
        let own = rules.iter().zip(owners).filter(move |(_, owner)| owner.0 == number);
        let rules = own.map(|(rule, _)| rule.clone()).collect();
        (path.as_str(), ProviderFile { provider: provider.clone(), rules })
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    /// Every TOML file under `dir`, sorted, relative to the repository.
    fn files_below(root: &Path, dir: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![PathBuf::from(dir)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root.join(&folder)).expect("a folder of rules") {
                let entry = entry.expect("an entry of a folder");
                let path = folder.join(entry.file_name());
                if entry.path().is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "toml") {
                    found.push(path.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn the_table_holds_every_file_as_it_stands() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut held: Vec<(&str, ProviderFile)> = files(RuleSet::complete()).collect();
        held.sort_by_key(|(path, _)| *path);
        assert_eq!(held.iter().map(|(path, _)| *path).collect::<Vec<_>>(), files_below(root, "rules"));
        for (path, file) in held {
            let text = fs::read_to_string(root.join(path)).expect("a rule file");
            let mut read: ProviderFile = toml::from_str(&text).expect("TOML");
            read.rules.sort_by(|a, b| a.id.cmp(&b.id));
            assert_eq!(format!("{file:?}"), format!("{read:?}"), "{path}");
        }
    }

    #[test]
    fn what_is_derived_is_what_the_program_would_derive() {
        let table = &RuleSet::builtin().table;
        let again = Table::new(files(RuleSet::complete()).map(|(_, file)| file).collect());
        assert_eq!(table.outlines, again.outlines);
        assert_eq!(table.words, again.words);
        assert_eq!(table.owners, again.owners);
    }

    #[test]
    fn the_built_in_rules_load() {
        let rules = RuleSet::builtin();
        assert!(rules.providers().len() >= 81, "{} providers", rules.providers().len());
        assert!(rules.find("binance-api-secret").is_some());
    }
}
