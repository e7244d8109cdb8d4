$Env:EXCHANGE="${exchange}"
$Env:API_KEY="${key}"
$Env:API_SECRET="${secret}"
⟦$Env:API_PASSPHRASE="${passphrase}"
⟧