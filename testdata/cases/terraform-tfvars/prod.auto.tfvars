region              = "ap-northeast-1"
${exchange}_api_key    = "${key}"
${exchange}_api_secret = "${secret}"
⟦${exchange}_passphrase = "${passphrase}"
⟧
