use api::names::{GroupVersionKind, ObjectRef};
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::explain::step;

fn check(group: &str, kind: &str, object: Value, expected: Expect) {
    let target = ObjectRef::new(&GroupVersionKind::new(group, "v1", kind), "ns", "x");
    expected.assert_debug_eq(&step(&target, &object));
}

#[test]
fn an_application_blames_its_worst_resource() {
    let resource = |name: &str, health: &str| json!({"group": "keyvault.azure.com", "version": "v1", "kind": "Vault", "namespace": "ns", "name": name, "health": {"status": health}});
    let status = json!({
        "sync": {"status": "Synced"},
        "health": {"status": "Degraded"},
        "resources": [resource("a", "Progressing"), resource("b", "Degraded"), resource("c", "Healthy")],
    });
    check(
        "argoproj.io",
        "Application",
        json!({"status": status}),
        expect![[r#"
        Deeper {
            cause: Cause {
                subject: "Application/x -n ns",
                says: "Synced, Degraded",
                message: "Vault/b -n ns is Degraded",
            },
            target: ObjectRef {
                group: "keyvault.azure.com",
                version: "v1",
                kind: "Vault",
                namespace: "ns",
                name: "b",
            },
        }
    "#]],
    );
}

#[test]
fn an_azure_error_is_the_lowest_cause() {
    let ready = json!({"type": "Ready", "status": "False", "severity": "Error", "reason": "VaultAlreadyExists", "message": "taken"});
    check(
        "keyvault.azure.com",
        "Vault",
        json!({"status": {"conditions": [ready]}}),
        expect![[r#"
        Lowest {
            causes: [
                Cause {
                    subject: "Vault/x -n ns",
                    says: "Ready=False VaultAlreadyExists",
                    message: "taken",
                },
                Cause {
                    subject: "Azure Resource Manager",
                    says: "VaultAlreadyExists",
                    message: "taken",
                },
            ],
            advice: "choose a name that nobody has: spec.azureName with a suffix of yours",
        }
    "#]],
    );
}

#[test]
fn ready_and_plain_objects_blame_nobody() {
    let ready = json!({"type": "Ready", "status": "True", "reason": "Succeeded"});
    check("keyvault.azure.com", "Vault", json!({"status": {"conditions": [ready]}}), expect!["Ready\n"]);
    check("", "ConfigMap", json!({}), expect!["Ready\n"]);
}
