${EXCHANGE}_KEY=${key} ${EXCHANGE}_SECRET=${secret} node bot.js --pair BTCUSDT
