//! What an exchange said about a key when it was asked: data that reports show, whoever asked. The asking is in the room
//! `verify`, which most builds don't have.

use crate::rules::Severity;

use super::Environment;

/// What the answer means. The set is closed; whatever is not understood is [`Verdict::Inconclusive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Authenticated: the answer was read and holds positive evidence.
    Live,
    /// The key exists and refuses our address. The secret may be unproven: some venues look at the address first.
    LiveIpBlocked,
    /// Authenticated; the right to ask this is missing.
    LivePermissionDenied,
    /// The key belongs to the other environment (demo, testnet, region).
    LiveOtherEnvironment,
    /// The service knows the key and restricts it (an allow-list, a further secret).
    LiveRestricted,
    /// The key is real; what was found with it is not its secret.
    KeyExistsBadSecret,
    /// The key is real; what was found with it is not its passphrase.
    KeyExistsBadPassphrase,
    /// The key is real and used by somebody whose nonces are ahead of ours.
    KeyExistsStaleNonce,
    /// The exchange doesn't know the key.
    Invalid,
    /// Key or secret is wrong; the exchange doesn't tell which.
    Rejected,
    /// Nothing is known of it at this venue; it may be in use elsewhere.
    NotUsedThere,
    /// The key's time is over.
    Expired,
    /// The key or its account is locked.
    Disabled,
    /// Our clock is wrong.
    ClockSkew,
    /// The host wants fewer requests; it is not asked again in this run.
    RateLimited,
    /// The host refuses our country. Says nothing about the key.
    GeoBlocked,
    /// Anything else.
    Inconclusive,
}

impl Verdict {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::LiveIpBlocked => "live_ip_blocked",
            Self::LivePermissionDenied => "live_permission_denied",
            Self::LiveOtherEnvironment => "live_other_environment",
            Self::LiveRestricted => "live_restricted",
            Self::KeyExistsBadSecret => "key_exists_bad_secret",
            Self::KeyExistsBadPassphrase => "key_exists_bad_passphrase",
            Self::KeyExistsStaleNonce => "key_exists_stale_nonce",
            Self::Invalid => "invalid",
            Self::Rejected => "rejected",
            Self::NotUsedThere => "not_used_there",
            Self::Expired => "expired",
            Self::Disabled => "disabled",
            Self::ClockSkew => "clock_skew",
            Self::RateLimited => "rate_limited",
            Self::GeoBlocked => "geo_blocked",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// The verdict in words, as the beginning of a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Live => "LIVE",
            Self::LiveIpBlocked => {
                "the key exists and is bound to other IP addresses than ours; its secret may be unproven"
            }
            Self::LivePermissionDenied => "LIVE, without the right to ask what it may do",
            Self::LiveOtherEnvironment => "LIVE in another environment (demo, testnet or region)",
            Self::LiveRestricted => "LIVE, restricted by an allow-list or a further secret",
            Self::KeyExistsBadSecret => {
                "the key is real; what was found with it is not its secret, so look for another near by"
            }
            Self::KeyExistsBadPassphrase => "the key is real; what was found with it is not its passphrase",
            Self::KeyExistsStaleNonce => "the key is real and in use by a program with larger nonces",
            Self::Invalid => "the exchange doesn't know the key",
            Self::Rejected => "rejected: key or secret is wrong, the exchange doesn't tell which",
            Self::NotUsedThere => "nothing is known of it there; it may be in use elsewhere",
            Self::Expired => "expired",
            Self::Disabled => "disabled: the key or its account is locked",
            Self::ClockSkew => "no answer: the clock of this machine is wrong",
            Self::RateLimited => "no answer: the host wants fewer requests",
            Self::GeoBlocked => "no answer: the host refuses requests from here, which says nothing about the key",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// Whether the key is known to be usable by somebody, be it from another address.
    #[must_use]
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::Live
                | Self::LiveIpBlocked
                | Self::LivePermissionDenied
                | Self::LiveOtherEnvironment
                | Self::LiveRestricted
        )
    }

    /// Whether the answer speaks against the key. Everything else is no answer or speaks for it.
    #[must_use]
    pub fn is_dead(self) -> bool {
        matches!(self, Self::Invalid | Self::Rejected | Self::NotUsedThere | Self::Expired | Self::Disabled)
    }
}

