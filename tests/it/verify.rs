//! `scan --verify` and `stopleak verify` from outside. No exchange is ever reached: what would be sent is only shown, or
//! goes to a proxy of the test's own that has no trustworthy certificate.

use crate::harness::{ALNUM, Dir, random};

fn pair() -> String {
    format!("BINANCE_API_KEY={}\nBINANCE_API_SECRET={}\n", random(1, ALNUM, 64), random(2, ALNUM, 64))
}

#[cfg(not(feature = "verify"))]
#[test]
fn a_build_without_network_code_says_how_to_get_one_with() {
    let dir = Dir::new();
    dir.file(".env", pair());
    let cases: &[&[&str]] = &[
        &["scan", "--verify"],
        &["scan", "--verify", "--yes"],
        &["scan", "--verify=dry-run"],
        &["verify", "--list"],
        &["verify", "--exchange", "binance"],
    ];
    for args in cases {
        let run = dir.run(args);
        run.fails(2, &["no network code", "--features verify"]);
        assert_eq!(run.stdout, "", "{args:?}");
    }
}

/// The keys and secrets of two pairs are nowhere in what a run said.
#[cfg(feature = "verify")]
#[track_caller]
fn tells_no_value(run: &crate::harness::Run) {
    for seed in [1, 2, 3, 4] {
        let value = random(seed, ALNUM, 64);
        assert!(!run.stdout.contains(&value[4..14]) && !run.stderr.contains(&value[4..14]), "{run:#?}");
    }
}

#[cfg(feature = "verify")]
mod asking {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn bad_usage_is_refused_before_anything_is_read() {
        let dir = Dir::new();
        dir.file(".env", pair());
        let cases: &[(&[&str], &[&str])] = &[
            (&["scan", "--verify"], &["--yes", "--verify=dry-run", "Nothing was scanned"]),
            (&["scan", "--verify", ".env"], &["--yes"]),
            (&["scan", "--yes"], &["--verify"]),
            (&["scan", "--proxy", "http://127.0.0.1:1"], &["--verify"]),
            (&["scan", "--verify=perhaps"], &["perhaps", "dry-run"]),
            (&["scan", "--verify", "--yes", "--proxy", "localhost"], &["--proxy localhost", "http://host:port"]),
            (&["verify"], &["--list", "--exchange"]),
            (&["verify", "--exchange", "binanse"], &["binanse", "did you mean", "binance", "--list"]),
            (&["verify", "--exchange", "okx", "--environment", "test"], &["OKX", "live, demo"]),
            (&["verify", "--exchange", "binance", "key", "secret"], &["unexpected argument"]),
        ];
        for (args, says) in cases {
            let run = dir.run(args);
            run.fails(2, says);
            assert_eq!(run.stdout, "", "{args:?}");
        }
    }

    #[test]
    fn a_dry_run_shows_the_requests_and_sends_nothing() {
        let dir = Dir::new();
        dir.file(".env", pair()).file("other.env", format!("GATE_API_SECRET={}\n", random(3, "0123456789abcdef", 64)));
        let run = dir.run(&["scan", "--verify=dry-run", "--format", "json"]);
        let fingerprint = run.stdout.split("\"fingerprint\": \"").nth(1).expect("there is a finding")[..16].to_owned();
        run.fails(
            1,
            &[
                "GET https://api.binance.com/sapi/v1/account/apiRestrictions",
                &fingerprint,
                "nothing was sent",
                "1 of 2",
            ],
        );
        assert!(!run.stdout.contains("verification"), "{run:#?}");
        tells_no_value(&run);
    }

    /// "Is what lies in the history still live?" Hooks don't ask: they must be quick, and nobody reads what they do.
    #[cfg(feature = "git")]
    #[test]
    fn histories_and_ranges_can_be_asked_about_and_hooks_can_not() {
        let repo = crate::repo::Repo::new();
        repo.commit("README", "text");
        repo.commit("live.env", &pair());
        repo.commit("live.env", "nothing");
        for args in [&["git"][..], &["diff", "HEAD~2"], &["git", "--range", "HEAD~2..HEAD"]] {
            let run = Dir::new().run(&[args, &["--verify=dry-run", "--quiet"]].concat());
            assert_eq!(run.code, Some(2), "no repository there: {run:#?}");
            let mut command = Dir::new().command(&[args, &["--verify=dry-run"]].concat());
            let run = crate::harness::Run::of(command.current_dir(repo.path()));
            run.fails(1, &["GET https://api.binance.com/sapi/v1/account/apiRestrictions", "nothing was sent"]);
            tells_no_value(&run);
            let mut command = Dir::new().command(&[args, &["--verify"]].concat());
            crate::harness::Run::of(command.current_dir(repo.path())).fails(2, &["--yes", "Nothing was scanned"]);
        }
        for command in ["staged", "push"] {
            Dir::new().run(&[command, "--verify=dry-run"]).fails(2, &["unexpected argument"]);
        }
        Dir::new().run(&["hook", "run", "--verify=dry-run"]).fails(2, &["unexpected argument"]);
    }

