//! Reading and writing the metadata of any object, typed or not: objects are JSON values everywhere above the store.

use serde_json::{Map, Value, json};

/// Metadata of a JSON object. Reads never panic: what is absent or of the wrong type is `None` or empty.
pub trait ObjectExt {
    fn api_version(&self) -> Option<&str>;
    fn kind(&self) -> Option<&str>;
    fn name(&self) -> Option<&str>;
    fn namespace(&self) -> Option<&str>;
    fn uid(&self) -> Option<&str>;
    fn resource_version(&self) -> Option<&str>;
    fn generation(&self) -> i64;
    fn deletion_timestamp(&self) -> Option<&str>;
    fn annotation(&self, key: &str) -> Option<&str>;
    fn label(&self, key: &str) -> Option<&str>;
    fn labels(&self) -> Option<&Map<String, Value>>;
    fn finalizers(&self) -> Vec<&str>;
    fn owner_references(&self) -> &[Value];
    /// `metadata` as a map, created when absent or not a map.
    fn metadata_mut(&mut self) -> &mut Map<String, Value>;
    fn set_annotation(&mut self, key: &str, value: &str);
    fn remove_annotation(&mut self, key: &str);
    fn set_label(&mut self, key: &str, value: &str);
}

/// The text at a JSON pointer; empty when it is absent or not a text.
pub fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn metadata_str<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get("metadata")?.get(field)?.as_str()
}

/// The value as a map, replacing whatever else was there.
fn as_map(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("just made an object")
}

impl ObjectExt for Value {
    fn api_version(&self) -> Option<&str> {
        self.get("apiVersion")?.as_str()
    }
    fn kind(&self) -> Option<&str> {
        self.get("kind")?.as_str()
    }
    fn name(&self) -> Option<&str> {
        metadata_str(self, "name").filter(|name| !name.is_empty())
    }
    fn namespace(&self) -> Option<&str> {
        metadata_str(self, "namespace").filter(|namespace| !namespace.is_empty())
    }
    fn uid(&self) -> Option<&str> {
        metadata_str(self, "uid")
    }
    fn resource_version(&self) -> Option<&str> {
        metadata_str(self, "resourceVersion").filter(|version| !version.is_empty())
    }
    fn generation(&self) -> i64 {
        self.pointer("/metadata/generation").and_then(Value::as_i64).unwrap_or(0)
    }
    fn deletion_timestamp(&self) -> Option<&str> {
        metadata_str(self, "deletionTimestamp")
    }
    fn annotation(&self, key: &str) -> Option<&str> {
        self.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }
    fn label(&self, key: &str) -> Option<&str> {
        self.get("metadata")?.get("labels")?.get(key)?.as_str()
    }
    fn labels(&self) -> Option<&Map<String, Value>> {
        self.get("metadata")?.get("labels")?.as_object()
    }
    fn finalizers(&self) -> Vec<&str> {
        let list = self.pointer("/metadata/finalizers").and_then(Value::as_array);
        list.map(|list| list.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
    }
    fn owner_references(&self) -> &[Value] {
        self.pointer("/metadata/ownerReferences").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }
    fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        as_map(as_map(self).entry("metadata").or_insert_with(|| json!({})))
    }
    fn set_annotation(&mut self, key: &str, value: &str) {
        let annotations = self.metadata_mut().entry("annotations").or_insert_with(|| json!({}));
        as_map(annotations).insert(key.to_string(), json!(value));
    }
    fn remove_annotation(&mut self, key: &str) {
        if let Some(annotations) = self.metadata_mut().get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove(key);
        }
    }
    fn set_label(&mut self, key: &str, value: &str) {
        let labels = self.metadata_mut().entry("labels").or_insert_with(|| json!({}));
        as_map(labels).insert(key.to_string(), json!(value));
    }
}

/// Go's word for the kind of a JSON value, as the errors of its decoder have it.
pub fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
