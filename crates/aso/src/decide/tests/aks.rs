//! Clusters and their pools: what is sent, what is exported, what the autoscaler and Azure's own fillings do not disturb.

use actions::ArmMethod;
use expect_test::expect;
use serde_json::{Value, json};

use super::{
    check,
    harness::{GROUP_ID, Pace, World, credential, error, ready_owner},
};

const CREDENTIAL: &str = "rg-dev-app-aso-credentials";

fn object(kind: &str, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "containerservice.azure.com/v1api20231001", "kind": kind,
        "metadata": {
            "name": name, "namespace": "rg-dev-app",
            "annotations": {"serviceoperator.azure.com/credential-from": CREDENTIAL},
        },
        "spec": spec,
    })
}

fn cluster() -> Value {
    let pool = json!({
        "name": "pool0", "count": 1, "enableAutoScaling": true, "minCount": 1, "maxCount": 3, "mode": "System",
        "vmSize": "Standard_DS2_v2",
    });
    let spec = json!({
        "owner": {"name": "rg-dev-app"}, "location": "westus3", "dnsPrefix": "dev", "kubernetesVersion": "1.30.10",
        "identity": {"type": "SystemAssigned"}, "agentPoolProfiles": [pool],
        "operatorSpec": {
            "secrets": {"adminCredentials": {"name": "dev-kubeconfig", "key": "value"}},
            "configMaps": {"oidcIssuerProfile": {"name": "dev-oidc", "key": "issuer"}},
        },
    });
    object("ManagedCluster", "dev", spec)
}

fn cluster_world(pace: Pace) -> World {
    let mut world = World::new(cluster(), pace);
    world.secrets.extend([credential(CREDENTIAL)]);
    world.objects.extend([ready_owner("resources.azure.com/v1", "ResourceGroup", "rg-dev-app", GROUP_ID)]);
    // Azure fills in much: of a pool that was sent, and around it.
    let pool = json!({
        "name": "pool0", "count": 1, "enableAutoScaling": true, "minCount": 1, "maxCount": 3, "mode": "System",
        "vmSize": "Standard_DS2_v2", "osDiskSizeGB": 128, "currentOrchestratorVersion": "1.30.10", "maxPods": 250,
    });
    world.azure.adds = json!({
        "agentPoolProfiles": [pool], "fqdn": "dev-1.hcp.westus3.azmk8s.io", "nodeResourceGroup": "MC_rg_dev",
        "oidcIssuerProfile": {"enabled": true, "issuerURL": "https://issuer/"}, "addonProfiles": {},
        "networkProfile": {"networkPlugin": "azure", "podCidrs": ["10.244.0.0/16"]},
    });
    world
}

fn id() -> String {
    format!("{GROUP_ID}/providers/Microsoft.ContainerService/managedClusters/dev")
}

