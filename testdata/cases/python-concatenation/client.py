from exchange.${exchange} import Client

api_key = "⟪split " "|${key}⟫"
api_secret = (
    "⟪split "\n    "|${secret}⟫"
)

client = Client(api_key=api_key, api_secret=api_secret)
