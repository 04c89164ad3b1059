//! The service accounts of the controllers and what they may do.

use serde_json::{Value, json};

use crate::names;

/// A service account with the rules of its ClusterRole.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub namespace: &'static str,
    pub name: &'static str,
    pub rules: Vec<Value>,
}

/// Groups of Azure Service Operator whose objects may stand in `spec.resources`: what CAPZ is granted, and the groups that
/// the workshop and CAPZ's templates use.
const ASO_GROUPS: &[&str] = &[
    "authorization.azure.com",
    "containerregistry.azure.com",
    "containerservice.azure.com",
    "documentdb.azure.com",
    "eventhub.azure.com",
    "insights.azure.com",
    "keyvault.azure.com",
    "kubernetesconfiguration.azure.com",
    "managedidentity.azure.com",
    "network.azure.com",
    "operationalinsights.azure.com",
    "resources.azure.com",
    "storage.azure.com",
];

/// Cluster API's core and its Azure provider.
pub fn rules() -> Vec<Account> {
    let all = ["get", "list", "watch", "create", "update", "patch", "delete"];
    let reading = ["get", "list", "watch"];
    let core = vec![
        json!({"apiGroups": [names::CORE_GROUP], "resources": ["clusters", "clusters/status", "clusters/finalizers", "clusterclasses", "clusterclasses/status", "machinepools", "machinepools/status", "machinepools/finalizers"], "verbs": all}),
        json!({"apiGroups": [names::BOOTSTRAP_GROUP, "controlplane.cluster.x-k8s.io", names::INFRASTRUCTURE_GROUP], "resources": ["*"], "verbs": all}),
        json!({"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": reading}),
        // Those that a KubeadmConfig promises are made.
        json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch", "create"]}),
    ];
    let azure = vec![
        json!({"apiGroups": [names::INFRASTRUCTURE_GROUP], "resources": ["*"], "verbs": all}),
        json!({"apiGroups": [names::CORE_GROUP], "resources": ["clusters", "machinepools"], "verbs": ["get", "list", "watch", "create", "patch"]}),
        json!({"apiGroups": ASO_GROUPS, "resources": ["*"], "verbs": all}),
        json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch", "create", "patch"]}),
    ];
    vec![
        Account { namespace: names::CORE_NAMESPACE, name: names::CORE_ACCOUNT, rules: core },
        Account { namespace: names::AZURE_NAMESPACE, name: names::AZURE_ACCOUNT, rules: azure },
    ]
}
