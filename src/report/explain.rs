//! What a rule finds, why it matters and what to do: one text for `stopleak explain`, SARIF's help and the advice at the
//! end of a report. The facts are the provider's (`rules/`), the general steps are written here once.

use crate::rules::{Evidence, Kind, Provider, Role, Rule, RuleId, RuleSet, Severity};

use super::escape;
use super::title::wrap;

/// Where lines of prose end that nobody wraps.
pub(super) const WIDTH: usize = 100;

/// The explanation of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The rule's id.
    pub id: String,
    /// One line, no final full stop.
    pub title: String,
    /// What the value is and how it is recognised.
    pub what: String,
    /// What a stranger can do with it.
    pub why: String,
    /// What is known of binding the key to addresses; may be empty.
    pub ip_whitelist: String,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// Where the API is described; may be empty.
    pub docs: String,
}

/// Explains a rule.
#[must_use]
pub fn explain(rules: &RuleSet, id: RuleId) -> Explanation {
    let (rule, provider) = (rules.rule(id), rules.provider(rules.provider_of(id)));
    Explanation {
        id: rule.id.clone(),
        title: rule.title.clone(),
        what: what(rule, provider),
        why: why(rule, provider),
        ip_whitelist: provider.ip_whitelist.clone(),
        steps: steps(provider, rule.role),
        docs: provider.docs.clone(),
    }
}

impl Explanation {
    /// For terminals `width` wide, and SARIF's `help.text`.
    #[must_use]
    pub fn text(&self, width: usize) -> String {
        let mut out = format!("{}\n\nWhat it is\n", self.title);
        paragraph(&mut out, width, "  ", &self.what);
        out += "\nWhy it matters\n";
        paragraph(&mut out, width, "  ", &self.why);
        if !self.ip_whitelist.is_empty() {
            paragraph(&mut out, width, "  ", &format!("IP whitelist: {}", self.ip_whitelist));
        }
        out += "\nWhat to do now\n";
        for (number, step) in (1..).zip(&self.steps) {
            paragraph(&mut out, width, &format!("  {number}. "), step);
        }
        if !self.docs.is_empty() {
            out += &format!("\nThe provider's documentation: {}\n", self.docs);
        }
        out
    }

    /// For SARIF's `help.markdown`.
    #[must_use]
    pub fn markdown(&self) -> String {
        let md = escape::markdown;
        let mut out = format!(
            "# {}\n\n**What it is.** {}\n\n**Why it matters.** {}\n",
            md(&self.title),
            md(&self.what),
            md(&self.why)
        );
        if !self.ip_whitelist.is_empty() {
            out += &format!("\n**IP whitelist.** {}\n", md(&self.ip_whitelist));
        }
        out += "\n**What to do now**\n\n";
        for (number, step) in (1..).zip(&self.steps) {
            out += &format!("{number}. {}\n", md(step));
        }
        if !self.docs.is_empty() {
            out += &format!("\nThe provider's documentation: <{}>\n", self.docs);
        }
        out
    }
}

/// Adds prose, wrapped: `first` begins its first line, blanks the others.
fn paragraph(out: &mut String, width: usize, first: &str, text: &str) {
    for (index, line) in wrap(text, width.saturating_sub(first.len())).iter().enumerate() {
        let begin = if index == 0 { first } else { "" };
        *out += &format!("{begin:indent$}{line}\n", indent = first.len());
    }
}

fn what(rule: &Rule, provider: &Provider) -> String {
    let role = match rule.role {
        Role::Key => "the public half of an API credential; with its secret it acts for the account",
        Role::Secret => "the half of an API credential that signs requests and must stay secret",
        Role::Passphrase => {
            "the part of an API credential that its owner chose; requests need it beside key and secret"
        }
        Role::PrivateKey => "a private key; whoever has it signs in the owner's name",
        Role::Token => "a token that acts by itself, without any second part",
        Role::Seed => "a seed from which private keys are derived",
        Role::Password => "a password",
        Role::Id => "the name of an account; no secret by itself, but a part of the credential",
    };
    let evidence = match rule.evidence {
        Evidence::Shape => "It is recognised by its shape alone.",
        Evidence::Proof => "It is recognised by its shape and by a proof that chance does not pass.",
        Evidence::Context => {
            "Its shape is shared with other values, so it is reported where the provider is named near by and the value is \
             bound to a fitting name or stands beside its other half."
        }
        Evidence::Name if rule.role == Role::Passphrase => {
            "It has no shape of its own, so it is reported by its name, beside other parts of the credential."
        }
        Evidence::Name => "It has no shape of its own, so it is reported by the name that it is bound to.",
    };
    format!("{} ({}): {role}. {evidence}", rule.title, provider.name)
}

fn why(rule: &Rule, provider: &Provider) -> String {
    let money = matches!(provider.kind, Kind::Exchange | Kind::Dex | Kind::Broker | Kind::Wallet);
    let harm = match rule.severity {
        Severity::Critical if money => "Whoever reads it can take money, or do what ends in a loss of money",
        Severity::Critical => "Whoever reads it can take over what it opens, and reach more from there",
        Severity::High => "Whoever reads it can act in the owner's name",
        Severity::Medium if provider.kind == Kind::Wallet && rule.role != Role::Key => {
            "Whoever reads it can try passwords on it as long as they like, and owns what it guards once one fits"
        }
        Severity::Medium => "Whoever reads it can use the service as its owner",
        Severity::Low => "Whoever reads it can use up data or quota, or learn what it belongs to",
    };
    let also = match provider.kind {
        Kind::Exchange | Kind::Dex | Kind::Broker if rule.severity >= Severity::High => {
            ". Even without the right to withdraw, an account that can trade can be emptied by trading against it at bad prices"
        }
        _ => "",
    };
    match permissions(provider) {
        None => format!("{harm}{also}."),
        Some(permissions) => format!("{harm}{also}. Rights such a credential can have: {permissions}."),
    }
}

