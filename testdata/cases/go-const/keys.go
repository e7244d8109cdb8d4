package keys

const (
	${Exchange}ApiKey    = "${key}"
	${Exchange}SecretKey = "${secret}"
⟦	${Exchange}Passphrase = `${passphrase}`
⟧)
