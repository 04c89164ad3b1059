//! Clusters by class, from the class to the pools' nodes.

use actions::Requeue;
use expect_test::expect;
use serde_json::{Value, json};

use super::world::{World, node_of, place};
use crate::names;

const VERSION: &str = "v1.30.10";

fn template(kind: &str, name: &str) -> Value {
    let api_version =
        if kind.starts_with("Kubeadm") { names::BOOTSTRAP_API_VERSION } else { names::INFRASTRUCTURE_API_VERSION };
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, "spec": {"template": {"spec": {}}}})
}

fn reference(object: &Value) -> Value {
    json!({"ref": {"apiVersion": object["apiVersion"], "kind": object["kind"], "name": object["metadata"]["name"]}})
}

fn patch(name: &str, kind: &str, resources: Value, value_from: Value) -> Value {
    let selector = json!({"apiVersion": names::INFRASTRUCTURE_API_VERSION, "kind": kind, "matchResources": resources});
    let operation = json!({"op": "replace", "path": "/spec/template/spec", "valueFrom": value_from});
    json!({"name": name, "definitions": [{"selector": selector, "jsonPatches": [operation]}]})
}

const GROUP: &str = r#"
resources:
- apiVersion: resources.azure.com/v1api20200601
  kind: ResourceGroup
  metadata: {name: "{{ .builtin.cluster.name }}"}
  spec: {location: {{ .location }}}
"#;

const CLUSTER: &str = r#"
version: v0.0.0
resources:
- apiVersion: containerservice.azure.com/v1api20231001
  kind: ManagedCluster
  metadata: {name: "{{ .builtin.cluster.name }}"}
  spec: {owner: {name: "{{ .builtin.cluster.name }}"}, location: {{ .location }}}
"#;

const POOL: &str = r#"
resources:
- apiVersion: containerservice.azure.com/v1api20231001
  kind: ManagedClustersAgentPool
  metadata: {name: "{{ .builtin.cluster.name }}-{{ .builtin.machinePool.topologyName }}"}
  spec:
    azureName: {{ .builtin.machinePool.topologyName }}
    owner: {name: "{{ .builtin.cluster.name }}"}
    mode: {{ if hasPrefix "system" .builtin.machinePool.class }}System{{ else }}User{{ end }}
    vmSize: {{ .vmSize }}
"#;

fn class() -> Vec<Value> {
    let templates = [
        template("AzureASOManagedClusterTemplate", "c"),
        template("AzureASOManagedControlPlaneTemplate", "c"),
        template("AzureASOManagedMachinePoolTemplate", "c"),
        template("KubeadmConfigTemplate", "c"),
    ];
    let [group, control_plane, machines, kubeadm] = templates.each_ref().map(reference);
    let pool = |class: &str| json!({"class": class, "template": {"bootstrap": kubeadm, "infrastructure": machines}});
    let variable = |name: &str, default: &str| json!({"name": name, "required": false, "schema": {"openAPIV3Schema": {"type": "string", "default": default}}});
    let of = |text: &str| json!({"template": text});
    let class = json!({
        "apiVersion": names::CORE_API_VERSION, "kind": "ClusterClass", "metadata": {"name": "aks"},
        "spec": {
            "infrastructure": group,
            "controlPlane": control_plane,
            "workers": {"machinePools": [pool("system"), pool("worker")]},
            "variables": [variable("vmSize", "Standard_D2s_v3"), variable("location", "westeurope")],
            "patches": [
                patch("group", "AzureASOManagedClusterTemplate", json!({"infrastructureCluster": true}), of(GROUP)),
                patch("cluster", "AzureASOManagedControlPlaneTemplate", json!({"controlPlane": true}), of(CLUSTER)),
                patch("pool", "AzureASOManagedMachinePoolTemplate", json!({"machinePoolClass": {"names": ["*"]}}), of(POOL)),
            ],
        },
    });
    templates.into_iter().chain([class]).collect()
}

fn cluster() -> Value {
    let overrides = json!({"overrides": [{"name": "vmSize", "value": "Standard_D8s_v3"}]});
    json!({
        "apiVersion": names::CORE_API_VERSION, "kind": "Cluster", "metadata": {"name": "dev"},
        "spec": {"topology": {"class": "aks", "version": VERSION, "workers": {"machinePools": [
            {"class": "system", "name": "mp-0", "replicas": 1},
            {"class": "worker", "name": "mp-1", "replicas": 1, "variables": overrides, "metadata": {"labels": {"team": "a"}}},
        ]}}},
    })
}

