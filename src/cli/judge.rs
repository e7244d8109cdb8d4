//! What counts as a finding: what was typed, then the configuration, then the defaults; and the verdict on a report.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use stopleak::finding::{Remark, RemarkKind, Report};
use stopleak::policy::baseline::Baseline;
#[cfg(feature = "git")]
use stopleak::policy::baseline::{Entry, Verdict};
use stopleak::policy::{self, Policy};
use stopleak::rules::{Confidence, Severity};
use stopleak::scan::Options;
use stopleak::source::Origin;

use super::args::{Grade, JudgeArgs, Level};
use super::config::{ConfigArgs, Settings, all};
use super::plan::Input;
use super::rules::{self, Loaded};
use super::store::{self, Store};

/// What counts as a finding.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) settings: Settings,
    pub(super) fail_on: Severity,
    min_confidence: Confidence,
    /// The configuration set it.
    by_config: bool,
    rule_files: Vec<PathBuf>,
    /// Paths of findings are those of a repository, not of this machine.
    pub(super) in_git: bool,
    /// Lines of the configuration that came with what is scanned.
    new_lines: HashSet<usize>,
    /// What is known already.
    pub(super) baseline: Option<Baseline>,
    /// The same of the baseline.
    new_entries: HashSet<usize>,
    /// All that the baseline speaks of is scanned.
    pub(super) whole: bool,
}

/// The baseline's name if nobody gives another.
const BASELINE: &str = ".stopleak-baseline";

impl Judge {
    /// The judge of a scan that begins in the folder `start`.
    pub(super) fn new(typed: JudgeArgs, start: &Path, in_git: bool) -> anyhow::Result<Self> {
        let settings = Settings::find(&typed.config, start)?;
        let report = settings.config.as_ref().map(|config| config.tables.report.clone()).unwrap_or_default();
        let min_confidence = match typed.min_confidence {
            Some(Level::Low) => Confidence::Low,
            Some(Level::Medium) => Confidence::Medium,
            Some(Level::High) => Confidence::High,
            None => report.min_confidence.map_or(Confidence::Medium, toml::Spanned::into_inner),
        };
        let by_config = typed.min_confidence.is_none() && settings.config.is_some();
        let fail_on = match typed.fail_on {
            Some(Grade::Low) => Severity::Low,
            Some(Grade::Medium) => Severity::Medium,
            Some(Grade::High) => Severity::High,
            Some(Grade::Critical) => Severity::Critical,
            None => report.fail_on.map_or(Severity::Low, toml::Spanned::into_inner),
        };
        let baseline = baseline(&settings, &typed.config)?;
        let (new_lines, new_entries) = (HashSet::new(), HashSet::new());
        let rule_files = typed.rules;
        Ok(Self {
            settings,
            fail_on,
            min_confidence,
            by_config,
            rule_files,
            in_git,
            new_lines,
            baseline,
            new_entries,
            whole: false,
        })
    }

    /// Whether a scan reads all of the folder that the baseline speaks of.
    pub(super) fn is_root(&self, input: &Input) -> bool {
        let is_root = |path: &PathBuf| path.canonicalize().is_ok_and(|path| path == self.settings.root);
        matches!(input, Input::Tree(paths) if paths.iter().any(is_root))
    }

    /// The rules in force.
    pub(super) fn rules(&self) -> anyhow::Result<Loaded> {
        let rules = rules::load(&self.rule_files, &self.settings.rule_files()?)?;
        if let Some(config) = &self.settings.config {
            config.check_names(&rules).map_err(all)?;
        }
        Ok(rules)
    }

