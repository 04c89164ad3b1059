//! Reading more than one thing: subscriptions, tenants, locations, providers, resources, collections of a type.

use serde_json::{Value, json};

use super::errors;
use crate::{
    access::{self, ASSIGNMENT},
    core::{Call, Core, Method, Outcome},
    id::within,
    reply::Reply,
    schema,
    state::{Resource, VAULT},
    types::{self, GROUP, SECRET, locations, render, role_definition, secret, vault},
};

const SUBSCRIPTION_NAME: &str = "Windlass twin (not Azure)";

fn values(values: Vec<Value>) -> Outcome {
    Ok(Reply::json(200, json!({"value": values})).into())
}

/// Paths that end in a tenant, a subscription or a group, with or without a word behind it.
pub(crate) fn of_scope(core: &Core<'_>, call: &Call, tail: Option<&str>) -> Outcome {
    if call.method != Method::Get {
        return Err(errors::method_not_allowed(call.method));
    }
    let path = &call.path;
    let tail = tail.map(str::to_lowercase);
    match (&path.subscription, &path.group, tail.as_deref()) {
        (None, None, Some("subscriptions")) => values(
            core.settings
                .subscriptions
                .iter()
                .filter(|id| core.state.assignments().any(|assignment| is_about(core, assignment, id)))
                .map(|id| subscription(core, id))
                .collect(),
        ),
        (None, None, Some("tenants")) => values(vec![json!({
            "id": format!("/tenants/{}", core.settings.tenant_id),
            "tenantId": core.settings.tenant_id,
            "displayName": SUBSCRIPTION_NAME,
        })]),
        (None, None, Some("providers")) | (Some(_), None, Some("providers")) => providers(core, call),
        (Some(id), None, None) => {
            access::authorize(core, "Microsoft.Resources/subscriptions/read", path)?;
            Ok(Reply::json(200, subscription(core, id)).into())
        }
        (Some(id), None, Some("locations")) => {
            access::authorize(core, "Microsoft.Resources/subscriptions/locations/read", path)?;
            values(locations::LOCATIONS.iter().map(|location| location_of(id, location)).collect())
        }
        (Some(_), None, Some("resourcegroups")) => groups(core, call),
        (Some(_), _, Some("resources")) => resources(core, call),
        (Some(_), None, Some("tagnames")) => values(Vec::new()),
        _ => Err(not_found(call)),
    }
}

fn not_found(call: &Call) -> Reply {
    let what = call.path.tail.as_deref().unwrap_or_default();
    let message = format!("The twin of Azure serves no '{what}' at this scope.");
    Reply::error(404, "NotFound", message)
}

/// Whether the caller has any role at or below the subscription.
fn is_about(core: &Core<'_>, assignment: &Resource, subscription: &str) -> bool {
    let scope = assignment.property_str("scope").to_lowercase();
    let own = format!("/subscriptions/{}", subscription.to_lowercase());
    assignment.property_str("principalId").eq_ignore_ascii_case(&core.caller.object_id)
        && (within(&own, &scope) || scope == "/")
}

fn subscription(core: &Core<'_>, id: &str) -> Value {
    let known = core.settings.subscriptions.iter().find(|known| known.eq_ignore_ascii_case(id));
    let id = known.map_or(id, String::as_str);
    json!({
        "id": format!("/subscriptions/{id}"),
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": id,
        "tenantId": core.settings.tenant_id,
        "displayName": SUBSCRIPTION_NAME,
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    })
}

fn location_of(subscription: &str, (name, display, geography): &(&str, &str, &str)) -> Value {
    json!({
        "id": format!("/subscriptions/{subscription}/locations/{name}"),
        "name": name,
        "type": "Region",
        "displayName": display,
        "regionalDisplayName": format!("({geography}) {display}"),
        "metadata": {"regionType": "Physical", "geographyGroup": geography},
    })
}

fn providers(core: &Core<'_>, call: &Call) -> Outcome {
    access::authorize(core, "Microsoft.Resources/subscriptions/providers/read", &call.path)?;
    let scope = call.path.text.as_str();
    values(schema::namespaces().into_iter().map(|namespace| provider_body(scope, namespace)).collect())
}

