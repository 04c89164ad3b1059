//! Resources by type: what all types share stands here and in `lifecycle`, behaviour in one small module per type. A type of
//! the catalogue without a module lives by `generic`: its schema, provisioning states and tags are data.

pub(crate) mod aks;
mod federated;
mod fidelity;
mod generic;
mod identity;
mod keys;
mod lifecycle;
pub(crate) mod locations;
mod resource_group;
mod role_assignment;
pub(crate) mod role_definition;
pub(crate) mod secret;
mod storage;
pub(crate) mod vault;

use serde_json::{Map, Value, json};

pub use aks::{kubernetes_version_note, kubernetes_versions};
pub use fidelity::{Fidelity, TypeFidelity, fidelity, fidelity_of};

use crate::{
    access::{self, ASSIGNMENT, action as action_name},
    arm::errors,
    core::{Call, Core, Effects, Method, Outcome},
    id::Path,
    reply::Reply,
    schema,
    state::{IDENTITY, Resource, VAULT},
};

pub(crate) const GROUP: &str = "Microsoft.Resources/resourceGroups";
const EVENT_HUB_NAMESPACE: &str = "Microsoft.EventHub/namespaces";
pub(crate) const SECRET: &str = "Microsoft.KeyVault/vaults/secrets";
pub(crate) const FEDERATED: &str = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials";
const ROLE_DEFINITION: &str = "Microsoft.Authorization/roleDefinitions";

/// Types of the catalogue whose verbs are not a resource's life: a generic answer would be wrong.
const NOT_SIMULATED: [&str; 3] =
    ["Microsoft.KeyVault/vaults/accessPolicies", "Microsoft.KeyVault/vaults/keys", "Microsoft.Resources/deployments"];

/// A request to one resource.
pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let path = &call.path;
    if let Some(outcome) = aks::apply_profile(core, call) {
        return outcome;
    }
    if schema::canonical(&path.kind).is_none() {
        return Err(errors::unknown_type(&path.kind, &call.api_version));
    }
    if call.method == Method::Post {
        return Err(errors::method_not_allowed(call.method));
    }
    access::authorize(core, &action_name(&path.kind, call.method, None), path)?;
    check_version(call)?;
    if path.kind == GROUP {
        return resource_group::apply(core, call);
    }
    check_scope(call)?;
    require_surroundings(core, call)?;
    if let Some(outcome) = aks::apply(core, call) {
        return outcome;
    }
    let is = |kind: &str| path.kind.eq_ignore_ascii_case(kind);
    if is(VAULT) {
        vault::apply(core, call)
    } else if is(SECRET) {
        secret::apply(core, call)
    } else if is(vault::DELETED) {
        vault::deleted(core, call)
    } else if is(IDENTITY) {
        identity::apply(core, call)
    } else if is(FEDERATED) {
        federated::apply(core, call)
    } else if is(ASSIGNMENT) {
        role_assignment::apply(core, call)
    } else if is(ROLE_DEFINITION) {
        role_definition::apply(core, call)
    } else if NOT_SIMULATED.iter().any(|kind| is(kind)) {
        Err(errors::not_simulated(&format!("resources of type '{}'", path.kind)))
    } else {
        generic::apply(core, call)
    }
}

/// A POST to `{resource}/{action}`.
pub(crate) fn action(core: &Core<'_>, call: &Call, action: &str) -> Outcome {
    let path = &call.path;
    if schema::canonical(&path.kind).is_none() {
        return Err(errors::unknown_type(&path.kind, &call.api_version));
    }
    access::authorize(core, &action_name(&path.kind, call.method, Some(action)), path)?;
    check_version(call)?;
    if path.kind.eq_ignore_ascii_case(vault::DELETED) && action.eq_ignore_ascii_case("purge") {
        return vault::purge(core, call);
    }
    require_surroundings(core, call)?;
    if !path.kind.eq_ignore_ascii_case(GROUP) && core.state.resource(&path.key()).is_none() {
        return Err(errors::resource_not_found(path));
    }
    aks::action(core, call, action)
        .or_else(|| keys::action(core, call, action))
        .unwrap_or_else(|| Err(errors::not_simulated(&format!("the action '{action}' of '{}'", path.kind))))
}

/// A POST to `.../providers/{namespace}/{action}`.
pub(crate) fn provider_action(core: &Core<'_>, call: &Call, namespace: &str, action: &str) -> Outcome {
    let name = format!("{namespace}/{action}");
    access::authorize(core, &format!("{name}/action"), &call.path)?;
    if name.eq_ignore_ascii_case("Microsoft.KeyVault/checkNameAvailability") {
        return vault::check_name(core, call);
    }
    Err(errors::not_simulated(&format!("the action '{action}' of '{namespace}'")))
}

