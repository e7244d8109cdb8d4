public ${Exchange}Client(@Value("$${${exchange}.api.key}") String apiKey, @Value("#{vault.secret('${exchange}')}") String secretKey) {
    this.apiKey = Objects.requireNonNull(apiKey, "${exchange}.api.key");
    this.secretKey = secretKey;
    this.mac = Mac.getInstance("HmacSHA256");
    this.passphrase = System.getenv("${EXCHANGE}_PASSPHRASE");
}
