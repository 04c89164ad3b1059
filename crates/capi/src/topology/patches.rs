//! The patches of a class: which templates they select, whether they are enabled, their values, and what they make of a template.

use machinery::patch;
use serde_json::{Map, Value, json};

use super::{
    blueprint::{Blueprint, Template},
    builtins,
    desired::Desired,
    pools_of, template, variables,
};
use crate::pass::{Pass, text};

/// Who refers to a template: by that, patches select.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holder<'a> {
    Infrastructure,
    ControlPlane,
    /// A pool, by its class: both of its templates.
    Pool(&'a str),
}

/// A template on its way through the patches.
struct Item<'a> {
    holder: Holder<'a>,
    api_version: String,
    kind: String,
    /// Of which the spec is patched.
    template: Value,
    /// Everything that a template can name.
    variables: Value,
}

/// What of a control plane the topology itself has set, and no patch may change.
const KEPT: &[&str] = &["replicas", "version"];
const KEPT_OF_MACHINES: &[&str] =
    &["metadata", "infrastructureRef", "nodeDrainTimeout", "nodeVolumeDetachTimeout", "nodeDeletionTimeout"];

/// Applies the class's patches to the templates, in order, and puts the patched specs into the desired objects.
pub(super) fn apply(pass: &Pass<'_>, blueprint: &Blueprint<'_>, desired: &mut Desired<'_>) -> Result<(), String> {
    let mut items = items(pass, blueprint, desired);
    for patch in pools_of(blueprint.class, "/spec/patches") {
        let name = text(patch, "/name");
        if patch.get("definitions").and_then(Value::as_array).is_none_or(Vec::is_empty) {
            return Err(format!("failed to create patch generator for patch \"{name}\""));
        }
        let generated = generate(patch, &items)
            .map_err(|error| format!("failed to generate patches for patch \"{name}\": {error}"))?;
        for (index, operations) in generated {
            let item = &mut items[index];
            item.template = patched(&item.template, &operations).map_err(|error| {
                format!("failed to apply patches for patch \"{name}\": failed to apply patch: error applying json patch (RFC6902): {error}")
            })?;
        }
    }
    let mut specs = items.iter().map(|item| spec_of(item));
    let mut next = || specs.next().unwrap_or_else(|| Err("a template is missing".into()));
    desired.infrastructure["spec"] = next()?;
    let kept = desired.control_plane["spec"].take();
    desired.control_plane["spec"] = next()?;
    keep(&kept, &mut desired.control_plane["spec"]);
    for pool in desired.pools.values_mut() {
        pool.bootstrap["spec"] = next()?;
        pool.infrastructure["spec"] = next()?;
    }
    Ok(())
}

/// The templates in the order of [`Desired`], each with its variables.
fn items<'d>(pass: &Pass<'_>, blueprint: &Blueprint<'_>, desired: &Desired<'d>) -> Vec<Item<'d>> {
    let global = variables::as_map(blueprint.class, blueprint.topology.get("variables"));
    let cluster = builtins::cluster(pass, blueprint);
    let with = |overrides: Option<&Value>, builtin: Option<Value>| {
        let mut all = global.clone();
        all.extend(variables::as_map(blueprint.class, overrides));
        let mut builtins = cluster.as_object().cloned().unwrap_or_default();
        builtins.extend(builtin.as_ref().and_then(Value::as_object).cloned().unwrap_or_default());
        all.insert("builtin".into(), Value::Object(builtins));
        Value::Object(all)
    };
    let overrides = blueprint.topology.pointer("/controlPlane/variables/overrides");
    let control_plane = with(overrides, Some(builtins::control_plane(blueprint, &desired.control_plane)));
    let mut items = vec![
        item(Holder::Infrastructure, &blueprint.infrastructure, with(None, None)),
        item(Holder::ControlPlane, &blueprint.control_plane, control_plane),
    ];
    for pool in desired.pools.values() {
        let name = text(pool.topology, "/class");
        let Some(class) = blueprint.pools.get(name) else { continue };
        let variables = with(pool.topology.pointer("/variables/overrides"), Some(builtins::pool(pool)));
        items.push(item(Holder::Pool(name), &class.bootstrap, variables.clone()));
        items.push(item(Holder::Pool(name), &class.infrastructure, variables));
    }
    items
}

fn item<'d>(holder: Holder<'d>, template: &Template<'_>, variables: Value) -> Item<'d> {
    Item {
        holder,
        api_version: template.api_version(),
        kind: template.gvk.kind.clone(),
        template: template.object.clone(),
        variables,
    }
}

/// The operations of one patch by template: all are generated before the first is applied.
fn generate(patch: &Value, items: &[Item<'_>]) -> Result<Vec<(usize, Value)>, String> {
    let (mut generated, mut errors) = (Vec::new(), Vec::new());
    for (index, item) in items.iter().enumerate() {
        let matching: Vec<&Value> =
            pools_of(patch, "/definitions").filter(|definition| selects(&definition["selector"], item)).collect();
        if matching.is_empty() {
            continue;
        }
        match is_enabled(patch, item) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                errors.push(format!("failed to calculate if patch is enabled for \"{}\": {error}", item.kind));
                continue;
            }
        }
        for definition in matching {
            match operations(definition, &item.variables) {
                Ok(operations) => generated.push((index, operations)),
                Err(error) => errors.push(format!("failed to generate JSON patches for \"{}\": {error}", item.kind)),
            }
        }
    }
    match errors.len() {
        0 => Ok(generated),
        1 => Err(errors.remove(0)),
        _ => Err(format!("[{}]", errors.join(", "))),
    }
}

