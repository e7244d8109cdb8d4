//! The words that names are told by.

use super::Strength::{self, Strong, Weak};
use super::Verdict::{self, Other, Part};
use crate::rules::Role::{self, Id, Key, Passphrase, Password, PrivateKey, Secret, Seed, Token};

/// Words that decide by themselves, glued compounds among them. Later words of a name win over earlier ones.
#[rustfmt::skip]
pub(super) const PARTS: &[(&str, Role, Strength)] = &[
    // keys
    ("apikey", Key, Strong), ("accesskey", Key, Strong), ("accesskeyid", Key, Strong), ("appkey", Key, Strong),
    ("apikeyid", Key, Strong), ("key", Key, Weak), ("k", Key, Weak), ("ak", Key, Weak), ("pub", Key, Weak),
    ("access", Key, Weak), ("kid", Key, Weak), ("api", Key, Weak), ("publickey", Key, Weak), ("pubkey", Key, Weak),
    ("pk", PrivateKey, Weak), ("keyid", Key, Weak), ("clientid", Key, Weak), ("apik", Key, Weak),
    ("consumerkey", Key, Strong), ("public", Key, Weak), ("keys", Key, Weak), ("apikeys", Key, Strong),
    // as they are mistyped
    ("apikye", Key, Strong), ("apykey", Key, Strong), ("apkey", Key, Weak), ("apiket", Key, Strong), ("secert", Secret, Strong),
    ("sercet", Secret, Strong), ("secrect", Secret, Strong), ("seceret", Secret, Strong), ("secrete", Secret, Strong),
    ("passpharse", Passphrase, Strong), ("passprase", Passphrase, Strong), ("passphase", Passphrase, Strong),
    ("pasphrase", Passphrase, Strong), ("passwrod", Password, Strong), ("pasword", Password, Strong),
    ("passowrd", Password, Strong),
    // secrets
    ("secret", Secret, Strong), ("apisecret", Secret, Strong), ("secretkey", Secret, Strong),
    ("clientsecret", Secret, Strong), ("apisec", Secret, Strong), ("appsecret", Secret, Strong),
    ("secretaccesskey", Secret, Strong), ("secretapikey", Secret, Strong), ("apisecretkey", Secret, Strong),
    ("sec", Secret, Weak), ("s", Secret, Weak), ("sk", Secret, Weak), ("hmac", Secret, Weak), ("prv", Secret, Weak),
    ("priv", Secret, Weak), ("sct", Secret, Weak), ("as", Secret, Weak), ("signingkey", Secret, Strong),
    ("consumersecret", Secret, Strong), ("secrets", Secret, Weak), ("apisecrets", Secret, Strong), ("credential", Secret, Weak), ("credentials", Secret, Weak),
    // private keys
    ("privatekey", PrivateKey, Strong), ("privkey", PrivateKey, Strong), ("privatekeys", PrivateKey, Strong),
    ("privkeys", PrivateKey, Strong), ("pem", PrivateKey, Weak),
    ("private", Secret, Weak), ("signer", PrivateKey, Weak), ("deployer", PrivateKey, Weak),
    ("agentkey", PrivateKey, Strong), ("wif", PrivateKey, Strong),
    // tokens
    ("token", Token, Strong), ("accesstoken", Token, Strong), ("authtoken", Token, Strong), ("bearer", Token, Strong),
    ("tok", Token, Weak), ("webhook", Token, Weak), ("jwt", Token, Weak), ("auth", Token, Weak),
    ("authorization", Token, Weak), ("apitoken", Token, Strong), ("bottoken", Token, Strong), ("pat", Token, Weak),
    ("t", Token, Weak), ("tokens", Token, Weak), ("dsn", Token, Weak), ("sessionid", Token, Weak),
    // passphrases, passwords
    ("passphrase", Passphrase, Strong), ("apipass", Passphrase, Strong), ("apipassphrase", Passphrase, Strong),
    ("apipassword", Passphrase, Strong), ("phrase", Passphrase, Weak), ("password", Password, Strong),
    ("passwd", Password, Strong), ("pwd", Password, Strong), ("pass", Password, Weak), ("pw", Password, Weak),
    ("passcode", Password, Weak), ("psw", Password, Weak), ("pswd", Password, Weak), ("mempass", Passphrase, Weak), ("pp", Passphrase, Weak),
    ("dbpass", Password, Strong), ("passphrases", Passphrase, Weak), ("passwords", Password, Weak),
    ("pgpassword", Password, Strong), ("p", Passphrase, Weak),
    // seeds
    ("mnemonic", Seed, Strong), ("mnemonics", Seed, Strong), ("seed", Seed, Weak), ("seedphrase", Seed, Strong),
    ("recovery", Seed, Weak),
    // ids
    ("uid", Id, Weak), ("memo", Id, Strong),
    // other languages: Chinese, Japanese, Korean, Russian, Ukrainian, Spanish, Portuguese, French, German, Turkish, Polish, Vietnamese, Indonesian
    ("密钥", Key, Weak), ("金鑰", Key, Weak), ("公钥", Key, Weak), ("访问密钥", Key, Strong), ("私钥", PrivateKey, Strong),
    ("私鑰", PrivateKey, Strong), ("密匙", Key, Weak), ("秘钥", Secret, Weak), ("密码", Password, Strong),
    ("口令", Passphrase, Strong), ("令牌", Token, Strong), ("助记词", Seed, Strong), ("キー", Key, Weak),
    ("apiキー", Key, Strong), ("シークレット", Secret, Strong), ("秘密鍵", PrivateKey, Strong), ("アクセスキー", Key, Strong),
    ("パスワード", Password, Strong), ("パスフレーズ", Passphrase, Strong), ("トークン", Token, Strong), ("키", Key, Weak),
    ("api키", Key, Strong), ("시크릿", Secret, Strong), ("시크릿키", Secret, Strong), ("비밀키", Secret, Strong),
    ("액세스키", Key, Strong), ("비밀번호", Password, Strong), ("토큰", Token, Strong), ("ключ", Key, Weak),
    ("секрет", Secret, Strong), ("секретный", Secret, Weak), ("пароль", Password, Strong), ("токен", Token, Strong),
    ("фраза", Passphrase, Weak), ("密碼", Password, Strong), ("암호", Password, Strong), ("frase", Passphrase, Weak), ("секретка", Secret, Weak), ("clave", Key, Weak), ("llave", Key, Weak),
    ("secreto", Secret, Strong), ("secreta", Secret, Strong), ("contraseña", Password, Strong),
    ("contrasena", Password, Strong), ("chave", Key, Weak), ("segredo", Secret, Strong), ("senha", Password, Strong),
    ("clé", Key, Weak), ("cle", Key, Weak), ("motdepasse", Password, Strong), ("schlüssel", Key, Weak),
    ("schluessel", Key, Weak), ("geheimnis", Secret, Strong), ("geheim", Secret, Weak),
    ("passwort", Password, Strong), ("kennwort", Password, Strong), ("anahtar", Key, Weak), ("anahtari", Key, Weak),
    ("gizli", Secret, Weak), ("şifre", Password, Strong), ("sifre", Password, Strong), ("klucz", Key, Weak),
    ("sekret", Secret, Strong), ("hasło", Password, Strong), ("haslo", Password, Strong), ("khóa", Key, Weak),
    ("khoa", Key, Weak), ("kunci", Key, Weak), ("rahasia", Secret, Strong), ("parola", Password, Strong),
    ("chiave", Key, Weak), ("segreto", Secret, Strong), ("segreta", Secret, Strong),
];

