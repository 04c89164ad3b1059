//! What upstream's strategies and default admission plugins add to new pods, jobs and volumes.

use api::ObjectExt;
use serde_json::{Map, Value, json};

/// Counts the templates of a DaemonSet, for clients of the API before `apps/v1`.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

const UNREACHABLE_SECONDS: i64 = 300;

/// Priority and tolerations as the admission plugins Priority and DefaultTolerationSeconds give them; where the pod stands.
pub(super) fn prepare_pod(pod: &mut Value) {
    pod["status"] = json!({ "phase": "Pending", "qosClass": quality(pod) });
    complete_pod(pod, None);
}

/// An update goes through the same plugins; the priority that was given stays.
pub(super) fn complete_pod(pod: &mut Value, current: Option<&Value>) {
    let Some(spec) = pod.get_mut("spec").and_then(Value::as_object_mut) else { return };
    for name in ["priority", "preemptionPolicy"] {
        if let Some(value) = current.and_then(|current| current.pointer(&format!("/spec/{name}"))) {
            spec.entry(name).or_insert(value.clone());
        }
    }
    spec.entry("priority").or_insert(json!(0));
    spec.entry("preemptionPolicy").or_insert(json!("PreemptLowerPriority"));
    let Some(tolerations) = spec.entry("tolerations").or_insert_with(|| json!([])).as_array_mut() else { return };
    for taint in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        if !tolerations.iter().any(|toleration| tolerates(toleration, taint)) {
            tolerations.push(json!({
                "key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": UNREACHABLE_SECONDS,
            }));
        }
    }
}

fn tolerates(toleration: &Value, taint: &str) -> bool {
    let text = |field: &str| toleration.get(field).and_then(Value::as_str).unwrap_or_default();
    (text("key") == taint || text("key").is_empty()) && matches!(text("effect"), "" | "NoExecute")
}

/// `Guaranteed`: every container has limits of cpu and memory, and requests that are equal; `BestEffort`: nobody asks for anything.
fn quality(pod: &Value) -> &'static str {
    let containers = ["/spec/containers", "/spec/initContainers"].into_iter();
    let containers = containers.flat_map(|at| pod.pointer(at).and_then(Value::as_array).into_iter().flatten());
    let (mut asked, mut guaranteed) = (false, true);
    for container in containers {
        let of =
            |what: &str, name: &str| container.pointer(&format!("/resources/{what}/{name}")).filter(|of| **of != "0");
        for name in ["cpu", "memory"] {
            let (request, limit) = (of("requests", name), of("limits", name));
            asked |= request.is_some() || limit.is_some();
            guaranteed &= limit.is_some() && request == limit;
        }
    }
    match (asked, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

/// A job finds its pods by its own uid, unless it brings a selector.
pub(super) fn prepare_job(job: &mut Value) {
    if job.pointer("/spec/manualSelector") == Some(&Value::Bool(true)) {
        return;
    }
    let (Some(uid), Some(name)) = (job.uid().map(str::to_string), job.name().map(str::to_string)) else { return };
    let Some(template) = job.pointer_mut("/spec/template").and_then(Value::as_object_mut) else { return };
    let metadata = template.entry("metadata").or_insert_with(|| json!({}));
    let before = metadata.get("labels").cloned().unwrap_or_else(|| json!({}));
    let mut labels: Map<String, Value> = before.as_object().cloned().unwrap_or_default();
    for prefix in ["", "batch.kubernetes.io/"] {
        labels.insert(format!("{prefix}controller-uid"), uid.clone().into());
        labels.insert(format!("{prefix}job-name"), name.clone().into());
    }
    metadata["labels"] = Value::Object(labels.clone());
    if job.pointer("/spec/selector").is_none() {
        job["spec"]["selector"] = json!({ "matchLabels": { "batch.kubernetes.io/controller-uid": uid } });
    }
    // Labels that were taken over from the template follow it.
    let own = job.pointer("/metadata/labels").cloned().unwrap_or_else(|| json!({}));
    if own == before {
        job.metadata_mut().insert("labels".into(), Value::Object(labels));
    }
}

/// A new claim is pending, and waits for whom uses it when it is deleted.
pub(super) fn prepare_claim(claim: &mut Value) {
    claim["status"] = json!({ "phase": "Pending" });
    protect(claim, "kubernetes.io/pvc-protection");
}

/// The same for a volume, which also says since when.
pub(super) fn prepare_volume(volume: &mut Value) {
    volume["status"] = json!({ "phase": "Pending" });
    if let Some(now) = volume.pointer("/metadata/creationTimestamp").cloned() {
        volume["status"]["lastPhaseTransitionTime"] = now;
    }
    protect(volume, "kubernetes.io/pv-protection");
}

fn protect(object: &mut Value, finalizer: &str) {
    let finalizers = object.metadata_mut().entry("finalizers").or_insert_with(|| json!([]));
    if let Some(list) = finalizers.as_array_mut()
        && !list.iter().any(|known| known == finalizer)
    {
        list.push(finalizer.into());
    }
}

pub(super) fn count_templates(new: &mut Value, current: Option<&Value>) {
    const AT: &str = "/metadata/annotations/deprecated.daemonset.template.generation";
    let before = current.and_then(|current| current.pointer(AT)).and_then(Value::as_str);
    let before: i64 = before.and_then(|text| text.parse().ok()).unwrap_or(0);
    let same = current.is_some_and(|current| current.pointer("/spec/template") == new.pointer("/spec/template"));
    let count = if same { before.max(1) } else { before + 1 };
    let annotations = new.metadata_mut().entry("annotations").or_insert_with(|| json!({}));
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.insert(TEMPLATE_GENERATION.into(), count.to_string().into());
    }
}

/// Kinds that the controllers of crate `workloads` act on.
const LOOKED_AFTER: [&str; 10] = [
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "PodDisruptionBudget",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
];

/// What a user must know of an object that is stored and that nobody acts on. `workloads`: pods run, or pretend to.
pub(super) fn warning(group: &str, kind: &str, workloads: bool) -> Option<String> {
    let why = match (group, kind) {
        ("apps", "ControllerRevision") => return None,
        (_, kind) if workloads && LOOKED_AFTER.contains(&kind) => return None,
        ("apps" | "batch", _) | ("", "ReplicationController") => "workload controllers do not run in this cluster",
        ("autoscaling", _) => "nothing is scaled by it",
        ("policy", _) => "its pods are not counted: evictions of them are refused until somebody writes its status",
        ("", "PersistentVolumeClaim" | "PersistentVolume") => "volumes are not provisioned",
        ("networking.k8s.io", "Ingress" | "NetworkPolicy") => "there is no network that it could act on",
        ("certificates.k8s.io", _) => "nobody signs it",
        ("flowcontrol.apiserver.k8s.io", _) => "requests are not sorted by it",
        ("", "ResourceQuota" | "LimitRange") => "it is not enforced",
        _ => return None,
    };
    Some(format!("{kind} is stored and served, but {why} yet: see COMPATIBILITY.md"))
}
