//! kube-rs as a client in the same process: typed and dynamic APIs, apply, finalizers, watcher with streaming lists.

use std::{collections::BTreeMap, time::Duration};

use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams},
    core::{ApiResource, GroupVersionKind, ObjectMeta},
    discovery::Discovery,
    runtime::{WatchStreamExt, finalizer, watcher},
};
use serde_json::json;

use crate::harness::{Server, WIDGETS, server};

fn client(server: &Server) -> Client {
    Client::new(server.router.clone(), "default")
}

fn widgets(client: Client) -> Api<DynamicObject> {
    let resource = ApiResource::from_gvk(&GroupVersionKind::gvk("demo.example.com", "v1", "Widget"));
    Api::default_namespaced_with(client, &resource)
}

fn map(name: &str) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() },
        data: Some(BTreeMap::from([("a".into(), "b".into())])),
        ..ConfigMap::default()
    }
}

#[tokio::test]
async fn typed_objects() {
    let server = server().await;
    let maps: Api<ConfigMap> = Api::default_namespaced(client(&server));
    let created = maps.create(&PostParams::default(), &map("a")).await.expect("a config map");
    assert_eq!(created.namespace().as_deref(), Some("default"));
    let mut changed = created.clone();
    changed.data = Some(BTreeMap::from([("a".into(), "c".into())]));
    let replaced = maps.replace("a", &PostParams::default(), &changed).await.expect("a replacement");
    assert_ne!(replaced.resource_version(), created.resource_version());
    let conflict = maps.replace("a", &PostParams::default(), &created).await.expect_err("stale");
    assert!(matches!(conflict, kube::Error::Api(status) if status.code == 409));
    assert_eq!(maps.list(&ListParams::default()).await.expect("a list").items.len(), 1);
    assert_eq!(maps.list_metadata(&ListParams::default()).await.expect("a list").items[0].name_any(), "a");
    maps.delete("a", &DeleteParams::default()).await.expect("deleted");
    assert!(maps.get_opt("a").await.expect("an answer").is_none());
    let namespaces: Api<Namespace> = Api::all(client(&server));
    assert_eq!(namespaces.list(&ListParams::default()).await.expect("a list").items.len(), 4);
}

#[tokio::test]
async fn dynamic_objects_and_apply() {
    let server = server().await;
    server.crd(WIDGETS).await;
    let widgets = widgets(client(&server));
    let object = json!({ "apiVersion": "demo.example.com/v1", "kind": "Widget", "metadata": { "name": "w" }, "spec": { "size": 1 } });
    let params = PatchParams::apply("test").force();
    let first = widgets.patch("w", &params, &Patch::Apply(&object)).await.expect("applied");
    let second = widgets.patch("w", &params, &Patch::Apply(&object)).await.expect("applied again");
    assert_eq!(first.resource_version(), second.resource_version());
    let status = json!({ "status": { "ready": true } });
    let patched = widgets.patch_status("w", &PatchParams::default(), &Patch::Merge(&status)).await.expect("a status");
    assert_eq!(patched.data["status"]["ready"], true);
}

#[tokio::test]
async fn the_finalizer_helper() {
    let server = server().await;
    let maps: Api<ConfigMap> = Api::default_namespaced(client(&server));
    let mut object = maps.create(&PostParams::default(), &map("a")).await.expect("a config map");
    for _ in 0..2 {
        let reconcile =
            |_event| async { Ok::<_, std::convert::Infallible>(kube::runtime::controller::Action::await_change()) };
        finalizer(&maps, "test.example.com/f", std::sync::Arc::new(object.clone()), reconcile)
            .await
            .expect("reconciled");
        object = maps.get("a").await.expect("a config map");
        assert_eq!(object.finalizers(), ["test.example.com/f"]);
        maps.delete("a", &DeleteParams::default()).await.expect("marked");
        object = maps.get("a").await.expect("held");
        let reconcile =
            |_event| async { Ok::<_, std::convert::Infallible>(kube::runtime::controller::Action::await_change()) };
        finalizer(&maps, "test.example.com/f", std::sync::Arc::new(object.clone()), reconcile)
            .await
            .expect("cleaned up");
        assert!(maps.get_opt("a").await.expect("an answer").is_none());
        object = maps.create(&PostParams::default(), &map("a")).await.expect("a config map");
    }
}

#[tokio::test(start_paused = true)]
async fn a_watcher_streams_its_list_and_follows() {
    for config in [watcher::Config::default(), watcher::Config::default().streaming_lists()] {
        let server = server().await;
        let secrets: Api<Secret> = Api::default_namespaced(client(&server));
        let secret = |name: &str| Secret {
            metadata: ObjectMeta { name: Some(name.into()), ..ObjectMeta::default() },
            ..Secret::default()
        };
        secrets.create(&PostParams::default(), &secret("a")).await.expect("a secret");
        let mut applied = Box::pin(watcher(secrets.clone(), config).applied_objects());
        let next = applied.try_next().await.expect("a stream").expect("an object");
        assert_eq!(next.name_any(), "a");
        secrets.create(&PostParams::default(), &secret("b")).await.expect("a secret");
        let waited = tokio::time::timeout(Duration::from_secs(5), applied.next()).await.expect("in time");
        assert_eq!(waited.expect("a stream").expect("an object").name_any(), "b");
    }
}

#[tokio::test]
async fn discovery_in_both_forms() {
    let server = server().await;
    server.crd(WIDGETS).await;
    for discovery in
        [Discovery::new(client(&server)).run().await, Discovery::new(client(&server)).run_aggregated().await]
    {
        let discovery = discovery.expect("discovery");
        let kind = GroupVersionKind::gvk("demo.example.com", "v1", "Widget");
        assert!(discovery.resolve_gvk(&kind).is_some());
        assert!(discovery.resolve_gvk(&GroupVersionKind::gvk("", "v1", "Secret")).is_some());
    }
}