/// The pools of [`cluster`].
fn pools() -> Value {
    cluster()["spec"]["topology"]["workers"]["machinePools"].clone()
}

/// Azure has caught up with everything, and what that changed.
fn settled(world: &mut World, version: &str, nodes: [&str; 2]) {
    azure(world, version, nodes);
    azure(world, version, nodes);
}

fn created() -> World {
    let mut world = World::new();
    class().into_iter().chain([cluster()]).for_each(|object| world.put(object));
    world.settle();
    world
}

fn names_of(world: &World, kind: &str) -> Vec<String> {
    let keys = world.objects.keys().filter(|(_, its_kind, _)| its_kind == kind);
    keys.map(|(_, _, name)| name.clone()).collect()
}

fn node(pool: &str, version: &str) -> Value {
    let mut node = node_of(&format!("aks-{pool}"), pool, "MC_dev", &format!("azure:///{pool}"));
    node["status"]["nodeInfo"] = json!({"kubeletVersion": version});
    node
}

/// Azure has made everything, with that version, and the nodes have theirs.
fn azure(world: &mut World, version: &str, nodes: [&str; 2]) {
    world.aso("ResourceGroup", "dev", json!({}));
    let profiles = json!([{"name": "mp-0"}, {"name": "mp-1"}]);
    let status = json!({
        "agentPoolProfiles": profiles, "currentKubernetesVersion": version, "fqdn": "dev.azmk8s.io", "nodeResourceGroup": "MC_dev",
    });
    world.aso("ManagedCluster", "dev", status);
    for pool in ["dev-mp-0", "dev-mp-1"] {
        if world.find("ManagedClustersAgentPool", pool).is_object() {
            world.aso("ManagedClustersAgentPool", pool, json!({"count": 1}));
        }
    }
    world.aso_exports_the_kubeconfig();
    world.nodes = Ok(vec![node("mp-0", nodes[0]), node("mp-1", nodes[1])]);
    world.settle();
}

fn running() -> World {
    let mut world = created();
    settled(&mut world, "1.30.10", [VERSION, VERSION]);
    world.take_log();
    world
}

