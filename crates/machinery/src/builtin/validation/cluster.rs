//! Storage, priorities, roles and webhooks.

use api::status::Cause;
use serde_json::Value;

use super::{is_empty, list, one_of, required_text, text};
use crate::{condition::Condition, field};

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

fn access_modes(new: &Value, found: &mut Vec<Cause>) {
    for (at, mode) in list(new, "/spec/accessModes").iter().enumerate() {
        one_of(mode, "", &format!("spec.accessModes[{at}]"), &MODES, found);
    }
}

pub(super) fn claim(new: &Value, old: Option<&Value>, found: &mut Vec<Cause>) {
    if list(new, "/spec/accessModes").is_empty() {
        found.push(field::required("spec.accessModes", "at least 1 access mode is required"));
    }
    access_modes(new, found);
    if text(new, "/spec/resources/requests/storage").is_empty() {
        found.push(field::required("spec.resources[storage]", ""));
    }
    one_of(new, "/spec/volumeMode", "spec.volumeMode", &["Block", "Filesystem"], found);
    let changed = |field: &str| {
        let at = format!("/spec/{field}");
        // A claim that named none is given its class and its volume once; a class without a name is one.
        let open = |old: Option<&Value>| match field {
            "storageClassName" => old.is_none_or(Value::is_null),
            "volumeName" => is_empty(old),
            _ => false,
        };
        old.is_some_and(|old| old.pointer(&at) != new.pointer(&at) && !open(old.pointer(&at)))
    };
    let fixed = ["accessModes", "selector", "storageClassName", "volumeMode", "volumeName"];
    if found.is_empty() && fixed.iter().any(|name| changed(name)) {
        let detail =
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        found.push(field::forbidden("spec", detail));
    }
}

pub(super) fn volume(new: &Value, found: &mut Vec<Cause>) {
    if list(new, "/spec/accessModes").is_empty() {
        found.push(field::required("spec.accessModes", ""));
    }
    access_modes(new, found);
    if is_empty(new.pointer("/spec/capacity")) {
        found.push(field::required("spec.capacity", ""));
    }
    let policies = ["Delete", "Recycle", "Retain"];
    let at = "spec.persistentVolumeReclaimPolicy";
    one_of(new, "/spec/persistentVolumeReclaimPolicy", at, &policies, found);
}

pub(super) fn storage_class(new: &Value, old: Option<&Value>, found: &mut Vec<Cause>) {
    if let Some(old) = old {
        if old.get("parameters") != new.get("parameters") {
            found.push(field::forbidden("parameters", "updates to parameters are forbidden."));
        }
        if old.get("provisioner") != new.get("provisioner") {
            found.push(field::forbidden("provisioner", "updates to provisioner are forbidden."));
        }
        return;
    }
    required_text(new, "/provisioner", "provisioner", found);
    one_of(new, "/reclaimPolicy", "reclaimPolicy", &["Delete", "Retain"], found);
    one_of(new, "/volumeBindingMode", "volumeBindingMode", &["Immediate", "WaitForFirstConsumer"], found);
}

pub(super) fn priority_class(new: &Value, found: &mut Vec<Cause>) {
    let name = text(new, "/metadata/name");
    let known = ["system-cluster-critical", "system-node-critical"].contains(&name);
    if name.starts_with("system-") && !known {
        let detail = format!(
            "priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a known system \
             priority class"
        );
        found.push(field::forbidden("metadata.name", &detail));
        return;
    }
    let value = new.get("value").and_then(Value::as_i64).unwrap_or(0);
    if !known && value > 1_000_000_000 {
        let detail = "maximum allowed value of a user defined priority is 1000000000";
        found.push(field::forbidden("value", detail));
    }
    one_of(new, "/preemptionPolicy", "preemptionPolicy", &["Never", "PreemptLowerPriority"], found);
}

