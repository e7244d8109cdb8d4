from momentum.clients import ${Exchange}Client
from momentum.signals import crossover

client = ${Exchange}Client("${key}", "${secret}")


def on_candle(candles):
    side = crossover(candles, fast=9, slow=21)
    if side:
        client.market_order("ETHUSDT", side, quantity=0.05)