/// What a key is allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Balances, orders, histories.
    Read,
    /// Trade on the spot market.
    Spot,
    /// Trade on margin.
    Margin,
    /// Trade futures and perpetual swaps.
    Futures,
    /// Trade options.
    Options,
    /// Lend, stake and save; block trades and copy trading.
    OtherTrade,
    /// Cancel orders, no more.
    Cancel,
    /// Move money between the owner's own accounts.
    Transfer,
    /// Make addresses for deposits.
    Deposit,
    /// Send money to strangers: fiat and peer to peer.
    Payments,
    /// Take the money out.
    Withdraw,
    /// Change to which addresses money may be taken out.
    AddressBook,
    /// Manage sub-accounts.
    SubAccounts,
    /// Make and change keys.
    KeyManagement,
    /// Speak as a bot.
    Bot,
    /// Use the quota of a node service.
    Rpc,
}

impl Capability {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Spot => "spot",
            Self::Margin => "margin",
            Self::Futures => "futures",
            Self::Options => "options",
            Self::OtherTrade => "other_trade",
            Self::Cancel => "cancel",
            Self::Transfer => "transfer",
            Self::Deposit => "deposit",
            Self::Payments => "payments",
            Self::Withdraw => "withdraw",
            Self::AddressBook => "address_book",
            Self::SubAccounts => "sub_accounts",
            Self::KeyManagement => "key_management",
            Self::Bot => "bot",
            Self::Rpc => "rpc",
        }
    }

    /// Whether it leads to money leaving the account.
    #[must_use]
    pub fn drains(self) -> bool {
        matches!(self, Self::Withdraw | Self::Payments | Self::AddressBook | Self::KeyManagement)
    }

    /// Whether it leads to trades, by which an account can be emptied too (wash trades, pump and dump).
    #[must_use]
    pub fn trades(self) -> bool {
        matches!(self, Self::Spot | Self::Margin | Self::Futures | Self::Options | Self::OtherTrade)
    }
}

/// How much of its rights an exchange tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disclosure {
    /// Nothing, or nothing that was understood. What is listed was proven by the answer itself.
    #[default]
    None,
    /// What is listed, and words that we don't know.
    Some,
    /// All of them.
    All,
}

impl Disclosure {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Some => "some",
            Self::All => "all",
        }
    }
}

/// Whether a key works from certain addresses only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpRestriction {
    /// The exchange doesn't say.
    #[default]
    Unknown,
    /// From certain addresses only.
    Yes,
    /// From everywhere.
    No,
}

impl IpRestriction {
    /// The name in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Yes => "yes",
            Self::No => "no",
        }
    }
}

/// When a key ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expiry {
    /// The exchange doesn't say.
    #[default]
    Unknown,
    /// The exchange says: never.
    Never,
    /// Unix time, seconds.
    At(u64),
}

/// The answer of an exchange about one credential. It holds no value, no address, no account and no balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// What the answer means.
    pub verdict: Verdict,
    /// What it could mean as well, because the venue says one thing for several.
    pub also_possible: Vec<Verdict>,
    /// The rights, sorted.
    pub capabilities: Vec<Capability>,
    /// Whether these are all.
    pub disclosure: Disclosure,
    /// Whether the key is bound to addresses.
    pub ip: IpRestriction,
    /// When it ends.
    pub expires: Expiry,
    /// Which environment answered.
    pub environment: Environment,
    /// Who was asked: the id of the venue.
    pub venue: String,
    /// The host that was asked.
    pub host: String,
    /// Unix time in seconds when it was asked.
    pub checked_at: u64,
    /// Our own words on it; empty if there is nothing to add.
    pub note: String,
    /// The severity of the finding before the answer. A scan fails by the worse of both.
    pub severity_before: Severity,
}

