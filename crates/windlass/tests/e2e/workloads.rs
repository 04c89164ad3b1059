//! What runs in a hosted cluster, as kubectl and helm see it: rollouts, scaling, undoing, jobs, and installs that wait.

use std::process::Command;

use e2e::{Output, Tool, run};

use crate::{
    Case,
    clusters::{Hosted, healthy},
    workshop::{PATIENCE, workshop},
};

pub(crate) const CASES: &[Case] = &[
    Case { name: "workloads::rollouts", needs: &[Tool::Git, Tool::Kubectl], run: rollouts },
    Case { name: "workloads::sets", needs: &[Tool::Git, Tool::Kubectl], run: sets },
    Case { name: "workloads::helm_waits", needs: &[Tool::Git, Tool::Kubectl, Tool::Helm], run: helm_waits },
];

fn ok(output: Output, wanted: &[&str]) {
    assert_eq!(output.code, 0, "{}", output.transcript());
    for wanted in wanted {
        assert!(output.stdout.contains(wanted), "{wanted}: {}", output.transcript());
    }
}

fn rollouts() {
    let server = workshop();
    healthy(&server);
    let cluster = Hosted::of(&server);
    let k = |arguments: &str| cluster.k(arguments);
    ok(k("create deployment web --image=nginx:1 --replicas=3"), &["deployment.apps/web created"]);
    ok(k("rollout status deployment/web --timeout=30s"), &["deployment \"web\" successfully rolled out"]);
    ok(k("wait --for=condition=Available deployment/web --timeout=30s"), &["condition met"]);
    let pods = k("get pods -l app=web");
    assert_eq!(pods.stdout.matches("1/1     Running   0").count(), 3, "{}", pods.transcript());
    ok(k("set image deployment/web nginx=nginx:2"), &["image updated"]);
    ok(k("rollout status deployment/web --timeout=30s"), &["successfully rolled out"]);
    ok(k("rollout history deployment/web"), &["1         <none>", "2         <none>"]);
    ok(k("rollout undo deployment/web"), &["rolled back"]);
    ok(k("rollout status deployment/web --timeout=30s"), &["successfully rolled out"]);
    ok(k("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}"), &["nginx:1"]);
    ok(k("scale deployment/web --replicas=5"), &["scaled"]);
    ok(k("wait --for=jsonpath={.status.availableReplicas}=5 deployment/web --timeout=30s"), &["condition met"]);
    ok(k("logs deployment/web"), &["is simulated"]);
    let exec = k("exec deployment/web -- true");
    assert_ne!(exec.code, 0, "{}", exec.transcript());
    ok(k("create job once --image=busybox -- true"), &["created"]);
    ok(k("wait --for=condition=Complete job/once --timeout=30s"), &["condition met"]);
    ok(k("get pods -l job-name=once"), &["0/1     Completed"]);
    ok(k("delete deployment web --timeout=30s"), &["deleted"]);
    ok(k("wait --for=delete pod -l app=web --timeout=30s"), &[]);
}

const SETS: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, image: postgres}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: c, image: agent:1}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: db}
spec: {minAvailable: 1, selector: {matchLabels: {app: db}}}
";

