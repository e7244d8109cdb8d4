//! Nothing but what is listed can be sent. The list stands here once more, so that a change of it is seen.

use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::answers::Still;
use super::{credential, environments};
use crate::secret::Secret;
use crate::verify::https::{Answer, Failure, Transport};
use crate::verify::request::Prepared;
use crate::verify::venue::{Method, Piece, venues};
use crate::verify::{Asker, Credential, Environment, is_allowed};

/// Everything that stopleak can send.
const LIST: &str = "\
GET api-cloud.bitmart.com/account/v1/wallet
GET api-public.sandbox.exchange.coinbase.com/accounts
GET api-testnet.bybit.com/v5/user/query-api
GET api-testnet.gateapi.io/api/v4/account/detail
GET api-testnet.gateapi.io/api/v4/account/main_keys
GET api-demo.bybit.com/v5/user/query-api
GET api.alpaca.markets/v2/account
GET api.binance.com/sapi/v1/account/apiRestrictions
GET api.bitget.com/api/v2/spot/account/info
GET api.bitvavo.com/v2/account
GET api.bybit.com/v5/user/query-api
GET api.coinbase.com/api/v3/brokerage/key_permissions
GET api.coinex.com/v2/assets/spot/balance
GET api.exchange.coinbase.com/accounts
GET api.gateio.ws/api/v4/account/detail
GET api.gateio.ws/api/v4/account/main_keys
GET api.huobi.pro/v2/user/api-key
GET api.huobi.pro/v2/user/uid
GET api.kucoin.com/api/v1/user/api-key
GET api.mexc.com/api/v3/account
GET api.phemex.com/spot/wallets
GET api.staging.woox.io/v1/sub_account/ip_restriction
GET api.staging.woox.io/v3/accountinfo
GET api.telegram.org/bot${token}/getMe
GET api.woox.io/v1/sub_account/ip_restriction
GET api.woox.io/v3/accountinfo
GET demo-futures.kraken.com/api/auth/v1/api-keys/v3/check
GET futures.kraken.com/api/auth/v1/api-keys/v3/check
GET open-api.bingx.com/openApi/v1/account/apiPermissions
GET paper-api.alpaca.markets/v2/account
GET testnet-api.phemex.com/spot/wallets
GET testnet.binance.vision/api/v3/account
GET testnet.bitmex.com/api/v1/apiKey
GET www.bitmex.com/api/v1/apiKey
GET www.okx.com/api/v5/account/config
POST api-cloud.bitmart.com/spot/v4/query/trades
POST api.bitfinex.com/v2/auth/r/permissions
POST api.crypto.com/exchange/v1/private/user-balance
POST api.gemini.com/v1/roles
POST api.hyperliquid-testnet.xyz/info
POST api.hyperliquid.xyz/info
POST api.kraken.com/0/private/Balance
POST api.kraken.com/0/private/GetApiKeyInfo
POST api.sandbox.gemini.com/v1/roles
POST eth-mainnet.g.alchemy.com/v2/${token}
POST mainnet.infura.io/v3/${token}
POST sandbox.bitstamp.net/api/v2/account_balances/
POST test.deribit.com/api/v2/public/auth
POST uat-api.3ona.co/exchange/v1/private/user-balance
POST www.bitstamp.net/api/v2/account_balances/
POST www.deribit.com/api/v2/public/auth";

#[test]
fn the_list_is_this_list() {
    let line = |(host, method, path): (&str, Method, &str)| format!("{} {host}{path}", method.as_str());
    let mut compiled: Vec<String> = venues().iter().flat_map(|venue| venue.triples()).map(line).collect();
    compiled.sort();
    compiled.dedup();
    let mut listed: Vec<&str> = LIST.lines().collect();
    listed.sort_unstable();
    assert_eq!(compiled, listed);
}

#[test]
fn no_path_acts() {
    for line in LIST.lines() {
        let path = line.split_once('/').expect("there is a path").1.to_lowercase();
        for word in ["order", "withdraw", "transfer", "create", "delete", "revoke", "cancel", "update", "address"] {
            assert!(!path.contains(word), "{line}");
        }
        assert!(!path.contains("..") && !path.contains('?') && !path.contains("//"), "{line}");
    }
}

#[test]
fn only_post_of_venues_that_read_by_post_has_a_body() {
    for request in venues().iter().flat_map(|venue| &venue.requests) {
        assert!(request.body.is_empty() || request.method == Method::Post, "{}", request.path);
    }
}

#[test]
fn a_secret_travels_only_where_the_venue_has_nothing_else() {
    let bearing: Vec<&str> =
        venues().iter().filter(|venue| venue.sends_secret).map(|venue| venue.id.as_str()).collect();
    assert_eq!(bearing, ["alchemy", "alpaca", "infura", "telegram"]);
}

