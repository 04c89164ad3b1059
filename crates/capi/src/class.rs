//! ClusterClass: owns its templates, says which references are outdated, and publishes its variables for Clusters. What
//! upstream's webhook refuses of a variable's schema is refused here, by the condition VariablesReconciled.

use actions::Requeue;
use api::{
    ObjectExt,
    condition::Condition,
    names::{GroupVersionKind, ObjectRef, split_api_version},
};
use serde_json::{Map, Value, json};

use crate::{
    conditions::{Draft, NotReady, Severity, is_true},
    contract,
    names::{CORE_API_VERSION, PAUSED_ANNOTATION},
    observed::Outcome,
    pass::{self, Pass, Stop, text},
    topology::variables,
};

const REF_VERSIONS: &str = "RefVersionsUpToDate";
pub(crate) const VARIABLES_RECONCILED: &str = "VariablesReconciled";

pub(crate) fn decide(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    if pass.deleting() || pass.object.annotation(PAUSED_ANNOTATION).is_some() {
        return Ok(Outcome::settled());
    }
    let mut draft = Draft::new(pass);
    let (mut errors, mut outdated) = (Vec::new(), Vec::new());
    let references = references(pass.object);
    pass.prefetch(references.iter().map(|reference| template_of(pass.object, reference)))?;
    for reference in &references {
        match owned(pass, reference)? {
            Ok(None) => {}
            Ok(Some(newer)) => outdated.push(newer),
            Err(error) => errors.push(error),
        }
    }
    ref_versions(&mut draft, &errors, &outdated);
    let listed = variables(pass.object);
    match variables::check_definitions(&listed) {
        Ok(()) => {
            draft.set("variables", json!(listed));
            draft.condition(&is_true(VARIABLES_RECONCILED));
            draft.next_condition("VariablesReady", true, "VariablesReady", "");
        }
        Err(message) => {
            let message = format!("VariableDiscovery failed: {message}");
            draft.condition(&NotReady::error("VariableDiscoveryFailed", &message).condition(VARIABLES_RECONCILED));
            draft.next_condition("VariablesReady", false, "VariableDiscoveryFailed", &message);
        }
    }
    let why = "what the class says of itself";
    let patch = if errors.is_empty() { draft.patch(why) } else { draft.patch_unobserved(why) };
    Ok(Outcome::done(patch.into_iter().collect(), Requeue::OnChange))
}

fn ref_versions(draft: &mut Draft<'_>, errors: &[String], outdated: &[String]) {
    if !errors.is_empty() {
        let message = errors.join("; ");
        draft.condition(&Condition {
            kind: REF_VERSIONS.into(),
            status: "Unknown".into(),
            reason: "InternalError".into(),
            message,
            severity: None,
            observed_generation: None,
        });
        return;
    }
    if outdated.is_empty() {
        draft.condition(&is_true(REF_VERSIONS));
        return draft.next_condition(REF_VERSIONS, true, REF_VERSIONS, "");
    }
    let message = outdated.join("\n");
    draft.condition(&NotReady::new(Severity::Warning, "OutdatedRefVersions", &message).condition(REF_VERSIONS));
    draft.next_condition(REF_VERSIONS, false, "RefVersionsNotUpToDate", &message);
}

/// Every template that the class names, once each.
pub(crate) fn references(class: &Value) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    let mut add = |reference: Option<&Value>| {
        if let Some(reference) = reference.filter(|it| it.is_object() && !found.contains(it)) {
            found.push(reference.clone());
        }
    };
    add(class.pointer("/spec/infrastructure/ref"));
    add(class.pointer("/spec/controlPlane/ref"));
    for pool in class.pointer("/spec/workers/machinePools").and_then(Value::as_array).into_iter().flatten() {
        add(pool.pointer("/template/bootstrap/ref"));
        add(pool.pointer("/template/infrastructure/ref"));
    }
    found
}

/// Where a class's reference leads: its own namespace, unless it says another.
pub(crate) fn template_of(class: &Value, reference: &Value) -> ObjectRef {
    let (group, version) = split_api_version(text(reference, "/apiVersion"));
    let gvk = GroupVersionKind::new(group, version, text(reference, "/kind"));
    let namespace = Some(text(reference, "/namespace")).filter(|namespace| !namespace.is_empty());
    let namespace = namespace.or_else(|| class.namespace()).unwrap_or_default();
    ObjectRef::new(&gvk, namespace, text(reference, "/name"))
}

/// Reads the template and makes it the class's own. `Ok` says in which version it should be named, when that is another.
fn owned(pass: &Pass<'_>, reference: &Value) -> Result<Result<Option<String>, String>, Stop> {
    let target = template_of(pass.object, reference);
    let definition = contract::definition_name(&target.group, &target.kind);
    let Some(labels) = pass.definition(&definition)? else {
        return Ok(Err(format!("customresourcedefinitions.apiextensions.k8s.io \"{definition}\" not found")));
    };
    let version = match contract::choose(&definition, labels, &target.version) {
        Ok(version) => version,
        Err(message) => return Ok(Err(message)),
    };
    if target.namespace != pass.namespace() {
        return Ok(Err(format!("{target}: the template has to be in the namespace of its ClusterClass")));
    }
    let Some(object) = pass.get(&target)? else {
        return Ok(Err(format!(
            "Could not find external object for the ClusterClass. refGroupVersionKind: {}, refName: {}, refNamespace: {}",
            target.gvk(),
            target.name,
            target.namespace
        )));
    };
    let wanted = pass::owner_reference(pass.object, CORE_API_VERSION, false);
    let known = object.owner_references();
    if !known.contains(&wanted) {
        let stale = |each: &&Value| each["kind"] == "ClusterClass" && each["name"] == wanted["name"];
        let mut references: Vec<Value> = known.iter().filter(|each| !stale(each)).cloned().collect();
        references.push(wanted);
        let metadata = Map::from_iter([("ownerReferences".to_string(), json!(references))]);
        let action = pass.merge_metadata(object, &target, metadata, format!("{} names it", pass.target));
        return Err(Stop::Done(Outcome::again(vec![action])));
    }
    let shown = |version: &str| {
        format!("\"{}/{version}, Kind={} {}/{}\"", target.group, target.kind, target.namespace, target.name)
    };
    let newer =
        (version != target.version).then(|| format!("* Ref {} should be {}", shown(&target.version), shown(&version)));
    Ok(Ok(newer))
}

/// `status.variables`: every variable with its one definition, by name.
fn variables(class: &Value) -> Vec<Value> {
    let listed = class.pointer("/spec/variables").and_then(Value::as_array);
    let mut listed: Vec<Value> = listed.into_iter().flatten().map(status_variable).collect();
    listed.sort_by_key(|each| text(each, "/name").to_string());
    listed
}

fn status_variable(variable: &Value) -> Value {
    let mut definition = json!({
        "from": "inline",
        "required": variable["required"],
        "schema": variable["schema"],
    });
    if variable["metadata"].is_object() {
        definition["metadata"] = variable["metadata"].clone();
    }
    json!({"name": variable["name"], "definitionsConflict": false, "definitions": [definition]})
}
