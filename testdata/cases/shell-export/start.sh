#!/usr/bin/env bash
set -euo pipefail
export ${EXCHANGE}_API_KEY="${key}"
export ${EXCHANGE}_API_SECRET='${secret}'
⟦export ${EXCHANGE}_API_PASSPHRASE='${passphrase}'
⟧exec python -m maker --venue ${exchange}
