//! CustomResourceDefinitions: what is checked when one is written, and how it comes to be served.
//! Instances are `rest`'s business like any other object, removing them with their definition is `lifecycle`'s.
//! Conversion webhooks are not called: they are refused by name.

mod names;
mod settle;
mod validate;

use api::{status::Cause, text};
use serde_json::{Value, json};

use crate::Resource;

pub(crate) use settle::{load, settle};

/// Held by a definition until its instances are gone.
pub const CLEANUP_FINALIZER: &str = "customresourcecleanup.apiextensions.k8s.io";

pub(crate) const GROUP: &str = "apiextensions.k8s.io";
pub(crate) const PLURAL: &str = "customresourcedefinitions";

pub(crate) fn is_definition(resource: &Resource) -> bool {
    resource.is(GROUP, PLURAL)
}

/// Upstream's defaults: names derived from the kind, no conversion.
pub(crate) fn prepare(new: &mut Value) {
    let Some(spec) = new.get_mut("spec").and_then(Value::as_object_mut) else { return };
    if spec.get("preserveUnknownFields") == Some(&Value::Bool(false)) {
        spec.remove("preserveUnknownFields");
    }
    spec.entry("conversion").or_insert_with(|| json!({ "strategy": "None" }));
    let Some(names) = spec.get_mut("names").and_then(Value::as_object_mut) else { return };
    let kind = names.get("kind").and_then(Value::as_str).unwrap_or_default().to_string();
    if kind.is_empty() {
        return;
    }
    let absent = |value: Option<&Value>| value.and_then(Value::as_str).is_none_or(str::is_empty);
    if absent(names.get("singular")) {
        names.insert("singular".into(), kind.to_lowercase().into());
    }
    if absent(names.get("listKind")) {
        names.insert("listKind".into(), format!("{kind}List").into());
    }
}

/// Upstream's field errors of a definition.
pub(crate) fn validate(new: &Value, old: Option<&Value>) -> Vec<Cause> {
    validate::definition(new, old)
}

#[cfg(test)]
mod tests;
