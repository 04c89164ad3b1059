//! A file of trusted roots for clients that take one file instead of the system's: the system's own, and one more.

use base64::{Engine, prelude::BASE64_STANDARD};

/// Characters of a line of PEM.
const LINE: usize = 64;

/// The system's roots and the given authority (PEM).
pub(super) fn with_system_roots(authority: &str) -> String {
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "a root certificate of the system cannot be read");
    }
    let mut bundle = authority.to_string();
    for certificate in &system.certs {
        let pem = pem(certificate);
        // A shell that sourced an older bundle hands it in as the system's.
        if pem.trim() != authority.trim() {
            bundle.push_str(&pem);
        }
    }
    bundle
}

fn pem(der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(LINE).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    format!("-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n")
}
