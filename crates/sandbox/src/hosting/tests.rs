//! Clusters come, change, stop and go; who may come in; what is left behind.

use std::collections::BTreeMap;

use api::ObjectExt;
use controllers::cluster::Remotes;
use store::Memory;
use testkit::{FixedClock, SeededEntropy};
use tower::ServiceExt;
use twin::{ClusterHost, HostedPool};

use super::*;

const HOST: &str = "dev-1.hcp.eastus.azmk8s.io";

fn hosting(store: Arc<dyn Store>) -> Hosting {
    Hosting::new(Config {
        store,
        clock: Arc::new(FixedClock::at("2025-05-01T00:00:00Z")),
        entropy: Arc::new(SeededEntropy::new(1)),
        secret: Redacted::new([7; 32]),
        address: None,
        limits: apiserver::Limits::default(),
        webhooks: None,
    })
}

fn pool(name: &str, count: u32) -> HostedPool {
    HostedPool {
        name: name.into(),
        mode: "System".into(),
        count,
        vm_size: "Standard_DS2_v2".into(),
        os_type: "Linux".into(),
        os_sku: "AzureLinux".into(),
        kubernetes_version: "1.30.10".into(),
        labels: BTreeMap::from([("team".into(), "a".into())]),
        taints: vec!["dedicated=x:NoSchedule".into()],
        zones: Vec::new(),
        running: true,
        max_pods: 110,
    }
}

fn cluster(pools: Vec<HostedPool>) -> HostedCluster {
    HostedCluster {
        id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/dev".into(),
        fqdn: HOST.into(),
        kubernetes_version: "1.30.10".into(),
        location: "eastus".into(),
        node_resource_group: "MC_g_dev_eastus".into(),
        running: true,
        oidc_issuer: None,
        pools,
    }
}

/// Runs the body beside the hosting, in virtual time.
fn beside<F: Future<Output = ()>>(hosting: &Hosting, body: F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        tokio::select! {
            biased;
            () = hosting.run() => unreachable!(),
            () = body => {}
        }
    });
}

async fn connect(hosting: &Hosting, role: CredentialRole) -> controllers::cluster::Cluster {
    let kubeconfig = hosting.kubeconfig(&cluster(Vec::new()), role).await.unwrap();
    hosting.connect(&kubeconfig).await.unwrap()
}

async fn names(hosting: &Hosting) -> Result<Vec<String>, String> {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let client = connect(hosting, CredentialRole::Admin).await;
    let nodes = client.list(&api::names::GroupVersionKind::new("", "v1", "Node"), "").await;
    let nodes = nodes.map_err(|error| error.message())?;
    Ok(nodes.iter().filter_map(|node| Some(node.name()?.to_owned())).collect())
}

#[test]
fn nodes_follow_the_pools() {
    let hosting = hosting(Memory::new());
    beside(&hosting, async {
        hosting.desired(vec![cluster(vec![pool("a", 2), pool("b", 1)])]);
        let first = names(&hosting).await.unwrap();
        assert_eq!(first.len(), 3, "{first:?}");
        assert!(first[0].starts_with("aks-a-") && first[0].ends_with("-vmss000000"), "{first:?}");
        hosting.desired(vec![cluster(vec![pool("a", 40)])]);
        let more = names(&hosting).await.unwrap();
        assert_eq!(more.len(), 40);
        assert!(more.contains(&first[0]), "those that stay are the same");
        assert!(more.iter().any(|name| name.ends_with("vmss000013")), "numbers are in base 36");
        let mut upgraded = cluster(vec![pool("a", 1)]);
        upgraded.pools[0].kubernetes_version = "1.31.1".into();
        hosting.desired(vec![upgraded.clone()]);
        assert_eq!(names(&hosting).await.unwrap(), [first[0].clone()]);
        let server = hosting.server(HOST).unwrap();
        let nodes = server.api.objects().resource("", "v1", "nodes").unwrap();
        let node = server.api.objects().get(&nodes, "", &first[0]).unwrap();
        assert_eq!(node["status"]["nodeInfo"]["kubeletVersion"], "v1.31.1");
        assert_eq!(node["metadata"]["labels"]["team"], "a");
        assert_eq!(node["spec"]["taints"][0]["effect"], "NoSchedule");
        let revision = server.api.objects().space().revision();
        // Another cluster, with the same nodes.
        upgraded.pools[0].max_pods += 1;
        hosting.desired(vec![upgraded]);
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        assert_eq!(server.api.objects().space().revision(), revision, "nothing is written when nothing changed");
    });
}

