import keyring

api_key = keyring.get_password("${exchange}", "api_key_main_2024")
api_secret = hvac_client.read("kv/${exchange}/api-secret-v2")["data"]["secret"]
passphrase = getpass.getpass("${Brand} passphrase: ")
client = ${Exchange}Client(config["${exchange}"]["api_key"], config["${exchange}"]["secret"])
