//! How this server speaks TLS: 1.2 and 1.3 with ring, HTTP/2 or HTTP/1.1, a client certificate when the client has one; one
//! server certificate, or one per host name.

use std::{collections::BTreeMap, fmt, sync::Arc};

use api::env::SharedClock;
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};

use super::Error;
use crate::pki::{Authority, Pair};

/// Names that certificates are remembered for; whoever asks for more has them made anew.
const NAMES_MAX: usize = 1000;
/// Well below the life of a certificate, for processes that run that long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A client that shows a certificate which `client_authorities` (PEM, any number) did not sign does not get through the
/// handshake; one that shows none does, and is asked for another credential later.
pub fn tls_config(server: &Pair, client_authorities: Option<&str>) -> Result<Arc<ServerConfig>, Error> {
    let certificate = Arc::new(certified(server)?);
    with_certificates(Arc::new(rustls::sign::SingleCertAndKey::from(certificate)), client_authorities)
}

/// As [`tls_config`], with further names.
pub fn tls_config_by_name(names: Names, client_authorities: Option<&str>) -> Result<Arc<ServerConfig>, Error> {
    with_certificates(Arc::new(names), client_authorities)
}

fn with_certificates(
    resolver: Arc<dyn ResolvesServerCert>,
    client_authorities: Option<&str>,
) -> Result<Arc<ServerConfig>, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
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
    let mut config = builder.with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Certificates by the name that the client asks for: those of an authority's names are made when first asked for, everybody
/// else gets the server's own.
pub struct Names {
    own: Arc<CertifiedKey>,
    authority: Authority,
    /// Whether a certificate is made for the name (lower case).
    stands_for: fn(&str) -> bool,
    clock: SharedClock,
    made: Mutex<BTreeMap<String, (Timestamp, Arc<CertifiedKey>)>>,
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Names").field("authority", &self.authority).finish_non_exhaustive()
    }
}

impl Names {
    pub fn new(
        own: &Pair,
        authority: Authority,
        stands_for: fn(&str) -> bool,
        clock: SharedClock,
    ) -> Result<Self, Error> {
        Ok(Self { own: Arc::new(certified(own)?), authority, stands_for, clock, made: Mutex::default() })
    }

    fn of(&self, name: &str) -> Option<Arc<CertifiedKey>> {
        let now = self.clock.now();
        let mut made = self.made.lock();
        if let Some((at, certificate)) = made.get(name)
            && now.duration_since(*at) < REMEMBERED
        {
            return Some(certificate.clone());
        }
        let pair = self.authority.server(&[name.to_string()], now);
        let made_now = pair.map_err(|error| error.to_string());
        let certificate = match made_now.and_then(|pair| certified(&pair).map_err(|error| error.to_string())) {
            Ok(certificate) => Arc::new(certificate),
            Err(error) => {
                tracing::warn!(name, error, "no certificate can be made");
                return None;
            }
        };
        if made.len() >= NAMES_MAX {
            made.clear();
        }
        made.insert(name.to_string(), (now, certificate.clone()));
        Some(certificate)
    }
}

impl ResolvesServerCert for Names {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match hello.server_name().map(str::to_ascii_lowercase) {
            Some(name) if (self.stands_for)(&name) => self.of(&name),
            _ => Some(self.own.clone()),
        }
    }
}

fn certified(pair: &Pair) -> Result<CertifiedKey, Error> {
    let certificates = certificates(&pair.certificate, "the server certificate")?;
    let key = PrivateKeyDer::from_pem_slice(pair.key.reveal().as_bytes())
        .map_err(|_| Error::Pem { what: "the server key" })?;
    Ok(CertifiedKey::from_der(certificates, key, &rustls::crypto::ring::default_provider())?)
}

fn certificates(pem: &str, what: &'static str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    all.ok().filter(|all| !all.is_empty()).ok_or(Error::Pem { what })
}
