//! Adoption: an ASO ManagedCluster or ManagedClustersAgentPool with the annotation gets the Cluster API objects that would
//! have made it. Existing objects of those names are left as they are.

use actions::{Action, Requeue, Verb, Write};
use api::{ObjectExt, names::ObjectRef};
use serde_json::{Value, json};

use crate::{
    names::{
        ADOPT, CLUSTER_NAME_LABEL, CONTROL_PLANE, CORE_API_VERSION, INFRASTRUCTURE_API_VERSION, INFRASTRUCTURE_GROUP,
        MACHINE_POOL, MANAGED_CLUSTER, REPLICAS_MANAGED_BY, REPLICAS_MANAGED_BY_AKS,
    },
    observed::Outcome,
    pass::{self, Pass, Stop, flag, text},
};

pub(crate) fn adopt(pass: &Pass<'_>) -> Result<Outcome, Stop> {
    if pass.object.annotation(ADOPT) != Some("true") || pass.deleting() {
        return Ok(Outcome::settled());
    }
    let wanted = match pass.target.kind.as_str() {
        "ManagedCluster" if pass::owner(pass.object, INFRASTRUCTURE_GROUP, CONTROL_PLANE).is_none() => cluster(pass)?,
        "ManagedClustersAgentPool" if pass::owner(pass.object, INFRASTRUCTURE_GROUP, MACHINE_POOL).is_none() => {
            agent_pool(pass)?
        }
        _ => return Ok(Outcome::settled()),
    };
    // An object that already has its core objects needs no others; one without its parts waits for them.
    let Some(wanted) = wanted else { return Ok(Outcome::settled()) };
    let mut actions = wanted.before;
    for object in wanted.objects {
        let target = ObjectRef::of(&object).unwrap_or_default();
        if pass.get(&target)?.is_none() {
            let reason = format!("{} asks to be adopted", pass.target).into();
            actions.push(Action::Write(Write { target, verb: Verb::Create { object }, reason }));
        }
    }
    Ok(Outcome::done(actions, Requeue::OnChange))
}

struct Wanted {
    before: Vec<Action>,
    objects: Vec<Value>,
}

fn object(pass: &Pass<'_>, api_version: &str, kind: &str, spec: &Value) -> Value {
    let metadata = json!({"name": pass.target.name, "namespace": pass.namespace()});
    json!({"apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec})
}

/// Only what is to be kept of an ASO object: its annotations, such as the credential's, stay on the live one.
fn entry(live: &Value, spec: &Value) -> Value {
    json!({
        "apiVersion": live["apiVersion"],
        "kind": live["kind"],
        "metadata": {"name": live.name().unwrap_or_default()},
        "spec": spec,
    })
}

fn reference(pass: &Pass<'_>, kind: &str) -> Value {
    json!({"apiVersion": INFRASTRUCTURE_API_VERSION, "kind": kind, "name": pass.target.name})
}

fn cluster(pass: &Pass<'_>) -> Result<Option<Wanted>, Stop> {
    let name = text(pass.object, "/spec/owner/name");
    let groups = ["v1api20200601", "v1api20240301"].map(|version| format!("resources.azure.com/{version}"));
    let mut group = None;
    for api_version in &groups {
        group = match group {
            None => pass.get(&pass.beside(api_version, "ResourceGroup", name))?,
            found => found,
        };
    }
    // Its appearance is an event.
    let Some(group) = group else { return Ok(None) };
    let mut spec = pass.object["spec"].clone();
    let mut before = Vec::new();
    if spec.as_object_mut().and_then(|spec| spec.remove("agentPoolProfiles")).is_some() {
        let patch = json!({"spec": {"agentPoolProfiles": null}});
        before.push(pass.merge(&pass.target, patch, "agent pools are defined by AzureASOManagedMachinePools"));
    }
    let references = json!({"infrastructureRef": reference(pass, MANAGED_CLUSTER), "controlPlaneRef": reference(pass, CONTROL_PLANE)});
    let resources = |entry: Value| json!({"resources": [entry]});
    let objects = vec![
        object(pass, CORE_API_VERSION, "Cluster", &references),
        object(pass, INFRASTRUCTURE_API_VERSION, MANAGED_CLUSTER, &resources(entry(group, &group["spec"]))),
        object(pass, INFRASTRUCTURE_API_VERSION, CONTROL_PLANE, &resources(entry(pass.object, &spec))),
    ];
    Ok(Some(Wanted { before, objects }))
}

fn agent_pool(pass: &Pass<'_>) -> Result<Option<Wanted>, Stop> {
    let owner = text(pass.object, "/spec/owner/name");
    let managed_cluster = ObjectRef { kind: "ManagedCluster".into(), name: owner.into(), ..pass.target.clone() };
    let Some(managed_cluster) = pass.get(&managed_cluster)? else { return Ok(None) };
    let Some(control_plane) = pass::owner(managed_cluster, INFRASTRUCTURE_GROUP, CONTROL_PLANE) else {
        return Ok(None);
    };
    let control_plane = pass.beside(INFRASTRUCTURE_API_VERSION, CONTROL_PLANE, text(control_plane, "/name"));
    let name = pass.get(&control_plane)?.and_then(|it| it.label(CLUSTER_NAME_LABEL));
    let Some(name) = name else { return Ok(None) };
    let mut spec = pass.object["spec"].clone();
    let count = spec.as_object_mut().and_then(|spec| spec.remove("count"));
    let template = json!({"spec": {
        "bootstrap": {"dataSecretName": ""},
        "clusterName": name,
        "infrastructureRef": reference(pass, MACHINE_POOL),
    }});
    let mut machine_pool =
        object(pass, CORE_API_VERSION, "MachinePool", &json!({"clusterName": name, "template": template}));
    if let Some(count) = count {
        machine_pool["spec"]["replicas"] = count;
    }
    if flag(pass.object, "/spec/enableAutoScaling") {
        machine_pool.set_annotation(REPLICAS_MANAGED_BY, REPLICAS_MANAGED_BY_AKS);
    }
    let resources = json!({"resources": [entry(pass.object, &spec)]});
    let objects = vec![machine_pool, object(pass, INFRASTRUCTURE_API_VERSION, MACHINE_POOL, &resources)];
    Ok(Some(Wanted { before: Vec::new(), objects }))
}
