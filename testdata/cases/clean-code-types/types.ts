export interface ${Exchange}Credentials {
  apiKey: string;
  apiSecret: string;
  passphrase?: string;
}

export const ${exchange}Schema = z.object({
  apiKey: z.string().regex(/^[A-Za-z0-9]{18,88}$/),
  apiSecret: z.string().min(32, 'errors.${exchange}.apiSecretTooShort${digit:1}'),
  passphrase: z.string().max(32).optional(),
});

const labels = { passphrase: 'form.labels.passphraseV${digit:1}', secret: 'form.labels.secretKeyHelp${digit:1}' };
