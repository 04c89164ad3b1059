//! `metadata` of objects, and of resources embedded in objects: names, labels, annotations, finalizers, owner references,
//! managers. Wording is apimachinery's.

use api::{ObjectExt, status::Cause};
use serde_json::{Map, Value, json};

use super::{Schema, Shape, compile::join};
use crate::{field, names};

/// Upstream's limit for all annotations of an object together, in bytes.
pub const ANNOTATIONS_SIZE_MAX: usize = 256 * 1024;
const MANAGER_LENGTH_MAX: usize = 128;

/// Keys and values of all annotations together, in bytes.
pub fn annotations_size(object: &Value) -> usize {
    let annotations = object.pointer("/metadata/annotations").and_then(Value::as_object);
    annotations.into_iter().flatten().map(|(key, value)| key.len() + value.as_str().map_or(0, str::len)).sum()
}

/// Names, labels, annotations, finalizers and owner references. The rule for names depends on the kind. How large the
/// annotations may be is `annotations_max`: [`ANNOTATIONS_SIZE_MAX`] upstream.
pub fn validate_metadata(object: &Value, namespaced: bool, annotations_max: usize) -> Vec<Cause> {
    let mut causes = Vec::new();
    let text = |key: &str| object.pointer(&format!("/metadata/{key}")).and_then(Value::as_str).unwrap_or_default();
    let rule = NameRule::of(object);
    let generate = text("generateName");
    if !generate.is_empty() {
        for detail in rule.complaints(generate, true) {
            causes.push(field::invalid("metadata.generateName", &json!(generate), &detail));
        }
    }
    match text("name") {
        "" => causes.push(field::required("metadata.name", "name or generateName is required")),
        name => {
            for detail in rule.complaints(name, false) {
                causes.push(field::invalid("metadata.name", &json!(name), &detail));
            }
        }
    }
    match (namespaced, text("namespace")) {
        (true, "") => causes.push(field::required("metadata.namespace", "")),
        (true, namespace) => {
            for detail in names::dns_label(namespace) {
                causes.push(field::invalid("metadata.namespace", &json!(namespace), &detail));
            }
        }
        (false, "") => {}
        (false, _) => causes.push(field::forbidden("metadata.namespace", "not allowed on this type")),
    }
    common(object, "metadata", annotations_max, &mut causes);
    causes
}

/// What names of a kind look like.
enum NameRule {
    Subdomain,
    Label,
    Label1035,
    Segment,
}

impl NameRule {
    fn of(object: &Value) -> Self {
        let (api_version, kind) = (object.api_version().unwrap_or_default(), object.kind().unwrap_or_default());
        match (api_version.split('/').next().unwrap_or_default(), kind) {
            ("rbac.authorization.k8s.io" | "apiregistration.k8s.io" | "flowcontrol.apiserver.k8s.io", _) => {
                Self::Segment
            }
            ("v1", "Namespace") => Self::Label,
            ("v1", "Service") => Self::Label1035,
            _ => Self::Subdomain,
        }
    }

    /// A prefix that ends in a dash is fine: something follows.
    fn complaints(&self, name: &str, prefix: bool) -> Vec<String> {
        let masked = match name.strip_suffix('-') {
            Some(rest) if prefix && !rest.is_empty() => {
                let mut masked: String = rest.chars().take(rest.chars().count() - 1).collect();
                masked.push('a');
                masked
            }
            _ => name.to_string(),
        };
        match self {
            Self::Subdomain => names::dns_subdomain(&masked),
            Self::Label => names::dns_label(&masked),
            Self::Label1035 => names::dns_1035_label(&masked),
            Self::Segment => names::path_segment(name, prefix),
        }
    }
}

/// What holds for any ObjectMeta, below `path`.
fn common(object: &Value, path: &str, annotations_max: usize, causes: &mut Vec<Cause>) {
    let metadata = object.get("metadata").unwrap_or(&Value::Null);
    let at = |key: &str| format!("{path}.{key}");
    if let Some(generation) = metadata.get("generation").and_then(Value::as_i64).filter(|generation| *generation < 0) {
        causes.push(field::invalid(&at("generation"), &json!(generation), "must be greater than or equal to 0"));
    }
    for (key, value) in map(metadata, "labels") {
        for detail in names::qualified_name(key) {
            causes.push(field::invalid(&at("labels"), &json!(key), &detail));
        }
        for detail in names::label_value(value.as_str().unwrap_or_default()) {
            causes.push(field::invalid(&at("labels"), value, &detail));
        }
    }
    for (key, _) in map(metadata, "annotations") {
        for detail in names::qualified_name(&key.to_lowercase()) {
            causes.push(field::invalid(&at("annotations"), &json!(key), &detail));
        }
    }
    if annotations_size(object) > annotations_max {
        causes.push(field::too_long(&at("annotations"), annotations_max as u64));
    }
    owners(metadata, &at("ownerReferences"), causes);
    finalizers(metadata, &at("finalizers"), causes);
    managers(metadata, &at("managedFields"), causes);
}

