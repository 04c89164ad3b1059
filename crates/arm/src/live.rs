//! The way to live Azure: hyper over rustls with the system's roots (`SSL_CERT_FILE` is honoured by their loader), https
//! only, bounded in time and size, through an HTTP proxy where one is set. Redirects are not followed.

use std::time::Duration;

use api::transport::{bypasses, causes};
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, proxy::Tunnel},
    },
    rt::TokioExecutor,
};
use tower::util::BoxCloneSyncService;

use crate::{Transport, TransportError};

/// Answers of Azure are small; listings come in pages.
const BODY_BYTES_MAX: usize = 32 << 20;

/// What the edge read from flags and environment.
#[derive(Clone, Debug)]
pub struct LiveSettings {
    /// `HTTPS_PROXY`: an http URL. CONNECT is used, TLS stays end to end.
    pub proxy: Option<String>,
    /// `NO_PROXY`: host names and domain suffixes that are reached directly.
    pub no_proxy: Vec<String>,
    pub connect_timeout: Duration,
    pub request_timeout: Duration,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            proxy: None,
            no_proxy: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(100),
        }
    }
}

#[derive(Clone)]
struct Live {
    direct: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    proxied: Option<Client<HttpsConnector<Tunnel<HttpConnector>>, Full<Bytes>>>,
    no_proxy: Vec<String>,
    request_timeout: Duration,
}

/// A transport to live Azure. Fails when the proxy's URL is wrong or the system has no root certificates.
pub fn live_transport(settings: &LiveSettings) -> Result<Transport, TransportError> {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_connect_timeout(Some(settings.connect_timeout));
    let executor = TokioExecutor::new;
    let direct = Client::builder(executor()).build(tls(connector.clone())?);
    let proxied = match &settings.proxy {
        None => None,
        Some(proxy) => {
            let uri: Uri = proxy
                .parse()
                .ok()
                .filter(|uri: &Uri| uri.scheme_str() == Some("http") && uri.host().is_some())
                .ok_or_else(|| TransportError(format!("proxy {proxy:?}: expected http://host:port")))?;
            Some(Client::builder(executor()).build(tls(Tunnel::new(uri, connector))?))
        }
    };
    let live = Live { direct, proxied, no_proxy: settings.no_proxy.clone(), request_timeout: settings.request_timeout };
    Ok(BoxCloneSyncService::new(tower::service_fn(move |request| {
        let live = live.clone();
        async move { live.send(request).await }
    })))
}

fn tls<C>(connector: C) -> Result<HttpsConnector<C>, TransportError> {
    let builder = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .map_err(|error| TransportError(format!("the system's root certificates: {error}")))?;
    Ok(builder.https_only().enable_http1().enable_http2().wrap_connector(connector))
}

impl Live {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let host = request.uri().host().unwrap_or_default().to_string();
        let request = request.map(Full::new);
        let exchange = async {
            let answer = match &self.proxied {
                Some(proxied) if !bypasses(&self.no_proxy, &host) => proxied.request(request).await,
                _ => self.direct.request(request).await,
            };
            let (parts, body) = answer.map_err(|error| TransportError(causes(&error)))?.into_parts();
            let body = Limited::new(body, BODY_BYTES_MAX).collect().await;
            let body = body.map_err(|error| TransportError(format!("reading the answer: {error}")))?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        };
        match tokio::time::timeout(self.request_timeout, exchange).await {
            Ok(answer) => answer,
            Err(_) => Err(TransportError(format!("no answer within {} s", self.request_timeout.as_secs()))),
        }
    }
}
