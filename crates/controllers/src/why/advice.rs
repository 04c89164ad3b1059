//! The next step for a cause: a command or an edit, in one line.

use api::names::ObjectRef;

pub(super) fn missing(target: &ObjectRef) -> String {
    format!("create it, or correct the name: `kubectl get {} -A`", target.kind.to_ascii_lowercase())
}

/// What is said of a chart that cannot be had.
const CHART: [&str; 6] = [
    "error fetching chart",
    "error pulling OCI chart",
    "error loading repo index",
    "unable to get tags",
    "not found in index",
    "invalid revision: ",
];

pub(super) fn application(condition: &str, message: &str) -> String {
    let text = match condition {
        "InvalidSpecError" if message.contains("referencing project") => {
            "correct spec.project: `kubectl get appprojects -n argocd` lists the projects"
        }
        "InvalidSpecError" => "correct the field of the Application that the message names",
        _ if CHART.iter().any(|words| message.contains(words)) => {
            "check repoURL, chart and targetRevision of spec.source, and that this host reaches the repository; --mirror DIR answers from files"
        }
        _ if message.contains("failed to execute helm template command") => {
            "correct spec.source.helm as the message says, or the chart: `windlass render` shows the same error"
        }
        _ if message.contains("app path does not exist") => "push the path, or correct spec.source.path",
        _ if message.contains("no commits") => "push a first commit, or correct spec.source.repoURL",
        _ if message.contains("no revision") => "push the branch or tag, or correct spec.source.targetRevision",
        _ if message.contains("refused the credentials") => "correct the repository's credentials",
        _ if message.contains("cannot be reached") => {
            "check spec.source.repoURL, and that this host reaches it: `git ls-remote URL`"
        }
        _ if message.contains("unmarshal") => "correct the file that the message names",
        _ if message.contains("no matches for kind") => {
            "install the kind (its CustomResourceDefinition), or remove the object from Git"
        }
        _ => "correct what the message names, then push",
    };
    text.into()
}

pub(super) fn sync_failed(message: &str) -> String {
    let text = if ["no matches for kind", "could not find"].iter().any(|text| message.contains(text)) {
        "install the kind (its CustomResourceDefinition), or remove the object from Git"
    } else if message.contains("forbidden") {
        "grant the controller's service account what the message names"
    } else {
        "correct the object in Git as the message says, then push"
    };
    text.into()
}

/// By the reason of an Azure object's Ready condition: ASO's own reasons and ARM's error codes. `secret` describes where its
/// credential is.
pub(super) fn azure(reason: &str, message: &str, secret: &str) -> String {
    if let Some(text) = aks(reason, message) {
        return text.into();
    }
    let text = match reason {
        "Reconciling" | "Deleting" => "wait: Azure is working on it",
        "SecretNotFound" if message.contains("cannot contain '/'") => {
            "name a Secret of the object's own namespace in the annotation serviceoperator.azure.com/credential-from"
        }
        "SecretNotFound" if message.contains("does not contain key") => {
            return format!("add the keys that the message names to {secret}");
        }
        "SecretNotFound" => "create the Secret that the message names, in the namespace of the object",
        "WaitingForOwner" => "create the owner, or correct spec.owner",
        "ReferenceNotFound" => "create the object that the reference names, or correct the reference",
        "VaultAlreadyExists" => "choose a name that nobody has: spec.azureName with a suffix of yours",
        "AuthorizationFailed" | "LinkedAuthorizationFailed" => {
            "assign the identity a role with that action: `az role assignment create`"
        }
        "InvalidResourceGroupLocation" => {
            "the location of a resource group cannot change: take another name, or delete it first"
        }
        _ if message.contains("AADSTS7002") => {
            "make the federated credential's issuer, subject and audience equal to the token's: `az identity federated-credential list`"
        }
        _ if message.contains("AADSTS700016") => {
            return format!("correct AZURE_CLIENT_ID and AZURE_TENANT_ID in {secret}");
        }
        _ if message.contains("AADSTS90002") => return format!("correct AZURE_TENANT_ID in {secret}"),
        _ if message.contains("AADSTS7000215") => {
            return format!("put a valid AZURE_CLIENT_SECRET into {secret}: `az ad app credential reset` makes one");
        }
        _ if reason.contains("Location") || message.contains("location") => {
            "correct spec.location: `az account list-locations` lists the names"
        }
        _ => "correct what the message names; Azure's documentation lists the error code",
    };
    text.into()
}

/// What AKS refuses of clusters and pools.
fn aks(reason: &str, message: &str) -> Option<&'static str> {
    Some(match reason {
        "K8sVersionNotSupported" => {
            "use a version that is offered: `az aks get-versions --location LOCATION` lists them; long-term support needs tier Premium and supportPlan AKSLongTermSupport"
        }
        "ErrCode_InsufficientVCPUQuota" => {
            "take fewer nodes or another vmSize, or ask for more quota: `az vm list-usage --location LOCATION` shows what is left"
        }
        "PropertyChangeNotAllowed" => {
            "put the property back: Azure cannot change it in place; a new pool (or cluster) with the new value can take over"
        }
        "NodePoolMcVersionIncompatible" => "upgrade the cluster first; a pool cannot be ahead of it, nor far behind",
        "ReconciliationBlocked" => "wait: its cluster is being changed first",
        "OperationNotAllowed" if message.contains("is in progress") => {
            "wait: it is tried again when the other operation is over"
        }
        "OperationNotAllowed" if message.contains("Upgrading Kubernetes version") => {
            "upgrade by one minor version at a time: to one of the available upgrades that the message names"
        }
        "OperationNotAllowed" if message.contains("stopped state") => "start the cluster: `az aks start`",
        _ if message.contains("at least one system") => {
            "keep a pool of mode System: make another one before this one goes"
        }
        _ if message.contains("The VM size of") => {
            "correct vmSize: `az vm list-skus --location LOCATION --resource-type virtualMachines` lists the sizes"
        }
        _ if message.contains("set to disable local accounts") => {
            "export spec.operatorSpec.secrets.userCredentials instead of adminCredentials (with Entra ID), or enable local accounts"
        }
        _ => return None,
    })
}
