//! From a socket to a router: TLS with optional client certificates, limits, Host and Origin checks, a clean end.
//!
//! Entry points: [`tls_config`], [`tls_config_by_name`], [`Server`], [`Plain`], [`listen_address`]; [`health`] and [`metrics`] for the routes that operators ask.
//! A connection that shows a client certificate has it as [`crate::access::PeerCertificate`] in each of its requests; whom it
//! stands for is `access`'s to say. Needs a tokio runtime with I/O; nothing here runs in the sandbox.

mod guard;
pub mod health;
pub mod metrics;
mod server;
mod tls;
mod webhooks;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub use guard::Guard;
pub use server::{Limits, Plain, Server};
pub use tls::{Names, tls_config, tls_config_by_name};
pub use webhooks::Webhooks;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{what} is not readable PEM")]
    Pem { what: &'static str },
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    #[error("client certificates: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
    #[error("{0:?} is not an address to listen on; expected PORT, ADDRESS:PORT or [ADDRESS]:PORT")]
    Address(String),
}

/// What `--listen` says: a port alone means this machine only.
pub fn listen_address(text: &str) -> Result<SocketAddr, Error> {
    if let Ok(port) = text.parse::<u16>() {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    if let Some(port) = text.strip_prefix("localhost:").and_then(|port| port.parse::<u16>().ok()) {
        return Ok(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    }
    text.parse().map_err(|_| Error::Address(text.to_string()))
}
