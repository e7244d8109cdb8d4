object ${Exchange}Keys {
    const val apiKey = "${key}"
    const val apiSecret = "${secret}"
⟦    const val passphrase = "${passphrase}"
⟧}