/// Words that, standing last (or next to last before a number), say the value is not a credential.
#[rustfmt::skip]
pub(super) const OTHER: &[&str] = &[
    "id", "ids", "oid", "hash", "hashes", "sha", "md", "digest", "checksum", "sum", "crc", "sign", "signature", "sig",
    "signed", "address", "addr", "addresses", "contract", "tx", "txid", "txn", "txhash", "transaction", "block",
    "blockhash", "root", "nonce", "uuid", "guid", "etag", "commit", "rev", "revision", "ref", "version", "release",
    "build", "cert", "certificate", "fingerprint", "thumbprint", "url", "uri", "endpoint", "host", "path", "file",
    "filename", "dir", "folder", "name", "label", "title", "description", "desc", "type", "kind", "class", "topic",
    "selector", "bytecode", "code", "iv", "tag", "cursor", "page", "time", "timestamp", "ts", "date", "size",
    "length", "len", "count", "index", "symbol", "pair", "price", "qty", "amount", "message", "msg", "error",
    "status", "placeholder", "hint", "prefix", "suffix", "pattern", "regex", "format", "algorithm", "alg", "scope",
    "scopes", "role", "permission", "env", "var", "field", "column", "header", "integrity", "resolved", "image",
    "icon", "logo", "data", "order", "client", "req", "request", "trace", "span", "batch", "clordid", "oidc",
    "orderid", "clientoid", "account", "wallet", "vault", "user", "username", "login", "email", "node", "peer",
    "swarm", "pool", "mint", "issuer", "owner", "spender", "store", "storage", "derivation", "xpub", "expiry",
    "expires", "ttl", "url2", "cid", "cloid", "execid", "tradeid", "etags", "listkey", "listenkey", "keyhash",
    "codehash", "initcode", "genesis", "connectionid", "state", "init", "identifier", "identity", "router", "salt", "lock", "alias",
    "aliases", "exists", "required", "enabled", "valid", "test", "locals", "fixture", "mock", "expected",
    "encrypted", "enc", "ciphertext", "cipher", "mac",
];