    /// Adds what the configuration says of reading to what was typed. `max_file_size` is what was typed of it.
    pub(super) fn options(&self, max_file_size: Option<&str>, mut options: Options) -> anyhow::Result<Options> {
        let scan = self.settings.config.as_ref().map(|config| config.tables.scan.clone()).unwrap_or_default();
        if let Some(typed) = max_file_size {
            options.max_file_size = super::plan::size("--max-file-size", typed)?;
        } else if let Some(size) = scan.max_file_size.and_then(|size| stopleak::config::size(size.get_ref())) {
            options.max_file_size = size;
        }
        let size = |text: &toml::Spanned<String>| stopleak::config::size(text.get_ref());
        let archives =
            [scan.max_archive_members, scan.max_archive_depth].map(|number| number.map(toml::Spanned::into_inner));
        let [members, depth] = archives;
        options.max_archive_size = scan.max_archive_size.as_ref().and_then(size).unwrap_or(options.max_archive_size);
        options.max_archive_members = members.map_or(options.max_archive_members, |number| number as usize);
        options.max_archive_depth = depth.unwrap_or(options.max_archive_depth);
        options.no_ignore |= scan.no_ignore.is_some_and(toml::Spanned::into_inner);
        options.exclude.extend(scan.exclude.into_iter().map(toml::Spanned::into_inner));
        options.only.extend(scan.only.into_iter().map(toml::Spanned::into_inner));
        options.root = Some(self.settings.root.clone());
        Ok(options)
    }

    /// Whether there is a configuration or a baseline that the scanned changes could have touched.
    #[cfg(feature = "git")]
    pub(super) fn can_be_changed(&self) -> bool {
        matches!(self.settings.files, super::config::Files::Disk)
            && (self.baseline.is_some() || self.settings.name.is_some())
    }

    /// Looks at what the scanned changes did to configuration and baseline: an entry that none of the `bases` has is new.
    #[cfg(feature = "git")]
    pub(super) fn compare(
        &mut self,
        repository: &stopleak::source::git::Repository,
        bases: &[stopleak::source::git::ObjectId],
    ) {
        self.compare_baseline(repository, bases);
        let Settings { config: Some(config), name: Some(name), below, files: super::config::Files::Disk, .. } =
            &self.settings
        else {
            return;
        };
        let source = stopleak::config::FILES.iter().find(|source| source.file == *name);
        let table = source.map_or(&[][..], |source| source.table);
        let path = format!("{below}{name}");
        let mut known = HashSet::new();
        for &base in bases {
            // What can't be read or was broken hides nothing: all entries count as new then.
            let bytes = repository.file_at(base, &path, 4 << 20).ok().flatten().unwrap_or_default();
            let old = stopleak::config::read(name, &String::from_utf8_lossy(&bytes), table).ok().flatten();
            known.extend(old.iter().flat_map(stopleak::config::Config::hides).map(|hiding| hiding.text));
            // A push names every branch of the remote as a base; the first mostly knows all.
            if config.hides().iter().all(|hiding| known.contains(&hiding.text)) {
                return;
            }
        }
        let new = config.hides().into_iter().filter(|hiding| !known.contains(&hiding.text));
        self.new_lines = new.map(|hiding| hiding.line).collect();
    }

    #[cfg(feature = "git")]
    fn compare_baseline(
        &mut self,
        repository: &stopleak::source::git::Repository,
        bases: &[stopleak::source::git::ObjectId],
    ) {
        let (Some(baseline), super::config::Files::Disk) = (&self.baseline, &self.settings.files) else { return };
        // One that was named on the command line may lie anywhere; it is compared if it is the repository's own.
        let path = format!("{}{}", self.settings.below, baseline.file);
        let mut known = HashSet::new();
        for &base in bases {
            let bytes = repository.file_at(base, &path, super::store::MOST_BYTES).ok().flatten().unwrap_or_default();
            let old = Baseline::read(&path, &String::from_utf8_lossy(&bytes)).unwrap_or_default();
            known.extend(old.entries.into_iter().map(accepts));
            if baseline.entries.iter().all(|entry| known.contains(&accepts(entry.clone()))) {
                return;
            }
        }
        let new = baseline.entries.iter().filter(|entry| !known.contains(&accepts((*entry).clone())));
        self.new_entries = new.map(|entry| entry.line).collect();
    }

    /// Puts apart what doesn't count, and says what is in force.
    pub(super) fn decide(&self, report: &mut Report<'_>) {
        if let Some(config) = &self.settings.config {
            let text = format!("the configuration {} is in force", config.file);
            report.remarks.push(Remark { kind: RemarkKind::InForce, text });
        }
        if let Some(baseline) = &self.baseline {
            let number = baseline.entries.len();
            let entries = if number == 1 { "entry" } else { "entries" };
            let text = format!("the baseline {} is in force ({number} {entries})", baseline.file);
            report.remarks.push(Remark { kind: RemarkKind::InForce, text });
        }
        self.with_policy(|policy| policy::decide(report, policy));
    }

