//! Rules of other scanners at work. They are applied to the whole text, as those scanners do it, and not judged by what
//! stands around a value: who brings a rule knows what it is for. One pass looks for the keywords of all rules; only rules
//! with a keyword in the text cost anything.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::profile::{Meter, Profile};
use super::{Hint, binding, randomness, token};
use crate::credential::{Credential, Part};
use crate::finding::Environment;
use crate::rules::foreign::filter::{Subject, contains};
use crate::rules::foreign::{Allow, Common, ForeignRule, Required};
use crate::rules::{Confidence, Kind, RuleSet};
use crate::secret::Secret;
use crate::span::Span;

/// The keywords of all foreign rules.
#[derive(Debug)]
pub(crate) struct Keywords {
    automaton: AhoCorasick,
    /// The rules of a keyword, by number.
    rules: Vec<Vec<usize>>,
    /// Rules that any text will do for.
    always: Vec<usize>,
}

/// What a rule found.
#[derive(Clone, Debug)]
struct Found {
    rule: usize,
    whole: Span,
    secret: Span,
    /// What it requires besides, found near by.
    parts: Vec<(usize, Span)>,
}

impl Keywords {
    /// None if there is no foreign rule.
    pub(crate) fn new(rules: &RuleSet) -> Option<Self> {
        if rules.foreign().is_empty() {
            return None;
        }
        let mut words: Vec<&str> = Vec::new();
        let mut of: Vec<Vec<usize>> = Vec::new();
        let mut always = Vec::new();
        for (number, (_, rule)) in rules.foreign().iter().enumerate().filter(|(_, (_, rule))| !rule.silent) {
            if rule.keywords.iter().any(String::is_empty) || rule.keywords.is_empty() {
                always.push(number);
            }
            for word in rule.keywords.iter().filter(|word| !word.is_empty()) {
                let at = words.iter().position(|other| other == word).unwrap_or_else(|| {
                    words.push(word);
                    of.push(Vec::new());
                    words.len() - 1
                });
                of[at].push(number);
            }
        }
        let builder = AhoCorasick::builder().match_kind(MatchKind::Standard).ascii_case_insensitive(true).build(&words);
        Some(Self { automaton: builder.ok()?, rules: of, always })
    }

    /// The rules that a text is worth trying, in order.
    fn wanted(&self, text: &[u8], count: usize) -> Vec<usize> {
        let mut wanted = vec![false; count];
        let mut seen = vec![false; self.rules.len()];
        let mut open = self.rules.len();
        for &rule in &self.always {
            wanted[rule] = true;
        }
        for found in self.automaton.find_overlapping_iter(text) {
            let keyword = found.pattern().as_usize();
            if !std::mem::replace(&mut seen[keyword], true) {
                self.rules[keyword].iter().for_each(|&rule| wanted[rule] = true);
                open -= 1;
                if open == 0 {
                    break;
                }
            }
        }
        (0..count).filter(|&rule| wanted[rule]).collect()
    }

    /// What the foreign rules find in a text.
    pub(crate) fn scan(&self, rules: &RuleSet, text: &[u8], hint: &Hint, profile: Option<&Profile>) -> Vec<Credential> {
        let wanted = self.wanted(text, rules.foreign().len());
        if wanted.is_empty() {
            return Vec::new();
        }
        let search = Search { rules, text, path: &hint.file };
        let matches = |number: usize| {
            let meter = profile.map(|profile| profile.meter(usize::from(rules.foreign()[number].0.0)));
            Meter::measure(meter.as_ref(), || search.with_required(number))
        };
        let mut found: Vec<Found> = wanted.into_iter().flat_map(matches).collect();
        search.drop_generic(&mut found);
        found.sort_by_key(|one| (one.secret, one.rule));
        found.into_iter().map(|one| search.credential(&one)).collect()
    }
}

/// The rules that speak of a file by its path alone.
pub(crate) fn of_path(rules: &RuleSet, path: &[u8]) -> Vec<Credential> {
    let search = Search { rules, text: b"", path };
    let speaks = |rule: &ForeignRule| rule.pattern.is_none() && !rule.silent;
    let numbers = (0..rules.foreign().len()).filter(|&number| speaks(&rules.foreign()[number].1));
    let matches = |number: &usize| {
        let rule = &rules.foreign()[*number].1;
        rule.path.as_ref().is_some_and(|pattern| pattern.is_in(path)) && !search.spares_file(rule)
    };
    let nothing = Span::new(0, 0);
    numbers
        .filter(matches)
        .map(|rule| search.credential(&Found { rule, whole: nothing, secret: nothing, parts: Vec::new() }))
        .collect()
}

