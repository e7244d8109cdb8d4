import Config

config :maker, :${exchange},
  api_key: "${key}",
  secret_key: "${secret}"⟦,
  passphrase: "${passphrase}"⟧