/// `GET .../providers/{namespace}`
pub(crate) fn provider(core: &Core<'_>, call: &Call, namespace: &str) -> Outcome {
    access::authorize(core, "Microsoft.Resources/subscriptions/providers/read", &call.path)?;
    if schema::types_of(namespace).is_empty() {
        return Err(errors::unknown_type(namespace, &call.api_version));
    }
    Ok(Reply::json(200, provider_body(&call.path.text, namespace)).into())
}

/// `POST .../providers/{namespace}/register`: everything is registered.
pub(crate) fn register(core: &Core<'_>, call: &Call, namespace: &str) -> Outcome {
    access::authorize(core, &format!("{namespace}/register/action"), &call.path)?;
    if schema::types_of(namespace).is_empty() {
        return Err(errors::unknown_type(namespace, &call.api_version));
    }
    Ok(Reply::json(200, provider_body(&call.path.text, namespace)).into())
}

fn provider_body(scope: &str, namespace: &str) -> Value {
    let display: Vec<&str> = locations::LOCATIONS.iter().map(|(_, display, _)| *display).collect();
    let types: Vec<Value> = schema::types_of(namespace)
        .into_iter()
        .map(|kind| {
            let name = kind.split_once('/').map_or(kind, |(_, name)| name);
            json!({"resourceType": name, "locations": display, "apiVersions": schema::api_versions(kind)})
        })
        .collect();
    json!({
        "id": format!("{scope}/providers/{namespace}"),
        "namespace": namespace,
        "registrationState": "Registered",
        "registrationPolicy": "RegistrationRequired",
        "resourceTypes": types,
    })
}

fn groups(core: &Core<'_>, call: &Call) -> Outcome {
    access::authorize(core, "Microsoft.Resources/subscriptions/resourcegroups/read", &call.path)?;
    let prefix = format!("{}/resourcegroups/", call.path.key());
    let groups = core.state.resources(&prefix).filter(|resource| resource.is(GROUP));
    values(groups.map(|group| render(core, group)).collect())
}

/// `GET .../resources?$filter=...`: tracked resources, in short form.
fn resources(core: &Core<'_>, call: &Call) -> Outcome {
    access::authorize(core, "Microsoft.Resources/subscriptions/resources/read", &call.path)?;
    if let Some(group) = call.path.group.as_ref().filter(|_| core.state.resource(&call.path.key()).is_none()) {
        return Err(errors::group_not_found(group));
    }
    let filter = Filter::parse(call.query.get("$filter").map(String::as_str).unwrap_or_default())?;
    let prefix = format!("{}/", call.path.key());
    let found = core
        .state
        .resources(&prefix)
        .filter(|resource| !resource.is(GROUP) && !resource.location().is_empty() && filter.matches(resource));
    values(found.map(|resource| short(core, resource)).collect())
}

fn short(core: &Core<'_>, resource: &Resource) -> Value {
    let whole = render(core, resource);
    let mut short = json!({});
    for member in ["id", "name", "type", "location", "tags", "identity", "sku", "kind", "zones", "managedBy"] {
        if let Some(value) = whole.get(member) {
            short[member] = value.clone();
        }
    }
    short["type"] = json!(resource.kind);
    short["createdTime"] = json!(resource.created_at.to_string());
    short["changedTime"] = json!(resource.changed_at.to_string());
    if let Some(state) = resource.provisioning_state(core.now) {
        short["provisioningState"] = json!(state);
    }
    short
}

/// The `$filter` of a resource list: `NAME eq 'VALUE'`, joined by `and`. Anything else is refused.
#[derive(Debug, Default)]
struct Filter(Vec<(String, String)>);

impl Filter {
    fn parse(text: &str) -> Result<Self, Reply> {
        let mut terms = Vec::new();
        for term in text.split(" and ").map(str::trim).filter(|term| !term.is_empty()) {
            let unsupported = || {
                let message = format!("The filter '{text}' is not supported: use NAME eq 'VALUE', joined by and.");
                Reply::error(400, "InvalidFilterInQueryString", message)
            };
            let (name, value) = term.split_once(" eq ").ok_or_else(unsupported)?;
            let value =
                value.trim().strip_prefix('\'').and_then(|value| value.strip_suffix('\'')).ok_or_else(unsupported)?;
            let name = name.trim().to_lowercase();
            if !["resourcetype", "name", "resourcegroup", "location"].contains(&name.as_str()) {
                return Err(unsupported());
            }
            terms.push((name, value.to_lowercase()));
        }
        Ok(Self(terms))
    }

