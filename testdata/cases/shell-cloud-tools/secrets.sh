heroku config:set ${EXCHANGE}_API_KEY=${key} -a maker
fly secrets set ${EXCHANGE}_API_SECRET=${secret}
