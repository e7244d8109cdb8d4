import os

EXCHANGE = "${exchange}"
API_KEY = os.getenv("${EXCHANGE}_KEY", "${key}")
API_SECRET = os.getenv("${EXCHANGE}_SECRET", "${secret}")
⟦API_PASSPHRASE = os.environ.get("${EXCHANGE}_PASSPHRASE", "${passphrase}")
⟧LOG_LEVEL = os.getenv("LOG_LEVEL", "INFO")
