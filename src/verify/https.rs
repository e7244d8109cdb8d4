//! The only code of stopleak that opens a connection. It sends what the allow-list holds and nothing else: https, TLS 1.2
//! or later with the roots of webpki, no redirects, no proxy but one that was named, no cookies, no second attempt.

use std::io::Read as _;
use std::time::Duration;

use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error};
use zeroize::Zeroizing;

use super::request::Prepared;
use super::venue::Method;

/// Time for one request, from the look-up of the name to the last byte.
const TOTAL: Duration = Duration::from_secs(10);
/// What is read of an answer at most; more is no answer of an API.
const MOST_BYTES: u64 = 64 * 1024;

/// An answer as it came. No `Debug`: bodies hold balances, names and other people's keys.
pub(super) struct Answer {
    pub(super) status: u16,
    /// The host's clock, Unix seconds.
    pub(super) date: Option<u64>,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// Why there is no answer, in our own words.
pub(super) type Failure = &'static str;

/// Sends requests.
pub(super) trait Transport {
    fn send(&mut self, request: &Prepared) -> Result<Answer, Failure>;
}

/// Sends requests over TLS.
pub(super) struct Https {
    agent: Agent,
}

impl Https {
    /// A connection maker; `proxy` is `http://host:port` if the user named one. The environment is not asked for any.
    pub(super) fn new(proxy: Option<&str>) -> Result<Self, String> {
        let proxy = match proxy {
            None => None,
            Some(named) if named.starts_with("http://") || named.starts_with("https://") => {
                let fault = |_| format!("--proxy {}: no proxy has such an address", without_login(named));
                Some(ureq::Proxy::new(named).map_err(fault)?)
            }
            Some(named) => return Err(format!("--proxy {}: write http://host:port", without_login(named))),
        };
        Ok(Self { agent: Agent::new_with_config(config(proxy, RootCerts::WebPki, TOTAL)) })
    }

    /// The same with a name look-up that leads to a mock, its certificate, and less patience.
    #[cfg(test)]
    pub(super) fn for_tests(
        resolver: impl ureq::unversioned::resolver::Resolver,
        roots: RootCerts,
        total: Duration,
    ) -> Self {
        let connector = ureq::unversioned::transport::DefaultConnector::default();
        Self { agent: Agent::with_parts(config(None, roots, total), connector, resolver) }
    }
}

/// The address of a proxy as it may be shown: a name and a password before the host are left out.
fn without_login(named: &str) -> String {
    let (scheme, rest) =
        named.split_once("://").map_or(("", named), |(_, rest)| (&named[..named.len() - rest.len()], rest));
    rest.rsplit_once('@').map_or_else(|| named.to_owned(), |(_, host)| format!("{scheme}…@{host}"))
}

fn config(proxy: Option<ureq::Proxy>, roots: RootCerts, total: Duration) -> ureq::config::Config {
    Agent::config_builder()
        .https_only(true)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(proxy)
        .timeout_global(Some(total))
        .max_response_header_size(32 * 1024)
        .max_idle_connections(0)
        .user_agent(concat!("stopleak/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(roots).build())
        .build()
}

impl Transport for Https {
    fn send(&mut self, request: &Prepared) -> Result<Answer, Failure> {
        if !request.is_allowed() {
            return Err("the request is not one of the allow-list");
        }
        let url = request.url();
        let answer = match request.method() {
            Method::Get => {
                let mut call = self.agent.get(url.as_str());
                for (name, value) in request.headers() {
                    call = call.header(*name, value.as_str());
                }
                call.call()
            }
            Method::Post => {
                let mut call = self.agent.post(url.as_str());
                for (name, value) in request.headers() {
                    call = call.header(*name, value.as_str());
                }
                call.send(request.body())
            }
        };
        let mut answer = answer.map_err(|error| words(&error))?;
        let status = answer.status().as_u16();
        let date = answer.headers().get("date").and_then(|date| http_date(date.to_str().ok()?));
        let mut body = Zeroizing::new(Vec::new());
        let mut reader = answer.body_mut().as_reader().take(MOST_BYTES + 1);
        reader.read_to_end(&mut body).map_err(|error| broken(&error))?;
        if body.len() as u64 > MOST_BYTES {
            return Err("the answer is longer than an API's would be");
        }
        Ok(Answer { status, date, body })
    }
}

/// Our words for a body that ends early.
fn broken(error: &std::io::Error) -> Failure {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::Timeout(_)) => "the host didn't answer in time",
        _ if error.kind() == std::io::ErrorKind::TimedOut => "the host didn't answer in time",
        _ => "the answer broke off",
    }
}

/// Our words for an error; the crate's own may quote the URL, which may hold a token.
fn words(error: &Error) -> Failure {
    match error {
        Error::Timeout(_) => "the host didn't answer in time",
        Error::HostNotFound => "the name of the host could not be looked up",
        Error::Tls(_) | Error::Rustls(_) => "the host's certificate is not to be trusted, so nothing was sent",
        Error::ConnectionFailed | Error::ConnectProxyFailed(_) => "the host can't be reached",
        Error::Io(error) => match error.kind() {
            // The handshake ends this way if a certificate is refused.
            std::io::ErrorKind::InvalidData => "the host's certificate is not to be trusted, so nothing was sent",
            std::io::ErrorKind::ConnectionRefused => "the host can't be reached",
            std::io::ErrorKind::TimedOut => "the host didn't answer in time",
            _ => "the connection broke off",
        },
        _ => "the answer is none of HTTP",
    }
}

/// Unix seconds of `Sat, 21 Nov 2026 08:00:00 GMT`.
fn http_date(text: &str) -> Option<u64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut words = text.split_once(", ")?.1.split(' ');
    let (day, month, year) = (words.next()?.parse::<u64>().ok()?, words.next()?, words.next()?.parse::<u64>().ok()?);
    let month = (month.len() == 3).then(|| MONTHS.find(month)).flatten().filter(|at| at % 3 == 0)? as u64 / 3 + 1;
    super::answer::seconds_of(&format!("{year:04}-{month:02}-{day:02}T{}Z", words.next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_of_a_host_is_read() {
        assert_eq!(http_date("Tue, 14 Nov 2023 22:13:20 GMT"), Some(1_700_000_000));
        for bad in ["", "Tue", "Tue, 14 Nov", "Tue, x Nov 2023 22:13:20 GMT", "Tue, 14 ovD 2023 22:13:20 GMT"] {
            assert_eq!(http_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_proxy_is_named_by_an_address() {
        assert!(Https::new(None).is_ok() && Https::new(Some("http://127.0.0.1:3128")).is_ok());
        for bad in ["127.0.0.1:3128", "socks5://127.0.0.1:1", "file:///etc", "http://"] {
            assert!(Https::new(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_error_shows_no_password_of_a_proxy() {
        for (bad, shown) in [
            ("me:pass@word@host:1", "--proxy …@host:1:"),
            ("socks5://me:pass@host:1", "--proxy socks5://…@host:1:"),
            ("http://me:pass@", "--proxy http://…@:"),
            ("host:1", "--proxy host:1:"),
        ] {
            let error = Https::new(Some(bad)).err().unwrap_or_default();
            assert!(error.starts_with(shown) && !error.contains("pass@"), "{bad}: {error}");
        }
    }

    #[test]
    fn without_a_proxy_that_was_named_there_is_none() {
        // The crate's own default asks the environment.
        assert!(Https::new(None).is_ok_and(|https| https.agent.config().proxy().is_none()));
        assert!(Https::new(Some("http://127.0.0.1:1")).is_ok_and(|https| https.agent.config().proxy().is_some()));
    }
}