/// A text and its rules.
struct Search<'s> {
    rules: &'s RuleSet,
    text: &'s [u8],
    path: &'s [u8],
}

impl Search<'_> {
    fn rule(&self, number: usize) -> &ForeignRule {
        &self.rules.foreign()[number].1
    }

    /// What a rule finds, if what it requires is found as well.
    fn with_required(&self, number: usize) -> Vec<Found> {
        let rule = self.rule(number);
        let mut found = self.matches(number);
        if found.is_empty() || rule.required.is_empty() {
            return found;
        }
        let by_id = |id: &str| self.rules.foreign().iter().position(|(_, other)| other.id == id);
        let others: Vec<(&Required, usize, Vec<Found>)> = rule
            .required
            .iter()
            .filter_map(|required| by_id(&required.rule).map(|number| (required, number, self.matches(number))))
            .collect();
        found.retain_mut(|one| {
            others.iter().all(|(required, number, all)| {
                let near = all.iter().find(|other| self.is_near(one.whole, other.whole, required));
                one.parts.extend(near.map(|other| (*number, other.secret)));
                near.is_some()
            })
        });
        found
    }

    fn is_near(&self, one: Span, other: Span, required: &Required) -> bool {
        let (first, last) = (one.start.min(other.start), one.start.max(other.start));
        let lines = || memchr::memchr_iter(b'\n', &self.text[first..last]).count();
        let column = |at: usize| at - token::line_start(self.text, at);
        required.lines.is_none_or(|most| lines() <= most)
            && required.columns.is_none_or(|most| column(one.start).abs_diff(column(other.start)) <= most)
    }

    /// Every match of a rule that its entropy and its lists let through.
    fn matches(&self, number: usize) -> Vec<Found> {
        let rule = self.rule(number);
        let elsewhere = rule.path.as_ref().is_some_and(|path| !path.is_in(self.path));
        if elsewhere || self.spares_file(rule) {
            return Vec::new();
        }
        let Some(regex) = rule.pattern.as_ref().and_then(|pattern| pattern.regex()) else { return Vec::new() };
        let mut found = Vec::new();
        for captures in regex.captures_iter(self.text) {
            let Some(whole) = captures.get(0) else { continue };
            // A line's end at either side belongs to the surroundings.
            let whole = trimmed(self.text, Span::new(whole.start(), whole.end()));
            let groups = captures.iter().skip(1).flatten();
            let group = match rule.group {
                0 => groups.into_iter().find(|group| !group.is_empty()),
                group => captures.get(group),
            };
            let secret = group.map_or(whole, |group| Span::new(group.start(), group.end()));
            if !self.spares(rule, whole, secret) {
                found.push(Found { rule: number, whole, secret, parts: Vec::new() });
            }
        }
        found
    }

    /// Whether the lists say that nothing in this file counts.
    fn spares_file(&self, rule: &ForeignRule) -> bool {
        let whole_file = |allow: &Allow| {
            let more = allow.all && (allow.regexes.is_some() || !allow.stopwords.is_empty());
            !more && !self.path.is_empty() && allow.paths.as_ref().is_some_and(|paths| paths.is_in(self.path))
        };
        allows(rule).any(whole_file)
    }

    /// Whether the entropy or the lists say that a match is no finding.
    fn spares(&self, rule: &ForeignRule, whole: Span, secret: Span) -> bool {
        let value = secret.of(self.text);
        let entropy = randomness::shannon(value);
        if rule.entropy != 0.0 && entropy <= rule.entropy {
            return true;
        }
        let line = Span::new(token::line_start(self.text, whole.start), token::line_end(self.text, whole.end));
        let subject =
            Subject { secret: value, whole: whole.of(self.text), line: line.of(self.text), path: self.path, entropy };
        allows(rule).any(|allow| is_allowed(allow, &subject))
            || rule.common.filters.iter().chain(&rule.filter).any(|filter| filter.drops(&subject))
    }

    /// A rule that calls itself generic gives way to one that says more of the same value in the same line.
    fn drop_generic(&self, found: &mut Vec<Found>) {
        let generic = |one: &Found| self.rule(one.rule).id.to_lowercase().contains("generic");
        if !found.iter().any(generic) {
            return;
        }
        let line = |one: &Found| token::line_start(self.text, one.whole.start);
        let better: Vec<(usize, Span)> =
            found.iter().filter(|one| !generic(one)).map(|one| (line(one), one.secret)).collect();
        found.retain(|one| {
            let value = one.secret.of(self.text);
            let beaten = |(at, other): &(usize, Span)| {
                *at == line(one) && memchr::memmem::find(other.of(self.text), value).is_some()
            };
            !generic(one) || !better.iter().any(beaten)
        });
    }

    fn credential(&self, found: &Found) -> Credential {
        let rule = self.rule(found.rule);
        let (id, _) = self.rules.foreign()[found.rule];
        let part = |number: usize, span: Span| {
            let (id, _) = self.rules.foreign()[number];
            let name = || binding::bind(self.text, span).names.first().map(|name| name.span);
            Part {
                role: self.rules.rule(id).role,
                rule: id,
                span,
                value: Secret::new(span.of(self.text)),
                name: if span.is_empty() { None } else { name() }
                    .map(|name| String::from_utf8_lossy(name.of(self.text)).into_owned()),
                decoded: Vec::new(),
            }
        };
        let provider = self.rules.provider_of(id);
        let what = if rule.pattern.is_some() { "the value" } else { "the file's path" };
        let mut reasons = vec![format!("{what} matches a rule of {}", self.rules.provider(provider).name)];
        if !rule.tags.is_empty() {
            reasons.push(format!("the rule is tagged {}", rule.tags.join(", ")));
        }
        let generic = rule.id.to_lowercase().contains("generic");
        Credential {
            provider,
            alternatives: Vec::new(),
            severity: self.rules.rule(id).severity,
            confidence: if generic { Confidence::Medium } else { Confidence::High },
            environment: Environment::Unknown,
            parts: std::iter::once((found.rule, found.secret))
                .chain(found.parts.iter().copied())
                .map(|(number, span)| part(number, span))
                .collect(),
            reasons,
            capabilities: Vec::new(),
            unproven: false,
        }
    }
}