#[test]
fn a_stopped_cluster_does_not_answer_and_comes_back_with_what_it_held() {
    let hosting = hosting(Memory::new());
    beside(&hosting, async {
        hosting.desired(vec![cluster(vec![pool("a", 1)])]);
        names(&hosting).await.unwrap();
        let client = connect(&hosting, CredentialRole::User).await;
        let namespace = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kept"}});
        crate::install::apply(&client, namespace).await.unwrap();
        hosting.desired(vec![HostedCluster { running: false, ..cluster(vec![pool("a", 1)]) }]);
        let refused = names(&hosting).await.unwrap_err();
        assert!(refused.contains("does not run"), "{refused}");
        hosting.desired(vec![cluster(vec![pool("a", 1)])]);
        assert_eq!(names(&hosting).await.unwrap().len(), 1);
        let kept = api::names::ObjectRef {
            group: String::new(),
            version: "v1".into(),
            kind: "Namespace".into(),
            namespace: String::new(),
            name: "kept".into(),
        };
        assert!(client.get(&kept).await.unwrap().is_some());
    });
}

#[test]
fn a_deleted_cluster_leaves_nothing_even_when_its_name_comes_back() {
    let store: Arc<dyn Store> = Memory::new();
    let first = hosting(store.clone());
    beside(&first, async {
        first.desired(vec![cluster(vec![pool("a", 3)])]);
        assert_eq!(names(&first).await.unwrap().len(), 3);
        first.desired(Vec::new());
        first.desired(vec![cluster(Vec::new())]);
        assert_eq!(names(&first).await.unwrap(), Vec::<String>::new());
        first.desired(vec![cluster(vec![pool("a", 3)])]);
        names(&first).await.unwrap();
    });
    // Deleted while the process was not there.
    let second = hosting(store.clone());
    second.desired(Vec::new());
    beside(&second, async {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let left = store.space(&format!("hosted/{HOST}")).unwrap().list("", None, None, 0).unwrap();
        assert_eq!(left.items.len(), 0);
        let refused = second.connect(&second.admin_kubeconfig(&cluster(Vec::new()))).await.unwrap_err();
        assert!(refused.message().contains("is no cluster of this process"), "{}", refused.message());
    });
}

#[test]
fn only_its_own_tokens_open_a_cluster() {
    let hosting = hosting(Memory::new());
    let other = HostedCluster { fqdn: "other.hcp.eastus.azmk8s.io".into(), ..cluster(Vec::new()) };
    beside(&hosting, async {
        hosting.desired(vec![cluster(Vec::new()), other.clone()]);
        let strange = hosting.admin_kubeconfig(&other).reveal().replace(&other.fqdn, HOST);
        let refused = hosting.connect(&Redacted::new(strange)).await.unwrap_err();
        assert!(refused.message().contains("token is not one of"), "{}", refused.message());
        for broken in ["", "a: b", "{\"current-context\": \"x\"}"] {
            let refused = hosting.connect(&Redacted::new(broken.into())).await.unwrap_err();
            assert!(refused.message().contains("kubeconfig"), "{}", refused.message());
        }
    });
}

