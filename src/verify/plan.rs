//! Which findings can be asked about, where, and why the others are left out. A key goes to its own exchange only, and
//! only if the finding says for sure whose it is: sixty-four letters and digits are not sprayed over ten venues.

use std::collections::BTreeSet;

use crate::finding::{Environment as Text, Finding};
use crate::rules::{Confidence, Role, RuleSet};

use super::request::{self, Credential};
use super::venue::{Environment, Piece, Venue, venues};

/// One credential to ask about.
pub struct Check {
    /// Its finding, by number.
    pub finding: usize,
    /// Whom to ask.
    pub venue: &'static Venue,
    /// The environment that is asked first.
    pub environment: Environment,
    /// What is sent or signed with.
    pub credential: Credential,
}

impl Check {
    /// All that may be sent for it: `GET https://host/path`, secret parts of paths as `${...}`.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for environment in self.venue.reached_from(self.environment) {
            let host = self.venue.host(environment).unwrap_or_default();
            for request in self.venue.requests.iter().filter(|request| request.is_in(environment)) {
                let line = format!("{} https://{host}{}", request.method.as_str(), request.path);
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines
    }

    /// Why nothing can be sent for it, in our own words; `None` if something can.
    #[must_use]
    pub fn unfit(&self) -> Option<&'static str> {
        request::unfit(self.venue, &self.credential, self.environment)
    }
}

/// What would be asked.
#[derive(Default)]
pub struct Plan {
    /// The credentials that can be asked about.
    pub checks: Vec<Check>,
    /// Findings that can't, with the reason.
    pub left_out: Vec<(usize, &'static str)>,
}

impl Plan {
    /// Looks at findings; nothing is sent.
    #[must_use]
    pub fn of(rules: &RuleSet, findings: &[Finding]) -> Self {
        let mut plan = Self::default();
        for (number, finding) in findings.iter().enumerate() {
            let check = check(rules, finding).and_then(|(venue, environment, credential)| {
                let check = Check { finding: number, venue, environment, credential };
                check.unfit().map_or(Ok(check), Err)
            });
            match check {
                Ok(check) => plan.checks.push(check),
                Err(why) => plan.left_out.push((number, why)),
            }
        }
        plan
    }

    /// The hosts that may be asked, sorted.
    #[must_use]
    pub fn hosts(&self) -> Vec<&'static str> {
        let of = |one: &Check| {
            let reached = one.venue.reached_from(one.environment);
            reached.into_iter().filter_map(|environment| one.venue.host(environment)).collect::<Vec<_>>()
        };
        let hosts: BTreeSet<&str> = self.checks.iter().flat_map(of).collect();
        hosts.into_iter().collect()
    }

    /// Venues whose nonces a running program shares.
    #[must_use]
    pub fn nonce_venues(&self) -> Vec<&'static str> {
        let venues: BTreeSet<&str> =
            self.checks.iter().filter(|one| one.venue.nonce).map(|one| one.venue.name.as_str()).collect();
        venues.into_iter().collect()
    }
}

fn check(rules: &RuleSet, finding: &Finding) -> Result<(&'static Venue, Environment, Credential), &'static str> {
    let provider = &rules.provider(finding.provider).id;
    let of_provider: Vec<&'static Venue> = venues().iter().filter(|venue| venue.provider() == provider).collect();
    if of_provider.is_empty() {
        return Err("stopleak knows no harmless question for this provider");
    }
    // The rules of a file say what they like, and the file may come with what is scanned: what they match could be anybody's
    // credential, and an exchange would be told.
    if finding.parts.iter().any(|part| !rules.is_builtin(part.rule) || rules.provider_of(part.rule) != finding.provider)
    {
        return Err("a rule of your own found it, and only what built-in rules find is sent");
    }
    if !finding.alternatives.is_empty() {
        return Err("it could be of several providers, and nothing is sent to a guess");
    }
    if finding.confidence < Confidence::High {
        return Err("it is not sure enough whose it is, and nothing is sent to a guess");
    }
    let mut incomplete = false;
    for venue in of_provider {
        let parts = finding.parts.iter().filter(|part| {
            part.role == Role::Id || venue.rules.is_empty() || venue.rules.contains(&rules.rule(part.rule).id)
        });
        let pieces = parts.filter_map(|part| Some((piece(part.role)?, part.secret.clone())));
        let credential = Credential::new(pieces);
        if !venue.needs.iter().all(|&piece| credential.has(piece)) {
            incomplete = true;
            continue;
        }
        return match environment(venue, finding, &credential) {
            Some(environment) => Ok((venue, environment, credential)),
            None => Err("it is for a testnet or demo whose host stopleak doesn't know"),
        };
    }
    debug_assert!(incomplete);
    Err("a part of the credential was not found with it")
}

fn piece(role: Role) -> Option<Piece> {
    match role {
        Role::Key => Some(Piece::Key),
        Role::Secret | Role::PrivateKey => Some(Piece::Secret),
        Role::Passphrase | Role::Password => Some(Piece::Passphrase),
        Role::Token => Some(Piece::Token),
        Role::Seed | Role::Id => None,
    }
}

/// Where a finding's key lives, as its text or its own beginning says; real money if nothing does.
fn environment(venue: &Venue, finding: &Finding, credential: &Credential) -> Option<Environment> {
    let key = credential.pieces.get(&Piece::Key);
    let is_test =
        !venue.test_keys.is_empty() && key.is_some_and(|key| key.expose().starts_with(venue.test_keys.as_bytes()));
    if finding.environment == Text::Test || is_test {
        return venue.environments().find(|&environment| environment != Environment::Live);
    }
    venue.host(Environment::Live).map(|_| Environment::Live)
}
