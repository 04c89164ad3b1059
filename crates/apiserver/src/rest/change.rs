//! create, update, patch, delete, deletecollection: from a request to a write and from its outcome to an answer.

use std::sync::Arc;

use api::{ObjectExt, status::Status};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    Call, body,
    options::{WriteOptions, write_options},
    query::ListOptions,
    read, respond,
    respond::View,
    select::Selection,
};
use crate::{
    Objects, Resource, access,
    admit::{DeleteOptions, Operation, Request, scale},
    objects::Outcome,
};

fn request<'a>(resource: &'a Resource, call: &'a Call, options: &'a WriteOptions, operation: Operation) -> Request<'a> {
    Request {
        resource,
        subresource: &call.info.subresource,
        namespace: &call.info.namespace,
        name: &call.info.name,
        operation,
        manager: &options.manager,
        validation: options.validation,
        duplicates: Vec::new(),
        caller: Some(&call.identity),
    }
}

/// Replaces an object, or a part of it, as it was read.
pub(super) async fn put(
    objects: &Objects,
    resource: &Resource,
    subresource: &str,
    namespace: &str,
    name: &str,
    object: Value,
    manager: &str,
) -> Result<Value, Status> {
    let operation = Operation::Update(object);
    let request = Request { manager, ..Request::own(resource, subresource, namespace, name, operation) };
    objects.write(&request, false).await.map(|outcome| outcome.object)
}

/// Decides, commits, answers.
async fn write(objects: &Objects, call: &Call, request: Request<'_>, dry_run: bool) -> Result<Response, Status> {
    let view = View::of_part(request.resource, request.subresource, call.form()?, &call.query)?;
    let guard = |old: Option<&Value>, new: &Value| access::check_grant(objects, &call.info, &call.identity, old, new);
    let outcome = objects.write_guarded(&request, dry_run, &guard).await?;
    let code = if outcome.created { StatusCode::CREATED } else { StatusCode::OK };
    let object = shown(request.resource, request.subresource, outcome.object)?;
    let mut response = respond::value(code, &view.object(objects, object));
    respond::warn(&mut response, &outcome.warnings);
    Ok(response)
}

/// What is answered at the address of a part.
pub(super) fn shown(resource: &Resource, subresource: &str, object: Value) -> Result<Value, Status> {
    if subresource == "scale" { scale::show(resource, &object) } else { Ok(object) }
}

pub(crate) async fn create(objects: &Objects, resource: &Resource, call: &Call) -> Result<Response, Status> {
    let options = write_options(&call.query, &call.headers, "CreateOptions", false)?;
    let decoded = body::decode(&call.headers, &call.body)?;
    let mut request = request(resource, call, &options, Operation::Create(decoded.value));
    request.duplicates = decoded.duplicates;
    write(objects, call, request, options.dry_run).await
}

pub(crate) async fn update(objects: &Objects, resource: &Resource, call: &Call) -> Result<Response, Status> {
    let options = write_options(&call.query, &call.headers, "UpdateOptions", false)?;
    let decoded = body::decode(&call.headers, &call.body)?;
    let mut request = request(resource, call, &options, Operation::Update(decoded.value));
    request.duplicates = decoded.duplicates;
    write(objects, call, request, options.dry_run).await
}

pub(crate) async fn patch(objects: &Objects, resource: &Resource, call: &Call) -> Result<Response, Status> {
    let patch = body::patch(&call.headers, &call.body, !resource.is_custom())?;
    let is_apply = matches!(patch, body::Patch::Apply(_));
    let options = write_options(&call.query, &call.headers, "PatchOptions", is_apply)?;
    let (operation, duplicates) = match patch {
        body::Patch::Plain(kind, decoded) => (Operation::Patch(kind, decoded.value), decoded.duplicates),
        body::Patch::Apply(decoded) => {
            (Operation::Apply { applied: decoded.value, force: options.force }, decoded.duplicates)
        }
    };
    let mut request = request(resource, call, &options, operation);
    request.duplicates = duplicates;
    write(objects, call, request, options.dry_run).await
}

pub(crate) async fn delete(objects: &Objects, resource: &Resource, call: &Call) -> Result<Response, Status> {
    let (options, dry_run) = body::delete_options(&call.headers, &call.body, &call.query)?;
    let view = View::new(resource, call.form()?, &call.query)?;
    let outcome = delete_one(objects, resource, call, &call.info.namespace, &call.info.name, options, dry_run).await?;
    let shows = RETURNED.iter().any(|(group, plural)| resource.is(group, plural));
    let mut response = if outcome.deleted && !shows {
        respond::value(StatusCode::OK, &deleted(resource, &outcome.object))
    } else {
        respond::value(StatusCode::OK, &view.object(objects, outcome.object))
    };
    respond::warn(&mut response, &outcome.warnings);
    Ok(response)
}

async fn delete_one(
    objects: &Objects,
    resource: &Resource,
    call: &Call,
    namespace: &str,
    name: &str,
    options: DeleteOptions,
    dry_run: bool,
) -> Result<Outcome, Status> {
    let write = WriteOptions::default();
    let request = Request { namespace, name, ..request(resource, call, &write, Operation::Delete(options)) };
    objects.write(&request, dry_run).await
}

/// Kinds whose delete upstream answers with the object.
const RETURNED: [(&str, &str); 12] = [
    ("", "namespaces"),
    ("", "persistentvolumeclaims"),
    ("", "persistentvolumes"),
    ("", "pods"),
    ("", "podtemplates"),
    ("", "resourcequotas"),
    ("", "serviceaccounts"),
    ("", "services"),
    ("storage.k8s.io", "csidrivers"),
    ("storage.k8s.io", "csinodes"),
    ("storage.k8s.io", "storageclasses"),
    ("storage.k8s.io", "volumeattachments"),
];

/// The Status that says that an object is gone.
fn deleted(resource: &Resource, object: &Value) -> Value {
    let mut details = json!({ "name": object.name(), "kind": resource.plural, "uid": object.uid() });
    if !resource.group.is_empty() {
        details["group"] = resource.group.clone().into();
    }
    json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details })
}

/// Each selected object by itself; the answer lists them as they were found.
pub(crate) async fn delete_collection(
    objects: &Objects,
    resource: &Arc<Resource>,
    call: &Call,
) -> Result<Response, Status> {
    let (options, dry_run) = body::delete_options(&call.headers, &call.body, &call.query)?;
    let list = ListOptions::new(&call.query)?;
    let selection = Selection::new(resource, &list)?;
    let found = read::find(objects, resource, &call.info.namespace, &list, &selection)?;
    let mut items = Vec::new();
    for (stored, object) in found.items {
        let key = stored.key.clone();
        let Some(key) = crate::objects::Key::parse(&key) else { continue };
        let uid = object.as_ref().and_then(|object| object.uid().map(Into::into));
        let options = DeleteOptions { uid: options.uid.clone().or(uid), ..options.clone() };
        match delete_one(objects, resource, call, key.namespace, key.name, options, dry_run).await {
            Ok(_) => items.extend(read::shown(objects, resource, &View::PLAIN, (stored, object))),
            // Somebody else was faster.
            Err(status) if status.code == 404 => {}
            Err(status) => return Err(status),
        }
    }
    let metadata = json!({ "resourceVersion": found.revision.0.to_string() });
    let body = respond::list_of(&resource.list_kind, &resource.api_version(), &metadata, &items);
    Ok(respond::bytes(StatusCode::OK, body))
}
