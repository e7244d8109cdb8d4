//! Joins a gitleaks configuration with what it extends, checks what shows only then, and makes rules of ours of it.

use std::sync::Arc;

use toml::de::DeTable;

use super::read::{self, RawFile, RawRule};
use super::{Common, ForeignFile, ForeignRule, Remark, Target};
use crate::rules::load::{Loader, RuleError, Sheet};
use crate::rules::{Evidence, Grade, Kind, Match, Provider, Role, Rule, Severity};
use crate::span::LineIndex;

/// How many files may extend each other.
const MOST_FILES: usize = 8;

/// Reads a file and what it extends.
pub(in crate::rules) fn file(sheet: &mut Sheet<'_>, table: DeTable<'_>, loader: &Loader<'_>) -> Option<ForeignFile> {
    let mut raw = read::file(sheet, table);
    let mut base = raw.extend_path.take().and_then(|path| extended(sheet, path, loader, 1));
    let mut disabled = Vec::new();
    if raw.extend_default {
        disabled = disable_builtin(sheet, &raw, loader);
    }
    if let Some(base) = &mut base {
        raw.extend_default |= base.extend_default;
        merge(sheet, &mut raw, std::mem::take(base));
    }
    if raw.extend_default {
        drop_overrides(sheet, &mut raw, loader);
    }
    give_targeted(sheet, &mut raw);
    if raw.extend_default && raw.allows.iter().any(|allow| matches!(allow.target, Target::Match | Target::Line)) {
        let text = "`regexTarget` match and line hold for the rules of this file, not for the built-in ones".to_owned();
        sheet.remarks.push(Remark { file: sheet.file.to_owned(), line: 1, text });
    }
    check(sheet, &raw);
    if !sheet.errors.is_empty() {
        return None;
    }
    Some(finished(sheet, raw, loader, disabled))
}

/// The file that another extends.
fn extended(sheet: &mut Sheet<'_>, path: (String, usize), loader: &Loader<'_>, depth: usize) -> Option<RawFile> {
    let (path, line) = path;
    let fault = |sheet: &mut Sheet<'_>, reason: String| {
        sheet.fault_in_line(line, &reason, "correct `path` in [extend]");
        None
    };
    if depth >= MOST_FILES {
        return fault(sheet, format!("more than {MOST_FILES} files extend each other"));
    }
    let (name, text) = match loader.extended(sheet.file, &path) {
        Ok(read) => read,
        Err(reason) => return fault(sheet, reason),
    };
    let (table, errors) = DeTable::parse_recoverable(&text);
    let mut inner = Sheet::new(&name, LineIndex::new(text.as_bytes()));
    for error in errors {
        inner.fault(error.span().unwrap_or(0..0), error.message(), "correct the TOML");
    }
    let table = table.into_inner();
    if inner.errors.is_empty() && !read::is_foreign(&table) {
        inner.fault(0..0, "this is no gitleaks configuration", "extend one that is");
    }
    let mut raw = read::file(&mut inner, table);
    if let Some(next) = raw.extend_path.take()
        && let Some(base) = extended(&mut inner, next, loader, depth + 1)
    {
        merge(&mut inner, &mut raw, base);
    }
    sheet.errors.append(&mut inner.errors);
    sheet.remarks.append(&mut inner.remarks);
    Some(raw)
}

/// What a file says of a rule goes before what it extends says of it; lists are joined. As gitleaks does it.
fn merge(sheet: &mut Sheet<'_>, raw: &mut RawFile, base: RawFile) {
    for (id, line) in &raw.disabled {
        if !base.rules.iter().any(|rule| rule.id == *id) && !raw.extend_default {
            let text = format!("the extended file has no rule `{id}` that could be disabled");
            sheet.remarks.push(Remark { file: sheet.file.to_owned(), line: *line, text });
        }
    }
    for mut rule in base.rules {
        if raw.disabled.iter().any(|(id, _)| *id == rule.id) {
            continue;
        }
        let Some(own) = raw.rules.iter_mut().find(|own| own.id == rule.id) else {
            raw.rules.push(rule);
            continue;
        };
        if own.description.is_empty() {
            own.description = rule.description;
        }
        if own.entropy == 0.0 {
            own.entropy = rule.entropy;
        }
        if own.group == 0 {
            own.group = rule.group;
        }
        own.pattern = own.pattern.take().or(rule.pattern);
        own.path = own.path.take().or(rule.path);
        own.filter = own.filter.take().or(rule.filter);
        own.tags.append(&mut rule.tags);
        own.keywords.append(&mut rule.keywords);
        own.allows.append(&mut rule.allows);
        own.required.append(&mut rule.required);
        own.silent |= rule.silent;
    }
    raw.allows.extend(base.allows);
    raw.filters.extend(base.filters);
    raw.targeted.extend(base.targeted);
}

/// Rules that are switched off in the default set, for which the built-in rules stand.
fn disable_builtin(sheet: &mut Sheet<'_>, raw: &RawFile, loader: &Loader<'_>) -> Vec<String> {
    let mut disabled = Vec::new();
    for (id, line) in &raw.disabled {
        if loader.is_builtin(id) {
            disabled.push(id.clone());
        } else {
            let text = format!(
                "`disabledRules`: the built-in rules stand for gitleaks' default ones and have no rule `{id}`; \
                 `stopleak rules list` names them"
            );
            sheet.remarks.push(Remark { file: sheet.file.to_owned(), line: *line, text });
        }
    }
    disabled
}

