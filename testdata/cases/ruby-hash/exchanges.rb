Rails.application.config.exchanges = {
  ${exchange}: {
    key: '${key}',
    :secret => '${secret}',⟦
    passphrase: '${passphrase}',⟧
  }
}
