//! `Microsoft.Authorization/roleAssignments`: enforced by `access` from the moment they are stored.

use serde_json::{Value, json};

use super::lifecycle;
use crate::{
    access::roles,
    arm::errors,
    core::{Call, Core, Effects, Method, Outcome},
    reply::Reply,
    state::Resource,
};

pub(crate) fn apply(core: &Core<'_>, call: &Call) -> Outcome {
    let existing = core.state.resource(&call.path.key());
    match call.method {
        Method::Put => put(core, call, existing),
        Method::Delete => {
            // Azure returns the assignment that it deleted.
            let gone = existing.map(|resource| super::render(core, resource));
            let effects = lifecycle::delete_now(core, call)?;
            Ok(match gone {
                Some(body) => Effects { reply: Reply::json(200, body), ..effects },
                None => effects,
            })
        }
        Method::Patch => Err(errors::method_not_allowed(call.method)),
        _ => super::read(core, call),
    }
}

fn put(core: &Core<'_>, call: &Call, existing: Option<&Resource>) -> Outcome {
    let name = &call.path.name;
    if !errors::is_guid(name) {
        let message = format!("The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.");
        return Err(Reply::error(400, "InvalidRoleAssignmentId", message));
    }
    let mut body = lifecycle::body(call, existing)?;
    let sent = body.get("properties").cloned().unwrap_or_else(|| json!({}));
    let principal = sent["principalId"].as_str().unwrap_or_default();
    let role = role_of(&sent)?;
    if let Some(existing) = existing {
        let same = existing.property_str("principalId").eq_ignore_ascii_case(principal)
            && existing.property_str("roleDefinitionId").to_lowercase().ends_with(role.id);
        if !same {
            let message = "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.";
            return Err(Reply::error(400, "RoleAssignmentUpdateNotPermitted", message));
        }
    }
    if core.state.principal(principal).is_none_or(|known| !known.object_id.eq_ignore_ascii_case(principal)) {
        let message = format!(
            "Principal {} does not exist in the directory {}. Check that you have the correct principal ID. If you are \
             creating this principal and then immediately assigning a role, this error might be related to a replication \
             delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, \
             User, or Group.  See https://aka.ms/docs-principaltype",
            principal.replace('-', ""),
            core.settings.tenant_id
        );
        return Err(Reply::error(400, "PrincipalNotFound", message));
    }
    require_new(core, call, principal, role.id)?;
    let scope = match call.path.parent.as_str() {
        "" => "/".to_string(),
        scope => core.state.resource(&scope.to_lowercase()).map_or_else(|| scope.to_string(), |known| known.id.clone()),
    };
    let at = |time: jiff::Timestamp| time.to_string();
    let created = existing.map_or(core.now, |resource| resource.created_at);
    let subscription = call.path.subscription.as_deref().unwrap_or_default();
    let mut properties = sent.clone();
    properties["roleDefinitionId"] = json!(definition_id(subscription, role.id));
    properties["principalType"] = json!(sent["principalType"].as_str().unwrap_or("ServicePrincipal"));
    properties["scope"] = json!(scope);
    properties["createdOn"] = json!(at(created));
    properties["updatedOn"] = json!(at(core.now));
    properties["createdBy"] =
        json!(existing.map_or(core.caller.object_id.as_str(), |old| old.property_str("createdBy")));
    properties["updatedBy"] = json!(core.caller.object_id);
    body.insert("properties".into(), properties);
    let assignment = lifecycle::record(core, call, existing, body, None);
    Ok(lifecycle::stored(core, if existing.is_some() { 200 } else { 201 }, assignment))
}

pub(crate) fn definition_id(subscription: &str, role: &str) -> String {
    match subscription {
        "" => format!("/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        _ => format!("/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"),
    }
}

fn role_of(properties: &Value) -> Result<&'static roles::Role, Reply> {
    let id = properties["roleDefinitionId"].as_str().unwrap_or_default();
    let guid = id.rsplit('/').next().unwrap_or_default();
    let known = roles::ROLES.iter().find(|role| role.id.eq_ignore_ascii_case(guid));
    known.ok_or_else(|| {
        let message = format!("The specified role definition with ID '{}' does not exist.", guid.replace('-', ""));
        Reply::error(400, "RoleDefinitionDoesNotExist", message)
    })
}

/// One principal has one role at one scope once, whatever the assignment is called.
fn require_new(core: &Core<'_>, call: &Call, principal: &str, role: &str) -> Result<(), Reply> {
    let own = call.path.key();
    let scope = if call.path.parent.is_empty() { "/" } else { &call.path.parent };
    let same = core.state.assignments().find(|other| {
        other.id.to_lowercase() != own
            && other.property_str("principalId").eq_ignore_ascii_case(principal)
            && other.property_str("scope").eq_ignore_ascii_case(scope)
            && other.property_str("roleDefinitionId").to_lowercase().ends_with(role)
    });
    match same {
        None => Ok(()),
        Some(other) => {
            let message = format!(
                "The role assignment already exists. The ID of the existing role assignment is {}.",
                other.name.replace('-', "")
            );
            Err(Reply::error(409, "RoleAssignmentExists", message))
        }
    }
}
