//! The one limit on nesting: every walk here recurses, so input deeper than this is refused before it is walked.

use serde_json::Value;

/// Levels of nesting that an object may have. Upstream's decoders stop at 10,000, real objects at about 30.
pub const MAX: usize = 100;

/// Whether a value nests deeper than `limit`; never recurses deeper than that itself.
pub fn exceeds(value: &Value, limit: usize) -> bool {
    match value {
        Value::Array(items) => limit == 0 || items.iter().any(|item| exceeds(item, limit - 1)),
        Value::Object(map) => limit == 0 || map.values().any(|item| exceeds(item, limit - 1)),
        _ => false,
    }
}

pub fn message() -> String {
    format!("the object nests deeper than {MAX} levels: flatten it")
}
