//! What the workshop's text does by hand before Sample 2: the identity `akspe` with its roles and federated credentials, the
//! namespace `rg-dev-app` and its credential Secret, the repository's files, the Argo CD Application.
//! Everything goes through the same APIs that `az` and `kubectl` use; doing it twice changes nothing.

use actions::{ArmMethod, ArmRequest};
use api::files::FileSet;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::{Error, Platform, install};

mod chart;
pub mod sample_1;

pub use chart::{CHART, Charts, REPOSITORY as CHART_REPOSITORY, VERSION as CHART_VERSION, built_in};

/// When the text was written: AKS offered its Kubernetes 1.30.10.
pub const DATE: Date = Date::constant(2025, 5, 1);
pub const RESOURCE_GROUP: &str = "rg-aks-labs";
pub const LOCATION: &str = "westus3";
pub const IDENTITY: &str = "akspe";
pub const NAMESPACE: &str = "rg-dev-app";
pub const CREDENTIAL: &str = "rg-dev-app-aso-credentials";
pub const APPLICATION: &str = "app-project-env-recursive";
pub const REPOSITORY: &str = "app-project-env.git";
pub const BRANCH: &str = "main";
pub const SAMPLE_2: &str = "samples/sample-2/kv-argo-application.yaml";
const DEV_LOCATION: &str = "eastus";

/// Well-known ids of Azure's built-in roles.
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const MANAGED_IDENTITY_OPERATOR: &str = "f1a07417-d97a-45cb-824c-7a7467783830";

/// The managed identity, as later steps need it.
#[derive(Clone, Debug)]
pub struct Identity {
    pub client_id: String,
    pub principal_id: String,
}

/// The namespace, its credential Secret, and the Application of the text's Git section.
pub async fn objects(platform: &Platform, identity: &Identity, repository_url: &str) -> Result<(), Error> {
    for object in cluster_objects(platform, identity, repository_url) {
        install::apply(&platform.admin(), object).await?;
    }
    Ok(())
}

/// Steps 1 and 2 of the text: `az group create`, `az identity create`, `az role assignment create` twice, `az identity federated-credential create` twice.
pub async fn identity(platform: &Platform) -> Result<Identity, Error> {
    let group = format!("/subscriptions/{}/resourceGroups/{RESOURCE_GROUP}", platform.subscription_id());
    let identity = format!("{group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{IDENTITY}");
    put(platform, &group, "2020-06-01", json!({"location": LOCATION})).await?;
    let made = put(platform, &identity, "2023-01-31", json!({"location": LOCATION})).await?;
    let text = |pointer: &str| made.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_string();
    let made = Identity { client_id: text("/properties/clientId"), principal_id: text("/properties/principalId") };

    let subscription = format!("/subscriptions/{}", platform.subscription_id());
    for (scope, role, name) in [
        (subscription.as_str(), CONTRIBUTOR, "6f0c9a52-0d0e-4c8e-9d0a-1f1f5d1b7a01"),
        (identity.as_str(), MANAGED_IDENTITY_OPERATOR, "6f0c9a52-0d0e-4c8e-9d0a-1f1f5d1b7a02"),
    ] {
        let id = format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{name}");
        let role = format!("{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}");
        let properties =
            json!({"roleDefinitionId": role, "principalId": made.principal_id, "principalType": "ServicePrincipal"});
        put(platform, &id, "2022-04-01", json!({"properties": properties})).await?;
    }
    for (name, account) in
        [("aks-labs-capz-manager-credential", "capz-manager"), ("serviceoperator", install::ASO_CONTROLLER)]
    {
        let properties = json!({
            "issuer": platform.issuer(),
            "subject": format!("system:serviceaccount:{}:{account}", install::AZURE_NAMESPACE),
            "audiences": ["api://AzureADTokenExchange"],
        });
        let id = format!("{identity}/federatedIdentityCredentials/{name}");
        put(platform, &id, "2023-01-31", json!({"properties": properties})).await?;
    }
    Ok(made)
}

async fn put(platform: &Platform, id: &str, api_version: &str, body: Value) -> Result<Value, Error> {
    let request =
        ArmRequest { method: ArmMethod::Put, id: id.into(), api_version: api_version.into(), body: Some(body) };
    Ok(platform.arm().send(platform.owner(), &request).await?.body)
}

fn cluster_objects(platform: &Platform, identity: &Identity, repository_url: &str) -> Vec<Value> {
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}),
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": CREDENTIAL, "namespace": NAMESPACE},
            "type": "Opaque",
            "stringData": {
                "AZURE_SUBSCRIPTION_ID": platform.subscription_id(),
                "AZURE_TENANT_ID": platform.tenant_id(),
                "AZURE_CLIENT_ID": identity.client_id,
                "USE_WORKLOAD_IDENTITY_AUTH": "true",
            },
        }),
        application(repository_url),
    ]
}

/// The Application of the text, with our repository's URL.
pub fn application(repository_url: &str) -> Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": APPLICATION, "namespace": install::ARGOCD_NAMESPACE},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": repository_url,
                "targetRevision": BRANCH,
                "path": "samples",
                "directory": {"recurse": true},
            },
            "destination": {"server": "https://kubernetes.default.svc", "namespace": install::ARGOCD_NAMESPACE},
            "syncPolicy": {"automated": {"prune": true, "selfHeal": true}, "syncOptions": ["CreateNamespace=true"]},
        },
    })
}

/// The repository's first commit: Sample 2 as the text's heredoc writes it once its variables are filled in.
pub fn files(tenant_id: &str, principal_id: &str) -> FileSet {
    let mut files = FileSet::default();
    files.insert(SAMPLE_2, sample_2(tenant_id, principal_id).into_bytes());
    files
}

/// Both samples, one beside the other.
pub fn files_of_both(subscription_id: &str, tenant_id: &str, identity: &Identity) -> FileSet {
    let mut files = files(tenant_id, &identity.principal_id);
    let text = sample_1::text(subscription_id, tenant_id, &identity.client_id);
    files.insert(sample_1::PATH, text.into_bytes());
    files
}

fn sample_2(tenant_id: &str, principal_id: &str) -> String {
    format!(
        r#"apiVersion: resources.azure.com/v1api20200601
kind: ResourceGroup
metadata:
  name: rg-dev-app
  namespace: rg-dev-app
  annotations:
    serviceoperator.azure.com/credential-from: rg-dev-app-aso-credentials
spec:
  location: {DEV_LOCATION}
---
apiVersion: keyvault.azure.com/v1api20210401preview
kind: Vault
metadata:
  name: app-keyvault
  namespace: rg-dev-app
  annotations:
    serviceoperator.azure.com/credential-from: rg-dev-app-aso-credentials
spec:
  location: {DEV_LOCATION}
  owner:
    name: rg-dev-app
    kind: ResourceGroup
  properties:
    tenantId: {tenant_id}
    sku:
      family: "A"
      name: "standard"
    accessPolicies:
      - tenantId: {tenant_id}
        objectId: {principal_id}  # User or Service Principal Object ID
        permissions:
          secrets:
            - get
            - list
            - set
    enableSoftDelete: true
---
apiVersion: keyvault.azure.com/v1api20210401preview
kind: Secret
metadata:
  name: app-secret
  namespace: rg-dev-app
  annotations:
    serviceoperator.azure.com/credential-from: rg-dev-app-aso-credentials
spec:
  owner:
    name: app-keyvault
    kind: Vault
  properties:
    value: "c2VjcmV0LXZhbHVlLWJhc2U2NA=="  # Base64 for 'secret-value-base64'
"#
    )
}
