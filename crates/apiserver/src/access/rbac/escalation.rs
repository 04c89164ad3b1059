//! Nobody grants what they do not have: the check on writes of roles and bindings, with upstream's messages. Whoever holds
//! the verb `escalate` (on the role) or `bind` (on the role that is bound) may.

use api::status::{Cause, Details, Status};
use serde_json::Value;

use super::{Authorizer, GROUP, policy::RoleRef, rule, rule::Rule};
use crate::{
    access::identity::{Identity, MASTERS},
    rest::RequestInfo,
};

pub(super) fn check(
    authorizer: &Authorizer,
    identity: &Identity,
    request: &RequestInfo,
    old: Option<&Value>,
    new: &Value,
) -> Result<(), Status> {
    if request.group != GROUP || !request.subresource.is_empty() {
        return Ok(());
    }
    match request.resource.as_str() {
        "roles" | "clusterroles" => check_role(authorizer, identity, request, old, new),
        "rolebindings" | "clusterrolebindings" => check_binding(authorizer, identity, request, old, new),
        _ => Ok(()),
    }
}

fn check_role(
    authorizer: &Authorizer,
    identity: &Identity,
    request: &RequestInfo,
    old: Option<&Value>,
    new: &Value,
) -> Result<(), Status> {
    let same = |field: &str| old.is_some_and(|old| old.get(field) == new.get(field));
    // Only metadata changed, for example by the garbage collector: nothing is granted.
    if (same("rules") && same("aggregationRule")) || identity.is_in(MASTERS) {
        return Ok(());
    }
    let name = object_name(request, new);
    let escalate = RequestInfo { verb: "escalate".into(), name: name.clone(), ..request.clone() };
    if authorizer.decide(identity, &escalate).is_ok() {
        return Ok(());
    }
    confirm(authorizer, identity, &request.namespace, &Rule::parse_all(&new["rules"]))
        .map_err(|why| Status::forbidden(GROUP, &request.resource, &name, &why))?;
    // An aggregated role can gather anything that somebody labels later.
    let aggregated = new.get("aggregationRule").is_some_and(|rule| !rule.is_null());
    if aggregated && confirm(authorizer, identity, &request.namespace, &Rule::everything()).is_err() {
        let why = "must have cluster-admin privileges to use an aggregationRule";
        return Err(Status::forbidden(GROUP, &request.resource, &name, why));
    }
    Ok(())
}

fn check_binding(
    authorizer: &Authorizer,
    identity: &Identity,
    request: &RequestInfo,
    old: Option<&Value>,
    new: &Value,
) -> Result<(), Status> {
    let name = object_name(request, new);
    if let Some(old) = old.filter(|old| old["roleRef"] != new["roleRef"]) {
        return Err(role_ref_changed(request, &name, old, new));
    }
    let same = old.is_some_and(|old| old["subjects"] == new["subjects"]);
    if same || identity.is_in(MASTERS) {
        return Ok(());
    }
    // Not a role at all: validation says so.
    let Some(role) = RoleRef::of(new) else { return Ok(()) };
    let bind = RequestInfo {
        verb: "bind".into(),
        resource: if role.cluster { "clusterroles" } else { "roles" }.into(),
        name: role.name.clone(),
        ..request.clone()
    };
    if authorizer.decide(identity, &bind).is_ok() {
        return Ok(());
    }
    let policy = authorizer.policy();
    let Some(rules) = policy.rules(&role, &request.namespace) else {
        let mut status = Status::failure(404, "NotFound", role.not_found());
        let kind = if role.cluster { "clusterrole" } else { "role" };
        status.details =
            Some(Details { name: role.name, group: GROUP.into(), kind: kind.into(), ..Details::default() });
        return Err(status);
    };
    confirm(authorizer, identity, &request.namespace, rules)
        .map_err(|why| Status::forbidden(GROUP, &request.resource, &name, &why))
}

/// Whether the identity holds all of the rules itself.
fn confirm(authorizer: &Authorizer, identity: &Identity, namespace: &str, rules: &[Rule]) -> Result<(), String> {
    let policy = authorizer.policy();
    let (owned, errors) = policy.rules_for(identity, namespace);
    let missing = rule::missing(&owned, rules);
    if missing.is_empty() {
        return Ok(());
    }
    let mut why = format!(
        "user {:?} (groups={}) is attempting to grant RBAC permissions not currently held:\n{}",
        identity.user,
        rule::quoted(&identity.groups),
        missing.join("\n")
    );
    if !errors.is_empty() {
        why = format!("{why}; resolution errors: [{}]", errors.join(", "));
    }
    Err(why)
}

fn role_ref_changed(request: &RequestInfo, name: &str, old: &Value, new: &Value) -> Status {
    let kind = if request.resource == "rolebindings" { "RoleBinding" } else { "ClusterRoleBinding" };
    let text = |field: &str| new["roleRef"][field].as_str().unwrap_or_default().to_string();
    let shown = format!("{{APIGroup:{:?}, Kind:{:?}, Name:{:?}}}", text("apiGroup"), text("kind"), text("name"));
    debug_assert_ne!(old["roleRef"], new["roleRef"]);
    let cause = Cause {
        reason: "FieldValueInvalid".into(),
        message: format!("Invalid value: {shown}: cannot change roleRef"),
        field: "roleRef".into(),
    };
    Status::invalid(GROUP, kind, name, vec![cause])
}

fn object_name(request: &RequestInfo, object: &Value) -> String {
    let own = api::ObjectExt::name(object).unwrap_or_default();
    if request.name.is_empty() { own.to_string() } else { request.name.clone() }
}
