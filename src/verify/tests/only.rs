//! Nothing is sent that wasn't shown before, and nothing that a rule from outside found.

use std::sync::{Arc, Mutex};

use super::allowlist::Recorder;
use super::answers::Still;
use super::credential;
use crate::detect::{Engine, proof};
use crate::rules::{Confidence, Loader, RuleError, RuleSet};
use crate::verify::venue::ErrorRow;
use crate::verify::{Asker, Check, Environment, Plan, Venue, venues};

/// An answer that is an error of a row, in the shapes in which venues tell errors.
fn error(row: &ErrorRow) -> String {
    let first = |list: &[String]| list.first().cloned().unwrap_or_default();
    let (code, text) = (first(&row.code), first(&row.text));
    format!(r#"{{"code": "{code}", "retCode": "{code}", "error": ["{text}"]}}"#)
}

/// What is sent for a check if every request is answered so.
fn sent(venue: &'static Venue, check: &Check, answer: &str) -> Vec<String> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let recorder = Recorder { seen: seen.clone(), answers: vec![(200, answer.to_owned()); 6] };
    Asker::with(Box::new(recorder), Box::new(Still)).ask(venue, &check.credential, check.environment);
    let seen = seen.lock().expect("nobody panics with it");
    seen.iter().map(|request| request.split('?').next().unwrap_or_default().to_owned()).collect()
}

fn is_shown(lines: &[String], request: &str) -> bool {
    lines.iter().any(|line| match line.split_once("${token}") {
        Some((before, behind)) => request.starts_with(before) && request.ends_with(behind),
        None => line == request,
    })
}

#[test]
fn the_dry_run_shows_every_request_that_can_follow() {
    let mut elsewhere = 0;
    for venue in venues() {
        for environment in venue.environments() {
            let check = Check { finding: 0, venue, environment, credential: credential(venue, 5) };
            let lines = check.requests();
            // Every error that leads on, and a success of those that carry something to a second request.
            let leads_on = venue.errors.iter().filter(|row| !row.elsewhere.is_empty() || row.then.is_some());
            let success = r#"{"code": 200, "data": "1", "role": "user", "success": true}"#.to_owned();
            for answer in leads_on.map(error).chain([success]) {
                for request in sent(venue, &check, &answer) {
                    assert!(is_shown(&lines, &request), "{request} is not in {lines:?}");
                    let first = venue.host(environment).expect("it has one");
                    elsewhere += usize::from(!request.contains(first));
                }
            }
        }
    }
    assert!(elsewhere > 0, "a key of Bybit's testnet is asked about at its demo too");
}

fn rule_file(provider: &str) -> String {
    format!(
        "[provider]\nid = '{provider}'\nname = 'Acme'\nkind = 'exchange'\nrevoke = 'https://a.example/'\n\
         docs = 'https://a.example/'\n[[rule]]\nid = '{provider}-acme'\nrole = 'token'\ntitle = 'Token'\n\
         shape = 'ACME=([A-Za-z0-9]{{40}})'\nevidence = 'shape'\nmatch = 'search'\nanchors = ['ACME=']\ngrade = 'D'\n\
         severity = 'high'\nsource = 'us'\nexamples = ['ACME=«${{alnum:40}}»']\ncounter_examples = ['ACME=']\n"
    )
}

fn load(file: &str, text: &str) -> Result<RuleSet, Vec<RuleError>> {
    let mut loader = Loader::with_builtin(proof::NAMES);
    loader.add(file, text);
    loader.finish()
}

/// A file of rules can't speak for an exchange that is built in.
#[test]
fn no_rule_file_takes_the_name_of_an_exchange() {
    for venue in venues() {
        let faults =
            load(&format!("{}.toml", venue.provider()), &rule_file(venue.provider())).err().unwrap_or_default();
        let told = faults.iter().any(|fault| fault.to_string().contains("choose another id"));
        assert!(told, "{}: {faults:?}", venue.id);
    }
}

/// Rules may come with what is scanned. Whatever they match and however they are called, nothing of it is sent.
#[test]
fn what_a_rule_of_a_file_found_is_sent_to_nobody() {
    let foreign = "[[rules]]\nid = 'telegram-acme'\nregex = 'ACME=([A-Za-z0-9]{40})'\nkeywords = ['acme']\n";
    for (file, text) in [("telegram.toml", foreign.to_owned()), ("acme.toml", rule_file("acme"))] {
        let rules = load(file, &text).unwrap_or_else(|faults| panic!("{file}: {faults:?}"));
        let engine = Engine::new(&rules);
        let leak = format!("ACME={}\n", super::random(9, super::ALNUM, 40));
        let options = crate::scan::Options::default();
        let mut report = crate::scan::stdin(&engine, &mut leak.as_bytes(), "a.env", &options, &());
        assert_eq!(report.findings.len(), 1, "{file}");
        assert!(!rules.is_builtin(report.findings[0].parts[0].rule), "{file}");
        assert!(Plan::of(&rules, &report.findings).checks.is_empty(), "{file}");
        // Should it ever pass for an exchange's own finding, the rule that found it still gives it away.
        let telegram = rules.provider_ids().find(|&id| rules.provider(id).id == "telegram").expect("it is built in");
        (report.findings[0].provider, report.findings[0].confidence) = (telegram, Confidence::High);
        let plan = Plan::of(&rules, &report.findings);
        assert!(plan.checks.is_empty(), "{file}");
        assert!(plan.left_out[0].1.contains("a rule of your own"), "{file}: {:?}", plan.left_out);
    }
}

#[test]
fn every_venue_takes_credentials_of_built_in_rules() {
    let rules = RuleSet::builtin();
    assert!(rules.rule_ids().all(|id| rules.is_builtin(id)));
    for venue in venues() {
        assert!(rules.providers().iter().any(|provider| provider.id == venue.provider()), "{}", venue.id);
        assert!(venue.host(Environment::Live).is_some(), "{}", venue.id);
        for id in &venue.rules {
            assert!(rules.find(id).is_some(), "{}: there is no rule {id}", venue.id);
        }
    }
}
