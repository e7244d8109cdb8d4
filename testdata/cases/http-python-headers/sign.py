import hashlib, hmac, requests

SECRET_KEY = "${secret}"
HEADERS = {
    "${key-header}": "${key}",⟦
    "${passphrase-header}": "${passphrase}",⟧
}


def get(path):
    signature = hmac.new(SECRET_KEY.encode(), path.encode(), hashlib.sha256).hexdigest()
    return requests.get("https://${host}" + path, headers={**HEADERS, "${sign-header}": signature})
