module.exports = {
  port: 8080,
  interval: '15m',
  ${exchange}: {
    apiKey: "${key}",
    apiSecret: "${secret}",⟦
    passphrase: "${passphrase}",⟧
    recvWindow: 5000,
  },
  telegram: { enabled: false },
};
