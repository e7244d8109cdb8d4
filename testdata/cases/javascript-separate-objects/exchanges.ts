export const EXCHANGES = {
  ${exchange}: { apiKey: '${key}', secret: '${secret}', enableRateLimit: true },
  ${other}: { apiKey: '${other key}', secret: '${other secret}', enableRateLimit: true },
} as const;
