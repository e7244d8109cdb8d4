TS=$(date +%s000)
curl -s "https://${host}${path}?timestamp=$TS" \
  -H "${key-header}: ${key}" \
⟦  -H "${passphrase-header}: ${passphrase}" \
⟧  -H "${sign-header}: ${b64:32}"
