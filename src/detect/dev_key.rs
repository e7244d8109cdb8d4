//! Public development keys and phrases in configurations of live networks. A published key is no leak, but whoever points
//! it at a chain with money loses what he sends there: bots empty those accounts within seconds. Reported only where the
//! surroundings speak of a live network and of no local or test network: the object the key stands in decides, then the
//! one around it, then the file.

use std::sync::OnceLock;

use memchr::memmem::Finder;
use regex::bytes::Regex;

use super::document::{DENSE, Document};
use super::judge::{self, Hit};
use super::scope::{self, Kind};
use super::{binding, dummies, names, token};
use crate::span::Span;

/// The rule that these findings have.
const RULE: &str = "devkey-live-network";
/// A file of more bytes is no configuration.
const LONGEST: usize = 256 * 1024;

/// Hosts of live networks, and the numbers and names by which settings choose one. Chain ids: chainlist.org.
const LIVE: &str = r#"(?i-u)[a-z0-9-]*mainnet[a-z0-9-]*\.(?:g\.alchemy\.com|alchemyapi\.io|infura\.io|quiknode\.pro|optimism\.io|base\.org|era\.zksync\.io|chainnodes\.org|nodereal\.io|gateway\.tatum\.io)|cloudflare-eth\.com|rpc\.ankr\.com/(?:eth|bsc|polygon|arbitrum|optimism|base|avalanche)\b|(?:ethereum|polygon-bor|bsc|arbitrum-one|optimism|base)(?:-rpc)?\.publicnode\.com|eth\.llamarpc\.com|(?:eth|polygon|bsc|arbitrum|optimism|base)\.drpc\.org|rpc\.flashbots\.net|rpc\.mevblocker\.io|polygon-rpc\.com|bsc-dataseed[0-9]*\.[a-z]|arb1\.arbitrum\.io|api\.avax\.network|rpc\.gnosischain\.com|rpc\.linea\.build|forno\.celo\.org|rpc\.scroll\.io|rpc\.mantle\.xyz|rpc\.blast\.io|rpc\.ftm\.tools|\bchain_?-?id["']?\]?\s*(?::=|[:=])\s*["']?(?:1|10|56|100|137|250|8453|42161|43114|0x1|0xa|0x38|0x89|0x2105|0xa4b1|0xa86a)(?:[^0-9a-fx_.]|$)|\bnetwork(?:_?name)?["']?\s*[:=]\s*["']?(?:mainnet|ethereum|homestead|polygon|matic|bsc|arbitrum|arbitrum-?one|optimism|base|avalanche)\b["']?\s*(?:[,;}\r\n]|$)"#;

/// What is no live network, or only a copy of one.
const LOCAL: &str = r#"(?i-u)localhost|127\.0\.0\.1|0\.0\.0\.0|\b8545\b|sepolia|goerli|holesky|hoodi|ropsten|rinkeby|kovan|mumbai|amoy|testnet|devnet|\bfork|\bchain_?-?id["']?\]?\s*[:=]\s*["']?(?:31337|1337|5777|5|97|11155111|17000|80001|80002|84532|421614|0x7a69|0x539)\b"#;

fn found<'t>(pattern: &'static OnceLock<Option<Regex>>, of: &str, text: &'t [u8]) -> Option<&'t [u8]> {
    let regex = pattern.get_or_init(|| Regex::new(of).ok()).as_ref()?;
    regex.find(text).map(|found| found.as_bytes())
}

fn live(text: &[u8]) -> Option<&[u8]> {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    found(&PATTERN, LIVE, text)
}

fn local(text: &[u8]) -> bool {
    static PATTERN: OnceLock<Option<Regex>> = OnceLock::new();
    found(&PATTERN, LOCAL, text).is_some()
}

/// Adds the public keys among the candidates that stand in a live network's configuration. Phrases come from
/// [`super::whole`].
pub(crate) fn read(document: &mut Document<'_, '_, '_>, runs: &[Span]) {
    if runs.len() > DENSE || document.text.len() > LONGEST {
        return;
    }
    for &run in runs {
        let key = hex_key(document.text, run);
        let hit = key.and_then(|key| recognise(document, key));
        document.hits.extend(hit);
    }
    for phrase in repeated_phrases(document.text) {
        let hit = recognise(document, phrase);
        document.hits.extend(hit);
    }
}

