export const ${exchange}Api = axios.create({
  baseURL: 'https://${host}',
  headers: { '${key-header}': '${key}' },
});

const secretKey = '${secret}';

export const sign = (query) => CryptoJS.HmacSHA256(query, secretKey).toString(CryptoJS.enc.Hex);
