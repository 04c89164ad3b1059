//! One link of the chain: what an object says about itself, and whom it blames. Pure.

use actions::Cause;
use api::{
    ObjectExt, condition,
    names::{GroupVersionKind, ObjectRef},
    text,
};
use serde_json::Value;

use super::advice;

#[derive(Debug, PartialEq)]
pub(super) enum Step {
    Ready,
    /// Another object is to blame.
    Deeper {
        cause: Cause,
        target: ObjectRef,
    },
    /// Nobody below is: these are the last links.
    Lowest {
        causes: Vec<Cause>,
        advice: String,
    },
}

pub(super) fn step(target: &ObjectRef, object: &Value) -> Step {
    if target.group == api::argoproj::GROUP && target.kind == "Application" {
        return application(target, object);
    }
    if super::cluster_api::is_ours(target) {
        return super::cluster_api::step(target, object);
    }
    match condition::find(object, "Ready") {
        Some(ready) => with_condition(target, object, ready),
        None if target.group.ends_with(".azure.com") => {
            let message = "the controller has not looked at the object yet".to_string();
            lowest(target, "no Ready condition", message, "wait a moment, then ask again".into())
        }
        None if object.deletion_timestamp().is_some() => deleting(target, object),
        None => Step::Ready,
    }
}

fn lowest(target: &ObjectRef, says: impl Into<String>, message: impl Into<String>, advice: String) -> Step {
    let cause = Cause { subject: target.to_string(), says: says.into(), message: message.into() };
    Step::Lowest { causes: vec![cause], advice }
}

fn deleting(target: &ObjectRef, object: &Value) -> Step {
    let holders = object.finalizers().join(", ");
    lowest(
        target,
        "Deleting",
        format!("waits for the finalizers {holders}"),
        "find out why their controllers do not finish".into(),
    )
}

/// Errors of comparison first, then a failed operation, then the resource that is worst.
fn application(target: &ObjectRef, object: &Value) -> Step {
    let (sync, health) = (text(object, "/status/sync/status"), text(object, "/status/health/status"));
    let says = format!(
        "{}, {}",
        if sync.is_empty() { "Unknown" } else { sync },
        if health.is_empty() { "Unknown" } else { health }
    );
    let conditions = object.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let errors: Vec<&Value> = conditions.filter(|c| text(c, "/type").ends_with("Error")).collect();
    let resources = || object.pointer("/status/resources").and_then(Value::as_array).into_iter().flatten();
    let failed =
        object.pointer("/status/operationState/syncResult/resources").and_then(Value::as_array).into_iter().flatten();
    let failed: Vec<&Value> = failed.filter(|resource| text(resource, "/status") == "SyncFailed").collect();
    let phase = text(object, "/status/operationState/phase");

    if let Some(error) = errors.iter().find(|error| text(error, "/type") != "SyncError") {
        let message = text(error, "/message");
        return lowest(
            target,
            format!("{says}: {}", text(error, "/type")),
            message,
            advice::application(text(error, "/type"), message),
        );
    }
    if let (Some(first), "Failed" | "Error" | "Running") = (failed.first(), phase) {
        return refused(target, object, &says, first);
    }
    let progress = text(object, "/status/operationState/message");
    if phase == "Running" && progress.starts_with("waiting for completion of hook") {
        let advice =
            "look at the hook's object; a hook that never ends is stopped by deleting it, which fails the sync";
        return lowest(target, format!("{says}: sync {phase}"), progress, advice.into());
    }
    if let Some(worst) = resources().max_by_key(|resource| badness(resource)).filter(|worst| badness(worst) > 0) {
        let health = worst.pointer("/health/status").and_then(Value::as_str).unwrap_or("without health");
        let resource = reference(worst);
        let message = format!("{resource} is {health}");
        return Step::Deeper { cause: Cause { subject: target.to_string(), says, message }, target: resource };
    }
    if let Some(error) = errors.first() {
        let message = text(error, "/message");
        return lowest(
            target,
            format!("{says}: {}", text(error, "/type")),
            message,
            advice::application("SyncError", message),
        );
    }
    match (sync, health) {
        ("Synced", "Healthy") => Step::Ready,
        ("OutOfSync", _) => {
            let outdated = resources().find(|resource| text(resource, "/status") == "OutOfSync");
            let message =
                outdated.map(|resource| format!("{} differs from Git", reference(resource))).unwrap_or_default();
            lowest(target, says, message, "sync it, or switch automated sync on (spec.syncPolicy.automated)".into())
        }
        _ => lowest(
            target,
            says,
            "the controller has not finished its first comparison",
            "wait a moment, then ask again".into(),
        ),
    }
}