/// Whether a candidate is such a key, whatever network is spoken of.
pub(crate) fn may_be(text: &[u8], run: Span) -> bool {
    hex_key(text, run).and_then(|key| dummies::is_public(key.of(text))).is_some_and(dummies::is_usable)
}

/// Whether such a phrase stands in a zone or goes over its border.
pub(crate) fn phrase_may_be(text: &[u8], zone: Span) -> bool {
    const PHRASE: usize = 128;
    let near = Span::new(zone.start.saturating_sub(PHRASE), (zone.end + PHRASE).min(text.len()));
    !repeated_phrases(near.of(text)).is_empty()
}

/// Phrases of one word again and again, which are not looked for as phrases: Hardhat's and Anvil's, and the first ones of
/// test suites. Twelve words by their last.
fn repeated_phrases(text: &[u8]) -> Vec<Span> {
    static PHRASES: OnceLock<[Finder<'static>; 2]> = OnceLock::new();
    let phrases = PHRASES.get_or_init(|| {
        [("test", "junk"), ("abandon", "about")]
            .map(|(again, last)| Finder::new(&format!("{}{last}", format!("{again} ").repeat(11))).into_owned())
    });
    let found = |phrase: &Finder<'_>| -> Vec<Span> {
        phrase.find_iter(text).map(|at| Span::new(at, at + phrase.needle().len())).collect()
    };
    phrases.iter().flat_map(found).collect()
}

/// The 64 digits in a candidate, with a `0x` before them.
fn hex_key(text: &[u8], run: Span) -> Option<Span> {
    let value = run.of(text);
    let digits = value.strip_prefix(b"0x").or_else(|| value.strip_prefix(b"0X")).unwrap_or(value);
    // Lock files are full of checksums.
    let is_key = digits.len() == 64 && digits.iter().all(u8::is_ascii_hexdigit) && !judge::is_checksum(text, run);
    is_key.then_some(run)
}

/// The finding for a value, if it is a public key that anyone can use and its surroundings speak of a live network.
pub(crate) fn recognise(document: &Document<'_, '_, '_>, span: Span) -> Option<Hit> {
    if document.hint.is_rehearsal() {
        return None;
    }
    let what = dummies::is_public(span.of(document.text)).filter(|kind| dummies::is_usable(kind))?;
    let rule = document.engine.rules.find(RULE)?;
    let network = network(document.text, span)?;
    let reasons = vec![
        format!("it is {what}: anyone can spend"),
        format!("a live network is named by {}", String::from_utf8_lossy(network).trim()),
    ];
    let name = binding::bind(document.text, span).names.first().map(|name| name.span);
    Some(Hit { weight: 100, name, ..Hit::of_rule(document.engine, rule, span, reasons) })
}

/// What names the live network that a value is for.
fn network(text: &[u8], value: Span) -> Option<&[u8]> {
    // Brackets close from the innermost on.
    let mut closed = value.end;
    for scope in scope::scopes(text, value.start) {
        let end = match scope.kind {
            Kind::Bracket(_) => {
                let end = scope::close(text, closed);
                closed = (end + 1).min(text.len());
                end
            }
            Kind::Section => memchr::memmem::find(&text[value.end..], b"\n[").map_or(text.len(), |at| value.end + at),
            Kind::Indent => block_end(text, scope.open, value.end),
        };
        let label = names::words(scope.label.of(text));
        let says = |words: &[&str]| label.iter().any(|word| words.contains(&word.as_str()));
        if says(&["hardhat", "anvil", "ganache", "localhost", "local", "dev", "development", "test", "tests"]) {
            return None;
        }
        let inside = Span::new(scope.open, end.max(value.end)).of(text);
        if local(inside) || local(scope.label.of(text)) {
            return None;
        }
        if let Some(network) = live(inside) {
            return Some(network);
        }
    }
    if local(text) { None } else { live(text) }
}

/// Where the lines end that are indented under the one at `open`.
fn block_end(text: &[u8], open: usize, from: usize) -> usize {
    let indent = |line: &[u8]| line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let own = indent(&text[token::line_start(text, open)..]);
    let mut end = token::line_end(text, from);
    while end < text.len() {
        let next = token::line_end(text, end + 1);
        let line = &text[end + 1..next];
        if !line.trim_ascii().is_empty() && indent(line) <= own {
            break;
        }
        end = next;
    }
    end
}