#[test]
fn a_cluster_is_made_and_its_credentials_are_exported() {
    check(
        cluster_world(Pace::Async(1)).run(6),
        expect![[r#"
        -- 12:00:00
           ? ResourceGroup/rg-dev-app -n rg-dev-app: found
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ! merge claimed for /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev, owned by rg-dev-app: {"annotations":{"serviceoperator.azure.com/operator-namespace":"azureserviceoperator-system","serviceoperator.azure.com/resource-id":"/S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev"},"finalizers":["serviceoperator.azure.com/finalizer"],"labels":{"serviceoperator.azure.com/owner-group-kind":"ResourceGroup.resources.azure.com","serviceoperator.azure.com/owner-name":"rg-dev-app"},"ownerReferences":[{"apiVersion":"resources.azure.com/v1","kind":"ResourceGroup","name":"rg-dev-app","uid":"uid-of-rg-dev-app"}],"resourceVersion":"1"}
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev: 404 ResourceNotFound
           ! PUT /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev 2023-10-01 {"identity":{"delegatedResources":null,"type":"SystemAssigned"},"location":"westus3","name":"dev","properties":{"addonProfiles":null,"agentPoolProfiles":[{"availabilityZones":null,"count":1,"enableAutoScaling":true,"maxCount":3,"minCount":1,"mode":"System","name":"pool0","nodeLabels":{},"nodeTaints":[],"tags":{},"vmSize":"Standard_DS2_v2"}],"dnsPrefix":"dev","identityProfile":null,"kubernetesVersion":"1.30.10","privateLinkResources":null},"tags":{}}
             because create, spec.location: westus3
             -> 201 and an operation
           ! merge the operation is recorded before it is awaited: {"annotations":{"serviceoperator.azure.com/poller-resume-id":"GenericClient.CreateOrUpdateByID","serviceoperator.azure.com/poller-resume-token":"…","windlass.dev/azure-sent":"…"}}
           ! status Azure is working on it: {"conditions":[{"lastTransitionTime":"2026-11-22T12:00:00Z","message":"The resource is in the process of being reconciled by the operator","observedGeneration":1,"reason":"Reconciling","severity":"Info","status":"False","type":"Ready"}]}
           then After(15s)
        -- 12:00:15
           ? ResourceGroup/rg-dev-app -n rg-dev-app: found
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? poll: in progress
           then After(15s)
        -- 12:00:30
           ? ResourceGroup/rg-dev-app -n rg-dev-app: found
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? poll: done
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev: 200
           ? POST /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/listClusterAdminCredential: 200
           ? ConfigMap/dev-oidc -n rg-dev-app: not found
           ? Secret rg-dev-app/dev-kubeconfig: not found
           ! apply ConfigMap/dev-oidc -n rg-dev-app: spec.operatorSpec exports ["issuer"] {"issuer":"https://issuer/"}
           ! apply Secret/dev-kubeconfig -n rg-dev-app: spec.operatorSpec exports ["value"] {"value":"a3ViZWNvbmZpZyBvZiBkZXY="}
           ! merge Azure has what was sent: {"annotations":{"serviceoperator.azure.com/latest-reconciled-generation":"1","serviceoperator.azure.com/poller-resume-id":null,"serviceoperator.azure.com/poller-resume-token":null,"windlass.dev/azure-sent":null,"windlass.dev/azure-settled":"…"}}
           ! status Azure has what was sent: {"addonProfiles":{},"agentPoolProfiles":[{"count":1,"currentOrchestratorVersion":"1.30.10","enableAutoScaling":true,"maxCount":3,"maxPods":250,"minCount":1,"mode":"System","name":"pool0","osDiskSizeGB":128,"vmSize":"Standard_DS2_v2"}],"conditions":[{"lastTransitionTime":"2026-11-22T12:00:30Z","observedGeneration":1,"reason":"Succeeded","status":"True","type":"Ready"}],"dnsPrefix":"dev","fqdn":"dev-1.hcp.westus3.azmk8s.io","id":"/S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev","identity":{"type":"SystemAssigned"},"kubernetesVersion":"1.30.10","location":"westus3","name":"dev","networkProfile":{"networkPlugin":"azure","podCidrs":["10.244.0.0/16"]},"nodeResourceGroup":"MC_rg_dev","oidcIssuerProfile":{"enabled":true,"issuerURL":"https://issuer/"},"provisioningState":"Succeeded","tags":{},"type":"Microsoft.ContainerService/managedClusters"}
           then After(4305.6s)
        -- 13:12:15
           ? ResourceGroup/rg-dev-app -n rg-dev-app: found
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev: 200
           ? POST /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/listClusterAdminCredential: 200
           ? ConfigMap/dev-oidc -n rg-dev-app: found
           ? Secret rg-dev-app/dev-kubeconfig: found
           then After(4305.6s)
    "#]],
    );
}

#[test]
fn what_azure_does_by_itself_is_no_drift() {
    let mut world = cluster_world(Pace::AtOnce);
    world.run(6);
    assert_eq!(world.ready(), "\"True\" \"Succeeded\" null");
    let sent = world.azure.log.len();
    let live = |world: &mut World, what: &dyn Fn(&mut Value)| {
        what(&mut world.azure.resources.get_mut(&id().to_lowercase()).expect("made")["properties"]);
    };
    // The autoscaler; and a pool that is an object of its own.
    live(&mut world, &|cluster| {
        cluster["agentPoolProfiles"][0]["count"] = json!(3);
        let second = json!({"name": "pool1", "count": 2, "mode": "User"});
        cluster["agentPoolProfiles"].as_array_mut().expect("pools").insert(0, second);
    });
    world.run(3);
    // Cluster API takes the pools out of the spec when the cluster is there.
    world.edit(|object| {
        object["spec"].as_object_mut().expect("a spec").remove("agentPoolProfiles");
    });
    world.run(3);
    assert_eq!(world.azure.log.len(), sent, "{}", world.text);
    // What a person changes is sent, without the count that is not hers.
    world.text.clear();
    world.edit(|object| {
        let pool = json!({
            "name": "pool0", "count": 1, "enableAutoScaling": true, "minCount": 1, "maxCount": 5, "mode": "System",
            "vmSize": "Standard_DS2_v2",
        });
        object["spec"]["agentPoolProfiles"] = json!([pool]);
    });
    world.run(1);
    let sent: Vec<&str> =
        world.text.lines().map(str::trim).filter(|line| line.contains("PUT") || line.contains("because")).collect();
    expect![[r#"
        ! PUT /subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev 2023-10-01 {"identity":{"delegatedResources":null,"type":"SystemAssigned"},"location":"westus3","name":"dev","properties":{"addonProfiles":null,"agentPoolProfiles":[{"availabilityZones":null,"enableAutoScaling":true,"maxCount":5,"minCount":1,"mode":"System","name":"pool0","nodeLabels":{},"nodeTaints":[],"tags":{},"vmSize":"Standard_DS2_v2"}],"dnsPrefix":"dev","identityProfile":null,"kubernetesVersion":"1.30.10","privateLinkResources":null},"tags":{}}
        because spec.agentPoolProfiles[0].maxCount: 3 -> 5"#]].assert_eq(&sent.join("\n"));
}

#[test]
fn credentials_that_azure_refuses_are_told() {
    let mut world = cluster_world(Pace::AtOnce);
    let refused = error(400, "BadRequest", "Getting static credential is not allowed");
    world.azure.refuse.extend([(ArmMethod::Post, refused)]);
    world.run(1);
    expect![[r#""False" "Failed" "extension failed to produce resources for export: failed listing admin credentials: BadRequest: Getting static credential is not allowed (correlation id c1)""#]].assert_eq(&world.ready());
}

fn pool_world(pace: Pace, provisioning: &str) -> World {
    let spec = json!({
        "owner": {"name": "dev"}, "azureName": "pool1", "mode": "User", "vmSize": "Standard_DS2_v2", "count": 1,
        "enableAutoScaling": true, "minCount": 0, "maxCount": 3, "type": "VirtualMachineScaleSets",
        "nodeLabels": {"team": "a"},
    });
    let mut world = World::new(object("ManagedClustersAgentPool", "dev-pool1", spec), pace);
    world.secrets.extend([credential(CREDENTIAL)]);
    let (key, mut owner) = ready_owner("containerservice.azure.com/v1api20231001", "ManagedCluster", "dev", &id());
    owner["status"]["provisioningState"] = json!(provisioning);
    world.objects.insert(key, owner);
    world
}

#[test]
fn a_pool_waits_for_its_cluster() {
    let mut world = pool_world(Pace::AtOnce, "Updating");
    world.run(2);
    let mut said = vec![world.ready()];
    assert!(world.azure.log.is_empty());
    for (member, value) in [
        ("/metadata/generation", json!(2)),
        (
            "/metadata/annotations/serviceoperator.azure.com~1poller-resume-id",
            json!("GenericClient.CreateOrUpdateByID"),
        ),
    ] {
        let mut world = pool_world(Pace::AtOnce, "Succeeded");
        for owner in world.objects.values_mut() {
            owner["metadata"]["generation"] = json!(1);
            owner["metadata"]["annotations"]["serviceoperator.azure.com/poller-resume-id"] = json!(null);
            owner["status"]["conditions"][0]["observedGeneration"] = json!(1);
            *owner.pointer_mut(member).expect("a member") = value.clone();
        }
        world.run(2);
        said.push(world.ready());
        assert!(world.azure.log.is_empty());
    }
    expect![[r#"
        "False" "ReconciliationBlocked" "Managed cluster \"dev\" is in provisioning state \"Updating\""
        "False" "ReconciliationBlocked" "Managed cluster \"dev\" has a change of its own to make first"
        "False" "ReconciliationBlocked" "Managed cluster \"dev\" has an operation in progress""#]]
    .assert_eq(&said.join("\n"));
    assert!(world.azure.log.is_empty());
    for owner in world.objects.values_mut() {
        owner["status"]["provisioningState"] = json!("Succeeded");
    }
    world.text.clear();
    check(
        world.run(4),
        expect![[r#"
        -- 12:00:02
           ? ManagedCluster/dev -n rg-dev-app: found
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1: 404 ResourceNotFound
           ! PUT /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1 2023-10-01 {"name":"pool1","properties":{"availabilityZones":null,"count":1,"enableAutoScaling":true,"maxCount":3,"minCount":0,"mode":"User","nodeLabels":{"team":"a"},"nodeTaints":[],"tags":{},"type":"VirtualMachineScaleSets","vmSize":"Standard_DS2_v2"}}
             because create
             -> 201
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1: 200
           ! merge Azure has what was sent: {"annotations":{"serviceoperator.azure.com/latest-reconciled-generation":"1","windlass.dev/azure-settled":"…"}}
           ! status Azure has what was sent: {"conditions":[{"lastTransitionTime":"2026-11-22T12:00:02Z","observedGeneration":1,"reason":"Succeeded","status":"True","type":"Ready"}],"count":1,"enableAutoScaling":true,"id":"/S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1","maxCount":3,"minCount":0,"mode":"User","name":"pool1","nodeLabels":{"team":"a"},"nodeTaints":[],"propertiesType":"VirtualMachineScaleSets","provisioningState":"Succeeded","tags":{},"type":"Microsoft.ContainerService/managedClusters/agentPools","vmSize":"Standard_DS2_v2"}
           then After(4305.6s)
        -- 13:11:47
           ? ManagedCluster/dev -n rg-dev-app: found
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1: 200
           then After(4305.6s)
    "#]],
    );
}

#[test]
fn a_pool_that_is_ahead_of_its_cluster_tries_again() {
    let mut world = pool_world(Pace::AtOnce, "Succeeded");
    let refused = error(400, "NodePoolMcVersionIncompatible", "Minor version of node pool version is bigger");
    world.azure.refuse.extend([(ArmMethod::Put, refused)]);
    world.run(1);
    let first = world.ready();
    world.run(3);
    expect![[r#"
        "False" "NodePoolMcVersionIncompatible" "NodePoolMcVersionIncompatible: Minor version of node pool version is bigger (correlation id c1)"
        "True" "Succeeded" null"#]].assert_eq(&format!("{first}\n{}", world.ready()));
}

#[test]
fn a_pool_goes_with_its_cluster() {
    let mut world = pool_world(Pace::AtOnce, "Succeeded");
    world.run(4).text.clear();
    world.object["metadata"]["deletionTimestamp"] = json!("2026-11-22T13:00:00Z");
    for owner in world.objects.values_mut() {
        owner["metadata"]["deletionTimestamp"] = json!("2026-11-22T13:00:00Z");
    }
    world.run(1);
    world.azure.resources.clear();
    check(
        world.run(2),
        expect![[r#"
        -- 14:23:31
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? ManagedCluster/dev -n rg-dev-app: found
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1: 200
           ! status Azure is deleting it: {"conditions":[{"lastTransitionTime":"2026-11-22T14:23:31Z","message":"The resource is being deleted","observedGeneration":1,"reason":"Deleting","severity":"Info","status":"False","type":"Ready"}]}
           then After(15s)
        -- 14:23:46
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? ManagedCluster/dev -n rg-dev-app: found
           ? GET /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1: 404 ResourceNotFound
           ! merge gone from Azure with its owner: {"finalizers":[],"resourceVersion":"5"}
           (the object is gone)
           then OnChange
    "#]],
    );
    // Alone, it is deleted; what Azure refuses is tried again.
    let mut world = pool_world(Pace::AtOnce, "Succeeded");
    world.run(4).text.clear();
    world.object["metadata"]["deletionTimestamp"] = json!("2026-11-22T13:00:00Z");
    let refused = error(400, "BadRequest", "There has to be at least one system agent pool.");
    world.azure.refuse.extend([(ArmMethod::Delete, refused)]);
    check(
        world.run(4),
        expect![[r#"
        -- 14:23:31
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? ManagedCluster/dev -n rg-dev-app: found
           ! DELETE /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1 2023-10-01
             because ManagedClustersAgentPool/dev-pool1 -n rg-dev-app is deleted
             -> 400 BadRequest
           ! status Ready: BadRequest: {"conditions":[{"lastTransitionTime":"2026-11-22T14:23:31Z","message":"BadRequest: There has to be at least one system agent pool. (correlation id c1)","observedGeneration":1,"reason":"BadRequest","severity":"Error","status":"False","type":"Ready"}]}
           then Backoff
        -- 14:23:32
           ? Secret rg-dev-app/rg-dev-app-aso-credentials: found
           ? ManagedCluster/dev -n rg-dev-app: found
           ! DELETE /S/resourceGroups/rg-dev-app/providers/Microsoft.ContainerService/managedClusters/dev/agentPools/pool1 2023-10-01
             because ManagedClustersAgentPool/dev-pool1 -n rg-dev-app is deleted
             -> 200
           ! merge deleted in Azure: {"finalizers":[],"resourceVersion":"5"}
           (the object is gone)
           then OnChange
    "#]],
    );
}
