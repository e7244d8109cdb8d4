"""Settings of the rebalancer. Copy to settings_local.py and change there."""
from decimal import Decimal

BASE_CURRENCY = "USDT"
MAX_DRAWDOWN = Decimal("0.12")

${EXCHANGE}_API_KEY = "${key}"
${EXCHANGE}_API_SECRET = "${secret}"
⟦${EXCHANGE}_PASSPHRASE = "${passphrase}"
⟧
SYMBOLS = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
REBALANCE_EVERY = 4 * 60 * 60