#[test]
fn a_cluster_names_its_documents_by_where_it_is_found() {
    let hosting = hosting(Memory::new());
    beside(&hosting, async {
        hosting.desired(vec![cluster(Vec::new())]);
        names(&hosting).await.unwrap();
        let get = async |path: String| {
            let token = hosting.token(HOST, CredentialRole::Admin);
            let request = http::Request::get(path).header("authorization", format!("Bearer {}", token.reveal()));
            let response = hosting.router().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
            let status = response.status().as_u16();
            let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
            (status, serde_json::from_slice::<serde_json::Value>(&body).unwrap())
        };
        let (_, index) = get(format!("/clusters/{HOST}/openapi/v3")).await;
        let url = index["paths"]["apis/apps/v1"]["serverRelativeURL"].as_str().unwrap();
        assert!(url.starts_with(&format!("/clusters/{HOST}/openapi/v3/apis/apps/v1?hash=")), "{url}");
        // As kubectl 1.27.1 asks: as it stands.
        let (status, document) = get(url.to_owned()).await;
        assert_eq!((status, &document["openapi"]), (200, &"3.0.0".into()));
    });
}

#[test]
fn a_kubeconfig_is_named_as_azure_names_it() {
    let hosting = hosting(Memory::new());
    let text = hosting.admin_kubeconfig(&cluster(Vec::new()));
    let config: serde_json::Value = serde_json::from_str(text.reveal()).unwrap();
    assert_eq!(config["current-context"], "dev-admin");
    assert_eq!(config["users"][0]["name"], "clusterAdmin_g_dev");
    assert_eq!(config["clusters"][0]["cluster"]["server"], format!("https://{HOST}:443"));
    let address = Address { url: "https://127.0.0.1:6440".into(), authority: "PEM".into() };
    let token = Redacted::new("t".into());
    let text = kubeconfig::render(&cluster(Vec::new()), CredentialRole::User, &token, Some(&address));
    assert_eq!(kubeconfig::read(text.reveal()).unwrap().0, HOST, "the path names the cluster");
}

fn of(group: &str, kind: &str, name: &str) -> api::names::ObjectRef {
    let gvk = api::names::GroupVersionKind::new(group, "v1", kind);
    api::names::ObjectRef::new(&gvk, "default", name)
}

#[test]
fn what_is_deployed_runs_and_is_silent_then() {
    let store = Memory::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let clock = runtime
        .block_on(async { crate::virtual_time::VirtualClock::starting_at("2025-05-01T00:00:00Z".parse().unwrap()) });
    let mut config = Arc::into_inner(hosting(store).0).unwrap().config;
    config.clock = Arc::new(clock);
    let hosting = Hosting::new(config);
    let body = async {
        let mut pools = vec![pool("a", 2)];
        pools[0].taints.clear();
        hosting.desired(vec![cluster(pools)]);
        names(&hosting).await.unwrap();
        let client = connect(&hosting, CredentialRole::Admin).await;
        deploy(&client).await;
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
        let deployment = client.get(&of("apps", "Deployment", "web")).await.unwrap().unwrap();
        assert_eq!(deployment["status"]["availableReplicas"], 3, "{deployment:#}");
        assert_eq!(client.get(&of("batch", "Job", "once")).await.unwrap().unwrap()["status"]["succeeded"], 1);
        let pods = client.list(&api::names::GroupVersionKind::new("", "v1", "Pod"), "default").await.unwrap();
        assert_eq!(pods.len(), 4);
        for pod in &pods {
            assert_eq!(pod.annotation(workloads::names::SIMULATED), Some("no container of this pod runs"));
        }
        let server = hosting.server(HOST).unwrap();
        let revision = server.api.objects().space().revision();
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
        assert_eq!(server.api.objects().space().revision(), revision, "nothing is written when nothing changed");
    };
    runtime.block_on(async {
        tokio::select! {
            biased;
            () = hosting.run() => unreachable!(),
            () = body => {}
        }
    });
}

async fn deploy(client: &controllers::cluster::Cluster) {
    let template = |restart: &str| {
        serde_json::json!({
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "nginx"}], "restartPolicy": restart},
        })
    };
    let deployment = serde_json::json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template("Always")},
    });
    let job = serde_json::json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "once", "namespace": "default"},
        "spec": {"template": template("Never")},
    });
    for object in [deployment, job] {
        crate::install::apply(client, object).await.unwrap();
    }
}
