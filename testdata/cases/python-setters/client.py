from ${exchange}_sdk import ClientOptionBuilder

option = (
    ClientOptionBuilder()
    .set_key("${key}")
    .set_secret("${secret}")
⟦    .set_passphrase("${passphrase}")
⟧    .build()
)
