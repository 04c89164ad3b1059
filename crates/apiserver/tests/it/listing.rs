//! Lists: pages over one snapshot, versions, selectors, forms.

use expect_test::expect;
use serde_json::Value;
use store::Revision;

use crate::harness::{Server, ask, server};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn names(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().into_iter().flatten();
    items.map(|item| item["metadata"]["name"].as_str().unwrap_or("?").to_string()).collect()
}

async fn list(server: &Server, query: &str) -> Value {
    let line = format!("GET {MAPS}?{query}");
    server.ok(ask(&line)).await
}

#[tokio::test]
async fn pages_belong_to_one_snapshot() {
    let server = server().await;
    for name in ["a", "b", "c", "d"] {
        server.config_map(name).await;
    }
    let first = list(&server, "&limit=2").await;
    assert_eq!(first["metadata"]["remainingItemCount"], 2);
    server.config_map("bb").await;
    let line = format!("DELETE {MAPS}/c");
    server.ok(ask(&line)).await;
    let token = first["metadata"]["continue"].as_str().expect("a token");
    let second = list(&server, &format!("limit=2&continue={token}")).await;
    assert_eq!((names(&first), names(&second)), (vec!["a".into(), "b".into()], vec!["c".into(), "d".into()]));
    assert_eq!(first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]);
    assert_eq!(second["metadata"].get("continue"), None);
}

#[tokio::test]
async fn an_old_token_is_answered_with_a_fresh_one() {
    let server = server().await;
    for name in ["a", "b", "c"] {
        server.config_map(name).await;
    }
    let first = list(&server, "limit=1").await;
    let token = first["metadata"]["continue"].as_str().expect("a token").to_string();
    server.config_map("d").await;
    server.space.compact(server.space.revision());
    let line = format!("GET {MAPS}?limit=1&continue={token}");
    let (code, status) = server.json(ask(&line)).await;
    assert_eq!((code, status["reason"].as_str()), (410, Some("Expired")));
    let fresh = status["metadata"]["continue"].as_str().expect("a fresh token");
    let rest = list(&server, &format!("continue={fresh}")).await;
    assert_eq!(names(&rest), ["b", "c", "d"]);
}

#[tokio::test]
async fn versions_are_honoured() {
    let server = server().await;
    let a = server.config_map("a").await;
    server.config_map("b").await;
    let version = a["metadata"]["resourceVersion"].as_str().expect("a version");
    assert_eq!(names(&list(&server, &format!("resourceVersion={version}&resourceVersionMatch=Exact")).await), ["a"]);
    assert_eq!(names(&list(&server, &format!("resourceVersion={version}")).await), ["a", "b"]);
    assert_eq!(names(&list(&server, "resourceVersion=0").await), ["a", "b"]);
    let line = format!("GET {MAPS}?resourceVersion=99999");
    expect!["504 Timeout: Timeout: Too large resource version: 99999, current: (now)"]
        .assert_eq(&server.refusal(ask(&line)).await);
    server.space.compact(Revision(server.space.revision().0));
    let line = format!("GET {MAPS}?resourceVersion={version}&resourceVersionMatch=Exact");
    assert_eq!(server.json(ask(&line)).await.0, 410);
}

#[tokio::test]
async fn selectors_choose() {
    let server = server().await;
    for name in ["a", "b", "ab"] {
        server.config_map(name).await;
    }
    let mut out = String::new();
    for query in [
        "labelSelector=n%3Da",
        "labelSelector=n+in+(a,b)",
        "labelSelector=n!%3Da&limit=1",
        "fieldSelector=metadata.name%3Da",
        "fieldSelector=metadata.name%3Da&limit=500&resourceVersion=0",
        "fieldSelector=metadata.namespace%3Dother",
    ] {
        out += &format!("{query}: {:?}\n", names(&list(&server, query).await));
    }
    for query in ["fieldSelector=data.x%3Da", "labelSelector=%3D%3D", "continue=x"] {
        let line = format!("GET {MAPS}?{query}");
        out += &format!("{query}: {}\n", server.refusal(ask(&line)).await);
    }
    expect![[r#"
        labelSelector=n%3Da: ["a"]
        labelSelector=n+in+(a,b): ["a", "b"]
        labelSelector=n!%3Da&limit=1: ["ab"]
        fieldSelector=metadata.name%3Da: ["a"]
        fieldSelector=metadata.name%3Da&limit=500&resourceVersion=0: ["a"]
        fieldSelector=metadata.namespace%3Dother: []
        fieldSelector=data.x%3Da: 400 BadRequest: "data.x" is not a known field selector: only "metadata.name", "metadata.namespace"
        labelSelector=%3D%3D: 400 BadRequest: found '==', expected: !, identifier, or 'end of string'
        continue=x: 400 BadRequest: continue key is not valid: encoded start resource version is invalid
    "#]].assert_eq(&out);
}

#[tokio::test]
async fn metadata_alone_can_be_listed() {
    let server = server().await;
    server.config_map("a").await;
    let line = format!("GET {MAPS}");
    let accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    let list = server.ok(ask(&line).accept(accept)).await;
    assert_eq!(
        (&list["kind"], &list["items"][0]["kind"]),
        (&"PartialObjectMetadataList".into(), &"PartialObjectMetadata".into())
    );
    let line = format!("GET {MAPS}/a");
    let accept = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    let one = server.ok(ask(&line).accept(accept)).await;
    assert_eq!((&one["kind"], &one["metadata"]["name"]), (&"PartialObjectMetadata".into(), &"a".into()));
}

#[tokio::test]
async fn a_collection_is_deleted_by_selection() {
    let server = server().await;
    for name in ["a", "b", "c"] {
        server.config_map(name).await;
    }
    let line = format!("DELETE {MAPS}?labelSelector=n+in+(a,b)");
    let deleted = server.ok(ask(&line)).await;
    assert_eq!((names(&deleted), &deleted["kind"]), (vec!["a".into(), "b".into()], &"ConfigMapList".into()));
    assert_eq!(names(&list(&server, "").await), ["c"]);
}