/// Rules of a role; those of a namespace cannot name addresses.
pub(super) fn rules(new: &Value, namespaced: bool, found: &mut Vec<Cause>) {
    for (at, rule) in list(new, "/rules").iter().enumerate() {
        let path = format!("rules[{at}]");
        if list(rule, "/verbs").is_empty() {
            found.push(field::required(&format!("{path}.verbs"), "verbs must contain at least one value"));
        }
        if !list(rule, "/nonResourceURLs").is_empty() {
            if namespaced {
                let detail = "namespaced rules cannot apply to non-resource URLs";
                let given: Vec<&str> = list(rule, "/nonResourceURLs").iter().filter_map(Value::as_str).collect();
                found.push(field::invalid_texts(&format!("{path}.nonResourceURLs"), &given, detail));
            }
            continue;
        }
        for (name, what) in [("apiGroups", "api group"), ("resources", "resource")] {
            if list(rule, &format!("/{name}")).is_empty() {
                let detail = format!("resource rules must supply at least one {what}");
                found.push(field::required(&format!("{path}.{name}"), &detail));
            }
        }
    }
}

pub(super) fn webhooks(new: &Value, found: &mut Vec<Cause>) {
    for (at, webhook) in list(new, "/webhooks").iter().enumerate() {
        let path = format!("webhooks[{at}]");
        let name = text(webhook, "/name");
        if name.split('.').count() < 3 {
            let detail = "should be a domain with at least three segments separated by dots";
            found.push(field::invalid(&format!("{path}.name"), &name.into(), detail));
        }
        for (index, rule) in list(webhook, "/rules").iter().enumerate() {
            webhook_rule(rule, &format!("{path}.rules[{index}]"), found);
        }
        if text(webhook, "/sideEffects").is_empty() {
            found.push(field::required(&format!("{path}.sideEffects"), "must specify one of None, NoneOnDryRun"));
        }
        let client = webhook.get("clientConfig").unwrap_or(&Value::Null);
        if text(client, "/url").is_empty() == is_empty(client.get("service")) {
            found.push(field::required(&format!("{path}.clientConfig"), "exactly one of url or service is required"));
        }
        webhook_url(text(client, "/url"), &format!("{path}.clientConfig.url"), found);
        for (index, condition) in list(webhook, "/matchConditions").iter().enumerate() {
            match_condition(condition, &format!("{path}.matchConditions[{index}]"), found);
        }
        if list(webhook, "/admissionReviewVersions").is_empty() {
            let detail = "must specify one of v1, v1beta1";
            found.push(field::required(&format!("{path}.admissionReviewVersions"), detail));
        }
    }
}

fn webhook_url(url: &str, path: &str, found: &mut Vec<Cause>) {
    if url.is_empty() {
        return;
    }
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    if scheme != "https" {
        let detail = "'https' is the only allowed URL scheme; desired format: https://host[/path]";
        found.push(field::invalid(path, &scheme.into(), detail));
    }
    if rest.split(['/', '?', '#']).next().is_none_or(str::is_empty) {
        found.push(field::invalid(path, &"".into(), "host must be specified; desired format: https://host[/path]"));
    }
    for (mark, what) in [('#', "fragments are"), ('?', "query parameters are")] {
        if let Some((_, part)) = rest.split_once(mark) {
            found.push(field::invalid(path, &part.into(), &format!("{what} not permitted in the URL")));
        }
    }
}

fn match_condition(condition: &Value, path: &str, found: &mut Vec<Cause>) {
    let expression = text(condition, "/expression").trim();
    if expression.is_empty() {
        found.push(field::required(&format!("{path}.expression"), ""));
    } else if let Err(why) = Condition::compile(expression) {
        found.push(field::invalid(&format!("{path}.expression"), &expression.into(), &why));
    }
    required_text(condition, "/name", &format!("{path}.name"), found);
}

fn webhook_rule(rule: &Value, path: &str, found: &mut Vec<Cause>) {
    const OPERATIONS: [&str; 5] = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
    if list(rule, "/operations").is_empty() {
        found.push(field::required(&format!("{path}.operations"), ""));
    }
    for (at, operation) in list(rule, "/operations").iter().enumerate() {
        one_of(operation, "", &format!("{path}.operations[{at}]"), &OPERATIONS, found);
    }
    for name in ["apiGroups", "apiVersions", "resources"] {
        if list(rule, &format!("/{name}")).is_empty() {
            found.push(field::required(&format!("{path}.{name}"), ""));
        }
    }
}
