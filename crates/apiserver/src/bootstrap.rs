//! What every cluster has from its first second: the system namespaces. Bootstrap RBAC objects are `access`'s.

use api::status::Status;
use serde_json::json;

use crate::Objects;

const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

pub(crate) async fn namespaces(objects: &Objects) -> Result<(), Status> {
    let Some(resource) = objects.resource("", "v1", "namespaces") else {
        return Err(Status::internal("namespaces are not among the built-in kinds"));
    };
    let namespace = |name| json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name } });
    objects.seed(&resource, NAMESPACES.map(namespace)).await
}