    /// Hands out the policy.
    pub(super) fn with_policy<T>(&self, work: impl FnOnce(&Policy<'_>) -> T) -> T {
        // In a bare repository nothing of the work tree is there: that says nothing of the files.
        let has_tree = !self.in_git || self.settings.root.join(".git").exists();
        let root = &self.settings.root;
        work(&Policy {
            least: self.min_confidence,
            least_by_config: self.by_config,
            config: self.settings.config.as_ref(),
            new_lines: self.new_lines.clone(),
            baseline: self.baseline.as_ref(),
            new_entries: self.new_entries.clone(),
            gone: &|path| has_tree && root.join(path).symlink_metadata().is_err(),
            whole: self.whole,
            today: &today(),
            path: &|origin| self.relative(origin),
        })
    }

    /// The path of a text relative to the folder of the configuration.
    pub(super) fn relative(&self, origin: &Origin) -> Vec<u8> {
        if self.in_git {
            let path = origin.path.as_slice();
            return path.strip_prefix(self.settings.below.as_bytes()).unwrap_or(path).to_vec();
        }
        let shown = String::from_utf8_lossy(&origin.path).into_owned();
        let real = Path::new(&shown).canonicalize().unwrap_or_else(|_| PathBuf::from(&shown));
        match real.strip_prefix(&self.settings.root) {
            Ok(inside) => inside.to_string_lossy().replace('\\', "/").into_bytes(),
            Err(_) => origin.path.clone(),
        }
    }
}

/// The file that is read and written as the baseline: as it is shown, and where.
pub(super) fn store(settings: &Settings, typed: &ConfigArgs) -> Store {
    if let Some(file) = &typed.baseline {
        return Store::new(file.display().to_string(), file.canonicalize().unwrap_or_else(|_| file.clone()));
    }
    let configured = settings.config.as_ref().and_then(|config| config.tables.baseline.as_ref());
    let name = configured.map_or(BASELINE, |name| name.get_ref());
    Store::new(name.to_owned(), settings.root.join(name))
}

/// The baseline in force. One that somebody named must be there.
fn baseline(settings: &Settings, typed: &ConfigArgs) -> anyhow::Result<Option<Baseline>> {
    if typed.no_baseline {
        return Ok(None);
    }
    let remedy = "`stopleak baseline create` writes one";
    if let Some(file) = &typed.baseline {
        let shown = file.display().to_string();
        let path = file.canonicalize().with_context(|| format!("--baseline {shown}: {remedy}"))?;
        let text = store::text(&shown, &path)?;
        return Ok(Some(Baseline::read(&shown, &text)?));
    }
    let configured = settings.config.as_ref().and_then(|config| config.tables.baseline.as_ref());
    let name = configured.map_or(BASELINE, |name| name.get_ref());
    match settings.read(name, store::MOST_BYTES)? {
        Some(text) => Ok(Some(Baseline::read(&settings.files.shown(name), &text)?)),
        None => match (configured, &settings.config) {
            (Some(at), Some(config)) => bail!("{}: there is no baseline {name}; {remedy}", config.place(at)),
            _ => Ok(None),
        },
    }
}

/// What an entry accepts, whatever line and words it is in.
#[cfg(feature = "git")]
fn accepts(mut entry: Entry) -> Entry {
    if !entry.is_weak() {
        (entry.within, entry.rule) = (String::new(), String::new());
    }
    entry.verdict = entry.verdict.filter(|&verdict| verdict == Verdict::Real);
    Entry { line: 0, reason: None, ..entry }
}

/// Today in universal time, as `2026-11-21`.
pub(super) fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    day(seconds / 86_400)
}

/// The day that is so many days after 1970-01-01 (Hinnant's `civil_from_days`).
fn day(days: u64) -> String {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_778, "2026-11-21"),
            (47_540, "2100-02-28"),
            (47_541, "2100-03-01"),
        ] {
            assert_eq!(day(days), expected);
        }
    }
}
