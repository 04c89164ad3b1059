//! `windlass cluster list|get|kubeconfig`: Cluster API's clusters with their pools, and how to reach one. Read through the
//! Kubernetes API, so it is the same in every mode.

use api::{
    ObjectExt,
    names::{GroupVersionKind, ObjectRef},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use capi::names;
use controllers::cluster::Cluster;
use serde::Serialize;
use serde_json::Value;

use super::api as server;
use crate::{args, error::Error, exit::Exit, output};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    namespace: String,
    name: String,
    phase: String,
    ready: bool,
    /// Of the pools: they follow the control plane.
    version: Option<String>,
    endpoint: Option<String>,
    pools: Vec<Pool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Pool {
    name: String,
    phase: String,
    replicas: Option<i64>,
    ready_replicas: i64,
}

pub(super) fn run(command: &args::ClusterCommand) -> Result<Exit, Error> {
    super::runtime()?.block_on(async {
        match command {
            args::ClusterCommand::List { namespace, api, output } => {
                let cluster = server::connect(api).await?;
                let views = views(&cluster, namespace.as_deref().unwrap_or_default()).await?;
                list(&views, *output)
            }
            args::ClusterCommand::Get { name, namespace, api, output } => {
                let cluster = server::connect(api).await?;
                let found = views(&cluster, namespace).await?.into_iter().find(|view| view.name == *name);
                get(&found.ok_or_else(|| missing(name, namespace))?, *output)
            }
            args::ClusterCommand::Kubeconfig { name, namespace, api } => {
                let cluster = server::connect(api).await?;
                kubeconfig(&cluster, name, namespace).await
            }
        }
    })
}

/// Every Cluster of the namespace (empty: of all), with its pools.
pub(super) async fn views(cluster: &Cluster, namespace: &str) -> Result<Vec<View>, Error> {
    let clusters = listed(cluster, "Cluster", namespace).await?;
    let pools = listed(cluster, "MachinePool", namespace).await?;
    Ok(clusters.iter().map(|cluster| view(cluster, &pools)).collect())
}

async fn listed(cluster: &Cluster, kind: &str, namespace: &str) -> Result<Vec<Value>, Error> {
    let gvk = GroupVersionKind::new(names::CORE_GROUP, "v1beta1", kind);
    match cluster.list(&gvk, namespace).await {
        Ok(objects) => Ok(objects),
        Err(controllers::cluster::Error::NoKind(_)) => {
            Err(Error::new(format!("the server has no kind {kind} of {}", names::CORE_GROUP))
                .hint("Cluster API is not installed there; `windlass up` has it"))
        }
        Err(error) => Err(server::unreachable(&error)),
    }
}

fn view(cluster: &Value, pools: &[Value]) -> View {
    let text = |object: &Value, at: &str| object.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (namespace, name) = (cluster.namespace().unwrap_or_default(), cluster.name().unwrap_or_default());
    let own = |pool: &&Value| pool.namespace() == Some(namespace) && text(pool, "/spec/clusterName") == name;
    let own: Vec<&Value> = pools.iter().filter(own).collect();
    let host = text(cluster, "/spec/controlPlaneEndpoint/host");
    let port = cluster.pointer("/spec/controlPlaneEndpoint/port").and_then(Value::as_i64).unwrap_or_default();
    let conditions = cluster.pointer("/status/conditions").and_then(Value::as_array).into_iter().flatten();
    let ready = conditions.filter(|it| it["type"] == "Ready").any(|it| it["status"] == "True");
    let versions =
        own.iter().map(|pool| text(pool, "/spec/template/spec/version")).filter(|version| !version.is_empty());
    View {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        phase: text(cluster, "/status/phase"),
        ready,
        version: versions.min(),
        endpoint: (!host.is_empty()).then(|| format!("{host}:{port}")),
        pools: own
            .iter()
            .map(|pool| Pool {
                name: pool.name().unwrap_or_default().to_owned(),
                phase: text(pool, "/status/phase"),
                replicas: pool.pointer("/spec/replicas").and_then(Value::as_i64),
                ready_replicas: pool.pointer("/status/readyReplicas").and_then(Value::as_i64).unwrap_or_default(),
            })
            .collect(),
    }
}

fn list(views: &[View], format: output::Format) -> Result<Exit, Error> {
    if !output::structured(format, &views)? {
        output::data(&table(views));
    }
    Ok(Exit::Ok)
}

pub(super) fn table(views: &[View]) -> String {
    let row = |view: &View| {
        let ready: i64 = view.pools.iter().map(|pool| pool.ready_replicas).sum();
        vec![
            view.namespace.clone(),
            view.name.clone(),
            view.phase.clone(),
            if view.ready { "True" } else { "False" }.to_owned(),
            view.version.clone().unwrap_or("-".into()),
            view.pools.len().to_string(),
            ready.to_string(),
        ]
    };
    let headers = ["NAMESPACE", "CLUSTER", "PHASE", "READY", "VERSION", "POOLS", "NODES"];
    output::table(&headers, &views.iter().map(row).collect::<Vec<_>>())
}

fn get(view: &View, format: output::Format) -> Result<Exit, Error> {
    if !output::structured(format, view)? {
        let or_dash = |text: &Option<String>| text.clone().unwrap_or("-".into());
        output::data(&format!(
            "{}/{}: {}, version {}, endpoint {}\n",
            view.namespace,
            view.name,
            if view.phase.is_empty() { "no phase yet" } else { &view.phase },
            or_dash(&view.version),
            or_dash(&view.endpoint),
        ));
        let row = |pool: &Pool| {
            let wanted = pool.replicas.map_or("-".into(), |replicas| replicas.to_string());
            vec![pool.name.clone(), pool.phase.clone(), wanted, pool.ready_replicas.to_string()]
        };
        let rows: Vec<Vec<String>> = view.pools.iter().map(row).collect();
        output::data(&output::table(&["POOL", "PHASE", "REPLICAS", "READY"], &rows));
    }
    Ok(if view.ready { Exit::Ok } else { Exit::Failure })
}

/// Prints what Cluster API stored, as `clusterctl get kubeconfig` does.
async fn kubeconfig(cluster: &Cluster, name: &str, namespace: &str) -> Result<Exit, Error> {
    let secret = GroupVersionKind::new("", "v1", "Secret");
    let target = ObjectRef::new(&secret, namespace, names::kubeconfig_secret(name));
    let found = cluster.get(&target).await.map_err(|error| server::unreachable(&error))?;
    let data = found.as_ref().and_then(|secret| secret.get("data")?.get(names::KUBECONFIG_KEY)?.as_str());
    let Some(data) = data else {
        return Err(Error::new(format!("Secret {namespace}/{} has no kubeconfig", names::kubeconfig_secret(name)))
            .hint(format!(
                "it is stored when the control plane is ready: windlass why cluster/{name} -n {namespace}"
            )));
    };
    let bytes = BASE64_STANDARD.decode(data).map_err(|_| Error::new("the stored kubeconfig is not base64"))?;
    output::raw(&bytes);
    Ok(Exit::Ok)
}

fn missing(name: &str, namespace: &str) -> Error {
    Error::new(format!("there is no Cluster {namespace}/{name}")).hint("`windlass cluster list` lists all namespaces")
}
