//! What each venue answers, and what is made of it: `testdata/verify/answers/`, over TLS, against a mock that checks each
//! request as the venue's documents describe it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;

use super::mock::{Mock, Reply, Request};
use super::signatures::{Account, Opinion};
use super::{NOW_MS, credential, secret_of, text};
use crate::finding::verification::{Capability, Disclosure, Expiry, Verdict, Verification, utc};
use crate::secret::Secret;
use crate::verify::ask::Clock;
use crate::verify::keys::evm_address;
use crate::verify::venue::{Piece, SecretForm, Signer, Venue, venues};
use crate::verify::{Asker, Credential, Environment, find};

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(default = "live")]
    environment: Environment,
    /// What the mock must think of the request: `good`, `unknown_key`, `wrong_secret`, `wrong_passphrase`.
    #[serde(default)]
    meets: Meets,
    #[serde(default)]
    without: Vec<Piece>,
    /// By the id of the request.
    answers: BTreeMap<String, AnswerText>,
    verdict: Verdict,
    #[serde(default)]
    capabilities: Vec<Capability>,
    #[serde(default = "none")]
    disclosed: String,
    #[serde(default = "unknown")]
    ip: String,
    #[serde(default = "unknown")]
    expires: String,
}

#[derive(Clone, Deserialize)]
struct AnswerText {
    #[serde(default = "success")]
    status: u16,
    body: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Meets {
    #[default]
    Good,
    UnknownKey,
    WrongSecret,
    WrongPassphrase,
}

fn live() -> Environment {
    Environment::Live
}

fn none() -> String {
    "none".to_owned()
}

fn unknown() -> String {
    "unknown".to_owned()
}

fn success() -> u16 {
    200
}

/// Time that stands still; waiting takes none.
pub(super) struct Still;

impl Clock for Still {
    fn now_ms(&self) -> u64 {
        NOW_MS
    }

    fn sleep(&self, _: Duration) {}

