//! Addresses below a pod that are no objects: eviction, binding, logs, and those that this server refuses by name because no
//! process runs behind its pods.

use api::{ObjectExt, status::Status};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::{Call, body, change, options, respond};
use crate::{
    Objects, Resource,
    admit::{DeleteOptions, Operation, Request, pod},
};

/// As often as upstream tries when somebody else writes in between.
const ATTEMPTS: usize = 20;

/// Subresources that need a process or a network.
const REFUSED: [(&str, &str); 8] = [
    ("pods", "exec"),
    ("pods", "attach"),
    ("pods", "portforward"),
    ("pods", "proxy"),
    ("pods", "ephemeralcontainers"),
    ("pods", "resize"),
    ("services", "proxy"),
    ("nodes", "proxy"),
];

/// Why an address that upstream has is not served.
pub(super) fn refused(resource: &Resource, part: &str) -> Option<Status> {
    let known = resource.group.is_empty() && REFUSED.contains(&(resource.plural.as_str(), part));
    known.then(|| {
        let message = format!(
            "{part} is not served by this server: the {} of its clusters are simulated, no process runs",
            resource.plural
        );
        Status::failure(501, "NotImplemented", message)
    })
}

fn success() -> Response {
    let status = json!({ "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201 });
    respond::value(StatusCode::CREATED, &status)
}

/// A body of one of the versions that are meant.
fn decode(call: &Call, versions: &[&str], kind: &str) -> Result<Value, Status> {
    let mut sent = body::decode(&call.headers, &call.body)?.value;
    let (api_version, sent_kind) = (sent.api_version().unwrap_or_default(), sent.kind().unwrap_or_default());
    if !versions.contains(&api_version) || sent_kind != kind {
        return Err(Status::bad_request(format!(
            "the data is {sent_kind:?} of {api_version:?}, expected {kind} of {}",
            versions.join(" or ")
        )));
    }
    if sent.namespace().is_some_and(|namespace| namespace != call.info.namespace) {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    sent.metadata_mut().insert("namespace".into(), call.info.namespace.clone().into());
    Ok(sent)
}

fn missing(name: &str) -> Status {
    Status::not_found("", "pods", name)
}

/// `POST pods/NAME/eviction`.
pub(super) async fn evict(objects: &Objects, pods: &Resource, call: &Call) -> Result<Response, Status> {
    let eviction = decode(call, &["policy/v1", "policy/v1beta1"], "Eviction")?;
    let name = call.info.name.as_str();
    if eviction.name() != Some(name) {
        return Err(Status::bad_request("name in URL does not match name in Eviction object"));
    }
    let none = Value::Null;
    let (options, inner) = body::delete_options_of(eviction.get("deleteOptions").unwrap_or(&none), &call.query)?;
    let dry_run = inner | options::dry_run(call.query.all("dryRun"), "CreateOptions")?;
    let mut last = Status::stale("", "pods", name);
    for _ in 0..ATTEMPTS {
        match evict_once(objects, pods, call, &options, dry_run).await {
            Ok(()) => return Ok(success()),
            Err(status) if status.code == 409 && options.resource_version.is_none() => last = status,
            Err(status) => return Err(status),
        }
    }
    Err(last)
}

async fn evict_once(
    objects: &Objects,
    pods: &Resource,
    call: &Call,
    options: &DeleteOptions,
    dry_run: bool,
) -> Result<(), Status> {
    let (namespace, name) = (call.info.namespace.as_str(), call.info.name.as_str());
    let budgets = objects
        .resource("policy", "v1", "poddisruptionbudgets")
        .ok_or_else(|| Status::internal("PodDisruptionBudgets are not served"))?;
    let mut found = objects.get(pods, namespace, name).ok_or_else(|| missing(name))?;
    let (listed, _) = objects.list(&budgets, Some(namespace))?;
    let decided = pod::evict(&found, &listed, &objects.now())?;
    let mut options = options.clone();
    if decided.exact && options.resource_version.is_none() {
        options.resource_version = found.resource_version().map(Into::into);
    }
    if let Some(budget) = decided.budget.filter(|_| !dry_run) {
        let paid = budget.name().unwrap_or_default().to_string();
        change::put(objects, &budgets, "status", namespace, &paid, budget, "kube-apiserver").await?;
    }
    if !dry_run {
        check(&found, &options, name)?;
        pod::mark_evicted(&mut found, &objects.now());
        if decided.exact && options.resource_version.is_none() {
            found.metadata_mut().remove("resourceVersion");
        }
        let marked = change::put(objects, pods, "status", namespace, name, found, "kube-apiserver").await?;
        if options.resource_version.is_some() {
            options.resource_version = marked.resource_version().map(Into::into);
        }
    }
    let delete = Request::own(pods, "", namespace, name, Operation::Delete(options));
    let request = Request { manager: "kube-apiserver", ..delete };
    objects.write(&request, dry_run).await.map(|_| ())
}

/// The preconditions of the delete hold for the mark, too.
fn check(found: &Value, options: &DeleteOptions, name: &str) -> Result<(), Status> {
    let conflict = |what: &str, wanted: &str, there: &str| {
        let why = format!("the {what} in the precondition ({wanted}) does not match the {what} in record ({there}). ");
        let hint = match what {
            "UID" => "The object might have been deleted and then recreated",
            _ => "The object might have been modified",
        };
        Err(Status::conflict("", "Pod", name, &(why + hint)))
    };
    let (uid, version) = (found.uid().unwrap_or_default(), found.resource_version().unwrap_or_default());
    match (&options.uid, &options.resource_version) {
        (Some(wanted), _) if wanted != uid => conflict("UID", wanted, uid),
        (_, Some(wanted)) if wanted != version => conflict("ResourceVersion", wanted, version),
        _ => Ok(()),
    }
}

/// `POST pods/NAME/binding`, and `POST bindings` with the name in the body.
pub(super) async fn bind(objects: &Objects, call: &Call) -> Result<Response, Status> {
    let binding = decode(call, &["v1"], "Binding")?;
    let pods = objects.resource("", "v1", "pods").ok_or_else(|| Status::internal("pods are not served"))?;
    let name = match call.info.name.as_str() {
        "" => binding.name().unwrap_or_default(),
        name => name,
    };
    pod::check_binding(name, &binding)?;
    let dry_run = options::dry_run(call.query.all("dryRun"), "CreateOptions")?;
    let options = options::write_options(&call.query, &call.headers, "CreateOptions", false)?;
    let namespace = call.info.namespace.as_str();
    let mut last = Status::stale("", "pods", name);
    for _ in 0..ATTEMPTS {
        let found = objects.get(&pods, namespace, name).ok_or_else(|| missing(name))?;
        let bound = pod::bind(&found, &binding, &objects.now())?;
        let update = Request::own(&pods, "binding", namespace, name, Operation::Update(bound));
        let request = Request { manager: &options.manager, ..update };
        match objects.write(&request, dry_run).await {
            Ok(_) => return Ok(success()),
            Err(status) if status.code == 409 && binding.resource_version().is_none() => last = status,
            Err(status) => return Err(status),
        }
    }
    Err(last)
}

/// `GET pods/NAME/log`: which container is settled as upstream settles it; there are no lines to show.
pub(super) fn log(objects: &Objects, pods: &Resource, call: &Call) -> Result<Response, Status> {
    let (namespace, name) = (call.info.namespace.as_str(), call.info.name.as_str());
    let found = objects.get(pods, namespace, name).ok_or_else(|| missing(name))?;
    let container = pod::container(&found, call.query.get("container").unwrap_or_default())?;
    let lines =
        format!("windlass: container {container} of pod {name} is simulated: no process runs, there are no logs\n");
    Ok(respond::text(StatusCode::OK, lines))
}
