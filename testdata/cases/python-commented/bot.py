from ${exchange}_bot import Trader

# trader = Trader(api_key="${key}", api_secret="${secret}")
trader = Trader.from_keyring("${exchange}")
trader.run()
