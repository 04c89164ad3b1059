//! Sample 1 from outside: the AKS cluster of a Git commit is reached by the kubeconfig that Cluster API stores, follows what is
//! pushed, and goes when its file goes.

use std::{path::PathBuf, process::Command};

use e2e::{Output, Server, Tool, run, run_with_input};
use serde_json::Value;

use crate::{
    Case,
    workshop::{Clone, PATIENCE, windlass, workshop},
};

pub(crate) const CASES: &[Case] = &[
    Case { name: "clusters::from_a_commit", needs: &[Tool::Git, Tool::Kubectl], run: from_a_commit },
    Case { name: "clusters::restart", needs: &[Tool::Git, Tool::Kubectl], run: restart },
    Case {
        name: "clusters::capz_templates",
        needs: &[Tool::Git, Tool::Kubectl, Tool::CapzTemplates],
        run: capz_templates,
    },
];

const SAMPLE: &str = "samples/sample-1/aks-argo-application.yaml";

/// A client of the hosted cluster, as a user makes one.
pub(crate) struct Hosted {
    pub(crate) kubeconfig: PathBuf,
}

impl Hosted {
    pub(crate) fn of(server: &Server) -> Self {
        let data = server.data_dir().to_str().expect("utf-8");
        let text = windlass(&["cluster", "kubeconfig", "dev-cluster", "--data-dir", data]);
        assert_eq!(text.code, 0, "{}", text.transcript());
        let kubeconfig = server.data_dir().join("dev.kubeconfig");
        std::fs::write(&kubeconfig, text.stdout).expect("a file");
        Self { kubeconfig }
    }

    pub(crate) fn k(&self, arguments: &str) -> Output {
        let kubectl = Tool::Kubectl.find().expect("kubectl");
        run(Command::new(kubectl).arg("--kubeconfig").arg(&self.kubeconfig).args(arguments.split_whitespace()))
    }

    /// `node/NAME`
    pub(crate) fn nodes(&self) -> Vec<String> {
        self.k("get nodes -o name").stdout.lines().map(String::from).collect()
    }
}

pub(crate) fn healthy(server: &Server) {
    server.wait_or(
        "dev-cluster is healthy",
        PATIENCE,
        || {
            server
                .k("get application dev-cluster -n argocd -o jsonpath={.status.sync.status}/{.status.health.status}")
                .stdout
                == "Synced/Healthy"
        },
        || server.k("get application dev-cluster -n argocd -o yaml").stdout,
    );
}

fn from_a_commit() {
    let server = workshop();
    healthy(&server);
    let clusters = server.k("get clusters,machinepools,azureasomanagedcontrolplanes");
    assert_eq!(clusters.code, 0, "{}", clusters.transcript());
    for wanted in ["Provisioned", "dev-cluster-pool0", "dev-cluster-pool1", "Running", "v1.30.10"] {
        assert!(clusters.stdout.contains(wanted), "{wanted}: {}", clusters.transcript());
    }
    let hosted = Hosted::of(&server);
    let nodes = hosted.nodes();
    assert_eq!(nodes.len(), 2, "{nodes:?}");
    let version = hosted.k("version -o json");
    assert!(version.stdout.contains("v1.30.10"), "{}", version.transcript());
    // It is a cluster of its own: nothing of the management cluster is there, and what is made stays.
    assert_eq!(hosted.k("get clusters").code, 1);
    assert_eq!(hosted.k("create configmap mine --from-literal=a=b").code, 0);
    let data = server.data_dir().to_str().expect("utf-8");
    let view: Value =
        serde_json::from_str(&windlass(&["cluster", "get", "dev-cluster", "--data-dir", data, "-o", "json"]).stdout)
            .expect("JSON");
    assert_eq!((&view["phase"], &view["ready"]), (&Value::from("Provisioned"), &Value::from(true)), "{view:#}");

    // Nobody comes in with the management cluster's certificate, or with nothing.
    let stranger = run(Command::new(Tool::Kubectl.find().expect("kubectl"))
        .arg("--kubeconfig")
        .arg(server.kubeconfig())
        .args(["get", "nodes", "--server"])
        .arg(hosted.k("config view --minify -o jsonpath={.clusters[0].cluster.server}").stdout));
    assert_ne!(stranger.code, 0, "{}", stranger.transcript());

    let clone = Clone::of(&server);
    clone.edit_in(SAMPLE, "minCount: 1", "minCount: 2");
    clone.push("two nodes at least");
    server.wait_or(
        "a third node",
        PATIENCE,
        || hosted.nodes().len() == 3,
        || server.k("get managedclustersagentpools -o yaml").stdout,
    );
    healthy(&server);
    let replicas =
        || server.k("get machinepool dev-cluster-pool0 -o jsonpath={.spec.replicas}/{.status.readyReplicas}").stdout;
    server.wait_or("the pool follows", PATIENCE, || replicas() == "2/2", replicas);

    clone.remove(SAMPLE);
    clone.push("no cluster");
    server.wait_or(
        "the application goes",
        PATIENCE,
        || server.k("get application dev-cluster -n argocd --ignore-not-found -o name").stdout.is_empty(),
        || server.k("get application dev-cluster -n argocd -o yaml").stdout,
    );
}

fn restart() {
    let server = workshop();
    healthy(&server);
    let before = Hosted::of(&server);
    assert_eq!(before.k("create configmap mine --from-literal=a=b").code, 0);
    let nodes = before.nodes();
    server.kill();
    let again = Server::start_in(server.data_dir(), &["--workshop"]);
    healthy(&again);
    let after = Hosted::of(&again);
    assert_eq!(after.nodes(), nodes);
    let kept = after.k("get configmap mine -o jsonpath={.data.a}");
    assert_eq!(kept.stdout, "b", "{}", kept.transcript());
}

