module.exports = {
  apps: [{
    name: 'scalper',
    script: './dist/main.js',
    env: {
      NODE_ENV: 'production',
      ${EXCHANGE}_API_KEY: '${key}',
      ${EXCHANGE}_API_SECRET: '${secret}',⟦
      ${EXCHANGE}_API_PASSPHRASE: '${passphrase}',⟧
    },
  }],
};
