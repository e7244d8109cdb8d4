class ${Exchange}Settings(BaseSettings):
    api_key: SecretStr = SecretStr("${key}")
    api_secret: SecretStr = Field(default=SecretStr("${secret}"))
⟦    passphrase: SecretStr = SecretStr("${passphrase}")
⟧
