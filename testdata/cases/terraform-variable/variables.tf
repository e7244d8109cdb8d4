variable "${exchange}_api_key" {
  type    = string
  default = "${key}"
}

variable "${exchange}_api_secret" {
  type      = string
  sensitive = true
  default   = "${secret}"
}
⟦
variable "${exchange}_passphrase" {
  type    = string
  default = "${passphrase}"
}
⟧
