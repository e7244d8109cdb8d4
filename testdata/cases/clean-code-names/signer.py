class ${Exchange}Signer:
    def __init__(self, api_key: str, secret: str, passphrase: str = "") -> None:
        self.api_key = api_key
        self.secret = secret
        self.passphrase = passphrase
        self._secret_key_bytes = secret.encode("utf-8")

    def headers(self, secret=None, passphrase=None, key_version="2"):
        passphrase = passphrase or self.decrypt_passphrase_v2(self.passphrase)
        secret_key = self.secret_provider.get_secret_value_or_default(self.name)
        return {"${key-header}": self.api_key, "${sign-header}": sign_request_payload_v5(secret_key)}

    def is_ready(self):
        return self.secret is not None and self.passphrase != "" and len(self.api_key) == 64
