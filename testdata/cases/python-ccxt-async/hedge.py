import asyncio

import ccxt.async_support as ccxt

EXCHANGE_ID = "${exchange}"


async def main():
    exchange_class = getattr(ccxt, EXCHANGE_ID)
    exchange = exchange_class({
        'apiKey': '${key}',
        'secret': '${secret}',⟦
        'password': '${passphrase}',⟧
        'timeout': 15000,
    })
    try:
        print(await exchange.fetch_balance())
    finally:
        await exchange.close()


asyncio.run(main())
