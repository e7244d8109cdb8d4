//! What is known of one value's place, and what its names say of it.

use super::beside::{behind_url, in_couple, in_url};
use crate::detect::binding::{Binding, How};
use crate::detect::context::Support;
use crate::detect::names::{self, Strength, Verdict};
use crate::detect::token;
use crate::rules::Role;
use crate::span::Span;

/// One value with all that is known of its place.
#[derive(Debug)]
pub(crate) struct Case<'t> {
    pub(crate) text: &'t [u8],
    pub(crate) span: Span,
    pub(crate) binding: &'t Binding,
    pub(crate) supports: &'t [Support],
    pub(crate) scope: usize,
    /// What is written before the innermost bracket around the value.
    pub(crate) label: Option<Span>,
    pub(crate) path: &'t str,
    /// The file is called after private keys.
    pub(crate) key_file: bool,
}

impl Case<'_> {
    pub(super) fn value(&self) -> &[u8] {
        self.span.of(self.text)
    }

    /// The first name that says anything, and what it says. What is handed to a signing function is a secret, whatever
    /// the result is called.
    pub(super) fn named(&self, lenient: bool) -> (Verdict, Option<Span>) {
        if let Some(role) = in_url(self.text, self.span).or_else(|| in_couple(self.text, self.span)) {
            return (Verdict::Part(role, Strength::Weak), None);
        }
        if let Some(callee) = self.binding.callee {
            let words = names::words(callee.of(self.text));
            // `setApiKey("...")`
            let sets = words.iter().any(|word| matches!(word.as_str(), "set" | "with" | "add" | "put"));
            if let verdict @ Verdict::Part(_, Strength::Strong) = names::of_words(&words)
                && sets
            {
                return (verdict, Some(callee));
            }
            if words.last().is_some_and(|word| OPENERS.contains(&word.as_str())) && behind_url(self.text, self.span) {
                return (Verdict::Part(Role::Token, Strength::Strong), Some(callee));
            }
            if words.iter().any(|word| matches!(word.as_str(), "sign" | "signer" | "hmac" | "createhmac")) {
                return (Verdict::Part(Role::Secret, Strength::Weak), Some(callee));
            }
            let has = |word: &str| words.iter().any(|own| own == word);
            // What takes nothing of that length but a private key: go-ethereum, web3j, Foundry's scripts.
            let evm = evm_digits(self.value()).is_some()
                && (has("ecdsa") || has("broadcast") || has("credentials") && has("create") || words == ["vm", "addr"]);
            let from_key = has("from") && has("key")
                || has("private") && has("key")
                || has("wallet") && words.len() <= 3
                || has("keypair");
            if evm
                || from_key
                    && !self
                        .binding
                        .names
                        .iter()
                        .any(|name| matches!(names::verdict(name.span.of(self.text)), Verdict::Part(..)))
            {
                return (Verdict::Part(Role::PrivateKey, Strength::Weak), Some(callee));
            }
        }
        if let Some(name) = self.signer(lenient) {
            return (Verdict::Part(Role::PrivateKey, Strength::Weak), Some(name));
        }
        for name in &self.binding.names {
            let verdict = names::verdict(name.span.of(self.text));
            // The column of a password manager's export that holds the key.
            if name.how == How::Column
                && matches!(
                    names::words(name.span.of(self.text)).last().map(String::as_str),
                    Some("username" | "user" | "login")
                )
            {
                return (Verdict::Part(Role::Key, Strength::Weak), Some(name.span));
            }
            if verdict != Verdict::Nothing {
                return (verdict, Some(name.span));
            }
        }
        (Verdict::Nothing, self.binding.names.first().map(|name| name.span))
    }

    /// What says that 64 hexadecimal digits sign for an account of an EVM chain, though it isn't called a key: `accounts` and
    /// `wallets` in the settings of such a project (addresses have 40), `from_key`, Rust's `.parse::<LocalWallet>()`.
    fn signer(&self, lenient: bool) -> Option<Span> {
        const REACH: usize = 4096;
        evm_digits(self.value())?;
        let behind = &self.text[self.span.end..self.text.len().min(self.span.end + 40)];
        let parsed = [&b".parse::<LocalWallet>"[..], b".parse::<PrivateKeySigner>"];
        if parsed.iter().any(|call| behind.get(1..).is_some_and(|behind| behind.starts_with(call))) {
            return Some(self.span);
        }
        let name = self.binding.names.iter().find(|name| {
            matches!(
                &*name.span.of(self.text).to_ascii_lowercase(),
                b"accounts" | b"wallets" | b"from_key" | b"fromkey"
            )
        })?;
        // The words may stand further off than a change is felt.
        if lenient {
            return Some(name.span);
        }
        let near = &self.text[self.span.start.saturating_sub(REACH)..self.text.len().min(self.span.end + REACH)];
        let near = near.to_ascii_lowercase();
        let evm = [
            &b"hardhat"[..],
            b"solidity",
            b"brownie",
            b"truffle",
            b"foundry",
            b"ethers",
            b"web3",
            b"chainid",
            b"chain_id",
            b"evm",
            b"ethereum",
            b"dotenv",
        ];
        let other = [&b"aptos"[..], b"starknet", b"movement", b"[addresses]"];
        let has = |words: &[&[u8]]| words.iter().any(|word| memchr::memmem::find(&near, word).is_some());
        ((is_of_chain(self.path) || has(&evm)) && !has(&other)).then_some(name.span)
    }

    /// Whether it stands alone on a line of a file that is called after private keys: `private_keys.txt`.
    pub(super) fn in_key_file(&self) -> bool {
        self.key_file && token::fills_line(self.text, self.span, 2)
    }

    /// What the construct that the value stands in is called: `apiKey: { mainnet: value }`.
    pub(super) fn titled(&self) -> Option<(Role, Span)> {
        let label = self.label?;
        match names::verdict(label.of(self.text)) {
            Verdict::Part(role, Strength::Strong) => Some((role, label)),
            _ => None,
        }
    }
}

/// What connects to a service: `Feed::connect("wss://api.example.com", "token")`.
const OPENERS: &[&str] = &[
    "connect",
    "client",
    "open",
    "dial",
    "websocket",
    "subscribe",
    "login",
    "auth",
    "authenticate",
    "session",
    "provider",
    "api",
    "stream",
    "feed",
    "rest",
    "transport",
    "gateway",
];

/// The hexadecimal digits of a value that may be a private key of an EVM chain.
fn evm_digits(value: &[u8]) -> Option<&[u8]> {
    const DIGITS: usize = 64;
    let digits = value.strip_prefix(b"0x").unwrap_or(value);
    (digits.len() == DIGITS && digits.iter().all(u8::is_ascii_hexdigit)).then_some(digits)
}

/// Whether a path speaks of a project for EVM chains.
pub(crate) fn is_of_chain(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["hardhat", "brownie", "truffle", "foundry", "wallet"].iter().any(|word| path.contains(word))
}
