//! Azure Resource Manager: what every request has in common (api-version, subscription, path), then to lists, operations or
//! the type. Pure: `apply(state, now, request) -> effects`.

pub(crate) mod errors;
mod lists;
pub(crate) mod operations;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    core::{Call, Core, Method, Outcome},
    id::Path,
    reply::Reply,
    types,
};

/// A request as it came, with the body parsed.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) body: Option<Value>,
    pub(crate) if_match: Option<String>,
    pub(crate) if_none_match: Option<String>,
}

pub(crate) fn apply(core: &Core<'_>, request: &Request) -> Outcome {
    let Some(api_version) = request.query.get("api-version").filter(|version| !version.is_empty()) else {
        return Err(errors::missing_api_version());
    };
    if let Some(answer) = operations::read(core, request) {
        return answer;
    }
    let call = Call {
        method: request.method,
        path: Path::parse(&request.path)?,
        api_version: api_version.clone(),
        query: request.query.clone(),
        body: request.body.clone(),
        if_match: request.if_match.clone(),
        if_none_match: request.if_none_match.clone(),
    };
    check_subscription(core, &call.path)?;
    let path = &call.path;
    if path.is_resource() || path.group.is_some() && path.tail.is_none() && path.namespace.is_none() {
        return types::apply(core, &call);
    }
    match (&path.namespace, &path.tail) {
        (None, Some(tail)) if path.is_resource_with_tail() => below_resource(core, &call, tail),
        (Some(namespace), Some(tail)) => below_namespace(core, &call, namespace, tail),
        (Some(namespace), None) if call.method == Method::Get => lists::provider(core, &call, namespace),
        (None, tail) => lists::of_scope(core, &call, tail.as_deref()),
        _ => Err(errors::method_not_allowed(call.method)),
    }
}

/// `.../vaults/kv/secrets` (GET lists) or `.../vaults/kv/ACTION` (POST).
fn below_resource(core: &Core<'_>, call: &Call, tail: &str) -> Outcome {
    match call.method {
        Method::Get => lists::collection(core, call),
        Method::Post => types::action(core, call, tail),
        _ => Err(errors::method_not_allowed(call.method)),
    }
}

/// `.../providers/Microsoft.KeyVault/vaults` (GET lists) or an action of the provider.
fn below_namespace(core: &Core<'_>, call: &Call, namespace: &str, tail: &str) -> Outcome {
    match call.method {
        Method::Get => lists::collection(core, call),
        Method::Post if tail.eq_ignore_ascii_case("register") => lists::register(core, call, namespace),
        Method::Post => types::provider_action(core, call, namespace, tail),
        _ => Err(errors::method_not_allowed(call.method)),
    }
}

fn check_subscription(core: &Core<'_>, path: &Path) -> Result<(), Reply> {
    let Some(subscription) = &path.subscription else { return Ok(()) };
    if core.settings.subscriptions.iter().any(|known| known.eq_ignore_ascii_case(subscription)) {
        return Ok(());
    }
    if !errors::is_guid(subscription) {
        let message = format!("The provided subscription identifier '{subscription}' is malformed or invalid.");
        return Err(Reply::error(400, "InvalidSubscriptionId", message));
    }
    if core.settings.believes(core.state, &core.caller.app_id) {
        return Ok(());
    }
    let message = format!("The subscription '{subscription}' could not be found.");
    Err(Reply::error(404, "SubscriptionNotFound", message))
}
