//! Microsoft Graph, as far as Azure's tools look up who a role is for: service principals by application id, objects by id.

use serde_json::{Value, json};

use crate::{
    core::{Core, Method, Outcome},
    reply::Reply,
    state::Principal,
};

const METADATA: &str = "https://graph.microsoft.com/v1.0/$metadata";

pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) filter: &'a str,
    pub(crate) body: Option<&'a Value>,
}

/// Every principal of the tenant may read these, as the default permissions of an Azure tenant's members allow.
pub(crate) fn apply(core: &Core<'_>, request: &Request<'_>) -> Outcome {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let [version, rest @ ..] = segments.as_slice() else { return Err(unknown(request)) };
    if !matches!(*version, "v1.0" | "beta") {
        return Err(unknown(request));
    }
    match (request.method, rest) {
        (Method::Get, ["servicePrincipals"]) => {
            let id = filtered_id(request.filter)?;
            let found = core.state.principal(&id).filter(|principal| principal.app_id.eq_ignore_ascii_case(&id));
            let values: Vec<Value> = found.iter().map(service_principal).collect();
            Ok(Reply::json(200, json!({"@odata.context": format!("{METADATA}#servicePrincipals"), "value": values}))
                .into())
        }
        (Method::Get, ["servicePrincipals" | "directoryObjects", id]) => {
            let found = core.state.principal(id).filter(|principal| principal.object_id.eq_ignore_ascii_case(id));
            let found = found.ok_or_else(|| not_found(id))?;
            Ok(Reply::json(200, service_principal(&found)).into())
        }
        (Method::Get, ["applications" | "users" | "groups"]) => {
            Ok(Reply::json(200, json!({"@odata.context": METADATA, "value": []})).into())
        }
        (Method::Post, ["directoryObjects", "getByIds"]) => {
            let ids = request
                .body
                .and_then(|body| body["ids"].as_array())
                .ok_or_else(|| Reply::error(400, "Request_BadRequest", "The property 'ids' is required."))?;
            let found = ids.iter().filter_map(Value::as_str).filter_map(|id| {
                core.state.principal(id).filter(|principal| principal.object_id.eq_ignore_ascii_case(id))
            });
            let values: Vec<Value> = found.map(|principal| service_principal(&principal)).collect();
            Ok(Reply::json(200, json!({"@odata.context": format!("{METADATA}#directoryObjects"), "value": values}))
                .into())
        }
        _ => Err(unknown(request)),
    }
}

/// The application id out of the two filters that Azure's tools send.
fn filtered_id(filter: &str) -> Result<String, Reply> {
    let by_name = filter.strip_prefix("servicePrincipalNames/any(c:c eq '").and_then(|rest| rest.strip_suffix("')"));
    let by_app = filter.strip_prefix("appId eq '").and_then(|rest| rest.strip_suffix('\''));
    by_name.or(by_app).filter(|id| !id.contains('\'')).map(str::to_string).ok_or_else(|| {
        let message = "Unsupported or invalid query filter clause specified: the twin reads \
                       servicePrincipalNames/any(c:c eq '...') and appId eq '...'.";
        Reply::error(400, "Request_UnsupportedQuery", message)
    })
}

fn service_principal(principal: &Principal) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.servicePrincipal",
        "id": principal.object_id,
        "appId": principal.app_id,
        "displayName": principal.display_name,
        "accountEnabled": true,
        "servicePrincipalType": if principal.identity.is_some() { "ManagedIdentity" } else { "Application" },
        "servicePrincipalNames": [principal.app_id],
        "alternativeNames": principal.identity.iter().collect::<Vec<_>>(),
    })
}

fn not_found(id: &str) -> Reply {
    let message =
        format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
    Reply::error(404, "Request_ResourceNotFound", message)
}

fn unknown(request: &Request<'_>) -> Reply {
    let segment = request.path.trim_matches('/').split('/').nth(1).unwrap_or_default();
    Reply::error(400, "BadRequest", format!("Resource not found for the segment '{segment}'."))
}