    fn matches(&self, resource: &Resource) -> bool {
        self.0.iter().all(|(name, wanted)| match name.as_str() {
            "resourcetype" => resource.kind.to_lowercase() == *wanted,
            "name" => resource.name.to_lowercase() == *wanted,
            "location" => resource.location() == *wanted,
            _ => resource.id.split('/').nth(4).is_some_and(|group| group.to_lowercase() == *wanted),
        })
    }
}

/// `GET` of a type's collection: in a group, a subscription, or below a parent.
pub(crate) fn collection(core: &Core<'_>, call: &Call) -> Outcome {
    if let Some(outcome) = types::aks::collection(core, call) {
        return outcome;
    }
    let path = &call.path;
    let kind = path.collection().unwrap_or_default();
    let subscription = path.subscription.as_deref().unwrap_or_default();
    if kind.eq_ignore_ascii_case("Microsoft.KeyVault/deletedVaults")
        || kind.eq_ignore_ascii_case("Microsoft.KeyVault/deletedManagedHSMs")
    {
        access::authorize(core, "Microsoft.KeyVault/deletedVaults/read", path)?;
        let vaults = kind.to_lowercase().ends_with("deletedvaults");
        return values(if vaults { vault::list_deleted(core, subscription) } else { Vec::new() });
    }
    let Some(kind) = schema::canonical(&kind) else { return Err(errors::unknown_type(&kind, &call.api_version)) };
    access::authorize(core, &format!("{kind}/read"), path)?;
    let versioned = Call { path: crate::id::Path { kind: kind.clone(), ..path.clone() }, ..call.clone() };
    types::check_version(&versioned)?;
    if kind == "Microsoft.Authorization/roleDefinitions" {
        let filter = call.query.get("$filter").map(String::as_str).unwrap_or_default();
        return values(role_definition::list(subscription, filter));
    }
    if kind == ASSIGNMENT {
        return assignments(core, call);
    }
    if let Some(group) = &path.group {
        let key = format!("/subscriptions/{subscription}/resourcegroups/{group}").to_lowercase();
        core.state.resource(&key).ok_or_else(|| errors::group_not_found(group))?;
    }
    if path.text.contains("/providers/") && core.state.resource(&path.key()).is_none() {
        return Err(errors::resource_not_found(path));
    }
    if kind == SECRET {
        let vault = core.state.resource(&path.key()).filter(|resource| resource.is(VAULT));
        let secrets = vault.map(|vault| core.state.secrets(&vault.name)).unwrap_or_default();
        let live = secrets.into_iter().filter(|secret| secret.deleted.is_none());
        return values(live.map(|found| secret::render(core, found)).collect());
    }
    let prefix = format!("{}/", path.key());
    let found = core.state.resources(&prefix).filter(|resource| resource.kind == kind);
    values(found.map(|resource| render(core, resource)).collect())
}

/// Role assignments at, above and below a scope, with the filters of Azure's tools.
fn assignments(core: &Core<'_>, call: &Call) -> Outcome {
    let scope = call.path.key();
    let filter = call.query.get("$filter").map(String::as_str).unwrap_or_default();
    let principal = filter
        .split_once("principalId eq '")
        .or_else(|| filter.split_once("assignedTo('"))
        .and_then(|(_, rest)| rest.split_once('\''))
        .map(|(id, _)| id);
    let at_scope = filter.to_lowercase().contains("atscope()");
    let found = core.state.assignments().filter(|assignment| {
        let own = assignment.property_str("scope").to_lowercase();
        let above = within(&own, &scope) || own == "/";
        let below = within(&scope, &own);
        (above || (below && !at_scope))
            && principal.is_none_or(|id| assignment.property_str("principalId").eq_ignore_ascii_case(id))
    });
    values(found.map(|assignment| render(core, assignment)).collect())
}