/// Cluster API's own templates over Azure Service Operator's kinds, with their variables filled in as clusterctl does.
fn capz_templates() {
    let server = workshop();
    let templates = Tool::CapzTemplates.find().expect("the templates");
    let credential = server.k("get secret rg-dev-app-aso-credentials -n rg-dev-app -o json");
    let mut credential: Value = serde_json::from_str(&credential.stdout).expect("JSON");
    credential["metadata"] = serde_json::json!({"name": "aso-credentials", "namespace": "default"});
    assert_eq!(applied(&server, &credential.to_string()).code, 0);
    for (template, extra) in [("aks-aso", 0), ("aks-aso-maintenance", 3)] {
        let text = std::fs::read_to_string(templates.join(format!("cluster-template-{template}.yaml")));
        let output = applied(&server, &filled(&text.expect("the template"), template));
        assert_eq!(output.code, 0, "{}", output.transcript());
        let ready = server.k(&format!("wait cluster/{template} --for=condition=Ready --timeout=60s"));
        let why = || server.k("get cluster,machinepool,azureasomanagedcontrolplanes,managedclusters -o yaml").stdout;
        assert_eq!(ready.code, 0, "{}\n{}", ready.transcript(), why());
        for pool in ["pool0", "pool1"] {
            let replicas = format!("get machinepool {template}-{pool} -o jsonpath={{.status.readyReplicas}}");
            server.wait_or("two nodes", PATIENCE, || server.k(&replicas).stdout == "2", why);
        }
        let windows = server.k("get maintenanceconfigurations -o name").stdout.lines().count();
        assert_eq!(windows, extra, "{template}");
    }
    by_class(&server, &templates);
}

/// The pair: a ClusterClass with its templates, and a Cluster of it.
fn by_class(server: &Server, templates: &std::path::Path) {
    let name = "by-class";
    for template in ["aks-aso-clusterclass", "aks-aso-topology"] {
        let text = std::fs::read_to_string(templates.join(format!("cluster-template-{template}.yaml")));
        let output = applied(server, &filled(&text.expect("the template"), name));
        assert_eq!(output.code, 0, "{}", output.transcript());
    }
    let state =
        "get clusterclass,cluster,machinepool,kubeadmconfig,azureasomanagedcontrolplanes,managedclusters -o yaml";
    let why = || server.k(state).stdout;
    let ready = server.k(&format!("wait cluster/{name} --for=condition=Ready --timeout=60s"));
    assert_eq!(ready.code, 0, "{}\n{}", ready.transcript(), why());
    let ready = server.k(&format!("wait cluster/{name} --for=condition=TopologyReconciled --timeout=60s"));
    assert_eq!(ready.code, 0, "{}\n{}", ready.transcript(), why());
    let pools = format!(
        "get machinepool -l cluster.x-k8s.io/cluster-name={name},topology.cluster.x-k8s.io/owned -o jsonpath={{.items[*].status.readyReplicas}}"
    );
    server.wait_or("a node for each pool", PATIENCE, || server.k(&pools).stdout == "1 1", why);

    // The topology is the only place to scale, and what is taken out of it goes.
    let scale = r#"[{"op": "replace", "path": "/spec/topology/workers/machinePools/1/replicas", "value": 2}]"#;
    patched(server, name, scale);
    server.wait_or(
        "two nodes of the second pool",
        PATIENCE,
        || server.k(&pools).stdout.split(' ').any(|it| it == "2"),
        why,
    );
    patched(server, name, r#"[{"op": "remove", "path": "/spec/topology/workers/machinePools/1"}]"#);
    server.wait_or("one pool", PATIENCE, || server.k(&pools).stdout == "1", why);
    let machines = r#"[{"op": "add", "path": "/spec/topology/workers/machineDeployments", "value": [{"class": "a", "name": "b"}]}]"#;
    let refused = run(server.kubectl().args(["patch", "cluster", name, "--type=json", "-p", machines]));
    assert!(refused.stderr.contains("MachineDeployments are not served"), "{}", refused.transcript());
    let gone = server.k(&format!("delete cluster/{name} --timeout=60s"));
    assert_eq!(gone.code, 0, "{}\n{}", gone.transcript(), why());
}

fn patched(server: &Server, name: &str, patch: &str) {
    let output = run(server.kubectl().args(["patch", "cluster", name, "--type=json", "-p", patch]));
    assert_eq!(output.code, 0, "{}", output.transcript());
}

fn applied(server: &Server, text: &str) -> Output {
    run_with_input(server.kubectl().args(["apply", "-f", "-"]), text)
}

/// `${NAME}` and `${NAME:=default}`.
fn filled(template: &str, name: &str) -> String {
    let mut pieces = template.split("${");
    let mut text = pieces.next().unwrap_or_default().to_string();
    for piece in pieces {
        let (variable, rest) = piece.split_once('}').expect("closed");
        let (variable, default) = variable.split_once(":=").unwrap_or((variable, ""));
        text += match variable {
            "CLUSTER_NAME" => name,
            "CLUSTER_CLASS_NAME" => "aks",
            "ASO_CREDENTIAL_SECRET_NAME" => "aso-credentials",
            "AZURE_LOCATION" => "eastus",
            "KUBERNETES_VERSION" => "v1.30.10",
            "AZURE_NODE_MACHINE_TYPE" => "Standard_D2s_v3",
            _ => default,
        };
        text += rest;
    }
    text
}
