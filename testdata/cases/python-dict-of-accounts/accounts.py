# Both sub-accounts live on ${Brand}.
ACCOUNTS = {
    "${exchange}_main": {
        "api_key": "${key}",
        "api_secret": "${secret}",
    },
    "${exchange}_hedge": {
        "api_key": "${key 2}",
        "api_secret": "${secret 2}",
    },
}
