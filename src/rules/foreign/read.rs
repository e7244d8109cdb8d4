//! From the text of a gitleaks configuration to what it says. Keys are compared without case, as gitleaks does. What is
//! wrong or unknown is an error with its place; what is understood and not used is a remark.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::filter::Filter;
use super::pattern::Pattern;
use super::{Allow, Remark, Required, Target};
use crate::rules::load::Sheet;

type Value<'t> = Spanned<DeValue<'t>>;

/// A rule as its file says it, before it is joined with what it extends.
#[derive(Debug, Default)]
pub(super) struct RawRule {
    pub(super) id: String,
    pub(super) at: Range<usize>,
    /// The place again, for faults that show when files are joined.
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) description: String,
    pub(super) pattern: Option<Pattern>,
    pub(super) path: Option<Pattern>,
    pub(super) group: usize,
    pub(super) entropy: f64,
    pub(super) keywords: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) allows: Vec<Allow>,
    /// Allow-lists that several rules have in common.
    pub(super) shared: Vec<Arc<Allow>>,
    pub(super) required: Vec<Required>,
    pub(super) silent: bool,
    pub(super) filter: Option<Filter>,
}

/// A file as it stands.
#[derive(Debug, Default)]
pub(super) struct RawFile {
    pub(super) title: String,
    pub(super) rules: Vec<RawRule>,
    pub(super) allows: Vec<Allow>,
    /// Allow-lists for rules that are named, with their line.
    pub(super) targeted: Vec<(Vec<String>, Allow, usize)>,
    pub(super) filters: Vec<Filter>,
    pub(super) extend_default: bool,
    pub(super) extend_path: Option<(String, usize)>,
    /// Ids that are switched off, and the line.
    pub(super) disabled: Vec<(String, usize)>,
}

/// Whether a file is in gitleaks' format: it has keys of it and none of ours.
pub(in crate::rules) fn is_foreign(table: &DeTable<'_>) -> bool {
    let has = |names: &[&str]| table.keys().any(|key| names.contains(&key.get_ref().to_lowercase().as_str()));
    !has(&["provider", "rule"]) && has(&["rules", "allowlist", "allowlists", "extend", "prefilter", "filter"])
}

/// Reads a file. Faults and remarks go to the sheet.
pub(super) fn file(sheet: &mut Sheet<'_>, table: DeTable<'_>) -> RawFile {
    let mut file = RawFile::default();
    for (key, value) in table {
        let at = key.span();
        match key.get_ref().to_lowercase().as_str() {
            "title" => file.title = string(sheet, &value).unwrap_or_default(),
            // A version of gitleaks says nothing about us.
            "description" | "minversion" | "betterleaksminversion" => {}
            "extend" => extend(sheet, value, &mut file),
            "allowlist" | "allowlists" => {
                for table in tables(sheet, value) {
                    let line = sheet.line(table.span().start);
                    if let Some((allow, targets)) = allow(sheet, table, true) {
                        if targets.is_empty() {
                            file.allows.push(allow);
                        } else {
                            file.targeted.push((targets, allow, line));
                        }
                    }
                }
            }
            "prefilter" | "filter" => file.filters.extend(filter(sheet, &value, "all rules report")),
            "rules" => {
                for table in tables(sheet, value) {
                    if let Some(rule) = rule(sheet, table) {
                        if let Some(other) = file.rules.iter().find(|other| other.id == rule.id) {
                            let reason = format!("`{}` is in this file twice, first in line {}", rule.id, other.line);
                            sheet.fault(rule.at.clone(), &reason, "choose another id");
                        }
                        file.rules.push(rule);
                    }
                }
            }
            name => {
                let known =
                    ["title", "description", "minVersion", "extend", "allowlists", "prefilter", "filter", "rules"];
                sheet.unknown(at, name, "a gitleaks configuration", &known);
            }
        }
    }
    file
}

fn extend(sheet: &mut Sheet<'_>, value: Value<'_>, file: &mut RawFile) {
    for (key, value) in entries(sheet, value) {
        match key.get_ref().to_lowercase().as_str() {
            "usedefault" => file.extend_default = boolean(sheet, &value),
            "path" => {
                let line = sheet.line(key.span().start);
                file.extend_path = string(sheet, &value).filter(|path| !path.is_empty()).map(|path| (path, line));
            }
            "url" => sheet.fault(key.span(), "nothing is fetched from the network", "name a local file with `path`"),
            "disabledrules" => {
                let line = sheet.line(key.span().start);
                file.disabled.extend(strings(sheet, &value).into_iter().map(|id| (id, line)));
            }
            name => sheet.unknown(key.span(), name, "[extend]", &["useDefault", "path", "disabledRules"]),
        }
    }
    if file.extend_default && file.extend_path.is_some() {
        sheet.fault(0..0, "[extend] has both `useDefault` and `path`", "choose one of them, as gitleaks demands");
    }
}

