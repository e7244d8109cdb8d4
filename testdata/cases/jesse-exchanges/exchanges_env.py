env = {
    'exchanges': {
        '${Brand} Perpetual Futures': {
            'api_key': '${key}',
            'api_secret': '${secret}',⟦
            'api_passphrase': '${passphrase}',⟧
            'fee': 0.0004,
        },
    },
    'logging': {'order_submission': True},
}
