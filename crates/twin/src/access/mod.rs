//! Who may do what: tokens are verified, actions are matched against the role assignments at the scope and above it.

mod authenticate;
pub(crate) mod roles;

use serde_json::Value;

pub(crate) use authenticate::{Audience, authenticate};

use crate::{
    core::{Caller, Core, Method},
    id::{Path, within},
    reply::Reply,
    state::State,
};

pub(crate) const ASSIGNMENT: &str = "Microsoft.Authorization/roleAssignments";

/// The action of a request: `Microsoft.KeyVault/vaults/write`. `action` is the name of a POST action.
pub(crate) fn action(kind: &str, method: Method, action: Option<&str>) -> String {
    // ARM words it this way, whatever the casing in the request.
    let kind = if kind.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
        "Microsoft.Resources/subscriptions/resourcegroups"
    } else if kind.eq_ignore_ascii_case("Microsoft.Resources/subscriptions") || kind.is_empty() {
        "Microsoft.Resources/subscriptions"
    } else {
        kind
    };
    let verb = match (method, action) {
        (Method::Get | Method::Head, _) => "read".to_string(),
        (Method::Put | Method::Patch, _) => "write".to_string(),
        (Method::Delete, _) => "delete".to_string(),
        (Method::Post, Some(action)) => format!("{action}/action"),
        (Method::Post, None) => "action".to_string(),
    };
    format!("{kind}/{verb}")
}

/// Refuses what the caller may not do, in ARM's words.
pub(crate) fn authorize(core: &Core<'_>, action: &str, scope: &Path) -> Result<(), Reply> {
    authorize_text(core, action, &scope.text)
}

pub(crate) fn authorize_text(core: &Core<'_>, action: &str, scope: &str) -> Result<(), Reply> {
    if allowed(core, action, &scope.to_lowercase(), Plane::Management) {
        return Ok(());
    }
    let Caller { object_id, app_id } = core.caller;
    let message = format!(
        "The client '{app_id}' with object id '{object_id}' does not have authorization to perform action '{action}' \
         over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."
    );
    Err(Reply::error(403, "AuthorizationFailed", message).with("x-ms-failure-cause", "gateway"))
}

/// Which list of a role's permissions counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plane {
    Management,
    Data,
}

/// Whether an assignment at the scope or above it grants the action. `lower_scope` is in lower case.
pub(crate) fn allowed(core: &Core<'_>, action: &str, lower_scope: &str, plane: Plane) -> bool {
    let caller = core.caller;
    if core.settings.believes(core.state, &caller.app_id) {
        return true;
    }
    assignments(core.state).any(|(scope, principal, role)| {
        principal.eq_ignore_ascii_case(&caller.object_id)
            && within(&scope.to_lowercase(), lower_scope)
            && grants(role, action, plane)
    })
}

/// Scope, principal and role id of every role assignment.
fn assignments(state: &State) -> impl Iterator<Item = (&str, &str, &str)> {
    state.assignments().map(|resource| {
        let role = resource.property_str("roleDefinitionId").rsplit('/').next().unwrap_or_default();
        (
            resource.property("scope").and_then(Value::as_str).unwrap_or_default(),
            resource.property_str("principalId"),
            role,
        )
    })
}

fn grants(role: &str, action: &str, plane: Plane) -> bool {
    let Some(role) = roles::ROLES.iter().find(|known| known.id.eq_ignore_ascii_case(role)) else { return false };
    let any = |patterns: &[&str]| patterns.iter().any(|pattern| matches(pattern, action));
    match plane {
        Plane::Management => any(role.actions) && !any(role.not_actions),
        Plane::Data => any(role.data_actions),
    }
}

/// Azure's wildcard: `*` stands for any text, `/*/` for no segment too.
fn matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_lowercase(), action.to_lowercase());
    glob(pattern.as_bytes(), action.as_bytes())
        || (pattern.contains("/*/") && glob(pattern.replace("/*/", "/").as_bytes(), action.as_bytes()))
}

/// Greedy with one step back: linear but for repeated stars.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && pattern[p] == text[t] {
            p += 1;
            t += 1;
        } else if let Some((at, from)) = star {
            star = Some((at, from + 1));
            p = at + 1;
            t = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}
