//! Whether a request carries the credential. Compared in constant time.

use api::Redacted;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, header};
use sha2::{Digest, Sha256};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// No credential at all.
    None,
    Wrong,
    Granted {
        user: String,
    },
}

impl Access {
    pub fn of(headers: &HeaderMap, credential: &Redacted<String>) -> Self {
        let Some(given) = headers.get(header::AUTHORIZATION) else { return Self::None };
        let Some((scheme, value)) = given.to_str().ok().and_then(|given| given.split_once(' ')) else {
            return Self::Wrong;
        };
        let (user, secret) = match scheme.to_ascii_lowercase().as_str() {
            "bearer" => ("git".to_owned(), value.trim().to_owned()),
            "basic" => match basic(value.trim()) {
                Some(pair) => pair,
                None => return Self::Wrong,
            },
            _ => return Self::Wrong,
        };
        if !equal(&secret, credential.reveal()) {
            return Self::Wrong;
        }
        Self::Granted { user }
    }
}

fn basic(value: &str) -> Option<(String, String)> {
    let decoded = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    // The user name goes into the environment of a process and into reflogs.
    let user: String = user.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.@".contains(*c)).take(64).collect();
    Some((if user.is_empty() { "git".into() } else { user }, password.to_owned()))
}

/// Digests are compared, all of them, so that time tells neither length nor content. An empty credential opens nothing.
fn equal(given: &str, expected: &str) -> bool {
    let (given, wanted) = (Sha256::digest(given.as_bytes()), Sha256::digest(expected.as_bytes()));
    let difference = given.iter().zip(wanted.iter()).fold(0u8, |difference, (one, other)| difference | (one ^ other));
    difference == 0 && !expected.is_empty()
}
