//! Names that say what a file or folder is likely to hold. They decide what is read although git ignores it: most leaks
//! of bot owners lie in exactly the files that `.gitignore` lists.

/// Exact names, lower case, of files made to hold a credential.
const NAMES: &[&str] = &[
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".npmrc",
    ".yarnrc.yml",
    ".pypirc",
    ".htpasswd",
    ".git-credentials",
    ".dockercfg",
    ".s3cfg",
    ".boto",
    "wallet.dat",
    "keys.json",
    "key.json",
    "keys.py",
    "key.py",
    "keys.js",
    "keys.txt",
    "key.txt",
    "keys.yml",
    "keys.yaml",
    "keys.toml",
    "keys.ini",
    "auth.json",
    "local_settings.py",
    "appsettings.json",
    "seed.txt",
    "seeds.txt",
];

/// Beginnings of names that are decisive.
const STARTS: &[&str] = &[".env", "utc--", "service-account", "service_account", "appsettings."];

/// Endings of names that are decisive.
const ENDS: &[&str] = &[
    ".env",
    ".pem",
    ".key",
    ".p8",
    ".p12",
    ".pfx",
    ".jks",
    ".keystore",
    ".ppk",
    ".asc",
    ".kdbx",
    ".ovpn",
    ".tfvars",
    ".tfstate",
    ".envrc",
];

/// Words anywhere in a name that are decisive.
const WORDS: &[&str] = &[
    "secret",
    "credential",
    "passphrase",
    "mnemonic",
    "apikey",
    "api_key",
    "api-key",
    "privatekey",
    "private_key",
    "private-key",
    "keystore",
    "wallet",
    "password",
    "keypair",
];

/// Beginnings of the names of bots' configuration files (`config.json`, `config-private.json`, `conf_global.yml`), which
/// count with one of the endings in [`CONFIG_ENDS`].
const CONFIG_STARTS: &[&str] = &["config", "conf", "settings", "local", "account", "exchange", "connector", "private"];

/// Endings of configuration files.
const CONFIG_ENDS: &[&str] = &[
    ".json",
    ".json5",
    ".jsonc",
    ".yml",
    ".yaml",
    ".toml",
    ".ini",
    ".cfg",
    ".conf",
    ".py",
    ".js",
    ".ts",
    ".properties",
];

/// Folders that hold what a tool made or fetched. When git ignores them they are not entered at all; an ignored folder
/// of another name is entered, and of it only credential-bearing kinds are read.
const BULK: &[&str] = &[
    "node_modules",
    "bower_components",
    "target",
    "build",
    "dist",
    "out",
    "bin",
    "obj",
    "vendor",
    "venv",
    ".venv",
    "env",
    ".env",
    "virtualenv",
    "site-packages",
    "__pycache__",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".cache",
    ".gradle",
    ".m2",
    ".cargo",
    ".next",
    ".nuxt",
    ".turbo",
    ".parcel-cache",
    ".svelte-kit",
    "coverage",
    "htmlcov",
    ".terraform",
    ".bundle",
    "pods",
    "deriveddata",
    ".idea",
    ".vs",
    "cmake-build-debug",
    "cmake-build-release",
    ".hypothesis",
    ".ipynb_checkpoints",
    "elm-stuff",
    "_build",
    "deps",
    ".stack-work",
];

/// Whether a file of this name is read even if git ignores it.
#[must_use]
pub fn bears_credentials(name: &[u8]) -> bool {
    let mut lower = [0; 255];
    let Some(lower) = lower.get_mut(..name.len()) else { return true };
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    let lower = &*lower;
    let starts = |list: &[&str]| list.iter().any(|start| lower.starts_with(start.as_bytes()));
    let ends = |list: &[&str]| list.iter().any(|end| lower.ends_with(end.as_bytes()));
    NAMES.iter().any(|exact| lower == exact.as_bytes())
        || starts(STARTS)
        || ends(ENDS)
        || (starts(CONFIG_STARTS) && ends(CONFIG_ENDS))
        || WORDS.iter().any(|word| memchr::memmem::find(lower, word.as_bytes()).is_some())
}

/// Whether an ignored folder of this name is left out with all it holds.
#[must_use]
pub fn is_bulk(name: &[u8]) -> bool {
    BULK.iter().any(|bulk| name.eq_ignore_ascii_case(bulk.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_read_although_ignored() {
        for yes in [
            ".env",
            ".env.local",
            "prod.env",
            "binance.pem",
            "ID_RSA",
            "config.json",
            "config-private.json",
            "conf_global.yml",
            "secrets.toml",
            "my_api_keys.txt",
            "UTC--2020-01-01T00-00-00--ab",
            "AuthKey_X.p8",
        ] {
            assert!(bears_credentials(yes.as_bytes()), "{yes}");
        }
        for no in ["main.py", "data.csv", "module.pyc", "config", "README.md", "trades.json"] {
            assert!(!bears_credentials(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn folders_that_are_not_entered() {
        assert!(is_bulk(b"node_modules") && is_bulk(b"Target"));
        assert!(!is_bulk(b"user_data") && !is_bulk(b"conf"));
    }
}
