//! Files that people write or get from others: rules, configurations, baselines, what other scanners accept; and what
//! exchanges answer. All of it is refused with a place and a remedy, or works.

use super::{builtin, filled};
use crate::config;
use crate::detect::{Engine, Hint, proof};
use crate::finding::verification::{Disclosure, Verdict};
use crate::policy::baseline::{Baseline, BaselineError};
use crate::policy::import;
use crate::rules::Loader;
use crate::verify;

/// The first byte says which.
pub(super) fn any(data: &[u8]) {
    let Some((&form, data)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(data);
    match form % 6 {
        0 => rules(&text, false),
        1 => rules(&text, true),
        2 => configuration(&text),
        3 => baseline(&text),
        4 => drop(import::read("x", &text).map_err(|error| told(&text, &error))),
        _ => answer(data),
    }
}

/// A place lies in the text, and something can be done.
fn placed(text: &str, line: usize, column: usize, reason: &str, remedy: &str) {
    let lines = text.bytes().filter(|&byte| byte == b'\n' || byte == b'\r').count() + 1;
    assert!(line >= 1 && line <= lines && column >= 1, "{line}:{column} of {lines} lines: {reason}");
    assert!(!reason.is_empty() && !remedy.is_empty(), "{reason}; {remedy}");
}

fn told(text: &str, error: &BaselineError) {
    placed(text, error.line, error.column, &error.reason, &error.remedy);
}

/// Our rules, or gitleaks' beside the built-in ones.
fn rules(text: &str, with_builtin: bool) {
    let mut loader = if with_builtin { Loader::with_builtin(proof::NAMES) } else { Loader::new(proof::NAMES) };
    loader.add("x.toml", text);
    match loader.finish() {
        Ok(_) if with_builtin => {}
        Ok(rules) => {
            let probe = filled(b"key = \"\x01\x20\x05\"\nsecret: \x02\x40\x09\nlogin hunter2 \x04\x2c\x01\n");
            drop(Engine::new(&rules).scan(&probe, &Hint::default()));
        }
        Err(errors) => {
            for error in errors {
                placed(text, error.line, error.column, &error.reason, &error.remedy);
            }
        }
    }
}

fn configuration(text: &str) {
    for source in config::FILES {
        match config::read(source.file, text, source.table) {
            Ok(Some(read)) => {
                for error in read.check_names(builtin().rules()).err().unwrap_or_default() {
                    placed(text, error.line, error.column, &error.reason, &error.remedy);
                }
                drop(read.hides());
            }
            Ok(None) => {}
            Err(errors) => {
                assert!(!errors.is_empty());
                for error in errors {
                    placed(text, error.line, error.column, &error.reason, &error.remedy);
                }
            }
        }
    }
}

/// What is written of a baseline reads as the same, and is written the same again.
fn baseline(text: &str) {
    let read = [Baseline::read("x", text), Baseline::read_merged("x", text)];
    for one in read {
        let one = match one {
            Ok(one) => one,
            Err(error) => {
                told(text, &error);
                continue;
            }
        };
        let written = one.to_string();
        let again = Baseline::read("x", &written).unwrap_or_else(|error| panic!("{error}: {written}"));
        assert_eq!(again.to_string(), written);
        assert!(again.entries.len() <= one.entries.len());
    }
}

/// An answer of an exchange: a key is live only if a whole answer says so, and has rights only if it is live.
fn answer(data: &[u8]) {
    const STATUS: [u16; 8] = [200, 400, 401, 403, 404, 418, 429, 500];
    let [venue, request, status, body @ ..] = data else { return };
    let venues = verify::venues();
    let venue = &venues[usize::from(*venue) % venues.len()];
    let status = STATUS[usize::from(*status) % STATUS.len()];
    let Some(reading) = verify::read_answer(venue, usize::from(*request) % 4, "own", status, body) else { return };
    if reading.verdict == Verdict::Live {
        assert!(status == 200 && serde_json::from_slice::<serde_json::Value>(body).is_ok(), "{reading:?}");
    } else {
        assert!(reading.capabilities.is_empty() && reading.disclosure == Disclosure::None, "{reading:?}");
    }
}
