# ${Brand} hot wallets, for the flow dashboard
${EXCHANGE}_HOT_WALLET = "0x${hex:40}"
${EXCHANGE}_COLD_WALLET = "bc1q${lower:38}"
${EXCHANGE}_DEPOSIT_TX = "0x${hex:64}"
${EXCHANGE}_TRON = "T${base58:33}"
${EXCHANGE}_CONTRACT = "${hex:64}"
BLOCK_HASH = "${hex:64}"