fn map<'a>(metadata: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    metadata.get(key).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn list<'a>(metadata: &'a Value, key: &str) -> &'a [Value] {
    metadata.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn owners(metadata: &Value, path: &str, causes: &mut Vec<Cause>) {
    let references = list(metadata, "ownerReferences");
    let mut controller: Option<String> = None;
    for (index, reference) in references.iter().enumerate() {
        let text = |key: &str| reference.get(key).and_then(Value::as_str).unwrap_or_default();
        let at = |key: &str| format!("{path}[{index}].{key}");
        let api_version = text("apiVersion");
        if api_version.is_empty() {
            causes.push(field::required(&at("apiVersion"), "must not be empty"));
        } else if api_version.matches('/').count() > 1 || api_version.ends_with('/') {
            let detail = "must be <group>/<version> or <version>";
            causes.push(field::invalid(&at("apiVersion"), &json!(api_version), detail));
        }
        for key in ["kind", "name", "uid"] {
            if text(key).is_empty() {
                causes.push(field::required(&at(key), "must not be empty"));
            }
        }
        if (api_version, text("kind")) == ("v1", "Event") {
            let detail = "/v1, Kind=Event is disallowed from being an owner";
            causes.push(field::invalid(&format!("{path}[{index}]"), reference, detail));
        }
        if reference.get("controller") == Some(&json!(true)) {
            let current = format!("{}/{}", text("kind"), text("name"));
            match &controller {
                Some(first) => {
                    let detail = format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {current}"
                    );
                    causes.push(field::invalid(path, &json!(references), &detail));
                }
                None => controller = Some(current),
            }
        }
    }
}

fn finalizers(metadata: &Value, path: &str, causes: &mut Vec<Cause>) {
    let finalizers = list(metadata, "finalizers");
    for finalizer in finalizers.iter().filter_map(Value::as_str) {
        for detail in names::qualified_name(finalizer) {
            causes.push(field::invalid(path, &json!(finalizer), &detail));
        }
    }
    if ["orphan", "foregroundDeletion"].iter().all(|name| finalizers.contains(&json!(name))) {
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        let names: Vec<&str> = finalizers.iter().filter_map(Value::as_str).collect();
        causes.push(field::invalid_texts(path, &names, detail));
    }
}

fn managers(metadata: &Value, path: &str, causes: &mut Vec<Cause>) {
    for (index, entry) in list(metadata, "managedFields").iter().enumerate() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let at = |key: &str| format!("{path}[{index}].{key}");
        if !["Apply", "Update"].contains(&text("operation")) {
            let detail = "must be `Apply` or `Update`";
            causes.push(field::invalid(&at("operation"), &json!(text("operation")), detail));
        }
        if !["", "FieldsV1"].contains(&text("fieldsType")) {
            causes.push(field::invalid(&at("fieldsType"), &json!(text("fieldsType")), "must be `FieldsV1`"));
        }
        causes.extend(validate_field_manager(text("manager"), &at("manager")));
        if text("subresource").len() > 256 {
            causes.push(field::too_long(&at("subresource"), 256));
        }
    }
}

/// The `fieldManager` of a request, or of an entry of managedFields.
pub fn validate_field_manager(manager: &str, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    if manager.len() > MANAGER_LENGTH_MAX {
        causes.push(field::too_long(path, MANAGER_LENGTH_MAX as u64));
    }
    if let Some((position, c)) = manager.char_indices().find(|(_, c)| c.is_control()) {
        let detail = format!("invalid character U+{:04X} (at position {position})", u32::from(c));
        causes.push(field::invalid(path, &json!(manager), &detail));
    }
    causes
}

/// Resources inside an object (`x-kubernetes-embedded-resource`): `apiVersion`, `kind` and metadata of their own.
pub(super) fn validate_embedded(schema: &Schema, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    let resolved = schema.resolve();
    match (&resolved.shape, value) {
        (shape, Value::Object(map)) => {
            if resolved.embedded_resource {
                embedded(value, path, causes);
            }
            let Shape::Object(shape) = shape else { return };
            for (key, value) in map {
                if let Some(property) = shape.properties.get(key.as_str()) {
                    validate_embedded(property, value, &join(path, key), causes);
                } else if let Some(additional) = &shape.additional {
                    validate_embedded(additional, value, &format!("{path}[{key}]"), causes);
                }
            }
        }
        (Shape::Array(shape), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                validate_embedded(&shape.items, item, &format!("{path}[{index}]"), causes);
            }
        }
        _ => {}
    }
}

fn embedded(value: &Value, path: &str, causes: &mut Vec<Cause>) {
    for key in ["apiVersion", "kind"] {
        let at = join(path, key);
        match value.get(key) {
            None => causes.push(field::required(&at, "")),
            Some(Value::String(text)) if text.is_empty() => {
                causes.push(field::invalid(&at, &json!(""), "must not be empty"));
            }
            Some(Value::String(text)) if key == "apiVersion" && text.matches('/').count() > 1 => {
                let detail = format!("unexpected GroupVersion string: {text}");
                causes.push(field::invalid(&at, &json!(text), &detail));
            }
            Some(Value::String(text)) if key == "kind" => {
                let complaints = names::dns_1035_label(&text.to_lowercase());
                if !complaints.is_empty() {
                    let detail = format!("may have mixed case, but should otherwise match: {}", complaints.join(","));
                    causes.push(field::invalid(&at, &json!(text), &detail));
                }
            }
            Some(Value::String(_)) => {}
            Some(other) => causes.push(field::invalid(&at, other, "must be a string")),
        }
    }
    if value.get("metadata").is_some() {
        let at = join(path, "metadata");
        let text = |key: &str| value.pointer(&format!("/metadata/{key}")).and_then(Value::as_str).unwrap_or_default();
        for (key, prefix) in [("name", false), ("generateName", true)] {
            for detail in names::path_segment(text(key), prefix) {
                causes.push(field::invalid(&format!("{at}.{key}"), &json!(text(key)), &detail));
            }
        }
        if !text("namespace").is_empty() {
            for detail in names::dns_label(text("namespace")) {
                causes.push(field::invalid(&format!("{at}.namespace"), &json!(text("namespace")), &detail));
            }
        }
        common(value, &at, ANNOTATIONS_SIZE_MAX, causes);
    }
}