/// The allow-lists of a rule and of its file that a text can decide on.
fn allows(rule: &ForeignRule) -> impl Iterator<Item = &Allow> {
    let Common { allows, .. } = &*rule.common;
    rule.allows.iter().map(Arc::as_ref).chain(allows).filter(|allow| !allow.awaits_commit())
}

fn is_allowed(allow: &Allow, subject: &Subject<'_>) -> bool {
    let regexes = allow.regexes.as_ref().map(|regexes| regexes.is_in(subject.of(allow.target)));
    let stopwords = (!allow.stopwords.is_empty()).then(|| contains(subject.secret, &allow.stopwords));
    if allow.all {
        let paths = allow.paths.as_ref().map(|paths| !subject.path.is_empty() && paths.is_in(subject.path));
        // Commits alone are for `policy`.
        let checks = [regexes, stopwords, paths];
        checks.iter().any(Option::is_some) && checks.into_iter().flatten().all(|check| check)
    } else {
        regexes == Some(true) || stopwords == Some(true)
    }
}

/// A span without the line feeds at its ends.
fn trimmed(text: &[u8], span: Span) -> Span {
    let bytes = span.of(text);
    let Some(first) = bytes.iter().position(|byte| *byte != b'\n') else { return Span::new(span.start, span.start) };
    let last = bytes.iter().rposition(|byte| *byte != b'\n').unwrap_or(first);
    Span::new(span.start + first, span.start + last + 1)
}

/// The credentials of the built-in rules and those of foreign ones together. A value that a rule of the user's finds is no
/// longer nobody's; and a foreign rule that calls itself generic adds nothing to a value that is known better.
pub(crate) fn join(rules: &RuleSet, builtin: Vec<Credential>, foreign: Vec<Credential>) -> Vec<Credential> {
    if foreign.is_empty() {
        return builtin;
    }
    let overlap = |one: &Credential, other: &Credential| {
        one.parts.iter().any(|part| other.parts.iter().any(|twin| part.span.overlaps(twin.span)))
    };
    let nobodys = |one: &Credential| {
        rules.provider(one.provider).kind == Kind::General && rules.provider(one.provider).id == "generic"
    };
    let generic = |one: &Credential| rules.rule(one.parts[0].rule).id.to_lowercase().contains("generic");
    let known: Vec<Credential> =
        foreign.into_iter().filter(|one| !generic(one) || !builtin.iter().any(|other| overlap(one, other))).collect();
    let mut all: Vec<Credential> =
        builtin.into_iter().filter(|one| !nobodys(one) || !known.iter().any(|other| overlap(one, other))).collect();
    all.extend(known);
    all.sort_by_key(|one| (one.parts.iter().map(|part| part.span).min(), one.provider));
    all
}
