import json

CONFIG = json.loads(bytes.fromhex("⟪hex|{"exchange": "${exchange}", "apiKey": "${key}", "secret": "${secret}"}⟫"))
