//! The listener: accepts, shakes hands, serves HTTP/1.1 and HTTP/2, ends cleanly.

use std::{convert::Infallible, fmt, future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use futures::future::BoxFuture;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::Guard;
use crate::access::PeerCertificate;

/// Every queue and every buffer has an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub connections_max: usize,
    /// Answered at the same time, watches aside.
    pub requests_max: usize,
    pub watches_max: usize,
    /// Requests on one HTTP/2 connection at the same time; client-go has all of its watches on one.
    pub streams_max: u32,
    pub header_bytes_max: u32,
    pub handshake_secs: u64,
    /// For the head of a request, and between two requests of an HTTP/1.1 connection.
    pub header_read_secs: u64,
    /// How long requests may go on after the end was announced.
    pub drain_secs: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections_max: 2000,
            requests_max: 600,
            watches_max: 4000,
            streams_max: 1000,
            header_bytes_max: 64 * 1024,
            handshake_secs: 10,
            header_read_secs: 120,
            drain_secs: 5,
        }
    }
}

/// The first byte of every TLS connection: a handshake record.
const HANDSHAKE: u8 = 0x16;

/// Takes over connections that begin otherwise than TLS does: a proxy on the same port.
pub trait Plain: Send + Sync + fmt::Debug {
    /// Nothing was read yet; [`Server::connection`] takes what turns out to be for the server after all.
    fn serve(&self, server: Server, stream: TcpStream, peer: SocketAddr) -> BoxFuture<'static, ()>;
}

/// Serves one router over TLS. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Server {
    tls: TlsConfig,
    router: Router,
    plain: Option<Arc<dyn Plain>>,
    limits: Limits,
    closing: CancellationToken,
}

/// rustls' configuration has no useful `Debug`.
#[derive(Clone)]
struct TlsConfig(Arc<ServerConfig>);

impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsConfig")
    }
}

impl Server {
    /// `hosts` are the names besides loopback that the server answers to.
    pub fn new(
        tls: Arc<ServerConfig>,
        router: Router,
        hosts: impl IntoIterator<Item = String>,
        limits: Limits,
    ) -> Self {
        let closing = CancellationToken::new();
        let router = Guard::new(hosts, &limits, closing.clone()).protect(router);
        Self { tls: TlsConfig(tls), router, plain: None, limits, closing }
    }

    /// The same, with somebody for connections without TLS; without one they fail in the handshake.
    #[must_use]
    pub fn with_plain(mut self, plain: Arc<dyn Plain>) -> Self {
        self.plain = Some(plain);
        self
    }

    /// Accepts until `shutdown` resolves, then cuts the watches, lets requests end for `drain_secs` and closes what is left.
    pub async fn run(&self, listener: TcpListener, shutdown: impl Future<Output = ()>) {
        let places = Arc::new(Semaphore::new(self.limits.connections_max));
        let mut connections = JoinSet::new();
        let mut shutdown = pin!(shutdown);
        loop {
            // Without a free place nothing is accepted: the rest waits in the kernel's queue.
            let accepted = async {
                let place = places.clone().acquire_owned().await;
                (listener.accept().await, place)
            };
            let (accepted, place) = tokio::select! {
                biased;
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => continue,
                accepted = accepted => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    // Small answers must not wait for the client's acknowledgement.
                    let _ = stream.set_nodelay(true);
                    let server = self.clone();
                    connections.spawn(async move {
                        server.accepted(stream, peer).await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    // Out of file descriptors, usually: others must end first.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
        drop(listener);
        self.close();
        let drained = async { while connections.join_next().await.is_some() {} };
        if timeout(Duration::from_secs(self.limits.drain_secs), drained).await.is_err() {
            tracing::info!(left = connections.len(), "closing connections that did not end in time");
        }
        connections.shutdown().await;
    }

    /// Announces the end: watches are cut, connections take no further requests.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Tells TLS from what else comes, where somebody is there for the latter. Whoever says nothing is not waited for for ever.
    async fn accepted(&self, stream: TcpStream, peer: SocketAddr) {
        let Some(plain) = &self.plain else { return self.connection(stream).await };
        let mut first = [0; 1];
        match timeout(Duration::from_secs(self.limits.handshake_secs), stream.peek(&mut first)).await {
            Ok(Ok(1)) if first[0] == HANDSHAKE => self.connection(stream).await,
            Ok(Ok(1)) => plain.serve(self.clone(), stream, peer).await,
            _ => {}
        }
    }

    /// Resolves when the end is announced.
    pub async fn closed(&self) {
        self.closing.cancelled().await;
    }

    /// Serves one connection that somebody else accepted.
    pub async fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(&self, stream: S) {
        let handshake = TlsAcceptor::from(self.tls.0.clone()).accept(stream);
        let stream = match timeout(Duration::from_secs(self.limits.handshake_secs), handshake).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%error, "TLS handshake failed"),
            Err(_) => return tracing::debug!("TLS handshake took too long"),
        };
        let certificate = stream
            .get_ref()
            .1
            .peer_certificates()
            .and_then(|chain| chain.first())
            .map(|certificate| PeerCertificate(Arc::from(certificate.as_ref())));
        let router = self.router.clone();
        let service = service_fn(move |request: http::Request<Incoming>| {
            let (router, certificate) = (router.clone(), certificate.clone());
            async move {
                let mut request = request.map(Body::new);
                if let Some(certificate) = certificate {
                    request.extensions_mut().insert(certificate);
                }
                let answer: Result<_, Infallible> = router.oneshot(request).await;
                answer
            }
        });
        let builder = self.http();
        let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            biased;
            ended = connection.as_mut() => ended,
            () = self.closing.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "connection ended");
        }
    }

    fn http(&self) -> auto::Builder<TokioExecutor> {
        let limits = &self.limits;
        let mut builder = auto::Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(limits.header_read_secs))
            .max_buf_size(limits.header_bytes_max as usize);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams_max)
            .max_header_list_size(limits.header_bytes_max)
            // A client that vanished holds its watches no longer than a minute.
            .keep_alive_interval(Duration::from_secs(30))
            .keep_alive_timeout(Duration::from_secs(30));
        builder
    }
}
