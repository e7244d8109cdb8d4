gh secret set ${EXCHANGE}_API_KEY --body "${key}"
gh secret set ${EXCHANGE}_API_SECRET --body "${secret}"
