//! What the keys of a rule file must hold.

use std::path::Path;

use super::{Loader, Places, Sheet};
use crate::rules::template::{Mode, Template};
use crate::rules::{Evidence, Match, Provider, Rule, shape};

/// One demand: the key, whether it is met, what is wrong if not, and what to do.
type Demand<'a> = (&'a str, bool, String, &'a str);

impl Sheet<'_> {
    pub(super) fn check_provider(&mut self, provider: &Provider, places: &Places, loader: &Loader<'_>) {
        let stem = Path::new(self.file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let id = &provider.id;
        let taken = loader.seen.get(id);
        self.demand(
            places,
            &[
                ("id", is_id(id), format!("`{id}` is not a provider's id"), "use lower-case words with dashes"),
                ("id", *id == stem, format!("the id is `{id}`, the file `{stem}.toml`"), "give both one name"),
                ("id", taken.is_none(), format!("`{id}` is in {} already", or_empty(taken)), "choose another id"),
                ("name", !provider.name.trim().is_empty(), "the name is empty".to_owned(), "write it as people do"),
                (
                    "revoke",
                    is_link(&provider.revoke),
                    "this is no https:// link".to_owned(),
                    "link the page of the keys",
                ),
                (
                    "docs",
                    is_link(&provider.docs),
                    "this is no https:// link".to_owned(),
                    "link the API's documentation",
                ),
            ],
        );
        let flat = "use lower case, with a dash between words";
        self.each(places, "aliases", &provider.aliases, is_id, flat);
        self.each(places, "ambiguous", &provider.ambiguous, is_id, flat);
        self.each(places, "hosts", &provider.hosts, is_host, "write the end of a host name, such as binance.com");
        self.each(places, "headers", &provider.headers, is_header, "write the header's name without a colon");
        self.each(places, "clients", &provider.clients, is_text, "remove it");
        self.each(places, "names", &provider.names, is_variable, "write it in upper case with underscores");
        self.each(places, "permissions", &provider.permissions, is_text, "remove it");
        self.each(places, "dummies", &provider.dummies, is_sha256, "write the SHA-256 as 64 lower-case hex digits");
    }

    pub(super) fn check_rule(
        &mut self,
        rule: &Rule,
        places: &Places,
        provider: &Provider,
        loader: &Loader<'_>,
        earlier: bool,
    ) {
        let (id, of) = (&rule.id, &provider.id);
        let own = id.strip_prefix(of.as_str()).is_some_and(|rest| rest.len() > 1 && rest.starts_with('-'));
        let taken = loader.seen.get(id);
        let stopped = rule.title.trim().ends_with('.');
        let search = rule.matching == Match::Search;
        let proof = rule.proof.as_deref().unwrap_or_default();
        let proven = rule.proof.is_none() || loader.proofs.contains(&proof);
        let needs_proof = rule.evidence == Evidence::Proof && rule.proof.is_none();
        let known = format!("known are {}", loader.proofs.join(", "));
        let entropy = rule.min_entropy.is_none_or(|bits| (0.0..=8.0).contains(&bits));
        self.demand(
            places,
            &[
                ("id", is_id(id), format!("`{id}` is not a rule's id"), "use lower-case words with dashes"),
                ("id", own, format!("`{id}` doesn't begin with `{of}-`"), "begin it with the provider's id"),
                ("id", taken.is_none(), format!("`{id}` is in {} already", or_empty(taken)), "choose another id"),
                ("id", !earlier, format!("`{id}` is in this file twice"), "choose another id"),
                ("title", !rule.title.trim().is_empty(), "the title is empty".to_owned(), "say what the value is"),
                ("title", !stopped, "the title ends with a full stop".to_owned(), "remove it"),
                ("source", is_text(&rule.source), "the source is empty".to_owned(), "say where the fact is from"),
                ("proof", proven, format!("there is no proof named `{proof}`"), &known),
                ("evidence", !needs_proof, "there is no `proof` to rely on".to_owned(), "name one, or say `context`"),
                ("min_entropy", entropy, "a byte has from 0 to 8 bits".to_owned(), "correct the number"),
                (
                    "match",
                    !search || !rule.anchors.is_empty(),
                    "a search without `anchors` would read every byte".to_owned(),
                    "name literal texts that every match contains",
                ),
                (
                    "anchors",
                    search || rule.anchors.is_empty(),
                    "anchors have no meaning here".to_owned(),
                    "remove them or write match = \"search\"",
                ),
            ],
        );
        self.each(places, "anchors", &rule.anchors, |anchor| anchor.len() >= 3, "use a text of three letters or more");
        self.each(places, "words", &rule.words, is_flat, "use lower case without separators");
        self.each(places, "files", &rule.files, is_text, "remove it");
        self.check_shape(rule, places);
        self.check_examples(rule, places);
    }

    fn check_shape(&mut self, rule: &Rule, places: &Places) {
        let reason = match (shape::parse(&rule.shape), shape::compile(&rule.shape)) {
            (Err(reason), _) | (_, Err(reason)) => reason,
            (Ok(hir), Ok(_)) if shape::matches_empty(&hir) => "the shape can match nothing at all".to_owned(),
            _ => return,
        };
        self.demand(places, &[("shape", false, reason, "correct the regular expression")]);
    }

    fn check_examples(&mut self, rule: &Rule, places: &Places) {
        for (key, mode, texts) in [
            ("examples", Mode::Example, &rule.examples),
            ("counter_examples", Mode::CounterExample, &rule.counter_examples),
        ] {
            if texts.is_empty() {
                let remedy = "every rule shows what it finds and what it must leave alone";
                self.demand(places, &[(key, false, format!("`{}` has no `{key}`", rule.id), remedy)]);
            }
            for (number, text) in texts.iter().enumerate() {
                if let Err(reason) = Template::parse(text, mode) {
                    self.fault(places.item(key, number), &reason, "see docs/writing-a-rule.md");
                }
            }
        }
    }

    /// Every `${rule:...}` names a rule of this file or of one read before.
    pub(super) fn check_references(&mut self, rules: &[(Rule, Places)], loader: &Loader<'_>) {
        for (rule, places) in rules {
            for (key, texts) in [("examples", &rule.examples), ("counter_examples", &rule.counter_examples)] {
                let named = texts.iter().flat_map(|text| Template::references(text));
                for name in named {
                    let here = rules.iter().any(|(other, _)| other.id == name);
                    let known = here || loader.seen.contains_key(&name);
                    let reason = format!("there is no rule `{name}`");
                    self.demand(places, &[(key, known, reason, "name a rule of this file")]);
                }
            }
        }
    }

    fn demand(&mut self, places: &Places, demands: &[Demand<'_>]) {
        for (key, met, reason, remedy) in demands {
            if !met && !places.broken.iter().any(|broken| broken == key) {
                self.fault(places.of(key), reason, remedy);
            }
        }
    }

    fn each(&mut self, places: &Places, key: &str, values: &[String], good: impl Fn(&str) -> bool, remedy: &str) {
        for value in values.iter().filter(|value| !good(value)) {
            self.demand(places, &[(key, false, format!("`{value}` can't stand in `{key}`"), remedy)]);
        }
    }
}

fn or_empty(file: Option<&String>) -> &str {
    file.map_or("", String::as_str)
}

fn is_id(text: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('-').all(part)
}

fn is_flat(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty()
}

fn is_link(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| rest.contains('.') && !rest.contains(char::is_whitespace))
}

fn is_host(text: &str) -> bool {
    let letters = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
    letters && text.contains('.') && !text.starts_with('.') && !text.ends_with('.')
}

fn is_header(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

fn is_variable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
