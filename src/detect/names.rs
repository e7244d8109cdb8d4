//! What a name says of the value bound to it: `BINANCE_API_SECRET`, `apiKey`, `Secret Key`, `密钥`.
//!
//! Names are split into words whatever their style, and the words decide: a role (key, secret, passphrase ...) or that
//! the value is something else (an order id, a hash, an address, a path).

use std::sync::OnceLock;

use super::lookup::Lookup;
use crate::rules::Role;
use crate::span::Span;

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It names a part of a credential.
    Part(Role, Strength),
    /// It names something that isn't one.
    Other,
    /// It says nothing.
    Nothing,
}

/// How much a name can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strength {
    /// Means this only among other signs: `key`, `k`, `pub`, `id`.
    Weak,
    /// Means this: `api_key`, `secret`, `passphrase`.
    Strong,
}

/// The words of a name, lower case: split at anything that isn't a letter or digit, at changes from small to capital
/// letters, before the last capital of a run (`APIKey` is `api`, `key`) and between letters and digits.
pub(crate) fn words(name: &[u8]) -> Vec<String> {
    if name.is_ascii() {
        return ascii_words(name);
    }
    let mut all = Vec::new();
    let mut word = String::new();
    let text = String::from_utf8_lossy(name);
    let chars: Vec<char> = text.chars().collect();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|i| chars[i]);
        let after = chars.get(at + 1);
        let starts = match before {
            Some(b) if b.is_lowercase() && c.is_uppercase() => true,
            Some(b) if b.is_uppercase() && c.is_uppercase() && after.is_some_and(|a| a.is_lowercase()) => true,
            Some(b) if b.is_ascii_digit() != c.is_ascii_digit() => true,
            _ => false,
        };
        if (!c.is_alphanumeric() || starts) && !word.is_empty() {
            all.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        all.push(word);
    }
    all
}

/// The same for names in ASCII letters, which are nearly all.
fn ascii_words(name: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    each_word(name, |word| {
        all.push(word.to_owned());
        true
    });
    all
}

/// Asks about the words of a name in order, as long as the answer is yes; whether it was for all of them.
pub(crate) fn each_word(name: &[u8], mut holds: impl FnMut(&str) -> bool) -> bool {
    if !name.is_ascii() {
        return words(name).iter().all(|word| holds(word));
    }
    in_small_letters(name, |lower| AsciiWords { name, at: 0 }.all(|word| holds(&lower[word.range()])))
}

/// Does something with a name in small letters; most names need no memory for that.
fn in_small_letters<T>(name: &[u8], work: impl FnOnce(&str) -> T) -> T {
    const SHORT: usize = 128;
    let mut buffer = [0; SHORT];
    if let Some(lower) = buffer.get_mut(..name.len()) {
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        if let Ok(lower) = std::str::from_utf8(lower) {
            return work(lower);
        }
    }
    work(&String::from_utf8_lossy(name).to_ascii_lowercase())
}

/// The places of the words of a name in ASCII letters.
struct AsciiWords<'n> {
    name: &'n [u8],
    at: usize,
}

impl Iterator for AsciiWords<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        let name = self.name;
        let start = self.at + name[self.at..].iter().position(u8::is_ascii_alphanumeric)?;
        let begins = |at: usize| {
            let (b, c) = (name[at - 1], name[at]);
            b.is_ascii_lowercase() && c.is_ascii_uppercase()
                || b.is_ascii_uppercase()
                    && c.is_ascii_uppercase()
                    && name.get(at + 1).is_some_and(u8::is_ascii_lowercase)
                || b.is_ascii_digit() != c.is_ascii_digit()
        };
        let end = (start + 1..name.len()).find(|&at| !name[at].is_ascii_alphanumeric() || begins(at));
        self.at = end.unwrap_or(name.len());
        Some(Span::new(start, self.at))
    }
}

use Role::{Id, Key, Passphrase, Password, PrivateKey, Secret, Seed, Token};
use Strength::{Strong, Weak};

