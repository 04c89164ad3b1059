//! The kubeconfig of a hosted cluster: written as Azure names its parts, and read again by whoever connects.

use api::Redacted;
use base64::{Engine, prelude::BASE64_STANDARD};
use kube::config::Kubeconfig;
use serde_json::{Value, json};
use twin::{CredentialRole, HostedCluster};

use super::Address;

/// Below this path of the listener each cluster has its own.
pub(super) const PATH: &str = "/clusters/";

/// YAML's subset JSON: every reader of kubeconfigs reads it, and no name can break out of its place.
pub(super) fn render(
    cluster: &HostedCluster,
    role: CredentialRole,
    token: &Redacted<String>,
    address: Option<&Address>,
) -> Redacted<String> {
    let (group, name) = group_and_name(&cluster.id);
    let (user, context) = match role {
        CredentialRole::Admin => (format!("clusterAdmin_{group}_{name}"), format!("{name}-admin")),
        CredentialRole::User => (format!("clusterUser_{group}_{name}"), name.to_owned()),
    };
    let server = match address {
        Some(address) => json!({
            "server": format!("{}{PATH}{}", address.url, cluster.fqdn),
            "certificate-authority-data": BASE64_STANDARD.encode(&address.authority),
        }),
        None => json!({"server": format!("https://{}:443", cluster.fqdn)}),
    };
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "preferences": {},
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": user, "user": {"token": token.reveal()}}],
        "contexts": [{"name": context, "context": {"cluster": name, "user": user}}],
        "current-context": context,
    });
    Redacted::new(format!("{config:#}\n"))
}

/// The host name of the cluster, and the token of the current user.
pub(super) fn read(text: &str) -> Result<(String, Redacted<String>), String> {
    let config = Kubeconfig::from_yaml(text).map_err(|error| format!("it is no kubeconfig: {error}"))?;
    // As a value: the names of kubeconfigs are the same for its three lists.
    let config = serde_json::to_value(&config).map_err(|error| error.to_string())?;
    let named = |list: &str, name: &Value| {
        let mut entries = config[list].as_array().into_iter().flatten();
        entries.find(|entry| entry["name"] == *name && name.is_string()).cloned().unwrap_or_default()
    };
    let context = named("contexts", &config["current-context"]);
    let server = named("clusters", &context["context"]["cluster"]);
    let server = server.pointer("/cluster/server").and_then(Value::as_str);
    let server = server.ok_or("its current context has no cluster with a server")?;
    let user = named("users", &context["context"]["user"]);
    let token = user.pointer("/user/token").and_then(Value::as_str).ok_or("its user has no token")?;
    let url: http::Uri = server.parse().map_err(|_| format!("its server {server:?} is no URL"))?;
    let below = url.path().strip_prefix(PATH).and_then(|rest| rest.split('/').next()).filter(|host| !host.is_empty());
    let host = below.or(url.host()).ok_or_else(|| format!("its server {server:?} names no host"))?;
    Ok((host.to_ascii_lowercase(), Redacted::new(token.to_owned())))
}

fn group_and_name(id: &str) -> (&str, &str) {
    let mut parts = id.split('/');
    let group = parts.by_ref().skip_while(|part| !part.eq_ignore_ascii_case("resourceGroups")).nth(1);
    (group.unwrap_or_default(), id.rsplit('/').next().unwrap_or_default())
}
