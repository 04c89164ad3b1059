//! Request bodies to JSON values: JSON, YAML, protobuf of built-in kinds; bounded in size. Nothing is interpreted here
//! beyond the delete options, which come in bodies and in queries.

use api::status::{Cause, Status};
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use machinery::builtin;
use serde_json::Value;

use super::{query::Query, strict_json};
use crate::admit::{DeleteOptions, PatchKind, Propagation};

/// Upstream's limit for a request.
const BODY_BYTES_MAX: usize = 3 * 1024 * 1024;

/// A decoded body and what strict decoding found in it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decoded {
    pub(crate) value: Value,
    /// `duplicate field "spec.x"`
    pub(crate) duplicates: Vec<String>,
}

pub(crate) async fn read(body: Body) -> Result<Bytes, Status> {
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(Status::too_large(format!("Request entity too large: limit is {BODY_BYTES_MAX}")))
        }
        Err(error) => Err(Status::bad_request(format!("the body could not be read: {error}"))),
    }
}

/// The media type without its parameters, in lower case.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub(crate) fn unknown_format(accepted: &[&str]) -> Status {
    Status::unsupported_media_type(format!(
        "the body of the request was in an unknown format - accepted media types include: {}",
        accepted.join(", ")
    ))
}

/// An object.
pub(crate) fn decode(headers: &HeaderMap, body: &[u8]) -> Result<Decoded, Status> {
    match media_type(headers).as_str() {
        "" | "application/json" => json(body),
        "application/yaml" => yaml(body),
        "application/vnd.kubernetes.protobuf" => {
            Ok(Decoded { value: builtin::decode_protobuf(body)?, duplicates: Vec::new() })
        }
        _ => Err(unknown_format(&["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"])),
    }
}

pub(crate) fn json(body: &[u8]) -> Result<Decoded, Status> {
    let (value, duplicates) = strict_json::parse(body)
        .map_err(|error| Status::bad_request(format!("couldn't get version/kind; json parse error: {error}")))?;
    Ok(Decoded { value, duplicates: duplicates.iter().map(|path| format!("duplicate field \"{path}\"")).collect() })
}

/// YAML, of which JSON is a part: the body of an apply may be either.
pub(crate) fn yaml(body: &[u8]) -> Result<Decoded, Status> {
    if let Ok(decoded) = json(body) {
        return Ok(decoded);
    }
    let refused = |error: String| Status::bad_request(format!("error decoding YAML: {error}"));
    let text = std::str::from_utf8(body).map_err(|error| refused(error.to_string()))?;
    let parse = |policy| {
        let options =
            serde_saphyr::options! { duplicate_keys: policy, with_snippet: false, legacy_octal_numbers: true };
        serde_saphyr::from_str_with_options::<Value>(text, options)
    };
    let value = parse(serde_saphyr::DuplicateKeyPolicy::LastWins).map_err(|error| refused(error.to_string()))?;
    let duplicates = match parse(serde_saphyr::DuplicateKeyPolicy::Error) {
        Ok(_) => Vec::new(),
        Err(error) => vec![error.to_string()],
    };
    Ok(Decoded { value, duplicates })
}

/// How a PATCH is meant; `strategic` says whether the kind knows strategic merge patches.
pub(crate) enum Patch {
    Plain(PatchKind, Decoded),
    Apply(Decoded),
}

pub(crate) fn patch(headers: &HeaderMap, body: &[u8], strategic: bool) -> Result<Patch, Status> {
    let kind = match media_type(headers).as_str() {
        "application/json-patch+json" => PatchKind::Json,
        "application/merge-patch+json" => PatchKind::Merge,
        "application/strategic-merge-patch+json" if strategic => PatchKind::Strategic,
        "application/apply-patch+yaml" => return yaml(body).map(Patch::Apply),
        _ => {
            let mut accepted = vec!["application/json-patch+json", "application/merge-patch+json"];
            accepted.extend(strategic.then_some("application/strategic-merge-patch+json"));
            accepted.push("application/apply-patch+yaml");
            return Err(unknown_format(&accepted));
        }
    };
    let decoded = json(body).map_err(|status| Status::bad_request(format!("error decoding patch: {status}")))?;
    Ok(Patch::Plain(kind, decoded))
}

/// `metav1.DeleteOptions` of the body (which may be absent), or of the query.
pub(crate) fn delete_options(headers: &HeaderMap, body: &[u8], query: &Query) -> Result<(DeleteOptions, bool), Status> {
    let sent = if body.is_empty() { Value::Null } else { decode(headers, body)?.value };
    delete_options_of(&sent, query)
}

/// The same, from a body that is decoded already.
pub(crate) fn delete_options_of(sent: &Value, query: &Query) -> Result<(DeleteOptions, bool), Status> {
    let text = |pointer: &str| sent.pointer(pointer).and_then(Value::as_str).map(ToString::to_string);
    let policy = text("/propagationPolicy").or_else(|| query.get("propagationPolicy").map(Into::into));
    let orphan = sent["orphanDependents"].as_bool().or_else(|| query.maybe_flag("orphanDependents"));
    let propagation = match (policy.as_deref(), orphan) {
        (Some(_), Some(_)) => {
            let message = "Invalid value: orphanDependents and propagationPolicy cannot both be set";
            return Err(invalid("propagationPolicy", message));
        }
        (Some("Background"), _) | (None, Some(false)) => Some(Propagation::Background),
        (Some("Foreground"), _) => Some(Propagation::Foreground),
        (Some("Orphan"), _) | (None, Some(true)) => Some(Propagation::Orphan),
        (Some(other), None) => {
            let message = format!(
                "Unsupported value: \"{other}\": supported values: \"Background\", \"Foreground\", \"Orphan\", \"nil\""
            );
            return Err(invalid("propagationPolicy", &message));
        }
        (None, None) => None,
    };
    let from_query = query.number("gracePeriodSeconds")?.and_then(|secs| i64::try_from(secs).ok());
    let options = DeleteOptions {
        uid: text("/preconditions/uid"),
        resource_version: text("/preconditions/resourceVersion"),
        propagation,
        grace_period_secs: sent["gracePeriodSeconds"].as_i64().or(from_query),
    };
    let in_body = sent["dryRun"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let dry_run = super::options::dry_run(in_body.chain(query.all("dryRun")), "DeleteOptions")?;
    Ok((options, dry_run))
}

fn invalid(field: &str, message: &str) -> Status {
    let cause = Cause { reason: "FieldValueInvalid".into(), field: field.into(), message: message.into() };
    Status::invalid("meta.k8s.io", "DeleteOptions", "", vec![cause])
}
