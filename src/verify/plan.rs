//! Which findings can be asked about, where, and why the others are left out. A key goes to its own exchange only, and
//! only if the finding says for sure whose it is: sixty-four letters and digits are not sprayed over ten venues.

use std::collections::BTreeSet;

use crate::finding::{Environment as Text, Finding};
use crate::rules::{Confidence, Role, RuleSet};

use super::request::Credential;
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
    /// What may be sent for it: `GET https://host/path`, secret parts of paths as `${...}`.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        let host = self.venue.host(self.environment).unwrap_or_default();
        self.venue
            .requests
            .iter()
            .filter(|request| request.is_in(self.environment))
            .map(|request| format!("{} https://{host}{}", request.method.as_str(), request.path))
            .collect()
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
            match check(rules, finding) {
                Ok((venue, environment, credential)) => {
                    plan.checks.push(Check { finding: number, venue, environment, credential });
                }
                Err(why) => plan.left_out.push((number, why)),
            }
        }
        plan
    }

    /// The hosts that would be asked first, sorted.
    #[must_use]
    pub fn hosts(&self) -> Vec<&'static str> {
        let hosts: BTreeSet<&str> = self.checks.iter().filter_map(|one| one.venue.host(one.environment)).collect();
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
