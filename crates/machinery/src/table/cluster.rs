//! Networks, storage, scheduling and quotas.

use jiff::Timestamp;
use serde_json::Value;

use super::{created, first_of, int, list, name, or, text, workload::label_selector};
use crate::builtin;

/// More hosts are counted.
const HOSTS_MAX: usize = 3;
/// Longer addresses are cut, but for `-o wide`, which has no way to ask for a different cell here.
const ADDRESS_MAX: usize = 16;

fn yes(object: &Value, pointer: &str, otherwise: bool) -> Value {
    object.pointer(pointer).and_then(Value::as_bool).unwrap_or(otherwise).into()
}

pub(super) const INGRESS: &[&str] = &["Name", "Class", "Hosts", "Address", "Ports", "Age"];

pub(super) fn ingress(object: &Value, now: Timestamp) -> Vec<Value> {
    let balancers = list(object, "/status/loadBalancer/ingress").iter();
    let mut addresses: Vec<&str> = balancers.map(|of| or(text(of, "/ip"), text(of, "/hostname"))).collect();
    addresses.retain(|address| !address.is_empty());
    addresses.sort_unstable();
    addresses.dedup();
    let mut address = addresses.join(",");
    if address.chars().count() > ADDRESS_MAX {
        address = address.chars().take(ADDRESS_MAX - 3).chain("...".chars()).collect();
    }
    let ports = if list(object, "/spec/tls").is_empty() { "80" } else { "80, 443" };
    vec![
        name(object),
        or(text(object, "/spec/ingressClassName"), "<none>").into(),
        hosts(list(object, "/spec/rules")).into(),
        address.into(),
        ports.into(),
        created(object, now),
    ]
}

fn hosts(rules: &[Value]) -> String {
    let named: Vec<&str> = rules.iter().map(|rule| text(rule, "/host")).filter(|host| !host.is_empty()).collect();
    let first = named.iter().take(HOSTS_MAX).copied().collect::<Vec<_>>().join(",");
    match named.len() > HOSTS_MAX || (named.len() == HOSTS_MAX && rules.len() > HOSTS_MAX) {
        _ if named.is_empty() => "*".into(),
        true => format!("{first} + {} more...", rules.len() - HOSTS_MAX),
        false => first,
    }
}

pub(super) const INGRESS_CLASS: &[&str] = &["Name", "Controller", "Parameters", "Age"];

pub(super) fn ingress_class(object: &Value, now: Timestamp) -> Vec<Value> {
    let parameters = object.pointer("/spec/parameters").map(|of| {
        let group = text(of, "/apiGroup");
        let dot = if group.is_empty() { "" } else { "." };
        format!("{}{dot}{group}/{}", text(of, "/kind"), text(of, "/name"))
    });
    let parameters = parameters.unwrap_or_else(|| "<none>".into());
    vec![name(object), text(object, "/spec/controller").into(), parameters.into(), created(object, now)]
}

pub(super) const NETWORK_POLICY: &[&str] = &["Name", "Pod-Selector", "Age"];

pub(super) fn network_policy(object: &Value, now: Timestamp) -> Vec<Value> {
    let selector = object.pointer("/spec/podSelector").map_or_else(|| "<none>".into(), label_selector);
    vec![name(object), selector.into(), created(object, now)]
}

pub(super) const ENDPOINT_SLICE: &[&str] = &["Name", "AddressType", "Ports", "Endpoints", "Age"];

pub(super) fn endpoint_slice(object: &Value, now: Timestamp) -> Vec<Value> {
    let port = |port: &Value| match (port.get("port").and_then(Value::as_i64), text(port, "/name")) {
        (Some(number), _) => number.to_string(),
        (None, name) => or(name, "*").to_string(),
    };
    let ports: Vec<String> = list(object, "/ports").iter().map(port).collect();
    let addresses = list(object, "/endpoints").iter().flat_map(|endpoint| list(endpoint, "/addresses"));
    let addresses: Vec<String> = addresses.filter_map(Value::as_str).map(str::to_string).collect();
    vec![
        name(object),
        text(object, "/addressType").into(),
        first_of(&ports, "<unset>").into(),
        first_of(&addresses, "<unset>").into(),
        created(object, now),
    ]
}

pub(super) const AUTOSCALER: &[&str] = &["Name", "Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age"];

