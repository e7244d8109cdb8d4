UPDATE exchange_accounts
   SET api_key = '${key}', api_secret = '${secret}'
 WHERE exchange = '${exchange}' AND owner_id = 17;
