//! Asking, one credential after another: never two requests to a host at once or faster than its pace, never again a host
//! that wants to be left alone, never more than three secrets for one key.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use ring::rand::{SecureRandom as _, SystemRandom};
use sha2::{Digest as _, Sha256};

use crate::finding::verification::{Verdict, Verification};
use crate::rules::Severity;

use super::answer::{self, Asked, Reading};
use super::https::{Https, Transport};
use super::keys::Key;
use super::request::{self, Credential, Moment};
use super::venue::{Environment, Piece, RequestTemplate, Venue};

/// Requests for one credential at most: a first, one that tells more, and the same for one other environment, each once
/// more after a wrong clock.
const MOST_REQUESTS: usize = 6;
/// Secrets that are tried for one key at most; venues lock keys out after some failures.
const MOST_SECRETS: usize = 3;
/// After so many times without an answer in a row, a host is not waited for again.
const MOST_SILENCE: usize = 2;
/// How far a clock may be off without being blamed, in seconds.
const CLOCK: u64 = 2;

/// Time, as asking needs it.
pub(super) trait Clock {
    /// Unix time in milliseconds.
    fn now_ms(&self) -> u64;
    /// Waits.
    fn sleep(&self, time: Duration);
    /// Time that only goes forward, in milliseconds.
    fn passed_ms(&self) -> u64;
}

/// The clock of the system.
pub(super) struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn passed_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Asks venues, and remembers in memory what it has asked.
pub struct Asker {
    transport: Box<dyn Transport>,
    clock: Box<dyn Clock>,
    /// When each host was asked last.
    last: HashMap<&'static str, u64>,
    /// Hosts that are not asked again: with what verdict, and why.
    stopped: HashMap<&'static str, (Verdict, &'static str)>,
    /// How often in a row there was no answer from a host.
    silent: HashMap<&'static str, usize>,
    /// Milliseconds that our clock is behind a host's.
    skew: HashMap<&'static str, i64>,
    /// Answers by venue and credential.
    seen: HashMap<[u8; 32], Verification>,
    /// Secrets that were tried, by venue and key.
    tried: HashMap<[u8; 32], usize>,
}

impl Asker {
    /// Makes ready to ask over TLS; nothing is opened yet. `proxy` is `http://host:port`.
    ///
    /// # Errors
    /// If the proxy's address is none.
    pub fn new(proxy: Option<&str>) -> Result<Self, String> {
        Ok(Self::with(Box::new(Https::new(proxy)?), Box::new(SystemClock(Instant::now()))))
    }

    pub(super) fn with(transport: Box<dyn Transport>, clock: Box<dyn Clock>) -> Self {
        Self {
            transport,
            clock,
            last: HashMap::new(),
            stopped: HashMap::new(),
            silent: HashMap::new(),
            skew: HashMap::new(),
            seen: HashMap::new(),
            tried: HashMap::new(),
        }
    }

    /// Asks a venue about a credential. The same credential is asked about once.
    pub fn ask(&mut self, venue: &'static Venue, credential: &Credential, environment: Environment) -> Verification {
        let name = digest(venue, credential, &[Piece::Key, Piece::Token, Piece::Secret, Piece::Passphrase]);
        if let Some(known) = self.seen.get(&name) {
            return known.clone();
        }
        let tried = self.tried.entry(digest(venue, credential, &[Piece::Key, Piece::Token])).or_default();
        // Venues without keys (an address of a chain) have nothing to lock.
        if *tried >= MOST_SECRETS && venue.needs.contains(&Piece::Key) {
            let note = "not asked: three secrets were tried for this key, and more could lock it";
            return self.verification(venue, environment, Reading::of(Verdict::Inconclusive), note);
        }
        *tried += 1;
        let verification = self.ask_all(venue, credential, environment);
        self.seen.insert(name, verification.clone());
        verification
    }

