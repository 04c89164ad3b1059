//! The certificates of a data directory: an authority of its own, the server certificates and client certificates that it
//! signs, and kubeconfigs with them. Elliptic curves (P-256) through rcgen and ring.
//!
//! Every authority is name-constrained: its certificates are worth nothing for any host but the ones it was made for, even
//! when somebody trusts it system-wide. Keys come from the operating system's randomness, never from a seeded source, and are
//! only ever written with mode 0600. Not here: whom a certificate stands for (`access`), TLS (`serve`).

mod authority;
mod files;
mod kubeconfig;
mod parse;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

pub use authority::{Authority, Pair, Profile, Wanted};
pub use files::write_private;
pub use kubeconfig::Kubeconfig;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot {action} {}", .path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    /// Not repaired silently: whatever trusts the old authority would be cut off.
    #[error("{} is not a readable {what}; move it away and its successor is made at the next start", .path.display())]
    Unreadable { path: PathBuf, what: &'static str },
    #[error("the authority {authority:?} may not certify {name:?}: it is constrained to {permitted}")]
    NotPermitted { authority: String, name: String, permitted: String },
    #[error("{0:?} is neither a host name nor an address")]
    Name(String),
    #[error("certificate: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("not a PEM certificate")]
    Pem,
}
