use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    routing::get,
};
use expect_test::{Expect, expect};
use futures::StreamExt;
use http::StatusCode;
use jiff::Timestamp;
use parking_lot::Mutex;
use prometheus_client::{metrics::counter::Counter, registry::Registry};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, oneshot},
    task::JoinHandle,
};
use tokio_rustls::TlsConnector;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{
    Guard, Limits, Server,
    health::{self, Check},
    listen_address, metrics, tls_config,
};
use crate::{
    access::PeerCertificate,
    pki::{Authority, Pair, Profile},
};

/// TLS libraries read the real clock; a certificate of a year ago to a year ahead is good for both.
fn now() -> Timestamp {
    let since = std::fs::metadata("/proc/self/stat").and_then(|file| file.modified()).expect("the present");
    Timestamp::try_from(since).expect("a time")
}

struct Running {
    authority: Authority,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
    _dir: tempfile::TempDir,
}

/// Answers with the certificate's length, or with frames for ever when it is a watch.
fn echo() -> Router {
    let endless = get(|| async {
        let frames = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"first\n"))]);
        Body::from_stream(frames.chain(futures::stream::pending()))
    });
    Router::new().route("/watch", endless).fallback(|request: Request| async move {
        let certificate = request.extensions().get::<PeerCertificate>();
        let version = request.version();
        certificate.map_or_else(
            || format!("{version:?} nobody"),
            |certificate| format!("{version:?} {} bytes", certificate.0.len()),
        )
    })
}

async fn running(limits: Limits) -> Running {
    let dir = tempfile::tempdir().expect("a directory");
    let authority = Authority::open(dir.path(), &Profile::cluster(&[]), now()).expect("an authority");
    let pair = authority.server(&["localhost".into(), "127.0.0.1".into()], now()).expect("a certificate");
    let tls = tls_config(&pair, Some(authority.certificate())).expect("a configuration");
    let listener = TcpListener::bind(listen_address("0").expect("an address")).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    assert!(address.ip().is_loopback());
    let (stop, stopped) = oneshot::channel::<()>();
    let server = Server::new(tls, echo(), [], limits);
    let task = tokio::spawn(async move { server.run(listener, async { drop(stopped.await) }).await });
    Running { authority, address, stop: Some(stop), task, _dir: dir }
}

#[tokio::test]
async fn a_webhook_is_called_over_tls_and_must_prove_its_name() {
    use crate::webhook::{Caller, Target};
    let running = running(Limits::default()).await;
    let target = |name: &str, authorities: &str| Target {
        host: "127.0.0.1".into(),
        port: running.address.port(),
        name: name.into(),
        path: "/hook?timeout=5s".into(),
        authorities: authorities.as_bytes().to_vec(),
        timeout_secs: 5,
    };
    let ours = running.authority.certificate();
    let answer = super::Webhooks.call(target("localhost", ours), Bytes::from_static(b"{}")).await;
    assert_eq!(answer.as_deref(), Ok(b"HTTP/1.1 nobody".as_slice()));
    let other_name = super::Webhooks.call(target("hooks.default.svc", ours), Bytes::new()).await;
    assert!(other_name.is_err_and(|why| why.starts_with("tls: invalid peer certificate")));
    let untrusted = super::Webhooks.call(target("localhost", "no PEM"), Bytes::new()).await;
    assert!(untrusted.is_err_and(|why| why.starts_with("unable to load root certificates")));
    let mut silent = target("localhost", ours);
    (silent.path, silent.timeout_secs) = ("/watch".into(), 0);
    assert_eq!(super::Webhooks.call(silent, Bytes::new()).await, Err("context deadline exceeded".into()));
}

type Stream = tokio_rustls::client::TlsStream<TcpStream>;

impl Running {
    async fn connect(&self, client: Option<&Pair>, protocol: &[u8]) -> std::io::Result<Stream> {
        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(self.authority.certificate().as_bytes()).expect("PEM");
        roots.add(root).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
        let builder = builder.with_root_certificates(roots);
        let mut config = match client {
            None => builder.with_no_client_auth(),
            Some(pair) => {
                let certificate = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).expect("PEM");
                let key = PrivateKeyDer::from_pem_slice(pair.key.reveal().as_bytes()).expect("PEM");
                builder.with_client_auth_cert(vec![certificate], key).expect("a certificate")
            }
        };
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.address).await?;
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost").expect("a name"), stream).await
    }

    /// One HTTP/1.1 request; the whole answer.
    async fn get(&self, client: Option<&Pair>, path: &str) -> std::io::Result<String> {
        let mut stream = self.connect(client, b"http/1.1").await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }
}

