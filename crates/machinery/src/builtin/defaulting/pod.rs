//! Pods, and the templates of pods.

use serde_json::{Value, json};

use super::{Fields, objects, set};

const CONTAINERS: [&str; 3] = ["containers", "initContainers", "ephemeralContainers"];

/// What holds for a pod, and not for a template: upstream must not change templates that are there already.
pub(super) fn pod(pod: &mut Value) {
    set(pod, "/spec", "enableServiceLinks", json!(true));
    let Some(of) = pod.get_mut("spec").and_then(Value::as_object_mut) else { return };
    spec(of);
    let on_host = of.get("hostNetwork") == Some(&Value::Bool(true));
    for list in ["containers", "initContainers"] {
        for container in objects(of, list) {
            requests_from_limits(container);
            for port in objects(container, "ports").filter(|_| on_host) {
                if let Some(number) = port.get("containerPort").cloned() {
                    port.entry("hostPort").or_insert(number);
                }
            }
        }
    }
}

/// A pod's spec, also within a template.
pub(super) fn spec(spec: &mut Fields) {
    // The old name of the field is kept filled in.
    let account = spec.get("serviceAccountName").or(spec.get("serviceAccount")).cloned();
    if let Some(account) = account.filter(|account| account != "") {
        spec.insert("serviceAccountName".into(), account.clone());
        spec.insert("serviceAccount".into(), account);
    }
    for volume in objects(spec, "volumes") {
        if volume.keys().all(|name| name == "name") {
            volume.insert("emptyDir".into(), json!({}));
        }
    }
    for list in CONTAINERS {
        for container in objects(spec, list) {
            let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
            let policy = if is_latest(image) { "Always" } else { "IfNotPresent" };
            container.entry("imagePullPolicy").or_insert(policy.into());
        }
    }
}

fn requests_from_limits(container: &mut Fields) {
    let Some(Value::Object(resources)) = container.get_mut("resources") else { return };
    let Some(Value::Object(limits)) = resources.get("limits").cloned() else { return };
    let requests = resources.entry("requests").or_insert_with(|| json!({}));
    for (name, limit) in limits {
        if let Some(requests) = requests.as_object_mut() {
            requests.entry(name).or_insert(limit);
        }
    }
}

/// Whether an image is asked for by the tag `latest`: said, or by neither tag nor digest. No image has no tag.
fn is_latest(image: &str) -> bool {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let last = name.rsplit('/').next().unwrap_or_default();
    match last.split_once(':') {
        Some((_, tag)) => tag == "latest",
        None => !image.is_empty() && digest.is_none(),
    }
}