#[test]
fn what_is_not_listed_is_not_allowed() {
    let cases = [
        ("api.binance.com", Method::Get, "/sapi/v1/account/apiRestrictions", true),
        ("api.binance.com", Method::Post, "/sapi/v1/account/apiRestrictions", false),
        ("api.binance.com", Method::Get, "/sapi/v1/account/apiRestrictions/", false),
        ("api.binance.com", Method::Get, "/sapi/v1/account/apiRestrictions/../x", false),
        ("api.binance.com", Method::Get, "/api/v3/account", false),
        ("api.binance.com.evil.example", Method::Get, "/sapi/v1/account/apiRestrictions", false),
        ("api.telegram.org", Method::Get, "/bot123:AAA/getMe", true),
        ("api.telegram.org", Method::Get, "/bot/getMe", false),
        ("api.telegram.org", Method::Get, "/bot123:AAA/getUpdates?x=/getMe", false),
        ("api.telegram.org", Method::Get, "/bot123/../x/getMe", false),
        ("mainnet.infura.io", Method::Post, "/v3/abc#", false),
    ];
    for (host, method, path, allowed) in cases {
        assert_eq!(is_allowed(host, method, path), allowed, "{host}{path}");
    }
}

/// A transport that sends nothing and notes what it was given.
pub(super) struct Recorder {
    pub(super) seen: Arc<Mutex<Vec<String>>>,
    pub(super) answers: Vec<(u16, String)>,
}

impl Transport for Recorder {
    fn send(&mut self, request: &Prepared) -> Result<Answer, Failure> {
        assert!(request.is_allowed());
        let url = request.url();
        let (host, path) =
            (request.host(), url.strip_prefix("https://").and_then(|url| url.strip_prefix(request.host())));
        let path = path.and_then(|path| path.split(['?', '#']).next()).expect("the URL begins with the host");
        assert!(is_allowed(host, request.method(), path), "{}", request.shown_path());
        for (name, value) in request.headers() {
            assert!(value.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{name} holds more than a header may");
        }
        let mut seen = self.seen.lock().expect("nobody panics with it");
        let answer = self.answers.get(seen.len()).cloned().unwrap_or((200, "{}".to_owned()));
        seen.push(format!("{} {}", request.method().as_str(), url.as_str()));
        Ok(Answer { status: answer.0, date: None, body: zeroize::Zeroizing::new(answer.1.into_bytes()) })
    }
}

/// Values as a scan could find them, and worse.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9+/=:_-]{1,64}",
        "[ -~]{0,40}",
        "\\PC{0,20}",
        Just("a\r\nHost: evil.example".to_owned()),
        Just("../../v1/order?x=".to_owned()),
        Just("x@evil.example/".to_owned()),
        Just("a/b".to_owned()),
        Just("%2e%2e%2f".to_owned()),
        Just("\",\"method\":\"private/withdraw".to_owned()),
        Just("\0".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_credential_holds_the_request_is_on_the_list(values in proptest::array::uniform4(hostile())) {
        for venue in venues() {
            for environment in environments(venue) {
                let whole = credential(venue, 5);
                // Each piece hostile in turn, so that the others let the request go out.
                for (number, piece) in [Piece::Key, Piece::Secret, Piece::Passphrase, Piece::Token].into_iter().enumerate() {
                    let mut credential = whole.clone();
                    credential.pieces.insert(piece, Secret::new(values[number].as_bytes()));
                    let seen = Arc::new(Mutex::new(Vec::new()));
                    let success = r#"{"code":"0","data":"1","result":{},"error":[],"role":"agent"}"#;
                    let answers = vec![(200, success.to_owned()); 6];
                    let recorder = Recorder { seen: seen.clone(), answers };
                    Asker::with(Box::new(recorder), Box::new(Still)).ask(venue, &credential, environment);
                    prop_assert!(seen.lock().expect("nobody panics with it").len() <= 6);
                }
            }
        }
    }

    #[test]
    fn what_an_answer_says_can_not_steer_the_next_request(carried in hostile()) {
        let body = serde_json::json!({ "code": 200, "data": carried.clone() }).to_string();
        let venue = crate::verify::find("htx").expect("there is one");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let recorder = Recorder { seen: seen.clone(), answers: vec![(200, body)] };
        Asker::with(Box::new(recorder), Box::new(Still)).ask(venue, &credential(venue, 5), Environment::Live);
        let seen = seen.lock().expect("nobody panics with it");
        if let Some(second) = seen.get(1) {
            prop_assert!(carried.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{second}");
        }
    }
}

#[test]
fn nothing_prints_a_credential() {
    let venue = crate::verify::find("binance").expect("there is one");
    let credential: Credential = credential(venue, 5);
    let shown = credential.shown();
    for value in credential.pieces.values() {
        let value = String::from_utf8(value.expose().to_vec()).expect("tests make texts");
        assert!(!shown.contains(&value[4..12]), "{shown}");
    }
}
