//! The self-test of a rule set: its examples, filled many times, against whoever scans. Used by the tests and by
//! `stopleak rules check`.

use std::collections::BTreeSet;
use std::fmt;

use super::template::{Filled, Mode, Sample, Sources, Template};
use super::{Host, Rule, RuleId, RuleSet};
use crate::span::Span;

/// Of so many fillings of an example, one may be missed.
const UNLUCKY: u64 = 20;

/// Finds values in a text: which rule, and where.
pub type Scan<'a> = &'a dyn Fn(&[u8]) -> Vec<(RuleId, Span)>;

/// One example that did not go as it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The rule.
    pub rule: RuleId,
    /// The rule's name.
    pub id: String,
    /// The file and the line of the example, if the rule is from a file.
    pub place: Option<(String, usize)>,
    /// `examples` or `counter_examples`.
    pub list: &'static str,
    /// Which one of the list, from 1.
    pub number: usize,
    /// How many of the fillings failed.
    pub failed: u64,
    /// How many there were.
    pub fillings: u64,
    /// What went wrong in the first of them, without any value.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, list, number, failed, fillings, reason, .. } = self;
        if let Some((file, line)) = &self.place {
            write!(f, "{file}:{line}: ")?;
        }
        write!(f, "{id}: number {number} of {list} failed in {failed} of {fillings} fillings: {reason}")
    }
}

/// Runs the examples of all rules `wanted` says yes to, each filled `fillings` times.
///
/// An example holds if this rule reports exactly the marked parts; what other rules report beside them is their affair,
/// but none of another provider may claim a marked part. A counter-example holds if this rule reports nothing.
#[must_use]
pub fn check(
    rules: &RuleSet,
    wanted: &dyn Fn(&Rule) -> bool,
    scan: Scan<'_>,
    sample: Sample<'_>,
    fillings: u64,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    for id in rules.rule_ids().filter(|&id| wanted(rules.rule(id))) {
        let rule = rules.rule(id);
        let test = Test { rules, id, scan, sample, fillings };
        for (list, mode, texts) in [
            ("examples", Mode::Example, &rule.examples),
            ("counter_examples", Mode::CounterExample, &rule.counter_examples),
        ] {
            for (at, text) in texts.iter().enumerate() {
                let Some((failed, reason)) = test.run(text, mode) else { continue };
                let (id, number, place) = (rule.id.clone(), at + 1, rules.place_of(&rule.id, mode, at));
                failures.push(Failure { rule: test.id, id, place, list, number, failed, fillings, reason });
            }
        }
    }
    failures
}

/// So many examples and counter-examples show what a rule does and doesn't find, in so many host formats each.
const ENOUGH: usize = 3;

/// What a rule's examples leave unshown: fewer than three examples or counter-examples, or all of them in fewer than three
/// host formats. One sentence a list, without final full stop.
#[must_use]
pub fn thin(rule: &Rule) -> Vec<String> {
    let lists = [("examples", &rule.examples), ("counter-examples", &rule.counter_examples)];
    let lack = |(list, texts): (&str, &Vec<String>)| {
        let hosts: BTreeSet<Host> = texts.iter().map(|text| Host::of(text)).collect();
        let names: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        (texts.len() < ENOUGH || hosts.len() < ENOUGH).then(|| {
            let (id, count, names) = (&rule.id, texts.len(), names.join(", "));
            format!("{id}: {list} are {count}, in {names}; {ENOUGH} in as many host formats show more")
        })
    };
    lists.into_iter().filter_map(lack).collect()
}

/// One rule under test.
struct Test<'a> {
    rules: &'a RuleSet,
    id: RuleId,
    scan: Scan<'a>,
    sample: Sample<'a>,
    fillings: u64,
}

