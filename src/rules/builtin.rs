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
    ("rules/general/age.toml", include_str!("../../rules/general/age.toml")),
    ("rules/general/anthropic.toml", include_str!("../../rules/general/anthropic.toml")),
    ("rules/general/artifactory.toml", include_str!("../../rules/general/artifactory.toml")),
    ("rules/general/atlassian.toml", include_str!("../../rules/general/atlassian.toml")),
    ("rules/general/aws.toml", include_str!("../../rules/general/aws.toml")),
    ("rules/general/azure.toml", include_str!("../../rules/general/azure.toml")),
    ("rules/general/bitbucket.toml", include_str!("../../rules/general/bitbucket.toml")),
    ("rules/general/crates-io.toml", include_str!("../../rules/general/crates-io.toml")),
    ("rules/general/database.toml", include_str!("../../rules/general/database.toml")),
    ("rules/general/databricks.toml", include_str!("../../rules/general/databricks.toml")),
    ("rules/general/digitalocean.toml", include_str!("../../rules/general/digitalocean.toml")),
    ("rules/general/docker.toml", include_str!("../../rules/general/docker.toml")),
    ("rules/general/doppler.toml", include_str!("../../rules/general/doppler.toml")),
    ("rules/general/figma.toml", include_str!("../../rules/general/figma.toml")),
    ("rules/general/gcp.toml", include_str!("../../rules/general/gcp.toml")),
    ("rules/general/generic.toml", include_str!("../../rules/general/generic.toml")),
    ("rules/general/github.toml", include_str!("../../rules/general/github.toml")),
    ("rules/general/gitlab.toml", include_str!("../../rules/general/gitlab.toml")),
    ("rules/general/grafana.toml", include_str!("../../rules/general/grafana.toml")),
    ("rules/general/groq.toml", include_str!("../../rules/general/groq.toml")),
    ("rules/general/heroku.toml", include_str!("../../rules/general/heroku.toml")),
    ("rules/general/huggingface.toml", include_str!("../../rules/general/huggingface.toml")),
    ("rules/general/jwt.toml", include_str!("../../rules/general/jwt.toml")),
    ("rules/general/linear.toml", include_str!("../../rules/general/linear.toml")),
    ("rules/general/mailchimp.toml", include_str!("../../rules/general/mailchimp.toml")),
    ("rules/general/mailgun.toml", include_str!("../../rules/general/mailgun.toml")),
    ("rules/general/netlify.toml", include_str!("../../rules/general/netlify.toml")),
    ("rules/general/newrelic.toml", include_str!("../../rules/general/newrelic.toml")),
    ("rules/general/notion.toml", include_str!("../../rules/general/notion.toml")),
    ("rules/general/npm.toml", include_str!("../../rules/general/npm.toml")),
    ("rules/general/openai.toml", include_str!("../../rules/general/openai.toml")),
    ("rules/general/openrouter.toml", include_str!("../../rules/general/openrouter.toml")),
    ("rules/general/pem.toml", include_str!("../../rules/general/pem.toml")),
    ("rules/general/perplexity.toml", include_str!("../../rules/general/perplexity.toml")),
    ("rules/general/planetscale.toml", include_str!("../../rules/general/planetscale.toml")),
    ("rules/general/postman.toml", include_str!("../../rules/general/postman.toml")),
    ("rules/general/pulumi.toml", include_str!("../../rules/general/pulumi.toml")),
    ("rules/general/pypi.toml", include_str!("../../rules/general/pypi.toml")),
    ("rules/general/replicate.toml", include_str!("../../rules/general/replicate.toml")),
    ("rules/general/resend.toml", include_str!("../../rules/general/resend.toml")),
    ("rules/general/rubygems.toml", include_str!("../../rules/general/rubygems.toml")),
    ("rules/general/sendgrid.toml", include_str!("../../rules/general/sendgrid.toml")),
    ("rules/general/sentry.toml", include_str!("../../rules/general/sentry.toml")),
    ("rules/general/shopify.toml", include_str!("../../rules/general/shopify.toml")),
    ("rules/general/square.toml", include_str!("../../rules/general/square.toml")),
    ("rules/general/stripe.toml", include_str!("../../rules/general/stripe.toml")),
    ("rules/general/supabase.toml", include_str!("../../rules/general/supabase.toml")),
    ("rules/general/terraform.toml", include_str!("../../rules/general/terraform.toml")),
    ("rules/general/vault.toml", include_str!("../../rules/general/vault.toml")),
    ("rules/general/web.toml", include_str!("../../rules/general/web.toml")),
    ("rules/general/xai.toml", include_str!("../../rules/general/xai.toml")),
    ("rules/services/1inch.toml", include_str!("../../rules/services/1inch.toml")),
    ("rules/services/3commas.toml", include_str!("../../rules/services/3commas.toml")),
    ("rules/services/alchemy.toml", include_str!("../../rules/services/alchemy.toml")),
    ("rules/services/alphavantage.toml", include_str!("../../rules/services/alphavantage.toml")),
    ("rules/services/amberdata.toml", include_str!("../../rules/services/amberdata.toml")),
    ("rules/services/ankr.toml", include_str!("../../rules/services/ankr.toml")),
    ("rules/services/bitgo.toml", include_str!("../../rules/services/bitgo.toml")),
    ("rules/services/blockfrost.toml", include_str!("../../rules/services/blockfrost.toml")),
    ("rules/services/chainstack.toml", include_str!("../../rules/services/chainstack.toml")),
    ("rules/services/coinapi.toml", include_str!("../../rules/services/coinapi.toml")),
    ("rules/services/coingecko.toml", include_str!("../../rules/services/coingecko.toml")),
    ("rules/services/coinmarketcap.toml", include_str!("../../rules/services/coinmarketcap.toml")),
    ("rules/services/coinrule.toml", include_str!("../../rules/services/coinrule.toml")),
    ("rules/services/copper.toml", include_str!("../../rules/services/copper.toml")),
    ("rules/services/covalent.toml", include_str!("../../rules/services/covalent.toml")),
    ("rules/services/cryptocompare.toml", include_str!("../../rules/services/cryptocompare.toml")),
    ("rules/services/cryptohopper.toml", include_str!("../../rules/services/cryptohopper.toml")),
    ("rules/services/databento.toml", include_str!("../../rules/services/databento.toml")),
    ("rules/services/discord.toml", include_str!("../../rules/services/discord.toml")),
    ("rules/services/drpc.toml", include_str!("../../rules/services/drpc.toml")),
    ("rules/services/dune.toml", include_str!("../../rules/services/dune.toml")),
    ("rules/services/etherscan.toml", include_str!("../../rules/services/etherscan.toml")),
    ("rules/services/finnhub.toml", include_str!("../../rules/services/finnhub.toml")),
    ("rules/services/fireblocks.toml", include_str!("../../rules/services/fireblocks.toml")),
    ("rules/services/fred.toml", include_str!("../../rules/services/fred.toml")),
    ("rules/services/freqtrade.toml", include_str!("../../rules/services/freqtrade.toml")),
    ("rules/services/getblock.toml", include_str!("../../rules/services/getblock.toml")),
    ("rules/services/glassnode.toml", include_str!("../../rules/services/glassnode.toml")),
    ("rules/services/haasonline.toml", include_str!("../../rules/services/haasonline.toml")),
    ("rules/services/helius.toml", include_str!("../../rules/services/helius.toml")),
    ("rules/services/iex.toml", include_str!("../../rules/services/iex.toml")),
    ("rules/services/infura.toml", include_str!("../../rules/services/infura.toml")),
    ("rules/services/kaiko.toml", include_str!("../../rules/services/kaiko.toml")),
    ("rules/services/lunarcrush.toml", include_str!("../../rules/services/lunarcrush.toml")),
    ("rules/services/messari.toml", include_str!("../../rules/services/messari.toml")),
    ("rules/services/moralis.toml", include_str!("../../rules/services/moralis.toml")),
    ("rules/services/nansen.toml", include_str!("../../rules/services/nansen.toml")),
    ("rules/services/nasdaq.toml", include_str!("../../rules/services/nasdaq.toml")),
    ("rules/services/pionex.toml", include_str!("../../rules/services/pionex.toml")),
    ("rules/services/pushover.toml", include_str!("../../rules/services/pushover.toml")),
    ("rules/services/quicknode.toml", include_str!("../../rules/services/quicknode.toml")),
    ("rules/services/santiment.toml", include_str!("../../rules/services/santiment.toml")),
    ("rules/services/shrimpy.toml", include_str!("../../rules/services/shrimpy.toml")),
    ("rules/services/slack.toml", include_str!("../../rules/services/slack.toml")),
    ("rules/services/tardis.toml", include_str!("../../rules/services/tardis.toml")),
    ("rules/services/telegram.toml", include_str!("../../rules/services/telegram.toml")),
    ("rules/services/tenderly.toml", include_str!("../../rules/services/tenderly.toml")),
    ("rules/services/thegraph.toml", include_str!("../../rules/services/thegraph.toml")),
    ("rules/services/thetie.toml", include_str!("../../rules/services/thetie.toml")),
    ("rules/services/tiingo.toml", include_str!("../../rules/services/tiingo.toml")),
    ("rules/services/tradingview.toml", include_str!("../../rules/services/tradingview.toml")),
    ("rules/services/triton.toml", include_str!("../../rules/services/triton.toml")),
    ("rules/services/twelvedata.toml", include_str!("../../rules/services/twelvedata.toml")),
    ("rules/services/twilio.toml", include_str!("../../rules/services/twilio.toml")),
    ("rules/services/wundertrading.toml", include_str!("../../rules/services/wundertrading.toml")),
    ("rules/services/zerox.toml", include_str!("../../rules/services/zerox.toml")),
    ("rules/wallets/algorand.toml", include_str!("../../rules/wallets/algorand.toml")),
    ("rules/wallets/aptos.toml", include_str!("../../rules/wallets/aptos.toml")),
    ("rules/wallets/bip39.toml", include_str!("../../rules/wallets/bip39.toml")),
    ("rules/wallets/bitcoin.toml", include_str!("../../rules/wallets/bitcoin.toml")),
    ("rules/wallets/btcpay.toml", include_str!("../../rules/wallets/btcpay.toml")),
    ("rules/wallets/cardano.toml", include_str!("../../rules/wallets/cardano.toml")),
    ("rules/wallets/core-lightning.toml", include_str!("../../rules/wallets/core-lightning.toml")),
    ("rules/wallets/cosmos.toml", include_str!("../../rules/wallets/cosmos.toml")),
    ("rules/wallets/electrum.toml", include_str!("../../rules/wallets/electrum.toml")),
    ("rules/wallets/eos.toml", include_str!("../../rules/wallets/eos.toml")),
    ("rules/wallets/ethereum.toml", include_str!("../../rules/wallets/ethereum.toml")),
    ("rules/wallets/lnbits.toml", include_str!("../../rules/wallets/lnbits.toml")),
    ("rules/wallets/lnd.toml", include_str!("../../rules/wallets/lnd.toml")),
    ("rules/wallets/monero.toml", include_str!("../../rules/wallets/monero.toml")),
    ("rules/wallets/near.toml", include_str!("../../rules/wallets/near.toml")),
    ("rules/wallets/nostr.toml", include_str!("../../rules/wallets/nostr.toml")),
    ("rules/wallets/polkadot.toml", include_str!("../../rules/wallets/polkadot.toml")),
    ("rules/wallets/solana.toml", include_str!("../../rules/wallets/solana.toml")),
    ("rules/wallets/starknet.toml", include_str!("../../rules/wallets/starknet.toml")),
    ("rules/wallets/stellar.toml", include_str!("../../rules/wallets/stellar.toml")),
    ("rules/wallets/sui.toml", include_str!("../../rules/wallets/sui.toml")),
    ("rules/wallets/tezos.toml", include_str!("../../rules/wallets/tezos.toml")),
    ("rules/wallets/ton.toml", include_str!("../../rules/wallets/ton.toml")),
    ("rules/wallets/tron.toml", include_str!("../../rules/wallets/tron.toml")),
    ("rules/wallets/xrpl.toml", include_str!("../../rules/wallets/xrpl.toml")),
    ("rules/wallets/zcash.toml", include_str!("../../rules/wallets/zcash.toml")),
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
