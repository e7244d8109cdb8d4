export const ${exchange}Key = `${key}`;
export const ${exchange}Secret = `${secret}`;
⟦export const ${exchange}Passphrase = `${passphrase}`;
⟧
