//! What single built-in kinds need beyond their schema: values that upstream's strategies fill in, and fields that they
//! hold immutable. Kinds without a rule here are plain data.

use api::{ObjectExt, status::Cause, status::Status};
use base64::{Engine, prelude::BASE64_STANDARD};
use machinery::{builtin, schema};
use serde_json::{Map, Value, json};

use super::{Request, cause, service, workloads};
use crate::crd;

const RBAC: &str = "rbac.authorization.k8s.io";
/// Upstream's limit for the data of one Secret or ConfigMap.
const DATA_BYTES_MAX: usize = 1024 * 1024;

pub(super) fn prepare_create(request: &Request<'_>, new: &mut Value) -> Result<(), Status> {
    match (request.resource.group.as_str(), request.resource.plural.as_str()) {
        ("", "secrets") => {
            take_string_data(new);
            default_secret_type(new);
        }
        ("", "namespaces") => prepare_namespace(new),
        ("", "pods") => workloads::prepare_pod(new),
        ("certificates.k8s.io", _) => name_requestor(request, new),
        ("", "persistentvolumeclaims") => workloads::prepare_claim(new),
        ("", "persistentvolumes") => workloads::prepare_volume(new),
        ("apps", "daemonsets") => workloads::count_templates(new, None),
        ("batch", "jobs") => workloads::prepare_job(new),
        (RBAC, _) => default_rbac(new),
        _ => {}
    }
    Ok(())
}

pub(super) fn prepare_update(request: &Request<'_>, current: &Value, new: &mut Value) -> Result<(), Status> {
    match (request.resource.group.as_str(), request.resource.plural.as_str()) {
        ("", "secrets") => {
            take_string_data(new);
            if new.get("type").is_none()
                && let Some(kind) = current.get("type")
            {
                new["type"] = kind.clone();
            }
        }
        // Finalizers of a namespace change through `/finalize` only.
        ("", "namespaces") => {
            let name = current.name().unwrap_or_default().to_string();
            new.set_label("kubernetes.io/metadata.name", &name);
            match current.pointer("/spec/finalizers") {
                Some(finalizers) => new["spec"]["finalizers"] = finalizers.clone(),
                None => {
                    if let Some(spec) = new.get_mut("spec").and_then(Value::as_object_mut) {
                        spec.remove("finalizers");
                    }
                }
            }
        }
        ("", "pods") => workloads::complete_pod(new, Some(current)),
        ("", "services") => service::prepare(new, current),
        // What was asked for stays as it was asked for.
        ("certificates.k8s.io", _) => new["spec"] = current["spec"].clone(),
        ("apps", "daemonsets") => workloads::count_templates(new, Some(current)),
        (RBAC, _) => default_rbac(new),
        _ => {}
    }
    Ok(())
}

/// Upstream's field errors. Custom resources: their schema's, with warnings of what was wrong before.
pub(super) fn validate(
    request: &Request<'_>,
    new: &Value,
    old: Option<&Value>,
    warnings: &mut Vec<String>,
) -> Vec<Cause> {
    let resource = request.resource;
    if resource.is_custom() {
        let judgement = schema::judge(resource.schema(), new, old);
        warnings.extend(judgement.warnings);
        return judgement.causes;
    }
    let mut causes = match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "secrets") => validate_secret(new, old),
        ("", "configmaps") => validate_config_map(new, old),
        ("", "services") if request.subresource.is_empty() => service::validate(new, old),
        (RBAC, "rolebindings" | "clusterrolebindings") => validate_binding(new, old),
        ("certificates.k8s.io", _) if old.is_none() => validate_signing_request(new),
        ("apiextensions.k8s.io", "customresourcedefinitions") if request.subresource.is_empty() => {
            crd::validate(new, old)
        }
        _ => Vec::new(),
    };
    if request.subresource.is_empty() {
        causes.extend(builtin::validate(&resource.group, &resource.kind, new, old));
    }
    causes
}

/// Who asks for a certificate is who sends the request.
fn name_requestor(request: &Request<'_>, new: &mut Value) {
    let (Some(caller), Some(spec)) = (request.caller, new.get_mut("spec").and_then(Value::as_object_mut)) else {
        return;
    };
    let known = caller.to_value();
    for name in ["username", "uid", "groups", "extra"] {
        match known.get(name) {
            Some(value) => spec.insert(name.into(), value.clone()),
            None => spec.remove(name),
        };
    }
}

fn validate_signing_request(new: &Value) -> Vec<Cause> {
    let text = |at: &str| new.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let mut causes = Vec::new();
    let pem = BASE64_STANDARD.decode(text("/spec/request")).unwrap_or_default();
    let parsed = x509_parser::pem::Pem::iter_from_buffer(&pem).next().and_then(Result::ok);
    if parsed.is_none_or(|block| block.label != "CERTIFICATE REQUEST") {
        let message = "Invalid value: \"<request>\": PEM block type must be CERTIFICATE REQUEST";
        causes.push(cause("FieldValueInvalid", "spec.request", message));
    }
    if new.pointer("/spec/usages").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        causes.push(cause("FieldValueRequired", "spec.usages", "Required value"));
    }
    let signer = text("/spec/signerName");
    if signer.is_empty() {
        causes.push(cause("FieldValueRequired", "spec.signerName", "Required value"));
    } else if !signer.contains('/') {
        let why = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
        causes.push(cause("FieldValueInvalid", "spec.signerName", format!("Invalid value: \"{signer}\": {why}")));
    }
    causes
}

