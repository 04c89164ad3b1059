//! `v1` and `events.k8s.io/v1` Events are two views of one stored object. It is stored as `v1`; this renames the fields.

use serde_json::{Map, Value};

pub(crate) const GROUP: &str = "events.k8s.io";

/// (core name, events.k8s.io name)
const RENAMED: [(&str, &str); 7] = [
    ("involvedObject", "regarding"),
    ("message", "note"),
    ("source", "deprecatedSource"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("count", "deprecatedCount"),
    ("reportingComponent", "reportingController"),
];

fn rename(object: Value, api_version: &str, map: impl Fn(&str) -> Option<&'static str>) -> Value {
    let Value::Object(fields) = object else { return object };
    let mut renamed: Map<String, Value> =
        fields.into_iter().map(|(name, value)| (map(&name).map_or(name, Into::into), value)).collect();
    renamed.insert("apiVersion".into(), api_version.into());
    Value::Object(renamed)
}

pub(crate) fn to_events_api(core: Value) -> Value {
    rename(core, "events.k8s.io/v1", |name| RENAMED.iter().find(|(old, _)| *old == name).map(|(_, new)| *new))
}

pub(crate) fn to_core(event: Value) -> Value {
    rename(event, "v1", |name| RENAMED.iter().find(|(_, new)| *new == name).map(|(old, _)| *old))
}
