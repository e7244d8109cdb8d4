library(httr)
${exchange}_key <- "${key}"
${exchange}_secret <- "${secret}"
balances <- get_balances(${exchange}_key, ${exchange}_secret)