/// The rights a key can have, as one list.
pub(super) fn permissions(provider: &Provider) -> Option<String> {
    let plain = !provider.permissions.iter().any(|permission| permission.contains(','));
    (!provider.permissions.is_empty()).then(|| provider.permissions.join(if plain { ", " } else { "; " }))
}

/// What has to be done about a leak, by what leaked.
enum Remedy {
    /// It is deleted at the provider, and with it its power.
    Revoke,
    /// It can't be revoked: what it guards has to move.
    MoveFunds,
    /// A key pair or password that others trust: they have to stop.
    Replace,
    /// Nobody knows yet what it opens.
    FindOut,
}

/// The provider of values whose service is unknown.
const UNKNOWN: &str = "generic";

fn remedy(provider: &Provider, role: Role) -> Remedy {
    if provider.id == UNKNOWN {
        return Remedy::FindOut;
    }
    match (provider.kind, role) {
        (_, Role::Seed) | (Kind::Wallet | Kind::Dex, Role::PrivateKey) => Remedy::MoveFunds,
        (Kind::Wallet, Role::Password) | (Kind::General, Role::PrivateKey | Role::Password) => Remedy::Replace,
        _ => Remedy::Revoke,
    }
}

/// The steps after a leak at a provider, the most urgent first.
#[must_use]
pub fn steps(provider: &Provider, role: Role) -> Vec<String> {
    let mut steps = Vec::new();
    match remedy(provider, role) {
        Remedy::Revoke => revoke_steps(provider, &mut steps),
        Remedy::MoveFunds => {
            steps.push(
                "Move everything it guards to a wallet made from a new seed at once: a key of a chain can't be revoked, and \
                 bots watch public code for it"
                    .to_owned(),
            );
            if !provider.revoke.is_empty() {
                steps.push(format!("Revoke what it approved and delegated (see {})", provider.revoke));
            }
            steps.push(
                "Check all addresses derived from it, on all chains: transfers, approvals, delegations, open orders"
                    .to_owned(),
            );
        }
        Remedy::Replace => {
            steps.push("Make a new one, and make every place that trusts the old one stop: authorised keys, certificates, logins".to_owned());
            if !provider.revoke.is_empty() {
                steps.push(format!("Revoke the old one: {}", provider.revoke));
            }
            steps.push("Check the logs of what it opens for visits that weren't yours".to_owned());
        }
        Remedy::FindOut => {
            steps.push("Find out what it opens, and revoke or change it there".to_owned());
            steps.push("Check the logs of what it opens for visits that weren't yours".to_owned());
        }
    }
    if !provider.rotation.is_empty() && provider.id != UNKNOWN {
        // It speaks of the first step.
        steps.insert(1, provider.rotation.trim_end_matches('.').to_owned());
    }
    steps.push(
        "Keep the new value out of the repository (environment, secret manager), then purge the old one from history, \
         forks, CI logs and caches: deleting the line does not remove it"
            .to_owned(),
    );
    steps
}

fn revoke_steps(provider: &Provider, steps: &mut Vec<String>) {
    let trading = matches!(provider.kind, Kind::Exchange | Kind::Dex | Kind::Broker);
    let noun = if trading { "key" } else { "credential" };
    steps.push(if provider.revoke.is_empty() {
        format!("Delete the {noun} where it was made ({})", provider.name)
    } else {
        format!("Delete the {noun}: {}", provider.revoke)
    });
    if trading {
        steps.push(
            "Check the account for what wasn't yours: orders and fills, withdrawals and withdrawal addresses, transfers, \
             sub-accounts, further API keys"
                .to_owned(),
        );
        steps.push(
            "Make a new key with an IP whitelist and the least rights the program needs, without withdrawals"
                .to_owned(),
        );
    } else {
        steps.push("Check the account for use that wasn't yours".to_owned());
        steps.push("Make a new one with the least rights the program needs".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::sample_rules;

    #[test]
    fn an_explanation_says_what_why_and_what_to_do() {
        let rules = sample_rules();
        let explanation = explain(&rules, rules.find("acme-api-secret").expect("the sample has it"));
        let text = explanation.text(WIDTH);
        for part in ["What it is", "Why it matters", "1. Delete the key: https://acme.example/keys", "trade, withdraw"]
        {
            assert!(text.contains(part), "{part} is missing in:\n{text}");
        }
        assert!(explanation.markdown().contains("\n1. Delete the key: <https://acme.example/keys>\n"));
    }

    #[test]
    fn a_wallet_key_is_not_revoked_but_emptied() {
        let rules = sample_rules();
        let explanation = explain(&rules, rules.find("chain-private-key").expect("the sample has it"));
        assert!(explanation.steps[0].starts_with("Move everything"), "{:?}", explanation.steps);
    }
}
