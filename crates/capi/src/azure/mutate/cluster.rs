//! The ManagedCluster: version, networks, agent pools, credentials.

use api::ObjectExt;
use serde_json::{Map, Value, json};

use super::{Mutation, accessor_error, incompatible, pool, refusal, set};
use crate::{
    azure::{machine_pool::first, refers_to, resources},
    conditions::NotReady,
    names::{
        CLUSTER_NAME_LABEL, CORE_API_VERSION, CORE_GROUP, INFRASTRUCTURE_API_VERSION, KUBECONFIG_KEY, MACHINE_POOL,
        kubeconfig_secret,
    },
    pass::{self, Pass, Stop, text},
};

/// Mutates the first ManagedCluster and answers its place.
pub(in crate::azure) fn mutate(
    pass: &Pass<'_>,
    cluster: &Value,
    resources: &mut [Value],
) -> Result<Result<usize, NotReady>, Stop> {
    let Some(index) = first(resources, "ManagedCluster") else {
        let message =
            "no containerservice.azure.com ManagedCluster defined in AzureASOManagedControlPlane spec.resources";
        let problem = NotReady::error("NoManagedClusterDefined", format!("failed to run mutator: {message}"));
        return Ok(Err(problem));
    };
    let at = format!("spec.resources[{index}]");
    let Some(resource) = resources.get_mut(index) else { return Ok(Ok(index)) };
    if let Err(problem) = simple(pass, cluster, &at, resource) {
        return Ok(Err(problem));
    }
    if let Some(known) = resource.pointer("/spec/agentPoolProfiles") {
        return Ok(Err(profiles_refused(&at, known)));
    }
    let live = pass.get(&resources::target_of(pass, resource))?;
    let has_profiles = |live: &Value| {
        live.pointer("/status/agentPoolProfiles").and_then(Value::as_array).is_some_and(|list| !list.is_empty())
    };
    if !live.is_some_and(has_profiles) {
        let profiles = match profiles(pass, cluster.name().unwrap_or_default())? {
            Ok(profiles) => profiles,
            Err(problem) => return Ok(Err(problem)),
        };
        if let Err(message) = set(resource, &["spec", "agentPoolProfiles"], json!(profiles)) {
            return Ok(Err(refusal(&message)));
        }
    }
    Ok(credentials(cluster, resource).map(|()| index))
}

fn simple(pass: &Pass<'_>, cluster: &Value, at: &str, resource: &mut Value) -> Result<(), NotReady> {
    let version = text(pass.object, "/spec/version");
    let bare = version.strip_prefix('v').unwrap_or(version);
    if !bare.is_empty() {
        let because = format!("because spec.version is set to {version}");
        Mutation { at, path: &["spec", "kubernetesVersion"], value: json!(bare), because }.apply(resource)?;
    }
    for (field, into) in [("services", "serviceCidr"), ("pods", "podCidr")] {
        let block = cluster.pointer(&format!("/spec/clusterNetwork/{field}/cidrBlocks/0")).and_then(Value::as_str);
        if let Some(block) = block {
            let because = format!(
                "because spec.clusterNetwork.{field}.cidrBlocks[0] in Cluster {}/{} is set to {block}",
                pass.namespace(),
                cluster.name().unwrap_or_default()
            );
            Mutation { at, path: &["spec", "networkProfile", into], value: json!(block), because }.apply(resource)?;
        }
    }
    Ok(())
}

fn profiles_refused(at: &str, known: &Value) -> NotReady {
    let Some(list) = known.as_array() else {
        return refusal(&accessor_error(&["spec", "agentPoolProfiles"], known, &json!([])));
    };
    let location = format!("{at}.spec.agentPoolProfiles");
    let because = "because agent pool definitions must be inherited from AzureASOManagedMachinePools";
    refusal(&incompatible(&location, &format!("<slice of length {}>", list.len()), "nil", because))
}