/// What a metric is now is not reported by anyone here: it is unknown, as upstream prints it before the first report.
pub(super) fn autoscaler(object: &Value, now: Timestamp) -> Vec<Value> {
    let newer = (text(object, "/apiVersion") == "autoscaling/v1").then(|| builtin::autoscaler_to_v2(object.clone()));
    let object = newer.as_ref().unwrap_or(object);
    let target = |metric: &Value| {
        let source = text(metric, "/type");
        let source = source.chars().next().map(|c| c.to_lowercase().to_string() + &source[c.len_utf8()..]);
        let of = metric.get(source.unwrap_or_default()).unwrap_or(&Value::Null);
        let average = of.pointer("/target/averageUtilization").and_then(Value::as_i64);
        let wanted = match (average, text(of, "/target/averageValue")) {
            (Some(percent), _) => format!("{percent}%"),
            (None, "") => text(of, "/target/value").to_string(),
            (None, value) if ["Resource", "Pods"].contains(&text(metric, "/type")) => value.to_string(),
            (None, value) => format!("{value} (avg)"),
        };
        match text(metric, "/type") {
            "Resource" => format!("{}: <unknown>/{wanted}", text(of, "/name")),
            _ => format!("<unknown>/{wanted}"),
        }
    };
    let targets: Vec<String> = list(object, "/spec/metrics").iter().map(target).collect();
    let more = if targets.len() > 2 { format!(" + {} more...", targets.len() - 2) } else { String::new() };
    let targets = targets.iter().take(2).cloned().collect::<Vec<_>>().join(", ") + &more;
    let minimum = object.pointer("/spec/minReplicas").and_then(Value::as_i64);
    vec![
        name(object),
        format!("{}/{}", text(object, "/spec/scaleTargetRef/kind"), text(object, "/spec/scaleTargetRef/name")).into(),
        or(&targets, "<none>").into(),
        minimum.map_or_else(|| "<unset>".into(), |minimum| minimum.to_string()).into(),
        int(object, "/spec/maxReplicas").into(),
        int(object, "/status/currentReplicas").into(),
        created(object, now),
    ]
}

pub(super) const STORAGE_CLASS: &[&str] =
    &["Name", "Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"];

pub(super) fn storage_class(object: &Value, now: Timestamp) -> Vec<Value> {
    const DEFAULT: &str = "/metadata/annotations/storageclass.kubernetes.io~1is-default-class";
    let default = if text(object, DEFAULT) == "true" { " (default)" } else { "" };
    vec![
        format!("{}{default}", text(object, "/metadata/name")).into(),
        text(object, "/provisioner").into(),
        or(text(object, "/reclaimPolicy"), "Delete").into(),
        or(text(object, "/volumeBindingMode"), "Immediate").into(),
        yes(object, "/allowVolumeExpansion", false),
        created(object, now),
    ]
}

/// `RWO,RWX`, in upstream's order.
fn access_modes(modes: &[Value]) -> String {
    const SHORT: [(&str, &str); 4] =
        [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];
    let known = SHORT.iter().filter(|(mode, _)| modes.iter().any(|given| given == mode));
    known.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

fn phase(object: &Value) -> &str {
    let going = object.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string);
    if going { "Terminating" } else { text(object, "/status/phase") }
}

pub(super) const CLAIM: &[&str] = &[
    "Name",
    "Status",
    "Volume",
    "Capacity",
    "Access Modes",
    "StorageClass",
    "VolumeAttributesClass",
    "Age",
    "+VolumeMode",
];

pub(super) fn claim(object: &Value, now: Timestamp) -> Vec<Value> {
    let bound = !text(object, "/spec/volumeName").is_empty();
    let capacity = or(text(object, "/status/capacity/storage"), "0");
    let modes = access_modes(list(object, "/status/accessModes"));
    vec![
        name(object),
        phase(object).into(),
        text(object, "/spec/volumeName").into(),
        if bound { capacity } else { "" }.into(),
        if bound { modes } else { String::new() }.into(),
        text(object, "/spec/storageClassName").into(),
        or(text(object, "/spec/volumeAttributesClassName"), "<unset>").into(),
        created(object, now),
        or(text(object, "/spec/volumeMode"), "<unset>").into(),
    ]
}

pub(super) const VOLUME: &[&str] = &[
    "Name",
    "Capacity",
    "Access Modes",
    "Reclaim Policy",
    "Status",
    "Claim",
    "StorageClass",
    "VolumeAttributesClass",
    "Reason",
    "Age",
    "+VolumeMode",
];

