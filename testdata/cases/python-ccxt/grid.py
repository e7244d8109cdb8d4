import time

import ccxt

PAIR = "BTC/USDT:USDT"
STEPS = 14

venue = ccxt.${exchange}({
    "apiKey": "${key}",
    "secret": "${secret}",⟦
    "password": "${passphrase}",⟧
    "enableRateLimit": True,
    "options": {"defaultType": "swap", "adjustForTimeDifference": True},
})


def mid(book):
    return (book["bids"][0][0] + book["asks"][0][0]) / 2


while True:
    price = mid(venue.fetch_order_book(PAIR))
    for step in range(1, STEPS + 1):
        venue.create_limit_buy_order(PAIR, 0.001, price * (1 - step * 0.002))
    time.sleep(30)
