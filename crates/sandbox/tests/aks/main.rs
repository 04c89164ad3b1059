//! AKS through the Azure controllers and the twin: clusters and pools as objects, the ARM requests that they become, and
//! silence afterwards.

#![expect(clippy::too_many_lines, reason = "goldens are long")]

#[allow(dead_code, reason = "scenarios of several tests share it")]
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use api::names::{GroupVersionKind, ObjectRef};
use expect_test::{Expect, expect};
use sandbox::{Options, Platform, settle::settle};
use serde_json::{Value, json};
use store::Memory;
use support::{OWNER, SUBSCRIPTION, TENANT};

/// A day on which AKS offers the workshop's version.
const MADE_AT: &str = "2025-04-15T08:00:00Z";
const LIMIT: Duration = Duration::from_secs(3600);

struct World {
    platform: Platform,
}

fn options() -> Options {
    support::options(Memory::new(), support::keys(), MADE_AT, "resources.azure.com/*;containerservice.azure.com/*", 1)
}

/// Runs the script beside the controllers.
fn with_platform(script: impl AsyncFnOnce(&World)) {
    support::runtime().block_on(async {
        let world = World { platform: Platform::start(options()).await.expect("the platform") };
        world.apply(credential()).await;
        world
            .apply(object("resources.azure.com/v1api20200601", "ResourceGroup", "dev", json!({"location": "westus3"})))
            .await;
        tokio::select! {
            biased;
            () = world.platform.run() => panic!("controllers run until they are dropped"),
            () = script(&world) => {}
        }
    });
}

fn credential() -> Value {
    let data = json!({
        "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION, "AZURE_TENANT_ID": TENANT, "AZURE_CLIENT_ID": OWNER,
        "AZURE_CLIENT_SECRET": "owner",
    });
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque", "stringData": data,
        "metadata": {"name": "aso-credential", "namespace": "default"},
    })
}

fn object(api_version: &str, kind: &str, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": api_version, "kind": kind, "metadata": {"name": name, "namespace": "default"}, "spec": spec,
    })
}

const AKS: &str = "containerservice.azure.com/v1api20231001";

/// As the workshop's chart and Cluster API make it.
fn cluster() -> Value {
    let pool = |name: &str, mode: &str, min: u32| {
        json!({
            "name": name, "count": 1, "enableAutoScaling": true, "enableEncryptionAtHost": false, "enableFIPS": false,
            "enableNodePublicIP": false, "enableUltraSSD": false, "maxCount": 3, "minCount": min, "mode": mode,
            "orchestratorVersion": "1.30.10", "osSKU": "AzureLinux", "vmSize": "Standard_DS2_v2",
            "type": "VirtualMachineScaleSets",
        })
    };
    let spec = json!({
        "owner": {"name": "dev"}, "dnsPrefix": "dev", "location": "westus3", "kubernetesVersion": "1.30.10",
        "agentPoolProfiles": [pool("pool0", "System", 1), pool("pool1", "User", 0)],
        "autoUpgradeProfile": {"nodeOSUpgradeChannel": "NodeImage", "upgradeChannel": "stable"},
        "disableLocalAccounts": false, "enableRBAC": true, "identity": {"type": "SystemAssigned"},
        "servicePrincipalProfile": {"clientId": "msi"}, "sku": {"name": "Base", "tier": "Free"},
        "supportPlan": "KubernetesOfficial", "oidcIssuerProfile": {"enabled": true},
        "operatorSpec": {"configMaps": {
            "oidcIssuerProfile": {"name": "dev-outputs", "key": "issuer"},
            "principalId": {"name": "dev-outputs", "key": "principal"},
        }},
    });
    object(AKS, "ManagedCluster", "dev", spec)
}

fn pool(name: &str, mode: &str, min: u32) -> Value {
    let spec = json!({
        "owner": {"name": "dev"}, "azureName": name, "count": 1, "enableAutoScaling": true,
        "enableEncryptionAtHost": false, "enableFIPS": false, "enableNodePublicIP": false, "enableUltraSSD": false,
        "maxCount": 3, "minCount": min, "mode": mode, "orchestratorVersion": "1.30.10", "osSKU": "AzureLinux",
        "vmSize": "Standard_DS2_v2", "type": "VirtualMachineScaleSets",
    });
    object(AKS, "ManagedClustersAgentPool", &format!("dev-{name}"), spec)
}

impl World {
    async fn apply(&self, object: Value) {
        support::apply(&self.platform, object).await;
    }

    async fn delete(&self, kind: &str, name: &str) {
        let target = target(kind, name);
        support::delete(&self.platform, &target).await;
    }