/// `stringData` is write-only: it overwrites `data`.
fn take_string_data(secret: &mut Value) {
    let Some(Value::Object(plain)) = secret.as_object_mut().and_then(|fields| fields.remove("stringData")) else {
        return;
    };
    let mut data = secret.get("data").and_then(Value::as_object).cloned().unwrap_or_default();
    for (name, value) in plain {
        data.insert(name, BASE64_STANDARD.encode(value.as_str().unwrap_or_default()).into());
    }
    secret["data"] = Value::Object(data);
}

fn default_secret_type(secret: &mut Value) {
    if secret.get("type").and_then(Value::as_str).is_none_or(str::is_empty) {
        secret["type"] = json!("Opaque");
    }
}

fn prepare_namespace(namespace: &mut Value) {
    let name = namespace.name().unwrap_or_default().to_string();
    namespace.set_label("kubernetes.io/metadata.name", &name);
    let mut finalizers = namespace.pointer("/spec/finalizers").and_then(Value::as_array).cloned().unwrap_or_default();
    if !finalizers.iter().any(|finalizer| finalizer == "kubernetes") {
        finalizers.push(json!("kubernetes"));
    }
    namespace["spec"] = json!({ "finalizers": finalizers });
    namespace["status"] = json!({ "phase": "Active" });
}

fn default_rbac(object: &mut Value) {
    if let Some(role) = object.get_mut("roleRef").and_then(Value::as_object_mut)
        && role.get("apiGroup").and_then(Value::as_str).is_none_or(str::is_empty)
    {
        role.insert("apiGroup".into(), json!(RBAC));
    }
    for subject in object.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
        let Some(subject) = subject.as_object_mut() else { continue };
        let kind = subject.get("kind").and_then(Value::as_str);
        if matches!(kind, Some("User" | "Group")) && !subject.contains_key("apiGroup") {
            subject.insert("apiGroup".into(), json!(RBAC));
        }
    }
}

fn is_immutable(old: Option<&Value>) -> bool {
    old.is_some_and(|old| old["immutable"] == true)
}

/// Data keys are file names.
fn check_keys(field: &str, data: Option<&Value>, causes: &mut Vec<Cause>) {
    let empty = Map::new();
    for name in data.and_then(Value::as_object).unwrap_or(&empty).keys() {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 253 || !name.chars().all(plain) || name == "." || name.starts_with("..") {
            let message = format!(
                "Invalid value: \"{name}\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' \
                 (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
            );
            causes.push(cause("FieldValueInvalid", &format!("{field}[{name}]"), message));
        }
    }
}

fn size(data: Option<&Value>) -> usize {
    data.and_then(Value::as_object).into_iter().flatten().filter_map(|(_, value)| value.as_str()).map(str::len).sum()
}

fn too_long(field: &str) -> Cause {
    cause("FieldValueTooLong", field, format!("Too long: may not be more than {DATA_BYTES_MAX} bytes"))
}

fn frozen(field: &str) -> Cause {
    cause("FieldValueForbidden", field, "Forbidden: field is immutable when `immutable` is set")
}

fn validate_secret(new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = Vec::new();
    check_keys("data", new.get("data"), &mut causes);
    for (name, value) in new.get("data").and_then(Value::as_object).into_iter().flatten() {
        if value.as_str().is_none_or(|text| BASE64_STANDARD.decode(text).is_err()) {
            let message = "Invalid value: \"<masked>\": illegal base64 data";
            causes.push(cause("FieldValueInvalid", &format!("data[{name}]"), message));
        }
    }
    if size(new.get("data")) / 4 * 3 > DATA_BYTES_MAX {
        causes.push(too_long("data"));
    }
    if let Some(old) = old {
        if old.get("type") != new.get("type") {
            let shown = new["type"].as_str().unwrap_or_default();
            causes.push(cause("FieldValueInvalid", "type", format!("Invalid value: \"{shown}\": field is immutable")));
        }
        if is_immutable(Some(old)) {
            causes.extend((new["immutable"] != true).then(|| frozen("immutable")));
            causes.extend((old.get("data") != new.get("data")).then(|| frozen("data")));
        }
    }
    causes
}

fn validate_config_map(new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = Vec::new();
    check_keys("data", new.get("data"), &mut causes);
    check_keys("binaryData", new.get("binaryData"), &mut causes);
    if size(new.get("data")) + size(new.get("binaryData")) / 4 * 3 > DATA_BYTES_MAX {
        causes.push(too_long(""));
    }
    if is_immutable(old) {
        causes.extend((new["immutable"] != true).then(|| frozen("immutable")));
        for field in ["data", "binaryData"] {
            causes.extend((old.and_then(|old| old.get(field)) != new.get(field)).then(|| frozen(field)));
        }
    }
    causes
}

fn validate_binding(new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = Vec::new();
    let name = new.pointer("/roleRef/name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() {
        causes.push(cause("FieldValueRequired", "roleRef.name", "Required value"));
    }
    if let Some(old) = old
        && old.get("roleRef") != new.get("roleRef")
    {
        let part = |field: &str| new["roleRef"][field].as_str().unwrap_or_default().to_string();
        let shown = format!(
            "rbac.RoleRef{{APIGroup:{:?}, Kind:{:?}, Name:{:?}}}",
            part("apiGroup"),
            part("kind"),
            part("name")
        );
        causes.push(cause("FieldValueInvalid", "roleRef", format!("Invalid value: {shown}: cannot change roleRef")));
    }
    causes
}
