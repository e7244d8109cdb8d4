set -gx ${EXCHANGE}_API_KEY ${key}
set -gx ${EXCHANGE}_API_SECRET ${secret}
