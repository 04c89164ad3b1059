//! Manifests as objects: one `List` that kubectl takes.

use gotemplate::yaml;
use serde_json::{Value, json};

use crate::error::Error;

pub(super) fn list(text: &[u8]) -> Result<String, Error> {
    let documents = yaml::read_documents(text)
        .map_err(|error| Error::new(format!("the manifests are no stream of YAML documents: {error}")))?;
    let objects: Vec<Value> = documents.iter().map(yaml::to_json).filter(|object| !object.is_null()).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    serde_json::to_string_pretty(&list).map_err(|error| Error::new("cannot print JSON").caused_by(error))
}
