//! Decode errors.
use serde_json::Value;

use super::Schema;
/// What upstream's decoder would say about values of the wrong JSON type.
pub fn decode_errors(_schema: &Schema, _object: &Value) -> Option<String> {
    None
}
