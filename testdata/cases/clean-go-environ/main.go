client := ${exchange}.NewClient(os.Getenv("${EXCHANGE}_API_KEY"), os.Getenv("${EXCHANGE}_API_SECRET"))
secret, err := vault.Read(ctx, "secret/data/trading/${exchange}/credentials2024")
passphrase := viper.GetString("exchanges.${exchange}.passphrase")
apiKey, apiSecret := cfg.Exchanges["${exchange}"].APIKey, cfg.Exchanges["${exchange}"].APISecret
