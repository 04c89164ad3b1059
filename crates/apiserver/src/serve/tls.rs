//! How this server speaks TLS: 1.2 and 1.3 with ring, HTTP/2 or HTTP/1.1, a client certificate when the client has one.

use std::sync::Arc;

use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};

use super::Error;
use crate::pki::Pair;

/// A client that shows a certificate which `client_authorities` (PEM, any number) did not sign does not get through the
/// handshake; one that shows none does, and is asked for another credential later.
pub fn tls_config(server: &Pair, client_authorities: Option<&str>) -> Result<Arc<ServerConfig>, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificates = certificates(&server.certificate, "the server certificate")?;
    let key = PrivateKeyDer::from_pem_slice(server.key.reveal().as_bytes())
        .map_err(|_| Error::Pem { what: "the server key" })?;
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let builder = match client_authorities {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let mut roots = RootCertStore::empty();
            for certificate in self::certificates(pem, "the client authority")? {
                roots.add(certificate)?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.allow_unauthenticated().build()?)
        }
    };
    let mut config = builder.with_single_cert(certificates, key)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn certificates(pem: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    all.ok().filter(|all| !all.is_empty()).ok_or(Error::Pem { what })
}
