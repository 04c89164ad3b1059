//! Pods of a hosted cluster, many of them: how long a Deployment takes to become available, what it costs while nothing changes,
//! and how long it takes to go.

use std::{fmt::Write, fs, path::Path, time::Duration};

use anyhow::{Result, ensure};

use super::{
    DEADLINE, IDLE,
    process::{Running, Stopwatch, Tools, pause},
};

const PODS_PER_NODE: usize = 200;
const PATIENCE: Duration = Duration::from_secs(600);

pub(super) fn run(tools: &Tools, place: &Path, pods: usize) -> Result<()> {
    let data = place.join("pods");
    let server = Running::start(tools, &data)?;
    server.wait_ready(DEADLINE)?;
    server.wait_healthy(DEADLINE)?;
    let kubeconfig = server.hosted_kubeconfig("dev-cluster", DEADLINE)?;
    let file = place.join("pods.yaml");
    fs::write(&file, manifest(pods))?;
    let kubectl = |arguments: &[&str]| server.kubectl_at(&kubeconfig, arguments);
    let before = server.memory("VmRSS:")?;
    let watch = Stopwatch::start();
    kubectl(&["apply", "-f", &file.to_string_lossy()])?;
    server.wait_for(
        &kubeconfig,
        PATIENCE,
        "availability",
        &["get", "deployment", "many", "-o", "jsonpath={.status.availableReplicas}"],
        &pods.to_string(),
    )?;
    println!("{pods} pods of one Deployment behind a Service, to available: {:.1} s", watch.seconds());
    pause(IDLE);
    let ticks = server.cpu_ticks()?;
    pause(IDLE);
    let (idle, after) = (server.cpu_ticks()? - ticks, server.memory("VmRSS:")?);
    println!("  idle: {:.0} MB more resident, {idle} ticks (10 ms) of CPU in {} s", after - before, IDLE.as_secs());
    let watch = Stopwatch::start();
    kubectl(&["scale", "deployment", "many", "--replicas=0"])?;
    server.wait_for(
        &kubeconfig,
        PATIENCE,
        "the end",
        &["get", "replicasets", "-o", "jsonpath={.items[0].status.replicas}"],
        "0",
    )?;
    let left = kubectl(&["get", "endpoints", "many", "-o", "jsonpath={.subsets}"])?;
    ensure!(left.is_empty(), "endpoints without pods: {left}");
    println!("  scaled to none: {:.1} s", watch.seconds());
    server.stop()
}

/// Nodes that belong to no pool, a Deployment and its Service.
fn manifest(pods: usize) -> String {
    let mut text = String::new();
    for node in 0..pods.div_ceil(PODS_PER_NODE) {
        let address = format!("10.224.{}.{}", (node + 100) / 250, 4 + (node + 100) % 250);
        let _ = write!(
            text,
            "apiVersion: v1\nkind: Node\nmetadata: {{name: bench-{node}}}\nstatus:\n  allocatable: {{pods: \"{PODS_PER_NODE}\"}}\n  \
             capacity: {{pods: \"{PODS_PER_NODE}\"}}\n  addresses: [{{type: InternalIP, address: {address}}}]\n---\n"
        );
    }
    let _ = write!(
        text,
        "apiVersion: v1\nkind: Service\nmetadata: {{name: many}}\nspec: {{selector: {{app: many}}, ports: [{{port: 80}}]}}\n---\napiVersion: apps/v1\n\
         kind: Deployment\nmetadata: {{name: many}}\nspec:\n  replicas: {pods}\n  selector: {{matchLabels: {{app: many}}}}\n  template:\n    \
         metadata: {{labels: {{app: many}}}}\n    spec: {{containers: [{{name: c, image: nginx}}]}}\n"
    );
    text
}
