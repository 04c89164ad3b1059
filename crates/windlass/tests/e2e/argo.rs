//! Argo CD's own manifests applied whole with real kubectl, on the server's side and on the client's, and what is in them scaled.

use e2e::{Output, Server, Tool, run};
use serde_json::Value;

use crate::Case;

const NEEDS: &[Tool] = &[Tool::Kubectl, Tool::Git, Tool::ArgoInstall];

pub(crate) const CASES: &[Case] = &[
    Case { name: "argo::apply_server_side", needs: NEEDS, run: apply_server_side },
    Case { name: "argo::apply_client_side", needs: NEEDS, run: apply_client_side },
];

/// How many objects the file has, by kind.
const KINDS: [(&str, usize); 12] = [
    ("clusterrole.rbac.authorization.k8s.io/", 3),
    ("clusterrolebinding.rbac.authorization.k8s.io/", 3),
    ("configmap/", 7),
    ("customresourcedefinition.apiextensions.k8s.io/", 3),
    ("deployment.apps/", 6),
    ("networkpolicy.networking.k8s.io/", 7),
    ("role.rbac.authorization.k8s.io/", 6),
    ("rolebinding.rbac.authorization.k8s.io/", 6),
    ("secret/", 2),
    ("service/", 8),
    ("serviceaccount/", 7),
    ("statefulset.apps/", 1),
];

fn apply(server: &Server, options: &[&str]) -> Output {
    let namespace = server.k("create namespace argo");
    assert!(namespace.code == 0 || namespace.stderr.contains("already exists"), "{}", namespace.transcript());
    let file = Tool::ArgoInstall.find().expect("the manifests");
    let mut command = server.kubectl();
    run(command.args(["apply", "-n", "argo"]).args(options).arg("-f").arg(file))
}

fn check(output: &Output) {
    assert_eq!(output.code, 0, "{}", output.transcript());
    for (kind, count) in KINDS {
        let found = output.stdout.lines().filter(|line| line.starts_with(kind)).count();
        assert_eq!(found, count, "{kind} in {}", output.transcript());
    }
}

fn apply_server_side() {
    let server = Server::start(&[]);
    // Definitions of Argo CD are there already, by another manager.
    check(&apply(&server, &["--server-side", "--force-conflicts"]));
    let again = apply(&server, &["--server-side", "--force-conflicts"]);
    check(&again);
    let before = server.k("get deploy,sts,svc,cm,crd -n argo -o jsonpath={.items[*].metadata.resourceVersion}").stdout;
    check(&apply(&server, &["--server-side", "--force-conflicts"]));
    let after = server.k("get deploy,sts,svc,cm,crd -n argo -o jsonpath={.items[*].metadata.resourceVersion}").stdout;
    assert_eq!(before, after, "the same again writes nothing");
    let scaled = server.k("scale deployment argocd-server -n argo --replicas=3");
    assert_eq!(scaled.stdout, "deployment.apps/argocd-server scaled\n", "{}", scaled.transcript());
    let shown = server.k("get --raw /apis/apps/v1/namespaces/argo/deployments/argocd-server/scale");
    let scale: Value = serde_json::from_str(&shown.stdout).expect("JSON");
    assert_eq!(scale["spec"]["replicas"], 3, "{scale:#}");
    assert_eq!(scale["status"]["selector"], "app.kubernetes.io/name=argocd-server", "{scale:#}");
}

/// Upstream refuses one definition, whose last-applied annotation is too large.
fn apply_client_side() {
    let server = Server::start(&[]);
    let output = apply(&server, &[]);
    check(&output);
    let warned = output.stderr.lines().filter(|line| line.contains("use kubectl apply --server-side")).count();
    assert_eq!(warned, 1, "{}", output.stderr);
    // The other way round the annotation goes, and with it the warning.
    let moved = apply(&server, &["--server-side", "--force-conflicts"]);
    check(&moved);
}
