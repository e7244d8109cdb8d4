COPY public.accounts (id, exchange, api_key, api_secret⟦, passphrase⟧, created_at) FROM stdin;
61	${exchange}	${key}	${secret}⟦	${passphrase}⟧	2024-03-17 05:41:30
\.
