//! What there should be: the infrastructure, the control plane and the pools, cloned from the class's templates, patched, and
//! named as what there is, or anew.

use std::collections::BTreeMap;

use api::{ObjectExt, names::GroupVersionKind};
use serde_json::{Map, Value, json};

use super::{
    Halt,
    blueprint::{Blueprint, PoolClass, Template},
    current::{BOOTSTRAP_REF, Current, INFRASTRUCTURE_REF},
    failed, names, patches, pools_of,
    upgrade::{self, Tracker},
};
use crate::{
    names::{
        CLONED_FROM_GROUP_KIND, CLONED_FROM_NAME, CLUSTER_NAME_LABEL, CORE_API_VERSION, DEFER_UPGRADE,
        HOLD_UPGRADE_SEQUENCE, POOL_NAME_LABEL, REPLICAS_MANAGED_BY, TOPOLOGY_OWNED_LABEL,
    },
    pass::{self, Pass, text},
};

#[derive(Debug)]
pub(super) struct Pool<'a> {
    pub(super) topology: &'a Value,
    pub(super) bootstrap: Value,
    pub(super) infrastructure: Value,
    /// The MachinePool.
    pub(super) object: Value,
}

#[derive(Debug)]
pub(super) struct Desired<'a> {
    pub(super) infrastructure: Value,
    pub(super) control_plane: Value,
    /// By their names in the topology.
    pub(super) pools: BTreeMap<&'a str, Pool<'a>>,
}

pub(super) fn compute<'a>(
    pass: &Pass<'_>,
    blueprint: &Blueprint<'a>,
    current: &Current<'_>,
    tracker: &mut Tracker,
) -> Result<Desired<'a>, Halt> {
    let name = named(pass.object, "/spec/infrastructureRef")
        .unwrap_or_else(|| names::simple(&format!("{}-", pass.target.name), &letters(pass, "infrastructure")));
    let infrastructure = clone(pass, &blueprint.infrastructure, &name, &Metadata::default());
    upgrade::observe(pass, blueprint, current, tracker)?;
    let control_plane = control_plane(pass, blueprint, current, tracker)
        .map_err(|halt| halt.within("failed to compute ControlPlane"))?;
    let mut pools = BTreeMap::new();
    for topology in pools_of(blueprint.topology, "/workers/machinePools") {
        let name = text(topology, "/name");
        let pool = pool(pass, blueprint, topology, current, tracker).map_err(|halt| {
            halt.within(&format!(
                "failed to compute MachinePools: failed to compute MachinePool for topology \"{name}\""
            ))
        })?;
        pools.insert(name, pool);
    }
    let mut desired = Desired { infrastructure, control_plane, pools };
    patches::apply(pass, blueprint, &mut desired)
        .map_err(|message| Halt::Failed(format!("failed to apply patches: {message}")))?;
    Ok(desired)
}

fn letters(pass: &Pass<'_>, role: &str) -> String {
    names::suffix(pass.object.uid().unwrap_or_default(), role)
}

/// The name that a reference has, once it is set.
fn named(holder: &Value, at: &str) -> Option<String> {
    Some(text(holder, &format!("{at}/name"))).filter(|name| !name.is_empty()).map(str::to_string)
}

/// Labels and annotations for a clone.
#[derive(Debug, Default)]
struct Metadata {
    labels: Map<String, Value>,
    annotations: Map<String, Value>,
    /// The Cluster owns it from the start, so that it goes with the Cluster whatever happens in between.
    owned: bool,
}

impl Metadata {
    /// Of a topology over that of its class.
    fn merged(topology: &Value, class: Option<&Value>) -> Self {
        let merge = |field: &str| {
            let of = |holder: Option<&Value>| {
                holder
                    .and_then(|holder| holder.pointer(&format!("/metadata/{field}")))
                    .and_then(Value::as_object)
                    .cloned()
            };
            let mut map = of(class).unwrap_or_default();
            map.extend(of(Some(topology)).unwrap_or_default());
            map
        };
        Self { labels: merge("labels"), annotations: merge("annotations"), owned: false }
    }
}