pub(super) fn volume(object: &Value, now: Timestamp) -> Vec<Value> {
    let claim = object.pointer("/spec/claimRef");
    let claim = claim.map(|of| format!("{}/{}", text(of, "/namespace"), text(of, "/name"))).unwrap_or_default();
    vec![
        name(object),
        or(text(object, "/spec/capacity/storage"), "0").into(),
        access_modes(list(object, "/spec/accessModes")).into(),
        text(object, "/spec/persistentVolumeReclaimPolicy").into(),
        phase(object).into(),
        claim.into(),
        text(object, "/spec/storageClassName").into(),
        or(text(object, "/spec/volumeAttributesClassName"), "<unset>").into(),
        text(object, "/status/reason").into(),
        created(object, now),
        or(text(object, "/spec/volumeMode"), "<unset>").into(),
    ]
}

pub(super) const ATTACHMENT: &[&str] = &["Name", "Attacher", "PV", "Node", "Attached:boolean", "Age"];

pub(super) fn attachment(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        name(object),
        text(object, "/spec/attacher").into(),
        text(object, "/spec/source/persistentVolumeName").into(),
        text(object, "/spec/nodeName").into(),
        yes(object, "/status/attached", false),
        created(object, now),
    ]
}

pub(super) const CSI_DRIVER: &[&str] = &[
    "Name",
    "AttachRequired:boolean",
    "PodInfoOnMount:boolean",
    "StorageCapacity:boolean",
    "TokenRequests",
    "RequiresRepublish:boolean",
    "Modes",
    "Age",
];

pub(super) fn csi_driver(object: &Value, now: Timestamp) -> Vec<Value> {
    let joined = |all: Vec<&str>| all.join(",");
    let audiences = list(object, "/spec/tokenRequests").iter().map(|request| text(request, "/audience")).collect();
    let tokens = object.pointer("/spec/tokenRequests").map_or_else(|| "<unset>".into(), |_| joined(audiences));
    let modes = joined(list(object, "/spec/volumeLifecycleModes").iter().filter_map(Value::as_str).collect());
    vec![
        name(object),
        yes(object, "/spec/attachRequired", true),
        yes(object, "/spec/podInfoOnMount", false),
        yes(object, "/spec/storageCapacity", false),
        tokens.into(),
        yes(object, "/spec/requiresRepublish", false),
        or(&modes, "<none>").into(),
        created(object, now),
    ]
}

pub(super) const CSI_NODE: &[&str] = &["Name", "Drivers:integer", "Age"];

pub(super) fn csi_node(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object), list(object, "/spec/drivers").len().into(), created(object, now)]
}

pub(super) const PRIORITY_CLASS: &[&str] =
    &["Name", "Value:integer", "Global-Default:boolean", "Age", "PreemptionPolicy"];

pub(super) fn priority_class(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        name(object),
        int(object, "/value").into(),
        yes(object, "/globalDefault", false),
        created(object, now),
        text(object, "/preemptionPolicy").into(),
    ]
}

pub(super) const RUNTIME_CLASS: &[&str] = &["Name", "Handler", "Age"];

pub(super) fn runtime_class(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object), text(object, "/handler").into(), created(object, now)]
}

pub(super) const WEBHOOKS: &[&str] = &["Name", "Webhooks:integer", "Age"];

pub(super) fn webhooks(object: &Value, now: Timestamp) -> Vec<Value> {
    vec![name(object), list(object, "/webhooks").len().into(), created(object, now)]
}

pub(super) const QUOTA: &[&str] = &["Name", "Request", "Limit", "Age"];

pub(super) fn quota(object: &Value, now: Timestamp) -> Vec<Value> {
    let hard = object.pointer("/status/hard").and_then(Value::as_object).into_iter().flatten();
    let line = |(resource, hard): (&String, &Value)| {
        let used = object.pointer("/status/used").and_then(|used| used.get(resource)).and_then(Value::as_str);
        (resource.clone(), format!("{resource}: {}/{}", used.unwrap_or("0"), hard.as_str().unwrap_or_default()))
    };
    let mut lines: Vec<(String, String)> = hard.map(line).collect();
    lines.sort();
    let of = |limits: bool| {
        let chosen = lines.iter().filter(|(resource, _)| resource.starts_with("limits.") == limits);
        chosen.map(|(_, line)| line.as_str()).collect::<Vec<_>>().join(", ")
    };
    vec![name(object), of(false).into(), of(true).into(), created(object, now)]
}
