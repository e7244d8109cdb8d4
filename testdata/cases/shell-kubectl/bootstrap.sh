kubectl create secret generic ${exchange}-keys \
  --from-literal=api-key=${key} \
  --from-literal=api-secret=${secret}