#[test]
fn a_class_and_a_topology_become_a_cluster() {
    let mut world = created();
    let log = world.take_log();
    let lines: Vec<&str> = log
        .lines()
        .filter(|line| {
            line.starts_with("apply") && !line.contains("ManagedCluster/") && !line.contains("ResourceGroup/")
        })
        .collect();
    expect![[r#"
        apply AzureASOManagedControlPlane/dev-f64kd {"data":null,"metadata":{"annotations":{"cluster.x-k8s.io/cloned-from-groupkind":"AzureASOManagedControlPlaneTemplate.infrastructure.cluster.x-k8s.io","cluster.x-k8s.io/cloned-from-name":"c"},"labels":{"cluster.x-k8s.io/cluster-name":"dev","topology.cluster.x-k8s.io/owned":""},"name":"dev-f64kd","namespace":"ns"},"spec":{"resources":[{"apiVersion":"containerservice.azure.com/v1api20231001","kind":"ManagedCluster","metadata":{"name":"dev"},"spec":{"location":"westeurope","owner":{"name":"dev"}}}],"version":"v1.30.10"}}
        apply Cluster/dev {"data":null,"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev","topology.cluster.x-k8s.io/owned":""},"name":"dev","namespace":"ns"},"spec":{"controlPlaneRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedControlPlane","name":"dev-f64kd","namespace":"ns"},"infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedCluster","name":"dev-86pwp","namespace":"ns"}}}
        apply AzureASOManagedMachinePool/dev-mp-0-kwrxj {"data":null,"metadata":{"annotations":{"cluster.x-k8s.io/cloned-from-groupkind":"AzureASOManagedMachinePoolTemplate.infrastructure.cluster.x-k8s.io","cluster.x-k8s.io/cloned-from-name":"c"},"labels":{"cluster.x-k8s.io/cluster-name":"dev","topology.cluster.x-k8s.io/owned":"","topology.cluster.x-k8s.io/pool-name":"mp-0"},"name":"dev-mp-0-kwrxj","namespace":"ns","ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","name":"dev","uid":"uid-6"}]},"spec":{"resources":[{"apiVersion":"containerservice.azure.com/v1api20231001","kind":"ManagedClustersAgentPool","metadata":{"name":"dev-mp-0"},"spec":{"azureName":"mp-0","mode":"System","owner":{"name":"dev"},"vmSize":"Standard_D2s_v3"}}]}}
        apply KubeadmConfig/dev-mp-0-sq7t9 {"data":null,"metadata":{"annotations":{"cluster.x-k8s.io/cloned-from-groupkind":"KubeadmConfigTemplate.bootstrap.cluster.x-k8s.io","cluster.x-k8s.io/cloned-from-name":"c"},"labels":{"cluster.x-k8s.io/cluster-name":"dev","topology.cluster.x-k8s.io/owned":"","topology.cluster.x-k8s.io/pool-name":"mp-0"},"name":"dev-mp-0-sq7t9","namespace":"ns","ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","name":"dev","uid":"uid-6"}]},"spec":{}}
        apply MachinePool/dev-mp-0-cvwlb {"data":null,"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev","topology.cluster.x-k8s.io/owned":"","topology.cluster.x-k8s.io/pool-name":"mp-0"},"name":"dev-mp-0-cvwlb","namespace":"ns"},"spec":{"clusterName":"dev","replicas":1,"template":{"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev","topology.cluster.x-k8s.io/owned":"","topology.cluster.x-k8s.io/pool-name":"mp-0"}},"spec":{"bootstrap":{"configRef":{"apiVersion":"bootstrap.cluster.x-k8s.io/v1beta1","kind":"KubeadmConfig","name":"dev-mp-0-sq7t9","namespace":"ns"}},"clusterName":"dev","infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedMachinePool","name":"dev-mp-0-kwrxj","namespace":"ns"},"version":"v1.30.10"}}}}
        apply AzureASOManagedMachinePool/dev-mp-1-d4z75 {"data":null,"metadata":{"annotations":{"cluster.x-k8s.io/cloned-from-groupkind":"AzureASOManagedMachinePoolTemplate.infrastructure.cluster.x-k8s.io","cluster.x-k8s.io/cloned-from-name":"c"},"labels":{"cluster.x-k8s.io/cluster-name":"dev","topology.cluster.x-k8s.io/owned":"","topology.cluster.x-k8s.io/pool-name":"mp-1"},"name":"dev-mp-1-d4z75","namespace":"ns","ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","name":"dev","uid":"uid-6"}]},"spec":{"resources":[{"apiVersion":"containerservice.azure.com/v1api20231001","kind":"ManagedClustersAgentPool","metadata":{"name":"dev-mp-1"},"spec":{"azureName":"mp-1","mode":"User","owner":{"name":"dev"},"vmSize":"Standard_D8s_v3"}}]}}
        apply KubeadmConfig/dev-mp-1-9nqdv {"data":null,"metadata":{"annotations":{"cluster.x-k8s.io/cloned-from-groupkind":"KubeadmConfigTemplate.bootstrap.cluster.x-k8s.io","cluster.x-k8s.io/cloned-from-name":"c"},"labels":{"cluster.x-k8s.io/cluster-name":"dev","topology.cluster.x-k8s.io/owned":"","topology.cluster.x-k8s.io/pool-name":"mp-1"},"name":"dev-mp-1-9nqdv","namespace":"ns","ownerReferences":[{"apiVersion":"cluster.x-k8s.io/v1beta1","kind":"Cluster","name":"dev","uid":"uid-6"}]},"spec":{}}
        apply MachinePool/dev-mp-1-gpxmm {"data":null,"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev","team":"a","topology.cluster.x-k8s.io/owned":"","topology.cluster.x-k8s.io/pool-name":"mp-1"},"name":"dev-mp-1-gpxmm","namespace":"ns"},"spec":{"clusterName":"dev","replicas":1,"template":{"metadata":{"labels":{"cluster.x-k8s.io/cluster-name":"dev","team":"a","topology.cluster.x-k8s.io/owned":"","topology.cluster.x-k8s.io/pool-name":"mp-1"}},"spec":{"bootstrap":{"configRef":{"apiVersion":"bootstrap.cluster.x-k8s.io/v1beta1","kind":"KubeadmConfig","name":"dev-mp-1-9nqdv","namespace":"ns"}},"clusterName":"dev","infrastructureRef":{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","kind":"AzureASOManagedMachinePool","name":"dev-mp-1-d4z75","namespace":"ns"},"version":"v1.30.10"}}}}
        apply ManagedClustersAgentPool/dev-mp-0 {"data":null,"metadata":{"name":"dev-mp-0","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-mp-0-kwrxj","uid":"uid-17"}]},"spec":{"azureName":"mp-0","count":1,"mode":"System","orchestratorVersion":"1.30.10","owner":{"name":"dev"},"vmSize":"Standard_D2s_v3"}}
        apply ManagedClustersAgentPool/dev-mp-1 {"data":null,"metadata":{"name":"dev-mp-1","namespace":"ns","ownerReferences":[{"apiVersion":"infrastructure.cluster.x-k8s.io/v1beta1","blockOwnerDeletion":true,"controller":true,"kind":"AzureASOManagedMachinePool","name":"dev-mp-1-d4z75","uid":"uid-20"}]},"spec":{"azureName":"mp-1","count":1,"mode":"User","orchestratorVersion":"1.30.10","owner":{"name":"dev"},"vmSize":"Standard_D8s_v3"}}"#]].assert_eq(&lines.join("\n"));
    expect![[r#"
        RefVersionsUpToDate=True
        VariablesReconciled=True
        RefVersionsUpToDate=True RefVersionsUpToDate
        VariablesReady=True VariablesReady
    "#]]
    .assert_eq(&world.conditions("ClusterClass", "aks"));
    settled(&mut world, "1.30.10", [VERSION, VERSION]);
    expect![[r#"
        Provisioned
        Ready=True
        ControlPlaneInitialized=True
        ControlPlaneReady=True
        InfrastructureReady=True
        TopologyReconciled=True
        Paused=False NotPaused
        TopologyReconciled=True ReconcileSucceeded
    "#]]
    .assert_eq(&world.conditions("Cluster", "dev"));
    for pool in names_of(&world, "MachinePool") {
        assert_eq!(
            world.find("MachinePool", &pool)["status"]["phase"],
            "Running",
            "{}",
            world.conditions("MachinePool", &pool)
        );
    }
    let sizes: Vec<&Value> =
        ["dev-mp-0", "dev-mp-1"].map(|name| &world.find("ManagedClustersAgentPool", name)["spec"]["vmSize"]).into();
    assert_eq!(sizes, ["Standard_D2s_v3", "Standard_D8s_v3"]);
}

#[test]
fn a_settled_topology_is_silent_and_follows_its_replicas() {
    let mut world = running();
    world.settle();
    assert_eq!(world.take_log(), "\n");
    let mut pools = pools();
    pools[1]["replicas"] = json!(3);
    world.edit("Cluster", "dev", &json!({"spec": {"topology": {"workers": {"machinePools": pools}}}}));
    world.settle();
    expect![[r#"
        apply MachinePool/dev-mp-1-gpxmm
        apply ManagedClustersAgentPool/dev-mp-1
    "#]]
    .assert_eq(&world.take_writes());
    // Whoever else changes what the topology says is overruled.
    let name = names_of(&world, "MachinePool").remove(1);
    world.edit("MachinePool", &name, &json!({"spec": {"replicas": 7}}));
    world.settle();
    assert_eq!(world.find("MachinePool", &name)["spec"]["replicas"], 3);
}

#[test]
fn an_autoscaler_is_not_overruled() {
    let mut world = running();
    let name = names_of(&world, "MachinePool").remove(1);
    let annotations = json!({names::REPLICAS_MANAGED_BY: "somebody"});
    world.edit("MachinePool", &name, &json!({"metadata": {"annotations": annotations}}));
    world.settle();
    world.aso("ManagedClustersAgentPool", "dev-mp-1", json!({"count": 7}));
    world.settle();
    assert_eq!(world.find("MachinePool", &name)["spec"]["replicas"], 7);
}

#[test]
fn a_variable_reaches_the_pools_that_do_not_override_it() {
    let mut world = running();
    let variables = json!([{"name": "vmSize", "value": "Standard_D4s_v3"}]);
    world.edit("Cluster", "dev", &json!({"spec": {"topology": {"variables": variables}}}));
    world.settle();
    expect![[r#"
        apply AzureASOManagedMachinePool/dev-mp-0-kwrxj
        apply ManagedClustersAgentPool/dev-mp-0
    "#]]
    .assert_eq(&world.take_writes());
    let sizes =
        ["dev-mp-0", "dev-mp-1"].map(|name| world.find("ManagedClustersAgentPool", name)["spec"]["vmSize"].clone());
    assert_eq!(sizes, ["Standard_D4s_v3", "Standard_D8s_v3"]);
    // A variable that the class does not know is said, and nothing is written.
    world.edit("Cluster", "dev", &json!({"spec": {"topology": {"variables": [{"name": "zone", "value": 1}]}}}));
    world.take_log();
    world.settle();
    assert_eq!(world.take_writes(), "\n");
    expect![[r#"
        Provisioned
        Ready=True
        ControlPlaneInitialized=True
        ControlPlaneReady=True
        InfrastructureReady=True
        TopologyReconciled=False Error TopologyReconcileFailed: Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.variables[zone]: Invalid value: "1": variable is not defined
        Paused=False NotPaused
        TopologyReconciled=False ReconcileFailed: Cluster.cluster.x-k8s.io "dev" is invalid: spec.topology.variables[zone]: Invalid value: "1": variable is not defined
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
}

#[test]
fn the_class_reaches_its_clusters() {
    let mut world = running();
    let mut patches = world.find("ClusterClass", "aks")["spec"]["patches"].clone();
    patches[2]["enabledIf"] = json!("{{ false }}");
    world.edit("ClusterClass", "aks", &json!({"spec": {"patches": patches}}));
    world.settle();
    expect![[r#"
        apply AzureASOManagedMachinePool/dev-mp-0-kwrxj
        apply AzureASOManagedMachinePool/dev-mp-1-d4z75
    "#]]
    .assert_eq(&world.take_writes());
    patches[2]["enabledIf"] = json!("{{ .unknown.field }}");
    world.edit("ClusterClass", "aks", &json!({"spec": {"patches": patches}}));
    world.settle();
    expect![[r#"
        Provisioned
        Ready=True
        ControlPlaneInitialized=True
        ControlPlaneReady=True
        InfrastructureReady=True
        TopologyReconciled=False Error TopologyReconcileFailed: error computing the desired state of the Cluster topology: failed to apply patches: failed to generate patches for patch "pool": [failed to calculate if patch is enabled for "AzureASOManagedMachinePoolTemplate": failed to calculate value for enabledIf: failed to render template: "{{ .unknown.field }}": template: tpl:1:11: executing "tpl" at <.unknown.field>: nil pointer evaluating interface {}.field, failed to calculate if patch is enabled for "AzureASOManagedMachinePoolTemplate": failed to calculate value for enabledIf: failed to render template: "{{ .unknown.field }}": template: tpl:1:11: executing "tpl" at <.unknown.field>: nil pointer evaluating interface {}.field]
        Paused=False NotPaused
        TopologyReconciled=False ReconcileFailed: error computing the desired state of the Cluster topology: failed to apply patches: failed to generate patches for patch "pool": [failed to calculate if patch is enabled for "AzureASOManagedMachinePoolTemplate": failed to calculate value for enabledIf: failed to render template: "{{ .unknown.field }}": template: tpl:1:11: executing "tpl" at <.unknown.field>: nil pointer evaluating interface {}.field, failed to calculate if patch is enabled for "AzureASOManagedMachinePoolTemplate": failed to calculate value for enabledIf: failed to render template: "{{ .unknown.field }}": template: tpl:1:11: executing "tpl" at <.unknown.field>: nil pointer evaluating interface {}.field]
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
}

fn versions(world: &World) -> String {
    let version = |kind: &str, at: &str| {
        let all = names_of(world, kind).into_iter();
        all.map(|name| world.find(kind, &name).pointer(at).cloned().unwrap_or_default().to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let topology = world.find("Cluster", "dev")["status"]["conditions"].as_array().unwrap().clone();
    let topology = topology.iter().find(|it| it["type"] == "TopologyReconciled").unwrap().clone();
    format!(
        "control plane {}, pools {}: {} {}",
        version("AzureASOManagedControlPlane", "/spec/version"),
        version("MachinePool", "/spec/template/spec/version"),
        topology["status"].as_str().unwrap(),
        topology["message"].as_str().unwrap_or_default()
    )
}

#[test]
fn a_version_goes_to_the_control_plane_then_from_pool_to_pool() {
    let mut world = running();
    let new = "v1.31.1";
    world.edit("Cluster", "dev", &json!({"spec": {"topology": {"version": new}}}));
    world.settle();
    let mut steps = vec![versions(&world)];
    for nodes in [[VERSION, VERSION], [VERSION, VERSION], [new, VERSION], [new, new]] {
        settled(&mut world, "1.31.1", nodes);
        steps.push(versions(&world));
    }
    expect![[r#"
        control plane "v1.31.1", pools "v1.30.10" "v1.30.10": False MachinePool(s) dev-mp-0-cvwlb, dev-mp-1-gpxmm rollout and upgrade to version v1.31.1 on hold. Control plane is upgrading to version v1.31.1
        control plane "v1.31.1", pools "v1.31.1" "v1.30.10": False MachinePool(s) dev-mp-1-gpxmm rollout and upgrade to version v1.31.1 on hold. MachinePool(s) dev-mp-0-cvwlb are upgrading
        control plane "v1.31.1", pools "v1.31.1" "v1.30.10": False MachinePool(s) dev-mp-1-gpxmm rollout and upgrade to version v1.31.1 on hold. MachinePool(s) dev-mp-0-cvwlb are upgrading
        control plane "v1.31.1", pools "v1.31.1" "v1.31.1": True 
        control plane "v1.31.1", pools "v1.31.1" "v1.31.1": True "#]].assert_eq(&steps.join("\n"));
    // Back is no way.
    world.edit("Cluster", "dev", &json!({"spec": {"topology": {"version": VERSION}}}));
    world.settle();
    expect![[r#"control plane "v1.31.1", pools "v1.31.1" "v1.31.1": False error computing the desired state of the Cluster topology: failed to compute ControlPlane: spec.topology.version: Invalid value: "v1.30.10": version cannot be decreased from "v1.31.1" to "v1.30.10""#]].assert_eq(&versions(&world));
}

#[test]
fn a_pool_can_put_off_an_upgrade() {
    let mut world = running();
    let mut pools = pools();
    pools[0]["metadata"] = json!({"annotations": {names::HOLD_UPGRADE_SEQUENCE: ""}});
    let topology = json!({"version": "v1.31.1", "workers": {"machinePools": pools}});
    world.edit("Cluster", "dev", &json!({"spec": {"topology": topology}}));
    world.settle();
    azure(&mut world, "1.31.1", [VERSION, VERSION]);
    expect![[r#"control plane "v1.31.1", pools "v1.30.10" "v1.30.10": False MachinePool(s) dev-mp-0-cvwlb, dev-mp-1-gpxmm rollout and upgrade to version v1.31.1 on hold."#]].assert_eq(&versions(&world));
}

#[test]
fn an_upgrade_waits_for_nodes_that_cannot_be_asked() {
    let mut world = running();
    world.nodes = Err("connection refused".into());
    world.edit("Cluster", "dev", &json!({"spec": {"topology": {"version": "v1.31.1"}}}));
    world.settle();
    expect![[r#"control plane "v1.30.10", pools "v1.30.10" "v1.30.10": False error computing the desired state of the Cluster topology: failed to check if any MachinePool is upgrading: connection refused"#]].assert_eq(&versions(&world));
    assert_eq!(world.requeues[&place(names::CORE_API_VERSION, "Cluster", "dev")], Requeue::Backoff);
}

#[test]
fn a_pool_that_is_taken_out_goes() {
    let mut world = running();
    let pools = json!([pools()[0]]);
    world.edit("Cluster", "dev", &json!({"spec": {"topology": {"workers": {"machinePools": pools}}}}));
    world.settle();
    expect![[r#"
        delete MachinePool/dev-mp-1-gpxmm
        delete KubeadmConfig/dev-mp-1-9nqdv
        delete AzureASOManagedMachinePool/dev-mp-1-d4z75
        delete ManagedClustersAgentPool/dev-mp-1
    "#]]
    .assert_eq(&world.take_writes());
}

#[test]
fn a_cluster_is_deleted_with_all_that_its_topology_made() {
    let mut world = running();
    world.delete("Cluster", "dev");
    world.settle();
    expect![[r#"
        Deleting
        Ready=False Info Deleting: Waiting for ManagedCluster/dev to be deleted
        ControlPlaneInitialized=True
        ControlPlaneReady=False Info Deleting: Waiting for ManagedCluster/dev to be deleted
        InfrastructureReady=True
        TopologyReconciled=False Info Deleted
        Deleting=True WaitingForControlPlaneDeletion: Waiting for AzureASOManagedControlPlane to be deleted
        Paused=False NotPaused
        TopologyReconciled=False Deleting: Cluster is deleting
    "#]]
    .assert_eq(&world.conditions("Cluster", "dev"));
    expect![[r#"
        delete MachinePool/dev-mp-0-cvwlb
        delete MachinePool/dev-mp-1-gpxmm
        delete KubeadmConfig/dev-mp-0-sq7t9
        delete AzureASOManagedMachinePool/dev-mp-0-kwrxj
        delete KubeadmConfig/dev-mp-1-9nqdv
        delete AzureASOManagedMachinePool/dev-mp-1-d4z75
        delete AzureASOManagedControlPlane/dev-f64kd
        delete ManagedCluster/dev
    "#]]
    .assert_eq(&world.take_writes());
}

#[test]
fn what_is_missing_or_refused_is_said() {
    let mut world = World::new();
    world.put(cluster());
    world.settle();
    expect![[r#"
        Pending
        TopologyReconciled=False Error TopologyReconcileFailed: failed to retrieve ClusterClass ns/aks: clusterclasses.cluster.x-k8s.io "aks" not found
        Paused=False NotPaused
        TopologyReconciled=False ReconcileFailed: failed to retrieve ClusterClass ns/aks: clusterclasses.cluster.x-k8s.io "aks" not found
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
    class().into_iter().skip(1).for_each(|object| world.put(object));
    world.settle();
    expect![[r#"
        RefVersionsUpToDate=Unknown InternalError: Could not find external object for the ClusterClass. refGroupVersionKind: infrastructure.cluster.x-k8s.io/v1beta1, Kind=AzureASOManagedClusterTemplate, refName: c, refNamespace: ns
        VariablesReconciled=True
        VariablesReady=True VariablesReady
    "#]].assert_eq(&world.conditions("ClusterClass", "aks"));
    expect![[r#"
        Pending
        TopologyReconciled=False Error TopologyReconcileFailed: ClusterClass is not successfully reconciled: ClusterClass.status.observedGeneration must be 1, but is 0
        Paused=False NotPaused
        TopologyReconciled=False ReconcileFailed: ClusterClass is not successfully reconciled: ClusterClass.status.observedGeneration must be 1, but is 0
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
    world.put(class().remove(0));
    world.refuse = Some(("AzureASOManagedCluster", "denied by a webhook"));
    world.settle();
    expect![[r#"
        Pending
        TopologyReconciled=False Error TopologyReconcileFailed: error reconciling the Cluster topology: failed to patch AzureASOManagedCluster ns/dev-g72g2: denied by a webhook
        Paused=False NotPaused
        TopologyReconciled=False ReconcileFailed: error reconciling the Cluster topology: failed to patch AzureASOManagedCluster ns/dev-g72g2: denied by a webhook
    "#]].assert_eq(&world.conditions("Cluster", "dev"));
    world.edit("Cluster", "dev", &json!({"spec": {"paused": true}}));
    world.settle();
    expect![[r#"
        Pending
        TopologyReconciled=False Info Paused: Cluster spec.paused is set to true
        Paused=True Paused: Cluster spec.paused is set to true
        TopologyReconciled=False Paused: Cluster spec.paused is set to true
    "#]]
    .assert_eq(&world.conditions("Cluster", "dev"));
}

#[test]
fn kubeadm_is_refused_by_name() {
    let mut world = World::new();
    let mut objects = class();
    objects[3]["spec"]["template"]["spec"] = json!({"joinConfiguration": {"nodeRegistration": {}}});
    objects.into_iter().chain([cluster()]).for_each(|object| world.put(object));
    world.settle();
    let name = names_of(&world, "KubeadmConfig").remove(0);
    expect![[r#"
        Ready=False Error KubeadmNotSupported: spec.joinConfiguration: kubeadm is not run, AKS boots its nodes itself: remove the field
        DataSecretAvailable=False Error KubeadmNotSupported: spec.joinConfiguration: kubeadm is not run, AKS boots its nodes itself: remove the field
    "#]].assert_eq(&world.conditions("KubeadmConfig", &name));
}
