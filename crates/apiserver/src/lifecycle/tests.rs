use api::Class;
use expect_test::{Expect, expect};
use serde_json::json;
use tokio::time::{Duration, Instant};

use super::{
    collect::{Dependent, Observed, State, decide},
    definition,
    graph::{Graph, Node, Owner},
    namespace,
    queue::{Queue, Work},
};

fn node(name: &str, owners: &[&str]) -> Node {
    let owner = |uid: &&str| Owner { uid: (*uid).into(), block_owner_deletion: Some(true), ..Owner::default() };
    Node { name: name.into(), uid: name.into(), owners: owners.iter().map(owner).collect(), ..Node::default() }
}

fn held(mut node: Node, finalizers: &[&str]) -> Node {
    node.is_deleting = true;
    with(&mut node, finalizers);
    node
}

fn with(node: &mut Node, finalizers: &[&str]) {
    node.finalizers = finalizers.iter().map(|finalizer| finalizer.to_string()).collect();
}

fn check(object: Node, owners: &[State], dependents: &[Node], expected: Expect) {
    let dependent = |node: &Node| Dependent::new(&node.name, node, &object.uid);
    let dependents = dependents.iter().map(dependent).collect();
    let actions = decide(&Observed { object, owners: owners.to_vec(), dependents });
    expected.assert_eq(&format!("{actions:?}"));
}

