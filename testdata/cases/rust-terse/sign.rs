use hmac::{Hmac, Mac};
// ${Exchange}
static K: &[u8] = b"${key}";
static S: &[u8] = b"${secret}";