/// The api-version has to be one that the type has.
pub(crate) fn check_version(call: &Call) -> Result<(), Reply> {
    // The type data has the soft-deleted form of a vault in its last versions only; Azure has it in all of the vault's.
    let kind = if call.path.kind.eq_ignore_ascii_case(vault::DELETED) { VAULT } else { call.path.kind.as_str() };
    if schema::at(kind, &call.api_version).is_some() {
        return Ok(());
    }
    let body = call.body.as_ref();
    let location = body.and_then(|body| body.get("location")).and_then(Value::as_str).map(locations::normalize);
    Err(errors::unsupported_version(kind, &call.api_version, location.as_deref()))
}

/// Resources may be made only where the type data says: most in a resource group, extensions anywhere, some nowhere.
fn check_scope(call: &Call) -> Result<(), Reply> {
    let path = &call.path;
    let Some(resource) = schema::at(&path.kind, &call.api_version).filter(|_| call.method == Method::Put) else {
        return Ok(());
    };
    let scopes = resource.writable;
    if scopes.0 == 0 {
        return Err(errors::method_not_allowed(call.method));
    }
    let here = match (&path.group, &path.subscription) {
        (Some(_), _) => scopes.resource_group(),
        (None, Some(_)) => scopes.subscription(),
        (None, None) => scopes.tenant(),
    };
    if here || scopes.extension() {
        return Ok(());
    }
    let message = format!(
        "The resource type '{}' cannot be created at the scope '{}'. Please use one of the scopes that the type supports.",
        path.kind, path.parent
    );
    Err(Reply::error(400, "InvalidResourceScope", message))
}

/// The resource group and the parent resource have to be there.
fn require_surroundings(core: &Core<'_>, call: &Call) -> Result<(), Reply> {
    let path = &call.path;
    if let (Some(group), Some(subscription)) = (&path.group, &path.subscription) {
        let key = format!("/subscriptions/{subscription}/resourcegroups/{group}").to_lowercase();
        let Some(group_record) = core.state.resource(&key) else { return Err(errors::group_not_found(group)) };
        if group_record.deleted_at.is_some() && matches!(call.method, Method::Put | Method::Patch) {
            let message =
                format!("The resource group '{group}' is in deprovisioning state and cannot perform this operation.");
            return Err(Reply::error(409, "ResourceGroupBeingDeleted", message));
        }
    }
    // Below a provider: a parent resource, or the resource that an extension is about.
    if path.parent.contains("/providers/") {
        let parent = Path::parse(&path.parent)?;
        if !exists(core, &parent) {
            return Err(match call.method {
                Method::Put | Method::Patch => errors::parent_not_found(path),
                _ => {
                    errors::resource_not_found(if path.kind.eq_ignore_ascii_case(ASSIGNMENT) { &parent } else { path })
                }
            });
        }
    }
    Ok(())
}

/// Whether a resource is there. Services of Azure that exist without being made (`blobServices/default`) count.
fn exists(core: &Core<'_>, path: &Path) -> bool {
    core.state.resource(&path.key()).is_some()
        || path.kind.starts_with("Microsoft.KeyVault/locations")
        || generic::is_implicit(core, path)
}

/// The body of a GET.
pub(crate) fn render(core: &Core<'_>, resource: &Resource) -> Value {
    let mut body = resource.body.clone();
    aks::show(core, resource, &mut body);
    render_body(core, resource, body)
}

/// The same with another body.
pub(crate) fn render_body(core: &Core<'_>, resource: &Resource, mut body: Map<String, Value>) -> Value {
    if let Some(state) = resource.provisioning_state(core.now) {
        let properties = body.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            properties.insert("provisioningState".into(), json!(state));
        }
    }
    let mut whole = Map::new();
    // Managed Identity and AKS answer with this casing.
    let lower = [IDENTITY, FEDERATED, aks::CLUSTER, aks::POOL].iter().any(|kind| resource.is(kind));
    let id = match lower {
        true => resource.id.replacen("/resourceGroups/", "/resourcegroups/", 1),
        false => resource.id.clone(),
    };
    whole.insert("id".into(), json!(id));
    whole.insert("name".into(), json!(resource.name));
    let kind = if resource.is(aks::CLUSTER) { "Microsoft.ContainerService/ManagedClusters" } else { &resource.kind };
    whole.insert("type".into(), json!(kind));
    whole.append(&mut body);
    Value::Object(whole)
}

/// GET and HEAD of a stored resource.
pub(crate) fn read(core: &Core<'_>, call: &Call) -> Outcome {
    let Some(resource) = core.state.resource(&call.path.key()) else {
        return Err(match call.method {
            Method::Head => Reply::status(404),
            _ => errors::resource_not_found(&call.path),
        });
    };
    if call.method == Method::Head {
        return Ok(Reply::status(204).into());
    }
    let mut reply = Reply::json(200, render(core, resource)).with("etag", resource.etag.clone());
    // Clients that follow an operation by reading the resource wait for their own default (30 s in az) without this.
    if resource.is_busy(core.now) {
        reply.headers.extend(core.settings.pace.retry_after(10));
    }
    Ok(Effects::from(reply))
}
