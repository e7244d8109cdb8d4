//! A mock exchange: a TLS server on loopback with a certificate made on the spot for the hosts of all venues, and a name
//! look-up that leads every name to it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use ureq::tls::{Certificate, RootCerts};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use crate::verify::https::Https;
use crate::verify::venue::venues;

/// What came in.
#[derive(Clone, Debug, Default)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: String,
    /// Names in lower case.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(&name.to_lowercase()).map(String::as_str).unwrap_or_default()
    }
}

/// What goes back.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Http {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// The connection ends within the body.
    Cut,
    /// Nothing comes until the client goes away.
    Silence,
    /// Now and then a byte, for longer than the client waits in all.
    Drip,
    /// A body of so many bytes.
    Huge(usize),
}

impl Reply {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let date = vec![("Date", "Tue, 14 Nov 2023 22:13:20 GMT".to_owned())];
        Self::Http { status, headers: date, body: body.into() }
    }
}

type Handler = Box<dyn FnMut(&Request) -> Reply + Send>;

/// The server. It ends when it is dropped.
pub(super) struct Mock {
    address: SocketAddr,
    certificate: Vec<u8>,
    handler: Arc<Mutex<Handler>>,
    /// Everything that came in, in order.
    pub(super) seen: Arc<Mutex<Vec<Request>>>,
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

impl Mock {
    pub(super) fn new(handler: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        let hosts = venues().iter().flat_map(|venue| venue.hosts.values().cloned());
        let hosts: std::collections::BTreeSet<String> = hosts.collect();
        let made = rcgen::generate_simple_self_signed(hosts.into_iter().collect::<Vec<_>>()).expect("it can be made");
        let certificate = made.cert.der().to_vec();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has them")
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .expect("certificate and key fit");
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("it is bound");
        let handler: Arc<Mutex<Handler>> = Arc::new(Mutex::new(Box::new(handler)));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = channel();
        let (config, handling, seeing) = (Arc::new(config), handler.clone(), seen.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.try_recv().is_ok() {
                    return;
                }
                // A client that goes away, as one that distrusts us does, is no failure of the server.
                let _ = stream.map(|stream| serve(stream, &config, &handling, &seeing));
            }
        });
        Self { address, certificate, handler, seen, stop, thread: Some(thread) }
    }

    /// Answers otherwise from now on, and forgets what came in.
    pub(super) fn answer(&self, handler: impl FnMut(&Request) -> Reply + Send + 'static) {
        *self.handler.lock().expect("no handler panics") = Box::new(handler);
        self.seen.lock().expect("nobody panics with it").clear();
    }

    /// A client that reaches only this server, and trusts it if `trusting`. It is patient, because machines that test are
    /// busy.
    pub(super) fn client(&self, trusting: bool) -> Https {
        let roots = if trusting { self.roots() } else { RootCerts::WebPki };
        Https::for_tests(Loopback(self.address), roots, Duration::from_secs(120))
    }

    /// A client that waits so long and not longer.
    pub(super) fn impatient_client(&self, total: Duration) -> Https {
        Https::for_tests(Loopback(self.address), self.roots(), total)
    }

    fn roots(&self) -> RootCerts {
        RootCerts::from(vec![Certificate::from_der(&self.certificate).to_owned()])
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.seen.lock().expect("nobody panics with it").clone()
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        let _ = self.stop.send(());
        // Wakes the loop, which then ends.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server doesn't panic");
        }
    }
}

fn serve(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    handler: &Mutex<Handler>,
    seen: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    let connection = ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let request = read(&mut stream)?;
    seen.lock().expect("nobody panics with it").push(request.clone());
    let reply = (handler.lock().expect("no handler panics"))(&request);
    match reply {
        Reply::Http { status, headers, body } => {
            let mut head =
                format!("HTTP/1.1 {status} Answer\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
            for (name, value) in headers {
                head += &format!("{name}: {value}\r\n");
            }
            stream.write_all(format!("{head}\r\n").as_bytes())?;
            stream.write_all(&body)?;
        }
        Reply::Cut => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"code\": \"0\", ")?;
            stream.flush()?;
            return Ok(());
        }
        Reply::Silence => {
            let _ = std::io::Read::read(&mut stream, &mut [0; 64]);
            return Ok(());
        }
        Reply::Drip => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\nConnection: close\r\n\r\n")?;
            // A minute in all; a client that goes away ends it.
            for _ in 0..3000 {
                stream.write_all(b" ")?;
                stream.flush()?;
                std::thread::sleep(Duration::from_millis(20));
            }
            return Ok(());
        }
        Reply::Huge(bytes) => {
            stream.write_all(
                format!("HTTP/1.1 200 OK\r\nContent-Length: {bytes}\r\nConnection: close\r\n\r\n").as_bytes(),
            )?;
            stream.write_all(&vec![b' '; bytes])?;
        }
    }
    stream.conn.send_close_notify();
    stream.flush()
}

fn read(stream: &mut impl std::io::Read) -> std::io::Result<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let head_end = loop {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let method = first.next().unwrap_or_default().to_owned();
    let target = first.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = bytes[head_end + 4..].to_vec();
    while body.len() < length {
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        body.extend_from_slice(&buffer[..read]);
    }
    let host = headers.get("host").cloned().unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Request { method, host, path: path.to_owned(), query: query.to_owned(), headers, body })
}

/// Every name leads to one address.
#[derive(Debug)]
struct Loopback(SocketAddr);

impl Resolver for Loopback {
    fn resolve(
        &self,
        _: &ureq::http::Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut found = self.empty();
        found.push(self.0);
        Ok(found)
    }
}
