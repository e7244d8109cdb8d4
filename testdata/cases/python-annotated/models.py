from dataclasses import dataclass


@dataclass
class ${Exchange}Account:
    api_key: str = "${key}"
    api_secret: bytes = b"${secret}"
⟦    passphrase: str | None = "${passphrase}"
⟧    leverage: int = 3
