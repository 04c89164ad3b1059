//! The CONNECT proxy of the listener's port: Azure's hosts are served here, whatever else is passed through as it is.
//!
//! For this machine only, to port 443 only, and never to an address of a private network: whoever may use it gets nowhere that
//! they could not get to on the internet. What it passes through it neither reads nor keeps.

use std::{
    io::{self, Cursor},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use apiserver::serve::{Plain, Server};
use base64::{Engine, prelude::BASE64_STANDARD};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, join},
    net::{TcpStream, lookup_host},
    time::timeout,
};

const HTTPS: u16 = 443;
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// For the head of a request, and for reaching the other side.
const PATIENCE: Duration = Duration::from_secs(10);

/// Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Proxy(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// The way out of this network, where it has a proxy of its own.
    upstream: Option<Upstream>,
    not_proxied: Vec<String>,
}

/// `http://user:password@host:port`
struct Upstream {
    authority: String,
    credential: Option<String>,
}

/// The address may hold a password.
impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream").field("authority", &self.authority).finish_non_exhaustive()
    }
}

/// Why a request gets no tunnel: a status line and what it means.
#[derive(Debug, PartialEq, Eq)]
struct Refusal(u16, &'static str, String);

impl Proxy {
    /// `proxy` is what the process was started with.
    pub(super) fn new(own: SocketAddr, (proxy, not_proxied): (Option<String>, Vec<String>)) -> Self {
        // A shell that sourced azure.env names this very proxy.
        let upstream = proxy.as_deref().and_then(Upstream::parse).filter(|up| up.authority != own.to_string());
        Self(Arc::new(Inner { upstream, not_proxied }))
    }
}

impl Inner {
    async fn tunnel(&self, host: &str) -> Result<TcpStream, Refusal> {
        let unreachable = |why: String| Refusal(502, "Bad Gateway", format!("{host} cannot be reached: {why}"));
        let reached = match self.upstream.as_ref().filter(|_| !self.is_direct(host)) {
            Some(upstream) => timeout(PATIENCE, upstream.connect(host)).await,
            None => timeout(PATIENCE, direct(host)).await,
        };
        match reached {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied => {
                Err(Refusal(403, "Forbidden", error.to_string()))
            }
            Ok(Err(error)) => Err(unreachable(error.to_string())),
            Err(_) => Err(unreachable(format!("no answer within {} s", PATIENCE.as_secs()))),
        }
    }

    fn is_direct(&self, host: &str) -> bool {
        let named = |entry: &String| {
            let entry = entry.trim_start_matches('*').trim_start_matches('.');
            host == entry || (!entry.is_empty() && host.ends_with(&format!(".{entry}")))
        };
        self.not_proxied.iter().any(named)
    }
}

impl Plain for Proxy {
    fn serve(
        &self,
        server: Server,
        mut stream: TcpStream,
        peer: SocketAddr,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let proxy = self.0.clone();
        Box::pin(async move {
            let asked = match timeout(PATIENCE, head(&mut stream)).await {
                Ok(Ok(Some(asked))) => asked,
                _ => return,
            };
            let (head, rest) = asked;
            let target = if peer.ip().is_loopback() {
                target(&head)
            } else {
                Err(Refusal(403, "Forbidden", "the proxy serves this machine only".into()))
            };
            let outcome = match target {
                Ok(host) if twin::serves(&host) => {
                    if established(&mut stream).await.is_ok() {
                        let (read, write) = stream.into_split();
                        server.connection(join(Cursor::new(rest).chain(read), write)).await;
                    }
                    return;
                }
                Ok(host) => proxy.tunnel(&host).await,
                Err(refusal) => Err(refusal),
            };
            match outcome {
                Ok(outside) => {
                    tokio::select! {
                        ended = pass_through(&mut stream, outside, &rest) => {
                            if let Err(error) = ended { tracing::debug!(%error, "a tunnel ended"); }
                        }
                        () = server.closed() => {}
                    }
                }
                Err(refusal) => {
                    tracing::debug!(reason = refusal.2, "no tunnel");
                    let _ = stream.write_all(refusal.answer().as_bytes()).await;
                }
            }
        })
    }
}

impl Refusal {
    fn answer(&self) -> String {
        let Self(status, reason, why) = self;
        let (body, allow) = (format!("{why}\n"), if *status == 405 { "Allow: CONNECT\r\n" } else { "" });
        format!(
            "HTTP/1.1 {status} {reason}\r\n{allow}Content-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        )
    }
}

async fn pass_through(stream: &mut TcpStream, mut outside: TcpStream, rest: &[u8]) -> io::Result<()> {
    established(stream).await?;
    outside.write_all(rest).await?;
    tokio::io::copy_bidirectional(stream, &mut outside).await?;
    Ok(())
}

async fn established(stream: &mut TcpStream) -> io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await
}

/// The head of a request, and what came behind it. `None` when it is none, or a very long one.
async fn head(stream: &mut TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok(String::from_utf8(bytes).ok().map(|head| (head, rest)));
        }
        if bytes.len() >= HEAD_BYTES_MAX || stream.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

/// The host that a CONNECT names, in lower case.
fn target(head: &str) -> Result<String, Refusal> {
    let line = head.lines().next().unwrap_or_default();
    let mut words = line.split_ascii_whitespace();
    let (Some(method), Some(target), Some(version)) = (words.next(), words.next(), words.next()) else {
        return Err(Refusal(400, "Bad Request", "the request line is not HTTP's".into()));
    };
    if !version.starts_with("HTTP/1.") {
        return Err(Refusal(400, "Bad Request", format!("{version} is not spoken here without TLS")));
    }
    if method != "CONNECT" {
        let why = "this port speaks TLS; without TLS it is a proxy for https, which takes CONNECT alone";
        return Err(Refusal(405, "Method Not Allowed", why.into()));
    }
    let (host, port) = target.rsplit_once(':').unwrap_or((target, ""));
    if port.parse() != Ok(HTTPS) {
        return Err(Refusal(403, "Forbidden", format!("the proxy connects to port 443 only, not to {target}")));
    }
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    let private = host.parse().is_ok_and(|ip| !is_public(ip)) || host == "localhost" || host.ends_with(".localhost");
    if host.is_empty() || private {
        return Err(Refusal(403, "Forbidden", not_public(&host)));
    }
    Ok(host)
}

fn not_public(host: &str) -> String {
    format!("{host:?} is no host of the public internet: reach it without the proxy (NO_PROXY)")
}

async fn direct(host: &str) -> io::Result<TcpStream> {
    let addresses: Vec<SocketAddr> = lookup_host((host, HTTPS)).await?.collect();
    let public: Vec<SocketAddr> = addresses.iter().copied().filter(|address| is_public(address.ip())).collect();
    if public.is_empty() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, not_public(host)));
    }
    TcpStream::connect(public.as_slice()).await
}

fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [first, second, ..] = ip.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let special = ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast();
    !(special || shared || first == 0 || first >= 240)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let local = ip.is_unique_local() || ip.is_unicast_link_local();
    !(local || ip.is_loopback() || ip.is_unspecified() || ip.is_multicast())
}

impl Upstream {
    fn parse(proxy: &str) -> Option<Self> {
        let Some(rest) = proxy.strip_prefix("http://") else {
            tracing::warn!("HTTPS_PROXY is no http:// proxy; hosts that are not Azure's are reached without it");
            return None;
        };
        let rest = rest.split('/').next().unwrap_or_default();
        let (credential, authority) = match rest.rsplit_once('@') {
            Some((user, authority)) => (Some(BASE64_STANDARD.encode(user)), authority),
            None => (None, rest),
        };
        let authority = if authority.contains(':') { authority.to_string() } else { format!("{authority}:80") };
        Some(Self { authority, credential })
    }

    async fn connect(&self, host: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.authority.as_str()).await?;
        let credential = self.credential.as_ref();
        let credential = credential.map(|basic| format!("Proxy-Authorization: Basic {basic}\r\n")).unwrap_or_default();
        let request = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n{credential}\r\n");
        stream.write_all(request.as_bytes()).await?;
        let answer = head(&mut stream).await?;
        let line = answer.as_ref().and_then(|(head, _)| head.lines().next()).unwrap_or_default();
        if line.split(' ').nth(1) != Some("200") {
            return Err(io::Error::other(format!("the proxy {} answers {line:?}", self.authority)));
        }
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn asked(line: &str) -> String {
        match target(&format!("{line}\r\nHost: x\r\n\r\n")) {
            Ok(host) => format!("{line}: {host}"),
            Err(Refusal(status, _, why)) => format!("{line}: {status} {why}"),
        }
    }

