//! Versions of Kubernetes that AKS does not offer any more.

use std::collections::BTreeMap;

use api::names::{GroupVersionKind, ObjectRef};
use expect_test::expect;
use serde_json::{Value, json};

use super::findings::of_versions;

fn cluster(version: &str, plan: &str) -> BTreeMap<ObjectRef, Value> {
    let gvk = GroupVersionKind::new("containerservice.azure.com", "v1api20231001", "ManagedCluster");
    let object = json!({"spec": {"kubernetesVersion": version, "supportPlan": plan}});
    BTreeMap::from_iter([(ObjectRef::new(&gvk, "default", "dev"), object)])
}

#[test]
fn a_version_that_is_no_longer_offered() {
    let check = |version: &str, plan: &str, now: &str| -> String {
        let findings = of_versions(&cluster(version, plan), now.parse().expect("a timestamp"));
        findings.iter().map(|finding| format!("{}\n{}\n", finding.message, finding.fix)).collect()
    };
    assert_eq!(check("1.30.10", "KubernetesOfficial", "2025-04-15T00:00:00Z"), "");
    assert_eq!(check("1.30.10", "AKSLongTermSupport", "2025-12-01T00:00:00Z"), "");
    expect![[r#"
        on 2025-12-01 AKS offers 1.30.10 for long-term support only (tier Premium, supportPlan AKSLongTermSupport): a cluster of that version cannot be made, one that exists keeps it
        use a version that is offered: 1.32.10, 1.33.6, 1.34.1
    "#]].assert_eq(&check("1.30.10", "KubernetesOfficial", "2025-12-01T00:00:00Z"));
    expect![[r#"
        on 2026-11-23 AKS does not offer 1.30.10: a cluster of that version cannot be made, one that exists keeps it
        use a version that is offered: 1.34.9, 1.35.7, 1.36.3
    "#]]
    .assert_eq(&check("1.30.10", "KubernetesOfficial", "2026-11-23T00:00:00Z"));
}
