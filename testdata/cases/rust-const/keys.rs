//! Keys for the ${Brand} market maker.

pub const ${EXCHANGE}_API_KEY: &str = "${key}";
pub const ${EXCHANGE}_SECRET_KEY: &str = "${secret}";
⟦pub const ${EXCHANGE}_PASSPHRASE: &str = "${passphrase}";
⟧pub const RECV_WINDOW: u64 = 5_000;