    /// Waits for rest and tells how the objects are and what was sent to Azure since the last look.
    async fn report(&self) -> String {
        let rest = settle(&self.platform, LIMIT).await;
        let mut text = String::from(if rest { "" } else { "never at rest\n" });
        for (kind, name) in [
            ("ManagedCluster", "dev"),
            ("MaintenanceConfiguration", "dev-default"),
            ("MaintenanceConfiguration", "dev-aksmanagedautoupgradeschedule"),
            ("ManagedClustersAgentPool", "dev-pool0"),
            ("ManagedClustersAgentPool", "dev-pool1"),
        ] {
            let object = self.platform.admin().get(&target(kind, name)).await.expect("the API answers");
            let Some(object) = object else { continue };
            let ready = api::condition::find(&object, "Ready").cloned().unwrap_or_default();
            let status = &object["status"];
            let facts = [&status["currentKubernetesVersion"], &status["orchestratorVersion"], &status["count"]];
            let facts: Vec<String> = facts.iter().filter(|fact| !fact.is_null()).map(ToString::to_string).collect();
            text += &format!("{kind}/{name}: {} {} {}\n", ready["status"], ready["reason"], facts.join(" "));
        }
        for request in self.platform.twin().request_log() {
            let of = request.id.rsplit("/providers/").next().unwrap_or_default();
            if request.method != "GET" {
                text +=
                    &format!("{} {of} -> {} {}\n", request.method, request.status, request.code.unwrap_or_default());
            }
        }
        self.platform.twin().clear_request_log();
        text
    }
}

fn target(kind: &str, name: &str) -> ObjectRef {
    ObjectRef::new(&GroupVersionKind::new("containerservice.azure.com", "v1api20231001", kind), "default", name)
}

async fn check(world: &World, expected: Expect) {
    expected.assert_eq(&world.report().await);
}

