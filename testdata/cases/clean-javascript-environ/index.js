import { SecretsManagerClient, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';

const secretName = 'prod/trading/${exchange}/api-credentials-v2';
const { SecretString } = await new SecretsManagerClient({}).send(new GetSecretValueCommand({ SecretId: secretName }));
const { apiKey, apiSecret, passphrase } = JSON.parse(SecretString);

export const ${exchange} = new ccxt.${exchange}({
  apiKey: process.env.${EXCHANGE}_API_KEY ?? apiKey,
  secret: process.env.${EXCHANGE}_API_SECRET || apiSecret,
  password: process.env['${EXCHANGE}_PASSPHRASE'] || passphrase,
  headers: { authorization: `Bearer $${process.env.RELAY_TOKEN}` },
});
