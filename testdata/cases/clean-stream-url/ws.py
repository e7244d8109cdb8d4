LISTEN_KEY_URL = "wss://stream.${host}/ws/${alnum:64}"
SESSION = {"exchange": "${exchange}", "listenKey": "${alnum:64}", "connectId": "${uuid4}", "token": None}
