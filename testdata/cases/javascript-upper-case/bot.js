const Api = require('node-${exchange}-api');
const api = new Api().options({
  APIKEY: '${key}',
  APISECRET: '${secret}',
  useServerTime: true,
});