/// The pools that the cluster is created with. Azure refuses a cluster without any, so it waits until every MachinePool of it
/// has taken its AzureASOManagedMachinePool. (Upstream sends what it has, and may start with none.)
fn profiles(pass: &Pass<'_>, cluster: &str) -> Result<Result<Vec<Value>, NotReady>, Stop> {
    let waiting = |message: String| Ok(Err(NotReady::info("WaitingForMachinePools", message)));
    for machine_pool in pass.list(CORE_API_VERSION, "MachinePool", cluster)? {
        let reference = machine_pool.pointer("/spec/template/spec/infrastructureRef");
        if !refers_to(reference, MACHINE_POOL) || machine_pool.deletion_timestamp().is_some() {
            continue;
        }
        let reference = reference.unwrap_or(&Value::Null);
        let target = pass.beside(text(reference, "/apiVersion"), MACHINE_POOL, text(reference, "/name"));
        let adopted = |pool: &Value| {
            pool.label(CLUSTER_NAME_LABEL) == Some(cluster) && pass::owner(pool, CORE_GROUP, "MachinePool").is_some()
        };
        if let Some(infrastructure) = pass.get(&target)?
            && !adopted(infrastructure)
        {
            return waiting(format!(
                "Waiting for MachinePool Controller to set OwnerRef on {MACHINE_POOL} {}",
                target.name
            ));
        }
    }
    let mut profiles = Vec::new();
    for each in pass.list(INFRASTRUCTURE_API_VERSION, MACHINE_POOL, cluster)? {
        if each.deletion_timestamp().is_some() {
            continue;
        }
        let owner = pass::owner(each, CORE_GROUP, "MachinePool");
        let name = each.name().unwrap_or_default();
        let machine_pool = match owner {
            Some(owner) => pass.get(&pass.beside(CORE_API_VERSION, "MachinePool", text(owner, "/name")))?,
            None => None,
        };
        let Some(machine_pool) = machine_pool else {
            return waiting(format!("Waiting for MachinePool Controller to set OwnerRef on {MACHINE_POOL} {name}"));
        };
        match profile(pass, each, machine_pool)? {
            Ok(profile) => profiles.push(profile),
            Err(mut problem) => {
                problem.message = format!("{MACHINE_POOL} {name}: {}", problem.message);
                return Ok(Err(problem));
            }
        }
    }
    if profiles.is_empty() {
        return waiting("no AzureASOManagedMachinePools found for AzureASOManagedControlPlane".into());
    }
    Ok(Ok(profiles))
}

/// An agent pool of its own as a profile of the cluster: the same fields, the name under another one.
fn profile(pass: &Pass<'_>, infrastructure: &Value, machine_pool: &Value) -> Result<Result<Value, NotReady>, Stop> {
    let listed = infrastructure.pointer("/spec/resources").and_then(Value::as_array);
    let mut resources: Vec<Value> = listed.cloned().unwrap_or_default();
    let mutated = match pool::mutate(pass, machine_pool, &mut resources)? {
        Ok(mutated) => mutated,
        Err(problem) => return Ok(Err(problem)),
    };
    let Some(agent_pool) = resources.get(mutated.at) else { return Ok(Ok(json!({}))) };
    let mut profile = agent_pool["spec"].as_object().cloned().unwrap_or_default();
    let name = profile.remove("azureName").and_then(|name| name.as_str().map(str::to_string));
    // What belongs to the object and not to the pool.
    for field in ["owner", "operatorSpec", "originalVersion"] {
        profile.remove(field);
    }
    let name = name.filter(|name| !name.is_empty()).or_else(|| agent_pool.name().map(str::to_string));
    profile.insert("name".into(), json!(name));
    Ok(Ok(Value::Object(profile)))
}

/// Where ASO exports the kubeconfig, unless the user says where.
fn credentials(cluster: &Value, resource: &mut Value) -> Result<(), NotReady> {
    for role in ["userCredentials", "adminCredentials"] {
        match resource.pointer(&format!("/spec/operatorSpec/secrets/{role}")) {
            None | Some(Value::Null) => {}
            Some(Value::Object(_)) => return Ok(()),
            Some(other) => {
                let path = ["spec", "operatorSpec", "secrets", role];
                return Err(refusal(&accessor_error(&path, other, &json!({}))));
            }
        }
    }
    let name = kubeconfig_secret(cluster.name().unwrap_or_default());
    let secrets: Map<String, Value> =
        Map::from_iter([("adminCredentials".to_string(), json!({"name": name, "key": KUBECONFIG_KEY}))]);
    set(resource, &["spec", "operatorSpec", "secrets"], Value::Object(secrets)).map_err(|message| refusal(&message))
}
