//! Many AKS clusters at once: Cluster API objects by kubectl, until every cluster is provisioned and every pool has its nodes,
//! and then what silence costs.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};

use super::{
    DEADLINE, IDLE,
    process::{Running, Stopwatch, Tools, Watch, pause},
};

const POOLS: usize = 3;
const INFRASTRUCTURE: &str = "infrastructure.cluster.x-k8s.io/v1beta1";
const CORE: &str = "cluster.x-k8s.io/v1beta1";
const CREDENTIAL: &str = "annotations: {serviceoperator.azure.com/credential-from: bench-credentials}";
/// Each kubectl sends so many objects that its own rate limit does not show.
const CLUSTERS_PER_FILE: usize = 25;
const REPLICAS: usize = 2;
const PREFIX: &str = "bench-";

pub(super) fn run(tools: &Tools, place: &Path, clusters: usize) -> Result<()> {
    println!("load average before: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    let server = Running::start(tools, &place.join("clusters"))?;
    server.wait_ready(DEADLINE)?;
    server.wait_healthy(DEADLINE)?;
    credential(&server, place)?;
    let files = files(place, clusters)?;
    // Watches, and no validation by kubectl: what its processes compute would be taken from the server's two cores.
    let mut phases = server.watch("default", &["clusters"], "{.metadata.name} {.status.phase}")?;
    let mut pools = server.watch("default", &["machinepools"], "{.metadata.name} {.status.readyReplicas}")?;
    let watch = Stopwatch::start();
    let commands = files.iter().map(|file| vec!["create", "--validate=false", "-f", file.as_str()]);
    server.kubectl_at_once(&commands.collect::<Vec<_>>())?;
    println!("{clusters} clusters with {POOLS} pools: created by kubectl in {:.1} s", watch.seconds());
    all(&mut phases, clusters, |phase| phase == "Provisioned")?;
    println!("  all Provisioned after {:.1} s", watch.seconds());
    all(&mut pools, clusters * POOLS, |replicas| replicas == REPLICAS.to_string())?;
    println!("  all pools with nodes after {:.1} s; peak {:.0} MB", watch.seconds(), server.memory("VmHWM:")?);
    drop((phases, pools));
    pause(IDLE);
    let before = server.cpu_ticks()?;
    pause(IDLE);
    let ticks = server.cpu_ticks()? - before;
    println!("  then {ticks} ticks (10 ms) of CPU in {} s; {:.0} MB", IDLE.as_secs(), server.memory("VmRSS:")?);
    super::latency::run(&server)?;
    server.stop()?;
    println!("load average after: {}", fs::read_to_string("/proc/loadavg").unwrap_or_default().trim());
    Ok(())
}

/// Waits until so many of the bench's objects were seen with such a value.
fn all(watch: &mut Watch, wanted: usize, reached: impl Fn(&str) -> bool) -> Result<()> {
    let mut names = BTreeSet::new();
    watch.wait_until(|line| {
        if let Some((name, value)) = line.split_once(' ').filter(|(name, _)| name.starts_with(PREFIX))
            && reached(value)
        {
            names.insert(name.to_owned());
        }
        names.len() == wanted
    })
}

/// The workshop's credential, in the namespace of the clusters.
fn credential(server: &Running, place: &Path) -> Result<()> {
    let name = ["get", "secret", "rg-dev-app-aso-credentials", "-n", "rg-dev-app", "-o", "json"];
    let mut secret: serde_json::Value = serde_json::from_str(&server.kubectl(&name)?).context("a Secret")?;
    secret["metadata"] = serde_json::json!({"name": "bench-credentials", "namespace": "default"});
    let file = place.join("credential.json");
    fs::write(&file, secret.to_string())?;
    server.kubectl(&["create", "-f", &file.to_string_lossy()])?;
    Ok(())
}

fn files(place: &Path, clusters: usize) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for first in (0..clusters).step_by(CLUSTERS_PER_FILE) {
        let mut text = String::new();
        for number in first..clusters.min(first + CLUSTERS_PER_FILE) {
            text += &cluster(&format!("{PREFIX}{number}"));
        }
        let file = place.join(format!("clusters-{first}.yaml"));
        fs::write(&file, text)?;
        files.push(file.to_string_lossy().into_owned());
    }
    Ok(files)
}

fn cluster(name: &str) -> String {
    let reference = |kind: &str, name: &str| format!("{{apiVersion: {INFRASTRUCTURE}, kind: {kind}, name: {name}}}");
    let mut text = format!(
        "apiVersion: {CORE}
kind: Cluster
metadata: {{name: {name}, namespace: default}}
spec:
  controlPlaneRef: {control_plane}
  infrastructureRef: {infrastructure}
---
apiVersion: {INFRASTRUCTURE}
kind: AzureASOManagedCluster
metadata: {{name: {name}, namespace: default}}
spec:
  resources:
  - apiVersion: resources.azure.com/v1api20200601
    kind: ResourceGroup
    metadata: {{name: {name}, {CREDENTIAL}}}
    spec: {{location: eastus}}
---
apiVersion: {INFRASTRUCTURE}
kind: AzureASOManagedControlPlane
metadata: {{name: {name}, namespace: default}}
spec:
  version: v1.30.10
  resources:
  - apiVersion: containerservice.azure.com/v1api20231001
    kind: ManagedCluster
    metadata: {{name: {name}, {CREDENTIAL}}}
    spec:
      owner: {{name: {name}}}
      dnsPrefix: {name}
      location: eastus
      identity: {{type: SystemAssigned}}
      servicePrincipalProfile: {{clientId: msi}}
---
",
        control_plane = reference("AzureASOManagedControlPlane", name),
        infrastructure = reference("AzureASOManagedCluster", name),
    );
    for number in 0..POOLS {
        let (pool, mode) = (format!("{name}-pool{number}"), if number == 0 { "System" } else { "User" });
        let infrastructure = reference("AzureASOManagedMachinePool", &pool);
        let _ = write!(
            text,
            "apiVersion: {CORE}
kind: MachinePool
metadata: {{name: {pool}, namespace: default}}
spec:
  clusterName: {name}
  replicas: {REPLICAS}
  template:
    metadata: {{}}
    spec: {{bootstrap: {{dataSecretName: ''}}, clusterName: {name}, infrastructureRef: {infrastructure}, version: v1.30.10}}
---
apiVersion: {INFRASTRUCTURE}
kind: AzureASOManagedMachinePool
metadata: {{name: {pool}, namespace: default}}
spec:
  resources:
  - apiVersion: containerservice.azure.com/v1api20231001
    kind: ManagedClustersAgentPool
    metadata: {{name: {pool}, {CREDENTIAL}}}
    spec: {{azureName: pool{number}, owner: {{name: {name}}}, mode: {mode}, type: VirtualMachineScaleSets, vmSize: Standard_D2s_v3}}
---
"
        );
    }
    text
}
