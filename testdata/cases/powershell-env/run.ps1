$env:${EXCHANGE}_API_KEY = "${key}"
$env:${EXCHANGE}_API_SECRET = "${secret}"
⟦$env:${EXCHANGE}_PASSPHRASE = "${passphrase}"
⟧python .\bot.py --live
