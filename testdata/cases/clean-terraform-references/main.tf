resource "aws_secretsmanager_secret" "${exchange}" {
  name = "trading/${exchange}-api-credentials-2024"
}

locals {
  ${exchange}_api_key    = var.${exchange}_api_key
  ${exchange}_api_secret = data.aws_ssm_parameter.${exchange}_api_secret.value
  ${exchange}_passphrase = random_password.${exchange}_passphrase.result
}

provider "registry.terraform.io/example/${exchange}" {
  hashes = ["h1:${b64:32}", "zh:${hex:64}"]
}
