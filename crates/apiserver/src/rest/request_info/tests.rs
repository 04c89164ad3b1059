use expect_test::{Expect, expect};

use super::*;

fn check(requests: &[(&str, &str)], expect: Expect) {
    let mut out = String::new();
    for (method, uri) in requests {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let info = RequestInfo::new(&method, path, query);
        out += &format!(
            "{method} {uri}\n  {} group={:?} version={:?} ns={:?} resource={:?}/{:?} name={:?}{}\n",
            info.verb,
            info.group,
            info.version,
            info.namespace,
            info.resource,
            info.subresource,
            info.name,
            if info.is_resource { "" } else { " (no resource)" }
        );
    }
    expect.assert_eq(&out);
}

#[test]
fn requests_are_read_as_upstream_reads_them() {
    check(
        &[
            ("GET", "/api/v1/namespaces?limit=500"),
            ("GET", "/api/v1/namespaces/a"),
            ("PUT", "/api/v1/namespaces/a/finalize"),
            ("PATCH", "/api/v1/namespaces/a/status"),
            ("GET", "/api/v1/namespaces/a/secrets/b"),
            ("POST", "/api/v1/namespaces/a/serviceaccounts/b/token"),
            ("DELETE", "/apis/x.io/v1/things?labelSelector=a"),
            ("DELETE", "/apis/x.io/v1/namespaces/a/things/b"),
            ("GET", "/apis/x.io/v1/namespaces/a/things?watch=1&fieldSelector=metadata.name%3Db"),
            ("GET", "/apis/x.io/v1"),
            ("GET", "/version"),
        ],
        expect![[r#"
            GET /api/v1/namespaces?limit=500
              list group="" version="v1" ns="" resource="namespaces"/"" name=""
            GET /api/v1/namespaces/a
              get group="" version="v1" ns="a" resource="namespaces"/"" name="a"
            PUT /api/v1/namespaces/a/finalize
              update group="" version="v1" ns="a" resource="namespaces"/"finalize" name="a"
            PATCH /api/v1/namespaces/a/status
              patch group="" version="v1" ns="a" resource="namespaces"/"status" name="a"
            GET /api/v1/namespaces/a/secrets/b
              get group="" version="v1" ns="a" resource="secrets"/"" name="b"
            POST /api/v1/namespaces/a/serviceaccounts/b/token
              create group="" version="v1" ns="a" resource="serviceaccounts"/"token" name="b"
            DELETE /apis/x.io/v1/things?labelSelector=a
              deletecollection group="x.io" version="v1" ns="" resource="things"/"" name=""
            DELETE /apis/x.io/v1/namespaces/a/things/b
              delete group="x.io" version="v1" ns="a" resource="things"/"" name="b"
            GET /apis/x.io/v1/namespaces/a/things?watch=1&fieldSelector=metadata.name%3Db
              watch group="x.io" version="v1" ns="a" resource="things"/"" name="b"
            GET /apis/x.io/v1
              get group="" version="" ns="" resource=""/"" name="" (no resource)
            GET /version
              get group="" version="" ns="" resource=""/"" name="" (no resource)
        "#]],
    );
}
