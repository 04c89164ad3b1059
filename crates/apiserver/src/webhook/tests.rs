use serde_json::{Value, json};

use super::{Target, Unreachable, target};

fn services(_: &str, name: &str) -> Option<Value> {
    let metadata = json!({ "namespace": "ns", "name": name });
    match name {
        "inner" => Some(json!({ "metadata": metadata, "spec": { "type": "ClusterIP" } })),
        "outer" => {
            Some(json!({ "metadata": metadata, "spec": { "type": "ExternalName", "externalName": "localhost" } }))
        }
        _ => None,
    }
}

fn find(client: Value) -> Result<Target, Unreachable> {
    target(&client, 7, services)
}

#[test]
fn a_url_is_called_as_it_is() {
    let found = find(json!({ "url": "https://hooks.example.com:8443/admit" })).expect("a target");
    assert_eq!(
        (found.host.as_str(), found.port, found.path.as_str()),
        ("hooks.example.com", 8443, "/admit?timeout=7s")
    );
    assert_eq!(find(json!({ "url": "https://[::1]/" })).map(|found| found.host), Ok("::1".into()));
    for wrong in ["http://example.com", "not a url", ""] {
        assert!(find(json!({ "url": wrong })).is_err(), "{wrong}");
    }
}

#[test]
fn a_service_is_called_where_it_points_outside() {
    let service =
        |name: &str| find(json!({ "service": { "namespace": "ns", "name": name, "path": "/x", "port": 9443 } }));
    let found = service("outer").expect("a target");
    assert_eq!((found.host.as_str(), found.port, found.name.as_str()), ("localhost", 9443, "outer.ns.svc"));
    assert!(matches!(service("inner"), Err(Unreachable::Simulated(_))));
    assert_eq!(service("none"), Err(Unreachable::Failed("service \"none\" not found".into())));
    assert!(matches!(find(json!({ "url": "https://a.b", "caBundle": "%" })), Err(Unreachable::Failed(_))));
}
