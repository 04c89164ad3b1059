//! ARM's HTTP conventions as plain functions: URLs, error bodies, Retry-After, and how a long-running operation announces
//! itself (Azure/azure-resource-manager-rpc, async-api-reference). No I/O.

use actions::{ArmError, ArmMethod, ArmOperation, ArmRequest, ArmResponse, OperationStyle};
use bytes::Bytes;
use http::{HeaderMap, Response};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// What a path segment may not carry as it is.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'?').add(b'`').add(b'%');
/// Query values: unreserved characters stay.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `https://management.azure.com/subscriptions/...?api-version=...`. Ids with dot segments, a query or a fragment are
/// refused: they would name something else than they show.
pub(crate) fn url(management: &str, id: &str, query: &[(&str, &str)]) -> Result<String, ArmError> {
    let odd = id.split('/').skip(1).any(|segment| matches!(segment, "" | "." | ".."));
    if !id.starts_with('/') || odd || id.contains(['?', '#', '\\']) {
        return Err(failure(400, "InvalidResourceId", format!("{id:?} is not an Azure resource id")));
    }
    let query: Vec<String> =
        query.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY))).collect();
    Ok(format!("{management}{}?{}", utf8_percent_encode(id, PATH), query.join("&")))
}

pub(crate) fn form_encode(fields: &[(&'static str, String)]) -> String {
    let encoded: Vec<String> =
        fields.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY))).collect();
    encoded.join("&")
}

pub(crate) fn failure(status: u16, code: &str, message: String) -> ArmError {
    ArmError { status, code: code.into(), message, retry_after_secs: None, correlation_id: String::new() }
}

/// An answer to a request, success or failure.
pub(crate) fn read(request: &ArmRequest, answer: &Response<Bytes>, now: Timestamp) -> Result<ArmResponse, ArmError> {
    let body = success(answer, now)?;
    let operation = operation(request.method, answer.status().as_u16(), answer.headers(), &body);
    Ok(response(answer, body, operation, now))
}

pub(crate) fn response(
    answer: &Response<Bytes>,
    body: Value,
    operation: Option<ArmOperation>,
    now: Timestamp,
) -> ArmResponse {
    ArmResponse {
        status: answer.status().as_u16(),
        body,
        operation,
        retry_after_secs: retry_after(answer.headers(), now),
        correlation_id: correlation_id(answer.headers()),
    }
}

/// The body of a 2xx answer; everything else is an error.
pub(crate) fn success(answer: &Response<Bytes>, now: Timestamp) -> Result<Value, ArmError> {
    let status = answer.status();
    let parsed = if answer.body().is_empty() { Ok(Value::Null) } else { serde_json::from_slice(answer.body()) };
    if status.is_success() {
        return parsed.map_err(|error| {
            let message = format!("Azure answered {status} with a body that is not JSON: {error}");
            ArmError { correlation_id: correlation_id(answer.headers()), ..failure(502, "UnreadableResponse", message) }
        });
    }
    let body = parsed.unwrap_or(Value::Null);
    let (code, message) = error_of(&body).unwrap_or_else(|| {
        let header = text(answer.headers(), "x-ms-error-code").unwrap_or_default().to_string();
        let code = match (header.is_empty(), status.as_u16()) {
            (false, _) => header,
            (true, 404) => "NotFound".into(),
            (true, other) => format!("Http{other}"),
        };
        (code, format!("Azure answered {status} without an error body that could be read"))
    });
    Err(ArmError {
        retry_after_secs: retry_after(answer.headers(), now),
        correlation_id: correlation_id(answer.headers()),
        ..failure(status.as_u16(), &code, message)
    })
}

/// Code and message of `{"error": {...}}`, or of a bare `{"code", "message"}` as some providers send it; details appended.
pub(crate) fn error_of(body: &Value) -> Option<(String, String)> {
    let error = body.get("error").filter(|error| error.is_object()).unwrap_or(body);
    let code = error.get("code")?.as_str()?.to_string();
    let mut message = error.get("message").and_then(Value::as_str).unwrap_or_default().to_string();
    for detail in error.get("details").and_then(Value::as_array).into_iter().flatten() {
        let code = detail.get("code").and_then(Value::as_str).unwrap_or_default();
        let text = detail.get("message").and_then(Value::as_str).unwrap_or_default();
        if !text.is_empty() && !message.contains(text) {
            message.push_str(&format!(" ({code}: {text})"));
        }
    }
    Some((code, message))
}

/// How the operation goes on, if it does. The order is azcore's: `Azure-AsyncOperation`, then `Location` of a 202, then the
/// body's provisioning state.
pub(crate) fn operation(method: ArmMethod, status: u16, headers: &HeaderMap, body: &Value) -> Option<ArmOperation> {
    if !method.writes() {
        return None;
    }
    let at = |style, url: &str| Some(ArmOperation { style, url: url.to_string(), method });
    if let Some(url) = text(headers, "azure-asyncoperation") {
        return at(OperationStyle::AzureAsyncOperation, url);
    }
    if let Some(url) = text(headers, "location").filter(|_| status == 202) {
        return at(OperationStyle::Location, url);
    }
    let creates = matches!(method, ArmMethod::Put | ArmMethod::Patch);
    match provisioning_state(body) {
        Some(state) if creates && !is_terminal(state) => at(OperationStyle::ResourceBody, ""),
        _ => None,
    }
}

/// `properties.provisioningState`, when the type has one.
pub fn provisioning_state(body: &Value) -> Option<&str> {
    body.get("properties")?.get("provisioningState")?.as_str()
}

pub(crate) fn is_terminal(state: &str) -> bool {
    ["Succeeded", "Failed", "Canceled"].iter().any(|terminal| terminal.eq_ignore_ascii_case(state))
}

/// Whole seconds, rounded down: 0 means "soon". The millisecond headers come first, as in azcore; dates are understood too.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<u64> {
    for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
        if let Some(millis) = text(headers, name).and_then(|value| value.parse::<u64>().ok()) {
            return Some(millis / 1000);
        }
    }
    let value = text(headers, "retry-after")?;
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(seconds);
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    u64::try_from(date.as_second() - now.as_second()).ok().or(Some(0))
}

pub(crate) fn correlation_id(headers: &HeaderMap) -> String {
    let named = text(headers, "x-ms-correlation-request-id").or_else(|| text(headers, "x-ms-request-id"));
    named.unwrap_or_default().to_string()
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
}
