//! What upstream's admission webhooks do to Azure objects: the default of `azureName`, and the rules that a schema cannot
//! say. For the embedded API server; `decide` does not rely on it.

use api::{ObjectExt, names::GroupVersionKind, status::Cause};
use catalogue::{
    Catalogue, Node, ResourceType,
    project::{Form, Projection, Side},
};
use serde_json::{Value, json};

use crate::{
    convert::{azure_name, resource_type},
    names::RESOURCE_ID,
};

/// Sets `spec.azureName` where the kind has one and it is absent.
pub fn default(catalogue: &Catalogue, object: &mut Value) {
    let Some(resource) = resource_type(catalogue, object) else { return };
    if resource.name.is_some_and(|of| matches!(catalogue.node(of), Node::Literal(_))) {
        return;
    }
    let given = object.pointer("/spec/azureName").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    if !given && object.name().is_some() {
        let name = azure_name(catalogue, resource, object);
        if let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) {
            spec.insert("azureName".into(), json!(name));
        }
    }
}

/// What is not allowed, beyond the schema.
pub fn validate(catalogue: &Catalogue, new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let Some(resource) = resource_type(catalogue, new) else { return Vec::new() };
    let mut causes = Vec::new();
    if let Some(old) = old {
        write_once(new, old, &mut causes);
    }
    let owner = &new["spec"]["owner"];
    let has = |field: &str| owner[field].as_str().is_some_and(|text| !text.is_empty());
    if has("armId") && has("name") {
        let message = "owner.armId and owner.name cannot both be set".to_string();
        causes.push(cause("spec.owner", message));
    }
    one_of_value_and_config(catalogue, resource, new, &mut causes);
    causes
}

/// `azureName` and `owner` stay as they are once the resource has an ARM id.
fn write_once(new: &Value, old: &Value, causes: &mut Vec<Cause>) {
    if old.annotation(RESOURCE_ID).is_none() {
        return;
    }
    let gvk = GroupVersionKind::of(old).map(|gvk| gvk.to_string()).unwrap_or_default();
    for field in ["azureName", "owner"] {
        let (before, after) = (&old["spec"][field], &new["spec"][field]);
        if before != after && !before.is_null() {
            let name = old.name().unwrap_or_default();
            let message = format!("updating 'spec.{field}' is not allowed for '{gvk} : {name}'");
            causes.push(cause(&format!("spec.{field}"), message));
        }
    }
}

/// At the top of the spec only: deeper pairs are refused when they are sent.
fn one_of_value_and_config(catalogue: &Catalogue, resource: &ResourceType, new: &Value, causes: &mut Vec<Cause>) {
    let Some(projection) = Projection::new(catalogue, resource, Side::Spec) else { return };
    for field in projection.root() {
        if let Form::ConfigMapInput { field: from } = &field.form
            && !new["spec"][&field.name].is_null()
            && !new["spec"][from].is_null()
        {
            let message = format!("cannot specify both {} and {from}", field.name);
            causes.push(cause(&format!("spec.{}", field.name), message));
        }
    }
}

fn cause(field: &str, message: String) -> Cause {
    Cause { reason: "FieldValueInvalid".into(), message, field: field.into() }
}

#[cfg(test)]
mod tests;