impl Verification {
    /// How bad, from 0 to 100 (GitHub's `security-severity` times ten), if the answer says so: what can take money from
    /// anywhere is the worst. `None`: the answer is no reason to judge the finding otherwise than the scan did.
    #[must_use]
    pub fn score(&self) -> Option<u8> {
        if self.verdict != Verdict::Live {
            return (self.verdict == Verdict::LiveOtherEnvironment && self.environment == Environment::Test)
                .then_some(30);
        }
        if self.environment == Environment::Test {
            return Some(30);
        }
        let can = |test: fn(Capability) -> bool| self.capabilities.iter().any(|&right| test(right));
        if can(Capability::drains) {
            return Some(match self.ip {
                IpRestriction::No => 100,
                IpRestriction::Unknown => 95,
                IpRestriction::Yes => 90,
            });
        }
        if can(Capability::trades) {
            return Some(match self.ip {
                IpRestriction::No => 90,
                IpRestriction::Unknown => 85,
                IpRestriction::Yes => 80,
            });
        }
        // Not to be known to trade is not to be known not to trade.
        (self.disclosure == Disclosure::All).then_some(55)
    }

    /// The severity that follows, if the answer says so.
    #[must_use]
    pub fn severity(&self) -> Option<Severity> {
        Some(match self.score()? {
            90.. => Severity::Critical,
            70..90 => Severity::High,
            40..70 => Severity::Medium,
            _ => Severity::Low,
        })
    }

    /// The line for people: `LIVE: can trade spot, futures; CAN WITHDRAW; NO IP WHITELIST`.
    #[must_use]
    pub fn headline(&self) -> String {
        let mut text = self.verdict.words().to_owned();
        if !self.also_possible.is_empty() {
            let others: Vec<&str> = self.also_possible.iter().map(|other| other.as_str()).collect();
            text += &format!(" (or {})", others.join(", or "));
        }
        if self.verdict == Verdict::Live {
            text += &format!(": {}", self.facts().join("; "));
        }
        if self.environment == Environment::Test {
            text += "; testnet or demo";
        }
        text
    }

    /// What a live answer says, each a short statement.
    fn facts(&self) -> Vec<String> {
        let named = |test: fn(Capability) -> bool| {
            let names: Vec<&str> =
                self.capabilities.iter().filter(|&&right| test(right)).map(|right| right.as_str()).collect();
            names.join(", ").replace('_', " ")
        };
        let mut facts = Vec::new();
        let (trades, rest) = (named(Capability::trades), named(|right| !right.trades() && !right.drains()));
        if !trades.is_empty() {
            facts.push(format!("can trade {trades}"));
        }
        if !rest.is_empty() {
            facts.push(format!("can {rest}"));
        }
        if self.capabilities.contains(&Capability::Withdraw) {
            facts.push("CAN WITHDRAW".to_owned());
        }
        let further = named(|right| right.drains() && right != Capability::Withdraw);
        if !further.is_empty() {
            facts.push(format!("CAN USE {}", further.to_uppercase()));
        }
        match self.disclosure {
            Disclosure::All if trades.is_empty() && !self.capabilities.iter().any(|right| right.drains()) => {
                facts.push("can't trade or withdraw".to_owned());
            }
            Disclosure::All => {}
            Disclosure::Some => facts.push("and rights that stopleak doesn't know".to_owned()),
            Disclosure::None => facts.push("permissions not disclosed by the exchange".to_owned()),
        }
        facts.push(
            match self.ip {
                IpRestriction::No => "NO IP WHITELIST",
                IpRestriction::Yes => "bound to IP addresses",
                IpRestriction::Unknown => "IP whitelist unknown",
            }
            .to_owned(),
        );
        match self.expires {
            Expiry::At(time) => facts.push(format!("expires {}", utc(time))),
            Expiry::Never => facts.push("never expires".to_owned()),
            Expiry::Unknown => {}
        }
        facts
    }
}

