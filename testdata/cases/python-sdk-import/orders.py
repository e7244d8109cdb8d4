from ${exchange}.client import Client
from ${exchange}.enums import ORDER_TYPE_LIMIT

client = Client("${key}", "${secret}")
print(client.get_account())
