//! Providers and rules with all that is derived from them. The build script writes the table of the built-in files into
//! the program, so that a start parses nothing; a set with files of the user's is made from their structures.

use serde::{Deserialize, Serialize};

use super::{Outline, Provider, ProviderFile, ProviderId, Rule, Words};

/// The table of a rule set.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Table {
    /// The providers, sorted by id.
    pub(crate) providers: Vec<Provider>,
    /// The built-in file each of them is from; empty for a set that was read from elsewhere.
    pub(crate) files: Vec<String>,
    /// The rules, sorted by id.
    pub(crate) rules: Vec<Rule>,
    /// Whose rule each is.
    pub(crate) owners: Vec<ProviderId>,
    /// The measures of the rules' shapes.
    pub(crate) outlines: Vec<Outline>,
    /// The words by which texts speak of the providers.
    pub(crate) words: Words,
}

impl Table {
    /// The table of files that were checked one by one.
    pub(crate) fn new(mut files: Vec<ProviderFile>) -> Self {
        files.sort_by(|a, b| a.provider.id.cmp(&b.provider.id));
        let mut owned = Vec::new();
        let mut providers = Vec::new();
        for (number, file) in files.into_iter().enumerate() {
            let owner = ProviderId(u16::try_from(number).unwrap_or(u16::MAX));
            owned.extend(file.rules.into_iter().map(|rule| (rule, owner)));
            providers.push(file.provider);
        }
        owned.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        let (rules, owners): (Vec<Rule>, Vec<ProviderId>) = owned.into_iter().unzip();
        let outlines = rules.iter().map(|rule| Outline::of(&rule.shape)).collect();
        let words = Words::collect(&providers, &rules, &owners);
        Self { providers, files: Vec::new(), rules, owners, outlines, words }
    }
}