/// Words that decide by themselves, glued compounds among them. Later words of a name win over earlier ones.
#[rustfmt::skip]
const PARTS: &[(&str, Role, Strength)] = &[
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
const OTHER: &[&str] = &[
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
const OTHER_ENDS: &[&str] =
    &["orderid", "ordid", "tradeid", "txid", "txhash", "requestid", "sessionid", "userid", "chatid"];

/// Ends of glued names of parts: `okxapikey`, `mysecretkey`.
const PART_ENDS: &[(&str, Role)] = &[
    ("apisecret", Secret),
    ("secretkey", Secret),
    ("privatekey", PrivateKey),
    ("passphrase", Passphrase),
    ("apikey", Key),
    ("accesskey", Key),
    ("secret", Secret),
];

/// Key, in other languages, and what makes it a secret one.
const KEYS: &[&str] = &[
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
const SECRETS: &[&str] = &[
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
const OTHER_KEYS: &[&str] = &[
    "public", "primary", "foreign", "listen", "cache", "sort", "partition", "dict", "map", "object", "s3", "row", "hot",
    "short", "idempotency", "host", "ssh", "gpg", "registry", "i18n", "translation", "session", "routing", "group",
    "config", "json", "storage", "lookup", "license", "site", "recaptcha", "widget", "unique", "composite", "index",
    "shard", "locale", "message", "event", "verify", "verification", "verifying", "known",
];

/// What a name says of the value bound to it.
pub(crate) fn verdict(name: &[u8]) -> Verdict {
    const FEW: usize = 16;
    if !name.is_ascii() {
        return of_words(&words(name));
    }
    in_small_letters(name, |lower| {
        let (mut few, mut count) = ([""; FEW], 0);
        for word in (AsciiWords { name, at: 0 }) {
            let Some(place) = few.get_mut(count) else { return of_words(&words(name)) };
            *place = &lower[word.range()];
            count += 1;
        }
        of_strs(&few[..count])
    })
}

fn part(word: &str) -> Option<(Role, Strength)> {
    static TABLE: OnceLock<Lookup<(Role, Strength)>> = OnceLock::new();
    let table = TABLE.get_or_init(|| Lookup::new(PARTS.iter().map(|part| (part.0, (part.1, part.2)))));
    table.get(word).copied()
}

/// What the words of a name say.
pub(crate) fn of_words(words: &[String]) -> Verdict {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    of_strs(&words)
}

fn of_strs(mut words: &[&str]) -> Verdict {
    while let [.., _, last] = words
        && is_tail(last)
    {
        words = &words[..words.len() - 1];
    }
    let Some(&last) = words.last() else { return Verdict::Nothing };
    if words.len() > 1 && matches!(words[0], "hashed" | "encrypted") {
        return Verdict::Other;
    }
    let previous = words.len().checked_sub(2).map_or("", |at| words[at]);
    let has = |word: &str| words.contains(&word);
    let both = |a: &str, b: &str| previous == a && last == b;
    // Names of several words whose meaning isn't that of their last one.
    // The id of a key of which nothing else is said may be any key's: of a service account, of what signs tokens.
    if both("key", "id") && has("private") {
        return Verdict::Other;
    }
    if last == "id"
        && (matches!(previous, "key" | "apikey" | "accesskey" | "access" | "client" | "api") && !has("order"))
    {
        let said = has("api") || has("access") || matches!(previous, "apikey" | "accesskey");
        return Verdict::Part(Key, if said && previous.ends_with("key") { Strong } else { Weak });
    }
    // `FRASE_CLAVE`, `frase secreta`.
    if previous == "frase" && matches!(last, "clave" | "secreta" | "acceso") {
        return Verdict::Part(Passphrase, Strong);
    }
    if both("client", "secret")
        || both("secret", "key")
        || both("secret", "token")
        || both("signing", "key")
        || both("hmac", "key")
        || both("api", "sec")
    {
        return Verdict::Part(Secret, Strong);
    }
    if last == "key" && (has("secret") || has("encryption") || has("sec")) {
        return Verdict::Part(Secret, Strong);
    }
    if last == "key"
        && (has("private")
            || has("priv")
            || has("agent")
            || has("deployer")
            || has("signer")
            || has("validator")
            || has("wallet"))
    {
        return Verdict::Part(PrivateKey, Strong);
    }
    if last == "keys" && (has("private") || has("priv")) {
        return Verdict::Part(PrivateKey, Strong);
    }
    // `секретный ключ`, `시크릿 키`, `gizliAnahtar`.
    if words.len() > 1 && KEYS.contains(&last) && words[..words.len() - 1].iter().any(|word| SECRETS.contains(word)) {
        return Verdict::Part(Secret, Strong);
    }
    if (last == "key" || last == "id") && OTHER_KEYS.contains(&previous) {
        return if previous == "public" { Verdict::Part(Key, Weak) } else { Verdict::Other };
    }
    // Tokens that open no account.
    if last == "token"
        && matches!(
            previous,
            "page"
                | "cancel"
                | "cancellation"
                | "csrf"
                | "xsrf"
                | "continuation"
                | "next"
                | "sync"
                | "base"
                | "quote"
                | "pad"
                | "eos"
                | "bos"
                | "unk"
                | "mask"
        )
    {
        return Verdict::Other;
    }
    if last == "pass"
        && matches!(
            previous,
            "ssh"
                | "become"
                | "db"
                | "smtp"
                | "mail"
                | "email"
                | "redis"
                | "mysql"
                | "postgres"
                | "pg"
                | "mongo"
                | "root"
                | "sudo"
                | "rpc"
                | "user"
                | "login"
                | "admin"
                | "ftp"
                | "sftp"
                | "rabbitmq"
                | "mqtt"
                | "database"
        )
    {
        return Verdict::Part(Password, Strong);
    }
    if both("pass", "phrase") || both("api", "pass") || both("api", "phrase") || both("api", "password") {
        return Verdict::Part(Passphrase, Strong);
    }
    if (last == "phrase" || last == "words")
        && (has("seed") || has("recovery") || has("secret") || has("mnemonic") || has("backup"))
    {
        return Verdict::Part(Seed, Strong);
    }
    if last == "key"
        && matches!(
            previous,
            "api" | "access" | "app" | "client" | "consumer" | "trading" | "exchange" | "apca" | "rest"
        )
    {
        return Verdict::Part(Key, Strong);
    }
    if both("private", "part") || both("private", "half") {
        return Verdict::Part(Secret, Strong);
    }
    if both("public", "part") || both("public", "half") {
        return Verdict::Part(Key, Strong);
    }
    if matches!(
        last,
        "part"
            | "value"
            | "string"
            | "env"
            | "default"
            | "new"
            | "old"
            | "prod"
            | "live"
            | "main"
            | "b"
            | "base"
            | "raw"
            | "is"
            | "used"
            | "here"
    ) && words.len() > 1
    {
        return of_strs(&words[..words.len() - 1]);
    }
    // `2025-05-10T23:02:42`: the letter of a time.
    if last.len() == 1 && words[0].bytes().all(|byte| byte.is_ascii_digit()) {
        return Verdict::Nothing;
    }
    if let Some((role, strength)) = part(last) {
        return Verdict::Part(role, strength);
    }
    // An id of nothing in particular: of a key, perhaps.
    if words == ["id"] {
        return Verdict::Nothing;
    }
    // `secret_hint=VALUE`: nobody writes a hint for a random value.
    if both("secret", "hint") {
        return Verdict::Part(Secret, Weak);
    }
    if is_other(last) || OTHER_ENDS.iter().any(|end| last.ends_with(end)) {
        return Verdict::Other;
    }
    if let Some(&(_, role)) = PART_ENDS.iter().find(|(end, _)| last.ends_with(end)) {
        return Verdict::Part(role, Strong);
    }
    // `my_secret_x`, `keyForBinance`: an earlier word may still tell, weakly.
    if let Some((role, _)) = words.iter().rev().skip(1).find_map(|word| part(word).filter(|part| part.1 == Strong)) {
        return Verdict::Part(role, Weak);
    }
    if words.iter().any(|word| {
        matches!(*word, "hash" | "signature" | "checksum" | "digest" | "sha" | "txid" | "etag" | "nonce" | "order")
    }) {
        return Verdict::Other;
    }
    Verdict::Nothing
}

fn is_other(word: &str) -> bool {
    static TABLE: OnceLock<Lookup<()>> = OnceLock::new();
    TABLE.get_or_init(|| Lookup::new(OTHER.iter().map(|word| (*word, ())))).get(word).is_some()
}

/// Numbers and qualifiers at the end of a name.
fn is_tail(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
        || matches!(
            word,
            "testnet"
                | "mainnet"
                | "demo"
                | "paper"
                | "sandbox"
                | "live"
                | "prod"
                | "production"
                | "dev"
                | "staging"
                | "spot"
                | "futures"
                | "swap"
                | "perp"
                | "str"
                | "txt"
                | "plain"
                | "plaintext"
                | "var"
        )
}

/// Whether a value bound to a name of role `named` can be a part of role `wanted`.
pub(crate) fn fits(named: Role, wanted: Role) -> bool {
    match named {
        Key => matches!(wanted, Key | Token | Id),
        Secret => matches!(wanted, Secret | PrivateKey | Token | Seed),
        PrivateKey => matches!(wanted, PrivateKey | Secret | Seed),
        Token => matches!(wanted, Token | Secret | Key),
        Passphrase => matches!(wanted, Passphrase | Password | Seed),
        Password => matches!(wanted, Password | Passphrase | Secret),
        Seed => matches!(wanted, Seed | PrivateKey | Secret),
        Id => matches!(wanted, Id | Key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_split_into_words() {
        let cases: &[(&str, &[&str])] = &[
            ("BINANCE_API_KEY", &["binance", "api", "key"]),
            ("binanceApiSecret", &["binance", "api", "secret"]),
            ("APIKey", &["api", "key"]),
            ("X-MBX-APIKEY", &["x", "mbx", "apikey"]),
            ("Secret Key", &["secret", "key"]),
            ("key2", &["key", "2"]),
            ("密钥", &["密钥"]),
        ];
        for (name, expected) in cases {
            assert_eq!(words(name.as_bytes()), *expected, "{name}");
        }
    }

    #[test]
    fn names_tell_roles() {
        let cases: &[(&str, Verdict)] = &[
            ("BINANCE_API_KEY", Verdict::Part(Key, Strong)),
            ("apiSecret", Verdict::Part(Secret, Strong)),
            ("secret_key", Verdict::Part(Secret, Strong)),
            ("Secret Key", Verdict::Part(Secret, Strong)),
            ("aws_secret_access_key", Verdict::Part(Secret, Strong)),
            ("AWS_ACCESS_KEY_ID", Verdict::Part(Key, Strong)),
            ("OKX_API_PASSPHRASE", Verdict::Part(Passphrase, Strong)),
            ("DB_PASSWORD", Verdict::Part(Password, Strong)),
            ("PRIVATE_KEY", Verdict::Part(PrivateKey, Strong)),
            ("key", Verdict::Part(Key, Weak)),
            ("PRV_1", Verdict::Part(Secret, Weak)),
            ("client_id", Verdict::Part(Key, Weak)),
            ("key_id", Verdict::Part(Key, Weak)),
            ("private_key_id", Verdict::Other),
            ("APP_ID", Verdict::Other),
            ("BITMEX_MAIN_PUBLIC", Verdict::Part(Key, Weak)),
            ("KITE_SECERT", Verdict::Part(Secret, Strong)),
            ("FRASE_CLAVE", Verdict::Part(Passphrase, Strong)),
            ("secrets", Verdict::Part(Secret, Weak)),
            ("seed phrase", Verdict::Part(Seed, Strong)),
            ("секрет", Verdict::Part(Secret, Strong)),
            ("СекретныйКлюч", Verdict::Part(Secret, Strong)),
            ("시크릿 키", Verdict::Part(Secret, Strong)),
            ("액세스 키", Verdict::Part(Key, Weak)),
            ("gizliAnahtar", Verdict::Part(Secret, Strong)),
            ("PRIVATE_KEYS", Verdict::Part(PrivateKey, Strong)),
            ("clientOrderId", Verdict::Other),
            ("secret_hash", Verdict::Other),
            ("token_address", Verdict::Other),
            ("X-BAPI-SIGN", Verdict::Other),
            ("private_key_path", Verdict::Other),
            ("cache_key", Verdict::Other),
            ("LAST_TXID", Verdict::Other),
            ("symbol", Verdict::Other),
            ("LAST_CLIENTORDERID", Verdict::Other),
            ("okxapikey", Verdict::Part(Key, Strong)),
            ("bybitsecret", Verdict::Part(Secret, Strong)),
            ("hashed_secret", Verdict::Other),
            ("secret_hint", Verdict::Part(Secret, Weak)),
            ("password_hint", Verdict::Other),
            ("2025-05-10T23", Verdict::Nothing),
            ("frobnicate", Verdict::Nothing),
        ];
        for (name, expected) in cases {
            assert_eq!(verdict(name.as_bytes()), *expected, "{name}");
        }
    }
}
