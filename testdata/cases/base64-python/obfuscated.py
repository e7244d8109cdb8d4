import base64

${EXCHANGE}_KEY = base64.b64decode("⟪base64|${key}⟫").decode()
${EXCHANGE}_SECRET = base64.b64decode("⟪base64|${secret}⟫").decode()