    fn passed_ms(&self) -> u64 {
        0
    }
}

pub(super) fn asker(mock: &Mock) -> Asker {
    Asker::with(Box::new(mock.client(true)), Box::new(Still))
}

fn cases(venue: &Venue) -> Vec<Case> {
    let path = format!("{}/testdata/verify/answers/{}.toml", env!("CARGO_MANIFEST_DIR"), venue.id);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
    file.case
}

/// Our credential, which differs from the account's in one piece if the case wants that.
fn ours(venue: &Venue, account: &Credential, case: &Case) -> Credential {
    let other = credential(venue, 90);
    let swap = match case.meets {
        Meets::Good => None,
        Meets::UnknownKey if venue.needs.contains(&Piece::Token) => Some(Piece::Token),
        Meets::UnknownKey => Some(Piece::Key),
        Meets::WrongSecret => Some(Piece::Secret),
        Meets::WrongPassphrase => Some(Piece::Passphrase),
    };
    let pieces = account.pieces.iter().filter(|(piece, _)| !case.without.contains(piece)).map(|(&piece, value)| {
        let value = if swap == Some(piece) { &other.pieces[&piece] } else { value };
        (piece, value.clone())
    });
    Credential::new(pieces)
}

/// The mock's handler for a case: what the venue says if it thinks of the request what the case expects.
fn handler(venue: &'static Venue, account: Credential, case: &Case) -> impl FnMut(&Request) -> Reply + Send + 'static {
    let own = text(&account, Piece::Key);
    let address = evm_address(text(&account, Piece::Secret).as_bytes()).unwrap_or_default();
    let fill = |body: &str| {
        let cut = own.get(..6).unwrap_or_default();
        body.replace("${key}", &own).replace("${key:6}", cut).replace("${address}", &address.to_lowercase())
    };
    let answers: BTreeMap<String, (u16, String)> =
        case.answers.iter().map(|(id, answer)| (id.clone(), (answer.status, fill(&answer.body)))).collect();
    let expected = match case.meets {
        Meets::Good => Opinion::Good,
        Meets::UnknownKey => Opinion::UnknownKey,
        Meets::WrongSecret => Opinion::WrongSecret,
        Meets::WrongPassphrase => Opinion::WrongPassphrase,
    };
    move |request| {
        let opinion = Account { venue: &venue.id, credential: &account }.opinion(request);
        let asked = venue.requests.iter().find(|template| {
            let is_body = template.body.contains("extraAgents") == request.body.contains("extraAgents");
            let path = template.path.split("${").next().unwrap_or_default();
            template.method.as_str() == request.method
                && is_body
                && match template.path.contains("${") {
                    true => request.path.starts_with(path),
                    false => request.path == template.path,
                }
        });
        // BitMart shows the wallet to whoever has the key.
        let is_keyed = venue.id == "bitmart" && expected == Opinion::WrongSecret && opinion == Opinion::Good;
        match asked.and_then(|asked| answers.get(&asked.id)) {
            Some((status, body)) if opinion == expected || is_keyed => Reply::new(*status, body.clone()),
            _ => Reply::new(UNEXPECTED, format!("the mock expected {expected:?} and saw {opinion:?}: {request:?}")),
        }
    }
}

/// The status by which the mock says that a request is not what it expects; no case has it as its answer.
const UNEXPECTED: u16 = 599;

fn check(venue: &'static Venue, case: &Case, got: &Verification) -> Result<(), String> {
    let expires = match got.expires {
        Expiry::At(time) => utc(time),
        Expiry::Never => "never".to_owned(),
        Expiry::Unknown => "unknown".to_owned(),
    };
    let found = (got.verdict, &got.capabilities, got.disclosure.as_str(), got.ip.as_str(), expires.as_str());
    let wanted = (case.verdict, &case.capabilities, case.disclosed.as_str(), case.ip.as_str(), case.expires.as_str());
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{}, {}: {found:?} instead of {wanted:?}: {}", venue.id, case.name, got.note))
    }
}

#[test]
fn each_answer_of_each_venue_gives_its_verdict() {
    let only = std::env::var("VENUE").unwrap_or_default();
    let mock = Mock::new(|_| Reply::new(500, ""));
    let mut wrong = Vec::new();
    let mut count = 0;
    for venue in venues().iter().filter(|venue| venue.id.contains(&only)) {
        for case in cases(venue) {
            let account = credential(venue, 10);
            let mut handle = handler(venue, account.clone(), &case);
            let unexpected = Arc::new(Mutex::new(Vec::new()));
            let noted = unexpected.clone();
            mock.answer(move |request| {
                let reply = handle(request);
                if let Reply::Http { status: UNEXPECTED, body, .. } = &reply {
                    noted.lock().expect("nobody panics with it").push(String::from_utf8_lossy(body).into_owned());
                }
                reply
            });
            let verification = asker(&mock).ask(venue, &ours(venue, &account, &case), case.environment);
            wrong.extend(check(venue, &case, &verification).err());
            wrong.append(&mut unexpected.lock().expect("nobody panics with it"));
            count += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 350 || !only.is_empty(), "{count}");
}

#[test]
fn each_error_row_of_each_venue_is_seen_by_a_case() {
    for venue in venues() {
        let cases = cases(venue);
        for row in &venue.errors {
            let fits = |case: &Case| {
                case.answers.values().any(|answer| {
                    let text = answer.body.to_lowercase();
                    row.http.is_none_or(|http| http == answer.status)
                        && (row.within.is_empty()
                            || row.within.contains(&case.environment)
                            || !row.elsewhere.is_empty())
                        && (row.code.is_empty() || row.code.iter().any(|code| answer.body.contains(code)))
                        && (row.text.is_empty() || row.text.iter().any(|part| text.contains(&part.to_lowercase())))
                })
            };
            assert!(cases.iter().any(fits), "{}: no case for {row:?}", venue.id);
        }
    }
}

/// What every venue can be made to do: none of it says anything about the key.
#[test]
fn what_is_no_answer_is_no_verdict() {
    let page = "<!DOCTYPE html><html><head><title>Access denied</title></head><body>invalid api key</body></html>";
    let replies = [
        ("an HTML page, 200", Reply::new(200, page), Verdict::Inconclusive),
        ("an HTML page, 401", Reply::new(401, page), Verdict::Inconclusive),
        ("an HTML page, 502", Reply::new(502, page), Verdict::Inconclusive),
        ("nothing", Reply::new(200, ""), Verdict::Inconclusive),
        ("no JSON", Reply::new(200, "{\"code\": \"0\", "), Verdict::Inconclusive),
        ("bytes", Reply::new(200, vec![0xff, 0xfe, 0x00, 0x80]), Verdict::Inconclusive),
        ("null", Reply::new(200, "null"), Verdict::Inconclusive),
        ("another shape", Reply::new(200, "{\"ok\": \"maybe\", \"code\": [0], \"data\": 7}"), Verdict::Inconclusive),
        ("a redirect", redirect(), Verdict::Inconclusive),
        ("too long", Reply::Huge(70_000), Verdict::Inconclusive),
        ("cut", Reply::Cut, Verdict::Inconclusive),
        ("rate-limited", Reply::new(429, page), Verdict::RateLimited),
        ("banned", Reply::new(418, page), Verdict::RateLimited),
        ("geo-blocked", Reply::new(451, page), Verdict::GeoBlocked),
    ];
    let mock = Mock::new(|_| Reply::new(500, ""));
    let mut wrong = Vec::new();
    for (name, reply, verdict) in replies {
        for venue in venues() {
            let reply = reply.clone();
            mock.answer(move |_| reply.clone());
            let got = asker(&mock).ask(venue, &credential(venue, 20), Environment::Live);
            if (got.verdict, got.capabilities.as_slice(), got.disclosure) != (verdict, &[], Disclosure::None) {
                wrong.push(format!("{}: {name}: {:?}", venue.id, got.verdict));
            }
            if mock.requests().len() != 1 {
                wrong.push(format!("{}: {name}: {} requests", venue.id, mock.requests().len()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// To another host, which the mock would answer too.
fn redirect() -> Reply {
    let place = ("Location", "https://api.binance.com/api/v3/account".to_owned());
    Reply::Http { status: 302, headers: vec![place], body: Vec::new() }
}

/// However busy the machine is: whether the time runs out in the handshake or later, the outcome is the same.
#[test]
fn a_silent_server_ends_in_time() {
    let mock = Mock::new(|_| Reply::Silence);
    for venue in venues() {
        let client = mock.impatient_client(Duration::from_millis(100));
        let mut asker = Asker::with(Box::new(client), Box::new(Still));
        let got = asker.ask(venue, &credential(venue, 20), Environment::Live);
        assert_eq!((got.verdict, got.note.contains("in time")), (Verdict::Inconclusive, true), "{}", got.note);
    }
}

/// The time is one for the whole answer, not one for each byte.
#[test]
fn a_server_that_drips_ends_in_time() {
    let mock = Mock::new(|_| Reply::Drip);
    let venue = find("okx").expect("there is one");
    let client = mock.impatient_client(Duration::from_secs(2));
    let got = Asker::with(Box::new(client), Box::new(Still)).ask(venue, &credential(venue, 20), Environment::Live);
    assert_eq!((got.verdict, got.note.contains("in time")), (Verdict::Inconclusive, true), "{}", got.note);
}

#[test]
fn an_untrusted_certificate_gets_nothing() {
    let mock = Mock::new(|_| Reply::new(200, "{}"));
    let venue = find("binance").expect("there is one");
    let mut asker = Asker::with(Box::new(mock.client(false)), Box::new(Still));
    let got = asker.ask(venue, &credential(venue, 20), Environment::Live);
    assert_eq!(got.verdict, Verdict::Inconclusive);
    assert!(got.note.contains("not to be trusted"), "{}", got.note);
    assert!(mock.requests().is_empty(), "nothing may be sent before the certificate is known");
}

/// Every kind of secret a venue takes makes a signature that the venue's documents accept.
#[test]
fn each_kind_of_secret_signs() {
    let mock = Mock::new(|_| Reply::new(500, ""));
    for venue in venues() {
        let case = cases(venue).into_iter().find(|case| {
            case.verdict == Verdict::Live && case.without.is_empty() && case.environment == Environment::Live
        });
        let Some(case) = case else { continue };
        for &signer in &venue.signs {
            let is_base64 = venue.sign.as_ref().is_some_and(|sign| sign.secret == SecretForm::Base64);
            let mut account = credential(venue, 30);
            if account.has(Piece::Secret) && signer != Signer::Secp256k1 {
                let secret = secret_of(signer, is_base64, 31);
                account.pieces.insert(Piece::Secret, Secret::new(secret.as_bytes()));
            }
            // KuCoin's passphrase and the like need a shared secret; no venue with key pairs has these.
            mock.answer(handler(venue, account.clone(), &case));
            let got = asker(&mock).ask(venue, &account, Environment::Live);
            assert_eq!(got.verdict, Verdict::Live, "{} {signer:?}: {}", venue.id, got.note);
        }
    }
}
