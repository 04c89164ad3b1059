//! What the API is run by: requests for certificates, and how requests are sorted.

use api::condition;
use jiff::Timestamp;
use serde_json::Value;

use super::{created, int, name, or, text};

pub(super) const SIGNING_REQUEST: &[&str] =
    &["Name", "Age", "SignerName", "Requestor", "RequestedDuration", "Condition"];

pub(super) fn signing_request(object: &Value, now: Timestamp) -> Vec<Value> {
    let duration = match object.pointer("/spec/expirationSeconds").and_then(Value::as_i64) {
        Some(secs) => super::age::age(secs),
        None => "<none>".into(),
    };
    let has = |kind: &str| condition::find(object, kind).is_some();
    let mut status = match (has("Denied"), has("Approved")) {
        (true, _) => "Denied".to_string(),
        (_, true) => "Approved".into(),
        _ => "Pending".into(),
    };
    if has("Failed") {
        status += ",Failed";
    }
    if !text(object, "/status/certificate").is_empty() {
        status += ",Issued";
    }
    vec![
        name(object),
        created(object, now),
        or(text(object, "/spec/signerName"), "<none>").into(),
        text(object, "/spec/username").into(),
        duration.into(),
        status.into(),
    ]
}

pub(super) const FLOW_SCHEMA: &[&str] =
    &["Name", "PriorityLevel", "MatchingPrecedence", "DistinguisherMethod", "Age", "MissingPL"];

pub(super) fn flow_schema(object: &Value, now: Timestamp) -> Vec<Value> {
    let dangling = condition::find(object, "Dangling");
    vec![
        name(object),
        text(object, "/spec/priorityLevelConfiguration/name").into(),
        int(object, "/spec/matchingPrecedence").into(),
        or(text(object, "/spec/distinguisherMethod/type"), "<none>").into(),
        created(object, now),
        dangling.map_or("?", |condition| text(condition, "/status")).into(),
    ]
}

pub(super) const PRIORITY_LEVEL: &[&str] =
    &["Name", "Type", "NominalConcurrencyShares", "Queues", "HandSize", "QueueLengthLimit", "Age"];

pub(super) fn priority_level(object: &Value, now: Timestamp) -> Vec<Value> {
    let number = |pointer: &str| match object.pointer(&format!("/spec/limited/{pointer}")) {
        Some(number) => number.clone(),
        None => "<none>".into(),
    };
    vec![
        name(object),
        text(object, "/spec/type").into(),
        number("nominalConcurrencyShares"),
        number("limitResponse/queuing/queues"),
        number("limitResponse/queuing/handSize"),
        number("limitResponse/queuing/queueLengthLimit"),
        created(object, now),
    ]
}
