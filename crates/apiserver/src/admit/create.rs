//! Creates: by POST, or by an apply that finds nothing.

use api::{ObjectExt, status::Status};
use machinery::apply;
use serde_json::{Value, json};

use super::{
    Env, NamespaceState, Request, Verdict, cause, context, decode, generation, invalid, kinds, metadata, service,
    workloads,
};
use crate::crd;

/// Upstream's limits: a generated name has at most 63 characters.
const GENERATED_PREFIX_MAX: usize = 58;

/// `managed` are the managedFields that server-side apply has worked out already.
pub(super) fn create(
    mut new: Value,
    managed: Option<Value>,
    request: &Request<'_>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<Verdict, Status> {
    let resource = request.resource;
    if resource.custom().is_some_and(|custom| custom.terminating) {
        let message = "create not allowed while custom resource definition is terminating";
        return Err(Status::method_not_allowed(message));
    }
    decode::read(&mut new, request, warnings)?;
    if new.resource_version().is_some_and(|version| version != "0") {
        return Err(Status::bad_request("resourceVersion should not be set on objects to be created"));
    }
    let name = name(&new, request, env)?;
    check_namespace(request, &name, env)?;
    let metadata = new.metadata_mut();
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"] {
        metadata.remove(field);
    }
    metadata.insert("name".into(), name.clone().into());
    metadata.insert("uid".into(), env.uid.clone().into());
    metadata.insert("creationTimestamp".into(), env.now.clone().into());
    if generation::is_counted(resource) {
        metadata.insert("generation".into(), json!(1));
    }
    drop_status(&mut new, request);
    kinds::prepare_create(request, &mut new)?;
    if resource.is_custom() {
        env.admission.default(&resource.group, &resource.kind, &mut new);
    } else {
        warnings.extend(workloads::warning(&resource.group, &resource.kind, env.workloads));
        // Again, for the status that was dropped and for what was prepared.
        decode::canonical(&mut new, request);
    }
    if crd::is_definition(resource) {
        crd::prepare(&mut new);
    }
    let api_version = resource.api_version();
    let context = context(request, &api_version, env, false);
    let new = match managed {
        Some(managed) => {
            new.metadata_mut().insert("managedFields".into(), managed);
            new
        }
        None => apply::track_update(None, new, &context),
    };
    if env.proposing {
        return Ok(Verdict::Write(new));
    }
    finish(new, request, env, warnings)
}

/// After mutating webhooks: what they cannot change is as it was, and what follows from their changes is done again.
pub(super) fn settle(
    proposed: &Value,
    mut new: Value,
    request: &Request<'_>,
    env: &Env,
    warnings: &mut Vec<String>,
) -> Result<Verdict, Status> {
    let resource = request.resource;
    decode::read(&mut new, request, warnings)?;
    for name in ["name", "namespace", "uid", "creationTimestamp", "generation", "managedFields"] {
        match proposed.pointer(&format!("/metadata/{name}")) {
            Some(value) => new.metadata_mut().insert(name.into(), value.clone()),
            None => new.metadata_mut().remove(name),
        };
    }
    drop_status(&mut new, request);
    kinds::prepare_create(request, &mut new)?;
    if !resource.is_custom() {
        decode::canonical(&mut new, request);
    }
    finish(new, request, env, warnings)
}

/// The object is judged, and given what the server gives.
fn finish(mut new: Value, request: &Request<'_>, env: &Env, warnings: &mut Vec<String>) -> Result<Verdict, Status> {
    let resource = request.resource;
    let name = new.name().unwrap_or_default().to_string();
    if resource.is("", "services") {
        service::complete(&mut new);
    }
    let mut causes = metadata::validate(&new, request, env, warnings);
    causes.extend(kinds::validate(request, &new, None, warnings));
    if causes.is_empty() && resource.is("", "services") {
        causes.extend(service::assign(&mut new, None, &env.taken, &env.uid));
    }
    if causes.is_empty() { Ok(Verdict::Write(new)) } else { Err(invalid(request, &name, causes)) }
}

fn name(new: &Value, request: &Request<'_>, env: &Env) -> Result<String, Status> {
    if let Some(name) = new.name() {
        return Ok(name.to_string());
    }
    match new.pointer("/metadata/generateName").and_then(Value::as_str).filter(|prefix| !prefix.is_empty()) {
        Some(prefix) => {
            let prefix: String = prefix.chars().take(GENERATED_PREFIX_MAX).collect();
            Ok(format!("{prefix}{}", env.suffix))
        }
        None => {
            let message = "Required value: name or generateName is required";
            Err(invalid(request, "", vec![cause("FieldValueRequired", "metadata.name", message)]))
        }
    }
}

fn check_namespace(request: &Request<'_>, name: &str, env: &Env) -> Result<(), Status> {
    let (resource, namespace) = (request.resource, request.namespace);
    match env.namespace {
        NamespaceState::Active => Ok(()),
        NamespaceState::Missing => Err(Status::not_found("", "namespaces", namespace)),
        NamespaceState::Terminating => {
            let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
            let message = format!("namespace {namespace} is being terminated");
            let causes = vec![cause("NamespaceTerminating", "metadata.namespace", message)];
            Err(Status::forbidden(&resource.group, &resource.plural, name, &why).with_causes(causes))
        }
    }
}

/// A status comes through its subresource. Nodes are the exception: a kubelet registers with one.
fn drop_status(new: &mut Value, request: &Request<'_>) {
    let resource = request.resource;
    if decode::has_status(resource)
        && !resource.is("", "nodes")
        && let Some(fields) = new.as_object_mut()
    {
        fields.remove("status");
    }
}