fn sets() {
    let server = workshop();
    healthy(&server);
    let cluster = Hosted::of(&server);
    let k = |arguments: &str| cluster.k(arguments);
    let file = server.data_dir().join("sets.yaml");
    std::fs::write(&file, SETS).expect("a file");
    let applied = k(&format!("apply -f {}", file.display()));
    assert!(!applied.stderr.contains("Warning"), "{}", applied.transcript());
    ok(applied, &["statefulset.apps/db created", "daemonset.apps/agent created"]);
    ok(k("rollout status statefulset/db --timeout=60s"), &["2 new pods"]);
    ok(k("rollout status daemonset/agent --timeout=60s"), &["successfully rolled out"]);
    ok(k("get pvc data-db-1 -o jsonpath={.status.phase}/{.spec.storageClassName}"), &["Bound/default"]);
    ok(k("set image daemonset/agent c=agent:2"), &["updated"]);
    ok(k("rollout status daemonset/agent --timeout=60s"), &["successfully rolled out"]);
    ok(k("rollout undo daemonset/agent"), &["rolled back"]);
    ok(k("rollout status daemonset/agent --timeout=60s"), &["successfully rolled out"]);
    ok(k("scale statefulset/db --replicas=3"), &["scaled"]);
    ok(k("rollout status statefulset/db --timeout=60s"), &["3 new pods"]);
    ok(k("create service clusterip db --tcp=5432:5432"), &["created"]);
    // kubectl 1.27 cannot wait for a field that just has to be there.
    server.wait_or(
        "three endpoints",
        PATIENCE,
        || k("get endpoints db -o jsonpath={.subsets[0].addresses[2].ip}").stdout.contains('.'),
        || k("get endpoints db -o yaml").stdout,
    );
    ok(k("get endpointslices -l kubernetes.io/service-name=db"), &["5432"]);
    ok(k("create cronjob tick --image=busybox --schedule=@hourly -- true"), &["created"]);
    ok(k("create job --from=cronjob/tick now"), &["created"]);
    ok(k("wait --for=condition=Complete job/now --timeout=30s"), &["condition met"]);
    let node = cluster.nodes().remove(0);
    ok(k(&format!("drain {node} --ignore-daemonsets --delete-emptydir-data --force --timeout=60s")), &["drained"]);
    ok(k(&format!("uncordon {node}")), &["uncordoned"]);
    ok(k("rollout status statefulset/db --timeout=60s"), &["3 new pods"]);
    ok(k("delete statefulset,daemonset,cronjob,job,pvc --all --timeout=60s"), &["deleted"]);
    ok(k("wait --for=delete pv --all --timeout=30s"), &[]);
}

const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: app}
spec:
  replicas: 2
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec: {containers: [{name: c, image: \"nginx:{{ .Values.tag }}\"}]}
";

const HOOK: &str = "
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations: {helm.sh/hook: \"pre-install,pre-upgrade\", helm.sh/hook-delete-policy: before-hook-creation}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {windlass.dev/simulated-exit-code: {{ .Values.exit | quote }}}}
    spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}
";

fn helm_waits() {
    let server = workshop();
    healthy(&server);
    let cluster = Hosted::of(&server);
    let chart = server.data_dir().join("chart");
    std::fs::create_dir_all(chart.join("templates")).expect("a directory");
    let files = [
        ("Chart.yaml", "{apiVersion: v2, name: app, version: 0.1.0}"),
        ("values.yaml", "{tag: 1, exit: 0}"),
        ("templates/deployment.yaml", DEPLOYMENT),
        ("templates/hook.yaml", HOOK),
    ];
    for (name, text) in files {
        std::fs::write(chart.join(name), text).expect("a file");
    }
    let helm = |arguments: &str| {
        let helm = Tool::Helm.find().expect("helm");
        let mut command = Command::new(helm);
        command.args(arguments.split_whitespace()).arg("--kubeconfig").arg(&cluster.kubeconfig);
        run(&mut command)
    };
    let path = chart.display();
    ok(helm(&format!("install app {path} --wait --timeout 60s")), &["STATUS: deployed"]);
    ok(cluster.k("get deployment app -o jsonpath={.status.availableReplicas}"), &["2"]);
    ok(helm(&format!("upgrade app {path} --set tag=2 --wait --timeout 60s")), &["REVISION: 2"]);
    let refused = helm(&format!("upgrade app {path} --set exit=1 --wait --timeout 60s"));
    assert_ne!(refused.code, 0, "a hook that fails fails the upgrade: {}", refused.transcript());
    ok(helm("rollback app 1 --wait --timeout 60s"), &["Rollback was a success"]);
    ok(helm("uninstall app --wait --timeout 60s"), &["uninstalled"]);
}