    #[test]
    fn whom_stopleak_can_ask_is_listed_a_line_each() {
        let run = Dir::new().run(&["verify", "--list"]);
        run.prints(0, &["binance ", "krakenfutures ", "hyperliquid ", "permissions,ip"]);
        assert_eq!(run.stdout.lines().count(), 29);
    }

    #[test]
    fn a_key_comes_from_standard_input() {
        let dir = Dir::new();
        let typed = format!("{}\n{}\n", random(1, ALNUM, 64), random(2, ALNUM, 64));
        let args = ["verify", "--exchange", "binance", "--dry-run"];
        let run = dir.run_with_input(&args, typed.as_bytes());
        run.fails(0, &["GET https://api.binance.com/sapi/v1/account/apiRestrictions", "nothing was sent"]);
        tells_no_value(&run);
        dir.run_with_input(&args, b"onlyakey\n").fails(2, &["lacks the secret", "key, secret"]);
        dir.run_with_input(&args, b"").fails(2, &["lacks the key"]);
    }

    #[test]
    fn what_can_not_be_sent_is_said_before_anything_is() {
        let dir = Dir::new();
        let label = "PRIVATE KEY";
        let pem = format!("key\n-----BEGIN {label}-----\nAAAA\nBBBB\n-----END {label}-----\n");
        let cases: &[(&str, &str, &[&str])] = &[
            ("binance", &pem, &["Binance", "secret of this kind", "nothing was sent"]),
            ("kraken", "key\nno base64!\n", &["Kraken", "secret of this kind", "nothing was sent"]),
            ("telegram", "../../x?y\n", &["Telegram", "can't be sent", "nothing was sent"]),
            ("okx", "key X-Other: evil\nsecret\nphrase\n", &["OKX", "can't be sent", "nothing was sent"]),
        ];
        for (exchange, typed, says) in cases {
            for more in [&[][..], &["--dry-run"]] {
                let args = [&["verify", "--exchange", exchange], more].concat();
                dir.run_with_input(&args, typed.as_bytes()).fails(2, says);
            }
        }
    }

    #[test]
    fn the_password_of_a_proxy_is_in_no_message() {
        let dir = Dir::new();
        dir.file(".env", pair());
        for proxy in ["me:pass@word@127.0.0.1:1", "socks5://me:pass@word@127.0.0.1:1", "http://me:pass@word@"] {
            let run = dir.run(&["scan", "--verify", "--yes", "--proxy", proxy]);
            run.fails(2, &["--proxy"]);
            assert!(!run.stderr.contains("pass@") && !run.stderr.contains("word"), "{run:#?}");
        }
    }