/// A Unix time in seconds as `2026-11-21T08:00:00Z`.
#[must_use]
pub fn utc(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Howard Hinnant's civil_from_days, for times since 1970.
    let z = days + 719_468;
    let era = z / 146_097;
    let doe = z % 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (day, month) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let year = yoe + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(capabilities: &[Capability], disclosure: Disclosure, ip: IpRestriction) -> Verification {
        Verification {
            verdict: Verdict::Live,
            also_possible: Vec::new(),
            capabilities: capabilities.to_vec(),
            disclosure,
            ip,
            expires: Expiry::Unknown,
            environment: Environment::Live,
            venue: "acme".to_owned(),
            host: "acme.example".to_owned(),
            checked_at: 0,
            note: String::new(),
            severity_before: Severity::High,
        }
    }

    #[test]
    fn what_can_take_money_from_anywhere_is_the_worst() {
        use Capability::{AddressBook, KeyManagement, Read, Spot, Transfer, Withdraw};
        use Disclosure::{All, None as Nothing, Some as Part};
        use IpRestriction::{No, Unknown, Yes};
        let cases: &[(&[Capability], Disclosure, IpRestriction, Option<u8>)] = &[
            (&[Read, Spot, Withdraw], All, No, Some(100)),
            (&[Read, Spot, Withdraw], All, Unknown, Some(95)),
            (&[Read, Withdraw], Part, Yes, Some(90)),
            (&[Read, AddressBook], All, No, Some(100)),
            (&[Read, KeyManagement], All, No, Some(100)),
            (&[Read, Spot], All, No, Some(90)),
            (&[Read, Spot], All, Yes, Some(80)),
            (&[Read, Spot], Nothing, Unknown, Some(85)),
            (&[Read, Transfer], All, No, Some(55)),
            (&[Read], All, Yes, Some(55)),
            (&[Read], Part, No, None),
            (&[Read], Nothing, Unknown, None),
        ];
        for &(capabilities, disclosure, ip, score) in cases {
            assert_eq!(live(capabilities, disclosure, ip).score(), score, "{capabilities:?} {disclosure:?} {ip:?}");
        }
    }

    #[test]
    fn play_money_is_low_and_no_answer_changes_nothing() {
        let mut test = live(&[Capability::Withdraw], Disclosure::All, IpRestriction::No);
        test.environment = Environment::Test;
        assert_eq!(test.severity(), Some(Severity::Low));
        for verdict in [Verdict::Invalid, Verdict::Rejected, Verdict::Inconclusive, Verdict::LiveIpBlocked] {
            let mut other = live(&[], Disclosure::None, IpRestriction::Unknown);
            other.verdict = verdict;
            assert_eq!(other.severity(), None, "{verdict:?}");
        }
    }

    #[test]
    fn the_headline_says_the_worst() {
        let mut all = live(
            &[Capability::Read, Capability::Spot, Capability::Futures, Capability::Withdraw],
            Disclosure::All,
            IpRestriction::No,
        );
        assert_eq!(all.headline(), "LIVE: can trade spot, futures; can read; CAN WITHDRAW; NO IP WHITELIST");
        all.capabilities.truncate(1);
        assert_eq!(all.headline(), "LIVE: can read; can't trade or withdraw; NO IP WHITELIST");
        all.disclosure = Disclosure::None;
        assert!(all.headline().contains("not disclosed") && !all.headline().contains("can't trade"));
    }

    #[test]
    fn times_are_utc() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (4_102_444_799, "2099-12-31T23:59:59Z"),
        ];
        for (seconds, text) in cases {
            assert_eq!(utc(seconds), text);
        }
    }
}