#[test]
fn clusters_and_pools_converge_and_are_silent() {
    with_platform(async |world| {
        world.apply(cluster()).await;
        world.apply(pool("pool0", "System", 1)).await;
        world.apply(pool("pool1", "User", 0)).await;
        check(
            world,
            expect![[r#"
            ManagedCluster/dev: "True" "Succeeded" "1.30.10"
            ManagedClustersAgentPool/dev-pool0: "True" "Succeeded" "1.30.10" 1
            ManagedClustersAgentPool/dev-pool1: "True" "Succeeded" "1.30.10" 1
            PUT /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/dev -> 201 
            PUT Microsoft.ContainerService/managedClusters/dev -> 201 
        "#]],
        )
        .await;
        let outputs = ObjectRef::new(&GroupVersionKind::new("", "v1", "ConfigMap"), "default", "dev-outputs");
        let outputs = world.platform.admin().get(&outputs).await.expect("the API answers").expect("exported");
        let issuer = outputs["data"]["issuer"].as_str().unwrap_or_default();
        assert!(issuer.starts_with(&format!("https://westus3.oic.prod-aks.azure.com/{TENANT}/")), "{issuer}");
        assert_eq!(outputs["data"]["principal"].as_str().map(str::len), Some(36));
        // As Cluster API's template with maintenance windows has it.
        for (name, spec) in [
            ("default", json!({"timeInWeek": [{"day": "Sunday", "hourSlots": [0, 1]}]})),
            (
                "aksManagedAutoUpgradeSchedule",
                json!({"maintenanceWindow": {
                    "durationHours": 4, "startTime": "02:00", "utcOffset": "-05:00",
                    "schedule": {"weekly": {"dayOfWeek": "Sunday", "intervalWeeks": 1}},
                    "notAllowedDates": [{"start": "2026-12-23", "end": "2026-12-26"}],
                }}),
            ),
        ] {
            let mut spec = spec;
            spec["azureName"] = json!(name);
            spec["owner"] = json!({"name": "dev"});
            let version = "containerservice.azure.com/v1api20240901";
            world
                .apply(object(version, "MaintenanceConfiguration", &format!("dev-{}", name.to_lowercase()), spec))
                .await;
        }
        check(world, expect![[r#"
            ManagedCluster/dev: "True" "Succeeded" "1.30.10"
            MaintenanceConfiguration/dev-default: "True" "Succeeded" 
            MaintenanceConfiguration/dev-aksmanagedautoupgradeschedule: "True" "Succeeded" 
            ManagedClustersAgentPool/dev-pool0: "True" "Succeeded" "1.30.10" 1
            ManagedClustersAgentPool/dev-pool1: "True" "Succeeded" "1.30.10" 1
            PUT Microsoft.ContainerService/managedClusters/dev/maintenanceConfigurations/default -> 201 
            PUT Microsoft.ContainerService/managedClusters/dev/maintenanceConfigurations/aksManagedAutoUpgradeSchedule -> 201 
        "#]]).await;
        // Three sync periods, in which everything is compared again.
        tokio::time::sleep(Duration::from_secs(3 * 5000)).await;
        check(
            world,
            expect![[r#"
                ManagedCluster/dev: "True" "Succeeded" "1.30.10"
                MaintenanceConfiguration/dev-default: "True" "Succeeded" 
                MaintenanceConfiguration/dev-aksmanagedautoupgradeschedule: "True" "Succeeded" 
                ManagedClustersAgentPool/dev-pool0: "True" "Succeeded" "1.30.10" 1
                ManagedClustersAgentPool/dev-pool1: "True" "Succeeded" "1.30.10" 1
            "#]],
        )
        .await;

        // Cluster API takes the pools out of the cluster's spec when it is there: from now on they are the pools' own.
        let mut alone = cluster();
        alone["spec"].as_object_mut().expect("a spec").remove("agentPoolProfiles");
        world.apply(alone).await;
        let mut more = pool("pool1", "User", 0);
        more["spec"]["minCount"] = json!(2);
        world.apply(more).await;
        check(
            world,
            expect![[r#"
                ManagedCluster/dev: "True" "Succeeded" "1.30.10"
                MaintenanceConfiguration/dev-default: "True" "Succeeded" 
                MaintenanceConfiguration/dev-aksmanagedautoupgradeschedule: "True" "Succeeded" 
                ManagedClustersAgentPool/dev-pool0: "True" "Succeeded" "1.30.10" 1
                ManagedClustersAgentPool/dev-pool1: "True" "Succeeded" "1.30.10" 2
                PUT Microsoft.ContainerService/managedClusters/dev/agentPools/pool1 -> 200 
            "#]],
        )
        .await;

        // Both at once, as a commit that raises the version everywhere does.
        let (mut upgraded, mut pool0) = (cluster(), pool("pool0", "System", 1));
        upgraded["spec"]["kubernetesVersion"] = json!("1.31.6");
        upgraded["spec"].as_object_mut().expect("a spec").remove("agentPoolProfiles");
        pool0["spec"]["orchestratorVersion"] = json!("1.31.6");
        world.apply(pool0).await;
        world.apply(upgraded).await;
        check(
            world,
            expect![[r#"
                ManagedCluster/dev: "True" "Succeeded" "1.31.6"
                MaintenanceConfiguration/dev-default: "True" "Succeeded" 
                MaintenanceConfiguration/dev-aksmanagedautoupgradeschedule: "True" "Succeeded" 
                ManagedClustersAgentPool/dev-pool0: "True" "Succeeded" "1.31.6" 1
                ManagedClustersAgentPool/dev-pool1: "True" "Succeeded" "1.30.10" 2
                PUT Microsoft.ContainerService/managedClusters/dev/agentPools/pool0 -> 400 NodePoolMcVersionIncompatible
                PUT Microsoft.ContainerService/managedClusters/dev -> 200 
                PUT Microsoft.ContainerService/managedClusters/dev/agentPools/pool0 -> 200 
            "#]],
        )
        .await;

        world.delete("ManagedClustersAgentPool", "dev-pool1").await;
        check(
            world,
            expect![[r#"
                ManagedCluster/dev: "True" "Succeeded" "1.31.6"
                MaintenanceConfiguration/dev-default: "True" "Succeeded" 
                MaintenanceConfiguration/dev-aksmanagedautoupgradeschedule: "True" "Succeeded" 
                ManagedClustersAgentPool/dev-pool0: "True" "Succeeded" "1.31.6" 1
                DELETE Microsoft.ContainerService/managedClusters/dev/agentPools/pool1 -> 202 
            "#]],
        )
        .await;
        world.delete("ManagedCluster", "dev").await;
        check(
            world,
            expect![[r#"
                DELETE Microsoft.ContainerService/managedClusters/dev -> 202 
                DELETE Microsoft.ContainerService/managedClusters/dev/maintenanceConfigurations/aksManagedAutoUpgradeSchedule -> 404 ResourceNotFound
                DELETE Microsoft.ContainerService/managedClusters/dev/maintenanceConfigurations/default -> 404 ResourceNotFound
                DELETE Microsoft.ContainerService/managedClusters/dev/agentPools/pool0 -> 404 ResourceNotFound
            "#]],
        )
        .await;
    });
}

#[test]
fn azures_refusals_are_in_the_condition() {
    with_platform(async |world| {
        let mut old = cluster();
        old["spec"]["kubernetesVersion"] = json!("1.27.9");
        world.apply(old).await;
        check(
            world,
            expect![[r#"
            ManagedCluster/dev: "False" "K8sVersionNotSupported" 
            PUT /subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/dev -> 201 
            PUT Microsoft.ContainerService/managedClusters/dev -> 400 K8sVersionNotSupported
            PUT Microsoft.ContainerService/managedClusters/dev -> 400 K8sVersionNotSupported
        "#]],
        )
        .await;
        world.apply(cluster()).await;
        world.apply(pool("pool0", "System", 1)).await;
        check(
            world,
            expect![[r#"
            ManagedCluster/dev: "True" "Succeeded" "1.30.10"
            ManagedClustersAgentPool/dev-pool0: "True" "Succeeded" "1.30.10" 1
            PUT Microsoft.ContainerService/managedClusters/dev -> 201 
        "#]],
        )
        .await;
        let mut other = pool("pool0", "System", 1);
        other["spec"]["vmSize"] = json!("Standard_DS3_v2");
        world.apply(other).await;
        check(
            world,
            expect![[r#"
            ManagedCluster/dev: "True" "Succeeded" "1.30.10"
            ManagedClustersAgentPool/dev-pool0: "False" "PropertyChangeNotAllowed" "1.30.10" 1
            PUT Microsoft.ContainerService/managedClusters/dev/agentPools/pool0 -> 409 PropertyChangeNotAllowed
        "#]],
        )
        .await;
    });
}
