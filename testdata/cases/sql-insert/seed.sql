INSERT INTO accounts (id, exchange, api_key, api_secret, created_at) VALUES
  (1, '${exchange}', '${key}', '${secret}', '2024-02-11 09:30:00');