#[tokio::test]
async fn clients_come_with_a_certificate_of_the_authority_or_without_any() {
    let server = running(Limits::default()).await;
    let answer = server.get(None, "/").await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("HTTP/1.1 nobody"), "{answer}");
    let own = server.authority.client("ann", None, now()).expect("a certificate");
    let length = own.der().expect("DER").len();
    let answer = server.get(Some(&own), "/").await.expect("an answer");
    assert!(answer.ends_with(&format!("HTTP/1.1 {length} bytes")), "{answer}");

    let elsewhere = tempfile::tempdir().expect("a directory");
    let other = Authority::open(elsewhere.path(), &Profile::cluster(&[]), now()).expect("an authority");
    let forged = other.client("kubernetes-admin", Some("system:masters"), now()).expect("a certificate");
    assert!(server.get(Some(&forged), "/").await.is_err(), "a certificate of another authority");
    let year_ago = now() - jiff::SignedDuration::from_hours(24 * 400);
    let expired = server.authority.client("ann", None, year_ago).expect("a certificate");
    assert!(server.get(Some(&expired), "/").await.is_err(), "an expired certificate");
    let wrong_use = server.authority.server(&["localhost".into()], now()).expect("a certificate");
    assert!(server.get(Some(&wrong_use), "/").await.is_err(), "a server's certificate");
}