/// An object from a template, as Cluster API's contract clones it.
fn clone(pass: &Pass<'_>, template: &Template<'_>, name: &str, metadata: &Metadata) -> Value {
    let from = template.object.pointer("/spec/template").unwrap_or(&Value::Null);
    let of = |field: &str| {
        from.pointer(&format!("/metadata/{field}")).and_then(Value::as_object).cloned().unwrap_or_default()
    };
    let (mut labels, mut annotations) = (of("labels"), of("annotations"));
    labels.extend(metadata.labels.clone());
    labels.insert(CLUSTER_NAME_LABEL.into(), json!(pass.target.name));
    labels.insert(TOPOLOGY_OWNED_LABEL.into(), json!(""));
    annotations.extend(metadata.annotations.clone());
    annotations.insert(CLONED_FROM_NAME.into(), json!(template.object.name()));
    annotations.insert(CLONED_FROM_GROUP_KIND.into(), json!(format!("{}.{}", template.gvk.kind, template.gvk.group)));
    let mut object = json!({
        "apiVersion": template.api_version(),
        "kind": template.object_kind(),
        "metadata": {"name": name, "namespace": pass.namespace(), "labels": labels, "annotations": annotations},
        "spec": from.get("spec").cloned().unwrap_or_else(|| json!({})),
    });
    if metadata.owned {
        object["metadata"]["ownerReferences"] = json!([pass::owner_reference(pass.object, CORE_API_VERSION, false)]);
    }
    object
}

/// What a class says and a topology may say otherwise.
fn either<'v>(topology: Option<&'v Value>, class: &'v Value, field: &str) -> Option<&'v Value> {
    let of = |holder: &'v Value| holder.get(field).filter(|value| !value.is_null());
    topology.and_then(of).or_else(|| of(class))
}

const TIMEOUTS: &[&str] = &["nodeDrainTimeout", "nodeVolumeDetachTimeout", "nodeDeletionTimeout"];

fn control_plane(
    pass: &Pass<'_>,
    blueprint: &Blueprint<'_>,
    current: &Current<'_>,
    tracker: &mut Tracker,
) -> Result<Value, Halt> {
    let class = blueprint.class.pointer("/spec/controlPlane").unwrap_or(&Value::Null);
    let empty = json!({});
    let topology = blueprint.topology.get("controlPlane").unwrap_or(&empty);
    let name = match named(pass.object, "/spec/controlPlaneRef") {
        Some(name) => name,
        None => names::by_strategy(Some(class), &pass.target.name, None, &letters(pass, "control-plane"))?,
    };
    let mut object = clone(pass, &blueprint.control_plane, &name, &Metadata::merged(topology, Some(class)));
    if let Some(replicas) = topology.get("replicas").filter(|replicas| replicas.is_number()) {
        object["spec"]["replicas"] = replicas.clone();
    }
    for timeout in TIMEOUTS {
        if let Some(value) = either(Some(topology), class, timeout) {
            object["spec"]["machineTemplate"][*timeout] = value.clone();
        }
    }
    object["spec"]["version"] = json!(upgrade::control_plane_version(blueprint, current, tracker)?);
    Ok(object)
}

