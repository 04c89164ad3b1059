//! Where a resource belongs: the object that `spec.owner` names, an ARM id, or nothing for resource groups.

use api::{
    ObjectExt, condition,
    names::{GroupVersionKind, ObjectRef},
};
use catalogue::{Catalogue, Owner, ResourceType, crd};
use serde_json::{Value, json};

use crate::{
    arm_id,
    names::{FINALIZER, OWNER_GROUP_KIND, OWNER_NAME, READY, RESOURCE_ID, reason},
    observed::{Observed, Query},
    problem::{Problem, Stop},
};

/// A resolved owner.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Resolved {
    /// A resource group, which has none.
    None,
    /// An ARM id, not managed here.
    Arm { id: String },
    /// A Ready object with an ARM id.
    Object { id: String, object: Value },
}

/// The reference of `spec.owner` to an object, whatever its state; `None` for an ARM id, for none, or for a kind unknown
/// here.
pub fn reference(catalogue: &Catalogue, resource: &ResourceType, object: &Value) -> Option<ObjectRef> {
    let owner = object.pointer("/spec/owner")?;
    let name = owner["name"].as_str().filter(|name| !name.is_empty())?;
    let (group, kind) = match resource.owner() {
        Owner::None => return None,
        Owner::Kind { group, kind } => (group, kind),
        Owner::Any => (owner["group"].as_str()?.to_string(), owner["kind"].as_str()?.to_string()),
    };
    object_ref(catalogue, &group, &kind, object.namespace().unwrap_or_default(), name)
}

/// An object of the catalogue by group and kind, at the version that holds everything.
pub(crate) fn object_ref(
    catalogue: &Catalogue,
    group: &str,
    kind: &str,
    namespace: &str,
    name: &str,
) -> Option<ObjectRef> {
    let facts = catalogue.facts(group, kind)?;
    Some(ObjectRef::new(&GroupVersionKind::new(group, crd::storage_version(facts), kind), namespace, name))
}

/// Looks the owner up; it must exist, have an ARM id, and be Ready before anything is made below it.
pub(crate) fn resolve(catalogue: &Catalogue, resource: &ResourceType, observed: &Observed) -> Result<Resolved, Stop> {
    if resource.owner() == Owner::None {
        return Ok(Resolved::None);
    }
    let owner = &observed.object["spec"]["owner"];
    if let Some(id) = owner["armId"].as_str().filter(|id| !id.is_empty()) {
        return Ok(Resolved::Arm { id: id.trim_end_matches('/').to_string() });
    }
    let Some(target) = reference(catalogue, resource, &observed.object) else {
        return Err(unusable(resource, owner).into());
    };
    let waiting = |state: &str, wanted: &str| {
        let described = format!("{}, Group/Kind: {}/{}", target.name, target.group, target.kind);
        let message = format!("Owner \"{described}\" {state}. Progress is blocked until the owner is {wanted}.");
        Stop::Problem(Problem::warning(reason::WAITING_FOR_OWNER, message))
    };
    let Some(answer) = observed.objects.get(&target) else { return Err(Stop::Need(vec![Query::Object(target)])) };
    let object = answer.as_ref().ok_or_else(|| waiting("cannot be found", "created"))?;
    let ready = condition::find(object, READY).is_some_and(|ready| ready["status"] == "True");
    // Once claimed, as upstream, the owner need only exist: its own updates do not disturb what is below it.
    let claimed = observed.object.finalizers().contains(&FINALIZER);
    let id = object.annotation(RESOURCE_ID).filter(|_| ready || claimed);
    let id = id.ok_or_else(|| waiting("is not ready", "ready"))?;
    Ok(Resolved::Object { id: id.to_string(), object: object.clone() })
}

fn unusable(resource: &ResourceType, owner: &Value) -> Problem {
    let message = match resource.owner() {
        Owner::Any => format!(
            "spec.owner must name group, kind and name of an Azure object of this namespace, or an armId: found {owner}"
        ),
        _ => format!("spec.owner must have a name or an armId: found {owner}"),
    };
    Problem::fatal(reason::FAILED, message)
}

/// The ARM id of the resource below its owner.
pub(crate) fn resource_id(resource: &ResourceType, owner: &Resolved, subscription: &str, name: &str) -> String {
    let below = |owner: &str| arm_id::below(owner, resource, resource.parent().is_some(), name);
    match owner {
        Resolved::None => arm_id::of_resource_group(subscription, name),
        Resolved::Arm { id } | Resolved::Object { id, .. } => below(id),
    }
}

/// The labels that name the owner.
pub(crate) fn labels(owner: &Resolved) -> Vec<(&'static str, String)> {
    let Resolved::Object { object, .. } = owner else { return Vec::new() };
    let Some(gvk) = GroupVersionKind::of(object) else { return Vec::new() };
    vec![
        (OWNER_NAME, object.name().unwrap_or_default().to_string()),
        (OWNER_GROUP_KIND, format!("{}.{}", gvk.kind, gvk.group)),
    ]
}

/// `metadata.ownerReferences` with the owner in it; `None` when nothing is to change.
pub(crate) fn owner_references(object: &Value, owner: &Resolved) -> Option<Vec<Value>> {
    let Resolved::Object { object: owner, .. } = owner else { return None };
    let gvk = GroupVersionKind::of(owner)?;
    // A version that every client knows, not the one that only controllers read.
    let version = gvk.version.strip_suffix("storage").unwrap_or(&gvk.version);
    let api_version = format!("{}/{version}", gvk.group);
    let wanted = json!({"apiVersion": api_version, "kind": gvk.kind, "name": owner.name()?, "uid": owner.uid()?});
    let mut references: Vec<Value> = object.owner_references().to_vec();
    let same = |reference: &Value| reference["kind"] == wanted["kind"] && reference["name"] == wanted["name"];
    match references.iter_mut().find(|reference| same(reference)) {
        Some(reference) if reference["uid"] == wanted["uid"] => return None,
        Some(reference) => *reference = wanted,
        None => references.push(wanted),
    }
    Some(references)
}
