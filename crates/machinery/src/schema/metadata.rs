//! Metadata of objects.
use api::status::Cause;
use serde_json::Value;
/// All annotations together may have this many bytes.
pub const ANNOTATIONS_SIZE_MAX: usize = 256 * 1024;

/// Names, labels, annotations, finalizers and owner references.
pub fn validate_metadata(_object: &Value, _namespaced: bool) -> Vec<Cause> {
    Vec::new()
}
