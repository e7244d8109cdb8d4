//! What `stopleak config show` prints: every setting, its value, and where that is from.

use std::fmt::Write as _;

use stopleak::config::Config;
use stopleak::report::escape;
use stopleak::rules::RuleSet;
use toml::Spanned;

use super::config::Settings;

const DEFAULT: &str = "default";

/// The page.
pub(super) fn page(settings: &Settings, rules: &RuleSet) -> String {
    let empty = Config::default();
    let config = settings.config.as_ref().unwrap_or(&empty);
    let mut page = Page { config, text: String::new() };
    let file = settings.config.as_ref().map_or("none", |config| &config.file);
    let _ = writeln!(page.text, "configuration: {}", escape(file.as_bytes()));
    let _ = writeln!(page.text, "root: {}", escape(settings.root.display().to_string().as_bytes()));
    let _ = writeln!(page.text, "rules: {} of {} providers\n", rules.rules().len(), rules.providers().len());
    let tables = &config.tables;
    page.list("scan.exclude", &tables.scan.exclude);
    page.list("scan.only", &tables.scan.only);
    page.one("scan.max_file_size", tables.scan.max_file_size.as_ref(), String::clone, "50MB");
    page.one("scan.max_archive_size", tables.scan.max_archive_size.as_ref(), String::clone, "256MiB");
    page.one("scan.max_archive_members", tables.scan.max_archive_members.as_ref(), u32::to_string, "10000");
    page.one("scan.max_archive_depth", tables.scan.max_archive_depth.as_ref(), u32::to_string, "4");
    page.one("scan.no_ignore", tables.scan.no_ignore.as_ref(), bool::to_string, "false");
    page.one(
        "report.min_confidence",
        tables.report.min_confidence.as_ref(),
        |level| level.as_str().to_owned(),
        "medium",
    );
    page.one("report.fail_on", tables.report.fail_on.as_ref(), |level| level.as_str().to_owned(), "low");
    page.list("rules.files", &tables.rules.files);
    page.list("rules.disable", &tables.rules.disable);
    page.list("rules.only", &tables.rules.only);
    for (name, severity) in &tables.rules.severity {
        page.line(&format!("rules.severity.{}", name.get_ref()), severity.get_ref().as_str(), &config.place(name));
    }
    page.one("comments.accept", tables.comments.accept.as_ref(), bool::to_string, "true");
    page.one("comments.foreign", tables.comments.foreign.as_ref(), bool::to_string, "true");
    page.one("comments.linters", tables.comments.linters.as_ref(), bool::to_string, "false");
    page.one("baseline", tables.baseline.as_ref(), String::clone, ".stopleak-baseline");
    for allow in &tables.allow {
        let text = allow.get_ref().to_string();
        page.line("allow", text.trim_start_matches("[[allow]] "), &config.place(allow));
    }
    page.text
}

struct Page<'a> {
    config: &'a Config,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, name: &str, value: &str, from: &str) {
        let (name, value, from) = (escape(name.as_bytes()), escape(value.as_bytes()), escape(from.as_bytes()));
        // Writing to a string can't fail.
        let _ = writeln!(self.text, "{name:24} {value:32} {from}");
    }

    fn one<T>(&mut self, name: &str, value: Option<&Spanned<T>>, shown: impl Fn(&T) -> String, default: &str) {
        match value {
            Some(value) => self.line(name, &shown(value.get_ref()), &self.config.place(value)),
            None => self.line(name, default, DEFAULT),
        }
    }

    fn list(&mut self, name: &str, list: &[Spanned<String>]) {
        if list.is_empty() {
            self.line(name, "none", DEFAULT);
        }
        for item in list {
            self.line(name, item.get_ref(), &self.config.place(item));
        }
    }
}
