//! The rules: who issues credentials, what they look like, what a leak means and what to do. Data with its proof, in
//! TOML under `rules/`; this room reads and checks it and knows nothing of texts to scan.

mod builtin;
mod check;
mod fill;
pub mod foreign;
mod host;
mod load;
mod model;
mod outline;
pub mod shape;
mod table;
pub mod template;
mod words;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

pub use check::{Failure, Scan, check, thin};
use foreign::{Common, ForeignFile, ForeignRule, Remark};
pub use host::Host;
pub use load::{Loader, ReadExtended, RuleError};
pub use model::{
    Confidence, Evidence, Grade, Kind, Match, Provider, ProviderFile, ProviderId, Role, Rule, RuleId, Severity,
};
pub(crate) use outline::{MAX_REACH, Outline};
pub(crate) use table::Table;
pub(crate) use words::{Mark, Words, generic};

/// All providers and rules of a run.
#[derive(Debug, Default)]
pub struct RuleSet {
    table: Table,
    /// Where the rules that were loaded from files stand, by id.
    places: BTreeMap<String, Place>,
    /// Rules of other scanners, by number.
    foreign: Vec<(RuleId, ForeignRule)>,
    /// What is no finding of the built-in rules either, by files that extend them.
    common: Vec<Arc<Common>>,
    remarks: Vec<Remark>,
}

/// Where a rule stands: its file and the lines of its examples.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    file: String,
    examples: Vec<usize>,
    counter_examples: Vec<usize>,
}

impl RuleSet {
    /// The rules that come with the program, read at the first use.
    #[must_use]
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<RuleSet> = OnceLock::new();
        BUILTIN.get_or_init(builtin::load)
    }

    /// The rules that come with the program together with their examples, which no scan needs: [`Self::builtin`] is read at
    /// each start and leaves them out.
    #[must_use]
    pub fn complete() -> &'static Self {
        static COMPLETE: OnceLock<RuleSet> = OnceLock::new();
        COMPLETE.get_or_init(builtin::load_complete)
    }

    /// A set of files that were checked one by one.
    #[must_use]
    pub fn from_files(files: Vec<ProviderFile>) -> Self {
        Self::with_foreign(files, Vec::new())
    }

    /// A set of files, some of them in the format of another scanner.
    fn with_foreign(mut files: Vec<ProviderFile>, foreign: Vec<ForeignFile>) -> Self {
        let (mut parts, mut common) = (Vec::new(), Vec::new());
        for file in foreign {
            files.iter_mut().for_each(|other| other.rules.retain(|rule| !file.disabled.contains(&rule.id)));
            if file.extends_default {
                common.push(file.common);
            }
            let (rules, more): (Vec<_>, Vec<_>) = file.rules.into_iter().unzip();
            parts.extend(more);
            files.push(ProviderFile { provider: file.provider, rules });
        }
        let mut set = Self { common, ..Self::from_table(Table::new(files)) };
        set.foreign = parts.into_iter().filter_map(|rule| Some((set.find(&rule.id)?, rule))).collect();
        set
    }

    /// The rules of other scanners.
    #[must_use]
    pub fn foreign(&self) -> &[(RuleId, ForeignRule)] {
        &self.foreign
    }

    /// Whether a rule is of another scanner.
    #[must_use]
    pub fn is_foreign(&self, id: RuleId) -> bool {
        self.rule(id).matching == Match::Foreign
    }

    /// Whether a rule comes with the program and not from a file.
    #[must_use]
    pub fn is_builtin(&self, id: RuleId) -> bool {
        !self.is_foreign(id) && !self.places.contains_key(&self.rule(id).id)
    }

    /// Whether a rule speaks of files by their paths alone.
    #[must_use]
    pub fn judges_paths(&self) -> bool {
        self.foreign.iter().any(|(_, rule)| rule.pattern.is_none())
    }

    /// What is no finding of the built-in rules either: the allow-lists of files that extend them.
    #[must_use]
    pub fn common(&self) -> &[Arc<Common>] {
        &self.common
    }

    /// What was not used of the rule files, with its place.
    #[must_use]
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    fn from_table(table: Table) -> Self {
        Self { table, ..Self::default() }
    }

    /// The providers, sorted by id.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.table.providers
    }

    /// The rules, sorted by id.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.table.rules
    }

    /// The numbers of the providers.
    pub fn provider_ids(&self) -> impl Iterator<Item = ProviderId> + use<> {
        (0..self.table.providers.len()).map(|number| ProviderId(u16::try_from(number).unwrap_or(u16::MAX)))
    }

    /// The numbers of the rules.
    pub fn rule_ids(&self) -> impl Iterator<Item = RuleId> + use<> {
        (0..self.table.rules.len()).map(|number| RuleId(u16::try_from(number).unwrap_or(u16::MAX)))
    }

    /// A provider by number.
    #[must_use]
    pub fn provider(&self, id: ProviderId) -> &Provider {
        &self.table.providers[usize::from(id.0)]
    }

    /// A rule by number.
    #[must_use]
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.table.rules[usize::from(id.0)]
    }

    /// Whose rule it is.
    #[must_use]
    pub fn provider_of(&self, id: RuleId) -> ProviderId {
        self.table.owners[usize::from(id.0)]
    }

    /// The measures of a rule's shape.
    pub(crate) fn outline(&self, id: RuleId) -> &Outline {
        &self.table.outlines[usize::from(id.0)]
    }

    /// The words by which texts speak of the providers and of credentials.
    pub(crate) fn words(&self) -> &Words {
        &self.table.words
    }

    /// A rule by name.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<RuleId> {
        let number = self.table.rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok()?;
        u16::try_from(number).ok().map(RuleId)
    }

    /// The file and the line of an example, if the rule was loaded from a file.
    fn place_of(&self, rule: &str, mode: template::Mode, number: usize) -> Option<(String, usize)> {
        let place = self.places.get(rule)?;
        let lines = match mode {
            template::Mode::Example => &place.examples,
            template::Mode::CounterExample => &place.counter_examples,
        };
        Some((place.file.clone(), *lines.get(number)?))
    }
}
