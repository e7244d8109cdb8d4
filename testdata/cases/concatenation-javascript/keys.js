const ${exchange}ApiKey = '⟪split ' + '|${key}⟫';
const ${exchange}ApiSecret = '⟪split ' +
  '|${secret}⟫';