/// Changes of gitleaks' default rules: they have no counterpart, because the default rules are not here.
fn drop_overrides(sheet: &mut Sheet<'_>, raw: &mut RawFile, loader: &Loader<'_>) {
    let (kept, dropped): (Vec<RawRule>, Vec<RawRule>) =
        std::mem::take(&mut raw.rules).into_iter().partition(|rule| rule.pattern.is_some() || rule.path.is_some());
    raw.rules = kept;
    for rule in dropped {
        let what =
            if loader.is_builtin(&rule.id) { "the built-in rule is not changed by it" } else { "it is not here" };
        let text = format!("`{}` changes a default rule of gitleaks and is not used: {what}", rule.id);
        sheet.remarks.push(Remark { file: rule.file, line: rule.line, text });
    }
}

/// Global allow-lists for named rules go to those rules.
fn give_targeted(sheet: &mut Sheet<'_>, raw: &mut RawFile) {
    for (targets, allow, line) in std::mem::take(&mut raw.targeted) {
        let allow = Arc::new(allow);
        for target in targets {
            match raw.rules.iter_mut().find(|rule| rule.id == target) {
                Some(rule) => rule.shared.push(Arc::clone(&allow)),
                None if raw.extend_default => {
                    let text = format!("the allow-list for the default rule `{target}` is not used: it is not here");
                    sheet.remarks.push(Remark { file: sheet.file.to_owned(), line, text });
                }
                None => {
                    let reason = format!("there is no rule `{target}` for this allow-list");
                    sheet.fault_in_line(line, &reason, "correct `targetRules`");
                }
            }
        }
    }
}

/// What shows only when all rules are known.
fn check(sheet: &mut Sheet<'_>, raw: &RawFile) {
    let mut faults = Vec::new();
    for rule in &raw.rules {
        let mut fault = |reason: String, remedy: &str| {
            let (file, remedy) = (rule.file.clone(), remedy.to_owned());
            faults.push(RuleError { file, line: rule.line, column: 1, reason, remedy });
        };
        let id = &rule.id;
        match (&rule.pattern, &rule.path) {
            (None, None) => fault(format!("`{id}` has neither `regex` nor `path`"), "say what it looks for"),
            (Some(pattern), _) if rule.group > pattern.groups() => fault(
                format!("`{id}`: `secretGroup` is {}, but the expression has {} groups", rule.group, pattern.groups()),
                "correct one of them",
            ),
            _ => {}
        }
        for required in &rule.required {
            if !raw.rules.iter().any(|other| other.id == required.rule) {
                fault(format!("`{id}` requires `{}`, which is not there", required.rule), "correct the id");
            }
        }
    }
    sheet.errors.append(&mut faults);
}

/// The rules in our form.
fn finished(sheet: &mut Sheet<'_>, raw: RawFile, loader: &Loader<'_>, disabled: Vec<String>) -> ForeignFile {
    let stem = loader.free_stem(sheet.file);
    let common = Arc::new(Common { allows: raw.allows, filters: raw.filters });
    let taken: Vec<(String, String)> = raw
        .rules
        .iter()
        .filter(|rule| loader.is_taken(&rule.id))
        .map(|rule| (rule.id.clone(), format!("{stem}/{}", rule.id)))
        .collect();
    let renamed = |id: String| taken.iter().find(|(old, _)| *old == id).map_or(id, |(_, new)| new.clone());
    let mut rules = Vec::new();
    for rule in raw.rules {
        let id = renamed(rule.id.clone());
        if id != rule.id {
            let text = format!("`{}` is the id of another rule too; this one reports as `{id}`", rule.id);
            sheet.remarks.push(Remark { file: rule.file.clone(), line: rule.line, text });
        }
        let about = about(&id, &rule);
        let mut required = rule.required;
        required.iter_mut().for_each(|one| one.rule = renamed(std::mem::take(&mut one.rule)));
        let foreign = ForeignRule {
            id,
            pattern: rule.pattern,
            group: rule.group,
            keywords: rule.keywords,
            entropy: rule.entropy,
            path: rule.path,
            tags: rule.tags,
            allows: rule.allows.into_iter().map(Arc::new).chain(rule.shared).collect(),
            common: Arc::clone(&common),
            filter: rule.filter,
            required,
            silent: rule.silent,
        };
        rules.push((about, foreign));
    }
    let name = if raw.title.trim().is_empty() { format!("rules of {stem}") } else { raw.title };
    ForeignFile { provider: provider(stem, name), rules, extends_default: raw.extend_default, common, disabled }
}

/// What reports say of a rule.
fn about(id: &str, rule: &RawRule) -> Rule {
    let description = rule.description.trim().trim_end_matches('.');
    let shape = rule.pattern.as_ref().or(rule.path.as_ref()).map_or_else(String::new, |p| p.as_str().to_owned());
    Rule {
        id: id.to_owned(),
        role: Role::Token,
        title: if description.is_empty() { rule.id.clone() } else { description.to_owned() },
        shape,
        evidence: Evidence::Shape,
        matching: Match::Foreign,
        anchors: Vec::new(),
        proof: None,
        grade: Grade::C,
        severity: Severity::High,
        source: format!("{}:{}", rule.file, rule.line),
        words: Vec::new(),
        files: Vec::new(),
        min_entropy: (rule.entropy > 0.0).then_some(rule.entropy),
        examples: Vec::new(),
        counter_examples: Vec::new(),
    }
}

fn provider(id: String, name: String) -> Provider {
    Provider {
        id,
        name,
        kind: Kind::General,
        aliases: Vec::new(),
        ambiguous: Vec::new(),
        hosts: Vec::new(),
        headers: Vec::new(),
        clients: Vec::new(),
        names: Vec::new(),
        revoke: String::new(),
        docs: String::new(),
        permissions: Vec::new(),
        ip_whitelist: String::new(),
        rotation: String::new(),
        notes: String::new(),
        dummies: Vec::new(),
    }
}
