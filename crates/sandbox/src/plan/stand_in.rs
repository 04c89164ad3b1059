//! What an empty platform lacks and Git does not define: namespaces and credentials. They are stood in, so that the plan
//! can go on, and each is a finding, because the real platform lacks them too (D25).

use actions::{Finding, Severity};
use api::names::{GroupVersionKind, ObjectRef};
use controllers::cluster::{Cluster, Error};
use gitops::manifests::Manifest;
use serde_json::{Value, json};

use super::scan;
use crate::{Azure, install};

/// Creates what is missing and says so.
pub(super) async fn provide(cluster: &Cluster, found: &[Manifest], azure: &Azure) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let namespaces = scan::namespaces(found);
    for name in namespaces.used.difference(&namespaces.defined) {
        let target = ObjectRef::new(&core("Namespace"), "", name);
        if cluster.get(&target).await?.is_none() {
            install::apply(cluster, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
                .await?;
            findings.push(missing_namespace(target));
        }
    }
    // That a credential is missing is found by `aso::findings`.
    for (namespace, name) in scan::credentials(found) {
        let target = ObjectRef::new(&core("Secret"), &namespace, &name);
        if scan::defines_secret(found, &namespace, &name) || cluster.get(&target).await?.is_some() {
            continue;
        }
        ensure_namespace(cluster, &namespace).await?;
        install::apply(cluster, credential(&namespace, &name, azure)).await?;
    }
    if azure_without_annotation(found) {
        let (namespace, name) = ("azureserviceoperator-system", "aso-controller-settings");
        if cluster.get(&ObjectRef::new(&core("Secret"), namespace, name)).await?.is_none() {
            ensure_namespace(cluster, namespace).await?;
            install::apply(cluster, credential(namespace, name, azure)).await?;
        }
    }
    Ok(findings)
}

fn core(kind: &str) -> GroupVersionKind {
    GroupVersionKind::new("", "v1", kind)
}

/// A namespace that Git defines is still to come when its credential is stood in.
async fn ensure_namespace(cluster: &Cluster, name: &str) -> Result<(), Error> {
    if cluster.get(&ObjectRef::new(&core("Namespace"), "", name)).await?.is_some() {
        return Ok(());
    }
    install::apply(cluster, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})).await
}

fn credential(namespace: &str, name: &str, azure: &Azure) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": namespace, "name": name},
        "stringData": {
            "AZURE_SUBSCRIPTION_ID": azure.subscription_id,
            "AZURE_TENANT_ID": azure.tenant_id,
            "AZURE_CLIENT_ID": azure.owner_client_id,
            "AZURE_CLIENT_SECRET": azure.owner_secret.reveal(),
        },
    })
}

fn azure_without_annotation(found: &[Manifest]) -> bool {
    use api::ObjectExt;
    found.iter().any(|manifest| {
        let azure = GroupVersionKind::of(&manifest.object).is_some_and(|gvk| gvk.group.ends_with(".azure.com"));
        azure && manifest.object.annotation("serviceoperator.azure.com/credential-from").is_none()
    })
}

fn missing_namespace(target: ObjectRef) -> Finding {
    Finding {
        severity: Severity::Warning,
        code: "NamespaceNotInGit".into(),
        message: format!("objects live in namespace {}, which Git does not define; the plan stood it in", target.name),
        fix: format!("add a Namespace manifest, or run `kubectl create namespace {}` before the sync", target.name),
        object: Some(target),
        field: String::new(),
    }
}