fn selects(selector: &Value, item: &Item<'_>) -> bool {
    if text(selector, "/apiVersion") != item.api_version || text(selector, "/kind") != item.kind {
        return false;
    }
    let resources = &selector["matchResources"];
    match item.holder {
        Holder::Infrastructure => resources["infrastructureCluster"] == true,
        Holder::ControlPlane => resources["controlPlane"] == true,
        Holder::Pool(class) => {
            let mut names = pools_of(resources, "/machinePoolClass/names").filter_map(Value::as_str);
            names.any(|pattern| matches(pattern, class))
        }
    }
}

/// `name`, `*`, `prefix*`, `*suffix`.
pub(super) fn matches(pattern: &str, class: &str) -> bool {
    pattern == "*"
        || pattern == class
        || pattern.strip_prefix('*').is_some_and(|suffix| class.ends_with(suffix))
        || pattern.strip_suffix('*').is_some_and(|prefix| class.starts_with(prefix))
}

fn is_enabled(patch: &Value, item: &Item<'_>) -> Result<bool, String> {
    let Some(condition) = patch.get("enabledIf").and_then(Value::as_str) else { return Ok(true) };
    let value = template::value(condition, &item.variables)
        .map_err(|error| format!("failed to calculate value for enabledIf: {error}"))?;
    Ok(value == true)
}

pub(super) fn operations(definition: &Value, variables: &Value) -> Result<Value, String> {
    let operations = pools_of(definition, "/jsonPatches").map(|each| {
        let (op, path) = (text(each, "/op"), text(each, "/path"));
        let mut operation = json!({"op": op, "path": path});
        if ["add", "replace"].contains(&op) {
            operation["value"] = value(each, variables)?;
        }
        Ok(operation)
    });
    operations.collect()
}

fn value(operation: &Value, variables: &Value) -> Result<Value, String> {
    let from = operation.get("valueFrom").filter(|from| from.is_object());
    let of = |field: &str| from.and_then(|from| from.get(field)).and_then(Value::as_str);
    let wrong = |what: &str| Err(format!("failed to calculate value: {what}"));
    match (operation.get("value"), from, of("variable"), of("template")) {
        (None, None, ..) => wrong("neither .value nor .valueFrom are set"),
        (Some(_), Some(_), ..) => wrong("both .value and .valueFrom are set"),
        (Some(value), None, ..) => Ok(value.clone()),
        (None, Some(_), Some(_), Some(_)) => {
            wrong(".valueFrom is set, but both .valueFrom.variable and .valueFrom.template are set")
        }
        (None, Some(_), Some(variable), None) => {
            let value = variables::lookup(variables, variable);
            value.cloned().map_err(|error| format!("failed to calculate value: {error}"))
        }
        (None, Some(_), None, Some(text)) => {
            template::value(text, variables).map_err(|error| format!("failed to calculate value for template: {error}"))
        }
        (None, Some(_), None, None) => {
            wrong(".valueFrom is set, but neither .valueFrom.variable nor .valueFrom.template are set")
        }
    }
}

/// A template after the operations. Only its spec can change.
pub(super) fn patched(template: &Value, operations: &Value) -> Result<Value, String> {
    let mut document = template.clone();
    for operation in operations.as_array().into_iter().flatten() {
        let path = text(operation, "/path");
        // The version of the library that upstream uses here is stricter than the API server's.
        if operation["op"] == "replace" && document.pointer(path).is_none() {
            return Err(format!("replace operation does not apply: doc is missing key: {path}: missing value"));
        }
        document = patch::json(&document, &json!([operation])).map_err(|status| {
            let causes = status.details.as_ref().and_then(|details| details.causes.first());
            causes.map_or_else(|| status.message.clone(), |cause| cause.message.clone())
        })?;
    }
    let mut changed = template.clone();
    changed["spec"] = document["spec"].take();
    Ok(changed)
}

fn spec_of(item: &Item<'_>) -> Result<Value, String> {
    item.template.pointer("/spec/template/spec").filter(|spec| spec.is_object()).cloned().ok_or_else(|| {
        format!("failed to apply patches to desired state: missing field \"spec.template.spec\" in {}", item.kind)
    })
}

/// Puts back what the topology has set.
fn keep(kept: &Value, spec: &mut Value) {
    for field in KEPT {
        if let Some(value) = kept.get(field) {
            spec[*field] = value.clone();
        }
    }
    let Some(machines) = kept.get("machineTemplate").and_then(Value::as_object) else { return };
    let machines: Map<String, Value> = machines
        .iter()
        .filter(|(field, _)| KEPT_OF_MACHINES.contains(&field.as_str()))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect();
    for (field, value) in machines {
        spec["machineTemplate"][field] = value;
    }
}
