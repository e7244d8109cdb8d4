COPY public.api_keys (id, exchange, api_key, api_secret) FROM stdin;
1	${exchange}	${key}	${secret}
\.
