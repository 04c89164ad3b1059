//! GET over http and https: redirects, credentials that stay with their origin, limits of time and size, a proxy, and hosts that
//! are answered for by a directory.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::Duration,
};

use api::{
    Redacted,
    transport::{bypasses, causes},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, proxy::Tunnel},
    },
    rt::TokioExecutor,
};
use percent_encoding::percent_decode_str;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};

use super::{Error, Limits, Options, cache::Aside, url::Url};
use crate::{Credential, address::is_loopback};

type Failure = Box<dyn std::error::Error + Send + Sync>;
pub(super) type Body = UnsyncBoxBody<Bytes, Failure>;

/// Whom to trust.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// PEM certificates that are trusted instead of the system's.
    pub authorities: Option<Vec<u8>>,
    /// What a server that asks is shown.
    pub identity: Option<Identity>,
}

/// A certificate of the client, and its key; both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub certificates: Vec<u8>,
    pub key: Redacted<Vec<u8>>,
}

impl Identity {
    /// Whether there is a certificate and a key in it.
    pub fn check(&self) -> Result<(), String> {
        self.read().map(|_| ())
    }

    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), String> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificates).collect();
        let certificates = certificates.map_err(|error| format!("the certificate file: {error}"))?;
        if certificates.is_empty() {
            return Err("the certificate file: no certificate in it".to_owned());
        }
        // What is wrong with a key is said without anything of it.
        let key = PrivateKeyDer::from_pem_slice(self.key.reveal());
        Ok((certificates, key.map_err(|_| "the key file: no private key in it".to_owned())?))
    }
}

/// One question.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) credential: Option<Credential>,
    pub(super) accept: Option<&'static str>,
    /// Bytes of the answer.
    pub(super) limit: u64,
}

/// What came of a conditional download.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Download {
    Unchanged,
    Complete { etag: Option<String>, modified: Option<String>, gzip: bool },
}

#[derive(Clone, Debug)]
struct Clients {
    direct: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    proxied: Option<Client<HttpsConnector<Tunnel<HttpConnector>>, Full<Bytes>>>,
}

#[derive(Debug)]
pub(super) struct Web {
    /// Made at the first request: reading the system's certificates takes longer than rendering a chart.
    clients: OnceLock<Result<Clients, String>>,
    limits: Limits,
    plain_http: bool,
    pass_credentials: bool,
    mirror: Option<PathBuf>,
    proxy: Option<String>,
    no_proxy: Vec<String>,
    tls: Tls,
}