#[test]
fn an_object_goes_with_its_last_owner() {
    use State::{Absent, Solid, Unknown, Waiting};
    check(node("x", &[]), &[], &[], expect!["[]"]);
    check(node("x", &["a"]), &[Solid], &[], expect!["[]"]);
    check(node("x", &["a"]), &[Absent], &[], expect!["[Delete(Background)]"]);
    check(node("x", &["a", "b"]), &[Absent, Absent], &[], expect!["[Delete(Background)]"]);
    check(node("x", &["a", "b"]), &[Absent, Unknown], &[], expect!["[]"]);
    check(node("x", &["a", "b"]), &[Absent, Solid], &[], expect![[r#"[ForgetOwners(["a"])]"#]]);
    check(node("x", &["a", "b"]), &[Solid, Waiting], &[], expect![[r#"[ForgetOwners(["b"])]"#]]);
    check(held(node("x", &["a"]), &["hold"]), &[Absent], &[], expect!["[]"]);
}

#[test]
fn the_policy_of_a_delete_follows_the_finalizers_and_the_owner() {
    let mut orphan = node("x", &["a"]);
    with(&mut orphan, &["orphan"]);
    check(orphan, &[State::Absent], &[], expect!["[Delete(Orphan)]"]);
    let mut foreground = node("x", &["a"]);
    with(&mut foreground, &["foregroundDeletion"]);
    check(foreground, &[State::Absent], &[], expect!["[Delete(Foreground)]"]);
    check(node("x", &["a"]), &[State::Waiting], &[], expect!["[Delete(Background)]"]);
    check(node("x", &["a"]), &[State::Waiting], &[node("y", &["x"])], expect!["[Delete(Foreground)]"]);
    // a waits for x, x would wait for y, y waits for x.
    let circle = held(node("y", &["x"]), &["foregroundDeletion"]);
    check(node("x", &["a"]), &[State::Waiting], &[circle], expect!["[Unblock, Delete(Foreground)]"]);
}

#[test]
fn an_owner_goes_after_those_that_block_it_and_orphans_first() {
    let waiting = || held(node("a", &[]), &["foregroundDeletion"]);
    check(waiting(), &[], &[node("x", &["a"])], expect!["[]"]);
    let mut free = node("x", &["a"]);
    free.owners[0].block_owner_deletion = None;
    check(waiting(), &[], &[free], expect![[r#"[RemoveFinalizer("foregroundDeletion")]"#]]);
    check(waiting(), &[], &[], expect![[r#"[RemoveFinalizer("foregroundDeletion")]"#]]);
    let orphaning = held(node("a", &[]), &["orphan"]);
    check(
        orphaning,
        &[],
        &[node("x", &["a"]), node("y", &["a"])],
        expect![[r#"[Orphan("x"), Orphan("y"), RemoveFinalizer("orphan")]"#]],
    );
}

#[test]
fn the_graph_follows_every_change() {
    let mut graph = Graph::default();
    let owners = json!([{"uid": "a", "name": "a"}]);
    let object =
        json!({"metadata": {"uid": "x", "ownerReferences": owners, "creationTimestamp": null, "finalizers": null}});
    let key = "/registry//configmaps/n/x";
    graph.set(key, Node::parse(key, object.to_string().as_bytes()));
    assert_eq!(graph.dependents("a").count(), 1);
    assert_eq!((graph.contents("n").count(), graph.key_of("x")), (1, Some(key)));
    assert_eq!(graph.below("/registry//configmaps/").count(), 1);
    assert_eq!(graph.below("/registry//config/").count(), 0);
    // Made anew under the same name, with other owners.
    let other = Node { uid: "x2".into(), ..Node::parse(key, br#"{"metadata":{}}"#).expect("a node") };
    assert_eq!(graph.set(key, Some(other)).expect("the old one").uid, "x");
    assert_eq!((graph.dependents("a").count(), graph.key_of("x"), graph.key_of("x2")), (0, None, Some(key)));
    graph.set(key, None);
    assert_eq!((graph.contents("n").count(), graph.iter().count()), (0, 0));
    assert_eq!(Node::parse("/elsewhere", b"{}"), None);
    assert_eq!(Node::parse(key, b"not JSON"), None);
}

#[test]
fn a_namespace_without_our_finalizer_is_not_ours() {
    let content = node("x", &[]);
    let namespace = |deleted: bool, finalizers: &[&str]| {
        let mut namespace = json!({"metadata": {"name": "n"}, "spec": {"finalizers": finalizers}});
        if deleted {
            namespace["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        namespace
    };
    let decide =
        |namespace, contents: &[(&str, &Node)]| namespace::decide(&namespace, contents, "2026-01-01T00:00:00Z");
    assert_eq!(decide(namespace(false, &["kubernetes"]), &[("k", &content)]), namespace::Decision::Nothing);
    assert_eq!(decide(namespace(true, &["other"]), &[("k", &content)]), namespace::Decision::Nothing);
    assert_eq!(
        decide(namespace(true, &["kubernetes"]), &[("k", &content)]),
        namespace::Decision::Delete(vec!["k".into()])
    );
    assert_eq!(decide(namespace(true, &["kubernetes"]), &[]), namespace::Decision::Finalize);
    let secret = Node { plural: "secrets".into(), group: String::new(), ..content.clone() };
    let beside = |content| decide(namespace(true, &["kubernetes"]), &[("k", content), ("s", &secret)]);
    assert_eq!(beside(&content), namespace::Decision::Delete(vec!["k".into()]), "secrets go last");
    let stuck = held(content.clone(), &["f"]);
    assert!(matches!(beside(&stuck), namespace::Decision::Wait(_)), "and wait for the others");
    assert_eq!(beside(&secret), namespace::Decision::Delete(vec!["k".into(), "s".into()]));
    let waiting = held(content, &["f"]);
    let mut terminating = namespace(true, &["kubernetes"]);
    let namespace::Decision::Wait(conditions) = decide(terminating.clone(), &[("k", &waiting)]) else {
        panic!("waits")
    };
    terminating["status"] = json!({"conditions": conditions});
    assert_eq!(decide(terminating, &[("k", &waiting)]), namespace::Decision::Nothing, "said once");
}

#[test]
fn a_definition_waits_for_its_instances() {
    let finalizer = "customresourcecleanup.apiextensions.k8s.io";
    let metadata = json!({"name": "w.g", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": [finalizer]});
    let live = node("x", &[]);
    let decide = |instances: &[(&str, &Node)]| {
        definition::decide(&json!({"metadata": metadata}), instances, "2026-01-01T00:00:00Z")
    };
    assert_eq!(decide(&[("k", &live)]), definition::Decision::Delete(vec!["k".into()]));
    assert!(matches!(decide(&[("k", &held(live, &["f"]))]), definition::Decision::Wait(_)));
    assert_eq!(decide(&[]), definition::Decision::RemoveFinalizer);
    assert_eq!(definition::resource_of("w.g.example.com"), Some(("g.example.com", "w")));
}

#[tokio::test(start_paused = true)]
async fn failures_come_back_after_growing_pauses() {
    let mut queue = Queue::default();
    let work = Work::Namespace("n".into());
    queue.add(work.clone());
    queue.add(work.clone());
    let mut pauses = Vec::new();
    for _ in 0..14 {
        let now = queue.next_at().unwrap_or_else(Instant::now);
        assert_eq!(queue.take(8, now), std::slice::from_ref(&work));
        assert_eq!(queue.take(8, now), [], "not twice at the same time");
        queue.failed(work.clone(), Class::Transient, now);
        pauses.push((queue.next_at().expect("a time") - now).as_millis());
    }
    expect!["[20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240, 20480, 40960, 60000, 60000]"]
        .assert_eq(&format!("{pauses:?}"));
    let now = queue.next_at().expect("a time");
    queue.take(8, now);
    queue.done(&work);
    assert_eq!((queue.next_at(), queue.take(8, now + Duration::from_secs(3600))), (None, vec![]));
}
