//! What an object's pass looks at beside the object: a change of any of it is a reason to decide again. For the shell, which
//! watches.

use api::names::{GroupVersionKind, ObjectRef};
use catalogue::Catalogue;
use serde_json::Value;

use crate::{
    convert, credential,
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

#[cfg(test)]
mod tests {
    use api::Redacted;
    use expect_test::expect;
    use serde_json::json;

    use super::*;

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
