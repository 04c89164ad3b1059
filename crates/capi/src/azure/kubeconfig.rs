//! The Secret `<cluster>-kubeconfig`: a copy of the one that ASO exports, under Cluster API's name and label.

use actions::{Action, Requeue, Verb, Write};
use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use serde_json::{Value, json};

use crate::{
    conditions::NotReady,
    names::{CLUSTER_NAME_LABEL, INFRASTRUCTURE_API_VERSION, KUBECONFIG_KEY, kubeconfig_secret},
    pass::{self, Pass, Stop, flag, text},
};

type Problem = (NotReady, Requeue);

/// The write of the Secret, unless it is as it has to be.
pub(super) fn reconcile(
    pass: &Pass<'_>,
    cluster: &Value,
    managed_cluster: &Value,
) -> Result<Result<Option<Action>, Problem>, Stop> {
    let secrets = managed_cluster.pointer("/spec/operatorSpec/secrets").unwrap_or(&Value::Null);
    let source = ["adminCredentials", "userCredentials"].into_iter().find_map(|role| secrets.get(role));
    let Some(source) = source.filter(|source| source.is_object()) else {
        let message =
            "ManagedCluster must define at least one of spec.operatorSpec.secrets.{userCredentials,adminCredentials}";
        return Ok(Err((NotReady::error("NoCredentials", message), Requeue::OnChange)));
    };
    let (name, key) = (text(source, "/name"), text(source, "/key"));
    let wanted = kubeconfig_secret(cluster.name().unwrap_or_default());
    let aad = flag(managed_cluster, "/status/aadProfile/managed");
    if aad && flag(managed_cluster, "/status/disableLocalAccounts") {
        return Ok(Err((without_local_accounts(name, &wanted), Requeue::OnChange)));
    }
    let waiting = |message: String| Ok(Err((NotReady::info("WaitingForKubeconfig", message), Requeue::OnChange)));
    let Some(exported) = pass.secret(name)? else {
        return waiting(format!("failed to fetch secret created by ASO: secrets \"{name}\" not found"));
    };
    let Some(data) = exported.reveal().pointer("/data").and_then(|data| data.get(key)).and_then(Value::as_str) else {
        return waiting(format!("secret \"{name}\" created by ASO has no key \"{key}\""));
    };
    let owner = pass::owner_reference(pass.object, INFRASTRUCTURE_API_VERSION, true);
    let cluster_name = cluster.name().unwrap_or_default();
    if let Some(known) = pass.secret(&wanted)? {
        let known = known.reveal();
        let same = known.pointer("/data").and_then(|data| data.get(KUBECONFIG_KEY)).and_then(Value::as_str)
            == Some(data)
            && known.label(CLUSTER_NAME_LABEL) == Some(cluster_name)
            && known.owner_references().contains(&owner);
        if same {
            return Ok(Ok(None));
        }
    }
    let object = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": wanted,
            "namespace": pass.namespace(),
            "labels": {CLUSTER_NAME_LABEL: cluster_name},
            "ownerReferences": [owner],
        },
        "data": {KUBECONFIG_KEY: data},
    });
    let target = ObjectRef::new(&GroupVersionKind::new("", "v1", "Secret"), pass.namespace(), wanted);
    let reason = "the kubeconfig of the cluster, where Cluster API looks for it".into();
    Ok(Ok(Some(Action::Write(Write { target, verb: Verb::Apply { object, force: true }, reason }))))
}

/// Upstream puts a token of the ASO object's identity into the kubeconfig. That is not done here, and said.
fn without_local_accounts(name: &str, wanted: &str) -> NotReady {
    if name == wanted {
        let message = format!(
            "ASO-generated kubeconfig Secret name cannot be \"{name}\" when local accounts are disabled on the ManagedCluster, CAPZ must be able to create and manage its own Secret with that name in order to augment the kubeconfig without conflicting with ASO"
        );
        return NotReady::error("InvalidKubeconfigSecret", message);
    }
    let message = "a ManagedCluster with a managed aadProfile and disableLocalAccounts is not supported: Windlass does not put Microsoft Entra ID tokens into kubeconfigs yet";
    NotReady::error("UnsupportedDisableLocalAccounts", message)
}
