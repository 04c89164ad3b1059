//! Agent pools: made, scaled, upgraded, removed; one truth with the cluster's `agentPoolProfiles`; quota.

use expect_test::expect;

use super::aks::{BODY, DEV, WORKSHOP, ask, lab, lab_on, put};

fn pool(name: &str, properties: &str) -> String {
    format!("PUT {DEV}/agentPools/{name}?api-version=2023-10-01 {{\"properties\": {properties}}}")
}

#[tokio::test]
async fn a_pool_is_made_scaled_and_removed() {
    let mut lab = lab().await;
    lab.host.take();
    let small = r#"{"count": 1, "mode": "User", "vmSize": "Standard_DS2_v2", "nodeLabels": {"a": "b"}, "nodeTaints": ["k=v:NoSchedule"]}"#;
    let script = [
        pool("pool1", small),
        pool("pool1", small),
        pool("pool2", r#"{"vmSize": "Standard_D4s_v5"}"#),
        put(BODY),
        "wait 100".into(),
        pool("pool1", r#"{"count": 3, "nodeTaints": []}"#),
        format!("GET {DEV}/agentPools/pool1?api-version=2023-10-01"),
        "wait 100".into(),
        pool("pool1", r#"{"enableAutoScaling": true, "minCount": 4, "maxCount": 5}"#),
        "wait 100".into(),
        pool("pool1", r#"{"enableAutoScaling": false}"#),
        "wait 100".into(),
        pool("pool1", r#"{"count": 0}"#),
        "wait 100".into(),
        format!("DELETE {DEV}/agentPools/pool1?api-version=2023-10-01"),
        pool("pool1", small),
        "wait 100".into(),
        format!("GET {DEV}/agentPools/pool1?api-version=2023-10-01"),
        format!("DELETE {DEV}/agentPools/pool1?api-version=2023-10-01"),
        format!("DELETE {DEV}/agentPools/pool0?api-version=2023-10-01"),
        pool("pool0", r#"{"mode": "User"}"#),
        format!("POST {DEV}/agentPools/pool2/abort?api-version=2023-10-01"),
    ];
    let said = ask(&mut lab, &script.join("\n")).await;
    expect![[r#"
        PUT dev/agentPools/pool1 -> 201 "Creating"
        PUT dev/agentPools/pool1 -> 409 OperationNotAllowed: Operation is not allowed: Another operation (pool1 - Creating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details
        PUT dev/agentPools/pool2 -> 201 "Creating"
        PUT dev -> 409 OperationNotAllowed: Operation is not allowed: Another operation (pool1 - Creating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details
        wait 100
        PUT dev/agentPools/pool1 -> 200 "Scaling"
        GET dev/agentPools/pool1 -> 200 "Scaling"
        wait 100
        PUT dev/agentPools/pool1 -> 200 "Scaling"
        wait 100
        PUT dev/agentPools/pool1 -> 200 "Updating"
        wait 100
        PUT dev/agentPools/pool1 -> 200 "Scaling"
        wait 100
        DELETE dev/agentPools/pool1 -> 202 [location: https://management.azure.com/subscriptions/SUB/operationresults/GUID?api-version=2016-03-30] [azure-asyncoperation: https://management.azure.com/subscriptions/SUB/providers/Microsoft.ContainerService/locations/westus3/operations/GUID?api-version=2016-03-30] [retry-after-ms: 21]
        PUT dev/agentPools/pool1 -> 409 OperationNotAllowed: Operation is not allowed: Another operation (pool1 - Deleting) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details
        wait 100
        GET dev/agentPools/pool1 -> 404 ResourceNotFound: The Resource 'Microsoft.ContainerService/managedClusters/agentPools/pool1' under resource group 'rg1' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix
        DELETE dev/agentPools/pool1 -> 204
        DELETE dev/agentPools/pool0 -> 400 BadRequest: There has to be at least one system agent pool.
        PUT dev/agentPools/pool0 -> 400 BadRequest: There has to be at least one system agent pool.
        POST dev/agentPools/pool2/abort -> 501 NotImplemented: The twin of Azure does not simulate the action 'abort' of 'Microsoft.ContainerService/managedClusters/agentPools'."#]].assert_eq(&said);
    expect![[r#"
        dev@1.30.10 [pool0:1xStandard_DS2_v2@1.30.10 pool1:1xStandard_DS2_v2@1.30.10]
        dev@1.30.10 [pool0:1xStandard_DS2_v2@1.30.10 pool1:1xStandard_DS2_v2@1.30.10 pool2:1xStandard_D4s_v5@1.30.10]
        dev@1.30.10 [pool0:1xStandard_DS2_v2@1.30.10 pool1:3xStandard_DS2_v2@1.30.10 pool2:1xStandard_D4s_v5@1.30.10]
        dev@1.30.10 [pool0:1xStandard_DS2_v2@1.30.10 pool1:4xStandard_DS2_v2@1.30.10 pool2:1xStandard_D4s_v5@1.30.10]
        dev@1.30.10 [pool0:1xStandard_DS2_v2@1.30.10 pool1:0xStandard_DS2_v2@1.30.10 pool2:1xStandard_D4s_v5@1.30.10]
        dev@1.30.10 [pool0:1xStandard_DS2_v2@1.30.10 pool2:1xStandard_D4s_v5@1.30.10]
    "#]]
    .assert_eq(&lab.host.take());
}

#[tokio::test]
async fn pools_and_profiles_are_one() {
    let mut lab = lab().await;
    let said = lab
        .run(&format!(
            "{}\nwait 100\nGET {DEV}?api-version=2023-10-01\nGET {DEV}/agentPools?api-version=2023-10-01",
            pool("pool1", r#"{"vmSize": "Standard_DS2_v2"}"#)
        ))
        .await;
    let names = |line: &str| -> Vec<String> {
        line.match_indices("\"name\":\"pool").map(|(at, _)| line[at + 8..at + 13].to_string()).collect()
    };
    let answers: Vec<Vec<String>> = said.lines().skip(2).map(names).collect();
    assert_eq!(answers, [["pool0", "pool1"], ["pool0", "pool1"]], "{said}");
    lab.host.take();
    // A PUT of the cluster that names one pool changes that one; the other stays.
    lab.run(&put(&BODY
        .replace(r#""maxCount": 3"#, r#""maxCount": 9"#)
        .replace(r#""minCount": 1"#, r#""minCount": 2"#)
        .replace(r#""count": 1"#, r#""count": 2"#)))
        .await;
    expect![[r#"
        dev@1.30.10 [pool0:2xStandard_DS2_v2@1.30.10 pool1:1xStandard_DS2_v2@1.30.10]
    "#]]
    .assert_eq(&lab.host.take());
}

#[tokio::test]
async fn what_a_pool_keeps() {
    let mut lab = lab().await;
    let mut said = Vec::new();
    for properties in [
        r#"{"vmSize": "Standard_DS3_v2"}"#,
        r#"{"vmSize": "standard_ds2_V2", "enableUltraSSD": false}"#,
        r#"{"osDiskSizeGB": 64}"#,
        r#"{"availabilityZones": ["1"]}"#,
        r#"{"maxPods": 40}"#,
        r#"{"orchestratorVersion": "1.31.6"}"#,
        r#"{"orchestratorVersion": "1.26.0"}"#,
        r#"{"orchestratorVersion": "1.30.9"}"#,
        r#"{"osType": "Windows"}"#,
    ] {
        said.push(ask(&mut lab, &pool("pool0", properties)).await);
        lab.run("wait 100").await;
    }
    said.push(
        ask(&mut lab, &pool("win", r#"{"vmSize": "Standard_D2s_v3", "osType": "Windows", "mode": "System"}"#)).await,
    );
    said.push(ask(&mut lab, &pool("windows", r#"{"vmSize": "Standard_D2s_v3", "osType": "Windows"}"#)).await);
    said.push(ask(&mut lab, &pool("Bad", "{}")).await);
    let nowhere = pool("pool0", "{}").replace("managedClusters/dev", "managedClusters/other");
    said.push(ask(&mut lab, &nowhere).await);
    expect![[r#"
        PUT dev/agentPools/pool0 -> 409 PropertyChangeNotAllowed: Changing property 'properties.vmSize' is not allowed.
        PUT dev/agentPools/pool0 -> 200 "Updating"
        PUT dev/agentPools/pool0 -> 409 PropertyChangeNotAllowed: Changing property 'properties.osDiskSizeGB' is not allowed.
        PUT dev/agentPools/pool0 -> 409 PropertyChangeNotAllowed: Changing property 'properties.availabilityZones' is not allowed.
        PUT dev/agentPools/pool0 -> 409 PropertyChangeNotAllowed: Changing property 'properties.maxPods' is not allowed.
        PUT dev/agentPools/pool0 -> 400 NodePoolMcVersionIncompatible: Node pool version 1.31.6 and control plane version 1.30.10 are incompatible. Minor version of node pool version 31 is bigger than control plane version 30. For more information, please check https://aka.ms/version-skew-policy
        PUT dev/agentPools/pool0 -> 400 K8sVersionNotSupported: Managed cluster dev is on version 1.26.0 which is not supported in this region. Please use [az aks get-versions] command to get the supported version list in this region. For more information, please check https://aka.ms/supported-version-list
        PUT dev/agentPools/pool0 -> 400 OperationNotAllowed: Upgrading Kubernetes version 1.30.10 to 1.30.9 is not allowed. Available upgrades: []. Please see https://aka.ms/aks-supported-k8s-ver for version details.
        PUT dev/agentPools/pool0 -> 409 PropertyChangeNotAllowed: Changing property 'properties.osType' is not allowed.
        PUT dev/agentPools/win -> 400 InvalidParameter: The value of parameter agentPoolProfile.osType is invalid. Error details: system pools must be Linux. Please see https://aka.ms/aks-naming-rules for more details.
        PUT dev/agentPools/windows -> 400 InvalidParameter: The value of parameter agentPoolProfile.name is invalid. Error details: Windows agent pool name windows can not be longer than 6 characters. Please see https://aka.ms/aks-naming-rules for more details.
        PUT dev/agentPools/Bad -> 400 InvalidParameter: The value of parameter agentPoolProfile.name is invalid. Error details: agent pool name Bad must begin with a lowercase letter, contain only characters of [a-z0-9], and have at most 12 characters. Please see https://aka.ms/aks-naming-rules for more details.
        PUT rg1/providers/Microsoft.ContainerService/managedClusters/other/agentPools/pool0 -> 404 ParentResourceNotFound: Failed to perform 'write' on resource(s) of type 'managedClusters/agentPools', because the parent resource '/subscriptions/SUB/resourceGroups/rg1/providers/Microsoft.ContainerService/managedClusters/other' could not be found."#]].assert_eq(&said.join("\n"));
}

#[tokio::test]
async fn an_upgrade_goes_through_the_control_plane() {
    let mut lab = lab().await;
    lab.host.take();
    let said = ask(
        &mut lab,
        &[
            pool("pool0", r#"{"orchestratorVersion": "1.31.6"}"#),
            put(r#"{"location": "westus3", "properties": {"kubernetesVersion": "1.31"}}"#),
            pool("pool0", r#"{"orchestratorVersion": "1.31.6"}"#),
            "wait 200".into(),
            pool("pool0", r#"{"orchestratorVersion": "1.31.7"}"#),
            "wait 100".into(),
            pool("pool0", r#"{"orchestratorVersion": "1.31.2"}"#),
        ]
        .join("\n"),
    )
    .await;
    expect![[r#"
        PUT dev/agentPools/pool0 -> 400 NodePoolMcVersionIncompatible: Node pool version 1.31.6 and control plane version 1.30.10 are incompatible. Minor version of node pool version 31 is bigger than control plane version 30. For more information, please check https://aka.ms/version-skew-policy
        PUT dev -> 200 "Upgrading"
        PUT dev/agentPools/pool0 -> 409 OperationNotAllowed: Operation is not allowed: Another operation (dev - Upgrading) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details
        wait 200
        PUT dev/agentPools/pool0 -> 200 "Upgrading"
        wait 100
        PUT dev/agentPools/pool0 -> 400 OperationNotAllowed: Upgrading Kubernetes version 1.31.7 to 1.31.2 is not allowed. Available upgrades: []. Please see https://aka.ms/aks-supported-k8s-ver for version details."#]].assert_eq(&said);
    expect![[r#"
        dev@1.31.7 [pool0:1xStandard_DS2_v2@1.30.10]
        dev@1.31.7 [pool0:1xStandard_DS2_v2@1.31.7]
    "#]]
    .assert_eq(&lab.host.take());
}

#[tokio::test]
async fn quota_is_per_family_and_region() {
    let mut lab = lab_on(WORKSHOP, Some(6)).await;
    let said = ask(
        &mut lab,
        &[
            put(&BODY
                .replace(r#""count": 1, "enableAutoScaling": true, "minCount": 1, "maxCount": 3"#, r#""count": 4"#)),
            put(BODY),
            "wait 100".into(),
            pool("pool1", r#"{"vmSize": "Standard_DS2_v2", "count": 3}"#),
            pool("pool1", r#"{"vmSize": "Standard_D2s_v3", "count": 3}"#),
            pool("pool2", r#"{"vmSize": "Standard_DS3_v2", "count": 1}"#),
            "wait 100".into(),
            pool("pool2", r#"{"count": 2}"#),
            pool("pool3", r#"{"vmSize": "Standard_DS3_v2", "scaleSetPriority": "Spot", "count": 9}"#),
        ]
        .join("\n"),
    )
    .await;
    expect![[r#"
        PUT dev -> 400 ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested 8, remaining 6 for family standardDSv2Family for region westus3.
        PUT dev -> 201 "Creating"
        wait 100
        PUT dev/agentPools/pool1 -> 400 ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested 6, remaining 4 for family standardDSv2Family for region westus3.
        PUT dev/agentPools/pool1 -> 201 "Creating"
        PUT dev/agentPools/pool2 -> 201 "Creating"
        wait 100
        PUT dev/agentPools/pool2 -> 400 ErrCode_InsufficientVCPUQuota: Insufficient vcpu quota requested 8, remaining 4 for family standardDSv2Family for region westus3.
        PUT dev/agentPools/pool3 -> 201 "Creating""#]].assert_eq(&said);
}
