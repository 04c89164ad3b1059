//! What a cluster needs before the controllers can work on it: namespaces, kinds, service accounts and their rights.
//! Names follow the workshop's installs (Argo CD's manifests, the Cluster API Operator's namespaces), because federated
//! credentials and users' manifests refer to them. Applying it twice changes nothing.

use controllers::cluster::{Cluster, Error};
use serde_json::{Value, json};

pub const ARGOCD_NAMESPACE: &str = "argocd";
pub const ARGOCD_CONTROLLER: &str = "argocd-application-controller";
pub const AZURE_NAMESPACE: &str = "azure-infrastructure-system";
pub const ASO_CONTROLLER: &str = "azureserviceoperator-default";

/// The groups that the workshop gives to `--crd-pattern`.
pub const CRD_PATTERN: &str = "resources.azure.com/*;containerservice.azure.com/*;keyvault.azure.com/*;\
                               managedidentity.azure.com/*;eventhub.azure.com/*;storage.azure.com/*";

/// Applies everything, in order.
pub async fn install(admin: &Cluster, crd_pattern: &str) -> Result<(), Error> {
    for object in objects() {
        apply(admin, object).await?;
    }
    for crd in gitops::crds()
        .into_iter()
        .chain(capi::crds())
        .chain(catalogue::crd::matching(catalogue::builtin(), crd_pattern))
    {
        apply(admin, crd).await?;
    }
    apply(admin, default_project()).await
}

/// One server-side apply with the installer's field manager.
pub async fn apply(cluster: &Cluster, object: Value) -> Result<(), Error> {
    let target =
        api::names::ObjectRef::of(&object).ok_or_else(|| Error::Request("an object without name or kind".into()))?;
    let verb = actions::Verb::Apply { object, force: true };
    cluster.write(&actions::Write { target, verb, reason: "part of the installation".into() }).await.map(|_| ())
}

fn objects() -> Vec<Value> {
    let mut objects = vec![namespace(ARGOCD_NAMESPACE), namespace(AZURE_NAMESPACE)];
    objects.push(service_account(ARGOCD_NAMESPACE, ARGOCD_CONTROLLER));
    objects.push(service_account(AZURE_NAMESPACE, ASO_CONTROLLER));
    // As upstream's installation: what Git may contain, the controller may write.
    objects.push(cluster_role(
        ARGOCD_CONTROLLER,
        &[
            json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}),
            json!({"nonResourceURLs": ["*"], "verbs": ["*"]}),
        ],
    ));
    objects.push(cluster_role(ASO_CONTROLLER, &aso_rules()));
    objects.push(binding(ARGOCD_CONTROLLER, ARGOCD_NAMESPACE));
    objects.push(binding(ASO_CONTROLLER, AZURE_NAMESPACE));
    objects.push(namespace(capi::names::CORE_NAMESPACE));
    for account in capi::rules() {
        objects.push(service_account(account.namespace, account.name));
        objects.push(cluster_role(account.name, &account.rules));
        objects.push(binding(account.name, account.namespace));
    }
    objects
}

fn aso_rules() -> Vec<Value> {
    let groups: Vec<&str> = CRD_PATTERN.split(';').filter_map(|pattern| pattern.split('/').next()).collect();
    vec![
        json!({"apiGroups": groups, "resources": ["*"], "verbs": ["get", "list", "watch", "patch", "update"]}),
        json!({"apiGroups": [""], "resources": ["secrets", "configmaps"], "verbs": ["get", "list", "watch", "create", "patch", "update"]}),
        json!({"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]}),
        json!({"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]}),
        // Its own projected token, which proves to Entra ID who it is.
        json!({"apiGroups": [""], "resources": ["serviceaccounts/token"], "resourceNames": [ASO_CONTROLLER], "verbs": ["create"]}),
    ]
}

fn namespace(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

fn service_account(namespace: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"namespace": namespace, "name": name}})
}

fn cluster_role(name: &str, rules: &[Value]) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})
}

fn binding(name: &str, namespace: &str) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
    })
}

/// The project that every Application of the workshop names: everything is allowed, as upstream makes it.
fn default_project() -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default", "namespace": ARGOCD_NAMESPACE},
        "spec": {
            "sourceRepos": ["*"],
            "destinations": [{"namespace": "*", "server": "*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    })
}
