./maker --exchange ${exchange} \
  --api-key ${key} \
  --api-secret ${secret} \
  --leverage 2
