export BOT_CONFIG=⟪base64|{"exchange":"${exchange}","apiKey":"${key}","secret":"${secret}"⟦,"password":"${passphrase}"⟧}⟫
exec ./bot
