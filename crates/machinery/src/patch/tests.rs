//! The three patch formats: tables of document, patch and outcome, and the laws of merge patches.

mod formats;
mod strategic;

use api::status::Status;
use serde_json::Value;

/// The document, or the status with its causes.
fn outcome(result: Result<Value, Status>) -> String {
    match result {
        Ok(value) => value.to_string(),
        Err(status) => {
            let details = status.details.unwrap_or_default();
            let causes: Vec<String> =
                details.causes.iter().map(|cause| format!(" [{}: {}]", cause.field, cause.message)).collect();
            format!("{} {}: {}{}", status.code, status.reason, status.message, causes.concat())
        }
    }
}
