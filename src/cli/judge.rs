//! What counts as a finding: what was typed, then the configuration, then the defaults; and the verdict on a report.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use stopleak::finding::{Remark, RemarkKind, Report};
use stopleak::policy::{self, Policy};
use stopleak::rules::{Confidence, Severity};
use stopleak::scan::Options;
use stopleak::source::Origin;

use super::args::{Grade, JudgeArgs, Level};
use super::config::{Settings, all};
use super::rules::{self, Loaded};

/// What counts as a finding.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) settings: Settings,
    pub(super) fail_on: Severity,
    min_confidence: Confidence,
    rule_files: Vec<PathBuf>,
    /// Paths of findings are those of a repository, not of this machine.
    in_git: bool,
    /// Lines of the configuration that came with what is scanned.
    new_lines: HashSet<usize>,
}

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
        let fail_on = match typed.fail_on {
            Some(Grade::Low) => Severity::Low,
            Some(Grade::Medium) => Severity::Medium,
            Some(Grade::High) => Severity::High,
            Some(Grade::Critical) => Severity::Critical,
            None => report.fail_on.map_or(Severity::Low, toml::Spanned::into_inner),
        };
        let new_lines = HashSet::new();
        Ok(Self { settings, fail_on, min_confidence, rule_files: typed.rules, in_git, new_lines })
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
            options.max_file_size = super::plan::size(typed)?;
        } else if let Some(size) = scan.max_file_size.and_then(|size| stopleak::config::size(size.get_ref())) {
            options.max_file_size = size;
        }
        options.no_ignore |= scan.no_ignore.is_some_and(toml::Spanned::into_inner);
        options.exclude.extend(scan.exclude.into_iter().map(toml::Spanned::into_inner));
        options.only.extend(scan.only.into_iter().map(toml::Spanned::into_inner));
        options.root = Some(self.settings.root.clone());
        Ok(options)
    }

    /// Looks at what the scanned changes did to the configuration: an entry that none of the `bases` has is new.
    #[cfg(feature = "git")]
    pub(super) fn compare(
        &mut self,
        repository: &stopleak::source::git::Repository,
        bases: &[stopleak::source::git::ObjectId],
    ) {
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
        }
        let new = config.hides().into_iter().filter(|hiding| !known.contains(&hiding.text));
        self.new_lines = new.map(|hiding| hiding.line).collect();
    }

    /// Puts apart what doesn't count, and says what is in force.
    pub(super) fn decide(&self, report: &mut Report<'_>) {
        if let Some(config) = &self.settings.config {
            let text = format!("the configuration {} is in force", config.file);
            report.remarks.push(Remark { kind: RemarkKind::InForce, text });
        }
        let policy = Policy {
            least: self.min_confidence,
            config: self.settings.config.as_ref(),
            new_lines: self.new_lines.clone(),
            today: &today(),
            path: &|origin| self.relative(origin),
        };
        policy::decide(report, &policy);
    }

    /// The path of a text relative to the folder of the configuration.
    fn relative(&self, origin: &Origin) -> Vec<u8> {
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
