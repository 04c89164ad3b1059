//! Calls of webhooks: where one is reached, and the seam behind which the network is. What is asked, and what an answer
//! means, is decided elsewhere.

use std::{fmt, sync::Arc};

use api::{ObjectExt, text};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::future::BoxFuture;
use serde_json::Value;

/// Where a webhook listens, and whom it must prove to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What is connected to.
    pub host: String,
    pub port: u16,
    /// The name in the certificate, and in the `Host` header.
    pub name: String,
    /// Path and query.
    pub path: String,
    /// PEM; empty for the authorities that the system trusts.
    pub authorities: Vec<u8>,
    pub timeout_secs: u64,
}

/// Sends a JSON body over TLS and gives the JSON of a 200 back.
pub trait Caller: Send + Sync + fmt::Debug {
    fn call(&self, target: Target, body: Bytes) -> BoxFuture<'static, Result<Bytes, String>>;
}

pub type SharedCaller = Arc<dyn Caller>;

/// Why there is no target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// A mistake of the configuration, or of the cluster: a failure of the webhook.
    Failed(String),
    /// Something that only this server lacks: the webhook is left out, and that is said.
    Simulated(String),
}

/// Where a `clientConfig` points. `service` finds a Service of the cluster by namespace and name.
pub(crate) fn target(
    client: &Value,
    timeout_secs: u64,
    service: impl Fn(&str, &str) -> Option<Value>,
) -> Result<Target, Unreachable> {
    let authorities = BASE64_STANDARD
        .decode(text(client, "/caBundle"))
        .map_err(|error| Unreachable::Failed(format!("caBundle: {error}")))?;
    let url = text(client, "/url");
    if !url.is_empty() {
        return of_url(url, authorities, timeout_secs)
            .ok_or_else(|| Unreachable::Failed(format!("invalid URL {url:?}")));
    }
    let (namespace, name) = (text(client, "/service/namespace"), text(client, "/service/name"));
    let found = service(namespace, name).ok_or_else(|| Unreachable::Failed(format!("service {name:?} not found")))?;
    if text(&found, "/spec/type") != "ExternalName" {
        let name = format!("{}/{}", found.namespace().unwrap_or_default(), found.name().unwrap_or_default());
        let why = format!(
            "service {name} is inside of this cluster, whose pods are simulated (one of type ExternalName is called)"
        );
        return Err(Unreachable::Simulated(why));
    }
    let port = client.pointer("/service/port").and_then(Value::as_u64).and_then(|port| u16::try_from(port).ok());
    let path = text(client, "/service/path");
    Ok(Target {
        host: text(&found, "/spec/externalName").into(),
        port: port.unwrap_or(443),
        name: format!("{name}.{namespace}.svc"),
        path: format!("{}?timeout={timeout_secs}s", if path.is_empty() { "/" } else { path }),
        authorities,
        timeout_secs,
    })
}

fn of_url(url: &str, authorities: Vec<u8>, timeout_secs: u64) -> Option<Target> {
    let parsed: http::Uri = url.parse().ok()?;
    if parsed.scheme_str() != Some("https") {
        return None;
    }
    let host = parsed.host()?.trim_matches(['[', ']']).to_string();
    Some(Target {
        name: host.clone(),
        host,
        port: parsed.port_u16().unwrap_or(443),
        path: format!("{}?timeout={timeout_secs}s", parsed.path()),
        authorities,
        timeout_secs,
    })
}

#[cfg(test)]
mod tests;
