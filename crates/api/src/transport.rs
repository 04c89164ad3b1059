//! What every HTTP client of ours decides alike, whatever it speaks: which hosts the proxy is not for, and how a failed
//! connection is told. Opens no connection.

use std::error::Error;

/// `NO_PROXY` as curl reads it: an exact host, a domain suffix (with or without the dot), or `*`.
pub fn bypasses(no_proxy: &[String], host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    no_proxy.iter().map(|entry| entry.trim().trim_start_matches('.')).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        entry == "*" || host == entry || host.ends_with(&format!(".{entry}"))
    })
}

/// The causes of a connection failure: hyper's own text says only "client error".
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
