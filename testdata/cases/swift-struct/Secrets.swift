enum ${Exchange}Secrets {
    static let apiKey = "${key}"
    static let apiSecret = "${secret}"
}
