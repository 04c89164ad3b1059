//! Records written and read again, and one that Helm itself wrote.

use expect_test::expect;
use gotemplate::Dialect;
use serde_json::json;

use super::*;
use crate::testing::{Still, given, load};

const FILES: &[(&str, &str)] = &[
    ("values.yaml", "size: 3\n"),
    ("templates/a.yaml", "kind: ConfigMap\nmetadata: {name: a}\ndata: {size: \"{{ .Values.size }}\"}\n"),
    (
        "templates/hook.yaml",
        "kind: Job\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: \"-5\"}}\n",
    ),
    ("templates/NOTES.txt", "Thank you, {{ .Release.Name }}."),
];

fn record() -> Record {
    let chart = load(FILES, Dialect::Helm4).unwrap();
    let release = Release { name: "r".to_owned(), namespace: "apps".to_owned(), ..Release::default() };
    let rendered = crate::render(&chart, &given("size=5"), &release, &Still, &Still).unwrap();
    Record::of(&chart, &given("size=5"), &release, &rendered, "2026-11-22T22:00:00Z").unwrap()
}

#[test]
fn as_helm_stores_it() {
    let mut json = record().to_json();
    json["chart"]["templates"] = json!("left out here");
    expect![[r#"
        {
          "apply_method": "ssa",
          "chart": {
            "files": [],
            "lock": null,
            "metadata": {
              "apiVersion": "v2",
              "name": "demo",
              "version": "0.1.0"
            },
            "schema": null,
            "templates": "left out here",
            "values": {
              "size": 3
            }
          },
          "config": {
            "size": 5
          },
          "hooks": [
            {
              "events": [
                "pre-install"
              ],
              "kind": "Job",
              "last_run": {
                "phase": ""
              },
              "manifest": "kind: Job\nmetadata: {name: h, annotations: {helm.sh/hook: pre-install, helm.sh/hook-weight: \"-5\"}}",
              "name": "h",
              "path": "demo/templates/hook.yaml",
              "weight": -5
            }
          ],
          "info": {
            "description": "Install complete",
            "first_deployed": "2026-11-22T22:00:00Z",
            "last_deployed": "2026-11-22T22:00:00Z",
            "notes": "Thank you, r.",
            "status": "deployed"
          },
          "manifest": "---\n# Source: demo/templates/a.yaml\nkind: ConfigMap\nmetadata: {name: a}\ndata: {size: \"5\"}\n",
          "name": "r",
          "namespace": "apps",
          "version": 1
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&json).unwrap());
}

#[test]
fn a_secret_and_back() {
    let mut written = record();
    written.labels.insert("team".to_owned(), "web".to_owned());
    let secret = written.to_secret(1_795_000_000);
    expect![[r#"{"createdAt":"1795000000","name":"r","owner":"helm","status":"deployed","team":"web","version":"1"}"#]]
        .assert_eq(&secret["metadata"]["labels"].to_string());
    assert_eq!(secret["metadata"]["name"], "sh.helm.release.v1.r.v1");
    assert_eq!(Record::from_secret(&secret).unwrap(), written);
}

#[test]
fn other_secrets_and_damage_are_refused_by_name() {
    let secret = json!({"metadata": {"name": "x"}, "type": "Opaque", "data": {"release": ""}});
    let error = Record::from_secret(&secret).unwrap_err();
    assert_eq!(error.to_string(), "the Secret x is no Helm release: its type is not helm.sh/release.v1");
    let secret = json!({"metadata": {"name": "x"}, "type": TYPE, "data": {}});
    let error = Record::from_secret(&secret).unwrap_err();
    assert_eq!(error.to_string(), "the Secret x is no Helm release: it has no data called release");
    assert!(matches!(Record::decode(b"H4sIAAAA"), Err(Error::Damaged(_))));
    assert!(matches!(Record::decode(b"!"), Err(Error::Damaged(_))));
}

#[test]
fn old_records_are_not_packed() {
    let plain = BASE64_STANDARD.encode(r#"{"name":"old","version":2,"info":{"status":"failed"}}"#);
    let record = Record::decode(plain.as_bytes()).unwrap();
    assert_eq!((record.secret_name(), record.status), ("sh.helm.release.v1.old.v2".to_owned(), "failed".to_owned()));
}