fn pool<'a>(
    pass: &Pass<'_>,
    blueprint: &Blueprint<'a>,
    topology: &'a Value,
    current: &Current<'_>,
    tracker: &mut Tracker,
) -> Result<Pool<'a>, Halt> {
    let (cluster, name) = (pass.target.name.as_str(), text(topology, "/name"));
    let Some(class) = blueprint.pools.get(text(topology, "/class")) else {
        return failed(format!("MachinePool class {} not found in ClusterClass", text(topology, "/class")));
    };
    let known = current.pools.get(name).copied();
    let made = |template: &Template<'_>, at: &str, role: &str| {
        let fresh = || names::simple(&format!("{cluster}-{name}-"), &letters(pass, &format!("pool/{name}/{role}")));
        let own = known.and_then(|known| named(known, at)).unwrap_or_else(fresh);
        let labels = Map::from_iter([(POOL_NAME_LABEL.to_string(), json!(name))]);
        clone(pass, template, &own, &Metadata { labels, annotations: Map::new(), owned: true })
    };
    let bootstrap = made(&class.bootstrap, BOOTSTRAP_REF, "bootstrap");
    let infrastructure = made(&class.infrastructure, INFRASTRUCTURE_REF, "infrastructure");
    let mut version = upgrade::pool_version(blueprint, topology, known, tracker);
    if known.is_none() && current.going.contains_key(name) {
        // Its successor has the same names, and waits until it is gone.
        tracker.pending_create.insert(name.to_string());
        version = blueprint.version().to_string();
    }
    let own = match known.and_then(|known| known.name()) {
        Some(own) => own.to_string(),
        None => names::by_strategy(Some(class.class), cluster, Some(name), &letters(pass, &format!("pool/{name}")))?,
    };
    let references =
        (reference(&bootstrap, known, BOOTSTRAP_REF), reference(&infrastructure, known, INFRASTRUCTURE_REF));
    let object = machine_pool(pass, (topology, class), known, (&own, &version), references);
    Ok(Pool { topology, bootstrap, infrastructure, object })
}

fn machine_pool(
    pass: &Pass<'_>,
    (topology, class): (&Value, &PoolClass<'_>),
    known: Option<&Value>,
    (own, version): (&str, &str),
    (config, infrastructure): (Value, Value),
) -> Value {
    let cluster = &pass.target.name;
    let mut metadata = Metadata::merged(topology, class.class.get("template"));
    metadata.annotations.retain(|key, _| ![DEFER_UPGRADE, HOLD_UPGRADE_SEQUENCE].contains(&key.as_str()));
    metadata.labels.insert(CLUSTER_NAME_LABEL.into(), json!(cluster));
    metadata.labels.insert(TOPOLOGY_OWNED_LABEL.into(), json!(""));
    metadata.labels.insert(POOL_NAME_LABEL.into(), json!(text(topology, "/name")));
    let mut machine = json!({
        "clusterName": cluster, "version": version, "bootstrap": {"configRef": config}, "infrastructureRef": infrastructure,
    });
    for timeout in TIMEOUTS {
        if let Some(value) = either(Some(topology), class.class, timeout) {
            machine[*timeout] = value.clone();
        }
    }
    let mut own_metadata = json!({"name": own, "namespace": pass.namespace(), "labels": metadata.labels});
    let mut template_metadata = json!({"labels": metadata.labels});
    if !metadata.annotations.is_empty() {
        own_metadata["annotations"] = json!(metadata.annotations);
        template_metadata["annotations"] = json!(metadata.annotations);
    }
    let mut spec = json!({"clusterName": cluster, "template": {"metadata": template_metadata, "spec": machine}});
    for field in ["minReadySeconds", "failureDomains"] {
        if let Some(value) = either(Some(topology), class.class, field) {
            spec[field] = value.clone();
        }
    }
    // What an autoscaler counts is not counted here as well: the two would never agree.
    let external = known.filter(|known| known.annotation(REPLICAS_MANAGED_BY).is_some_and(|by| by != "false"));
    let replicas = external.and_then(|known| known.pointer("/spec/replicas")).or_else(|| topology.get("replicas"));
    if let Some(replicas) = replicas.filter(|replicas| replicas.is_number()) {
        spec["replicas"] = replicas.clone();
    }
    json!({"apiVersion": CORE_API_VERSION, "kind": "MachinePool", "metadata": own_metadata, "spec": spec})
}

/// The reference to an object. A version that somebody gave it since stays, when group and kind are the same.
pub(super) fn reference(object: &Value, holder: Option<&Value>, at: &str) -> Value {
    let gvk = GroupVersionKind::of(object).unwrap_or_default();
    let mut api_version = gvk.api_version();
    if let Some(known) = holder.and_then(|holder| holder.pointer(at)) {
        let (group, _) = api::names::split_api_version(text(known, "/apiVersion"));
        if group == gvk.group && text(known, "/kind") == gvk.kind {
            api_version = text(known, "/apiVersion").to_string();
        }
    }
    json!({"apiVersion": api_version, "kind": gvk.kind, "namespace": object.namespace(), "name": object.name()})
}