impl Web {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            clients: OnceLock::new(),
            limits: options.limits.clone(),
            plain_http: options.plain_http || options.plain_http_registry,
            pass_credentials: options.pass_credentials,
            mirror: options.mirror.clone(),
            proxy: options.proxy.clone(),
            no_proxy: options.no_proxy.clone(),
            tls: options.tls.clone(),
        }
    }

    /// The body of a success.
    pub(super) async fn bytes(&self, url: &Url, asked: &Asked) -> Result<Bytes, Error> {
        let whole = async {
            let (url, response) = self.follow(url, asked, &HeaderMap::new()).await?;
            collect(&url, succeeded(&url, response)?, asked.limit).await
        };
        self.in_time(url, whole).await
    }

    /// Any answer, redirects aside, with its body.
    pub(super) async fn answer(&self, url: &Url, asked: &Asked) -> Result<Response<Bytes>, Error> {
        let whole = async {
            let (url, response) = self.follow(url, asked, &HeaderMap::new()).await?;
            let (parts, body) = response.into_parts();
            Ok(Response::from_parts(parts, collect(&url, Response::new(body), asked.limit).await?))
        };
        self.in_time(url, whole).await
    }

    /// The body of a success into a file, unless it is still the one with these validators.
    pub(super) async fn download(
        &self,
        url: &Url,
        asked: &Asked,
        validators: (Option<&str>, Option<&str>),
        aside: &mut Aside,
    ) -> Result<Download, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        let known = [(header::IF_NONE_MATCH, validators.0), (header::IF_MODIFIED_SINCE, validators.1)];
        for (name, value) in known {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        let whole = async {
            let (url, response) = self.follow(url, asked, &headers).await?;
            if response.status() == StatusCode::NOT_MODIFIED {
                return Ok(Download::Unchanged);
            }
            let response = succeeded(&url, response)?;
            let (parts, body) = response.into_parts();
            let text = |name| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
            let gzip = text(header::CONTENT_ENCODING).is_some_and(|encoding| encoding.eq_ignore_ascii_case("gzip"));
            let (etag, modified) = (text(header::ETAG), text(header::LAST_MODIFIED));
            save(&url, body, asked.limit, aside).await?;
            Ok(Download::Complete { etag, modified, gzip })
        };
        self.in_time(url, whole).await
    }

    async fn in_time<T>(&self, url: &Url, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        match tokio::time::timeout(self.limits.wall, work).await {
            Ok(done) => done,
            Err(_) => Err(Error::TimedOut { url: url.shown(), secs: self.limits.wall.as_secs() }),
        }
    }

    async fn follow(&self, url: &Url, asked: &Asked, extra: &HeaderMap) -> Result<(Url, Response<Body>), Error> {
        let mut at = url.clone();
        for _ in 0..=self.limits.redirects {
            let trusted = self.pass_credentials || at.same_origin(url);
            let credential = asked.credential.as_ref().filter(|_| trusted);
            let response = self.once(&at, asked.accept, credential, extra).await?;
            let moved = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
            let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
            let (true, Some(location)) = (moved, location) else { return Ok((at, response)) };
            let next = at.join(location)?;
            if at.https && !next.https {
                let message = format!("it is a redirect of {} from https to http", at.shown());
                return Err(Error::NotAllowed { what: next.shown(), message });
            }
            at = next;
        }
        let message = format!("more than {} redirects", self.limits.redirects);
        Err(Error::Unreachable { url: url.shown(), message })
    }

    async fn once(
        &self,
        url: &Url,
        accept: Option<&'static str>,
        credential: Option<&Credential>,
        extra: &HeaderMap,
    ) -> Result<Response<Body>, Error> {
        if let Some(answer) = self.mirrored(url).await {
            return answer;
        }
        if !url.https && !self.plain_http && !is_loopback(url.host()) {
            let message = "plain http is allowed to loopback addresses only, use https".to_owned();
            return Err(Error::NotAllowed { what: url.shown(), message });
        }
        let unreachable = |message: String| Error::Unreachable { url: url.shown(), message };
        let mut request =
            Request::get(url.to_string()).body(Full::default()).map_err(|e| unreachable(e.to_string()))?;
        let headers = request.headers_mut();
        headers.extend(extra.clone());
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("windlass/", env!("CARGO_PKG_VERSION"))));
        if let Some(accept) = accept {
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        }
        if let Some(credential) = credential {
            headers.insert(
                header::AUTHORIZATION,
                authorization(credential).ok_or_else(|| Error::Denied {
                    url: url.shown(),
                    message: "they contain characters that no header can carry".into(),
                })?,
            );
        }
        let clients =
            self.clients.get_or_init(|| self.connect()).as_ref().map_err(|error| unreachable(error.clone()))?;
        let sent = match &clients.proxied {
            Some(proxied) if !bypasses(&self.no_proxy, url.host()) => proxied.request(request).await,
            _ => clients.direct.request(request).await,
        };
        let response = sent.map_err(|error| unreachable(causes(&error)))?;
        Ok(response.map(|body| body.map_err(Failure::from).boxed_unsync()))
    }

    fn connect(&self) -> Result<Clients, String> {
        let mut connector = HttpConnector::new();
        connector.enforce_http(false);
        connector.set_connect_timeout(Some(self.limits.connect));
        connector.set_keepalive(Some(Duration::from_secs(30)));
        let direct = Client::builder(TokioExecutor::new()).build(self.secure(connector.clone())?);
        let proxied = match &self.proxy {
            None => None,
            Some(proxy) => {
                let uri: Option<http::Uri> = proxy.parse().ok();
                let uri = uri.filter(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
                let uri = uri.ok_or("the proxy's URL is not of the form http://host:port")?;
                Some(Client::builder(TokioExecutor::new()).build(self.secure(Tunnel::new(uri, connector))?))
            }
        };
        Ok(Clients { direct, proxied })
    }

    fn secure<C>(&self, connector: C) -> Result<HttpsConnector<C>, String> {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|error| error.to_string())?;
        let config = match &self.tls.authorities {
            None => builder.with_native_roots().map_err(|error| format!("the system's root certificates: {error}"))?,
            Some(pem) => {
                let mut roots = rustls::RootCertStore::empty();
                for certificate in CertificateDer::pem_slice_iter(pem) {
                    let certificate = certificate.map_err(|error| format!("the CA file: {error}"))?;
                    roots.add(certificate).map_err(|error| format!("the CA file: {error}"))?;
                }
                builder.with_root_certificates(roots)
            }
        };
        let config = match &self.tls.identity {
            None => config.with_no_client_auth(),
            Some(identity) => {
                let (certificates, key) = identity.read()?;
                config
                    .with_client_auth_cert(certificates, key)
                    .map_err(|error| format!("the certificate and its key: {error}"))?
            }
        };
        let builder = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http();
        Ok(builder.enable_http1().enable_http2().wrap_connector(connector))
    }

    /// The answer of a directory that stands for the host, if there is one.
    async fn mirrored(&self, url: &Url) -> Option<Result<Response<Body>, Error>> {
        let host = self.mirror.as_ref()?.join(&url.authority);
        if !plain_segment(&url.authority) || !host.is_dir() {
            return None;
        }
        let answer = |status: StatusCode, bytes: Vec<u8>| {
            let body = Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync();
            let mut response = Response::new(body);
            *response.status_mut() = status;
            response
        };
        Some(match within(&host, url.path()) {
            None => Ok(answer(StatusCode::NOT_FOUND, Vec::new())),
            Some(file) => match tokio::fs::read(&file).await {
                Ok(bytes) => Ok(answer(StatusCode::OK, bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                    Err(Error::Unreachable { url: url.shown(), message: format!("{}: {error}", file.display()) })
                }
                Err(_) => Ok(answer(StatusCode::NOT_FOUND, Vec::new())),
            },
        })
    }
}

