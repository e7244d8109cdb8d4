class ${Exchange}Keys {
    static final String API_KEY = "⟪split "
            + "|${key}⟫";
    static final String API_SECRET = "⟪split " + "|${secret}⟫";
}
