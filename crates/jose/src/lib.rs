//! RSA keys and RS256 tokens, for the two issuers of this process: a hosted cluster's service accounts (apiserver) and
//! Entra ID (twin). A crate of its own so that RSA stays out of the pure crates and both issuers share one implementation.
//! `crypto-primes` and `rsa` only make keys (ring cannot); ring signs and verifies. Follows RFC 7515, 7517, 7518 and 7519.

mod key;
mod token;

pub use key::{Jwk, Jwks, PublicKey, SigningKey};
pub use token::{Error, sign, unverified_claims, verify};

#[cfg(test)]
mod tests;
