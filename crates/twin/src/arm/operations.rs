//! Long-running operations: made when a request is accepted, read until their time has come. Completion is computed from
//! the stored times.

use serde_json::{Value, json};

use crate::{
    access,
    arm::Request,
    core::{Core, Effects, Method, Outcome},
    id::Path,
    reply::Reply,
    state::{Operation, Resource},
    types,
};

pub(crate) const MANAGEMENT: &str = "https://management.azure.com";

/// How a request announces its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    AsyncOperation,
    Location,
}

/// What an operation is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) yields_resource: bool,
    pub(crate) api_version: &'a str,
    /// What it takes in Azure.
    pub(crate) seconds: i64,
}

/// Records the operation and adds its headers to the answer.
pub(crate) fn start(core: &Core<'_>, mut reply: Reply, styles: &[Style], subject: Subject<'_>) -> (Reply, Operation) {
    let Subject { resource, yields_resource, api_version, seconds } = subject;
    let id = core.uuid("operation");
    let until = core.now.checked_add(core.settings.pace.duration(seconds)).unwrap_or(core.now);
    let operation = Operation {
        id: id.clone(),
        resource: resource.id.clone(),
        started_by: core.caller.object_id.clone(),
        yields_resource,
        started: core.now,
        until,
        failure: core.failure.clone(),
    };
    let subscription = resource.id.split('/').nth(2).unwrap_or_default();
    let namespace = resource.kind.split('/').next().unwrap_or_default();
    let location = if resource.location().is_empty() { "global" } else { resource.location() };
    for style in styles {
        let (header, path) = match style {
            Style::Location => ("location", format!("operationresults/{id}")),
            Style::AsyncOperation => {
                ("azure-asyncoperation", format!("providers/{namespace}/locations/{location}/operations/{id}"))
            }
        };
        let url = format!("{MANAGEMENT}/subscriptions/{subscription}/{path}?api-version={api_version}");
        reply = reply.with(header, url);
    }
    reply.headers.extend(core.settings.pace.retry_after(seconds.clamp(1, 15).unsigned_abs()));
    (reply, operation)
}

/// The answer when the path is that of an operation; `None` for all other paths.
pub(crate) fn read(core: &Core<'_>, request: &Request) -> Option<Outcome> {
    let segments: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let [first, subscription, .., of, id] = segments.as_slice() else { return None };
    let of = of.to_lowercase();
    let status = matches!(of.as_str(), "operations" | "operationstatuses");
    if !first.eq_ignore_ascii_case("subscriptions") || !(status || of == "operationresults") {
        return None;
    }
    if request.method != Method::Get {
        return Some(Err(super::errors::method_not_allowed(request.method)));
    }
    let known = core.state.operation(id).filter(|operation| {
        operation.resource.split('/').nth(2).is_some_and(|own| own.eq_ignore_ascii_case(subscription))
    });
    let Some(operation) = known else {
        let message = format!("The operation '{id}' could not be found.");
        return Some(Err(Reply::error(404, "OperationNotFound", message)));
    };
    // Who started it, and who may read the resource, may read how it is doing: with the resource its role assignments go.
    let kind = Path::parse(&operation.resource).map(|path| path.kind).unwrap_or_default();
    let action = access::action(&kind, Method::Get, None);
    let own = operation.started_by == core.caller.object_id;
    if let Err(denied) = access::authorize_text(core, &action, &operation.resource)
        && !own
    {
        return Some(Err(denied));
    }
    let reply = if status { status_document(core, request, operation) } else { result(core, request, operation) };
    Some(Ok(Effects::from(reply)))
}

fn status_document(core: &Core<'_>, request: &Request, operation: &Operation) -> Reply {
    let running = core.now < operation.until;
    let status = match &operation.failure {
        _ if running => "InProgress",
        Some(_) => "Failed",
        None => "Succeeded",
    };
    let mut body = json!({
        "id": request.path,
        "name": operation.id,
        "status": status,
        "startTime": operation.started.to_string(),
    });
    if !running {
        body["endTime"] = json!(operation.until.to_string());
        if let Some(failure) = &operation.failure {
            body["error"] = json!({"code": failure.code, "message": failure.message});
        }
    }
    let mut reply = Reply::json(200, body);
    if running {
        reply.headers.extend(core.settings.pace.retry_after(10));
    }
    reply
}

fn result(core: &Core<'_>, request: &Request, operation: &Operation) -> Reply {
    if core.now < operation.until {
        let version = request.query.get("api-version").map(String::as_str).unwrap_or_default();
        let url = format!("{MANAGEMENT}{}?api-version={version}", request.path);
        let mut reply = Reply::status(202).with("location", url);
        reply.headers.extend(core.settings.pace.retry_after(10));
        return reply;
    }
    if let Some(failure) = &operation.failure {
        return Reply::error(409, &failure.code, failure.message.clone());
    }
    let resource = core.state.resource(&operation.resource.to_lowercase()).filter(|_| operation.yields_resource);
    match resource {
        Some(resource) => Reply::json(200, types::render(core, resource)),
        None if operation.yields_resource => Reply::json(200, Value::Null),
        None => Reply::status(200),
    }
}
