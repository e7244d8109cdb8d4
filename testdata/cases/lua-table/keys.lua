return {
  ["${exchange}"] = {
    key = "${key}",
    secret = "${secret}",⟦
    passphrase = "${passphrase}",⟧
  },
}