fn rule(sheet: &mut Sheet<'_>, value: Value<'_>) -> Option<RawRule> {
    let at = value.span();
    let mut rule =
        RawRule { line: sheet.line(at.start), file: sheet.file.to_owned(), at: at.clone(), ..RawRule::default() };
    let mut sound = true;
    for (key, value) in entries(sheet, value) {
        match key.get_ref().to_lowercase().as_str() {
            "id" => rule.id = string(sheet, &value).unwrap_or_default().trim().to_owned(),
            "description" => rule.description = string(sheet, &value).unwrap_or_default(),
            "regex" => {
                rule.pattern = pattern(sheet, &value);
                sound &= rule.pattern.is_some();
            }
            "path" => {
                rule.path = pattern(sheet, &value);
                sound &= rule.path.is_some();
            }
            "secretgroup" => rule.group = whole(sheet, &value).unwrap_or_default(),
            "entropy" => rule.entropy = number(sheet, &value).unwrap_or_default(),
            "keywords" => {
                rule.keywords = strings(sheet, &value).into_iter().map(|word| word.to_lowercase()).collect();
            }
            "tags" => rule.tags = strings(sheet, &value),
            "allowlist" | "allowlists" => {
                for table in tables(sheet, value) {
                    rule.allows.extend(allow(sheet, table, false).map(|(allow, _)| allow));
                }
            }
            "required" => {
                for table in tables(sheet, value) {
                    rule.required.extend(required(sheet, table));
                }
            }
            "skipreport" => rule.silent = boolean(sheet, &value),
            "filter" | "prefilter" => rule.filter = filter(sheet, &value, "the rule reports"),
            "validate" => {
                sheet.remark(key.span(), "`validate` is not used: a scan asks nobody whether a value is live")
            }
            "specificity" => {
                sheet.remark(key.span(), "`specificity` is not used: which of two rules counts is decided here");
            }
            name => {
                let known = [
                    "id",
                    "description",
                    "regex",
                    "path",
                    "secretGroup",
                    "entropy",
                    "keywords",
                    "tags",
                    "allowlists",
                    "required",
                    "skipReport",
                ];
                sheet.unknown(key.span(), name, "[[rules]]", &known);
            }
        }
    }
    if rule.id.is_empty() {
        sheet.fault(at, "the rule has no `id`", "name it: findings are reported under it");
        return None;
    }
    sound.then_some(rule)
}

fn required(sheet: &mut Sheet<'_>, value: Value<'_>) -> Option<Required> {
    let at = value.span();
    let mut required = Required { rule: String::new(), lines: None, columns: None };
    for (key, value) in entries(sheet, value) {
        match key.get_ref().to_lowercase().as_str() {
            "id" => required.rule = string(sheet, &value).unwrap_or_default(),
            "withinlines" => required.lines = whole(sheet, &value),
            "withincolumns" => required.columns = whole(sheet, &value),
            name => {
                sheet.unknown(key.span(), name, "[[rules.required]]", &["id", "withinLines", "withinColumns"]);
            }
        }
    }
    if required.rule.is_empty() {
        sheet.fault(at, "`required` names no rule", "add `id`");
        return None;
    }
    Some(required)
}

/// An allow-list and the rules it is for.
fn allow(sheet: &mut Sheet<'_>, value: Value<'_>, global: bool) -> Option<(Allow, Vec<String>)> {
    let at = value.span();
    let line = sheet.line(at.start);
    let mut allow = Allow { file: sheet.file.to_owned(), line, ..Allow::default() };
    let mut targets = Vec::new();
    let mut sound = true;
    for (key, value) in entries(sheet, value) {
        match key.get_ref().to_lowercase().as_str() {
            "description" => allow.description = string(sheet, &value).unwrap_or_default(),
            "condition" => match string(sheet, &value).unwrap_or_default().to_uppercase().as_str() {
                "AND" | "&&" => allow.all = true,
                "" | "OR" | "||" => {}
                other => sheet.fault(value.span(), &format!("`{other}` is no condition"), "write AND or OR"),
            },
            "regextarget" => match string(sheet, &value).unwrap_or_default().as_str() {
                "" | "secret" => {}
                "match" => allow.target = Target::Match,
                "line" => allow.target = Target::Line,
                other => {
                    let reason = format!("`{other}` is no target of regular expressions");
                    sheet.fault(value.span(), &reason, "write secret, match or line");
                }
            },
            "paths" => sound &= patterns(sheet, &value, &mut allow.paths),
            "regexes" => sound &= patterns(sheet, &value, &mut allow.regexes),
            "stopwords" => {
                allow.stopwords = strings(sheet, &value).into_iter().map(|word| word.to_lowercase()).collect();
            }
            "commits" => {
                let lower = |commit: String| commit.trim().to_lowercase();
                allow.commits = strings(sheet, &value).into_iter().map(lower).collect();
            }
            "targetrules" if global => targets = strings(sheet, &value),
            name => {
                let known = [
                    "description",
                    "condition",
                    "commits",
                    "paths",
                    "regexTarget",
                    "regexes",
                    "stopwords",
                    "targetRules",
                ];
                sheet.unknown(key.span(), name, "an allow-list", &known);
            }
        }
    }
    let empty =
        allow.paths.is_none() && allow.regexes.is_none() && allow.stopwords.is_empty() && allow.commits.is_empty();
    if empty && sound {
        sheet.fault(at, "the allow-list allows nothing", "add paths, regexes, stopwords or commits");
        return None;
    }
    // The commit is known after the scan, when the line and the match are not kept.
    let gone = allow.regexes.is_some() && matches!(allow.target, Target::Match | Target::Line);
    if allow.all && !allow.commits.is_empty() && gone {
        sheet.remark(
            at,
            "this allow-list is not used: `commits` together with (AND) `regexes` of the line or match can't be decided \
             here, so the rules report more than gitleaks; `regexTarget = \"secret\"` can",
        );
        return None;
    }
    (sound && !empty).then_some((allow, targets))
}

