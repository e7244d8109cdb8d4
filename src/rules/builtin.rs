//! The rules that come with the program: every file under `rules/`, compiled in.

use super::{ProviderFile, RuleSet};

/// Reads and joins the built-in files.
pub(super) fn load() -> RuleSet {
    RuleSet::from_files(files().map(|(_, file)| file).collect())
}

/// Path and content of every built-in file. They were checked by the tests, so only the TOML is read here: start-up
/// decides how long a commit hook takes.
///
/// # Panics
/// If a built-in file is broken, which the tests exclude.
pub(super) fn files() -> impl Iterator<Item = (&'static str, ProviderFile)> {
    FILES.iter().map(|&(path, text)| {
        let file = toml::from_str(text).unwrap_or_else(|error| panic!("the built-in {path} is broken: {error}"));
        (path, file)
    })
}

/// Path and text of every rule file, sorted by path. `BLESS=1 cargo test builtin` writes this list anew.
// list
pub(super) const FILES: &[(&str, &str)] = &[
    ("rules/exchanges/aevo.toml", include_str!("../../rules/exchanges/aevo.toml")),
    ("rules/exchanges/alpaca.toml", include_str!("../../rules/exchanges/alpaca.toml")),
    ("rules/exchanges/apex.toml", include_str!("../../rules/exchanges/apex.toml")),
    ("rules/exchanges/ascendex.toml", include_str!("../../rules/exchanges/ascendex.toml")),
    ("rules/exchanges/backpack.toml", include_str!("../../rules/exchanges/backpack.toml")),
    ("rules/exchanges/binance.toml", include_str!("../../rules/exchanges/binance.toml")),
    ("rules/exchanges/binanceus.toml", include_str!("../../rules/exchanges/binanceus.toml")),
    ("rules/exchanges/bingx.toml", include_str!("../../rules/exchanges/bingx.toml")),
    ("rules/exchanges/bitbank.toml", include_str!("../../rules/exchanges/bitbank.toml")),
    ("rules/exchanges/bitfinex.toml", include_str!("../../rules/exchanges/bitfinex.toml")),
    ("rules/exchanges/bitflyer.toml", include_str!("../../rules/exchanges/bitflyer.toml")),
    ("rules/exchanges/bitget.toml", include_str!("../../rules/exchanges/bitget.toml")),
    ("rules/exchanges/bithumb.toml", include_str!("../../rules/exchanges/bithumb.toml")),
    ("rules/exchanges/bitmart.toml", include_str!("../../rules/exchanges/bitmart.toml")),
    ("rules/exchanges/bitmex.toml", include_str!("../../rules/exchanges/bitmex.toml")),
    ("rules/exchanges/bitpanda.toml", include_str!("../../rules/exchanges/bitpanda.toml")),
    ("rules/exchanges/bitso.toml", include_str!("../../rules/exchanges/bitso.toml")),
    ("rules/exchanges/bitstamp.toml", include_str!("../../rules/exchanges/bitstamp.toml")),
    ("rules/exchanges/bittrex.toml", include_str!("../../rules/exchanges/bittrex.toml")),
    ("rules/exchanges/bitvavo.toml", include_str!("../../rules/exchanges/bitvavo.toml")),
    ("rules/exchanges/blofin.toml", include_str!("../../rules/exchanges/blofin.toml")),
    ("rules/exchanges/btcmarkets.toml", include_str!("../../rules/exchanges/btcmarkets.toml")),
    ("rules/exchanges/bullish.toml", include_str!("../../rules/exchanges/bullish.toml")),
    ("rules/exchanges/bybit.toml", include_str!("../../rules/exchanges/bybit.toml")),
    ("rules/exchanges/cexio.toml", include_str!("../../rules/exchanges/cexio.toml")),
    ("rules/exchanges/coinbase.toml", include_str!("../../rules/exchanges/coinbase.toml")),
    ("rules/exchanges/coincheck.toml", include_str!("../../rules/exchanges/coincheck.toml")),
    ("rules/exchanges/coindcx.toml", include_str!("../../rules/exchanges/coindcx.toml")),
    ("rules/exchanges/coinex.toml", include_str!("../../rules/exchanges/coinex.toml")),
    ("rules/exchanges/coinone.toml", include_str!("../../rules/exchanges/coinone.toml")),
    ("rules/exchanges/coinspot.toml", include_str!("../../rules/exchanges/coinspot.toml")),
    ("rules/exchanges/cryptocom.toml", include_str!("../../rules/exchanges/cryptocom.toml")),
    ("rules/exchanges/delta.toml", include_str!("../../rules/exchanges/delta.toml")),
    ("rules/exchanges/deribit.toml", include_str!("../../rules/exchanges/deribit.toml")),
    ("rules/exchanges/dhan.toml", include_str!("../../rules/exchanges/dhan.toml")),
    ("rules/exchanges/dydx.toml", include_str!("../../rules/exchanges/dydx.toml")),
    ("rules/exchanges/exmo.toml", include_str!("../../rules/exchanges/exmo.toml")),
    ("rules/exchanges/foxbit.toml", include_str!("../../rules/exchanges/foxbit.toml")),
    ("rules/exchanges/gate.toml", include_str!("../../rules/exchanges/gate.toml")),
    ("rules/exchanges/gemini.toml", include_str!("../../rules/exchanges/gemini.toml")),
    ("rules/exchanges/gmocoin.toml", include_str!("../../rules/exchanges/gmocoin.toml")),
    ("rules/exchanges/grvt.toml", include_str!("../../rules/exchanges/grvt.toml")),
    ("rules/exchanges/hashkey.toml", include_str!("../../rules/exchanges/hashkey.toml")),
    ("rules/exchanges/hitbtc.toml", include_str!("../../rules/exchanges/hitbtc.toml")),
    ("rules/exchanges/htx.toml", include_str!("../../rules/exchanges/htx.toml")),
    ("rules/exchanges/hyperliquid.toml", include_str!("../../rules/exchanges/hyperliquid.toml")),
    ("rules/exchanges/ibkr.toml", include_str!("../../rules/exchanges/ibkr.toml")),
    ("rules/exchanges/ig.toml", include_str!("../../rules/exchanges/ig.toml")),
    ("rules/exchanges/independentreserve.toml", include_str!("../../rules/exchanges/independentreserve.toml")),
    ("rules/exchanges/indodax.toml", include_str!("../../rules/exchanges/indodax.toml")),
    ("rules/exchanges/korbit.toml", include_str!("../../rules/exchanges/korbit.toml")),
    ("rules/exchanges/kraken.toml", include_str!("../../rules/exchanges/kraken.toml")),
    ("rules/exchanges/krakenfutures.toml", include_str!("../../rules/exchanges/krakenfutures.toml")),
    ("rules/exchanges/kucoin.toml", include_str!("../../rules/exchanges/kucoin.toml")),
    ("rules/exchanges/lbank.toml", include_str!("../../rules/exchanges/lbank.toml")),
    ("rules/exchanges/lighter.toml", include_str!("../../rules/exchanges/lighter.toml")),
    ("rules/exchanges/luno.toml", include_str!("../../rules/exchanges/luno.toml")),
    ("rules/exchanges/mercadobitcoin.toml", include_str!("../../rules/exchanges/mercadobitcoin.toml")),
    ("rules/exchanges/mexc.toml", include_str!("../../rules/exchanges/mexc.toml")),
    ("rules/exchanges/novadax.toml", include_str!("../../rules/exchanges/novadax.toml")),
    ("rules/exchanges/oanda.toml", include_str!("../../rules/exchanges/oanda.toml")),
    ("rules/exchanges/okx.toml", include_str!("../../rules/exchanges/okx.toml")),
    ("rules/exchanges/paradex.toml", include_str!("../../rules/exchanges/paradex.toml")),
    ("rules/exchanges/phemex.toml", include_str!("../../rules/exchanges/phemex.toml")),
    ("rules/exchanges/poloniex.toml", include_str!("../../rules/exchanges/poloniex.toml")),
    ("rules/exchanges/polygon.toml", include_str!("../../rules/exchanges/polygon.toml")),
    ("rules/exchanges/robinhood-crypto.toml", include_str!("../../rules/exchanges/robinhood-crypto.toml")),
    ("rules/exchanges/schwab.toml", include_str!("../../rules/exchanges/schwab.toml")),
    ("rules/exchanges/tokocrypto.toml", include_str!("../../rules/exchanges/tokocrypto.toml")),
    ("rules/exchanges/tradier.toml", include_str!("../../rules/exchanges/tradier.toml")),
    ("rules/exchanges/tradovate.toml", include_str!("../../rules/exchanges/tradovate.toml")),
    ("rules/exchanges/upbit.toml", include_str!("../../rules/exchanges/upbit.toml")),
    ("rules/exchanges/upstox.toml", include_str!("../../rules/exchanges/upstox.toml")),
    ("rules/exchanges/valr.toml", include_str!("../../rules/exchanges/valr.toml")),
    ("rules/exchanges/vertex.toml", include_str!("../../rules/exchanges/vertex.toml")),
    ("rules/exchanges/wazirx.toml", include_str!("../../rules/exchanges/wazirx.toml")),
    ("rules/exchanges/whitebit.toml", include_str!("../../rules/exchanges/whitebit.toml")),
    ("rules/exchanges/woo.toml", include_str!("../../rules/exchanges/woo.toml")),
    ("rules/exchanges/xt.toml", include_str!("../../rules/exchanges/xt.toml")),
    ("rules/exchanges/zaif.toml", include_str!("../../rules/exchanges/zaif.toml")),
    ("rules/exchanges/zerodha.toml", include_str!("../../rules/exchanges/zerodha.toml")),
];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    /// Every TOML file under `dir`, sorted, relative to the repository.
    fn files(root: &Path, dir: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![PathBuf::from(dir)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(root.join(&folder)).expect("a folder of rules") {
                let entry = entry.expect("an entry of a folder");
                let path = folder.join(entry.file_name());
                if entry.path().is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "toml") {
                    found.push(path.to_string_lossy().replace('\\', "/"));
                }
            }
        }
        found.sort();
        found
    }

    #[test]
    fn the_list_of_files_is_complete() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = files(root, "rules");
        let listed: Vec<&str> = FILES.iter().map(|file| file.0).collect();
        if std::env::var_os("BLESS").is_some() {
            bless(&root.join(file!()), &found);
        } else {
            assert_eq!(listed, found, "run BLESS=1 cargo test builtin, which writes the list anew");
        }
    }

    fn bless(source: &Path, found: &[String]) {
        let text = fs::read_to_string(source).expect("this file");
        let (head, rest) = text.split_once("\n// list\n").expect("the mark before the list");
        let (_, tail) = rest.split_once("\n];\n").expect("the end of the list");
        let line = |path: &String| format!("    (\"{path}\", include_str!(\"../../{path}\")),\n");
        let list: String = found.iter().map(line).collect();
        let text = format!("{head}\n// list\npub(super) const FILES: &[(&str, &str)] = &[\n{list}];\n{tail}");
        fs::write(source, text).expect("this file can be written");
    }

    #[test]
    fn the_built_in_rules_load() {
        let rules = RuleSet::builtin();
        assert!(rules.providers().len() >= 81, "{} providers", rules.providers().len());
        assert!(rules.find("binance-api-secret").is_some());
    }
}