#[tokio::test]
async fn http2_and_its_authority_are_served() {
    let server = running(Limits::default()).await;
    let stream = server.connect(None, b"h2").await.expect("a connection");
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(hyper_util::rt::TokioExecutor::new(), io).await.expect("a handshake");
    tokio::spawn(connection);
    let ask = |uri: &str| http::Request::get(uri).body(Body::empty()).expect("a request");
    let answer = sender.send_request(ask("https://localhost:6443/")).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = sender.send_request(ask("https://evil.example/")).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_stop_cuts_watches_and_ends() {
    let mut server = running(Limits::default()).await;
    let mut stream = server.connect(None, b"http/1.1").await.expect("a connection");
    stream.write_all(b"GET /watch?watch=true HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
    let mut seen = Vec::new();
    while !seen.windows(5).any(|window| window == b"first") {
        assert_ne!(stream.read_buf(&mut seen).await.expect("a part"), 0);
    }
    server.stop.take().expect("running").send(()).expect("running");
    let ended = tokio::time::timeout(std::time::Duration::from_secs(4), &mut server.task).await;
    ended.expect("before the deadline for requests").expect("no panic");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.expect("the end");
    assert!(String::from_utf8_lossy(&rest).ends_with("0\r\n\r\n"), "the watch ended cleanly");
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens");
}

#[tokio::test]
async fn what_does_not_speak_tls_is_let_go() {
    let limits = Limits { handshake_secs: 1, ..Limits::default() };
    let server = running(limits).await;
    let mut plain = TcpStream::connect(server.address).await.expect("a connection");
    plain.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").await.expect("sent");
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    let mut silent = TcpStream::connect(server.address).await.expect("a connection");
    let read = tokio::time::timeout(std::time::Duration::from_secs(5), silent.read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "the handshake has a deadline");
}

fn guard(limits: &Limits) -> Guard {
    Guard::new(["api.windlass.test".to_string()], limits, CancellationToken::new())
}

async fn ask(router: &Router, uri: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = http::Request::get(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let code = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    (code, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn other_hosts_are_refused() {
    let router = guard(&Limits::default()).protect(echo());
    for host in
        ["localhost", "LOCALHOST:6443", "localhost.", "127.0.0.1:1", "[::1]:1", "[::1]", "api.windlass.test:443"]
    {
        assert_eq!(ask(&router, "/", &[("host", host)]).await.0, 200, "{host}");
    }
    for host in [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "localhost@evil.example",
        "192.168.0.1",
        "",
        "localhost:x",
        "[::1",
        "x.api.windlass.test",
    ] {
        assert_eq!(ask(&router, "/", &[("host", host)]).await.0, 421, "{host}");
    }
    assert_eq!(ask(&router, "/", &[]).await.0, 400, "no host at all");
    assert_eq!(ask(&router, "https://evil.example/", &[("host", "localhost")]).await.0, 421, "two opinions");
    assert_eq!(ask(&router, "/", &[("host", "localhost"), ("host", "evil.example")]).await.0, 421);
}

#[tokio::test]
async fn other_origins_are_refused() {
    let router = guard(&Limits::default()).protect(echo());
    let from = async |origin: &str| ask(&router, "/", &[("host", "localhost"), ("origin", origin)]).await.0;
    assert_eq!(from("https://localhost:6443").await, 200);
    for origin in ["https://evil.example", "null", "http://127.0.0.1.nip.io", "file://", "localhost"] {
        assert_eq!(from(origin).await, 403, "{origin}");
    }
    assert_eq!(ask(&router, "/", &[("host", "localhost"), ("sec-fetch-site", "cross-site")]).await.0, 403);
    assert_eq!(ask(&router, "/", &[("host", "localhost"), ("sec-fetch-site", "none")]).await.0, 200);
}

#[tokio::test]
async fn too_much_at_once_is_told_to_come_back() {
    let (arrived, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (there, open) = (arrived.clone(), gate.clone());
    let slow = get(move || async move {
        there.notify_one();
        open.notified().await;
        "done"
    });
    let limits = Limits { requests_max: 1, watches_max: 1, ..Limits::default() };
    let router = guard(&limits).protect(echo().route("/slow", slow));
    let host = [("host", "localhost")];
    let first = tokio::spawn({
        let router = router.clone();
        async move { ask(&router, "/slow", &[("host", "localhost")]).await }
    });
    arrived.notified().await;
    let request = http::Request::get("/").header("host", "localhost").body(Body::empty()).expect("a request");
    let refused = router.clone().oneshot(request).await.expect("an answer");
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].as_bytes()), (429, b"1".as_slice()));
    // Watches have places of their own, which they keep while their body lasts.
    let request =
        |uri: &str| http::Request::get(uri).header("host", "localhost").body(Body::empty()).expect("a request");
    let watch = router.clone().oneshot(request("/watch?watch=1")).await.expect("an answer");
    assert_eq!(watch.status(), StatusCode::OK);
    assert_eq!(router.clone().oneshot(request("/watch?watch=1")).await.expect("an answer").status().as_u16(), 429);
    drop(watch);
    assert_eq!(router.clone().oneshot(request("/watch?watch=1")).await.expect("an answer").status().as_u16(), 200);
    gate.notify_one();
    assert_eq!(first.await.expect("no panic"), (200, "done".into()));
    assert_eq!(ask(&router, "/", &host).await.0, 200);
}

#[tokio::test]
async fn health_is_told_as_upstream_tells_it() {
    let store = Check::ready("store", || Err("the disk is on fire".into()));
    let router = health::routes(vec![store, Check::live("loops", || Ok(()))]);
    let check = async |path: &str, expected: Expect| {
        let (code, text) = ask(&router, path, &[]).await;
        expected.assert_eq(&format!("{code} {text}"));
    };
    check("/livez", expect!["200 ok"]).await;
    check(
        "/livez?verbose",
        expect![[r#"
        200 [+]ping ok
        [+]loops ok
        livez check passed
    "#]],
    )
    .await;
    check(
        "/readyz",
        expect![[r#"
        500 [+]ping ok
        [-]store failed: reason withheld
        [+]loops ok
        readyz check failed
    "#]],
    )
    .await;
    check("/readyz?exclude=store", expect!["200 ok"]).await;
    check("/readyz/loops", expect!["200 ok"]).await;
    check("/readyz/store", expect!["500 internal server error: reason withheld\n"]).await;
    check("/healthz/nothing", expect!["404 404 page not found\n"]).await;
}

#[tokio::test]
async fn metrics_are_what_the_registry_has() {
    let mut registry = Registry::default();
    let requests: Counter = Counter::default();
    registry.register("requests", "Requests", requests.clone());
    requests.inc();
    let router = metrics::routes(Arc::new(Mutex::new(registry)));
    let (code, text) = ask(&router, "/metrics", &[]).await;
    assert_eq!(code, 200);
    assert!(text.contains("requests_total 1\n") && text.ends_with("# EOF\n"), "{text}");
}

#[test]
fn a_port_alone_means_this_machine_only() {
    let check = |text: &str| listen_address(text).map(|address| address.to_string()).map_err(|error| error.to_string());
    assert_eq!(check("6443"), Ok("127.0.0.1:6443".into()));
    assert_eq!(check("localhost:0"), Ok("127.0.0.1:0".into()));
    assert_eq!(check("0.0.0.0:6443"), Ok("0.0.0.0:6443".into()), "when told");
    assert_eq!(check("[::1]:6443"), Ok("[::1]:6443".into()));
    assert_eq!(
        check(":6443"),
        Err("\":6443\" is not an address to listen on; expected PORT, ADDRESS:PORT or [ADDRESS]:PORT".into())
    );
}

/// A client that asks for a name, and what it finds there.
async fn asks(roots: &Authority, address: SocketAddr, name: &'static str) -> Result<Vec<u8>, String> {
    let mut store = RootCertStore::empty();
    store.add(CertificateDer::from_pem_slice(roots.certificate().as_bytes()).expect("PEM")).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let config = builder.with_root_certificates(store).with_no_client_auth();
    let stream = TcpStream::connect(address).await.expect("connects");
    let name = ServerName::try_from(name).expect("a name");
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(|error| error.to_string())?;
    let chain = stream.get_ref().1.peer_certificates().expect("a certificate");
    Ok(chain[0].as_ref().to_vec())
}

/// Says its name instead of speaking TLS.
#[derive(Debug)]
struct Named;

impl super::Plain for Named {
    fn serve(&self, _: Server, mut stream: TcpStream, _: SocketAddr) -> futures::future::BoxFuture<'static, ()> {
        Box::pin(async move {
            let mut said = [0; 4];
            stream.read_exact(&mut said).await.expect("reads");
            stream.write_all(&[b"you said ".as_slice(), &said].concat()).await.expect("writes");
        })
    }
}

#[tokio::test]
async fn names_get_certificates_of_their_own_and_what_is_no_tls_goes_elsewhere() {
    #[derive(Debug)]
    struct Present;
    impl api::env::Clock for Present {
        fn now(&self) -> Timestamp {
            now()
        }
    }
    let dir = tempfile::tempdir().expect("a directory");
    let own = Authority::open(dir.path(), &Profile::cluster(&[]), now()).expect("an authority");
    let other = || Authority::open(dir.path(), &Profile::new("azure", &["azure.test".into()]), now()).expect("one");
    let pair = own.server(&["localhost".into()], now()).expect("a certificate");
    let stands_for = |name: &str| name.ends_with(".azure.test");
    let names = super::Names::new(&pair, other(), stands_for, Arc::new(Present)).expect("names");
    let tls = super::tls_config_by_name(names, Some(own.certificate())).expect("a configuration");
    let listener = TcpListener::bind(listen_address("0").expect("an address")).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = Server::new(tls, echo(), [], Limits::default()).with_plain(Arc::new(Named));
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(async move { server.run(listener, async { drop(stopped.await) }).await });

    let first = asks(&other(), address, "management.azure.test").await.expect("trusted");
    let again = asks(&other(), address, "management.azure.test").await.expect("trusted");
    assert_eq!(first, again, "made once");
    assert_ne!(asks(&other(), address, "login.azure.test").await.expect("trusted"), first);
    assert!(asks(&own, address, "localhost").await.is_ok(), "everybody else gets the server's own");
    assert!(asks(&own, address, "login.azure.test").await.is_err(), "of another authority");
    assert!(asks(&other(), address, "bank.test").await.is_err());

    let mut plain = TcpStream::connect(address).await.expect("connects");
    plain.write_all(b"GET ").await.expect("writes");
    let mut answer = String::new();
    plain.read_to_string(&mut answer).await.expect("reads");
    assert_eq!(answer, "you said GET ");
    drop(stop);
    task.await.expect("ends");
}
