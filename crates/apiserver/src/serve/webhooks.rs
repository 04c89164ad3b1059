//! Webhooks over the network: one connection per call, TLS with the configuration's own authorities, bounded in time and size.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use http::{Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_rustls::ConfigBuilderExt;
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::webhook::{Caller, Target};

/// Upstream's limit of an answer.
const ANSWER_BYTES_MAX: usize = 3 * 1024 * 1024;

#[derive(Clone, Copy, Debug, Default)]
pub struct Webhooks;

impl Caller for Webhooks {
    fn call(&self, target: Target, body: Bytes) -> BoxFuture<'static, Result<Bytes, String>> {
        let limit = Duration::from_secs(target.timeout_secs);
        async move {
            match tokio::time::timeout(limit, call(target, body)).await {
                Ok(answer) => answer,
                Err(_) => Err("context deadline exceeded".into()),
            }
        }
        .boxed()
    }
}

fn config(authorities: &[u8]) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    if authorities.is_empty() {
        return builder.with_native_roots().map(|it| it.with_no_client_auth()).map_err(|error| error.to_string());
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authorities) {
        let certificate = certificate.map_err(|error| format!("unable to load root certificates: {error}"))?;
        roots.add(certificate).map_err(|error| format!("unable to load root certificates: {error}"))?;
    }
    if roots.is_empty() {
        return Err("unable to load root certificates: unable to parse bytes as PEM block".into());
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

async fn call(target: Target, body: Bytes) -> Result<Bytes, String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let connector = TlsConnector::from(Arc::new(config(&target.authorities)?));
    let name = ServerName::try_from(target.name.clone()).map_err(|error| text(&error))?;
    let stream = TcpStream::connect((target.host.as_str(), target.port)).await.map_err(|error| text(&error))?;
    let stream = connector.connect(name, stream).await.map_err(|error| format!("tls: {error}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| text(&error))?;
    let host = if target.port == 443 { target.name } else { format!("{}:{}", target.name, target.port) };
    let request = Request::post(target.path)
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, "kube-apiserver-admission")
        .body(Full::new(body))
        .map_err(|error| text(&error))?;
    let answer = async {
        let response = sender.send_request(request).await.map_err(|error| text(&error))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
        let body = body.map_err(|error| error.to_string())?.to_bytes();
        match status.is_success() {
            true => Ok(body),
            false => Err(format!("the server answered {status}")),
        }
    };
    // The connection lives as long as the call.
    tokio::select! {
        biased;
        answer = answer => answer,
        ended = connection => Err(ended.err().map_or_else(|| "EOF".to_string(), |error| error.to_string())),
    }
}