fn filter(sheet: &mut Sheet<'_>, value: &Value<'_>, who: &str) -> Option<Filter> {
    let text = string(sheet, value)?;
    match Filter::parse(&text) {
        Ok(filter) => Some(filter),
        Err(reason) => {
            sheet.remark(value.span(), &format!("the filter is not used: {reason}; {who} more than betterleaks"));
            None
        }
    }
}

fn pattern(sheet: &mut Sheet<'_>, value: &Value<'_>) -> Option<Pattern> {
    let text = string(sheet, value)?;
    match Pattern::new(&text) {
        Ok(pattern) => Some(pattern),
        Err(reason) => {
            sheet.fault(value.span(), &reason, "correct the regular expression (Go's syntax)");
            None
        }
    }
}

/// Joins a list of expressions; false if one is wrong.
fn patterns(sheet: &mut Sheet<'_>, value: &Value<'_>, into: &mut Option<Pattern>) -> bool {
    let texts = strings(sheet, value);
    if texts.is_empty() {
        return true;
    }
    match Pattern::any(&texts.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(pattern) => {
            *into = Some(pattern);
            true
        }
        Err((number, reason)) => {
            let items = value.get_ref().as_array();
            let at = items.and_then(|items| items.get(number)).map_or_else(|| value.span(), Spanned::span);
            sheet.fault(at, &reason, "correct the regular expression (Go's syntax)");
            false
        }
    }
}

/// The entries of a table; a fault if it is none.
fn entries<'t>(sheet: &mut Sheet<'_>, value: Value<'t>) -> DeTable<'t> {
    let at = value.span();
    if let DeValue::Table(table) = value.into_inner() {
        return table;
    }
    sheet.fault(at, "this is not a table", "see gitleaks' documentation of its configuration");
    DeTable::new()
}

/// One table or a list of them.
fn tables<'t>(sheet: &mut Sheet<'_>, value: Value<'t>) -> Vec<Value<'t>> {
    match value.get_ref() {
        DeValue::Table(_) => vec![value],
        DeValue::Array(_) => match value.into_inner() {
            DeValue::Array(array) => array.into_iter().collect(),
            _ => Vec::new(),
        },
        _ => {
            sheet.fault(value.span(), "this is neither a table nor a list of tables", "write [[...]]");
            Vec::new()
        }
    }
}

fn string(sheet: &mut Sheet<'_>, value: &Value<'_>) -> Option<String> {
    let text = value.get_ref().as_str().map(ToOwned::to_owned);
    if text.is_none() {
        sheet.fault(value.span(), "this is not a text", "put it in quotes");
    }
    text
}

fn strings(sheet: &mut Sheet<'_>, value: &Value<'_>) -> Vec<String> {
    match value.get_ref() {
        DeValue::Array(array) => array.iter().filter_map(|item| string(sheet, item)).collect(),
        _ => string(sheet, value).into_iter().collect(),
    }
}

fn boolean(sheet: &mut Sheet<'_>, value: &Value<'_>) -> bool {
    value.get_ref().as_bool().unwrap_or_else(|| {
        sheet.fault(value.span(), "this is neither true nor false", "write true or false");
        false
    })
}

fn whole(sheet: &mut Sheet<'_>, value: &Value<'_>) -> Option<usize> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    if number.is_none() {
        sheet.fault(value.span(), "this is no number from 0", "write a whole number");
    }
    number
}

fn number(sheet: &mut Sheet<'_>, value: &Value<'_>) -> Option<f64> {
    let number = match value.get_ref() {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    };
    if number.is_none() {
        sheet.fault(value.span(), "this is no number", "write a number");
    }
    number.filter(|number: &f64| number.is_finite())
}

impl Sheet<'_> {
    /// The line of a byte.
    pub(super) fn line(&self, at: usize) -> usize {
        self.lines.position(at).line
    }

    /// Something that is not used.
    pub(super) fn remark(&mut self, at: Range<usize>, text: &str) {
        let line = self.line(at.start);
        self.remarks.push(Remark { file: self.file.to_owned(), line, text: text.to_owned() });
    }
}
