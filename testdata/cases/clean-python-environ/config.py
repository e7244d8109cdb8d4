import os

from dotenv import load_dotenv

load_dotenv()
EXCHANGE = "${exchange}"
API_KEY = os.environ["${EXCHANGE}_API_KEY"]
API_SECRET = os.environ.get("${EXCHANGE}_API_SECRET")
PASSPHRASE = os.getenv("${EXCHANGE}_PASSPHRASE", "")
client = ${Exchange}Client(api_key=API_KEY, api_secret=API_SECRET, passphrase=PASSPHRASE)