/// An object that the last sync could not apply.
fn refused(target: &ObjectRef, application: &Value, says: &str, resource: &Value) -> Step {
    let (kind, name) = (text(resource, "/kind"), text(resource, "/name"));
    let operation = Cause {
        subject: target.to_string(),
        says: format!("{says}: sync {}", text(application, "/status/operationState/phase")),
        message: text(application, "/status/operationState/message").into(),
    };
    let message = text(resource, "/message");
    let cause = Cause { subject: format!("{kind}/{name}"), says: "SyncFailed".into(), message: message.into() };
    Step::Lowest { advice: advice::sync_failed(message), causes: vec![operation, cause] }
}

/// Argo CD's order from good to bad; what is not there yet or has no health is not to blame.
fn badness(resource: &Value) -> u8 {
    if resource["hook"] == true {
        return 0;
    }
    match text(resource, "/health/status") {
        "Progressing" => 1,
        "Missing" => 2,
        "Degraded" => 4,
        "Unknown" => 3,
        _ => 0,
    }
}

fn reference(resource: &Value) -> ObjectRef {
    let gvk = GroupVersionKind::new(text(resource, "/group"), text(resource, "/version"), text(resource, "/kind"));
    ObjectRef::new(&gvk, text(resource, "/namespace"), text(resource, "/name"))
}

fn with_condition(target: &ObjectRef, object: &Value, ready: &Value) -> Step {
    let (status, reason, message) = (text(ready, "/status"), text(ready, "/reason"), text(ready, "/message"));
    if status == "True" && object.deletion_timestamp().is_none() {
        return Step::Ready;
    }
    let cause = Cause {
        subject: target.to_string(),
        says: format!("Ready={status} {reason}").trim().into(),
        message: message.into(),
    };
    if reason == "WaitingForOwner"
        && let Some(owner) = owner(target, object)
    {
        return Step::Deeper { cause, target: owner };
    }
    let mut causes = vec![cause];
    if let Some(layer) = blamed_layer(object, reason, message) {
        causes.push(Cause { subject: layer, says: reason.into(), message: message.into() });
    }
    Step::Lowest { advice: advice::azure(reason, message, &credential(target, object)), causes }
}

/// Where the credential of an Azure object is looked for.
fn credential(target: &ObjectRef, object: &Value) -> String {
    match object.annotation(aso::names::CREDENTIAL_FROM) {
        Some(name) => format!("Secret {}/{name}", target.namespace),
        None => format!("its credential Secret (aso-credential in {}, or the operator's own)", target.namespace),
    }
}

/// Who said it, when it was not the controller: Entra ID and ARM speak through the condition's reason.
fn blamed_layer(object: &Value, reason: &str, message: &str) -> Option<String> {
    const OUR_OWN: &[&str] = &[
        "",
        "Succeeded",
        "Reconciling",
        "Deleting",
        "WaitingForOwner",
        "SecretNotFound",
        "ConfigMapNotFound",
        "ReferenceNotFound",
        "SubscriptionMismatch",
        "Failed",
        "ReconciliationBlocked",
        "ReconciliationPostponed",
        "AzureResourceNotFound",
    ];
    if message.contains("AADSTS") {
        return Some("Entra ID".into());
    }
    let id = object.annotation("serviceoperator.azure.com/resource-id").unwrap_or_default();
    (!OUR_OWN.contains(&reason)).then(|| format!("Azure Resource Manager {id}").trim().to_string())
}

/// The owner that the spec names: its kind is the parent's, which the catalogue knows.
fn owner(target: &ObjectRef, object: &Value) -> Option<ObjectRef> {
    let catalogue = catalogue::builtin();
    let resource = catalogue.resource_by_kind(&target.group, &target.version, &target.kind)?;
    aso::owner::reference(catalogue, resource, object)
}
