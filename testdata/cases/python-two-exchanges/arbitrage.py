import ccxt

# buy here
left = ccxt.${exchange}({"apiKey": "${key}", "secret": "${secret}"})
# sell there
right = ccxt.${other}({"apiKey": "${other key}", "secret": "${other secret}"})

for symbol in ("BTC/USDT", "ETH/USDT"):
    spread = right.fetch_ticker(symbol)["bid"] - left.fetch_ticker(symbol)["ask"]
    print(symbol, round(spread, 4))