/// The file of a path of a URL, never outside of the directory.
fn within(directory: &Path, path: &str) -> Option<PathBuf> {
    let mut file = directory.to_owned();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        let segment = percent_decode_str(segment).decode_utf8().ok()?;
        if !plain_segment(&segment) {
            return None;
        }
        file.push(segment.as_ref());
    }
    Some(file)
}

fn plain_segment(segment: &str) -> bool {
    !segment.is_empty() && segment != "." && segment != ".." && !segment.contains(['/', '\\', '\0'])
}

fn authorization(credential: &Credential) -> Option<HeaderValue> {
    let text = match credential {
        Credential::Basic { username, password } => {
            format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{}", password.reveal())))
        }
        Credential::Bearer(token) => format!("Bearer {}", token.reveal()),
    };
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn succeeded(url: &Url, response: Response<Body>) -> Result<Response<Body>, Error> {
    match response.status().as_u16() {
        200..=299 => Ok(response),
        401 | 403 => Err(Error::Denied { url: url.shown(), message: response.status().to_string() }),
        code => Err(Error::Refused { url: url.shown(), code }),
    }
}

async fn collect(url: &Url, response: Response<Body>, limit: u64) -> Result<Bytes, Error> {
    let mut body = response.into_body();
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Error::Unreachable { url: url.shown(), message: causes(error.as_ref()) })?;
        let Some(data) = frame.data_ref() else { continue };
        if (bytes.len() + data.len()) as u64 > limit {
            return Err(Error::TooLarge { what: url.shown(), limit });
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes.freeze())
}

async fn save(url: &Url, mut body: Body, limit: u64, aside: &mut Aside) -> Result<(), Error> {
    let mut len = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Error::Unreachable { url: url.shown(), message: causes(error.as_ref()) })?;
        let Some(data) = frame.data_ref() else { continue };
        len += data.len() as u64;
        if len > limit {
            return Err(Error::TooLarge { what: url.shown(), limit });
        }
        // Written to the page cache: quicker than handing it to another thread.
        let written = aside.file().write_all(data);
        written.map_err(|error| Error::Cache { path: "of indexes".into(), message: error.to_string() })?;
    }
    Ok(())
}
