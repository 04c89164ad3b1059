//! EndpointSlices: an endpoint stays in the slice that it is in, so that a change of a pod is a change of one slice.

use std::{collections::BTreeMap, sync::Arc};

use api::ObjectExt;
use serde_json::{Map, Value, json};

use super::Backend;
use crate::{
    At, Kind,
    pass::{Pass, merge_patch, owner_reference},
    read,
    world::World,
};

const SERVICE: &str = "kubernetes.io/service-name";
const MANAGED_BY: &str = "endpointslice.kubernetes.io/managed-by";
const MANAGER: &str = "endpointslice-controller.k8s.io";
const ENDPOINTS_MAX: usize = 100;

/// By the pods' uids.
type Endpoints = Vec<(String, Value)>;

pub(super) fn keep(world: &World, service: &Value, backends: &[Backend], pass: &mut Pass) {
    let uid = service.uid().unwrap_or_default();
    let owned = world.children_of(uid, Kind::EndpointSlice).filter_map(|at| world.get(Kind::EndpointSlice, at));
    let slices: Vec<&Arc<Value>> = owned.filter(|slice| slice.label(MANAGED_BY) == Some(MANAGER)).collect();
    let mut wanted: BTreeMap<String, (&[Value], Endpoints)> = BTreeMap::new();
    for backend in backends {
        let group = wanted.entry(json!(backend.ports).to_string()).or_insert((&backend.ports, Vec::new()));
        group.1.push((backend.pod.uid.clone(), endpoint(world, backend)));
    }
    if wanted.is_empty() {
        // One without endpoints says that there are none.
        wanted.insert("[]".into(), (&[], Vec::new()));
    }
    let labels = labels(service);
    let mut used = Vec::new();
    for (ports, endpoints) in wanted.into_values() {
        let alike = |slice: &&&Arc<Value>| *slice.get("ports").unwrap_or(&json!([])) == json!(ports);
        let known: Vec<&Arc<Value>> = slices.iter().filter(alike).copied().collect();
        used.extend(known.iter().map(|slice| slice.uid()));
        fill((service, &labels), ports, (&known, endpoints), pass);
    }
    for slice in slices.iter().filter(|slice| !used.contains(&slice.uid())) {
        pass.delete(Kind::EndpointSlice, (&At::of(slice), slice.uid().unwrap_or_default()), "no pod has these ports");
    }
}

fn labels(service: &Value) -> Map<String, Value> {
    let mut labels = service.labels().cloned().unwrap_or_default();
    labels.insert(SERVICE.into(), service.name().unwrap_or_default().into());
    labels.insert(MANAGED_BY.into(), MANAGER.into());
    if service["spec"]["clusterIP"] == "None" {
        labels.insert("service.kubernetes.io/headless".into(), "".into());
    }
    labels
}

fn endpoint(world: &World, backend: &Backend) -> Value {
    let pod = &backend.pod;
    let mut endpoint = json!({
        "addresses": [pod.ip],
        "conditions": {"ready": backend.ready, "serving": backend.ready || pod.ready.is_some(), "terminating": pod.is_deleting},
        "nodeName": pod.node,
        "targetRef": {"kind": "Pod", "name": pod.at.name, "namespace": pod.at.namespace, "uid": pod.uid},
    });
    let node = world.get(Kind::Node, &At::new("", &pod.node));
    if let Some(zone) = node.and_then(|node| node.label("topology.kubernetes.io/zone")) {
        endpoint["zone"] = zone.into();
    }
    endpoint
}

fn fill(
    (service, labels): (&Value, &Map<String, Value>),
    ports: &[Value],
    (slices, endpoints): (&[&Arc<Value>], Endpoints),
    pass: &mut Pass,
) {
    let mut missing: BTreeMap<String, Value> = endpoints.into_iter().collect();
    let mut contents: Vec<Vec<Value>> = Vec::new();
    for slice in slices {
        let there = read::list(slice, "/endpoints").iter();
        contents.push(there.filter_map(|old| missing.remove(read::text(old, "/targetRef/uid"))).collect());
    }
    let mut rest = missing.into_values();
    for content in &mut contents {
        let room = ENDPOINTS_MAX.saturating_sub(content.len());
        content.extend(rest.by_ref().take(room));
    }
    let mut kept = 0;
    for (place, (slice, content)) in slices.iter().zip(contents).enumerate() {
        let this = (&At::of(slice), slice.uid().unwrap_or_default());
        if content.is_empty() && (kept > 0 || place + 1 < slices.len()) {
            pass.delete(Kind::EndpointSlice, this, "it has no endpoint left");
            continue;
        }
        kept += 1;
        let mut patch = json!({});
        if json!(content) != *slice.get("endpoints").unwrap_or(&json!([])) {
            patch["endpoints"] = content.into();
        }
        let none = json!({});
        if let Some(change) = merge_patch(slice.pointer("/metadata/labels").unwrap_or(&none), &labels.clone().into()) {
            patch["metadata"]["labels"] = change;
        }
        if patch != none {
            pass.merge(Kind::EndpointSlice, this, patch, "the pods behind its Service");
        }
    }
    let rest: Vec<Value> = rest.collect();
    let none: [&[Value]; 1] = [&[]];
    let chunks: Vec<&[Value]> =
        if kept == 0 && rest.is_empty() { none.into() } else { rest.chunks(ENDPOINTS_MAX).collect() };
    for chunk in chunks {
        let name = service.name().unwrap_or_default();
        let slice = json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "generateName": format!("{name}-"),
                "namespace": service.namespace(),
                "labels": labels,
                "ownerReferences": [owner_reference(Kind::Service, service)],
            },
            "addressType": "IPv4",
            "endpoints": chunk,
            "ports": ports,
        });
        pass.create(Kind::EndpointSlice, slice, "the pods behind its Service");
    }
}
