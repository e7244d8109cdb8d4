//! How fast, how often and how long a host is asked.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::allowlist::Recorder;
use super::answers::asker;
use super::mock::{Mock, Reply};
use super::{NOW_MS, credential};
use crate::finding::Environment as Found;
use crate::finding::verification::Verdict;
use crate::rules::Severity;
use crate::secret::Secret;
use crate::verify::ask::Clock;
use crate::verify::https::{Answer, Failure, Transport};
use crate::verify::request::Prepared;
use crate::verify::venue::Piece;
use crate::verify::{Asker, Credential, Environment, find};

/// Time that passes only by waiting.
struct Waiting(Rc<Cell<u64>>);

impl Clock for Waiting {
    fn now_ms(&self) -> u64 {
        NOW_MS + self.0.get()
    }

    fn sleep(&self, time: Duration) {
        self.0.set(self.0.get() + u64::try_from(time.as_millis()).expect("tests wait briefly"));
    }

    fn passed_ms(&self) -> u64 {
        self.0.get()
    }
}

type Seen = Arc<Mutex<Vec<String>>>;

fn recorder(answers: Vec<(u16, String)>) -> (Asker, Seen, Rc<Cell<u64>>) {
    let (seen, time) = (Seen::default(), Rc::new(Cell::new(0)));
    let asker = Asker::with(Box::new(Recorder { seen: seen.clone(), answers }), Box::new(Waiting(time.clone())));
    (asker, seen, time)
}

fn count(seen: &Seen) -> usize {
    seen.lock().expect("nobody panics with it").len()
}

#[test]
fn a_host_is_asked_once_a_second_at_most() {
    let (mut asker, seen, time) = recorder(Vec::new());
    let (okx, bybit) = (find("okx").expect("there is one"), find("bybit").expect("there is one"));
    for seed in [1, 2, 3] {
        asker.ask(okx, &credential(okx, seed * 100), Environment::Live);
    }
    assert_eq!((count(&seen), time.get()), (3, 2000));
    asker.ask(bybit, &credential(bybit, 1), Environment::Live);
    assert_eq!((count(&seen), time.get()), (4, 2000), "another host needn't wait");
}

#[test]
fn a_host_that_wants_to_be_left_alone_is_and_the_reason_is_the_true_one() {
    let cases = [
        (429, "{}", Verdict::RateLimited, "wanted fewer requests"),
        (418, "{}", Verdict::RateLimited, "wanted fewer requests"),
        (451, "{}", Verdict::GeoBlocked, "refused requests from here"),
        (403, "<html>blocked</html>", Verdict::Inconclusive, "answered with a page"),
    ];
    for (status, body, verdict, why) in cases {
        let (mut asker, seen, _) = recorder(vec![(status, body.to_owned())]);
        let venue = find("mexc").expect("there is one");
        asker.ask(venue, &credential(venue, 1), Environment::Live);
        let second = asker.ask(venue, &credential(venue, 2), Environment::Live);
        assert_eq!((count(&seen), second.verdict), (1, verdict), "{status}");
        assert!(second.note.starts_with("not asked") && second.note.contains(why), "{}", second.note);
    }
}

/// A transport on which nobody answers, or every second time somebody does.
struct Silent {
    asked: Rc<Cell<usize>>,
    answers: bool,
}

impl Transport for Silent {
    fn send(&mut self, _: &Prepared) -> Result<Answer, Failure> {
        self.asked.set(self.asked.get() + 1);
        match self.answers && self.asked.get().is_multiple_of(2) {
            true => Ok(Answer { status: 500, date: None, body: zeroize::Zeroizing::new(b"{}".to_vec()) }),
            false => Err("the host can't be reached"),
        }
    }
}

#[test]
fn a_host_that_is_not_there_is_not_waited_for_again_and_again() {
    let venue = find("mexc").expect("there is one");
    for (answers, expected) in [(false, 2), (true, 6)] {
        let asked = Rc::new(Cell::new(0));
        let transport = Silent { asked: asked.clone(), answers };
        let mut asker = Asker::with(Box::new(transport), Box::new(Waiting(Rc::default())));
        let verifications: Vec<_> =
            (1..=6).map(|seed| asker.ask(venue, &credential(venue, seed * 100), Environment::Live)).collect();
        let last = verifications.last().expect("it was asked");
        assert_eq!((asked.get(), last.verdict), (expected, Verdict::Inconclusive));
        assert_eq!(last.note.starts_with("not asked: the host didn't answer twice"), !answers, "{}", last.note);
    }
}