    #[test]
    fn what_gets_a_tunnel() {
        let lines = [
            "CONNECT Management.Azure.com:443 HTTP/1.1",
            "CONNECT kv.vault.azure.net.:443 HTTP/1.0",
            "CONNECT management.azure.com:80 HTTP/1.1",
            "CONNECT management.azure.com HTTP/1.1",
            "CONNECT 10.0.0.1:443 HTTP/1.1",
            "CONNECT 169.254.169.254:443 HTTP/1.1",
            "CONNECT [::1]:443 HTTP/1.1",
            "CONNECT [::ffff:127.0.0.1]:443 HTTP/1.1",
            "CONNECT localhost:443 HTTP/1.1",
            "CONNECT 20.1.2.3:443 HTTP/1.1",
            "GET http://example.com/ HTTP/1.1",
            "PRI * HTTP/2.0",
            "hello",
        ];
        expect![[r#"
            CONNECT Management.Azure.com:443 HTTP/1.1: management.azure.com
            CONNECT kv.vault.azure.net.:443 HTTP/1.0: kv.vault.azure.net
            CONNECT management.azure.com:80 HTTP/1.1: 403 the proxy connects to port 443 only, not to management.azure.com:80
            CONNECT management.azure.com HTTP/1.1: 403 the proxy connects to port 443 only, not to management.azure.com
            CONNECT 10.0.0.1:443 HTTP/1.1: 403 "10.0.0.1" is no host of the public internet: reach it without the proxy (NO_PROXY)
            CONNECT 169.254.169.254:443 HTTP/1.1: 403 "169.254.169.254" is no host of the public internet: reach it without the proxy (NO_PROXY)
            CONNECT [::1]:443 HTTP/1.1: 403 "::1" is no host of the public internet: reach it without the proxy (NO_PROXY)
            CONNECT [::ffff:127.0.0.1]:443 HTTP/1.1: 403 "::ffff:127.0.0.1" is no host of the public internet: reach it without the proxy (NO_PROXY)
            CONNECT localhost:443 HTTP/1.1: 403 "localhost" is no host of the public internet: reach it without the proxy (NO_PROXY)
            CONNECT 20.1.2.3:443 HTTP/1.1: 20.1.2.3
            GET http://example.com/ HTTP/1.1: 405 this port speaks TLS; without TLS it is a proxy for https, which takes CONNECT alone
            PRI * HTTP/2.0: 400 HTTP/2.0 is not spoken here without TLS
            hello: 400 the request line is not HTTP's"#]]
        .assert_eq(&lines.map(asked).join("\n"));
    }

    #[test]
    fn the_way_out() {
        let own: SocketAddr = "127.0.0.1:6440".parse().expect("an address");
        let out = |proxy: &str| Proxy::new(own, (Some(proxy.into()), vec!["corp.example".into()]));
        assert!(out("http://127.0.0.1:6440").0.upstream.is_none(), "never through itself");
        let proxy = out("http://ann:hush@proxy.example/");
        assert!(!format!("{proxy:?}").contains("hush"));
        let upstream = proxy.0.upstream.as_ref().expect("a proxy");
        assert_eq!((upstream.authority.as_str(), upstream.credential.is_some()), ("proxy.example:80", true));
        assert!(proxy.0.is_direct("git.corp.example") && proxy.0.is_direct("corp.example"));
        assert!(!proxy.0.is_direct("evilcorp.example") && !proxy.0.is_direct("example.com"));
    }

    /// Through another proxy, byte for byte.
    #[tokio::test]
    async fn a_tunnel_through_another_proxy() {
        let other = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = other.local_addr().expect("an address");
        let serving = tokio::spawn(async move {
            let (mut stream, _) = other.accept().await.expect("accepts");
            let (asked, _) = head(&mut stream).await.expect("reads").expect("a head");
            established(&mut stream).await.expect("writes");
            asked
        });
        let own = "127.0.0.1:1".parse().expect("an address");
        let proxy = Proxy::new(own, (Some(format!("http://ann:hush@{address}")), Vec::new()));
        drop(proxy.0.tunnel("example.com").await.expect("a tunnel"));
        let asked = serving.await.expect("ends");
        assert_eq!(
            asked,
            "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\nProxy-Authorization: Basic YW5uOmh1c2g=\r\n\r\n"
        );
    }
}