    /// The first environment and, if the answer points there, one after another of the rest.
    fn ask_all(&mut self, venue: &'static Venue, credential: &Credential, first: Environment) -> Verification {
        let key = match request::read_key(venue, credential) {
            Ok(key) => key,
            Err(why) => {
                let note = format!("not asked: {why}");
                return self.verification(venue, first, Reading::of(Verdict::Inconclusive), &note);
            }
        };
        let mut check = Check { venue, credential, key: key.as_ref(), environment: first, left: MOST_REQUESTS };
        let (reading, note) = self.ask_one(&mut check);
        for &other in reading.elsewhere.iter().filter(|&&other| other != first && venue.host(other).is_some()) {
            check.environment = other;
            let (there, note) = self.ask_one(&mut check);
            if there.verdict.is_live() && there.verdict != Verdict::LiveOtherEnvironment {
                return self.verification(venue, other, there, &note);
            }
        }
        self.verification(venue, first, reading, &note)
    }

    /// One environment: the first request and the one that tells more.
    fn ask_one(&mut self, check: &mut Check<'_>) -> (Reading, String) {
        let Some(mut request) = check.venue.first(check.environment) else {
            return (
                Reading::of(Verdict::Inconclusive),
                "not asked: no request is known for this environment".to_owned(),
            );
        };
        let (mut reading, mut note) = self.send(check, request, None);
        if let Some(other) = reading.then.and_then(|id| check.venue.request(id)) {
            request = other;
            (reading, note) = self.send(check, request, None);
        }
        let Some(further) = request.follow.as_ref().and_then(|id| check.venue.request(id)) else {
            return (reading, note);
        };
        let wants_carried = further.query.contains("${carried}") || further.body.contains("${carried}");
        if reading.verdict != Verdict::Live
            || wants_carried && reading.carried.is_none()
            || !further.needs.iter().all(|&piece| check.credential.has(piece))
        {
            if reading.verdict == Verdict::Live && further.decides {
                note = "only the key was proven; its secret was not found or is incomplete".to_owned();
            }
            return (reading, note);
        }
        let carried = reading.carried.clone();
        let (more, why) = self.send(check, further, carried.as_deref());
        (
            merged(reading, more, further),
            if why.is_empty() { note } else { format!("what else it tells is missing: {why}") },
        )
    }

    /// One request, and once more if our clock was wrong.
    fn send(
        &mut self,
        check: &mut Check<'_>,
        request: &'static RequestTemplate,
        carried: Option<&str>,
    ) -> (Reading, String) {
        let host = check.venue.host(check.environment).unwrap_or_default();
        let mut corrected = false;
        loop {
            if let Some(&(verdict, why)) = self.stopped.get(host) {
                return (Reading::of(verdict), format!("not asked: {why}"));
            }
            if check.left == 0 {
                return (Reading::of(Verdict::Inconclusive), "not asked: too many requests".to_owned());
            }
            check.left -= 1;
            let (reading, date) = match self.send_once(check, request, carried, host) {
                Ok(answered) => answered,
                Err(why) => return (Reading::of(Verdict::Inconclusive), why.to_owned()),
            };
            let now = self.clock.now_ms() / 1000;
            match date {
                Some(date) if reading.verdict == Verdict::ClockSkew && !corrected && date.abs_diff(now) > CLOCK => {
                    let ms = |seconds: u64| i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
                    self.skew.insert(host, ms(date).saturating_sub(ms(now)));
                    corrected = true;
                }
                _ => return (reading, String::new()),
            }
        }
    }