#[test]
fn a_lockout_stops_too() {
    let (mut asker, seen, _) = recorder(vec![(200, r#"{"error":["EGeneral:Temporary lockout"]}"#.to_owned())]);
    let venue = find("kraken").expect("there is one");
    assert_eq!(asker.ask(venue, &credential(venue, 1), Environment::Live).verdict, Verdict::RateLimited);
    asker.ask(venue, &credential(venue, 2), Environment::Live);
    assert_eq!(count(&seen), 1);
}

#[test]
fn the_same_credential_is_asked_about_once() {
    let (mut asker, seen, _) = recorder(Vec::new());
    let venue = find("okx").expect("there is one");
    let first = asker.ask(venue, &credential(venue, 1), Environment::Live);
    let again = asker.ask(venue, &credential(venue, 1), Environment::Live);
    assert_eq!((count(&seen), first), (1, again));
}

#[test]
fn three_secrets_are_tried_for_a_key() {
    let (mut asker, seen, _) = recorder(Vec::new());
    let venue = find("okx").expect("there is one");
    let whole = credential(venue, 1);
    for seed in 0..5 {
        let mut other = whole.clone();
        other.pieces.insert(Piece::Secret, Secret::new(super::random(seed, super::ALNUM, 32).as_bytes()));
        asker.ask(venue, &other, Environment::Live);
    }
    assert_eq!(count(&seen), 3);
}

#[test]
fn a_wrong_clock_is_set_by_the_hosts_own_once() {
    let stamp = |query: &str| query.split(['=', '&']).nth(1).and_then(|ms| ms.parse::<u64>().ok()).unwrap_or_default();
    let reply = |status, body: &str| Reply::Http {
        status,
        headers: vec![("Date", "Tue, 14 Nov 2023 23:13:20 GMT".to_owned())],
        body: body.as_bytes().to_vec(),
    };
    let venue = find("binance").expect("there is one");
    let mock = Mock::new(move |request| {
        // An hour later than our clock: only a corrected request is good.
        match stamp(&request.query) >= NOW_MS + 3_590_000 {
            true => reply(200, r#"{"ipRestrict": true, "enableReading": true}"#),
            false => reply(400, r#"{"code": -1021, "msg": "outside of the recvWindow"}"#),
        }
    });
    let got = asker(&mock).ask(venue, &credential(venue, 1), Environment::Live);
    assert_eq!((got.verdict, mock.requests().len()), (Verdict::Live, 2), "{}", got.note);
    mock.answer(move |_| reply(400, r#"{"code": -1021, "msg": "outside of the recvWindow"}"#));
    let got = asker(&mock).ask(venue, &credential(venue, 1), Environment::Live);
    assert_eq!((got.verdict, mock.requests().len()), (Verdict::ClockSkew, 2), "once more and not again");
}

#[test]
fn a_key_of_the_demo_is_found_there_and_is_low() {
    let venue = find("okx").expect("there is one");
    let mock = Mock::new(|request| match request.header("x-simulated-trading") {
        "1" => Reply::new(200, r#"{"code": "0", "data": [{"perm": "read_only,withdraw", "ip": ""}]}"#),
        _ => Reply::new(401, r#"{"code": "50101", "msg": "APIKey does not match current environment."}"#),
    });
    let got = asker(&mock).ask(venue, &credential(venue, 1), Environment::Live);
    assert_eq!((got.verdict, got.environment, got.severity()), (Verdict::Live, Found::Test, Some(Severity::Low)));
    assert_eq!(mock.requests().len(), 2);
}

#[test]
fn a_secret_that_can_not_be_read_is_not_sent() {
    let (mut asker, seen, _) = recorder(Vec::new());
    let venue = find("kraken").expect("there is one");
    let pieces = [(Piece::Key, Secret::new(b"abc")), (Piece::Secret, Secret::new(b"not base64 at all!"))];
    let got = asker.ask(venue, &Credential::new(pieces), Environment::Live);
    assert_eq!((count(&seen), got.verdict), (0, Verdict::Inconclusive));
    assert!(got.note.contains("secret of this kind"), "{}", got.note);
}
