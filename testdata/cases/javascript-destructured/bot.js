// ${Brand}
const [apiKey, apiSecret] = ['${key}', '${secret}'];
