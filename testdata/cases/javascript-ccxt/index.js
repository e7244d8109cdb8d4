'use strict';
const ccxt = require('ccxt');

(async () => {
  const exchange = new ccxt.${exchange}({
    apiKey: '${key}',
    secret: '${secret}',⟦
    password: '${passphrase}',⟧
    options: { defaultType: 'future' },
  });
  const positions = await exchange.fetchPositions(['BTC/USDT:USDT']);
  console.table(positions.map((p) => ({ symbol: p.symbol, size: p.contracts, pnl: p.unrealizedPnl })));
})();