impl Test<'_> {
    /// How many fillings failed, and the reason of the first.
    fn run(&self, text: &str, mode: Mode) -> Option<(u64, String)> {
        let template = match Template::parse(text, mode) {
            Ok(template) => template,
            Err(reason) => return Some((self.fillings, reason)),
        };
        let find = |id: &str| self.rules.find(id).map(|id| self.rules.rule(id));
        let sources = Sources { rule: self.rules.rule(self.id), rules: &find, sample: self.sample };
        let one = |seed| match template.fill(&sources, seed) {
            Ok(filled) => self.judge(&filled),
            Err(reason) => Some(reason),
        };
        let mut reasons = (0..self.fillings).filter_map(one);
        let first = reasons.next()?;
        let failed = 1 + reasons.count() as u64;
        // One random value in a hundred or so looks like no random value (no digit, a run of one case): that one may be
        // missed. Nothing may be reported of a counter-example, ever.
        let forgiven = mode == Mode::Example && failed * UNLUCKY <= self.fillings;
        (!forgiven).then_some((failed, first))
    }

    fn judge(&self, filled: &Filled) -> Option<String> {
        let found = (self.scan)(&filled.text);
        let mut own: Vec<Span> = found.iter().filter(|(rule, _)| *rule == self.id).map(|(_, span)| *span).collect();
        own.sort_unstable();
        own.dedup();
        if let Some(missed) = filled.spans.iter().find(|span| !own.contains(span)) {
            let instead = own.iter().find(|span| span.overlaps(*missed));
            return Some(match instead {
                Some(span) => format!("reported bytes {}, not {}", range(*span), range(*missed)),
                None => format!("did not report bytes {}{}", range(*missed), self.others(&found, *missed)),
            });
        }
        if let Some(extra) = own.iter().find(|span| !filled.spans.contains(span)) {
            return Some(format!("reported bytes {}, which are not marked", range(*extra)));
        }
        let stranger = |rule: RuleId| self.rules.provider_of(rule) != self.rules.provider_of(self.id);
        let claims =
            |(rule, at): &&(RuleId, Span)| stranger(*rule) && filled.spans.iter().any(|span| span.overlaps(*at));
        let claimed = found.iter().find(claims);
        claimed.map(|(rule, at)| format!("`{}` claims bytes {} too", self.rules.rule(*rule).id, range(*at)))
    }

    /// Who reported the part instead.
    fn others(&self, found: &[(RuleId, Span)], missed: Span) -> String {
        let names = found.iter().filter(|(_, span)| span.overlaps(missed)).map(|(rule, _)| &self.rules.rule(*rule).id);
        let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
        if names.is_empty() { String::new() } else { format!("; {} did", names.join(", ")) }
    }
}

fn range(span: Span) -> String {
    format!("{}..{}", span.start, span.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Loader;

    const FILE: &str = r#"
[provider]
id = "x"
name = "X"
kind = "general"
revoke = "https://x.example/keys"
docs = "https://x.example/docs"

[[rule]]
id = "x-key"
role = "key"
title = "X key"
shape = 'x_[0-9a-f]{8}'
evidence = "shape"
grade = "A"
severity = "low"
source = "made up"
examples = ['a = «${shape}»']
counter_examples = ['a = x_${hex:7}']
"#;

    fn run(scan: Scan<'_>) -> Vec<String> {
        let mut loader = Loader::new(&[]);
        loader.add("x.toml", FILE);
        let rules = loader.finish().expect("a rule set");
        let failures = check(&rules, &|_| true, scan, &|_, _| None, 5);
        failures.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn exact_spans_pass() {
        let right = |text: &[u8]| {
            let whole = text.len() == 14;
            if whole { vec![(RuleId(0), Span::new(4, 14))] } else { Vec::new() }
        };
        assert_eq!(run(&right), Vec::<String>::new());
    }

    #[test]
    fn wrong_spans_misses_and_false_alarms_are_told() {
        let shifted = |_: &[u8]| vec![(RuleId(0), Span::new(3, 14))];
        assert_eq!(
            run(&shifted),
            [
                "x.toml:18: x-key: number 1 of examples failed in 5 of 5 fillings: reported bytes 3..14, not 4..14",
                "x.toml:19: x-key: number 1 of counter_examples failed in 5 of 5 fillings: reported bytes 3..14, which are not marked",
            ]
        );
        assert_eq!(
            run(&|_| Vec::new()),
            ["x.toml:18: x-key: number 1 of examples failed in 5 of 5 fillings: did not report bytes 4..14"]
        );
    }
}