#[cfg(test)]
mod tests {
    use crate::detect::{Engine, Hint, proof};
    use crate::rules::RuleSet;

    /// What is reported of a text in which `KEY` and `PHRASE` are public ones.
    fn found(text: &str, path: &str) -> Vec<&'static str> {
        let mut numbers = 0_u64;
        let mut next = || {
            numbers += 1;
            numbers
        };
        // Made while the test runs: nothing that is shaped like a key is stored.
        let phrase = format!("{}junk", "test ".repeat(11));
        let key = std::iter::repeat_with(|| proof::sample("public-key", &mut next).expect("a known proof"))
            .find(|sample| !sample.contains(' '))
            .expect("one of them is a key");
        let text = text.replace("KEY", &key).replace("PHRASE", &phrase);
        let hint = Hint { path: path.to_owned(), from_start: true, ..Hint::default() };
        let rules = RuleSet::builtin();
        let found = Engine::new(rules).scan(text.as_bytes(), &hint);
        found.iter().flat_map(|one| &one.parts).map(|part| rules.rule(part.rule).id.as_str()).collect()
    }

    #[test]
    fn a_public_key_is_a_finding_only_where_a_live_network_is_meant() {
        let mainnet = "https://mainnet.infura.io/v3/x";
        let cases: &[(&str, String, usize)] = &[
            (".env", format!("RPC_URL={mainnet}\nPK=0xKEY\n"), 1),
            (".env", format!("RPC_URL={mainnet}\nMNEMONIC=\"PHRASE\"\n"), 1),
            (".env", "CHAIN_ID=1\nPRIVATE_KEY=KEY\n".to_owned(), 1),
            ("config.json", "{\"chainId\": 56, \"privateKey\": \"0xKEY\"}".to_owned(), 1),
            ("config.json", "{\"network\": \"mainnet\", \"key\": \"0xKEY\"}".to_owned(), 1),
            ("bot.toml", "[live]\nrpc = \"https://arb1.arbitrum.io/rpc\"\nkey = \"0xKEY\"\n[dev]\nrpc = \"http://localhost:8545\"\n".to_owned(), 1),
            ("bot.toml", "[live]\nrpc = \"https://arb1.arbitrum.io/rpc\"\n[dev]\nrpc = \"http://localhost:8545\"\nkey = \"0xKEY\"\n".to_owned(), 0),
            ("networks.yaml", format!("networks:\n  mainnet:\n    url: {mainnet}\n    accounts:\n      - 0xKEY\n  local:\n    url: http://127.0.0.1:8545\n"), 1),
            ("networks.yaml", format!("networks:\n  mainnet:\n    url: {mainnet}\n  local:\n    url: http://127.0.0.1:8545\n    accounts:\n      - 0xKEY\n"), 0),
            ("hardhat.config.js", format!("networks: {{ hardhat: {{ forking: {{ url: '{mainnet}' }}, accounts: ['0xKEY'] }} }}"), 0),
            ("hardhat.config.js", format!("networks: {{ hardhat: {{ accounts: ['0xKEY'] }}, mainnet: {{ url: '{mainnet}', accounts: [process.env.PK] }} }}"), 0),
            ("hardhat.config.js", format!("networks: {{ mainnet: {{ url: '{mainnet}', accounts: ['0xKEY'] }}, local: {{ url: 'http://localhost:8545' }} }}"), 1),
            (".env", "RPC_URL=http://127.0.0.1:8545\nPK=0xKEY\n".to_owned(), 0),
            (".env", "RPC_URL=https://sepolia.infura.io/v3/x\nPK=0xKEY\n".to_owned(), 0),
            (".env", "CHAIN_ID=31337\nPK=0xKEY\n".to_owned(), 0),
            ("signer.json", "{\"chainId\": 1, \"signer\": \"PHRASE\"}".to_owned(), 1),
            (".env", "PK=0xKEY\n".to_owned(), 0),
            ("test/fork.json", "{\"chainId\": 1, \"privateKey\": \"0xKEY\"}".to_owned(), 0),
        ];
        for (path, text, expected) in cases {
            let ids = found(text, path);
            assert_eq!(ids, vec![super::RULE; *expected], "{path}: {text}");
        }
    }
}
