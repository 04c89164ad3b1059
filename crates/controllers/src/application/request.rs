//! Server-side apply with the server's warnings: `kube::Client::request` drops the headers they come in.

use api::{ObjectExt, names::ObjectRef, status::Status};
use kube::client::Body;
use serde_json::Value;

use super::{FIELD_MANAGER, undeclared};
use crate::cluster::{Cluster, Error, patiently};

/// The object after the apply (or as it would be), or the server's refusal; and its warnings.
pub(super) struct Applied {
    pub(super) result: Result<Value, Status>,
    pub(super) warnings: Vec<String>,
}

/// Refusals that name further undeclared fields; each takes at least one out.
const ATTEMPTS_MAX: usize = 8;

/// What an apply would do. That is a read: it is asked again as reads are.
pub(super) async fn predict(cluster: &Cluster, target: &ObjectRef, object: &Value) -> Result<Applied, Error> {
    patiently(|| apply(cluster, target, object, true)).await
}

/// Applies the object without the fields that its kind does not have, see [`undeclared`]. `Err` only for failures that may go
/// away by themselves.
pub(super) async fn apply(
    cluster: &Cluster,
    target: &ObjectRef,
    object: &Value,
    dry_run: bool,
) -> Result<Applied, Error> {
    let mut object = object.clone();
    let mut dropped = Vec::new();
    for _ in 0..ATTEMPTS_MAX {
        match send(cluster, target, &object, dry_run).await {
            Err(Error::Api { message, .. }) | Ok(Applied { result: Err(Status { message, .. }), .. })
                if message.contains(undeclared::REFUSAL) =>
            {
                let gone = undeclared::drop_undeclared(&mut object, &message);
                if gone.is_empty() {
                    break;
                }
                dropped.extend(gone.into_iter().map(|field| format!("unknown field \"{field}\"")));
            }
            other => {
                return other.map(|mut applied| {
                    applied.warnings.splice(0..0, dropped);
                    applied
                });
            }
        }
    }
    send(cluster, target, &object, dry_run).await
}

async fn send(cluster: &Cluster, target: &ObjectRef, object: &Value, dry_run: bool) -> Result<Applied, Error> {
    let Some(served) = cluster.served(&target.gvk()).await? else {
        return Ok(Applied { result: Err(not_served()), warnings: Vec::new() });
    };
    let namespace = object.namespace().unwrap_or_default();
    let path = served.object_path(&target.gvk(), namespace, &target.name);
    let dry = if dry_run { "&dryRun=All" } else { "" };
    let uri = format!("{path}?fieldManager={FIELD_MANAGER}&force=true&fieldValidation=Warn{dry}");
    let request = http::Request::patch(&uri)
        .header("content-type", "application/apply-patch+yaml")
        .header("accept", "application/json")
        .body(Body::from(object.to_string().into_bytes()))
        .map_err(|error| Error::Request(error.to_string()))?;
    let broken = |source| Error::Transport { method: "PATCH".into(), path: path.clone(), source: Box::new(source) };
    let response = cluster.client().send(request).await.map_err(broken)?;
    let code = response.status().as_u16();
    let headers = response.headers().get_all("warning");
    let warnings = headers.iter().filter_map(|header| warning(header.to_str().ok()?)).collect();
    let bytes = response.into_body().collect_bytes().await.map_err(broken)?;
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if (200..300).contains(&code) {
        return Ok(Applied { result: Ok(body), warnings });
    }
    let status = serde_json::from_value::<Status>(body).unwrap_or_else(|_| {
        Status::failure(code, "Unknown", format!("the server answered {code}: {}", String::from_utf8_lossy(&bytes)))
    });
    if is_passing(code) {
        let (reason, message) = (status.reason, status.message);
        return Err(Error::Api { method: "PATCH".into(), path, code, reason, message });
    }
    Ok(Applied { result: Err(status), warnings })
}

/// Codes that say more about the moment than about the object.
pub(super) fn is_passing(code: u16) -> bool {
    matches!(code, 401 | 408 | 409 | 410 | 429 | 500..=599)
}

/// What the API server says to a path of a kind that it does not know.
pub(super) fn not_served() -> Status {
    Status::failure(404, "NotFound", "the server could not find the requested resource")
}

/// The text of `299 - "text"`.
fn warning(header: &str) -> Option<String> {
    let quoted = header.split_once('"')?.1;
    let text = quoted.strip_suffix('"').unwrap_or(quoted);
    Some(text.replace("\\\"", "\"").replace("\\\\", "\\"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn warnings_are_unquoted() {
        let header = r#"299 - "unknown field \"spec.owner.kind\"""#;
        assert_eq!(super::warning(header).as_deref(), Some(r#"unknown field "spec.owner.kind""#));
        assert_eq!(super::warning("nothing"), None);
    }
}
