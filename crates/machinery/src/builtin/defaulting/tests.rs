use serde_json::json;

use super::default;

#[test]
fn the_pull_policy_follows_the_tag() {
    let policy = |image: &str| {
        let mut pod = json!({"spec": {"containers": [{"name": "a", "image": image}]}});
        default("", "v1", "Pod", &mut pod);
        pod["spec"]["containers"][0]["imagePullPolicy"].as_str().unwrap_or_default().to_string()
    };
    for image in ["nginx", "nginx:latest", "registry:5000/nginx"] {
        assert_eq!(policy(image), "Always", "{image}");
    }
    for image in ["nginx:1", "registry:5000/nginx:1", "nginx@sha256:00", "nginx:1@sha256:00"] {
        assert_eq!(policy(image), "IfNotPresent", "{image}");
    }
}

#[test]
fn defaults_are_stable() {
    let mut once = json!({"metadata": {"name": "a"}, "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "b"}]}}}});
    for (group, kind) in [("apps", "Deployment"), ("apps", "DaemonSet"), ("apps", "StatefulSet"), ("batch", "Job")] {
        default(group, "v1", kind, &mut once);
        let mut twice = once.clone();
        default(group, "v1", kind, &mut twice);
        assert_eq!(once, twice, "{kind}");
    }
}
