//! Compact JSON Web Tokens, RS256 only: any other algorithm is refused, `none` above all.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as URL};
use serde_json::{Value, json};

use crate::{Jwks, PublicKey, SigningKey};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("not a JSON Web Token: {0}")]
    Malformed(&'static str),
    #[error("algorithm {0} is not RS256")]
    Algorithm(String),
    #[error("no key with id {0}")]
    UnknownKey(String),
    #[error("the signature does not match")]
    Signature,
    #[error("RSA key: {0}")]
    Key(String),
}

/// Signs the claims. The header names the key, so that verifiers find it in a JWKS document.
pub fn sign(key: &SigningKey, claims: &Value) -> Result<String, Error> {
    let header = json!({"alg": "RS256", "kid": key.id(), "typ": "JWT"});
    let message = format!("{}.{}", URL.encode(header.to_string()), URL.encode(claims.to_string()));
    let signature = key.sign(message.as_bytes())?;
    Ok(format!("{message}.{}", URL.encode(signature)))
}

/// Checks algorithm and signature and returns the claims. Times, issuer and audience are the caller's to check: it has the
/// clock.
pub fn verify(keys: &Jwks, token: &str) -> Result<Value, Error> {
    let (message, signature) = token.rsplit_once('.').ok_or(Error::Malformed("three parts expected"))?;
    let (header, payload) = message.split_once('.').ok_or(Error::Malformed("three parts expected"))?;
    let header = decode(header)?;
    let algorithm = header["alg"].as_str().unwrap_or_default();
    if algorithm != "RS256" {
        return Err(Error::Algorithm(algorithm.to_string()));
    }
    let kid = header["kid"].as_str().unwrap_or_default();
    let jwk = keys.keys.iter().find(|jwk| jwk.kid == kid).ok_or_else(|| Error::UnknownKey(kid.to_string()))?;
    let signature = URL.decode(signature).map_err(|_| Error::Malformed("signature is not base64url"))?;
    PublicKey::from_jwk(jwk)?.verify(message.as_bytes(), &signature)?;
    decode(payload)
}

/// The claims of a token that nobody has checked: only to find out which issuer's keys to check it with, or to quote in an
/// error message.
pub fn unverified_claims(token: &str) -> Result<Value, Error> {
    let payload = token.split('.').nth(1).ok_or(Error::Malformed("three parts expected"))?;
    decode(payload)
}

fn decode(part: &str) -> Result<Value, Error> {
    let bytes = URL.decode(part).map_err(|_| Error::Malformed("a part is not base64url"))?;
    serde_json::from_slice(&bytes).map_err(|_| Error::Malformed("a part is not JSON"))
}
