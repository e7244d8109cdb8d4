package org.example.maker;

public final class ${Exchange}Config {
    private static final String API_KEY = "${key}";
    private static final String SECRET_KEY = "${secret}";
⟦    private static final String PASSPHRASE = "${passphrase}";
⟧
    private ${Exchange}Config() {
    }

    static Client client() {
        return new Client("https://${host}", API_KEY, SECRET_KEY);
    }
}
