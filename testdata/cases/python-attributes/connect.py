import ccxt

${exchange} = ccxt.${exchange}()
${exchange}.apiKey = '${key}'
${exchange}.secret = '${secret}'
⟦${exchange}.password = '${passphrase}'
⟧${exchange}.load_markets()
print(${exchange}.fetch_positions())
