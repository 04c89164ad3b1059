//! Events, in both of their forms: `v1` says involvedObject, message and count, `events.k8s.io/v1` says regarding, note and
//! keeps the old fields under `deprecated...`.

use jiff::Timestamp;
use serde_json::Value;

use super::{int, or, since, text};

pub(super) const NAMES: &[&str] =
    &["Last Seen", "Type", "Reason", "Object", "+Subobject", "+Source", "Message", "+First Seen", "+Count", "+Name"];

pub(super) fn row(event: &Value, now: Timestamp) -> Vec<Value> {
    let either = |old: &str, new: &str| or(text(event, old), text(event, new)).to_string();
    let first = or(&either("/firstTimestamp", "/deprecatedFirstTimestamp"), text(event, "/eventTime")).to_string();
    let last = or(&either("/lastTimestamp", "/deprecatedLastTimestamp"), &first).to_string();
    let count = int(event, "/count").max(int(event, "/deprecatedCount"));
    let (last, count) = match event.get("series") {
        Some(series) if series.is_object() => (text(series, "/lastObservedTime").to_string(), int(series, "/count")),
        // An event that happened once has no count in the new form.
        _ => (last, count.max(1)),
    };
    vec![
        since(&last, now).into(),
        text(event, "/type").into(),
        text(event, "/reason").into(),
        object(event).into(),
        either("/involvedObject/fieldPath", "/regarding/fieldPath").into(),
        source(event).into(),
        either("/message", "/note").trim().into(),
        since(&first, now).into(),
        count.into(),
        text(event, "/metadata/name").into(),
    ]
}

fn object(event: &Value) -> String {
    let of = event.get("involvedObject").or_else(|| event.get("regarding")).unwrap_or(&Value::Null);
    let kind = text(of, "/kind").to_lowercase();
    let name = text(of, "/name");
    if name.is_empty() { kind } else { format!("{kind}/{name}") }
}

fn source(event: &Value) -> String {
    let of = event.get("source").or_else(|| event.get("deprecatedSource")).unwrap_or(&Value::Null);
    let controller = or(text(event, "/reportingComponent"), text(event, "/reportingController"));
    let component = or(text(of, "/component"), controller);
    let instance = or(text(of, "/host"), text(event, "/reportingInstance"));
    if instance.is_empty() { component.to_string() } else { format!("{component}, {instance}") }
}