    /// The proxy that was named is used, whatever the environment says; that of the environment is not.
    #[test]
    fn variables_have_no_say_about_the_way() {
        let dir = Dir::new();
        dir.file(".env", pair());
        let (named, other) = (Proxy::new(), Proxy::new());
        let mut command = dir.command(&["scan", "--verify", "--yes", "--proxy", &named.url, "--format", "json"]);
        for name in ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(name, &other.url);
        }
        command.env("NO_PROXY", "*").env("no_proxy", "api.binance.com");
        command.env("SSL_CERT_FILE", dir.at(".env")).env("SSLKEYLOGFILE", dir.at("keys.log"));
        let run = crate::harness::Run::of(&mut command);
        run.prints(1, &["\"verdict\": \"inconclusive\""]);
        assert!(named.seen().starts_with(b"CONNECT api.binance.com:443"), "{run:#?}");
        assert!(other.seen().is_empty() && !dir.at("keys.log").exists(), "{run:#?}");
    }

    /// A repository that brings a rule which takes any token for Telegram's, whose tokens travel whole.
    #[test]
    fn a_rule_file_of_the_scanned_repository_sends_nothing_to_an_exchange() {
        let dir = Dir::new();
        let rules = "[[rules]]\nid = 'telegram-bot'\nregex = 'ACME=([A-Za-z0-9]{40})'\nkeywords = ['acme']\n";
        dir.file("telegram.toml", rules).file("a.env", format!("ACME={}\n", random(5, ALNUM, 40)));
        dir.file("stopleak.toml", "[rules]\nfiles = [\"telegram.toml\"]\n");
        let proxy = Proxy::new();
        let run = dir.run(&["scan", "--verify", "--yes", "--proxy", &proxy.url, "--format", "json"]);
        assert!(run.stdout.contains("telegram-bot") && !run.stdout.contains("\"verdict\""), "{run:#?}");
        assert!(run.stderr.contains("can't be asked about"), "{run:#?}");
        assert!(proxy.seen().is_empty());
    }

    /// Nothing in what is scanned, and no variable, can switch asking on.
    #[test]
    fn only_the_command_line_can_ask() {
        let dir = Dir::new();
        dir.file(".env", pair());
        for name in [".stopleak.toml", "stopleak.toml", ".stopleak/config.toml"] {
            dir.file(name, "verify = true\nyes = true\n[scan]\nverify = \"ask\"\nyes = true\n");
        }
        let proxy = Proxy::new();
        let mut command = dir.command(&["scan", "--format", "json"]);
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
            command.env(name, &proxy.url);
        }
        command.env("STOPLEAK_VERIFY", "ask").env("STOPLEAK_YES", "1");
        let run = crate::harness::Run::of(&mut command);
        assert!(!run.stdout.contains("\"verification\""), "{run:#?}");
        assert!(proxy.seen().is_empty());
    }

    /// The whole way through the program to a socket: a proxy whose certificate nobody signed learns the host and no more.
    #[test]
    fn who_can_not_prove_to_be_the_exchange_learns_nothing() {
        let dir = Dir::new();
        dir.file(".env", pair());
        let proxy = Proxy::new();
        let run = dir.run(&["scan", "--verify", "--yes", "--proxy", &proxy.url, "--format", "json"]);
        run.prints(1, &["\"verdict\": \"inconclusive\"", "\"host\": \"api.binance.com\""]);
        tells_no_value(&run);
        let seen = proxy.seen();
        assert!(seen.starts_with(b"CONNECT api.binance.com:443 HTTP/1.1\r\n"), "{}", String::from_utf8_lossy(&seen));
        for seed in [1, 2] {
            let value = random(seed, ALNUM, 64);
            assert!(!seen.windows(12).any(|piece| piece == &value.as_bytes()[..12]), "a value reached the proxy");
        }
        let typed = format!("{}\n{}\n", random(1, ALNUM, 64), random(2, ALNUM, 64));
        let args = ["verify", "--exchange", "binance", "--proxy", &proxy.url];
        dir.run_with_input(&args, typed.as_bytes()).prints(3, &["inconclusive", "api.binance.com"]);
    }

    /// A terminal: the end that a person sits at, and the name of the other.
    #[cfg(target_os = "linux")]
    fn terminal() -> (std::fs::File, String) {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("the system has terminals");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("it is ours");
        let name = ptsname(&master, Vec::new()).expect("it has a name").into_string().expect("it is a path");
        (std::fs::File::from(master), name)
    }

    #[cfg(target_os = "linux")]
    fn opened(terminal: &str) -> std::fs::File {
        std::fs::File::options().read(true).write(true).open(terminal).expect("it can be opened")
    }

    /// The program at a terminal.
    #[cfg(target_os = "linux")]
    fn started(dir: &Dir, args: &[&str], terminal: &str) -> std::process::Child {
        let mut command = dir.command(args);
        command.stdin(opened(terminal)).stderr(opened(terminal)).stdout(std::process::Stdio::null());
        command.spawn().expect("the program runs")
    }

    /// The program at a terminal, which types `typed` once the program has asked; what the terminal shows.
    #[cfg(target_os = "linux")]
    fn at_a_terminal(dir: &Dir, args: &[&str], asks: &str, typed: &str) -> (Option<i32>, String) {
        let (mut master, name) = terminal();
        let mut child = started(dir, args, &name);
        let mut shown = Vec::new();
        let mut buffer = [0; 512];
        let mut answered = false;
        // Reading ends with an error when nobody has the other end open any more.
        while let Ok(read) = master.read(&mut buffer) {
            shown.extend_from_slice(&buffer[..read]);
            if !answered && String::from_utf8_lossy(&shown).contains(asks) {
                answered = true;
                master.write_all(typed.as_bytes()).expect("the terminal takes it");
            }
        }
        let code = child.wait().expect("it ends").code();
        (code, String::from_utf8_lossy(&shown).into_owned())
    }

    /// Ctrl-C while the secret is asked for: a shell whose echo stayed off would seem dead.
    #[cfg(target_os = "linux")]
    #[test]
    fn an_interrupt_at_the_prompt_leaves_the_terminal_as_it_was() {
        use rustix::process::{Pid, Signal, kill_process};
        use rustix::termios::{LocalModes, tcgetattr};
        for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
            let (mut master, name) = terminal();
            let ours = opened(&name);
            let echoes = || tcgetattr(&ours).expect("it is a terminal").local_modes.contains(LocalModes::ECHO);
            assert!(echoes());
            let mut child = started(&Dir::new(), &["verify", "--exchange", "binance", "--dry-run"], &name);
            let mut shown = Vec::new();
            let mut buffer = [0; 512];
            while !String::from_utf8_lossy(&shown).contains("Binance key: ") {
                let read = master.read(&mut buffer).expect("it asks");
                shown.extend_from_slice(&buffer[..read]);
            }
            assert!(!echoes(), "what is typed would be shown");
            let pid = Pid::from_raw(i32::try_from(child.id()).expect("ids are small")).expect("it is no zero");
            kill_process(pid, signal).expect("it is ours");
            assert_eq!(child.wait().expect("it ends").code(), Some(code));
            assert!(echoes(), "the echo stayed off");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn at_a_terminal_it_asks_once_and_takes_no_for_an_answer() {
        let dir = Dir::new();
        dir.file(".env", pair());
        let proxy = Proxy::new();
        let args = ["scan", "--verify", "--proxy", &proxy.url];
        for typed in ["n\n", "\n", "what?\n"] {
            let (code, shown) = at_a_terminal(&dir, &args, "[y/N]", typed);
            assert_eq!(code, Some(1), "{shown}");
            assert!(
                shown.contains("1 key will be used at: api.binance.com") && shown.contains("nothing was asked"),
                "{shown}"
            );
        }
        assert!(proxy.seen().is_empty());
        let (code, shown) = at_a_terminal(&dir, &args, "[y/N]", "y\n");
        assert_eq!((code, shown.matches("[y/N]").count()), (Some(1), 1), "{shown}");
        assert!(proxy.seen().starts_with(b"CONNECT api.binance.com:443"), "{shown}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_typed_is_not_shown() {
        let dir = Dir::new();
        let (key, secret) = (random(1, ALNUM, 64), random(2, ALNUM, 64));
        let args = ["verify", "--exchange", "binance", "--dry-run"];
        let (code, shown) = at_a_terminal(&dir, &args, "Binance key: ", &format!("{key}\n{secret}\n"));
        assert_eq!(code, Some(0), "{shown}");
        assert!(shown.contains("Binance secret: ") && shown.contains("nothing was sent"), "{shown}");
        assert!(!shown.contains(&key[4..14]) && !shown.contains(&secret[4..14]), "{shown}");
    }

    /// A proxy that lets everybody through to a server with a certificate of its own.
    struct Proxy {
        url: String,
        seen: Arc<Mutex<Vec<u8>>>,
    }

    impl Proxy {
        fn new() -> Self {
            let made = rcgen::generate_simple_self_signed(["api.binance.com".to_owned()]).expect("it can be made");
            let key = rustls::pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .expect("ring has them")
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key.into())
                .expect("certificate and key fit");
            let config = Arc::new(config);
            let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
            let url = format!("http://{}", listener.local_addr().expect("it is bound"));
            let seen = Arc::new(Mutex::new(Vec::new()));
            let seeing = seen.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming() {
                    let Ok(mut stream) = stream else { return };
                    let mut head = Vec::new();
                    let mut byte = [0];
                    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                        head.push(byte[0]);
                    }
                    seeing.lock().expect("nobody panics with it").append(&mut head);
                    if stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").is_err() {
                        continue;
                    }
                    let connection = rustls::ServerConnection::new(config.clone()).expect("the configuration is right");
                    let mut tls = rustls::StreamOwned::new(connection, stream);
                    // The client should end the handshake; what it says instead is noted.
                    let mut said = Vec::new();
                    let _ = tls.read_to_end(&mut said);
                    seeing.lock().expect("nobody panics with it").extend_from_slice(&said);
                }
            });
            Self { url, seen }
        }

        fn seen(&self) -> Vec<u8> {
            self.seen.lock().expect("nobody panics with it").clone()
        }
    }
}