/// Ends of glued names of other things: `lastclientorderid`.
pub(super) const OTHER_ENDS: &[&str] =
    &["orderid", "ordid", "tradeid", "txid", "txhash", "requestid", "sessionid", "userid", "chatid"];

/// Ends of glued names of parts: `okxapikey`, `mysecretkey`.
pub(super) const PART_ENDS: &[(&str, Role)] = &[
    ("apisecret", Secret),
    ("secretkey", Secret),
    ("privatekey", PrivateKey),
    ("passphrase", Passphrase),
    ("apikey", Key),
    ("accesskey", Key),
    ("secret", Secret),
];

/// Key, in other languages, and what makes it a secret one.
pub(super) const KEYS: &[&str] = &[
    "ключ",
    "키",
    "キー",
    "密钥",
    "密鑰",
    "金鑰",
    "clave",
    "llave",
    "chave",
    "clé",
    "cle",
    "anahtar",
    "anahtari",
    "anahtarı",
    "klucz",
    "schlüssel",
    "schluessel",
    "khóa",
    "khoa",
    "kunci",
    "chiave",
];
pub(super) const SECRETS: &[&str] = &[
    "секретный",
    "секрет",
    "закрытый",
    "приватный",
    "시크릿",
    "비밀",
    "シークレット",
    "秘密",
    "secret",
    "secreta",
    "secreto",
    "secrète",
    "secrete",
    "secreta",
    "segreta",
    "gizli",
    "geheim",
    "geheimer",
    "tajny",
    "sekretny",
    "prywatny",
    "bí",
    "mật",
    "rahasia",
];

/// Words in front of `key` or `id` that make it another kind of key.
#[rustfmt::skip]
pub(super) const OTHER_KEYS: &[&str] = &[
    "primary", "foreign", "listen", "cache", "sort", "partition", "dict", "map", "object", "s3", "row", "hot",
    "short", "idempotency", "host", "ssh", "gpg", "registry", "i18n", "translation", "session", "routing", "group",
    "config", "json", "storage", "lookup", "license", "site", "recaptcha", "widget", "unique", "composite", "index",
    "shard", "locale", "message", "event", "verify", "verification", "verifying", "known",
];

