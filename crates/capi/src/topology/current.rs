//! What a Cluster's topology has made so far: what its references and the pools' lead to.

use std::collections::BTreeMap;

use api::{ObjectExt, names::ObjectRef};
use serde_json::Value;

use super::{
    Halt,
    blueprint::{Blueprint, PoolClass, Template},
    failed, pools_of,
};
use crate::{
    names::{CORE_API_VERSION, POOL_NAME_LABEL, TOPOLOGY_OWNED_LABEL},
    pass::{Pass, text},
};

pub(super) const BOOTSTRAP_REF: &str = "/spec/template/spec/bootstrap/configRef";
pub(super) const INFRASTRUCTURE_REF: &str = "/spec/template/spec/infrastructureRef";

#[derive(Debug, Default)]
pub(super) struct Current<'a> {
    pub(super) control_plane: Option<&'a Value>,
    /// By their names in the topology. Pools that are being deleted are in `going`.
    pub(super) pools: BTreeMap<&'a str, &'a Value>,
    pub(super) going: BTreeMap<&'a str, &'a Value>,
}

pub(super) fn read<'a>(pass: &Pass<'a>, blueprint: &Blueprint<'a>) -> Result<Current<'a>, Halt> {
    let mut current = Current::default();
    let pools = pass.list(CORE_API_VERSION, "MachinePool", &pass.target.name)?;
    prefetch(pass, blueprint, &pools)?;
    let whose = format!("Cluster {}/{}", pass.namespace(), pass.target.name);
    referenced(pass, pass.object, "/spec/infrastructureRef", &blueprint.infrastructure, &whose)?;
    current.control_plane = referenced(pass, pass.object, "/spec/controlPlaneRef", &blueprint.control_plane, &whose)?;
    for pool in pools {
        if pool.label(TOPOLOGY_OWNED_LABEL).is_none() {
            continue;
        }
        let shown = format!("{}/{}", pass.namespace(), pool.name().unwrap_or_default());
        let name = pool.label(POOL_NAME_LABEL).unwrap_or_default();
        if name.is_empty() {
            return failed(format!("failed to find label {POOL_NAME_LABEL} in MachinePool {shown}"));
        }
        if pool.deletion_timestamp().is_some() {
            current.going.insert(name, pool);
            continue;
        }
        if current.pools.insert(name, pool).is_some() {
            return failed(format!("duplicate MachinePool {shown} found for label {POOL_NAME_LABEL}: {name}"));
        }
        let Some(class) = class_of(blueprint, name) else { continue };
        let whose = format!("MachinePool {shown}");
        referenced(pass, pool, BOOTSTRAP_REF, &class.bootstrap, &whose)?;
        referenced(pass, pool, INFRASTRUCTURE_REF, &class.infrastructure, &whose)?;
    }
    Ok(current)
}

fn class_of<'b, 'a>(blueprint: &'b Blueprint<'a>, name: &str) -> Option<&'b PoolClass<'a>> {
    let pool = pools_of(blueprint.topology, "/workers/machinePools").find(|it| text(it, "/name") == name)?;
    blueprint.pools.get(text(pool, "/class"))
}

/// Asks for everything that is referred to at once.
fn prefetch(pass: &Pass<'_>, blueprint: &Blueprint<'_>, pools: &[&Value]) -> Result<(), Halt> {
    let mut targets = Vec::new();
    let mut add = |holder: &Value, at: &str, template: &Template<'_>| {
        let name = holder.pointer(at).map(|reference| text(reference, "/name")).unwrap_or_default();
        if !name.is_empty() {
            targets.push(target(pass, template, name));
        }
    };
    add(pass.object, "/spec/infrastructureRef", &blueprint.infrastructure);
    add(pass.object, "/spec/controlPlaneRef", &blueprint.control_plane);
    for pool in pools {
        if let Some(class) = class_of(blueprint, pool.label(POOL_NAME_LABEL).unwrap_or_default()) {
            add(pool, BOOTSTRAP_REF, &class.bootstrap);
            add(pool, INFRASTRUCTURE_REF, &class.infrastructure);
        }
    }
    Ok(pass.prefetch(targets)?)
}

/// The object that a reference names, in the version of the template; `None` when the reference is not set yet.
fn referenced<'a>(
    pass: &Pass<'a>,
    holder: &Value,
    at: &str,
    template: &Template<'_>,
    whose: &str,
) -> Result<Option<&'a Value>, Halt> {
    let Some(reference) = holder.pointer(at).filter(|it| it.is_object()) else { return Ok(None) };
    let (group, _) = api::names::split_api_version(text(reference, "/apiVersion"));
    let (kind, name) = (text(reference, "/kind"), text(reference, "/name"));
    if (group, kind) != (template.gvk.group.as_str(), template.object_kind()) {
        return failed(format!(
            "{whose} refers to a {kind}.{group}, its class makes a {}.{}: kind and group cannot be changed to prevent incompatible changes in the Cluster",
            template.object_kind(),
            template.gvk.group
        ));
    }
    let shown = format!("{}/{name}", pass.namespace());
    let Some(object) = pass.get(&target(pass, template, name))? else {
        return failed(format!(
            "failed to read {kind} {shown}: failed to retrieve {kind} {shown}: \"{name}\" not found"
        ));
    };
    if object.label(TOPOLOGY_OWNED_LABEL).is_none() {
        return failed(format!("{kind} {shown} referenced from {whose} is not topology owned"));
    }
    Ok(Some(object))
}

/// Where the object of a template is.
pub(super) fn target(pass: &Pass<'_>, template: &Template<'_>, name: &str) -> ObjectRef {
    pass.beside(&template.api_version(), template.object_kind(), name)
}
