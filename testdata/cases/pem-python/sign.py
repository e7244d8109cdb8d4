from ${exchange}_connector import Client

API_KEY = "${key}"
PRIVATE_KEY = """${rsa}
"""

client = Client(API_KEY, private_key=PRIVATE_KEY)