/// A meaning of several words that isn't that of the last one.
pub(super) struct Compound {
    pub(super) first: First,
    pub(super) last: &'static [&'static str],
    pub(super) says: Verdict,
}

/// The word that gives the last one its meaning.
pub(super) enum First {
    /// Right before it.
    Next(&'static [&'static str]),
    /// Anywhere before it.
    Any(&'static [&'static str]),
}

const fn next(first: &'static [&'static str], last: &'static [&'static str], says: Verdict) -> Compound {
    Compound { first: First::Next(first), last, says }
}

const fn any(first: &'static [&'static str], last: &'static [&'static str], says: Verdict) -> Compound {
    Compound { first: First::Any(first), last, says }
}

/// The first that fits counts.
#[rustfmt::skip]
pub(super) const COMPOUNDS: &[Compound] = &[
    next(&["frase"], &["clave", "secreta", "acceso"], Part(Passphrase, Strong)),
    next(&["client"], &["secret"], Part(Secret, Strong)),
    next(&["secret"], &["key", "token"], Part(Secret, Strong)),
    next(&["signing", "hmac"], &["key"], Part(Secret, Strong)),
    next(&["api"], &["sec"], Part(Secret, Strong)),
    any(&["secret", "encryption", "sec"], &["key"], Part(Secret, Strong)),
    any(&["private", "priv", "agent", "deployer", "signer", "validator", "wallet"], &["key"], Part(PrivateKey, Strong)),
    any(&["private", "priv"], &["keys"], Part(PrivateKey, Strong)),
    // `секретный ключ`, `시크릿 키`, `gizliAnahtar`.
    any(SECRETS, KEYS, Part(Secret, Strong)),
    next(&["public"], &["key", "id"], Part(Key, Weak)),
    next(OTHER_KEYS, &["key", "id"], Other),
    // Tokens that open no account.
    next(
        &[
            "page", "cancel", "cancellation", "csrf", "xsrf", "continuation", "next", "sync", "base", "quote", "pad", "eos",
            "bos", "unk", "mask",
        ],
        &["token"],
        Other,
    ),
    next(
        &[
            "ssh", "become", "db", "smtp", "mail", "email", "redis", "mysql", "postgres", "pg", "mongo", "root", "sudo", "rpc",
            "user", "login", "admin", "ftp", "sftp", "rabbitmq", "mqtt", "database",
        ],
        &["pass"],
        Part(Password, Strong),
    ),
    next(&["pass"], &["phrase"], Part(Passphrase, Strong)),
    next(&["api"], &["pass", "phrase", "password"], Part(Passphrase, Strong)),
    any(&["seed", "recovery", "secret", "mnemonic", "backup"], &["phrase", "words"], Part(Seed, Strong)),
    next(
        &["api", "access", "app", "client", "consumer", "trading", "exchange", "apca", "rest"],
        &["key"],
        Part(Key, Strong),
    ),
    next(&["private"], &["part", "half"], Part(Secret, Strong)),
    next(&["public"], &["part", "half"], Part(Key, Strong)),
];

/// Numbers aside, what stands behind a name whatever it says.
#[rustfmt::skip]
pub(super) const TAILS: &[&str] = &[
    "testnet", "mainnet", "demo", "paper", "sandbox", "live", "prod", "production", "dev", "staging", "spot", "futures",
    "swap", "perp", "str", "txt", "plain", "plaintext", "var",
];

/// What stands behind a name that no compound ends with: the words before tell.
#[rustfmt::skip]
pub(super) const QUALIFIERS: &[&str] = &[
    "part", "value", "string", "env", "default", "new", "old", "prod", "live", "main", "b", "base", "raw", "is", "used",
    "here",
];

/// Words that say, wherever they stand, that the value is not a credential, if nothing else tells.
pub(super) const HASHES: &[&str] =
    &["hash", "signature", "checksum", "digest", "sha", "txid", "etag", "nonce", "order"];
