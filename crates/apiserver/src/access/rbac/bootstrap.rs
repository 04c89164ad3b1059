//! The roles and bindings that every cluster has from its first start, as upstream's bootstrap policy names them. What is
//! there already is left alone: whoever changed a default role meant it. Roles of components that this server does not have
//! (scheduler, kubelet, CSR signers) are not made. Data only.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{GROUP, aggregate};
use crate::access::identity::{AUTHENTICATED, MASTERS, UNAUTHENTICATED};

const READ: &str = "get list watch";
const WRITE: &str = "create delete deletecollection patch update";
const READ_WRITE: &str = "create delete deletecollection get list patch update watch";

/// A rule on resources: groups (`core` is the empty one), resources and verbs, each a list with spaces.
type Grant = (&'static str, &'static str, &'static str);

/// What `view` grants.
const VIEW: &[Grant] = &[
    (
        "core",
        "configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers \
         replicationcontrollers/scale serviceaccounts services services/status",
        READ,
    ),
    (
        "core",
        "bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status \
         resourcequotas resourcequotas/status",
        READ,
    ),
    ("core", "namespaces", READ),
    ("discovery.k8s.io", "endpointslices", READ),
    (
        "apps",
        "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status \
         replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
        READ,
    ),
    ("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", READ),
    ("batch", "cronjobs cronjobs/status jobs jobs/status", READ),
    (
        "extensions",
        "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status \
         networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
        READ,
    ),
    ("policy", "poddisruptionbudgets poddisruptionbudgets/status", READ),
    ("networking.k8s.io", "ingresses ingresses/status networkpolicies", READ),
];

/// What `edit` grants beyond `view`.
const EDIT: &[Grant] = &[
    ("core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", READ),
    ("core", "serviceaccounts", "impersonate"),
    ("core", "pods pods/attach pods/exec pods/portforward pods/proxy", WRITE),
    ("core", "pods/eviction", "create"),
    (
        "core",
        "configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets \
         serviceaccounts services services/proxy",
        WRITE,
    ),
    ("core", "serviceaccounts/token", "create"),
    (
        "apps",
        "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets \
         statefulsets/scale",
        WRITE,
    ),
    ("autoscaling", "horizontalpodautoscalers", WRITE),
    ("batch", "cronjobs jobs", WRITE),
    (
        "extensions",
        "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets \
         replicasets/scale replicationcontrollers/scale",
        WRITE,
    ),
    ("policy", "poddisruptionbudgets", WRITE),
    ("networking.k8s.io", "ingresses networkpolicies", WRITE),
    ("coordination.k8s.io", "leases", READ_WRITE),
];

/// What `admin` grants beyond `edit`.
const ADMIN: &[Grant] = &[
    ("authorization.k8s.io", "localsubjectaccessreviews", "create"),
    ("rbac.authorization.k8s.io", "rolebindings roles", READ_WRITE),
];

/// Roles on resources that nothing is aggregated into.
const PLAIN: &[(&str, &[Grant])] = &[
    (
        "system:auth-delegator",
        &[
            ("authentication.k8s.io", "tokenreviews", "create"),
            ("authorization.k8s.io", "subjectaccessreviews", "create"),
        ],
    ),
    (
        "system:basic-user",
        &[
            ("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews", "create"),
            ("authentication.k8s.io", "selfsubjectreviews", "create"),
        ],
    ),
];

/// Roles on paths, all of them for `get`.
const PATHS: &[(&str, &str)] = &[
    ("system:discovery", "/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/"),
    ("system:monitoring", "/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*"),
    ("system:public-info-viewer", "/healthz /livez /readyz /version /version/"),
    (
        "system:service-account-issuer-discovery",
        "/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/",
    ),
];

/// Aggregated roles, the label that others carry to be part of them, and the role that they are themselves part of.
const AGGREGATED: &[(&str, Option<&str>)] = &[("admin", None), ("edit", Some("admin")), ("view", Some("edit"))];

/// Role to groups.
const BINDINGS: &[(&str, &[&str])] = &[
    ("cluster-admin", &[MASTERS]),
    ("system:basic-user", &[AUTHENTICATED]),
    ("system:discovery", &[AUTHENTICATED]),
    ("system:monitoring", &["system:monitoring"]),
    ("system:public-info-viewer", &[AUTHENTICATED, UNAUTHENTICATED]),
    ("system:service-account-issuer-discovery", &["system:serviceaccounts"]),
];

/// Every cluster role, ready to be stored.
pub(crate) fn cluster_roles() -> Vec<Value> {
    let mut roles = vec![object("ClusterRole", "cluster-admin")];
    roles[0]["rules"] = json!([
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ]);
    for (name, grants) in [("admin", ADMIN), ("edit", EDIT), ("view", VIEW)] {
        let mut role = granting(&format!("system:aggregate-to-{name}"), grants);
        role["metadata"]["labels"][aggregation_label(name)] = json!("true");
        roles.push(role);
    }
    roles.extend(PLAIN.iter().map(|(name, grants)| granting(name, grants)));
    roles.extend(PATHS.iter().map(|(name, paths)| {
        let mut role = object("ClusterRole", name);
        role["rules"] = json!([{"nonResourceURLs": words(paths), "verbs": ["get"]}]);
        role
    }));
    for (name, part_of) in AGGREGATED {
        let mut role = object("ClusterRole", name);
        if let Some(part_of) = part_of {
            role["metadata"]["labels"][aggregation_label(part_of)] = json!("true");
        }
        let selector = json!({"matchLabels": {aggregation_label(name): "true"}});
        role["aggregationRule"] = json!({"clusterRoleSelectors": [selector]});
        roles.push(role);
    }
    fill_aggregated(&mut roles);
    roles
}

/// Writes the rules of aggregated roles out, as people expect to read them there.
fn fill_aggregated(roles: &mut [Value]) {
    for (name, _) in AGGREGATED {
        let rules: Vec<Value> = {
            let name_of = |role: &'_ Value| role["metadata"]["name"].as_str().unwrap_or_default().to_string();
            let names: Vec<String> = roles.iter().map(name_of).collect();
            let by_name: BTreeMap<&str, &Value> = names.iter().map(String::as_str).zip(roles.iter()).collect();
            aggregate(name, &by_name).iter().map(|rule| rule.to_value()).collect()
        };
        if let Some(role) = roles.iter_mut().find(|role| role["metadata"]["name"] == *name) {
            role["rules"] = Value::Array(rules);
        }
    }
}

/// Every cluster role binding, ready to be stored.
pub(crate) fn cluster_role_bindings() -> Vec<Value> {
    let bind = |(role, groups): &(&str, &[&str])| {
        let subject = |group: &&str| json!({"apiGroup": GROUP, "kind": "Group", "name": group});
        let mut binding = object("ClusterRoleBinding", role);
        binding["roleRef"] = json!({"apiGroup": GROUP, "kind": "ClusterRole", "name": role});
        binding["subjects"] = groups.iter().map(subject).collect();
        binding
    };
    BINDINGS.iter().map(bind).collect()
}

fn granting(name: &str, grants: &[Grant]) -> Value {
    let rule = |(groups, resources, verbs): &Grant| {
        let groups: Vec<&str> =
            words(groups).into_iter().map(|group| if group == "core" { "" } else { group }).collect();
        json!({"apiGroups": groups, "resources": words(resources), "verbs": words(verbs)})
    };
    let mut role = object("ClusterRole", name);
    role["rules"] = grants.iter().map(rule).collect();
    role
}

fn object(kind: &str, name: &str) -> Value {
    json!({
        "apiVersion": format!("{GROUP}/v1"),
        "kind": kind,
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"},
            "annotations": {"rbac.authorization.kubernetes.io/autoupdate": "true"},
        },
    })
}

fn aggregation_label(role: &str) -> String {
    format!("{GROUP}/aggregate-to-{role}")
}

fn words(list: &str) -> Vec<&str> {
    list.split_whitespace().collect()
}
