static const char ${exchange}_icon[] = "${hex:256}";
static const unsigned char ${exchange}_digest[] = {0x1f, 0x8b, 0x08, 0x00, 0x3d};
static const char *expected_sha256 = "${hex:64}";
static const char *nonce = "${hex:32}";
