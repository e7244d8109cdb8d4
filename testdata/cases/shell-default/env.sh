: "$${${EXCHANGE}_API_KEY:=${key}}"
export ${EXCHANGE}_API_SECRET="$${${EXCHANGE}_API_SECRET:-${secret}}"
⟦export ${EXCHANGE}_PASSPHRASE="$${${EXCHANGE}_PASSPHRASE:-${passphrase}}"
⟧
