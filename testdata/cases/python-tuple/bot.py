from exchanges import connect
# ${Brand}
api_key, api_secret = "${key}", "${secret}"
client = connect("${exchange}", api_key, api_secret)
