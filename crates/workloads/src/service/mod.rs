//! The endpoints of Services with a selector: as Endpoints, and as EndpointSlices of at most a hundred.

mod slices;

use std::{collections::BTreeMap, sync::Arc};

use actions::Outcome;
use api::ObjectExt;
use machinery::selector::Labels;
use serde_json::{Map, Value, json};

use crate::{
    At, Env, Kind,
    pass::{Pass, merge_patch},
    read,
    world::{Pod, World},
};

const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";
const MANAGER: &str = "endpoint-controller";
/// Upstream cuts Endpoints off there, and says so.
const ADDRESSES_MAX: usize = 1000;
const OVER_CAPACITY: &str = "endpoints.kubernetes.io/over-capacity";

/// A pod behind a Service.
#[derive(Debug)]
struct Backend {
    pod: Arc<Pod>,
    ready: bool,
    /// As they are in both kinds.
    ports: Vec<Value>,
}

pub(crate) fn decide(world: &World, at: &At, env: &Env) -> Outcome {
    let mut pass = Pass::new(env);
    let endpoints = world.get(Kind::Endpoints, at);
    match world.get(Kind::Service, at) {
        None => {
            if let Some(endpoints) = endpoints.filter(|endpoints| endpoints.label(MANAGED_BY) == Some(MANAGER)) {
                pass.delete(Kind::Endpoints, (at, endpoints.uid().unwrap_or_default()), "its Service is gone");
            }
        }
        Some(service) if service.deletion_timestamp().is_none() => {
            // Without a selector, somebody else writes them.
            if let Some(selector) = service.pointer("/spec/selector").filter(|selector| *selector != &json!({}))
                && let Ok(selector) = Labels::from_object(&json!({"matchLabels": selector}))
                && service["spec"]["type"] != "ExternalName"
            {
                let backends = backends(world, service, &selector);
                keep_endpoints(service, endpoints, &backends, &mut pass);
                slices::keep(world, service, &backends, &mut pass);
            }
        }
        Some(_) => {}
    }
    pass.finish()
}

/// In order of address.
fn backends(world: &World, service: &Value, selector: &Labels) -> Vec<Backend> {
    let unready = read::flag(service, "/spec/publishNotReadyAddresses");
    let namespace = service.namespace().unwrap_or_default();
    let pods = world
        .pods_in(namespace)
        .filter(|pod| !pod.ip.is_empty() && !pod.is_over() && selector.matches_labels(&pod.labels));
    let mut found: Vec<Backend> = pods
        .map(|pod| Backend {
            pod: pod.clone(),
            ready: unready || pod.ready.is_some() && !pod.is_deleting,
            ports: ports(service, pod),
        })
        .collect();
    let order = |ip: &str| ip.split('.').map(|part| part.parse::<u8>().unwrap_or_default()).collect::<Vec<u8>>();
    found.sort_by_cached_key(|backend| (order(&backend.pod.ip), backend.pod.at.clone()));
    found
}

/// Ports of the Service whose target the pod has.
fn ports(service: &Value, pod: &Pod) -> Vec<Value> {
    let mut ports = Vec::new();
    for port in read::list(service, "/spec/ports") {
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
        let target = match port.get("targetPort") {
            Some(Value::String(name)) => {
                pod.ports.iter().find(|(known, of, _)| known == name && of == protocol).map(|(_, _, number)| *number)
            }
            Some(number) => number.as_i64(),
            None => read::number(port, "/port"),
        };
        let Some(target) = target else { continue };
        let mut shown = json!({"port": target, "protocol": protocol});
        for field in ["name", "appProtocol"] {
            if let Some(value) = port.get(field) {
                shown[field] = value.clone();
            }
        }
        ports.push(shown);
    }
    ports
}

/// Ports, and the addresses that are ready and those that are not.
type Subset<'a> = (&'a [Value], Vec<Value>, Vec<Value>);

fn subsets(backends: &[Backend]) -> Vec<Value> {
    let mut by_ports: BTreeMap<String, Subset<'_>> = BTreeMap::new();
    // Those that are about to go are told in slices only.
    let staying = backends.iter().filter(|backend| !backend.pod.is_deleting).take(ADDRESSES_MAX);
    for backend in staying {
        let pod = &backend.pod;
        let address = json!({
            "ip": pod.ip,
            "nodeName": pod.node,
            "targetRef": {"kind": "Pod", "name": pod.at.name, "namespace": pod.at.namespace, "uid": pod.uid},
        });
        let key = json!(backend.ports).to_string();
        let (_, ready, other) = by_ports.entry(key).or_insert((&backend.ports, Vec::new(), Vec::new()));
        if backend.ready { ready.push(address) } else { other.push(address) }
    }
    let subset = |(ports, ready, other): Subset<'_>| {
        let mut subset = json!({});
        for (field, list) in [("addresses", ready), ("notReadyAddresses", other), ("ports", ports.to_vec())] {
            if !list.is_empty() {
                subset[field] = list.into();
            }
        }
        subset
    };
    by_ports.into_values().map(subset).collect()
}

fn keep_endpoints(service: &Value, current: Option<&Arc<Value>>, backends: &[Backend], pass: &mut Pass) {
    let mut labels: Map<String, Value> = service.labels().cloned().unwrap_or_default();
    labels.insert(MANAGED_BY.into(), MANAGER.into());
    if service["spec"]["clusterIP"] == "None" {
        labels.insert("service.kubernetes.io/headless".into(), "".into());
    }
    let subsets = subsets(backends);
    let truncated = (backends.len() > ADDRESSES_MAX).then_some("truncated");
    let at = At::of(service);
    let Some(current) = current else {
        let mut object = json!({
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": at.name, "namespace": at.namespace, "labels": labels},
        });
        if !subsets.is_empty() {
            object["subsets"] = subsets.into();
        }
        if let Some(truncated) = truncated {
            object.set_annotation(OVER_CAPACITY, truncated);
        }
        return pass.create(Kind::Endpoints, object, "its Service has a selector");
    };
    let mut patch = json!({});
    if json!(subsets) != *current.get("subsets").unwrap_or(&json!([])) {
        patch["subsets"] = if subsets.is_empty() { Value::Null } else { subsets.into() };
    }
    let none = json!({});
    if let Some(change) = merge_patch(current.pointer("/metadata/labels").unwrap_or(&none), &labels.into()) {
        patch["metadata"]["labels"] = change;
    }
    if current.annotation(OVER_CAPACITY) != truncated {
        patch["metadata"]["annotations"] = json!({OVER_CAPACITY: truncated});
    }
    if patch != none {
        pass.merge(Kind::Endpoints, (&at, current.uid().unwrap_or_default()), patch, "the pods behind its Service");
    }
}
