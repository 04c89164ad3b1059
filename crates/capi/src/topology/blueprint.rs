//! The class of a Cluster with the templates that it names.

use std::collections::BTreeMap;

use api::{ObjectExt, names::GroupVersionKind};
use serde_json::Value;

use super::{Halt, failed, pools_of};
use crate::{
    class, contract,
    pass::{Pass, text},
};

/// A template, and the kind of what is made from it.
#[derive(Clone, Debug)]
pub(super) struct Template<'a> {
    pub(super) object: &'a Value,
    pub(super) gvk: GroupVersionKind,
}

impl Template<'_> {
    /// `infrastructure.cluster.x-k8s.io/v1beta1`
    pub(super) fn api_version(&self) -> String {
        self.gvk.api_version()
    }

    /// The kind of the objects: that of the template without its suffix.
    pub(super) fn object_kind(&self) -> &str {
        self.gvk.kind.strip_suffix("Template").unwrap_or(&self.gvk.kind)
    }
}

#[derive(Debug)]
pub(super) struct PoolClass<'a> {
    pub(super) class: &'a Value,
    pub(super) bootstrap: Template<'a>,
    pub(super) infrastructure: Template<'a>,
}

#[derive(Debug)]
pub(super) struct Blueprint<'a> {
    /// The Cluster's topology with the defaults of its variables.
    pub(super) topology: &'a Value,
    pub(super) class: &'a Value,
    pub(super) infrastructure: Template<'a>,
    pub(super) control_plane: Template<'a>,
    pub(super) pools: BTreeMap<&'a str, PoolClass<'a>>,
}

impl<'a> Blueprint<'a> {
    pub(super) fn read(pass: &Pass<'a>, topology: &'a Value, class: &'a Value) -> Result<Self, Halt> {
        pass.prefetch(class::references(class).iter().map(|reference| class::template_of(class, reference)))?;
        let shown = format!("{}/{}", class.namespace().unwrap_or_default(), class.name().unwrap_or_default());
        let at = |pointer: &str| class.pointer(pointer).unwrap_or(&Value::Null);
        let infrastructure = template(pass, class, at("/spec/infrastructure/ref")).map_err(|halt| {
            halt.within(&format!("failed to get infrastructure cluster template for ClusterClass {shown}"))
        })?;
        let control_plane = template(pass, class, at("/spec/controlPlane/ref"))
            .map_err(|halt| halt.within(&format!("failed to get control plane template for ClusterClass {shown}")))?;
        let mut pools = BTreeMap::new();
        for pool in pools_of(class, "/spec/workers/machinePools") {
            let name = text(pool, "/class");
            let within =
                |what: &str| format!("failed to get {what} for ClusterClass {shown}, MachinePool class \"{name}\"");
            let reference = |pointer: &str| pool.pointer(pointer).unwrap_or(&Value::Null);
            let infrastructure = template(pass, class, reference("/template/infrastructure/ref"))
                .map_err(|halt| halt.within(&within("InfrastructureMachinePoolTemplate")))?;
            let bootstrap = template(pass, class, reference("/template/bootstrap/ref"))
                .map_err(|halt| halt.within(&within("bootstrap config")))?;
            pools.insert(name, PoolClass { class: pool, bootstrap, infrastructure });
        }
        Ok(Self { topology, class, infrastructure, control_plane, pools })
    }

    /// `v1.30.10`
    pub(super) fn version(&self) -> &'a str {
        text(self.topology, "/version")
    }
}

fn template<'a>(pass: &Pass<'a>, class: &Value, reference: &Value) -> Result<Template<'a>, Halt> {
    if !reference.is_object() {
        return failed("reference is not set");
    }
    let target = class::template_of(class, reference);
    let definition = contract::definition_name(&target.group, &target.kind);
    let Some(labels) = pass.definition(&definition)? else {
        return failed(format!("customresourcedefinitions.apiextensions.k8s.io \"{definition}\" not found"));
    };
    contract::choose(&definition, labels, &target.version).map_err(Halt::Failed)?;
    let Some(object) = pass.get(&target)? else {
        let (kind, namespace, name) = (&target.kind, &target.namespace, &target.name);
        return failed(format!("failed to retrieve {kind} {namespace}/{name}: \"{name}\" not found"));
    };
    if !object.pointer("/spec/template").is_some_and(Value::is_object) {
        return failed(format!("missing Spec.Template on {} \"{}\"", target.gvk(), target.name));
    }
    Ok(Template { object, gvk: target.gvk() })
}
