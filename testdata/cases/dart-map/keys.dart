const credentials = <String, Map<String, String>>{
  '${exchange}': {
    'apiKey': '${key}',
    'apiSecret': '${secret}',⟦
    'passphrase': '${passphrase}',⟧
  },
};
