ExchangeSpecification spec = new ${Exchange}Exchange().getDefaultExchangeSpecification();
spec.setUserName("desk-3");
spec.setApiKey("${key}");
spec.setSecretKey("${secret}");
⟦spec.setExchangeSpecificParametersItem("passphrase", "${passphrase}");
⟧Exchange exchange = ExchangeFactory.INSTANCE.createExchange(spec);
AccountService accounts = exchange.getAccountService();
