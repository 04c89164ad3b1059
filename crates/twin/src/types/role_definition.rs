//! `Microsoft.Authorization/roleDefinitions`: the built-in roles, to read. Custom roles are refused by name.

use serde_json::{Value, json};

use super::role_assignment::definition_id;
use crate::{
    access::roles::{ROLES, Role},
    arm::errors,
    core::{Call, Core, Method, Outcome},
    reply::Reply,
};

pub(crate) fn apply(_: &Core<'_>, call: &Call) -> Outcome {
    match call.method {
        Method::Get => {
            let role = ROLES.iter().find(|role| role.id.eq_ignore_ascii_case(&call.path.name));
            let role = role.ok_or_else(|| {
                let message = format!(
                    "The specified role definition with ID '{}' does not exist.",
                    call.path.name.replace('-', "")
                );
                Reply::error(404, "RoleDefinitionDoesNotExist", message)
            })?;
            Ok(Reply::json(200, render(role, call.path.subscription.as_deref().unwrap_or_default())).into())
        }
        Method::Put | Method::Delete => Err(errors::not_simulated("custom role definitions")),
        method => Err(errors::method_not_allowed(method)),
    }
}

/// The list at a scope, with `$filter=roleName eq '...'` (and the `type` and `atScopeAndBelow()` filters of Azure's tools).
pub(crate) fn list(subscription: &str, filter: &str) -> Vec<Value> {
    let wanted = filter.split_once("roleName eq '").and_then(|(_, rest)| rest.split_once('\'')).map(|(name, _)| name);
    let custom_only = filter.to_lowercase().contains("type eq 'customrole'");
    ROLES
        .iter()
        .filter(|role| !custom_only && wanted.is_none_or(|name| role.name.eq_ignore_ascii_case(name)))
        .map(|role| render(role, subscription))
        .collect()
}

fn render(role: &Role, subscription: &str) -> Value {
    json!({
        "id": definition_id(subscription, role.id),
        "name": role.id,
        "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": "",
            "assignableScopes": ["/"],
            "permissions": [{
                "actions": role.actions,
                "notActions": role.not_actions,
                "dataActions": role.data_actions,
                "notDataActions": [],
            }],
        },
    })
}
