config = TradingNodeConfig(
    trader_id="TRADER-001",
    exec_clients={
        "${EXCHANGE}": ${Exchange}ExecClientConfig(
            api_key="${key}",
            api_secret="${secret}",⟦
            api_passphrase="${passphrase}",⟧
            testnet=False,
        ),
    },
)
