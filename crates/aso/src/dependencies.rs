//! What an object's pass looks at beside the object: a change of any of it is a reason to decide again. For the shell, which
//! watches.

use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use catalogue::{Catalogue, Owner};
use serde_json::Value;

use crate::{
    convert, credential,
    names::{LATEST_RECONCILED_GENERATION, OWNER_NAME, POLLER_RESUME_ID, SETTLED},
    observed::{Env, Observed, Query},
    owner,
    problem::Stop,
};

/// Owner, credential Secrets, and the resources, Secrets and ConfigMaps that the spec refers to. Sorted, without doubles;
/// versions are those that a pass reads at.
pub fn dependencies(catalogue: &Catalogue, object: &Value, env: &Env) -> Vec<ObjectRef> {
    let Some(resource) = convert::resource_type(catalogue, object) else { return Vec::new() };
    let secret =
        |namespace: String, name: String| ObjectRef::new(&GroupVersionKind::new("", "v1", "Secret"), namespace, name);
    let mut found: Vec<ObjectRef> = owner::reference(catalogue, resource, object).into_iter().collect();
    found.extend(credential::sources(object, env).into_iter().map(|(namespace, name)| secret(namespace, name)));
    // Asked with nothing known, the conversion names every input. A spec that cannot be converted has none.
    let unknown = Observed::new(object.clone());
    if let Err(Stop::Need(queries)) = convert::to_arm::build(catalogue, resource, &unknown, "") {
        found.extend(queries.into_iter().filter_map(|query| match query {
            Query::Object(target) => Some(target),
            Query::Secret { namespace, name } => Some(secret(namespace, name)),
            Query::Arm(_) | Query::Poll(_) => None,
        }));
    }
    found.sort();
    found.dedup();
    found
}

/// The owner that shows an object in its own status (a cluster its pools), and what of the object's metadata stands for what
/// is shown: when that changes, the owner is worth a pass. `None` for all others, and while Azure is working on the object.
pub fn shown_in(
    catalogue: &Catalogue,
    target: &ObjectRef,
    metadata: &Value,
    deleted: bool,
) -> Option<(ObjectRef, String)> {
    let facts = catalogue.facts(&target.group, &target.kind)?;
    let Owner::Kind { group, kind } = facts.owner() else { return None };
    if !facts.part_of_owner || (metadata.annotation(POLLER_RESUME_ID).is_some() && !deleted) {
        return None;
    }
    let owner = owner::object_ref(catalogue, &group, &kind, &target.namespace, metadata.label(OWNER_NAME)?)?;
    let settled = [LATEST_RECONCILED_GENERATION, SETTLED].map(|name| metadata.annotation(name).unwrap_or_default());
    Some((owner, format!("{}\n{}", metadata.uid().unwrap_or_default(), settled.join("\n"))))
}

#[cfg(test)]
mod tests {
    use api::Redacted;
    use expect_test::expect;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cluster_shows_its_pools() {
        let gvk = GroupVersionKind::new("containerservice.azure.com", "v1", "ManagedClustersAgentPool");
        let pool = ObjectRef::new(&gvk, "ns", "dev-pool0");
        let mut metadata = json!({"metadata": {
            "uid": "u", "labels": {"serviceoperator.azure.com/owner-name": "dev"},
            "annotations": {"serviceoperator.azure.com/latest-reconciled-generation": "2"},
        }});
        let (owner, shown) = shown_in(catalogue::builtin(), &pool, &metadata, false).expect("a cluster");
        assert_eq!((owner.kind.as_str(), owner.name.as_str(), shown.as_str()), ("ManagedCluster", "dev", "u\n2\n"));
        metadata["metadata"]["annotations"]["serviceoperator.azure.com/poller-resume-id"] = json!("x");
        assert_eq!(shown_in(catalogue::builtin(), &pool, &metadata, false), None);
        assert!(shown_in(catalogue::builtin(), &pool, &metadata, true).is_some());
        let vault = ObjectRef::new(&GroupVersionKind::new("keyvault.azure.com", "v1", "Vault"), "ns", "kv");
        assert_eq!(shown_in(catalogue::builtin(), &vault, &metadata, false), None);
    }

    #[test]
    fn everything_a_pass_reads() {
        let object = json!({
            "apiVersion": "keyvault.azure.com/v1api20230701", "kind": "Vault",
            "metadata": {"name": "kv", "namespace": "ns"},
            "spec": {
                "owner": {"name": "rg"}, "location": "l",
                "properties": {
                    "tenantIdFromConfig": {"name": "config", "key": "tenant"},
                    "networkAcls": {"virtualNetworkRules": [
                        {"reference": {"group": "storage.azure.com", "kind": "StorageAccount", "name": "sa"}},
                    ]},
                },
            },
        });
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let found = dependencies(catalogue::builtin(), &object, &Env::new(now, Redacted::new([0; 32])));
        let text: Vec<String> = found.iter().map(|target| format!("{} {target}", target.version)).collect();
        expect![[r#"
            v1 ConfigMap/config -n ns
            v1 Secret/aso-controller-settings -n azureserviceoperator-system
            v1 Secret/aso-credential -n ns
            v1api20200601storage ResourceGroup/rg -n ns
            v1api20230101storage StorageAccount/sa -n ns"#]]
        .assert_eq(&text.join("\n"));
    }
}
