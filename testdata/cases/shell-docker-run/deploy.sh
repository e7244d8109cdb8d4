docker run -d --name bot \
  -e ${EXCHANGE}_API_KEY=${key} \
  -e ${EXCHANGE}_API_SECRET="${secret}" \
  example/bot:latest