    fn send_once(
        &mut self,
        check: &Check<'_>,
        request: &'static RequestTemplate,
        carried: Option<&str>,
        host: &'static str,
    ) -> Result<(Reading, Option<u64>), &'static str> {
        let skew = self.skew.get(host).copied().unwrap_or_default();
        self.wait(host, check.venue.pace_ms);
        let mut random = [0; 16];
        SystemRandom::new().fill(&mut random).map_err(|_| "the system has no random numbers")?;
        let now_ms = self.clock.now_ms().saturating_add_signed(skew);
        let moment = Moment { environment: check.environment, now_ms, random, carried };
        let prepared = request::prepare(check.venue, request, check.credential, check.key, &moment)?;
        let answer = self.transport.send(&prepared);
        self.last.insert(host, self.clock.passed_ms());
        let answer = self.count_silence(host, answer)?;
        let own = match check.key {
            Some(Key::Evm(address)) => address.as_str(),
            _ => check
                .credential
                .pieces
                .get(&Piece::Key)
                .and_then(|key| std::str::from_utf8(key.expose()).ok())
                .unwrap_or_default(),
        };
        let asked =
            Asked { venue: check.venue, request, environment: check.environment, own, now: self.clock.now_ms() / 1000 };
        let reading = answer::read(&asked, answer.status, &answer.body);
        // A page instead of an answer is a firewall's: more requests would make it angrier.
        let is_page = answer.body.trim_ascii_start().starts_with(b"<");
        let why = match reading.verdict {
            Verdict::RateLimited => Some("the host wanted fewer requests before"),
            Verdict::GeoBlocked => Some("the host refused requests from here before"),
            _ => is_page.then_some("the host answered with a page, as firewalls do, before"),
        };
        if let Some(why) = why {
            self.stopped.insert(host, (reading.verdict, why));
        }
        Ok((reading, answer.date))
    }

    /// Gives up a host that is not there, so that many findings don't wait for it one after another.
    fn count_silence<T>(&mut self, host: &'static str, answer: Result<T, &'static str>) -> Result<T, &'static str> {
        let silent = self.silent.entry(host).or_default();
        *silent = if answer.is_ok() { 0 } else { *silent + 1 };
        if *silent >= MOST_SILENCE {
            self.stopped.insert(host, (Verdict::Inconclusive, "the host didn't answer twice before"));
        }
        answer
    }

    /// Keeps the pace of a host.
    fn wait(&self, host: &str, pace_ms: u64) {
        if let Some(last) = self.last.get(host) {
            let passed = self.clock.passed_ms().saturating_sub(*last);
            if passed < pace_ms {
                self.clock.sleep(Duration::from_millis(pace_ms - passed));
            }
        }
    }

    fn verification(
        &self,
        venue: &'static Venue,
        environment: Environment,
        reading: Reading,
        note: &str,
    ) -> Verification {
        let notes: Vec<&str> = [note, venue.note.as_str()].into_iter().filter(|note| !note.is_empty()).collect();
        Verification {
            verdict: reading.verdict,
            also_possible: reading.also_possible,
            capabilities: reading.capabilities,
            disclosure: reading.disclosure,
            ip: reading.ip,
            expires: reading.expires,
            environment: environment.of_finding(),
            venue: venue.id.clone(),
            host: venue.host(environment).unwrap_or_default().to_owned(),
            checked_at: self.clock.now_ms() / 1000,
            note: notes.join(". ").trim_end_matches('.').to_owned(),
            severity_before: Severity::Low,
        }
    }
}

/// What is being asked about.
struct Check<'a> {
    venue: &'static Venue,
    credential: &'a Credential,
    key: Option<&'a Key>,
    environment: Environment,
    /// Requests that may still be made.
    left: usize,
}

/// What a further request adds. Its failure takes nothing back, unless it was to prove the rest of the credential.
fn merged(first: Reading, more: Reading, further: &RequestTemplate) -> Reading {
    use crate::finding::verification::{Disclosure, Expiry, IpRestriction};
    if more.verdict != Verdict::Live {
        let is_news = further.decides && more.verdict != Verdict::Inconclusive
            || matches!(more.verdict, Verdict::Expired | Verdict::Disabled);
        return if is_news { more } else { first };
    }
    let mut both = first;
    both.capabilities.extend(more.capabilities);
    both.capabilities.sort_unstable();
    both.capabilities.dedup();
    if more.disclosure != Disclosure::None {
        both.disclosure = more.disclosure;
    }
    if more.ip != IpRestriction::Unknown {
        both.ip = more.ip;
    }
    if more.expires != Expiry::Unknown {
        both.expires = more.expires;
    }
    both
}

/// The name of some pieces of a credential at a venue, in memory only.
fn digest(venue: &Venue, credential: &Credential, pieces: &[Piece]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(venue.id.as_bytes());
    for piece in pieces {
        let value = credential.pieces.get(piece).map(crate::secret::Secret::expose).unwrap_or_default();
        hash.update((value.len() as u64).to_le_bytes());
        hash.update(value);
    }
    hash.finalize().into()
}
